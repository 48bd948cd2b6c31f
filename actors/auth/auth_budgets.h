//  auth_budgets: all budgets that were asked for lately, and all calls that wait or hold. A
//  budget without calls that nobody asks for makes room for others: the ledger can tell it
//  again.

#ifndef BR_AUTH_BUDGETS_H
#define BR_AUTH_BUDGETS_H

#include "actors/auth/auth_budget.h"

#define AUTH_BUDGETS_MAX 65536
#define AUTH_CALLS_MAX 262144
#define AUTH_IDLE_MS 3600000 //  a budget that was not asked for so long is forgotten
#define AUTH_EXTENT_MAX_S 3155760000 //  a hundred years: a longer window counts as that

//  Whose budget, and over what. Texts are borrowed.
typedef struct _auth_scope_t {
    br_budget_scope_t scope;
    br_budget_range_t range;
    uint64_t extent; //  rounds, or seconds
    const char *account;
    const char *key;
    uint64_t issued_s; //  unix time
} auth_scope_t;

typedef struct _auth_budgets_t auth_budgets_t;

auth_budgets_t *auth_budgets_new (void); //  "caller destroys"
void auth_budgets_destroy (auth_budgets_t **self_p);

//  The budget, used now; made when it is not there. NULL when there is no room.
//  "owned by self"
auth_budget_t *auth_budgets_get (auth_budgets_t *self, const auth_scope_t *scope,
                                 uint64_t now_ms);

//  The budgets of a credential or an account, over whatever range: the first one, then
//  those behind it. NULL ends. Getting another budget ends the walk.
auth_budget_t *auth_budgets_first (const auth_budgets_t *self, br_budget_scope_t scope,
                                   const char *owner);
auth_budget_t *auth_budgets_next (const auth_budget_t *budget);

//  Notes in a budget what calls hold of the others of the same owner.
void auth_budgets_look_beside (const auth_budgets_t *self, auth_budget_t *budget);

//  The one that was used last, or NULL; then its `older`, and so on.
auth_budget_t *auth_budgets_newest (const auth_budgets_t *self);
size_t auth_budgets_size (const auth_budgets_t *self); //  count

//  ---- calls

//  A call that neither waits nor holds yet; its id must be new. NULL when there is no room.
//  "owned by self"
auth_call_t *auth_budgets_add (auth_budgets_t *self, auth_budget_t *budget, br_id_t id);

//  The call, or NULL.
auth_call_t *auth_budgets_call (const auth_budgets_t *self, br_id_t id);

//  It leaves its budget and is forgotten.
void auth_budgets_end (auth_budgets_t *self, auth_call_t *call);

//  All calls (auth_call_t *), in no order, for walks that may end some. "caller frees"
void **auth_budgets_calls (const auth_budgets_t *self, size_t *ret_count);

#endif
