//  messages_member: typed reading of members, with errors that name the path.

#include "broker/proto/messages/messages_parts.h"

#define PATH_ROOM 200 //  bytes of a path in an error

static const char *
s_path (const messages_in_t *in, const json_node_t *node, char path[PATH_ROOM])
{
    json_path (in->tree, node, path, PATH_ROOM);
    return path[0] ? path : "body";
}

int
messages_wrong (const messages_in_t *in, const json_node_t *node, const char *wanted)
{
    char path[PATH_ROOM];
    return br_error_set (in->reterr, in->code, "%s: must be %s", s_path (in, node, path),
                         wanted);
}

int
messages_missing (const messages_in_t *in, const json_node_t *node, const char *key)
{
    char path[PATH_ROOM];
    json_path (in->tree, node, path, sizeof path);
    return br_error_set (in->reterr, in->code, "%s%s%s: is missing", path,
                         path[0] ? "." : "", key);
}

int
messages_text (const messages_in_t *in, const json_node_t *node, br_text_t *ret_text)
{
    if (!json_is (node, JSON_STRING))
        return messages_wrong (in, node, "a string");
    *ret_text = json_node_text (in->tree, node, in->arena);
    return 0;
}

int
messages_number (const messages_in_t *in, const json_node_t *node,
                 br_number_t *ret_number)
{
    double value = 0;
    if (json_node_number (in->tree, node, &value))
        return messages_wrong (in, node, "a number");
    *ret_number = (br_number_t) { json_raw (in->tree, node), value };
    return 0;
}

int
messages_count (const messages_in_t *in, const json_node_t *node, br_number_t *ret_number)
{
    int64_t value = json_node_integer (in->tree, node, -1);
    if (value < 0)
        return messages_wrong (in, node, "an integer of 0 or more");
    *ret_number = (br_number_t) { json_raw (in->tree, node), (double) value };
    return 0;
}

int
messages_bool (const messages_in_t *in, const json_node_t *node, bool *ret_value)
{
    if (!json_is (node, JSON_BOOL))
        return messages_wrong (in, node, "true or false");
    *ret_value = json_node_bool (in->tree, node, false);
    return 0;
}

int
messages_must (const messages_in_t *in, const json_node_t *node, const char *key,
               br_text_t *ret_text)
{
    const json_node_t *member = json_given (in->tree, node, key);
    if (!member)
        return messages_missing (in, node, key);
    return messages_text (in, member, ret_text);
}

int
messages_may (const messages_in_t *in, const json_node_t *node, const char *key,
              br_text_t *ret_text)
{
    const json_node_t *member = json_given (in->tree, node, key);
    if (!member)
        return 0;
    return messages_text (in, member, ret_text);
}

int
messages_cache (const messages_in_t *in, const json_node_t *node, br_text_t *ret_cache)
{
    const json_node_t *mark = json_given (in->tree, node, "cache_control");
    if (!mark)
        return 0;
    if (!json_is (mark, JSON_OBJECT))
        return messages_wrong (in, mark, "an object");
    br_text_t ttl = BR_TEXT ("");
    int rc = messages_may (in, mark, "ttl", &ttl);
    if (rc)
        return rc;
    if (ttl.size && !br_text_is (ttl, "5m") && !br_text_is (ttl, "1h"))
        return messages_wrong (in, json_get (in->tree, mark, "ttl"), "5m or 1h");
    *ret_cache = ttl;
    return 0;
}
