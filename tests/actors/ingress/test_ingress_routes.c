//  ingress_routes: which endpoints answer for which name.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_routes.h"
#include "broker/proto/candidates.h"

static const char s_slice[] =
    "{\"providers\":{"
    "\"openrouter\":{\"actor\":\"upstream/openrouter\",\"priority\":5,\"models\":{"
    "\"openai/gpt-5\":{},\"shared\":{},\"llama3:8b\":{}}},"
    "\"openai\":{\"actor\":\"upstream/openai\",\"models\":{\"gpt-4o\":{"
    "\"max_input_tokens\":128000,\"input_modalities\":[\"text\",\"image\",\"file\"]},"
    "\"shared\":{},"
    "\"old\":{\"provider_model_id\":\"old-2024\",\"max_input_tokens\":7}},"
    "\"accounts\":[\"openai#0\",\"openai#1\"],\"account_strategy\":\"balance\"},"
    "\"lent\":{\"actor\":\"upstream/lent\",\"routes_only\":true,\"models\":{\"x9\":{}}},"
    "\"moonshot\":{\"actor\":\"upstream/moonshot\",\"models\":{}}},"
    "\"aliases\":{\"moonshotai\":\"moonshot\",\"claude\":\"anthropic\"},"
    "\"inactive\":{\"anthropic\":\"set ANTHROPIC_API_KEY\"},"
    "\"models\":{"
    "\"smart\":{\"strategy\":\"load_balance\",\"endpoints\":["
    "{\"provider\":\"anthropic\",\"model\":\"claude-4\"},"
    "{\"provider\":\"openai\",\"model\":\"gpt-4o\",\"endpoint\":\"smart#1\",\"weight\":3}"
    ","
    "{\"provider\":\"moonshotai\",\"model\":\"k2\"}]},"
    "\"dead\":{\"endpoints\":[{\"provider\":\"anthropic\",\"model\":\"c\"}]},"
    "\"lone\":{\"endpoints\":[{\"provider\":\"lent\",\"model\":\"x9\"}]},"
    "\"empty\":{\"endpoints\":[]}}}";

typedef struct {
    ingress_routes_t *routes;
    br_buf_t scratch;
    br_error_t error;
    ingress_target_t target;
    br_candidate_t rows[BR_CANDIDATES_MAX];
    int count;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    memset (&world, 0, sizeof world);
    world.routes = ingress_routes_new (s_slice, &world.error);
    br_buf_init (&world.scratch, 65536);
    *state = &world;
    return world.routes ? 0 : -1;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    ingress_routes_destroy (&world->routes);
    br_buf_free (&world->scratch);
    return 0;
}

static int
s_resolve (world_t *world, const char *name)
{
    int rc = ingress_routes_resolve (world->routes, name, &world->scratch, &world->target,
                                     &world->error);
    if (rc == 0)
        world->count = br_candidates_read (world->target.candidates, world->rows,
                                           BR_CANDIDATES_MAX);
    return rc;
}

static void
s_is (const br_candidate_t *row, const char *provider, const char *model,
      const char *endpoint)
{
    assert_string_equal (row->provider, provider);
    assert_string_equal (row->model, model);
    assert_string_equal (row->endpoint, endpoint);
}

static void
a_route_names_its_active_endpoints_in_order (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "smart"), 0);
    assert_string_equal (world->target.strategy, "load_balance");
    assert_int_equal (world->count, 2);
    s_is (&world->rows[0], "openai", "gpt-4o", "smart#1");
    assert_string_equal (world->rows[0].actor, "upstream/openai");
    assert_int_equal (world->rows[0].weight, 3);
    s_is (&world->rows[1], "moonshot", "k2", "");
}

static void
a_provider_and_a_model_reach_each_of_its_accounts (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "openai:gpt-4o"), 0);
    assert_string_equal (world->target.strategy, "load_balance");
    assert_int_equal (world->count, 2);
    s_is (&world->rows[0], "openai", "gpt-4o", "openai#0");
    s_is (&world->rows[1], "openai", "gpt-4o", "openai#1");
}

static void
a_model_behind_a_colon_need_not_be_listed (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "moonshotai:a/b:c"), 0);
    assert_int_equal (world->count, 1);
    s_is (&world->rows[0], "moonshot", "a/b:c", "");
}

static void
a_colon_without_a_provider_is_part_of_the_name (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "llama3:8b"), 0);
    s_is (&world->rows[0], "openrouter", "llama3:8b", "");
}

static void
a_slash_prefers_the_catalogue_of_the_provider (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "openai/gpt-4o"), 0);
    s_is (&world->rows[0], "openai", "gpt-4o", "openai#0");
    assert_int_equal (s_resolve (world, "openai/gpt-5"), 0);
    s_is (&world->rows[0], "openrouter", "openai/gpt-5", "");
    assert_int_equal (s_resolve (world, "openai/gpt-6"), 0);
    s_is (&world->rows[0], "openai", "gpt-6", "openai#0");
}

static void
a_bare_name_reaches_all_that_have_it_by_priority (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "shared"), 0);
    assert_string_equal (world->target.strategy, "priority");
    assert_int_equal (world->count, 3);
    s_is (&world->rows[0], "openai", "shared", "openai#0");
    s_is (&world->rows[2], "openrouter", "shared", "");
}

static void
a_provider_has_its_own_name_for_a_model (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "old"), 0);
    s_is (&world->rows[0], "openai", "old-2024", "openai#0");
    assert_int_equal (s_resolve (world, "openai:old"), 0);
    s_is (&world->rows[0], "openai", "old-2024", "openai#0");
}

static void
a_provider_without_a_key_serves_routes_alone (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "lone"), 0);
    s_is (&world->rows[0], "lent", "x9", "");
    assert_int_equal (s_resolve (world, "lent:x9"), -1);
    assert_int_equal (s_resolve (world, "x9"), -1);
}

static void
an_inactive_provider_is_told_how_to_wake (void **state)
{
    world_t *world = *state;
    const char *names[] = { "anthropic:c", "anthropic/c", "dead" };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal (s_resolve (world, names[i]), -1);
        assert_int_equal (world->error.code, BR_ENOTFOUND);
        assert_string_equal (world->error.text,
                             "provider 'anthropic' is not active: set ANTHROPIC_API_KEY");
    }
    assert_int_equal (s_resolve (world, "claude:x"), -1);
    assert_non_null (strstr (world->error.text, "set ANTHROPIC_API_KEY"));
    assert_int_equal (s_resolve (world, "empty"), -1);
    assert_non_null (strstr (world->error.text, "'empty'"));
}

static void
an_unknown_name_is_told_what_is_near (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "gpt-4p"), -1);
    assert_int_equal (world->error.code, BR_ENOTFOUND);
    assert_non_null (strstr (world->error.text, "'gpt-4o'"));
    assert_int_equal (s_resolve (world, "opnai:gpt-4o"), -1);
    assert_non_null (strstr (world->error.text, "'openai:gpt-4o'"));
    assert_int_equal (s_resolve (world, "zzzzzzzzzzzz"), -1);
    assert_null (strstr (world->error.text, "near"));
    assert_int_equal (s_resolve (world, "openai:"), -1);
    assert_int_equal (s_resolve (world, ":"), -1);
}

static void
a_long_name_is_cut_in_the_text_between_characters (void **state)
{
    world_t *world = *state;
    char name[400];
    for (size_t i = 0; i + 1 < sizeof name; i += 3)
        memcpy (name + i, "\xe2\x82\xac", 3);
    name[399] = 0;
    assert_int_equal (s_resolve (world, name), -1);
    assert_non_null (strstr (world->error.text, "\xe2\x82\xac'"));
}

static void
the_list_is_sorted_and_whole (void **state)
{
    world_t *world = *state;
    br_buf_clear (&world->scratch);
    ingress_routes_print (world->routes, &world->scratch);
    const char *text = br_buf_text (&world->scratch);
    const char
        *start = "[{\"name\":\"dead\",\"kind\":\"model\",\"strategy\":\"priority\","
                 "\"endpoints\":[{\"provider\":\"anthropic\",\"service_id\":\"c\","
                 "\"model_id\":\"c\"}],\"source\":\"config\"},{\"name\":\"empty\"";
    assert_memory_equal (text, start, strlen (start));
    assert_non_null (
        strstr (text, "},{\"provider\":\"openai\",\"service_id\":\"gpt-4o\""));
}

static void
candidates_know_what_their_catalogue_says (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "smart"), 0);
    assert_int_equal (world->rows[0].context, 128000);
    assert_int_equal (world->rows[0].lacks, BR_NEED_AUDIO);
    assert_int_equal (world->rows[1].context, 0);
    assert_int_equal (world->target.count, 2);
    assert_int_equal (world->target.lacks, BR_NEED_AUDIO);
    assert_int_equal (s_resolve (world, "openai:old"), 0);
    assert_int_equal (world->rows[0].context, 7);
    assert_int_equal (s_resolve (world, "openai:new"), 0);
    assert_int_equal (world->rows[0].context, 0);
    assert_int_equal (world->target.lacks, 0);
}

static void
accounts_that_take_turns_are_a_pool (void **state)
{
    world_t *world = *state;
    assert_int_equal (s_resolve (world, "shared"), 0);
    assert_int_equal (world->rows[0].pool, 1);
    assert_int_equal (world->rows[1].pool, 1);
    assert_int_equal (world->rows[2].pool, 0);
    assert_true (world->target.spreads);
    //  an endpoint that a route names is alone
    assert_int_equal (s_resolve (world, "smart"), 0);
    assert_int_equal (world->rows[0].pool, 0);
    assert_true (world->target.spreads);
    assert_int_equal (s_resolve (world, "lone"), 0);
    assert_false (world->target.spreads);
}

static void
each_pool_of_a_route_has_its_number (void **state)
{
    (void) state;
    ingress_routes_t *routes = ingress_routes_new (
        "{\"providers\":{\"a\":{\"actor\":\"u\",\"accounts\":[\"a#0\",\"a#1\"],"
        "\"account_strategy\":\"balance\"},\"b\":{\"actor\":\"u\",\"accounts\":"
        "[\"b#0\",\"b#1\"]}},\"models\":{\"r\":{\"endpoints\":["
        "{\"provider\":\"a\",\"model\":\"x\"},{\"provider\":\"b\",\"model\":\"x\"},"
        "{\"provider\":\"a\",\"model\":\"y\"}]}}}",
        NULL);
    assert_non_null (routes);
    br_buf_t scratch;
    br_buf_init (&scratch, 65536);
    ingress_target_t target;
    assert_int_equal (ingress_routes_resolve (routes, "r", &scratch, &target, NULL), 0);
    br_candidate_t rows[8];
    assert_int_equal (br_candidates_read (target.candidates, rows, 8), 6);
    static const unsigned pools[] = { 1, 1, 0, 0, 2, 2 };
    for (size_t i = 0; i < 6; i++)
        assert_int_equal (rows[i].pool, pools[i]);
    br_buf_free (&scratch);
    ingress_routes_destroy (&routes);
}

static void
a_slice_that_makes_no_sense_is_refused (void **state)
{
    (void) state;
    static const struct {
        const char *slice;
        const char *text;
    } rows[] = {
        { "nonsense", "no JSON object" },
        { "[]", "no JSON object" },
        { "{\"providers\":{\"a\":{}}}", "'a' names no actor" },
        { "{\"providers\":{\"a\":{\"actor\":\"b\",\"accounts\":[1]}}}",
          "an account of 'a'" },
        { "{\"models\":{\"m\":{\"endpoints\":[{\"provider\":\"no\",\"model\":\"x\"}]}}}",
          "no provider 'no'" },
        { "{\"models\":{\"m\":{\"endpoints\":[{\"provider\":\"no\"}]}}}",
          "names no model" },
        { "{\"models\":{\"m\":{},\"m\":{}}}", "twice" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error;
        assert_null (ingress_routes_new (rows[i].slice, &error));
        assert_int_equal (error.code, BR_ECONFIG);
        assert_non_null (strstr (error.text, rows[i].text));
    }
    ingress_routes_t *routes = ingress_routes_new ("{}", NULL);
    assert_non_null (routes);
    ingress_routes_destroy (&routes);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (a_route_names_its_active_endpoints_in_order),
        TEST (a_provider_and_a_model_reach_each_of_its_accounts),
        TEST (a_model_behind_a_colon_need_not_be_listed),
        TEST (a_colon_without_a_provider_is_part_of_the_name),
        TEST (a_slash_prefers_the_catalogue_of_the_provider),
        TEST (a_bare_name_reaches_all_that_have_it_by_priority),
        TEST (a_provider_has_its_own_name_for_a_model),
        TEST (a_provider_without_a_key_serves_routes_alone),
        TEST (an_inactive_provider_is_told_how_to_wake),
        TEST (an_unknown_name_is_told_what_is_near),
        TEST (a_long_name_is_cut_in_the_text_between_characters),
        TEST (the_list_is_sorted_and_whole),
        TEST (candidates_know_what_their_catalogue_says),
        TEST (accounts_that_take_turns_are_a_pool),
        TEST (each_pool_of_a_route_has_its_number),
        TEST (a_slice_that_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
