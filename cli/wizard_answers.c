//  wizard_answers: what somebody has answered, and the files that come of it.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf.h"
#include "cli/env_file.h"
#include "cli/prompt.h"
#include "cli/wizard_answers.h"

#define YAML_MAX (64 * 1024) //  bytes

wizard_provider_t *
wizard_answers_add (wizard_answers_t *self)
{
    if (self->count == WIZARD_PROVIDERS_MAX)
        return NULL;
    wizard_provider_t *provider = &self->providers[self->count++];
    *provider = (wizard_provider_t) { .name = NULL };
    return provider;
}

void
wizard_answers_clear (wizard_answers_t *self)
{
    while (self->count) {
        wizard_provider_t *provider = &self->providers[--self->count];
        cli_prompt_forget (&provider->secret);
        free (provider->name);
        free (provider->label);
        free (provider->variable);
        free (provider->api_base);
        free (provider->env_prefix);
    }
    free (self->listen);
    self->listen = NULL;
}

//  ---- bitrouter.yaml

static void
s_add_provider (br_buf_t *out, const wizard_provider_t *provider)
{
    br_buf_addf (out, "  %s:\n", provider->name);
    if (provider->protocol)
        br_buf_addf (out, "    api_protocol: %s\n", provider->protocol);
    if (provider->api_base) {
        br_buf_adds (out, "    api_base: ");
        br_buf_add_json (out, provider->api_base, strlen (provider->api_base));
        br_buf_addc (out, '\n');
    }
    if (provider->env_prefix)
        br_buf_addf (out, "    env_prefix: %s\n", provider->env_prefix);
    if (provider->variable)
        br_buf_addf (out, "    api_key: ${%s}\n", provider->variable);
}

//  The configuration must load with the keys that it will find.
static int
s_check (const wizard_answers_t *self, const char *yaml, br_error_t *reterr)
{
    const char *env_v[WIZARD_PROVIDERS_MAX + 1] = { NULL };
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++)
        if (self->providers[i].variable)
            env_v[count++] = br_strf ("%s=key", self->providers[i].variable);
    br_conf_t *conf = br_conf_parse ("bitrouter.yaml", yaml, strlen (yaml), env_v,
                                     reterr);
    int rc = conf ? 0 : -1;
    br_conf_destroy (&conf);
    while (count)
        free ((char *) env_v[--count]);
    return rc;
}

char *
wizard_answers_yaml (const wizard_answers_t *self, br_error_t *reterr)
{
    br_buf_t out;
    br_buf_init (&out, YAML_MAX);
    br_buf_adds (&out,
                 "#  bitrouter's configuration, made by `bitrouter init`. Keys are in "
                 ".env beside it.\n");
    if (self->listen) {
        br_buf_adds (&out, "server:\n  listen: ");
        br_buf_add_json (&out, self->listen, strlen (self->listen));
        br_buf_addc (&out, '\n');
    }
    br_buf_adds (&out, self->count ? "\nproviders:\n" : "\nproviders: {}\n");
    for (size_t i = 0; i < self->count; i++)
        s_add_provider (&out, &self->providers[i]);
    bool is_full = out.overflow;
    char *yaml = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    if (is_full)
        br_error_set (reterr, BR_ECONFIG, "the configuration would be too long");
    if (!is_full && s_check (self, yaml, reterr) == 0)
        return yaml;
    free (yaml);
    return NULL;
}

//  ---- files

static int
s_write_secrets (const wizard_answers_t *self, const char *path, br_error_t *reterr)
{
    cli_env_file_t *file = cli_env_file_new (path, reterr);
    bool has_any = false;
    int rc = file ? 0 : -1;
    for (size_t i = 0; rc == 0 && i < self->count; i++) {
        const wizard_provider_t *provider = &self->providers[i];
        if (!provider->secret)
            continue;
        has_any = true;
        rc = cli_env_file_put (file, provider->variable, provider->secret, reterr);
    }
    if (rc == 0 && has_any)
        rc = cli_env_file_save (file, reterr);
    cli_env_file_destroy (&file);
    return rc;
}

int
wizard_answers_write (const wizard_answers_t *self, const char *config_file,
                      const char *env_file, br_error_t *reterr)
{
    char *yaml = wizard_answers_yaml (self, reterr);
    int rc = yaml ? s_write_secrets (self, env_file, reterr) : -1;
    if (rc == 0)
        rc = cli_env_file_replace (config_file, yaml, reterr);
    free (yaml);
    return rc;
}
