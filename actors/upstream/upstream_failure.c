//  upstream_failure: what a failed exchange with a provider means.

#include <stdlib.h>
#include <string.h>

#include "broker/proto/error_meaning.h"
#include "actors/upstream/upstream_failure.h"

//  ---- the transfer

static const struct {
    br_code_t code;
    br_failure_t failure;
    const char *about;
} s_ends[] = {
    [HTTP_END_OK] = { BR_EINTERNAL, BR_FAILURE_SERVER, "ended" },
    [HTTP_END_DNS] = { BR_EUPBAD, BR_FAILURE_DNS, "has no address" },
    [HTTP_END_CONNECT] = { BR_EUPBAD, BR_FAILURE_CONNECT, "could not be reached" },
    [HTTP_END_TLS] = { BR_EUPBAD, BR_FAILURE_TLS,
                       "could not be reached safely: TLS failed" },
    [HTTP_END_TIMEOUT_CONNECT] = { BR_ETIMEOUT, BR_FAILURE_CONNECT,
                                   "could not be reached in time" },
    [HTTP_END_TIMEOUT_FIRST] = { BR_ETIMEOUT, BR_FAILURE_TIMEOUT,
                                 "did not begin its answer in time" },
    [HTTP_END_TIMEOUT_IDLE] = { BR_ETIMEOUT, BR_FAILURE_TIMEOUT,
                                "fell silent in the middle of its answer" },
    [HTTP_END_TIMEOUT_TOTAL] = { BR_ETIMEOUT, BR_FAILURE_TIMEOUT,
                                 "did not finish in time" },
    [HTTP_END_CUT] = { BR_EUPCUT, BR_FAILURE_CUT, "ended its answer too early" },
    [HTTP_END_RESET] = { BR_EUPBAD, BR_FAILURE_RESET,
                         "closed the connection without an answer" },
    [HTTP_END_PROTOCOL] = { BR_EUPINVALID, BR_FAILURE_INVALID, "did not answer in HTTP" },
    [HTTP_END_TOO_BIG] = { BR_EUPINVALID, BR_FAILURE_INVALID,
                           "answered with too many headers" },
    [HTTP_END_OTHER] = { BR_EUPBAD, BR_FAILURE_CONNECT, "could not be asked" },
};

upstream_failure_t
upstream_failure_of_end (http_end_t end)
{
    upstream_failure_t self = { .code = s_ends[end].code };
    self.failure = s_ends[end].failure;
    self.about = s_ends[end].about;
    return self;
}

//  ---- the status

typedef struct {
    unsigned first; //  statuses from here
    unsigned last;  //  to here
    br_code_t code;
    br_failure_t failure;
    bool passes_body;
    const char *about;
} row_t;

//  The first row that fits counts.
static const row_t s_statuses[] = {
    { 400, 400, BR_EINVALID, BR_FAILURE_REQUEST, true, "refused the request" },
    { 402, 402, BR_EUPAUTH, BR_FAILURE_CREDIT, false,
      "has no credit left for the router" },
    { 401, 403, BR_EUPAUTH, BR_FAILURE_AUTH, false, "refused the router's credential" },
    { 404, 404, BR_ENOTFOUND, BR_FAILURE_UNKNOWN_MODEL, true, "does not know the model" },
    { 408, 408, BR_ETIMEOUT, BR_FAILURE_TIMEOUT, false, "did not answer in time" },
    { 409, 409, BR_ECONFLICT, BR_FAILURE_CONFLICT, true, "refused the request" },
    { 413, 413, BR_ETOOBIG, BR_FAILURE_REQUEST, true,
      "refused the request as too large" },
    { 422, 422, BR_EINVALID, BR_FAILURE_REQUEST, true, "refused the request" },
    { 429, 429, BR_EUPLIMIT, BR_FAILURE_RATE, true, "is at its rate limit" },
    { 503, 503, BR_EUPBAD, BR_FAILURE_OVERLOADED, true, "is overloaded" },
    { 504, 504, BR_ETIMEOUT, BR_FAILURE_TIMEOUT, true, "did not answer in time" },
    { 529, 529, BR_EUPBAD, BR_FAILURE_OVERLOADED, true, "is overloaded" }, //  Anthropic
    { 500, 599, BR_EUPBAD, BR_FAILURE_SERVER, true, "answered with an error" },
    { 0, 999, BR_EUPBAD, BR_FAILURE_INVALID, false,
      "answered with a status that makes no sense here" },
};

upstream_failure_t
upstream_failure_of_status (unsigned status)
{
    const row_t *row = s_statuses;
    while (row->last != 999 && (status < row->first || status > row->last))
        row++;
    upstream_failure_t self = { .code = row->code, .failure = row->failure };
    self.status = self.meant = status;
    self.speaks = true;
    self.passes_body = row->passes_body;
    self.about = row->about;
    return self;
}

//  ---- the words

typedef enum {
    BODY_AS_IT_IS,
    BODY_PASSES, //  it does not concern the credential, whatever the status is
    BODY_HIDDEN
} body_t;

//  Where there is no text, the status has said it well enough.
static const struct {
    br_code_t code;
    body_t body;
    const char *about;
} s_words[BR_FAILURE_COUNT] = {
    [BR_FAILURE_CREDIT] = { BR_EUPCREDIT, BODY_AS_IT_IS,
                            "has no credit left for the router" },
    [BR_FAILURE_AUTH] = { BR_EUPAUTH, BODY_HIDDEN, "refused the router's credential" },
    [BR_FAILURE_CONTEXT] = { BR_ECONTEXT, BODY_PASSES,
                             "refused the request as longer than its context" },
    [BR_FAILURE_POLICY] = { BR_EUPPOLICY, BODY_PASSES,
                            "refused the request by its content policy" },
    [BR_FAILURE_UNKNOWN_MODEL] = { BR_ENOTFOUND, BODY_AS_IT_IS,
                                   "does not know the model" },
    [BR_FAILURE_RATE] = { BR_EUPLIMIT, BODY_AS_IT_IS, "is at its rate limit" },
    [BR_FAILURE_TIMEOUT] = { BR_ETIMEOUT, BODY_AS_IT_IS, "did not answer in time" },
    [BR_FAILURE_REQUEST] = { BR_EINVALID, BODY_AS_IT_IS, "refused the request" },
};

void
upstream_failure_judge (upstream_failure_t *self, br_failure_t words)
{
    if (words == BR_FAILURE_NONE)
        return;
    self->failure = words;
    if (words == BR_FAILURE_OVERLOADED)
        self->about = "is overloaded";
    if (!s_words[words].about)
        return;
    bool is_of_key = self->meant >= 401 && self->meant <= 403;
    self->code = words == BR_FAILURE_CREDIT && is_of_key ? BR_EUPAUTH
                                                         : s_words[words].code;
    self->about = s_words[words].about;
    if (s_words[words].body != BODY_AS_IT_IS)
        self->passes_body = s_words[words].body == BODY_PASSES;
}

//  ---- an error inside a success

upstream_failure_t
upstream_failure_of_error (const tap_result_t *result)
{
    long number = strtol (result->error_code, NULL, 10);
    unsigned meant = number >= 400 && number <= 599 ? (unsigned) number : 0;
    upstream_failure_t self = upstream_failure_of_status (meant ? meant : 500);
    self.status = 0;
    self.meant = meant;
    error_said_t said = { .type = br_text (result->error_type),
                          .code = br_text (result->error_code) };
    upstream_failure_judge (&self, error_meaning (&said, meant));
    return self;
}
