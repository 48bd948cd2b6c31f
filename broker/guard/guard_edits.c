//  guard_edits: what is to stand in place of ranges of a JSON text.

#include <string.h>

#include "broker/guard/guard_edits.h"
#include "broker/proto/splice.h"

typedef struct {
    size_t at;   //  in the source, bytes
    size_t size; //  bytes that go
    size_t made_at;
    size_t made_size;
} row_t;

void
guard_edits_init (guard_edits_t *self)
{
    br_buf_init (&self->rows, GUARD_EDITS_MAX * sizeof (row_t));
    br_buf_init (&self->made, GUARD_MADE_MAX);
}

void
guard_edits_free (guard_edits_t *self)
{
    br_buf_free (&self->made);
    br_buf_free (&self->rows);
}

void
guard_edits_clear (guard_edits_t *self)
{
    br_buf_clear (&self->rows);
    br_buf_clear (&self->made);
}

static row_t *
s_rows (const guard_edits_t *self)
{
    return (row_t *) (void *) self->rows.data;
}

size_t
guard_edits_count (const guard_edits_t *self)
{
    return self->rows.size / sizeof (row_t);
}

br_buf_t *
guard_edits_begin (guard_edits_t *self, size_t at, size_t size)
{
    row_t row = { .at = at, .size = size, .made_at = self->made.size };
    (void) br_buf_add (&self->rows, &row, sizeof row);
    return &self->made;
}

void
guard_edits_end (guard_edits_t *self)
{
    if (self->rows.overflow)
        return;
    row_t *row = s_rows (self) + guard_edits_count (self) - 1;
    row->made_size = self->made.size - row->made_at;
}

void
guard_edits_put (guard_edits_t *self, size_t at, size_t size, br_text_t text)
{
    br_buf_t *made = guard_edits_begin (self, at, size);
    (void) br_buf_add (made, text.at, text.size);
    guard_edits_end (self);
}

void
guard_edits_drop (guard_edits_t *self, size_t at)
{
    size_t count = guard_edits_count (self);
    row_t *row = s_rows (self);
    for (size_t i = 0; i < count; i++) {
        if (row[i].at != at)
            continue;
        memmove (row + i, row + i + 1, (count - i - 1) * sizeof *row);
        self->rows.size -= sizeof *row;
        return;
    }
}

int
guard_edits_write (const guard_edits_t *self, br_text_t source, br_buf_t *out,
                   br_error_t *reterr)
{
    if (self->rows.overflow || self->made.overflow)
        return br_error_set (reterr, BR_ETOOBIG, "a text has too much to be redacted");
    br_splice_t *splice = br_splice_new (source);
    const row_t *row = s_rows (self);
    for (size_t left = guard_edits_count (self); left; left--, row++) {
        const char *made = row->made_size ? (const char *) self->made.data : "";
        br_text_t text = { made + (row->made_size ? row->made_at : 0), row->made_size };
        br_splice_put (splice, row->at, row->size, text);
    }
    int rc = br_splice_write (splice, out, reterr);
    br_splice_destroy (&splice);
    return rc;
}

size_t
guard_edits_moved (const guard_edits_t *self, size_t at)
{
    size_t moved = at;
    const row_t *row = s_rows (self);
    for (size_t left = guard_edits_count (self); left; left--, row++)
        if (row->at < at)
            moved = moved + row->made_size - row->size;
    return moved;
}
