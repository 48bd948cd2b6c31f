//  chat_error: errors in OpenAI's shape, and in the shapes of other providers.

#include <string.h>

#include "broker/proto/chat/chat_parts.h"

#define TEXT_UNKNOWN "the provider broke the answer off"

//  ---- ours

void
chat_error_write (br_code_t code, const char *text, br_text_t param, br_buf_t *out)
{
    br_buf_adds (out, "{\"error\":{\"message\":");
    br_buf_add_json (out, text, strlen (text));
    br_buf_addf (out, ",\"type\":\"%s\",\"param\":", br_code_type (code));
    if (param.at)
        br_buf_add_json (out, param.at, param.size);
    else
        br_buf_adds (out, "null");
    br_buf_addf (out, ",\"code\":\"%s\"}}", br_code_label (code));
}

unsigned
chat_error_status (br_code_t code)
{
    return br_code_status (code);
}

//  ---- the provider's

static const struct {
    const char *word; //  part of a code, type or status
    br_code_t code;
} s_words[] = {
    { "429", BR_EUPLIMIT },
    { "rate_limit", BR_EUPLIMIT },
    { "RESOURCE_EXHAUSTED", BR_EUPLIMIT },
    { "quota", BR_EUPLIMIT },
    { "503", BR_EUNAVAILABLE },
    { "529", BR_EUNAVAILABLE },
    { "overloaded", BR_EUNAVAILABLE },
    { "UNAVAILABLE", BR_EUNAVAILABLE },
    { "408", BR_ETIMEOUT },
    { "504", BR_ETIMEOUT },
    { "timeout", BR_ETIMEOUT },
    { "DEADLINE_EXCEEDED", BR_ETIMEOUT },
};

static const char *const s_class_keys[] = { "code", "type", "status" };

static br_code_t
s_code_of (const json_tree_t *tree, const json_node_t *error)
{
    for (size_t k = 0; k < sizeof s_class_keys / sizeof s_class_keys[0]; k++) {
        const json_node_t *node = json_given (tree, error, s_class_keys[k]);
        if (!json_is (node, JSON_STRING) && !json_is (node, JSON_NUMBER))
            continue;
        for (size_t i = 0; i < sizeof s_words / sizeof s_words[0]; i++)
            if (br_text_has (json_raw (tree, node), s_words[i].word))
                return s_words[i].code;
    }
    return BR_EUPBAD;
}

//  MiniMax answers 200 with a status of its own.
static const json_node_t *
s_bad_status (const json_tree_t *tree, const json_node_t *root)
{
    const json_node_t *base = json_given (tree, root, "base_resp");
    const json_node_t *status = json_given (tree, base, "status_code");
    return status && json_node_integer (tree, status, -1) != 0 ? base : NULL;
}

//  What holds the error's members, or NULL. {} and "" are as good as null.
static const json_node_t *
s_find (const json_tree_t *tree, const json_node_t *root)
{
    const json_node_t *error = json_given (tree, root, "error");
    if ((json_is (error, JSON_OBJECT) || json_is (error, JSON_STRING)) && error->size > 2)
        return error;
    const json_node_t *base = s_bad_status (tree, root);
    if (base || json_given (tree, root, "choices"))
        return base;
    //  Mistral has no error member but says {"object":"error"}, or {"detail":…} only.
    if (json_node_is (tree, json_given (tree, root, "object"), "error")
        || (json_given (tree, root, "detail") && !json_given (tree, root, "id")))
        return root;
    return NULL;
}

static const char *const s_text_keys[] = { "message", "error", "status_msg", "detail" };

static br_text_t
s_text_of (const json_tree_t *tree, const json_node_t *error, br_arena_t *arena)
{
    if (json_is (error, JSON_STRING)) //  xAI's
        return json_node_text (tree, error, arena);
    for (size_t i = 0; i < sizeof s_text_keys / sizeof s_text_keys[0]; i++) {
        const json_node_t *node = json_given (tree, error, s_text_keys[i]);
        br_text_t text = json_node_text (tree, node, arena);
        if (text.size)
            return text;
    }
    return BR_TEXT (TEXT_UNKNOWN);
}

bool
chat_error_read (const json_tree_t *tree, const json_node_t *root, br_arena_t *arena,
                 br_code_t *ret_code, br_text_t *ret_text)
{
    //  Gemini's endpoint wraps an error in an array of one.
    const json_node_t *object = json_is (root, JSON_ARRAY) ? json_first (tree, root)
                                                           : root;
    const json_node_t *error = s_find (tree, object);
    if (!error)
        return false;
    *ret_code = s_code_of (tree, json_is (error, JSON_OBJECT) ? error : object);
    *ret_text = s_text_of (tree, error, arena);
    return true;
}
