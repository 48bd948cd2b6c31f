//  responses_error: errors, in the words of OpenAI.

#include <string.h>

#include "broker/proto/responses/responses_parts.h"

void
responses_write_error (br_code_t code, const char *text, br_text_t param, br_buf_t *out)
{
    json_writer_t w = json_writer (out);
    json_open (&w, NULL, '{');
    json_open (&w, "error", '{');
    json_put_string (&w, "message", text);
    json_put_string (&w, "type", br_code_type (code));
    json_put (&w, "param", param);
    json_put_string (&w, "code", br_code_label (code));
    json_close (&w, '}');
    json_close (&w, '}');
}

unsigned
responses_status (br_code_t code)
{
    return br_code_status (code);
}

//  What a provider says in response.error.code or in an error event, and what it means.
//  All other words are faults of the provider's.
static const struct {
    const char *word;
    br_code_t code;
} s_words[] = {
    { "rate_limit_exceeded", BR_EUPLIMIT },
    { "rate_limit_error", BR_EUPLIMIT },
    { "insufficient_quota", BR_EUPLIMIT },
    { "too_many_requests", BR_EUPLIMIT },
    { "invalid_prompt", BR_EINVALID },
    { "invalid_request_error", BR_EINVALID },
    { "context_length_exceeded", BR_EINVALID },
    { "bio_policy", BR_EINVALID },
    { "data_residency_mismatch", BR_EINVALID },
    { "server_is_overloaded", BR_EUNAVAILABLE },
    { "overloaded_error", BR_EUNAVAILABLE },
    { "slow_down", BR_EUNAVAILABLE },
    { "vector_store_timeout", BR_ETIMEOUT },
};

br_code_t
responses_error_code (const json_tree_t *tree, const json_node_t *code)
{
    for (size_t i = 0; i < sizeof s_words / sizeof s_words[0]; i++)
        if (json_node_is (tree, code, s_words[i].word))
            return s_words[i].code;
    return json_node_integer (tree, code, 0) == 429 ? BR_EUPLIMIT : BR_EUPBAD;
}

const char *
responses_error_word (br_code_t code)
{
    if (code == BR_EUPLIMIT)
        return "rate_limit_exceeded";
    return code == BR_EINVALID ? "invalid_prompt" : "server_error";
}
