//  Tests of cli/resolution.

#include "cli/resolution.h"

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

static const cJSON *
s_at (const cJSON *resolution, const char *list, int index)
{
    return cJSON_GetArrayItem (cJSON_GetObjectItem (resolution, list), index);
}

static const char *
s_of (const cJSON *row, const char *name)
{
    return cli_effective_text (row, name, "(none)");
}

static void
given_the_cheapest_when_it_resolves_then_prices_order_it_and_the_rest_is_told (
    void **state)
{
    fixture_t *self = *state;
    br_error_t error;
    cli_effective_t *effective = cli_effective_new (&self->cli, &error);
    assert_non_null (effective);
    cJSON *resolution = cli_resolution_new (effective, "cheap", &error);
    assert_non_null (resolution);
    assert_string_equal (s_of (resolution, "how"), "route");
    const cJSON *first = s_at (resolution, "endpoints", 0);
    const cJSON *second = s_at (resolution, "endpoints", 1);
    assert_string_equal (s_of (first, "provider"), "echo");
    assert_string_equal (s_of (first, "why"), "the lowest price");
    assert_true (cJSON_IsNull (cJSON_GetObjectItem (first, "context")));
    assert_string_equal (s_of (second, "service_id"), "theirs");
    assert_string_equal (s_of (second, "state"), "unknown");
    assert_string_equal (cJSON_GetObjectItem (second, "context")->valuestring, "1000");
    assert_string_equal (cJSON_GetObjectItem (second, "output_usd")->valuestring, "15");
    const cJSON *limits = cJSON_GetObjectItem (second, "limits");
    assert_non_null (cJSON_GetObjectItem (limits, "requests_per_minute"));
    assert_null (s_at (resolution, "endpoints", 2));
    assert_string_equal (s_of (s_at (resolution, "left_out", 0), "why"),
                         "provider is not active: set OPENAI_API_KEY");
    cJSON_Delete (resolution);
    cli_effective_destroy (&effective);
}

static void
given_one_endpoint_when_it_resolves_then_it_is_the_only_one (void **state)
{
    fixture_t *self = *state;
    br_error_t error;
    cli_effective_t *effective = cli_effective_new (&self->cli, &error);
    cJSON *resolution = cli_resolution_new (effective, "priced:bigger", &error);
    assert_non_null (resolution);
    const cJSON *only = s_at (resolution, "endpoints", 0);
    assert_string_equal (s_of (only, "why"), "the only one");
    const cJSON *limits = cJSON_GetObjectItem (only, "limits");
    assert_non_null (cJSON_GetObjectItem (limits, "concurrency"));
    assert_null (cJSON_GetObjectItem (limits, "requests_per_minute"));
    assert_null (s_at (resolution, "left_out", 0));
    cJSON_Delete (resolution);
    cli_effective_destroy (&effective);
}

static void
given_an_unknown_name_when_it_resolves_then_it_is_not_found (void **state)
{
    fixture_t *self = *state;
    br_error_t error;
    cli_effective_t *effective = cli_effective_new (&self->cli, &error);
    assert_null (cli_resolution_new (effective, "nobody-has-it", &error));
    assert_int_equal (error.code, BR_ENOTFOUND);
    cli_effective_destroy (&effective);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (
            given_the_cheapest_when_it_resolves_then_prices_order_it_and_the_rest_is_told,
            s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            given_one_endpoint_when_it_resolves_then_it_is_the_only_one, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (
            given_an_unknown_name_when_it_resolves_then_it_is_not_found, s_setup,
            s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
