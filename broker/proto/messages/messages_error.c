//  messages_error: errors, ours as Anthropic would say them, and Anthropic's as ours.

#include <string.h>

#include "broker/proto/messages/messages_parts.h"

#define INVALID "invalid_request_error"
#define OVERLOADED "overloaded_error"
#define API "api_error"
#define TOO_LARGE "request_too_large"

typedef struct {
    unsigned status; //  of HTTP; 0 = as for all protocols
    const char *type;
} error_row_t;

//  src: Anthropic's reference of errors, 2026-08
static const error_row_t s_rows[BR_ERROR_COUNT] = {
    [BR_OK] = { 0, API },
    [BR_EINVALID] = { 0, INVALID },
    [BR_EAUTH] = { 0, "authentication_error" },
    [BR_EFORBIDDEN] = { 0, "permission_error" },
    [BR_ENOTFOUND] = { 0, "not_found_error" },
    [BR_EMETHOD] = { 0, INVALID },
    [BR_ECONFLICT] = { 0, "conflict_error" },
    [BR_EGUARDNEW] = { 0, "conflict_error" },
    [BR_ETOOBIG] = { 413, TOO_LARGE },
    [BR_EHEADERS] = { 0, INVALID },
    [BR_EUPLIMIT] = { 0, "rate_limit_error" },
    [BR_ELIMIT] = { 0, "rate_limit_error" },
    [BR_EBUDGET] = { 0, "rate_limit_error" },
    [BR_EUPCREDIT] = { 0, "billing_error" },
    [BR_EUPPOLICY] = { 0, "permission_error" },
    [BR_EUNAVAILABLE] = { 529, OVERLOADED },
    [BR_EBUSY] = { 529, OVERLOADED },
    [BR_EGONE] = { 529, OVERLOADED },
    [BR_ETIMEOUT] = { 504, "timeout_error" },
    [BR_ECONTEXT] = { 0, INVALID },
    [BR_EGUARD] = { 0, INVALID },
};

static const error_row_t *
s_row (br_code_t code)
{
    return &s_rows[(unsigned) code < BR_ERROR_COUNT ? code : BR_EINTERNAL];
}

const char *
messages_error_type (br_code_t code)
{
    const error_row_t *row = s_row (code);
    return row->type ? row->type : API;
}

unsigned
messages_status (br_code_t code)
{
    const error_row_t *row = s_row (code);
    return row->status ? row->status : br_code_status (code);
}

void
messages_write_error (br_code_t code, const char *text, br_text_t param, br_buf_t *out)
{
    br_text_t message = br_text (text ? text : "");
    json_writer_t json = json_writer (out);
    json_open (&json, NULL, '{');
    json_put_string (&json, "type", "error");
    json_open (&json, "error", '{');
    json_put_string (&json, "type", messages_error_type (code));
    json_text_begin (&json, "message");
    if (param.size && !memmem (message.at, message.size, param.at, param.size)) {
        json_text_add (&json, param);
        json_text_add (&json, BR_TEXT (": "));
    }
    json_text_add (&json, message);
    json_text_end (&json);
    json_close (&json, '}');
    json_close (&json, '}');
}

//  ---- the provider's

typedef struct {
    const char *type;
    br_code_t code;
} type_row_t;

static const type_row_t s_types[] = {
    { INVALID, BR_EINVALID },
    { TOO_LARGE, BR_ETOOBIG },
    { "not_found_error", BR_ENOTFOUND },
    { "rate_limit_error", BR_EUPLIMIT },
    { OVERLOADED, BR_EUNAVAILABLE },
    { "timeout_error", BR_ETIMEOUT },
    { "authentication_error", BR_EUPAUTH },
    { "permission_error", BR_EUPAUTH },
    { "billing_error", BR_EUPAUTH },
};

br_code_t
messages_error_code (br_text_t type)
{
    for (size_t i = 0; i < sizeof s_types / sizeof s_types[0]; i++)
        if (br_text_is (type, s_types[i].type))
            return s_types[i].code;
    return BR_EUPBAD;
}
