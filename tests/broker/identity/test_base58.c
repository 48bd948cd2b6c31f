//  base58: published cases, and what is none.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "broker/identity/base58.h"
#include "tests/broker/identity/vectors.h"

static void
published_cases_go_both_ways (void **state)
{
    (void) state;
    cJSON *json = vectors_read ("base58");
    const cJSON *row;
    cJSON_ArrayForEach (row, vectors_get (json, "vectors"))
    {
        uint8_t bytes[64];
        uint8_t back[64];
        size_t size = vectors_hex (row, "hex", bytes, sizeof bytes);
        const char *wanted = vectors_text (row, "base58");
        char *text = br_base58 (bytes, size);
        assert_string_equal (text, wanted);
        assert_int_equal (br_base58_read (text, strlen (text), back, sizeof back), size);
        assert_memory_equal (back, bytes, size);
        free (text);
    }
    cJSON_Delete (json);
}

static void
other_letters_are_refused (void **state)
{
    (void) state;
    uint8_t bytes[8];
    cJSON *json = vectors_read ("base58");
    const cJSON *row;
    cJSON_ArrayForEach (row, vectors_get (json, "reject"))
    {
        const char *text = cJSON_GetStringValue (row);
        assert_int_equal (br_base58_read (text, strlen (text), bytes, sizeof bytes), -1);
    }
    cJSON_Delete (json);
    assert_int_equal (br_base58_read ("a\0b", 3, bytes, sizeof bytes), -1);
    assert_int_equal (br_base58_read ("\xc3\xa9", 2, bytes, sizeof bytes), -1);
}

static void
what_does_not_fit_is_refused (void **state)
{
    (void) state;
    uint8_t bytes[BR_BASE58_MAX + 1];
    char letters[BR_BASE58_MAX + 1];
    memset (letters, 'z', sizeof letters);
    memset (bytes, 255, sizeof bytes);
    assert_int_equal (br_base58_read ("2g", 2, bytes, 0), -1);
    assert_int_equal (br_base58_read ("11", 2, bytes, 1), -1);
    assert_int_equal (br_base58_read (letters, sizeof letters, bytes, sizeof bytes), -1);
    assert_int_equal (br_base58_read (letters, BR_BASE58_MAX, bytes, sizeof bytes), 94);
    memset (bytes, 255, sizeof bytes);
    assert_null (br_base58 (bytes, sizeof bytes));
    char *text = br_base58 (bytes, BR_BASE58_MAX);
    assert_int_equal (strlen (text), 175);
    free (text);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (published_cases_go_both_ways),
        cmocka_unit_test (other_letters_are_refused),
        cmocka_unit_test (what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
