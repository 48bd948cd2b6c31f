//  glob_list: lists of patterns, read and written.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/glob_list.h"
#include "broker/identity/jwt.h"

void
br_glob_list_destroy (char ***self_p)
{
    if (!self_p || !*self_p)
        return;
    for (char **glob = *self_p; *glob; glob++)
        free (*glob);
    free (*self_p);
    *self_p = NULL;
}

static size_t
s_count (char *const *self)
{
    size_t count = 0;
    while (self && self[count])
        count++;
    return count;
}

char **
br_glob_list_copy (char *const *self)
{
    size_t count = s_count (self);
    char **list = br_alloc (count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = br_strdup (self[i]);
    return list;
}

//  Such a text is printed by commands and compared with names.
static bool
s_is_good (const char *text, size_t size)
{
    if (size == 0 || size > BR_GLOB_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char) text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

int
br_glob_list_read (const json_tree_t *tree, const json_node_t *node, char ***ret_list)
{
    if (!json_is (node, JSON_ARRAY) || node->count > BR_JWT_GLOBS_MAX)
        return -1;
    char **list = br_alloc (node->count + 1, sizeof *list);
    size_t count = 0;
    for (const json_node_t *n = json_first (tree, node); n; n = json_next (tree, n)) {
        br_buf_t text;
        br_buf_init (&text, BR_GLOB_MAX);
        if (json_node_add (tree, n, &text)
            || !s_is_good ((const char *) text.data, text.size)) {
            br_buf_free (&text);
            br_glob_list_destroy (&list);
            return -1;
        }
        list[count++] = br_strndup ((const char *) text.data, text.size);
        br_buf_free (&text);
    }
    *ret_list = list;
    return 0;
}

int
br_glob_list_split (const char *text, char ***ret_list)
{
    char **list = br_alloc (BR_JWT_GLOBS_MAX + 1, sizeof *list);
    for (size_t count = 0;; count++) {
        text += strspn (text, " ");
        size_t size = strcspn (text, ",");
        size_t used = size;
        while (used && text[used - 1] == ' ')
            used--;
        if (count == BR_JWT_GLOBS_MAX || !s_is_good (text, used)) {
            br_glob_list_destroy (&list);
            return -1;
        }
        list[count] = br_strndup (text, used);
        if (!text[size])
            break;
        text += size + 1;
    }
    *ret_list = list;
    return 0;
}

void
br_glob_list_write (char *const *self, json_writer_t *writer, const char *key)
{
    json_open (writer, key, '[');
    for (; self && *self; self++)
        json_put_string (writer, NULL, *self);
    json_close (writer, ']');
}
