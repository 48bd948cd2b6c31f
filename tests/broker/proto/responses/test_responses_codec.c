//  The whole codec over recorded traffic: what is read, written and read again is the
//  same.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "broker/core/alloc.h"
#include "broker/net/sse.h"
#include "broker/proto/responses/responses_codec.h"
#include "tests/broker/proto/responses/grammar.h"
#include "tests/corpus.h"

#define FOLDER "openai-responses"
#define OUT_MAX (64u << 20)

static const br_codec_t *const s_codec = &responses_codec;

//  ---- a request, or an answer, in a form that can be compared: one line a fact

static void
s_note (br_buf_t *facts, const char *what, br_text_t text)
{
    br_buf_addf (facts, "%s ", what);
    br_buf_add_json (facts, text.at ? text.at : "", text.size);
    br_buf_addc (facts, '\n');
}

//  JSON as a library prints it, without what order and blanks say.
static void
s_note_json (br_buf_t *facts, const char *what, br_text_t text)
{
    cJSON *root = text.size ? cJSON_ParseWithLength (text.at, text.size) : NULL;
    char *print = root ? cJSON_PrintUnformatted (root) : NULL;
    s_note (facts, what, print ? br_text (print) : text);
    free (print);
    cJSON_Delete (root);
}

static void
s_note_blocks (br_buf_t *facts, const br_block_t *list)
{
    for (const br_block_t *block = list; block; block = block->next) {
        char kind[32];
        snprintf (kind, sizeof kind, "block %d%s", block->kind,
                  block->custom ? " custom" : "");
        if (block->kind == BR_BLOCK_CALL && !block->custom)
            s_note_json (facts, kind, block->text);
        else if (block->kind == BR_BLOCK_HOSTED)
            s_note_json (facts, kind, block->raw);
        else if (block->kind == BR_BLOCK_REASONING && !block->summary.size)
            s_note (facts, kind, block->text);
        else if (block->kind == BR_BLOCK_REASONING)
            s_note (facts, kind, block->summary);
        else
            s_note (facts, kind, block->text);
        s_note (facts, "id", block->id);
        s_note (facts, "name", block->name);
        s_note (facts, "url", block->media.url);
        s_note (facts, "data", block->media.data);
        s_note_json (facts, "citations", block->citations);
        for (const br_opaque_t *opaque = block->opaques; opaque; opaque = opaque->next)
            s_note (facts, "opaque", opaque->bytes);
        s_note_blocks (facts, block->blocks);
    }
}

static void
s_note_call (br_buf_t *facts, const br_call_t *call)
{
    s_note (facts, "system", br_block_join (call->system, "\n\n", call->arena));
    for (const br_turn_t *turn = call->turns; turn; turn = turn->next) {
        br_buf_addf (facts, "turn %d\n", turn->role);
        s_note_blocks (facts, turn->blocks);
    }
    for (const br_tool_t *tool = call->tools; tool; tool = tool->next) {
        br_buf_addf (facts, "tool %d\n", tool->kind);
        s_note (facts, "name", tool->name);
        s_note (facts, "description", tool->description);
        s_note_json (facts, "schema", tool->schema);
        s_note_json (facts, "raw", tool->raw);
    }
    br_buf_addf (facts, "choice %d effort %d format %d stream %d\n", call->choice,
                 call->effort, call->format, call->stream);
    s_note_json (facts, "schema", call->schema);
    s_note (facts, "most", call->max_output.raw);
}

//  ids: whether ids of calls count
static void
s_note_reply (br_buf_t *facts, const br_reply_t *reply)
{
    s_note_blocks (facts, reply->blocks);
    br_buf_addf (facts, "finish %s\nusage %llu %llu %llu %llu %llu\n",
                 br_finish_name (br_reply_finish (reply)),
                 (unsigned long long) reply->usage.input,
                 (unsigned long long) reply->usage.cache_read,
                 (unsigned long long) reply->usage.cache_write,
                 (unsigned long long) reply->usage.output,
                 (unsigned long long) reply->usage.reasoning);
}

static void
s_assert_same (const char *file, br_buf_t *a, br_buf_t *b)
{
    if (strcmp (br_buf_text (a), br_buf_text (b)) != 0) {
        print_message ("%s:\n--- first\n%s--- again\n%s", file, br_buf_text (a),
                       br_buf_text (b));
        fail ();
    }
}

//  ---- requests

static const br_target_t s_target = {
    .protocol = BR_PROTOCOL_RESPONSES,
    .provider = "openai",
    .model = "gpt-5",
};

static br_target_t
s_openai (void)
{
    br_target_t target = s_target;
    target.dialect = br_dialect_of (target.protocol, target.provider, target.model);
    return target;
}

//  What only its provider holds cannot be read.
static bool
s_is_held (const cJSON *root)
{
    return cJSON_GetObjectItem (root, "prompt")
           || cJSON_IsTrue (cJSON_GetObjectItem (root, "background"));
}

static void
s_check_request (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    unsigned *count = arg;
    cJSON *plain = cJSON_ParseWithLength ((const char *) bytes, size);
    json_tree_t *tree = json_tree_new ();
    json_tree_t *again_tree = json_tree_new ();
    br_call_t *call = br_call_new (BR_PROTOCOL_RESPONSES);
    br_call_t *again = br_call_new (BR_PROTOCOL_RESPONSES);
    br_error_t error = { 0 };
    br_loss_t *losses = NULL;
    br_buf_t out, facts, facts_again;
    br_buf_init (&out, OUT_MAX);
    br_buf_init (&facts, OUT_MAX);
    br_buf_init (&facts_again, OUT_MAX);
    const json_node_t *root = json_tree_parse (tree, bytes, size, &error);
    assert_non_null (root);
    int rc = s_codec->read_call (call, tree, root, &error);
    if (s_is_held (plain)) {
        assert_int_equal (rc, -1);
        assert_int_equal (error.code, BR_EINVALID);
        goto cleanup;
    }
    if (rc)
        print_message ("%s: %s\n", file, error.text);
    assert_int_equal (rc, 0);
    br_target_t target = s_openai ();
    s_note_call (&facts, call);
    rc = s_codec->write_call (call, &target, &losses, &out, &error);
    if (rc)
        print_message ("%s: %s\n", file, error.text);
    assert_int_equal (rc, 0);
    root = json_tree_parse (again_tree, out.data, out.size, &error);
    assert_non_null (root);
    assert_int_equal (s_codec->read_call (again, again_tree, root, &error), 0);
    s_note_call (&facts_again, again);
    s_assert_same (file, &facts, &facts_again);
    ++*count;
cleanup:
    br_buf_free (&facts_again);
    br_buf_free (&facts);
    br_buf_free (&out);
    br_call_destroy (&again);
    br_call_destroy (&call);
    json_tree_destroy (&again_tree);
    json_tree_destroy (&tree);
    cJSON_Delete (plain);
}

static void
recorded_requests_are_the_same_when_written_and_read_again (void **state)
{
    (void) state;
    unsigned count = 0;
    if (corpus_each (FOLDER, ".request.json", s_check_request, &count))
        assert_true (count >= 16);
}

//  ---- answers

static const char s_echo[] =
    "{\"model\":\"m\",\n\"tools\":[ {\"type\":\"function\",\r\n\"name\":\"f\"}],"
    "\"instructions\":\"be\\nkind\",\"temperature\":0.5}";

typedef struct {
    br_call_t *call;
    br_asked_t asked;
} client_t;

static void
s_client (client_t *self)
{
    self->call = br_call_new (BR_PROTOCOL_RESPONSES);
    self->call->echo = br_text (s_echo);
    self->asked = (br_asked_t) {
        .call = self->call,
        .model = BR_TEXT ("m"),
        .id = "abcdefghijklmnopqrstuvwx",
        .now = 1700000000,
    };
}

//  An answer while it is read.
typedef struct {
    br_reply_t *reply;
    br_order_t *order;
    json_tree_t *tree;
    void *reader;
    void *writer; //  or NULL
    br_buf_t out; //  of the writer
    bool ended, failed;
} reading_t;

static void
s_in_order (void *arg, const br_delta_t *delta)
{
    reading_t *self = arg;
    assert_false (self->ended);
    self->ended = delta->kind == BR_DELTA_END;
    self->failed = self->failed || delta->kind == BR_DELTA_ERROR;
    assert_int_equal (br_reply_add (self->reply, delta, NULL), 0);
    if (self->writer)
        s_codec->write_delta (self->writer, delta, &self->out);
}

static void
s_push (void *arg, const br_delta_t *delta)
{
    reading_t *self = arg;
    assert_int_equal (br_order_push (self->order, delta, NULL), 0);
}

static void
s_on_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    reading_t *self = arg;
    br_error_t error = { 0 };
    const json_node_t *root = json_tree_parse (self->tree, data, size, &error);
    int rc = 0;
    if (root)
        rc = s_codec->read_event (self->reader, name, self->tree, root, s_push, self,
                                  &error);
    else
        rc = s_codec->read_mark (self->reader, (br_text_t) { (const char *) data, size },
                                 s_push, self, &error);
    if (rc)
        print_message ("%s\n", error.text);
    assert_int_equal (rc, 0);
}

static void
s_reading (reading_t *self, void *writer)
{
    *self = (reading_t) { .writer = writer };
    self->reply = br_reply_new ();
    self->order = br_order_new (s_in_order, self);
    self->tree = json_tree_new ();
    self->reader = s_codec->reader_new ();
    br_buf_init (&self->out, OUT_MAX);
}

static void
s_reading_end (reading_t *self)
{
    br_buf_free (&self->out);
    s_codec->reader_destroy (&self->reader);
    json_tree_destroy (&self->tree);
    br_order_destroy (&self->order);
    br_reply_destroy (&self->reply);
}

static void
s_read_stream (reading_t *self, const void *bytes, size_t size)
{
    static const sse_handler_t handler = { .event = s_on_event };
    sse_t *sse = sse_new (&handler, self, SSE_EVENT_MAX);
    assert_int_equal (sse_push (sse, bytes, size, NULL), 0);
    assert_int_equal (sse_end (sse, NULL), 0);
    sse_destroy (&sse);
}

static void
s_read_whole (reading_t *self, const br_buf_t *bytes)
{
    br_error_t error = { 0 };
    const json_node_t *root = json_tree_parse (self->tree, bytes->data, bytes->size,
                                               &error);
    assert_non_null (root);
    int rc = s_codec->read_reply (self->reply, self->tree, root, &error);
    if (rc)
        print_message ("%s\n", error.text);
    assert_int_equal (rc, 0);
}

//  A reply is written whole, and as a stream, and both are read again.
static void
s_check_reply (const char *file, const br_reply_t *reply)
{
    client_t client;
    reading_t whole, stream;
    char why[512];
    br_buf_t facts, again, out;
    br_buf_init (&facts, OUT_MAX);
    br_buf_init (&again, OUT_MAX);
    br_buf_init (&out, OUT_MAX);
    s_client (&client);
    s_note_reply (&facts, reply);

    s_reading (&whole, NULL);
    s_codec->write_reply (reply, &client.asked, &out);
    s_read_whole (&whole, &out);
    s_note_reply (&again, whole.reply);
    s_assert_same (file, &facts, &again);
    s_reading_end (&whole);

    void *writer = s_codec->writer_new (&client.asked);
    s_reading (&stream, writer);
    br_reply_play (reply, s_in_order, &stream);
    s_codec->writer_destroy (&writer);
    br_buf_clear (&out);
    br_buf_add (&out, stream.out.data, stream.out.size);
    s_reading_end (&stream);
    if (responses_grammar_check (br_buf_text (&out), out.size, why, sizeof why))
        fail_msg ("%s: %s", file, why);
    s_reading (&stream, NULL);
    s_read_stream (&stream, out.data, out.size);
    assert_true (stream.ended);
    br_buf_clear (&again);
    s_note_reply (&again, stream.reply);
    s_assert_same (file, &facts, &again);
    s_reading_end (&stream);
    br_call_destroy (&client.call);
    br_buf_free (&out);
    br_buf_free (&again);
    br_buf_free (&facts);
}

static bool
s_is_answer (const char *file)
{
    return !strstr (file, ".request.json") && !strstr (file, ".meta.json");
}

static void
s_check_whole (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    unsigned *count = arg;
    if (!s_is_answer (file))
        return;
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
    br_reply_t *reply = br_reply_new ();
    br_error_t error = { 0 };
    const json_node_t *status = json_get (tree, root, "status");
    bool ready = json_node_is (tree, status, "completed");
    int rc = s_codec->read_reply (reply, tree, root, &error);
    assert_int_equal (rc, ready ? 0 : -1);
    if (ready) {
        s_check_reply (file, reply);
        ++*count;
    }
    br_reply_destroy (&reply);
    json_tree_destroy (&tree);
}

static void
recorded_answers_are_the_same_when_written_and_read_again (void **state)
{
    (void) state;
    unsigned count = 0;
    if (corpus_each (FOLDER, ".json", s_check_whole, &count))
        assert_true (count >= 11);
}

//  Events with JSON in lines of their own, as a stream.
static void
s_frame (const char *file, const uint8_t *bytes, size_t size, br_buf_t *out)
{
    if (!strstr (file, ".chunks.txt")) {
        br_buf_add (out, bytes, size);
        return;
    }
    for (const uint8_t *at = bytes; at < bytes + size;) {
        const uint8_t *end = memchr (at, '\n', (size_t) (bytes + size - at));
        if (!end)
            end = bytes + size;
        if (end > at)
            sse_write_data (out, NULL, at, (size_t) (end - at));
        at = end + 1;
    }
}

static void
s_check_stream (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    unsigned *count = arg;
    client_t client;
    reading_t reading;
    br_buf_t framed;
    char why[512];
    br_buf_init (&framed, OUT_MAX);
    s_frame (file, bytes, size, &framed);
    s_client (&client);
    void *writer = s_codec->writer_new (&client.asked);
    s_reading (&reading, writer);
    s_read_stream (&reading, framed.data, framed.size);
    s_codec->writer_destroy (&writer);
    assert_true (reading.ended != reading.failed);
    if (responses_grammar_check (br_buf_text (&reading.out), reading.out.size, why,
                                 sizeof why))
        fail_msg ("%s: %s", file, why);
    if (reading.ended) {
        assert_int_equal (s_codec->read_end (reading.reader, s_push, &reading, NULL), 0);
        s_check_reply (file, reading.reply);
    }
    ++*count;
    s_reading_end (&reading);
    br_call_destroy (&client.call);
    br_buf_free (&framed);
}

static void
recorded_streams_are_the_same_when_written_and_read_again (void **state)
{
    (void) state;
    unsigned count = 0;
    size_t there = corpus_each (FOLDER, ".sse", s_check_stream, &count);
    there += corpus_each (FOLDER, ".chunks.txt", s_check_stream, &count);
    assert_int_equal (there, count);
}

//  Where the event at `at` ends, behind its blank line.
static size_t
s_event_end (const br_buf_t *framed, size_t at)
{
    while (at + 1 < framed->size
           && !(framed->data[at] == '\n' && framed->data[at + 1] == '\n'))
        at++;
    return at + 2 < framed->size ? at + 2 : framed->size;
}

static void
s_check_cut (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    unsigned *count = arg;
    br_buf_t framed;
    br_buf_init (&framed, OUT_MAX);
    s_frame (file, bytes, size, &framed);
    for (size_t at = s_event_end (&framed, 0); at < framed.size;
         at = s_event_end (&framed, at)) {
        const char *last = memmem (framed.data, at, "\"response.completed\"", 20);
        if (!last)
            last = memmem (framed.data, at, "\"response.incomplete\"", 21);
        reading_t reading;
        s_reading (&reading, NULL);
        s_read_stream (&reading, framed.data, at);
        br_error_t error = { 0 };
        int rc = s_codec->read_end (reading.reader, s_push, &reading, &error);
        assert_int_equal (reading.ended, last != NULL);
        assert_int_equal (rc, last || reading.failed ? 0 : -1);
        assert_int_equal (error.code, rc ? BR_EUPCUT : BR_OK);
        s_reading_end (&reading);
        ++*count;
    }
    br_buf_free (&framed);
}

static void
a_stream_that_is_cut_after_any_event_never_ends_well (void **state)
{
    (void) state;
    unsigned count = 0;
    if (corpus_each (FOLDER, ".sse", s_check_cut, &count))
        assert_true (count > 100);
    corpus_each (FOLDER, ".chunks.txt", s_check_cut, &count);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (recorded_requests_are_the_same_when_written_and_read_again),
        cmocka_unit_test (recorded_answers_are_the_same_when_written_and_read_again),
        cmocka_unit_test (recorded_streams_are_the_same_when_written_and_read_again),
        cmocka_unit_test (a_stream_that_is_cut_after_any_event_never_ends_well),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
