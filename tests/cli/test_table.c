//  table: columns are as wide as their widest cell, and cells obey nobody.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"

static const char *const s_heads[] = { "NAME", "N", "WHAT", NULL };

//  What the table prints. "caller frees"
static char *
s_print (const cli_table_t *table)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream (&text, &size);
    assert_non_null (file);
    cli_table_print (table, file);
    fclose (file);
    return text;
}

static void
test_columns_line_up (void **state)
{
    (void) state;
    cli_table_t *table = cli_table_new (s_heads);
    cli_table_add (table, "a");
    cli_table_addf (table, "%d", 12345);
    cli_table_add (table, "x");
    cli_table_add (table, "longer");
    cli_table_addf (table, "%d", 1);
    cli_table_add (table, NULL);
    char *text = s_print (table);
    assert_string_equal (text, "NAME    N      WHAT\n"
                               "a       12345  x\n"
                               "longer  1\n");
    free (text);
    cli_table_destroy (&table);
    assert_null (table);
    cli_table_destroy (&table);
}

static void
test_table_without_lines_prints_nothing (void **state)
{
    (void) state;
    cli_table_t *table = cli_table_new (s_heads);
    char *text = s_print (table);
    assert_string_equal (text, "");
    free (text);
    cli_table_destroy (&table);
}

static void
test_letters_of_two_bytes_are_one_wide (void **state)
{
    (void) state;
    static const char *const heads[] = { "A", "B", NULL };
    cli_table_t *table = cli_table_new (heads);
    cli_table_add (table, "\xc3\xa4\xc3\xb6");
    cli_table_add (table, "x");
    cli_table_add (table, "ab");
    cli_table_add (table, "y");
    char *text = s_print (table);
    assert_string_equal (text, "A   B\n\xc3\xa4\xc3\xb6  x\nab  y\n");
    free (text);
    cli_table_destroy (&table);
}

static void
test_short_last_line_is_printed (void **state)
{
    (void) state;
    cli_table_t *table = cli_table_new (s_heads);
    cli_table_add (table, "only");
    char *text = s_print (table);
    assert_string_equal (text, "NAME  N  WHAT\nonly\n");
    free (text);
    cli_table_destroy (&table);
}

static void
test_control_characters_are_replaced (void **state)
{
    (void) state;
    char *clean = cli_table_clean ("a\x1b[31mb\nc\x7f");
    assert_string_equal (clean, "a?[31mb?c?");
    free (clean);
    clean = cli_table_clean ("\xc2\x9b"
                             "2J\xc2\xa0\xe2\x86\x92\xf0\x9f\x98\x80");
    assert_string_equal (clean, "??2J\xc2\xa0\xe2\x86\x92\xf0\x9f\x98\x80");
    free (clean);
    clean = cli_table_clean ("\x9b"
                             "a\xff\xe2\x86");
    assert_string_equal (clean, "?a???");
    free (clean);
    clean = cli_table_clean (NULL);
    assert_string_equal (clean, "");
    free (clean);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_columns_line_up),
        cmocka_unit_test (test_table_without_lines_prints_nothing),
        cmocka_unit_test (test_letters_of_two_bytes_are_one_wide),
        cmocka_unit_test (test_short_last_line_is_printed),
        cmocka_unit_test (test_control_characters_are_replaced),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
