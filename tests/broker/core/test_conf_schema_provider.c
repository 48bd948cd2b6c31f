//  conf_schema_provider: words and fields of providers.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_schema.h"

static void
test_protocol_words (void **state)
{
    (void) state;
    static const struct {
        const char *word;
        const char *name;
    } rows[] = { { "openai", "chat_completions" },
                 { "openai_chat", "chat_completions" },
                 { "anthropic", "messages" },
                 { "google", "generate_content" },
                 { "responses", "responses" },
                 { "mcp", "mcp" },
                 { "rest", "rest" },
                 { "echo", "echo" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint32_t j = 0; j < br_conf_protocol_words_count; j++)
            if (strcmp (br_conf_protocol_words[j].str, rows[i].word) == 0)
                assert_string_equal (
                    BR_CONF_WORD (protocol, br_conf_protocol_words[j].val), rows[i].name);
}

static void
test_auth_words (void **state)
{
    (void) state;
    static const char *const words[] = { "bearer", "header", "custom", "mpp",     "x402",
                                         "none",   "wallet", "oauth",  "protocol" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char *text = br_strf (
            "providers: {a: {api_base: \"http://x\", auth: {type: %s}}}", words[i]);
        br_conf_t *conf = fixture_conf (text, NULL);
        assert_string_equal (br_conf_provider_auth (conf, "a"), words[i]);
        br_conf_destroy (&conf);
        free (text);
    }
}

static void
test_manual_fields_are_there (void **state)
{
    (void) state;
    static const char *const keys[] = { "derives", "api_protocol", "api_base",
                                        "api_key", "env_prefix",   "default_headers",
                                        "auth",    "models",       "bridge" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_non_null (br_conf_schema_field (br_conf_provider_fields, keys[i]));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_protocol_words),
        cmocka_unit_test (test_auth_words),
        cmocka_unit_test (test_manual_fields_are_there),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
