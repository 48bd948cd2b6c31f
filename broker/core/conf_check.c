//  conf_check: a tree against the schema. It walks both side by side; all it knows of
//  sections and fields it reads from the rows of the schema.

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_check.h"
#include "broker/core/conf_dialect.h"
#include "broker/core/conf_schema.h"
#include "broker/core/money.h"

#define PATH_MAX_BYTES 160          //  bytes of "where" in a message
#define WHOLE_DIGITS_MAX 15         //  digits that a JSON number keeps
#define NUMBER_MAX 1e9              //  the largest number that makes sense
#define QUOTE_MAX 40                //  bytes of a wrong value that are repeated
#define STRICT_SECTION "guardrails" //  unknown keys are errors, empty lists stay
#define CHOICES_MAX 320             //  bytes of what would have been right, in a message

typedef struct {
    br_conf_words_t *warnings;
    bool strict;   //  unknown keys are errors
    bool in_guard; //  inside of STRICT_SECTION
    br_error_t *reterr;
    char path[PATH_MAX_BYTES]; //  where in the tree, like "providers.openai"
} check_t;

static int s_check_value (check_t *self, br_conf_node_t *node,
                          const cyaml_schema_value_t *schema);

//  Steps into a key; returns what s_leave needs to step out again.
static size_t
s_enter (check_t *self, const char *key)
{
    size_t size = strlen (self->path);
    snprintf (self->path + size, sizeof self->path - size, "%s%.60s", size ? "." : "",
              key);
    return size;
}

static void
s_leave (check_t *self, size_t size)
{
    self->path[size] = 0;
}

static int
s_fail (check_t *self, const br_conf_node_t *node, const char *expected)
{
    return br_error_set (self->reterr, BR_ECONFIG, "%s:%u:%u: %s: expected %s",
                         node->file, node->line, node->column,
                         *self->path ? self->path : "the file", expected);
}

//  ---- scalars

static bool
s_is_word_of (const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcasecmp (text, *words) == 0)
            return true;
    return false;
}

static int
s_check_bool (check_t *self, br_conf_node_t *node)
{
    static const char *const s_true[] = { "true", "yes", "on", "1", NULL };
    static const char *const s_false[] = { "false", "no", "off", "0", NULL };
    bool yes = s_is_word_of (node->text, s_true);
    if (!yes && !s_is_word_of (node->text, s_false))
        return s_fail (self, node, "true or false");
    free (node->text);
    node->text = br_strdup (yes ? "true" : "false");
    return 0;
}

static int
s_check_range (check_t *self, const br_conf_node_t *node,
               const cyaml_schema_value_t *schema)
{
    uint64_t number = strtoull (node->text, NULL, 10);
    if (!schema->string.max
        || (number >= schema->string.min && number <= schema->string.max))
        return 0;
    char text[80];
    snprintf (text, sizeof text, "a whole number from %u to %u", schema->string.min,
              schema->string.max);
    return s_fail (self, node, text);
}

static int
s_check_whole (check_t *self, const br_conf_node_t *node,
               const cyaml_schema_value_t *schema)
{
    const char *digits = node->text + (schema->type == CYAML_INT && *node->text == '-');
    size_t size = strspn (digits, "0123456789");
    if (size == 0 || digits[size] || (size > 1 && *digits == '0'))
        return s_fail (self, node, "a whole number");
    if (size > WHOLE_DIGITS_MAX)
        return s_fail (self, node, "a number of at most 15 digits");
    return schema->type == CYAML_UINT ? s_check_range (self, node, schema) : 0;
}

//  A number with decimals, whose bounds are thousandths.
static int
s_check_decimal_range (check_t *self, const br_conf_node_t *node,
                       const cyaml_schema_value_t *schema)
{
    double thousandths = strtod (node->text, NULL) * 1000;
    if (!schema->string.max
        || (thousandths >= schema->string.min && thousandths <= schema->string.max))
        return 0;
    char text[80];
    snprintf (text, sizeof text, "a number from %.10g to %.10g",
              schema->string.min / 1000.0, schema->string.max / 1000.0);
    return s_fail (self, node, text);
}

static int
s_check_number (check_t *self, const br_conf_node_t *node,
                const cyaml_schema_value_t *schema)
{
    char *end = NULL;
    size_t size = strspn (node->text, "0123456789.eE+-");
    double value = strtod (node->text, &end);
    if (end == node->text || *end || node->text[size] || !isfinite (value) || value < 0)
        return s_fail (self, node, "a number from 0");
    if (value > NUMBER_MAX)
        return s_fail (self, node, "a number of at most 1e9");
    return s_check_decimal_range (self, node, schema);
}

//  An amount of USD, which then has its shortest spelling.
static int
s_check_money (check_t *self, br_conf_node_t *node)
{
    int64_t nusd;
    if (br_money_parse (node->text, &nusd))
        return s_fail (self, node, BR_MONEY_EXPECTED);
    free (node->text);
    node->text = br_alloc (BR_MONEY_TEXT_MAX, 1);
    br_money_print (nusd, node->text);
    return 0;
}

//  "one of a, b, not "x"; did you mean "b"?"; given is NULL for what must not be shown.
static void
s_choices (const br_conf_words_t *words, const char *given, const char *nearest,
           char *text, size_t size)
{
    size_t used = (size_t) snprintf (text, size, "one of ");
    for (size_t i = 0; i < br_conf_words_count (words) && used < size; i++)
        used += (size_t) snprintf (text + used, size - used, "%s%s", i ? ", " : "",
                                   br_conf_words_at (words, i));
    if (given && used < size)
        used += (size_t) snprintf (text + used, size - used, ", not \"%.*s\"", QUOTE_MAX,
                                   given);
    if (nearest && used < size)
        snprintf (text + used, size - used, "; did you mean \"%s\"?", nearest);
}

static int
s_check_word (check_t *self, const br_conf_node_t *node,
              const cyaml_schema_value_t *schema)
{
    br_conf_words_t *words = br_conf_words_new ();
    for (uint32_t i = 0; i < schema->enumeration.count; i++)
        br_conf_words_add (words, schema->enumeration.strings[i].str);
    int rc = 0;
    if (!br_conf_words_has (words, node->text)) {
        bool is_secret = node->flags & BR_CONF_REPLACED;
        char text[CHOICES_MAX];
        s_choices (words, is_secret ? NULL : node->text,
                   br_conf_words_nearest (words, node->text), text, sizeof text);
        rc = s_fail (self, node, text);
    }
    br_conf_words_destroy (&words);
    return rc;
}

static int
s_check_scalar (check_t *self, br_conf_node_t *node, const cyaml_schema_value_t *schema)
{
    if (br_conf_schema_is_like (schema, BR_CONF_LIKE_FREE))
        return 0;
    if (node->kind != BR_CONF_SCALAR)
        return s_fail (self, node, "one value, not a list or a section");
    if (br_conf_schema_is_money (schema))
        return s_check_money (self, node);
    switch (schema->type) {
    case CYAML_BOOL: return s_check_bool (self, node);
    case CYAML_UINT:
    case CYAML_INT: return s_check_whole (self, node, schema);
    case CYAML_FLOAT: return s_check_number (self, node, schema);
    case CYAML_ENUM: return s_check_word (self, node, schema);
    default: return 0;
    }
}

//  ---- sections

static void
s_warn_unknown (check_t *self, const br_conf_node_t *item, const char *nearest)
{
    br_conf_words_addf (
        self->warnings, "%s:%u:%u: unknown key \"%.60s\"%s%s%s%s%s; ignored", item->file,
        item->key_line, item->key_column, item->key, *self->path ? " in " : "",
        self->path, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
        nearest ? "\"?" : "");
}

//  A section that protects nobody when its name is not quite right, so that is an error: the
//  one that was meant, or NULL.
static const char *
s_protection (const check_t *self, const br_conf_node_t *item, const char *nearest)
{
    static const char *const s_sections[] = { "guardrails", "server", "auth", "limits" };
    size_t size = strlen (item->key);
    for (size_t i = 0; !*self->path && i < sizeof s_sections / sizeof *s_sections; i++) {
        bool is_begun = size >= 5 && strncasecmp (s_sections[i], item->key, size) == 0;
        if (is_begun || (nearest && strcmp (s_sections[i], nearest) == 0))
            return s_sections[i];
    }
    return NULL;
}

//  A key that no field has: an error, or a warning.
static int
s_unknown (check_t *self, const br_conf_node_t *item, const cyaml_schema_field_t *fields)
{
    br_conf_words_t *words = br_conf_words_new ();
    for (const cyaml_schema_field_t *field = fields; field->key; field++)
        if (strcmp (field->key, "id") != 0)
            br_conf_words_add (words, field->key);
    const char *nearest = br_conf_words_nearest (words, item->key);
    int rc = 0;
    const char *section = self->strict ? NULL : s_protection (self, item, nearest);
    if (section)
        rc = br_error_set (self->reterr, BR_ECONFIG,
                           "%s:%u:%u: unknown key \"%.60s\"; did you mean \"%s\"?",
                           item->file, item->key_line, item->key_column, item->key,
                           section);
    else if (self->strict || self->in_guard) {
        char text[CHOICES_MAX];
        s_choices (words, NULL, nearest, text, sizeof text);
        rc = br_error_set (self->reterr, BR_ECONFIG,
                           "%s:%u:%u: unknown key \"%.60s\"%s%s: expected %s", item->file,
                           item->key_line, item->key_column, item->key,
                           *self->path ? " in " : "", self->path, text);
    } else
        s_warn_unknown (self, item, nearest);
    br_conf_words_destroy (&words);
    return rc;
}

//  A list whose names are not there is a list of none, where one that is not there is for all.
static void
s_keep_list (const check_t *self, br_conf_node_t *item,
             const cyaml_schema_value_t *schema)
{
    bool is_list = schema->type == CYAML_SEQUENCE && !br_conf_schema_is_keyed (schema)
                   && !br_conf_schema_is_pairs (schema);
    bool is_empty = item->kind == BR_CONF_SCALAR
                    && (br_conf_node_is_null (item) || !*item->text);
    if (!self->in_guard || !is_list || !is_empty)
        return;
    free (item->text);
    item->text = NULL;
    item->kind = BR_CONF_LIST;
}

//  A value that was left out, and so is as if its key were not there. A string that a
//  variable made empty stays: for a key it means something.
static bool
s_is_left_out (const br_conf_node_t *item, const cyaml_schema_value_t *schema)
{
    if (br_conf_node_is_null (item))
        return true;
    return schema->type != CYAML_STRING && item->kind == BR_CONF_SCALAR && !*item->text;
}

static int
s_check_needed (check_t *self, const br_conf_node_t *map,
                const cyaml_schema_field_t *fields)
{
    for (const cyaml_schema_field_t *field = fields; field->key; field++) {
        if (field->value.flags & CYAML_FLAG_OPTIONAL || strcmp (field->key, "id") == 0
            || br_conf_node_get (map, field->key))
            continue;
        char text[80];
        snprintf (text, sizeof text, "\"%s\" to be given", field->key);
        return s_fail (self, map, text);
    }
    return 0;
}

static int
s_check_map (check_t *self, br_conf_node_t *map, const cyaml_schema_field_t *fields)
{
    if (br_conf_node_is_null (map))
        map->kind = BR_CONF_MAP;
    if (map->kind != BR_CONF_MAP)
        return s_fail (self, map, "a section of \"key: value\" lines");
    br_conf_dialect_apply (map, fields);
    int rc = 0;
    size_t i = 0;
    while (rc == 0 && i < map->count) {
        br_conf_node_t *item = map->items[i];
        const cyaml_schema_field_t *field = br_conf_schema_field (fields, item->key);
        bool is_known = field && strcmp (field->key, "id") != 0;
        if (!is_known && s_unknown (self, item, fields))
            return -1;
        bool was_in_guard = self->in_guard;
        self->in_guard = was_in_guard
                         || (!*self->path && strcmp (item->key, STRICT_SECTION) == 0);
        if (is_known)
            s_keep_list (self, item, &field->value);
        if (is_known && !s_is_left_out (item, &field->value)) {
            size_t mark = s_enter (self, item->key);
            rc = s_check_value (self, item, &field->value);
            s_leave (self, mark);
            i++;
        } else {
            item = br_conf_node_take_at (map, i);
            br_conf_node_destroy (&item);
        }
        self->in_guard = was_in_guard;
    }
    return rc ? rc : s_check_needed (self, map, fields);
}

//  Somebody has left out the name, and written its fields where it belongs.
static int
s_fail_nameless (check_t *self, const br_conf_node_t *item,
                 const cyaml_schema_field_t *fields)
{
    bool is_rate = fields == br_conf_rate_limit_entry.mapping.fields;
    char text[CHOICES_MAX];
    snprintf (text, sizeof text,
              "%s as the key, such as \"%s\": {%.60s: ...}; \"%.60s\" is a field of it",
              is_rate ? "a glob over names of models" : "a name",
              is_rate ? "*" : "some-name", item->key, item->key);
    return s_fail (self, item, text);
}

//  A map of any names: each to the fields of an entry, or to one value.
static int
s_check_named (check_t *self, br_conf_node_t *map, const cyaml_schema_value_t *schema)
{
    const cyaml_schema_field_t *fields = schema->sequence.entry->mapping.fields;
    if (br_conf_dialect_key_list (map))
        return s_fail (self, map, "every entry to have an \"id\" of its own");
    if (map->kind != BR_CONF_MAP)
        return s_fail (self, map, "a section of \"name: ...\" lines");
    bool is_keyed = br_conf_schema_is_keyed (schema);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < map->count; i++) {
        br_conf_node_t *item = map->items[i];
        bool is_value = item->kind == BR_CONF_SCALAR && !br_conf_node_is_null (item);
        if (is_keyed && is_value && br_conf_schema_field (fields, item->key))
            return s_fail_nameless (self, item, fields);
        size_t mark = s_enter (self, item->key);
        if (is_keyed)
            rc = s_check_map (self, item, fields);
        else
            rc = s_check_value (self, item, &fields[1].value);
        s_leave (self, mark);
    }
    return rc;
}

//  A list; one value alone is a list of one.
static int
s_check_list (check_t *self, br_conf_node_t *list, const cyaml_schema_value_t *schema)
{
    if (list->kind == BR_CONF_SCALAR) {
        br_conf_node_t *only = br_conf_node_dup (list);
        list->kind = BR_CONF_LIST;
        br_conf_node_add (list, &only);
    }
    if (list->kind != BR_CONF_LIST)
        return s_fail (self, list, "a list");
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < list->count; i++) {
        char index[24];
        snprintf (index, sizeof index, "%zu", i);
        size_t mark = s_enter (self, index);
        rc = s_check_value (self, list->items[i], schema->sequence.entry);
        s_leave (self, mark);
    }
    return rc;
}

static int
s_check_value (check_t *self, br_conf_node_t *node, const cyaml_schema_value_t *schema)
{
    if (schema->type == CYAML_MAPPING)
        return s_check_map (self, node, schema->mapping.fields);
    if (schema->type != CYAML_SEQUENCE)
        return s_check_scalar (self, node, schema);
    if (br_conf_schema_is_keyed (schema) || br_conf_schema_is_pairs (schema))
        return s_check_named (self, node, schema);
    return s_check_list (self, node, schema);
}

int
br_conf_check (br_conf_node_t *tree, br_conf_words_t *warnings, br_error_t *reterr)
{
    check_t self = { .warnings = warnings, .reterr = reterr };
    return s_check_map (&self, tree, br_conf_root_fields);
}

int
br_conf_check_fields (br_conf_node_t *tree, const cyaml_schema_field_t *fields,
                      br_error_t *reterr)
{
    check_t self = { .strict = true, .reterr = reterr };
    return s_check_map (&self, tree, fields);
}
