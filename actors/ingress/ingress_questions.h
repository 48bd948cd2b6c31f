//  ingress_questions: guests who wait for an actor's answer to one question: each has a
//  ticket and a deadline. Nobody here knows what is asked.

#ifndef BR_INGRESS_QUESTIONS_H
#define BR_INGRESS_QUESTIONS_H

#include "actors/ingress/ingress_reply.h"
#include "broker/core/actor.h"

#define INGRESS_QUESTIONS_MAX 256 //  that wait at the same time; more are refused

typedef struct _ingress_questions_t ingress_questions_t;

//  Called when one waits no more.
typedef void (ingress_questions_fn) (void *arg);

//  What an answer is: it replies to the guest.
typedef void (ingress_question_fn) (void *arg, const ingress_guest_t *guest);

//  "caller destroys"; who waits hears nothing any more. ctx and arg are borrowed.
ingress_questions_t *ingress_questions_new (br_ctx_t *ctx, ingress_questions_fn *ended,
                                            void *arg);
void ingress_questions_destroy (ingress_questions_t **self_p);

//  Lets a guest wait for an actor; who does not answer in time is refused with 503.
//  in:   actor, a name of the directory; wait_ms, how long
//  out:  *ret_to, whom to send the question to
//  ret:  the ticket, or 0 when the guest was refused: there is no such actor, or too many
//        wait
uint64_t ingress_questions_add (ingress_questions_t *self, const ingress_guest_t *guest,
                                const char *actor, uint64_t wait_ms, br_addr_t *ret_to);

//  The question did not leave: the guest is refused.
void ingress_questions_fail (ingress_questions_t *self, uint64_t ticket);

//  The answer is here: fn tells the guest. One that nobody waits for is ignored.
void ingress_questions_answer (ingress_questions_t *self, uint64_t ticket,
                               ingress_question_fn *fn, void *arg);

size_t ingress_questions_count (const ingress_questions_t *self); //  that wait

//  A host is gone: who waits for an actor of it is refused.
void ingress_questions_gone (ingress_questions_t *self, uint32_t host, uint32_t life);

#endif
