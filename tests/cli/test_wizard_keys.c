//  The questions about keys: texts, and whole dialogues on a pseudo-terminal.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/wizard_keys.h"
#include "tests/cli/terminal.h"

//  ---- texts

static void
given_keys_then_masks_show_their_ends_at_the_most (void **state)
{
    static const char *const rows[][2] = {
        { "sk-abcdefwxyz", "sk-a...wxyz" },
        { "123456789", "1234...6789" },
        { "12345678", "****" },
        { "x", "****" },
    };
    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *mask = wizard_keys_mask (rows[i][0]);
        assert_string_equal (mask, rows[i][1]);
        free (mask);
    }
}

static void
given_names_then_they_are_made_plain_or_refused (void **state)
{
    static const char *const rows[][2] = {
        { "My LLM", "my-llm" }, { "a_b-9", "a-b-9" }, { "", NULL },     { "9a", NULL },
        { "openai", NULL },     { "OpenAI", NULL },   { "a:b", NULL },  { "a/b", NULL },
        { "gemini", NULL },     { "-a", NULL },       { "a\nb", NULL },
    };
    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *name = wizard_keys_name (rows[i][0]);
        if (rows[i][1])
            assert_string_equal (name, rows[i][1]);
        else
            assert_null (name);
        free (name);
    }
    char *prefix = wizard_keys_prefix ("my-llm-2");
    assert_string_equal (prefix, "MY_LLM_2");
    free (prefix);
}

static void
given_addresses_then_only_web_addresses_of_one_word_count (void **state)
{
    (void) state;
    assert_true (wizard_keys_is_base ("https://a.example/v1"));
    assert_true (wizard_keys_is_base ("http://[::1]:9/"));
    assert_false (wizard_keys_is_base ("a.example"));
    assert_false (wizard_keys_is_base ("ftp://a"));
    assert_false (wizard_keys_is_base ("https://"));
    assert_false (wizard_keys_is_base ("https:///x"));
    assert_false (wizard_keys_is_base ("https://a b"));
    assert_false (wizard_keys_is_base ("https://a\"b"));
    assert_false (wizard_keys_is_base ("https://${HOME}"));
}

//  ---- dialogues

typedef struct {
    terminal_t *terminal;
    wizard_answers_t answers;
    wizard_asking_t asking;
    cli_prompt_t *prompt;
    br_conf_env_t *env;
} fixture_t;

static const char *const s_environ[] = { "OPENAI_API_KEY=sk-from-environ",
                                         "GEMINI_API_KEY=g-from-environ", NULL };

static int
s_set_up (void **state)
{
    fixture_t *self = calloc (1, sizeof *self);
    self->terminal = terminal_new ();
    int slave = self->terminal->slave;
    self->prompt = cli_prompt_new (slave, slave, false, NULL);
    self->env = br_conf_env_new (s_environ);
    self->asking = (wizard_asking_t) { self->prompt, self->env, self->env,
                                       &self->answers };
    *state = self;
    return 0;
}

static int
s_tear_down (void **state)
{
    fixture_t *self = *state;
    wizard_answers_clear (&self->answers);
    cli_prompt_destroy (&self->prompt);
    br_conf_env_destroy (&self->env);
    terminal_destroy (&self->terminal);
    free (self);
    return 0;
}

static void
given_detected_keys_when_all_is_entered_through_then_they_are_used (void **state)
{
    fixture_t *self = *state;
    terminal_type (self->terminal, "\r\r\r\r\r\r\r");
    wizard_keys_ask (&self->asking);
    assert_int_equal (cli_prompt_end (self->prompt), CLI_PROMPT_GOOD);
    assert_int_equal (self->answers.count, 2);
    assert_string_equal (self->answers.providers[0].variable, "OPENAI_API_KEY");
    assert_null (self->answers.providers[0].secret);
    assert_string_equal (self->answers.providers[1].name, "google");
    assert_string_equal (self->answers.providers[1].variable, "GEMINI_API_KEY");
    assert_null (self->answers.listen);
    const char *shown = terminal_shown (self->terminal);
    assert_non_null (strstr (shown, "✓ OpenAI (OPENAI_API_KEY)"));
    assert_non_null (strstr (shown, "OpenAI API key detected (sk-f...iron). Use this?"));
    assert_null (strstr (shown, "sk-from-environ"));
}

static void
given_a_typed_key_then_it_is_kept_and_not_shown (void **state)
{
    fixture_t *self = *state;
    terminal_type (self->terminal, "y\rn\rsk-typed-one\r" //  OpenAI, another key
                                   "y\rsk with blank\rsk-ant\r"
                                   "n\r\r0.0.0.0:1234\r");
    wizard_keys_ask (&self->asking);
    assert_int_equal (self->answers.count, 2);
    assert_string_equal (self->answers.providers[0].secret, "sk-typed-one");
    assert_string_equal (self->answers.providers[0].variable, "OPENAI_API_KEY");
    assert_string_equal (self->answers.providers[1].secret, "sk-ant");
    assert_string_equal (self->answers.listen, "0.0.0.0:1234");
    const char *shown = terminal_shown (self->terminal);
    assert_null (strstr (shown, "sk-typed"));
    assert_non_null (strstr (shown, "OPENAI_API_KEY of the environment wins over .env"));
    assert_non_null (strstr (shown, "A key is one word"));
}

static void
given_no_key_then_a_built_in_provider_is_left_out (void **state)
{
    fixture_t *self = *state;
    terminal_type (self->terminal, "n\ry\r\rn\r\r\r");
    wizard_keys_ask (&self->asking);
    assert_int_equal (self->answers.count, 0);
    assert_non_null (strstr (terminal_shown (self->terminal), "Anthropic is left out"));
}

static void
given_other_providers_then_each_has_its_names (void **state)
{
    fixture_t *self = *state;
    terminal_type (self->terminal, "n\rn\rn\r"
                                   "y\ropenai\rMy LLM\r1nonsense\r"
                                   "https://llm.example/v1\rkey-1\r"
                                   "y\rmy-llm\rlocal\r2\r\r"
                                   "n\rnowhere\r\r");
    wizard_keys_ask (&self->asking);
    assert_int_equal (cli_prompt_end (self->prompt), CLI_PROMPT_GOOD);
    assert_int_equal (self->answers.count, 2);
    const wizard_provider_t *mine = &self->answers.providers[0];
    assert_string_equal (mine->name, "my-llm");
    assert_string_equal (mine->protocol, "openai");
    assert_string_equal (mine->api_base, "https://llm.example/v1");
    assert_string_equal (mine->env_prefix, "MY_LLM");
    assert_string_equal (mine->variable, "MY_LLM_API_KEY");
    assert_string_equal (mine->secret, "key-1");
    assert_string_equal (mine[1].protocol, "anthropic");
    assert_null (mine[1].variable);
}

static void
given_a_break_then_no_more_is_asked (void **state)
{
    fixture_t *self = *state;
    terminal_type (self->terminal, "y\rn\rsk-half\003");
    wizard_keys_ask (&self->asking);
    assert_int_equal (cli_prompt_end (self->prompt), CLI_PROMPT_BREAK);
    assert_int_equal (self->answers.count, 0);
    assert_null (strstr (terminal_shown (self->terminal), "Anthropic?"));
}

#define WITH(test) cmocka_unit_test_setup_teardown (test, s_set_up, s_tear_down)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_keys_then_masks_show_their_ends_at_the_most),
        cmocka_unit_test (given_names_then_they_are_made_plain_or_refused),
        cmocka_unit_test (given_addresses_then_only_web_addresses_of_one_word_count),
        WITH (given_detected_keys_when_all_is_entered_through_then_they_are_used),
        WITH (given_a_typed_key_then_it_is_kept_and_not_shown),
        WITH (given_no_key_then_a_built_in_provider_is_left_out),
        WITH (given_other_providers_then_each_has_its_names),
        WITH (given_a_break_then_no_more_is_asked),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
