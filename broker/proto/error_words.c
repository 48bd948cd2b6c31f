//  error_words: what a provider's error calls itself.

#include <stdio.h>
#include <string.h>

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

static void
s_read (const json_tree_t *tree, const json_node_t *root, const path_t *paths,
        size_t count, char out[TAP_WORD_MAX])
{
    for (size_t i = 0; i < count && !out[0]; i++) {
        const json_node_t *node = s_find (tree, root, &paths[i]);
        br_text_t raw = json_raw (tree, node);
        if (json_is (node, JSON_STRING) && node->plain) {
            raw.at++;
            raw.size -= 2;
        } else if (!json_is (node, JSON_NUMBER))
            continue;
        if (raw.size < TAP_WORD_MAX)
            snprintf (out, TAP_WORD_MAX, "%.*s", (int) raw.size, raw.at);
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
    //  A whole answer of Responses has an error member of its own.
    if (json_node_is (tree, json_get (tree, root, "object"), "response"))
        return false;
    if (s_says_something (json_given (tree, root, "error"))
        || json_node_is (tree, json_get (tree, root, "type"), "error")
        || json_node_is (tree, json_get (tree, root, "object"), "error"))
        return true;
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
