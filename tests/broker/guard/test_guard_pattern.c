//  guard_pattern: what compiles and what is refused.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/guard/guard_pattern.h"

static int
s_compile (const char *regex, guard_pattern_t *pattern, br_error_t *error)
{
    *pattern = (guard_pattern_t) { .name = NULL };
    *error = (br_error_t) { .code = BR_OK };
    return guard_pattern_compile (pattern, regex, false, error);
}

static void
what_the_configuration_refuses_is_refused (void **state)
{
    (void) state;
    static const char *const regexes[] = { "",        "(",  "a\\Z",
                                           "(*UTF)a", "[a", "(?<=a{600})b" };
    for (size_t i = 0; i < sizeof regexes / sizeof *regexes; i++) {
        guard_pattern_t pattern;
        br_error_t error;
        if (s_compile (regexes[i], &pattern, &error) != -1)
            fail_msg ("%s", regexes[i]);
        assert_int_equal (error.code, BR_ECONFIG);
        guard_pattern_free (&pattern);
    }
}

//  Given a pattern that was not tried, then it has no machine code, so that rules are there
//  soon.
static void
machine_code_is_made_when_it_is_asked_for (void **state)
{
    (void) state;
    guard_pattern_t pattern;
    br_error_t error;
    assert_int_equal (s_compile ("ab+", &pattern, &error), 0);
    size_t size = 1;
    pcre2_pattern_info (pattern.code, PCRE2_INFO_JITSIZE, &size);
    assert_int_equal (size, 0);
    guard_pattern_quicken (&pattern);
    guard_pattern_quicken (&pattern);
    pcre2_pattern_info (pattern.code, PCRE2_INFO_JITSIZE, &size);
    uint32_t has_jit = 0;
    pcre2_config (PCRE2_CONFIG_JIT, &has_jit);
    assert_int_equal (size > 0, has_jit);
    guard_pattern_free (&pattern);
}

static void
a_lookbehind_tells_how_much_it_sees (void **state)
{
    (void) state;
    guard_pattern_t pattern;
    br_error_t error;
    assert_int_equal (s_compile ("(?<=abcd)e", &pattern, &error), 0);
    assert_true (pattern.behind >= 5);
    guard_pattern_free (&pattern);
}

static void
a_match_has_to_pass_all_checks (void **state)
{
    (void) state;
    guard_pattern_t pattern = { .name = NULL };
    pattern.check_count = guard_check_read ("mixed+entropy:2", pattern.checks, NULL);
    assert_true (guard_pattern_passes (&pattern, "abc123", 6, NULL, 0));
    assert_false (guard_pattern_passes (&pattern, "abcdef", 6, NULL, 0));
    assert_false (guard_pattern_passes (&pattern, "abc123", 6, "a1", 2));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_the_configuration_refuses_is_refused),
        cmocka_unit_test (machine_code_is_made_when_it_is_asked_for),
        cmocka_unit_test (a_lookbehind_tells_how_much_it_sees),
        cmocka_unit_test (a_match_has_to_pass_all_checks),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
