//  guard_replaced: ranges of a text mapped back to where they stand in a string. The string is
//  read once more, since a map of every text would cost more than that of the few that change.

#include "broker/guard/guard_piece.h"
#include "broker/guard/guard_replaced.h"

#define SLICE 65536 //  bytes of a string that are mapped at once

typedef struct {
    const guard_replaced_t *rows; //  that were not put
    size_t count;
    br_text_form_t form;
    size_t at;         //  of the text's inside in the body, bytes
    bool has_from;     //  of the first row
    uint64_t raw_from; //  where it begins, from the inside's start
    guard_edits_t *edits;
} putting_t;

static void
s_put (putting_t *self, uint64_t raw_to)
{
    static const char *const texts[][2] = {
        { GUARD_REDACTED, GUARD_REDACTED },
        { "\"" GUARD_REDACTED "\"", "\\\"" GUARD_REDACTED "\\\"" },
    };
    bool in_string = self->form != BR_TEXT_JSON_VALUE;
    const char *text = texts[self->rows->has_quotes][in_string];
    guard_edits_put (self->edits, self->at + (size_t) self->raw_from,
                     (size_t) (raw_to - self->raw_from), br_text (text));
    self->rows++;
    self->count--;
    self->has_from = false;
}

//  Rows that begin or end in what was read. Then the map forgets it.
static void
s_put_read (putting_t *self, text_string_t *string)
{
    while (self->count && self->rows->from < string->text) {
        if (!self->has_from)
            self->raw_from = text_string_raw (string, self->rows->from);
        self->has_from = true;
        if (self->rows->to > string->text)
            break;
        s_put (self, text_string_raw_end (string, self->rows->to));
    }
    text_string_drop (string, string->text);
}

static int
s_put_in_string (putting_t *self, const char *raw, size_t size)
{
    text_string_t string;
    br_buf_t text;
    text_string_init (&string);
    br_buf_init (&text, SLICE * 4);
    int rc = 0;
    for (size_t at = 0; at < size && self->count && rc == 0; at += SLICE) {
        size_t slice = size - at < SLICE ? size - at : SLICE;
        br_buf_clear (&text);
        rc = text_string_push (&string, raw + at, slice, &text);
        if (rc == 0 && slice == size - at)
            rc = text_string_end (&string, &text);
        if (rc == 0)
            s_put_read (self, &string);
    }
    br_buf_free (&text);
    text_string_free (&string);
    return rc == 0 && self->count == 0 ? 0 : -1;
}

int
guard_replaced_put (const br_buf_t *rows, const char *body, const br_text_span_t *span,
                    guard_edits_t *edits)
{
    putting_t putting = { .rows = (const guard_replaced_t *) (const void *) rows->data,
                          .count = rows->size / sizeof (guard_replaced_t),
                          .form = span->form,
                          .edits = edits };
    size_t size = 0;
    putting.at = span->at + guard_piece_inside (span->form, span->size, &size);
    if (span->form != BR_TEXT_JSON_VALUE)
        return s_put_in_string (&putting, body + putting.at, size);
    while (putting.count) {
        putting.raw_from = putting.rows->from;
        s_put (&putting, putting.rows->to);
    }
    return 0;
}
