//  conf_slice_login: how somebody logs in to a provider, and where the token is.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_login.h"
#include "broker/core/conf_state.h"

static void
s_add_texts (cJSON *out, const br_conf_login_t *login)
{
    const struct {
        const char *key;
        const char *text;
    } rows[] = {
        { "authorize_url", login->authorize_url },
        { "device_url", login->device_url },
        { "token_url", login->token_url },
        { "client_id", login->client_id },
        { "scope", login->scope },
        { "redirect_host", login->redirect_host },
        { "redirect_path", login->redirect_path },
        { "token_format", login->token_format },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].text && *rows[i].text)
            cJSON_AddStringToObject (out, rows[i].key, rows[i].text);
}

cJSON *
br_conf_slice_login (const br_conf_t *self, const br_conf_provider_t *provider)
{
    const br_conf_login_t *login = provider->login;
    if (!login)
        return NULL;
    cJSON *out = cJSON_CreateObject ();
    s_add_texts (out, login);
    if (login->redirect_port)
        cJSON_AddNumberToObject (out, "redirect_port", (double) *login->redirect_port);
    cJSON *params = cJSON_AddObjectToObject (out, "params");
    for (unsigned i = 0; i < login->params_count; i++)
        cJSON_AddStringToObject (params, login->params[i].key,
                                 login->params[i].value ? login->params[i].value : "");
    char *keys = br_conf_keys_folder (self, NULL);
    char *file = br_strf ("%s/%s/%s.json", keys, BR_CONF_LOGIN_FOLDER, provider->id);
    cJSON_AddStringToObject (out, "file", file);
    free (file);
    free (keys);
    return out;
}

const char *
br_conf_provider_prefix (const br_conf_t *self, const char *name)
{
    const br_conf_provider_t *provider = br_conf_state_provider (self, name);
    return provider ? provider->env_prefix : NULL;
}

char *
br_conf_provider_login (const br_conf_t *self, const char *name, br_error_t *reterr)
{
    const br_conf_provider_t *provider = br_conf_state_provider (self, name);
    cJSON *login = provider ? br_conf_slice_login (self, provider) : NULL;
    char *text = login ? cJSON_PrintUnformatted (login) : NULL;
    cJSON_Delete (login);
    if (!provider)
        br_error_set (reterr, BR_ENOTFOUND, "there is no provider \"%s\"", name);
    else if (!text)
        br_error_set (reterr, BR_EINVALID, "provider \"%s\" has no login; it takes a key",
                      name);
    return text;
}
