//  conf_merge: built-in providers under the user's own, and parents under children.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_merge.h"

//  What a child takes from its parent.
static const char *const s_inherited[] = {
    "api_protocol",       "api_base",      "api_key",     "auth",       "env_prefix",
    "env_aliases",        "models",        "timeouts",    "proxy",      "no_proxy",
    "protocol_endpoints", "ca_file",       "client_cert", "client_key", "http2",
    "default_headers",    "default_query",
};

//  What a built-in provider still gives to a block that derives from another one: its
//  identity, but not its wire.
static const char *const s_identity[] = { "models", "env_prefix", "env_aliases",
                                          "aliases" };

#define COUNT_OF(table) (sizeof table / sizeof *table)

static bool
s_is_one_of (const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp (words[i], word) == 0)
            return true;
    return false;
}

//  The map under a key, made when it is missing.
static br_conf_node_t *
s_section (br_conf_node_t *tree, const char *key)
{
    br_conf_node_t *section = br_conf_node_get (tree, key);
    if (section)
        return section;
    section = br_conf_node_new_like (BR_CONF_MAP, tree);
    return br_conf_node_put (tree, key, &section);
}

//  ---- other names

//  Gives a scalar that names a provider the provider's own name.
static void
s_unalias (br_conf_node_t *name, const br_conf_node_t *providers,
           const br_conf_builtin_t *builtin)
{
    if (!name || br_conf_node_get (providers, name->text))
        return;
    const char *real = br_conf_builtin_by_alias (builtin, name->text);
    if (!real)
        return;
    free (name->text);
    name->text = br_strdup (real);
}

static void
s_unalias_endpoints (const br_conf_node_t *routes, const br_conf_node_t *providers,
                     const br_conf_builtin_t *builtin)
{
    for (size_t i = 0; routes && i < routes->count; i++) {
        const br_conf_node_t *list = br_conf_node_get (routes->items[i], "endpoints");
        for (size_t j = 0; list && j < list->count; j++)
            s_unalias (br_conf_node_get (list->items[j], "provider"), providers, builtin);
    }
}

//  A block under another name of a built-in provider is that provider's, unless it is
//  complete by itself or the provider has a block already.
static void
s_unalias_all (br_conf_node_t *tree, const br_conf_builtin_t *builtin)
{
    br_conf_node_t *providers = s_section (tree, "providers");
    for (size_t i = 0; i < providers->count; i++) {
        br_conf_node_t *block = providers->items[i];
        const char *real = br_conf_builtin_by_alias (builtin, block->key);
        if (real && !br_conf_node_get (block, "api_base")
            && !br_conf_node_get (block, "derives")
            && !br_conf_node_get (providers, real))
            br_conf_node_rename (block, real);
    }
    for (size_t i = 0; i < providers->count; i++)
        s_unalias (br_conf_node_get (providers->items[i], "derives"), providers, builtin);
    s_unalias_endpoints (br_conf_node_get (tree, "models"), providers, builtin);
    s_unalias_endpoints (br_conf_node_get (tree, "tools"), providers, builtin);
}

//  ---- built-in providers

static bool
s_is_used_by (const br_conf_node_t *routes, const char *name)
{
    for (size_t i = 0; routes && i < routes->count; i++) {
        const br_conf_node_t *list = br_conf_node_get (routes->items[i], "endpoints");
        for (size_t j = 0; list && j < list->count; j++) {
            const char *provider = br_conf_node_get_text (list->items[j], "provider");
            if (provider && strcmp (provider, name) == 0)
                return true;
        }
    }
    return false;
}

static bool
s_is_named (const br_conf_node_t *tree, const char *name)
{
    const br_conf_node_t *providers = br_conf_node_get (tree, "providers");
    if (br_conf_node_get (providers, name))
        return true;
    for (size_t i = 0; providers && i < providers->count; i++) {
        const char *parent = br_conf_node_get_text (providers->items[i], "derives");
        if (parent && strcmp (parent, name) == 0)
            return true;
    }
    return s_is_used_by (br_conf_node_get (tree, "models"), name)
           || s_is_used_by (br_conf_node_get (tree, "tools"), name);
}

//  A "login" is filled field by field: who changes the client keeps the addresses.
static void
s_fill_login (br_conf_node_t *login, const br_conf_node_t *from)
{
    for (size_t i = 0; from && from->kind == BR_CONF_MAP && i < from->count; i++) {
        const char *key = from->items[i]->key;
        if (!br_conf_node_is_empty (br_conf_node_get (login, key)))
            continue;
        br_conf_node_t *copy = br_conf_node_dup (from->items[i]);
        br_conf_node_put (login, key, &copy);
    }
}

//  Fills the fields that a block leaves empty.
static void
s_fill_block (br_conf_node_t *block, const br_conf_node_t *from)
{
    br_conf_node_t *login = br_conf_node_get (block, "login");
    if (login && login->kind == BR_CONF_MAP)
        s_fill_login (login, br_conf_node_get (from, "login"));
    bool derives = !br_conf_node_is_empty (br_conf_node_get (block, "derives"));
    for (size_t i = 0; i < from->count; i++) {
        const char *key = from->items[i]->key;
        if (!br_conf_node_is_empty (br_conf_node_get (block, key)))
            continue;
        if (derives && !s_is_one_of (key, s_identity, COUNT_OF (s_identity)))
            continue;
        br_conf_node_t *copy = br_conf_node_dup (from->items[i]);
        br_conf_node_put (block, key, &copy);
    }
}

//  Adds the entries of a built-in section; "fill" goes into the user's entries too.
static void
s_add_entries (br_conf_node_t *tree, const char *key, const br_conf_node_t *from,
               bool fill)
{
    br_conf_node_t *section = from ? s_section (tree, key) : NULL;
    for (size_t i = 0; from && i < from->count; i++) {
        br_conf_node_t *mine = br_conf_node_get (section, from->items[i]->key);
        if (mine && fill)
            s_fill_block (mine, from->items[i]);
        if (mine)
            continue;
        br_conf_node_t *copy = br_conf_node_dup (from->items[i]);
        br_conf_node_put (section, from->items[i]->key, &copy);
    }
}

int
br_conf_merge_builtins (br_conf_node_t *tree, const br_conf_builtin_t *builtin,
                        const br_conf_env_t *env, br_error_t *reterr)
{
    s_section (tree, "providers");
    const char *inherit = br_conf_node_get_text (tree, "inherit_defaults");
    if (inherit && strcmp (inherit, "false") == 0)
        return 0;
    s_unalias_all (tree, builtin);
    const char *name = br_conf_builtin_name (builtin, 0);
    for (size_t i = 0; name; name = br_conf_builtin_name (builtin, ++i)) {
        if (!br_conf_builtin_is_keyed (builtin, name, env) && !s_is_named (tree, name))
            continue;
        br_conf_node_t *file = br_conf_builtin_load (builtin, name, reterr);
        if (!file)
            return -1;
        s_add_entries (tree, "providers", br_conf_node_get (file, "providers"), true);
        s_add_entries (tree, "tools", br_conf_node_get (file, "tools"), false);
        br_conf_node_destroy (&file);
    }
    return 0;
}

//  ---- derives

typedef struct {
    br_conf_node_t *providers;
    br_conf_words_t *chain; //  the children on the way, outermost first
    br_conf_words_t *done;  //  providers that are flat
    br_error_t *reterr;
} derive_t;

//  Whether a child leaves a field to its parent. An own api_key stays, even one that a
//  variable made empty: the parent's key is not what the user asked to send.
static bool
s_is_left (const br_conf_node_t *child, const char *key)
{
    const br_conf_node_t *own = br_conf_node_get (child, key);
    if (!own)
        return true;
    return br_conf_node_is_empty (own) && strcmp (key, "api_key") != 0;
}

//  Copies one field down.
static void
s_inherit (br_conf_node_t *child, const char *key, const br_conf_node_t *value)
{
    if (!value || !s_is_left (child, key))
        return;
    if (strcmp (key, "api_key") == 0 && br_conf_node_is_empty (value))
        return;
    br_conf_node_t *copy = br_conf_node_dup (value);
    br_conf_node_mark (copy, BR_CONF_INHERITED);
    const br_conf_node_t *own_key = br_conf_node_get (child, "api_key");
    if (strcmp (key, "auth") == 0 && own_key && !(own_key->flags & BR_CONF_INHERITED)
        && copy->kind == BR_CONF_MAP)
        br_conf_node_drop (copy, "api_key");
    br_conf_node_put (child, key, &copy);
}

static int
s_fail_chain (derive_t *self, const br_conf_node_t *parent, const char *problem)
{
    char chain[240] = "";
    size_t used = 0;
    const char *name = br_conf_words_at (self->chain, 0);
    for (size_t i = 0; name; name = br_conf_words_at (self->chain, ++i))
        if (used < sizeof chain)
            used += (size_t) snprintf (chain + used, sizeof chain - used, "%.60s -> ",
                                       name);
    return br_error_set (self->reterr, BR_ECONFIG, "%s:%u:%u: %s: %s%.60s", parent->file,
                         parent->line, parent->column, problem, chain, parent->text);
}

//  Flattens one provider, its parents first.
static int
s_derive (derive_t *self, br_conf_node_t *child)
{
    const br_conf_node_t *parent_name = br_conf_node_get (child, "derives");
    if (br_conf_node_is_empty (parent_name) || br_conf_words_has (self->done, child->key))
        return 0;
    if (br_conf_words_count (self->chain) == BR_CONF_DEPTH_MAX)
        return s_fail_chain (self, parent_name, "providers derive too deeply");
    br_conf_words_add (self->chain, child->key);
    if (br_conf_words_has (self->chain, parent_name->text))
        return s_fail_chain (self, parent_name, "providers derive from each other");
    br_conf_node_t *parent = br_conf_node_get (self->providers, parent_name->text);
    if (!parent)
        return s_fail_chain (self, parent_name,
                             "there is no such provider to derive from");
    if (s_derive (self, parent))
        return -1;
    for (size_t i = 0; i < COUNT_OF (s_inherited); i++)
        s_inherit (child, s_inherited[i], br_conf_node_get (parent, s_inherited[i]));
    br_conf_words_add (self->done, child->key);
    return 0;
}

int
br_conf_merge_derives (br_conf_node_t *tree, br_error_t *reterr)
{
    derive_t self = { .providers = s_section (tree, "providers"), .reterr = reterr };
    self.done = br_conf_words_new ();
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < self.providers->count; i++) {
        self.chain = br_conf_words_new ();
        rc = s_derive (&self, self.providers->items[i]);
        br_conf_words_destroy (&self.chain);
    }
    br_conf_words_destroy (&self.done);
    return rc;
}
