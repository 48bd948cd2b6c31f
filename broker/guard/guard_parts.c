//  guard_parts: texts in several parts.
//
//  A text that is one part after all is replaced where it stands, as any other; of several,
//  a part that changes is written again as a string.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_parts.h"
#include "broker/guard/guard_stream.h"
#include "broker/guard/guard_whole.h"

#define PART_COST 256  //  bytes that a part counts besides its own
#define LANE_COST 8192 //  ... and a text
#define SLOTS (GUARD_CHANNELS_MAX * 2)
#define NONE UINT32_MAX

typedef struct {
    br_text_span_t span;
    uint32_t next; //  index of the same text's next part, or NONE
} part_t;

//  A text.
typedef struct {
    guard_lane_t *lane; //  owned
    uint32_t first;     //  index of a part
    uint32_t last;      //
} row_t;

typedef enum {
    ENDS,  //  the texts, one after the other
    KEEPS, //  a changed one has one part: it stays but for what is replaced
    WRITES //  ... several
} phase_t;

struct _guard_parts_t {
    const guard_lane_rules_t *rules; //  borrowed
    br_text_t body;                  //  borrowed
    row_t rows[GUARD_CHANNELS_MAX];
    size_t count;
    uint16_t slots[SLOTS]; //  where a text's row is, by its number: index + 1, or 0
    br_buf_t parts;        //  of part_t
    part_t part;           //  under way
    size_t done;           //  bytes of its inside
    guard_piece_t piece;
    //  ---- when there are no more
    phase_t phase;
    size_t row;                             //  index of the text under way
    guard_channel_t *again[GUARD_JSON + 1]; //  owned: what was found has been told
    guard_whole_t *whole;                   //  owned
    br_buf_t was;                           //  the part under way, before
};

guard_parts_t *
guard_parts_new (const guard_lane_rules_t *rules, br_text_t body)
{
    guard_parts_t *self = BR_NEW (guard_parts_t);
    self->rules = rules;
    self->body = body;
    br_buf_init (&self->parts, GUARD_PARTS_MAX * sizeof (part_t));
    br_buf_init (&self->was, GUARD_PIECE_MAX);
    guard_piece_init (&self->piece);
    return self;
}

void
guard_parts_destroy (guard_parts_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_parts_t *self = *self_p;
    guard_whole_destroy (&self->whole);
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++)
        guard_channel_destroy (&self->again[form]);
    guard_piece_free (&self->piece);
    br_buf_free (&self->was);
    br_buf_free (&self->parts);
    while (self->count)
        guard_lane_destroy (&self->rows[--self->count].lane);
    free (self);
    *self_p = NULL;
}

static part_t *
s_part (const guard_parts_t *self, uint32_t index)
{
    return (part_t *) (void *) self->parts.data + index;
}

//  ---- parts that come

static row_t *
s_new_row (guard_parts_t *self, const br_text_span_t *span, uint16_t *slot)
{
    if (self->count == GUARD_CHANNELS_MAX)
        return NULL;
    row_t *row = &self->rows[self->count++];
    row->lane = guard_lane_new (self->rules, span->channel,
                                guard_piece_form (span->form));
    row->first = row->last = NONE;
    *slot = (uint16_t) self->count;
    return row;
}

//  ret:  NULL when there are too many
static row_t *
s_row (guard_parts_t *self, const br_text_span_t *span)
{
    uint64_t hash = span->channel * 0x9E3779B97F4A7C15u;
    for (size_t at = (size_t) (hash >> 40);; at++) {
        uint16_t *slot = &self->slots[at % SLOTS];
        if (*slot == 0)
            return s_new_row (self, span, slot);
        if (self->rows[*slot - 1].lane->number == span->channel)
            return &self->rows[*slot - 1];
    }
}

//  in:   channel, through which it goes
static void
s_open (guard_parts_t *self, const part_t *part, guard_channel_t *channel)
{
    self->part = *part;
    self->done = 0;
    guard_piece_begin (&self->piece, channel, part->span.form);
}

int
guard_parts_begin (guard_parts_t *self, const br_text_span_t *span, size_t *left)
{
    const part_t part = { .span = *span, .next = NONE };
    uint32_t index = (uint32_t) (self->parts.size / sizeof part);
    row_t *row = s_row (self, span);
    if (!row || br_buf_add (&self->parts, &part, sizeof part) != 0)
        return -1;
    if (row->first == NONE) {
        guard_whole_spend (left, LANE_COST);
        row->first = index;
    } else
        s_part (self, row->last)->next = index;
    row->last = index;
    row->lane->place = span->place;
    s_open (self, &part, row->lane->channel);
    return 0;
}

//  A chunk of the part under way. ret: 1 = there is more, 0 = it is through, -1 = blocks
static int
s_push (guard_parts_t *self, size_t *left)
{
    size_t size = 0;
    size_t at = self->part.span.at
                + guard_piece_inside (self->part.span.form, self->part.span.size, &size);
    size_t most = *left < GUARD_WHOLE_CHUNK ? *left : GUARD_WHOLE_CHUNK;
    bool is_last = size - self->done <= most;
    size_t chunk = is_last ? size - self->done : most;
    guard_whole_spend (left, chunk + PART_COST);
    int rc = guard_piece_push (&self->piece, self->body.at + at + self->done, chunk,
                               is_last);
    self->done += chunk;
    return rc != 0 ? -1 : !is_last;
}

int
guard_parts_step (guard_parts_t *self, size_t *left)
{
    int rc = 1;
    while (rc == 1 && *left > 0)
        rc = s_push (self, left);
    return rc;
}

//  ---- when there are no more

//  Channels that tell nothing.
static void
s_make_again (guard_parts_t *self)
{
    const guard_lane_rules_t *rules = self->rules;
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON && !self->again[form];
         form++)
        self->again[form] = guard_channel_new_between (rules->rules, rules->sets,
                                                       rules->direction, rules->least,
                                                       rules->most, form, NULL, NULL);
    if (!self->whole)
        self->whole = guard_whole_new (self->again[GUARD_PLAIN], self->again[GUARD_JSON]);
}

//  Its parts are read once more.
static void
s_begin_again (guard_parts_t *self, const row_t *row)
{
    s_make_again (self);
    const part_t *part = s_part (self, row->first);
    if (part->next == NONE) {
        self->phase = KEEPS;
        guard_whole_begin (self->whole, self->body, &part->span);
        return;
    }
    guard_channel_t *channel = self->again[guard_channel_form (row->lane->channel)];
    guard_channel_reset (channel);
    br_buf_clear (&self->was);
    s_open (self, part, channel);
    self->phase = WRITES;
}

static int
s_end (guard_parts_t *self, size_t *left, guard_edits_t *edits)
{
    (void) edits;
    if (self->row == self->count)
        return 0;
    const row_t *row = &self->rows[self->row];
    guard_whole_spend (left, LANE_COST);
    guard_piece_begin (&self->piece, row->lane->channel, BR_TEXT_STRING);
    if (guard_piece_end (&self->piece) != 0)
        return -1;
    if (guard_channel_is_changed (row->lane->channel))
        s_begin_again (self, row);
    else
        self->row++;
    return 1;
}

static int
s_close (guard_parts_t *self)
{
    self->row++;
    self->phase = ENDS;
    return 1;
}

static int
s_keep (guard_parts_t *self, size_t *left, guard_edits_t *edits)
{
    int rc = guard_whole_step (self->whole, left, edits);
    return rc == 0 ? s_close (self) : rc;
}

//  The part is through: is it as it was?
static void
s_write_part (guard_parts_t *self, size_t *left, guard_edits_t *edits)
{
    const br_buf_t *out = &self->piece.out;
    guard_whole_spend (left, out->size / 8);
    if (br_text_equal ((br_text_t) { (const char *) self->was.data, self->was.size },
                       (br_text_t) { (const char *) out->data, out->size }))
        return;
    br_buf_t *made = guard_edits_begin (edits, self->part.span.at, self->part.span.size);
    guard_piece_write (&self->piece, made);
    guard_edits_end (edits);
    guard_whole_spend (left, out->size);
}

static int
s_write (guard_parts_t *self, size_t *left, guard_edits_t *edits)
{
    int rc = s_push (self, left);
    if (rc >= 0)
        (void) br_buf_add (&self->was, self->piece.in.data, self->piece.in.size);
    if (rc != 0)
        return rc;
    bool is_last = self->part.next == NONE;
    if (is_last && guard_piece_end (&self->piece) != 0)
        return -1;
    s_write_part (self, left, edits);
    if (is_last)
        return s_close (self);
    br_buf_clear (&self->was);
    s_open (self, s_part (self, self->part.next), self->piece.channel);
    return 1;
}

int
guard_parts_finish (guard_parts_t *self, size_t *left, guard_edits_t *edits)
{
    static int (*const phases[]) (guard_parts_t *, size_t *, guard_edits_t *) = {
        [ENDS] = s_end,
        [KEEPS] = s_keep,
        [WRITES] = s_write,
    };
    int rc = 1;
    while (rc == 1 && *left > 0)
        rc = phases[self->phase](self, left, edits);
    return rc;
}
