//  tool_schema: the parameters of a tool, as OpenAI takes them.
//  src:  its errors "object schema missing properties" and "schema must be a JSON Schema of
//        'type: \"object\"'"

#include "broker/core/json_tree.h"
#include "broker/core/json_writer.h"
#include "broker/proto/call.h"

#define NO_PARAMETERS "{\"type\":\"object\",\"properties\":{}}"

//  What says by other schemas what it is.
static bool
s_is_made_of_others (const json_tree_t *tree, const json_node_t *root)
{
    static const char *const keys[] = { "$ref", "anyOf", "oneOf", "allOf" };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (json_given (tree, root, keys[i]))
            return true;
    return false;
}

//  The members as they stand, behind the two that were not there; null is as good as that.
static br_text_t
s_complete (const json_tree_t *tree, const json_node_t *root, bool typed, bool listed,
            br_arena_t *arena)
{
    br_buf_t buf;
    br_buf_init (&buf, BR_CALL_BYTES_MAX);
    json_writer_t w = json_writer (&buf);
    json_open (&w, NULL, '{');
    if (!typed)
        json_put_string (&w, "type", "object");
    if (!listed)
        json_put_raw (&w, "properties", BR_TEXT ("{}"));
    for (const json_node_t *n = json_first (tree, root); n; n = json_next (tree, n)) {
        bool replaced = (!typed && json_key_is (tree, n, "type"))
                        || (!listed && json_key_is (tree, n, "properties"));
        if (replaced)
            continue;
        json_put_key (&w, json_key (tree, n, arena));
        json_put_raw (&w, NULL, json_raw (tree, n));
    }
    json_close (&w, '}');
    br_text_t text = br_arena_text (arena, (br_text_t) { br_buf_text (&buf), buf.size });
    br_buf_free (&buf);
    return text;
}

br_text_t
br_tool_schema (br_text_t schema, br_arena_t *arena)
{
    json_tree_t *tree = json_tree_new ();
    br_text_t text = BR_TEXT (NO_PARAMETERS);
    const json_node_t *root = NULL;
    if (schema.size)
        root = json_tree_parse (tree, schema.at, schema.size, NULL);
    if (json_is (root, JSON_OBJECT) && root->count) {
        const json_node_t *type = json_given (tree, root, "type");
        bool listed = json_is (json_get (tree, root, "properties"), JSON_OBJECT);
        bool others = s_is_made_of_others (tree, root);
        bool typed = type || others;
        listed = listed || (type ? !json_node_is (tree, type, "object") : others);
        text = typed && listed ? schema : s_complete (tree, root, typed, listed, arena);
    }
    json_tree_destroy (&tree);
    return text;
}
