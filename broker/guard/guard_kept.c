//  guard_kept: events that are kept in their order.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_kept.h"

#define BLANK_MAX 2          //  bytes of a blank line
#define SPANS_MAX (1u << 20) //  bytes of spans in one event

struct _guard_kept_t {
    guard_kept_row_t *rows[GUARD_KEPT_MAX]; //  owned, by their age
    size_t count;
    size_t bare; //  comments that count as events, since the first one was kept
    size_t bytes;
};

guard_kept_t *
guard_kept_new (void)
{
    return BR_NEW (guard_kept_t);
}

static void
s_destroy_row (guard_kept_row_t **row_p)
{
    guard_kept_row_t *row = *row_p;
    br_buf_free (&row->data);
    br_buf_free (&row->raw);
    br_buf_free (&row->behind);
    br_buf_free (&row->repeated);
    br_buf_free (&row->front);
    guard_edits_free (&row->edits);
    free (row);
    *row_p = NULL;
}

void
guard_kept_destroy (guard_kept_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->count)
        guard_kept_drop_first (*self_p);
    free (*self_p);
    *self_p = NULL;
}

bool
guard_kept_may (size_t size)
{
    return size <= GUARD_KEPT_BYTES;
}

bool
guard_kept_has_room (const guard_kept_t *self, br_text_t raw)
{
    size_t more = raw.size > BLANK_MAX;
    return self->count + self->bare + more <= GUARD_KEPT_MAX
           && self->bytes + raw.size <= GUARD_KEPT_BYTES;
}

//  ---- rows

//  The same text in the copy.
static br_text_t
s_moved (br_text_t text, br_text_t raw, const guard_kept_row_t *row)
{
    if (!text.at)
        return text;
    return (br_text_t) { (const char *) row->raw.data + (text.at - raw.at), text.size };
}

guard_kept_row_t *
guard_kept_add (guard_kept_t *self, const guard_event_t *event, guard_edits_t *edits,
                br_buf_t *front)
{
    guard_kept_row_t *row = BR_NEW (guard_kept_row_t);
    br_buf_init (&row->raw, GUARD_KEPT_BYTES);
    br_buf_init (&row->data, GUARD_KEPT_BYTES);
    br_buf_init (&row->behind, GUARD_KEPT_BYTES);
    br_buf_init (&row->repeated, SPANS_MAX);
    (void) br_buf_add (&row->raw, event->raw.at, event->raw.size);
    (void) br_buf_add (&row->data, event->data.at, event->data.size);
    row->event = *event;
    row->event.raw = (br_text_t) { br_buf_text (&row->raw), row->raw.size };
    row->event.name = s_moved (event->name, event->raw, row);
    if (event->data.at)
        row->event.data = (br_text_t) { br_buf_text (&row->data), row->data.size };
    row->edits = *edits;
    guard_edits_init (edits);
    row->front = *front;
    br_buf_init (front, row->front.max);
    self->bytes += row->raw.size;
    self->rows[self->count++] = row;
    return row;
}

guard_kept_row_t *
guard_kept_first (const guard_kept_t *self)
{
    return self->count ? self->rows[0] : NULL;
}

void
guard_kept_drop_first (guard_kept_t *self)
{
    self->bytes -= self->rows[0]->raw.size + self->rows[0]->behind.size;
    s_destroy_row (&self->rows[0]);
    self->count--;
    memmove (self->rows, self->rows + 1, self->count * sizeof (guard_kept_row_t *));
    self->bare = self->count ? self->bare : 0;
}

void
guard_kept_add_bare (guard_kept_t *self, br_text_t raw)
{
    (void) br_buf_add (&self->rows[self->count - 1]->behind, raw.at, raw.size);
    self->bytes += raw.size;
    self->bare += raw.size > BLANK_MAX;
}

//  ---- words that are said once more

//  What stands in their place.
static br_text_t
s_hidden (br_text_t data, const br_text_span_t *span)
{
    return data.at[span->at] == '[' ? BR_TEXT ("[]") : BR_TEXT ("null");
}

void
guard_kept_hide_spans (guard_edits_t *edits, br_text_t data, const br_text_span_t *spans,
                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (spans[i].form == BR_TEXT_REPEATED)
            guard_edits_put (edits, spans[i].at, spans[i].size,
                             s_hidden (data, &spans[i]));
}

void
guard_kept_hide (guard_kept_row_t *row)
{
    const br_text_span_t *spans = (const br_text_span_t *) (const void *)
                                      row->repeated.data;
    guard_kept_hide_spans (&row->edits, row->event.data, spans,
                           row->repeated.size / sizeof *spans);
    br_buf_clear (&row->repeated);
}
