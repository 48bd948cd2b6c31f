//  The codec over recorded traffic: what is read, written and read again is the same.

#include <stdio.h>

#include "tests/broker/proto/messages/given.h"
#include "tests/broker/proto/messages/grammar.h"
#include "tests/corpus.h"

#define FOLDER "anthropic-messages"

static void
given_the_table_when_looked_at_then_all_of_it_is_set (void **state)
{
    (void) state;
    const br_codec_t *codec = &messages_codec;
    assert_int_equal (codec->protocol, BR_PROTOCOL_MESSAGES);
    assert_string_equal (codec->label, "messages");
    assert_true (codec->read_call && codec->write_call && codec->read_reply
                 && codec->write_reply && codec->reader_new && codec->reader_destroy
                 && codec->read_event && codec->read_mark && codec->read_end
                 && codec->writer_new && codec->writer_destroy && codec->write_delta
                 && codec->write_error && codec->status);
}

//  ---- sameness

//  JSON without what stands between values; what is no JSON stays as it is.
static char *
s_compact (br_text_t text)
{
    br_buf_t out;
    br_buf_init (&out, GIVEN_MAX);
    bool inside = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        if (inside && c == '\\') {
            br_buf_addc (&out, c);
            br_buf_addc (&out, text.at[++i]);
            continue;
        }
        if (c == '"')
            inside = !inside;
        if (inside || (c != ' ' && c != '\n' && c != '\r' && c != '\t'))
            br_buf_addc (&out, c);
    }
    char *copy = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return copy;
}

static void
s_same_json (const char *file, br_text_t a, br_text_t b)
{
    char *left = s_compact (a);
    char *right = s_compact (b);
    if (strcmp (left, right) != 0)
        fail_msg ("%s: %s is not %s", file, left, right);
    free (left);
    free (right);
}

static void
s_same_text (const char *file, br_text_t a, br_text_t b)
{
    if (!br_text_equal (a, b))
        fail_msg ("%s: \"%.*s\" is not \"%.*s\"", file, (int) a.size, a.at ? a.at : "",
                  (int) b.size, b.at ? b.at : "");
}

static void
s_same_opaques (const char *file, const br_opaque_t *a, const br_opaque_t *b)
{
    for (; a && b; a = a->next, b = b->next) {
        assert_int_equal (a->family, b->family);
        assert_int_equal (a->kind, b->kind);
        s_same_text (file, a->bytes, b->bytes);
    }
    if (a || b)
        fail_msg ("%s: a blob is missing", file);
}

//  Texts that are blank have no place in a request.
static const br_block_t *
s_skip (const br_block_t *block)
{
    while (block && block->kind == BR_BLOCK_TEXT && br_text_is_blank (block->text))
        block = block->next;
    return block;
}

static void
s_same_blocks (const char *file, const br_block_t *a, const br_block_t *b)
{
    for (a = s_skip (a), b = s_skip (b); a && b;
         a = s_skip (a->next), b = s_skip (b->next)) {
        if (a->kind != b->kind)
            fail_msg ("%s: a block of kind %d became %d", file, (int) a->kind,
                      (int) b->kind);
        if (a->kind == BR_BLOCK_CALL)
            s_same_json (file, a->text, b->text);
        else
            s_same_text (file, a->text, b->text);
        s_same_text (file, a->id, b->id);
        s_same_text (file, a->name, b->name);
        s_same_text (file, a->media.data, b->media.data);
        s_same_text (file, a->media.url, b->media.url);
        s_same_json (file, a->raw, b->raw);
        s_same_json (file, a->citations, b->citations);
        assert_true ((a->cache.at == NULL) == (b->cache.at == NULL));
        assert_int_equal (a->error, b->error);
        s_same_opaques (file, a->opaques, b->opaques);
        s_same_blocks (file, a->blocks, b->blocks);
    }
    if (a || b)
        fail_msg ("%s: a block is %s", file, a ? "missing" : "new");
}

static void
s_same_reply (const char *file, const br_reply_t *a, const br_reply_t *b)
{
    s_same_blocks (file, a->blocks, b->blocks);
    assert_int_equal (br_reply_finish (a), br_reply_finish (b));
    s_same_text (file, a->stop_sequence, b->stop_sequence);
    s_same_text (file, a->id, b->id);
    assert_int_equal (a->usage.input, b->usage.input);
    assert_int_equal (a->usage.output, b->usage.output);
    assert_int_equal (a->usage.cache_read, b->usage.cache_read);
    assert_int_equal (a->usage.cache_write, b->usage.cache_write);
    assert_int_equal (a->usage.reasoning, b->usage.reasoning);
}

//  ---- requests

//  System turns are wrapped as text of the user's.
static bool
s_has_system_turn (const br_call_t *call)
{
    for (const br_turn_t *turn = call->turns; turn; turn = turn->next)
        if (turn->role == BR_TURN_SYSTEM)
            return true;
    return false;
}

static void
s_same_tools (const char *file, const br_call_t *a, const br_call_t *b)
{
    const br_tool_t *x = a->tools;
    const br_tool_t *y = b->tools;
    for (; x && y; x = x->next, y = y->next) {
        assert_int_equal (x->kind, y->kind);
        s_same_text (file, x->name, y->name);
        s_same_text (file, x->description, y->description);
        s_same_json (file, x->raw, y->raw);
        s_same_json (file, x->schema, y->schema);
    }
    assert_true (!x && !y);
    //  A forced choice may have to give way to thinking.
    if (b->choice != BR_CHOICE_AUTO || a->reasoning != BR_YES)
        assert_int_equal (a->choice, b->choice);
}

static void
s_same_call (const char *file, const br_call_t *a, const br_call_t *b)
{
    s_same_blocks (file, a->system, b->system);
    s_same_tools (file, a, b);
    assert_int_equal (a->stream, b->stream);
    assert_true (a->temperature.value == b->temperature.value);
    assert_int_equal (a->format, b->format);
    //  Adaptive models are told an effort in place of a budget.
    if (a->effort != BR_EFFORT_UNSET)
        assert_int_equal (a->effort, b->effort);
    if (s_has_system_turn (a))
        return;
    const br_turn_t *x = a->turns;
    const br_turn_t *y = b->turns;
    for (; x && y; x = x->next, y = y->next) {
        assert_int_equal (x->role, y->role);
        s_same_blocks (file, x->blocks, y->blocks);
    }
    assert_true (!x && !y);
}

static void
s_check_request (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    given_t first = given_read ((const char *) bytes, size);
    if (first.rc && strncmp (file, "count-", 6) == 0) {
        br_call_destroy (&first.call);
        first.call = br_call_new (BR_PROTOCOL_MESSAGES);
        first.call->count_only = true;
        const json_node_t *root = json_tree_parse (first.tree, bytes, size, NULL);
        first.rc = messages_codec.read_call (first.call, first.tree, root, &first.error);
    }
    if (first.rc)
        fail_msg ("%s: %s", file, first.error.text);
    br_text_t model = br_arena_text (first.call->arena, first.call->model);
    const char *sent = given_sent (&first, model.at);
    json_tree_t *tree = json_tree_new ();
    br_call_t *again = br_call_new (BR_PROTOCOL_MESSAGES);
    again->count_only = first.call->count_only;
    const json_node_t *root = json_tree_parse (tree, sent, strlen (sent), NULL);
    br_error_t error = { 0 };
    if (messages_codec.read_call (again, tree, root, &error))
        fail_msg ("%s: %s in %s", file, error.text, sent);
    br_call_settle_turns (again, &first.losses);
    s_same_call (file, first.call, again);
    br_call_destroy (&again);
    json_tree_destroy (&tree);
    given_free (&first);
}

static void
given_recorded_requests_when_written_and_read_again_then_they_are_the_same (void **state)
{
    (void) state;
    corpus_each (FOLDER, ".request.json", s_check_request, NULL);
}

//  ---- replies

static void
s_check_written (const char *file, const br_reply_t *reply)
{
    const br_asked_t asked = given_asked ();
    br_buf_t out;
    br_buf_init (&out, GIVEN_MAX);
    messages_codec.write_reply (reply, &asked, &out);
    json_tree_t *tree = json_tree_new ();
    br_reply_t *again = given_reply ((const char *) out.data, out.size, tree);
    s_same_reply (file, reply, again);
    br_reply_destroy (&again);
    json_tree_destroy (&tree);
    br_buf_free (&out);
}

typedef struct {
    void *writer;
    br_buf_t out;
} playing_t;

static void
s_play (void *arg, const br_delta_t *delta)
{
    playing_t *self = arg;
    messages_codec.write_delta (self->writer, delta, &self->out);
}

//  As a stream: the grammar holds, and what is read of it is the same.
static void
s_check_played (const char *file, const br_reply_t *reply)
{
    const br_asked_t asked = given_asked ();
    playing_t playing = { .writer = messages_codec.writer_new (&asked) };
    char why[300];
    br_buf_init (&playing.out, GIVEN_MAX);
    br_reply_play (reply, s_play, &playing);
    const char *sse = br_buf_text (&playing.out);
    if (messages_grammar_check (sse, playing.out.size, why, sizeof why))
        fail_msg ("%s: %s in %s", file, why, sse);
    stream_t stream = stream_read (sse, playing.out.size, UINT32_MAX, NULL);
    assert_int_equal (stream.ends, 1);
    s_same_reply (file, reply, stream.reply);
    stream_free (&stream);
    messages_codec.writer_destroy (&playing.writer);
    br_buf_free (&playing.out);
}

static void
s_check_reply (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    unsigned *count = arg;
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
    bool message = json_node_is (tree, json_get (tree, root, "type"), "message");
    json_tree_destroy (&tree);
    if (!message || strstr (file, ".request.json") || strstr (file, ".meta.json"))
        return;
    ++*count;
    tree = json_tree_new ();
    br_reply_t *reply = given_reply ((const char *) bytes, size, tree);
    assert_true (reply->usage.known);
    s_check_written (file, reply);
    s_check_played (file, reply);
    br_reply_destroy (&reply);
    json_tree_destroy (&tree);
}

static void
given_recorded_answers_when_written_and_read_again_then_they_are_the_same (void **state)
{
    (void) state;
    unsigned count = 0;
    if (corpus_each (FOLDER, ".json", s_check_reply, &count))
        assert_true (count > 5);
}

//  ---- streams

static void
s_check_cuts (const char *file, const char *sse, size_t size, unsigned events)
{
    for (unsigned limit = 0; limit <= events; limit++) {
        stream_t stream = stream_read (sse, size, limit, NULL);
        if (stream.ends == 0 && (stream.rc != -1 || stream.error.code != BR_EUPCUT))
            fail_msg ("%s: no cut is seen after %u of %u events", file, limit, events);
        //  [DONE] may stand behind the end.
        if (stream.ends && limit + 1 < events)
            fail_msg ("%s: it ends after %u of %u events", file, limit, events);
        stream_free (&stream);
    }
}

static void
s_check_stream (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    const br_asked_t asked = given_asked ();
    const char *sse = (const char *) bytes;
    char why[300];
    stream_t stream = stream_read (sse, size, UINT32_MAX, &asked);
    if (stream.rc)
        fail_msg ("%s: %s", file, stream.error.text);
    assert_int_equal (stream.ends, 1);
    assert_int_equal (stream.starts, 1);
    assert_int_equal (stream.finishes, 1);
    s_check_written (file, stream.reply);
    s_check_played (file, stream.reply);
    const char *written = br_buf_text (&stream.written);
    if (messages_grammar_check (written, stream.written.size, why, sizeof why))
        fail_msg ("%s: %s in %s", file, why, written);
    stream_t again = stream_read (written, stream.written.size, UINT32_MAX, NULL);
    s_same_reply (file, stream.reply, again.reply);
    stream_free (&again);
    s_check_cuts (file, sse, size, stream.events);
    stream_free (&stream);
}

//  Payloads without framing, one a line.
static void
s_check_chunks (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    br_buf_t sse;
    br_buf_init (&sse, GIVEN_MAX);
    const char *at = (const char *) bytes;
    const char *end = at + size;
    while (at < end) {
        const char *stop = memchr (at, '\n', (size_t) (end - at));
        size_t line = (size_t) ((stop ? stop : end) - at);
        if (line)
            sse_write_data (&sse, NULL, at, line);
        at += line + 1;
    }
    s_check_stream (arg, file, sse.data, sse.size);
    br_buf_free (&sse);
}

static void
given_recorded_streams_when_written_and_read_again_then_they_are_the_same (void **state)
{
    (void) state;
    corpus_each (FOLDER, ".sse", s_check_stream, NULL);
    corpus_each (FOLDER, ".chunks.txt", s_check_chunks, NULL);
}

static void
s_check_grammar (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    char why[300];
    //  A gateway's stream has a [DONE] behind its end; others end without a blank line.
    if (memmem (bytes, size, "[DONE]", 6) || size < 2 || bytes[size - 2] != '\n')
        return;
    if (messages_grammar_check ((const char *) bytes, size, why, sizeof why))
        fail_msg ("%s: %s", file, why);
}

static void
given_recorded_streams_when_checked_then_the_grammar_is_theirs (void **state)
{
    (void) state;
    corpus_each (FOLDER, ".sse", s_check_grammar, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_the_table_when_looked_at_then_all_of_it_is_set),
        cmocka_unit_test (
            given_recorded_requests_when_written_and_read_again_then_they_are_the_same),
        cmocka_unit_test (
            given_recorded_answers_when_written_and_read_again_then_they_are_the_same),
        cmocka_unit_test (
            given_recorded_streams_when_written_and_read_again_then_they_are_the_same),
        cmocka_unit_test (given_recorded_streams_when_checked_then_the_grammar_is_theirs),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
