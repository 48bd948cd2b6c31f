//  conf_active: keys, bases, and which providers can be used.
//
//  A key is sent only where the user meant it to go: an own api_key, even one that a
//  variable made empty, is never replaced by a parent's or by one of an inherited prefix.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_active.h"

#define VARIABLE_MAX 128 //  bytes of a variable's name, with its end
#define REASON_MAX 240   //  bytes of what the user should do, with its end

typedef struct {
    br_conf_node_t *tree;
    const br_conf_builtin_t *builtin;
    const br_conf_env_t *env;
    br_conf_words_t *warnings;
    br_conf_activity_t *activity;
} active_t;

//  Ways to authenticate that go without an api_key.
static const char *const s_keyless_types[] = { "none", "custom", "mpp",
                                               "x402", "wallet", "oauth" };

static bool
s_is_keyless_type (const char *type)
{
    for (size_t i = 0; type && i < sizeof s_keyless_types / sizeof *s_keyless_types; i++)
        if (strcmp (s_keyless_types[i], type) == 0)
            return true;
    return false;
}

static bool
s_has (const br_conf_node_t *node, unsigned flag)
{
    return node && node->flags & flag;
}

//  ---- the environment

//  The value of {prefix}{suffix}, or NULL when it is not set or empty.
static const char *
s_variable (const active_t *self, const char *prefix, const char *suffix)
{
    char name[VARIABLE_MAX];
    int size = snprintf (name, sizeof name, "%s%s", prefix, suffix);
    return size < (int) sizeof name ? br_conf_env_get_full (self->env, name) : NULL;
}

//  The same for the first prefix of a block that has one.
static const char *
s_variable_of (const active_t *self, const br_conf_node_t *block, const char *suffix)
{
    const char *value = s_variable (self, br_conf_node_get_text (block, "env_prefix"),
                                    suffix);
    const br_conf_node_t *others = br_conf_node_get (block, "env_aliases");
    for (size_t i = 0; !value && others && i < others->count; i++)
        value = s_variable (self, others->items[i]->text, suffix);
    return value;
}

//  Whether the user's file says something about the key: in the block, not in a parent.
static bool
s_mentions_key (const br_conf_node_t *block)
{
    const br_conf_node_t *key = br_conf_node_get (block, "api_key");
    const br_conf_node_t *auth = br_conf_node_get (block, "auth");
    const br_conf_node_t *accounts = br_conf_node_get (block, "accounts");
    return (accounts && accounts->count) || (key && !s_has (key, BR_CONF_INHERITED))
           || (br_conf_node_get (auth, "api_key") && !s_has (auth, BR_CONF_INHERITED));
}

static void
s_fill_environment (active_t *self, br_conf_node_t *block)
{
    const br_conf_node_t *prefix = br_conf_node_get (block, "env_prefix");
    if (br_conf_node_is_empty (prefix))
        return;
    bool is_inherited = s_has (prefix, BR_CONF_INHERITED);
    const char *key = s_variable_of (self, block, "_API_KEY");
    bool key_is_gap = br_conf_node_is_empty (br_conf_node_get (block, "api_key"));
    if (key && key_is_gap && !(is_inherited && s_mentions_key (block))) {
        br_conf_node_t *node = br_conf_node_put_text (block, "api_key", key);
        node->flags = BR_CONF_ENVIRONMENT | BR_CONF_REPLACED;
        node->flags |= is_inherited ? BR_CONF_INHERITED : 0;
    }
    const char *base = s_variable_of (self, block, "_BASE_URL");
    const br_conf_node_t *old = br_conf_node_get (block, "api_base");
    if (base && (br_conf_node_is_empty (old) || s_has (old, BR_CONF_BUILTIN))) {
        br_conf_node_t *node = br_conf_node_put_text (block, "api_base", base);
        node->flags = BR_CONF_ENVIRONMENT | BR_CONF_REPLACED;
    }
}

//  ---- the key

//  The key that a block uses, or NULL.
static const br_conf_node_t *
s_key (const br_conf_node_t *block)
{
    const br_conf_node_t *key = br_conf_node_get (block, "api_key");
    const br_conf_node_t *auth = br_conf_node_get (block, "auth");
    const br_conf_node_t *auth_key = br_conf_node_get (auth, "api_key");
    if (!br_conf_node_is_empty (auth_key))
        return auth_key;
    bool auth_is_own = auth_key && !s_has (auth, BR_CONF_INHERITED);
    if (br_conf_node_is_empty (key) || (auth_is_own && s_has (key, BR_CONF_INHERITED)))
        return NULL;
    return key;
}

//  Leaves exactly one key in the block, as api_key, or none. Returns whether one is left.
static bool
s_settle_key (active_t *self, br_conf_node_t *block)
{
    const br_conf_node_t *key = s_key (block);
    const br_conf_node_t *base = br_conf_node_get (block, "api_base");
    br_conf_node_t *auth = br_conf_node_get (block, "auth");
    if (s_has (key, BR_CONF_INHERITED)
        && s_is_keyless_type (br_conf_node_get_text (auth, "type")))
        key = NULL;
    if (key && s_has (key, BR_CONF_INHERITED) && !br_conf_node_is_empty (base)
        && !s_has (base, BR_CONF_INHERITED | BR_CONF_BUILTIN | BR_CONF_ENVIRONMENT))
        br_conf_words_addf (
            self->warnings,
            "%s:%u:%u: provider \"%.60s\" sends the key of \"%.60s\" to an "
            "api_base of its own; give it its own api_key",
            base->file, base->line, base->column, block->key,
            br_conf_node_get_text (block, "derives"));
    br_conf_node_t *only = key ? br_conf_node_dup (key) : NULL;
    if (auth)
        br_conf_node_drop (auth, "api_key");
    br_conf_node_drop (block, "api_key");
    if (!only)
        return false;
    br_conf_node_put (block, "api_key", &only);
    return true;
}

static bool
s_has_account_key (const br_conf_node_t *block)
{
    const br_conf_node_t *accounts = br_conf_node_get (block, "accounts");
    for (size_t i = 0; accounts && i < accounts->count; i++)
        if (!br_conf_node_is_empty (br_conf_node_get (accounts->items[i], "api_key")))
            return true;
    return false;
}

//  Whether a model route brings a key of its own for a provider.
static bool
s_has_route_key (const br_conf_node_t *tree, const char *provider)
{
    const br_conf_node_t *routes = br_conf_node_get (tree, "models");
    for (size_t i = 0; routes && i < routes->count; i++) {
        const br_conf_node_t *list = br_conf_node_get (routes->items[i], "endpoints");
        for (size_t j = 0; list && j < list->count; j++) {
            const char *name = br_conf_node_get_text (list->items[j], "provider");
            if (name && strcmp (name, provider) == 0
                && !br_conf_node_is_empty (br_conf_node_get (list->items[j], "api_key")))
                return true;
        }
    }
    return false;
}

//  ---- base and protocol

static int
s_check_base (const br_conf_node_t *block, br_error_t *reterr)
{
    const br_conf_node_t *base = br_conf_node_get (block, "api_base");
    if (br_conf_node_is_empty (base) || strncmp (base->text, "http://", 7) == 0
        || strncmp (base->text, "https://", 8) == 0)
        return 0;
    return br_error_set (reterr, BR_ECONFIG,
                         "%s:%u:%u: providers.%.60s.api_base%s: expected an address that "
                         "begins with http:// or https://",
                         base->file, base->line, base->column, block->key,
                         s_has (base, BR_CONF_ENVIRONMENT) ? " (from the environment)"
                                                           : "");
}

//  A provider that does not say what it speaks, by the host that it names.
static void
s_infer_protocol (br_conf_node_t *block)
{
    const char *base = br_conf_node_get_text (block, "api_base");
    if (br_conf_node_get (block, "api_protocol") || !base)
        return;
    const char *protocol = "chat_completions";
    if (strstr (base, "anthropic.com"))
        protocol = "messages";
    else if (strstr (base, "googleapis.com") || strstr (base, "generativelanguage"))
        protocol = "generate_content";
    br_conf_node_t *rows = br_conf_node_new_like (BR_CONF_LIST, block);
    br_conf_node_t *row = br_conf_node_new_like (BR_CONF_MAP, block);
    br_conf_node_put_text (row, "glob", "*");
    br_conf_node_put_text (row, "protocol", protocol);
    br_conf_node_add (rows, &row);
    br_conf_node_put (block, "api_protocol", &rows);
}

//  ---- active or not

//  A server of the user's own, without a key and a catalogue, is asked for its models.
static void
s_discover (br_conf_node_t *block)
{
    if (!br_conf_node_get (block, "models") && !br_conf_node_get (block, "auto_discover"))
        br_conf_node_put_text (block, "auto_discover", "true");
}

//  Notes that a block is inactive, and what would help.
static void
s_note_inactive (active_t *self, br_conf_node_t *block, const char *reason)
{
    br_conf_node_put_text (self->activity->inactive, block->key, reason);
    br_conf_node_put_text (block, "active", "false");
}

//  What to do about a missing key.
static void
s_missing_key (active_t *self, br_conf_node_t *block, bool was_given)
{
    const char *prefix = br_conf_node_get_text (block, "env_prefix");
    char reason[REASON_MAX];
    if (was_given) {
        snprintf (reason, sizeof reason, "set the api_key of %.60s: it is empty",
                  block->key);
        br_conf_words_addf (
            self->warnings,
            "%s:%u:%u: provider \"%.60s\" is inactive: its api_key is empty", block->file,
            br_conf_node_key_line (block), br_conf_node_key_column (block), block->key);
    } else if (prefix && *prefix)
        snprintf (reason, sizeof reason, "set %.60s_API_KEY", prefix);
    else
        snprintf (reason, sizeof reason, "set the api_key of %.60s", block->key);
    s_note_inactive (self, block, reason);
}

//  What to do about a missing address. A name that is nearly that of a built-in provider
//  was probably meant to be it.
static void
s_missing_base (active_t *self, br_conf_node_t *block)
{
    br_conf_words_t *names = br_conf_words_new ();
    const char *name;
    for (size_t i = 0; (name = br_conf_builtin_name (self->builtin, i)); i++)
        br_conf_words_add (names, name);
    const char *nearest = br_conf_words_nearest (names, block->key);
    char reason[REASON_MAX];
    snprintf (reason, sizeof reason, "set the api_base of %.60s", block->key);
    if (!s_has (block, BR_CONF_BUILTIN))
        br_conf_words_addf (self->warnings,
                            "%s:%u:%u: provider \"%.60s\" is inactive: it has no "
                            "api_base%s%s%s",
                            block->file, br_conf_node_key_line (block),
                            br_conf_node_key_column (block), block->key,
                            nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                            nearest ? "\"?" : "");
    s_note_inactive (self, block, reason);
    br_conf_words_destroy (&names);
}

static void
s_decide (active_t *self, br_conf_node_t *block, bool was_given, bool has_key)
{
    const char *active = br_conf_node_get_text (block, "active");
    const br_conf_node_t *base = br_conf_node_get (block, "api_base");
    const br_conf_node_t *auth = br_conf_node_get (block, "auth");
    bool is_mine = !s_has (block, BR_CONF_BUILTIN);
    bool has_own_base = is_mine && !br_conf_node_is_empty (base)
                        && !s_has (base, BR_CONF_BUILTIN | BR_CONF_ENVIRONMENT);
    bool needs_nothing = s_is_keyless_type (br_conf_node_get_text (auth, "type"));
    if (active && strcmp (active, "false") == 0) {
        s_note_inactive (self, block, "remove \"active: false\"");
        return;
    }
    bool is_echo = br_conf_builtin_has (self->builtin, block->key)
                   && !br_conf_builtin_prefix (self->builtin, block->key);
    if (br_conf_node_is_empty (base) && !is_echo) {
        s_missing_base (self, block);
        return;
    }
    bool is_usable = has_key || s_has_account_key (block) || is_echo || needs_nothing
                     || (has_own_base && !was_given);
    if (!is_usable && s_has_route_key (self->tree, block->key)) {
        br_conf_words_add (self->activity->keyless, block->key);
        is_usable = true;
    }
    if (!is_usable) {
        s_missing_key (self, block, was_given);
        return;
    }
    br_conf_node_put_text (block, "active", "true");
    if (has_own_base && !has_key && !was_given)
        s_discover (block);
}

//  Built-in providers that nobody named and that have no key.
static void
s_note_absent (active_t *self)
{
    const char *inherit = br_conf_node_get_text (self->tree, "inherit_defaults");
    if (inherit && strcmp (inherit, "false") == 0)
        return;
    const br_conf_node_t *providers = br_conf_node_get (self->tree, "providers");
    const char *name = br_conf_builtin_name (self->builtin, 0);
    for (size_t i = 0; name; name = br_conf_builtin_name (self->builtin, ++i)) {
        if (br_conf_node_get (providers, name))
            continue;
        char reason[REASON_MAX];
        if (br_conf_builtin_wants_login (self->builtin, name))
            snprintf (reason, sizeof reason, "run `bitrouter login %.60s`", name);
        else
            snprintf (reason, sizeof reason, "set %.60s_API_KEY",
                      br_conf_builtin_prefix (self->builtin, name));
        br_conf_node_put_text (self->activity->inactive, name, reason);
    }
}

int
br_conf_active_apply (br_conf_node_t *tree, const br_conf_builtin_t *builtin,
                      const br_conf_env_t *env, br_conf_words_t *warnings,
                      br_conf_activity_t *ret_activity, br_error_t *reterr)
{
    ret_activity->inactive = br_conf_node_new (BR_CONF_MAP, tree->file);
    ret_activity->keyless = br_conf_words_new ();
    active_t self = { .tree = tree,
                      .builtin = builtin,
                      .env = env,
                      .warnings = warnings,
                      .activity = ret_activity };
    br_conf_node_t *providers = br_conf_node_get (tree, "providers");
    int rc = 0;
    for (size_t i = 0; rc == 0 && providers && i < providers->count; i++) {
        br_conf_node_t *block = providers->items[i];
        s_fill_environment (&self, block);
        rc = s_check_base (block, reterr);
        s_infer_protocol (block);
        bool was_given = s_mentions_key (block);
        bool has_key = s_settle_key (&self, block);
        s_decide (&self, block, was_given, has_key);
    }
    s_note_absent (&self);
    return rc;
}

void
br_conf_active_clear (br_conf_activity_t *self)
{
    br_conf_node_destroy (&self->inactive);
    br_conf_words_destroy (&self->keyless);
}
