//  conf: whole loads, from files and from the product documents' own examples.

#include "tests/broker/core/conf_fixture.h"
#include <sys/stat.h>
#include <unistd.h>

//  A new directory. "caller frees"
static char *
s_folder (void)
{
    char *path = br_strdup ("/tmp/br_conf_XXXXXX");
    assert_non_null (mkdtemp (path));
    return path;
}

static void
s_remove (char *folder)
{
    char *command = br_strf ("rm -rf '%s'", folder);
    assert_int_equal (system (command), 0);
    free (command);
    free (folder);
}

static void
s_write (const char *folder, const char *name, const char *text)
{
    char *path = br_strf ("%s/%s", folder, name);
    assert_int_equal (br_conf_file_create (path, text, 0600, NULL), 0);
    free (path);
}

static const char *const s_documents[] = {
    "manual_full.yaml",        "manual_minimal.yaml", "manual_variables.yaml",
    "manual_custom.yaml",      "manual_auth.yaml",    "manual_routes.yaml",
    "sources_openrouter.yaml", "guardrails.yaml",     "later.yaml"
};

static const char *const s_keys[] = { "OPENAI_API_KEY=k-openai",
                                      "ANTHROPIC_API_KEY=k-anthropic",
                                      "GOOGLE_API_KEY=k-google",
                                      "MY_PROXY_API_KEY=k1",
                                      "CUSTOM_LLM_KEY=k2",
                                      "GITHUB_TOKEN=k3",
                                      "HEADER_AUTH_KEY=k4",
                                      "OPENAI_KEY_POOL_A=k5",
                                      "OPENAI_KEY_POOL_B=k6",
                                      "MPP_SECRET_KEY=k7",
                                      "TEMPO_RPC_URL=http://t",
                                      "TEMPO_TOKEN_ADDRESS=0x1",
                                      "OPENAI_BASE_URL=http://o",
                                      "MY_COMPANY_API_KEY=k8",
                                      "MOONSHOT_API_KEY=k9",
                                      "OPENROUTER_API_KEY=k10",
                                      NULL };

//  Some examples show a part of a provider alone, without its address.
static void
test_every_example_loads_without_a_warning (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_documents / sizeof *s_documents; i++) {
        char *text = fixture_file (s_documents[i]);
        br_conf_t *conf = fixture_conf (text, s_keys);
        const char *warning = br_conf_warning (conf, 0);
        for (size_t j = 0; warning; warning = br_conf_warning (conf, ++j))
            if (!strstr (warning, "is inactive: it has no api_base"))
                fail_msg ("%s", warning);
        br_conf_destroy (&conf);
        free (text);
    }
}

static void
test_full_example_means_what_it_says (void **state)
{
    (void) state;
    char *text = fixture_file ("manual_full.yaml");
    br_conf_t *conf = fixture_conf (text, s_keys);
    assert_string_equal (br_conf_log_level (conf), "info");
    assert_string_equal (br_conf_log_format (conf), "text");
    assert_string_equal (br_conf_control_socket (conf), "/run/bitrouter.sock");
    assert_string_equal (br_conf_provider_auth (conf, "paid-provider"), "mpp");
    assert_string_equal (br_conf_provider_auth (conf, "openai"), "protocol");
    assert_null (br_conf_provider_auth (conf, "nobody"));
    cJSON *slice = fixture_slice (conf, "ingress");
    fixture_is (slice, "listen", "[\"127.0.0.1:8787\"]");
    fixture_is (slice, "models>smart>name", "\"Smart\"");
    fixture_is (slice, "models>smart>max_output_tokens", "16384");
    fixture_is (slice, "models>smart>endpoints>0>provider", "\"anthropic\"");
    fixture_is (
        slice, "providers>custom-llm>models>my-model-7b>pricing",
        "{\"input_tokens\":{\"no_cache\":0.5,\"cache_read\":0.25,\"cache_write\":0.75},"
        "\"output_tokens\":{\"text\":1.5,\"reasoning\":3}}");
    fixture_is (slice, "providers>github-mcp", NULL);
    cJSON_Delete (slice);
    slice = fixture_slice (conf, "upstream/custom-llm");
    fixture_is (slice, "default_headers", "{\"x-project-id\":\"my-project\"}");
    fixture_is (slice, "auth", "{\"type\":\"protocol\",\"api_key\":\"k2\"}");
    cJSON_Delete (slice);
    slice = fixture_slice (conf, "upstream/openai");
    fixture_is (slice, "endpoints",
                "{\"fast#0\":{\"api_key\":\"k5\"},\"fast#1\":{\"api_key\":\"k6\"}}");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    free (text);
}

static void
test_home_without_a_file_is_valid (void **state)
{
    (void) state;
    char *folder = s_folder ();
    const char *const environ_v[] = { "OPENAI_API_KEY=k", NULL };
    br_conf_flags_t flags = { .home_dir = folder, .environ_v = environ_v };
    br_error_t error = { BR_OK, "" };
    br_conf_t *conf = br_conf_load (&flags, &error);
    assert_string_equal (error.text, "");
    assert_false (br_conf_has_config_file (conf));
    assert_true (br_conf_provider_active (conf, "openai"));
    assert_string_equal (br_conf_home (conf), folder);
    char *database = br_strf ("sqlite://%s/bitrouter.db?mode=rwc", folder);
    assert_string_equal (br_conf_database (conf), database);
    free (database);
    br_conf_destroy (&conf);
    assert_null (conf);
    br_conf_destroy (&conf);
    s_remove (folder);
}

static void
test_file_environment_and_flags_in_their_order (void **state)
{
    (void) state;
    char *folder = s_folder ();
    s_write (folder, "bitrouter.yaml",
             "server: {listen: \"127.0.0.1:1\"}\ndatabase: {url: "
             "\"sqlite://conf.db\"}\nproviders: {openai: "
             "{api_key: \"${KEY}\"}}\n");
    s_write (folder, ".env", "KEY=from-file\nBITROUTER_DATABASE_URL=sqlite:///env.db\n");
    const char *const none[] = { NULL };
    br_conf_flags_t flags = { .home_dir = folder, .environ_v = none };
    br_conf_t *conf = br_conf_load (&flags, NULL);
    assert_string_equal (br_conf_database (conf), "sqlite:///env.db");
    assert_string_equal (br_conf_listen (conf, 0), "127.0.0.1:1");
    cJSON *slice = fixture_slice (conf, "upstream/openai");
    fixture_is (slice, "auth>api_key", "\"from-file\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    const char *const environ_v[] = { "KEY=from-process", "BITROUTER_LISTEN=localhost:2",
                                      NULL };
    flags.environ_v = environ_v;
    flags.db = "sqlite:///flag.db";
    conf = br_conf_load (&flags, NULL);
    assert_string_equal (br_conf_database (conf), "sqlite:///flag.db");
    assert_string_equal (br_conf_listen (conf, 1), "[::1]:2");
    assert_true (br_conf_listen_is_given (conf));
    slice = fixture_slice (conf, "upstream/openai");
    fixture_is (slice, "auth>api_key", "\"from-process\"");
    cJSON_Delete (slice);
    br_conf_destroy (&conf);
    flags.listen = "127.0.0.1:3";
    conf = br_conf_load (&flags, NULL);
    assert_string_equal (br_conf_listen (conf, 0), "127.0.0.1:3");
    br_conf_destroy (&conf);
    s_remove (folder);
}

//  Given a format in the file, then that of the environment wins, and must be one.
static void
test_the_format_of_the_log_is_chosen (void **state)
{
    (void) state;
    const char *const none[] = { NULL };
    const char *const text[] = { "BITROUTER_LOG_FORMAT=text", NULL };
    const char *const empty[] = { "BITROUTER_LOG_FORMAT=", NULL };
    const char *const wrong[] = { "BITROUTER_LOG_FORMAT=s3cret", NULL };
    const struct {
        const char *yaml;
        const char *const *environ_v;
        const char *format; //  NULL = an error
    } rows[] = {
        { "{}", none, "text" },
        { "{}", (const char *const[]) { "BITROUTER_LOG_FORMAT=json", NULL }, "json" },
        { "server: {log_format: json}", none, "json" },
        { "server: {log_format: json}", text, "text" },
        { "server: {log_format: json}", empty, "json" },
        { "server: {log_format: xml}", none, NULL },
        { "{}", wrong, NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error = { BR_OK, "" };
        br_conf_t *conf = br_conf_parse ("c.yaml", rows[i].yaml, strlen (rows[i].yaml),
                                         rows[i].environ_v, &error);
        assert_int_equal (conf != NULL, rows[i].format != NULL);
        assert_null (strstr (error.text, "s3cret"));
        if (conf)
            assert_string_equal (br_conf_log_format (conf), rows[i].format);
        br_conf_destroy (&conf);
    }
}

static void
test_file_that_a_flag_names_must_be_there (void **state)
{
    (void) state;
    const char *const none[] = { NULL };
    br_error_t error = { BR_OK, "" };
    br_conf_flags_t flags = { .home_dir = "/tmp",
                              .config_file = "/nowhere/b.yaml",
                              .environ_v = none };
    assert_null (br_conf_load (&flags, &error));
    assert_string_equal (error.text,
                         "/nowhere/b.yaml: cannot be read: No such file or directory");
    flags.config_file = NULL;
    flags.env_file = "/nowhere/.env";
    assert_null (br_conf_load (&flags, &error));
    flags.env_file = NULL;
    flags.listen = "nonsense";
    assert_null (br_conf_load (&flags, &error));
    assert_int_equal (error.code, BR_ECONFIG);
}

static void
test_wrong_address_has_a_position (void **state)
{
    (void) state;
    fixture_refused (
        "server:\n  listen: [\"127.0.0.1:1\", x]\n",
        "t.yaml:2:27: server.listen: expected an address like 127.0.0.1:8787");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_every_example_loads_without_a_warning),
        cmocka_unit_test (test_full_example_means_what_it_says),
        cmocka_unit_test (test_home_without_a_file_is_valid),
        cmocka_unit_test (test_file_environment_and_flags_in_their_order),
        cmocka_unit_test (test_the_format_of_the_log_is_chosen),
        cmocka_unit_test (test_file_that_a_flag_names_must_be_there),
        cmocka_unit_test (test_wrong_address_has_a_position),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
