//  ingress_abilities: models by what they can do.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_abilities.h"

static bool
s_fits (const char *json, const char *query)
{
    cJSON *model = cJSON_Parse (json);
    ingress_abilities_t *abilities = ingress_abilities_new (model);
    bool fits = ingress_abilities_fit (abilities, query);
    ingress_abilities_destroy (&abilities);
    assert_null (abilities);
    ingress_abilities_destroy (&abilities);
    cJSON_Delete (model);
    return fits;
}

#define SEES                                                                             \
    "{\"input_modalities\":[\"text\",\"image\"],\"output_modalities\":[\"text\"],"       \
    "\"capabilities\":{\"json\":true,\"tools\":false},\"pricing\":{\"input_tokens\":{"   \
    "\"cache_read\":1}}}"

static void
modalities_are_looked_for_exactly (void **state)
{
    (void) state;
    assert_true (s_fits (SEES, "input_modality=image"));
    assert_true (s_fits (SEES, "input_modality=image&output_modality=text"));
    assert_false (s_fits (SEES, "output_modality=image"));
    assert_false (s_fits (SEES, "input_modality=imag"));
    assert_false (s_fits (SEES, "input_modality="));
    assert_false (s_fits ("{}", "input_modality=text"));
}

static void
abilities_are_those_it_is_not_known_to_lack (void **state)
{
    (void) state;
    assert_true (s_fits (SEES, "supports_vision=true"));
    assert_false (s_fits (SEES, "supports_audio=true"));
    assert_true (s_fits (SEES, "supports_audio=false"));
    assert_false (s_fits (SEES, "supports_tools=1"));
    assert_false (s_fits (SEES, "supports_vision=true&supports_function_calling=true"));
    assert_true (s_fits ("{}", "supports_tools=true&supports_vision=true"));
}

static void
other_names_are_capabilities (void **state)
{
    (void) state;
    assert_true (s_fits (SEES, "supports_json=true"));
    assert_false (s_fits (SEES, "supports_json=0"));
    assert_false (s_fits ("{}", "supports_json=true"));
    assert_true (s_fits ("{\"capabilities\":[\"json\"]}", "supports_json=true"));
    assert_true (s_fits (SEES, "supports_prompt_caching=true"));
    assert_false (s_fits ("{}", "supports_prompt_caching=true"));
}

static void
other_parameters_do_not_matter (void **state)
{
    (void) state;
    assert_true (s_fits ("{}", NULL));
    assert_true (s_fits ("{}", ""));
    assert_true (s_fits ("{}", "id=gpt&&limit=3&x&=&input_modalityx=1"));
    assert_true (s_fits (NULL, "id=gpt"));
}

static void
a_query_is_checked_before (void **state)
{
    (void) state;
    br_error_t error;
    assert_int_equal (ingress_abilities_asked (NULL, &error), 0);
    assert_int_equal (ingress_abilities_asked ("id=gpt", &error), 0);
    assert_int_equal (ingress_abilities_asked ("id=gpt&input_modality=text", &error), 1);
    assert_int_equal (ingress_abilities_asked ("supports_tools=False", &error), 1);
    assert_int_equal (ingress_abilities_asked ("supports_tools=maybe", &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_non_null (strstr (error.text, "supports_tools"));
    assert_int_equal (ingress_abilities_asked ("supports_tools", &error), -1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (modalities_are_looked_for_exactly),
        cmocka_unit_test (abilities_are_those_it_is_not_known_to_lack),
        cmocka_unit_test (other_names_are_capabilities),
        cmocka_unit_test (other_parameters_do_not_matter),
        cmocka_unit_test (a_query_is_checked_before),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
