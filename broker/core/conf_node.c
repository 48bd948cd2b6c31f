//  conf_node: one value of a configuration file and where it was written.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_node.h"

br_conf_node_t *
br_conf_node_new (br_conf_kind_t kind, const char *file)
{
    br_conf_node_t *self = BR_NEW (br_conf_node_t);
    self->kind = kind;
    self->file = file;
    if (kind == BR_CONF_SCALAR)
        self->text = br_strdup ("");
    return self;
}

br_conf_node_t *
br_conf_node_new_like (br_conf_kind_t kind, const br_conf_node_t *like)
{
    br_conf_node_t *self = br_conf_node_new (kind, like->file);
    self->flags = like->flags & ~(unsigned) BR_CONF_PLAIN;
    self->line = like->line;
    self->column = like->column;
    self->key_line = like->key_line;
    self->key_column = like->key_column;
    return self;
}

br_conf_node_t *
br_conf_node_new_text (const char *text, const br_conf_node_t *like)
{
    br_conf_node_t *self = br_conf_node_new_like (BR_CONF_SCALAR, like);
    free (self->text);
    self->text = br_strdup (text);
    return self;
}

void
br_conf_node_destroy (br_conf_node_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_conf_node_t *self = *self_p;
    while (self->count)
        br_conf_node_destroy (&self->items[--self->count]);
    free (self->items);
    free (self->text);
    free (self->key);
    free (self);
    *self_p = NULL;
}

//  Appends without a look at keys.
static void
s_append (br_conf_node_t *self, br_conf_node_t *item)
{
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 4;
        self->items = br_realloc (self->items, self->room * sizeof *self->items);
    }
    self->items[self->count++] = item;
}

br_conf_node_t *
br_conf_node_dup (const br_conf_node_t *self)
{
    br_conf_node_t *copy = br_conf_node_new_like (self->kind, self);
    copy->flags = self->flags;
    copy->key = br_strdup (self->key);
    free (copy->text);
    copy->text = br_strdup (self->text);
    for (size_t i = 0; i < self->count; i++)
        s_append (copy, br_conf_node_dup (self->items[i]));
    return copy;
}

size_t
br_conf_node_total (const br_conf_node_t *self)
{
    size_t total = 1;
    for (size_t i = 0; i < self->count; i++)
        total += br_conf_node_total (self->items[i]);
    return total;
}

static size_t
s_index (const br_conf_node_t *self, const char *key)
{
    size_t i = 0;
    while (i < self->count && strcmp (self->items[i]->key, key) != 0)
        i++;
    return i;
}

br_conf_node_t *
br_conf_node_get (const br_conf_node_t *self, const char *key)
{
    if (!self || self->kind != BR_CONF_MAP)
        return NULL;
    size_t index = s_index (self, key);
    return index < self->count ? self->items[index] : NULL;
}

const char *
br_conf_node_get_text (const br_conf_node_t *self, const char *key)
{
    const br_conf_node_t *item = br_conf_node_get (self, key);
    return item ? item->text : NULL;
}

unsigned
br_conf_node_key_line (const br_conf_node_t *self)
{
    return self->key_line ? self->key_line : self->line;
}

unsigned
br_conf_node_key_column (const br_conf_node_t *self)
{
    return self->key_line ? self->key_column : self->column;
}

br_conf_node_t *
br_conf_node_put (br_conf_node_t *self, const char *key, br_conf_node_t **item_p)
{
    assert (self->kind == BR_CONF_MAP);
    br_conf_node_t *item = *item_p;
    *item_p = NULL;
    br_conf_node_rename (item, key);
    size_t index = s_index (self, item->key);
    if (index == self->count)
        s_append (self, item);
    else {
        br_conf_node_destroy (&self->items[index]);
        self->items[index] = item;
    }
    return item;
}

br_conf_node_t *
br_conf_node_put_text (br_conf_node_t *self, const char *key, const char *text)
{
    br_conf_node_t *item = br_conf_node_new_text (text, self);
    return br_conf_node_put (self, key, &item);
}

br_conf_node_t *
br_conf_node_add (br_conf_node_t *self, br_conf_node_t **item_p)
{
    assert (self->kind == BR_CONF_LIST);
    br_conf_node_t *item = *item_p;
    *item_p = NULL;
    free (item->key);
    item->key = NULL;
    s_append (self, item);
    return item;
}

br_conf_node_t *
br_conf_node_take_at (br_conf_node_t *self, size_t index)
{
    if (index >= self->count)
        return NULL;
    br_conf_node_t *item = self->items[index];
    self->count--;
    for (size_t i = index; i < self->count; i++)
        self->items[i] = self->items[i + 1];
    return item;
}

br_conf_node_t *
br_conf_node_take (br_conf_node_t *self, const char *key)
{
    assert (self->kind == BR_CONF_MAP);
    return br_conf_node_take_at (self, s_index (self, key));
}

void
br_conf_node_drop (br_conf_node_t *self, const char *key)
{
    br_conf_node_t *item = br_conf_node_take (self, key);
    br_conf_node_destroy (&item);
}

void
br_conf_node_rename (br_conf_node_t *self, const char *key)
{
    char *copy = br_strdup (key);
    free (self->key);
    self->key = copy;
}

void
br_conf_node_mark (br_conf_node_t *self, unsigned flags)
{
    self->flags |= flags;
    for (size_t i = 0; i < self->count; i++)
        br_conf_node_mark (self->items[i], flags);
}

bool
br_conf_node_is_null (const br_conf_node_t *self)
{
    static const char *const s_nulls[] = { "", "~", "null", "Null", "NULL" };
    if (self->kind != BR_CONF_SCALAR || !(self->flags & BR_CONF_PLAIN)
        || (self->flags & BR_CONF_REPLACED))
        return false;
    for (size_t i = 0; i < sizeof s_nulls / sizeof *s_nulls; i++)
        if (strcmp (self->text, s_nulls[i]) == 0)
            return true;
    return false;
}

bool
br_conf_node_is_empty (const br_conf_node_t *self)
{
    return !self || br_conf_node_is_null (self)
           || (self->kind == BR_CONF_SCALAR && !*self->text);
}
