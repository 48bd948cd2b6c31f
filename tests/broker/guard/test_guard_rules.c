//  guard_rules: a slice read, and what it says of patterns.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_rules_state.h"

static const char s_slice[] =
    "{\"families\":["
    "{\"id\":\"keys\",\"about\":\"Keys\",\"patterns\":["
    "{\"name\":\"a\",\"regex\":\"AKIA\\\\d+\",\"hints\":[\"AKIA\"],\"reach\":64},"
    "{\"name\":\"b\",\"regex\":\"(?<=x)y\",\"check\":\"mixed\",\"lead\":3}]},"
    "{\"id\":\"mails\",\"about\":\"Mails\",\"patterns\":["
    "{\"name\":\"m\",\"regex\":\"@\"}]}],"
    "\"custom\":[{\"name\":\"tok\",\"regex\":\"tok_[a-z]+\"},"
    "{\"name\":\"keys\",\"regex\":\"k\"}],"
    "\"sets\":[{\"upgoing\":{\"keys\":\"warn\"},\"custom_upgoing\":{\"tok\":\"warn\"}},"
    "{\"upgoing\":{\"keys\":\"block\",\"mails\":\"redact\"},"
    "\"custom_downgoing\":{\"keys\":\"redact\"},\"fail\":{\"mails\":\"open\"}},"
    "{\"fail\":{\"mails\":\"closed\",\"tok\":\"closed\"}}],"
    "\"allow\":[\"b\",\"a\",\"abc\"]}";

static guard_rules_t *
s_new (const char *slice)
{
    br_error_t error = { .code = BR_OK };
    guard_rules_t *rules = guard_rules_new (slice, &error);
    if (!rules)
        fail_msg ("%s", error.text);
    return rules;
}

static void
patterns_have_names_in_their_order (void **state)
{
    (void) state;
    guard_rules_t *rules = s_new (s_slice);
    assert_int_equal (guard_rules_count (rules), 5);
    assert_string_equal (guard_rules_name (rules, 1), "b");
    assert_string_equal (guard_rules_family (rules, 1), "keys");
    assert_string_equal (guard_rules_about (rules, 1), "Keys");
    assert_string_equal (guard_rules_name (rules, 3), "tok");
    assert_string_equal (guard_rules_family (rules, 3), "custom");
    assert_string_equal (guard_rules_about (rules, 3), "custom pattern 'tok'");
    guard_rules_destroy (&rules);
    guard_rules_destroy (&rules);
}

static void
of_two_sets_the_stricter_action_counts (void **state)
{
    (void) state;
    guard_rules_t *rules = s_new (s_slice);
    assert_int_equal (guard_rules_action (rules, 0, GUARD_UP, 0), GUARD_OFF);
    assert_int_equal (guard_rules_action (rules, 1, GUARD_UP, 0), GUARD_WARN);
    assert_int_equal (guard_rules_action (rules, 3, GUARD_UP, 0), GUARD_BLOCK);
    assert_int_equal (guard_rules_action (rules, 3, GUARD_DOWN, 0), GUARD_OFF);
    assert_int_equal (guard_rules_action (rules, 3, GUARD_UP, 2), GUARD_REDACT);
    guard_rules_destroy (&rules);
}

static void
a_family_and_a_custom_pattern_may_have_one_name (void **state)
{
    (void) state;
    guard_rules_t *rules = s_new (s_slice);
    assert_int_equal (guard_rules_action (rules, 3, GUARD_UP, 4), GUARD_OFF);
    assert_int_equal (guard_rules_action (rules, 3, GUARD_DOWN, 4), GUARD_REDACT);
    guard_rules_destroy (&rules);
}

static void
has_knows_the_strictest_of_each_set (void **state)
{
    (void) state;
    guard_rules_t *rules = s_new (s_slice);
    assert_true (guard_rules_has (rules, 1, GUARD_UP, GUARD_WARN));
    assert_false (guard_rules_has (rules, 1, GUARD_UP, GUARD_REDACT));
    assert_true (guard_rules_has (rules, 2, GUARD_UP, GUARD_BLOCK));
    assert_false (guard_rules_has (rules, 2, GUARD_DOWN, GUARD_BLOCK));
    assert_false (guard_rules_has (rules, 4, GUARD_UP, GUARD_OFF));
    guard_rules_destroy (&rules);
}

static void
a_warning_fails_open_and_all_else_closed_unless_said (void **state)
{
    (void) state;
    guard_rules_t *rules = s_new (s_slice);
    assert_true (guard_rules_fails_open (rules, 1, GUARD_UP, 0));
    assert_false (guard_rules_fails_open (rules, 3, GUARD_UP, 0));
    assert_true (guard_rules_fails_open (rules, 2, GUARD_UP, 2));
    assert_false (guard_rules_fails_open (rules, 6, GUARD_UP, 2));
    assert_false (guard_rules_fails_open (rules, 5, GUARD_UP, 3));
    guard_rules_destroy (&rules);
}

static void
allowed_values_are_whole_ones (void **state)
{
    (void) state;
    guard_rules_t *rules = s_new (s_slice);
    assert_true (guard_rules_allows (rules, "a", 1));
    assert_true (guard_rules_allows (rules, "abcd", 3));
    assert_true (guard_rules_allows (rules, "b", 1));
    assert_false (guard_rules_allows (rules, "ab", 2));
    assert_false (guard_rules_allows (rules, "c", 1));
    guard_rules_destroy (&rules);
}

static void
the_message_says_as_much_as_is_wanted (void **state)
{
    (void) state;
    static const char *const abouts[] = { "A", "B" };
    static const struct {
        const char *slice;
        const char *text;
    } rows[] = {
        { "{}", "guardrail blocked upgoing user message content: A, B. For more "
                "information, see https://github.com/bitrouter/bitrouter" },
        { "{\"block_message\":{\"include_help_link\":false}}",
          "guardrail blocked upgoing user message content: A, B" },
        { "{\"block_message\":{\"include_details\":false,\"include_help_link\":false}}",
          "guardrail blocked upgoing user message content" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        guard_rules_t *rules = s_new (rows[i].slice);
        br_buf_t out;
        br_buf_init (&out, 1000);
        guard_rules_message (rules, "upgoing user message", abouts, 2, &out);
        assert_string_equal (br_buf_text (&out), rows[i].text);
        br_buf_free (&out);
        guard_rules_destroy (&rules);
    }
}

static void
what_makes_no_sense_is_an_error_that_names_the_pattern (void **state)
{
    (void) state;
    static const struct {
        const char *slice;
        const char *word;
    } rows[] = {
        { "", "slice" },
        { "{\"families\":{}}", "families" },
        { "{\"families\":[{\"id\":\"f\"}]}", "'f'" },
        { "{\"families\":[{\"patterns\":[]}]}", "no id" },
        { "{\"families\":[{\"id\":\"f\",\"patterns\":[{\"regex\":\"a\"}]}]}", "no name" },
        { "{\"custom\":[{\"name\":\"p\"}]}", "'p'" },
        { "{\"custom\":[{\"name\":\"p\",\"regex\":\"(\"}]}", "'p'" },
        { "{\"custom\":[{\"name\":\"p\",\"regex\":\"a\",\"hints\":[1]}]}", "hint" },
        { "{\"custom\":[{\"name\":\"p\",\"regex\":\"a\",\"hints\":[\"\\\\s\"]}]}",
          "hint" },
        { "{\"custom\":[{\"name\":\"p\",\"regex\":\"a\",\"lead\":-1}]}", "lead" },
        { "{\"custom\":[{\"name\":\"p\",\"regex\":\"a\",\"reach\":1.5}]}", "reach" },
        { "{\"custom\":[{\"name\":\"p\",\"regex\":\"a\",\"check\":\"no\"}]}", "'no'" },
        { "{\"custom\":[{\"name\":\"p\",\"regex\":\"a\"},{\"name\":\"p\",\"regex\":\"b\"}"
          "]}",
          "twice" },
        { "{\"sets\":[{\"upgoing\":{\"f\":\"warn\"}}]}", "'f'" },
        { "{\"sets\":[{\"upgoing\":[1]}]}", "upgoing" },
        { "{\"sets\":[3]}", "sets" },
        { "{\"custom\":[{\"name\":\"p\",\"regex\":\"a\"}],"
          "\"sets\":[{\"custom_upgoing\":{\"p\":\"kill\"}}]}",
          "'p'" },
        { "{\"allow\":[1]}", "allow" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (guard_rules_new (rows[i].slice, &error));
        assert_int_equal (error.code, BR_ECONFIG);
        if (!strstr (error.text, rows[i].word))
            fail_msg ("%s: %s", rows[i].slice, error.text);
    }
}

static void
there_are_no_more_patterns_than_allowed (void **state)
{
    (void) state;
    br_buf_t slice;
    br_buf_init (&slice, 1 << 20);
    br_buf_adds (&slice, "{\"custom\":[");
    for (int i = 0; i <= GUARD_PATTERNS_MAX; i++)
        br_buf_addf (&slice, "%s{\"name\":\"p%d\",\"regex\":\"a\"}", i ? "," : "", i);
    br_buf_adds (&slice, "]}");
    br_error_t error = { .code = BR_OK };
    assert_null (guard_rules_new (br_buf_text (&slice), &error));
    assert_non_null (strstr (error.text, "512"));
    br_buf_free (&slice);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (patterns_have_names_in_their_order),
        cmocka_unit_test (of_two_sets_the_stricter_action_counts),
        cmocka_unit_test (a_family_and_a_custom_pattern_may_have_one_name),
        cmocka_unit_test (has_knows_the_strictest_of_each_set),
        cmocka_unit_test (a_warning_fails_open_and_all_else_closed_unless_said),
        cmocka_unit_test (allowed_values_are_whole_ones),
        cmocka_unit_test (the_message_says_as_much_as_is_wanted),
        cmocka_unit_test (what_makes_no_sense_is_an_error_that_names_the_pattern),
        cmocka_unit_test (there_are_no_more_patterns_than_allowed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
