//  conf_slice_limits: rates of callers, models and providers, in their order.

#include "tests/broker/core/conf_fixture.h"

static void
test_nothing_is_limited_by_default (void **state)
{
    (void) state;
    const char *const environ_v[] = { "OPENAI_API_KEY=k", NULL };
    br_conf_t *conf = fixture_conf ("", environ_v);
    cJSON *slice = fixture_slice (conf, "limits");
    fixture_is (slice, "",
                "{\"callers\":{\"requests_per_minute\":0,\"tokens_per_minute\":0,"
                "\"concurrency\":0},\"models\":[],\"providers\":[]}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

//  Given globs, then the most exact one comes first, also when it limits nothing.
static void
test_exact_globs_come_first (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "limits:\n"
        "  callers: {requests_per_minute: 60, tokens_per_minute: 1000, concurrency: 4}\n"
        "  models:\n"
        "    \"*\": {requests_per_minute: 9}\n"
        "    \"gpt-*\": {tokens_per_minute: 8}\n"
        "    gpt-4o: {requests_per_minute: 0}\n"
        "    \"gpt-4*\": {concurrency: 7}\n",
        NULL);
    cJSON *slice = fixture_slice (conf, "limits");
    fixture_is (slice, "callers",
                "{\"requests_per_minute\":60,\"tokens_per_minute\":1000,"
                "\"concurrency\":4}");
    fixture_is (slice, "models",
                "[{\"glob\":\"gpt-4o\",\"requests_per_minute\":0,\"tokens_per_minute\":0,"
                "\"concurrency\":0},"
                "{\"glob\":\"gpt-4*\",\"requests_per_minute\":0,\"tokens_per_minute\":0,"
                "\"concurrency\":7},"
                "{\"glob\":\"gpt-*\",\"requests_per_minute\":0,\"tokens_per_minute\":8,"
                "\"concurrency\":0},"
                "{\"glob\":\"*\",\"requests_per_minute\":9,\"tokens_per_minute\":0,"
                "\"concurrency\":0}]");
    fixture_is (slice, "providers", "[]");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

//  Given limits in rows of a catalogue, then they hold for the provider's own name of it.
static void
test_models_of_a_provider_have_limits_of_their_own (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers:\n"
        "  a:\n"
        "    api_base: \"http://a\"\n"
        "    models:\n"
        "      big: {provider_model_id: big-2025, rate_limits: {\"*\": "
        "{concurrency: 1}}}\n"
        "      small: {rate_limits: [{id: \"small-*\", concurrency: 2}]}\n"
        "    rate_limits: {big: {concurrency: 3}, \"*\": {concurrency: 4}}\n",
        NULL);
    cJSON *slice = fixture_slice (conf, "limits");
    static const char *const globs[] = { "big-2025", "big-2025", "small-*", "*" };
    static const char *const slots[] = { "1", "3", "2", "4" };
    for (int i = 0; i < 4; i++) {
        const cJSON *row = cJSON_GetArrayItem (fixture_at (slice, "providers"), i);
        assert_string_equal (fixture_at (row, "glob")->valuestring, globs[i]);
        assert_string_equal (fixture_at (row, "provider")->valuestring, "a");
        fixture_is (row, "concurrency", slots[i]);
    }
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

//  Given a child of a provider with limits, then they stay the parent's.
static void
test_limits_are_not_inherited (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers:\n"
        "  a: {api_base: \"http://a\", rate_limits: {\"*\": {concurrency: 4}}}\n"
        "  b: {derives: a, api_base: \"http://b\"}\n",
        NULL);
    cJSON *slice = fixture_slice (conf, "limits");
    assert_int_equal (cJSON_GetArraySize (fixture_at (slice, "providers")), 1);
    fixture_is (slice, "providers>0>provider", "\"a\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_nothing_is_limited_by_default),
        cmocka_unit_test (test_exact_globs_come_first),
        cmocka_unit_test (test_models_of_a_provider_have_limits_of_their_own),
        cmocka_unit_test (test_limits_are_not_inherited),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
