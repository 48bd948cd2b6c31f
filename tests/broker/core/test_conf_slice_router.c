//  conf_slice_router: attempts, back-off, limited providers, strategies.

#include "tests/broker/core/conf_fixture.h"

static void
test_defaults (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("", NULL);
    cJSON *slice = fixture_slice (conf, "router");
    fixture_is (slice, "",
                "{\"attempts_max\":8,\"retries\":2,\"backoff\":{\"base_ms\":250,"
                "\"max_ms\":8000,\"retry_after_max_ms\":10000},\"affinity\":true,"
                "\"limited_providers\":[],\"models\":{}}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_each_member_is_the_file_s (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "upstream: {attempts_max: 3, retries: 0, affinity: no, "
        "backoff: {base_ms: 1, max_ms: 2, retry_after_max_secs: 0.003}}\n"
        "models: {m: {strategy: balance}, n: , o: {strategy: cheapest}}",
        NULL);
    cJSON *slice = fixture_slice (conf, "router");
    fixture_is (slice, "",
                "{\"attempts_max\":3,\"retries\":0,\"backoff\":{\"base_ms\":1,"
                "\"max_ms\":2,\"retry_after_max_ms\":3},\"affinity\":false,"
                "\"limited_providers\":[],\"models\":{\"m\":{\"strategy\":"
                "\"load_balance\"},\"n\":{\"strategy\":\"priority\"},"
                "\"o\":{\"strategy\":\"cheapest\"}}}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

//  Given rows that limit nothing, and providers that are not active, then none is named.
static void
test_only_what_limits_is_asked_for (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers:\n"
        "  a: {api_base: \"http://a\", rate_limits: [{id: \"x-*\", concurrency: 1}, "
        "{id: free, concurrency: 0}]}\n"
        "  b: {api_base: \"http://b\", active: false, rate_limits: {\"*\": "
        "{concurrency: 1}}}\n",
        NULL);
    cJSON *slice = fixture_slice (conf, "router");
    fixture_is (slice, "limited_providers", "[{\"provider\":\"a\",\"glob\":\"x-*\"}]");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_defaults),
        cmocka_unit_test (test_each_member_is_the_file_s),
        cmocka_unit_test (test_only_what_limits_is_asked_for),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
