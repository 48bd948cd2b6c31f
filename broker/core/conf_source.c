//  conf_source: two small files.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_env.h"
#include "broker/core/conf_file.h"
#include "broker/core/conf_source.h"
#include "broker/core/conf_yaml.h"

//  The text of .env, which only one that was named must have.
static int
s_read_env (br_conf_source_t *self, const br_conf_home_t *home, br_error_t *reterr)
{
    br_error_t error = { .code = BR_OK };
    self->env = br_conf_file_read (home->env_file, BR_CONF_ENV_FILE_MAX, &self->env_size,
                                   &error);
    if (self->env || (error.code == BR_ENOTFOUND && !home->env_is_own))
        return 0;
    return br_error_set (reterr, BR_ECONFIG, "%s", error.text);
}

int
br_conf_source_read (br_conf_source_t *self, const br_conf_home_t *home,
                     br_error_t *reterr)
{
    if (s_read_env (self, home, reterr))
        return -1;
    if (!home->has_config && !home->config_is_own)
        return 0;
    br_error_t error = { .code = BR_OK };
    self->text = br_conf_file_read (home->config_file, BR_CONF_TEXT_MAX, &self->text_size,
                                    &error);
    return self->text ? 0 : br_error_set (reterr, BR_ECONFIG, "%s", error.text);
}

//  "caller frees"
static char *
s_dup (const char *text, size_t size)
{
    char *copy = text ? br_alloc (size + 1, 1) : NULL;
    if (copy)
        memcpy (copy, text, size);
    return copy;
}

void
br_conf_source_copy (br_conf_source_t *self, const br_conf_source_t *other)
{
    *self = (br_conf_source_t) { .text = s_dup (other->text, other->text_size),
                                 .text_size = other->text_size,
                                 .env = s_dup (other->env, other->env_size),
                                 .env_size = other->env_size };
}

void
br_conf_source_clear (br_conf_source_t *self)
{
    if (self->text)
        explicit_bzero (self->text, self->text_size);
    if (self->env)
        explicit_bzero (self->env, self->env_size);
    free (self->text);
    free (self->env);
    *self = (br_conf_source_t) { .text = NULL };
}

bool
br_conf_source_has_text (const br_conf_source_t *self)
{
    return self->text_size > 0;
}
