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

static void
test_given_a_log_of_requests_then_its_path_is_in_the_folder_of_logs (void **state)
{
    (void) state;
    s_gives ("request_log: {path: a}", "", "{\"labels_max\":200}");
    s_gives ("request_log: {enabled: true, bodies: false}", "request_log",
             "{\"path\":\"/logs/requests.jsonl\",\"bytes_max\":104857600,\"keep\":7}");
    s_gives ("request_log: {enabled: true, path: a, max_mb: 1, keep: 0}", "request_log",
             "{\"path\":\"/logs/a\",\"bytes_max\":1048576,\"keep\":0}");
    s_gives ("request_log: {enabled: true, path: /a}", "request_log",
             "{\"path\":\"/a\",\"bytes_max\":104857600,\"keep\":7}");
}

//  No body is kept, so nobody may think that one is.
static void
test_given_bodies_then_they_are_refused (void **state)
{
    (void) state;
    const char *text = "request_log: {bodies: redacted}";
    br_error_t error;
    assert_null (br_conf_parse ("t.yaml", text, strlen (text), NULL, &error));
    assert_non_null (strstr (error.text, "t.yaml:1:23: request_log.bodies"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_nothing_then_nothing_is_sent),
        cmocka_unit_test (test_given_otlp_then_its_defaults_and_members),
        cmocka_unit_test (
            test_given_a_log_of_requests_then_its_path_is_in_the_folder_of_logs),
        cmocka_unit_test (test_given_bodies_then_they_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
