//  guard_scope: sets by key, route and provider.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_scope.h"

static const char s_slice[] =
    "{\"sets\":[{\"strictest\":{\"upgoing\":\"warn\",\"downgoing\":\"off\"}},"
    "{\"keys\":[\"team-*\",\"ci\"],\"strictest\":{\"upgoing\":\"block\"}},"
    "{\"routes\":[\"openai/*\"],\"providers\":[\"openai\"],"
    "\"upgoing\":{\"api_keys\":\"warn\",\"pii\":\"redact\"},"
    "\"custom_downgoing\":{\"token\":\"block\"}}]}";

static guard_scope_t *
s_new (const char *slice)
{
    br_error_t error = { .code = BR_OK };
    guard_scope_t *scope = guard_scope_new (slice, &error);
    if (!scope)
        assert_int_equal (error.code, BR_ECONFIG);
    return scope;
}

static void
a_call_is_under_the_sets_of_its_key_and_route (void **state)
{
    (void) state;
    guard_scope_t *scope = s_new (s_slice);
    assert_non_null (scope);
    assert_int_equal (guard_scope_of (scope, "", "gpt"), 1);
    assert_int_equal (guard_scope_of (scope, "team-a", "gpt"), 3);
    assert_int_equal (guard_scope_of (scope, "ci", "openai/gpt"), 7);
    assert_int_equal (guard_scope_of (scope, "cio", "openai"), 1);
    guard_scope_destroy (&scope);
    guard_scope_destroy (&scope);
    guard_scope_destroy (NULL);
}

static void
a_provider_leaves_the_sets_that_are_for_it (void **state)
{
    (void) state;
    guard_scope_t *scope = s_new (s_slice);
    assert_int_equal (guard_scope_for (scope, 7, "openai"), 7);
    assert_int_equal (guard_scope_for (scope, 7, "anthropic"), 3);
    assert_int_equal (guard_scope_for (scope, 4, "anthropic"), 0);
    guard_scope_destroy (&scope);
}

static void
the_strictest_action_of_all_sets_counts (void **state)
{
    (void) state;
    guard_scope_t *scope = s_new (s_slice);
    assert_int_equal (guard_scope_strictest (scope, 0, GUARD_UP), GUARD_OFF);
    assert_int_equal (guard_scope_strictest (scope, 1, GUARD_UP), GUARD_WARN);
    assert_int_equal (guard_scope_strictest (scope, 1, GUARD_DOWN), GUARD_OFF);
    assert_int_equal (guard_scope_strictest (scope, 3, GUARD_UP), GUARD_BLOCK);
    guard_scope_destroy (&scope);
}

static void
without_a_word_it_follows_from_the_rules (void **state)
{
    (void) state;
    guard_scope_t *scope = s_new (s_slice);
    assert_int_equal (guard_scope_strictest (scope, 4, GUARD_UP), GUARD_REDACT);
    assert_int_equal (guard_scope_strictest (scope, 4, GUARD_DOWN), GUARD_BLOCK);
    guard_scope_destroy (&scope);
}

static void
no_sets_is_no_set (void **state)
{
    (void) state;
    guard_scope_t *scope = s_new ("{}");
    assert_int_equal (guard_scope_of (scope, "a", "b"), 0);
    guard_scope_destroy (&scope);
}

static void
what_makes_no_sense_is_an_error (void **state)
{
    (void) state;
    static const char *const slices[] = {
        "",
        "[]",
        "{\"sets\":{}}",
        "{\"sets\":[1]}",
        "{\"sets\":[{\"keys\":\"a\"}]}",
        "{\"sets\":[{\"routes\":[1]}]}",
        "{\"sets\":[{\"strictest\":{\"upgoing\":\"kill\"}}]}",
        "{\"sets\":[{\"upgoing\":{\"a\":1}}]}"
    };
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++)
        assert_null (s_new (slices[i]));
}

static void
rules_for_tools_are_seen (void **state)
{
    (void) state;
    static const struct {
        const char *slice;
        bool has_tools;
    } rows[] = {
        { "{}", false },
        { "{\"tools\":true}", true },
        { "{\"tools\":false}", false },
        { "{\"tools\":{},\"sets\":[]}", false },
        { "{\"tools\":{\"*\":{}},\"sets\":[{}]}", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        guard_scope_t *scope = s_new (rows[i].slice);
        assert_int_equal (guard_scope_has_tools (scope), rows[i].has_tools);
        guard_scope_destroy (&scope);
    }
}

//  Given sets that say nothing of it, then those that redact or block fail closed.
static void
sets_pass_when_all_their_rules_fail_open (void **state)
{
    (void) state;
    guard_scope_t *scope = s_new (
        "{\"sets\":[{\"strictest\":{\"upgoing\":\"block\",\"downgoing\":\"redact\"},"
        "\"fail_open\":{\"upgoing\":true,\"downgoing\":false}},"
        "{\"strictest\":{\"upgoing\":\"redact\",\"downgoing\":\"warn\"}},"
        "{\"strictest\":{\"upgoing\":\"warn\"},\"fail_open\":{\"upgoing\":false}}]}");
    assert_non_null (scope);
    assert_true (guard_scope_is_open (scope, 0, GUARD_UP));
    assert_true (guard_scope_is_open (scope, 1, GUARD_UP));
    assert_false (guard_scope_is_open (scope, 1, GUARD_DOWN));
    assert_false (guard_scope_is_open (scope, 2, GUARD_UP));
    assert_true (guard_scope_is_open (scope, 2, GUARD_DOWN));
    assert_false (guard_scope_is_open (scope, 3, GUARD_UP));
    assert_false (guard_scope_is_open (scope, 4, GUARD_UP));
    assert_true (guard_scope_is_open (scope, 4, GUARD_DOWN));
    guard_scope_destroy (&scope);
    assert_null (s_new ("{\"sets\":[{\"fail_open\":{\"upgoing\":\"yes\"}}]}"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_call_is_under_the_sets_of_its_key_and_route),
        cmocka_unit_test (a_provider_leaves_the_sets_that_are_for_it),
        cmocka_unit_test (the_strictest_action_of_all_sets_counts),
        cmocka_unit_test (sets_pass_when_all_their_rules_fail_open),
        cmocka_unit_test (without_a_word_it_follows_from_the_rules),
        cmocka_unit_test (no_sets_is_no_set),
        cmocka_unit_test (what_makes_no_sense_is_an_error),
        cmocka_unit_test (rules_for_tools_are_seen),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
