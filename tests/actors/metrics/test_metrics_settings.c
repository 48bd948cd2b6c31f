//  metrics_settings: the slice.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/metrics/metrics_settings.h"

static void
an_empty_slice_exports_nothing (void **state)
{
    (void) state;
    br_error_t error;
    metrics_settings_t *settings = metrics_settings_new ("{}", &error);
    assert_non_null (settings);
    assert_null (settings->endpoint);
    assert_int_equal (settings->labels_max, 200);
    metrics_settings_destroy (&settings);
}

static void
a_collector_has_address_headers_and_an_interval (void **state)
{
    (void) state;
    br_error_t error;
    metrics_settings_t *settings = metrics_settings_new (
        "{\"labels_max\":10,\"otlp\":{\"endpoint\":\"http://127.0.0.1:4318/\","
        "\"headers\":{\"x-key\":\"k\"},\"interval_ms\":50,\"traces\":false}}",
        &error);
    assert_non_null (settings);
    assert_string_equal (settings->endpoint, "http://127.0.0.1:4318");
    assert_string_equal (settings->headers[0], "x-key: k");
    assert_null (settings->headers[1]);
    assert_int_equal (settings->interval_ms, 50);
    assert_false (settings->traces);
    assert_true (settings->metrics);
    metrics_settings_destroy (&settings);
}

static void
a_log_of_requests_has_a_path_and_bounds (void **state)
{
    (void) state;
    br_error_t error;
    metrics_settings_t *settings = metrics_settings_new (
        "{\"request_log\":{\"path\":\"/l\",\"bytes_max\":9}}", &error);
    assert_non_null (settings);
    assert_string_equal (settings->requests, "/l");
    assert_int_equal (settings->requests_bytes, 9);
    assert_int_equal (settings->requests_keep, METRICS_REQUESTS_KEEP);
    metrics_settings_destroy (&settings);
}

static void
what_makes_no_sense_is_named (void **state)
{
    (void) state;
    static const struct {
        const char *slice;
        const char *named;
    } rows[] = {
        { "[]", "slice" },
        { "{\"labels_max\":0}", "labels_max" },
        { "{\"request_log\":{\"path\":\"l\"}}", "request_log" },
        { "{\"request_log\":{\"path\":\"/l\",\"keep\":1e9}}", "keep" },
        { "{\"labels_max\":1.5}", "labels_max" },
        { "{\"otlp\":{}}", "endpoint" },
        { "{\"otlp\":{\"endpoint\":\"ftp://x\"}}", "endpoint" },
        { "{\"otlp\":{\"endpoint\":\"http://x\",\"headers\":{\"a\":1}}}", "headers" },
        { "{\"otlp\":{\"endpoint\":\"http://x\",\"interval_ms\":1}}", "interval_ms" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (metrics_settings_new (rows[i].slice, &error));
        assert_int_equal (error.code, BR_ECONFIG);
        assert_non_null (strstr (error.text, rows[i].named));
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_empty_slice_exports_nothing),
        cmocka_unit_test (a_collector_has_address_headers_and_an_interval),
        cmocka_unit_test (a_log_of_requests_has_a_path_and_bounds),
        cmocka_unit_test (what_makes_no_sense_is_named),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
