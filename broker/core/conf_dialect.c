//  conf_dialect: older and shorter spellings, turned into the schema's.

#include <stdlib.h>
#include <string.h>

#include "broker/core/conf_dialect.h"

//  Another name of a key, in maps that have these fields.
typedef struct {
    const cyaml_schema_field_t *fields;
    const char *from;
    const char *to;
} dialect_name_t;

static const dialect_name_t s_names[] = {
    { br_conf_endpoint_fields, "model_id", "service_id" },
    { br_conf_endpoint_fields, "tool_id", "service_id" },
    { br_conf_endpoint_fields, "model", "service_id" },
    { br_conf_model_fields, "context_length", "max_input_tokens" },
    { br_conf_route_fields, "context_length", "max_input_tokens" },
    { br_conf_tool_pricing_fields, "default_cost_per_call", "default" },
    { br_conf_tool_pricing_fields, "tools", "overrides" },
    { br_conf_tool_pricing_fields, "methods", "overrides" },
    { br_conf_pattern_fields, "pattern", "regex" },
    { br_conf_server_fields, "extra", "extra_listen" },
};

//  A flat price and where the nested form has it. A micro-USD per token is a USD per
//  million tokens, so the number stays.
typedef struct {
    const char *flat;
    const char *part;
    const char *rate;
} dialect_price_t;

static const dialect_price_t s_prices[] = {
    { "input_micro_usd_per_token", "input_tokens", "no_cache" },
    { "cache_read_micro_usd_per_token", "input_tokens", "cache_read" },
    { "cache_write_micro_usd_per_token", "input_tokens", "cache_write" },
    { "cache_write_1h_micro_usd_per_token", "input_tokens", "cache_write_1h" },
    { "audio_input_micro_usd_per_token", "input_tokens", "audio" },
    { "output_micro_usd_per_token", "output_tokens", "text" },
    { "reasoning_micro_usd_per_token", "output_tokens", "reasoning" },
    { "audio_output_micro_usd_per_token", "output_tokens", "audio" },
};

#define COUNT_OF(table) (sizeof table / sizeof *table)

bool
br_conf_dialect_name (const cyaml_schema_field_t *fields, size_t index,
                      const char **ret_from, const char **ret_to)
{
    for (size_t i = 0; i < COUNT_OF (s_names); i++) {
        if (s_names[i].fields != fields || index-- > 0)
            continue;
        *ret_from = s_names[i].from;
        *ret_to = s_names[i].to;
        return true;
    }
    return false;
}

static bool
s_has_prices (const cyaml_schema_field_t *fields)
{
    return fields == br_conf_pricing_fields || fields == br_conf_tier_fields;
}

const char *
br_conf_dialect_price (const cyaml_schema_field_t *fields, size_t index)
{
    bool is_one = s_has_prices (fields) && index < COUNT_OF (s_prices);
    return is_one ? s_prices[index].flat : NULL;
}

static void
s_rename_keys (br_conf_node_t *map, const cyaml_schema_field_t *fields)
{
    for (size_t i = 0; i < COUNT_OF (s_names); i++) {
        const dialect_name_t *row = &s_names[i];
        br_conf_node_t *item = row->fields == fields ? br_conf_node_get (map, row->from)
                                                     : NULL;
        if (item && !br_conf_node_get (map, row->to))
            br_conf_node_rename (item, row->to);
    }
}

static void
s_fold_prices (br_conf_node_t *map)
{
    for (size_t i = 0; i < COUNT_OF (s_prices); i++) {
        const dialect_price_t *row = &s_prices[i];
        br_conf_node_t *part = br_conf_node_get (map, row->part);
        if (!br_conf_node_get (map, row->flat) || (part && part->kind != BR_CONF_MAP))
            continue;
        br_conf_node_t *price = br_conf_node_take (map, row->flat);
        if (!part) {
            part = br_conf_node_new_like (BR_CONF_MAP, price);
            br_conf_node_put (map, row->part, &part);
            part = br_conf_node_get (map, row->part);
        }
        br_conf_node_put (part, row->rate, &price);
    }
}

//  ---- protocols

static void
s_add_match (br_conf_node_t *rows, const char *glob, const br_conf_node_t *protocol)
{
    br_conf_node_t *row = br_conf_node_new_like (BR_CONF_MAP, protocol);
    br_conf_node_put_text (row, "glob", glob);
    br_conf_node_t *word = br_conf_node_dup (protocol);
    br_conf_node_put (row, "protocol", &word);
    br_conf_node_add (rows, &row);
}

//  Adds the rows of one glob: a word, or a list of words.
static void
s_add_matches (br_conf_node_t *rows, const char *glob, const br_conf_node_t *value)
{
    if (value->kind != BR_CONF_LIST)
        s_add_match (rows, glob, value);
    for (size_t i = 0; value->kind == BR_CONF_LIST && i < value->count; i++)
        s_add_match (rows, glob, value->items[i]);
}

static void
s_add_protocols (br_conf_node_t *rows, const br_conf_node_t *value)
{
    const br_conf_node_t *glob = br_conf_node_get (value, "glob");
    const br_conf_node_t *protocol = br_conf_node_get (value, "protocol");
    if (value->kind == BR_CONF_SCALAR)
        s_add_match (rows, "*", value);
    else if (glob && protocol && glob->kind == BR_CONF_SCALAR)
        s_add_matches (rows, glob->text, protocol);
    else if (value->kind == BR_CONF_MAP)
        for (size_t i = 0; i < value->count; i++)
            s_add_matches (rows, value->items[i]->key, value->items[i]);
}

static void
s_spread_protocols (br_conf_node_t *map)
{
    br_conf_node_t *value = br_conf_node_get (map, "api_protocol");
    if (!value || br_conf_node_is_empty (value))
        return;
    br_conf_node_t *rows = br_conf_node_new_like (BR_CONF_LIST, value);
    if (value->kind == BR_CONF_LIST)
        for (size_t i = 0; i < value->count; i++)
            s_add_protocols (rows, value->items[i]);
    else
        s_add_protocols (rows, value);
    br_conf_node_put (map, "api_protocol", &rows);
}

void
br_conf_dialect_apply (br_conf_node_t *map, const cyaml_schema_field_t *fields)
{
    s_rename_keys (map, fields);
    if (s_has_prices (fields))
        s_fold_prices (map);
    if (fields == br_conf_provider_fields || fields == br_conf_model_fields)
        s_spread_protocols (map);
}

//  ---- lists of things with a name

//  Takes the name out of an item of such a list. "caller destroys", or NULL.
static br_conf_node_t *
s_take_name (br_conf_node_t *item)
{
    const br_conf_node_t *name = br_conf_node_get (item, "id");
    if (!name)
        name = br_conf_node_get (item, "name");
    if (!name || name->kind != BR_CONF_SCALAR || br_conf_node_is_empty (name))
        return NULL;
    if (strcmp (name->key, "name") == 0)
        return br_conf_node_dup (name);
    return br_conf_node_take (item, "id");
}

//  Puts one item of such a list into the map. Returns whether it has a place there.
static bool
s_put_named (br_conf_node_t *map, br_conf_node_t **item_p)
{
    br_conf_node_t *item = *item_p;
    if (item->kind == BR_CONF_SCALAR && !br_conf_node_is_empty (item)) {
        if (br_conf_node_get (map, item->text))
            return false;
        br_conf_node_t *empty = br_conf_node_new_like (BR_CONF_MAP, item);
        br_conf_node_put (map, item->text, &empty);
        return true;
    }
    br_conf_node_t *name = s_take_name (item);
    bool is_pair = !name && item->kind == BR_CONF_MAP && item->count == 1
                   && *item->items[0]->key;
    if (is_pair) {
        br_conf_node_t *value = br_conf_node_take_at (item, 0);
        name = br_conf_node_new_text (value->key, value);
        br_conf_node_destroy (item_p);
        *item_p = value;
    }
    bool fits = name && !br_conf_node_get (map, name->text);
    if (fits)
        br_conf_node_put (map, name->text, item_p);
    br_conf_node_destroy (&name);
    return fits;
}

size_t
br_conf_dialect_key_list (br_conf_node_t *list)
{
    size_t lost = 0;
    if (list->kind != BR_CONF_LIST)
        return 0;
    br_conf_node_t **items = list->items;
    size_t count = list->count;
    list->items = NULL;
    list->count = list->room = 0;
    list->kind = BR_CONF_MAP;
    for (size_t i = 0; i < count; i++) {
        if (!s_put_named (list, &items[i]))
            lost++;
        br_conf_node_destroy (&items[i]);
    }
    free (items);
    return lost;
}
