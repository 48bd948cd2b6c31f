//  env_file: a .env file into which names and values are merged.

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_env.h"
#include "broker/core/conf_file.h"
#include "broker/identity/key_file.h"
#include "cli/env_file.h"

struct _cli_env_file_t {
    char *path;    //  owned; where a link leads to
    br_buf_t text; //  the content, each line with its end
};

cli_env_file_t *
cli_env_file_new (const char *path, br_error_t *reterr)
{
    size_t size = 0;
    br_error_t error = { BR_OK, "" };
    char *text = br_conf_file_read (path, BR_CONF_ENV_FILE_MAX, &size, &error);
    if (!text && error.code != BR_ENOTFOUND) {
        br_error_set (reterr, error.code, "%s", error.text);
        return NULL;
    }
    cli_env_file_t *self = BR_NEW (cli_env_file_t);
    char *real = realpath (path, NULL);
    self->path = real ? real : br_strdup (path);
    br_buf_init (&self->text, BR_CONF_ENV_FILE_MAX);
    if (text && size) {
        br_buf_add (&self->text, text, size);
        if (text[size - 1] != '\n')
            br_buf_addc (&self->text, '\n');
        sodium_memzero (text, size);
    }
    free (text);
    return self;
}

void
cli_env_file_destroy (cli_env_file_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    cli_env_file_t *self = *self_p;
    if (self->text.data)
        sodium_memzero (self->text.data, self->text.room);
    br_buf_free (&self->text);
    free (self->path);
    free (self);
    *self_p = NULL;
}

//  Whether a line sets the name, as conf_env reads it.
static bool
s_sets (const char *line, size_t size, const char *name)
{
    const char *end = line + size;
    while (line < end && isspace ((unsigned char) *line))
        line++;
    if (end - line > 7 && memcmp (line, "export", 6) == 0
        && isspace ((unsigned char) line[6]))
        line += 7;
    while (line < end && isspace ((unsigned char) *line))
        line++;
    size_t length = strlen (name);
    if ((size_t) (end - line) <= length || memcmp (line, name, length) != 0)
        return false;
    line += length;
    while (line < end && (*line == ' ' || *line == '\t'))
        line++;
    return line < end && *line == '=';
}

static bool
s_is_sayable (const char *value)
{
    size_t size = strlen (value);
    if (size > CLI_ENV_VALUE_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        if (iscntrl ((unsigned char) value[i]))
            return false;
    return !size
           || (!isspace ((unsigned char) *value)
               && !isspace ((unsigned char) value[size - 1]));
}

//  One pair of quotes is taken off when the file is read: a value that has its own gets
//  another.
static void
s_add_line (br_buf_t *out, const char *name, const char *value)
{
    const char *quote = *value == '"' || *value == '\'' ? "\"" : "";
    br_buf_addf (out, "%s=%s%s%s\n", name, quote, value, quote);
}

int
cli_env_file_put (cli_env_file_t *self, const char *name, const char *value,
                  br_error_t *reterr)
{
    if (!s_is_sayable (value))
        return br_error_set (reterr, BR_EINVALID,
                             "the value of %s is no line of text of at most %d bytes",
                             name, CLI_ENV_VALUE_MAX);
    br_buf_t out;
    br_buf_init (&out, BR_CONF_ENV_FILE_MAX);
    bool is_there = false;
    const char *line = self->text.size ? (const char *) self->text.data : "";
    const char *end = line + self->text.size;
    while (line < end) {
        const char *stop = memchr (line, '\n', (size_t) (end - line));
        size_t size = (size_t) (stop - line) + 1;
        if (!s_sets (line, size, name))
            br_buf_add (&out, line, size);
        else if (!is_there) {
            s_add_line (&out, name, value);
            is_there = true;
        }
        line += size;
    }
    if (!is_there)
        s_add_line (&out, name, value);
    bool is_full = out.overflow;
    br_buf_t *gone = is_full ? &out : &self->text;
    if (gone->data)
        sodium_memzero (gone->data, gone->room);
    br_buf_free (gone);
    if (is_full)
        return br_error_set (reterr, BR_ETOOBIG, "%s would be over %d bytes", self->path,
                             BR_CONF_ENV_FILE_MAX);
    self->text = out;
    return 0;
}

int
cli_env_file_replace (const char *path, const char *text, br_error_t *reterr)
{
    char *real = realpath (path, NULL);
    const char *full = real ? real : path;
    const char *slash = strrchr (full, '/');
    char *folder = slash ? br_strndup (full, slash == full ? 1 : (size_t) (slash - full))
                         : br_strdup (".");
    int rc = br_key_file_write (folder, slash ? slash + 1 : full, text, reterr);
    free (folder);
    free (real);
    return rc;
}

int
cli_env_file_save (const cli_env_file_t *self, br_error_t *reterr)
{
    char *text = self->text.size
                     ? br_strndup ((const char *) self->text.data, self->text.size)
                     : br_strdup ("");
    int rc = cli_env_file_replace (self->path, text, reterr);
    sodium_memzero (text, self->text.size);
    free (text);
    return rc;
}
