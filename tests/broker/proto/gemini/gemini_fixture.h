//  gemini_fixture: what the tests of Google's codec share: calls from text, texts from
//  calls, and answers from streams.

#ifndef BR_TEST_GEMINI_FIXTURE_H
#define BR_TEST_GEMINI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/proto/gemini/gemini_codec.h"
#include "broker/proto/gemini/gemini_parts.h"

//  A call, and what it was read from.
typedef struct {
    json_tree_t *tree;
    br_call_t *call;
    br_loss_t *losses;
    br_buf_t out;
    br_error_t error;
} gemini_case_t;

static inline void
case_open (gemini_case_t *self, br_protocol_t protocol)
{
    *self = (gemini_case_t) { .tree = json_tree_new (), .call = br_call_new (protocol) };
    br_buf_init (&self->out, BR_CALL_BYTES_MAX);
}

static inline void
case_close (gemini_case_t *self)
{
    br_buf_free (&self->out);
    br_call_destroy (&self->call);
    json_tree_destroy (&self->tree);
}

//  Reads a request. -1 when it is refused; the reason is in error.
static inline int
case_read (gemini_case_t *self, const char *json)
{
    const json_node_t *root = json_tree_parse (self->tree, json, strlen (json), NULL);
    assert_non_null (root);
    return gemini_codec.read_call (self->call, self->tree, root, &self->error);
}

//  Writes the call for a model. -1 when it is refused; else the text is in out.
static inline int
case_write (gemini_case_t *self, const char *model)
{
    br_target_t target = { BR_PROTOCOL_GOOGLE, "google", model,
                           br_dialect_of (BR_PROTOCOL_GOOGLE, "google", model), 0 };
    br_buf_clear (&self->out);
    br_call_settle_turns (self->call, &self->losses);
    int rc = gemini_codec.write_call (self->call, &target, &self->losses, &self->out,
                                      &self->error);
    br_buf_text (&self->out);
    return rc;
}

static inline const char *
case_text (gemini_case_t *self)
{
    return br_buf_text (&self->out);
}

static inline bool
case_lost (gemini_case_t *self, const char *words)
{
    br_buf_t line;
    br_buf_init (&line, 4096);
    br_loss_write (self->losses, &line);
    bool found = strstr (br_buf_text (&line), words) != NULL;
    if (!found)
        print_error ("lost: %s\n", br_buf_text (&line));
    br_buf_free (&line);
    return found;
}

//  A text holds a piece; what it holds is told when not.
static inline void
assert_has (const char *text, const char *piece)
{
    if (!strstr (text, piece))
        fail_msg ("no %s in %s", piece, text);
}

static inline void
assert_has_not (const char *text, const char *piece)
{
    if (strstr (text, piece))
        fail_msg ("%s in %s", piece, text);
}

static inline void
assert_text (br_text_t text, const char *expected)
{
    if (!text.at || text.size != strlen (expected)
        || memcmp (text.at, expected, text.size) != 0)
        fail_msg ("\"%.*s\" is not \"%s\"", (int) text.size, text.at ? text.at : "",
                  expected);
}

//  ---- answers

//  What a stream made, and how it ended.
typedef struct {
    br_reply_t *reply;
    br_error_t error;
    unsigned counts[BR_DELTA_END + 1]; //  of deltas of each kind
    br_code_t code;                    //  of the last error
    char said[4096];                   //  the text of it
} gemini_answer_t;

static inline void
answer_add (void *arg, const br_delta_t *delta)
{
    gemini_answer_t *self = arg;
    self->counts[delta->kind]++;
    if (delta->kind == BR_DELTA_ERROR) {
        self->code = delta->code;
        snprintf (self->said, sizeof self->said, "%.*s", (int) delta->text.size,
                  delta->text.at);
    }
    assert_int_equal (br_reply_add (self->reply, delta, &self->error), 0);
}

static inline void
answer_open (gemini_answer_t *self)
{
    *self = (gemini_answer_t) { .reply = br_reply_new () };
}

static inline void
answer_close (gemini_answer_t *self)
{
    br_reply_destroy (&self->reply);
}

//  Reads events, one JSON text a line; `most` of them. ret: of the event that failed, or
//  of the end.
static inline int
answer_read (gemini_answer_t *self, const char *lines, size_t most)
{
    json_tree_t *tree = json_tree_new ();
    void *reader = gemini_codec.reader_new ();
    int rc = 0;
    while (*lines && most > 0 && rc == 0) {
        size_t size = strcspn (lines, "\n");
        const json_node_t *root = json_tree_parse (tree, lines, size, NULL);
        if (root) {
            rc = gemini_codec.read_event (reader, "", tree, root, answer_add, self,
                                          &self->error);
            most--;
        }
        lines += size + (lines[size] == '\n');
    }
    if (rc == 0)
        rc = gemini_codec.read_end (reader, answer_add, self, &self->error);
    gemini_codec.reader_destroy (&reader);
    json_tree_destroy (&tree);
    return rc;
}

//  The events of a stream as lines for answer_read: without "data: " and blank lines.
//  "caller frees"
static inline char *
answer_lines (const char *sse)
{
    char *lines = calloc (1, strlen (sse) + 2);
    size_t n = 0;
    while (*sse) {
        size_t size = strcspn (sse, "\r\n");
        if (strncmp (sse, "data: ", 6) == 0 && size > 6) {
            memcpy (lines + n, sse + 6, size - 6);
            n += size - 6;
            lines[n++] = '\n';
        }
        sse += size + strspn (sse + size, "\r\n");
    }
    return lines;
}

//  ---- the stream of a reply

typedef struct {
    void *writer;
    br_buf_t out;
} gemini_stream_t;

static inline void
stream_write (void *arg, const br_delta_t *delta)
{
    gemini_stream_t *self = arg;
    gemini_codec.write_delta (self->writer, delta, &self->out);
}

//  The whole of it. "caller frees"
static inline char *
stream_of (const br_reply_t *reply)
{
    br_asked_t asked = { .model = BR_TEXT ("m"), .id = "abc", .now = 1 };
    gemini_stream_t self = { .writer = gemini_codec.writer_new (&asked) };
    br_buf_init (&self.out, BR_REPLY_BYTES_MAX);
    br_reply_play (reply, stream_write, &self);
    gemini_codec.writer_destroy (&self.writer);
    char *text = strdup (br_buf_text (&self.out));
    br_buf_free (&self.out);
    return text;
}

#endif
