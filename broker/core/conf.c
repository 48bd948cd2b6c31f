//  conf: bitrouter's configuration, loaded step by step. The steps are in files of their
//  own; this one is their order, and the getters.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_agree.h"
#include "broker/core/conf_check.h"
#include "broker/core/conf_database.h"
#include "broker/core/conf_default.h"
#include "broker/core/conf_guard.h"
#include "broker/core/conf_listen.h"
#include "broker/core/conf_login.h"
#include "broker/core/conf_merge.h"
#include "broker/core/conf_overlay.h"
#include "broker/core/conf_route.h"
#include "broker/core/conf_remote.h"
#include "broker/core/conf_tls.h"
#include "broker/core/conf_typed.h"
#include "broker/core/conf_yaml.h"
#include "broker/core/log.h"

//  ---- steps

//  Text to a checked tree.
static int
s_read_tree (br_conf_t *self, const br_conf_flags_t *flags, const br_conf_env_t *env,
             const void *text, size_t size, br_error_t *reterr)
{
    self->tree = br_conf_yaml_parse (self->home.config_file, text, size, reterr);
    if (!self->tree || br_conf_env_replace (env, self->tree, self->warnings, reterr))
        return -1;
    if (br_conf_check (self->tree, self->warnings, reterr))
        return -1;
    br_conf_overlay_lay (flags->overlay, self->tree);
    return br_conf_agree (self->tree, reterr);
}

//  Built-in providers, parents, keys.
static int
s_settle_providers (br_conf_t *self, const br_conf_flags_t *flags,
                    const br_conf_env_t *env, br_error_t *reterr)
{
    br_conf_builtin_t *builtin = br_conf_builtin_new (reterr);
    if (!builtin)
        return -1;
    br_conf_login_add (self->tree, builtin, self->logins, flags->provider);
    int rc = br_conf_merge_builtins (self->tree, builtin, env, reterr);
    if (rc == 0)
        rc = br_conf_guard_check (self->tree, builtin, self->warnings, reterr);
    if (rc == 0)
        rc = br_conf_merge_derives (self->tree, reterr);
    if (rc == 0)
        br_conf_login_settle (self->tree, builtin, env, self->logins, self->warnings);
    if (rc == 0)
        rc = br_conf_active_apply (self->tree, builtin, env, self->warnings,
                                   &self->activity, reterr);
    br_conf_builtin_destroy (&builtin);
    return rc;
}

//  The map under a key of the tree, made when it is missing.
static br_conf_node_t *
s_section (br_conf_t *self, const char *key)
{
    br_conf_node_t *section = br_conf_node_get (self->tree, key);
    if (section)
        return section;
    section = br_conf_node_new_like (BR_CONF_MAP, self->tree);
    return br_conf_node_put (self->tree, key, &section);
}

static int
s_settle_database (br_conf_t *self, const br_conf_flags_t *flags,
                   const br_conf_env_t *env, br_error_t *reterr)
{
    br_conf_node_t *database = s_section (self, "database");
    const char *url = br_conf_node_get_text (database, "url");
    const char *from_env = br_conf_env_get_full (env, "BITROUTER_DATABASE_URL");
    url = from_env ? from_env : url;
    url = flags->db && *flags->db ? flags->db : url;
    char *full = br_conf_database_url (url, self->home.home, reterr);
    if (!full)
        return -1;
    br_conf_node_put_text (database, "url", full);
    free (full);
    return 0;
}

static int
s_settle_log (br_conf_t *self, const br_conf_env_t *env, br_error_t *reterr)
{
    const char *chosen = br_conf_env_get_full (env, "BITROUTER_LOG_FORMAT");
    br_log_format_t format;
    if (!chosen)
        return 0;
    if (br_log_format_of (chosen, &format))
        return br_error_set (reterr, BR_ECONFIG,
                             "BITROUTER_LOG_FORMAT is no format: give text or json");
    br_conf_node_put_text (s_section (self, "server"), "log_format",
                           br_log_format_name (format));
    return 0;
}

//  Adds the addresses of a list in "server".
static int
s_add_addresses (br_conf_t *self, const char *key, br_error_t *reterr)
{
    const br_conf_node_t *server = br_conf_node_get (self->tree, "server");
    const br_conf_node_t *list = br_conf_node_get (server, key);
    for (size_t i = 0; list && i < list->count; i++) {
        const br_conf_node_t *item = list->items[i];
        if (*item->text && br_conf_listen_add (self->listen, item->text))
            return br_error_set (reterr, BR_ECONFIG,
                                 "%s:%u:%u: server.%s: expected an address like "
                                 "127.0.0.1:8787",
                                 item->file, item->line, item->column, key);
    }
    return 0;
}

static int
s_settle_listen (br_conf_t *self, const br_conf_flags_t *flags, const br_conf_env_t *env,
                 br_error_t *reterr)
{
    const char *chosen = flags->listen && *flags->listen
                             ? flags->listen
                             : br_conf_env_get_full (env, "BITROUTER_LISTEN");
    if (chosen && br_conf_listen_add (self->listen, chosen))
        return br_error_set (reterr, BR_ECONFIG,
                             "\"%.80s\" is no address to listen on: give one like %s",
                             chosen, BR_CONF_LISTEN_DEFAULT);
    if (!chosen && s_add_addresses (self, "listen", reterr))
        return -1;
    self->listen_is_given = br_conf_words_count (self->listen) > 0;
    if (!self->listen_is_given)
        br_conf_listen_add (self->listen, BR_CONF_LISTEN_DEFAULT);
    else {
        br_conf_node_t *server = s_section (self, "server");
        br_conf_node_t *list = br_conf_node_new_like (BR_CONF_LIST, server);
        for (size_t i = 0; i < br_conf_words_count (self->listen); i++) {
            br_conf_node_t *item = br_conf_node_new_text (
                br_conf_words_at (self->listen, i), server);
            br_conf_node_add (list, &item);
        }
        br_conf_node_put (server, "listen", &list);
    }
    return s_add_addresses (self, "extra_listen", reterr);
}

//  Proxies of the environment; of HTTP_PROXY only the small spelling, since a web server
//  may set the other from a header.
static void
s_settle_proxies (br_conf_t *self, const br_conf_env_t *env)
{
    const char *all = br_conf_env_get_full (env, "ALL_PROXY");
    const char *https = br_conf_env_get_full (env, "HTTPS_PROXY");
    https = https ? https : br_conf_env_get_full (env, "https_proxy");
    const char *http = br_conf_env_get_full (env, "http_proxy");
    const char *no = br_conf_env_get_full (env, "NO_PROXY");
    self->https_proxy = br_strdup (https ? https : all);
    self->http_proxy = br_strdup (http ? http : all);
    self->no_proxy = br_strdup (no ? no : br_conf_env_get_full (env, "no_proxy"));
}

static void
s_settle_socket (br_conf_t *self)
{
    const br_conf_server_t *server = self->root->server;
    const char *name = server ? server->control_socket : NULL;
    if (server && server->control && server->control->socket)
        name = server->control->socket;
    name = name && *name ? name : "bitrouter.sock";
    self->socket = *name == '/' ? br_strdup (name)
                                : br_strf ("%s/%s", self->home.run_dir, name);
}

//  Names, other names and slices, once the structs are there.
static void
s_list_providers (br_conf_t *self)
{
    const br_conf_node_t *providers = br_conf_node_get (self->tree, "providers");
    for (unsigned i = 0; i < self->root->providers_count; i++) {
        const br_conf_provider_t *provider = &self->root->providers[i];
        br_conf_words_add_new (self->names, provider->id);
        if (!br_conf_state_is_active (provider))
            continue;
        for (unsigned j = 0; j < provider->aliases_count; j++)
            if (!br_conf_node_get (providers, provider->aliases[j]))
                br_conf_node_put_text (self->aliases, provider->aliases[j], provider->id);
        if (!br_conf_state_is_wire (provider))
            continue;
        char *slice = br_strf ("upstream/%s", provider->id);
        br_conf_words_add_new (self->slices, slice);
        free (slice);
    }
    for (size_t i = 0; i < self->activity.inactive->count; i++)
        br_conf_words_add_new (self->names, self->activity.inactive->items[i]->key);
}

//  Everything after the files are read.
static int
s_build (br_conf_t *self, const br_conf_flags_t *flags, const br_conf_env_t *env,
         const void *text, size_t size, br_error_t *reterr)
{
    if (s_read_tree (self, flags, env, text, size, reterr)
        || s_settle_providers (self, flags, env, reterr)
        || s_settle_database (self, flags, env, reterr)
        || s_settle_listen (self, flags, env, reterr) || s_settle_log (self, env, reterr)
        || br_conf_tls_settle (self->tree, self->home.config_file, self->home.home,
                               reterr)
        || br_conf_remote_settle (self->tree, reterr))
        return -1;
    s_settle_proxies (self, env);
    self->root = br_conf_typed_new (self->tree, reterr);
    if (!self->root)
        return -1;
    s_settle_socket (self);
    s_list_providers (self);
    return br_conf_route_review (self, reterr);
}

//  ---- life

//  Ends a load: what failed is destroyed, and its error is one printable line.
static br_conf_t *
s_finish (br_conf_t *self, int rc, br_error_t *reterr)
{
    if (rc && reterr)
        br_conf_words_one_line (reterr->text);
    if (rc)
        br_conf_destroy (&self);
    return self;
}

static br_conf_t *
s_new (void)
{
    br_conf_t *self = BR_NEW (br_conf_t);
    self->aliases = br_conf_node_new (BR_CONF_MAP, "");
    self->warnings = br_conf_words_new ();
    self->listen = br_conf_words_new ();
    self->names = br_conf_words_new ();
    self->slices = br_conf_words_new ();
    return self;
}

//  Providers with a token.
static void
s_list_logins (br_conf_t *self)
{
    char *folder = br_conf_keys_folder (self, NULL);
    self->logins = br_conf_login_list (folder);
    free (folder);
}

//  Reads .env and the file, unless another has read them, and builds. 0 or -1.
static int
s_load (br_conf_t *self, const br_conf_flags_t *flags, br_conf_env_t *env,
        br_error_t *reterr)
{
    if (flags->as)
        br_conf_source_copy (&self->source, &flags->as->source);
    else if (br_conf_source_read (&self->source, &self->home, reterr))
        return -1;
    if (self->source.env)
        br_conf_env_parse (env, self->home.env_file, self->source.env,
                           self->source.env_size, self->warnings);
    s_list_logins (self);
    const char *text = self->source.text ? self->source.text : "";
    int rc = s_build (self, flags, env, text, self->source.text_size, reterr);
    return rc ? rc : br_conf_tls_check (self->tree, reterr);
}

br_conf_t *
br_conf_load (const br_conf_flags_t *flags, br_error_t *reterr)
{
    const char *const *environ_v = flags->environ_v ? flags->environ_v
                                                    : (const char *const *) environ;
    br_conf_t *self = s_new ();
    br_conf_env_t *env = br_conf_env_new (environ_v);
    int rc = br_conf_home_find (&self->home, flags, environ_v, self->warnings, reterr);
    if (rc == 0)
        rc = s_load (self, flags, env, reterr);
    br_conf_env_destroy (&env);
    return s_finish (self, rc, reterr);
}

br_conf_t *
br_conf_parse (const char *name, const void *text, size_t size,
               const char *const *environ_v, br_error_t *reterr)
{
    br_conf_flags_t flags = { .environ_v = environ_v };
    br_conf_t *self = s_new ();
    self->home = (br_conf_home_t) { .home = br_strdup ("/"),
                                    .config_file = br_strdup (name),
                                    .env_file = br_strdup ("/.env"),
                                    .run_dir = br_strdup ("/run"),
                                    .logs_dir = br_strdup ("/logs"),
                                    .has_config = true };
    br_conf_env_t *env = br_conf_env_new (environ_v);
    int rc = s_build (self, &flags, env, text, size, reterr);
    br_conf_env_destroy (&env);
    return s_finish (self, rc, reterr);
}

void
br_conf_destroy (br_conf_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_conf_t *self = *self_p;
    free (self->no_proxy);
    free (self->http_proxy);
    free (self->https_proxy);
    free (self->socket);
    br_conf_words_destroy (&self->logins);
    br_conf_words_destroy (&self->slices);
    br_conf_words_destroy (&self->names);
    br_conf_words_destroy (&self->listen);
    br_conf_words_destroy (&self->warnings);
    br_conf_node_destroy (&self->aliases);
    br_conf_active_clear (&self->activity);
    br_conf_typed_destroy (&self->root);
    br_conf_node_destroy (&self->tree);
    br_conf_source_clear (&self->source);
    br_conf_home_clear (&self->home);
    free (self);
    *self_p = NULL;
}

//  ---- getters

const char *
br_conf_home (const br_conf_t *self)
{
    return self->home.home;
}

const char *
br_conf_config_file (const br_conf_t *self)
{
    return self->home.config_file;
}

const char *
br_conf_env_file (const br_conf_t *self)
{
    return self->home.env_file;
}

const char *
br_conf_run_dir (const br_conf_t *self)
{
    return self->home.run_dir;
}

const char *
br_conf_logs_dir (const br_conf_t *self)
{
    return self->home.logs_dir;
}

const char *
br_conf_control_socket (const br_conf_t *self)
{
    return self->socket;
}

bool
br_conf_has_config_file (const br_conf_t *self)
{
    return self->home.has_config;
}

bool
br_conf_has_text (const br_conf_t *self)
{
    return br_conf_source_has_text (&self->source);
}

const char *
br_conf_database (const br_conf_t *self)
{
    return self->root->database->url;
}

const char *
br_conf_log_level (const br_conf_t *self)
{
    const br_conf_server_t *server = self->root->server;
    if (!server || !server->log_level)
        return "info";
    return BR_CONF_WORD (log_level, *server->log_level);
}

const char *
br_conf_log_format (const br_conf_t *self)
{
    const br_conf_server_t *server = self->root->server;
    if (!server || !server->log_format)
        return "text";
    return BR_CONF_WORD (log_format, *server->log_format);
}

uint64_t
br_conf_drain_ms (const br_conf_t *self)
{
    const br_conf_server_t *server = self->root->server;
    const double *secs = server ? server->drain_secs : NULL;
    return (uint64_t) br_conf_state_ms (secs, BR_CONF_DRAIN_SECS);
}

bool
br_conf_is_watched (const br_conf_t *self)
{
    const br_conf_server_t *server = self->root->server;
    return server && server->watch && *server->watch;
}

const char *
br_conf_listen (const br_conf_t *self, size_t index)
{
    return br_conf_words_at (self->listen, index);
}

bool
br_conf_listen_is_given (const br_conf_t *self)
{
    return self->listen_is_given;
}

const char *
br_conf_warning (const br_conf_t *self, size_t index)
{
    return br_conf_words_at (self->warnings, index);
}

const char *
br_conf_provider_names (const br_conf_t *self, size_t index)
{
    return br_conf_words_at (self->names, index);
}

bool
br_conf_provider_active (const br_conf_t *self, const char *name)
{
    return br_conf_state_is_active (br_conf_state_provider (self, name));
}

const char *
br_conf_provider_hint (const br_conf_t *self, const char *name)
{
    return br_conf_node_get_text (self->activity.inactive, name);
}

const char *
br_conf_provider_auth (const br_conf_t *self, const char *name)
{
    const br_conf_provider_t *provider = br_conf_state_provider (self, name);
    if (provider && provider->auth)
        return BR_CONF_WORD (auth, provider->auth->type);
    return br_conf_words_has (self->names, name) ? "protocol" : NULL;
}

bool
br_conf_update_check (const br_conf_t *self)
{
    return !self->root->update_check || *self->root->update_check;
}

const char *
br_conf_slice_names (const br_conf_t *self, size_t index)
{
    return br_conf_words_at (self->slices, index);
}
