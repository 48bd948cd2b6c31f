//  ingress_entry: the way of a request until the bus knows its call: its body is walked, its
//  Idempotency-Key claimed, the maker of an object that it names searched, its endpoints
//  found, limits asked, call.open sent. At any step it may be refused.

#ifndef BR_INGRESS_ENTRY_H
#define BR_INGRESS_ENTRY_H

#include "actors/ingress/ingress_opening.h"
#include "actors/ingress/ingress_self.h"

//  Looks at the body, as far as there is anything in it to be looked for; all else follows.
//  The exchange is entered.
void ingress_entry_walk (ingress_exchange_t *x);

//  The body is walked, and no key stands in the way: finds out who may answer, or refuses.
void ingress_entry_go (ingress_exchange_t *x, const request_t *request);

//  Whose request it is. "owned by x"
ingress_asker_t ingress_entry_asker (const ingress_exchange_t *x);

//  Gives up an exchange that is on its way, without a word. False when it is not.
bool ingress_entry_drop (ingress_exchange_t *x);

#endif
