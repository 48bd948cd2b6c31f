//  kept: messages that outlive a host: one queue, oldest first.

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "broker/core/alloc.h"
#include "broker/core/kept.h"

typedef struct _item_t {
    TAILQ_ENTRY (_item_t) link;
    char *name;
    br_msg_t *msg;
} item_t;

typedef TAILQ_HEAD (_items_t, _item_t) items_t;

struct _br_kept_t {
    items_t items;
    size_t count;
    size_t bytes;
};

br_kept_t *
br_kept_new (void)
{
    br_kept_t *self = BR_NEW (br_kept_t);
    TAILQ_INIT (&self->items);
    return self;
}

static void
s_unlink (br_kept_t *self, item_t *item)
{
    TAILQ_REMOVE (&self->items, item, link);
    self->count--;
    self->bytes -= item->msg->bytes;
}

static void
s_free (item_t *item)
{
    br_msg_destroy (&item->msg);
    free (item->name);
    free (item);
}

static void
s_drop_oldest (br_kept_t *self)
{
    item_t *item = TAILQ_FIRST (&self->items);
    s_unlink (self, item);
    s_free (item);
}

void
br_kept_destroy (br_kept_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->count)
        s_drop_oldest (*self_p);
    free (*self_p);
    *self_p = NULL;
}

size_t
br_kept_add (br_kept_t *self, const char *name, br_msg_t **msg_p)
{
    item_t *item = BR_NEW (item_t);
    item->name = br_strdup (name);
    item->msg = *msg_p;
    *msg_p = NULL;
    TAILQ_INSERT_TAIL (&self->items, item, link);
    self->count++;
    self->bytes += item->msg->bytes;
    size_t dropped = 0;
    for (; self->bytes > BR_KEPT_MAX; dropped++)
        s_drop_oldest (self);
    return dropped;
}

//  Moves those for this name to a list of their own: fn may keep others meanwhile.
static void
s_pick (br_kept_t *self, const char *name, items_t *ret_items)
{
    TAILQ_INIT (ret_items);
    item_t *next;
    for (item_t *item = TAILQ_FIRST (&self->items); item; item = next) {
        next = TAILQ_NEXT (item, link);
        if (strcmp (item->name, name) != 0)
            continue;
        s_unlink (self, item);
        TAILQ_INSERT_TAIL (ret_items, item, link);
    }
}

void
br_kept_give (br_kept_t *self, const char *name, br_kept_fn *fn, void *arg)
{
    items_t items;
    s_pick (self, name, &items);
    while (!TAILQ_EMPTY (&items)) {
        item_t *item = TAILQ_FIRST (&items);
        TAILQ_REMOVE (&items, item, link);
        fn (arg, item->msg);
        s_free (item);
    }
}

size_t
br_kept_count (const br_kept_t *self)
{
    return self->count;
}
