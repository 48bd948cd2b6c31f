//  ingress_claim: what a call with an Idempotency-Key does before it goes its way, and
//  whether it may hear an answer that is kept.

#ifndef BR_INGRESS_CLAIM_H
#define BR_INGRESS_CLAIM_H

#include "actors/ingress/ingress_self.h"

//  Asks the owner of the keys first, if there is one: to the machine it is the router, and
//  who answers too. True when the call does not simply go on.
bool ingress_claim (ingress_exchange_t *x, const request_t *request);

//  The call is opened: its answer will be kept under these guardrails.
void ingress_claim_under (ingress_exchange_t *x);

//  ---- what the owner says

void ingress_claim_go (ingress_exchange_t *x, const br_msg_t *msg);
void ingress_claim_refuse (ingress_exchange_t *x, const br_msg_t *msg);

//  The head of an answer. True when it is one that is kept, was made under other guardrails,
//  and has not passed those that a guard would have to look after now: it is refused.
bool ingress_claim_outdated (ingress_exchange_t *x, const struct br_reply_head *head);

#endif
