//  conf_slice_tariff: every rate, in both spellings, the same for all who compute with it.

#include "tests/broker/core/conf_fixture.h"

static const char s_all[] =
    "{\"input\":3000000000,\"cache_read\":300000000,\"cache_write\":3750000000,"
    "\"cache_write_1h\":6000000000,\"audio_input\":1,\"output\":15000000000,"
    "\"reasoning\":0,\"audio_output\":500000000}";

static const char s_text[] =
    "models:\n"
    "  nested: {pricing: {input_tokens: {no_cache: 3, cache_read: 0.3, cache_write: "
    "3.75, "
    "cache_write_1h: 6e0, audio: 1e-9}, "
    "output_tokens: {text: 15.0, reasoning: 0, audio: .5}}}\n"
    "  flat: {pricing: {input_micro_usd_per_token: 3, "
    "cache_read_micro_usd_per_token: 0.3, cache_write_micro_usd_per_token: 3.75, "
    "cache_write_1h_micro_usd_per_token: 6, audio_input_micro_usd_per_token: 1e-9, "
    "output_micro_usd_per_token: 15, reasoning_micro_usd_per_token: 0, "
    "audio_output_micro_usd_per_token: 0.5}}\n"
    "  tiers: {pricing: {context_tiers: [{above_input_tokens: 200000, "
    "input_tokens: {cache_write_1h: 0.1}}]}}\n"
    "providers: {p: {api_base: \"http://x\", models: {m: {pricing: {input_tokens: "
    "{no_cache: 1000000}}}}}}\n";

static void
test_given_both_spellings_then_the_rates_are_the_same (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (s_text, NULL);
    cJSON *meter = fixture_slice (conf, "meter");
    fixture_is (meter, "routes>nested", s_all);
    fixture_is (meter, "routes>flat", s_all);
    fixture_is (meter, "routes>tiers",
                "{\"context_tiers\":[{\"above_input_tokens\":200000,"
                "\"cache_write_1h\":100000000}]}");
    char *text = br_conf_slice (conf, "meter");
    assert_non_null (strstr (text, "\"m\":{\"input\":1000000000000000}"));
    free (text);
    cJSON_Delete (meter);
    br_conf_destroy (&conf);
}

static void
test_given_a_tariff_then_ingress_and_meter_have_the_same (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (s_text, NULL);
    cJSON *meter = fixture_slice (conf, "meter");
    cJSON *ingress = fixture_slice (conf, "ingress");
    char *prices = cJSON_PrintUnformatted (fixture_at (meter, "prices"));
    char *routes = cJSON_PrintUnformatted (fixture_at (meter, "routes"));
    fixture_is (ingress, "tariff>prices", prices);
    fixture_is (ingress, "tariff>routes", routes);
    free (routes);
    free (prices);
    cJSON_Delete (ingress);
    cJSON_Delete (meter);
    br_conf_destroy (&conf);
}

static void
test_given_what_is_no_amount_then_it_is_refused_with_its_place (void **state)
{
    (void) state;
    static const char *const values[] = { "-1", "0.0000000001", "1000000.5", "dear",
                                          "1e-10" };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char *text = br_strf ("models:\n  r:\n    pricing:\n      output_tokens:\n"
                              "        text: %s\n",
                              values[i]);
        fixture_refused (text, "t.yaml:5:15: models.r.pricing.output_tokens.text: "
                               "expected an amount from 0 to 1000000 with at most nine "
                               "decimals");
        free (text);
    }
}

static void
test_given_an_own_name_of_the_provider_then_it_has_the_price_too (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers: {p: {api_base: \"http://x\", models: {\n"
        "  mine: {provider_model_id: theirs, pricing: {input_tokens: {no_cache: 1}}},\n"
        "  again: {provider_model_id: theirs, pricing: {input_tokens: {no_cache: 2}}},\n"
        "  other: {provider_model_id: mine, pricing: {input_tokens: {no_cache: 3}}}}}}\n",
        NULL);
    cJSON *meter = fixture_slice (conf, "meter");
    fixture_is (meter, "prices>p>theirs", "{\"input\":1000000000}");
    fixture_is (meter, "prices>p>mine", "{\"input\":1000000000}");
    fixture_is (meter, "prices>p>other", "{\"input\":3000000000}");
    cJSON_Delete (meter);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_both_spellings_then_the_rates_are_the_same),
        cmocka_unit_test (test_given_a_tariff_then_ingress_and_meter_have_the_same),
        cmocka_unit_test (test_given_what_is_no_amount_then_it_is_refused_with_its_place),
        cmocka_unit_test (
            test_given_an_own_name_of_the_provider_then_it_has_the_price_too),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
