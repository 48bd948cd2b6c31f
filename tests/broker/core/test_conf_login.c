//  Providers that somebody has logged in to: what is listed, and whose way that becomes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "broker/core/alloc.h"
#include "broker/core/conf.h"
#include "broker/core/conf_file.h"
#include "broker/core/conf_login.h"

static int
s_setup (void **state)
{
    char *home = br_strdup ("/tmp/br-conf-login-XXXXXX");
    assert_non_null (mkdtemp (home));
    char *keys = br_strf ("%s/.keys", home);
    char *folder = br_strf ("%s/login", keys);
    assert_int_equal (mkdir (keys, 0700), 0);
    assert_int_equal (mkdir (folder, 0700), 0);
    free (folder);
    free (keys);
    *state = home;
    return 0;
}

static int
s_teardown (void **state)
{
    char *command = br_strf ("rm -rf '%s'", (char *) *state);
    int rc = system (command);
    free (command);
    free (*state);
    return rc;
}

static void
s_given_file (void **state, const char *name, const char *text)
{
    char *path = br_strf ("%s/%s", (char *) *state, name);
    assert_int_equal (br_conf_file_create (path, text, 0600, NULL), 0);
    free (path);
}

static br_conf_t *
s_load (void **state, const char *const *environ_v, const char *provider)
{
    static const char *const s_none[] = { NULL };
    br_conf_flags_t flags = { .home_dir = *state, .provider = provider };
    flags.environ_v = environ_v ? environ_v : s_none;
    br_conf_t *conf = br_conf_load (&flags, NULL);
    assert_non_null (conf);
    return conf;
}

static void
s_auth_is (const br_conf_t *conf, const char *name, const char *auth, bool active)
{
    assert_string_equal (br_conf_provider_auth (conf, name), auth);
    assert_true (br_conf_provider_active (conf, name) == active);
}

static void
tokens_are_listed_by_their_providers (void **state)
{
    s_given_file (state, ".keys/login/anthropic.json", "{}");
    s_given_file (state, ".keys/login/.draft-x.json", "{}");
    s_given_file (state, ".keys/login/note.txt", "");
    s_given_file (state, ".keys/login/.json", "");
    char *keys = br_strf ("%s/.keys", (char *) *state);
    br_conf_words_t *logins = br_conf_login_list (keys);
    assert_int_equal (br_conf_words_count (logins), 1);
    assert_string_equal (br_conf_words_at (logins, 0), "anthropic");
    br_conf_words_destroy (&logins);
    free (keys);
    logins = br_conf_login_list ("/nowhere");
    assert_int_equal (br_conf_words_count (logins), 0);
    br_conf_words_destroy (&logins);
}

static void
a_built_in_provider_with_a_token_is_active (void **state)
{
    br_conf_t *conf = s_load (state, NULL, NULL);
    s_auth_is (conf, "anthropic", "protocol", false);
    assert_string_equal (br_conf_provider_hint (conf, "openai-codex"),
                         "run `bitrouter login openai-codex`");
    br_conf_destroy (&conf);
    s_given_file (state, ".keys/login/anthropic.json", "{\"access_token\":\"secret\"}");
    s_given_file (state, ".keys/login/unknown.json", "{}");
    conf = s_load (state, NULL, NULL);
    s_auth_is (conf, "anthropic", "oauth", true);
    assert_null (br_conf_warning (conf, 0));
    char *slice = br_conf_slice (conf, "upstream/anthropic");
    assert_non_null (strstr (slice, "/.keys/login/anthropic.json\""));
    assert_non_null (strstr (slice, "\"stamp\""));
    assert_non_null (strstr (slice, "\"anthropic-beta\""));
    assert_null (strstr (slice, "secret"));
    free (slice);
    char *shown = br_conf_show (conf);
    assert_null (strstr (shown, "secret"));
    free (shown);
    br_conf_destroy (&conf);
}

static void
a_key_wins_over_a_token (void **state)
{
    s_given_file (state, ".keys/login/anthropic.json", "{}");
    static const char *const s_env[] = { "ANTHROPIC_API_KEY=k", NULL };
    br_conf_t *conf = s_load (state, s_env, NULL);
    s_auth_is (conf, "anthropic", "protocol", true);
    br_conf_destroy (&conf);
    s_given_file (state, "bitrouter.yaml", "providers: { anthropic: { api_key: k } }\n");
    conf = s_load (state, NULL, NULL);
    s_auth_is (conf, "anthropic", "protocol", true);
    br_conf_destroy (&conf);
}

static void
a_child_does_not_take_its_parents_token (void **state)
{
    s_given_file (state, ".keys/login/anthropic.json", "{}");
    s_given_file (
        state, "bitrouter.yaml",
        "providers:\n  mine: { derives: anthropic, api_base: 'https://mine' }\n");
    br_conf_t *conf = s_load (state, NULL, NULL);
    s_auth_is (conf, "mine", "protocol", true);
    br_conf_destroy (&conf);
}

static void
who_asks_for_oauth_without_a_token_is_told_what_to_do (void **state)
{
    s_given_file (state, "bitrouter.yaml",
                  "providers: { anthropic: { auth: { type: oauth } } }\n");
    br_conf_t *conf = s_load (state, NULL, NULL);
    assert_non_null (strstr (br_conf_warning (conf, 0), "`bitrouter login anthropic`"));
    br_conf_destroy (&conf);
}

static void
how_to_log_in_is_told_of_providers_that_have_a_way (void **state)
{
    s_given_file (state, "bitrouter.yaml",
                  "providers:\n  anthropic: { login: { client_id: mine } }\n");
    static const char *const s_env[] = { "OPENAI_CODEX_LOGIN_CLIENT_ID=theirs", NULL };
    br_conf_t *conf = s_load (state, s_env, "openai-codex");
    char *login = br_conf_provider_login (conf, "anthropic", NULL);
    cJSON *json = cJSON_Parse (login);
    free (login);
    assert_string_equal (cJSON_GetObjectItem (json, "client_id")->valuestring, "mine");
    assert_non_null (cJSON_GetObjectItem (json, "token_url"));
    cJSON_Delete (json);
    login = br_conf_provider_login (conf, "openai-codex", NULL);
    assert_non_null (strstr (login, "\"client_id\":\"theirs\""));
    assert_non_null (strstr (login, "\"redirect_port\":1455"));
    free (login);
    assert_string_equal (br_conf_provider_prefix (conf, "anthropic"), "ANTHROPIC");
    br_error_t error = { .code = BR_OK };
    assert_null (br_conf_provider_login (conf, "nobody", &error));
    assert_int_equal (error.code, BR_ENOTFOUND);
    br_conf_destroy (&conf);
    conf = s_load (state, NULL, "openai");
    assert_null (br_conf_provider_login (conf, "openai", &error));
    assert_int_equal (error.code, BR_EINVALID);
    assert_true (br_conf_update_check (conf));
    br_conf_destroy (&conf);
}

static void
checks_for_versions_can_be_forbidden (void **state)
{
    s_given_file (state, "bitrouter.yaml", "update_check: false\n");
    br_conf_t *conf = s_load (state, NULL, NULL);
    assert_null (br_conf_warning (conf, 0));
    assert_false (br_conf_update_check (conf));
    br_conf_destroy (&conf);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (tokens_are_listed_by_their_providers),
        TEST (a_built_in_provider_with_a_token_is_active),
        TEST (a_key_wins_over_a_token),
        TEST (a_child_does_not_take_its_parents_token),
        TEST (who_asks_for_oauth_without_a_token_is_told_what_to_do),
        TEST (how_to_log_in_is_told_of_providers_that_have_a_way),
        TEST (checks_for_versions_can_be_forbidden),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
