//  guard_offer: where names stand in the offers and choices of all protocols. Keys are
//  looked for in every place that any protocol has them: a tool cannot hide behind another
//  protocol's spelling.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_offer.h"

#define CHOICE_DEPTH_MAX 6 //  levels of a choice; a deeper one is refused

//  What is known of an element. Texts are "" where it does not say.
typedef struct {
    const guard_tools_t *tools;
    bool is_allowed;                   //  so far
    bool is_name_denied;               //  when nobody's server has it
    bool has_name;                     //
    bool has_list;                     //  it lists tools of its server
    char type[GUARD_OFFER_NAME_MAX];   //
    char server[GUARD_OFFER_NAME_MAX]; //
} offer_t;

//  ---- walking

static bool
s_is (const uint8_t *base, const json_item_t *item, const char *key)
{
    return json_string_is (base + item->key_offset, item->key_size, key);
}

//  Which of the keys an item has; -1 for none.
static int
s_key (const uint8_t *base, const json_item_t *item, const char *const *keys)
{
    for (int i = 0; keys[i]; i++)
        if (s_is (base, item, keys[i]))
            return i;
    return -1;
}

//  The next item; false at the end.
static bool
s_next (json_iter_t *iter, json_item_t *item)
{
    return json_iter_next (iter, item, NULL) == 1;
}

static bool
s_begin (json_iter_t *iter, const uint8_t *value, size_t size, uint8_t close)
{
    return json_iter_begin (iter, value, size, NULL) == 0 && iter->close == close;
}

//  ---- names

bool
guard_offer_is_name_allowed (const guard_tools_t *tools, const uint8_t *value,
                             size_t size)
{
    char name[GUARD_OFFER_NAME_MAX];
    if (json_text (value, size, name, sizeof name))
        return !guard_tools_has_rules (tools);
    return guard_tools_allows (tools, name);
}

//  A tool of a server, by the names of both. Nobody sees its arguments.
static bool
s_is_hosted_allowed (const guard_tools_t *tools, const char *server, const uint8_t *value,
                     size_t size)
{
    char name[GUARD_OFFER_NAME_MAX];
    if (json_text (value, size, name, sizeof name))
        return false;
    char *full = br_strf ("%s/%s", server, name);
    bool is_allowed = guard_tools_allows (tools, full)
                      && !guard_tools_has_params (tools, full);
    free (full);
    return is_allowed;
}

//  Every name of a list, or of the list in {"tool_names": [...]}.
static bool
s_is_list_allowed (const guard_tools_t *tools, const char *server, const uint8_t *value,
                   size_t size)
{
    json_iter_t iter;
    json_item_t item;
    if (!s_begin (&iter, value, size, ']') && !s_begin (&iter, value, size, '}'))
        return false;
    bool is_list = iter.close == ']', has_names = is_list;
    while (s_next (&iter, &item)) {
        const uint8_t *at = value + item.offset;
        if (is_list) {
            if (!s_is_hosted_allowed (tools, server, at, item.size))
                return false;
        } else if (item.type == JSON_ARRAY && s_is (value, &item, "tool_names")) {
            has_names = true;
            if (!s_is_list_allowed (tools, server, at, item.size))
                return false;
        }
    }
    return has_names;
}

//  ---- servers that the provider calls

//  Looks for the list of tools in an element whose server is known.
static void
s_look_for_list (offer_t *self, const uint8_t *value, size_t size)
{
    json_iter_t iter;
    json_item_t item;
    if (!s_begin (&iter, value, size, '}'))
        return;
    while (s_next (&iter, &item)) {
        const uint8_t *at = value + item.offset;
        if (s_is (value, &item, "tool_configuration"))
            s_look_for_list (self, at, item.size);
        if (!s_is (value, &item, "allowed_tools") || item.type == JSON_NULL)
            continue;
        self->has_list = true;
        self->is_allowed = self->is_allowed
                           && s_is_list_allowed (self->tools, self->server, at,
                                                 item.size);
    }
}

static bool
s_is_server_allowed (offer_t *self, const uint8_t *value, size_t size)
{
    if (!guard_tools_concern (self->tools, self->server))
        return true;
    s_look_for_list (self, value, size);
    return self->has_list && self->is_allowed;
}

bool
guard_offer_is_server_allowed (const guard_tools_t *tools, const uint8_t *value,
                               size_t size)
{
    offer_t self = { .tools = tools, .is_allowed = true };
    json_iter_t iter;
    json_item_t item;
    if (!s_begin (&iter, value, size, '}'))
        return true;
    while (s_next (&iter, &item))
        if (s_is (value, &item, "name")
            && json_text (value + item.offset, item.size, self.server,
                          sizeof self.server))
            return false;
    return s_is_server_allowed (&self, value, size);
}

//  ---- offers

static void
s_take_name (offer_t *self, const uint8_t *value, const json_item_t *item)
{
    self->has_name = true;
    if (!guard_offer_is_name_allowed (self->tools, value + item->offset, item->size))
        self->is_name_denied = true;
}

//  Whether the provider calls it at a server that is named. Then its name is that server's.
static bool
s_is_hosted (const offer_t *self)
{
    return *self->server && strncmp (self->type, "mcp", strlen ("mcp")) == 0;
}

//  An object that holds a tool, or a list of tools that only go together.
static void
s_take_inner (offer_t *self, const uint8_t *value, const json_item_t *item)
{
    const uint8_t *at = value + item->offset;
    json_iter_t iter;
    json_item_t inner;
    bool is_list = s_begin (&iter, at, item->size, ']');
    if (!is_list && !s_begin (&iter, at, item->size, '}'))
        return;
    while (s_next (&iter, &inner)) {
        if (is_list)
            self->is_allowed = self->is_allowed
                               && guard_offer_is_allowed (self->tools, at + inner.offset,
                                                          inner.size);
        else if (s_is (at, &inner, "name"))
            s_take_name (self, at, &inner);
    }
}

static void
s_take_text (offer_t *self, const uint8_t *value, const json_item_t *item, char *text)
{
    if (json_text (value + item->offset, item->size, text, GUARD_OFFER_NAME_MAX))
        self->is_allowed = false;
}

//  Reads a member. Of one that is there twice, both count.
static void
s_take_member (offer_t *self, const uint8_t *value, const json_item_t *item)
{
    static const char *const s_keys[] = {
        "name", "function",     "custom",          "tools",
        "type", "server_label", "mcp_server_name", NULL
    };
    switch (s_key (value, item, s_keys)) {
    case 0: s_take_name (self, value, item); break;
    case 1:
    case 2:
    case 3: s_take_inner (self, value, item); break;
    case 4: s_take_text (self, value, item, self->type); break;
    case 5:
    case 6: s_take_text (self, value, item, self->server); break;
    default: break;
    }
}

//  Whether every name may be seen: as it is, unless only a server's tool can be meant, and
//  with its server's.
static bool
s_are_names_allowed (const offer_t *self, const uint8_t *value, size_t size)
{
    json_iter_t iter;
    json_item_t item;
    if (self->is_name_denied && !s_is_hosted (self))
        return false;
    if (!*self->server || !s_begin (&iter, value, size, '}'))
        return true;
    while (s_next (&iter, &item))
        if (s_is (value, &item, "name")
            && !s_is_hosted_allowed (self->tools, self->server, value + item.offset,
                                     item.size))
            return false;
    return true;
}

bool
guard_offer_is_allowed (const guard_tools_t *tools, const uint8_t *value, size_t size)
{
    offer_t self = { .tools = tools, .is_allowed = true };
    json_iter_t iter;
    json_item_t item;
    if (!s_begin (&iter, value, size, '}'))
        return true;
    while (s_next (&iter, &item))
        s_take_member (&self, value, &item);
    if (!self.is_allowed || !s_are_names_allowed (&self, value, size))
        return false;
    if (*self.server)
        return s_is_server_allowed (&self, value, size);
    return self.has_name || !*self.type || guard_tools_allows (tools, self.type);
}

//  ---- choices

//  Types that name no tool.
static bool
s_is_plain_type (const char *type)
{
    static const char *const s_types[] = { "",         "auto",         "any", "none",
                                           "required", "tool",         "mcp", "function",
                                           "custom",   "allowed_tools" };
    for (size_t i = 0; i < sizeof s_types / sizeof *s_types; i++)
        if (strcmp (type, s_types[i]) == 0)
            return true;
    return false;
}

static bool s_is_choice_allowed (const guard_tools_t *tools, const uint8_t *value,
                                 size_t size, unsigned depth);

//  Every element: a name, or a choice by itself.
static bool
s_is_each_allowed (const guard_tools_t *tools, const uint8_t *value, size_t size,
                   unsigned depth)
{
    json_iter_t iter;
    json_item_t item;
    if (!s_begin (&iter, value, size, ']'))
        return true;
    while (s_next (&iter, &item)) {
        const uint8_t *at = value + item.offset;
        bool is_allowed = item.type == JSON_STRING
                              ? guard_offer_is_name_allowed (tools, at, item.size)
                              : s_is_choice_allowed (tools, at, item.size, depth);
        if (!is_allowed)
            return false;
    }
    return true;
}

static bool
s_is_choice_allowed (const guard_tools_t *tools, const uint8_t *value, size_t size,
                     unsigned depth)
{
    offer_t self = { .tools = tools, .is_allowed = true };
    json_iter_t iter;
    json_item_t item;
    if (depth == CHOICE_DEPTH_MAX)
        return false;
    if (!s_begin (&iter, value, size, '}'))
        return true;
    while (self.is_allowed && s_next (&iter, &item)) {
        const uint8_t *at = value + item.offset;
        if (item.type == JSON_OBJECT)
            self.is_allowed = s_is_choice_allowed (tools, at, item.size, depth + 1);
        else if (item.type == JSON_ARRAY)
            self.is_allowed = s_is_each_allowed (tools, at, item.size, depth + 1);
        else
            s_take_member (&self, value, &item);
    }
    if (!self.is_allowed || !s_are_names_allowed (&self, value, size))
        return false;
    return self.has_name || *self.server || s_is_plain_type (self.type)
           || guard_tools_allows (tools, self.type);
}

bool
guard_offer_is_choice_allowed (const guard_tools_t *tools, const uint8_t *value,
                               size_t size)
{
    return s_is_choice_allowed (tools, value, size, 0);
}
