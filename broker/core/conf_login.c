//  conf_login: providers that somebody has logged in to.

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_login.h"

#define LOGINS_MAX 256   //  files that are looked at
#define VARIABLE_MAX 128 //  bytes of a variable's name, with its end

br_conf_words_t *
br_conf_login_list (const char *keys_folder)
{
    br_conf_words_t *logins = br_conf_words_new ();
    char *path = br_strf ("%s/%s", keys_folder, BR_CONF_LOGIN_FOLDER);
    DIR *folder = opendir (path);
    free (path);
    const struct dirent *row = folder ? readdir (folder) : NULL;
    for (; row && br_conf_words_count (logins) < LOGINS_MAX; row = readdir (folder)) {
        size_t size = strlen (row->d_name);
        if (*row->d_name == '.' || size < 6
            || strcmp (row->d_name + size - 5, ".json") != 0)
            continue;
        char *name = br_strndup (row->d_name, size - 5);
        br_conf_words_add_new (logins, name);
        free (name);
    }
    if (folder)
        closedir (folder);
    return logins;
}

//  The map under a key, made when it is missing or empty.
static br_conf_node_t *
s_map (br_conf_node_t *tree, const char *key)
{
    br_conf_node_t *map = br_conf_node_get (tree, key);
    if (map && map->kind == BR_CONF_MAP)
        return map;
    map = br_conf_node_new_like (BR_CONF_MAP, tree);
    return br_conf_node_put (tree, key, &map);
}

static void
s_add (br_conf_node_t *tree, const br_conf_builtin_t *builtin, const char *name)
{
    br_conf_node_t *providers = s_map (tree, "providers");
    if (!br_conf_node_get (providers, name) && br_conf_builtin_has (builtin, name))
        s_map (providers, name);
}

void
br_conf_login_add (br_conf_node_t *tree, const br_conf_builtin_t *builtin,
                   const br_conf_words_t *logins, const char *also)
{
    for (size_t i = 0; logins && i < br_conf_words_count (logins); i++)
        s_add (tree, builtin, br_conf_words_at (logins, i));
    if (also)
        s_add (tree, builtin, also);
}

//  ---- which of the blocks send a token

//  Whether anything says a key, even one that is empty.
static bool
s_has_key (const br_conf_node_t *block, const br_conf_builtin_t *builtin,
           const br_conf_env_t *env)
{
    const char *prefix = br_conf_node_get_text (block, "env_prefix");
    char variable[VARIABLE_MAX];
    snprintf (variable, sizeof variable, "%s_API_KEY", prefix ? prefix : "");
    const br_conf_node_t *accounts = br_conf_node_get (block, "accounts");
    bool is_keyed = br_conf_builtin_prefix (builtin, block->key)
                    && br_conf_builtin_is_keyed (builtin, block->key, env);
    return br_conf_node_get (block, "api_key") || (accounts && accounts->count)
           || (prefix && br_conf_env_get_full (env, variable)) || is_keyed;
}

static void
s_settle (br_conf_node_t *block, const br_conf_builtin_t *builtin,
          const br_conf_env_t *env, bool has_token, br_conf_words_t *warnings)
{
    const br_conf_node_t *auth = br_conf_node_get (block, "auth");
    const char *type = br_conf_node_get_text (auth, "type");
    bool is_asked = type && strcmp (type, "oauth") == 0;
    if (is_asked && !has_token)
        br_conf_words_addf (warnings,
                            "%s:%u:%u: nobody has logged in to provider \"%.60s\": run "
                            "`bitrouter login %.60s`",
                            auth->file, auth->line, auth->column, block->key, block->key);
    if (!has_token || auth || !br_conf_node_get (block, "login")
        || s_has_key (block, builtin, env))
        return;
    br_conf_node_put_text (s_map (block, "auth"), "type", "oauth");
}

//  A client of the user's own may be named in the environment.
static void
s_fill_client (br_conf_node_t *block, const br_conf_env_t *env)
{
    br_conf_node_t *login = br_conf_node_get (block, "login");
    const char *prefix = br_conf_node_get_text (block, "env_prefix");
    char variable[VARIABLE_MAX];
    snprintf (variable, sizeof variable, "%s_LOGIN_CLIENT_ID", prefix ? prefix : "");
    const char *client = prefix ? br_conf_env_get_full (env, variable) : NULL;
    if (client && login && login->kind == BR_CONF_MAP
        && br_conf_node_is_empty (br_conf_node_get (login, "client_id")))
        br_conf_node_put_text (login, "client_id", client);
}

void
br_conf_login_settle (br_conf_node_t *tree, const br_conf_builtin_t *builtin,
                      const br_conf_env_t *env, const br_conf_words_t *logins,
                      br_conf_words_t *warnings)
{
    br_conf_node_t *providers = br_conf_node_get (tree, "providers");
    for (size_t i = 0; providers && i < providers->count; i++) {
        br_conf_node_t *block = providers->items[i];
        s_fill_client (block, env);
        if (block->kind == BR_CONF_MAP)
            s_settle (block, builtin, env,
                      logins && br_conf_words_has (logins, block->key), warnings);
    }
}
