//  guard_whole: one text on its way.
//
//  It is looked at in chunks; when the channel has changed it, what was replaced is put in the
//  body, or where that was very much, the text is written again as a whole. What says that it
//  is base64 is tried first: what is none, or says no UTF-8, is looked at as it stands, and
//  then what it says all the same when that may be words: of another charset, or for somebody
//  who is less exact about base64 than we are.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_base64.h"
#include "broker/guard/guard_piece.h"
#include "broker/guard/guard_replaced.h"
#include "broker/guard/guard_utf8.h"
#include "broker/guard/guard_whole.h"

#define CHUNK GUARD_WHOLE_CHUNK
#define WRITTEN (CHUNK / GUARD_BASE64_GROUP * GUARD_BASE64_GROUP) //  bytes at once
#define TEXT_COST 1024 //  bytes that a text counts besides its own: about 3 us
#define EMPTY_COST 64
#define CONTROLS_SHARE 64 //  of words at most one in so many is a control character

typedef enum {
    TRIES,  //  whether it is base64 of UTF-8
    LOOKS,  //
    PUTS,   //  what was replaced
    WRITES, //  all of it
    PHASES
} phase_t;

struct _guard_whole_t {
    guard_channel_t *channels[GUARD_JSON + 1]; //  borrowed
    br_text_t body;                            //  borrowed
    br_text_span_t span;
    br_text_t inside;  //  of the body, without what carries it
    br_text_form_t as; //  how it is looked at
    bool is_both;      //  as it stands, and then what it says in base64
    phase_t phase;
    size_t done; //  bytes of the inside, or of what is written
    guard_piece_t piece;
    br_buf_t replaced; //  of guard_replaced_t
    guard_replacing_t replacing;
    guard_base64_t base64;
    br_buf_t bytes;  //  that base64 says: of a chunk, and of what was cut before it
    size_t said;     //  how many, count
    size_t controls; //  control characters of those, count
    bool is_text;    //  they are UTF-8 so far
    br_buf_t *made;  //  borrowed: where it is written
};

guard_whole_t *
guard_whole_new (guard_channel_t *plain, guard_channel_t *json)
{
    guard_whole_t *self = BR_NEW (guard_whole_t);
    br_buf_init (&self->replaced, GUARD_REPLACED_MAX * sizeof (guard_replaced_t));
    self->channels[GUARD_PLAIN] = plain;
    self->channels[GUARD_JSON] = json;
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++)
        guard_channel_note (self->channels[form], &self->replaced);
    guard_piece_init (&self->piece);
    guard_replacing_init (&self->replacing);
    guard_base64_init (&self->base64);
    br_buf_init (&self->bytes, (size_t) CHUNK * 2);
    return self;
}

void
guard_whole_destroy (guard_whole_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_whole_t *self = *self_p;
    br_buf_free (&self->bytes);
    guard_base64_free (&self->base64);
    guard_replacing_free (&self->replacing);
    guard_piece_free (&self->piece);
    br_buf_free (&self->replaced);
    free (self);
    *self_p = NULL;
}

void
guard_whole_spend (size_t *left, size_t cost)
{
    *left -= cost < *left ? cost : *left;
}

static bool
s_has_quotes (br_text_form_t form)
{
    return form == BR_TEXT_STRING || form == BR_TEXT_JSON_STRING;
}

void
guard_whole_begin (guard_whole_t *self, br_text_t body, const br_text_span_t *span)
{
    bool has_quotes = s_has_quotes (span->form) && span->size >= 2;
    self->body = body;
    self->span = *span;
    self->inside = (br_text_t) { body.at + span->at + has_quotes,
                                 span->size - (has_quotes ? 2 : 0) };
    self->as = span->form;
    self->is_both = false;
    self->phase = span->form == BR_TEXT_BASE64 ? TRIES : LOOKS;
    self->done = 0;
    self->said = self->controls = 0;
    self->is_text = true;
    guard_base64_reset (&self->base64);
    br_buf_clear (&self->bytes);
}

//  The next chunk of the inside. out: *is_last, nothing is behind it
static br_text_t
s_chunk (guard_whole_t *self, size_t most, bool *is_last)
{
    size_t left = self->inside.size - self->done;
    most = most < CHUNK ? most : CHUNK;
    *is_last = left <= most;
    br_text_t chunk = { self->inside.at + self->done, *is_last ? left : most };
    self->done += chunk.size;
    return chunk;
}

//  ---- base64

//  The bytes of a chunk. ret: 0, or -1
static int
s_decode (guard_whole_t *self, br_text_t chunk, bool is_last)
{
    int rc = guard_base64_push (&self->base64, chunk.at, chunk.size, &self->bytes);
    return rc == 0 && is_last ? guard_base64_end (&self->base64, &self->bytes) : rc;
}

//  Whole characters are checked, one that is cut waits for the rest of it.
static void
s_check_text (guard_whole_t *self, bool is_last)
{
    size_t size = self->bytes.size;
    if (size)
        size -= guard_utf8_valid (self->bytes.data, size);
    if (size >= GUARD_UTF8_MAX || (is_last && size > 0)) {
        self->is_text = false;
        size = 0;
    }
    br_buf_shift (&self->bytes, self->bytes.size - size);
}

static void
s_count_controls (guard_whole_t *self, size_t from)
{
    self->said += self->bytes.size - from;
    for (size_t i = from; i < self->bytes.size; i++) {
        uint8_t byte = self->bytes.data[i];
        bool is_blank = byte == '\t' || byte == '\n' || byte == '\r';
        self->controls += byte < ' ' && !is_blank;
    }
}

//  It was read to its end: how is it to be looked at?
static void
s_judge (guard_whole_t *self)
{
    bool is_exact = self->is_text && guard_base64_is_good (&self->base64);
    bool may_be_words = self->controls <= self->said / CONTROLS_SHARE;
    self->is_both = !is_exact && may_be_words;
    self->as = is_exact ? BR_TEXT_BASE64 : BR_TEXT_STRING;
    self->phase = LOOKS;
    self->done = 0;
}

static int
s_try (guard_whole_t *self, size_t *left, guard_edits_t *edits)
{
    (void) edits;
    bool is_last = false;
    br_text_t chunk = s_chunk (self, *left, &is_last);
    guard_whole_spend (left, chunk.size + 1);
    size_t before = self->bytes.size;
    if (s_decode (self, chunk, is_last) != 0)
        return -1;
    s_count_controls (self, before);
    s_check_text (self, is_last);
    if (is_last)
        s_judge (self);
    return 1;
}

//  ---- looking

//  What base64 says is not carried by anything any more.
static void
s_begin_look (guard_whole_t *self)
{
    bool is_base64 = self->as == BR_TEXT_BASE64;
    guard_form_t form = is_base64 ? GUARD_PLAIN : guard_piece_form (self->as);
    guard_channel_reset (self->channels[form]);
    br_buf_clear (&self->replaced);
    br_buf_clear (&self->bytes);
    guard_base64_reset (&self->base64);
    guard_piece_begin (&self->piece, self->channels[form],
                       is_base64 ? BR_TEXT_JSON_VALUE : self->as);
}

static int
s_push (guard_whole_t *self, br_text_t chunk, bool is_last)
{
    if (self->as != BR_TEXT_BASE64)
        return guard_piece_push (&self->piece, chunk.at, chunk.size, is_last);
    br_buf_clear (&self->bytes);
    if (s_decode (self, chunk, is_last) != 0)
        return -1;
    return guard_piece_push (&self->piece, self->bytes.data, self->bytes.size, is_last);
}

//  ret:  as of a step
static int
s_leave (guard_whole_t *self, const guard_edits_t *edits)
{
    self->done = 0;
    if (guard_piece_end (&self->piece) != 0)
        return -1;
    if (!guard_channel_is_changed (self->piece.channel)) {
        bool goes_on = self->is_both && self->as != BR_TEXT_BASE64;
        self->as = BR_TEXT_BASE64;
        return goes_on;
    }
    size_t count = self->replaced.size / sizeof (guard_replaced_t);
    bool is_much = self->replaced.overflow
                   || guard_edits_count (edits) + count > GUARD_EDITS_MAX / 2;
    self->phase = self->as == BR_TEXT_BASE64 || is_much ? WRITES : PUTS;
    if (self->phase == PUTS)
        guard_replacing_begin (&self->replacing, &self->replaced, self->inside,
                               (size_t) (self->inside.at - self->body.at),
                               !guard_piece_is_bare (self->as));
    return 1;
}

static int
s_look (guard_whole_t *self, size_t *left, guard_edits_t *edits)
{
    if (self->inside.size == 0) {
        guard_whole_spend (left, EMPTY_COST);
        return 0;
    }
    bool is_first = self->done == 0;
    if (is_first)
        s_begin_look (self);
    bool is_last = false;
    br_text_t chunk = s_chunk (self, *left, &is_last);
    guard_whole_spend (left, chunk.size + (is_first ? TEXT_COST : 0));
    if (s_push (self, chunk, is_last) != 0)
        return -1;
    return is_last ? s_leave (self, edits) : 1;
}

//  ---- what is changed

static int
s_put (guard_whole_t *self, size_t *left, guard_edits_t *edits)
{
    size_t cost = 0;
    int rc = guard_replacing_step (&self->replacing, *left, edits, &cost);
    guard_whole_spend (left, cost);
    return rc;
}

//  What is written of it at once: no character is cut, and no group.
static size_t
s_portion (const guard_whole_t *self)
{
    size_t left = self->piece.out.size - self->done;
    if (left <= WRITTEN)
        return left;
    if (self->as == BR_TEXT_BASE64)
        return WRITTEN;
    size_t whole = guard_utf8_whole (self->piece.out.data + self->done, WRITTEN);
    return whole ? whole : WRITTEN;
}

static int
s_write (guard_whole_t *self, size_t *left, guard_edits_t *edits)
{
    const char *quote = s_has_quotes (self->span.form) ? "\"" : "";
    if (self->done == 0) {
        self->made = guard_edits_begin (edits, self->span.at, self->span.size);
        (void) br_buf_adds (self->made, quote);
    }
    size_t portion = s_portion (self);
    const uint8_t *at = self->piece.out.data + self->done;
    if (self->as == BR_TEXT_BASE64)
        (void) guard_base64_write (&self->base64, at, portion, self->made);
    else if (guard_piece_is_bare (self->as))
        (void) br_buf_add (self->made, at, portion);
    else
        (void) text_string_write (at, portion, self->made);
    self->done += portion;
    guard_whole_spend (left, portion + 1);
    if (self->done < self->piece.out.size)
        return 1;
    (void) br_buf_adds (self->made, quote);
    guard_edits_end (edits);
    return 0;
}

int
guard_whole_step (guard_whole_t *self, size_t *left, guard_edits_t *edits)
{
    static int (*const phases[PHASES]) (guard_whole_t *, size_t *, guard_edits_t *) = {
        [TRIES] = s_try,
        [LOOKS] = s_look,
        [PUTS] = s_put,
        [WRITES] = s_write,
    };
    int rc = 1;
    while (rc == 1 && *left > 0)
        rc = phases[self->phase](self, left, edits);
    return rc;
}
