//  ingress_credit: the provider's offsets against the bytes written.

#include <stdbool.h>
#include <stddef.h>

#include "actors/ingress/ingress_credit.h"

void
ingress_credit_init (ingress_credit_t *self)
{
    *self = (ingress_credit_t) { .first = 0 };
}

void
ingress_credit_go_on (ingress_credit_t *self)
{
    *self = (ingress_credit_t) { .written = self->written };
}

static ingress_mark_t *
s_mark (ingress_credit_t *self, unsigned i)
{
    return &self->marks[(self->first + i) % INGRESS_MARKS];
}

static void
s_reap (ingress_credit_t *self)
{
    while (self->count && s_mark (self, 0)->end <= self->written) {
        self->reached = s_mark (self, 0)->upto;
        self->first = (self->first + 1) % INGRESS_MARKS;
        self->count--;
    }
}

void
ingress_credit_mark (ingress_credit_t *self, uint64_t upto, uint64_t end)
{
    ingress_mark_t *last = self->count ? s_mark (self, self->count - 1) : NULL;
    uint64_t known = last ? last->upto : self->reached;
    if (upto < known)
        return;
    //  Words are small: one mark stands for several, and for all once the ring is full.
    bool join = last
                && (upto - last->start <= INGRESS_MARK_STEP
                    || self->count == INGRESS_MARKS);
    if (!join) {
        last = s_mark (self, self->count++);
        last->start = known;
    }
    last->upto = upto;
    last->end = end;
    s_reap (self);
}

void
ingress_credit_written (ingress_credit_t *self, uint64_t written)
{
    if (written <= self->written)
        return;
    self->written = written;
    s_reap (self);
}

uint64_t
ingress_credit_due (ingress_credit_t *self)
{
    if (self->reached - self->told < BR_CREDIT_STEP)
        return 0;
    self->told = self->reached;
    return self->reached + BR_CREDIT_WINDOW;
}
