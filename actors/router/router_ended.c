//  router_ended: a ring of rows.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "actors/router/router_ended.h"

struct _router_ended_t {
    router_ended_row_t rows[ROUTER_ENDED_MAX];
    size_t next; //  row that is written next
    size_t size; //  rows that were ever written
};

router_ended_t *
router_ended_new (void)
{
    return BR_NEW (router_ended_t);
}

void
router_ended_destroy (router_ended_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free (*self_p);
    *self_p = NULL;
}

void
router_ended_add (router_ended_t *self, const router_ended_row_t *row)
{
    self->rows[self->next] = *row;
    self->next = (self->next + 1) % ROUTER_ENDED_MAX;
    if (self->size < ROUTER_ENDED_MAX)
        self->size++;
}

const router_ended_row_t *
router_ended_next (const router_ended_t *self, uint32_t host, uint32_t life,
                   size_t *cursor)
{
    while (*cursor < self->size) {
        size_t place = self->next + ROUTER_ENDED_MAX - ++*cursor;
        const router_ended_row_t *row = &self->rows[place % ROUTER_ENDED_MAX];
        if (row->attempt && row->upstream.host == host && row->upstream.life == life)
            return row;
    }
    return NULL;
}

bool
router_ended_take (router_ended_t *self, br_id_t call, uint32_t attempt,
                   router_ended_row_t *ret_row)
{
    for (size_t i = 0; i < self->size; i++) {
        router_ended_row_t *row = &self->rows[i];
        if (!row->attempt || row->attempt != attempt || !br_id_is (row->call, call))
            continue;
        *ret_row = *row;
        row->attempt = 0;
        return true;
    }
    return false;
}
