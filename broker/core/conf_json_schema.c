//  conf_json_schema: walks the rows once. Scalars are references to a few definitions, since
//  each of them may also be a text with a ${VAR}, or left out.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_dialect.h"
#include "broker/core/conf_json_schema.h"
#include "broker/core/conf_schema.h"

//  The definitions, as they stand in "$defs".
static const struct {
    const char *name;
    const char *json;
} s_defs[] = {
    { "text", "{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]}" },
    { "free", "true" },
    { "variable", "{\"type\":[\"string\",\"null\"],\"pattern\":"
                  "\"^$|\\\\$\\\\{[A-Za-z_][A-Za-z0-9_]*\\\\}\"}" },
    { "digits", "{\"type\":\"string\",\"pattern\":\"^-?[0-9]+([.][0-9]+)?$\"}" },
    { "yes_or_no",
      "{\"anyOf\":[{\"type\":\"boolean\"},{\"enum\":[0,1]},{\"type\":\"string\","
      "\"pattern\":\"^([Tt]rue|TRUE|[Yy]es|YES|[Oo]n|ON|1|[Ff]alse|FALSE|[Nn]o|NO|[Oo]ff|"
      "OFF|0)$\"},{\"$ref\":\"#/$defs/variable\"}]}" },
    { "money",
      "{\"anyOf\":[{\"type\":\"number\",\"minimum\":0},{\"type\":\"string\","
      "\"pattern\":\"^[0-9]+([.][0-9]+)?$\"},{\"$ref\":\"#/$defs/variable\"}]}" },
};

static cJSON *s_value (const cyaml_schema_value_t *schema);
static cJSON *s_map (const cyaml_schema_field_t *fields, bool has_id);

static cJSON *
s_ref (const char *name)
{
    cJSON *node = cJSON_CreateObject ();
    char *path = br_strf ("#/$defs/%s", name);
    cJSON_AddStringToObject (node, "$ref", path);
    free (path);
    return node;
}

//  {"anyOf": [...]}; *ret_list is where alternatives are added.
static cJSON *
s_any (cJSON **ret_list)
{
    cJSON *node = cJSON_CreateObject ();
    *ret_list = cJSON_AddArrayToObject (node, "anyOf");
    return node;
}

static cJSON *
s_typed (const char *type)
{
    cJSON *node = cJSON_CreateObject ();
    cJSON_AddStringToObject (node, "type", type);
    return node;
}

static void
s_or (cJSON *list, cJSON *alternative)
{
    cJSON_AddItemToArray (list, alternative);
}

//  ---- scalars

//  Bounds are of numbers; those of decimals are in thousandths.
static cJSON *
s_number (const cyaml_schema_value_t *schema)
{
    bool is_decimal = schema->type == CYAML_FLOAT;
    cJSON *list;
    cJSON *node = s_any (&list);
    cJSON *number = s_typed (is_decimal ? "number" : "integer");
    double unit = is_decimal ? 1000 : 1;
    if (schema->type != CYAML_INT)
        cJSON_AddNumberToObject (number, "minimum", schema->string.min / unit);
    if (schema->string.max)
        cJSON_AddNumberToObject (number, "maximum", schema->string.max / unit);
    s_or (list, number);
    s_or (list, s_ref ("digits"));
    s_or (list, s_ref ("variable"));
    return node;
}

static cJSON *
s_words (const cyaml_schema_value_t *schema)
{
    cJSON *list;
    cJSON *node = s_any (&list);
    cJSON *one = cJSON_CreateObject ();
    cJSON *words = cJSON_AddArrayToObject (one, "enum");
    for (uint32_t i = 0; i < schema->enumeration.count; i++)
        cJSON_AddItemToArray (words,
                              cJSON_CreateString (schema->enumeration.strings[i].str));
    s_or (list, one);
    s_or (list, s_ref ("variable"));
    return node;
}

static cJSON *
s_scalar (const cyaml_schema_value_t *schema)
{
    if (br_conf_schema_is_money (schema))
        return s_ref ("money");
    switch (schema->type) {
    case CYAML_BOOL: return s_ref ("yes_or_no");
    case CYAML_ENUM: return s_words (schema);
    case CYAML_UINT:
    case CYAML_INT:
    case CYAML_FLOAT: return s_number (schema);
    default: break;
    }
    bool is_free = br_conf_schema_is_like (schema, BR_CONF_LIKE_FREE);
    return s_ref (is_free ? "free" : "text");
}

//  ---- lists and maps of any names

static cJSON *
s_items (cJSON *item)
{
    cJSON *node = s_typed ("array");
    cJSON_AddItemToObject (node, "items", item);
    return node;
}

static cJSON *
s_named (cJSON *value)
{
    cJSON *node = s_typed ("object");
    cJSON_AddItemToObject (node, "additionalProperties", value);
    return node;
}

//  A map from names to entries; or a list of entries with an "id" or "name", of maps with
//  one name each, or of plain names.
static cJSON *
s_keyed (const cyaml_schema_field_t *fields)
{
    cJSON *list;
    cJSON *item;
    cJSON *node = s_any (&list);
    s_or (list, s_named (s_map (fields, false)));
    cJSON *any = s_any (&item);
    s_or (item, s_ref ("text"));
    s_or (item, s_map (fields, true));
    cJSON *pair = s_named (s_map (fields, false));
    cJSON_AddNumberToObject (pair, "minProperties", 1);
    cJSON_AddNumberToObject (pair, "maxProperties", 1);
    s_or (item, pair);
    s_or (list, s_items (any));
    s_or (list, s_typed ("null"));
    return node;
}

//  A map from names to values; or a list of such maps with one name each.
static cJSON *
s_pairs (const cyaml_schema_value_t *value)
{
    cJSON *list;
    cJSON *node = s_any (&list);
    s_or (list, s_named (s_value (value)));
    s_or (list, s_items (s_named (s_value (value))));
    s_or (list, s_typed ("null"));
    return node;
}

//  Protocols: one word, several, or such by glob over names of models.
static cJSON *
s_protocols (const cyaml_schema_field_t *fields)
{
    const cyaml_schema_value_t *word = &fields[1].value;
    cJSON *some, *each, *row, *node = s_any (&some);
    cJSON *words = s_any (&each);
    s_or (each, s_value (word));
    s_or (each, s_items (s_value (word)));
    cJSON *any = s_any (&row);
    s_or (row, s_value (word));
    s_or (row, s_named (cJSON_Duplicate (words, true)));
    s_or (some, s_value (word));
    s_or (some, s_items (any));
    s_or (some, s_named (words));
    return node;
}

static cJSON *
s_list (const cyaml_schema_value_t *schema)
{
    const cyaml_schema_value_t *entry = schema->sequence.entry;
    bool is_map = entry->type == CYAML_MAPPING;
    if (is_map && strcmp (entry->mapping.fields->key, "glob") == 0)
        return s_protocols (entry->mapping.fields);
    cJSON *list;
    cJSON *node = s_any (&list);
    s_or (list, s_items (s_value (entry)));
    s_or (list, is_map ? s_ref ("variable") : s_value (entry));
    return node;
}

//  ---- sections

//  Whether a key goes by another name too.
static bool
s_has_alias (const cyaml_schema_field_t *fields, const char *key)
{
    const char *from, *to;
    for (size_t i = 0; br_conf_dialect_name (fields, i, &from, &to); i++)
        if (strcmp (to, key) == 0)
            return true;
    return false;
}

static void
s_add_other_spellings (cJSON *properties, const cyaml_schema_field_t *fields)
{
    const char *from, *to;
    for (size_t i = 0; br_conf_dialect_name (fields, i, &from, &to); i++)
        cJSON_AddItemToObject (properties, from,
                               s_value (&br_conf_schema_field (fields, to)->value));
    const char *price;
    for (size_t i = 0; (price = br_conf_dialect_price (fields, i)); i++)
        cJSON_AddItemToObject (properties, price, s_ref ("money"));
}

static void
s_add_required (cJSON *node, const cyaml_schema_field_t *fields)
{
    cJSON *required = cJSON_CreateArray ();
    for (const cyaml_schema_field_t *field = fields; field->key; field++)
        if (!(field->value.flags & CYAML_FLAG_OPTIONAL) && strcmp (field->key, "id") != 0
            && !s_has_alias (fields, field->key))
            cJSON_AddItemToArray (required, cJSON_CreateString (field->key));
    if (cJSON_GetArraySize (required))
        cJSON_AddItemToObject (node, "required", required);
    else
        cJSON_Delete (required);
}

static cJSON *
s_map (const cyaml_schema_field_t *fields, bool has_id)
{
    cJSON *node = cJSON_CreateObject ();
    cJSON *types = cJSON_AddArrayToObject (node, "type");
    cJSON_AddItemToArray (types, cJSON_CreateString ("object"));
    cJSON_AddItemToArray (types, cJSON_CreateString ("null"));
    cJSON *properties = cJSON_AddObjectToObject (node, "properties");
    if (has_id)
        cJSON_AddItemToObject (properties, "id", s_ref ("text"));
    if (has_id && !br_conf_schema_field (fields, "name"))
        cJSON_AddItemToObject (properties, "name", s_ref ("text"));
    for (const cyaml_schema_field_t *field = fields; field->key; field++)
        if (strcmp (field->key, "id") != 0)
            cJSON_AddItemToObject (properties, field->key, s_value (&field->value));
    s_add_other_spellings (properties, fields);
    s_add_required (node, fields);
    cJSON_AddFalseToObject (node, "additionalProperties");
    return node;
}

static cJSON *
s_value (const cyaml_schema_value_t *schema)
{
    if (schema->type == CYAML_MAPPING)
        return s_map (schema->mapping.fields, false);
    if (schema->type != CYAML_SEQUENCE)
        return s_scalar (schema);
    if (br_conf_schema_is_keyed (schema))
        return s_keyed (schema->sequence.entry->mapping.fields);
    if (br_conf_schema_is_pairs (schema))
        return s_pairs (&schema->sequence.entry->mapping.fields[1].value);
    return s_list (schema);
}

char *
br_conf_json_schema (void)
{
    cJSON *schema = cJSON_CreateObject ();
    cJSON_AddStringToObject (schema, "$schema",
                             "https://json-schema.org/draft/2020-12/schema");
    cJSON_AddStringToObject (schema, "title", "bitrouter.yaml");
    cJSON *defs = cJSON_AddObjectToObject (schema, "$defs");
    for (size_t i = 0; i < sizeof s_defs / sizeof *s_defs; i++)
        cJSON_AddItemToObject (defs, s_defs[i].name, cJSON_Parse (s_defs[i].json));
    cJSON_AddItemToObject (defs, "file", s_map (br_conf_root_fields, false));
    cJSON_AddStringToObject (schema, "$ref", "#/$defs/file");
    char *text = cJSON_Print (schema);
    cJSON_Delete (schema);
    return text;
}
