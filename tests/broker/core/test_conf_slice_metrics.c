//  conf_slice_metrics: defaults, and each member.

#include "tests/broker/core/conf_fixture.h"

static void
s_gives (const char *text, const char *path, const char *expected)
{
    br_conf_t *conf = fixture_conf (text, NULL);
    cJSON *slice = fixture_slice (conf, "metrics");
    fixture_is (slice, path, expected);
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_given_nothing_then_nothing_is_sent (void **state)
{
    (void) state;
    s_gives ("", "", "{\"labels_max\":200}");
    s_gives ("telemetry: {labels_max: 7}", "", "{\"labels_max\":7}");
}

static void
test_given_otlp_then_its_defaults_and_members (void **state)
{
    (void) state;
    s_gives ("telemetry: {otlp: {interval_secs: 0.5}}", "otlp",
             "{\"endpoint\":\"http://127.0.0.1:4318\",\"headers\":{},"
             "\"interval_ms\":500,\"traces\":true,\"metrics\":true}");
    s_gives ("telemetry: {otlp: {endpoint: \"https://o\", headers: {x-team: t}, "
             "traces: false, metrics: false}}",
             "otlp",
             "{\"endpoint\":\"https://o\",\"headers\":{\"x-team\":\"t\"},"
             "\"interval_ms\":10000,\"traces\":false,\"metrics\":false}");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_nothing_then_nothing_is_sent),
        cmocka_unit_test (test_given_otlp_then_its_defaults_and_members),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
