//  guard_replaced: what a channel replaced in a text, put in the body that the text stands in:
//  all other bytes, also the escapes of a string, stay as they are.

#ifndef BR_GUARD_REPLACED_H
#define BR_GUARD_REPLACED_H

#include "broker/guard/guard_channel.h"
#include "broker/guard/guard_edits.h"
#include "broker/proto/texts.h"

#define GUARD_REPLACED_MAX 65536 //  ranges of one text

//  in:   rows, of guard_replaced_t, all of them; body, borrowed; span, whose text it is
//  ret:  0, or -1 when rows are not in the text
int guard_replaced_put (const br_buf_t *rows, const char *body,
                        const br_text_span_t *span, guard_edits_t *edits);

#endif
