//  gemini_schema_read: Google's Schema becomes JSON Schema: lower-case types, null as one
//  of them, and none of the keywords that only Google has.

#include <string.h>

#include "broker/proto/gemini/gemini_parts.h"
#include "broker/proto/gemini/gemini_schema.h"

typedef struct {
    const json_tree_t *tree;
    br_arena_t *arena;
    json_writer_t writer;
} maker_t;

typedef void (member_fn) (maker_t *self, const char *key, const json_node_t *node,
                          bool nullable);

static void s_write (maker_t *self, const char *key, const json_node_t *node);

static void
s_leave_out (maker_t *self, const char *key, const json_node_t *node, bool nullable)
{
    (void) self;
    (void) key;
    (void) node;
    (void) nullable;
}

static void
s_type (maker_t *self, const char *key, const json_node_t *node, bool nullable)
{
    if (node->type != JSON_STRING) {
        json_put_raw (&self->writer, key, json_raw (self->tree, node));
        return;
    }
    br_text_t type = gemini_lower (json_node_text (self->tree, node, self->arena),
                                   self->arena);
    if (br_text_is (type, "type_unspecified"))
        return;
    if (nullable)
        json_open (&self->writer, key, '[');
    json_put (&self->writer, nullable ? NULL : key, type);
    if (nullable) {
        json_put_string (&self->writer, NULL, "null");
        json_close (&self->writer, ']');
    }
}

static void
s_enum (maker_t *self, const char *key, const json_node_t *node, bool nullable)
{
    json_open (&self->writer, key, '[');
    for (const json_node_t *n = json_first (self->tree, node); n;
         n = json_next (self->tree, n))
        json_put_raw (&self->writer, NULL, json_raw (self->tree, n));
    if (nullable)
        json_put_null (&self->writer, NULL);
    json_close (&self->writer, ']');
}

static void
s_format (maker_t *self, const char *key, const json_node_t *node, bool nullable)
{
    (void) nullable;
    if (!json_node_is (self->tree, node, "enum"))
        json_put_raw (&self->writer, key, json_raw (self->tree, node));
}

//  64 bit numbers may come as texts.
static void
s_count (maker_t *self, const char *key, const json_node_t *node, bool nullable)
{
    (void) nullable;
    br_text_t text = json_node_text (self->tree, node, self->arena);
    bool digits = text.size > 0 && text.size < 19;
    for (size_t i = 0; i < text.size && digits; i++)
        digits = text.at[i] >= '0' && text.at[i] <= '9';
    json_put_raw (&self->writer, key, digits ? text : json_raw (self->tree, node));
}

static void
s_schema (maker_t *self, const char *key, const json_node_t *node, bool nullable)
{
    (void) nullable;
    s_write (self, key, node);
}

static void
s_list (maker_t *self, const char *key, const json_node_t *node, bool nullable)
{
    json_open (&self->writer, key, '[');
    for (const json_node_t *n = json_first (self->tree, node); n;
         n = json_next (self->tree, n))
        s_write (self, NULL, n);
    if (nullable && strcmp (key, "anyOf") == 0)
        json_put_raw (&self->writer, NULL, BR_TEXT ("{\"type\":\"null\"}"));
    json_close (&self->writer, ']');
}

static void
s_map (maker_t *self, const char *key, const json_node_t *node, bool nullable)
{
    (void) nullable;
    json_open (&self->writer, key, '{');
    for (const json_node_t *n = json_first (self->tree, node); n;
         n = json_next (self->tree, n)) {
        json_put_key (&self->writer, json_key (self->tree, n, self->arena));
        s_write (self, NULL, n);
    }
    json_close (&self->writer, '}');
}

static const struct {
    const char *key;
    json_type_t type; //  of others it is copied as it is; JSON_NONE = any
    member_fn *fn;
} s_rows[] = {
    { "type", JSON_NONE, s_type },
    { "nullable", JSON_NONE, s_leave_out },
    { "propertyOrdering", JSON_NONE, s_leave_out },
    { "enum", JSON_ARRAY, s_enum },
    { "format", JSON_NONE, s_format },
    { "minItems", JSON_NONE, s_count },
    { "maxItems", JSON_NONE, s_count },
    { "minProperties", JSON_NONE, s_count },
    { "maxProperties", JSON_NONE, s_count },
    { "minLength", JSON_NONE, s_count },
    { "maxLength", JSON_NONE, s_count },
    { "items", JSON_OBJECT, s_schema },
    { "additionalProperties", JSON_OBJECT, s_schema },
    { "anyOf", JSON_ARRAY, s_list },
    { "oneOf", JSON_ARRAY, s_list },
    { "allOf", JSON_ARRAY, s_list },
    { "prefixItems", JSON_ARRAY, s_list },
    { "properties", JSON_OBJECT, s_map },
    { "$defs", JSON_OBJECT, s_map },
    { "defs", JSON_OBJECT, s_map },
};

static void
s_member (maker_t *self, const json_node_t *node, bool nullable)
{
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++)
        if (gemini_key_is (self->tree, node, s_rows[i].key)
            && (s_rows[i].type == JSON_NONE || s_rows[i].type == node->type)) {
            s_rows[i].fn (self, s_rows[i].key, node, nullable);
            return;
        }
    json_put_key (&self->writer, json_key (self->tree, node, self->arena));
    json_put_raw (&self->writer, NULL, json_raw (self->tree, node));
}

//  Nested as deep as the text it is read from, which is bounded by JSON_DEPTH_MAX.
static void
s_write (maker_t *self, const char *key, const json_node_t *node)
{
    if (node->type != JSON_OBJECT) {
        json_put_raw (&self->writer, key, json_raw (self->tree, node));
        return;
    }
    bool nullable = json_node_bool (self->tree, json_given (self->tree, node, "nullable"),
                                    false);
    json_open (&self->writer, key, '{');
    for (const json_node_t *n = json_first (self->tree, node); n;
         n = json_next (self->tree, n))
        if (n->type != JSON_NULL)
            s_member (self, n, nullable);
    json_close (&self->writer, '}');
}

br_text_t
gemini_schema_read (const json_tree_t *tree, const json_node_t *schema, br_arena_t *arena)
{
    br_buf_t made;
    //  What grows most is an anyOf of nothing that may be null.
    br_buf_init (&made, (size_t) schema->size * 3 + 64);
    maker_t self = { .tree = tree, .arena = arena, .writer = json_writer (&made) };
    s_write (&self, NULL, schema);
    br_text_t text = br_arena_text (arena,
                                    (br_text_t) { (const char *) made.data, made.size });
    br_buf_free (&made);
    return text;
}
