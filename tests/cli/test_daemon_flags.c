//  daemon_flags: what a command line says is filled in where nothing else is said.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "cli/daemon_flags.h"

#define PARSE(words) cli_daemon_flags_parse (words, sizeof words - 1, "/there")

static void
test_given_flags_of_before_then_they_are_filled_in (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    const char *topology = NULL;
    cli_daemon_flags_t *flags = PARSE (
        "bitrouter\0--home-dir\0/h\0--db=sqlite://x\0serve\0"
        "--log-level\0debug\0--topology\0processes\0");
    assert_non_null (flags);
    cli_daemon_flags_fill (flags, &cli, &topology);
    assert_string_equal (cli.flags.home_dir, "/h");
    assert_string_equal (cli.flags.db, "sqlite://x");
    assert_string_equal (cli.log_level, "debug");
    assert_string_equal (topology, "processes");
    assert_null (cli.flags.config_file);
    assert_null (cli.log_format);
    cli_daemon_flags_destroy (&flags);
    assert_null (flags);
    cli_daemon_flags_destroy (&flags);
}

static void
test_given_flags_of_now_then_they_stay (void **state)
{
    (void) state;
    cli_t cli = { .log_level = "warn" };
    const char *topology = "one";
    cli_daemon_flags_t *flags = PARSE (
        "bitrouter\0serve\0--log-level=debug\0--topology=hosts\0");
    cli_daemon_flags_fill (flags, &cli, &topology);
    assert_string_equal (cli.log_level, "warn");
    assert_string_equal (topology, "one");
    cli_daemon_flags_destroy (&flags);
}

static void
test_given_relative_paths_then_they_begin_where_the_server_lives (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    const char *topology = NULL;
    cli_daemon_flags_t *flags = PARSE (
        "bitrouter\0serve\0--config-file\0c.yaml\0--topology\0"
        "t.yaml\0--run-dir\0../run\0");
    cli_daemon_flags_fill (flags, &cli, &topology);
    assert_string_equal (cli.flags.config_file, "/there/c.yaml");
    assert_string_equal (cli.flags.run_dir, "/there/../run");
    assert_string_equal (topology, "/there/t.yaml");
    cli_daemon_flags_destroy (&flags);
}

static void
test_given_what_is_no_command_line_then_there_are_none (void **state)
{
    (void) state;
    cli_t cli = { .json = false };
    const char *topology = NULL;
    assert_null (PARSE (""));
    assert_null (PARSE ("bitrouter\0serve"));
    assert_null (PARSE ("bitrouter\0--home-dir=\0serve\0"));
    assert_null (cli_daemon_flags_new (0));
    cli_daemon_flags_fill (NULL, &cli, &topology);
    assert_null (topology);
}

static void
test_given_a_process_then_its_command_line_is_read (void **state)
{
    (void) state;
    cli_daemon_flags_t *flags = cli_daemon_flags_new (getpid ());
    assert_non_null (flags);
    cli_daemon_flags_destroy (&flags);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_flags_of_before_then_they_are_filled_in),
        cmocka_unit_test (test_given_flags_of_now_then_they_stay),
        cmocka_unit_test (
            test_given_relative_paths_then_they_begin_where_the_server_lives),
        cmocka_unit_test (test_given_what_is_no_command_line_then_there_are_none),
        cmocka_unit_test (test_given_a_process_then_its_command_line_is_read),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
