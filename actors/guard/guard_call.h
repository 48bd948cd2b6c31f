//  guard_call: one call that is under rules which redact or block: its request on the way
//  up, and the answers of its attempts on the way down.

#ifndef BR_GUARD_CALL_H
#define BR_GUARD_CALL_H

#include "actors/guard/guard_env.h"

typedef struct _guard_call_t guard_call_t;

//  msg: call.open, with guard and the next stops on its slip. refused (arg, call) is called
//  when it goes no further, in a later turn than that of any other function here.
//  err:  BR_EINVALID the slip is malformed. "caller destroys"
typedef void (guard_call_fn) (void *arg, guard_call_t *call);
guard_call_t *guard_call_new (const guard_env_t *env, guard_conf_t *conf,
                              const br_msg_t *msg, guard_call_fn *refused, void *arg,
                              br_error_t *reterr);
void guard_call_destroy (guard_call_t **self_p);

//  Looks at the request, and passes it on or refuses it.
void guard_call_begin (guard_call_t *self);

//  ---- messages of the call

//  reply.*, down; false when the word counts no more.
bool guard_call_reply (guard_call_t *self, const br_msg_t *msg);
void guard_call_credit (guard_call_t *self, const br_msg_t *msg); //  reply.credit
void guard_call_stop (guard_call_t *self, const br_msg_t *msg);   //  attempt.cancel
void guard_call_cancel (guard_call_t *self, const br_msg_t *msg); //  call.cancel

br_id_t guard_call_id (const guard_call_t *self);
//  Nothing of it is under way, and nothing will be but another attempt.
bool guard_call_is_over (const guard_call_t *self);

//  It ended here: nobody behind knows it, and nobody will ask for it.
bool guard_call_is_refused (const guard_call_t *self);

//  Whether its client's side is on that host.
bool guard_call_is_of (const guard_call_t *self, uint32_t host, uint32_t life);

#endif
