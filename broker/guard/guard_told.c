//  guard_told: what was told of a text lately. What does not count any more is swept out when
//  the table is half full.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_told.h"

#define FIRST_ROOM 64 //  rows
#define ANYWHERE UINT64_MAX

struct _guard_told_row_t {
    uint64_t from; //  bytes; of a failed pattern ANYWHERE
    uint64_t to;
    uint32_t pattern;
    bool failed;
    bool is_used;
};

void
guard_told_init (guard_told_t *self)
{
    *self = (guard_told_t) { .rows = NULL };
}

void
guard_told_free (guard_told_t *self)
{
    free (self->rows);
    guard_told_init (self);
}

void
guard_told_reset (guard_told_t *self)
{
    if (self->room > FIRST_ROOM)
        guard_told_free (self);
    if (self->count)
        memset (self->rows, 0, self->room * sizeof *self->rows);
    self->count = 0;
    self->upto = 0;
}

//  Where a row is, or the place for it. The table is never full.
static guard_told_row_t *
s_place (const guard_told_t *self, const guard_told_row_t *row)
{
    uint64_t hash = (row->from * 31 + row->to) * 31 + row->pattern * 2 + row->failed;
    hash *= 0x9E3779B97F4A7C15u;
    for (size_t at = (size_t) (hash >> 32);; at++) {
        guard_told_row_t *place = &self->rows[at & (self->room - 1)];
        if (!place->is_used
            || (place->from == row->from && place->to == row->to
                && place->pattern == row->pattern && place->failed == row->failed))
            return place;
    }
}

static size_t
s_count_from (const guard_told_t *self, uint64_t from)
{
    size_t count = 0;
    for (size_t i = 0; i < self->room; i++)
        count += self->rows[i].is_used && self->rows[i].from >= from;
    return count;
}

//  Another table, with the rows that count. Of too many, failed patterns alone stay.
static void
s_sweep (guard_told_t *self)
{
    uint64_t from = self->upto;
    size_t count = s_count_from (self, from);
    if (count >= GUARD_TOLD_ROWS_MAX) {
        from = ANYWHERE;
        count = s_count_from (self, from);
    }
    guard_told_t fresh = { .room = FIRST_ROOM, .count = count, .upto = self->upto };
    while (fresh.room < count * 4)
        fresh.room *= 2;
    fresh.rows = br_alloc (fresh.room, sizeof *fresh.rows);
    for (size_t i = 0; i < self->room; i++)
        if (self->rows[i].is_used && self->rows[i].from >= from)
            *s_place (&fresh, &self->rows[i]) = self->rows[i];
    free (self->rows);
    *self = fresh;
}

bool
guard_told_add (guard_told_t *self, const guard_finding_t *finding, uint64_t from,
                uint64_t to)
{
    guard_told_row_t row = { .pattern = finding->pattern, .is_used = true };
    row.failed = finding->kind == GUARD_FAILED;
    row.from = row.failed ? ANYWHERE : from;
    row.to = row.failed ? ANYWHERE : to;
    if (self->count * 2 >= self->room)
        s_sweep (self);
    guard_told_row_t *place = s_place (self, &row);
    bool is_known = place->is_used && row.from >= self->upto;
    self->count += !place->is_used;
    *place = row;
    return !is_known;
}

void
guard_told_drop (guard_told_t *self, uint64_t upto)
{
    if (upto > self->upto)
        self->upto = upto;
}
