//  ingress_search: who made objects that providers keep, as far as all ingresses share that
//  knowledge: its owner (the actor `idempotency`) is told of each that was made here, and
//  asked about each that is not known here. What it knows is noted in its makers.
//  src:  docs/rfc/4-CALL.md, Stored objects

#ifndef BR_INGRESS_SEARCH_H
#define BR_INGRESS_SEARCH_H

#include "broker/core/actor.h"
#include "broker/proto/makers.h"
#include "broker/proto/request.h"

#define INGRESS_MADE_MAX 16384 //  objects that an ingress remembers
#define INGRESS_SEARCH_MS 2000 //  that an answer is waited for

typedef struct _ingress_searches_t ingress_searches_t; //  of an ingress
typedef struct _ingress_search_t ingress_search_t;     //  of one call

typedef enum {
    INGRESS_SEARCH_ANSWERED, //  what the owner knows is noted
    INGRESS_SEARCH_SILENT,   //  it does not answer, or is gone
    INGRESS_SEARCH_EXPIRED   //  the client's time has passed
} ingress_search_end_t;

typedef void (ingress_search_fn) (void *arg, ingress_search_end_t end);

typedef struct _ingress_search_ask_t {
    br_id_t call;             //  that does not wait for an answer already
    const char *object;       //  copied
    const request_t *request; //  what was found out about it; copied
    uint64_t left_ms;         //  of the client's time; 0 = it has no bound
    ingress_search_fn *fn;
    void *arg; //  borrowed
} ingress_search_ask_t;

//  "caller destroys", after all that hold a search have dropped it. ctx and made are borrowed.
ingress_searches_t *ingress_searches_new (br_ctx_t *ctx, br_makers_t *made);
void ingress_searches_destroy (ingress_searches_t **self_p);

//  Tells the owner of an object that was made here. Where that cannot be, this ingress alone
//  knows it.
void ingress_searches_tell (ingress_searches_t *self, const char *object,
                            const br_maker_t *maker);

//  Asks the owner. fn is called once, in a later turn, unless the search is dropped first; it
//  may drop it. "caller drops"
//  ret:  NULL when nobody can be asked
ingress_search_t *ingress_search_new (ingress_searches_t *all,
                                      const ingress_search_ask_t *ask);
void ingress_search_drop (ingress_search_t **self_p);

const request_t *ingress_search_request (const ingress_search_t *self);

//  ---- from the bus

void ingress_searches_on_told (ingress_searches_t *self, const br_msg_t *msg);
void ingress_searches_gone (ingress_searches_t *self, uint32_t host, uint32_t life);

#endif
