//  guard_replaced: ranges of a text put in the body that it stands in.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_replaced.h"

#define ROOM (4u << 20)

//  A body that is one text, from its first byte to its last, with rows replaced.
static void
s_check (br_text_form_t form, const char *body, const guard_replaced_t *rows,
         size_t count, const char *wanted)
{
    br_buf_t given, out;
    guard_edits_t edits;
    br_buf_init (&given, ROOM);
    br_buf_init (&out, ROOM);
    guard_edits_init (&edits);
    br_buf_add (&given, rows, count * sizeof *rows);
    br_text_span_t span = { .form = form, .size = strlen (body) };
    int rc = guard_replaced_put (&given, body, &span, &edits);
    assert_int_equal (rc, wanted ? 0 : -1);
    if (wanted) {
        assert_int_equal (guard_edits_write (&edits, br_text (body), &out, NULL), 0);
        assert_string_equal (br_buf_text (&out), wanted);
    }
    guard_edits_free (&edits);
    br_buf_free (&out);
    br_buf_free (&given);
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
