//  The whole codec against recorded traffic: what is read, written and read again is the
//  same, streams and whole answers alike.

#include <cjson/cJSON.h>

#include "tests/broker/proto/gemini/gemini_fixture.h"
#include "tests/corpus.h"

#define FOLDER "google-generate"
#define MODEL_OLD "gemini-2.5-flash"
#define MODEL_NEW "gemini-3-pro-preview"

//  ---- equality

static void
s_equal_json (br_text_t a, br_text_t b)
{
    cJSON *left = cJSON_ParseWithLength (a.at, a.size);
    cJSON *right = cJSON_ParseWithLength (b.at, b.size);
    assert_non_null (left);
    assert_true (cJSON_Compare (left, right, true));
    cJSON_Delete (left);
    cJSON_Delete (right);
}

static void
s_equal_text (br_text_t a, br_text_t b)
{
    if (!br_text_equal (a, b))
        fail_msg ("\"%.*s\" became \"%.*s\"", (int) a.size, a.at ? a.at : "",
                  (int) b.size, b.at ? b.at : "");
}

//  A call without a signature got one that stands for none.
static void
s_equal_signatures (const br_opaque_t *a, const br_opaque_t *b)
{
    if (!a && b && br_text_is (b->bytes, "skip_thought_signature_validator"))
        return;
    for (; a && b; a = a->next, b = b->next) {
        assert_int_equal (a->family, b->family);
        assert_int_equal (a->kind, b->kind);
        s_equal_text (a->bytes, b->bytes);
    }
    assert_null (a);
    assert_null (b);
}

static void s_equal_blocks (const br_block_t *a, const br_block_t *b);

static void
s_equal_block (const br_block_t *a, const br_block_t *b)
{
    assert_int_equal (a->kind, b->kind);
    if (a->kind == BR_BLOCK_CALL)
        s_equal_json (a->text, b->text);
    else
        s_equal_text (a->text, b->text);
    if (a->kind == BR_BLOCK_CALL || a->kind == BR_BLOCK_RESULT)
        s_equal_text (a->name, b->name);
    if (a->kind == BR_BLOCK_HOSTED)
        s_equal_json (a->raw, b->raw);
    assert_int_equal (a->error, b->error);
    s_equal_text (a->media.data, b->media.data);
    s_equal_text (a->media.url, b->media.url);
    s_equal_text (a->media.file_id, b->media.file_id);
    s_equal_signatures (a->opaques, b->opaques);
    s_equal_blocks (a->blocks, b->blocks);
}

static void
s_equal_blocks (const br_block_t *a, const br_block_t *b)
{
    for (; a && b; a = a->next, b = b->next)
        s_equal_block (a, b);
    assert_null (a);
    assert_null (b);
}

static void
s_equal_tools (const br_tool_t *a, const br_tool_t *b)
{
    for (; a && b; a = a->next, b = b->next) {
        assert_int_equal (a->kind, b->kind);
        s_equal_text (a->name, b->name);
        s_equal_text (a->description, b->description);
        assert_int_equal (a->schema.size > 0, b->schema.size > 0);
        if (a->schema.size)
            s_equal_json (a->schema, b->schema);
        if (a->kind == BR_TOOL_HOSTED)
            s_equal_json (a->raw, b->raw);
    }
    assert_null (a);
    assert_null (b);
}

static void
s_equal_calls (const br_call_t *a, const br_call_t *b)
{
    s_equal_text (br_block_join (a->system, "\n", a->arena),
                  br_block_join (b->system, "\n", b->arena));
    s_equal_tools (a->tools, b->tools);
    assert_int_equal (a->choice, b->choice);
    assert_int_equal (a->format, b->format);
    assert_int_equal (a->max_output.raw.at != NULL, b->max_output.raw.at != NULL);
    assert_true (a->max_output.value == b->max_output.value);
    assert_int_equal (a->logprobs, b->logprobs);
    const br_turn_t *x = a->turns;
    const br_turn_t *y = b->turns;
    for (; x && y; x = x->next, y = y->next) {
        assert_int_equal (x->role, y->role);
        s_equal_blocks (x->blocks, y->blocks);
    }
    assert_null (x);
    assert_null (y);
}

static void
s_equal_replies (const br_reply_t *a, const br_reply_t *b)
{
    for (; a && b; a = a->next, b = b->next) {
        assert_int_equal (a->choice, b->choice);
        assert_int_equal (br_reply_finish (a), br_reply_finish (b));
        s_equal_text (a->native_finish, b->native_finish);
        assert_memory_equal (&a->usage, &b->usage, sizeof a->usage);
        s_equal_blocks (a->blocks, b->blocks);
    }
    assert_null (a);
    assert_null (b);
}

//  ---- requests

//  Older models get pictures of results beside them.
static bool
s_moves_media (const br_call_t *call, const char *model)
{
    for (const br_turn_t *turn = call->turns; turn; turn = turn->next)
        for (const br_block_t *b = turn->blocks; b; b = b->next)
            if (b->kind == BR_BLOCK_RESULT && b->blocks->next)
                return strcmp (model, MODEL_OLD) == 0;
    return false;
}

static void
s_check_request (const char *body, const char *model)
{
    gemini_case_t one;
    gemini_case_t two;
    case_open (&one, BR_PROTOCOL_GOOGLE);
    case_open (&two, BR_PROTOCOL_GOOGLE);
    assert_int_equal (case_read (&one, body), 0);
    if (case_write (&one, model))
        fail_msg ("%s", one.error.text);
    assert_int_equal (case_read (&two, case_text (&one)), 0);
    br_call_settle_turns (two.call, &two.losses);
    if (!s_moves_media (one.call, model))
        s_equal_calls (one.call, two.call);
    case_close (&one);
    case_close (&two);
}

static void
s_on_request (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    if (strncmp (file, "embed-", 6) == 0)
        return;
    char *body = br_strndup ((const char *) bytes, size);
    if (!strstr (body, "\"cachedContent\"")) {
        s_check_request (body, MODEL_OLD);
        s_check_request (body, MODEL_NEW);
    }
    free (body);
}

static void
given_recorded_requests_when_written_and_read_again_then_equal (void **state)
{
    (void) state;
    corpus_each (FOLDER, ".request.json", s_on_request, NULL);
}

//  ---- answers

//  Written whole and as a stream, and read again.
static void
s_check_reply (const br_reply_t *reply)
{
    br_asked_t asked = { .model = BR_TEXT ("m"), .id = "abc" };
    gemini_answer_t whole;
    gemini_answer_t streamed;
    br_buf_t out;
    br_buf_init (&out, BR_REPLY_BYTES_MAX);
    answer_open (&whole);
    answer_open (&streamed);
    gemini_codec.write_reply (reply, &asked, &out);
    assert_int_equal (answer_read (&whole, br_buf_text (&out), 1), 0);
    s_equal_replies (reply, whole.reply);
    char *sse = stream_of (reply);
    char *lines = answer_lines (sse);
    assert_int_equal (answer_read (&streamed, lines, SIZE_MAX), 0);
    s_equal_replies (reply, streamed.reply);
    free (lines);
    free (sse);
    br_buf_free (&out);
    answer_close (&whole);
    answer_close (&streamed);
}

static void
s_on_reply (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    unsigned *count = arg;
    if (strstr (file, ".request.") || strstr (file, ".meta.")
        || !memmem (bytes, size, "\"candidates\"", 12))
        return;
    json_tree_t *tree = json_tree_new ();
    br_reply_t *reply = br_reply_new ();
    br_error_t error;
    const json_node_t *root = json_tree_parse (tree, bytes, size, NULL);
    assert_int_equal (gemini_codec.read_reply (reply, tree, root, &error), 0);
    assert_non_null (reply->blocks);
    s_check_reply (reply);
    br_reply_destroy (&reply);
    json_tree_destroy (&tree);
    (*count)++;
}

static void
given_recorded_answers_when_written_and_read_again_then_equal (void **state)
{
    (void) state;
    unsigned count = 0;
    if (corpus_each (FOLDER, ".json", s_on_reply, &count))
        assert_true (count >= 5);
    print_message ("%u answers\n", count);
}

static void
s_check_stream (const char *lines)
{
    gemini_answer_t whole;
    answer_open (&whole);
    if (answer_read (&whole, lines, SIZE_MAX))
        fail_msg ("%s", whole.error.text);
    assert_int_equal (whole.counts[BR_DELTA_END], 1);
    assert_int_equal (whole.counts[BR_DELTA_START], 1);
    assert_int_equal (whole.counts[BR_DELTA_FINISH], 1);
    assert_true (whole.reply->usage.known);
    s_check_reply (whole.reply);
    answer_close (&whole);
    size_t events = 0;
    for (const char *at = lines; *at; at++)
        events += *at == '\n';
    for (size_t most = 0; most < events; most++) {
        gemini_answer_t cut;
        answer_open (&cut);
        assert_int_equal (answer_read (&cut, lines, most), -1);
        assert_int_equal (cut.error.code, BR_EUPCUT);
        assert_int_equal (cut.counts[BR_DELTA_END], 0);
        answer_close (&cut);
    }
}

static void
s_on_stream (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    (void) arg;
    (void) file;
    char *body = br_strndup ((const char *) bytes, size);
    bool plain = *body == '{'; //  events without framing
    char *lines = plain ? br_strf ("%s\n", body) : answer_lines (body);
    size_t length = strlen (lines);
    while (length > 1 && lines[length - 2] == '\n')
        lines[--length] = 0;
    s_check_stream (lines);
    free (lines);
    free (body);
}

static void
given_recorded_streams_when_written_and_read_again_then_equal_and_never_whole_when_cut (
    void **state)
{
    (void) state;
    corpus_each (FOLDER, ".sse", s_on_stream, NULL);
    corpus_each (FOLDER, ".chunks.txt", s_on_stream, NULL);
}

static void
given_the_table_then_every_function_is_there (void **state)
{
    (void) state;
    assert_int_equal (gemini_codec.protocol, BR_PROTOCOL_GOOGLE);
    assert_non_null (gemini_codec.name);
    assert_non_null (gemini_codec.label);
    assert_non_null (gemini_codec.read_mark);
    assert_int_equal (gemini_codec.status (BR_EUPLIMIT), 429);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_the_table_then_every_function_is_there),
        cmocka_unit_test (given_recorded_requests_when_written_and_read_again_then_equal),
        cmocka_unit_test (given_recorded_answers_when_written_and_read_again_then_equal),
        cmocka_unit_test (
            given_recorded_streams_when_written_and_read_again_then_equal_and_never_whole_when_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
