//  error: every row is whole, texts are cut and never overrun.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/error.h"

static void
test_set_fills_code_and_text (void **state)
{
    (void) state;
    br_error_t error = { 0 };
    int rc = br_error_set (&error, BR_ENOTFOUND, "no model %s", "gpt");
    assert_int_equal (rc, -1);
    assert_int_equal (error.code, BR_ENOTFOUND);
    assert_string_equal (error.text, "no model gpt");
}

static void
test_set_without_a_place_only_fails (void **state)
{
    (void) state;
    assert_int_equal (br_error_set (NULL, BR_EBUSY, "nobody %s", "reads"), -1);
}

static void
test_long_text_is_cut (void **state)
{
    (void) state;
    struct {
        br_error_t error;
        char guard;
    } place = { .guard = 'g' };
    br_error_set (&place.error, BR_EINTERNAL, "%2000d", 1);
    assert_int_equal (strlen (place.error.text), BR_ERROR_TEXT_MAX - 1);
    assert_int_equal (place.guard, 'g');
}

static void
test_broken_characters_become_question_marks (void **state)
{
    (void) state;
    br_error_t error;
    br_error_set (&error, BR_EINVALID, "'%.4s' '%s' %s", "abc\xc3\xa9", "\xff\x80",
                  "\xc3\xa9");
    assert_string_equal (error.text, "'abc?' '?"
                                     "?' \xc3\xa9");
}

static void
test_every_row_is_whole (void **state)
{
    (void) state;
    assert_int_equal (BR_OK, 0);
    assert_int_equal (br_code_status (BR_OK), 200);
    for (br_code_t code = BR_OK + 1; code < BR_ERROR_COUNT; code++) {
        assert_int_equal (br_code_name (code)[0], 'E');
        assert_in_range (br_code_status (code), 400, 599);
        assert_true (strlen (br_code_type (code)) > 0);
        assert_true (strlen (br_code_label (code)) > 0);
        assert_true (strlen (br_code_about (code)) > 0);
    }
}

static void
test_no_two_rows_share_a_name (void **state)
{
    (void) state;
    for (br_code_t a = BR_OK; a < BR_ERROR_COUNT; a++)
        for (br_code_t b = a + 1; b < BR_ERROR_COUNT; b++) {
            assert_string_not_equal (br_code_name (a), br_code_name (b));
            assert_string_not_equal (br_code_label (a), br_code_label (b));
        }
}

static void
test_row_is_that_of_the_table (void **state)
{
    (void) state;
    assert_string_equal (br_code_name (BR_EBUSY), "EBUSY");
    assert_string_equal (br_code_type (BR_EBUSY), "overloaded_error");
    assert_string_equal (br_code_label (BR_EBUSY), "overloaded");
    assert_int_equal (br_code_status (BR_EBUSY), 503);
}

static void
test_code_out_of_range_is_internal (void **state)
{
    (void) state;
    br_code_t wild[] = { BR_ERROR_COUNT, (br_code_t) 100000, (br_code_t) -1 };
    for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
        assert_string_equal (br_code_name (wild[i]), "EINTERNAL");
        assert_int_equal (br_code_status (wild[i]), 500);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_set_fills_code_and_text),
        cmocka_unit_test (test_set_without_a_place_only_fails),
        cmocka_unit_test (test_long_text_is_cut),
        cmocka_unit_test (test_broken_characters_become_question_marks),
        cmocka_unit_test (test_every_row_is_whole),
        cmocka_unit_test (test_no_two_rows_share_a_name),
        cmocka_unit_test (test_row_is_that_of_the_table),
        cmocka_unit_test (test_code_out_of_range_is_internal),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
