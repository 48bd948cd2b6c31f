//  conf_typed: a checked tree, as structs. libcyaml wants fixed field names, so maps of
//  any names are written as lists of {id: ...} or {key:, value:}, all of it in the flow
//  style, and read again by libcyaml.

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_typed.h"
#include "broker/core/money.h"

#define FLOW_MAX (32 * 1024 * 1024) //  bytes of the flow text

typedef struct {
    br_buf_t out;
    const br_conf_node_t *bad; //  a node that cannot be written, or NULL
} flow_t;

static void s_write_value (flow_t *self, const br_conf_node_t *node,
                           const cyaml_schema_value_t *schema);

//  ---- texts

//  Decodes one character of UTF-8 beyond ASCII. Returns its bytes, 0 when it is none.
static size_t
s_decode (const uint8_t *text, uint32_t *ret_char)
{
    static const uint32_t s_least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t size = *text >= 0xf0 ? 4 : *text >= 0xe0 ? 3 : 2;
    if (*text < 0xc2 || *text > 0xf4)
        return 0;
    uint32_t c = *text & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (text[i] & 0x3f);
    }
    if (c < s_least[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *ret_char = c;
    return size;
}

//  A quoted text that YAML and JSON both read: everything beyond printable ASCII escaped.
static void
s_write_text (flow_t *self, const br_conf_node_t *node, const char *text, bool is_json)
{
    br_buf_addc (&self->out, '"');
    for (const uint8_t *p = (const uint8_t *) text; *p;) {
        uint32_t c = *p;
        size_t size = 1;
        if (c >= 0x80)
            size = s_decode (p, &c);
        if (size == 0) {
            self->bad = self->bad ? self->bad : node;
            break;
        }
        if (c == '"' || c == '\\')
            br_buf_addf (&self->out, "\\%c", (int) c);
        else if (c >= 0x20 && c < 0x7f)
            br_buf_addc (&self->out, (char) c);
        else if (is_json && c >= 0x80)
            br_buf_add (&self->out, p, size);
        else
            br_buf_addf (&self->out, c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned) c);
        p += size;
    }
    br_buf_addc (&self->out, '"');
}

//  ---- free-form trees as JSON

static bool
s_is_json_number (const char *text)
{
    const char *p = text + (*text == '-');
    size_t whole = strspn (p, "0123456789");
    if (whole == 0 || (whole > 1 && *p == '0'))
        return false;
    p += whole;
    if (*p == '.') {
        size_t part = strspn (p + 1, "0123456789");
        if (part == 0)
            return false;
        p += part + 1;
    }
    if (*p == 'e' || *p == 'E') {
        p += 1 + (p[1] == '+' || p[1] == '-');
        size_t part = strspn (p, "0123456789");
        if (part == 0)
            return false;
        p += part;
    }
    return *p == 0;
}

static void
s_write_free_scalar (flow_t *self, const br_conf_node_t *node)
{
    bool is_plain = node->flags & BR_CONF_PLAIN && !(node->flags & BR_CONF_REPLACED);
    if (br_conf_node_is_null (node))
        br_buf_adds (&self->out, "null");
    else if (is_plain
             && (strcmp (node->text, "true") == 0 || strcmp (node->text, "false") == 0
                 || s_is_json_number (node->text)))
        br_buf_adds (&self->out, node->text);
    else
        s_write_text (self, node, node->text, true);
}

static void
s_write_free (flow_t *self, const br_conf_node_t *node)
{
    if (node->kind == BR_CONF_SCALAR) {
        s_write_free_scalar (self, node);
        return;
    }
    bool is_map = node->kind == BR_CONF_MAP;
    br_buf_addc (&self->out, is_map ? '{' : '[');
    for (size_t i = 0; i < node->count; i++) {
        if (i)
            br_buf_addc (&self->out, ',');
        if (is_map) {
            s_write_text (self, node, node->items[i]->key, true);
            br_buf_addc (&self->out, ':');
        }
        s_write_free (self, node->items[i]);
    }
    br_buf_addc (&self->out, is_map ? '}' : ']');
}

char *
br_conf_typed_json (const br_conf_node_t *tree)
{
    flow_t self = { .bad = NULL };
    br_buf_init (&self.out, FLOW_MAX);
    s_write_free (&self, tree);
    char *text = NULL;
    if (!self.bad && !self.out.overflow)
        text = br_strdup (br_buf_text (&self.out));
    br_buf_free (&self.out);
    return text;
}

//  ---- flow YAML for libcyaml

static void
s_write_fields (flow_t *self, const br_conf_node_t *map,
                const cyaml_schema_field_t *fields, const char *id)
{
    br_buf_addc (&self->out, '{');
    if (id) {
        br_buf_adds (&self->out, "\"id\": ");
        s_write_text (self, map, id, false);
        br_buf_adds (&self->out, ", ");
    }
    for (size_t i = 0; map->kind == BR_CONF_MAP && i < map->count; i++) {
        const br_conf_node_t *item = map->items[i];
        const cyaml_schema_field_t *field = br_conf_schema_field (fields, item->key);
        if (!field)
            continue;
        br_buf_addf (&self->out, "\"%s\": ", field->key);
        s_write_value (self, item, &field->value);
        br_buf_adds (&self->out, ", ");
    }
    br_buf_adds (&self->out, "}");
}

static void
s_write_pair (flow_t *self, const br_conf_node_t *item,
              const cyaml_schema_field_t *fields)
{
    br_buf_adds (&self->out, "{\"key\": ");
    s_write_text (self, item, item->key, false);
    br_buf_adds (&self->out, ", \"value\": ");
    s_write_value (self, item, &fields[1].value);
    br_buf_addc (&self->out, '}');
}

static void
s_write_list (flow_t *self, const br_conf_node_t *node,
              const cyaml_schema_value_t *schema)
{
    const cyaml_schema_value_t *entry = schema->sequence.entry;
    br_buf_addc (&self->out, '[');
    for (size_t i = 0; i < node->count; i++) {
        const br_conf_node_t *item = node->items[i];
        if (br_conf_schema_is_pairs (schema))
            s_write_pair (self, item, entry->mapping.fields);
        else if (br_conf_schema_is_keyed (schema))
            s_write_fields (self, item, entry->mapping.fields, item->key);
        else
            s_write_value (self, item, entry);
        br_buf_adds (&self->out, ", ");
    }
    br_buf_addc (&self->out, ']');
}

//  An amount of USD as whole nano-USD. The check has seen that it is one.
static void
s_write_money (flow_t *self, const br_conf_node_t *node)
{
    int64_t nusd = 0;
    if (br_money_parse (node->text, &nusd))
        self->bad = self->bad ? self->bad : node;
    br_buf_addf (&self->out, "%" PRId64, nusd);
}

static void
s_write_value (flow_t *self, const br_conf_node_t *node,
               const cyaml_schema_value_t *schema)
{
    if (schema->type == CYAML_MAPPING)
        s_write_fields (self, node, schema->mapping.fields, NULL);
    else if (schema->type == CYAML_SEQUENCE)
        s_write_list (self, node, schema);
    else if (br_conf_schema_is_like (schema, BR_CONF_LIKE_FREE)) {
        char *json = br_conf_typed_json (node);
        if (!json)
            self->bad = self->bad ? self->bad : node;
        s_write_text (self, node, json ? json : "", false);
        free (json);
    } else if (schema->type == CYAML_STRING)
        s_write_text (self, node, br_conf_node_is_null (node) ? "" : node->text, false);
    else if (br_conf_schema_is_money (schema))
        s_write_money (self, node);
    else
        br_buf_adds (&self->out, node->text);
}

//  ---- libcyaml

//  Keeps the first error line of libcyaml, with its newline cut off.
static void
s_log (cyaml_log_t level, void *context, const char *format, va_list args)
{
    char *text = context;
    if (level < CYAML_LOG_ERROR || *text)
        return;
    vsnprintf (text, BR_ERROR_TEXT_MAX / 2, format, args);
    text[strcspn (text, "\n")] = 0;
}

static void *
s_memory (void *context, void *block, size_t size)
{
    (void) context;
    if (size)
        return br_realloc (block, size);
    free (block);
    return NULL;
}

//  CYAML_CFG_IGNORE_UNKNOWN_KEYS is not wanted: the check took unknown keys out.
static cyaml_config_t
s_config (char *log_text)
{
    return (cyaml_config_t) {
        .log_fn = s_log,
        .log_ctx = log_text,
        .log_level = log_text ? CYAML_LOG_ERROR : CYAML_LOG_ERROR + 1,
        .mem_fn = s_memory,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

static br_conf_root_t *
s_load (br_buf_t *flow, br_error_t *reterr)
{
    char text[BR_ERROR_TEXT_MAX / 2] = "";
    cyaml_config_t config = s_config (text);
    cyaml_data_t *data = NULL;
    cyaml_err_t rc = cyaml_load_data ((const uint8_t *) br_buf_text (flow), flow->size,
                                      &config, &br_conf_root_schema, &data, NULL);
    if (rc == CYAML_OK)
        return data ? data : BR_NEW (br_conf_root_t);
    br_error_set (reterr, BR_ECONFIG, "the configuration does not fit its schema: %s%s%s",
                  cyaml_strerror (rc), *text ? ": " : "", text);
    return NULL;
}

br_conf_root_t *
br_conf_typed_new (const br_conf_node_t *tree, br_error_t *reterr)
{
    flow_t self = { .bad = NULL };
    br_buf_init (&self.out, FLOW_MAX);
    s_write_fields (&self, tree, br_conf_root_fields, NULL);
    br_conf_root_t *root = NULL;
    if (self.bad)
        br_error_set (reterr, BR_ECONFIG, "%s:%u:%u: the value is not UTF-8",
                      self.bad->file, self.bad->line, self.bad->column);
    else if (self.out.overflow)
        br_error_set (reterr, BR_ECONFIG, "the configuration is over %d bytes", FLOW_MAX);
    else
        root = s_load (&self.out, reterr);
    br_buf_free (&self.out);
    return root;
}

void
br_conf_typed_destroy (br_conf_root_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    cyaml_config_t config = s_config (NULL);
    cyaml_free (&config, &br_conf_root_schema, *self_p, 0);
    *self_p = NULL;
}
