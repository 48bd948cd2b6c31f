//  The way to the cloud: an account, a token that verifies, and one that is there already.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>
#include <sodium.h>

#include "broker/identity/keystore.h"
#include "cli/wizard_cloud.h"
#include "tests/cli/terminal.h"

typedef struct {
    char folder[64];
    terminal_t *terminal;
    wizard_answers_t answers;
    br_conf_env_t *env;
    wizard_asking_t asking;
} fixture_t;

static fixture_t *
s_new (const char *const *env_v)
{
    fixture_t *self = calloc (1, sizeof *self);
    strcpy (self->folder, "/tmp/test_wizard_cloud.XXXXXX");
    assert_non_null (mkdtemp (self->folder));
    strcat (self->folder, "/.keys");
    self->terminal = terminal_new ();
    int slave = self->terminal->slave;
    self->env = br_conf_env_new (env_v);
    self->asking.prompt = cli_prompt_new (slave, slave, false, NULL);
    self->asking.env = self->asking.process = self->env;
    self->asking.answers = &self->answers;
    return self;
}

static void
s_destroy (fixture_t *self)
{
    char command[128];
    *strrchr (self->folder, '/') = 0;
    snprintf (command, sizeof command, "rm -rf '%s'", self->folder);
    assert_int_equal (system (command), 0);
    wizard_answers_clear (&self->answers);
    cli_prompt_destroy (&self->asking.prompt);
    br_conf_env_destroy (&self->env);
    terminal_destroy (&self->terminal);
    free (self);
}

static void
given_nothing_when_made_then_the_token_is_of_the_active_account (void **state)
{
    (void) state;
    fixture_t *self = s_new (NULL);
    wizard_cloud_ask (&self->asking);
    assert_int_equal (wizard_cloud_make (&self->asking, self->folder, NULL), 0);
    const wizard_provider_t *provider = &self->answers.providers[0];
    assert_string_equal (provider->name, "bitrouter");
    assert_string_equal (provider->variable, "BITROUTER_API_KEY");
    br_keystore_t *store = br_keystore_new (self->folder, NULL, NULL);
    br_identity_t *who = br_keystore_verify (store, provider->secret,
                                             (uint64_t) time (NULL), NULL);
    assert_non_null (who);
    assert_int_equal (who->expires_s - who->issued_s, WIZARD_CLOUD_DAYS * 86400);
    br_identity_destroy (&who);
    br_keystore_destroy (&store);
    const char *shown = terminal_shown (self->terminal);
    assert_non_null (strstr (shown, "Solana: "));
    assert_non_null (strstr (shown, "EVM:    0x"));
    assert_null (strstr (shown, provider->secret));
    s_destroy (self);
}

static void
given_a_key_when_it_is_used_then_nothing_is_made (void **state)
{
    (void) state;
    static const char *const s_env[] = { "BITROUTER_API_KEY=brk_id.secret-part", NULL };
    fixture_t *self = s_new (s_env);
    terminal_type (self->terminal, "\r");
    wizard_cloud_ask (&self->asking);
    assert_int_equal (wizard_cloud_make (&self->asking, self->folder, NULL), 0);
    assert_null (self->answers.providers[0].secret);
    assert_string_equal (self->answers.providers[0].variable, "BITROUTER_API_KEY");
    assert_int_equal (access (self->folder, F_OK), -1);
    assert_null (strstr (terminal_shown (self->terminal), "secret"));
    s_destroy (self);
}

static void
given_a_folder_that_cannot_be_made_then_it_is_told (void **state)
{
    (void) state;
    fixture_t *self = s_new (NULL);
    wizard_cloud_ask (&self->asking);
    br_error_t error = { .code = BR_OK };
    assert_int_equal (wizard_cloud_make (&self->asking, "/dev/null/keys", &error), -1);
    assert_int_not_equal (error.code, BR_OK);
    assert_null (self->answers.providers[0].variable);
    s_destroy (self);
}

int
main (void)
{
    if (sodium_init () < 0)
        return 99;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_nothing_when_made_then_the_token_is_of_the_active_account),
        cmocka_unit_test (given_a_key_when_it_is_used_then_nothing_is_made),
        cmocka_unit_test (given_a_folder_that_cannot_be_made_then_it_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
