//  JSON Schema becomes Google's subset, rule by rule.

#include <cjson/cJSON.h>

#include "broker/proto/gemini/gemini_schema.h"
#include "tests/broker/proto/gemini/gemini_fixture.h"

typedef struct {
    const char *rule;
    const char *schema;
    const char *expected;
} row_t;

#define OBJECT(properties) "{\"type\":\"object\",\"properties\":{" properties "}}"
#define MADE(properties) "{\"type\":\"OBJECT\",\"properties\":{" properties "}}"

static const row_t s_rows[] = {
    { "types are upper case", OBJECT ("\"a\":{\"type\":\"string\"}"),
      MADE ("\"a\":{\"type\":\"STRING\"}") },
    { "a type array with null is nullable",
      OBJECT ("\"a\":{\"type\":[\"integer\",\"null\"]}"),
      MADE ("\"a\":{\"type\":\"INTEGER\",\"nullable\":true}") },
    { "several types are alternatives",
      OBJECT ("\"a\":{\"type\":[\"integer\",\"string\"],\"description\":\"d\"}"),
      MADE ("\"a\":{\"anyOf\":[{\"type\":\"INTEGER\",\"description\":\"d\"},"
            "{\"type\":\"STRING\",\"description\":\"d\"}]}") },
    { "oneOf is anyOf, and each says the rest",
      OBJECT ("\"a\":{\"description\":\"d\",\"oneOf\":[{\"type\":\"string\"},"
              "{\"type\":\"number\"},{\"type\":\"null\"}]}"),
      MADE ("\"a\":{\"anyOf\":[{\"type\":\"STRING\",\"description\":\"d\","
            "\"nullable\":true},{\"type\":\"NUMBER\",\"description\":\"d\","
            "\"nullable\":true}]}") },
    { "one alternative beside null is merged",
      OBJECT ("\"a\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}"),
      MADE ("\"a\":{\"type\":\"STRING\",\"nullable\":true}") },
    { "const is an enum of one", OBJECT ("\"a\":{\"const\":\"x\"}"),
      MADE ("\"a\":{\"type\":\"STRING\",\"enum\":[\"x\"]}") },
    { "an enum of other values is one of texts",
      OBJECT ("\"a\":{\"type\":\"integer\",\"enum\":[1,2,null]}"),
      MADE ("\"a\":{\"type\":\"STRING\",\"nullable\":true,\"enum\":[\"1\",\"2\"]}") },
    { "an empty text in an enum is left out",
      OBJECT ("\"a\":{\"type\":\"string\",\"enum\":[\"\",\"x\"]}"),
      MADE ("\"a\":{\"type\":\"STRING\",\"enum\":[\"x\"]}") },
    { "unknown keywords are left out",
      "{\"$schema\":\"s\",\"$id\":\"i\",\"type\":\"object\",\"additionalProperties\":"
      "false,"
      "\"patternProperties\":{},\"properties\":{\"a\":{\"type\":\"string\",\"examples\":["
      "1],"
      "\"not\":{},\"default\":\"x\"}}}",
      MADE ("\"a\":{\"type\":\"STRING\"}") },
    { "references are resolved",
      "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/x~1y\"}},"
      "\"$defs\":{\"x/y\":{\"type\":\"boolean\",\"title\":\"t\"}}}",
      MADE ("\"a\":{\"type\":\"BOOLEAN\",\"title\":\"t\"}") },
    { "a reference into itself is any object",
      "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/t\"}},"
      "\"$defs\":{\"t\":{\"type\":\"object\",\"properties\":{\"next\":"
      "{\"$ref\":\"#/$defs/t\"}}}}}",
      MADE ("\"a\":{\"type\":\"OBJECT\",\"properties\":{\"next\":{\"type\":\"OBJECT\"}}"
            "}") },
    { "a reference to nowhere is a text", OBJECT ("\"a\":{\"$ref\":\"#/$defs/none\"}"),
      MADE ("\"a\":{\"type\":\"STRING\"}") },
    { "allOf is merged",
      "{\"allOf\":[{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
      "\"required\":[\"a\"]},{\"properties\":{\"b\":{\"type\":\"number\"}},"
      "\"required\":[\"b\"]}]}",
      "{\"type\":\"OBJECT\",\"properties\":{\"a\":{\"type\":\"STRING\"},"
      "\"b\":{\"type\":\"NUMBER\"}},\"required\":[\"a\",\"b\"]}" },
    { "exclusive bounds are bounds, nearly",
      OBJECT ("\"a\":{\"type\":\"integer\",\"exclusiveMinimum\":0,\"maximum\":9,"
              "\"multipleOf\":2}"),
      MADE ("\"a\":{\"type\":\"INTEGER\",\"minimum\":0,\"maximum\":9}") },
    { "an array without items is one of texts", OBJECT ("\"a\":{\"type\":\"array\"}"),
      MADE ("\"a\":{\"type\":\"ARRAY\",\"items\":{\"type\":\"STRING\"}}") },
    { "a tuple is a list of its first",
      OBJECT ("\"a\":{\"type\":\"array\",\"prefixItems\":[{\"type\":\"number\"}],"
              "\"items\":false,\"uniqueItems\":true,\"minItems\":1}"),
      MADE (
          "\"a\":{\"type\":\"ARRAY\",\"minItems\":1,\"items\":{\"type\":\"NUMBER\"}}") },
    { "properties that are a list are none",
      OBJECT ("\"a\":{\"allOf\":[{\"properties\":{\"b\":{\"type\":\"string\"}}},"
              "{\"properties\":[{\"type\":\"string\"}]}]}"),
      MADE ("\"a\":{\"type\":\"OBJECT\",\"properties\":{\"b\":{\"type\":\"STRING\"}}}") },
    { "what is required exists",
      "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
      "\"required\":[\"a\",\"b\"]}",
      "{\"type\":\"OBJECT\",\"properties\":{\"a\":{\"type\":\"STRING\"}},"
      "\"required\":[\"a\"]}" },
    { "formats that Google knows are kept",
      OBJECT ("\"a\":{\"type\":\"string\",\"format\":\"date-time\"},"
              "\"b\":{\"type\":\"string\",\"format\":\"uri\"}"),
      MADE ("\"a\":{\"type\":\"STRING\",\"format\":\"date-time\"},"
            "\"b\":{\"type\":\"STRING\"}") },
    { "alternatives of all parameters are merged",
      "{\"anyOf\":[{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
      "\"required\":[\"a\"]},{\"type\":\"object\",\"properties\":"
      "{\"b\":{\"type\":\"string\"}}}]}",
      MADE ("\"a\":{\"type\":\"STRING\"},\"b\":{\"type\":\"STRING\"}") },
    { "a property that may be anything is a text, one that may not be is none",
      OBJECT ("\"a\":true,\"b\":false,\"c\":{}"),
      MADE ("\"a\":{\"type\":\"STRING\"},\"c\":{\"type\":\"STRING\"}") },
    { "a name with a quote stays", OBJECT ("\"a\\\"b\":{\"type\":\"string\"}"),
      MADE ("\"a\\\"b\":{\"type\":\"STRING\"}") },
};

static void
s_check (const row_t *row)
{
    br_buf_t out;
    bool empty = true;
    br_buf_init (&out, GEMINI_SCHEMA_MAX);
    assert_int_equal (gemini_schema_write (br_text (row->schema),
                                           GEMINI_SCHEMA_PARAMETERS, &out, &empty, NULL),
                      0);
    cJSON *made = cJSON_Parse (br_buf_text (&out));
    cJSON *expected = cJSON_Parse (row->expected);
    assert_non_null (expected);
    if (!cJSON_Compare (made, expected, true))
        fail_msg ("%s: %s", row->rule, br_buf_text (&out));
    assert_false (empty);
    cJSON_Delete (made);
    cJSON_Delete (expected);
    br_buf_free (&out);
}

static void
given_each_rule_when_written_then_as_it_says (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++)
        s_check (&s_rows[i]);
}

static void
given_no_properties_when_written_then_empty (void **state)
{
    (void) state;
    br_buf_t out;
    bool empty = false;
    br_buf_init (&out, GEMINI_SCHEMA_MAX);
    assert_int_equal (gemini_schema_write (BR_TEXT ("{\"type\":\"object\"}"),
                                           GEMINI_SCHEMA_PARAMETERS, &out, &empty, NULL),
                      0);
    assert_true (empty);
    br_buf_free (&out);
}

static void
given_alternatives_of_an_answer_when_written_then_they_stay (void **state)
{
    (void) state;
    br_buf_t out;
    bool empty = false;
    br_buf_init (&out, GEMINI_SCHEMA_MAX);
    assert_int_equal (
        gemini_schema_write (
            BR_TEXT ("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}"),
            GEMINI_SCHEMA_ANSWER, &out, &empty, NULL),
        0);
    assert_string_equal (br_buf_text (&out),
                         "{\"anyOf\":[{\"type\":\"STRING\"},{\"type\":\"NUMBER\"}]}");
    br_buf_free (&out);
}

static void
given_what_is_no_schema_when_written_then_refused (void **state)
{
    (void) state;
    static const char *const rows[] = { "[]", "true", "{", "" };
    for (size_t i = 0; i < 4; i++) {
        br_buf_t out;
        br_error_t error;
        bool empty = false;
        br_buf_init (&out, GEMINI_SCHEMA_MAX);
        assert_int_equal (gemini_schema_write (br_text (rows[i]), GEMINI_SCHEMA_ANSWER,
                                               &out, &empty, &error),
                          -1);
        assert_int_equal (error.code, BR_EINVALID);
        br_buf_free (&out);
    }
}

//  Each level refers to the next one four times.
static void
given_references_that_multiply_when_written_then_refused_soon (void **state)
{
    (void) state;
    br_buf_t schema;
    br_buf_t out;
    br_error_t error;
    bool empty = false;
    br_buf_init (&schema, 1 << 20);
    br_buf_init (&out, GEMINI_SCHEMA_MAX);
    br_buf_adds (&schema, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
    for (int i = 0; i < 30; i++) {
        br_buf_addf (&schema, "%s\"d%d\":{\"type\":\"object\",\"properties\":{",
                     i ? "," : "", i);
        for (int k = 0; k < 4; k++)
            br_buf_addf (&schema, "%s\"p%d\":{\"$ref\":\"#/$defs/d%d\"}", k ? "," : "", k,
                         i + 1);
        br_buf_adds (&schema, "}}");
    }
    br_buf_adds (&schema, "}}");
    assert_int_equal (gemini_schema_write (br_text (br_buf_text (&schema)),
                                           GEMINI_SCHEMA_PARAMETERS, &out, &empty,
                                           &error),
                      -1);
    assert_has (error.text, "over");
    br_buf_free (&schema);
    br_buf_free (&out);
}

static void
given_a_deep_schema_when_written_then_cut (void **state)
{
    (void) state;
    br_buf_t schema;
    br_buf_t out;
    bool empty = false;
    br_buf_init (&schema, 1 << 20);
    br_buf_init (&out, GEMINI_SCHEMA_MAX);
    for (int i = 0; i < 50; i++)
        br_buf_adds (&schema, "{\"type\":\"array\",\"items\":");
    br_buf_adds (&schema, "{\"type\":\"string\"}");
    for (int i = 0; i < 50; i++)
        br_buf_adds (&schema, "}");
    assert_int_equal (gemini_schema_write (br_text (br_buf_text (&schema)),
                                           GEMINI_SCHEMA_ANSWER, &out, &empty, NULL),
                      0);
    assert_has (br_buf_text (&out), "{\"type\":\"OBJECT\"}");
    assert_has_not (br_buf_text (&out), "STRING");
    br_buf_free (&schema);
    br_buf_free (&out);
}

static void
given_very_many_references_when_written_then_it_is_refused (void **state)
{
    (void) state;
    br_buf_t schema, out;
    bool empty;
    br_error_t error = { .text = "" };
    br_buf_init (&schema, 1 << 20);
    br_buf_init (&out, 1 << 20);
    br_buf_adds (&schema, "{\"type\":\"object\",\"properties\":{");
    for (unsigned i = 0; i < 2000; i++)
        br_buf_addf (&schema, "%s\"p%u\":{\"$ref\":\"#/$defs/d%u\"}", i ? "," : "", i, i);
    br_buf_adds (&schema, "},\"$defs\":{");
    for (unsigned i = 0; i < 2000; i++)
        br_buf_addf (&schema, "%s\"d%u\":{\"type\":\"string\"}", i ? "," : "", i);
    br_buf_adds (&schema, "}}");
    br_text_t text = { (const char *) schema.data, schema.size };
    assert_int_equal (
        gemini_schema_write (text, GEMINI_SCHEMA_PARAMETERS, &out, &empty, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    br_buf_free (&schema);
    br_buf_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_each_rule_when_written_then_as_it_says),
        cmocka_unit_test (given_no_properties_when_written_then_empty),
        cmocka_unit_test (given_alternatives_of_an_answer_when_written_then_they_stay),
        cmocka_unit_test (given_what_is_no_schema_when_written_then_refused),
        cmocka_unit_test (given_references_that_multiply_when_written_then_refused_soon),
        cmocka_unit_test (given_a_deep_schema_when_written_then_cut),
        cmocka_unit_test (given_very_many_references_when_written_then_it_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
