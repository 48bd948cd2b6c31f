//  conf_slice: who gets what, and that no key is where it does not belong.

#include "tests/broker/core/conf_fixture.h"

static const char *const s_environ[] = { "OPENAI_API_KEY=CANARY-openai",
                                         "ANTHROPIC_API_KEY=CANARY-anthropic",
                                         "GOOGLE_API_KEY=CANARY-google",
                                         "MY_PROXY_API_KEY=CANARY-my-proxy",
                                         "CUSTOM_LLM_KEY=CANARY-custom-llm",
                                         "GITHUB_TOKEN=CANARY-github-mcp",
                                         "HEADER_AUTH_KEY=CANARY-header-auth-provider",
                                         "OPENAI_KEY_POOL_A=CANARY-openai-a",
                                         "OPENAI_KEY_POOL_B=CANARY-openai-b",
                                         "MPP_SECRET_KEY=CANARY-mpp",
                                         NULL };

static void
test_no_slice_but_its_own_holds_a_key (void **state)
{
    (void) state;
    char *text = fixture_file ("manual_full.yaml");
    br_conf_t *conf = fixture_conf (text, s_environ);
    static const char *const others[] = { "ingress",     "router",  "meter",
                                          "echo",        "breaker", "limits",
                                          "idempotency", "auth",    "metrics" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char *slice = br_conf_slice (conf, others[i]);
        assert_null (strstr (slice, "CANARY"));
        free (slice);
    }
    const char *name = br_conf_slice_names (conf, 0);
    size_t count = 0;
    for (; name; name = br_conf_slice_names (conf, ++count)) {
        char *slice = br_conf_slice (conf, name);
        char *own = br_strf ("CANARY-%s", name + strlen ("upstream/"));
        for (const char *at = strstr (slice, "CANARY"); at;
             at = strstr (at + 1, "CANARY"))
            assert_int_equal (strncmp (at, own, strlen (own)), 0);
        free (own);
        free (slice);
    }
    assert_int_equal (count, 7);
    br_conf_destroy (&conf);
    free (text);
}

static void
test_unknown_and_keyless_actors_have_no_slice (void **state)
{
    (void) state;
    br_conf_t *conf = fixture_conf ("", NULL);
    static const char *const names[] = {
        "", "nobody", "upstream/openai", "upstream/", "upstream/echo", "upstream/nobody"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_null (br_conf_slice (conf, names[i]));
    assert_null (br_conf_slice_names (conf, 0));
    char *slice = br_conf_slice (conf, "echo");
    assert_string_equal (slice, "{}");
    free (slice);
    br_conf_destroy (&conf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_no_slice_but_its_own_holds_a_key),
        cmocka_unit_test (test_unknown_and_keyless_actors_have_no_slice),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
