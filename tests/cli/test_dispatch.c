//  dispatch: words lead to one command, and everything else is wrong usage.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
static int
s_refuse (const cli_t *cli, int argc, char **argv)
{
    (void) cli;
    return cli_take_no_more ("take", 1, argc, argv);
}

static const cli_command_t s_take = { .name = "take",
                                      .args = "[--every N]",
                                      .about = "",
                                      .help = "  --watch   again\n",
                                      .run = s_refuse };
static const cli_command_t *const s_below[] = { &s_list, &s_take, NULL };
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

static int
s_run_any (const cli_t *cli, int argc, char **argv)
{
    (void) cli;
    (void) argv;
    return RAN + argc;
}

static void
test_given_another_name_then_it_leads_there_too (void **state)
{
    (void) state;
    const cli_t cli = { .json = false };
    static const cli_command_t account = {
        .name = "account", .other = "wallet", .args = "", .about = "", .run = s_run_any
    };
    static const cli_command_t *const below[] = { &account, NULL };
    static const cli_command_t program = {
        .name = "bitrouter", .args = "", .about = "", .commands = below
    };
    WORDS ("bitrouter", "wallet", "more");
    assert_int_equal (cli_dispatch (&cli, &program, argc, argv), RAN + 2);
}

static void
test_given_a_broker_then_only_commands_that_ask_one_run (void **state)
{
    (void) state;
    static const cli_command_t asks = {
        .name = "asks", .args = "", .about = "", .run = s_run_any, .takes_broker = true
    };
    static const cli_command_t works = {
        .name = "works", .args = "", .about = "", .run = s_run_any
    };
    static const cli_command_t *const below[] = { &asks, &works, NULL };
    static const cli_command_t program = {
        .name = "bitrouter", .args = "", .about = "", .commands = below
    };
    const cli_t cli = { .broker = "tcp://127.0.0.1:7701" };
    WORDS ("bitrouter", "asks");
    assert_int_equal (cli_dispatch (&cli, &program, argc, argv), RAN + 1);
    argv[1] = "works";
    assert_int_equal (cli_dispatch (&cli, &program, argc, argv), CLI_USAGE);
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

//  A group that runs takes what is none of its commands.
static void
test_group_that_runs_takes_other_words (void **state)
{
    (void) state;
    static const cli_command_t group = {
        .name = "list", .args = "NAME", .about = "", .run = s_run, .commands = s_below
    };
    static const cli_command_t *const commands[] = { &group, NULL };
    static const cli_command_t program = {
        .name = "bitrouter", .args = "", .about = "", .commands = commands
    };
    const cli_t cli = { .json = false };
    WORDS ("bitrouter", "list", "some-name");
    assert_int_equal (cli_dispatch (&cli, &program, argc, argv), RAN + 2);
    assert_int_equal (cli_dispatch (&cli, &program, 2, argv), CLI_USAGE);
}

//  What is on stderr after a command line.
static void
s_complain (int argc, char **argv, char *ret_text, size_t size)
{
    const cli_t cli = { .json = false };
    int saved = dup (STDERR_FILENO), pipes[2];
    assert_int_equal (pipe (pipes), 0);
    fflush (stderr);
    dup2 (pipes[1], STDERR_FILENO);
    int rc = cli_dispatch (&cli, &s_program, argc, argv);
    fflush (stderr);
    dup2 (saved, STDERR_FILENO);
    close (saved);
    close (pipes[1]);
    ssize_t got = read (pipes[0], ret_text, size - 1);
    close (pipes[0]);
    ret_text[got > 0 ? got : 0] = 0;
    assert_int_equal (rc, CLI_USAGE);
}

static void
test_an_option_that_is_nearly_right_is_named (void **state)
{
    (void) state;
    const struct {
        char *word;
        const char *wanted;
    } rows[] = {
        { (char[]) { "--wach" }, "'--watch'?" },
        { (char[]) { "--evry=3" }, "'--every'?" },
        { (char[]) { "--home" }, "'--home-dir'?" },
        { (char[]) { "--jsno" }, "'--json'?" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        WORDS ("bitrouter", "route", "take", rows[i].word);
        s_complain (argc, argv, text, sizeof text);
        assert_non_null (strstr (text, rows[i].wanted));
    }
}

static void
test_an_option_like_no_other_is_only_refused (void **state)
{
    (void) state;
    char text[512];
    WORDS ("bitrouter", "route", "take", "--frobnicate");
    s_complain (argc, argv, text, sizeof text);
    assert_null (strstr (text, "Did you mean"));
    assert_non_null (strstr (text, "takes no option '--frobnicate'"));
    char *group[] = { argv[0], argv[1], (char[]) { "--helo" }, NULL };
    s_complain (3, group, text, sizeof text);
    assert_non_null (strstr (text, "did you mean '--help'?"));
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
        cmocka_unit_test (test_given_another_name_then_it_leads_there_too),
        cmocka_unit_test (test_given_a_broker_then_only_commands_that_ask_one_run),
        cmocka_unit_test (test_help_does_not_run_the_command),
        cmocka_unit_test (test_group_alone_is_wrong_usage),
        cmocka_unit_test (test_group_that_runs_takes_other_words),
        cmocka_unit_test (test_an_option_that_is_nearly_right_is_named),
        cmocka_unit_test (test_an_option_like_no_other_is_only_refused),
        cmocka_unit_test (test_unknown_word_is_wrong_usage_even_with_help),
        cmocka_unit_test (test_unknown_word_below_a_group_is_wrong_usage),
        cmocka_unit_test (test_program_without_any_word_is_no_crash),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
