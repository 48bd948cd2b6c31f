//  conf_show: everything but secrets.

#include "tests/broker/core/conf_fixture.h"

static void
test_secrets_are_masked (void **state)
{
    (void) state;
    const char *const environ_v[] = { "OPENAI_API_KEY=sk-env-secret-9999", NULL };
    br_conf_t *conf = fixture_conf (
        "providers:\n  a: {api_base: \"http://user:pass-word@x/y\", api_key: short-1}\n  "
        "b: "
        "{api_base: \"http://x\", default_headers: {Authorization: \"Bearer "
        "b-secret-77\", "
        "x-plain: seen}, accounts: [{api_key: account-secret-1}], auth: {type: custom, "
        "params: {private_key: param-secret-1, max_tokens: 5}}}\nmpp: {secret_key: "
        "mpp-secret-0001}\ndatabase: {url: \"postgres://u:db-secret@h/d\"}\nmodels: {m: "
        "{endpoints: [{provider: a, model_id: x, api_key: endpoint-secret-1}]}}\n",
        environ_v);
    char *shown = br_conf_show (conf);
    static const char *const hidden[] = {
        "env-secret",   "short-1",    "pass-word", "b-secret",       "account-secret",
        "param-secret", "mpp-secret", "db-secret", "endpoint-secret"
    };
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        assert_null (strstr (shown, hidden[i]));
    assert_non_null (strstr (shown, "api_key: \"sk-e...9999\""));
    assert_non_null (strstr (shown, "api_key: \"****\""));
    assert_non_null (strstr (shown, "http://user:****@x/y"));
    assert_non_null (strstr (shown, "postgres://u:****@h/d"));
    assert_non_null (strstr (shown, "x-plain: seen"));
    assert_non_null (strstr (shown, "max_tokens: 5"));
    free (shown);
    br_conf_destroy (&conf);
}

//  Given a secret so short that its ends are most of it, then nothing of it is shown.
static void
test_short_secrets_show_nothing (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "providers:\n"
        "  a: {api_base: \"http://a\", api_key: sk-q12345678y66}\n"
        "  b: {api_base: \"http://b\", api_key: sk-r123456789y77}\n",
        NULL);
    char *shown = br_conf_show (conf);
    assert_null (strstr (shown, "sk-q"));
    assert_null (strstr (shown, "8y66"));
    assert_non_null (strstr (shown, "api_key: \"sk-r...9y77\""));
    free (shown);
    br_conf_destroy (&conf);
}

static void
test_what_is_shown_loads_again (void **state)
{
    (void) state;
    static const char *const names[] = { "manual_full.yaml", "later.yaml" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = fixture_file (names[i]);
        br_conf_t *conf = fixture_conf (text, NULL);
        char *shown = br_conf_show (conf);
        br_conf_t *again = fixture_conf (shown, NULL);
        assert_false (fixture_warns (again, "unknown key"));
        free (shown);
        br_conf_destroy (&again);
        br_conf_destroy (&conf);
        free (text);
    }
}

static void
test_money_is_shown_as_decimals (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf (
        "models: {r: {pricing: {input_tokens: {no_cache: 1e-3}, "
        "output_tokens: {text: .50}}}}",
        NULL);
    char *text = br_conf_show (conf);
    assert_non_null (strstr (text, "no_cache: 0.001\n"));
    assert_non_null (strstr (text, "text: 0.5\n"));
    free (text);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_secrets_are_masked),
        cmocka_unit_test (test_short_secrets_show_nothing),
        cmocka_unit_test (test_what_is_shown_loads_again),
        cmocka_unit_test (test_money_is_shown_as_decimals),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
