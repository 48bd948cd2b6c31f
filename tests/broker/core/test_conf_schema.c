//  conf_schema: the rows are whole, and can be read.

#include "tests/broker/core/conf_fixture.h"
#include "broker/core/conf_schema.h"

//  Every field has a key, sections have fields, and lists of names are of strings.
static void
s_check_fields (const cyaml_schema_field_t *fields)
{
    assert_non_null (fields[0].key);
    for (const cyaml_schema_field_t *field = fields; field->key; field++) {
        assert_ptr_equal (br_conf_schema_field (fields, field->key), field);
        if (field->value.type == CYAML_MAPPING)
            s_check_fields (field->value.mapping.fields);
        if (field->value.type == CYAML_SEQUENCE
            && field->value.sequence.entry->type == CYAML_MAPPING)
            s_check_fields (field->value.sequence.entry->mapping.fields);
    }
}

static void
test_rows_are_whole (void **state)
{
    (void) state;
    s_check_fields (br_conf_root_fields);
}

static void
test_conventions_are_seen (void **state)
{
    (void) state;
    const cyaml_schema_field_t *field = br_conf_schema_field (br_conf_root_fields,
                                                              "models");
    assert_true (br_conf_schema_is_keyed (&field->value));
    assert_false (br_conf_schema_is_pairs (&field->value));
    field = br_conf_schema_field (br_conf_root_fields, "plugins");
    assert_true (br_conf_schema_is_like (&field->value, BR_CONF_LIKE_FREE));
    field = br_conf_schema_field (br_conf_root_fields, "server");
    assert_false (br_conf_schema_is_keyed (&field->value));
    assert_null (br_conf_schema_field (br_conf_root_fields, "nothing"));
}

static void
test_first_word_of_a_value_is_its_name (void **state)
{
    (void) state;
    assert_string_equal (BR_CONF_WORD (log_level, 3), "warn");
    assert_string_equal (BR_CONF_WORD (strategy, BR_CONF_LOAD_BALANCE), "load_balance");
    assert_string_equal (BR_CONF_WORD (strategy, BR_CONF_LEAST_LATENCY), "least_latency");
    assert_string_equal (BR_CONF_WORD (strategy, BR_CONF_LEAST_BUSY), "least_busy");
    assert_string_equal (BR_CONF_WORD (strategy, BR_CONF_CHEAPEST), "cheapest");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_rows_are_whole),
        cmocka_unit_test (test_conventions_are_seen),
        cmocka_unit_test (test_first_word_of_a_value_is_its_name),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
