//  gemini_schema: JSON Schema becomes Google's subset.
//
//  A schema is looked at through a view: the schema itself, what it refers to, what allOf
//  adds to it, and what the schema around it says where it is one of its alternatives. A
//  keyword's value is the first that a part of the view gives.

#include <string.h>

#include "broker/proto/gemini/gemini_schema.h"

#define PARTS_MAX 32
#define TYPES_MAX 8
#define SEGMENT_MAX 256   //  bytes of one name in a reference
#define LOOKS_MAX 2000000 //  members that are gone through to find one by its name

typedef struct {
    const json_node_t *node;
    bool chosen; //  its alternatives are dealt with
    bool loose;  //  one of merged alternatives: what it requires does not count
} part_t;

typedef struct {
    part_t parts[PARTS_MAX];
    size_t count;
    bool recursive; //  it stands inside of itself
    bool nullable;
    const char *type; //  one of several that it allows, or NULL
} view_t;

typedef struct {
    json_tree_t *tree;
    br_arena_t *arena;
    const json_node_t *root;
    const json_node_t *refs[GEMINI_SCHEMA_DEPTH]; //  that are being written
    size_t nrefs;
    size_t depth;
    json_writer_t writer;
    gemini_schema_use_t use;
    bool properties; //  the outermost one has some
    size_t looks;
} maker_t;

typedef struct {
    const char *name;
    const char *google;
    const char *formats[4]; //  that Google knows
} type_row_t;

static const type_row_t s_types[] = {
    { "string", "STRING", { "date-time", "enum" } },
    { "integer", "INTEGER", { "int32", "int64" } },
    { "number", "NUMBER", { "float", "double" } },
    { "boolean", "BOOLEAN", { NULL } },
    { "array", "ARRAY", { NULL } },
    { "object", "OBJECT", { NULL } },
};

#define TYPES (sizeof s_types / sizeof s_types[0])

//  Numbers that are kept, for the types they mean something for.
static const struct {
    const char *key;
    const char *otherwise; //  the keyword that takes its place, nearly
    const char *types[2];
} s_bounds[] = {
    { "minItems", NULL, { "ARRAY" } },
    { "maxItems", NULL, { "ARRAY" } },
    { "minProperties", NULL, { "OBJECT" } },
    { "maxProperties", NULL, { "OBJECT" } },
    { "minLength", NULL, { "STRING" } },
    { "maxLength", NULL, { "STRING" } },
    { "minimum", "exclusiveMinimum", { "INTEGER", "NUMBER" } },
    { "maximum", "exclusiveMaximum", { "INTEGER", "NUMBER" } },
};

static const char *const s_alternatives[] = { "anyOf", "oneOf" };

static void s_write (maker_t *self, const char *key, const json_node_t *node,
                     const view_t *base);
static void s_write_view (maker_t *self, const char *key, view_t *view);

//  ---- references

//  One name of a JSON pointer. Returns what follows it, or NULL when it is too long.
static const char *
s_segment (const char *at, const char *end, char out[SEGMENT_MAX])
{
    size_t n = 0;
    for (; at < end && *at != '/'; at++) {
        if (n == SEGMENT_MAX - 1)
            return NULL;
        char c = *at;
        if (c == '~' && at + 1 < end && (at[1] == '0' || at[1] == '1'))
            c = *++at == '0' ? '~' : '/';
        out[n++] = c;
    }
    out[n] = 0;
    return at;
}

//  A member by its name. Past LOOKS_MAX it counts as too big a schema.
static const json_node_t *
s_look (maker_t *self, const json_node_t *node, const char *name)
{
    self->looks += node ? node->count : 0;
    if (self->looks > LOOKS_MAX) {
        self->writer.out->overflow = true;
        return NULL;
    }
    return json_get (self->tree, node, name);
}

//  What a reference inside of the schema means, or NULL.
static const json_node_t *
s_resolve (maker_t *self, br_text_t ref)
{
    char name[SEGMENT_MAX];
    if (!br_text_starts (ref, "#"))
        return NULL;
    const json_node_t *node = self->root;
    const char *at = ref.at + 1;
    const char *end = ref.at + ref.size;
    while (node && at && at < end && *at == '/') {
        at = s_segment (at + 1, end, name);
        node = at ? s_look (self, node, name) : NULL;
    }
    return at == end ? node : NULL;
}

static void s_collect (maker_t *self, view_t *view, const json_node_t *node, bool loose);

static void
s_follow (maker_t *self, view_t *view, const json_node_t *ref, bool loose)
{
    const json_node_t *target = s_resolve (self,
                                           json_node_text (self->tree, ref, self->arena));
    if (!target)
        return;
    bool open = self->nrefs == GEMINI_SCHEMA_DEPTH;
    for (size_t i = 0; i < self->nrefs; i++)
        open = open || self->refs[i] == target;
    if (open) {
        view->recursive = true;
        return;
    }
    self->refs[self->nrefs++] = target;
    s_collect (self, view, target, loose);
}

//  Adds a schema and all that it is made of.
static void
s_collect (maker_t *self, view_t *view, const json_node_t *node, bool loose)
{
    if (!json_is (node, JSON_OBJECT) || view->count == PARTS_MAX)
        return;
    view->parts[view->count++] = (part_t) { .node = node, .loose = loose };
    const json_node_t *ref = json_given (self->tree, node, "$ref");
    if (ref)
        s_follow (self, view, ref, loose);
    const json_node_t *all = json_given (self->tree, node, "allOf");
    if (!json_is (all, JSON_ARRAY))
        return;
    for (const json_node_t *n = json_first (self->tree, all); n;
         n = json_next (self->tree, n))
        s_collect (self, view, n, loose);
}

static const json_node_t *
s_find (const maker_t *self, const view_t *view, const char *key, json_type_t type)
{
    for (size_t i = 0; i < view->count; i++) {
        const json_node_t *node = json_given (self->tree, view->parts[i].node, key);
        if (node && (type == JSON_NONE || node->type == type))
            return node;
    }
    return NULL;
}

//  ---- alternatives

static bool
s_is_null (const maker_t *self, const json_node_t *node)
{
    const json_node_t *constant = json_get (self->tree, node, "const");
    return json_node_is (self->tree, json_given (self->tree, node, "type"), "null")
           || json_is (constant, JSON_NULL);
}

//  The next alternatives that are not dealt with, or NULL; they count as dealt with then.
static const json_node_t *
s_next_alternatives (const maker_t *self, view_t *view)
{
    for (size_t i = 0; i < view->count; i++) {
        part_t *part = &view->parts[i];
        for (size_t k = 0; k < 2 && !part->chosen; k++) {
            const json_node_t *list = json_given (self->tree, part->node,
                                                  s_alternatives[k]);
            if (!json_is (list, JSON_ARRAY))
                continue;
            part->chosen = true;
            return list;
        }
    }
    return NULL;
}

//  How many alternatives there are beside null; null makes the view nullable.
static size_t
s_count_alternatives (const maker_t *self, view_t *view, const json_node_t *list)
{
    size_t count = 0;
    for (const json_node_t *n = json_first (self->tree, list); n;
         n = json_next (self->tree, n)) {
        bool null = s_is_null (self, n);
        view->nullable = view->nullable || null;
        count += !null;
    }
    return count;
}

//  Takes up all alternatives of a list but null.
static void
s_merge_alternatives (maker_t *self, view_t *view, const json_node_t *list, bool loose)
{
    for (const json_node_t *n = json_first (self->tree, list); n;
         n = json_next (self->tree, n))
        if (!s_is_null (self, n))
            s_collect (self, view, n, loose);
}

//  The alternatives that must be written as such, or NULL. A single one, and those of a
//  tool's parameters, are merged into the view.
static const json_node_t *
s_alternatives_of (maker_t *self, view_t *view)
{
    for (;;) {
        const json_node_t *list = s_next_alternatives (self, view);
        if (!list)
            return NULL;
        size_t count = s_count_alternatives (self, view, list);
        bool outermost = self->depth == 1 && self->use == GEMINI_SCHEMA_PARAMETERS;
        if (count > 1 && !outermost)
            return list;
        s_merge_alternatives (self, view, list, count > 1);
    }
}

//  Google wants anyOf to stand alone, so each alternative says the rest of the view too.
static void
s_write_alternatives (maker_t *self, const char *key, const json_node_t *list,
                      const view_t *view)
{
    json_open (&self->writer, key, '{');
    json_open (&self->writer, "anyOf", '[');
    for (const json_node_t *n = json_first (self->tree, list); n;
         n = json_next (self->tree, n))
        if (!s_is_null (self, n))
            s_write (self, NULL, n, view);
    json_close (&self->writer, ']');
    json_close (&self->writer, '}');
}

//  ---- types

static const type_row_t *
s_type_of (const maker_t *self, const json_node_t *node)
{
    for (size_t i = 0; i < TYPES; i++)
        if (json_node_is (self->tree, node, s_types[i].name)
            || json_node_is (self->tree, node, s_types[i].google))
            return &s_types[i];
    return NULL;
}

static const char *
s_guess_type (const maker_t *self, const view_t *view)
{
    if (s_find (self, view, "properties", JSON_OBJECT)
        || s_find (self, view, "additionalProperties", JSON_NONE))
        return "OBJECT";
    if (s_find (self, view, "items", JSON_NONE)
        || s_find (self, view, "prefixItems", JSON_ARRAY))
        return "ARRAY";
    return view->recursive || self->depth == 1 ? "OBJECT" : "STRING";
}

//  The types that the view allows beside null, Google's names. At least one.
static size_t
s_types_of (const maker_t *self, view_t *view, const char *out[TYPES_MAX])
{
    size_t count = 0;
    const json_node_t *type = s_find (self, view, "type", JSON_NONE);
    const json_node_t *first = json_is (type, JSON_ARRAY) ? json_first (self->tree, type)
                                                          : type;
    for (const json_node_t *n = first; n; n = json_next (self->tree, n)) {
        const type_row_t *row = s_type_of (self, n);
        if (json_node_is (self->tree, n, "null"))
            view->nullable = true;
        else if (row && count < TYPES_MAX)
            out[count++] = row->google;
        if (n == type)
            break;
    }
    if (view->type) {
        out[0] = view->type;
        return 1;
    }
    if (count == 0)
        out[count++] = s_guess_type (self, view);
    return count;
}

//  ---- what a schema of one type says

//  The values that are allowed, as texts; only texts may be listed.
static const json_node_t *
s_values_of (const maker_t *self, view_t *view)
{
    const json_node_t *list = s_find (self, view, "enum", JSON_ARRAY);
    if (!list)
        return s_find (self, view, "const", JSON_NONE);
    bool some = false;
    for (const json_node_t *n = json_first (self->tree, list); n;
         n = json_next (self->tree, n)) {
        view->nullable = view->nullable || n->type == JSON_NULL;
        some = some || (n->type != JSON_NULL && !json_node_is (self->tree, n, ""));
    }
    return some ? list : NULL;
}

static void
s_write_value (maker_t *self, const json_node_t *node)
{
    if (node->type == JSON_NULL || json_node_is (self->tree, node, ""))
        return;
    if (node->type == JSON_STRING)
        json_put_raw (&self->writer, NULL, json_raw (self->tree, node));
    else
        json_put (&self->writer, NULL, json_raw (self->tree, node));
}

static void
s_write_values (maker_t *self, const json_node_t *values)
{
    json_open (&self->writer, "enum", '[');
    if (values->type != JSON_ARRAY)
        s_write_value (self, values);
    else
        for (const json_node_t *n = json_first (self->tree, values); n;
             n = json_next (self->tree, n))
            s_write_value (self, n);
    json_close (&self->writer, ']');
}

static void
s_write_format (maker_t *self, const view_t *view, const char *type)
{
    const json_node_t *format = s_find (self, view, "format", JSON_STRING);
    for (size_t i = 0; i < TYPES && format; i++)
        for (size_t k = 0; k < 4 && s_types[i].formats[k]; k++)
            if (strcmp (s_types[i].google, type) == 0
                && json_node_is (self->tree, format, s_types[i].formats[k]))
                json_put_string (&self->writer, "format", s_types[i].formats[k]);
}

static void
s_write_texts (maker_t *self, const view_t *view, const char *type)
{
    static const char *const keys[] = { "title", "description", "pattern" };
    for (size_t i = 0; i < 3; i++) {
        const json_node_t *node = s_find (self, view, keys[i], JSON_STRING);
        if (node && (i < 2 || strcmp (type, "STRING") == 0))
            json_put_raw (&self->writer, keys[i], json_raw (self->tree, node));
    }
}

static void
s_write_bounds (maker_t *self, const view_t *view, const char *type)
{
    for (size_t i = 0; i < sizeof s_bounds / sizeof s_bounds[0]; i++) {
        bool fits = false;
        for (size_t k = 0; k < 2 && s_bounds[i].types[k]; k++)
            fits = fits || strcmp (s_bounds[i].types[k], type) == 0;
        if (!fits)
            continue;
        const json_node_t *node = s_find (self, view, s_bounds[i].key, JSON_NUMBER);
        if (!node && s_bounds[i].otherwise)
            node = s_find (self, view, s_bounds[i].otherwise, JSON_NUMBER);
        if (node)
            json_put_raw (&self->writer, s_bounds[i].key, json_raw (self->tree, node));
    }
}

//  A tuple is a list of what it begins with.
static void
s_write_items (maker_t *self, const view_t *view)
{
    const json_node_t *items = s_find (self, view, "items", JSON_NONE);
    if (!items || items->type == JSON_BOOL)
        items = s_find (self, view, "prefixItems", JSON_ARRAY);
    if (json_is (items, JSON_ARRAY))
        items = json_first (self->tree, items);
    if (items) {
        s_write (self, "items", items, NULL);
        return;
    }
    json_open (&self->writer, "items", '{');
    json_put_string (&self->writer, "type", "STRING");
    json_close (&self->writer, '}');
}

//  ---- objects

//  The property of a name in the first parts, or NULL. What can never be is none.
static const json_node_t *
s_property (maker_t *self, const view_t *view, size_t parts, const char *name)
{
    for (size_t i = 0; i < parts; i++) {
        const json_node_t *all = json_given (self->tree, view->parts[i].node,
                                             "properties");
        const json_node_t *property = s_look (self, all, name);
        if (property && json_node_bool (self->tree, property, true))
            return property;
    }
    return NULL;
}

static void
s_write_properties_of (maker_t *self, const view_t *view, size_t part)
{
    const json_node_t *all = json_given (self->tree, view->parts[part].node,
                                         "properties");
    if (!json_is (all, JSON_OBJECT))
        return;
    for (const json_node_t *n = json_first (self->tree, all); n;
         n = json_next (self->tree, n)) {
        br_text_t name = br_arena_text (self->arena,
                                        json_key (self->tree, n, self->arena));
        if (!json_node_bool (self->tree, n, true)
            || s_property (self, view, part, name.at))
            continue;
        json_put_key (&self->writer, name);
        s_write (self, NULL, n, NULL);
        self->properties = self->properties || self->depth == 1;
    }
}

static bool
s_write_required_of (maker_t *self, const view_t *view, size_t part, bool open)
{
    const json_node_t *list = json_given (self->tree, view->parts[part].node, "required");
    if (view->parts[part].loose || !json_is (list, JSON_ARRAY))
        return open;
    for (const json_node_t *n = json_first (self->tree, list); n;
         n = json_next (self->tree, n)) {
        br_text_t name = br_arena_text (self->arena,
                                        json_node_text (self->tree, n, self->arena));
        if (!name.at || !s_property (self, view, view->count, name.at))
            continue;
        if (!open)
            json_open (&self->writer, "required", '[');
        open = true;
        json_put (&self->writer, NULL, name);
    }
    return open;
}

static void
s_write_object (maker_t *self, const view_t *view)
{
    if (!s_find (self, view, "properties", JSON_OBJECT))
        return;
    json_open (&self->writer, "properties", '{');
    for (size_t i = 0; i < view->count; i++)
        s_write_properties_of (self, view, i);
    json_close (&self->writer, '}');
    bool open = false;
    for (size_t i = 0; i < view->count; i++)
        open = s_write_required_of (self, view, i, open);
    if (open)
        json_close (&self->writer, ']');
}

//  ---- schemas

static void
s_write_typed (maker_t *self, const char *key, view_t *view, const char *type)
{
    const json_node_t *values = s_values_of (self, view);
    if (values)
        type = "STRING";
    json_open (&self->writer, key, '{');
    json_put_string (&self->writer, "type", type);
    s_write_format (self, view, type);
    s_write_texts (self, view, type);
    if (view->nullable)
        json_put_bool (&self->writer, "nullable", true);
    if (values)
        s_write_values (self, values);
    s_write_bounds (self, view, type);
    if (strcmp (type, "ARRAY") == 0)
        s_write_items (self, view);
    if (strcmp (type, "OBJECT") == 0 && !view->recursive)
        s_write_object (self, view);
    json_close (&self->writer, '}');
}

//  One schema for each of its types.
static void
s_write_types (maker_t *self, const char *key, const view_t *view,
               const char *const *types, size_t count)
{
    json_open (&self->writer, key, '{');
    json_open (&self->writer, "anyOf", '[');
    for (size_t i = 0; i < count; i++) {
        view_t one = *view;
        one.type = types[i];
        s_write_view (self, NULL, &one);
    }
    json_close (&self->writer, ']');
    json_close (&self->writer, '}');
}

static void
s_write_view (maker_t *self, const char *key, view_t *view)
{
    const char *types[TYPES_MAX];
    const json_node_t *list = s_alternatives_of (self, view);
    if (list) {
        s_write_alternatives (self, key, list, view);
        return;
    }
    size_t count = s_types_of (self, view, types);
    if (count > 1 && !s_values_of (self, view))
        s_write_types (self, key, view, types, count);
    else
        s_write_typed (self, key, view, types[0]);
}

//  base: what the schema around an alternative says, or NULL
static void
s_write (maker_t *self, const char *key, const json_node_t *node, const view_t *base)
{
    if (self->depth == GEMINI_SCHEMA_DEPTH || self->writer.out->overflow) {
        json_open (&self->writer, key, '{');
        json_put_string (&self->writer, "type", "OBJECT");
        json_close (&self->writer, '}');
        return;
    }
    size_t nrefs = self->nrefs;
    self->depth++;
    view_t view = { .nullable = base && base->nullable };
    s_collect (self, &view, node, false);
    for (size_t i = 0; base && i < base->count && view.count < PARTS_MAX; i++)
        view.parts[view.count++] = base->parts[i];
    s_write_view (self, key, &view);
    self->depth--;
    self->nrefs = nrefs;
}

int
gemini_schema_write (br_text_t schema, gemini_schema_use_t use, br_buf_t *out,
                     bool *ret_empty, br_error_t *reterr)
{
    br_buf_t made;
    br_buf_init (&made, GEMINI_SCHEMA_MAX);
    maker_t self = { .tree = json_tree_new (), .arena = br_arena_new (), .use = use };
    self.writer = json_writer (&made);
    self.root = json_tree_parse (self.tree, schema.at, schema.size, NULL);
    int rc = 0;
    if (json_is (self.root, JSON_OBJECT))
        s_write (&self, NULL, self.root, NULL);
    else
        rc = br_error_set (reterr, BR_EINVALID, "a schema must be a JSON object");
    if (rc == 0 && made.overflow)
        rc = br_error_set (reterr, BR_EINVALID,
                           "a schema without references would be over %u bytes; make it "
                           "smaller",
                           GEMINI_SCHEMA_MAX);
    if (rc == 0) {
        br_buf_add (out, made.data, made.size);
        *ret_empty = !self.properties;
    }
    br_buf_free (&made);
    br_arena_destroy (&self.arena);
    json_tree_destroy (&self.tree);
    return rc;
}
