//  Tests of cli/model_filter.

#include "cli/model_filter.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool
s_fits (cli_model_filter_t filter, const char *model)
{
    cJSON *json = cJSON_Parse (model);
    bool fits = cli_model_filter_fits (&filter, "openai:GPT-4o", json);
    cJSON_Delete (json);
    return fits;
}

static void
given_no_wish_when_a_model_is_held_against_it_then_it_fits (void **state)
{
    (void) state;
    assert_true (s_fits ((cli_model_filter_t) { 0 }, "{}"));
}

static void
given_a_part_of_an_id_when_its_case_differs_then_it_fits (void **state)
{
    (void) state;
    assert_true (s_fits ((cli_model_filter_t) { .id = "gpt" }, "{}"));
    assert_false (s_fits ((cli_model_filter_t) { .id = "gpt-5" }, "{}"));
}

static void
given_modalities_when_they_are_asked_for_then_the_list_decides (void **state)
{
    (void) state;
    const char *model = "{\"input_modalities\":[\"text\",\"image\"]}";
    assert_true (s_fits ((cli_model_filter_t) { .input = "image" }, model));
    assert_false (s_fits ((cli_model_filter_t) { .input = "audio" }, model));
    assert_false (s_fits ((cli_model_filter_t) { .output = "text" }, model));
}

static void
given_abilities_when_all_are_there_then_the_model_fits (void **state)
{
    (void) state;
    const char *model = "{\"input_modalities\":[\"text\",\"image\"],"
                        "\"pricing\":{\"input_tokens\":{\"cache_read\":1}},"
                        "\"capabilities\":{\"json\":true,\"fast\":false}}";
    assert_true (s_fits ((cli_model_filter_t) { .supports = "tools,images" }, model));
    assert_true (
        s_fits ((cli_model_filter_t) { .supports = "prompt_caching,,json" }, model));
    assert_false (s_fits ((cli_model_filter_t) { .supports = "images,audio" }, model));
    assert_false (s_fits ((cli_model_filter_t) { .supports = "fast" }, model));
}

static void
given_nothing_is_known_when_an_ability_is_asked_for_then_it_is_not_denied (void **state)
{
    (void) state;
    assert_true (s_fits ((cli_model_filter_t) { .supports = "tools,vision" }, "{}"));
    assert_false (s_fits ((cli_model_filter_t) { .supports = "prompt_caching" }, "{}"));
}

static void
given_a_catalogue_that_denies_tools_when_they_are_asked_for_then_it_does_not_fit (
    void **state)
{
    (void) state;
    cli_model_filter_t filter = { .supports = "tools" };
    assert_false (s_fits (filter, "{\"capabilities\":{\"tool_use\":false}}"));
    assert_false (s_fits (filter, "{\"capabilities\":[\"vision\"]}"));
    assert_true (s_fits (filter, "{\"capabilities\":[\"tools\"]}"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_no_wish_when_a_model_is_held_against_it_then_it_fits),
        cmocka_unit_test (given_a_part_of_an_id_when_its_case_differs_then_it_fits),
        cmocka_unit_test (given_modalities_when_they_are_asked_for_then_the_list_decides),
        cmocka_unit_test (given_abilities_when_all_are_there_then_the_model_fits),
        cmocka_unit_test (
            given_nothing_is_known_when_an_ability_is_asked_for_then_it_is_not_denied),
        cmocka_unit_test (
            given_a_catalogue_that_denies_tools_when_they_are_asked_for_then_it_does_not_fit),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
