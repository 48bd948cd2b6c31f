//  Tests of broker/core/conf_json_schema. Whole files are held against the schema with a
//  real validator by tests/cli/test_config_schema.sh.

#include "broker/core/conf_json_schema.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/conf_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int
s_setup (void **state)
{
    char *text = br_conf_json_schema ();
    *state = cJSON_Parse (text);
    free (text);
    return *state ? 0 : -1;
}

static int
s_teardown (void **state)
{
    cJSON_Delete (*state);
    return 0;
}

static const cJSON *
s_in (const cJSON *node, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive (node, key);
}

static const cJSON *
s_file (void **state)
{
    return s_in (s_in (*state, "$defs"), "file");
}

//  Of a map of names: the properties of what a name leads to.
static const cJSON *
s_entry (const cJSON *keyed)
{
    const cJSON *map = cJSON_GetArrayItem (s_in (keyed, "anyOf"), 0);
    return s_in (s_in (map, "additionalProperties"), "properties");
}

static void
given_the_schema_when_it_is_read_then_it_names_its_draft (void **state)
{
    assert_string_equal (s_in (*state, "$schema")->valuestring,
                         "https://json-schema.org/draft/2020-12/schema");
    assert_string_equal (s_in (*state, "$ref")->valuestring, "#/$defs/file");
}

static void
given_the_rows_when_the_schema_is_made_then_every_section_is_there (void **state)
{
    const cJSON *properties = s_in (s_file (state), "properties");
    int count = 0;
    for (const cyaml_schema_field_t *field = br_conf_root_fields; field->key; field++) {
        assert_non_null (s_in (properties, field->key));
        count++;
    }
    assert_int_equal (cJSON_GetArraySize (properties), count);
    assert_true (cJSON_IsFalse (s_in (s_file (state), "additionalProperties")));
}

static void
given_a_provider_when_the_schema_is_made_then_every_field_of_it_is_there (void **state)
{
    const cJSON *providers = s_in (s_in (s_file (state), "properties"), "providers");
    const cJSON *properties = s_entry (providers);
    for (const cyaml_schema_field_t *field = br_conf_provider_fields; field->key; field++)
        if (strcmp (field->key, "id") != 0)
            assert_non_null (s_in (properties, field->key));
    assert_null (s_in (properties, "id"));
}

static void
given_bounds_when_the_schema_is_made_then_they_are_in_it (void **state)
{
    const cJSON *server = s_in (s_in (s_file (state), "properties"), "server");
    const cJSON *calls = s_in (s_in (server, "properties"), "calls_max");
    const cJSON *number = cJSON_GetArrayItem (s_in (calls, "anyOf"), 0);
    assert_int_equal (s_in (number, "minimum")->valueint, 1);
    assert_int_equal (s_in (number, "maximum")->valueint, 65536);
    const cJSON *drain = s_in (s_in (server, "properties"), "drain_secs");
    number = cJSON_GetArrayItem (s_in (drain, "anyOf"), 0);
    assert_int_equal (s_in (number, "maximum")->valueint, 86400);
}

static void
given_another_spelling_when_the_schema_is_made_then_it_is_taken_too (void **state)
{
    const cJSON *models = s_in (s_in (s_file (state), "properties"), "models");
    const cJSON *properties = s_entry (models);
    assert_non_null (s_in (properties, "context_length"));
    const cJSON *list = cJSON_GetArrayItem (
        s_in (s_in (properties, "endpoints"), "anyOf"), 0);
    const cJSON *endpoint = s_in (list, "items");
    assert_non_null (s_in (s_in (endpoint, "properties"), "model_id"));
    const cJSON *required = s_in (endpoint, "required");
    assert_int_equal (cJSON_GetArraySize (required), 1);
    assert_string_equal (cJSON_GetArrayItem (required, 0)->valuestring, "provider");
    const cJSON *pricing = s_in (s_in (properties, "pricing"), "properties");
    assert_non_null (s_in (pricing, "input_micro_usd_per_token"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (
            given_the_schema_when_it_is_read_then_it_names_its_draft, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (
            given_the_rows_when_the_schema_is_made_then_every_section_is_there, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (
            given_a_provider_when_the_schema_is_made_then_every_field_of_it_is_there,
            s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            given_bounds_when_the_schema_is_made_then_they_are_in_it, s_setup,
            s_teardown),
        cmocka_unit_test_setup_teardown (
            given_another_spelling_when_the_schema_is_made_then_it_is_taken_too, s_setup,
            s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
