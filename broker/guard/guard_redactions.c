//  guard_redactions: two rows of ranges, of what was found and of what is told.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_redactions.h"

void
guard_redactions_free (guard_redactions_t *self)
{
    free (self->told);
    free (self->found);
}

void
guard_redactions_reset (guard_redactions_t *self)
{
    self->found_size = 0;
    self->told_size = 0;
    self->last = (guard_range_t) { 0, 0 };
    self->settled = self->decided = 0;
}

static void
s_room (guard_range_t **ranges, size_t size, size_t *room)
{
    if (size < *room)
        return;
    *room = *room ? *room * 2 : 8;
    *ranges = br_realloc (*ranges, *room * sizeof **ranges);
}

//  The first one that begins at from or behind it; mostly there is none.
static size_t
s_place (const guard_redactions_t *self, uint64_t from)
{
    size_t low = 0, high = self->found_size;
    if (high > 0 && self->found[high - 1].from < from)
        return high;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (self->found[middle].from < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

//  Of two that begin together the longer one counts.
void
guard_redactions_add (guard_redactions_t *self, uint64_t from, uint64_t to)
{
    size_t at = s_place (self, from);
    if (at < self->found_size && self->found[at].from == from) {
        if (self->found[at].to < to)
            self->found[at].to = to;
        return;
    }
    s_room (&self->found, self->found_size, &self->found_room);
    memmove (self->found + at + 1, self->found + at,
             (self->found_size - at) * sizeof *self->found);
    self->found[at] = (guard_range_t) { from, to };
    self->found_size++;
}

//  The next range in order.
static void
s_unite (guard_redactions_t *self, guard_range_t next)
{
    guard_range_t *last = &self->last;
    bool touches = last->to > last->from && next.from <= last->to;
    bool grows = touches && last->to - last->from < GUARD_HOLD_MAX;
    if (touches && next.to <= last->to)
        return;
    if ((grows || self->told_size == GUARD_TOLD_MAX) && self->told_size > 0) {
        last->to = next.to;
        self->told[self->told_size - 1].to = next.to;
        return;
    }
    if (touches)
        next.from = last->to;
    s_room (&self->told, self->told_size, &self->told_room);
    self->told[self->told_size++] = next;
    *last = next;
}

void
guard_redactions_settle (guard_redactions_t *self, uint64_t upto, bool is_end)
{
    size_t count = 0;
    while (count < self->found_size && (is_end || self->found[count].from < upto))
        s_unite (self, self->found[count++]);
    self->found_size -= count;
    if (count > 0)
        memmove (self->found, self->found + count,
                 self->found_size * sizeof *self->found);
    bool grows = !is_end && self->last.to > self->last.from && upto <= self->last.to
                 && self->last.to - self->last.from < GUARD_HOLD_MAX;
    uint64_t decided = grows ? self->last.from : upto;
    self->settled = upto;
    if (decided > self->decided)
        self->decided = decided;
}

void
guard_redactions_expire (guard_redactions_t *self, uint64_t upto)
{
    if (self->settled >= self->last.to && self->last.to <= upto
        && self->decided < self->last.to)
        self->decided = self->last.to;
}

const guard_range_t *
guard_redactions_told (const guard_redactions_t *self, size_t *ret_count)
{
    size_t count = self->told_size;
    while (count > 0 && self->told[count - 1].from >= self->decided)
        count--;
    *ret_count = count;
    return self->told;
}

void
guard_redactions_drop (guard_redactions_t *self, uint64_t upto)
{
    size_t told = 0, count = 0;
    guard_redactions_told (self, &told);
    while (count < told && self->told[count].to <= upto)
        count++;
    self->told_size -= count;
    if (count > 0)
        memmove (self->told, self->told + count, self->told_size * sizeof *self->told);
}
