//  guard_named: rows in one buffer, looked up by halves.

#include <string.h>

#include "broker/guard/guard_named.h"

void
guard_named_init (guard_named_t *self)
{
    br_buf_init (&self->rows, GUARD_NAMED_MAX * sizeof (guard_named_row_t));
}

void
guard_named_free (guard_named_t *self)
{
    br_buf_free (&self->rows);
}

void
guard_named_clear (guard_named_t *self)
{
    br_buf_clear (&self->rows);
}

size_t
guard_named_count (const guard_named_t *self)
{
    return self->rows.size / sizeof (guard_named_row_t);
}

static guard_named_row_t *
s_rows (const guard_named_t *self)
{
    return (guard_named_row_t *) (void *) self->rows.data;
}

const guard_named_row_t *
guard_named_at (const guard_named_t *self, size_t index)
{
    return s_rows (self) + index;
}

size_t
guard_named_place (const guard_named_t *self, size_t object)
{
    size_t low = 0, high = guard_named_count (self);
    const guard_named_row_t *rows = s_rows (self);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows[middle].object < object)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

guard_called_t *
guard_named_get (const guard_named_t *self, size_t object)
{
    size_t place = guard_named_place (self, object);
    if (place == guard_named_count (self))
        return NULL;
    const guard_named_row_t *row = guard_named_at (self, place);
    return row->object == object ? row->called : NULL;
}

int
guard_named_add (guard_named_t *self, const guard_named_row_t *row)
{
    size_t place = guard_named_place (self, row->object);
    if (guard_named_count (self) == GUARD_NAMED_MAX
        || br_buf_add (&self->rows, row, sizeof *row) != 0)
        return -1;
    guard_named_row_t *rows = s_rows (self);
    memmove (rows + place + 1, rows + place,
             (guard_named_count (self) - 1 - place) * sizeof *row);
    rows[place] = *row;
    return 0;
}
