//  launch_agents: each agent's row is found, and every text becomes what the agent reads.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/launch_agents.h"

static const cli_launch_values_t s_values = { .url = "http://127.0.0.1:8787",
                                              .token = "brvk_x",
                                              .session = "0123",
                                              .home = "/run/it" };

//  The expanded value of a variable of an agent. "caller frees"
static char *
s_value (const char *agent, const char *name)
{
    const cli_launch_variable_t *row = cli_launch_agent_find (agent)->variables;
    for (; row->name; row++)
        if (strcmp (row->name, name) == 0)
            return row->value ? cli_launch_expand (row->value, &s_values) : NULL;
    fail_msg ("%s has no %s", agent, name);
    return NULL;
}

static void
s_assert_value (const char *agent, const char *name, const char *wanted)
{
    char *value = s_value (agent, name);
    assert_string_equal (value, wanted);
    free (value);
}

static void
test_a_path_finds_the_agent_by_its_last_part (void **state)
{
    (void) state;
    assert_string_equal (cli_launch_agent_find ("/opt/bin/claude")->name, "claude");
    assert_null (cli_launch_agent_find ("claude/other")->name);
    assert_null (cli_launch_agent_find ("")->name);
}

static void
test_claude_gets_the_bare_url_and_no_key_beside_the_token (void **state)
{
    (void) state;
    s_assert_value ("claude", "ANTHROPIC_BASE_URL", "http://127.0.0.1:8787");
    s_assert_value ("claude", "ANTHROPIC_AUTH_TOKEN", "brvk_x");
    assert_null (s_value ("claude", "ANTHROPIC_API_KEY"));
    s_assert_value ("claude", "ANTHROPIC_CUSTOM_HEADERS",
                    "x-bitrouter-session: 0123\nx-bitrouter-run: 0123\n"
                    "x-bitrouter-agent: claude");
}

static void
test_opencode_gets_json_without_the_token_in_it (void **state)
{
    (void) state;
    char *text = s_value ("opencode", "OPENCODE_CONFIG_CONTENT");
    cJSON *json = cJSON_Parse (text);
    const cJSON *provider = cJSON_GetObjectItemCaseSensitive (json, "provider");
    const cJSON *openai = cJSON_GetObjectItemCaseSensitive (provider, "openai");
    const cJSON *options = cJSON_GetObjectItemCaseSensitive (openai, "options");
    assert_string_equal (
        cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (options, "baseURL")),
        "http://127.0.0.1:8787/v1");
    assert_null (strstr (text, "brvk_x"));
    cJSON_Delete (json);
    free (text);
}

static void
test_codex_gets_arguments_in_pairs_and_the_token_by_name (void **state)
{
    (void) state;
    const char *const *args = cli_launch_agent_find ("codex")->args;
    size_t count = 0;
    for (; args[count]; count += 2) {
        assert_string_equal (args[count], "-c");
        assert_non_null (strchr (args[count + 1], '='));
        assert_null (strstr (args[count + 1], CLI_LAUNCH_TOKEN));
    }
    assert_true (count > 0);
    s_assert_value ("codex", "BITROUTER_TOKEN", "brvk_x");
}

static void
test_gemini_is_told_not_to_ask_how_to_sign_in (void **state)
{
    (void) state;
    const cli_launch_agent_t *gemini = cli_launch_agent_find ("gemini");
    cJSON *json = cJSON_Parse (gemini->file_text);
    const cJSON *auth = cJSON_GetObjectItemCaseSensitive (
        cJSON_GetObjectItemCaseSensitive (json, "security"), "auth");
    assert_string_equal (
        cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (auth, "selectedType")),
        "gemini-api-key");
    cJSON_Delete (json);
    assert_non_null (gemini->file_name);
    s_assert_value ("gemini", "GEMINI_CLI_HOME", "/run/it");
    s_assert_value ("gemini", "GEMINI_API_KEY", "brvk_x");
    assert_null (s_value ("gemini", "GOOGLE_API_KEY"));
    assert_null (s_value ("gemini", "GOOGLE_GENAI_USE_VERTEXAI"));
}

static void
test_settings_of_a_person_are_kept_where_they_do (void **state)
{
    (void) state;
    const cli_launch_variable_t ours = { "BR_TEST_KEPT", "{home}" };
    const cli_launch_variable_t other = { "BR_TEST_KEPT", "{token}" };
    const cli_launch_agent_t agent = { .own_file = "own", .own_word = "good" };
    char home[] = "/tmp/test_launch.XXXXXX";
    assert_non_null (mkdtemp (home));
    char path[64];
    snprintf (path, sizeof path, "%s/own", home);
    unsetenv ("BR_TEST_KEPT");
    assert_false (cli_launch_is_kept (&agent, &ours, home));
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs ("bad ", file);
    fflush (file);
    assert_false (cli_launch_is_kept (&agent, &ours, home));
    fputs ("good", file);
    fclose (file);
    assert_true (cli_launch_is_kept (&agent, &ours, home));
    assert_false (cli_launch_is_kept (&agent, &ours, NULL));
    assert_false (cli_launch_is_kept (&agent, &other, home));
    setenv ("BR_TEST_KEPT", "/mine", 1);
    assert_true (cli_launch_is_kept (&agent, &ours, NULL));
    assert_false (cli_launch_is_kept (&agent, &other, NULL));
    unsetenv ("BR_TEST_KEPT");
    remove (path);
    remove (home);
}

static void
test_keys_that_would_lead_around_the_server_are_taken_out (void **state)
{
    (void) state;
    assert_null (s_value ("claude", "CLAUDE_CODE_USE_BEDROCK"));
    assert_null (s_value ("claude", "CLAUDE_CODE_USE_VERTEX"));
    assert_null (s_value ("aider", "ANTHROPIC_API_KEY"));
    s_assert_value ("other", "GOOGLE_API_KEY", "brvk_x");
}

static void
test_an_unknown_agent_gets_all_three_kinds (void **state)
{
    (void) state;
    s_assert_value ("other", "OPENAI_BASE_URL", "http://127.0.0.1:8787/v1");
    s_assert_value ("other", "ANTHROPIC_BASE_URL", "http://127.0.0.1:8787");
    s_assert_value ("other", "GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:8787");
}

static void
test_without_a_token_its_place_stays (void **state)
{
    (void) state;
    const cli_launch_values_t values = { .url = "u", .session = "s" };
    char *text = cli_launch_expand ("{url} {token} {session} {other} {", &values);
    assert_string_equal (text, "u {token} s {other} {");
    free (text);
}

static void
test_every_named_row_has_something_to_say (void **state)
{
    (void) state;
    const cli_launch_agent_t *row;
    for (unsigned i = 0; (row = cli_launch_agent_at (i)) != NULL; i++) {
        assert_ptr_equal (cli_launch_agent_find (row->name), row);
        assert_non_null (row->title);
        assert_non_null (row->variables[0].name);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_path_finds_the_agent_by_its_last_part),
        cmocka_unit_test (test_claude_gets_the_bare_url_and_no_key_beside_the_token),
        cmocka_unit_test (test_opencode_gets_json_without_the_token_in_it),
        cmocka_unit_test (test_codex_gets_arguments_in_pairs_and_the_token_by_name),
        cmocka_unit_test (test_gemini_is_told_not_to_ask_how_to_sign_in),
        cmocka_unit_test (test_settings_of_a_person_are_kept_where_they_do),
        cmocka_unit_test (test_keys_that_would_lead_around_the_server_are_taken_out),
        cmocka_unit_test (test_an_unknown_agent_gets_all_three_kinds),
        cmocka_unit_test (test_without_a_token_its_place_stays),
        cmocka_unit_test (test_every_named_row_has_something_to_say),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
