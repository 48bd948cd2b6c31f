//  upstream_failure: what a failed exchange with a provider means.

#include <stdlib.h>
#include <string.h>

#include "actors/upstream/upstream_failure.h"

//  ---- the transfer

static const struct {
    br_code_t code;
    const char *about;
} s_ends[] = {
    [HTTP_END_OK] = { BR_EINTERNAL, "ended" },
    [HTTP_END_DNS] = { BR_EUPBAD, "has no address" },
    [HTTP_END_CONNECT] = { BR_EUPBAD, "could not be reached" },
    [HTTP_END_TLS] = { BR_EUPBAD, "could not be reached safely: TLS failed" },
    [HTTP_END_TIMEOUT_CONNECT] = { BR_ETIMEOUT, "could not be reached in time" },
    [HTTP_END_TIMEOUT_FIRST] = { BR_ETIMEOUT, "did not begin its answer in time" },
    [HTTP_END_TIMEOUT_IDLE] = { BR_ETIMEOUT, "fell silent in the middle of its answer" },
    [HTTP_END_TIMEOUT_TOTAL] = { BR_ETIMEOUT, "did not finish in time" },
    [HTTP_END_CUT] = { BR_EUPCUT, "ended its answer too early" },
    [HTTP_END_RESET] = { BR_EUPBAD, "closed the connection without an answer" },
    [HTTP_END_PROTOCOL] = { BR_EUPINVALID, "did not answer in HTTP" },
    [HTTP_END_TOO_BIG] = { BR_EUPINVALID, "answered with too many headers" },
    [HTTP_END_OTHER] = { BR_EUPBAD, "could not be asked" },
};

upstream_failure_t
upstream_failure_of_end (http_end_t end)
{
    upstream_failure_t failure = { .code = s_ends[end].code, .retry = true };
    failure.about = s_ends[end].about;
    return failure;
}

//  ---- the status

typedef struct {
    unsigned first; //  statuses from here
    unsigned last;  //  to here
    br_code_t code;
    bool retry;
    bool passes_body;
    const char *about;
} row_t;

//  The first row that fits counts.
static const row_t s_statuses[] = {
    { 400, 400, BR_EINVALID, false, true, "refused the request" },
    { 401, 403, BR_EUPAUTH, true, false, "refused the router's credential" },
    { 404, 404, BR_ENOTFOUND, true, true, "does not know the model" },
    { 408, 408, BR_ETIMEOUT, true, false, "did not answer in time" },
    { 409, 409, BR_ECONFLICT, false, true, "refused the request" },
    { 413, 413, BR_ETOOBIG, false, true, "refused the request as too large" },
    { 422, 422, BR_EINVALID, false, true, "refused the request" },
    { 429, 429, BR_EUPLIMIT, true, true, "is at its rate limit" },
    { 504, 504, BR_ETIMEOUT, true, true, "did not answer in time" },
    { 500, 599, BR_EUPBAD, true, true, "answered with an error" },
    { 0, 999, BR_EUPBAD, true, false, "answered with a status that makes no sense here" },
};

upstream_failure_t
upstream_failure_of_status (unsigned status)
{
    const row_t *row = s_statuses;
    while (row->last != 999 && (status < row->first || status > row->last))
        row++;
    upstream_failure_t failure = { row->code, status, row->retry, row->passes_body,
                                   row->about };
    return failure;
}

//  ---- an error inside a success

static const struct {
    const char *word; //  in the error's type or code
    unsigned status;  //  that it stands for
} s_words[] = {
    { "rate_limit", 429 },      { "RESOURCE_EXHAUSTED", 429 },
    { "quota", 429 },           { "invalid_request", 400 },
    { "context_length", 400 },  { "INVALID_ARGUMENT", 400 },
    { "authentication", 401 },  { "permission", 403 },
    { "invalid_api_key", 401 }, { "not_found", 404 },
    { "timeout", 504 },         { "overloaded", 503 },
};

//  The status that such an answer should have had; 0 when it does not tell.
static unsigned
s_meant_status (const tap_result_t *result)
{
    long number = strtol (result->error_code, NULL, 10);
    if (number >= 400 && number <= 599)
        return (unsigned) number;
    for (size_t i = 0; i < sizeof s_words / sizeof *s_words; i++)
        if (strstr (result->error_type, s_words[i].word)
            || strstr (result->error_code, s_words[i].word))
            return s_words[i].status;
    return 0;
}

upstream_failure_t
upstream_failure_of_error (const tap_result_t *result)
{
    unsigned status = s_meant_status (result);
    upstream_failure_t failure = upstream_failure_of_status (status ? status : 500);
    failure.status = 0;
    return failure;
}
