//  Members by the client's name for them.

#include "tests/broker/proto/messages/given.h"

static void
given_all_fields_when_asked_then_each_protocol_has_a_name (void **state)
{
    (void) state;
    for (unsigned field = 0; field < BR_FIELDS; field++)
        for (unsigned protocol = 0; protocol < BR_PROTOCOL_COUNT; protocol++)
            assert_non_null (
                br_field_name ((br_field_t) field, (br_protocol_t) protocol));
    assert_string_equal (br_field_name (BR_FIELD_STOP, BR_PROTOCOL_GOOGLE),
                         "generationConfig.stopSequences");
}

static void
given_losses_when_noted_then_they_are_told_in_the_client_s_words (void **state)
{
    (void) state;
    given_t given = given_other (BR_PROTOCOL_RESPONSES);
    const br_target_t target = { .model = "m", .provider = "p" };
    messages_out_t out = { .call = given.call,
                           .target = &target,
                           .arena = given.call->arena,
                           .losses = &given.losses,
                           .reterr = &given.error };
    messages_lose (&out, BR_FIELD_REASONING, false);
    messages_lose_at (&out, BR_TEXT ("input[0]"), "input", true);
    messages_lose_at (&out, BR_TEXT_NONE, "input", true);
    assert_dropped (&given, "reasoning");
    assert_changed (&given, "input[0]");
    assert_changed (&given, "input");
    assert_int_equal (messages_refuse (&out, BR_TEXT ("n"), "says no"), -1);
    assert_string_equal (given.error.text, "n: m at p says no");
    given_free (&given);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_all_fields_when_asked_then_each_protocol_has_a_name),
        cmocka_unit_test (
            given_losses_when_noted_then_they_are_told_in_the_client_s_words),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
