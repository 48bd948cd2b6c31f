//  chat_test: what the tests of this codec share: a request read and written, and the deltas
//  of an answer as lines of text.

#ifndef BR_CHAT_TEST_H
#define BR_CHAT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/proto/chat/chat_codec.h"

//  A request that was read; the tree holds its texts.
typedef struct {
    json_tree_t *tree;
    br_call_t *call;
    br_loss_t *losses;
    br_buf_t out;
    br_error_t error;
} request_t;

static inline int
request_read (request_t *self, const char *json, size_t size)
{
    *self = (request_t) { .tree = json_tree_new (),
                          .call = br_call_new (BR_PROTOCOL_CHAT) };
    br_buf_init (&self->out, BR_CALL_BYTES_MAX);
    const json_node_t *root = json_tree_parse (self->tree, json, size, &self->error);
    assert_non_null (root);
    return chat_codec.read_call (self->call, self->tree, root, &self->error);
}

static inline void
request_free (request_t *self)
{
    br_buf_free (&self->out);
    br_call_destroy (&self->call);
    json_tree_destroy (&self->tree);
}

static inline int
request_write (request_t *self, const char *provider, const char *model)
{
    br_target_t target = { .protocol = BR_PROTOCOL_CHAT,
                           .provider = provider,
                           .model = model,
                           .dialect = br_dialect_of (BR_PROTOCOL_CHAT, provider, model) };
    for (const br_loss_t *extra = self->call->extras; extra; extra = extra->next)
        br_loss_add (&self->losses, self->call->arena, extra->field, extra->changed);
    br_call_settle_turns (self->call, &self->losses);
    return chat_codec.write_call (self->call, &target, &self->losses, &self->out,
                                  &self->error);
}

//  Reads, writes, and expects that all of `wanted` stands in what was written, and nothing
//  of `unwanted`. Both are split at "\n"; NULL is none.
static inline void
request_expect (const char *json, const char *provider, const char *model,
                const char *wanted, const char *unwanted, const char *losses)
{
    request_t request;
    if (request_read (&request, json, strlen (json)))
        fail_msg ("%s", request.error.text);
    if (request_write (&request, provider, model))
        fail_msg ("%s", request.error.text);
    const char *out = br_buf_text (&request.out);
    const char *lists[] = { wanted, unwanted };
    for (int i = 0; i < 2; i++) {
        char *copy = br_strdup (lists[i] ? lists[i] : "");
        for (char *at = strtok (copy, "\n"); at; at = strtok (NULL, "\n"))
            if (!strstr (out, at) == (i == 0))
                fail_msg ("%s: %s\n%s", i ? "unwanted" : "missing", at, out);
        free (copy);
    }
    br_buf_t line;
    br_buf_init (&line, 4096);
    br_loss_write (request.losses, &line);
    if (losses)
        assert_string_equal (br_buf_text (&line), losses);
    br_buf_free (&line);
    request_free (&request);
}

//  The request is refused, with this in the error.
static inline void
request_refused (const char *json, const char *text)
{
    request_t request;
    int rc = request_read (&request, json, strlen (json));
    if (rc == 0)
        rc = request_write (&request, "openai", "gpt-5");
    assert_int_equal (rc, -1);
    assert_int_equal (request.error.code, BR_EINVALID);
    if (!strstr (request.error.text, text))
        fail_msg ("%s", request.error.text);
    request_free (&request);
}

//  ---- answers

static inline void
lines_add (void *arg, const br_delta_t *delta)
{
    static const char *const names[] = {
        [BR_DELTA_START] = "start",       [BR_DELTA_TEXT] = "text",
        [BR_DELTA_REFUSAL] = "refusal",   [BR_DELTA_REASONING] = "reasoning",
        [BR_DELTA_OPAQUE] = "opaque",     [BR_DELTA_CITATION] = "citation",
        [BR_DELTA_CALL] = "call",         [BR_DELTA_ARGS] = "args",
        [BR_DELTA_MEDIA] = "media",       [BR_DELTA_HOSTED] = "hosted",
        [BR_DELTA_LOGPROBS] = "logprobs", [BR_DELTA_USAGE] = "usage",
        [BR_DELTA_FINISH] = "finish",     [BR_DELTA_PING] = "ping",
        [BR_DELTA_ERROR] = "error",       [BR_DELTA_END] = "end",
    };
    br_buf_t *out = arg;
    br_buf_addf (out, "%s", names[delta->kind]);
    if (delta->choice)
        br_buf_addf (out, " #%u", delta->choice);
    if (delta->kind > BR_DELTA_START && delta->kind < BR_DELTA_LOGPROBS)
        br_buf_addf (out, " %u", delta->block);
    if (delta->summary)
        br_buf_adds (out, " summary");
    const br_text_t texts[] = { delta->id,   delta->model, delta->name,
                                delta->text, delta->raw,   delta->native };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].size)
            br_buf_addf (out, " %.*s", (int) texts[i].size, texts[i].at);
    if (delta->opaque)
        br_buf_addf (out, " %s/%d %.*s", br_family_name (delta->opaque->family),
                     (int) delta->opaque->kind, (int) delta->opaque->bytes.size,
                     delta->opaque->bytes.at);
    if (delta->media)
        br_buf_addf (out, " %.*s%.*s", (int) delta->media->url.size,
                     delta->media->url.at ? delta->media->url.at : "",
                     (int) delta->media->data.size,
                     delta->media->data.at ? delta->media->data.at : "");
    if (delta->kind == BR_DELTA_USAGE)
        br_buf_addf (out, " %d/%d/%d", (int) delta->usage.input,
                     (int) delta->usage.output, (int) delta->usage.reasoning);
    if (delta->kind == BR_DELTA_FINISH)
        br_buf_addf (out, " (%s)", br_finish_name (delta->finish));
    if (delta->kind == BR_DELTA_ERROR)
        br_buf_addf (out, " %s", br_code_name (delta->code));
    br_buf_adds (out, "\n");
}

//  Feeds events, one a line; "[DONE]" is one, "event NAME {…}" has a name, "EOF" ends.
//  ret:  0, or -1 when one failed; *reterr says why
static inline int
reader_feed (void *reader, const char *events, br_delta_fn *fn, void *arg,
             br_error_t *reterr)
{
    json_tree_t *tree = json_tree_new ();
    char *copy = br_strdup (events);
    int rc = 0;
    for (char *at = copy; *at && rc == 0;) {
        char *end = strchr (at, '\n');
        char *next = end ? end + 1 : at + strlen (at);
        char name[32] = "";
        if (end)
            *end = 0;
        if (sscanf (at, "event %31s", name) == 1)
            at = strchr (at, '{');
        const json_node_t *root = json_tree_parse (tree, at, strlen (at), NULL);
        if (strcmp (at, "EOF") == 0)
            rc = chat_codec.read_end (reader, fn, arg, reterr);
        else if (!root)
            rc = chat_codec.read_mark (reader, br_text (at), fn, arg, reterr);
        else
            rc = chat_codec.read_event (reader, name, tree, root, fn, arg, reterr);
        at = next;
    }
    free (copy);
    json_tree_destroy (&tree);
    return rc;
}

//  The deltas of the events, as lines.
static inline void
reader_expect (const char *events, const char *wanted)
{
    br_buf_t out;
    br_error_t error = { 0 };
    br_buf_init (&out, 1u << 20);
    void *reader = chat_codec.reader_new ();
    int rc = reader_feed (reader, events, lines_add, &out, &error);
    if (rc)
        br_buf_addf (&out, "failed %s\n", br_code_name (error.code));
    assert_string_equal (br_buf_text (&out), wanted);
    chat_codec.reader_destroy (&reader);
    br_buf_free (&out);
}

#endif
