//  router_open: one open call as the bus sees it: what it was opened with, whom it talks
//  to, and the messages that its attempts send. When which is sent is router_call's matter.

#ifndef BR_ROUTER_OPEN_H
#define BR_ROUTER_OPEN_H

#include "actors/router/router_call.h"
#include "actors/router/router_env.h"

typedef struct _router_open_t router_open_t;

//  Unpacks call.open; takes a copy of its fields and a reference on its body.
//  "caller destroys". err: BR_EINTERNAL a malformed slip or candidate list
router_open_t *router_open_new (const router_env_t *env, const br_msg_t *msg,
                                br_error_t *reterr);
void router_open_destroy (router_open_t **self_p);

//  Something happened, as router_call_handle.
void router_open_handle (router_open_t *self, router_event_t event,
                         const router_news_t *news);

//  A host is gone; it may be that of ingress, of the provider's actor, or none of them.
void router_open_gone (router_open_t *self, const struct br_sys_gone *gone);

//  The router ends before the call does: one that has asked a provider is settled as lost.
void router_open_lose (router_open_t *self);

br_id_t router_open_id (const router_open_t *self);
br_addr_t router_open_ingress (const router_open_t *self); //  the last stop down
br_addr_t router_open_down (const router_open_t *self);    //  the first one
bool router_open_has_ended (const router_open_t *self);    //  settled

#endif
