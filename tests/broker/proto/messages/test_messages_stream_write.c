//  A stream is written for a client.

#include "tests/broker/proto/messages/given.h"
#include "tests/broker/proto/messages/grammar.h"

#define D(...) ((br_delta_t) { __VA_ARGS__ })
#define TEXT_(n, s) D (.kind = BR_DELTA_TEXT, .block = n, .text = BR_TEXT (s))
#define THINK(n, s) D (.kind = BR_DELTA_REASONING, .block = n, .text = BR_TEXT (s))
#define BLOB(n, o) D (.kind = BR_DELTA_OPAQUE, .block = n, .opaque = o)
#define CALL(n, i)                                                                       \
    D (.kind = BR_DELTA_CALL, .block = n, .id = BR_TEXT (i), .name = BR_TEXT ("f"))
#define ARGS(n, s) D (.kind = BR_DELTA_ARGS, .block = n, .text = BR_TEXT (s))
#define FINISH(f) D (.kind = BR_DELTA_FINISH, .finish = f)

static const br_delta_t s_start = { .kind = BR_DELTA_START, .id = { "chatcmpl-1", 10 } };
static const br_delta_t s_end = { .kind = BR_DELTA_END };
static const br_opaque_t s_google = { .family = BR_FAMILY_GOOGLE,
                                      .kind = BR_OPAQUE_THOUGHT,
                                      .bytes = { "G", 1 } };
static const br_opaque_t s_openai = { .family = BR_FAMILY_OPENAI,
                                      .kind = BR_OPAQUE_ENCRYPTED,
                                      .bytes = { "E", 1 } };
static const br_opaque_t s_signature = { .family = BR_FAMILY_ANTHROPIC,
                                         .kind = BR_OPAQUE_SIGNATURE,
                                         .bytes = { "S=", 2 } };

static void
s_say_all (writing_t *writing, const br_delta_t *deltas, size_t count)
{
    writing_begin (writing);
    for (size_t i = 0; i < count; i++)
        writing_say (writing, deltas[i]);
}

#define SAY(writing, ...)                                                                \
    do {                                                                                 \
        const br_delta_t deltas_[] = { __VA_ARGS__ };                                    \
        s_say_all (writing, deltas_, sizeof deltas_ / sizeof deltas_[0]);                \
    } while (0)

static const char *
s_checked (writing_t *writing)
{
    char why[200];
    if (messages_grammar_check ((const char *) writing->out.data, writing->out.size, why,
                                sizeof why))
        fail_msg ("%s in %s", why, br_buf_text (&writing->out));
    return br_buf_text (&writing->out);
}

static void
given_text_when_written_then_events_stand_in_order (void **state)
{
    (void) state;
    writing_t writing;
    SAY (&writing, s_start,
         D (.kind = BR_DELTA_USAGE, .usage = { .known = true, .input = 9 }),
         TEXT_ (0, "Hi"), D (.kind = BR_DELTA_PING), FINISH (BR_FINISH_STOP),
         D (.kind = BR_DELTA_USAGE, .usage = { .known = true, .input = 9, .output = 2 }),
         s_end);
    static const char *const order[] = {
        "event: message_start\n",
        "\"id\":\"msg_AAAAAAAAAAAAAAAAAAAAAAAA\"",
        "\"model\":\"asked-model\"",
        "\"input_tokens\":9",
        "event: content_block_start\n",
        "\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}",
        "event: ping\ndata: {\"type\":\"ping\"}\n\n",
        "event: content_block_stop\n",
        "event: message_delta\n",
        "\"stop_reason\":\"end_turn\",\"stop_sequence\":null",
        "\"input_tokens\":9",
        "\"output_tokens\":2",
        "event: message_stop\n",
    };
    const char *at = s_checked (&writing);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        at = strstr (at, order[i]);
        if (!at)
            fail_msg ("%s is not there, or not in order", order[i]);
    }
    writing_free (&writing);
}

static void
given_nothing_said_when_written_then_it_is_whole_all_the_same (void **state)
{
    (void) state;
    writing_t writing;
    SAY (&writing, s_start, FINISH (BR_FINISH_FILTER), s_end, TEXT_ (0, "late"));
    assert_has (s_checked (&writing), "\"stop_reason\":\"refusal\"");
    assert_lacks (br_buf_text (&writing.out), "late");
    writing_free (&writing);
}

static void
given_thinking_when_written_then_its_signature_comes_once_before_the_stop (void **state)
{
    (void) state;
    writing_t writing;
    SAY (&writing, s_start, BLOB (0, &s_signature), THINK (0, "a"), THINK (0, "b"),
         TEXT_ (1, "x"), FINISH (BR_FINISH_STOP), s_end);
    const char *text = s_checked (&writing);
    assert_has (text, "\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":"
                      "\"S=\"}}\n\nevent: content_block_stop");
    assert_lacks (text, "redacted");
    writing_free (&writing);
    SAY (&writing, s_start, BLOB (0, &s_signature), s_end);
    assert_has (s_checked (&writing), "\"signature\":\"S=\"");
    writing_free (&writing);
    SAY (&writing, s_start, THINK (0, "a"), s_end);
    assert_has (s_checked (&writing),
                "{\"type\":\"signature_delta\",\"signature\":\"br1.");
    writing_free (&writing);
}

static void
given_parts_of_a_summary_when_written_then_a_blank_line_is_between (void **state)
{
    (void) state;
    writing_t writing;
    br_delta_t part = THINK (0, "a");
    part.summary = part.first_of_part = true;
    SAY (&writing, s_start, part, part, s_end);
    assert_has (s_checked (&writing), "\"thinking\":\"\\n\\n\"");
    writing_free (&writing);
}

static void
given_blobs_of_others_when_written_then_they_are_sealed (void **state)
{
    (void) state;
    writing_t writing;
    SAY (&writing, s_start, THINK (0, "a"), BLOB (0, &s_openai), BLOB (1, &s_openai),
         CALL (2, "c1"), BLOB (2, &s_google), ARGS (2, "{}"), CALL (3, "c2"),
         ARGS (3, "{}"), BLOB (3, &s_google), s_end);
    const char *text = s_checked (&writing);
    assert_has (text, "\"signature\":\"br1.");
    assert_lacks (text, "\"E\"");
    stream_t stream = stream_read (text, strlen (text), UINT32_MAX, NULL);
    static const br_block_kind_t kinds[] = {
        BR_BLOCK_REASONING, BR_BLOCK_REASONING, BR_BLOCK_REASONING,
        BR_BLOCK_CALL,      BR_BLOCK_CALL,      BR_BLOCK_REASONING,
    };
    const br_block_t *block = stream.reply->blocks;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++, block = block->next) {
        assert_non_null (block);
        assert_int_equal (block->kind, kinds[i]);
    }
    assert_null (block);
    stream_free (&stream);
    writing_free (&writing);
}

static void
given_calls_when_written_then_arguments_add_up_to_objects (void **state)
{
    (void) state;
    writing_t writing;
    SAY (&writing, s_start, CALL (0, "c1"), ARGS (0, ""), CALL (1, "c2"), ARGS (1, " "),
         ARGS (1, "{\"a\":"), ARGS (1, "1}"), CALL (2, "c3"), ARGS (2, "nu"),
         ARGS (2, "ll"), CALL (3, ""), ARGS (3, "oops"),
         D (.kind = BR_DELTA_CALL, .block = 4, .id = BR_TEXT ("c5"),
            .name = BR_TEXT ("p"), .custom = true),
         ARGS (4, "a\"b"), ARGS (4, "\n"), FINISH (BR_FINISH_STOP), s_end);
    const char *text = s_checked (&writing);
    assert_has (text, "\"stop_reason\":\"tool_use\"");
    stream_t stream = stream_read (text, strlen (text), UINT32_MAX, NULL);
    static const char *const args[] = { "{}", "{\"a\":1}", "{\"value\":null}",
                                        "{\"_raw\":\"oops\"}",
                                        "{\"input\":\"a\\\"b\\n\"}" };
    const br_block_t *block = stream.reply->blocks;
    for (size_t i = 0; i < 5; i++, block = block->next)
        assert_text (block->text, args[i]);
    assert_has (text, "toolu_AAAAAAAAAAAAAAAAAAAA0003");
    stream_free (&stream);
    writing_free (&writing);
}

static void
given_hosted_items_when_written_then_they_lie_on_one_line (void **state)
{
    (void) state;
    writing_t writing;
    SAY (&writing, s_start,
         D (.kind = BR_DELTA_HOSTED, .block = 0, .family = BR_FAMILY_ANTHROPIC,
            .raw = BR_TEXT ("{\n\"type\":\"x_tool_result\",\r\n\"content\":[]}")),
         D (.kind = BR_DELTA_HOSTED, .block = 1, .family = BR_FAMILY_OPENAI,
            .raw = BR_TEXT ("{\"type\":\"foreign\"}")),
         D (.kind = BR_DELTA_REFUSAL, .block = 2, .text = BR_TEXT ("no")),
         D (.kind = BR_DELTA_CITATION, .block = 2, .family = BR_FAMILY_ANTHROPIC,
            .raw = BR_TEXT ("{\n\"a\":1}")),
         FINISH (BR_FINISH_REFUSAL), s_end);
    const char *text = s_checked (&writing);
    assert_has (text, "\"content_block\":{ \"type\":\"x_tool_result\",  \"content\":[]}");
    assert_lacks (text, "foreign");
    assert_has (text, "\"text\":\"no\"");
    assert_has (text, "\"citation\":{ \"a\":1}");
    writing_free (&writing);
}

static void
given_an_error_when_written_then_it_is_the_last_event (void **state)
{
    (void) state;
    writing_t writing;
    SAY (&writing, s_start, TEXT_ (0, "x"),
         D (.kind = BR_DELTA_ERROR, .code = BR_EUNAVAILABLE, .text = BR_TEXT ("busy")),
         s_end);
    const char *text = s_checked (&writing);
    assert_has (text, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
                      "\"overloaded_error\",\"message\":\"busy\"}}\n\n");
    assert_lacks (text, "message_stop");
    writing_free (&writing);
    SAY (&writing, s_start, FINISH (BR_FINISH_MALFORMED), s_end);
    assert_has (s_checked (&writing), "api_error");
    writing_free (&writing);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_text_when_written_then_events_stand_in_order),
        cmocka_unit_test (given_nothing_said_when_written_then_it_is_whole_all_the_same),
        cmocka_unit_test (
            given_thinking_when_written_then_its_signature_comes_once_before_the_stop),
        cmocka_unit_test (
            given_parts_of_a_summary_when_written_then_a_blank_line_is_between),
        cmocka_unit_test (given_blobs_of_others_when_written_then_they_are_sealed),
        cmocka_unit_test (given_calls_when_written_then_arguments_add_up_to_objects),
        cmocka_unit_test (given_hosted_items_when_written_then_they_lie_on_one_line),
        cmocka_unit_test (given_an_error_when_written_then_it_is_the_last_event),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
