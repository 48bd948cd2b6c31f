//  command: flags are found wherever they stand, and nothing else is taken.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

#define WORDS(...)                                                                       \
    char *argv[] = { __VA_ARGS__, NULL };                                                \
    int argc = sizeof argv / sizeof *argv - 1

static void
test_flags_are_taken_from_both_sides (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    WORDS ("bitrouter", "--home-dir", "/a", "route", "--json", "list", "--db=sqlite://x");
    assert_int_equal (cli_take_flags (&cli, &argc, argv), 0);
    assert_string_equal (cli.flags.home_dir, "/a");
    assert_string_equal (cli.flags.db, "sqlite://x");
    assert_true (cli.json);
    assert_false (cli.help);
    assert_int_equal (argc, 3);
    assert_string_equal (argv[1], "route");
    assert_string_equal (argv[2], "list");
    assert_null (argv[3]);
}

static void
test_flag_without_a_value_is_wrong (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    WORDS ("bitrouter", "status", "--run-dir");
    assert_int_equal (cli_take_flags (&cli, &argc, argv), -1);
    free (argv[2]);
}

static void
test_flag_with_an_empty_value_is_wrong (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    WORDS ("bitrouter", "--config-file=", "status");
    assert_int_equal (cli_take_flags (&cli, &argc, argv), -1);
}

static void
test_given_a_word_that_the_server_would_refuse_then_it_is_wrong (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    WORDS ("bitrouter", "--log-level", "loud", "restart");
    assert_int_equal (cli_take_flags (&cli, &argc, argv), -1);
    char *format[] = { argv[0], (char[]) { "--log-format=xml" }, NULL };
    cli_t other = { .json = false };
    argc = 2;
    assert_int_equal (cli_take_flags (&other, &argc, format), -1);
    char *fine[] = { argv[0], (char[]) { "--log-format=json" }, NULL };
    cli_t third = { .log_level = "warn" };
    argc = 2;
    assert_int_equal (cli_take_flags (&third, &argc, fine), 0);
}

static void
test_both_words_of_help_count (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    WORDS ("bitrouter", "serve", "-h");
    assert_int_equal (cli_take_flags (&cli, &argc, argv), 0);
    assert_true (cli.help);
    assert_int_equal (argc, 2);
}

static void
test_flag_that_only_begins_alike_stays (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    WORDS ("bitrouter", "--dbx", "y", "--json5");
    assert_int_equal (cli_take_flags (&cli, &argc, argv), 0);
    assert_null (cli.flags.db);
    assert_false (cli.json);
    assert_int_equal (argc, 4);
}

static void
test_words_behind_two_dashes_are_nobodys (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    WORDS ("bitrouter", "admin", "--", "--json");
    assert_int_equal (cli_take_flags (&cli, &argc, argv), 0);
    assert_false (cli.json);
    assert_int_equal (argc, 4);
}

static void
test_option_is_taken_in_both_spellings (void **state)
{
    (void) state;
    WORDS ("serve", "--topology", "one", "--bind=tcp://x", "rest");
    assert_string_equal (cli_take_option (&argc, argv, "--topology"), "one");
    assert_string_equal (cli_take_option (&argc, argv, "--bind"), "tcp://x");
    assert_null (cli_take_option (&argc, argv, "--bind"));
    assert_int_equal (argc, 2);
    assert_string_equal (argv[1], "rest");
}

static void
test_option_without_a_value_is_left_for_the_complaint (void **state)
{
    (void) state;
    WORDS ("serve", "--topology");
    assert_null (cli_take_option (&argc, argv, "--topology"));
    assert_string_equal (argv[1], "--topology needs a value");
    assert_int_equal (cli_take_no_more ("serve", 1, argc, argv), CLI_USAGE);
    assert_int_equal (cli_take_no_more ("serve", 2, argc, argv), CLI_USAGE);
    free (argv[1]);
}

static void
test_option_that_is_given_twice_is_left_for_the_complaint (void **state)
{
    (void) state;
    WORDS ("serve", "--topology=one", "--bind", "x", "--topology", "two");
    assert_null (cli_take_option (&argc, argv, "--topology"));
    assert_string_equal (argv[1], "--topology is given twice");
    assert_string_equal (cli_take_option (&argc, argv, "--bind"), "x");
    assert_int_equal (cli_take_no_more ("serve", 1, argc, argv), CLI_USAGE);
    free (argv[1]);
}

static void
test_flag_that_is_given_twice_is_wrong (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    WORDS ("bitrouter", "--db", "x", "status", "--db", "y");
    assert_int_equal (cli_take_flags (&cli, &argc, argv), -1);
    assert_string_equal (argv[1], "--db is given twice");
    free (argv[1]);
}

static void
test_switch_that_is_given_twice_is_left_for_the_complaint (void **state)
{
    (void) state;
    WORDS ("stop", "--no-wait", "--no-wait");
    assert_true (cli_take_switch (&argc, argv, "--no-wait"));
    assert_int_equal (argc, 2);
    assert_string_equal (argv[1], "--no-wait is given twice");
    assert_int_equal (cli_take_no_more ("stop", 1, argc, argv), CLI_USAGE);
    free (argv[1]);
}

static void
test_words_of_a_stranger_are_no_complaint (void **state)
{
    (void) state;
    WORDS ("topology show", "what needs a value");
    assert_int_equal (cli_take_no_more ("topology show", 2, argc, argv), CLI_OK);
}

static void
test_switch_takes_no_value (void **state)
{
    (void) state;
    WORDS ("stop", "--no-wait=yes", "--no-wait");
    assert_false (cli_take_switch (&argc, argv, "--wait"));
    assert_int_equal (argc, 3);
    assert_false (cli_take_switch (&argc, argv, "--no-wait"));
    assert_string_equal (argv[1], "--no-wait takes no value");
    assert_int_equal (cli_take_no_more ("stop", 1, argc, argv), CLI_USAGE);
    free (argv[1]);
}

static void
test_nothing_left_is_fine (void **state)
{
    (void) state;
    WORDS ("topology show", "one");
    assert_int_equal (cli_take_no_more ("topology show", 2, argc, argv), CLI_OK);
    assert_int_equal (cli_take_no_more ("topology show", 1, argc, argv), CLI_USAGE);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_flags_are_taken_from_both_sides),
        cmocka_unit_test (test_flag_without_a_value_is_wrong),
        cmocka_unit_test (test_flag_with_an_empty_value_is_wrong),
        cmocka_unit_test (
            test_given_a_word_that_the_server_would_refuse_then_it_is_wrong),
        cmocka_unit_test (test_both_words_of_help_count),
        cmocka_unit_test (test_flag_that_only_begins_alike_stays),
        cmocka_unit_test (test_words_behind_two_dashes_are_nobodys),
        cmocka_unit_test (test_option_is_taken_in_both_spellings),
        cmocka_unit_test (test_option_without_a_value_is_left_for_the_complaint),
        cmocka_unit_test (test_option_that_is_given_twice_is_left_for_the_complaint),
        cmocka_unit_test (test_flag_that_is_given_twice_is_wrong),
        cmocka_unit_test (test_switch_that_is_given_twice_is_left_for_the_complaint),
        cmocka_unit_test (test_words_of_a_stranger_are_no_complaint),
        cmocka_unit_test (test_switch_takes_no_value),
        cmocka_unit_test (test_nothing_left_is_fine),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
