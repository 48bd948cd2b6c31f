//  guard_tools: names of tools and keys of arguments, against lists of both.

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_tools.h"

#define MCP_PREFIX "mcp__"
#define ANY_SERVER "*"

static const char *const s_separators[] = { "__", "/", "." };
#define SEPARATORS (sizeof s_separators / sizeof *s_separators)

struct _guard_tools_t {
    cJSON *slice;         //  owned
    const cJSON *servers; //  in it, or NULL: map of servers
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

guard_tools_t *
guard_tools_new (const char *slice, br_error_t *reterr)
{
    guard_tools_t *self = BR_NEW (guard_tools_t);
    self->slice = cJSON_Parse (slice);
    self->servers = cJSON_GetObjectItemCaseSensitive (self->slice, "tools");
    bool is_good = cJSON_IsObject (self->slice)
                   && (!self->servers || cJSON_IsObject (self->servers));
    const cJSON *server;
    cJSON_ArrayForEach (server, self->servers) is_good = is_good && s_is_server (server);
    if (is_good)
        return self;
    br_error_set (reterr, BR_ECONFIG,
                  "tools of the guard's slice are not as they must be");
    guard_tools_destroy (&self);
    return NULL;
}

void
guard_tools_destroy (guard_tools_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    cJSON_Delete ((*self_p)->slice);
    free (*self_p);
    *self_p = NULL;
}

bool
guard_tools_has_rules (const guard_tools_t *self)
{
    return self->servers && self->servers->child;
}

//  ---- names

//  Whether a text is as a glob says, of which '*' is any bytes.
static bool
s_fits (const char *glob, const char *text)
{
    const char *star = NULL, *from = NULL;
    while (*text) {
        if (*glob == '*') {
            star = glob++;
            from = text;
        } else if (*glob == *text) {
            glob++;
            text++;
        } else if (star) {
            glob = star + 1;
            text = ++from;
        } else
            return false;
    }
    while (*glob == '*')
        glob++;
    return *glob == 0;
}

//  Bytes of the separator that a text begins with, or 0.
static size_t
s_separator (const char *text)
{
    for (size_t i = 0; i < SEPARATORS; i++)
        if (strncmp (text, s_separators[i], strlen (s_separators[i])) == 0)
            return strlen (s_separators[i]);
    return 0;
}

//  What follows a server's name and a separator, or NULL.
static const char *
s_behind (const char *name, const char *server)
{
    for (; *server; server++, name++) {
        bool is_plain = isalnum ((unsigned char) *server) || *server == '-';
        if (*name != *server && (is_plain || *name != '_'))
            return NULL;
    }
    size_t size = s_separator (name);
    return size && name[size] ? name + size : NULL;
}

//  Whether a tool of any server is the one that a list names.
static bool
s_is_anywhere (const char *name, const char *glob)
{
    if (s_fits (glob, name))
        return true;
    for (const char *at = name; *at; at++) {
        size_t size = s_separator (at);
        if (size && at[size] && s_fits (glob, at + size))
            return true;
    }
    return false;
}

//  Whether a name, as clients write it, is a tool of that server that fits the glob.
static bool
s_is_tool (const char *name, const char *server, const char *glob)
{
    if (strcmp (server, ANY_SERVER) == 0)
        return s_is_anywhere (name, glob);
    size_t prefix = strlen (MCP_PREFIX);
    const char *plain = s_behind (name, server);
    if (plain && s_fits (glob, plain))
        return true;
    if (strncmp (name, MCP_PREFIX, prefix) != 0)
        return false;
    plain = s_behind (name + prefix, server);
    return plain && s_fits (glob, plain);
}

static bool
s_is_listed (const cJSON *server, const char *key, const char *name)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive (server, key);
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        if (s_is_tool (name, server->string, item->valuestring))
            return true;
    }
    return false;
}

bool
guard_tools_allows (const guard_tools_t *self, const char *name)
{
    const cJSON *server;
    cJSON_ArrayForEach (server, self->servers)
    {
        if (!s_is_tool (name, server->string, "*"))
            continue;
        if (s_is_listed (server, "deny", name))
            return false;
        if (cJSON_GetObjectItemCaseSensitive (server, "allow")
            && !s_is_listed (server, "allow", name))
            return false;
    }
    return true;
}

bool
guard_tools_concern (const guard_tools_t *self, const char *server)
{
    const cJSON *row;
    cJSON_ArrayForEach (row, self->servers)
    {
        if (row->child
            && (strcmp (row->string, ANY_SERVER) == 0
                || strcmp (row->string, server) == 0))
            return true;
    }
    return false;
}

//  ---- arguments

//  The next rule for a tool's arguments behind the one given, which is NULL at first.
static const cJSON *
s_next_rule (const guard_tools_t *self, const char *name, const cJSON **server,
             const cJSON *rule)
{
    *server = rule ? *server : (self->servers ? self->servers->child : NULL);
    for (; *server; *server = (*server)->next, rule = NULL) {
        const cJSON *params = cJSON_GetObjectItemCaseSensitive (*server, "params");
        for (rule = rule ? rule->next : (params ? params->child : NULL); rule;
             rule = rule->next)
            if (s_is_tool (name, (*server)->string, rule->string))
                return rule;
    }
    return NULL;
}

bool
guard_tools_has_params (const guard_tools_t *self, const char *name)
{
    const cJSON *server = NULL;
    return s_next_rule (self, name, &server, NULL) != NULL;
}

bool
guard_tools_has_any_params (const guard_tools_t *self)
{
    const cJSON *server;
    cJSON_ArrayForEach (server, self->servers)
    {
        const cJSON *params = cJSON_GetObjectItemCaseSensitive (server, "params");
        if (params && params->child)
            return true;
    }
    return false;
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

//  What becomes of one argument: the strictest of all rules.
static guard_args_t
s_judge (const guard_tools_t *self, const char *name, const uint8_t *bytes,
         const json_item_t *item)
{
    guard_args_t verdict = GUARD_ARGS_AS_IS;
    const cJSON *server = NULL;
    const cJSON *rule = s_next_rule (self, name, &server, NULL);
    for (; rule; rule = s_next_rule (self, name, &server, rule)) {
        const cJSON *allow = cJSON_GetObjectItemCaseSensitive (rule, "allow");
        const cJSON *deny = cJSON_GetObjectItemCaseSensitive (rule, "deny");
        if (!s_has_key (deny, bytes, item) && (!allow || s_has_key (allow, bytes, item)))
            continue;
        const cJSON *action = cJSON_GetObjectItemCaseSensitive (rule, "action");
        bool strips = cJSON_IsString (action)
                      && strcmp (action->valuestring, "strip") == 0;
        if (!strips)
            return GUARD_ARGS_REJECTED;
        verdict = GUARD_ARGS_STRIPPED;
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

//  Writes the members that stay, as they are.
static guard_args_t
s_filter (const guard_tools_t *self, const char *name, const uint8_t *bytes, size_t size,
          br_buf_t *out, br_error_t *reterr)
{
    json_iter_t iter;
    json_item_t item = { 0 };
    guard_args_t verdict = GUARD_ARGS_AS_IS;
    int rc = json_iter_begin (&iter, bytes, size, NULL);
    if (rc == 0 && iter.close != '}')
        rc = -1;
    br_buf_addc (out, '{');
    if (rc == 0)
        rc = json_iter_next (&iter, &item, NULL);
    for (; rc == 1; rc = json_iter_next (&iter, &item, NULL)) {
        guard_args_t one = s_judge (self, name, bytes, &item);
        if (one == GUARD_ARGS_REJECTED)
            return s_reject (name, bytes, &item, reterr);
        if (one == GUARD_ARGS_STRIPPED) {
            verdict = one;
            continue;
        }
        if (out->size > 1)
            br_buf_addc (out, ',');
        br_buf_add (out, bytes + item.key_offset,
                    item.offset + item.size - item.key_offset);
    }
    br_buf_addc (out, '}');
    if (rc == 0)
        return verdict;
    br_error_set (reterr, BR_EGUARD, "arguments of tool '%.80s' are no JSON object",
                  name);
    return GUARD_ARGS_REJECTED;
}

guard_args_t
guard_tools_args (const guard_tools_t *self, const char *name, const void *bytes,
                  size_t size, br_buf_t *out, br_error_t *reterr)
{
    if (!guard_tools_has_params (self, name) || s_is_blank (bytes, size))
        return GUARD_ARGS_AS_IS;
    br_buf_t rest;
    br_buf_init (&rest, size + 2);
    guard_args_t verdict = s_filter (self, name, bytes, size, &rest, reterr);
    if (verdict == GUARD_ARGS_STRIPPED && br_buf_add (out, rest.data, rest.size)) {
        br_error_set (reterr, BR_ETOOBIG, "arguments of tool '%.80s' are too long", name);
        verdict = GUARD_ARGS_REJECTED;
    }
    br_buf_free (&rest);
    return verdict;
}
