//  translate_answer: the way of one provider's answer to the client: bytes are split into
//  events, or put together to a body; the provider's codec makes deltas of them, which
//  are put in order, joined to what was told before (translate_join.h) and told to the
//  client (translate_teller.h).

#ifndef BR_TRANSLATE_ANSWER_H
#define BR_TRANSLATE_ANSWER_H

#include "broker/proto/translate_teller.h"

typedef struct _translate_answer_t translate_answer_t;

//  in:   sides, borrowed until destroy
//  "caller destroys"
translate_answer_t *translate_answer_new (const translate_sides_t *sides);
void translate_answer_destroy (translate_answer_t **self_p);

//  As br_translate_push and br_translate_end.
tap_first_t translate_answer_push (translate_answer_t *self, const void *bytes,
                                   size_t size, br_buf_t *out);
tap_first_t translate_answer_end (translate_answer_t *self, br_buf_t *out);

//  "owned by self, until next change"
const tap_result_t *translate_answer_result (const translate_answer_t *self);

#endif
