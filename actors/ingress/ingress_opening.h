//  ingress_opening: a call that is not open yet: what was found out about its request, and
//  the message that opens it.

#ifndef BR_INGRESS_OPENING_H
#define BR_INGRESS_OPENING_H

#include "actors/ingress/ingress_asked.h"
#include "actors/ingress/ingress_self.h"
#include "actors/ingress/ingress_wishes.h"
#include "broker/proto/cargo.h"

#define INGRESS_CALLER_MAX 64 //  bytes of a caller's address, with its end

//  Whose request it is. All is borrowed.
typedef struct _ingress_asker_t {
    http_call_t *http;
    br_id_t id;
    const char *request_id;
    br_surface_t surface;
    uint64_t started_us; //  when the request had come
    const ingress_wishes_t *wishes;
    const ingress_identity_t *identity; //  NULL = nobody we know
    br_bytes_t who;                     //  see ingress_attribution.h
    br_bytes_t request_hash; //  SHA-256 of the body; empty = no receipt is wanted
    uint64_t max_output; //  tokens that its budget has room for; 0 = it does not matter
    const ingress_guard_t
        *guard; //  guardrails that the call is under, once they are known
} ingress_asker_t;

//  Must not be moved in memory.
typedef struct _ingress_opening_t {
    request_t request;
    ingress_asked_t asked;
    ingress_wishes_t wishes; //  copied
    ingress_target_t target; //  borrowed from scratch: renew it after a wait
    br_cargo_t cargo;
    char caller[INGRESS_CALLER_MAX]; //  address without a port
    uint64_t generation;             //  of the configuration that was asked
    unsigned hops;                   //  times that it came through a bitrouter before
} ingress_opening_t;

//  Reads what the request wants, and finds out who may answer it. "caller frees"
//  in:   request, as its body was walked
//  ret:  NULL when it is refused
//  err:  BR_EINVALID a name makes no sense; those of ingress_resolve; BR_EFORBIDDEN the
//        caller may use none of them
ingress_opening_t *ingress_opening_new (ingress_t *self, const ingress_asker_t *asker,
                                        const request_t *request, br_error_t *reterr);

//  Finds out again who may answer: other calls came between. err: the same
int ingress_opening_renew (ingress_t *self, const ingress_asker_t *asker,
                           ingress_opening_t *opening, br_error_t *reterr);

//  What is left of the client's bound for the whole call, in ms; at least 1 when there is
//  one, else 0.
uint64_t ingress_opening_left_ms (const ingress_t *self, const ingress_asker_t *asker);

//  The model's name when the slice has limits for it; else NULL.
const char *ingress_opening_limited_model (const ingress_t *self,
                                           const ingress_opening_t *opening);

//  What it may use of limits of tokens: the input, and the maximum of output if it has one.
uint64_t ingress_opening_tokens (const ingress_opening_t *opening);

//  Nobody waits for the rest of a stream; other answers may be worth to be finished.
bool ingress_opening_is_unattended (const ingress_t *self,
                                    const ingress_opening_t *opening);

//  Whether another endpoint may go on with a cut answer: the client wants that, and the
//  answer is a stream of talk.
bool ingress_opening_continues (const ingress_opening_t *opening, br_surface_t surface);

//  Sends call.open to a router, with the body, which http holds no longer.
//  ret:  -1 when the router takes no message
int ingress_opening_send (ingress_t *self, const ingress_asker_t *asker,
                          const ingress_opening_t *opening, br_addr_t router);

#endif
