//  guard_plan: which rules hold for a call, and the same ones that go on behind a block.

#include "tests/cli/guard_fixture.h"

#define CONF                                                                             \
    "guardrails:\n" FIXTURE_FEW "  upgoing: {credentials: block, api_keys: redact}\n"    \
    "  custom_patterns: [{name: token, regex: tok_1, action: block}]\n"                  \
    "  rules:\n"                                                                         \
    "    - {keys: [bob], routes: [fast], upgoing: {pii_emails: redact}}\n"               \
    "    - {providers: [openai], upgoing: {pii_emails: block}}\n"

#define ARGS(...)                                                                        \
    char *argv[] = { __VA_ARGS__, NULL };                                                \
    int argc = sizeof argv / sizeof *argv - 1

//  The first pattern of a family.
static unsigned
s_first (const cli_guard_plan_t *plan, const char *family)
{
    for (unsigned i = 0; i < guard_rules_count (plan->rules); i++)
        if (strcmp (guard_rules_family (plan->rules, i), family) == 0)
            return i;
    fail_msg ("no pattern of %s", family);
    return 0;
}

static guard_action_t
s_emails (int argc, char **argv)
{
    cli_guard_plan_t plan;
    assert_int_equal (fixture_plan (&plan, CONF, argc, argv), CLI_OK);
    guard_action_t action = guard_rules_action (plan.rules, plan.sets, GUARD_UP,
                                                s_first (&plan, "pii_emails"));
    cli_guard_plan_close (&plan);
    return action;
}

//  Given a key, a route and a provider, then the rules for them hold; without a provider all
//  that might.
static void
test_rules_are_those_of_the_call (void **state)
{
    (void) state;
    ARGS ("guard", "--key", "bob", "--route", "fast", "--provider", "anthropic");
    assert_int_equal (s_emails (argc, argv), GUARD_REDACT);
    char *other[] = { "guard", "--key=bob", "--route=slow", "--provider=anthropic",
                      NULL };
    assert_int_equal (s_emails (4, other), GUARD_WARN);
    char *blocking[] = { "guard", "--provider", "openai", NULL };
    assert_int_equal (s_emails (3, blocking), GUARD_BLOCK);
    assert_int_equal (s_emails (1, other), GUARD_BLOCK);
}

//  Given rules that block, then the looking ones redact under the same numbers.
static void
test_looking_rules_never_block (void **state)
{
    (void) state;
    ARGS ("guard", "--key", "x");
    cli_guard_plan_t plan;
    assert_int_equal (fixture_plan (&plan, CONF, argc, argv), CLI_OK);
    assert_null (plan.looking);
    assert_int_equal (cli_guard_plan_look (&plan, NULL), 0);
    size_t count = guard_rules_count (plan.rules);
    assert_true (guard_rules_count (plan.looking) == count);
    for (unsigned i = 0; i < count; i++) {
        guard_action_t real = guard_rules_action (plan.rules, plan.sets, GUARD_UP, i);
        guard_action_t looking = guard_rules_action (plan.looking, plan.sets, GUARD_UP,
                                                     i);
        assert_string_equal (guard_rules_name (plan.rules, i),
                             guard_rules_name (plan.looking, i));
        assert_int_equal (looking, real == GUARD_BLOCK ? GUARD_REDACT : real);
    }
    assert_int_equal (guard_rules_action (plan.rules, plan.sets, GUARD_UP,
                                          s_first (&plan, "credentials")),
                      GUARD_BLOCK);
    cli_guard_plan_close (&plan);
}

static void
test_checks_are_told (void **state)
{
    (void) state;
    ARGS ("guard");
    cli_guard_plan_t plan;
    assert_int_equal (fixture_plan (&plan, CONF, argc, argv), CLI_OK);
    assert_non_null (cli_guard_plan_check (&plan, s_first (&plan, "pii_credit_cards")));
    unsigned last = (unsigned) guard_rules_count (plan.rules) - 1;
    assert_string_equal (guard_rules_name (plan.rules, last), "token");
    assert_null (cli_guard_plan_check (&plan, last));
    cli_guard_plan_close (&plan);
}

static void
test_broken_configuration_opens_nothing (void **state)
{
    (void) state;
    ARGS ("guard");
    cli_guard_plan_t plan;
    assert_int_equal (
        fixture_plan (&plan, "guardrails: {upgoing: {x: block}}\n", argc, argv),
        CLI_FAILED);
    assert_null (plan.conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_rules_are_those_of_the_call),
        cmocka_unit_test (test_looking_rules_never_block),
        cmocka_unit_test (test_checks_are_told),
        cmocka_unit_test (test_broken_configuration_opens_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
