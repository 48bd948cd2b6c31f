//  ingress_call: one call as ingress sees it, from its open to the last word: a table of
//  states and events, with neither HTTP nor a bus in it. It is fed what arrives and tells
//  what to do, at once and in order, through a table of functions. What it does depends on
//  the order of the events alone.
//  src:  docs/rfc/4-CALL.md

#ifndef BR_INGRESS_CALL_H
#define BR_INGRESS_CALL_H

#include <stdbool.h>

#include "actors/ingress/ingress_answer.h"

typedef enum {
    INGRESS_ROUTER_GONE,   //  its host is gone, or takes no messages
    INGRESS_UPSTREAM_GONE, //  the host of who answers
    INGRESS_GUARD_GONE,    //  ... of the guard that it passes
    INGRESS_CLIENT_GONE,   //  the client left; nothing is written any more
    INGRESS_CANCELLED,     //  we end it ourselves: no more time to drain
    INGRESS_EXPIRED,       //  we end it ourselves: the client's time has passed
    INGRESS_SILENCE        //  nothing was written for some time
} ingress_news_t;

typedef struct _ingress_call_t ingress_call_t;

//  A call that was just opened. out and arg are borrowed. "caller destroys"
ingress_call_t *ingress_call_new (br_surface_t surface, const ingress_out_t *out,
                                  void *arg);
void ingress_call_destroy (ingress_call_t **self_p);

//  Before anything arrives: see ingress_answer_as_array.
void ingress_call_as_array (ingress_call_t *self);

//  Before anything arrives: the call goes on to its end though its client has left.
void ingress_call_finish_unattended (ingress_call_t *self);

//  Before anything arrives: it passes a guard, which may refuse it before a router sees it.
void ingress_call_pass_guard (ingress_call_t *self);

//  ---- what arrives. Fields and body are borrowed during the call; body may be NULL.
//  After the last word anything is ignored, but for fences, which are always answered.

void ingress_call_head (ingress_call_t *self, uint32_t attempt,
                        const struct br_reply_head *head, br_blob_t *body);
void ingress_call_delta (ingress_call_t *self, uint32_t attempt,
                         const struct br_reply_delta *delta, br_blob_t *body);
void ingress_call_end (ingress_call_t *self, uint32_t attempt,
                       const struct br_reply_end *end);
void ingress_call_error (ingress_call_t *self, uint32_t attempt,
                         const struct br_reply_error *error, br_blob_t *body);
void ingress_call_broken (ingress_call_t *self, uint32_t attempt,
                          const struct br_reply_broken *broken);
void ingress_call_fence (ingress_call_t *self, uint32_t attempt);

//  The client's socket has taken so many bytes of the answer's body, from its start on.
void ingress_call_written (ingress_call_t *self, uint64_t body_bytes);
void ingress_call_news (ingress_call_t *self, ingress_news_t news);

//  ---- what it is at

bool ingress_call_is_over (const ingress_call_t *self);      //  the last word was said
bool ingress_call_is_committed (const ingress_call_t *self); //  a head was written

//  Whether what was written of a stream of events ends with an event.
bool ingress_call_is_between (const ingress_call_t *self);

//  Whether words of this attempt would be taken.
bool ingress_call_counts (const ingress_call_t *self, uint32_t attempt);

uint32_t ingress_call_attempt (const ingress_call_t *self);     //  newest; 0 = none yet
const char *ingress_call_provider (const ingress_call_t *self); //  of the head, or ""
const char *ingress_call_model (const ingress_call_t *self);
unsigned
ingress_call_status (const ingress_call_t *self); //  that the client got; 0 = none

#endif
