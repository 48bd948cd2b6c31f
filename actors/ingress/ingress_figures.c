//  ingress_figures: a question to `metrics`, and its answer.

#include "actors/ingress/ingress_figures.h"

#define TYPE_DEFAULT "text/plain; charset=utf-8"

void
ingress_figures_ask (br_ctx_t *ctx, ingress_questions_t *questions,
                     const ingress_guest_t *guest, const char *form)
{
    br_addr_t metrics;
    struct br_metrics_ask ask = { .form = form };
    ask.ticket = ingress_questions_add (questions, guest, "metrics", INGRESS_FIGURES_MS,
                                        &metrics);
    if (ask.ticket
        && br_ctx_send (ctx, metrics, BR_METRICS_ASK, (br_id_t) { 0, 0 }, 0, &ask, NULL))
        ingress_questions_fail (questions, ask.ticket);
}

static void
s_tell (void *arg, const ingress_guest_t *guest)
{
    const br_msg_t *msg = *(const br_msg_t **) arg;
    const struct br_metrics_told *told = br_msg_fields (msg);
    ingress_head_t head = { .status = 200, .provider = "", .model = "" };
    head.content_type = *told->content_type ? told->content_type : TYPE_DEFAULT;
    head.elsewhere_us = INGRESS_UNTOLD;
    ingress_reply_whole (guest, &head, msg->body);
}

void
ingress_figures_on_told (ingress_questions_t *questions, const br_msg_t *msg)
{
    const struct br_metrics_told *told = br_msg_fields (msg);
    ingress_questions_answer (questions, told->ticket, s_tell, &msg);
}
