//  conf_builtin: the providers that bitrouter knows by itself.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_builtin.h"
#include "broker/core/conf_check.h"
#include "broker/core/conf_yaml.h"
#include "broker/core/embedded.h"

#define BUILTIN_FOLDER "providers/"
#define BUILTIN_HEAD_END "    api_protocol:" //  the first line that is not of the head
#define BUILTIN_NAME_MAX 128                 //  bytes of a variable's name

struct _br_conf_builtin_t {
    br_conf_node_t *heads; //  owned; map of providers, as their files have them
};

//  Reads the head of one embedded file. 0 or -1.
static int
s_read_head (br_conf_builtin_t *self, const char *file, br_error_t *reterr)
{
    size_t size = 0;
    const char *text = br_embedded (file, &size);
    const char *end = text ? memmem (text, size, BUILTIN_HEAD_END,
                                     strlen (BUILTIN_HEAD_END))
                           : NULL;
    if (!end)
        return br_error_set (reterr, BR_ECONFIG, "%s:1:1: no api_protocol", file);
    br_conf_node_t *tree = br_conf_yaml_parse (file, text, (size_t) (end - text), reterr);
    if (!tree)
        return -1;
    br_conf_node_t *providers = br_conf_node_get (tree, "providers");
    int rc = providers && providers->count == 1 ? 0 : -1;
    if (rc == 0) {
        br_conf_node_t *head = br_conf_node_take_at (providers, 0);
        char *name = br_strdup (head->key);
        if (br_conf_node_is_null (head))
            head->kind = BR_CONF_MAP;
        br_conf_node_put (self->heads, name, &head);
        free (name);
    } else
        br_error_set (reterr, BR_ECONFIG, "%s:1:1: not one provider", file);
    br_conf_node_destroy (&tree);
    return rc;
}

br_conf_builtin_t *
br_conf_builtin_new (br_error_t *reterr)
{
    br_conf_builtin_t *self = BR_NEW (br_conf_builtin_t);
    self->heads = br_conf_node_new (BR_CONF_MAP, BUILTIN_FOLDER);
    int rc = 0;
    const char *file = br_embedded_name (0);
    for (size_t i = 0; rc == 0 && file; file = br_embedded_name (++i))
        if (strncmp (file, BUILTIN_FOLDER, strlen (BUILTIN_FOLDER)) == 0)
            rc = s_read_head (self, file, reterr);
    if (rc)
        br_conf_builtin_destroy (&self);
    return self;
}

void
br_conf_builtin_destroy (br_conf_builtin_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_conf_builtin_t *self = *self_p;
    br_conf_node_destroy (&self->heads);
    free (self);
    *self_p = NULL;
}

const char *
br_conf_builtin_name (const br_conf_builtin_t *self, size_t index)
{
    return index < self->heads->count ? self->heads->items[index]->key : NULL;
}

bool
br_conf_builtin_has (const br_conf_builtin_t *self, const char *name)
{
    return br_conf_node_get (self->heads, name) != NULL;
}

static bool
s_lists (const br_conf_node_t *list, const char *text)
{
    for (size_t i = 0; list && i < list->count; i++)
        if (list->items[i]->text && strcmp (list->items[i]->text, text) == 0)
            return true;
    return false;
}

const char *
br_conf_builtin_by_alias (const br_conf_builtin_t *self, const char *alias)
{
    for (size_t i = 0; i < self->heads->count; i++) {
        const br_conf_node_t *head = self->heads->items[i];
        if (s_lists (br_conf_node_get (head, "aliases"), alias))
            return head->key;
    }
    return NULL;
}

const char *
br_conf_builtin_prefix (const br_conf_builtin_t *self, const char *name)
{
    return br_conf_node_get_text (br_conf_node_get (self->heads, name), "env_prefix");
}

bool
br_conf_builtin_wants_login (const br_conf_builtin_t *self, const char *name)
{
    return br_conf_node_get (br_conf_node_get (self->heads, name), "login") != NULL;
}

bool
br_conf_builtin_is_keyed (const br_conf_builtin_t *self, const char *name,
                          const br_conf_env_t *env)
{
    const char *prefix = br_conf_builtin_prefix (self, name);
    if (!prefix)
        return true;
    char variable[BUILTIN_NAME_MAX];
    snprintf (variable, sizeof variable, "%s_API_KEY", prefix);
    bool is_keyed = br_conf_env_get_full (env, variable) != NULL;
    const br_conf_node_t *head = br_conf_node_get (self->heads, name);
    const br_conf_node_t *others = br_conf_node_get (head, "env_aliases");
    for (size_t i = 0; others && i < others->count; i++) {
        snprintf (variable, sizeof variable, "%s_API_KEY", others->items[i]->text);
        is_keyed = is_keyed || br_conf_env_get_full (env, variable);
    }
    return is_keyed;
}

br_conf_node_t *
br_conf_builtin_load (const br_conf_builtin_t *self, const char *name, br_error_t *reterr)
{
    const br_conf_node_t *head = br_conf_node_get (self->heads, name);
    if (!head) {
        br_error_set (reterr, BR_ENOTFOUND, "there is no built-in provider \"%s\"", name);
        return NULL;
    }
    size_t size = 0;
    const char *text = br_embedded (head->file, &size);
    br_conf_node_t *tree = br_conf_yaml_parse (head->file, text, size, reterr);
    br_conf_words_t *warnings = br_conf_words_new ();
    int rc = tree ? br_conf_check (tree, warnings, reterr) : -1;
    const char *warning = br_conf_words_at (warnings, 0);
    if (rc == 0 && warning)
        rc = br_error_set (reterr, BR_ECONFIG, "%s", warning);
    br_conf_words_destroy (&warnings);
    if (rc)
        br_conf_node_destroy (&tree);
    else
        br_conf_node_mark (tree, BR_CONF_BUILTIN);
    return tree;
}
