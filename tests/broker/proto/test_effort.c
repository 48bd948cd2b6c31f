//  How hard a model is to think, as a word that it takes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/proto/effort.h"

static br_number_t
s_number (const char *raw, double value)
{
    return (br_number_t) { .raw = br_text (raw), .value = value };
}

//  Of a client of Messages, at a provider of Chat.
static br_effort_choice_t
s_choose (const br_call_t *call, const char *provider, const char *model)
{
    br_target_t target = { .protocol = BR_PROTOCOL_CHAT,
                           .provider = provider,
                           .model = model };
    return br_effort_choose (call, &target);
}

static void
s_assert_effort (br_effort_t effort, const char *provider, const char *model,
                 br_effort_t taken)
{
    br_call_t *call = br_call_new (BR_PROTOCOL_MESSAGES);
    call->effort = effort;
    br_effort_choice_t choice = s_choose (call, provider, model);
    if (choice.effort != taken)
        print_message ("%s at %s: %s\n", br_effort_name (effort), model,
                       br_effort_name (choice.effort));
    assert_int_equal (choice.effort, taken);
    assert_int_equal (choice.changed, effort != taken);
    assert_int_equal (choice.field, BR_FIELD_EFFORT);
    br_call_destroy (&call);
}

static void
given_a_model_when_it_lacks_an_effort_then_the_nearest_lower_one_is_taken (void **state)
{
    (void) state;
    static const struct {
        br_effort_t effort;
        const char *model;
        br_effort_t taken;
    } rows[] = {
        { BR_EFFORT_XHIGH, "gpt-5", BR_EFFORT_HIGH },
        { BR_EFFORT_XHIGH, "o3", BR_EFFORT_HIGH },
        { BR_EFFORT_XHIGH, "o4-mini", BR_EFFORT_HIGH },
        { BR_EFFORT_XHIGH, "gpt-5.1", BR_EFFORT_HIGH },
        { BR_EFFORT_XHIGH, "gpt-5.1-codex-max", BR_EFFORT_XHIGH },
        { BR_EFFORT_XHIGH, "gpt-5.2", BR_EFFORT_XHIGH },
        { BR_EFFORT_XHIGH, "openai/gpt-5.4-mini", BR_EFFORT_XHIGH },
        { BR_EFFORT_MAX, "gpt-5", BR_EFFORT_HIGH },
        { BR_EFFORT_MAX, "gpt-5.2", BR_EFFORT_XHIGH },
        { BR_EFFORT_MEDIUM, "gpt-5-pro", BR_EFFORT_HIGH },
        { BR_EFFORT_MINIMAL, "gpt-5-mini", BR_EFFORT_MINIMAL },
        { BR_EFFORT_MINIMAL, "o3", BR_EFFORT_LOW },
        { BR_EFFORT_MINIMAL, "gpt-5.1", BR_EFFORT_LOW },
        { BR_EFFORT_MINIMAL, "gpt-5-codex", BR_EFFORT_LOW },
        { BR_EFFORT_NONE, "gpt-5.1", BR_EFFORT_NONE },
        { BR_EFFORT_NONE, "gpt-5", BR_EFFORT_MINIMAL },
        { BR_EFFORT_NONE, "o3-mini", BR_EFFORT_LOW },
        { BR_EFFORT_NONE, "nobody-knows", BR_EFFORT_LOW },
        { BR_EFFORT_XHIGH, "nobody-knows", BR_EFFORT_HIGH },
        { BR_EFFORT_MEDIUM, "nobody-knows", BR_EFFORT_MEDIUM },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        s_assert_effort (rows[i].effort, "openai", rows[i].model, rows[i].taken);
}

static void
given_none_and_high_alone_when_some_is_wanted_then_it_is_not_none (void **state)
{
    (void) state;
    s_assert_effort (BR_EFFORT_MEDIUM, "mistral", "magistral-medium", BR_EFFORT_HIGH);
    s_assert_effort (BR_EFFORT_NONE, "mistral", "magistral-medium", BR_EFFORT_NONE);
    s_assert_effort (BR_EFFORT_MEDIUM, "xai", "grok-3-mini", BR_EFFORT_LOW);
}

static void
given_tokens_when_an_effort_is_chosen_then_they_are_changed (void **state)
{
    (void) state;
    br_call_t *call = br_call_new (BR_PROTOCOL_MESSAGES);
    call->reasoning = BR_YES;
    call->budget = s_number ("31999", 31999);
    br_effort_choice_t choice = s_choose (call, "openai", "gpt-5");
    assert_int_equal (choice.effort, BR_EFFORT_HIGH);
    assert_int_equal (choice.field, BR_FIELD_BUDGET);
    assert_true (choice.changed);
    call->budget = s_number ("1024", 1024);
    assert_int_equal (s_choose (call, "openai", "o3").effort, BR_EFFORT_LOW);
    assert_int_equal (s_choose (call, "openai", "gpt-5").effort, BR_EFFORT_MINIMAL);
    call->budget = s_number ("-1", -1);
    choice = s_choose (call, "openai", "gpt-5");
    assert_int_equal (choice.effort, BR_EFFORT_UNSET);
    assert_false (choice.changed);
    br_call_destroy (&call);
}

static void
given_no_reasoning_when_the_model_always_thinks_then_the_least_is_a_change (void **state)
{
    (void) state;
    br_call_t *call = br_call_new (BR_PROTOCOL_MESSAGES);
    call->reasoning = BR_NO;
    br_effort_choice_t choice = s_choose (call, "openai", "gpt-5");
    assert_int_equal (choice.effort, BR_EFFORT_MINIMAL);
    assert_int_equal (choice.field, BR_FIELD_REASONING);
    assert_true (choice.changed);
    choice = s_choose (call, "openai", "gpt-5.1");
    assert_int_equal (choice.effort, BR_EFFORT_NONE);
    assert_false (choice.changed);
    call->budget = s_number ("0", 0);
    assert_false (s_choose (call, "openai", "gpt-5.2").changed);
    assert_true (s_choose (call, "openai", "o3").changed);
    br_call_destroy (&call);
}

static void
given_a_word_of_the_targets_own_protocol_then_it_is_left_as_it_is (void **state)
{
    (void) state;
    br_call_t *call = br_call_new (BR_PROTOCOL_CHAT);
    call->effort = BR_EFFORT_MAX;
    br_effort_choice_t choice = s_choose (call, "openai", "gpt-5");
    assert_int_equal (choice.effort, BR_EFFORT_MAX);
    assert_false (choice.changed);
    br_call_destroy (&call);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_model_when_it_lacks_an_effort_then_the_nearest_lower_one_is_taken),
        cmocka_unit_test (
            given_none_and_high_alone_when_some_is_wanted_then_it_is_not_none),
        cmocka_unit_test (given_tokens_when_an_effort_is_chosen_then_they_are_changed),
        cmocka_unit_test (
            given_no_reasoning_when_the_model_always_thinks_then_the_least_is_a_change),
        cmocka_unit_test (
            given_a_word_of_the_targets_own_protocol_then_it_is_left_as_it_is),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
