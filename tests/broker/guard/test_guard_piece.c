//  guard_piece: pieces of a body through a channel and back.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/broker/guard/streamed.h"

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "stop", "STOP[0-9]", "block" },
    { NULL, NULL, NULL },
};

//  A text in two pieces: what stands in the body behind each.
static void
s_check (br_text_form_t form, const char *first, const char *first_out,
         const char *second, const char *second_out)
{
    guard_rules_t *rules = channelled_rules (s_rows);
    guard_channel_t *channel = guard_channel_new (rules, 1, GUARD_DOWN,
                                                  guard_piece_form (form), NULL, NULL);
    guard_piece_t piece;
    guard_piece_init (&piece);
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    guard_piece_begin (&piece, channel, form);
    assert_int_equal (guard_piece_push (&piece, first, strlen (first), true), 0);
    guard_piece_write (&piece, &out);
    assert_string_equal (br_buf_text (&out), first_out);
    br_buf_clear (&out);
    guard_piece_begin (&piece, channel, form);
    assert_int_equal (guard_piece_push (&piece, second, strlen (second), true), 0);
    assert_int_equal (guard_piece_end (&piece), 0);
    guard_piece_write (&piece, &out);
    assert_string_equal (br_buf_text (&out), second_out);
    br_buf_free (&out);
    guard_piece_free (&piece);
    guard_channel_destroy (&channel);
    guard_rules_destroy (&rules);
}

static void
given_a_match_over_pieces_when_written_then_it_is_redacted_in_any_form (void **state)
{
    (void) state;
    s_check (BR_TEXT_STRING, "a\\n \\u0073ec", "\"a\\n \"", "1234\\t",
             "\"[REDACTED]\\t\"");
    s_check (BR_TEXT_STRING, "\\ud83d", "\"\"", "\\ude00", "\"\xF0\x9F\x98\x80\"");
    s_check (BR_TEXT_JSON_STRING, "[\\\"se", "\"[\\\"\"", "c1234\\\"]",
             "\"[REDACTED]\\\"]\"");
    s_check (BR_TEXT_JSON_VALUE, "[\"\\u0073", "[\"", "ec1234\"]", "[REDACTED]\"]");
}

static void
given_a_piece_when_nothing_is_held_or_changed_then_it_is_the_same (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    guard_channel_t *channel = guard_channel_new (rules, 1, GUARD_DOWN, GUARD_PLAIN, NULL,
                                                  NULL);
    guard_piece_t piece;
    guard_piece_init (&piece);
    guard_piece_begin (&piece, channel, BR_TEXT_STRING);
    assert_int_equal (guard_piece_push (&piece, "h\\u00e9", 7, true), 0);
    assert_true (guard_piece_is_same (&piece));
    assert_int_equal (guard_piece_push (&piece, "STOP", 4, true), 0);
    assert_false (guard_piece_is_same (&piece));
    assert_int_equal (guard_piece_push (&piece, "7", 1, true), -1);
    guard_piece_free (&piece);
    guard_channel_destroy (&channel);
    guard_rules_destroy (&rules);
}

static void
given_a_span_when_asked_then_its_inside_has_no_quotes (void **state)
{
    (void) state;
    size_t size = 0;
    assert_int_equal (guard_piece_inside (BR_TEXT_STRING, 5, &size), 1);
    assert_int_equal (size, 3);
    assert_int_equal (guard_piece_inside (BR_TEXT_JSON_VALUE, 5, &size), 0);
    assert_int_equal (size, 5);
    assert_int_equal (guard_piece_inside (BR_TEXT_BASE64, 5, &size), 0);
    assert_int_equal (size, 5);
}

//  What stands in a body in place of base64, that is whole.
static void
s_check_base64 (const char *given, const char *wanted)
{
    guard_rules_t *rules = channelled_rules (s_rows);
    guard_channel_t *channel = guard_channel_new (
        rules, 1, GUARD_DOWN, guard_piece_form (BR_TEXT_BASE64), NULL, NULL);
    guard_piece_t piece;
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    guard_piece_init (&piece);
    guard_piece_begin (&piece, channel, BR_TEXT_BASE64);
    assert_int_equal (guard_piece_push (&piece, given, strlen (given), true), 0);
    assert_int_equal (guard_piece_end (&piece), 0);
    guard_piece_write (&piece, &out);
    assert_string_equal (br_buf_text (&out), wanted);
    br_buf_free (&out);
    guard_piece_free (&piece);
    guard_channel_destroy (&channel);
    guard_rules_destroy (&rules);
}

static void
given_base64_when_written_then_what_it_says_is_redacted (void **state)
{
    (void) state;
    s_check_base64 ("bXkgc2VjMTIzNCDDqQ==", "bXkgW1JFREFDVEVEXSDDqQ==");
    s_check_base64 ("c2VjMTIzNCA_Pj4", "W1JFREFDVEVEXSA_Pj4");
    s_check_base64 ("aGVsbG8=", "aGVsbG8=");
    s_check_base64 ("", "");
    s_check_base64 ("sec1234 \\/!", "[REDACTED] /!");
    s_check_base64 ("sec1234", "[REDACTED]");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_match_over_pieces_when_written_then_it_is_redacted_in_any_form),
        cmocka_unit_test (
            given_a_piece_when_nothing_is_held_or_changed_then_it_is_the_same),
        cmocka_unit_test (given_a_span_when_asked_then_its_inside_has_no_quotes),
        cmocka_unit_test (given_base64_when_written_then_what_it_says_is_redacted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
