//  idempotency_replay: the way of a kept answer to one more client: the same words that a
//  provider's answer has, and the same window. What does not fit waits for credit.
//  src:  docs/rfc/4-CALL.md, rule 8

#ifndef BR_IDEMPOTENCY_REPLAY_H
#define BR_IDEMPOTENCY_REPLAY_H

#include "actors/idempotency/idempotency_answer.h"
#include "broker/core/actor.h"
#include "broker/core/credit.h"

//  Its members are its own.
typedef struct _idempotency_replay_t {
    br_ctx_t *ctx; //  borrowed
    br_addr_t to;
    br_id_t call;
    idempotency_answer_t *answer; //  own reference
    uint64_t seq;                 //  of the next word
    uint64_t upto;                //  bytes that went
    uint64_t credit;              //  up to where they may
} idempotency_replay_t;

//  in:   answer, sealed; a reference is taken
void idempotency_replay_init (idempotency_replay_t *self, br_ctx_t *ctx, br_addr_t to,
                              br_id_t call, idempotency_answer_t *answer);
void idempotency_replay_free (idempotency_replay_t *self);

typedef enum {
    IDEMPOTENCY_SAID,    //  all of it, the end included
    IDEMPOTENCY_CREDIT,  //  the rest waits for credit
    IDEMPOTENCY_BLOCKED, //  a word could not be sent; it will be the next one
} idempotency_flow_t;

//  Says as much as the window has room for.
idempotency_flow_t idempotency_replay_flow (idempotency_replay_t *self);

//  Takes more credit. False when it is no more than before.
bool idempotency_replay_credit (idempotency_replay_t *self, uint64_t upto);

#endif
