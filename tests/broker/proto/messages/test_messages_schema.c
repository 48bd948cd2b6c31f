//  Schemas are written as Anthropic takes them.

#include "tests/broker/proto/messages/given.h"

typedef bool (put_fn) (json_writer_t *json, const char *key, br_text_t schema,
                       json_tree_t *tree);

static void
s_check (put_fn *put, const char *schema, const char *wanted, bool changed)
{
    br_buf_t out;
    br_buf_init (&out, GIVEN_MAX);
    json_writer_t json = json_writer (&out);
    json_tree_t *tree = json_tree_new ();
    bool told = put (&json, NULL, br_text (schema), tree);
    assert_string_equal (br_buf_text (&out), wanted);
    assert_int_equal (told, changed);
    json_tree_destroy (&tree);
    br_buf_free (&out);
}

static void
given_schemas_of_tools_when_written_then_they_are_objects (void **state)
{
    (void) state;
    static const struct {
        const char *schema;
        const char *wanted;
        bool changed;
    } rows[] = {
        { NULL, "{\"type\":\"object\",\"properties\":{}}", false },
        { "null", "{\"type\":\"object\",\"properties\":{}}", false },
        { "true", "{\"type\":\"object\",\"properties\":{}}", true },
        { "{}", "{\"type\":\"object\",\"properties\":{}}", false },
        { "{ \"properties\" : {}, \"type\":\"object\" }",
          "{ \"properties\" : {}, \"type\":\"object\" }", false },
        { "{\"type\":\"object\",\"a\\u0062\":1}",
          "{\"type\":\"object\",\"properties\":{},\"a\\u0062\":1}", false },
        { "{\"type\":\"object\",\"properties\":[{\"a\":1}]}",
          "{\"type\":\"object\",\"properties\":{}}", false },
        { "{\"anyOf\":[{\"$ref\":\"#/$defs/a\"}],\"$defs\":[1]}",
          "{\"type\":\"object\",\"properties\":{},\"$defs\":[1]}", true },
        { "{\"type\":\"string\"}", "{\"type\":\"object\",\"properties\":{}}", true },
        { "{\"type\":\"object\",\"properties\":{\"k\":1},\"anyOf\":[{\"properties\":"
          "{\"k\":2,\"a\":3}},{\"$ref\":\"#/$defs/b\"}],\"$defs\":{\"b\":{\"properties\":"
          "{\"c\":4}}}}",
          "{\"type\":\"object\",\"properties\":{\"k\":1,\"a\":3,\"c\":4},\"$defs\":{"
          "\"b\":"
          "{\"properties\":{\"c\":4}}}}",
          true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        s_check (messages_put_input_schema, rows[i].schema, rows[i].wanted,
                 rows[i].changed);
}

static void
given_schemas_of_answers_when_written_then_all_objects_are_closed (void **state)
{
    (void) state;
    static const struct {
        const char *schema;
        const char *wanted;
        bool changed;
    } rows[] = {
        { "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
          "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
          false },
        { "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}",
          "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"additionalProperties\":"
          "false}}",
          true },
        //  Names of properties are no keywords, and values are no schemas.
        { "{\"properties\":{\"properties\":{\"type\":\"string\",\"enum\":[{\"type\":"
          "\"object\"}]},\"anyOf\":{\"type\":\"object\"}},\"additionalProperties\":true}",
          "{\"properties\":{\"properties\":{\"type\":\"string\",\"enum\":[{\"type\":"
          "\"object\"}]},\"anyOf\":{\"type\":\"object\",\"additionalProperties\":false}},"
          "\"additionalProperties\":false}",
          true },
        { "{\"anyOf\":[{\"type\":\"object\",\"additionalProperties\":false},{\"type\":"
          "\"null\"}]}",
          "{\"anyOf\":[{\"type\":\"object\",\"additionalProperties\":false},{\"type\":"
          "\"null\"}]}",
          false },
        { "7", "{}", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        s_check (messages_put_answer_schema, rows[i].schema, rows[i].wanted,
                 rows[i].changed);
}

static void
given_schemas_when_asked_whether_an_object_fits_then_told (void **state)
{
    (void) state;
    static const struct {
        const char *schema;
        bool object;
    } rows[] = {
        { "", true },
        { "{}", true },
        { "{\"type\":\"object\"}", true },
        { "{\"type\":[\"object\",\"null\"]}", true },
        { "{\"type\":\"array\"}", false },
        { "{\"type\":[\"string\",\"null\"]}", false },
        { "{\"items\":{}}", false },
        { "{\"const\":1}", false },
        { "{\"const\":{}}", true },
        { "{\"enum\":[\"a\"]}", false },
        { "{\"anyOf\":[{\"type\":\"array\"},{\"type\":\"object\"}]}", true },
        { "{\"anyOf\":[{\"type\":\"array\"},{\"type\":\"null\"}]}", false },
        { "{\"allOf\":[{\"type\":\"object\"},{\"type\":\"object\"}]}", true },
        { "{\"allOf\":[{\"type\":\"array\"},{}]}", false },
        { "{\"$ref\":\"#/$defs/L\",\"$defs\":{\"L\":{\"type\":\"array\"}}}", false },
        { "{\"$ref\":\"#/$defs/L\",\"$defs\":{\"L\":{\"$ref\":\"#/$defs/L\"}}}", true },
    };
    json_tree_t *tree = json_tree_new ();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (messages_schema_is_object (br_text (rows[i].schema), tree) != rows[i].object)
            fail_msg ("%s", rows[i].schema);
    json_tree_destroy (&tree);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_schemas_of_tools_when_written_then_they_are_objects),
        cmocka_unit_test (
            given_schemas_of_answers_when_written_then_all_objects_are_closed),
        cmocka_unit_test (given_schemas_when_asked_whether_an_object_fits_then_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
