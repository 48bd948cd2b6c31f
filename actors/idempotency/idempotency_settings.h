//  idempotency_settings: how much is kept and for how long, from the actor's slice.

#ifndef BR_IDEMPOTENCY_SETTINGS_H
#define BR_IDEMPOTENCY_SETTINGS_H

#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

#define IDEMPOTENCY_WINDOW_MS (24u * 3600 * 1000)
#define IDEMPOTENCY_BYTES_MAX (64u << 20)
#define IDEMPOTENCY_ANSWER_MAX (4u << 20)
#define IDEMPOTENCY_ANSWER_BOUND (64u << 20) //  the greatest answer_max

typedef struct _idempotency_settings_t {
    uint64_t window_ms; //  an answer is kept for so long
    size_t bytes_max;   //  of all answers, and of what is kept beside them
    size_t answer_max;  //  bytes of one answer's body; a longer one is not kept
} idempotency_settings_t;

//  What is used where the slice says nothing.
idempotency_settings_t idempotency_settings_default (void);

//  Reads the slice (JSON).
//  err:  BR_ECONFIG names the member and what it may be
int idempotency_settings_read (const char *slice, idempotency_settings_t *ret_settings,
                               br_error_t *reterr);

#endif
