//  conf_guard: names, regular expressions and bounds of guardrails.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_family.h"
#include "broker/core/conf_guard.h"
#include "broker/core/conf_regex.h"

typedef struct {
    br_conf_families_t *families; //  owned
    br_conf_words_t *family_ids;  //  owned
    br_conf_words_t *customs;     //  owned; names of custom patterns
    br_conf_words_t *providers;   //  owned; every name of one
    br_conf_words_t *disabled;    //  owned; ids of families
    br_conf_words_t *warnings;    //  borrowed
    br_error_t *reterr;           //  borrowed
} guard_check_t;

//  ---- complaints

//  "FILE:1:2: guardrails.WHERE: WHAT"
static int
s_fail (const guard_check_t *self, const br_conf_node_t *node, const char *where,
        const char *what)
{
    return br_error_set (self->reterr, BR_ECONFIG, "%s:%u:%u: guardrails.%s: %s",
                         node->file, node->line, node->column, where, what);
}

//  A name that nothing has, with the one that was probably meant. is_key: the name is a
//  key, so that is where it stands.
static int
s_fail_name (const guard_check_t *self, const br_conf_node_t *node, bool is_key,
             const char *where, const char *kind, const char *nearest)
{
    const char *name = is_key ? node->key : node->text;
    unsigned line = is_key ? br_conf_node_key_line (node) : node->line;
    unsigned column = is_key ? br_conf_node_key_column (node) : node->column;
    return br_error_set (self->reterr, BR_ECONFIG,
                         "%s:%u:%u: guardrails.%s: there is no %s \"%.60s\"%s%s%s",
                         node->file, line, column, where, kind, name,
                         nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                         nearest ? "\"?" : "");
}

//  ---- families

static int
s_check_disabled (const guard_check_t *self, const br_conf_node_t *list)
{
    for (size_t i = 0; list && i < list->count; i++) {
        const br_conf_node_t *item = list->items[i];
        if (!br_conf_words_has (self->family_ids, item->text))
            return s_fail_name (self, item, false, "disabled_patterns", "pattern family",
                                br_conf_words_nearest (self->family_ids, item->text));
        br_conf_words_add_new (self->disabled, item->text);
    }
    return 0;
}

//  ---- custom patterns

//  What is wrong with the name of a custom pattern, or NULL.
static const char *
s_name_fault (const guard_check_t *self, const char *name)
{
    if (!*name || strlen (name) > BR_CONF_GUARD_NAME_MAX)
        return "expected a name of 1 to 64 bytes";
    for (const char *c = name; *c; c++)
        if ((unsigned char) *c < 0x20 || *c == 0x7f)
            return "expected a name without control characters";
    if (br_conf_words_has (self->family_ids, name))
        return "a built-in family has this name; give it another one";
    if (br_conf_words_has (self->customs, name))
        return "a second custom pattern of this name; give it another one";
    return NULL;
}

static int
s_check_custom (const guard_check_t *self, const br_conf_node_t *custom, size_t index)
{
    char where[48];
    const br_conf_node_t *name = br_conf_node_get (custom, "name");
    const br_conf_node_t *regex = br_conf_node_get (custom, "regex");
    const char *fault = s_name_fault (self, name->text);
    snprintf (where, sizeof where, "custom_patterns.%zu.name", index);
    if (fault)
        return s_fail (self, name, where, fault);
    br_error_t error = { BR_OK, "" };
    snprintf (where, sizeof where, "custom_patterns.%zu.regex", index);
    if (br_conf_regex_check (regex->text, &error)) {
        char *what = br_strf ("the regular expression cannot be used: %s", error.text);
        s_fail (self, regex, where, what);
        free (what);
        return -1;
    }
    br_conf_words_add (self->customs, name->text);
    return 0;
}

static int
s_check_customs (const guard_check_t *self, const br_conf_node_t *list)
{
    size_t builtin = br_conf_families_patterns (self->families);
    if (list && list->count + builtin > BR_CONF_GUARD_PATTERNS_MAX)
        return br_error_set (self->reterr, BR_ECONFIG,
                             "%s:%u:%u: guardrails.custom_patterns: %zu beside %zu "
                             "built-in patterns are over the maximum of %d",
                             list->file, list->line, list->column, list->count, builtin,
                             BR_CONF_GUARD_PATTERNS_MAX);
    for (size_t i = 0; list && i < list->count; i++)
        if (s_check_custom (self, list->items[i], i))
            return -1;
    return 0;
}

//  ---- what is done

static void
s_warn_disabled (const guard_check_t *self, const br_conf_node_t *item, const char *where)
{
    if (br_conf_words_has (self->disabled, item->key))
        br_conf_words_addf (self->warnings,
                            "%s:%u:%u: guardrails.%s.%s has no effect: the family is in "
                            "disabled_patterns",
                            item->file, br_conf_node_key_line (item),
                            br_conf_node_key_column (item), where, item->key);
}

//  Keys of a map that must be names of patterns; one of the lists may be NULL.
static int
s_check_keys (const guard_check_t *self, const br_conf_node_t *map, const char *where,
              const br_conf_words_t *ids, const br_conf_words_t *names)
{
    for (size_t i = 0; map && i < map->count; i++) {
        const br_conf_node_t *item = map->items[i];
        bool is_id = ids && br_conf_words_has (ids, item->key);
        bool is_name = names && br_conf_words_has (names, item->key);
        if (is_id)
            s_warn_disabled (self, item, where);
        if (is_id || is_name)
            continue;
        const char *near = ids ? br_conf_words_nearest (ids, item->key) : NULL;
        if (!near && names)
            near = br_conf_words_nearest (names, item->key);
        return s_fail_name (self, item, true, where,
                            ids ? "pattern family" : "custom pattern", near);
    }
    return 0;
}

//  The members that a rule and the whole have in common. prefix is "" or "rules.0.".
static int
s_check_actions (const guard_check_t *self, const br_conf_node_t *map, const char *prefix)
{
    const struct {
        const char *key;
        const br_conf_words_t *ids;
        const br_conf_words_t *names;
    } rows[] = {
        { "upgoing", self->family_ids, NULL },
        { "downgoing", self->family_ids, NULL },
        { "custom_upgoing", NULL, self->customs },
        { "custom_downgoing", NULL, self->customs },
        { "fail", self->family_ids, self->customs },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char where[64];
        snprintf (where, sizeof where, "%s%s", prefix, rows[i].key);
        if (s_check_keys (self, br_conf_node_get (map, rows[i].key), where, rows[i].ids,
                          rows[i].names))
            return -1;
    }
    return 0;
}

//  ---- rules

static int
s_check_providers (const guard_check_t *self, const br_conf_node_t *list,
                   const char *where)
{
    for (size_t i = 0; list && i < list->count; i++) {
        const br_conf_node_t *item = list->items[i];
        if (!br_conf_words_has (self->providers, item->text))
            return s_fail_name (self, item, false, where, "provider",
                                br_conf_words_nearest (self->providers, item->text));
    }
    return 0;
}

//  A list that is there and holds nothing would be for all, which nobody means.
static int
s_check_scope (const guard_check_t *self, const br_conf_node_t *rule, const char *prefix)
{
    static const char *const s_lists[] = { "keys", "routes", "providers" };
    for (size_t i = 0; i < sizeof s_lists / sizeof *s_lists; i++) {
        const br_conf_node_t *list = br_conf_node_get (rule, s_lists[i]);
        char where[64];
        snprintf (where, sizeof where, "%s%s", prefix, s_lists[i]);
        bool is_empty = list && list->count == 0;
        for (size_t j = 0; list && j < list->count; j++)
            is_empty = is_empty || !*list->items[j]->text;
        if (is_empty)
            return s_fail (self, list, where,
                           "expected at least one name; leave it out to mean all");
        if (list && list->count > BR_CONF_GUARD_LIST_MAX)
            return s_fail (self, list, where, "expected at most 4096 names");
        if (strcmp (s_lists[i], "providers") == 0
            && s_check_providers (self, list, where))
            return -1;
    }
    return 0;
}

static int
s_check_rules (const guard_check_t *self, const br_conf_node_t *list)
{
    if (list && list->count > BR_CONF_GUARD_RULES_MAX)
        return s_fail (self, list, "rules", "expected at most 63 rules");
    for (size_t i = 0; list && i < list->count; i++) {
        char prefix[32];
        snprintf (prefix, sizeof prefix, "rules.%zu.", i);
        if (s_check_scope (self, list->items[i], prefix)
            || s_check_actions (self, list->items[i], prefix))
            return -1;
    }
    return 0;
}

static int
s_check_allow (const guard_check_t *self, const br_conf_node_t *list)
{
    if (list && list->count > BR_CONF_GUARD_LIST_MAX)
        return s_fail (self, list, "allow", "expected at most 4096 values");
    return 0;
}

//  ---- tools

//  A list of what is allowed that holds nothing would allow all.
static int
s_check_list (const guard_check_t *self, const br_conf_node_t *list, const char *where)
{
    if (!list || list->count)
        return 0;
    return s_fail (self, list, where,
                   "expected at least one name; leave it out to allow all");
}

static bool
s_is_filled (const br_conf_node_t *map, const char *key)
{
    const br_conf_node_t *list = br_conf_node_get (map, key);
    return list && list->count;
}

//  Lists that say nothing, which somebody meant to be rules.
static void
s_warn_idle (const guard_check_t *self, const br_conf_node_t *map, const char *where)
{
    if (map && !s_is_filled (map, "allow") && !s_is_filled (map, "deny"))
        br_conf_words_addf (self->warnings,
                            "%s:%u:%u: guardrails.%s has no effect: it has neither "
                            "\"allow\" nor \"deny\"",
                            map->file, br_conf_node_key_line (map),
                            br_conf_node_key_column (map), where);
}

static int
s_check_tool_provider (const guard_check_t *self, const br_conf_node_t *provider)
{
    const br_conf_node_t *filter = br_conf_node_get (provider, "filter");
    const br_conf_node_t *params = br_conf_node_get (provider, "param_restrictions");
    const br_conf_node_t *rules = br_conf_node_get (params, "rules");
    if (strchr (provider->key, '*') && strcmp (provider->key, "*") != 0)
        return s_fail (self, provider, "tools.providers",
                       "expected the name of a server, or \"*\" for all");
    char where[192];
    snprintf (where, sizeof where, "tools.providers.%.60s.filter.allow", provider->key);
    int rc = s_check_list (self, br_conf_node_get (filter, "allow"), where);
    for (size_t i = 0; rc == 0 && rules && i < rules->count; i++) {
        snprintf (where, sizeof where,
                  "tools.providers.%.60s.param_restrictions.rules.%zu.allow",
                  provider->key, i);
        rc = s_check_list (self, br_conf_node_get (rules->items[i], "allow"), where);
        snprintf (where, sizeof where,
                  "tools.providers.%.60s.param_restrictions.rules.%.60s", provider->key,
                  rules->items[i]->key);
        if (rc == 0)
            s_warn_idle (self, rules->items[i], where);
    }
    snprintf (where, sizeof where, "tools.providers.%.60s.filter", provider->key);
    if (rc == 0)
        s_warn_idle (self, filter, where);
    return rc;
}

static int
s_check_tools (const guard_check_t *self, const br_conf_node_t *tools)
{
    const br_conf_node_t *providers = br_conf_node_get (tools, "providers");
    for (size_t i = 0; providers && i < providers->count; i++)
        if (s_check_tool_provider (self, providers->items[i]))
            return -1;
    return 0;
}

//  ---- names of providers

static void
s_unalias (br_conf_node_t *name, const br_conf_node_t *providers,
           const br_conf_builtin_t *builtin)
{
    if (!name->text || br_conf_node_get (providers, name->text))
        return;
    const char *real = br_conf_builtin_by_alias (builtin, name->text);
    for (size_t i = 0; !real && providers && i < providers->count; i++) {
        const br_conf_node_t *list = br_conf_node_get (providers->items[i], "aliases");
        for (size_t j = 0; list && j < list->count; j++)
            if (list->items[j]->text && strcmp (list->items[j]->text, name->text) == 0)
                real = providers->items[i]->key;
    }
    if (!real)
        return;
    free (name->text);
    name->text = br_strdup (real);
}

static void
s_unalias_rules (const br_conf_node_t *rules, const br_conf_node_t *providers,
                 const br_conf_builtin_t *builtin)
{
    for (size_t i = 0; rules && i < rules->count; i++) {
        const br_conf_node_t *list = br_conf_node_get (rules->items[i], "providers");
        for (size_t j = 0; list && j < list->count; j++)
            s_unalias (list->items[j], providers, builtin);
    }
}

//  ---- the whole

static void
s_learn (guard_check_t *self, const br_conf_node_t *providers,
         const br_conf_builtin_t *builtin)
{
    self->family_ids = br_conf_words_new ();
    self->customs = br_conf_words_new ();
    self->providers = br_conf_words_new ();
    self->disabled = br_conf_words_new ();
    const br_conf_node_t *family = br_conf_families_at (self->families, 0);
    for (size_t i = 0; family; family = br_conf_families_at (self->families, ++i))
        br_conf_words_add (self->family_ids, family->key);
    for (size_t i = 0; providers && i < providers->count; i++)
        br_conf_words_add_new (self->providers, providers->items[i]->key);
    const char *name = br_conf_builtin_name (builtin, 0);
    for (size_t i = 0; name; name = br_conf_builtin_name (builtin, ++i))
        br_conf_words_add_new (self->providers, name);
}

static void
s_forget (guard_check_t *self)
{
    br_conf_words_destroy (&self->disabled);
    br_conf_words_destroy (&self->providers);
    br_conf_words_destroy (&self->customs);
    br_conf_words_destroy (&self->family_ids);
    br_conf_families_destroy (&self->families);
}

int
br_conf_guard_check (br_conf_node_t *tree, const br_conf_builtin_t *builtin,
                     br_conf_words_t *warnings, br_error_t *reterr)
{
    const br_conf_node_t *guard = br_conf_node_get (tree, "guardrails");
    if (!guard)
        return 0;
    guard_check_t self = { .warnings = warnings, .reterr = reterr };
    self.families = br_conf_families_new (reterr);
    if (!self.families)
        return -1;
    const br_conf_node_t *providers = br_conf_node_get (tree, "providers");
    const br_conf_node_t *rules = br_conf_node_get (guard, "rules");
    s_unalias_rules (rules, providers, builtin);
    s_learn (&self, providers, builtin);
    int rc = s_check_disabled (&self, br_conf_node_get (guard, "disabled_patterns"));
    if (rc == 0)
        rc = s_check_customs (&self, br_conf_node_get (guard, "custom_patterns"));
    if (rc == 0)
        rc = s_check_actions (&self, guard, "");
    if (rc == 0)
        rc = s_check_rules (&self, rules);
    if (rc == 0)
        rc = s_check_allow (&self, br_conf_node_get (guard, "allow"));
    if (rc == 0)
        rc = s_check_tools (&self, br_conf_node_get (guard, "tools"));
    s_forget (&self);
    return rc;
}
