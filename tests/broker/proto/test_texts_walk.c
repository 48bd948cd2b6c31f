//  texts_walk: the walk itself, whatever the tables say.

#include "tests/broker/proto/texts_told.h"

#define CHAT BR_SURFACE_CHAT

static int
s_count (void *arg, const br_text_span_t *span)
{
    (void) span;
    return ++*(int *) arg == 2 ? 7 : 0;
}

static void
given_an_escaped_key_when_walked_then_it_is_the_same_key (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, CHAT,
        "{\"\\u006dessages\":[{\"r\\u006fle\":\"\\u0073ystem\",\"conte\\u006et\""
        ":\"S\"}],\"us\\u0065r\":\"u\",\"\":\"E\",\"\\ud800\":\"L\"}",
        "system text \"S\"\nuser text \"E\"\nuser text \"L\"\n");
}

static void
given_doubles_of_a_member_when_walked_then_all_texts_count (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, CHAT,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"A\",\"content\":\"B\","
        "\"role\":\"system\"}],\"messages\":[{\"content\":\"C\"}]}",
        "system text \"A\"\nsystem text \"B\"\nuser text \"C\"\n");
}

static void
given_blanks_and_escapes_when_walked_then_spans_are_exact (void **state)
{
    (void) state;
    texts_told_is (
        TEXTS_REQUEST, CHAT,
        " \n{ \"input\" : [ \"a\\\"]}\" ,\t\"\\\\\" , 1 , true, null, { } , [ ] "
        "] , \"tools\" : [ { \"parameters\" : { \"a\" : \"}\" } } ] } \r\n",
        "user text \"a\\\"]}\"\nuser text \"\\\\\"\n"
        "offer value { \"a\" : \"}\" }\n");
}

static void
given_text_that_is_no_json_when_walked_then_nothing_is_told (void **state)
{
    (void) state;
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "{\"input\":\"a\"",
        "{\"input\":\"a\",}",
        "{\"input\":\"a\"} x",
        "{\"input\":\"\xff\"}",
        "\"",
        "nul",
        "[1,]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int count = 0;
        br_error_t error = { .text = "" };
        assert_int_equal (br_texts_of_request (CHAT, texts[i], strlen (texts[i]), s_count,
                                               &count, &error),
                          -1);
        assert_int_equal (error.code, BR_EINVALID);
        assert_int_equal (count, 0);
    }
}

static void
given_a_listener_that_has_enough_when_walked_then_the_walk_ends (void **state)
{
    (void) state;
    static const char text[] = "{\"input\":[\"a\",[\"b\"],\"c\"]}";
    int count = 0;
    assert_int_equal (
        br_texts_of_request (CHAT, text, strlen (text), s_count, &count, NULL), 7);
    assert_int_equal (count, 2);
}

static void
s_repeat (br_buf_t *out, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        br_buf_adds (out, text);
}

//  Each level is looked into, but not without an end.
static void
given_blocks_in_blocks_when_walked_then_the_deepest_text_is_told (void **state)
{
    (void) state;
    const size_t depth = 120;
    br_buf_t text;
    br_buf_init (&text, 1u << 20);
    br_buf_adds (&text, "{\"messages\":");
    s_repeat (&text, "[{\"type\":\"tool_result\",\"content\":", depth);
    br_buf_adds (&text, "\"deep\"");
    s_repeat (&text, "}]", depth);
    br_buf_adds (&text, "}");
    texts_told_is (TEXTS_REQUEST, BR_SURFACE_MESSAGES, br_buf_text (&text),
                   "result text \"deep\"\n");
    br_buf_clear (&text);
    s_repeat (&text, "[", JSON_DEPTH_MAX + 1);
    s_repeat (&text, "]", JSON_DEPTH_MAX + 1);
    int count = 0;
    assert_int_equal (
        br_texts_of_request (CHAT, text.data, text.size, s_count, &count, NULL), -1);
    br_buf_free (&text);
}

static void
given_more_ends_than_fit_when_walked_then_all_end (void **state)
{
    (void) state;
    br_buf_t text;
    br_buf_init (&text, 1u << 20);
    br_buf_adds (&text, "{\"choices\":[");
    for (int i = 0; i <= BR_TEXT_ENDS_MAX; i++)
        br_buf_addf (&text, "%s{\"index\":%d,\"finish_reason\":\"stop\"}", i ? "," : "",
                     i);
    br_buf_adds (&text, "]}");
    texts_told_is (TEXTS_EVENT, CHAT, br_buf_text (&text), "end all\n");
    br_buf_free (&text);
}

static void
given_odd_indices_when_walked_then_channels_are_still_made (void **state)
{
    (void) state;
    texts_told_is (TEXTS_EVENT, CHAT,
                   "{\"choices\":[{\"index\":-1,\"delta\":{\"content\":\"A\"}},"
                   "{\"index\":1.5,\"delta\":{\"content\":\"B\"}},"
                   "{\"index\":7,\"delta\":{\"content\":\"C\"}}]}",
                   "answer text 1.0.0 \"A\"\nanswer text 1.0.1 \"B\"\n"
                   "answer text 1.0.7 \"C\"\n");
}

static void
given_a_number_of_an_event_when_walked_then_its_range_is_told (void **state)
{
    (void) state;
    static const char text[] = "{\"type\":\"ping\", \"sequence_number\" : 42 }";
    br_text_event_t event;
    int count = 0;
    assert_int_equal (br_texts_of_event (BR_SURFACE_RESPONSES, text, strlen (text),
                                         &event, s_count, &count, NULL),
                      0);
    assert_true (event.has_sequence);
    assert_int_equal (event.sequence_size, 2);
    assert_memory_equal (text + event.sequence_at, "42", 2);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_escaped_key_when_walked_then_it_is_the_same_key),
        cmocka_unit_test (given_doubles_of_a_member_when_walked_then_all_texts_count),
        cmocka_unit_test (given_blanks_and_escapes_when_walked_then_spans_are_exact),
        cmocka_unit_test (given_text_that_is_no_json_when_walked_then_nothing_is_told),
        cmocka_unit_test (
            given_a_listener_that_has_enough_when_walked_then_the_walk_ends),
        cmocka_unit_test (
            given_blocks_in_blocks_when_walked_then_the_deepest_text_is_told),
        cmocka_unit_test (given_more_ends_than_fit_when_walked_then_all_end),
        cmocka_unit_test (given_odd_indices_when_walked_then_channels_are_still_made),
        cmocka_unit_test (given_a_number_of_an_event_when_walked_then_its_range_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
