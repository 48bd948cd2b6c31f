//  Which schemas are strict.

#include "broker/proto/responses/responses_parts.h"
#include "tests/broker/proto/responses/fixture.h"

static bool
s_is_strict (const char *schema)
{
    char *json = fixture_json (schema);
    bool strict = responses_schema_is_strict (br_text (json));
    free (json);
    return strict;
}

static void
objects_that_require_all_and_allow_no_more_are_strict (void **state)
{
    (void) state;
    assert_true (s_is_strict ("{'type':'object','properties':{},"
                              "'additionalProperties':false}"));
    assert_true (s_is_strict (
        "{'type':'object','properties':{'a':{'type':'array','items':{'type':'object',"
        "'properties':{'b':{'anyOf':[{'type':'string'},{'type':'null'}]}},"
        "'required':['b'],'additionalProperties':false}},'c':{'$ref':'#/$defs/x'}},"
        "'required':['c','a'],'additionalProperties':false,'$defs':{'x':{'type':'string'}"
        "}}"));
}

static void
all_else_is_not (void **state)
{
    (void) state;
    static const char *const loose[] = {
        "",
        "nonsense",
        "[]",
        "{'type':'string'}",
        "{'type':'object','properties':{}}",
        "{'type':'object','properties':{},'additionalProperties':true}",
        "{'type':'object','properties':{'a':{}},'additionalProperties':false}",
        "{'type':'object','properties':{'a':{}},'required':['b'],"
        "'additionalProperties':false}",
        "{'type':'object','properties':{'a':true},'required':['a'],"
        "'additionalProperties':false}",
        "{'type':'object','properties':{'a':{'type':'object'}},'required':['a'],"
        "'additionalProperties':false}",
        "{'type':'object','properties':{},'additionalProperties':false,'allOf':[]}",
        "{'type':'object','properties':{'a':{'type':'array','items':{'not':{}}}},"
        "'required':['a'],'additionalProperties':false}",
    };
    for (size_t i = 0; i < sizeof loose / sizeof loose[0]; i++)
        assert_false (s_is_strict (loose[i]));
}

static void
objects_of_very_many_properties_are_not (void **state)
{
    (void) state;
    for (unsigned count = 1000; count <= 1001; count++) {
        br_buf_t schema;
        br_buf_init (&schema, 1 << 20);
        br_buf_adds (&schema, "{\"type\":\"object\",\"additionalProperties\":false,"
                              "\"properties\":{\"p0\":{\"type\":\"string\"}");
        for (unsigned i = 1; i < count; i++)
            br_buf_addf (&schema, ",\"p%u\":{\"type\":\"string\"}", i);
        br_buf_adds (&schema, "},\"required\":[\"p0\"");
        for (unsigned i = 1; i < count; i++)
            br_buf_addf (&schema, ",\"p%u\"", i);
        br_buf_adds (&schema, "]}");
        assert_int_equal (responses_schema_is_strict (br_text (br_buf_text (&schema))),
                          count == 1000);
        br_buf_free (&schema);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (objects_that_require_all_and_allow_no_more_are_strict),
        cmocka_unit_test (all_else_is_not),
        cmocka_unit_test (objects_of_very_many_properties_are_not),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
