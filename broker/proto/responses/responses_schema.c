//  responses_schema: whether a JSON schema is one that strict tools and formats take:
//  each object names all of its properties as required and allows no others, and no
//  keyword stands in it that they refuse.
//  src:  docs/rfc/8-CANONICAL.md; OpenAI, "Structured outputs, supported schemas"

#include "broker/proto/responses/responses_parts.h"

#define PROPERTIES_MAX 1000 //  of one object

static bool s_is_strict (const json_tree_t *tree, const json_node_t *schema);

static const char *const s_refused[] = {
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependentRequired",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
};

static bool
s_is_required (const json_tree_t *tree, const json_node_t *required,
               const json_node_t *property, br_arena_t *arena)
{
    br_text_t key = json_key (tree, property, arena);
    for (const json_node_t *node = json_first (tree, required); node;
         node = json_next (tree, node))
        if (br_text_equal (json_node_text (tree, node, arena), key))
            return true;
    return false;
}

static bool
s_is_strict_object (const json_tree_t *tree, const json_node_t *schema)
{
    const json_node_t *properties = json_get (tree, schema, "properties");
    const json_node_t *required = json_get (tree, schema, "required");
    const json_node_t *more = json_get (tree, schema, "additionalProperties");
    if (!json_is (more, JSON_BOOL) || json_node_bool (tree, more, true))
        return false;
    uint32_t count = json_is (properties, JSON_OBJECT) ? properties->count : 0;
    if (count && (!json_is (required, JSON_ARRAY) || required->count != count))
        return false;
    if (count > PROPERTIES_MAX)
        return false;
    br_arena_t *arena = br_arena_new ();
    bool strict = true;
    for (const json_node_t *node = json_first (tree, properties); node && strict;
         node = json_next (tree, node))
        strict = s_is_required (tree, required, node, arena) && s_is_strict (tree, node);
    br_arena_destroy (&arena);
    return strict;
}

static bool
s_are_strict (const json_tree_t *tree, const json_node_t *list)
{
    for (const json_node_t *node = json_first (tree, list); node;
         node = json_next (tree, node))
        if (!s_is_strict (tree, node))
            return false;
    return true;
}

static bool
s_is_strict (const json_tree_t *tree, const json_node_t *schema)
{
    if (!json_is (schema, JSON_OBJECT))
        return false;
    for (size_t i = 0; i < sizeof s_refused / sizeof s_refused[0]; i++)
        if (json_get (tree, schema, s_refused[i]))
            return false;
    const json_node_t *items = json_get (tree, schema, "items");
    bool object = json_node_is (tree, json_get (tree, schema, "type"), "object")
                  || json_get (tree, schema, "properties");
    return (!items || s_is_strict (tree, items))
           && s_are_strict (tree, json_get (tree, schema, "anyOf"))
           && s_are_strict (tree, json_get (tree, schema, "$defs"))
           && s_are_strict (tree, json_get (tree, schema, "definitions"))
           && (!object || s_is_strict_object (tree, schema));
}

bool
responses_schema_is_strict (br_text_t schema)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = schema.size
                                  ? json_tree_parse (tree, schema.at, schema.size, NULL)
                                  : NULL;
    bool strict = root && json_node_is (tree, json_get (tree, root, "type"), "object")
                  && s_is_strict (tree, root);
    json_tree_destroy (&tree);
    return strict;
}
