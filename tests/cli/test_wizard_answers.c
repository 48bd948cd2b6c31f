//  What comes of answers: a configuration without a secret, and a .env with them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/core/conf.h"
#include "broker/core/conf_file.h"
#include "cli/wizard_answers.h"

#define SECRET "sk-not-in-the-yaml"

static void
s_given_two (wizard_answers_t *answers)
{
    wizard_provider_t *openai = wizard_answers_add (answers);
    openai->name = br_strdup ("openai");
    openai->variable = br_strdup ("OPENAI_API_KEY");
    openai->secret = br_strdup (SECRET);
    wizard_provider_t *mine = wizard_answers_add (answers);
    mine->name = br_strdup ("my-llm");
    mine->protocol = "openai";
    mine->api_base = br_strdup ("http://127.0.0.1:9/v1");
    mine->env_prefix = br_strdup ("MY_LLM");
    mine->variable = br_strdup ("MY_LLM_API_KEY");
    answers->listen = br_strdup ("127.0.0.1:9999");
}

static void
given_answers_then_the_configuration_loads_and_has_no_secret (void **state)
{
    (void) state;
    wizard_answers_t answers = { .count = 0 };
    s_given_two (&answers);
    char *yaml = wizard_answers_yaml (&answers, NULL);
    assert_non_null (yaml);
    assert_null (strstr (yaml, SECRET));
    assert_non_null (strstr (yaml, "api_key: ${OPENAI_API_KEY}\n"));
    static const char *const s_env[] = { "OPENAI_API_KEY=a", "MY_LLM_API_KEY=b", NULL };
    br_conf_t *conf = br_conf_parse ("x", yaml, strlen (yaml), s_env, NULL);
    assert_non_null (conf);
    assert_true (br_conf_provider_active (conf, "openai"));
    assert_true (br_conf_provider_active (conf, "my-llm"));
    assert_string_equal (br_conf_listen (conf, 0), "127.0.0.1:9999");
    assert_null (br_conf_warning (conf, 0));
    br_conf_destroy (&conf);
    free (yaml);
    wizard_answers_clear (&answers);
}

static void
given_no_answers_then_the_configuration_is_one_still (void **state)
{
    (void) state;
    wizard_answers_t answers = { .count = 0 };
    char *yaml = wizard_answers_yaml (&answers, NULL);
    assert_non_null (yaml);
    br_conf_t *conf = br_conf_parse ("x", yaml, strlen (yaml), NULL, NULL);
    assert_non_null (conf);
    assert_false (br_conf_listen_is_given (conf));
    br_conf_destroy (&conf);
    free (yaml);
}

static void
given_an_address_that_is_none_then_nothing_is_written (void **state)
{
    (void) state;
    wizard_answers_t answers = { .count = 0 };
    s_given_two (&answers);
    free (answers.listen);
    answers.listen = br_strdup ("nowhere");
    br_error_t error = { .code = BR_OK };
    assert_int_equal (wizard_answers_write (&answers, "/tmp/test_wizard_answers.none",
                                            "/tmp/test_wizard_answers.env", &error),
                      -1);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_false (br_conf_file_exists ("/tmp/test_wizard_answers.none"));
    assert_false (br_conf_file_exists ("/tmp/test_wizard_answers.env"));
    wizard_answers_clear (&answers);
}

static void
given_too_many_providers_then_there_is_no_next_one (void **state)
{
    (void) state;
    wizard_answers_t answers = { .count = 0 };
    for (int i = 0; i < WIZARD_PROVIDERS_MAX; i++)
        assert_non_null (wizard_answers_add (&answers));
    assert_null (wizard_answers_add (&answers));
    wizard_answers_clear (&answers);
    assert_int_equal (answers.count, 0);
}

static void
given_answers_when_written_then_both_files_are_there (void **state)
{
    (void) state;
    char folder[] = "/tmp/test_wizard_answers.XXXXXX";
    assert_non_null (mkdtemp (folder));
    char *yaml = br_strf ("%s/bitrouter.yaml", folder);
    char *env = br_strf ("%s/.env", folder);
    wizard_answers_t answers = { .count = 0 };
    s_given_two (&answers);
    assert_int_equal (wizard_answers_write (&answers, yaml, env, NULL), 0);
    size_t size;
    char *text = br_conf_file_read (env, 1000, &size, NULL);
    assert_string_equal (text, "OPENAI_API_KEY=" SECRET "\n");
    free (text);
    assert_true (br_conf_file_exists (yaml));
    wizard_answers_clear (&answers);
    assert_int_equal (remove (yaml), 0);
    assert_int_equal (remove (env), 0);
    assert_int_equal (remove (folder), 0);
    free (env);
    free (yaml);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_answers_then_the_configuration_loads_and_has_no_secret),
        cmocka_unit_test (given_no_answers_then_the_configuration_is_one_still),
        cmocka_unit_test (given_an_address_that_is_none_then_nothing_is_written),
        cmocka_unit_test (given_too_many_providers_then_there_is_no_next_one),
        cmocka_unit_test (given_answers_when_written_then_both_files_are_there),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
