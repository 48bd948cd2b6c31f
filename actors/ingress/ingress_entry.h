//  ingress_entry: the way of a request until the bus knows its call: its body is walked, its
//  Idempotency-Key claimed, its endpoints found, limits asked, call.open sent. At any step
//  it may be refused.

#ifndef BR_INGRESS_ENTRY_H
#define BR_INGRESS_ENTRY_H

#include "actors/ingress/ingress_self.h"

//  Looks at the body, as far as there is anything in it to be looked for; all else follows.
//  The exchange is entered.
void ingress_entry_walk (ingress_exchange_t *x);

//  The owner of Idempotency-Keys lets the call go its way, or refuses it.
void ingress_entry_idem_go (ingress_exchange_t *x, const br_msg_t *msg);
void ingress_entry_idem_refuse (ingress_exchange_t *x, const br_msg_t *msg);

//  Gives up an exchange that is on its way, without a word. False when it is not.
bool ingress_entry_drop (ingress_exchange_t *x);

#endif
