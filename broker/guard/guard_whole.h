//  guard_whole: a text of a body that stands in one place, on its way through a channel and
//  back, in slices.

#ifndef BR_GUARD_WHOLE_H
#define BR_GUARD_WHOLE_H

#include "broker/guard/guard_channel.h"
#include "broker/guard/guard_edits.h"
#include "broker/proto/texts.h"

#define GUARD_WHOLE_CHUNK 8192 //  bytes that are looked at before the budget is asked

typedef struct _guard_whole_t guard_whole_t;

//  in:   plain, json: channels for texts of either form, borrowed as long as self lives; what
//        they replace is noted here. "caller destroys"
guard_whole_t *guard_whole_new (guard_channel_t *plain, guard_channel_t *json);
void guard_whole_destroy (guard_whole_t **self_p);

//  Another text. in: body, borrowed until it is through
void guard_whole_begin (guard_whole_t *self, br_text_t body, const br_text_span_t *span);

//  Goes on with it, and puts what is changed.
//  in/out: *left, bytes that may be looked at; a small text counts more than its bytes
//  ret:  1 = there is more, 0 = it is through, -1 = something blocks
int guard_whole_step (guard_whole_t *self, size_t *left, guard_edits_t *edits);

//  Takes so many bytes of what is left.
void guard_whole_spend (size_t *left, size_t cost);

#endif
