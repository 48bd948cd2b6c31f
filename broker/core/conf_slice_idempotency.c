//  conf_slice_idempotency: how long answers of calls with an Idempotency-Key are kept, and
//  how much of them.

#include "broker/core/conf_default.h"
#include "broker/core/conf_state.h"

cJSON *
br_conf_slice_idempotency (const br_conf_t *self)
{
    const br_conf_idempotency_t *given = self->root->idempotency;
    bool has_bytes = given && given->bytes_max;
    bool has_answer = given && given->answer_max;
    cJSON *slice = cJSON_CreateObject ();
    cJSON_AddNumberToObject (
        slice, "window_ms",
        br_conf_state_ms (given ? given->window_secs : NULL, BR_CONF_IDEM_WINDOW_SECS));
    cJSON_AddNumberToObject (slice, "bytes_max",
                             has_bytes ? (double) *given->bytes_max
                                       : BR_CONF_IDEM_BYTES_MAX);
    cJSON_AddNumberToObject (slice, "answer_max",
                             has_answer ? (double) *given->answer_max
                                        : BR_CONF_IDEM_ANSWER_MAX);
    return slice;
}
