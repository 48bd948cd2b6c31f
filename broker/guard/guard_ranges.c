//  guard_ranges: ranges of bytes in ascending order, united.

#include <string.h>

#include "broker/guard/guard_ranges.h"

void
guard_ranges_init (guard_ranges_t *self)
{
    br_buf_init (&self->rows, GUARD_RANGES_MAX * sizeof (guard_range_t));
}

void
guard_ranges_free (guard_ranges_t *self)
{
    br_buf_free (&self->rows);
}

void
guard_ranges_clear (guard_ranges_t *self)
{
    br_buf_clear (&self->rows);
}

size_t
guard_ranges_count (const guard_ranges_t *self)
{
    return self->rows.size / sizeof (guard_range_t);
}

static guard_range_t *
s_rows (const guard_ranges_t *self)
{
    return (guard_range_t *) (void *) self->rows.data;
}

//  How many ranges end before an offset, or at it when it counts as behind them.
static size_t
s_before (const guard_ranges_t *self, uint64_t at, bool or_at)
{
    const guard_range_t *rows = s_rows (self);
    size_t low = 0;
    size_t high = guard_ranges_count (self);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows[middle].to < at || (or_at && rows[middle].to == at))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const guard_range_t *
guard_ranges_behind (const guard_ranges_t *self, uint64_t at)
{
    size_t index = s_before (self, at, true);
    return index < guard_ranges_count (self) ? s_rows (self) + index : NULL;
}

void
guard_ranges_drop (guard_ranges_t *self, uint64_t upto)
{
    br_buf_shift (&self->rows, s_before (self, upto, true) * sizeof (guard_range_t));
}

//  One that was added stands last: it goes to its place, and those that follow go back.
static void
s_insert (guard_ranges_t *self, size_t index, guard_range_t range)
{
    if (br_buf_add (&self->rows, &range, sizeof range) != 0) {
        guard_range_t *last = s_rows (self) + guard_ranges_count (self) - 1;
        last->to = range.to > last->to ? range.to : last->to;
        return;
    }
    guard_range_t *row = s_rows (self) + index;
    size_t behind = guard_ranges_count (self) - 1 - index;
    memmove (row + 1, row, behind * sizeof *row);
    *row = range;
}

void
guard_ranges_add (guard_ranges_t *self, uint64_t from, uint64_t to)
{
    size_t index = s_before (self, from, false);
    size_t count = guard_ranges_count (self);
    guard_range_t *row = index < count ? s_rows (self) + index : NULL;
    if (!row || row->from > to) {
        s_insert (self, index, (guard_range_t) { from, to });
        return;
    }
    size_t last = index;
    while (last + 1 < count && s_rows (self)[last + 1].from <= to)
        last++;
    row->from = from < row->from ? from : row->from;
    row->to = s_rows (self)[last].to;
    row->to = to > row->to ? to : row->to;
    memmove (row + 1, row + 1 + (last - index), (count - 1 - last) * sizeof *row);
    self->rows.size -= (last - index) * sizeof *row;
}
