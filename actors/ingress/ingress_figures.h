//  ingress_figures: the figures of calls over HTTP, as the actor `metrics` tells them.

#ifndef BR_INGRESS_FIGURES_H
#define BR_INGRESS_FIGURES_H

#include "actors/ingress/ingress_questions.h"

#define INGRESS_FIGURES_MS 2000 //  that who asks waits

//  Asks for the figures, and answers the guest when they come: 200 with them, or 503.
//  in:   form, "json" or "prometheus"
void ingress_figures_ask (br_ctx_t *ctx, ingress_questions_t *questions,
                          const ingress_guest_t *guest, const char *form);

//  metrics.told.
void ingress_figures_on_told (ingress_questions_t *questions, const br_msg_t *msg);

#endif
