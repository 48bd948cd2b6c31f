//  messages_schema: JSON schemas as Anthropic takes them.
//  src:  its errors "input_schema.type: Field required", "input_schema does not support
//        oneOf, allOf, or anyOf at the top level"; its guide to structured outputs

#include <string.h>

#include "broker/proto/messages/messages_parts.h"

#define MERGED_MAX 512 //  properties of a merged schema, and schemas that it is made of
#define FOLLOWED_MAX 6 //  schemas inside of each other that are looked into

static const char *const s_choices[] = { "anyOf", "oneOf", "allOf" };

#define CHOICES (sizeof s_choices / sizeof s_choices[0])

static void
s_put_member (json_writer_t *json, const json_tree_t *tree, const json_node_t *node)
{
    //  The key as it stands, with its quotes.
    br_text_t key = { (const char *) json_tree_bytes (tree) + node->key_offset,
                      node->key_size };
    json_put_raw (json, NULL, key);
    br_buf_addc (json->out, ':');
    json->comma = false;
}

//  ---- a tool's input

typedef struct {
    json_writer_t *json;
    const json_tree_t *tree;
    const json_node_t *written[MERGED_MAX];
    size_t count;
} merge_t;

//  A member that is an object, or NULL.
static const json_node_t *
s_object (const json_tree_t *tree, const json_node_t *node, const char *key)
{
    const json_node_t *found = json_get (tree, node, key);
    return json_is (found, JSON_OBJECT) ? found : NULL;
}

static bool
s_same_key (const json_tree_t *tree, const json_node_t *a, const json_node_t *b)
{
    const char *bytes = (const char *) json_tree_bytes (tree);
    return br_text_equal ((br_text_t) { bytes + a->key_offset, a->key_size },
                          (br_text_t) { bytes + b->key_offset, b->key_size });
}

static void
s_merge_properties (merge_t *self, const json_node_t *schema)
{
    const json_node_t *list = s_object (self->tree, schema, "properties");
    for (const json_node_t *node = json_first (self->tree, list); node;
         node = json_next (self->tree, node)) {
        size_t i = 0;
        while (i < self->count && !s_same_key (self->tree, self->written[i], node))
            i++;
        if (i < self->count || self->count == MERGED_MAX)
            continue;
        self->written[self->count++] = node;
        s_put_member (self->json, self->tree, node);
        json_put_raw (self->json, NULL, json_raw (self->tree, node));
    }
}

//  "#/$defs/NAME" and "#/definitions/NAME" of the same schema; else the schema itself.
static const json_node_t *
s_follow (const json_tree_t *tree, const json_node_t *root, const json_node_t *schema)
{
    static const char *const places[] = { "$defs", "definitions" };
    const json_node_t *ref = json_given (tree, schema, "$ref");
    if (!json_is (ref, JSON_STRING))
        return schema;
    br_text_t raw = json_raw (tree, ref);
    const char *bytes = (const char *) json_tree_bytes (tree);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        for (const json_node_t *node =
                 json_first (tree, s_object (tree, root, places[i]));
             node; node = json_next (tree, node)) {
            //  Both with the quote at their end.
            const char *key = bytes + node->key_offset + 1;
            size_t size = node->key_size - 1;
            if (size + 1 < raw.size && raw.at[raw.size - size - 1] == '/'
                && memcmp (raw.at + raw.size - size, key, size) == 0)
                return node;
        }
    return schema;
}

static void
s_put_merged (merge_t *self, const json_node_t *root)
{
    size_t merged = 0;
    json_open (self->json, "properties", '{');
    s_merge_properties (self, root);
    for (size_t i = 0; i < CHOICES; i++)
        for (const json_node_t *schema =
                 json_first (self->tree, json_given (self->tree, root, s_choices[i]));
             schema && merged < MERGED_MAX;
             schema = json_next (self->tree, schema), merged++)
            s_merge_properties (self, s_follow (self->tree, root, schema));
    json_close (self->json, '}');
}

static bool
s_has_choice (const json_tree_t *tree, const json_node_t *root)
{
    for (size_t i = 0; i < CHOICES; i++)
        if (json_get (tree, root, s_choices[i]))
            return true;
    return false;
}

static bool
s_is_replaced (const json_tree_t *tree, const json_node_t *member)
{
    for (size_t i = 0; i < CHOICES; i++)
        if (json_key_is (tree, member, s_choices[i]))
            return true;
    return json_key_is (tree, member, "type") || json_key_is (tree, member, "properties");
}

//  A choice between schemas at the top becomes one object that has the properties of all;
//  so the arguments keep their shape.
static bool
s_put_object (json_writer_t *json, const char *key, const json_tree_t *tree,
              const json_node_t *root)
{
    merge_t merge = { .json = json, .tree = tree };
    const json_node_t *type = json_given (tree, root, "type");
    json_open (json, key, '{');
    json_put_string (json, "type", "object");
    s_put_merged (&merge, root);
    for (const json_node_t *member = json_first (tree, root); member;
         member = json_next (tree, member)) {
        if (s_is_replaced (tree, member))
            continue;
        s_put_member (json, tree, member);
        json_put_raw (json, NULL, json_raw (tree, member));
    }
    json_close (json, '}');
    return s_has_choice (tree, root) || (type && !json_node_is (tree, type, "object"));
}

bool
messages_put_input_schema (json_writer_t *json, const char *key, br_text_t schema,
                           json_tree_t *tree)
{
    const json_node_t *root = NULL;
    if (schema.size)
        root = json_tree_parse (tree, schema.at, schema.size, NULL);
    if (!json_is (root, JSON_OBJECT)) {
        json_open (json, key, '{');
        json_put_string (json, "type", "object");
        json_put_raw (json, "properties", BR_TEXT ("{}"));
        json_close (json, '}');
        return root && !json_is (root, JSON_NULL);
    }
    bool fine = json_node_is (tree, json_get (tree, root, "type"), "object")
                && json_is (json_get (tree, root, "properties"), JSON_OBJECT)
                && !s_has_choice (tree, root);
    if (!fine)
        return s_put_object (json, key, tree, root);
    json_put_raw (json, key, json_raw (tree, root));
    return false;
}

//  ---- what kind of value fits

static bool s_fits_object (const json_tree_t *tree, const json_node_t *root,
                           const json_node_t *schema, unsigned depth);

static bool
s_is_type_object (const json_tree_t *tree, const json_node_t *type)
{
    if (!json_is (type, JSON_ARRAY))
        return json_node_is (tree, type, "object");
    for (const json_node_t *n = json_first (tree, type); n; n = json_next (tree, n))
        if (json_node_is (tree, n, "object"))
            return true;
    return false;
}

//  Of anyOf and oneOf one has to fit, of allOf all.
static bool
s_fits_choices (const json_tree_t *tree, const json_node_t *root,
                const json_node_t *schema, unsigned depth)
{
    for (size_t i = 0; i < CHOICES; i++) {
        bool all = strcmp (s_choices[i], "allOf") == 0;
        const json_node_t *list = json_given (tree, schema, s_choices[i]);
        bool fits = all || !json_first (tree, list);
        for (const json_node_t *n = json_first (tree, list); n; n = json_next (tree, n)) {
            bool one = s_fits_object (tree, root, n, depth - 1);
            fits = all ? fits && one : fits || one;
        }
        if (!fits)
            return false;
    }
    return true;
}

static bool
s_fits_object (const json_tree_t *tree, const json_node_t *root,
               const json_node_t *schema, unsigned depth)
{
    if (depth == 0 || !json_is (schema, JSON_OBJECT))
        return true;
    const json_node_t *found = s_follow (tree, root, schema);
    if (found != schema)
        return s_fits_object (tree, root, found, depth - 1);
    const json_node_t *type = json_given (tree, schema, "type");
    if (type)
        return s_is_type_object (tree, type);
    const json_node_t *values = json_given (tree, schema, "enum");
    const json_node_t *constant = json_given (tree, schema, "const");
    const json_node_t *one = constant ? constant : json_first (tree, values);
    if (one && !json_is (one, JSON_OBJECT))
        return false;
    if (json_get (tree, schema, "items") && !json_get (tree, schema, "properties"))
        return false;
    return s_fits_choices (tree, root, schema, depth);
}

bool
messages_schema_is_object (br_text_t schema, json_tree_t *tree)
{
    const json_node_t *root = NULL;
    if (schema.size)
        root = json_tree_parse (tree, schema.at, schema.size, NULL);
    return s_fits_object (tree, root, root, FOLLOWED_MAX);
}

//  ---- an answer's schema

typedef enum {
    KIND_VALUE, //  copied as it is
    KIND_SCHEMA,
    KIND_LIST, //  an array of schemas, or one
    KIND_MAP   //  an object whose members are schemas
} kind_t;

typedef struct {
    const char *key;
    kind_t kind;
} keyword_t;

static const keyword_t s_keywords[] = {
    { "properties", KIND_MAP }, { "$defs", KIND_MAP },  { "definitions", KIND_MAP },
    { "items", KIND_LIST },     { "anyOf", KIND_LIST }, { "allOf", KIND_LIST },
    { "oneOf", KIND_LIST },     { "not", KIND_SCHEMA }, { "prefixItems", KIND_LIST },
};

static kind_t
s_kind (const json_tree_t *tree, const json_node_t *member)
{
    for (size_t i = 0; i < sizeof s_keywords / sizeof s_keywords[0]; i++)
        if (json_key_is (tree, member, s_keywords[i].key))
            return s_keywords[i].kind;
    return KIND_VALUE;
}

static bool
s_is_object_schema (const json_tree_t *tree, const json_node_t *node)
{
    return json_node_is (tree, json_get (tree, node, "type"), "object")
           || json_is (json_get (tree, node, "properties"), JSON_OBJECT);
}

static bool s_put_closed (json_writer_t *json, const char *key, const json_tree_t *tree,
                          const json_node_t *node, kind_t kind);

static bool
s_put_items (json_writer_t *json, const char *key, const json_tree_t *tree,
             const json_node_t *node)
{
    bool changed = false;
    json_open (json, key, '[');
    for (const json_node_t *item = json_first (tree, node); item;
         item = json_next (tree, item))
        changed |= s_put_closed (json, NULL, tree, item, KIND_SCHEMA);
    json_close (json, ']');
    return changed;
}

//  Depth: that of the tree, which has its maximum.
static bool
s_put_closed (json_writer_t *json, const char *key, const json_tree_t *tree,
              const json_node_t *node, kind_t kind)
{
    if (kind == KIND_LIST && json_is (node, JSON_ARRAY))
        return s_put_items (json, key, tree, node);
    if (kind == KIND_VALUE || !json_is (node, JSON_OBJECT)) {
        json_put_raw (json, key, json_raw (tree, node));
        return false;
    }
    bool close = kind != KIND_MAP && s_is_object_schema (tree, node);
    const json_node_t *more = json_get (tree, node, "additionalProperties");
    bool changed = close && json_node_bool (tree, more, true);
    json_open (json, key, '{');
    for (const json_node_t *member = json_first (tree, node); member;
         member = json_next (tree, member)) {
        if (close && json_key_is (tree, member, "additionalProperties"))
            continue;
        s_put_member (json, tree, member);
        changed |= s_put_closed (json, NULL, tree, member,
                                 kind == KIND_MAP ? KIND_SCHEMA : s_kind (tree, member));
    }
    if (close)
        json_put_bool (json, "additionalProperties", false);
    json_close (json, '}');
    return changed;
}

bool
messages_put_answer_schema (json_writer_t *json, const char *key, br_text_t schema,
                            json_tree_t *tree)
{
    const json_node_t *root = NULL;
    if (schema.size)
        root = json_tree_parse (tree, schema.at, schema.size, NULL);
    if (json_is (root, JSON_OBJECT))
        return s_put_closed (json, key, tree, root, KIND_SCHEMA);
    json_put_raw (json, key, BR_TEXT ("{}"));
    return true;
}
