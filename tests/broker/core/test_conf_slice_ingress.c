//  conf_slice_ingress: addresses, catalogues and routes.

#include "tests/broker/core/conf_fixture.h"

static void
test_server_defaults (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("", NULL);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "listen", "[\"127.0.0.1:8787\"]");
    fixture_is (slice, "listen_given", "false");
    fixture_is (slice, "body_max", "33554432");
    fixture_is (slice, "skip_auth", "false");
    fixture_is (slice, "cors_origins", "[]");
    fixture_is (slice, "providers>echo>actor", "\"echo\"");
    fixture_is (slice, "inactive>openai", "\"set OPENAI_API_KEY\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_catalogue_of_a_provider (void **state)
{
    (void) state;
    const char *const environ_v[] = { "OPENAI_API_KEY=k", "ANTHROPIC_API_KEY=k", NULL };
    br_conf_t *conf = fixture_conf ("", environ_v);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "providers>openai>actor", "\"upstream/openai\"");
    fixture_is (slice, "providers>openai>protocols",
                "[\"chat_completions\",\"responses\"]");
    fixture_is (slice, "providers>openai>models>gpt-4o>max_input_tokens", "128000");
    fixture_is (slice, "providers>openai>models>gpt-4o>pricing>input_tokens",
                "{\"no_cache\":2.5,\"cache_read\":1.25}");
    fixture_is (slice, "providers>anthropic>models>claude-sonnet-4>provider_model_id",
                "\"claude-sonnet-4-20250514\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_routes_name_their_overrides (void **state)
{
    (void) state;
    char *text = fixture_file ("manual_routes.yaml");
    br_conf_t *conf = fixture_conf (text, NULL);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "models>fast>strategy", "\"load_balance\"");
    fixture_is (slice, "models>fast>endpoints>1",
                "{\"provider\":\"openai\",\"model\":\"gpt-4o-mini\",\"endpoint\":"
                "\"fast#1\",\"weight\":1}");
    fixture_is (slice, "models>default>endpoints", "[]");
    fixture_is (slice, "providers>openai>routes_only", "true");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    free (text);
}

static void
test_accounts_are_endpoints (void **state)
{
    (void) state;
    char *text = fixture_file ("later.yaml");
    br_conf_t *conf = fixture_conf (text, NULL);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "providers>mixed>accounts", "[\"mixed#0\",\"mixed#1\"]");
    fixture_is (slice, "providers>mixed>account_strategy", "\"balance\"");
    fixture_is (slice, "models>balanced>endpoints>0>weight", "3");
    fixture_is (slice, "listen",
                "[\"127.0.0.1:4356\",\"[::1]:4356\",\"127.0.0.1:9000\"]");
    fixture_is (slice, "listen_given", "true");
    fixture_is (slice, "cors_origins", "[\"https://app.example.com\"]");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    free (text);
}

static void
test_bounds_by_default (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("", NULL);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "limits", "{\"callers\":false,\"models\":[]}");
    fixture_is (slice, "calls_max", "16384");
    fixture_is (slice, "timeout_cap_ms", "3600000");
    fixture_is (slice, "finish_unattended", "false");
    fixture_is (slice, "drain_notice_ms", "0");
    fixture_is (slice, "tls", NULL);
    fixture_is (slice, "receipts", "false");
    assert_true (br_conf_drain_ms (conf) == 30000);
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_bounds_of_the_file (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "server: {calls_max: 10, drain_secs: 2.5, drain_notice_secs: 0.5, "
        "tls: {cert_file: /a/cert.pem, key_file: key.pem}}\n"
        "upstream: {timeout_cap_secs: 1.25, finish_unattended: yes}\n"
        "limits: {callers: {concurrency: 1}, models: {free: {concurrency: 0}, "
        "\"gpt-*\": {tokens_per_minute: 1}}}\n",
        NULL);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "limits", "{\"callers\":true,\"models\":[\"gpt-*\"]}");
    fixture_is (slice, "calls_max", "10");
    fixture_is (slice, "timeout_cap_ms", "1250");
    fixture_is (slice, "finish_unattended", "true");
    fixture_is (slice, "drain_notice_ms", "500");
    fixture_is (slice, "tls",
                "{\"cert_file\":\"/a/cert.pem\",\"key_file\":\"/key.pem\"}");
    assert_true (br_conf_drain_ms (conf) == 2500);
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

//  Given callers whose limits are all 0, then nobody is asked about them.
static void
test_limits_of_nothing_are_none (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "limits: {callers: {concurrency: 0, requests_per_minute: 0}}\n", NULL);
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "limits>callers", "false");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_receipts_are_on_or_off (void **state)
{
    static const struct {
        const char *text;
        const char *wanted;
    } rows[] = {
        { "receipts: on\n", "true" },  { "receipts: off\n", "false" },
        { "receipts: yes\n", "true" }, { "receipts: false\n", "false" },
        { "receipts:\n", "false" },
    };
    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_conf_t *conf = fixture_conf (rows[i].text, NULL);
        cJSON *slice = fixture_slice (conf, "ingress");
        fixture_is (slice, "receipts", rows[i].wanted);
        cJSON_Delete (slice);
        br_conf_destroy (&conf);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_server_defaults),
        cmocka_unit_test (test_catalogue_of_a_provider),
        cmocka_unit_test (test_routes_name_their_overrides),
        cmocka_unit_test (test_accounts_are_endpoints),
        cmocka_unit_test (test_bounds_by_default),
        cmocka_unit_test (test_bounds_of_the_file),
        cmocka_unit_test (test_receipts_are_on_or_off),
        cmocka_unit_test (test_limits_of_nothing_are_none),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
