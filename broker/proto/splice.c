//  splice: a text with some of its ranges replaced.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/proto/splice.h"

typedef struct {
    size_t at;
    size_t size;    //  bytes that go
    size_t place;   //  of two at one place, the earlier one stands in front
    br_text_t text; //  what comes
} range_t;

struct _br_splice_t {
    br_text_t text;
    br_buf_t ranges; //  of range_t
};

br_splice_t *
br_splice_new (br_text_t text)
{
    br_splice_t *self = BR_NEW (br_splice_t);
    self->text = text;
    br_buf_init (&self->ranges, BR_SPLICE_MAX * sizeof (range_t));
    return self;
}

void
br_splice_destroy (br_splice_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_buf_free (&(*self_p)->ranges);
    free (*self_p);
    *self_p = NULL;
}

void
br_splice_put (br_splice_t *self, size_t at, size_t size, br_text_t text)
{
    range_t range = { .at = at, .size = size, .text = text };
    range.place = br_splice_count (self);
    (void) br_buf_add (&self->ranges, &range, sizeof range);
}

size_t
br_splice_count (const br_splice_t *self)
{
    return self->ranges.size / sizeof (range_t);
}

//  What is put in front of a range stands before it, and the longest of the others too.
static int
s_compare (const void *a, const void *b)
{
    const range_t *first = a;
    const range_t *second = b;
    if (first->at != second->at)
        return first->at < second->at ? -1 : 1;
    if (!first->size != !second->size)
        return first->size ? 1 : -1;
    if (first->size != second->size)
        return first->size > second->size ? -1 : 1;
    return first->place < second->place ? -1 : 1;
}

static int
s_refuse (br_error_t *reterr)
{
    return br_error_set (reterr, BR_EINVALID,
                         "what is to be replaced is not in the text");
}

static int
s_write (const br_splice_t *self, br_buf_t *out, br_error_t *reterr)
{
    const range_t *range = (const range_t *) (const void *) self->ranges.data;
    size_t count = br_splice_count (self);
    size_t done = 0; //  bytes of the text
    for (; count; count--, range++) {
        if (range->at > self->text.size || range->size > self->text.size - range->at)
            return s_refuse (reterr);
        size_t behind = range->at + range->size;
        if (range->at < done && behind <= done)
            continue;
        if (range->at < done)
            return s_refuse (reterr);
        (void) br_buf_add (out, self->text.at + done, range->at - done);
        (void) br_buf_add (out, range->text.at, range->text.size);
        done = behind;
    }
    (void) br_buf_add (out, self->text.at + done, self->text.size - done);
    return 0;
}

int
br_splice_write (br_splice_t *self, br_buf_t *out, br_error_t *reterr)
{
    size_t count = br_splice_count (self);
    if (count)
        qsort (self->ranges.data, count, sizeof (range_t), s_compare);
    int rc = s_write (self, out, reterr);
    if (rc == 0 && (out->overflow || self->ranges.overflow))
        rc = br_error_set (reterr, BR_ETOOBIG, "the text is too long when it is changed");
    return rc;
}
