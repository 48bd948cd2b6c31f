//  upstream_words: what a provider says in the body of an error.

#include <stdio.h>
#include <string.h>

#include "broker/core/json_tree.h"
#include "broker/proto/error_words.h"
#include "actors/upstream/upstream_retry.h"
#include "actors/upstream/upstream_words.h"

#define DEPTH_MAX 3
#define DELAY_MAX 32 //  bytes of a duration

//  ---- where the words are

//  The first that is a text holds.
static const char *const s_texts[][DEPTH_MAX] = {
    { "error", "message" },             // OpenAI, Anthropic, Google, OpenRouter, Azure
    { "response", "error", "message" }, // a failed response
    { "error" },                        // xAI
    { "message" },                      // Mistral
    { "detail" },                       // Mistral, and what is built with FastAPI
    { "base_resp", "status_msg" },      // MiniMax
};

static const json_node_t *
s_find (const json_tree_t *tree, const json_node_t *node, const char *const *path)
{
    for (size_t i = 0; i < DEPTH_MAX && path[i] && node; i++)
        node = json_given (tree, node, path[i]);
    return node;
}

static br_text_t
s_first (const json_tree_t *tree, const json_node_t *root,
         const char *const (*paths)[DEPTH_MAX], size_t count, br_arena_t *arena)
{
    br_text_t text = BR_TEXT_NONE;
    for (size_t i = 0; i < count && text.size == 0; i++)
        text = json_node_text (tree, s_find (tree, root, paths[i]), arena);
    return text;
}

//  One line, cut between two characters.
static void
s_copy (char out[UPSTREAM_WORDS_MAX], br_text_t text)
{
    size_t size = text.size < UPSTREAM_WORDS_MAX ? text.size : UPSTREAM_WORDS_MAX - 1;
    while (size < text.size && size && (text.at[size] & 0xc0) == 0x80)
        size--;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t) text.at[i] < 0x20 || text.at[i] == 0x7f ? ' ' : text.at[i];
    out[size] = 0;
}

//  ---- what they mean

//  "34.4s" of Google's RetryInfo.
static uint64_t
s_delay (br_text_t delay)
{
    char text[DELAY_MAX];
    if (delay.size == 0 || delay.size >= sizeof text)
        return 0;
    snprintf (text, sizeof text, "%.*s", (int) delay.size, delay.at);
    return upstream_retry_duration_ms (text);
}

//  Google's details: each says of itself what it is.
static void
s_read_details (upstream_words_t *self, const json_tree_t *tree, const json_node_t *error,
                unsigned status, br_arena_t *arena)
{
    const json_node_t *list = json_given (tree, error, "details");
    if (!json_is (list, JSON_ARRAY))
        return;
    bool refused = status == 400 || status == 413 || status == 422;
    for (const json_node_t *n = json_first (tree, list); n; n = json_next (tree, n)) {
        const json_node_t *delay = json_given (tree, n, "retryDelay");
        const json_node_t *reason = json_given (tree, n, "reason");
        if (delay)
            self->retry_ms = s_delay (json_node_text (tree, delay, arena));
        if (refused && json_node_is (tree, reason, "API_KEY_INVALID"))
            self->failure = BR_FAILURE_AUTH;
    }
}

//  Of an error, or of nothing.
static void
s_read (upstream_words_t *self, const json_tree_t *tree, const json_node_t *root,
        unsigned status)
{
    //  Google may wrap an error in an array of one.
    if (json_is (root, JSON_ARRAY))
        root = json_first (tree, root);
    if (!json_is (root, JSON_OBJECT))
        return;
    br_arena_t *arena = br_arena_new ();
    s_copy (self->text,
            s_first (tree, root, s_texts, sizeof s_texts / sizeof *s_texts, arena));
    self->failure = error_words_failure (tree, root, status);
    s_read_details (self, tree, json_given (tree, root, "error"), status, arena);
    br_arena_destroy (&arena);
}

//  The next event's data of a stream, a line each; false at its end.
static bool
s_next_data (const uint8_t *bytes, size_t size, size_t *cursor, br_text_t *ret_data)
{
    static const char mark[] = "data:";
    while (*cursor < size) {
        const char *line = (const char *) bytes + *cursor;
        const char *end = memchr (line, '\n', size - *cursor);
        size_t length = end ? (size_t) (end - line) : size - *cursor;
        *cursor += length + 1;
        if (length < sizeof mark || memcmp (line, mark, sizeof mark - 1) != 0)
            continue;
        *ret_data = (br_text_t) { line + sizeof mark - 1, length - (sizeof mark - 1) };
        return true;
    }
    return false;
}

//  The first event that is an error; a failed response is one as well.
static const json_node_t *
s_find_error (json_tree_t *tree, const uint8_t *bytes, size_t size)
{
    size_t cursor = 0;
    br_text_t data;
    while (s_next_data (bytes, size, &cursor, &data)) {
        const json_node_t *root = json_tree_parse (tree, data.at, data.size, NULL);
        const json_node_t *response = json_given (tree, root, "response");
        if (root && (error_words_is (tree, root) || json_given (tree, response, "error")))
            return root;
    }
    return NULL;
}

upstream_words_t
upstream_words_read (const upstream_endpoint_t *endpoint, uint8_t *bytes, size_t size,
                     unsigned status)
{
    upstream_words_t self = { .failure = BR_FAILURE_NONE };
    upstream_endpoint_mask (endpoint, bytes, size);
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
    if (!root)
        root = s_find_error (tree, bytes, size);
    if (root)
        s_read (&self, tree, root, status);
    json_tree_destroy (&tree);
    return self;
}

//  What clients look for in a text that tells of a full context.
static const char *
s_context_mark (br_protocol_t client)
{
    if (client == BR_PROTOCOL_MESSAGES)
        return "prompt is too long: ";
    if (client == BR_PROTOCOL_GOOGLE)
        return "The input token count exceeds what the model takes: ";
    return "";
}

void
upstream_words_tell (const upstream_words_t *self, br_protocol_t client,
                     const char *provider, const upstream_failure_t *failure,
                     br_error_t *ret_text)
{
    bool open = failure->passes_body && self->text[0];
    br_error_set (ret_text, failure->code, "%sprovider %.60s %s%s%s",
                  failure->code == BR_ECONTEXT ? s_context_mark (client) : "", provider,
                  failure->about, open ? ": " : "", open ? self->text : "");
}
