//  guard_told: what was told of a text lately.

#include "broker/guard/guard_told.h"

#define ROWS_MAX 512 //  more are forgotten, and may be told twice

typedef struct {
    uint64_t from; //  bytes; of a failed pattern UINT64_MAX
    uint64_t to;
    unsigned pattern;
    guard_finding_kind_t kind;
} row_t;

void
guard_told_init (guard_told_t *self)
{
    br_buf_init (&self->rows, ROWS_MAX * sizeof (row_t));
}

void
guard_told_free (guard_told_t *self)
{
    br_buf_free (&self->rows);
}

void
guard_told_reset (guard_told_t *self)
{
    br_buf_clear (&self->rows);
}

bool
guard_told_add (guard_told_t *self, const guard_finding_t *finding, uint64_t from,
                uint64_t to)
{
    bool failed = finding->kind == GUARD_FAILED;
    row_t row = { .pattern = finding->pattern, .kind = finding->kind };
    row.from = failed ? UINT64_MAX : from;
    row.to = failed ? UINT64_MAX : to;
    const row_t *rows = (const row_t *) (const void *) self->rows.data;
    size_t count = self->rows.size / sizeof row;
    for (size_t i = 0; i < count; i++)
        if (rows[i].from == row.from && rows[i].to == row.to
            && rows[i].pattern == row.pattern && rows[i].kind == row.kind)
            return false;
    if (count == ROWS_MAX)
        br_buf_clear (&self->rows);
    (void) br_buf_add (&self->rows, &row, sizeof row);
    return true;
}

void
guard_told_drop (guard_told_t *self, uint64_t upto)
{
    row_t *rows = (row_t *) (void *) self->rows.data;
    size_t count = self->rows.size / sizeof (row_t);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i].from >= upto)
            rows[kept++] = rows[i];
    self->rows.size = kept * sizeof (row_t);
}
