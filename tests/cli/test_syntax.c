//  Tests of cli/syntax.

#include "cli/syntax.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
s_is (const char **at, const char *name, const char *value)
{
    cli_option_t option;
    assert_true (cli_syntax_next (at, &option));
    assert_string_equal (option.name, name);
    assert_string_equal (option.value, value);
}

static void
s_ends (const char *at)
{
    cli_option_t option;
    assert_false (cli_syntax_next (&at, &option));
}

static void
given_arguments_when_they_are_read_then_options_and_values_come_out (void **state)
{
    (void) state;
    const char *at = "[--count N] [--follow] [-g | --set ID] --broker ENDPOINT [NAME...]";
    s_is (&at, "--count", "N");
    s_is (&at, "--follow", "");
    s_is (&at, "-g", "");
    s_is (&at, "--set", "ID");
    s_is (&at, "--broker", "ENDPOINT");
    s_ends (at);
}

static void
given_a_line_of_help_when_it_is_read_then_a_sentence_is_no_value (void **state)
{
    (void) state;
    const char *at = "-g, --generate-key A key is made; not a--b, -- or one-way";
    s_is (&at, "-g", "");
    s_is (&at, "--generate-key", "A");
    s_ends (at);
    at = "--yes Nothing is asked";
    s_is (&at, "--yes", "");
    s_ends (at);
}

static void
given_nothing_when_it_is_read_then_nothing_comes_out (void **state)
{
    (void) state;
    s_ends (NULL);
    s_ends ("");
    s_ends ("--");
    s_ends ("- -- ---x -9 --9");
}

static void
given_a_very_long_option_when_it_is_read_then_it_is_cut (void **state)
{
    (void) state;
    char text[200] = "--";
    memset (text + 2, 'a', sizeof text - 3);
    const char *at = text;
    cli_option_t option;
    assert_true (cli_syntax_next (&at, &option));
    assert_int_equal (strlen (option.name), CLI_SYNTAX_NAME_BYTES - 1);
    s_ends (at);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_arguments_when_they_are_read_then_options_and_values_come_out),
        cmocka_unit_test (
            given_a_line_of_help_when_it_is_read_then_a_sentence_is_no_value),
        cmocka_unit_test (given_nothing_when_it_is_read_then_nothing_comes_out),
        cmocka_unit_test (given_a_very_long_option_when_it_is_read_then_it_is_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
