//  gemini_array: a stream as a client gets it that did not ask for alt=sse: one JSON
//  array of the events, written as they come. It takes the bytes of a stream of events
//  and gives those of the array, wherever they are cut.

#ifndef BR_GEMINI_ARRAY_H
#define BR_GEMINI_ARRAY_H

#include <stddef.h>

#include "broker/core/buf.h"

#define GEMINI_ARRAY_EVENT_MAX (64u << 20) //  bytes of one event

typedef struct _gemini_array_t gemini_array_t;

//  "caller destroys"
gemini_array_t *gemini_array_new (void);
void gemini_array_destroy (gemini_array_t **self_p);

//  Adds the events that end in these bytes to out.
//  ret:  0, or -1 when an event is over GEMINI_ARRAY_EVENT_MAX; it is left out then
int gemini_array_push (gemini_array_t *self, const void *bytes, size_t size,
                       br_buf_t *out);

//  Forgets an event that has not ended, as the stream broke off inside of it.
void gemini_array_drop (gemini_array_t *self);

//  Adds the end of the array. An event that no blank line ended is none.
void gemini_array_end (gemini_array_t *self, br_buf_t *out);

#endif
