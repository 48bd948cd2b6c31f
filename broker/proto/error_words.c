//  error_words: what a provider's error calls itself.

#include <stdio.h>
#include <string.h>

#include "broker/proto/error_meaning.h"
#include "broker/proto/error_words.h"

#define DEPTH_MAX 3

typedef struct {
    const char *path[DEPTH_MAX];
} path_t;

//  The first that is a word or a number holds. A type of the root is that of an event.
static const path_t s_types[] = {
    { { "error", "status" } }, //  Google
    { { "error", "type" } },
    { { "response", "error", "type" } },
    { { "response", "error", "code" } },
    { { "type" } },
};

static const path_t s_codes[] = {
    { { "error", "code" } },
    { { "response", "error", "code" } },
    { { "base_resp", "status_code" } }, //  MiniMax
    { { "code" } },
};

static const path_t s_inner[] = {
    { { "error", "innererror", "code" } }, //  Azure
};

static const path_t s_messages[] = {
    { { "error", "message" } },
    { { "response", "error", "message" } },
    { { "error" } },                   //  xAI
    { { "base_resp", "status_msg" } }, //  MiniMax
    { { "message" } },                 //  Mistral
    { { "detail" } },
};

static const json_node_t *
s_unwrap (const json_tree_t *tree, const json_node_t *root)
{
    return json_is (root, JSON_ARRAY) ? json_first (tree, root) : root;
}

static const json_node_t *
s_find (const json_tree_t *tree, const json_node_t *node, const path_t *path)
{
    for (size_t i = 0; i < DEPTH_MAX && path->path[i] && node; i++)
        node = json_given (tree, node, path->path[i]);
    return node;
}

//  A text without its quotes, escapes as they stand; a number as its digits; else absent.
static br_text_t
s_bare (const json_tree_t *tree, const json_node_t *node)
{
    br_text_t raw = json_raw (tree, node);
    if (json_is (node, JSON_STRING))
        return (br_text_t) { raw.at + 1, raw.size - 2 };
    return json_is (node, JSON_NUMBER) ? raw : BR_TEXT_NONE;
}

static br_text_t
s_first (const json_tree_t *tree, const json_node_t *root, const path_t *paths,
         size_t count)
{
    br_text_t text = BR_TEXT_NONE;
    for (size_t i = 0; i < count && !text.size; i++)
        text = s_bare (tree, s_find (tree, root, &paths[i]));
    return text;
}

static void
s_read (const json_tree_t *tree, const json_node_t *root, const path_t *paths,
        size_t count, char out[TAP_WORD_MAX])
{
    for (size_t i = 0; i < count && !out[0]; i++) {
        const json_node_t *node = s_find (tree, root, &paths[i]);
        br_text_t text = s_bare (tree, node);
        if (text.size < TAP_WORD_MAX
            && (node && (node->plain || node->type == JSON_NUMBER)))
            snprintf (out, TAP_WORD_MAX, "%.*s", (int) text.size, text.at ? text.at : "");
    }
}

//  {} and "" are as good as null.
static bool
s_says_something (const json_node_t *node)
{
    return (json_is (node, JSON_OBJECT) || json_is (node, JSON_STRING)) && node->size > 2;
}

bool
error_words_is (const json_tree_t *tree, const json_node_t *root)
{
    root = s_unwrap (tree, root);
    if (!json_is (root, JSON_OBJECT))
        return false;
    bool is_response = json_node_is (tree, json_get (tree, root, "object"), "response");
    if (s_says_something (json_given (tree, root, "error"))
        || json_node_is (tree, json_get (tree, root, "type"), "error")
        || json_node_is (tree, json_get (tree, root, "object"), "error"))
        return true;
    //  A response may fail without saying why.
    if (is_response)
        return json_node_is (tree, json_get (tree, root, "status"), "failed");
    const json_node_t *status = json_given (tree, root, "base_resp");
    if (json_node_integer (tree, json_get (tree, status, "status_code"), 0) != 0)
        return true;
    //  {"detail":…} alone: Mistral, and whatever is built with FastAPI.
    return json_given (tree, root, "detail") && !json_given (tree, root, "id");
}

void
error_words_read (const json_tree_t *tree, const json_node_t *root, tap_result_t *result)
{
    root = s_unwrap (tree, root);
    s_read (tree, root, s_types, sizeof s_types / sizeof *s_types, result->error_type);
    s_read (tree, root, s_codes, sizeof s_codes / sizeof *s_codes, result->error_code);
}

br_failure_t
error_words_failure (const json_tree_t *tree, const json_node_t *root, unsigned status)
{
    root = s_unwrap (tree, root);
    error_said_t said = {
        .type = s_first (tree, root, s_types, sizeof s_types / sizeof *s_types),
        .code = s_first (tree, root, s_codes, sizeof s_codes / sizeof *s_codes),
        .inner = s_first (tree, root, s_inner, sizeof s_inner / sizeof *s_inner),
        .message = s_first (tree, root, s_messages,
                            sizeof s_messages / sizeof *s_messages),
    };
    return error_meaning (&said, status);
}
