//  texts_walk: one walk over a JSON text, led by the tables of a protocol
//  (texts_shape.h).

#ifndef BR_TEXTS_WALK_H
#define BR_TEXTS_WALK_H

#include "broker/proto/texts_teller.h"

//  A walk in slices over a request or an answer.
//  in:   bytes, borrowed until it is destroyed
//  ret:  fresh, caller destroys
texts_walk_t *texts_walk_new (const texts_protocol_t *protocol, texts_of_t of,
                              const void *bytes, size_t size);
void texts_walk_destroy (texts_walk_t **self_p);

//  ret:  1 = there is more, 0 = all was told, -1 = broken, or the ear has ended it
//  err:  BR_EINVALID
int texts_walk_step (texts_walk_t *self, size_t slice_bytes, texts_ear_t ear,
                     br_error_t *reterr);

//  All at once.
//  out:  ret_event, of EVENT alone
//  ret:  0, or what the ear returned
//  err:  BR_EINVALID, -1; then nothing was told
int texts_walk (const texts_protocol_t *protocol, texts_of_t of, const void *bytes,
                size_t size, br_text_event_t *ret_event, texts_ear_t ear,
                br_error_t *reterr);

#endif
