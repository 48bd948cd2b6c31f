//  usage_veil: hides from a client of Chat what it has not asked for: the chunk of a stream
//  that has usage and no choice. All other bytes pass as they are. It holds back the event
//  under way, since half of one says nothing yet; no comment, and no event that is too long
//  to be that chunk.
//  A plain body passes, as the first byte tells.

#ifndef BR_USAGE_VEIL_H
#define BR_USAGE_VEIL_H

#include <stddef.h>

#include "broker/core/buf.h"

#define USAGE_VEIL_MAX 16384 //  bytes of an event that is held back

typedef struct _usage_veil_t usage_veil_t;

//  "caller destroys"
usage_veil_t *usage_veil_new (void);
void usage_veil_destroy (usage_veil_t **self_p);

//  Takes the next bytes of the answer, in any split; adds those that pass to out.
void usage_veil_push (usage_veil_t *self, const void *bytes, size_t size, br_buf_t *out);

//  The answer has ended: what is held back passes, unless it is the chunk itself without
//  the empty line behind it.
void usage_veil_end (usage_veil_t *self, br_buf_t *out);

#endif
