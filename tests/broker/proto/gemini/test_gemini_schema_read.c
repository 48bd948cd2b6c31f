//  Google's Schema becomes JSON Schema, rule by rule.

#include <cjson/cJSON.h>

#include "broker/proto/gemini/gemini_schema.h"
#include "tests/broker/proto/gemini/gemini_fixture.h"

static const struct {
    const char *schema;
    const char *expected;
} s_rows[] = {
    { "{\"type\":\"OBJECT\",\"properties\":{\"type\":{\"type\":\"STRING\"}}}",
      "{\"type\":\"object\",\"properties\":{\"type\":{\"type\":\"string\"}}}" },
    { "{\"type\":\"STRING\",\"nullable\":true,\"enum\":[\"a\"],\"format\":\"enum\"}",
      "{\"type\":[\"string\",\"null\"],\"enum\":[\"a\",null]}" },
    { "{\"type\":\"OBJECT\",\"propertyOrdering\":[\"a\"],\"property_ordering\":[]}",
      "{\"type\":\"object\"}" },
    { "{\"type\":\"ARRAY\",\"items\":{\"type\":\"NUMBER\"},\"min_items\":\"3\"}",
      "{\"type\":\"array\",\"items\":{\"type\":\"number\"},\"minItems\":3}" },
    { "{\"any_of\":[{\"type\":\"STRING\"}],\"nullable\":true}",
      "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}" },
    { "{\"type\":\"TYPE_UNSPECIFIED\",\"description\":null,\"title\":\"t\"}",
      "{\"title\":\"t\"}" },
    { "{\"properties\":{\"nullable\":{\"type\":\"BOOLEAN\",\"nullable\":false}}}",
      "{\"properties\":{\"nullable\":{\"type\":\"boolean\"}}}" },
};

static void
given_each_rule_when_read_then_as_it_says (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    br_arena_t *arena = br_arena_new ();
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++) {
        const json_node_t *root = json_tree_parse (tree, s_rows[i].schema,
                                                   strlen (s_rows[i].schema), NULL);
        br_text_t text = gemini_schema_read (tree, root, arena);
        cJSON *made = cJSON_ParseWithLength (text.at, text.size);
        cJSON *expected = cJSON_Parse (s_rows[i].expected);
        if (!cJSON_Compare (made, expected, true))
            fail_msg ("%.*s is not %s", (int) text.size, text.at, s_rows[i].expected);
        cJSON_Delete (made);
        cJSON_Delete (expected);
    }
    br_arena_destroy (&arena);
    json_tree_destroy (&tree);
}

static void
given_many_alternatives_of_nothing_when_read_then_none_is_cut (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    br_arena_t *arena = br_arena_new ();
    br_buf_t schema;
    br_buf_init (&schema, 1 << 16);
    br_buf_adds (&schema, "{\"nullable\":true");
    for (unsigned i = 0; i < 1000; i++)
        br_buf_adds (&schema, ",\"anyOf\":[]");
    br_buf_adds (&schema, "}");
    const json_node_t *root = json_tree_parse (tree, schema.data, schema.size, NULL);
    br_text_t text = gemini_schema_read (tree, root, arena);
    assert_true (br_text_ends (text, "}]}"));
    assert_non_null (json_tree_parse (tree, text.at, text.size, NULL));
    br_buf_free (&schema);
    br_arena_destroy (&arena);
    json_tree_destroy (&tree);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_each_rule_when_read_then_as_it_says),
        cmocka_unit_test (given_many_alternatives_of_nothing_when_read_then_none_is_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
