//  upstream_words: what a provider of another protocol says in the body of an error.

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "broker/core/json_tree.h"
#include "actors/upstream/upstream_words.h"

#define DEPTH_MAX 3
#define RETRY_MAX 86400.0 //  seconds

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

static const char *const s_codes[][DEPTH_MAX] = {
    { "error", "code" },
    { "code" },
    { "error", "type" },
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

static const char *const s_context_codes[] = {
    "context_length_exceeded",
    "model_context_window_exceeded",
};

static const char *const s_context_texts[] = {
    "maximum context length", "context length exceeded",          "prompt is too long",
    "input token count",      "maximum number of tokens allowed", "context window",
    "input is too long",
};

static bool
s_is_context (br_text_t code, const char *text)
{
    for (size_t i = 0; i < sizeof s_context_codes / sizeof *s_context_codes; i++)
        if (br_text_is (code, s_context_codes[i]))
            return true;
    for (size_t i = 0; i < sizeof s_context_texts / sizeof *s_context_texts; i++)
        if (strcasestr (text, s_context_texts[i]))
            return true;
    return false;
}

//  "34.4s" of Google's RetryInfo.
static uint32_t
s_retry (br_text_t delay)
{
    char text[32];
    double seconds = 0;
    if (delay.size == 0 || delay.size >= sizeof text)
        return 0;
    snprintf (text, sizeof text, "%.*s", (int) delay.size, delay.at);
    if (sscanf (text, "%lf", &seconds) != 1 || !(seconds > 0) || seconds > RETRY_MAX)
        return 0;
    uint32_t whole = (uint32_t) seconds;
    return whole + (whole < seconds);
}

//  Google's details: each says of itself what it is.
static void
s_read_details (upstream_words_t *self, const json_tree_t *tree, const json_node_t *error,
                br_arena_t *arena)
{
    const json_node_t *list = json_given (tree, error, "details");
    if (!json_is (list, JSON_ARRAY))
        return;
    for (const json_node_t *n = json_first (tree, list); n; n = json_next (tree, n)) {
        const json_node_t *delay = json_given (tree, n, "retryDelay");
        const json_node_t *reason = json_given (tree, n, "reason");
        if (delay)
            self->retry_s = s_retry (json_node_text (tree, delay, arena));
        if (json_node_is (tree, reason, "API_KEY_INVALID"))
            self->is_auth = true;
    }
}

upstream_words_t
upstream_words_read (const upstream_endpoint_t *endpoint, uint8_t *bytes, size_t size)
{
    upstream_words_t self = { .retry_s = 0 };
    upstream_endpoint_mask (endpoint, bytes, size);
    json_tree_t *tree = json_tree_new ();
    br_arena_t *arena = br_arena_new ();
    const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
    //  Google may wrap an error in an array of one.
    if (json_is (root, JSON_ARRAY))
        root = json_first (tree, root);
    if (json_is (root, JSON_OBJECT)) {
        s_copy (self.text,
                s_first (tree, root, s_texts, sizeof s_texts / sizeof *s_texts, arena));
        br_text_t code = s_first (tree, root, s_codes, sizeof s_codes / sizeof *s_codes,
                                  arena);
        self.is_context = s_is_context (code, self.text);
        s_read_details (&self, tree, json_given (tree, root, "error"), arena);
    }
    br_arena_destroy (&arena);
    json_tree_destroy (&tree);
    return self;
}

//  A longer window may be elsewhere; overload is told apart from other faults.
void
upstream_words_judge (const upstream_words_t *self, upstream_failure_t *failure)
{
    bool refused = failure->status == 400 || failure->status == 413
                   || failure->status == 422;
    if (refused && self->is_auth)
        *failure = upstream_failure_of_status (401);
    else if (refused && self->is_context) {
        failure->code = BR_ECONTEXT;
        failure->retry = true;
        failure->about = "refused the request as longer than its context";
    } else if (failure->status == 503 || failure->status == 529) {
        failure->code = BR_EUNAVAILABLE;
        failure->about = "is overloaded";
    }
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
