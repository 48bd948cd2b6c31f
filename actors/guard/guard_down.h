//  guard_down: the answer of one attempt on its way down. A stream of events is looked at
//  piece by piece, a single answer as a whole; where an answer may be anything, words
//  as they stand too; sound passes.

#ifndef BR_GUARD_DOWN_H
#define BR_GUARD_DOWN_H

#include "actors/guard/guard_env.h"

typedef struct _guard_down_t guard_down_t;

//  What it is a part of; borrowed as long as self lives.
typedef struct _guard_down_call_t {
    const guard_env_t *env;
    guard_conf_t *conf;
    guard_sets_t sets;
    br_surface_t surface;
    br_id_t call;
    br_addr_t to; //  the next stop down
} guard_down_call_t;

//  An attempt has its first word: reply.head, or the last word of all. over (arg) is called
//  when nothing more is to be done for it, never from within this. "caller destroys"
guard_down_t *guard_down_new (const guard_down_call_t *call, const br_msg_t *msg,
                              guard_done_fn *over, void *arg);
void guard_down_destroy (guard_down_t **self_p);

//  A word of it, the first one too; and from the client's side.
void guard_down_reply (guard_down_t *self, const br_msg_t *msg);
void guard_down_credit (guard_down_t *self, const br_msg_t *msg);

//  Nobody wants it any more: who sends it is told.
void guard_down_cancel (guard_down_t *self, br_code_t code);

uint32_t guard_down_attempt (const guard_down_t *self);
bool guard_down_is_events (const guard_down_t *self);
bool guard_down_is_over (const guard_down_t *self); //  its last word was passed on

#endif
