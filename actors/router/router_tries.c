//  router_tries: the attempts of one call.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/router/router_tries.h"

void
router_tries_clear (router_tries_t *self)
{
    free (self->rows);
    *self = (router_tries_t) { .rows = NULL };
}

//  Room for one more: most calls have one attempt. Past the bound the oldest one goes.
static br_try_t *
s_push (router_tries_t *self)
{
    if (self->size == BR_TRIES_MAX) {
        self->size--;
        memmove (self->rows, self->rows + 1, self->size * sizeof *self->rows);
    }
    if (self->size == self->room) {
        self->room = self->room ? self->room * 2 : 1;
        self->rows = br_realloc (self->rows, self->room * sizeof *self->rows);
    }
    return &self->rows[self->size++];
}

void
router_tries_start (router_tries_t *self, uint32_t attempt, const br_candidate_t *asked,
                    uint64_t after_us)
{
    *s_push (self) = (br_try_t) { .attempt = attempt,
                                  .provider = asked->provider,
                                  .endpoint = asked->endpoint,
                                  .model = asked->model,
                                  .outcome = BR_OUTCOME_LOST,
                                  .after_us = after_us };
    self->is_under_way = true;
}

void
router_tries_end (router_tries_t *self, const br_try_t *end, uint64_t at_us)
{
    if (!self->is_under_way)
        return;
    self->is_under_way = false;
    br_try_t *row = &self->rows[self->size - 1];
    row->outcome = end->outcome;
    row->code = end->code;
    row->status = end->status;
    row->latency_us = at_us > row->after_us ? at_us - row->after_us : 0;
    row->first_us = end->first_us;
    row->usage = end->usage;
}

void
router_tries_write (const router_tries_t *self, br_buf_t *buf)
{
    for (size_t i = 0; i < self->size; i++)
        if (br_tries_add (buf, &self->rows[i]))
            return;
}
