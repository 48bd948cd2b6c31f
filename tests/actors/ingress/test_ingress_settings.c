//  ingress_settings: members of the slice, and their defaults.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_settings.h"

static void
an_empty_slice_has_the_defaults (void **state)
{
    (void) state;
    ingress_settings_t *settings = ingress_settings_new ("{}", NULL);
    assert_non_null (settings);
    assert_null (settings->listen[0]);
    assert_false (settings->listen_given);
    assert_false (settings->skip_auth);
    assert_int_equal (settings->body_max, INGRESS_BODY_MAX);
    assert_int_equal (settings->header_max, INGRESS_HEADER_MAX);
    ingress_settings_destroy (&settings);
    ingress_settings_destroy (&settings);
}

static void
every_member_is_read (void **state)
{
    (void) state;
    ingress_settings_t *settings = ingress_settings_new (
        "{\"listen\":[\"a:1\",\"b:2\"],\"listen_given\":true,\"reuse_port\":true,"
        "\"body_max\":100,\"header_max\":200,\"skip_auth\":true,"
        "\"cors_origins\":[\"https://x\"],\"hosts\":[\"h\"],\"pass_headers\":[\"p\"],"
        "\"unknown\":1}",
        NULL);
    assert_non_null (settings);
    assert_string_equal (settings->listen[1], "b:2");
    assert_null (settings->listen[2]);
    assert_true (settings->listen_given && settings->reuse_port && settings->skip_auth);
    assert_int_equal (settings->body_max, 100);
    assert_int_equal (settings->header_max, 200);
    assert_string_equal (settings->cors_origins[0], "https://x");
    assert_string_equal (settings->hosts[0], "h");
    assert_string_equal (settings->pass_headers[0], "p");
    ingress_settings_destroy (&settings);
}

static void
what_makes_no_sense_is_refused (void **state)
{
    (void) state;
    static const char *const slices[] = { "", "[]", "{\"listen\":\"a:1\"}",
                                          "{\"listen\":[\"a\",1]}",
                                          "{\"cors_origins\":{\"a\":\"b\"}}" };
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        br_error_t error;
        assert_null (ingress_settings_new (slices[i], &error));
        assert_int_equal (error.code, BR_ECONFIG);
    }
}

static void
addresses_and_bounds_decide_about_a_restart (void **state)
{
    (void) state;
    static const struct {
        const char *slice;
        bool alike;
    } rows[] = {
        { "{\"listen\":[\"a:1\",\"b:2\"]}", true },
        { "{\"listen\":[\"a:1\",\"b:2\"],\"skip_auth\":true}", true },
        { "{\"listen\":[\"a:1\"]}", false },
        { "{\"listen\":[\"a:1\",\"b:2\",\"c:3\"]}", false },
        { "{\"listen\":[\"a:1\",\"b:3\"]}", false },
        { "{\"listen\":[\"a:1\",\"b:2\"],\"body_max\":5}", false },
    };
    ingress_settings_t *a = ingress_settings_new (rows[0].slice, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ingress_settings_t *b = ingress_settings_new (rows[i].slice, NULL);
        assert_int_equal (ingress_settings_listen_alike (a, b), rows[i].alike);
        ingress_settings_destroy (&b);
    }
    ingress_settings_destroy (&a);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_empty_slice_has_the_defaults),
        cmocka_unit_test (every_member_is_read),
        cmocka_unit_test (what_makes_no_sense_is_refused),
        cmocka_unit_test (addresses_and_bounds_decide_about_a_restart),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
