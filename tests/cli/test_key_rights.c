//  key_rights: flags of rights, and what is refused. Output of commands is in test_keys.sh.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cli/key_rights.h"

#define NOW_S 1000000000
#define ARGS_MAX 32

//  Reads flags that stand in one text with blanks between; what is left is their count.
static int
s_take (const char *text, cli_rights_t *rights, int *ret_left)
{
    static const char s_command[] = "keygen";
    char words[1024];
    char *argv[ARGS_MAX] = { words };
    int argc = 1;
    snprintf (words, sizeof words, "%s %s", s_command, text);
    char *rest = NULL;
    strtok_r (words, " ", &rest);
    for (char *word; argc < ARGS_MAX - 1 && (word = strtok_r (NULL, " ", &rest));)
        argv[argc++] = word;
    int rc = cli_rights_take (rights, s_command, NOW_S, &argc, argv);
    if (ret_left)
        *ret_left = argc - 1;
    return rc;
}

static void
without_flags_it_is_a_key_for_everything (void **state)
{
    (void) state;
    int left;
    cli_rights_t rights;
    assert_int_equal (s_take ("other --frob", &rights, &left), CLI_OK);
    assert_int_equal (left, 2);
    assert_int_equal (rights.scope, BR_SCOPE_API);
    assert_int_equal (rights.expires_s, 0);
    assert_null (rights.models);
    assert_false (rights.budgeted);
    cli_rights_clear (&rights);
}

static void
all_flags_are_taken_out (void **state)
{
    (void) state;
    int left;
    cli_rights_t rights;
    assert_int_equal (
        s_take ("--scope admin --exp=1h --models a,b --tools c/* --budget 7 "
                "--budget-scope account --budget-range duration:9s",
                &rights, &left),
        CLI_OK);
    assert_int_equal (left, 0);
    assert_int_equal (rights.scope, BR_SCOPE_ADMIN);
    assert_int_equal (rights.expires_s, NOW_S + 3600);
    assert_string_equal (rights.models[1], "b");
    assert_string_equal (rights.tools[0], "c/*");
    assert_int_equal (rights.budget_nusd, 7000);
    assert_int_equal (rights.budget_scope, BR_BUDGET_ACCOUNT);
    assert_int_equal (rights.budget_range, BR_BUDGET_DURATION);
    assert_int_equal (rights.budget_extent, 9);
    cli_rights_clear (&rights);
    assert_null (rights.models);
}

static void
an_end_is_a_time_or_a_while (void **state)
{
    (void) state;
    static const struct {
        const char *flags;
        uint64_t expires_s;
    } s_rows[] = {
        { "--exp never", 0 },
        { "--exp 5", 5 },
        { "--exp 4102444800", 4102444800 },
        { "--exp 1s", NOW_S + 1 },
        { "--exp 0s", 0 },
        { "--exp 2m", NOW_S + 120 },
        { "--exp 1d", NOW_S + 86400 },
        { "--exp 1y", NOW_S + 31536000 },
    };
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++) {
        cli_rights_t rights;
        bool good = strcmp (s_rows[i].flags, "--exp 0s") != 0;
        assert_int_equal (s_take (s_rows[i].flags, &rights, NULL),
                          good ? CLI_OK : CLI_USAGE);
        if (good)
            assert_int_equal (rights.expires_s, s_rows[i].expires_s);
        cli_rights_clear (&rights);
    }
}

static void
wrong_flags_are_wrong_usage (void **state)
{
    (void) state;
    static const char *const s_flags[] = {
        "--scope root",
        "--exp 5w",
        "--exp 1hh",
        "--exp -1",
        "--exp 0",
        "--exp 9223372036854775808",
        "--exp 9223372036854775807s",
        "--exp 300000000000y",
        "--models ,",
        "--tools a,",
        "--budget x",
        "--budget 1k",
        "--budget 9223372036854776",
        "--budget-scope session",
        "--budget 1 --budget-scope x",
        "--budget 1 --budget-range x",
        "--budget 1 --budget-range rounds:",
        "--budget 1 --budget-range rounds:1s",
        "--budget 1 --budget-range duration:1",
        "--budget-range rounds:1",
    };
    for (size_t i = 0; i < sizeof s_flags / sizeof *s_flags; i++) {
        cli_rights_t rights;
        if (s_take (s_flags[i], &rights, NULL) != CLI_USAGE)
            fail_msg ("%s", s_flags[i]);
        assert_null (rights.models);
        assert_null (rights.tools);
    }
}

static void
an_admin_needs_an_end (void **state)
{
    (void) state;
    cli_rights_t rights;
    assert_int_equal (s_take ("--scope admin --models a", &rights, NULL), CLI_FAILED);
    assert_null (rights.models);
    assert_int_equal (s_take ("--scope admin --exp never", &rights, NULL), CLI_FAILED);
}

static void
a_number_has_a_least (void **state)
{
    (void) state;
    uint64_t number = 9;
    char words[] = "--rpm\0005";
    char *argv[] = { words, words, words + 6, NULL };
    int argc = 3;
    assert_int_equal (
        cli_rights_take_number ("key sign", "--tpm", 1, &argc, argv, &number), CLI_OK);
    assert_int_equal (number, 9);
    assert_int_equal (
        cli_rights_take_number ("key sign", "--rpm", 6, &argc, argv, &number), CLI_USAGE);
    char *again[] = { words, words, words + 6, NULL };
    argc = 3;
    assert_int_equal (
        cli_rights_take_number ("key sign", "--rpm", 5, &argc, again, &number), CLI_OK);
    assert_int_equal (number, 5);
    assert_int_equal (argc, 1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (without_flags_it_is_a_key_for_everything),
        cmocka_unit_test (all_flags_are_taken_out),
        cmocka_unit_test (an_end_is_a_time_or_a_while),
        cmocka_unit_test (wrong_flags_are_wrong_usage),
        cmocka_unit_test (an_admin_needs_an_end),
        cmocka_unit_test (a_number_has_a_least),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
