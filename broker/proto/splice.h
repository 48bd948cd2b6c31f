//  splice: a text with some of its ranges replaced, and all other bytes as they are.

#ifndef BR_SPLICE_H
#define BR_SPLICE_H

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/core/text.h"

#define BR_SPLICE_MAX 1000000 //  ranges of one text

typedef struct _br_splice_t br_splice_t;

//  text: borrowed as long as self lives. "caller destroys"
br_splice_t *br_splice_new (br_text_t text);
void br_splice_destroy (br_splice_t **self_p);

//  Another text stands in place of size bytes; it is borrowed. An absent one cuts them, no
//  bytes put it in front of what is there. Ranges come in any order; one inside of another
//  counts for nothing.
void br_splice_put (br_splice_t *self, size_t at, size_t size, br_text_t text);

size_t br_splice_count (const br_splice_t *self); //  of ranges

//  err:  BR_EINVALID a range is not in the text, or two overlap; BR_ETOOBIG there are too
//        many, or out is full
int br_splice_write (br_splice_t *self, br_buf_t *out, br_error_t *reterr);

#endif
