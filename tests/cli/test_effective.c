//  Tests of cli/effective.

#include "cli/effective.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define FILE_TEXT                                                                        \
    "server: { listen: 127.0.0.1:0 }\n"                                                  \
    "providers:\n"                                                                       \
    "  priced:\n"                                                                        \
    "    api_base: http://127.0.0.1:9/v1\n"                                              \
    "    api_key: secret-of-a-test\n"                                                    \
    "    rate_limits: { '*': { requests_per_minute: 60 }, 'b*': { concurrency: 4 } }\n"  \
    "    models: { big: { max_input_tokens: 1000, provider_model_id: theirs, pricing: "  \
    "{ "                                                                                 \
    "input_tokens: { no_cache: 3 }, output_tokens: { text: 15 } } } }\n"                 \
    "models:\n"                                                                          \
    "  cheap: { strategy: cheapest, endpoints: [{ provider: priced, service_id: big }, " \
    "{ provider: echo, service_id: echo }, { provider: openai, service_id: x }] }\n"

static const char *const s_environ[] = { "HOME=/nonexistent", NULL };

typedef struct {
    char home[64];
    cli_t cli;
} fixture_t;

static int
s_setup (void **state)
{
    fixture_t *self = BR_NEW (fixture_t);
    strcpy (self->home, "/tmp/bitrouter-test-XXXXXX");
    assert_non_null (mkdtemp (self->home));
    char *path = br_strf ("%s/bitrouter.yaml", self->home);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs (FILE_TEXT, file);
    fclose (file);
    free (path);
    self->cli.flags.home_dir = self->home;
    self->cli.flags.environ_v = s_environ;
    *state = self;
    return 0;
}

static int
s_teardown (void **state)
{
    fixture_t *self = *state;
    char *path = br_strf ("%s/bitrouter.yaml", self->home);
    unlink (path);
    free (path);
    rmdir (self->home);
    free (self);
    return 0;
}

static void
given_no_server_when_it_is_asked_then_the_files_answer (void **state)
{
    fixture_t *self = *state;
    br_error_t error;
    cli_effective_t *effective = cli_effective_new (&self->cli, &error);
    assert_non_null (effective);
    assert_false (cli_effective_is_running (effective));
    assert_true (cli_effective_is_active (effective, "priced"));
    assert_null (cli_effective_hint (effective, "priced"));
    assert_false (cli_effective_is_active (effective, "openai"));
    assert_string_equal (cli_effective_hint (effective, "openai"), "set OPENAI_API_KEY");
    assert_false (cli_effective_is_active (effective, "nobody"));
    assert_null (cli_effective_ask (effective, "breakers", NULL));
    const br_conf_node_t *settings = cli_effective_settings (effective, "priced");
    assert_string_equal (br_conf_node_get_text (settings, "api_base"),
                         "http://127.0.0.1:9/v1");
    assert_string_not_equal (br_conf_node_get_text (settings, "api_key"),
                             "secret-of-a-test");
    assert_non_null (cJSON_GetObjectItem (cli_effective_slice (effective), "models"));
    assert_non_null (br_conf_node_get (cli_effective_tree (effective), "models"));
    cli_effective_destroy (&effective);
    assert_null (effective);
}

static void
given_a_provider_without_a_block_when_it_is_described_then_its_file_is_read (void **state)
{
    fixture_t *self = *state;
    br_error_t error;
    cli_effective_t *effective = cli_effective_new (&self->cli, &error);
    assert_null (cli_effective_settings (effective, "anthropic"));
    assert_int_equal (cli_effective_describe (effective, &error), 0);
    const br_conf_node_t *settings = cli_effective_settings (effective, "anthropic");
    assert_string_equal (br_conf_node_get_text (settings, "api_base"),
                         "https://api.anthropic.com");
    assert_null (cli_effective_settings (effective, "nobody"));
    assert_null (cli_effective_provider (effective, 10000));
    cli_effective_destroy (&effective);
}

static void
given_a_broken_file_when_it_is_read_then_the_error_says_where (void **state)
{
    fixture_t *self = *state;
    char *path = br_strf ("%s/bitrouter.yaml", self->home);
    FILE *file = fopen (path, "a");
    fputs ("  broken: [\n", file);
    fclose (file);
    br_error_t error;
    assert_null (cli_effective_new (&self->cli, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_int_equal (strncmp (error.text, path, strlen (path)), 0);
    free (path);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (
            given_no_server_when_it_is_asked_then_the_files_answer, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            given_a_provider_without_a_block_when_it_is_described_then_its_file_is_read,
            s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            given_a_broken_file_when_it_is_read_then_the_error_says_where, s_setup,
            s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
