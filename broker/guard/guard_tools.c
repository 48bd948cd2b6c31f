//  guard_tools: names of tools and keys of arguments, against lists of both.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_keys.h"
#include "broker/guard/guard_spelling.h"
#include "broker/guard/guard_tools.h"

#define ANY_SERVER "*"

typedef struct {
    guard_glob_t **globs; //  owned
    size_t count;         //
} globs_t;

//  Rules for arguments of some tools.
typedef struct {
    guard_glob_t *glob; //  owned; which tools
    const cJSON *allow; //  keys, in the slice; NULL = all
    guard_keys_t *deny; //  owned
    bool strips;        //  or else rejects
} param_t;

typedef struct {
    bool is_any;          //  every server
    guard_server_t *name; //  owned
    bool has_allow;
    globs_t allow, deny;
    param_t *params; //  owned
    size_t nparams;
} server_t;

struct _guard_tools_t {
    cJSON *slice;      //  owned
    server_t *servers; //  owned
    size_t count;      //  servers
    size_t nparams;    //  rules for arguments, of all of them
};

//  ---- reading

static bool
s_is_texts (const cJSON *list)
{
    const cJSON *item;
    if (list && !cJSON_IsArray (list))
        return false;
    cJSON_ArrayForEach (item, list)
    {
        if (!cJSON_IsString (item))
            return false;
    }
    return true;
}

static bool
s_has_lists (const cJSON *object)
{
    return cJSON_IsObject (object)
           && s_is_texts (cJSON_GetObjectItemCaseSensitive (object, "allow"))
           && s_is_texts (cJSON_GetObjectItemCaseSensitive (object, "deny"));
}

static bool
s_is_server (const cJSON *server)
{
    const cJSON *params = cJSON_GetObjectItemCaseSensitive (server, "params");
    const cJSON *rule;
    if (!s_has_lists (server) || (params && !cJSON_IsObject (params)))
        return false;
    cJSON_ArrayForEach (rule, params)
    {
        if (!s_has_lists (rule))
            return false;
    }
    return true;
}

//  ---- making

static globs_t
s_globs (const cJSON *list)
{
    globs_t globs = { .count = 0 };
    const cJSON *item;
    globs.globs = br_alloc ((size_t) cJSON_GetArraySize (list) + 1, sizeof *globs.globs);
    cJSON_ArrayForEach (item, list)
        globs.globs[globs.count++] = guard_glob_new (item->valuestring);
    return globs;
}

static void
s_free_globs (globs_t *globs)
{
    while (globs->count)
        guard_glob_destroy (&globs->globs[--globs->count]);
    free (globs->globs);
}

static param_t
s_param (const cJSON *rule)
{
    const cJSON *action = cJSON_GetObjectItemCaseSensitive (rule, "action");
    return (param_t) {
        .glob = guard_glob_new (rule->string),
        .allow = cJSON_GetObjectItemCaseSensitive (rule, "allow"),
        .deny = guard_keys_new (cJSON_GetObjectItemCaseSensitive (rule, "deny")),
        .strips = cJSON_IsString (action) && strcmp (action->valuestring, "strip") == 0,
    };
}

static server_t
s_server (const cJSON *row)
{
    const cJSON *params = cJSON_GetObjectItemCaseSensitive (row, "params");
    const cJSON *allow = cJSON_GetObjectItemCaseSensitive (row, "allow");
    const cJSON *rule;
    server_t server = {
        .is_any = strcmp (row->string, ANY_SERVER) == 0,
        .name = guard_server_new (row->string),
        .has_allow = allow != NULL,
        .allow = s_globs (allow),
        .deny = s_globs (cJSON_GetObjectItemCaseSensitive (row, "deny")),
    };
    server.params = br_alloc ((size_t) cJSON_GetArraySize (params) + 1,
                              sizeof *server.params);
    cJSON_ArrayForEach (rule, params) server.params[server.nparams++] = s_param (rule);
    return server;
}

static void
s_free_server (server_t *server)
{
    while (server->nparams) {
        param_t *param = &server->params[--server->nparams];
        guard_keys_destroy (&param->deny);
        guard_glob_destroy (&param->glob);
    }
    free (server->params);
    s_free_globs (&server->deny);
    s_free_globs (&server->allow);
    guard_server_destroy (&server->name);
}

guard_tools_t *
guard_tools_new (const char *slice, br_error_t *reterr)
{
    guard_tools_t *self = BR_NEW (guard_tools_t);
    self->slice = cJSON_Parse (slice);
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive (self->slice, "tools"), *row;
    bool is_good = cJSON_IsObject (self->slice) && (!rows || cJSON_IsObject (rows));
    cJSON_ArrayForEach (row, rows) is_good = is_good && s_is_server (row);
    if (!is_good) {
        br_error_set (reterr, BR_ECONFIG,
                      "tools of the guard's slice are not as they must be");
        guard_tools_destroy (&self);
        return NULL;
    }
    self->servers = br_alloc ((size_t) cJSON_GetArraySize (rows) + 1,
                              sizeof *self->servers);
    cJSON_ArrayForEach (row, rows)
    {
        self->servers[self->count] = s_server (row);
        self->nparams += self->servers[self->count++].nparams;
    }
    return self;
}

void
guard_tools_destroy (guard_tools_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_tools_t *self = *self_p;
    while (self->count)
        s_free_server (&self->servers[--self->count]);
    free (self->servers);
    cJSON_Delete (self->slice);
    free (self);
    *self_p = NULL;
}

bool
guard_tools_has_rules (const guard_tools_t *self)
{
    return self->count > 0;
}

//  ---- names

//  A name under judgement.
typedef struct {
    guard_spelling_t *spelling;              //  owned; NULL = too many parts
    bool is_named[GUARD_SPELLING_PARTS_MAX]; //  exactly a tool of a server with rules
} tool_t;

//  Whether a part is exactly a tool of any server that has rules.
static bool
s_is_named (const guard_tools_t *self, const guard_spelling_t *name, size_t part)
{
    for (size_t i = 0; i < self->count; i++)
        if (!self->servers[i].is_any
            && guard_spelling_is (name, part, self->servers[i].name, NULL)
                   == GUARD_SPELLED_PARTED)
            return true;
    return false;
}

static tool_t
s_tool (const guard_tools_t *self, const char *name)
{
    tool_t tool = { .spelling = guard_spelling_new (name) };
    size_t parts = tool.spelling ? guard_spelling_parts (tool.spelling) : 0;
    for (size_t part = 0; part < parts; part++)
        tool.is_named[part] = s_is_named (self, tool.spelling, part);
    return tool;
}

//  Whether a part may be a tool that a rule denies or restricts. Where the name is exactly
//  one of another server's, only that one's rules concern it.
static bool
s_part_concerns (const server_t *server, const tool_t *tool, size_t part,
                 const guard_glob_t *glob)
{
    const guard_spelling_t *name = tool->spelling;
    if (server->is_any)
        return guard_spelling_is_of_any (name, part, glob)
               || guard_spelling_may_be_of_any (name, part, glob);
    if (tool->is_named[part]
        && guard_spelling_is (name, part, server->name, NULL) != GUARD_SPELLED_PARTED)
        return false;
    return guard_spelling_may_be (name, part, server->name, glob)
           || guard_spelling_is (name, part, server->name, glob) != GUARD_SPELLED_NOT;
}

//  Whether a rule for these tools of a server concerns a name.
static bool
s_concerns (const server_t *server, const tool_t *tool, const guard_glob_t *glob)
{
    for (size_t part = 0; part < guard_spelling_parts (tool->spelling); part++)
        if (s_part_concerns (server, tool, part, glob))
            return true;
    return !server->is_any && guard_spelling_may_be_bare (tool->spelling, glob);
}

static bool
s_is_denied (const server_t *server, const tool_t *tool)
{
    for (size_t i = 0; i < server->deny.count; i++)
        if (s_concerns (server, tool, server->deny.globs[i]))
            return true;
    return false;
}

static bool
s_is_listed (const server_t *server, const guard_spelling_t *name, size_t part)
{
    for (size_t i = 0; i < server->allow.count; i++) {
        const guard_glob_t *glob = server->allow.globs[i];
        bool is_listed = server->is_any
                             ? guard_spelling_is_of_any (name, part, glob)
                             : guard_spelling_is (name, part, server->name, glob)
                                   != GUARD_SPELLED_NOT;
        if (is_listed)
            return true;
    }
    return false;
}

//  Whether the list of those allowed, if there is one, has the name: for any server, one of
//  its parts; for one server, every part that may be a tool of it.
static bool
s_is_allowed (const server_t *server, const tool_t *tool)
{
    if (!server->has_allow)
        return true;
    for (size_t part = 0; part < guard_spelling_parts (tool->spelling); part++) {
        bool is_listed = s_is_listed (server, tool->spelling, part);
        if (server->is_any && is_listed)
            return true;
        if (!server->is_any && !is_listed && s_part_concerns (server, tool, part, NULL))
            return false;
    }
    return !server->is_any;
}

bool
guard_tools_allows (const guard_tools_t *self, const char *name)
{
    if (!guard_tools_has_rules (self))
        return true;
    tool_t tool = s_tool (self, name);
    bool is_allowed = tool.spelling != NULL;
    for (size_t i = 0; is_allowed && i < self->count; i++)
        is_allowed = !s_is_denied (&self->servers[i], &tool)
                     && s_is_allowed (&self->servers[i], &tool);
    guard_spelling_destroy (&tool.spelling);
    return is_allowed;
}

bool
guard_tools_denies (const guard_tools_t *self, const char *name)
{
    if (!guard_tools_has_rules (self))
        return false;
    tool_t tool = s_tool (self, name);
    bool is_denied = false;
    for (size_t i = 0; tool.spelling && !is_denied && i < self->count; i++)
        is_denied = s_is_denied (&self->servers[i], &tool);
    guard_spelling_destroy (&tool.spelling);
    return is_denied;
}

bool
guard_tools_concern (const guard_tools_t *self, const char *server)
{
    for (size_t i = 0; i < self->count; i++) {
        const server_t *row = &self->servers[i];
        bool has_rules = row->has_allow || row->deny.count || row->nparams;
        if (has_rules && (row->is_any || guard_server_may_be (row->name, server)))
            return true;
    }
    return false;
}

//  ---- arguments

//  The rules that concern a name, which must have a spelling. "caller frees"
static const param_t **
s_rules_of (const guard_tools_t *self, const tool_t *tool, size_t *ret_count)
{
    const param_t **rules = br_alloc (self->nparams + 1, sizeof *rules);
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++) {
        const server_t *server = &self->servers[i];
        for (size_t j = 0; j < server->nparams; j++)
            if (s_concerns (server, tool, server->params[j].glob))
                rules[count++] = &server->params[j];
    }
    *ret_count = count;
    return rules;
}

//  The same for a name; one that cannot be told apart has NULL. ret: whether it has rules
static bool
s_find_rules (const guard_tools_t *self, const char *name, const param_t ***ret_rules,
              size_t *ret_count)
{
    *ret_rules = NULL;
    *ret_count = 0;
    if (!guard_tools_has_any_params (self))
        return false;
    tool_t tool = s_tool (self, name);
    if (!tool.spelling)
        return true;
    *ret_rules = s_rules_of (self, &tool, ret_count);
    guard_spelling_destroy (&tool.spelling);
    return *ret_count > 0;
}

bool
guard_tools_has_params (const guard_tools_t *self, const char *name)
{
    const param_t **rules;
    size_t count;
    bool has_rules = s_find_rules (self, name, &rules, &count);
    free (rules);
    return has_rules;
}

bool
guard_tools_has_any_params (const guard_tools_t *self)
{
    return self->nparams > 0;
}

static bool
s_has_key (const cJSON *list, const uint8_t *bytes, const json_item_t *item)
{
    const cJSON *key;
    cJSON_ArrayForEach (key, list)
    {
        if (json_string_is (bytes + item->key_offset, item->key_size, key->valuestring))
            return true;
    }
    return false;
}

//  What becomes of one argument: the strictest of all rules; without a list of them, the
//  name may be any tool's.
static guard_args_t
s_judge (const param_t *const *rules, size_t count, const uint8_t *bytes,
         const json_item_t *item)
{
    guard_args_t verdict = rules ? GUARD_ARGS_AS_IS : GUARD_ARGS_REJECTED;
    for (size_t i = 0; rules && i < count; i++) {
        const param_t *rule = rules[i];
        bool is_denied = guard_keys_has (rule->deny, bytes + item->key_offset,
                                         item->key_size)
                         || (rule->allow && !s_has_key (rule->allow, bytes, item));
        if (is_denied && !rule->strips)
            return GUARD_ARGS_REJECTED;
        verdict = is_denied ? GUARD_ARGS_STRIPPED : verdict;
    }
    return verdict;
}

static guard_args_t
s_reject (const char *name, const uint8_t *bytes, const json_item_t *item,
          br_error_t *reterr)
{
    char key[64];
    if (json_text (bytes + item->key_offset, item->key_size, key, sizeof key))
        strcpy (key, "?");
    br_error_set (reterr, BR_EGUARD, "parameter '%s' denied on tool '%.80s'", key, name);
    return GUARD_ARGS_REJECTED;
}

static bool
s_is_blank (const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!strchr (" \t\r\n", bytes[i]) || !bytes[i])
            return false;
    return true;
}

//  Arguments under way, and what stays of them.
typedef struct {
    const char *name;
    const param_t **rules; //  owned
    size_t count;          //  rules
    br_buf_t rest;         //
} filter_t;

//  Arguments that were no JSON object, and that translation has put in one.
static bool
s_is_wrapped (const uint8_t *bytes, size_t size)
{
    json_iter_t iter;
    json_item_t item = { 0 };
    return json_iter_begin (&iter, bytes, size, NULL) == 0
           && json_iter_next (&iter, &item, NULL) == 1 && item.type == JSON_STRING
           && json_string_is (bytes + item.key_offset, item.key_size, "_raw")
           && json_iter_next (&iter, &item, NULL) == 0;
}

//  Writes the members that stay, as they are.
static guard_args_t
s_filter (filter_t *self, const uint8_t *bytes, size_t size, br_error_t *reterr)
{
    json_iter_t iter;
    json_item_t item = { 0 };
    guard_args_t verdict = GUARD_ARGS_AS_IS;
    int rc = json_iter_begin (&iter, bytes, size, NULL);
    if (rc == 0 && (iter.close != '}' || s_is_wrapped (bytes, size)))
        rc = -1;
    br_buf_addc (&self->rest, '{');
    if (rc == 0)
        rc = json_iter_next (&iter, &item, NULL);
    for (size_t count = 0; rc == 1 && count++ < GUARD_TOOLS_ARGS_MAX;
         rc = json_iter_next (&iter, &item, NULL)) {
        guard_args_t one = s_judge (self->rules, self->count, bytes, &item);
        if (one == GUARD_ARGS_REJECTED)
            return s_reject (self->name, bytes, &item, reterr);
        if (one == GUARD_ARGS_STRIPPED) {
            verdict = one;
            continue;
        }
        if (self->rest.size > 1)
            br_buf_addc (&self->rest, ',');
        br_buf_add (&self->rest, bytes + item.key_offset,
                    item.offset + item.size - item.key_offset);
    }
    br_buf_addc (&self->rest, '}');
    if (rc == 0)
        return verdict;
    br_error_set (reterr, BR_EGUARD, "arguments of tool '%.80s' are %s", self->name,
                  rc == 1 ? "too many" : "no JSON object");
    return GUARD_ARGS_REJECTED;
}

guard_args_t
guard_tools_args (const guard_tools_t *self, const char *name, const void *bytes,
                  size_t size, br_buf_t *out, br_error_t *reterr)
{
    filter_t filter = { .name = name };
    guard_args_t verdict = GUARD_ARGS_AS_IS;
    br_buf_init (&filter.rest, size + 2);
    bool has_rules = s_find_rules (self, name, &filter.rules, &filter.count);
    if (has_rules && !s_is_blank (bytes, size))
        verdict = s_filter (&filter, bytes, size, reterr);
    if (verdict == GUARD_ARGS_STRIPPED
        && br_buf_add (out, filter.rest.data, filter.rest.size)) {
        br_error_set (reterr, BR_ETOOBIG, "arguments of tool '%.80s' are too long", name);
        verdict = GUARD_ARGS_REJECTED;
    }
    free (filter.rules);
    br_buf_free (&filter.rest);
    return verdict;
}
