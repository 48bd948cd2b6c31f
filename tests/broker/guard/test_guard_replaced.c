//  guard_replaced: ranges of a text put in the body that it stands in.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_replaced.h"
#include "broker/proto/texts.h"

#define ROOM (4u << 20)

//  A body that is one text, from its first byte to its last, with rows replaced.
static void
s_check_sliced (br_text_form_t form, const char *body, const guard_replaced_t *rows,
                size_t count, const char *wanted, size_t slice)
{
    br_buf_t given, out;
    guard_edits_t edits;
    br_buf_init (&given, ROOM);
    br_buf_init (&out, ROOM);
    guard_edits_init (&edits);
    br_buf_add (&given, rows, count * sizeof *rows);
    bool in_string = form != BR_TEXT_JSON_VALUE;
    br_text_t inside = { body + in_string, strlen (body) - (in_string ? 2 : 0) };
    guard_replacing_t replacing;
    guard_replacing_init (&replacing);
    guard_replacing_begin (&replacing, &given, inside, in_string, in_string);
    int rc = 1;
    for (size_t cost = 0; rc == 1; cost = 0) {
        rc = guard_replacing_step (&replacing, slice, &edits, &cost);
        assert_true (cost > 0 || rc < 0);
    }
    assert_int_equal (rc, wanted ? 0 : -1);
    guard_replacing_free (&replacing);
    if (wanted) {
        assert_int_equal (guard_edits_write (&edits, br_text (body), &out, NULL), 0);
        assert_string_equal (br_buf_text (&out), wanted);
    }
    guard_edits_free (&edits);
    br_buf_free (&out);
    br_buf_free (&given);
}

static void
s_check (br_text_form_t form, const char *body, const guard_replaced_t *rows,
         size_t count, const char *wanted)
{
    static const size_t slices[] = { 1, 2, 5, 40, 1000, 65536 };
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++)
        if (slices[i] >= 1000 || strlen (body) < 1000)
            s_check_sliced (form, body, rows, count, wanted, slices[i]);
}

static void
given_a_string_when_ranges_are_put_then_its_other_escapes_stay (void **state)
{
    (void) state;
    static const guard_replaced_t rows[] = { { 1, 3, false }, { 4, 8, false } };
    s_check (BR_TEXT_STRING, "\"\\u0061bc\\n\\ud83d\\ude00e\\/\"", rows, 2,
             "\"\\u0061[REDACTED]\\n[REDACTED]e\\/\"");
}

static void
given_a_number_when_it_is_replaced_then_quotes_fit_what_carries_it (void **state)
{
    (void) state;
    static const guard_replaced_t rows[] = { { 5, 9, true } };
    s_check (BR_TEXT_JSON_VALUE, "{\"a\":1234}", rows, 1, "{\"a\":\"[REDACTED]\"}");
    s_check (BR_TEXT_JSON_STRING, "\"{\\\"a\\\":1234}\"", rows, 1,
             "\"{\\\"a\\\":\\\"[REDACTED]\\\"}\"");
}

static void
given_a_range_behind_the_text_when_put_then_it_fails (void **state)
{
    (void) state;
    static const guard_replaced_t rows[] = { { 1, 9, false } };
    s_check (BR_TEXT_STRING, "\"abc\"", rows, 1, NULL);
    s_check (BR_TEXT_JSON_VALUE, "[\"abc\"]", rows, 1, NULL);
    s_check (BR_TEXT_STRING, "\"\"", rows, 1, NULL);
}

//  A string is mapped in slices; ranges lie over their ends.
static void
given_a_long_string_when_ranges_are_put_anywhere_then_they_stand_there (void **state)
{
    (void) state;
    br_buf_t body, wanted;
    br_buf_init (&body, ROOM);
    br_buf_init (&wanted, ROOM);
    br_buf_addc (&body, '"');
    br_buf_addc (&wanted, '"');
    guard_replaced_t rows[8];
    uint64_t at = 0;
    for (size_t i = 0; i < 8; i++) {
        for (size_t k = 0; k < 5000; k++) {
            br_buf_adds (&body, "\\u00e9x");
            br_buf_adds (&wanted, "\\u00e9x");
        }
        at += 5000 * 3;
        rows[i] = (guard_replaced_t) { at, at + 3001, false };
        at += 3001;
        br_buf_adds (&wanted, "[REDACTED]");
        for (size_t k = 0; k < 3001; k++)
            br_buf_adds (&body, "\\u0079");
    }
    br_buf_addc (&body, '"');
    br_buf_addc (&wanted, '"');
    s_check (BR_TEXT_STRING, br_buf_text (&body), rows, 8, br_buf_text (&wanted));
    br_buf_free (&wanted);
    br_buf_free (&body);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_string_when_ranges_are_put_then_its_other_escapes_stay),
        cmocka_unit_test (
            given_a_number_when_it_is_replaced_then_quotes_fit_what_carries_it),
        cmocka_unit_test (given_a_range_behind_the_text_when_put_then_it_fails),
        cmocka_unit_test (
            given_a_long_string_when_ranges_are_put_anywhere_then_they_stand_there),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
