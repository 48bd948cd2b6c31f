//  json_tree: a whole JSON text as a flat array of nodes, made in one walk that checks all of
//  it. Nothing is copied: a node is a range of the bytes, which stay borrowed; strings are
//  unescaped when they are asked for. A tree is used again and again: a parse of a small
//  text allocates nothing.
//
//  Walking:
//      for (const json_node_t *n = json_first (tree, list); n; n = json_next (tree, n))

#ifndef BR_JSON_TREE_H
#define BR_JSON_TREE_H

#include "broker/core/arena.h"
#include "broker/core/buf.h"
#include "broker/core/json.h"

#define JSON_TREE_NODES_MAX 2000000 //  values of one text

//  One value. Offsets count from the first byte of the text.
typedef struct _json_node_t {
    json_type_t type;
    uint32_t key_offset; //  of the member's key, with quotes
    uint32_t key_size;   //  bytes; 0 for elements and the root
    uint32_t offset;     //  of the value; of a string, of its quote
    uint32_t size;       //  bytes
    uint32_t next;       //  node number of the next sibling; 0 = none
    uint32_t count;      //  items of an array or object; the first stands behind it
    uint32_t parent;     //  node number of the array or object it is in; 0 for the root
    uint32_t place;      //  in there, from 0
    bool plain;          //  a string without an escape
} json_node_t;

typedef struct _json_tree_t json_tree_t;

//  "caller destroys"
json_tree_t *json_tree_new (void);
void json_tree_destroy (json_tree_t **self_p);

//  Reads a text; what was read before is gone. bytes stay borrowed until the next parse.
//  ret:  the root, "owned by self, until next parse", or NULL
//  err:  BR_EINVALID no JSON (with the byte offset), a lone surrogate, nesting over
//        JSON_DEPTH_MAX; BR_ETOOBIG over 4 GB or JSON_TREE_NODES_MAX
const json_node_t *json_tree_parse (json_tree_t *self, const void *bytes, size_t size,
                                    br_error_t *reterr);

const uint8_t *json_tree_bytes (const json_tree_t *self);

//  ---- walking; a NULL node has no members, items or text

const json_node_t *json_first (const json_tree_t *self, const json_node_t *node);
const json_node_t *json_next (const json_tree_t *self, const json_node_t *node);

//  A member by its key, unescaped; of doubles the last. NULL when absent or not an object.
//  A member that is null is found: see json_given.
const json_node_t *json_get (const json_tree_t *self, const json_node_t *node,
                             const char *key);

//  The same, but NULL for a member that is null.
const json_node_t *json_given (const json_tree_t *self, const json_node_t *node,
                               const char *key);

bool json_key_is (const json_tree_t *self, const json_node_t *node, const char *key);
br_text_t json_key (const json_tree_t *self, const json_node_t *node, br_arena_t *arena);

//  ---- values

//  Of any type, safe with NULL.
static inline bool
json_is (const json_node_t *node, json_type_t type)
{
    return node && node->type == type;
}

//  The value's bytes as they stand.
br_text_t json_raw (const json_tree_t *self, const json_node_t *node);

//  A string's text: borrowed from the bytes when it has no escape, else made in the arena.
//  Absent when the node is NULL or no string.
br_text_t json_node_text (const json_tree_t *self, const json_node_t *node,
                          br_arena_t *arena);

//  Adds a string's text to out, unescaped. 0, or -1 when it is no string or does not fit.
int json_node_add (const json_tree_t *self, const json_node_t *node, br_buf_t *out);

//  A string that is exactly this.
bool json_node_is (const json_tree_t *self, const json_node_t *node, const char *text);

//  A number without a fraction, that fits; otherwise, or when absent, `otherwise`.
int64_t json_node_integer (const json_tree_t *self, const json_node_t *node,
                           int64_t otherwise);

//  A finite number. 0, or -1 when it is none.
int json_node_number (const json_tree_t *self, const json_node_t *node,
                      double *ret_number);

//  `otherwise` when absent or no boolean.
bool json_node_bool (const json_tree_t *self, const json_node_t *node, bool otherwise);

//  Where a node stands, for error texts: "messages[2].content[0].text"; "" for the root.
//  Cut at room bytes.
void json_path (const json_tree_t *self, const json_node_t *node, char *out, size_t room);

#endif
