//  limits_rules: a list for each kind of key. A rule of callers fits every caller.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/glob.h"
#include "actors/limits/limits_rules.h"

#define NUMBER_MAX 9007199254740992.0 //  whole numbers are exact up to here

typedef struct {
    char *glob;     //  owned
    char *provider; //  owned; "" where the kind has none
    limits_rule_t rule;
} row_t;

typedef struct {
    row_t *rows;
    size_t size;
} list_t;

typedef enum {
    CALLERS,
    MODELS,
    PROVIDERS,
    KINDS
} kind_t;

struct _limits_rules_t {
    list_t lists[KINDS];
};

static const struct {
    const char *kind;   //  in messages
    const char *member; //  of the slice
} s_kinds[KINDS] = {
    [CALLERS] = { "caller", "callers" },
    [MODELS] = { "model", "models" },
    [PROVIDERS] = { "provider", "providers" },
};

void
limits_rules_destroy (limits_rules_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    for (int kind = 0; kind < KINDS; kind++) {
        list_t *list = &(*self_p)->lists[kind];
        for (size_t i = 0; i < list->size; i++) {
            free (list->rows[i].glob);
            free (list->rows[i].provider);
        }
        free (list->rows);
    }
    free (*self_p);
    *self_p = NULL;
}

//  ---- reading

static int
s_number (const cJSON *node, const char *list, const char *member, uint64_t *ret_number,
          br_error_t *reterr)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive (node, member);
    double value = number ? cJSON_GetNumberValue (number) : 0;
    if (!(value >= 0 && value <= NUMBER_MAX) || (double) (uint64_t) value != value)
        return br_error_set (reterr, BR_ECONFIG,
                             "limits: %s: %s must be a whole number, 0 for no limit",
                             list, member);
    *ret_number = (uint64_t) value;
    return 0;
}

static int
s_rule (const cJSON *node, const char *list, limits_rule_t *ret_rule, br_error_t *reterr)
{
    if (!cJSON_IsObject (node))
        return br_error_set (reterr, BR_ECONFIG, "limits: %s: a rule is no object", list);
    if (s_number (node, list, "requests_per_minute", &ret_rule->requests, reterr)
        || s_number (node, list, "tokens_per_minute", &ret_rule->tokens, reterr))
        return -1;
    return s_number (node, list, "concurrency", &ret_rule->concurrency, reterr);
}

static int
s_add (list_t *list, kind_t kind, const cJSON *node, br_error_t *reterr)
{
    limits_rule_t rule = { .requests = 0 };
    if (s_rule (node, s_kinds[kind].member, &rule, reterr))
        return -1;
    const cJSON *glob = cJSON_GetObjectItemCaseSensitive (node, "glob");
    const cJSON *provider = cJSON_GetObjectItemCaseSensitive (node, "provider");
    if ((kind != CALLERS && !cJSON_IsString (glob))
        || (kind == PROVIDERS && !cJSON_IsString (provider)))
        return br_error_set (reterr, BR_ECONFIG, "limits: %s: a rule has no %s",
                             s_kinds[kind].member,
                             cJSON_IsString (glob) ? "provider" : "glob");
    list->rows = br_realloc (list->rows, (list->size + 1) * sizeof (row_t));
    row_t *row = &list->rows[list->size++];
    row->rule = rule;
    row->glob = br_strdup (kind == CALLERS ? "*" : glob->valuestring);
    row->provider = br_strdup (kind == PROVIDERS ? provider->valuestring : "");
    return 0;
}

static int
s_read_kind (limits_rules_t *self, kind_t kind, const cJSON *root, br_error_t *reterr)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive (root, s_kinds[kind].member);
    if (!member)
        return 0;
    if (kind == CALLERS)
        return s_add (&self->lists[kind], kind, member, reterr);
    if (!cJSON_IsArray (member))
        return br_error_set (reterr, BR_ECONFIG, "limits: %s is no list",
                             s_kinds[kind].member);
    int rc = 0;
    const cJSON *node = member->child;
    for (; rc == 0 && node; node = node->next)
        rc = s_add (&self->lists[kind], kind, node, reterr);
    return rc;
}

limits_rules_t *
limits_rules_new (const char *slice, br_error_t *reterr)
{
    limits_rules_t *self = BR_NEW (limits_rules_t);
    cJSON *root = cJSON_Parse (slice);
    int rc = 0;
    if (!cJSON_IsObject (root))
        rc = br_error_set (reterr, BR_ECONFIG, "limits: the slice is no object");
    for (int kind = 0; rc == 0 && kind < KINDS; kind++)
        rc = s_read_kind (self, (kind_t) kind, root, reterr);
    cJSON_Delete (root);
    if (rc)
        limits_rules_destroy (&self);
    return self;
}

//  ---- finding

static bool
s_is_for (const row_t *row, const char *key)
{
    size_t size = strlen (row->provider);
    if (!size)
        return br_glob_fits (row->glob, key);
    return strncmp (key, row->provider, size) == 0 && key[size] == '/'
           && br_glob_fits (row->glob, key + size + 1);
}

const limits_rule_t *
limits_rules_find (const limits_rules_t *self, const char *kind, const char *key)
{
    for (int i = 0; i < KINDS; i++) {
        const list_t *list = &self->lists[i];
        for (size_t k = 0; strcmp (kind, s_kinds[i].kind) == 0 && k < list->size; k++) {
            const limits_rule_t *rule = &list->rows[k].rule;
            if (!s_is_for (&list->rows[k], key))
                continue;
            return limits_rule_is_none (rule) ? NULL : rule;
        }
    }
    return NULL;
}

//  ---- limits of a key's own

limits_rule_t
limits_rule_merge (const limits_rule_t *own, const limits_rule_t *rule)
{
    limits_rule_t merged = *own;
    if (!merged.requests && rule)
        merged.requests = rule->requests;
    if (!merged.tokens && rule)
        merged.tokens = rule->tokens;
    if (!merged.concurrency && rule)
        merged.concurrency = rule->concurrency;
    return merged;
}

bool
limits_rule_is_none (const limits_rule_t *rule)
{
    return !rule->requests && !rule->tokens && !rule->concurrency;
}

bool
limits_rule_is (const limits_rule_t *a, const limits_rule_t *b)
{
    return a->requests == b->requests && a->tokens == b->tokens
           && a->concurrency == b->concurrency;
}
