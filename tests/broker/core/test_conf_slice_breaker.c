//  conf_slice_breaker: defaults, and each member.

#include "tests/broker/core/conf_fixture.h"

static void
test_defaults (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("upstream: {retries: 1}", NULL);
    cJSON *slice = fixture_slice (conf, "breaker");
    fixture_is (slice, "",
                "{\"failures\":5,\"window_ms\":30000,\"window_min\":20,"
                "\"error_percent\":50,\"open_ms\":15000,\"open_max_ms\":300000}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_each_member_is_the_file_s (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "upstream: {breaker: {failures: 2, window_secs: 1.5, window_min: 3, "
        "error_percent: 40, open_secs: 0.25, open_max_secs: 0.5}}",
        NULL);
    cJSON *slice = fixture_slice (conf, "breaker");
    fixture_is (slice, "",
                "{\"failures\":2,\"window_ms\":1500,\"window_min\":3,"
                "\"error_percent\":40,\"open_ms\":250,\"open_max_ms\":500}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_defaults),
        cmocka_unit_test (test_each_member_is_the_file_s),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
