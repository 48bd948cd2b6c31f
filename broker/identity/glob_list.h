//  glob_list: lists of patterns as claims and keys have them: texts, NULL ends. A list that
//  is NULL is empty.

#ifndef BR_GLOB_LIST_H
#define BR_GLOB_LIST_H

#include "broker/core/json_tree.h"
#include "broker/core/json_writer.h"

#define BR_GLOB_MAX 1024 //  bytes of a glob

void br_glob_list_destroy (char ***self_p);

//  "caller destroys"
char **br_glob_list_copy (char *const *self);

//  Reads an array of texts. 0, or -1 when it is no such array, a text is empty or holds a
//  control character, or there are more than BR_JWT_GLOBS_MAX. "caller destroys *ret_list"
int br_glob_list_read (const json_tree_t *tree, const json_node_t *node,
                       char ***ret_list);

//  Splits "a,b"; blanks around a glob do not count. As br_glob_list_read.
int br_glob_list_split (const char *text, char ***ret_list);

//  Writes it as an array.
void br_glob_list_write (char *const *self, json_writer_t *writer, const char *key);

#endif
