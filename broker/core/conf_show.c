//  conf_show: the effective configuration as YAML for people, with its secrets masked. It
//  walks the tree along the schema, which knows what is a secret.

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_database.h"
#include "broker/core/conf_state.h"

#define SHOW_MAX (32 * 1024 * 1024) //  bytes of the whole text
#define MASK_LEAST 16               //  bytes of a secret below which nothing is shown

typedef struct {
    br_buf_t out;
} show_t;

//  Words in the name of a header or a free-form key that make its value a secret.
static const char *const s_secret_words[] = {
    "key", "token", "secret", "passw", "auth", "cookie", "credential", "signature"
};

static bool
s_sounds_secret (const char *key)
{
    size_t size = strlen (key);
    if (size > 6 && strcasecmp (key + size - 6, "tokens") == 0)
        return false;
    for (size_t i = 0; i < sizeof s_secret_words / sizeof *s_secret_words; i++)
        if (strcasestr (key, s_secret_words[i]))
            return true;
    return false;
}

//  ---- texts

//  Whether YAML reads the text back as the same string without quotes.
static bool
s_is_safe (const char *text)
{
    static const char *const s_words[] = { "true", "false", "yes", "no", "on",
                                           "off",  "null",  "y",   "n",  NULL };
    if (!isalpha ((unsigned char) *text) && *text != '/')
        return false;
    for (const char *const *word = s_words; *word; word++)
        if (strcasecmp (text, *word) == 0)
            return false;
    return text[strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789_./-")]
           == 0;
}

static void
s_add_quoted (show_t *self, const char *text)
{
    if (s_is_safe (text))
        br_buf_adds (&self->out, text);
    else
        br_buf_add_json (&self->out, text, strlen (text));
}

//  Only texts that can be cut between any two bytes show their ends.
static bool
s_is_ascii (const char *text)
{
    while (isascii ((unsigned char) *text) && *text)
        text++;
    return !*text;
}

static void
s_add_masked (show_t *self, const char *text)
{
    size_t size = strlen (text);
    if (size == 0)
        br_buf_adds (&self->out, "\"\"");
    else if (size < MASK_LEAST || !s_is_ascii (text))
        br_buf_adds (&self->out, "\"****\"");
    else {
        char mask[12];
        memcpy (mask, text, 4);
        memcpy (mask + 4, "...", 3);
        memcpy (mask + 7, text + size - 4, 4);
        br_buf_add_json (&self->out, mask, 11);
    }
}

//  A text in which a password of an address, as in "scheme://user:password@host", is
//  masked.
static void
s_add_text (show_t *self, const char *text)
{
    const char *user = strstr (text, "://");
    const char *end = user ? user + 3 + strcspn (user + 3, "/?# ") : NULL;
    const char *at = user ? memrchr (user, '@', (size_t) (end - user)) : NULL;
    const char *colon = at ? memchr (user + 3, ':', (size_t) (at - user - 3)) : NULL;
    if (!colon) {
        s_add_quoted (self, text);
        return;
    }
    char *masked = br_strf ("%.*s****%s", (int) (colon + 1 - text), text, at);
    br_buf_add_json (&self->out, masked, strlen (masked));
    free (masked);
}

static void
s_add_address (show_t *self, const char *text)
{
    char *masked = br_conf_database_masked (text);
    br_buf_add_json (&self->out, masked, strlen (masked));
    free (masked);
}

static void
s_add_scalar (show_t *self, const br_conf_node_t *node,
              const cyaml_schema_value_t *schema, bool is_secret)
{
    bool is_string = !schema || schema->type == CYAML_STRING;
    bool is_free_word = (!schema || br_conf_schema_is_like (schema, BR_CONF_LIKE_FREE))
                        && node->flags & BR_CONF_PLAIN
                        && !(node->flags & BR_CONF_REPLACED);
    bool is_number = node->text[strspn (node->text, "0123456789.")] == 0;
    if (is_secret)
        s_add_masked (self, node->text);
    else if (br_conf_node_is_null (node) && *node->text)
        br_buf_adds (&self->out, "null");
    else if (!is_string
             || (is_free_word
                 && ((is_number && *node->text) || strcmp (node->text, "true") == 0
                     || strcmp (node->text, "false") == 0)))
        br_buf_adds (&self->out, node->text);
    else if (schema && br_conf_schema_is_like (schema, BR_CONF_LIKE_ADDRESS))
        s_add_address (self, node->text);
    else
        s_add_text (self, node->text);
}

//  ---- the tree

//  What the value under a key of a map is, by the schema of the map; NULL for free form.
static const cyaml_schema_value_t *
s_schema_of (const cyaml_schema_value_t *schema, const char *key)
{
    if (!schema || schema->type == CYAML_STRING)
        return NULL;
    if (schema->type == CYAML_MAPPING) {
        const cyaml_schema_field_t *field = br_conf_schema_field (schema->mapping.fields,
                                                                  key);
        return field ? &field->value : NULL;
    }
    if (br_conf_schema_is_pairs (schema))
        return &schema->sequence.entry->mapping.fields[1].value;
    return schema->sequence.entry;
}

static bool
s_is_secret (const cyaml_schema_value_t *schema, const char *key, bool parent_is_secret)
{
    if (parent_is_secret)
        return true;
    if (schema && br_conf_schema_is_like (schema, BR_CONF_LIKE_SECRET))
        return true;
    bool by_name = !schema || br_conf_schema_is_like (schema, BR_CONF_LIKE_HEADER);
    return by_name && key && s_sounds_secret (key);
}

static void
s_indent (show_t *self, unsigned level)
{
    for (unsigned i = 0; i < level; i++)
        br_buf_adds (&self->out, "  ");
}

//  Writes the value of a key or a list item, whose own line was begun.
static void
s_add_node (show_t *self, const br_conf_node_t *node, const cyaml_schema_value_t *schema,
            bool is_secret, unsigned level)
{
    if (node->kind == BR_CONF_SCALAR || node->count == 0) {
        br_buf_addc (&self->out, ' ');
        if (node->kind == BR_CONF_SCALAR)
            s_add_scalar (self, node, schema, is_secret);
        else
            br_buf_adds (&self->out, node->kind == BR_CONF_MAP ? "{}" : "[]");
        br_buf_addc (&self->out, '\n');
        return;
    }
    br_buf_addc (&self->out, '\n');
    for (size_t i = 0; i < node->count; i++) {
        const br_conf_node_t *item = node->items[i];
        s_indent (self, level);
        const cyaml_schema_value_t *below = item->key ? s_schema_of (schema, item->key)
                                                      : s_schema_of (schema, "");
        if (item->key) {
            s_add_quoted (self, item->key);
            br_buf_addc (&self->out, ':');
        } else
            br_buf_addc (&self->out, '-');
        s_add_node (self, item, below, s_is_secret (below, item->key, is_secret),
                    level + 1);
    }
}

char *
br_conf_show (const br_conf_t *self)
{
    show_t show;
    br_buf_init (&show.out, SHOW_MAX);
    br_buf_addf (&show.out, "#  home: %s\n#  file: %s%s\n", self->home.home,
                 self->home.config_file, self->home.has_config ? "" : " (there is none)");
    const br_conf_node_t *inactive = self->activity.inactive;
    for (size_t i = 0; i < inactive->count; i++) {
        const br_conf_node_t *item = inactive->items[i];
        char *line = br_strf ("#  inactive: %s: %s", item->key, item->text);
        br_conf_words_one_line (line);
        br_buf_addf (&show.out, "%s\n", line);
        free (line);
    }
    const br_conf_node_t *tree = self->tree;
    for (size_t i = 0; i < tree->count; i++) {
        const br_conf_node_t *item = tree->items[i];
        br_buf_addf (&show.out, "%s:", item->key);
        const cyaml_schema_field_t *field = br_conf_schema_field (br_conf_root_fields,
                                                                  item->key);
        s_add_node (&show, item, field ? &field->value : NULL, false, 1);
    }
    char *text = br_strdup (br_buf_text (&show.out));
    br_buf_free (&show.out);
    return text;
}
