//  ingress_budgets: calls whose callers have a budget: each asks for room before it is
//  opened, and holds it until the meter has its row. What open calls hold is told again to
//  an owner that has just started.

#ifndef BR_INGRESS_BUDGETS_H
#define BR_INGRESS_BUDGETS_H

#include "actors/ingress/ingress_identity.h"
#include "actors/ingress/ingress_worst.h"
#include "broker/core/actor.h"

#define INGRESS_BUDGET_GRACE_MS 10000 //  beyond its wait, for the owner to answer

typedef struct _ingress_budgets_t ingress_budgets_t; //  of an ingress
typedef struct _ingress_budget_t ingress_budget_t;   //  of one call

//  What the owner has said. All is borrowed.
typedef struct _ingress_room_t {
    const br_error_t *refused; //  NULL: there is room. BR_EBUDGET it is spent, BR_EGONE
                               //  nobody answers, or what the owner says
    uint64_t output_tokens;    //  that there is room for
    uint64_t retry_ms;         //  refused: until it resets; 0 = it does not
} ingress_room_t;

typedef void (ingress_budget_fn) (void *arg, const ingress_room_t *room);

//  "caller destroys", after all that hold one of its calls have let go
ingress_budgets_t *ingress_budgets_new (br_ctx_t *ctx);
void ingress_budgets_destroy (ingress_budgets_t **self_p);

//  Asks for room for a call. fn is called once, in a later turn, unless it is dropped first;
//  it may drop it.
//  in:   identity, that has a budget; wait_ms, for other calls to settle
//  ret:  "caller lets go, or drops it"; NULL when nobody can be asked
//  err:  BR_EGONE there is no owner
ingress_budget_t *ingress_budget_ask (ingress_budgets_t *all, br_id_t call,
                                      ingress_identity_t *identity,
                                      const ingress_worst_t *worst, uint64_t wait_ms,
                                      ingress_budget_fn *fn, void *arg,
                                      br_error_t *reterr);

//  The call was opened, and is over here: the meter's row will end what it holds.
void ingress_budget_let_go (ingress_budget_t **self_p);

//  There will be no row: what it holds, or asks for, comes back now.
void ingress_budget_drop (ingress_budget_t **self_p);

//  ---- from the bus

void ingress_budgets_on_told (ingress_budgets_t *self, const br_msg_t *msg);

//  msg: auth.changed; of an owner that was not heard of before.
void ingress_budgets_on_changed (ingress_budgets_t *self, const br_msg_t *msg);
void ingress_budgets_gone (ingress_budgets_t *self, uint32_t host, uint32_t life);

#endif
