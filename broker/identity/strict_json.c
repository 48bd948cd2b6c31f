//  strict_json: objects without doubles, and the types that claims have.

#include "broker/core/alloc.h"
#include "broker/core/json_value.h"
#include "broker/identity/strict_json.h"

bool
br_strict_is_object (const json_tree_t *tree, const json_node_t *node)
{
    if (!json_is (node, JSON_OBJECT) || node->count > BR_STRICT_MEMBERS_MAX)
        return false;
    br_text_t keys[BR_STRICT_MEMBERS_MAX];
    size_t count = 0;
    bool single = true;
    br_arena_t *arena = br_arena_new ();
    for (const json_node_t *n = json_first (tree, node); n && single;
         n = json_next (tree, n)) {
        keys[count] = json_key (tree, n, arena);
        for (size_t i = 0; i < count; i++)
            single &= !br_text_equal (keys[i], keys[count]);
        count++;
    }
    br_arena_destroy (&arena);
    return single;
}

const json_node_t *
br_strict_parse (json_tree_t *tree, const void *bytes, size_t size, br_error_t *reterr)
{
    const json_node_t *root = json_tree_parse (tree, bytes, size, reterr);
    if (!root)
        return NULL;
    if (br_strict_is_object (tree, root))
        return root;
    br_error_set (reterr, BR_EINVALID, "no JSON object of at most %d members, each once",
                  BR_STRICT_MEMBERS_MAX);
    return NULL;
}

int
br_strict_count (const json_tree_t *tree, const json_node_t *node, uint64_t *ret_number)
{
    int64_t number;
    br_text_t raw = json_raw (tree, node);
    if (!json_is (node, JSON_NUMBER) || json_integer (raw.at, raw.size, &number, NULL)
        || number < 0)
        return -1;
    *ret_number = (uint64_t) number;
    return 0;
}

char *
br_strict_text (const json_tree_t *tree, const json_node_t *node, size_t max)
{
    br_buf_t text;
    br_buf_init (&text, max);
    bool good = json_is (node, JSON_STRING) && json_node_add (tree, node, &text) == 0
                && text.size > 0;
    for (size_t i = 0; good && i < text.size; i++)
        good = text.data[i] >= ' ' && text.data[i] != 0x7f;
    char *copy = good ? br_strndup ((const char *) text.data, text.size) : NULL;
    br_buf_free (&text);
    return copy;
}
