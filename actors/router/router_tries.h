//  router_tries: the attempts of one call, as call.settle tells them. It knows no clock and
//  no message.

#ifndef BR_ROUTER_TRIES_H
#define BR_ROUTER_TRIES_H

#include "broker/proto/candidates.h"
#include "broker/proto/tries.h"

//  Zeroed is a call that has asked nobody yet. Its members are its own.
typedef struct _router_tries_t {
    br_try_t *rows;    //  owned; the newest BR_TRIES_MAX, the oldest first
    size_t size;       //  count
    size_t room;       //  rows there is room for
    bool is_under_way; //  the newest one has not ended
} router_tries_t;

//  Empties it and gives the memory back.
void router_tries_clear (router_tries_t *self);

//  An attempt starts, so long after the open. The candidate's texts are borrowed until the
//  end. One that is under way ends here, as it is.
void router_tries_start (router_tries_t *self, uint32_t attempt,
                         const br_candidate_t *asked, uint64_t after_us);

//  The newest one has ended, so long after the open. Of end count outcome, code, status,
//  first_us and usage. Nothing when none is under way.
void router_tries_end (router_tries_t *self, const br_try_t *end, uint64_t at_us);

//  Appends them to a buffer; those for which there is no room are left out.
void router_tries_write (const router_tries_t *self, br_buf_t *buf);

#endif
