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
    assert_null (settings->cert_file);
    assert_int_equal (settings->calls_max, INGRESS_CALLS_MAX);
    assert_int_equal (settings->timeout_cap_ms, INGRESS_TIMEOUT_CAP_MS);
    assert_int_equal (settings->drain_notice_ms, 0);
    assert_false (settings->finish_unattended || settings->limit_callers
                  || settings->receipts);
    assert_null (settings->limit_models[0]);
    assert_false (settings->auth_required || settings->allows_unpriced);
    assert_int_equal (settings->budget_wait_ms, INGRESS_BUDGET_WAIT_MS);
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
        "\"calls_max\":5,\"timeout_cap_ms\":6,\"drain_notice_ms\":7,"
        "\"finish_unattended\":true,\"receipts\":true,\"limits\":{\"callers\":true,"
        "\"models\":[\"a*\"]},\"auth\":{\"required\":true,\"unpriced\":\"allow\","
        "\"budget_wait_ms\":0},\"unknown\":1}",
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
    assert_int_equal (settings->calls_max, 5);
    assert_int_equal (settings->timeout_cap_ms, 6);
    assert_int_equal (settings->drain_notice_ms, 7);
    assert_true (settings->finish_unattended && settings->limit_callers
                 && settings->receipts);
    assert_string_equal (settings->limit_models[0], "a*");
    assert_true (settings->auth_required && settings->allows_unpriced);
    assert_int_equal (settings->budget_wait_ms, 0);
    ingress_settings_destroy (&settings);
}

static void
what_makes_no_sense_is_refused (void **state)
{
    (void) state;
    static const char *const slices[] = { "",
                                          "[]",
                                          "{\"listen\":\"a:1\"}",
                                          "{\"listen\":[\"a\",1]}",
                                          "{\"limits\":{\"models\":{}}}",
                                          "{\"cors_origins\":{\"a\":\"b\"}}",
                                          "{\"auth\":{\"unpriced\":\"maybe\"}}",
                                          "{\"tls\":{\"cert_file\":\"/nowhere\"}}",
                                          ("{\"tls\":{\"cert_file\":\"/nowhere\","
                                           "\"key_file\":\"/nowhere\"}}") };
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

static void
open_calls_have_a_ceiling (void **state)
{
    (void) state;
    ingress_settings_t *settings = ingress_settings_new ("{\"calls_max\":1e15}", NULL);
    assert_int_equal (settings->calls_max, INGRESS_CALLS_CEILING);
    ingress_settings_destroy (&settings);
    settings = ingress_settings_new ("{\"calls_max\":0}", NULL);
    assert_int_equal (settings->calls_max, INGRESS_CALLS_MAX);
    ingress_settings_destroy (&settings);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_empty_slice_has_the_defaults),
        cmocka_unit_test (every_member_is_read),
        cmocka_unit_test (what_makes_no_sense_is_refused),
        cmocka_unit_test (open_calls_have_a_ceiling),
        cmocka_unit_test (addresses_and_bounds_decide_about_a_restart),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
