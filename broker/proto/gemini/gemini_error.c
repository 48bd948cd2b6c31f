//  gemini_error: errors, as Google writes them and as its providers send them.

#include "broker/proto/gemini/gemini_parts.h"

typedef struct {
    unsigned status; //  of HTTP, and error.code
    const char *word;
} error_row_t;

static const error_row_t s_rows[BR_ERROR_COUNT] = {
    [BR_EINVALID] = { 400, "INVALID_ARGUMENT" },
    [BR_EAUTH] = { 401, "UNAUTHENTICATED" },
    [BR_EFORBIDDEN] = { 403, "PERMISSION_DENIED" },
    [BR_ENOTFOUND] = { 404, "NOT_FOUND" },
    [BR_EMETHOD] = { 405, "INVALID_ARGUMENT" },
    [BR_ECONFLICT] = { 409, "ABORTED" },
    [BR_ETOOBIG] = { 413, "INVALID_ARGUMENT" },
    [BR_EHEADERS] = { 431, "INVALID_ARGUMENT" },
    [BR_EUPLIMIT] = { 429, "RESOURCE_EXHAUSTED" },
    [BR_ELIMIT] = { 429, "RESOURCE_EXHAUSTED" },
    [BR_EBUDGET] = { 429, "RESOURCE_EXHAUSTED" },
    [BR_EUPCREDIT] = { 402, "FAILED_PRECONDITION" },
    [BR_EUPPOLICY] = { 403, "PERMISSION_DENIED" },
    [BR_ECANCELLED] = { 499, "CANCELLED" },
    [BR_EINTERNAL] = { 500, "INTERNAL" },
    [BR_EUPAUTH] = { 502, "UNAVAILABLE" },
    [BR_EUPBAD] = { 503, "UNAVAILABLE" },
    [BR_EUPINVALID] = { 503, "UNAVAILABLE" },
    [BR_EUPCUT] = { 503, "UNAVAILABLE" },
    [BR_EUNAVAILABLE] = { 503, "UNAVAILABLE" },
    [BR_EBUSY] = { 503, "UNAVAILABLE" },
    [BR_EGONE] = { 503, "UNAVAILABLE" },
    [BR_ETIMEOUT] = { 504, "DEADLINE_EXCEEDED" },
    [BR_ECONTEXT] = { 400, "INVALID_ARGUMENT" },
    [BR_EGUARD] = { 400, "INVALID_ARGUMENT" },
    [BR_EUPGUARD] = { 502, "UNAVAILABLE" },
    [BR_EGUARDNEW] = { 409, "ABORTED" },
};

static const error_row_t *
s_row (br_code_t code)
{
    bool known = (unsigned) code < BR_ERROR_COUNT && s_rows[code].status;
    return &s_rows[known ? code : BR_EINTERNAL];
}

//  Which member is wrong stands in the details.
static void
s_put_violation (json_writer_t *writer, br_text_t param, const char *text)
{
    json_open (writer, "details", '[');
    json_open (writer, NULL, '{');
    json_put_string (writer, "@type", "type.googleapis.com/google.rpc.BadRequest");
    json_open (writer, "fieldViolations", '[');
    json_open (writer, NULL, '{');
    json_put (writer, "field", param);
    json_put_string (writer, "description", text);
    json_close (writer, '}');
    json_close (writer, ']');
    json_close (writer, '}');
    json_close (writer, ']');
}

void
gemini_write_error (br_code_t code, const char *text, br_text_t param, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    if (!text)
        text = "";
    json_open (&writer, NULL, '{');
    json_open (&writer, "error", '{');
    json_put_integer (&writer, "code", s_row (code)->status);
    json_put_string (&writer, "message", text);
    json_put_string (&writer, "status", s_row (code)->word);
    if (param.size)
        s_put_violation (&writer, param, text);
    json_close (&writer, '}');
    json_close (&writer, '}');
}

unsigned
gemini_error_status (br_code_t code)
{
    return s_row (code)->status;
}

br_code_t
gemini_error_code (const json_tree_t *tree, const json_node_t *error)
{
    static const struct {
        int64_t status; //  HTTP
        const char *word;
        br_code_t code;
    } rows[] = {
        { 401, "UNAUTHENTICATED", BR_EUPAUTH },
        { 403, "PERMISSION_DENIED", BR_EUPAUTH },
        { 429, "RESOURCE_EXHAUSTED", BR_EUPLIMIT },
        { 503, "UNAVAILABLE", BR_EUNAVAILABLE },
        { 504, "DEADLINE_EXCEEDED", BR_ETIMEOUT },
    };
    int64_t status = json_node_integer (tree, json_given (tree, error, "code"), 0);
    const json_node_t *word = json_given (tree, error, "status");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (status == rows[i].status || json_node_is (tree, word, rows[i].word))
            return rows[i].code;
    return BR_EUPBAD;
}
