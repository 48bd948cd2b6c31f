//  conf_slice_upstream: all that one provider's actor needs.

#include "tests/broker/core/conf_fixture.h"

static void
test_plain_provider (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers: {p: {api_base: \"http://x/v1\", models: [m]}}", NULL);
    cJSON *slice = fixture_slice (conf, "upstream/p");
    fixture_is (
        slice, "",
        "{\"provider\":\"p\",\"api_base\":\"http://x/v1\",\"protocols\":[{"
        "\"glob\":\"*\",\"protocol\":\"chat_completions\"}],\"endpoints\":{},"
        "\"auth\":{\"type\":\"none\"},\"default_headers\":{},\"default_query\":{},"
        "\"timeouts\":{\"connect_ms\":10000,\"first_byte_ms\":300000,\"idle_ms\":"
        "120000,\"total_ms\":0},\"http2\":false}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_max_output_goes_by_the_providers_name (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers: {p: {api_base: \"http://x/v1\", models: [{id: a, max_output_tokens: "
        "64000}, {id: b}, {id: c, provider_model_id: c-1, max_output_tokens: 8}]}}",
        NULL);
    cJSON *slice = fixture_slice (conf, "upstream/p");
    fixture_is (slice, "max_output_tokens", "{\"a\":64000,\"c-1\":8}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_connection_is_own_then_common (void **state)
{
    (void) state;
    char *text = fixture_file ("later.yaml");
    br_conf_t *conf = fixture_conf (text, NULL);
    cJSON *slice = fixture_slice (conf, "upstream/mixed");
    fixture_is (slice, "timeouts>connect_ms", "2000");
    fixture_is (slice, "timeouts>idle_ms", "30500");
    fixture_is (slice, "timeouts>total_ms", "600000");
    fixture_is (slice, "proxy", "\"http://proxy.example.com:3128\"");
    fixture_is (slice, "ca_file", "\"//certs/ca.pem\"");
    fixture_is (slice, "http2", "true");
    fixture_is (slice, "endpoints>balanced#0", "{\"protocol\":\"messages\"}");
    fixture_is (
        slice, "endpoints>mixed#1",
        "{\"api_key\":\"mixed-key-00003\",\"api_base\":\"https://two.example.com\"}");
    cJSON_Delete (slice);
    slice = fixture_slice (conf, "upstream/azure");
    fixture_is (slice, "auth",
                "{\"type\":\"header\",\"header_name\":\"api-key\",\"api_key\":"
                "\"azure-key-0001\"}");
    fixture_is (slice, "default_query", "{\"api-version\":\"2024-10-21\"}");
    fixture_is (slice, "timeouts>connect_ms", "5000");
    fixture_is (slice, "protocols>1",
                "{\"glob\":\"gpt-4o-eu\",\"protocol\":\"responses\"}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    free (text);
}

static void
test_proxy_of_the_environment_by_scheme (void **state)
{
    (void) state;
    const char *const environ_v[] = { "HTTPS_PROXY=http://s", "http_proxy=http://p",
                                      "HTTP_PROXY=http://evil", "NO_PROXY=localhost",
                                      NULL };
    br_conf_t *conf = fixture_conf (
        "providers: {s: {api_base: \"https://x\"}, p: {api_base: "
        "\"http://x\"}, n: {api_base: \"http://x\", proxy: "
        "\"\"}}",
        environ_v);
    cJSON *slice = fixture_slice (conf, "upstream/s");
    fixture_is (slice, "proxy", "\"http://s\"");
    fixture_is (slice, "no_proxy", "\"localhost\"");
    cJSON_Delete (slice);
    slice = fixture_slice (conf, "upstream/p");
    fixture_is (slice, "proxy", "\"http://p\"");
    cJSON_Delete (slice);
    slice = fixture_slice (conf, "upstream/n");
    fixture_is (slice, "proxy", "\"\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_other_ways_to_pay_keep_their_name_and_send_no_key (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers: {c: {api_base: \"http://x\", api_key: k, auth: "
        "{type: custom, method: siwx, params: {chain_id: 1}}}, m: "
        "{derives: openai, api_base: \"http://x\", auth: {type: "
        "mpp}}}",
        NULL);
    cJSON *slice = fixture_slice (conf, "upstream/c");
    fixture_is (slice, "auth",
                "{\"type\":\"custom\",\"method\":\"siwx\",\"params\":{\"chain_id\":1}}");
    cJSON_Delete (slice);
    slice = fixture_slice (conf, "upstream/m");
    fixture_is (slice, "auth", "{\"type\":\"mpp\"}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_key_of_a_route_only (void **state)
{
    (void) state;
    char *text = fixture_file ("manual_routes.yaml");
    br_conf_t *conf = fixture_conf (text, NULL);
    cJSON *slice = fixture_slice (conf, "upstream/openai");
    fixture_is (slice, "auth", "{\"type\":\"protocol\"}");
    fixture_is (slice, "endpoints>fast#0", "{\"api_key\":\"sk-key-a\"}");
    fixture_is (slice, "routes_only", "true");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    free (text);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_plain_provider),
        cmocka_unit_test (test_max_output_goes_by_the_providers_name),
        cmocka_unit_test (test_connection_is_own_then_common),
        cmocka_unit_test (test_proxy_of_the_environment_by_scheme),
        cmocka_unit_test (test_other_ways_to_pay_keep_their_name_and_send_no_key),
        cmocka_unit_test (test_key_of_a_route_only),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
