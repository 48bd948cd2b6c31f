//  dispatch: words lead to one command, and everything else is wrong usage.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/dispatch.h"

#define RAN 42 //  no status of the dispatcher itself

#define WORDS(...)                                                                       \
    char *argv[] = { __VA_ARGS__, NULL };                                                \
    int argc = sizeof argv / sizeof *argv - 1

//  Tells how many arguments arrived, with its own name.
static int
s_run (const cli_t *cli, int argc, char **argv)
{
    (void) cli;
    assert_string_equal (argv[0], "list");
    return RAN + argc;
}

static const cli_command_t s_list = {
    .name = "list", .args = "", .about = "", .run = s_run
};
static const cli_command_t *const s_below[] = { &s_list, NULL };
static const cli_command_t s_route = {
    .name = "route", .args = "COMMAND", .about = "", .commands = s_below
};
static const cli_command_t *const s_commands[] = { &s_route, NULL };
static const cli_command_t s_program = {
    .name = "bitrouter", .args = "COMMAND", .about = "", .commands = s_commands
};

static void
test_words_lead_down_to_the_command (void **state)
{
    (void) state;
    const cli_t cli = { .json = false };
    WORDS ("bitrouter", "route", "list", "more");
    assert_int_equal (cli_dispatch (&cli, &s_program, argc, argv), RAN + 2);
}

static void
test_help_does_not_run_the_command (void **state)
{
    (void) state;
    const cli_t cli = { .help = true };
    WORDS ("bitrouter", "route", "list");
    for (int count = 1; count <= argc; count++)
        assert_int_equal (cli_dispatch (&cli, &s_program, count, argv), CLI_OK);
}

static void
test_group_alone_is_wrong_usage (void **state)
{
    (void) state;
    const cli_t cli = { .json = false };
    WORDS ("bitrouter", "route");
    assert_int_equal (cli_dispatch (&cli, &s_program, 1, argv), CLI_USAGE);
    assert_int_equal (cli_dispatch (&cli, &s_program, argc, argv), CLI_USAGE);
}

static void
test_unknown_word_is_wrong_usage_even_with_help (void **state)
{
    (void) state;
    const cli_t plain = { .json = false }, help = { .help = true };
    WORDS ("bitrouter", "rout", "list");
    assert_int_equal (cli_dispatch (&plain, &s_program, argc, argv), CLI_USAGE);
    assert_int_equal (cli_dispatch (&help, &s_program, argc, argv), CLI_USAGE);
}

static void
test_unknown_word_below_a_group_is_wrong_usage (void **state)
{
    (void) state;
    const cli_t cli = { .json = false };
    WORDS ("bitrouter", "route", "--frob");
    assert_int_equal (cli_dispatch (&cli, &s_program, argc, argv), CLI_USAGE);
}

static void
test_program_without_any_word_is_no_crash (void **state)
{
    (void) state;
    const cli_t cli = { .json = false };
    char *argv[] = { NULL };
    assert_int_equal (cli_dispatch (&cli, &s_program, 0, argv), CLI_USAGE);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_words_lead_down_to_the_command),
        cmocka_unit_test (test_help_does_not_run_the_command),
        cmocka_unit_test (test_group_alone_is_wrong_usage),
        cmocka_unit_test (test_unknown_word_is_wrong_usage_even_with_help),
        cmocka_unit_test (test_unknown_word_below_a_group_is_wrong_usage),
        cmocka_unit_test (test_program_without_any_word_is_no_crash),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
