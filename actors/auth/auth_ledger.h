//  auth_ledger: what the meter is asked and tells: sums of the ledger at the first use of a
//  budget, and that its rows come without a gap. Where that is broken, by a lost row or
//  another meter, nothing counts that was known, and it is asked again.

#ifndef BR_AUTH_LEDGER_H
#define BR_AUTH_LEDGER_H

#include "broker/core/actor.h"
#include "actors/auth/auth_budgets.h"

#define AUTH_ANSWER_MS 5000 //  the meter answers in that time, or is not there

typedef struct _auth_ledger_t auth_ledger_t;

//  ctx and budgets are borrowed. "caller destroys", before the budgets.
auth_ledger_t *auth_ledger_new (br_ctx_t *ctx, auth_budgets_t *budgets);
void auth_ledger_destroy (auth_ledger_t **self_p);

//  Asks what is spent of a budget, unless that is under way.
//  err:  BR_EGONE there is no meter
int auth_ledger_ask (auth_ledger_t *self, auth_budget_t *budget, br_error_t *reterr);

//  spend.told. The budget that it is about, or NULL when nobody waits for it.
//  err:  *reterr has a code other than BR_OK when the ledger has no sum
auth_budget_t *auth_ledger_told (auth_ledger_t *self, const br_msg_t *msg,
                                 br_error_t *reterr);

//  The budget's question will not be answered.
void auth_ledger_give_up (auth_ledger_t *self, auth_budget_t *budget);

//  A row of call.metered came. False when others before it did not: then no budget is known
//  any more.
bool auth_ledger_metered (auth_ledger_t *self, br_addr_t meter, uint64_t seq);

//  A host is gone. True when it was the meter's: then no budget is known any more.
bool auth_ledger_gone (auth_ledger_t *self, uint32_t host, uint32_t life);

size_t auth_ledger_questions (const auth_ledger_t *self); //  that are under way, count

#endif
