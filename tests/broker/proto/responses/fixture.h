//  fixture: requests and streams of Responses in a few words. In its texts ' stands for
//  ".

#ifndef BR_TEST_RESPONSES_FIXTURE_H
#define BR_TEST_RESPONSES_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/proto/responses/responses_codec.h"
#include "tests/broker/proto/responses/grammar.h"

#define FIXTURE_MAX (1u << 20)

static inline char *
fixture_json (const char *text)
{
    char *json = br_strf ("%s", text);
    for (char *at = json; *at; at++)
        if (*at == '\'')
            *at = '"';
    return json;
}

static inline void
fixture_assert (const char *text, const char *part, bool wanted)
{
    char *json = fixture_json (part);
    bool found = strstr (text, json) != NULL;
    if (found != wanted)
        print_message ("%s %s in:\n%s\n", wanted ? "no" : "there is", json, text);
    free (json);
    assert_true (found == wanted);
}

//  ---- requests

typedef struct {
    char *json;
    json_tree_t *tree;
    br_call_t *call;
    br_error_t error;
    br_loss_t *losses;
    br_buf_t out;
    br_buf_t warnings;
    int rc;
} request_t;

static inline void
request_begin (request_t *self, br_protocol_t protocol)
{
    memset (self, 0, sizeof *self);
    self->tree = json_tree_new ();
    self->call = br_call_new (protocol);
    br_buf_init (&self->out, FIXTURE_MAX);
    br_buf_init (&self->warnings, FIXTURE_MAX);
}

static inline void
request_end (request_t *self)
{
    br_buf_free (&self->warnings);
    br_buf_free (&self->out);
    br_call_destroy (&self->call);
    json_tree_destroy (&self->tree);
    free (self->json);
}

static inline void
request_read (request_t *self, const char *json)
{
    request_begin (self, BR_PROTOCOL_RESPONSES);
    self->json = fixture_json (json);
    const json_node_t *root = json_tree_parse (self->tree, self->json,
                                               strlen (self->json), NULL);
    assert_non_null (root);
    self->rc = responses_codec.read_call (self->call, self->tree, root, &self->error);
}

//  Reads one that is in order.
static inline void
request_read_well (request_t *self, const char *json)
{
    request_read (self, json);
    if (self->rc)
        print_message ("%s\n", self->error.text);
    assert_int_equal (self->rc, 0);
}

//  Reads one that is refused, with this in the text.
static inline void
request_read_badly (const char *json, const char *said)
{
    request_t request;
    request_read (&request, json);
    assert_int_equal (request.rc, -1);
    assert_int_equal (request.error.code, BR_EINVALID);
    fixture_assert (request.error.text, said, true);
    request_end (&request);
}

static inline void
request_write_with (request_t *self, const br_dialect_t *dialect)
{
    br_target_t target = {
        .protocol = BR_PROTOCOL_RESPONSES,
        .provider = "openai",
        .model = "gpt-5",
        .dialect = dialect,
    };
    br_buf_clear (&self->out);
    br_buf_clear (&self->warnings);
    self->losses = NULL;
    self->rc = responses_codec.write_call (self->call, &target, &self->losses, &self->out,
                                           &self->error);
    br_loss_write (self->losses, &self->warnings);
}

//  To one that thinks and reads blobs of OpenAI.
static inline void
request_write (request_t *self)
{
    static const br_dialect_t dialect = {
        .thinking = BR_THINKING_EFFORT,
        .family = BR_FAMILY_OPENAI,
        .developer = true,
    };
    request_write_with (self, &dialect);
}

static inline void
request_has (request_t *self, const char *part)
{
    assert_int_equal (self->rc, 0);
    fixture_assert (br_buf_text (&self->out), part, true);
}

static inline void
request_lacks (request_t *self, const char *part)
{
    assert_int_equal (self->rc, 0);
    fixture_assert (br_buf_text (&self->out), part, false);
}

static inline void
request_warns (request_t *self, const char *part)
{
    fixture_assert (br_buf_text (&self->warnings), part, true);
}

//  A call of another protocol, to be filled.
static inline br_turn_t *
request_turn (request_t *self, br_turn_role_t role)
{
    return br_call_add_turn (self->call, role);
}

static inline br_block_t *
request_block (request_t *self, br_turn_t *turn, br_block_kind_t kind, const char *text)
{
    br_block_t *block = br_block_add (&turn->blocks, kind, self->call->arena);
    block->text = br_text (text);
    return block;
}

//  ---- streams that are read: a line a delta

typedef struct {
    void *reader;
    json_tree_t *tree;
    br_buf_t told;
    br_error_t error;
} stream_t;

static inline void
stream_begin (stream_t *self)
{
    memset (self, 0, sizeof *self);
    self->reader = responses_codec.reader_new ();
    self->tree = json_tree_new ();
    br_buf_init (&self->told, FIXTURE_MAX);
}

static inline void
stream_end (stream_t *self)
{
    br_buf_free (&self->told);
    json_tree_destroy (&self->tree);
    responses_codec.reader_destroy (&self->reader);
}

static inline void
stream_tell (void *arg, const br_delta_t *delta)
{
    static const char *const names[] = {
        "start", "text",   "refusal",  "reasoning", "opaque", "citation", "call",  "args",
        "media", "hosted", "logprobs", "usage",     "finish", "ping",     "error", "end",
    };
    stream_t *self = arg;
    br_buf_addf (&self->told, "%s %u", names[delta->kind], delta->block);
    if (delta->summary)
        br_buf_adds (&self->told, delta->first_of_part ? " part" : " summary");
    if (delta->custom)
        br_buf_adds (&self->told, " custom");
    const br_text_t texts[] = {
        delta->id,  delta->name,   delta->text,
        delta->raw, delta->native, delta->opaque ? delta->opaque->bytes : BR_TEXT_NONE
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].size)
            br_buf_addf (&self->told, " %.*s", (int) texts[i].size, texts[i].at);
    if (delta->kind == BR_DELTA_FINISH)
        br_buf_addf (&self->told, " %s", br_finish_name (delta->finish));
    if (delta->kind == BR_DELTA_ERROR)
        br_buf_addf (&self->told, " %s", br_code_name (delta->code));
    if (delta->kind == BR_DELTA_USAGE)
        br_buf_addf (&self->told, " %u %u", (unsigned) delta->usage.input,
                     (unsigned) delta->usage.output);
    br_buf_addc (&self->told, '\n');
}

//  One event, by its data alone.
static inline int
stream_event (stream_t *self, const char *data)
{
    char *json = fixture_json (data);
    const json_node_t *root = json_tree_parse (self->tree, json, strlen (json), NULL);
    assert_non_null (root);
    int rc = responses_codec.read_event (self->reader, "", self->tree, root, stream_tell,
                                         self, &self->error);
    free (json);
    return rc;
}

static inline void
stream_told (stream_t *self, const char *told)
{
    char *text = fixture_json (told);
    assert_string_equal (br_buf_text (&self->told), text);
    free (text);
}

//  ---- streams that are written

typedef struct {
    br_call_t *call;
    br_asked_t asked;
    void *writer;
    br_buf_t out;
} writing_t;

static inline void
writing_begin (writing_t *self)
{
    memset (self, 0, sizeof *self);
    self->call = br_call_new (BR_PROTOCOL_RESPONSES);
    self->asked = (br_asked_t) {
        .call = self->call,
        .model = BR_TEXT ("alias"),
        .id = "abcdefghijklmnopqrstuvwx",
        .now = 1700000000,
    };
    self->writer = responses_codec.writer_new (&self->asked);
    br_buf_init (&self->out, FIXTURE_MAX);
}

static inline void
writing_end (writing_t *self)
{
    br_buf_free (&self->out);
    responses_codec.writer_destroy (&self->writer);
    br_call_destroy (&self->call);
}

static inline void
writing_add (writing_t *self, br_delta_t delta)
{
    responses_codec.write_delta (self->writer, &delta, &self->out);
}

static inline void
writing_add_text (writing_t *self, br_delta_kind_t kind, unsigned block, const char *text)
{
    writing_add (self,
                 (br_delta_t) { .kind = kind, .block = block, .text = br_text (text) });
}

static inline void
writing_finish (writing_t *self, br_finish_t finish)
{
    writing_add (self, (br_delta_t) { .kind = BR_DELTA_FINISH, .finish = finish });
    writing_add (self, (br_delta_t) { .kind = BR_DELTA_END });
}

//  The stream is in order, and this stands in it.
static inline void
writing_has (writing_t *self, const char *part)
{
    char why[512];
    int rc = responses_grammar_check (br_buf_text (&self->out), self->out.size, why,
                                      sizeof why);
    if (rc)
        print_message ("%s\n%s\n", why, br_buf_text (&self->out));
    assert_int_equal (rc, 0);
    fixture_assert (br_buf_text (&self->out), part, true);
}

static inline void
writing_lacks (writing_t *self, const char *part)
{
    fixture_assert (br_buf_text (&self->out), part, false);
}

#endif
