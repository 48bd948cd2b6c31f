//  conf_env: the variables that configuration may refer to.

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_env.h"
#include "broker/core/conf_file.h"

struct _br_conf_env_t {
    const char *const *environ_v; //  borrowed; of the process, or NULL
    br_conf_node_t *file;         //  owned; map of what .env files set
};

br_conf_env_t *
br_conf_env_new (const char *const *environ_v)
{
    br_conf_env_t *self = BR_NEW (br_conf_env_t);
    self->environ_v = environ_v;
    self->file = br_conf_node_new (BR_CONF_MAP, "");
    return self;
}

void
br_conf_env_destroy (br_conf_env_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_conf_env_t *self = *self_p;
    br_conf_node_destroy (&self->file);
    free (self);
    *self_p = NULL;
}

static bool
s_is_name (const char *name, size_t size)
{
    if (size == 0 || isdigit ((unsigned char) *name))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum ((unsigned char) name[i]) && name[i] != '_')
            return false;
    return true;
}

//  Cuts white space off both ends, in place.
static char *
s_trim (char *text)
{
    while (isspace ((unsigned char) *text))
        text++;
    size_t size = strlen (text);
    while (size && isspace ((unsigned char) text[size - 1]))
        text[--size] = 0;
    return text;
}

//  Takes one pair of quotes off, in place.
static char *
s_unquote (char *text)
{
    size_t size = strlen (text);
    if (size < 2 || (*text != '"' && *text != '\'') || text[size - 1] != *text)
        return text;
    text[size - 1] = 0;
    return text + 1;
}

//  Stores one line, which it may change. Returns false for a line that makes no sense.
static bool
s_parse_line (br_conf_env_t *self, char *line)
{
    line = s_trim (line);
    if (!*line || *line == '#')
        return true;
    if (strncmp (line, "export", 6) == 0 && isspace ((unsigned char) line[6]))
        line = s_trim (line + 6);
    char *equals = strchr (line, '=');
    if (!equals)
        return false;
    *equals = 0;
    char *name = s_trim (line);
    if (!s_is_name (name, strlen (name)))
        return false;
    br_conf_node_put_text (self->file, name, s_unquote (s_trim (equals + 1)));
    return true;
}

void
br_conf_env_parse (br_conf_env_t *self, const char *file, const char *text, size_t size,
                   br_conf_words_t *warnings)
{
    unsigned number = 1;
    while (size) {
        const char *end = memchr (text, '\n', size);
        size_t length = end ? (size_t) (end - text) : size;
        char *line = br_strndup (text, length);
        if (!s_parse_line (self, line))
            br_conf_words_addf (warnings, "%s:%u: the line is not NAME=value; skipped",
                                file, number);
        free (line);
        size_t step = end ? length + 1 : length;
        text += step;
        size -= step;
        number++;
    }
}

int
br_conf_env_read (br_conf_env_t *self, const char *path, bool must_exist,
                  br_conf_words_t *warnings, br_error_t *reterr)
{
    size_t size = 0;
    br_error_t error = { BR_OK, "" };
    char *text = br_conf_file_read (path, BR_CONF_ENV_FILE_MAX, &size, &error);
    if (!text && error.code == BR_ENOTFOUND && !must_exist)
        return 0;
    if (!text)
        return br_error_set (reterr, BR_ECONFIG, "%s", error.text);
    br_conf_env_parse (self, path, text, size, warnings);
    free (text);
    return 0;
}

const char *
br_conf_env_get (const br_conf_env_t *self, const char *name)
{
    size_t size = strlen (name);
    for (const char *const *row = self->environ_v; row && *row; row++)
        if (strncmp (*row, name, size) == 0 && (*row)[size] == '=')
            return *row + size + 1;
    return br_conf_node_get_text (self->file, name);
}

const char *
br_conf_env_get_full (const br_conf_env_t *self, const char *name)
{
    const char *value = br_conf_env_get (self, name);
    return value && *value ? value : NULL;
}

//  Adds what stands for "NAME" or "NAME:-default", the text between the braces.
//  Returns false when that is neither, and so stays as it is.
static bool
s_add_value (const br_conf_env_t *self, const br_conf_node_t *node, const char *body,
             size_t size, br_buf_t *out, br_conf_words_t *warnings)
{
    const char *dash = memmem (body, size, ":-", 2);
    size_t name_size = dash ? (size_t) (dash - body) : size;
    if (!s_is_name (body, name_size))
        return false;
    char *name = br_strndup (body, name_size);
    const char *value = br_conf_env_get (self, name);
    if (dash && (!value || !*value))
        br_buf_add (out, dash + 2, size - name_size - 2);
    else if (value)
        br_buf_adds (out, value);
    else
        br_conf_words_addf (warnings,
                            "%s:%u:%u: the variable %.60s is not set; used as empty",
                            node->file, node->line, node->column, name);
    free (name);
    return true;
}

static int
s_replace_text (const br_conf_env_t *self, br_conf_node_t *node,
                br_conf_words_t *warnings, br_error_t *reterr)
{
    br_buf_t out;
    br_buf_init (&out, BR_CONF_VALUE_MAX);
    const char *rest = node->text;
    const char *start = strstr (rest, "${");
    while (start) {
        const char *end = strchr (start, '}');
        if (!end)
            break;
        br_buf_add (&out, rest, (size_t) (start - rest));
        size_t size = (size_t) (end - start - 2);
        if (s_add_value (self, node, start + 2, size, &out, warnings))
            node->flags |= BR_CONF_REPLACED;
        else
            br_buf_add (&out, start, size + 3);
        rest = end + 1;
        start = strstr (rest, "${");
    }
    br_buf_adds (&out, rest);
    bool overflow = out.overflow;
    if (node->flags & BR_CONF_REPLACED && !overflow) {
        free (node->text);
        node->text = br_strdup (br_buf_text (&out));
    }
    br_buf_free (&out);
    if (overflow)
        return br_error_set (reterr, BR_ECONFIG, "%s:%u:%u: the value is over %d bytes",
                             node->file, node->line, node->column, BR_CONF_VALUE_MAX);
    return 0;
}

int
br_conf_env_replace (const br_conf_env_t *self, br_conf_node_t *tree,
                     br_conf_words_t *warnings, br_error_t *reterr)
{
    if (tree->kind == BR_CONF_SCALAR)
        return strstr (tree->text, "${") ? s_replace_text (self, tree, warnings, reterr)
                                         : 0;
    int rc = 0;
    for (size_t i = 0; i < tree->count && rc == 0; i++)
        rc = br_conf_env_replace (self, tree->items[i], warnings, reterr);
    return rc;
}
