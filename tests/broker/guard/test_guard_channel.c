//  guard_channel: texts on their way, cut anywhere.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "broker/core/json.h"
#include "tests/broker/guard/channelled.h"
#include "tests/corpus.h"

#define ALL_SETS 1

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "pair", "ab|bc", "redact" },
    { "remove", "rm -rf /", "redact" },
    { "key", "pass\": ?\"?[a-z0-9]+", "redact" },
    { "number", "77", "redact" },
    { "half", "\\xC3", "redact" },
    { "smile", "\\xF0\\x9F\\x98\\x80", "redact" },
    { "word", "\\bword\\b", "redact" },
    { NULL, NULL, NULL },
};

static const char *const s_blocks[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "stop", "STOP[0-9]", "block" },
    { NULL, NULL, NULL },
};

typedef struct {
    size_t found;
    uint64_t at;
    size_t size;
} heard_t;

static void
s_hear (void *arg, const guard_finding_t *finding)
{
    heard_t *heard = arg;
    heard->found++;
    heard->at = finding->at;
    heard->size = finding->size;
}

//  Two cuts; the first output is checked for what may not be there.
static void
s_check_cut (guard_rules_t *rules, guard_form_t form, const char *text, size_t cuts[2],
             const char *expected)
{
    guard_channel_t *channel = guard_channel_new (rules, ALL_SETS, GUARD_DOWN, form, NULL,
                                                  NULL);
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    size_t size = strlen (text);
    size_t stops[] = { 0, cuts[0], cuts[1], size };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal (
            channelled_push (channel, text + stops[i], stops[i + 1] - stops[i], &out), 0);
        assert_true (out.size <= strlen (expected));
        assert_memory_equal (br_buf_text (&out), expected, out.size);
    }
    assert_int_equal (guard_channel_end (channel, &out), 0);
    assert_string_equal (br_buf_text (&out), expected);
    assert_int_equal (guard_channel_held (channel), 0);
    assert_int_equal (guard_channel_is_changed (channel), strcmp (text, expected) != 0);
    br_buf_free (&out);
    guard_channel_destroy (&channel);
}

static void
s_check (guard_form_t form, const char *text, const char *expected)
{
    guard_rules_t *rules = channelled_rules (s_rows);
    assert_non_null (rules);
    size_t size = strlen (text);
    for (size_t first = 0; first <= size; first++)
        for (size_t second = first; second <= size; second++)
            s_check_cut (rules, form, text, (size_t[]) { first, second }, expected);
    guard_rules_destroy (&rules);
}

static void
given_a_match_when_cut_anywhere_then_it_is_redacted (void **state)
{
    (void) state;
    s_check (GUARD_PLAIN, "a sec1234 b", "a [REDACTED] b");
    s_check (GUARD_PLAIN, "sec1234", "[REDACTED]");
    s_check (GUARD_PLAIN, "sec12 sec123", "sec12 sec123");
    s_check (GUARD_PLAIN, "a word", "a [REDACTED]");
    s_check (GUARD_PLAIN, "a words", "a words");
}

static void
given_matches_that_touch_when_cut_anywhere_then_one_redaction_stands_there (void **state)
{
    (void) state;
    s_check (GUARD_PLAIN, "sec1234sec5678", "[REDACTED]");
    s_check (GUARD_PLAIN, "xabsec1234bcy", "x[REDACTED]y");
    s_check (GUARD_PLAIN, "xabcy", "x[REDACTED]cy");
}

static void
given_half_a_character_matched_when_cut_anywhere_then_all_of_it_goes (void **state)
{
    (void) state;
    s_check (GUARD_PLAIN, "x\xC3\xA9y", "x[REDACTED]y");
    s_check (GUARD_JSON, "{\"a\":\"x\xC3\xA9y\"}", "{\"a\":\"x[REDACTED]y\"}");
}

static void
given_json_with_escapes_when_cut_anywhere_then_the_view_counts_too (void **state)
{
    (void) state;
    s_check (GUARD_JSON, "{\"c\":\"rm\\u0020-rf \\/\"}", "{\"c\":\"[REDACTED]\"}");
    s_check (GUARD_JSON, "{\"c\":\"a\\nword\\nb\"}", "{\"c\":\"a\\n[REDACTED]\\nb\"}");
    s_check (GUARD_JSON, "[\"\\ud83d\\ude00!\"]", "[\"[REDACTED]!\"]");
    s_check (GUARD_JSON, "[\"\\ud83d!\"]", "[\"\\ud83d!\"]");
}

static void
given_a_match_over_key_and_value_when_given_then_the_key_stays (void **state)
{
    (void) state;
    s_check (GUARD_JSON, "{\"pass\":\"abc\",\"b\":1}",
             "{\"pass\":\"[REDACTED]\",\"b\":1}");
    s_check (GUARD_JSON, "{\"pass\": 12, \"b\":1}",
             "{\"pass\": \"[REDACTED]\", \"b\":1}");
}

static void
given_a_match_in_a_key_alone_when_given_then_the_key_is_redacted (void **state)
{
    (void) state;
    s_check (GUARD_JSON, "{\"xsec1234\":\"v\"}", "{\"x[REDACTED]\":\"v\"}");
    s_check (GUARD_JSON, "{\"sec1234pass\":\"v\"}",
             "{\"[REDACTED]pass\":\"[REDACTED]\"}");
    s_check (GUARD_JSON, "{\"\\u0073ec1234\":{\"a\":2}}", "{\"[REDACTED]\":{\"a\":2}}");
}

static void
given_a_match_in_a_number_when_given_then_a_string_stands_there (void **state)
{
    (void) state;
    s_check (GUARD_JSON, "{\"n\":1772,\"m\":[true,77]}",
             "{\"n\":\"[REDACTED]\",\"m\":[true,\"[REDACTED]\"]}");
}

static void
given_arguments_that_are_no_json_when_given_then_matches_go_all_the_same (void **state)
{
    (void) state;
    s_check (GUARD_JSON, "do sec1234", "do \"[REDACTED]\"");
    s_check (GUARD_JSON, "{\"a\":\"sec1234", "{\"a\":\"[REDACTED]");
    s_check (GUARD_JSON, "{\"a\":\"x\\", "{\"a\":\"x\\");
    s_check (GUARD_JSON, "}}\"sec1234\\u12", "}}\"[REDACTED]\\u12");
}

static void
given_a_match_that_both_views_see_when_told_then_it_is_told_once (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    heard_t heard = { 0 };
    guard_channel_t *channel = guard_channel_new (rules, ALL_SETS, GUARD_DOWN, GUARD_JSON,
                                                  s_hear, &heard);
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    const char *text = "[\"\\n sec1234\"]";
    assert_int_equal (channelled_push (channel, text, strlen (text), &out), 0);
    assert_int_equal (guard_channel_end (channel, &out), 0);
    assert_int_equal (heard.found, 1);
    assert_int_equal (heard.at, 5);
    assert_int_equal (heard.size, 7);
    br_buf_free (&out);
    guard_channel_destroy (&channel);
    guard_rules_destroy (&rules);
}

static void
given_what_could_become_a_match_when_pushed_then_that_alone_is_held (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_blocks);
    guard_channel_t *channel = guard_channel_new (rules, ALL_SETS, GUARD_DOWN,
                                                  GUARD_PLAIN, NULL, NULL);
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    assert_int_equal (channelled_push (channel, "hello sec12", 11, &out), 0);
    assert_string_equal (br_buf_text (&out), "hello ");
    assert_int_equal (guard_channel_held (channel), 5);
    guard_channel_reset (channel);
    assert_int_equal (guard_channel_held (channel), 0);
    br_buf_free (&out);
    guard_channel_destroy (&channel);
    guard_channel_destroy (&channel);
    guard_rules_destroy (&rules);
}

static void
given_a_rule_that_blocks_when_it_matches_then_nothing_is_given_any_more (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_blocks);
    guard_channel_t *channel = guard_channel_new (rules, ALL_SETS, GUARD_DOWN,
                                                  GUARD_PLAIN, NULL, NULL);
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    assert_int_equal (channelled_push (channel, "a STO", 5, &out), 0);
    assert_string_equal (br_buf_text (&out), "a ");
    assert_int_equal (channelled_push (channel, "P7 b", 4, &out), -1);
    assert_int_equal (channelled_push (channel, "c", 1, &out), -1);
    assert_int_equal (guard_channel_end (channel, &out), -1);
    assert_string_equal (br_buf_text (&out), "a ");
    br_buf_free (&out);
    guard_channel_destroy (&channel);
    guard_rules_destroy (&rules);
}

static void
given_a_long_text_when_pushed_at_once_then_it_passes (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    size_t size = 3u << 20;
    char *text = br_alloc (1, size);
    memset (text, 'x', size);
    memcpy (text + size / 2, "sec1234", 7);
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++) {
        guard_channel_t *channel = guard_channel_new (rules, ALL_SETS, GUARD_DOWN, form,
                                                      NULL, NULL);
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        assert_int_equal (channelled_push (channel, "[\"", 2, &out), 0);
        assert_int_equal (channelled_push (channel, text, size, &out), 0);
        assert_int_equal (channelled_push (channel, "\"]", 2, &out), 0);
        assert_int_equal (guard_channel_end (channel, &out), 0);
        assert_int_equal (out.size, size + 4 - 7 + strlen (GUARD_REDACTED));
        br_buf_free (&out);
        guard_channel_destroy (&channel);
    }
    free (text);
    guard_rules_destroy (&rules);
}

static const char *const s_endless[][3] = {
    { "endless", "z[^!]+!", "redact" },
    { NULL, NULL, NULL },
};

static void
given_more_than_may_be_held_when_it_fails_closed_then_it_is_redacted (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_endless);
    char text[1000];
    memset (text, 'a', sizeof text);
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++) {
        heard_t heard = { 0 };
        guard_channel_t *channel = guard_channel_new (rules, ALL_SETS, GUARD_DOWN, form,
                                                      s_hear, &heard);
        br_buf_t out;
        br_buf_init (&out, CHANNELLED_MAX);
        assert_int_equal (channelled_push (channel, "[\"b \\u007a", 10, &out), 0);
        for (size_t i = 0; i < 100; i++) {
            assert_int_equal (channelled_push (channel, text, sizeof text, &out), 0);
            assert_true (guard_channel_held (channel) < 2 * GUARD_HOLD_MAX);
        }
        assert_int_equal (channelled_push (channel, "z", 1, &out), 0);
        for (size_t i = 0; i < 100; i++)
            assert_int_equal (channelled_push (channel, text, sizeof text, &out), 0);
        assert_int_equal (guard_channel_end (channel, &out), 0);
        assert_true (out.size < 101 * sizeof text);
        assert_string_equal (br_buf_text (&out) + out.size - strlen (GUARD_REDACTED),
                             GUARD_REDACTED);
        assert_int_equal (heard.found, 1);
        br_buf_free (&out);
        guard_channel_destroy (&channel);
    }
    guard_rules_destroy (&rules);
}

//  It hits keys, values, numbers, structure, escapes and halves of characters.
static const char *const s_anything[][3] = {
    { "a", "e[a-z]|[0-9]{2}", "redact" },
    { "b", "\": ?\"?..|[{][^}]{1,7}[}]", "redact" },
    { "c", "\\\\[a-z]|[\\x80-\\xff]|u0", "redact" },
    { NULL, NULL, NULL },
};

static void
s_check_valid (void *arg, const char *file, const uint8_t *bytes, size_t size)
{
    guard_channel_t *channel = guard_channel_new (arg, ALL_SETS, GUARD_DOWN, GUARD_JSON,
                                                  NULL, NULL);
    br_buf_t whole, out;
    br_buf_init (&whole, CHANNELLED_MAX);
    br_buf_init (&out, CHANNELLED_MAX);
    assert_int_equal (guard_channel_push (channel, bytes, size, &whole), 0);
    assert_int_equal (guard_channel_end (channel, &whole), 0);
    guard_channel_reset (channel);
    for (size_t at = 0; at < size; at += 17)
        assert_int_equal (guard_channel_push (channel, bytes + at,
                                              size - at < 17 ? size - at : 17, &out),
                          0);
    assert_int_equal (guard_channel_end (channel, &out), 0);
    assert_string_equal (br_buf_text (&out), br_buf_text (&whole));
    json_scan_t scan;
    br_error_t error = { 0 };
    int is_json[2];
    for (size_t i = 0; i < 2; i++) {
        json_scan_begin (&scan, i ? whole.data : bytes, i ? whole.size : size, NULL, 0);
        is_json[i] = json_scan_step (&scan, SIZE_MAX, &error) == 0;
    }
    if (is_json[0] && !is_json[1])
        fail_msg ("%s: %s", file, error.text);
    br_buf_free (&out);
    br_buf_free (&whole);
    guard_channel_destroy (&channel);
}

static void
given_recorded_json_when_redacted_anywhere_then_it_is_json (void **state)
{
    (void) state;
    static const char *const folders[] = { "openai-chat", "openai-responses",
                                           "anthropic-messages", "google-generate" };
    guard_rules_t *rules = channelled_rules (s_anything);
    assert_non_null (rules);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        corpus_each (folders[i], ".json", s_check_valid, rules);
    guard_rules_destroy (&rules);
}

//  "smile" is the character that the two halves are.
static void
s_check_halves (const char *const pieces[3], const char *expected)
{
    guard_rules_t *rules = channelled_rules (s_rows);
    guard_channel_t *channel = guard_channel_new (rules, ALL_SETS, GUARD_DOWN,
                                                  GUARD_PLAIN, NULL, NULL);
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal (channelled_push (channel, pieces[i], strlen (pieces[i]), &out),
                          0);
    assert_int_equal (guard_channel_end (channel, &out), 0);
    assert_string_equal (br_buf_text (&out), expected);
    assert_int_equal (guard_channel_held (channel), 0);
    br_buf_free (&out);
    guard_channel_destroy (&channel);
    guard_rules_destroy (&rules);
}

static void
given_halves_of_a_pair_in_two_pieces_when_pushed_then_they_are_one_character (
    void **state)
{
    (void) state;
    static const char *const joined[] = { "a\xED\xA0\xBD", "", "\xED\xB8\x80z" };
    static const char *const others[] = { "\xED\xA0\xBD", "\xED\xA0\xBD",
                                          "\xED\xB8\x81" };
    static const char *const alone[] = { "a", "\xED\xB8\x80", "\xED\xA0\xBD" };
    s_check_halves (joined, "a[REDACTED]z");
    s_check_halves (others, "\xED\xA0\xBD\xF0\x9F\x98\x81");
    s_check_halves (alone, "a\xED\xB8\x80\xED\xA0\xBD");
}

static void
given_rows_to_note_in_when_ranges_are_replaced_then_they_are_there (void **state)
{
    (void) state;
    static const char text[] = "{\"a\":\"sec1234ab\",\"b\":177,\"c\":\"xab\"}";
    static const guard_replaced_t wanted[] = { { 6, 15, false },
                                               { 21, 24, true },
                                               { 31, 33, false } };
    guard_rules_t *rules = channelled_rules (s_rows);
    for (size_t cut = 0; cut < sizeof text - 1; cut++) {
        guard_channel_t *channel = guard_channel_new (rules, ALL_SETS, GUARD_DOWN,
                                                      GUARD_JSON, NULL, NULL);
        br_buf_t out, rows;
        br_buf_init (&out, CHANNELLED_MAX);
        br_buf_init (&rows, CHANNELLED_MAX);
        guard_channel_note (channel, &rows);
        assert_int_equal (channelled_push (channel, text, cut, &out), 0);
        assert_int_equal (
            channelled_push (channel, text + cut, sizeof text - 1 - cut, &out), 0);
        assert_int_equal (guard_channel_end (channel, &out), 0);
        const guard_replaced_t *row = (const guard_replaced_t *) (void *) rows.data;
        assert_int_equal (rows.size, sizeof wanted);
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
            assert_int_equal (row[i].from, wanted[i].from);
            assert_int_equal (row[i].to, wanted[i].to);
            assert_int_equal (row[i].has_quotes, wanted[i].has_quotes);
        }
        br_buf_free (&rows);
        br_buf_free (&out);
        guard_channel_destroy (&channel);
    }
    guard_rules_destroy (&rules);
}

//  in:   form, and a text; then what stands in front of what is undecided, and that
static void
s_check_undecided (guard_form_t form, const char *text, const char *before,
                   const char *undecided)
{
    static const char *const rows[][3] = { { "secret", "sec[0-9]{4}", "redact" },
                                           { NULL, NULL, NULL } };
    guard_rules_t *rules = channelled_rules (rows);
    guard_channel_t *channel = guard_channel_new (rules, 1, GUARD_DOWN, form, NULL, NULL);
    br_buf_t out, told;
    br_buf_init (&out, CHANNELLED_MAX);
    br_buf_init (&told, CHANNELLED_MAX);
    for (const char *at = text; *at; at++)
        assert_int_equal (channelled_push (channel, at, 1, &out), 0);
    guard_channel_before (channel, &told);
    assert_string_equal (br_buf_text (&told), before);
    br_buf_clear (&told);
    guard_channel_undecided (channel, &told);
    assert_int_equal (told.size, guard_channel_held (channel));
    assert_string_equal (br_buf_text (&told), undecided);
    br_buf_free (&told);
    br_buf_free (&out);
    guard_channel_destroy (&channel);
    guard_rules_destroy (&rules);
}

static void
given_an_undecided_end_when_asked_then_it_is_as_it_was_taken (void **state)
{
    (void) state;
    s_check_undecided (GUARD_PLAIN, "a b", "a b", "");
    s_check_undecided (GUARD_PLAIN, "a sec1234 sec1", "a sec1234 ", "sec1");
    s_check_undecided (
        GUARD_PLAIN,
        "123456789 123456789 123456789 123456789 123456789 123456789 123456789 sec",
        "789 123456789 123456789 123456789 123456789 123456789 123456789 ", "sec");
    s_check_undecided (GUARD_JSON, "{\"a\":\"b sec1", "\"", "sec1");
    s_check_undecided (GUARD_JSON, "{\"a\":1", "", "1");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_match_when_cut_anywhere_then_it_is_redacted),
        cmocka_unit_test (
            given_matches_that_touch_when_cut_anywhere_then_one_redaction_stands_there),
        cmocka_unit_test (
            given_half_a_character_matched_when_cut_anywhere_then_all_of_it_goes),
        cmocka_unit_test (
            given_json_with_escapes_when_cut_anywhere_then_the_view_counts_too),
        cmocka_unit_test (given_a_match_over_key_and_value_when_given_then_the_key_stays),
        cmocka_unit_test (
            given_a_match_in_a_key_alone_when_given_then_the_key_is_redacted),
        cmocka_unit_test (
            given_a_match_in_a_number_when_given_then_a_string_stands_there),
        cmocka_unit_test (
            given_arguments_that_are_no_json_when_given_then_matches_go_all_the_same),
        cmocka_unit_test (
            given_a_match_that_both_views_see_when_told_then_it_is_told_once),
        cmocka_unit_test (
            given_what_could_become_a_match_when_pushed_then_that_alone_is_held),
        cmocka_unit_test (
            given_a_rule_that_blocks_when_it_matches_then_nothing_is_given_any_more),
        cmocka_unit_test (given_a_long_text_when_pushed_at_once_then_it_passes),
        cmocka_unit_test (
            given_more_than_may_be_held_when_it_fails_closed_then_it_is_redacted),
        cmocka_unit_test (
            given_halves_of_a_pair_in_two_pieces_when_pushed_then_they_are_one_character),
        cmocka_unit_test (
            given_rows_to_note_in_when_ranges_are_replaced_then_they_are_there),
        cmocka_unit_test (given_recorded_json_when_redacted_anywhere_then_it_is_json),
        cmocka_unit_test (given_an_undecided_end_when_asked_then_it_is_as_it_was_taken),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
