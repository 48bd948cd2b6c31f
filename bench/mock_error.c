//  mock_error: one row a status, one writer a protocol.

#include <string.h>

#include "bench/mock_error.h"

typedef struct {
    int status;
    const char *type;   //  of OpenAI
    const char *code;   //  of OpenAI
    const char *name;   //  of Anthropic
    const char *google; //  of Google
    const char *text;
} error_row_t;

static const error_row_t s_errors[] = {
    { 400, "invalid_request_error", "bad_request", "invalid_request_error",
      "INVALID_ARGUMENT", "the request is wrong" },
    { 401, "authentication_error", "invalid_api_key", "authentication_error",
      "UNAUTHENTICATED", "the key is wrong" },
    { 402, "insufficient_quota", "insufficient_quota", "billing_error",
      "FAILED_PRECONDITION", "the credit is used up" },
    { 403, "permission_error", "forbidden", "permission_error", "PERMISSION_DENIED",
      "the key may not do this" },
    { 404, "not_found_error", "model_not_found", "not_found_error", "NOT_FOUND",
      "there is no such model" },
    { 413, "invalid_request_error", "too_large", "request_too_large", "INVALID_ARGUMENT",
      "the request is too large" },
    { 429, "rate_limit_error", "rate_limit_exceeded", "rate_limit_error",
      "RESOURCE_EXHAUSTED", "too many requests" },
    { 503, "server_error", "overloaded", "overloaded_error", "UNAVAILABLE",
      "the server is overloaded" },
    { 504, "server_error", "server_error", "timeout_error", "DEADLINE_EXCEEDED",
      "the server took too long" },
    { 529, "server_error", "overloaded", "overloaded_error", "UNAVAILABLE",
      "the server is overloaded" },
    { 0, "server_error", "server_error", "api_error", "INTERNAL", "the server failed" },
};

//  Reasons that providers tell apart from others of the same status.
typedef enum {
    CAUSE_CONTEXT,
    CAUSE_POLICY,
    CAUSE_CREDIT,
    CAUSES
} cause_t;

static const error_row_t s_causes[CAUSES][MOCK_PROTOCOLS] = {
#define ROW(type, code, name, google, text)                                              \
    {                                                                                    \
        0, type, code, name, google, text                                                \
    }
#define OPENAI(type, code, text) ROW (type, code, "", "", text)
#define ANTHROPIC(name, text) ROW ("", "", name, "", text)
#define GOOGLE(google, text) ROW ("", "", "", google, text)
    [CAUSE_CONTEXT] = {
        [MOCK_CHAT] = OPENAI ("invalid_request_error", "context_length_exceeded",
                              "the maximum context length of the model is 8192 tokens"),
        [MOCK_RESPONSES] = OPENAI ("invalid_request_error", "context_length_exceeded",
                                   "the input exceeds the context window of the model"),
        [MOCK_MESSAGES] = ANTHROPIC ("invalid_request_error",
                                     "prompt is too long: 9000 tokens > 8192 maximum"),
        [MOCK_GOOGLE] = GOOGLE ("INVALID_ARGUMENT",
                                "The input token count (9000) exceeds the maximum number "
                                "of tokens allowed (8192)."),
    },
    [CAUSE_POLICY] = {
        [MOCK_CHAT] = OPENAI ("invalid_request_error", "content_policy_violation",
                              "the content filter refuses the request"),
        [MOCK_RESPONSES] = OPENAI ("invalid_request_error", "invalid_prompt",
                                   "the prompt violates the usage policy"),
        [MOCK_MESSAGES] = ANTHROPIC ("invalid_request_error",
                                     "Output blocked by content filtering policy"),
        [MOCK_GOOGLE] = GOOGLE ("INVALID_ARGUMENT",
                                "the request is blocked by the content filter"),
    },
    [CAUSE_CREDIT] = {
        [MOCK_CHAT] = OPENAI ("insufficient_quota", "insufficient_quota",
                              "the current quota is exceeded, see plan and billing"),
        [MOCK_RESPONSES] = OPENAI ("insufficient_quota", "insufficient_quota",
                                   "the current quota is exceeded, see plan and billing"),
        [MOCK_MESSAGES] = ANTHROPIC ("invalid_request_error",
                                     "Your credit balance is too low for this API"),
        [MOCK_GOOGLE] = GOOGLE ("RESOURCE_EXHAUSTED", "insufficient credit"),
    },
#undef GOOGLE
#undef ANTHROPIC
#undef OPENAI
#undef ROW
};

static const error_row_t *
s_row (int status)
{
    const error_row_t *row = s_errors;
    while (row->status && row->status != status)
        row++;
    return row;
}

static void
s_openai (br_buf_t *out, const error_row_t *row, int status, const char *text,
          int retry_s)
{
    (void) status;
    (void) retry_s;
    br_buf_adds (out, "{\"error\":{\"message\":");
    br_buf_add_json (out, text, strlen (text));
    br_buf_addf (out, ",\"type\":\"%s\",\"param\":null,\"code\":\"%s\"}}", row->type,
                 row->code);
}

static void
s_anthropic (br_buf_t *out, const error_row_t *row, int status, const char *text,
             int retry_s)
{
    (void) status;
    (void) retry_s;
    br_buf_addf (
        out, "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":", row->name);
    br_buf_add_json (out, text, strlen (text));
    br_buf_adds (out, "},\"request_id\":\"req_mock\"}");
}

static void
s_google (br_buf_t *out, const error_row_t *row, int status, const char *text,
          int retry_s)
{
    br_buf_addf (out, "{\"error\":{\"code\":%d,\"message\":", status);
    br_buf_add_json (out, text, strlen (text));
    br_buf_addf (out, ",\"status\":\"%s\"", row->google);
    if (status == 429 && retry_s >= 0)
        br_buf_addf (out,
                     ",\"details\":[{\"@type\":"
                     "\"type.googleapis.com/google.rpc.RetryInfo\","
                     "\"retryDelay\":\"%ds\"}]",
                     retry_s);
    br_buf_adds (out, "}}");
}

//  retry_s: when to come back; -1 = not told.
typedef void (error_writer_fn) (br_buf_t *out, const error_row_t *row, int status,
                                const char *text, int retry_s);

static error_writer_fn *const s_writers[MOCK_PROTOCOLS] = {
    [MOCK_CHAT] = s_openai,
    [MOCK_RESPONSES] = s_openai,
    [MOCK_MESSAGES] = s_anthropic,
    [MOCK_GOOGLE] = s_google,
};

void
mock_error_body (br_buf_t *out, mock_protocol_t protocol, int status, const char *why)
{
    const error_row_t *row = s_row (status);
    s_writers[protocol](out, row, status, why[0] ? why : row->text, 1);
}

void
mock_error_scripted (br_buf_t *out, mock_protocol_t protocol, const mock_script_t *script)
{
    const error_row_t *row = s_row (script->status);
    if (script->context)
        row = &s_causes[CAUSE_CONTEXT][protocol];
    else if (script->policy)
        row = &s_causes[CAUSE_POLICY][protocol];
    else if (script->credit)
        row = &s_causes[CAUSE_CREDIT][protocol];
    s_writers[protocol](out, row, script->status, row->text,
                        script->no_retry_after ? -1 : script->retry_after_s);
}

void
mock_error_event (br_buf_t *out, mock_protocol_t protocol, int status, const char *why,
                  int number)
{
    if (protocol != MOCK_RESPONSES) {
        mock_error_body (out, protocol, status, why);
        return;
    }
    const error_row_t *row = s_row (status);
    const char *text = why[0] ? why : row->text;
    br_buf_addf (out, "{\"type\":\"error\",\"sequence_number\":%d,\"code\":\"%s\",",
                 number, row->code);
    br_buf_adds (out, "\"message\":");
    br_buf_add_json (out, text, strlen (text));
    br_buf_adds (out, ",\"param\":null}");
}
