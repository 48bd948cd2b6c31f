//  ingress_figures: the figures of calls over HTTP, as the actor `metrics` tells them.
//  Who asks waits for at most INGRESS_FIGURES_MS.

#ifndef BR_INGRESS_FIGURES_H
#define BR_INGRESS_FIGURES_H

#include "actors/ingress/ingress_reply.h"
#include "broker/core/actor.h"

#define INGRESS_FIGURES_MS 2000
#define INGRESS_FIGURES_MAX 256 //  that wait at the same time; more are refused

typedef struct _ingress_figures_t ingress_figures_t;

//  Called when one waits no more.
typedef void (ingress_figures_fn) (void *arg);

//  "caller destroys"; who waits hears nothing any more. ctx and arg are borrowed.
ingress_figures_t *ingress_figures_new (br_ctx_t *ctx, ingress_figures_fn *ended,
                                        void *arg);
void ingress_figures_destroy (ingress_figures_t **self_p);

//  Asks for the figures, and answers the guest when they come: 200 with them, or 503.
//  in:   form, "json" or "prometheus"
void ingress_figures_ask (ingress_figures_t *self, const ingress_guest_t *guest,
                          const char *form);

size_t ingress_figures_count (const ingress_figures_t *self); //  that wait

//  ---- from the bus

//  An answer that nobody waits for any more is ignored.
void ingress_figures_on_told (ingress_figures_t *self, const br_msg_t *msg);

//  A host is gone: who waits for it is refused.
void ingress_figures_gone (ingress_figures_t *self, uint32_t host, uint32_t life);

#endif
