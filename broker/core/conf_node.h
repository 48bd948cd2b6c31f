//  conf_node: one value of a configuration file and where it was written: a scalar, a
//  list, or a map that keeps its order. Configuration is merged on trees of these,
//  before anything looks at its meaning.

#ifndef BR_CONF_NODE_H
#define BR_CONF_NODE_H

#include <stdbool.h>
#include <stddef.h>

#define BR_CONF_DEPTH_MAX 64 //  levels of nesting in a file

typedef enum {
    BR_CONF_SCALAR,
    BR_CONF_LIST,
    BR_CONF_MAP
} br_conf_kind_t;

typedef enum {
    BR_CONF_PLAIN = 1,        //  a scalar written without quotes
    BR_CONF_REPLACED = 2,     //  a scalar in which a ${VAR} was replaced
    BR_CONF_BUILTIN = 4,      //  comes from a built-in file, not from the user
    BR_CONF_INHERITED = 8,    //  copied from a parent by "derives"
    BR_CONF_ENVIRONMENT = 16, //  filled in from the environment
    BR_CONF_DYNAMIC = 32      //  added while bitrouter runs
} br_conf_flag_t;

typedef struct _br_conf_node_t {
    br_conf_kind_t kind;            //
    unsigned flags;                 //  of br_conf_flag_t
    char *key;                      //  owned; name in a map, or NULL
    char *text;                     //  owned; of a scalar, or NULL
    struct _br_conf_node_t **items; //  owned, each owned; of a list or a map
    size_t count;                   //  items in use
    size_t room;                    //  items there is room for
    const char *file;               //  borrowed, outlives the tree
    unsigned line, column;          //  of the value, from 1
    unsigned key_line, key_column;  //  of the key, from 1
} br_conf_node_t;

//  An empty node; file is borrowed as long as the node lives.
br_conf_node_t *br_conf_node_new (br_conf_kind_t kind, const char *file);

//  A scalar, with a copy of the text; position and file are like's.
br_conf_node_t *br_conf_node_new_text (const char *text, const br_conf_node_t *like);

//  An empty map or list at the position of another node.
br_conf_node_t *br_conf_node_new_like (br_conf_kind_t kind, const br_conf_node_t *like);

void br_conf_node_destroy (br_conf_node_t **self_p);

//  A deep copy with the same key and flags. "caller destroys"
br_conf_node_t *br_conf_node_dup (const br_conf_node_t *self);

//  The nodes in a tree, itself included.
size_t br_conf_node_total (const br_conf_node_t *self);

//  Looks a key up; NULL when there is none, or self is NULL or no map.
br_conf_node_t *br_conf_node_get (const br_conf_node_t *self, const char *key);

//  The text of a scalar under a key, or NULL.
const char *br_conf_node_get_text (const br_conf_node_t *self, const char *key);

//  Where the key of a node is written, or the node itself when it has none in the file.
unsigned br_conf_node_key_line (const br_conf_node_t *self);
unsigned br_conf_node_key_column (const br_conf_node_t *self);

//  Puts a node under a key, in the place of one that is there. Returns the node.
br_conf_node_t *br_conf_node_put (br_conf_node_t *self, const char *key,
                                  br_conf_node_t **item_p);

//  Puts a scalar under a key. Returns the node.
br_conf_node_t *br_conf_node_put_text (br_conf_node_t *self, const char *key,
                                       const char *text);

//  Appends a node to a list. Returns the node.
br_conf_node_t *br_conf_node_add (br_conf_node_t *self, br_conf_node_t **item_p);

//  Takes a node out. "caller destroys"; NULL when there is none.
br_conf_node_t *br_conf_node_take (br_conf_node_t *self, const char *key);
br_conf_node_t *br_conf_node_take_at (br_conf_node_t *self, size_t index);

//  Takes a node out and destroys it, when there is one.
void br_conf_node_drop (br_conf_node_t *self, const char *key);

//  Gives a node another key.
void br_conf_node_rename (br_conf_node_t *self, const char *key);

//  Sets flags on a whole tree.
void br_conf_node_mark (br_conf_node_t *self, unsigned flags);

//  A value that was left out: an unquoted null, ~ or nothing at all.
bool br_conf_node_is_null (const br_conf_node_t *self);

//  No node, a null, or a scalar without a character.
bool br_conf_node_is_empty (const br_conf_node_t *self);

#endif
