//  text: comparing runs of bytes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/core/text.h"

static void
test_absent_is_not_empty_but_equals_it (void **state)
{
    (void) state;
    assert_null (br_text (NULL).at);
    assert_false (br_text_is (BR_TEXT_NONE, ""));
    assert_true (br_text_is (BR_TEXT (""), ""));
    assert_true (br_text_equal (BR_TEXT_NONE, BR_TEXT ("")));
    assert_true (br_text_is_blank (BR_TEXT_NONE));
}

static void
test_bytes_count_zero_bytes_too (void **state)
{
    (void) state;
    br_text_t text = BR_TEXT ("a\0b");
    assert_int_equal (text.size, 3);
    assert_false (br_text_is (text, "a"));
    assert_true (br_text_equal (text, BR_TEXT ("a\0b")));
    assert_false (br_text_equal (text, BR_TEXT ("a\0c")));
    assert_false (br_text_equal (text, BR_TEXT ("a")));
}

static void
test_beginnings_ends_and_parts (void **state)
{
    (void) state;
    br_text_t text = br_text ("models/x");
    assert_true (br_text_starts (text, "models/"));
    assert_true (br_text_starts (BR_TEXT_NONE, ""));
    assert_false (br_text_starts (text, "models/xy"));
    assert_true (br_text_ends (text, "/x"));
    assert_true (br_text_ends (BR_TEXT_NONE, ""));
    assert_false (br_text_ends (text, "y"));
    assert_true (br_text_has (text, "els"));
    assert_true (br_text_has (BR_TEXT_NONE, ""));
    assert_false (br_text_has (text, "ELS"));
    assert_false (br_text_has (BR_TEXT_NONE, "a"));
}

static void
test_blanks (void **state)
{
    (void) state;
    assert_true (br_text_is_blank (BR_TEXT (" \t\r\n")));
    assert_false (br_text_is_blank (BR_TEXT (" x ")));
    assert_false (br_text_is_blank (BR_TEXT ("\0")));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_absent_is_not_empty_but_equals_it),
        cmocka_unit_test (test_bytes_count_zero_bytes_too),
        cmocka_unit_test (test_beginnings_ends_and_parts),
        cmocka_unit_test (test_blanks),
    };
    return cmocka_run_group_tests_name ("text", tests, NULL, NULL);
}
