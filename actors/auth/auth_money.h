//  auth_money: what is said about budgets: who asks, what is held, what was metered. The
//  rules are auth_budget's, the ledger auth_ledger's.
//
//  An owner that has just started knows nothing of calls that hold something. It hears of
//  them from every ingress (budget.hold), and asks the ledger only a little later, so that it
//  grants nothing before.

#ifndef BR_AUTH_MONEY_H
#define BR_AUTH_MONEY_H

#include "broker/core/actor.h"
#include "broker/core/json_writer.h"

#define AUTH_YOUNG_MS 500       //  after the start: holds are told again
#define AUTH_TICK_MS 50         //  between two looks at those that wait
#define AUTH_GRACE_MS 10000     //  holds of an ingress that is gone stay so long
#define AUTH_DOUBTFUL_MS 600000 //  holds whose end may have been missed stay so long
#define AUTH_REFRESH_MS 1000    //  between two questions about the same window
#define AUTH_WAIT_MAX_MS 600000 //  nobody waits longer
#define AUTH_EVENT_MS 1000      //  between two events of one budget

typedef struct _auth_money_t auth_money_t;

//  ctx is borrowed. "caller destroys"
auth_money_t *auth_money_new (br_ctx_t *ctx);
void auth_money_destroy (auth_money_t **self_p);

//  Other actors may be heard and told from now on.
void auth_money_begin (auth_money_t *self);

void auth_money_on_ask (auth_money_t *self, const br_msg_t *msg);
void auth_money_on_hold (auth_money_t *self, const br_msg_t *msg);
void auth_money_on_drop (auth_money_t *self, const br_msg_t *msg);
void auth_money_on_metered (auth_money_t *self, const br_msg_t *msg);
void auth_money_on_told (auth_money_t *self, const br_msg_t *msg);
void auth_money_on_gone (auth_money_t *self, uint32_t host, uint32_t life);

//  The budgets as an array, those asked for last first, as many as out has room for.
void auth_money_show (auth_money_t *self, json_writer_t *out);

#endif
