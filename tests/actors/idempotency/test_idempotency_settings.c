//  idempotency_settings: slices, good and bad.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/idempotency/idempotency_settings.h"

static void
an_empty_slice_has_the_defaults (void **state)
{
    (void) state;
    idempotency_settings_t settings;
    br_error_t error;
    assert_int_equal (idempotency_settings_read ("{}", &settings, &error), 0);
    assert_int_equal (settings.window_ms, 86400000);
    assert_int_equal (settings.bytes_max, 67108864);
    assert_int_equal (settings.answer_max, 4194304);
}

static void
members_are_taken (void **state)
{
    (void) state;
    idempotency_settings_t settings;
    br_error_t error;
    const char *slice = "{\"window_ms\":5,\"bytes_max\":0,\"answer_max\":7,\"more\":[]}";
    assert_int_equal (idempotency_settings_read (slice, &settings, &error), 0);
    assert_int_equal (settings.window_ms, 5);
    assert_int_equal (settings.bytes_max, 0);
    assert_int_equal (settings.answer_max, 7);
}

static void
what_makes_no_sense_is_refused_by_name (void **state)
{
    (void) state;
    static const struct {
        const char *slice;
        const char *name;
    } rows[] = {
        { "", "slice" },
        { "[]", "slice" },
        { "{\"window_ms\":0}", "window_ms" },
        { "{\"window_ms\":\"5\"}", "window_ms" },
        { "{\"bytes_max\":-1}", "bytes_max" },
        { "{\"bytes_max\":1e300}", "bytes_max" },
        { "{\"answer_max\":1.5}", "answer_max" },
        { "{\"answer_max\":67108865}", "answer_max" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        idempotency_settings_t settings = { .window_ms = 1 };
        br_error_t error;
        assert_int_equal (idempotency_settings_read (rows[i].slice, &settings, &error),
                          -1);
        assert_int_equal (error.code, BR_ECONFIG);
        assert_non_null (strstr (error.text, rows[i].name));
        assert_int_equal (settings.window_ms, 1);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_empty_slice_has_the_defaults),
        cmocka_unit_test (members_are_taken),
        cmocka_unit_test (what_makes_no_sense_is_refused_by_name),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
