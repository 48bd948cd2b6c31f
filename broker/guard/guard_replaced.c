//  guard_replaced: ranges of a text mapped back to where they stand in a string. The string is
//  read once more, since a map of every text would cost more than that of the few that change.

#include "broker/guard/guard_replaced.h"

#define SLICE 16384  //  bytes of a string that are mapped at once
#define ROW_COST 256 //  bytes that a range counts
#define ROWS 64      //  of JSON as it stands, in one step

void
guard_replacing_init (guard_replacing_t *self)
{
    *self = (guard_replacing_t) { .rows = NULL };
    text_string_init (&self->string);
    br_buf_init (&self->text, (size_t) SLICE * 4);
}

void
guard_replacing_free (guard_replacing_t *self)
{
    br_buf_free (&self->text);
    text_string_free (&self->string);
}

void
guard_replacing_begin (guard_replacing_t *self, const br_buf_t *rows, br_text_t inside,
                       size_t at, bool in_string)
{
    self->rows = (const guard_replaced_t *) (const void *) rows->data;
    self->count = rows->size / sizeof (guard_replaced_t);
    self->inside = inside;
    self->at = at;
    self->in_string = in_string;
    self->done = 0;
    self->has_from = false;
    text_string_reset (&self->string);
}

static void
s_put (guard_replacing_t *self, uint64_t raw_to, guard_edits_t *edits)
{
    static const char *const texts[][2] = {
        { GUARD_REDACTED, GUARD_REDACTED },
        { "\"" GUARD_REDACTED "\"", "\\\"" GUARD_REDACTED "\\\"" },
    };
    const char *text = texts[self->rows->has_quotes][self->in_string];
    guard_edits_put (edits, self->at + (size_t) self->raw_from,
                     (size_t) (raw_to - self->raw_from), br_text (text));
    self->rows++;
    self->count--;
    self->has_from = false;
}

//  Rows that begin or end in what was read. Then the map forgets it.
static void
s_put_read (guard_replacing_t *self, guard_edits_t *edits)
{
    text_string_t *string = &self->string;
    while (self->count && self->rows->from < string->text) {
        if (!self->has_from)
            self->raw_from = text_string_raw (string, self->rows->from);
        self->has_from = true;
        if (self->rows->to > string->text)
            break;
        s_put (self, text_string_raw_end (string, self->rows->to), edits);
    }
    text_string_drop (string, string->text);
}

static int
s_step_in_string (guard_replacing_t *self, size_t slice, guard_edits_t *edits)
{
    size_t left = self->inside.size - self->done;
    size_t most = slice < SLICE ? slice : SLICE;
    most = most < left ? most : left;
    br_buf_clear (&self->text);
    int rc = text_string_push (&self->string, self->inside.at + self->done, most,
                               &self->text);
    if (rc == 0 && most == left)
        rc = text_string_end (&self->string, &self->text);
    if (rc != 0)
        return -1;
    self->done += most;
    s_put_read (self, edits);
    if (self->count == 0)
        return 0;
    return most < left ? 1 : -1;
}

//  JSON stands as it was looked at.
static int
s_step_as_it_stands (guard_replacing_t *self, guard_edits_t *edits)
{
    for (size_t i = 0; i < ROWS && self->count; i++) {
        if (self->rows->to > self->inside.size)
            return -1;
        self->raw_from = self->rows->from;
        s_put (self, self->rows->to, edits);
    }
    return self->count != 0;
}

int
guard_replacing_step (guard_replacing_t *self, size_t slice, guard_edits_t *edits,
                      size_t *ret_cost)
{
    size_t rows = self->count, done = self->done;
    int rc = self->in_string ? s_step_in_string (self, slice ? slice : 1, edits)
                             : s_step_as_it_stands (self, edits);
    *ret_cost = self->done - done + (rows - self->count) * ROW_COST;
    return rc;
}
