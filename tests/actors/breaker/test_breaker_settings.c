//  breaker_settings: what the slice says, and what it may not.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/breaker/breaker_settings.h"

static void
nothing_said_is_the_default (void **state)
{
    (void) state;
    breaker_settings_t settings;
    assert_int_equal (breaker_settings_read ("{}", &settings, NULL), 0);
    assert_int_equal (settings.failures, 5);
    assert_int_equal (settings.window_ms, 30000);
    assert_int_equal (settings.window_min, 20);
    assert_int_equal (settings.error_percent, 50);
    assert_int_equal (settings.open_ms, 15000);
    assert_int_equal (settings.open_max_ms, 300000);
}

static void
what_is_said_counts (void **state)
{
    (void) state;
    breaker_settings_t settings;
    const char *slice = "{\"failures\":0,\"window_ms\":1,\"window_min\":2,"
                        "\"error_percent\":100,\"open_ms\":9,\"open_max_ms\":3}";
    assert_int_equal (breaker_settings_read (slice, &settings, NULL), 0);
    assert_int_equal (settings.failures, 0);
    assert_int_equal (settings.window_ms, 1);
    assert_int_equal (settings.window_min, 2);
    assert_int_equal (settings.error_percent, 100);
    assert_int_equal (settings.open_ms, 9);
    assert_int_equal (settings.open_max_ms, 9); //  never shorter than the first
}

static void
what_makes_no_sense_is_refused (void **state)
{
    (void) state;
    static const char *const cases[][2] = {
        { "x", "no object" },
        { "[]", "no object" },
        { "{\"failures\":-1}", "failures must be" },
        { "{\"failures\":1.5}", "failures must be" },
        { "{\"failures\":\"5\"}", "failures must be" },
        { "{\"window_ms\":0}", "window_ms must be" },
        { "{\"error_percent\":101}", "error_percent must be" },
        { "{\"open_ms\":0}", "open_ms must be" },
        { "{\"open_max_ms\":1e300}", "open_max_ms must be" },
    };
    breaker_settings_t settings = { .failures = 77 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        br_error_t error = { .code = BR_OK };
        assert_int_equal (breaker_settings_read (cases[i][0], &settings, &error), -1);
        assert_int_equal (error.code, BR_ECONFIG);
        if (!strstr (error.text, cases[i][1]))
            fail_msg ("'%s' does not say '%s'", error.text, cases[i][1]);
        assert_int_equal (settings.failures, 77);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_said_is_the_default),
        cmocka_unit_test (what_is_said_counts),
        cmocka_unit_test (what_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
