//  tap_told: how many characters an answer has said.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/buf.h"
#include "broker/proto/codec.h"
#include "broker/proto/tap_told.h"

static const tap_told_t s_keys[] = {
    { .key = "content" },
    { .key = "args", .object = true },
    { .key = "text", .spare = true },
    { .key = NULL },
};

static uint64_t
s_told (const char *json)
{
    return tap_told (s_keys, (const uint8_t *) json, strlen (json));
}

static void
values_of_the_names_are_counted_in_characters (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        uint64_t told;
    } rows[] = {
        { "{\"content\":\"abc\"}", 3 },
        { "{ \"content\" :\n\"abc\" , \"content\":\"d\"}", 4 },
        { "{\"content\":\"\\\"a\\\\\"}", 3 },
        { "{\"content\":\"\\u00e4b\\n\"}", 3 },
        { "{\"content\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"}", 3 },
        { "{\"content\":\"\"}", 0 },
        { "{\"content\":null,\"other\":\"abc\"}", 0 },
        { "{\"other\":\"content\",\"a\":\"b\"}", 0 },
        { "{\"content\":[{\"text\":\"abc\"},{\"text\":\"de\"}]}", 5 },
        { "{\"content\":\"a\",\"text\":\"bcd\"}", 1 },
        { "{\"content\":{\"a\":\"b\"}}", 0 },
        { "{\"args\":{\"a\":\"}\"}}", 9 },
        { "{\"args\":{}}", 0 },
        { "{\"args\":{\"a\":[{},\"\\\"\"]},\"content\":\"a\"}", 16 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (s_told (rows[i].json) != rows[i].told)
            fail_msg ("%s: %u", rows[i].json, (unsigned) s_told (rows[i].json));
    assert_int_equal (tap_told (NULL, (const uint8_t *) "\"a\"", 3), 0);
}

//  Each in memory of its own size, so that a look behind the end is seen.
static void
bytes_that_are_cut_or_no_json_harm_nobody (void **state)
{
    (void) state;
    static const char json[] =
        "{\"content\":\"a\\u00e4\\\\\",\"args\":{\"a\":[\"b\"]}}]}";
    for (size_t size = 0; size < sizeof json; size++) {
        br_buf_t cut;
        br_buf_init (&cut, sizeof json);
        br_buf_add (&cut, json, size);
        (void) tap_told (s_keys, cut.data, cut.size);
        br_buf_free (&cut);
    }
}

//  An end that is sought again and again for each escape would take minutes.
static void
a_long_text_of_escapes_is_counted_in_one_go (void **state)
{
    (void) state;
    br_buf_t json;
    br_buf_init (&json, 16u << 20);
    br_buf_adds (&json, "{\"content\":\"");
    for (size_t i = 0; i < 1000000; i++)
        br_buf_adds (&json, "\\\"\\n");
    br_buf_adds (&json, "\"}");
    assert_int_equal (tap_told (s_keys, json.data, json.size), 2000000);
    br_buf_free (&json);
}

static void
characters_become_tokens_rounded_up (void **state)
{
    (void) state;
    assert_int_equal (tap_told_tokens (0), 0);
    assert_int_equal (tap_told_tokens (1), 1);
    assert_int_equal (tap_told_tokens (4), 1);
    assert_int_equal (tap_told_tokens (5), 2);
    assert_int_equal (tap_told_text ("a\xc3\xa4", 3), 2);
    assert_int_equal (tap_told_text (NULL, 0), 0);
}

//  ---- what each protocol says

static void
each_protocol_counts_what_it_says (void **state)
{
    (void) state;
    static const struct {
        br_protocol_t protocol;
        const char *event;
        uint64_t told;
    } rows[] = {
        { BR_PROTOCOL_CHAT, "{\"choices\":[{\"delta\":{\"content\":\"abcd\"}}]}", 4 },
        { BR_PROTOCOL_CHAT,
          "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"f\","
          "\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}",
          7 },
        { BR_PROTOCOL_CHAT,
          "{\"choices\":[{\"delta\":{\"reasoning\":\"abc\",\"reasoning_details\":[{"
          "\"type\":\"reasoning.text\",\"text\":\"abc\"}]}}]}",
          3 },
        { BR_PROTOCOL_COMPLETIONS, "{\"choices\":[{\"text\":\"abc\"}]}", 3 },
        { BR_PROTOCOL_MESSAGES,
          "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\","
          "\"text\":\"ab\"}}",
          2 },
        { BR_PROTOCOL_MESSAGES,
          "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\","
          "\"thinking\":\"abc\"}}",
          3 },
        { BR_PROTOCOL_MESSAGES,
          "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"input_json_delta\","
          "\"partial_json\":\"{\\\"a\"}}",
          3 },
        { BR_PROTOCOL_RESPONSES,
          "{\"type\":\"response.output_text.delta\",\"delta\":\"abc\"}", 3 },
        { BR_PROTOCOL_RESPONSES,
          "{\"type\":\"response.output_text.done\",\"text\":\"abc\"}", 0 },
        { BR_PROTOCOL_GOOGLE,
          "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"abc\"}]}}]}", 3 },
        { BR_PROTOCOL_GOOGLE,
          "{\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"f\","
          "\"args\":{\"a\":1}}}]}}]}",
          7 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const tap_reader_t *tap = br_codec_of (rows[i].protocol)->tap;
        uint64_t told = tap_told (tap->told_event, (const uint8_t *) rows[i].event,
                                  strlen (rows[i].event));
        if (told != rows[i].told)
            fail_msg ("%s: %u", rows[i].event, (unsigned) told);
    }
}

//  ---- as taps use it

static uint64_t
s_tapped (br_protocol_t protocol, bool stream, const char *bytes)
{
    tap_t *tap = tap_new (protocol, stream);
    tap_push (tap, bytes, strlen (bytes));
    tap_end (tap);
    uint64_t told = tap_result (tap)->told;
    tap_destroy (&tap);
    return told;
}

#define START                                                                            \
    "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{"            \
    "\"input_tokens\":9,\"output_tokens\":1}}}\n\n"
#define SAYS                                                                             \
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"           \
    "\"text_delta\",\"text\":\"hello\"}}\n\n"
#define LAST                                                                             \
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"        \
    "\"usage\":{\"output_tokens\":4}}\n\n"

static void
what_is_said_behind_a_first_count_is_measured (void **state)
{
    (void) state;
    assert_int_equal (s_tapped (BR_PROTOCOL_MESSAGES, true, START SAYS SAYS), 10);
    tap_t *tap = tap_new (BR_PROTOCOL_MESSAGES, true);
    tap_push (tap, START SAYS, strlen (START SAYS));
    assert_true (tap_result (tap)->usage.known);
    assert_true (tap_result (tap)->usage.open);
    tap_push (tap, LAST, strlen (LAST));
    assert_false (tap_result (tap)->usage.open);
    assert_int_equal (tap_result (tap)->usage.input, 9);
    assert_int_equal (tap_result (tap)->usage.output, 4);
    tap_destroy (&tap);
}

static void
a_plain_body_without_usage_is_measured (void **state)
{
    (void) state;
    assert_int_equal (s_tapped (BR_PROTOCOL_CHAT, false,
                                "{\"choices\":[{\"message\":{\"content\":\"hello\"}}],"
                                "\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}"
                                "}"),
                      5);
    assert_int_equal (s_tapped (BR_PROTOCOL_CHAT, false,
                                "{\"choices\":[{\"message\":{\"content\":\"hello\"}}],"
                                "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}"
                                "}"),
                      0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (values_of_the_names_are_counted_in_characters),
        cmocka_unit_test (bytes_that_are_cut_or_no_json_harm_nobody),
        cmocka_unit_test (a_long_text_of_escapes_is_counted_in_one_go),
        cmocka_unit_test (characters_become_tokens_rounded_up),
        cmocka_unit_test (each_protocol_counts_what_it_says),
        cmocka_unit_test (what_is_said_behind_a_first_count_is_measured),
        cmocka_unit_test (a_plain_body_without_usage_is_measured),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
