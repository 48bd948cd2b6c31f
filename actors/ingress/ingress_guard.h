//  ingress_guard: whether a call is under guardrails, and what follows: rules that redact or
//  block, or rules for tools, put the guard on its way; of rules that only warn the guard gets copies.

#ifndef BR_INGRESS_GUARD_H
#define BR_INGRESS_GUARD_H

#include "broker/core/actor.h"
#include "broker/guard/guard_scope.h"
#include "broker/proto/surface.h"

//  What holds for one call. All zero: no guardrails.
typedef struct _ingress_guard_t {
    guard_sets_t sets;
    uint64_t generation; //  of the configuration that chose them
    br_surface_t surface;
    br_addr_t guard;        //  unset: there is none, or none is needed
    bool stands_up;         //  the request goes through it
    bool stands_down;       //  the answer does
    bool looks_up;          //  it gets a copy of the request
    bool looks_down;        //  ... of the answer
    bool has_looked;        //  a piece of the answer was sent
    bool has_missed;        //  rules that fail open were not applied
    bool has_missed_answer; //  ... to the answer
} ingress_guard_t;

//  in:   self, its surface; scope, or NULL for none; key, id of the caller's credential, or ""; candidates, see
//        broker/proto/candidates.h
//  err:  BR_EGONE there is no guard, and rules that redact or block concern the call of which
//        one fails closed, or rules for tools. Where all of them fail open it goes on as if
//        there were none, and has_missed what it says
int ingress_guard_choose (ingress_guard_t *self, br_ctx_t *ctx,
                          const guard_scope_t *scope, const char *key, const char *route,
                          br_bytes_t candidates, br_error_t *reterr);

//  Copies for rules that only warn; nothing happens where there are none, or the guard stands
//  in the way itself. body: a reference is taken; may be NULL.
void ingress_guard_look_up (ingress_guard_t *self, br_ctx_t *ctx, br_id_t call,
                            br_blob_t *body);
void ingress_guard_look_down (ingress_guard_t *self, br_ctx_t *ctx, br_id_t call,
                              bool is_events, bool is_last, br_blob_t *body);

//  The call is over.
void ingress_guard_end (ingress_guard_t *self, br_ctx_t *ctx, br_id_t call);

#endif
