//  chat_member: members of a request whose type is checked; errors name the path.

#include <stdarg.h>
#include <stdio.h>

#include "broker/proto/chat/chat_parts.h"

int
chat_refuse (const chat_read_t *self, const json_node_t *node, const char *format, ...)
{
    char path[CHAT_PATH_MAX];
    char what[CHAT_PATH_MAX];
    va_list args;
    json_path (self->tree, node, path, sizeof path);
    va_start (args, format);
    vsnprintf (what, sizeof what, format, args);
    va_end (args);
    return br_error_set (self->reterr, BR_EINVALID, "`%s` %s",
                         path[0] ? path : "the request", what);
}

int
chat_want (const chat_read_t *self, const json_node_t *node, json_type_t type)
{
    if (json_is (node, type))
        return 0;
    return chat_refuse (self, node, "must be %s, not %s", json_type_name (type),
                        json_type_name (node->type));
}

int
chat_may (const chat_read_t *self, const json_node_t *object, const char *key,
          json_type_t type, const json_node_t **ret_node)
{
    const json_node_t *node = json_given (self->tree, object, key);
    if (node && chat_want (self, node, type))
        return -1;
    *ret_node = node;
    return 0;
}

int
chat_need (const chat_read_t *self, const json_node_t *object, const char *key,
           json_type_t type, const json_node_t **ret_node)
{
    int rc = chat_may (self, object, key, type, ret_node);
    if (rc)
        return -1;
    if (*ret_node)
        return 0;
    char path[CHAT_PATH_MAX];
    json_path (self->tree, object, path, sizeof path);
    return br_error_set (self->reterr, BR_EINVALID, "`%s%s%s` is missing; it must be %s",
                         path, path[0] ? "." : "", key, json_type_name (type));
}

br_text_t
chat_text (const chat_read_t *self, const json_node_t *node)
{
    return json_node_text (self->tree, node, self->call->arena);
}

int
chat_need_text (const chat_read_t *self, const json_node_t *object, const char *key,
                br_text_t *ret_text)
{
    const json_node_t *node;
    int rc = chat_need (self, object, key, JSON_STRING, &node);
    if (rc == 0)
        *ret_text = chat_text (self, node);
    return rc;
}

int
chat_may_text (const chat_read_t *self, const json_node_t *object, const char *key,
               br_text_t *ret_text)
{
    const json_node_t *node;
    int rc = chat_may (self, object, key, JSON_STRING, &node);
    if (rc == 0)
        *ret_text = chat_text (self, node);
    return rc;
}

//  OpenRouter and others take Anthropic's mark; OpenAI has its own since gpt-5.6.
br_text_t
chat_cache_mark (const chat_read_t *self, const json_node_t *node)
{
    const json_node_t *mark = json_given (self->tree, node, "cache_control");
    if (!mark)
        mark = json_given (self->tree, node, "prompt_cache_breakpoint");
    if (!mark || (json_is (mark, JSON_BOOL) && !json_node_bool (self->tree, mark, false)))
        return BR_TEXT_NONE;
    br_text_t ttl = chat_text (self, json_given (self->tree, mark, "ttl"));
    return ttl.at ? ttl : BR_TEXT ("");
}
