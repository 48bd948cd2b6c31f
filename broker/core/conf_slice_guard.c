//  conf_slice_guard: what is looked for in texts, and in whose. Defaults, disabled families
//  and directions are settled here: in the slice every action stands as it is in the end.
//  The sets of ingress and of guard are the same ones in the same order, since a call's sets
//  travel as bits.

#include <sodium.h>
#include <string.h>

#include "broker/core/conf_family.h"
#include "broker/core/conf_state.h"

//  The ways that a text goes.
typedef struct {
    br_conf_direction_t way;
    const char *key;
    const char *custom_key;
} slice_way_t;

static const slice_way_t s_ways[] = {
    { BR_CONF_UPGOING, "upgoing", "custom_upgoing" },
    { BR_CONF_DOWNGOING, "downgoing", "custom_downgoing" },
};
#define WAYS (sizeof s_ways / sizeof *s_ways)

static const br_conf_choice_t *
s_choice (const br_conf_choice_t *choices, unsigned count, const char *key)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp (choices[i].key, key) == 0)
            return &choices[i];
    return NULL;
}

static const br_conf_choice_t *
s_choice_of_family (const br_conf_actions_t *actions, br_conf_direction_t way,
                    const char *id)
{
    if (way == BR_CONF_UPGOING)
        return s_choice (actions->upgoing, actions->upgoing_count, id);
    return s_choice (actions->downgoing, actions->downgoing_count, id);
}

static const br_conf_choice_t *
s_choice_of_custom (const br_conf_actions_t *actions, br_conf_direction_t way,
                    const char *name)
{
    if (way == BR_CONF_UPGOING)
        return s_choice (actions->custom_upgoing, actions->custom_upgoing_count, name);
    return s_choice (actions->custom_downgoing, actions->custom_downgoing_count, name);
}

static bool
s_is_on (const bool *given)
{
    return !given || *given;
}

static bool
s_is_disabled (const br_conf_guardrails_t *guard, const char *id)
{
    for (unsigned i = 0; guard && i < guard->disabled_patterns_count; i++)
        if (strcmp (guard->disabled_patterns[i], id) == 0)
            return true;
    return false;
}

//  ---- one set

//  A set under way: the first one is for all and knows the defaults, the others say only
//  what they name.
typedef struct {
    const br_conf_guardrails_t *guard;  //  or NULL
    const br_conf_families_t *families; //
    const br_conf_actions_t *actions;   //
    bool is_first;
    cJSON *out;        //  owned
    int strictest;     //  of the way under way; -1 = nothing
    bool is_fail_open; //  of the way under way: every rule is
} slice_set_t;

static void
s_add_action (slice_set_t *self, cJSON *object, const char *name, int action)
{
    const br_conf_choice_t *fail = s_choice (self->actions->fail,
                                             self->actions->fail_count, name);
    bool is_open = fail ? fail->value : action == BR_CONF_WARN;
    cJSON_AddStringToObject (object, name, BR_CONF_WORD (action, action));
    self->is_fail_open = self->is_fail_open && is_open;
    if (action > self->strictest)
        self->strictest = action;
}

static void
s_add_families (slice_set_t *self, const slice_way_t *way)
{
    cJSON *object = cJSON_AddObjectToObject (self->out, way->key);
    const br_conf_node_t *family = br_conf_families_at (self->families, 0);
    for (size_t i = 0; family; family = br_conf_families_at (self->families, ++i)) {
        if (s_is_disabled (self->guard, family->key))
            continue;
        const br_conf_choice_t *choice = s_choice_of_family (self->actions, way->way,
                                                             family->key);
        bool is_default = self->is_first && br_conf_family_direction (family) & way->way;
        if (choice || is_default)
            s_add_action (self, object, family->key,
                          choice ? choice->value : BR_CONF_WARN);
    }
}

static void
s_add_customs (slice_set_t *self, const slice_way_t *way)
{
    cJSON *object = cJSON_AddObjectToObject (self->out, way->custom_key);
    for (unsigned i = 0; self->guard && i < self->guard->custom_patterns_count; i++) {
        const br_conf_pattern_t *custom = &self->guard->custom_patterns[i];
        const br_conf_choice_t *choice = s_choice_of_custom (self->actions, way->way,
                                                             custom->name);
        int direction = custom->direction ? *custom->direction : BR_CONF_UPGOING;
        int action = custom->action ? *custom->action : BR_CONF_WARN;
        if (choice || (self->is_first && direction & (int) way->way))
            s_add_action (self, object, custom->name, choice ? choice->value : action);
    }
}

//  Whether the set says of a rule, of which it does nothing this way, that it fails closed:
//  another set may, and of both the stricter word counts.
static bool
s_shuts_others (const slice_set_t *self, const slice_way_t *way)
{
    const cJSON *families = cJSON_GetObjectItemCaseSensitive (self->out, way->key);
    const cJSON *customs = cJSON_GetObjectItemCaseSensitive (self->out, way->custom_key);
    for (unsigned i = 0; i < self->actions->fail_count; i++) {
        const char *name = self->actions->fail[i].key;
        if (!self->actions->fail[i].value
            && !cJSON_GetObjectItemCaseSensitive (families, name)
            && !cJSON_GetObjectItemCaseSensitive (customs, name))
            return true;
    }
    return false;
}

static void
s_add_fail (const slice_set_t *self)
{
    cJSON *fail = cJSON_AddObjectToObject (self->out, "fail");
    for (unsigned i = 0; i < self->actions->fail_count; i++)
        cJSON_AddStringToObject (fail, self->actions->fail[i].key,
                                 self->actions->fail[i].value ? "open" : "closed");
}

//  Adds a set to the list, unless nothing is in it. A scope that names nothing is for all.
static void
s_add_set (slice_set_t *self, cJSON *sets, const br_conf_guard_rule_t *scope)
{
    self->out = cJSON_CreateObject ();
    if (scope->keys_count)
        br_conf_state_add_texts (self->out, "keys", scope->keys, scope->keys_count);
    if (scope->routes_count)
        br_conf_state_add_texts (self->out, "routes", scope->routes, scope->routes_count);
    if (scope->providers_count)
        br_conf_state_add_texts (self->out, "providers", scope->providers,
                                 scope->providers_count);
    cJSON *strictest = cJSON_AddObjectToObject (self->out, "strictest");
    cJSON *fail_open = cJSON_AddObjectToObject (self->out, "fail_open");
    for (size_t i = 0; i < WAYS; i++) {
        self->strictest = -1;
        self->is_fail_open = true;
        s_add_families (self, &s_ways[i]);
        s_add_customs (self, &s_ways[i]);
        bool shuts_others = s_shuts_others (self, &s_ways[i]);
        self->is_fail_open = self->is_fail_open && !shuts_others;
        if (self->strictest < 0 && !shuts_others)
            continue;
        if (self->strictest >= 0)
            cJSON_AddStringToObject (strictest, s_ways[i].key,
                                     BR_CONF_WORD (action, self->strictest));
        cJSON_AddBoolToObject (fail_open, s_ways[i].key, self->is_fail_open);
    }
    s_add_fail (self);
    if (strictest->child)
        cJSON_AddItemToArray (sets, self->out);
    else
        cJSON_Delete (self->out);
    self->out = NULL;
}

static void
s_add_sets (cJSON *sets, const br_conf_guardrails_t *guard,
            const br_conf_families_t *families)
{
    static const br_conf_actions_t s_nothing = { .upgoing = NULL };
    static const br_conf_guard_rule_t s_everywhere = { .keys = NULL };
    slice_set_t set = { .guard = guard, .families = families };
    set.actions = guard ? &guard->actions : &s_nothing;
    set.is_first = true;
    s_add_set (&set, sets, &s_everywhere);
    set.is_first = false;
    for (unsigned i = 0; guard && i < guard->rules_count; i++) {
        set.actions = &guard->rules[i].actions;
        s_add_set (&set, sets, &guard->rules[i]);
    }
}

//  ---- patterns

static void
s_add_whole (cJSON *object, const br_conf_node_t *pattern, const char *key)
{
    const br_conf_node_t *value = br_conf_node_get (pattern, key);
    if (value)
        cJSON_AddRawToObject (object, key, value->text);
}

static void
s_add_pattern (cJSON *list, const br_conf_node_t *pattern)
{
    cJSON *item = cJSON_CreateObject ();
    cJSON_AddStringToObject (item, "name", br_conf_node_get_text (pattern, "name"));
    cJSON_AddStringToObject (item, "regex", br_conf_node_get_text (pattern, "regex"));
    cJSON *hints = cJSON_AddArrayToObject (item, "hints");
    const br_conf_node_t *given = br_conf_node_get (pattern, "hints");
    for (size_t i = 0; given && i < given->count; i++)
        cJSON_AddItemToArray (hints, cJSON_CreateString (given->items[i]->text));
    s_add_whole (item, pattern, "lead");
    s_add_whole (item, pattern, "reach");
    const char *check = br_conf_node_get_text (pattern, "check");
    if (check && *check)
        cJSON_AddStringToObject (item, "check", check);
    s_add_whole (item, pattern, "caseless");
    cJSON_AddItemToArray (list, item);
}

static bool
s_is_named (const cJSON *sets, const char *id)
{
    const cJSON *set;
    cJSON_ArrayForEach (set, sets) for (size_t i = 0; i < WAYS; i++)
    {
        const cJSON *way = cJSON_GetObjectItemCaseSensitive (set, s_ways[i].key);
        if (cJSON_GetObjectItemCaseSensitive (way, id))
            return true;
    }
    return false;
}

//  The families that any set names.
static void
s_add_family_list (cJSON *list, const br_conf_families_t *families, const cJSON *sets)
{
    const br_conf_node_t *family = br_conf_families_at (families, 0);
    for (size_t i = 0; family; family = br_conf_families_at (families, ++i)) {
        if (!s_is_named (sets, family->key))
            continue;
        cJSON *item = cJSON_CreateObject ();
        cJSON_AddStringToObject (item, "id", family->key);
        cJSON_AddStringToObject (item, "about", br_conf_node_get_text (family, "about"));
        cJSON_AddStringToObject (item, "direction",
                                 br_conf_node_get_text (family, "direction"));
        cJSON *patterns = cJSON_AddArrayToObject (item, "patterns");
        const br_conf_node_t *given = br_conf_node_get (family, "patterns");
        for (size_t j = 0; given && j < given->count; j++)
            s_add_pattern (patterns, given->items[j]);
        cJSON_AddItemToArray (list, item);
    }
}

static void
s_add_custom_list (cJSON *list, const br_conf_guardrails_t *guard)
{
    for (unsigned i = 0; guard && i < guard->custom_patterns_count; i++) {
        cJSON *item = cJSON_CreateObject ();
        cJSON_AddStringToObject (item, "name", guard->custom_patterns[i].name);
        cJSON_AddStringToObject (item, "regex", guard->custom_patterns[i].regex);
        cJSON_AddItemToArray (list, item);
    }
}

//  ---- tools

static void
s_add_limits (cJSON *object, char *const *allow, unsigned allow_count, char *const *deny,
              unsigned deny_count)
{
    if (allow)
        br_conf_state_add_texts (object, "allow", allow, allow_count);
    if (deny_count)
        br_conf_state_add_texts (object, "deny", deny, deny_count);
}

static void
s_add_tool_provider (cJSON *tools, const br_conf_tool_guard_t *guard)
{
    cJSON *item = cJSON_AddObjectToObject (tools, guard->id);
    const br_conf_filter_t *filter = guard->filter;
    if (filter)
        s_add_limits (item, filter->allow, filter->allow_count, filter->deny,
                      filter->deny_count);
    const br_conf_params_t *params = guard->param_restrictions;
    if (!params || !params->rules_count)
        return;
    cJSON *rules = cJSON_AddObjectToObject (item, "params");
    for (unsigned i = 0; i < params->rules_count; i++) {
        const br_conf_param_rule_t *rule = &params->rules[i];
        cJSON *row = cJSON_AddObjectToObject (rules, rule->id);
        s_add_limits (row, rule->allow, rule->allow_count, rule->deny, rule->deny_count);
        bool strips = rule->action && *rule->action == 1;
        cJSON_AddStringToObject (row, "action", strips ? "strip" : "reject");
    }
}

static bool
s_has_tools (const br_conf_guardrails_t *guard)
{
    return guard && guard->tools && s_is_on (guard->tools->enabled)
           && guard->tools->providers_count;
}

//  ---- the slices

cJSON *
br_conf_slice_guard (const br_conf_t *self)
{
    const br_conf_guardrails_t *guard = self->root->guardrails;
    br_conf_families_t *families = br_conf_families_new (NULL);
    if (!families)
        return NULL;
    bool is_on = !guard || s_is_on (guard->enabled);
    cJSON *slice = cJSON_CreateObject ();
    cJSON *family_list = cJSON_AddArrayToObject (slice, "families");
    cJSON *custom_list = cJSON_AddArrayToObject (slice, "custom");
    cJSON *sets = cJSON_AddArrayToObject (slice, "sets");
    if (is_on) {
        s_add_sets (sets, guard, families);
        s_add_family_list (family_list, families, sets);
        s_add_custom_list (custom_list, guard);
    }
    br_conf_families_destroy (&families);
    br_conf_state_add_texts (slice, "allow", guard ? guard->allow : NULL,
                             guard ? guard->allow_count : 0);
    const br_conf_block_message_t *message = guard ? guard->block_message : NULL;
    cJSON *block = cJSON_AddObjectToObject (slice, "block_message");
    cJSON_AddBoolToObject (block, "include_details",
                           s_is_on (message ? message->include_details : NULL));
    cJSON_AddBoolToObject (block, "include_help_link",
                           s_is_on (message ? message->include_help_link : NULL));
    cJSON *tools = is_on && s_has_tools (guard) ? cJSON_AddObjectToObject (slice, "tools")
                                                : NULL;
    for (unsigned i = 0; tools && i < guard->tools->providers_count; i++)
        s_add_tool_provider (tools, &guard->tools->providers[i]);
    return slice;
}

//  What of a set is no business of ingress.
static void
s_drop_actions (cJSON *set)
{
    cJSON_DeleteItemFromObjectCaseSensitive (set, "fail");
    for (size_t i = 0; i < WAYS; i++) {
        cJSON_DeleteItemFromObjectCaseSensitive (set, s_ways[i].key);
        cJSON_DeleteItemFromObjectCaseSensitive (set, s_ways[i].custom_key);
    }
}

//  SHA-256 of all that is done to texts and calls, in hex. How a refusal is worded is no part
//  of it.
static void
s_add_digest (cJSON *scope, cJSON *slice)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    cJSON_DeleteItemFromObjectCaseSensitive (slice, "block_message");
    char *text = cJSON_PrintUnformatted (slice);
    crypto_hash_sha256 (hash, (const uint8_t *) text, strlen (text));
    cJSON_free (text);
    sodium_bin2hex (hex, sizeof hex, hash, sizeof hash);
    cJSON_AddStringToObject (scope, "digest", hex);
}

int
br_conf_slice_guard_scope (const br_conf_t *self, cJSON *object)
{
    cJSON *slice = br_conf_slice_guard (self);
    if (!slice)
        return -1;
    bool has_tools = cJSON_HasObjectItem (slice, "tools");
    cJSON *sets = cJSON_GetObjectItemCaseSensitive (slice, "sets");
    if (sets->child || has_tools) {
        cJSON *scope = cJSON_AddObjectToObject (object, "guard");
        s_add_digest (scope, slice);
        cJSON *set;
        cJSON_ArrayForEach (set, sets) s_drop_actions (set);
        cJSON_AddItemToObject (scope, "sets", cJSON_DetachItemViaPointer (slice, sets));
        if (has_tools)
            cJSON_AddTrueToObject (scope, "tools");
    }
    cJSON_Delete (slice);
    return 0;
}
