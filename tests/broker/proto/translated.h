//  translated: what tests of whole translations share: a client's request on its way to a
//  provider, and the provider's answer on its way back. JSON stands in tests with ' for ".

#ifndef BR_TESTS_TRANSLATED_H
#define BR_TESTS_TRANSLATED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/proto/translate.h"

#define TRANSLATED_MAX (16u << 20) //  bytes of a request or an answer
#define EVENT(json) "data: " json "\n\n"
#define DONE "data: [DONE]\n\n"

//  The least that each protocol asks; more: members, with a comma behind each.
#define ASK_CHAT(more) "{'model':'m'," more "'messages':[{'role':'user','content':'hi'}]}"
#define ASK_RESPONSES(more) "{'model':'m'," more "'input':'hi'}"
#define ASK_MESSAGES(more)                                                               \
    "{'model':'m'," more "'max_tokens':1000,'messages':[{'role':'user','content':'hi'}]" \
    "}"
#define ASK_GOOGLE(more) "{" more "'contents':[{'role':'user','parts':[{'text':'hi'}]}]}"
#define STREAM "'stream':true,"

//  Who is asked.
typedef struct {
    br_protocol_t protocol;
    const char *provider, *model;
} whom_t;

#define GPT_4 ((whom_t) { BR_PROTOCOL_CHAT, "openai", "gpt-4.1" })
#define GPT_5 ((whom_t) { BR_PROTOCOL_RESPONSES, "openai", "gpt-5" })
#define DEEPSEEK ((whom_t) { BR_PROTOCOL_CHAT, "deepseek", "deepseek-reasoner" })
#define MISTRAL ((whom_t) { BR_PROTOCOL_CHAT, "mistral", "mistral-large-latest" })
#define KIMI ((whom_t) { BR_PROTOCOL_CHAT, "moonshot", "kimi-k2.5" })
#define OPENROUTER ((whom_t) { BR_PROTOCOL_CHAT, "openrouter", "openai/gpt-5" })
#define CLAUDE ((whom_t) { BR_PROTOCOL_MESSAGES, "anthropic", "claude-sonnet-4-5" })
#define GEMINI_2 ((whom_t) { BR_PROTOCOL_GOOGLE, "google", "gemini-2.0-flash" })
#define GEMINI_25 ((whom_t) { BR_PROTOCOL_GOOGLE, "google", "gemini-2.5-flash" })
#define GEMINI_3 ((whom_t) { BR_PROTOCOL_GOOGLE, "google", "gemini-3-pro" })

//  Begins as { 0 }.
typedef struct {
    bool path_stream; //  Google: its path asks for a stream
    br_translate_t *translate;
    br_buf_t asked; //  what the provider gets
    br_buf_t heard; //  what the client gets
    br_error_t error;
} translated_t;

static inline char *
translated_json (const char *text)
{
    char *json = br_strdup (text);
    for (char *at = json; *at; at++)
        if (*at == '\'')
            *at = '"';
    return json;
}

//  0, or -1 when the call cannot be read or carried; error says why.
static inline int
translated_try (translated_t *self, br_protocol_t client, const char *request,
                whom_t whom)
{
    *self = (translated_t) { .path_stream = self->path_stream, .error = { .text = "" } };
    br_buf_init (&self->asked, TRANSLATED_MAX);
    br_buf_init (&self->heard, TRANSLATED_MAX);
    char *json = translated_json (request);
    br_blob_t *body = br_blob_take ((uint8_t *) json, strlen (json));
    const char *model = client == BR_PROTOCOL_GOOGLE ? "asked-for" : NULL;
    bool stream = self->path_stream;
    self->translate = br_translate_new (client, body, model, stream, "req_1", 1700000000,
                                        &self->error);
    br_blob_destroy (&body);
    if (!self->translate)
        return -1;
    //  The dialect and its strings are borrowed for good, as all of them are constants.
    br_target_t target = {
        .protocol = whom.protocol,
        .provider = whom.provider,
        .model = whom.model,
        .dialect = br_dialect_of (whom.protocol, whom.provider, whom.model),
    };
    return br_translate_request (self->translate, &target, &self->asked, &self->error);
}

static inline void
translated_ask (translated_t *self, br_protocol_t client, const char *request,
                whom_t whom)
{
    if (translated_try (self, client, request, whom))
        fail_msg ("%s", self->error.text);
}

static inline void
translated_push (translated_t *self, const char *answer)
{
    char *json = translated_json (answer);
    br_translate_push (self->translate, json, strlen (json), &self->heard);
    free (json);
}

//  The whole answer, which has ended as HTTP says.
static inline void
translated_answer (translated_t *self, const char *answer)
{
    translated_push (self, answer);
    br_translate_end (self->translate, &self->heard);
}

static inline void
translated_free (translated_t *self)
{
    br_buf_free (&self->asked);
    br_buf_free (&self->heard);
    br_translate_destroy (&self->translate);
}

//  ---- what stands in a body

//  A value by its path: "messages[2].content[0].text". NULL when absent.
static inline const json_node_t *
translated_at (const json_tree_t *tree, const json_node_t *node, const char *path)
{
    while (*path && node) {
        if (*path == '[') {
            char *end = NULL;
            unsigned long n = strtoul (path + 1, &end, 10);
            node = json_is (node, JSON_ARRAY) ? json_first (tree, node) : NULL;
            for (; node && n > 0; n--)
                node = json_next (tree, node);
            path = end + 1;
            continue;
        }
        path += *path == '.';
        char key[64];
        size_t size = strcspn (path, ".[");
        snprintf (key, sizeof key, "%.*s", (int) size, path);
        node = json_get (tree, node, key);
        path += size;
    }
    return node;
}

//  The value at the path has these bytes; NULL: there is none.
static inline void
body_is (br_buf_t *body, const char *path, const char *wanted)
{
    json_tree_t *tree = json_tree_new ();
    br_error_t error = { .text = "" };
    const json_node_t *root = json_tree_parse (tree, body->data, body->size, &error);
    if (!root)
        fail_msg ("no JSON: %s\n%s", error.text, br_buf_text (body));
    const json_node_t *node = translated_at (tree, root, path);
    br_text_t raw = node ? json_raw (tree, node) : BR_TEXT_NONE;
    char *json = translated_json (wanted ? wanted : "");
    if (!node != !wanted || (node && !br_text_is (raw, json)))
        fail_msg ("%s is %.*s, wanted %s\n%s", path, (int) raw.size,
                  raw.at ? raw.at : "absent", wanted ? json : "absent",
                  br_buf_text (body));
    free (json);
    json_tree_destroy (&tree);
}

//  The bytes of a value, for a next request. "caller frees"
static inline char *
body_take (br_buf_t *body, const char *path)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, body->data, body->size, NULL);
    const json_node_t *node = translated_at (tree, root, path);
    if (!node)
        fail_msg ("%s is absent\n%s", path, br_buf_text (body));
    br_text_t raw = json_raw (tree, node);
    char *text = br_strndup (raw.at, raw.size);
    json_tree_destroy (&tree);
    return text;
}

//  How often a text stands in a body.
static inline unsigned
body_count (br_buf_t *body, const char *text)
{
    char *json = translated_json (text);
    unsigned count = 0;
    for (const char *at = strstr (br_buf_text (body), json); at;
         at = strstr (at + 1, json))
        count++;
    free (json);
    return count;
}

static inline void
body_has (br_buf_t *body, const char *text)
{
    if (body_count (body, text) == 0)
        fail_msg ("missing: %s\n%s", text, br_buf_text (body));
}

static inline void
body_lacks (br_buf_t *body, const char *text)
{
    if (body_count (body, text) > 0)
        fail_msg ("unwanted: %s\n%s", text, br_buf_text (body));
}

//  Pairs of a path and what stands there, up to a path that is NULL.
static inline void
body_is_all (br_buf_t *body, const char *const (*rows)[2])
{
    for (; (*rows)[0]; rows++)
        body_is (body, (*rows)[0], (*rows)[1]);
}

#define ROWS(...) ((const char *const[][2]) { __VA_ARGS__, { NULL, NULL } })

static inline void
asked_is (translated_t *self, const char *path, const char *wanted)
{
    body_is (&self->asked, path, wanted);
}

static inline void
asked_has (translated_t *self, const char *text)
{
    body_has (&self->asked, text);
}

static inline void
asked_lacks (translated_t *self, const char *text)
{
    body_lacks (&self->asked, text);
}

static inline void
heard_is (translated_t *self, const char *path, const char *wanted)
{
    body_is (&self->heard, path, wanted);
}

static inline void
heard_has (translated_t *self, const char *text)
{
    body_has (&self->heard, text);
}

static inline void
heard_lacks (translated_t *self, const char *text)
{
    body_lacks (&self->heard, text);
}

//  One request and its body for a provider.
static inline void
ask (translated_t *self, br_protocol_t client, const char *request, whom_t whom)
{
    *self = (translated_t) { 0 };
    translated_ask (self, client, request, whom);
}

//  And the whole of its answer.
static inline void
hear (translated_t *self, br_protocol_t client, const char *request, whom_t whom,
      const char *answer)
{
    ask (self, client, request, whom);
    translated_answer (self, answer);
}

//  The client is told of a loss in these words.
static inline void
warned (translated_t *self, const char *text)
{
    const char *line = br_translate_warnings (self->translate);
    if (!strstr (line, text))
        fail_msg ("not warned of %s: %s", text, line);
}

static inline const tap_result_t *
result_of (const translated_t *self)
{
    return br_translate_result (self->translate);
}

#endif
