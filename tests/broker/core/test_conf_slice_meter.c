//  conf_slice_meter: prices as whole numbers.

#include "tests/broker/core/conf_fixture.h"

static void
test_prices_are_exact_and_absent_ones_stay_absent (void **state)
{
    (void) state;
    const char *const environ_v[] = { "OPENAI_API_KEY=k", "DEEPSEEK_API_KEY=k", NULL };
    br_conf_t *conf = fixture_conf (
        "providers: {p: {api_base: \"http://x\", models: {m: "
        "{pricing: {input_tokens: {no_cache: 0.000000001}, "
        "output_tokens: {text: 99999.5, reasoning: 0}}}}}}\n"
        "models: {r: {pricing: {output_tokens: {text: 1}}}}\n",
        environ_v);
    cJSON *slice = fixture_slice (conf, "meter");
    fixture_is (
        slice, "prices>openai>gpt-4o",
        "{\"input\":2500000000,\"cache_read\":1250000000,\"output\":10000000000}");
    fixture_is (slice, "prices>deepseek>deepseek-chat",
                "{\"input\":140000000,\"cache_read\":28000000,\"output\":280000000}");
    fixture_is (slice, "prices>p>m",
                "{\"input\":1,\"output\":99999500000000,\"reasoning\":0}");
    fixture_is (slice, "prices>anthropic", NULL);
    fixture_is (slice, "routes>r", "{\"output\":1000000000}");
    fixture_is (slice, "database", "\"sqlite:///bitrouter.db?mode=rwc\"");
    fixture_is (slice, "spool", "\"/ledger-spool.db\"");
    fixture_is (slice, "head", "\"/ledger.head\"");
    fixture_is (slice, "node_key", "\"/.keys/node.key\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

static void
test_tiers (void **state)
{
    (void) state;
    char *text = fixture_file ("later.yaml");
    br_conf_t *conf = fixture_conf (text, NULL);
    cJSON *slice = fixture_slice (conf, "meter");
    fixture_is (slice, "prices>azure>gpt-4o>context_tiers",
                "[{\"above_input_tokens\":200000,\"input\":5000000000}]");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    free (text);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_prices_are_exact_and_absent_ones_stay_absent),
        cmocka_unit_test (test_tiers),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
