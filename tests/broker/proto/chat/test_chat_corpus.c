//  Recorded traffic of Chat Completions and of providers that speak it: what is read and
//  written and read again is the same.

#include "tests/broker/proto/chat/chat_test.h"

#include <cjson/cJSON.h>

#include "broker/net/sse.h"
#include "tests/corpus.h"

#define FOLDER "openai-chat"

static size_t s_count;

//  ---- what is compared

static void
s_add (br_buf_t *out, const char *what, br_text_t text)
{
    br_buf_addf (out, "%s=%.*s\n", what, (int) text.size, text.at ? text.at : "");
}

static void
s_add_args (br_buf_t *out, br_text_t args)
{
    char *copy = br_strndup (args.size ? args.at : "{}", args.size ? args.size : 2);
    cJSON *json = cJSON_Parse (copy);
    char *text = json ? cJSON_PrintUnformatted (json) : br_strdup (copy);
    s_add (out, "args", br_text (text));
    free (text);
    cJSON_Delete (json);
    free (copy);
}

static void
s_add_opaques (br_buf_t *out, const br_opaque_t *list)
{
    for (; list; list = list->next) {
        s_add (out, br_family_name (list->family), list->bytes);
        br_buf_addf (out, "kind=%d\n", (int) list->kind);
    }
}

//  All texts of a kind, without the blank lines that part them.
static void
s_add_kind (br_buf_t *out, const char *what, const br_block_t *list, br_block_kind_t kind)
{
    br_buf_addf (out, "%s=", what);
    for (; list; list = list->next) {
        br_text_t text = list->text.size ? list->text : list->summary;
        for (size_t i = 0; list->kind == kind && i < text.size; i++)
            if (text.at[i] != '\n')
                br_buf_addc (out, text.at[i]);
    }
    br_buf_addc (out, '\n');
}

static void
s_add_blocks (br_buf_t *out, const br_block_t *list, bool ids)
{
    s_add_kind (out, "text", list, BR_BLOCK_TEXT);
    s_add_kind (out, "refusal", list, BR_BLOCK_REFUSAL);
    for (; list; list = list->next) {
        if (list->kind == BR_BLOCK_CALL) {
            s_add (out, "call", list->name);
            s_add (out, "id", ids || list->id.size ? list->id : BR_TEXT_NONE);
            s_add_args (out, list->text);
        }
        if (list->kind == BR_BLOCK_RESULT) {
            s_add (out, "result", list->id);
            s_add_kind (out, "said", list->blocks, BR_BLOCK_TEXT);
        }
        if (list->kind == BR_BLOCK_IMAGE || list->kind == BR_BLOCK_DOCUMENT
            || list->kind == BR_BLOCK_AUDIO) {
            s_add (out, "url", list->media.url);
            s_add (out, "data", list->media.data);
        }
    }
}

static void
s_reduce_call (br_buf_t *out, const br_call_t *call)
{
    s_add_kind (out, "system", call->system, BR_BLOCK_TEXT);
    for (const br_turn_t *turn = call->turns; turn; turn = turn->next) {
        br_buf_addf (out, "turn %d\n", (int) turn->role);
        s_add_blocks (out, turn->blocks, true);
    }
    for (const br_tool_t *tool = call->tools; tool; tool = tool->next) {
        if (tool->kind == BR_TOOL_HOSTED)
            continue;
        s_add (out, "tool", tool->name);
        s_add (out, "about", tool->description);
        if (tool->schema.size)
            s_add_args (out, tool->schema);
        br_buf_addf (out, "strict=%d\n", (int) tool->strict);
    }
    br_buf_addf (out, "choice=%d format=%d stream=%d max=%.0f\n", (int) call->choice,
                 (int) call->format, call->stream, call->max_output.value);
}

static void
s_reduce_reply (br_buf_t *out, const br_reply_t *reply)
{
    br_buf_addf (out, "usage=%d/%d/%d/%d\n", (int) reply->usage.input,
                 (int) reply->usage.cache_read, (int) reply->usage.output,
                 (int) reply->usage.reasoning);
    for (; reply; reply = reply->next) {
        br_buf_addf (out, "choice=%u finish=%s\n", reply->choice,
                     br_finish_name (br_reply_finish (reply)));
        s_add_kind (out, "reasoning", reply->blocks, BR_BLOCK_REASONING);
        s_add_blocks (out, reply->blocks, false);
        for (const br_block_t *block = reply->blocks; block; block = block->next)
            s_add_opaques (out, block->opaques);
    }
}

static void
s_same (const char *file, br_buf_t *a, br_buf_t *b)
{
    if (strcmp (br_buf_text (a), br_buf_text (b)) != 0)
        fail_msg ("%s differs:\n%s\nand:\n%s", file, br_buf_text (a), br_buf_text (b));
    br_buf_free (a);
    br_buf_free (b);
}

//  ---- requests

static void
s_check_request (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    if (!memmem (bytes, size, "\"messages\"", 10))
        return;
    request_t first;
    request_t second;
    br_buf_t a;
    br_buf_t b;
    br_buf_init (&a, 64u << 20);
    br_buf_init (&b, 64u << 20);
    if (request_read (&first, (const char *) bytes, size))
        fail_msg ("%s: %s", file, first.error.text);
    if (request_write (&first, "openai", "gpt-4o"))
        fail_msg ("%s: %s", file, first.error.text);
    s_reduce_call (&a, first.call);
    if (request_read (&second, br_buf_text (&first.out), first.out.size))
        fail_msg ("%s: %s", file, second.error.text);
    br_call_settle_turns (second.call, &second.losses);
    s_reduce_call (&b, second.call);
    s_same (file, &a, &b);
    request_free (&first);
    request_free (&second);
    s_count++;
}

static void
given_recorded_requests_when_written_and_read_again_then_they_say_the_same (void **state)
{
    (void) state;
    s_count = 0;
    corpus_each (FOLDER, ".request.json", s_check_request, NULL);
    printf ("%zu requests\n", s_count);
}

//  ---- whole answers

static const br_call_t s_call = { .want_usage = true };

static br_asked_t
s_asked (void)
{
    return (br_asked_t) { .call = &s_call,
                          .model = BR_TEXT ("mine"),
                          .id = "ABCDEFGHIJKLMNOPQRSTUVWX",
                          .now = 1700000000 };
}

static br_reply_t *
s_read_reply (const void *bytes, size_t size, br_error_t *error)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, bytes, size, error);
    br_reply_t *reply = br_reply_new ();
    if (!root || chat_codec.read_reply (reply, tree, root, error))
        br_reply_destroy (&reply);
    json_tree_destroy (&tree);
    return reply;
}

static void
s_check_whole (const char *file, const br_reply_t *reply)
{
    br_buf_t out;
    br_buf_t a;
    br_buf_t b;
    br_error_t error = { 0 };
    br_asked_t asked = s_asked ();
    br_buf_init (&out, 64u << 20);
    br_buf_init (&a, 64u << 20);
    br_buf_init (&b, 64u << 20);
    chat_codec.write_reply (reply, &asked, &out);
    br_reply_t *again = s_read_reply (out.data, out.size, &error);
    if (!again)
        fail_msg ("%s: %s\n%s", file, error.text, br_buf_text (&out));
    s_reduce_reply (&a, reply);
    s_reduce_reply (&b, again);
    s_same (file, &a, &b);
    br_reply_destroy (&again);
    br_buf_free (&out);
}

static void
s_check_reply (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    if (strstr (file, ".request.json") || strstr (file, ".meta.json"))
        return;
    br_error_t error = { 0 };
    br_reply_t *reply = s_read_reply (bytes, size, &error);
    if (!reply != !memmem (bytes, size, "\"message\":{", 11)
        && !reply != !memmem (bytes, size, "\"message\": {", 12))
        fail_msg ("%s: %s", file, error.text);
    if (!reply)
        return;
    s_check_whole (file, reply);
    br_reply_destroy (&reply);
    s_count++;
}

static void
given_recorded_answers_when_written_and_read_again_then_they_say_the_same (void **state)
{
    (void) state;
    s_count = 0;
    corpus_each (FOLDER, ".json", s_check_reply, NULL);
    printf ("%zu answers\n", s_count);
}

//  ---- streams

//  Events of a stream, one a line, as reader_feed takes them.
static void
s_add_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    br_buf_t *lines = arg;
    if (name[0])
        br_buf_addf (lines, "event %s ", name);
    for (size_t i = 0; i < size; i++)
        if (data[i] != '\n')
            br_buf_addc (lines, (char) data[i]);
    br_buf_addc (lines, '\n');
}

static void
s_split (const void *bytes, size_t size, br_buf_t *lines)
{
    static const sse_handler_t handler = { .event = s_add_event };
    sse_t *sse = sse_new (&handler, lines, SSE_EVENT_MAX);
    assert_int_equal (sse_push (sse, bytes, size, NULL), 0);
    assert_int_equal (sse_end (sse, NULL), 0);
    sse_destroy (&sse);
}

//  Who hears of a stream: a reply, and a writer behind an order.
typedef struct {
    br_reply_t *reply;
    void *writer;
    br_order_t *order;
    br_buf_t out;
    bool ended;
    bool failed;
} heard_t;

static void
s_write (void *arg, const br_delta_t *delta)
{
    heard_t *heard = arg;
    chat_codec.write_delta (heard->writer, delta, &heard->out);
}

static void
s_hear (void *arg, const br_delta_t *delta)
{
    heard_t *heard = arg;
    heard->ended = heard->ended || delta->kind == BR_DELTA_END;
    heard->failed = heard->failed || delta->kind == BR_DELTA_ERROR;
    assert_int_equal (br_reply_add (heard->reply, delta, NULL), 0);
    assert_int_equal (br_order_push (heard->order, delta, NULL), 0);
}

static heard_t *
s_listen (const char *file, const char *lines)
{
    static br_asked_t asked;
    br_error_t error = { 0 };
    asked = s_asked ();
    heard_t *heard = BR_NEW (heard_t);
    heard->reply = br_reply_new ();
    heard->writer = chat_codec.writer_new (&asked);
    heard->order = br_order_new (s_write, heard);
    br_buf_init (&heard->out, 64u << 20);
    void *reader = chat_codec.reader_new ();
    int rc = reader_feed (reader, lines, s_hear, heard, &error);
    if (rc == 0)
        rc = chat_codec.read_end (reader, s_hear, heard, &error);
    if (rc)
        fail_msg ("%s: %s", file, error.text);
    chat_codec.reader_destroy (&reader);
    return heard;
}

static void
s_forget (heard_t **heard_p)
{
    heard_t *heard = *heard_p;
    br_order_destroy (&heard->order);
    chat_codec.writer_destroy (&heard->writer);
    br_reply_destroy (&heard->reply);
    br_buf_free (&heard->out);
    free (heard);
    *heard_p = NULL;
}

static void
s_note_end (void *arg, const br_delta_t *delta)
{
    if (delta->kind == BR_DELTA_END)
        *(bool *) arg = true;
}

//  Cut after each event in front of the finish.
static void
s_check_cuts (const char *file, const char *lines)
{
    for (const char *at = lines; *at; at++) {
        if (*at != '\n')
            continue;
        br_error_t error = { 0 };
        bool ended = false;
        void *reader = chat_codec.reader_new ();
        char *part = br_strndup (lines, (size_t) (at - lines));
        bool finished = strstr (part, "finish_reason\":\"")
                        || strstr (part, "\"error\":{");
        if (!finished) {
            assert_int_equal (reader_feed (reader, part, s_note_end, &ended, &error), 0);
            int rc = chat_codec.read_end (reader, s_note_end, &ended, &error);
            if (rc == 0 || ended || error.code != BR_EUPCUT)
                fail_msg ("%s: cut, and taken for whole", file);
        }
        free (part);
        chat_codec.reader_destroy (&reader);
        if (finished)
            return;
    }
}

static void
s_check_lines (const char *file, br_buf_t *lines)
{
    heard_t *heard = s_listen (file, br_buf_text (lines));
    s_check_cuts (file, br_buf_text (lines));
    assert_true (heard->ended != heard->failed);
    s_count++;
    if (heard->ended) {
        br_buf_t again;
        br_buf_t a;
        br_buf_t b;
        br_buf_init (&again, 64u << 20);
        br_buf_init (&a, 64u << 20);
        br_buf_init (&b, 64u << 20);
        s_check_whole (file, heard->reply);
        s_split (heard->out.data, heard->out.size, &again);
        heard_t *second = s_listen (file, br_buf_text (&again));
        s_reduce_reply (&a, heard->reply);
        s_reduce_reply (&b, second->reply);
        s_same (file, &a, &b);
        s_forget (&second);
        br_buf_free (&again);
    }
    s_forget (&heard);
}

static void
s_check_stream (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    br_buf_t lines;
    br_buf_init (&lines, 64u << 20);
    s_split (bytes, size, &lines);
    s_check_lines (file, &lines);
    br_buf_free (&lines);
}

static void
s_check_chunks (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    br_buf_t lines;
    br_buf_init (&lines, 64u << 20);
    br_buf_add (&lines, bytes, size);
    s_check_lines (file, &lines);
    br_buf_free (&lines);
}

static void
given_recorded_streams_when_written_and_read_again_then_they_say_the_same (void **state)
{
    (void) state;
    s_count = 0;
    corpus_each (FOLDER, ".sse", s_check_stream, NULL);
    corpus_each (FOLDER, ".chunks.txt", s_check_chunks, NULL);
    printf ("%zu streams\n", s_count);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_recorded_requests_when_written_and_read_again_then_they_say_the_same),
        cmocka_unit_test (
            given_recorded_answers_when_written_and_read_again_then_they_say_the_same),
        cmocka_unit_test (
            given_recorded_streams_when_written_and_read_again_then_they_say_the_same),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
