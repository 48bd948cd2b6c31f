//  guard_replaced: what a channel replaced in a text, put in the body that the text stands in:
//  all other bytes, also the escapes of a string, stay as they are. In slices.

#ifndef BR_GUARD_REPLACED_H
#define BR_GUARD_REPLACED_H

#include "broker/guard/guard_channel.h"
#include "broker/guard/guard_edits.h"
#include "broker/proto/text_string.h"

#define GUARD_REPLACED_MAX 65536 //  ranges of one text

//  A text whose ranges are being put.
typedef struct _guard_replacing_t {
    const guard_replaced_t *rows; //  borrowed: those that were not put
    size_t count;
    br_text_t inside; //  borrowed: the text as it stands in the body
    size_t at;        //  of that in the body, bytes
    bool in_string;
    size_t done;       //  bytes of the inside that were read
    bool has_from;     //  of the first row
    uint64_t raw_from; //  where it begins, from the inside's start
    text_string_t string;
    br_buf_t text; //  of one slice
} guard_replacing_t;

void guard_replacing_init (guard_replacing_t *self);
void guard_replacing_free (guard_replacing_t *self);

//  in:   rows, of guard_replaced_t, all of them; inside, without quotes, of a string when
//        in_string, else JSON; both borrowed until the last step. at, of the inside in the
//        body, bytes
void guard_replacing_begin (guard_replacing_t *self, const br_buf_t *rows,
                            br_text_t inside, size_t at, bool in_string);

//  Reads about slice bytes on. out: *ret_cost, bytes that it counts
//  ret:  1 = there is more, 0 = all rows are put, -1 = some are not in the text
int guard_replacing_step (guard_replacing_t *self, size_t slice, guard_edits_t *edits,
                          size_t *ret_cost);

#endif
