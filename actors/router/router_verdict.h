//  router_verdict: what the client is told when every attempt has failed. Pure: failures
//  come in, one last word comes out.

#ifndef BR_ROUTER_VERDICT_H
#define BR_ROUTER_VERDICT_H

#include "broker/core/blob.h"
#include "broker/core/error.h"
#include "broker/core/failure.h"
#include "broker/core/verbs.h"

//  How one attempt failed.
typedef struct _router_failure_t {
    br_code_t code;
    br_failure_t failure;
    unsigned status;          //  the provider's HTTP status; 0 = none
    uint64_t retry_after_ms;  //  the provider says when; 0 = it does not
    uint64_t waited_us;       //  for the provider
    const char *text;         //  borrowed
    const char *content_type; //  borrowed; of the body
    br_bytes_t headers;       //  borrowed; pairs
    br_blob_t *body;          //  borrowed; the provider's own, or NULL
} router_failure_t;

typedef struct _router_verdict_t router_verdict_t;

//  "caller destroys"
router_verdict_t *router_verdict_new (void);
void router_verdict_destroy (router_verdict_t **self_p);

//  Notes the next failure; what it borrows is copied, the body by reference.
void router_verdict_add (router_verdict_t *self, const router_failure_t *failure);

//  The last word. status is 0 for that of the code. "owned by self, until next change"
//  - all at a limit, the provider's or ours: 429; the provider's own words if the last one
//    has some
//  - all without credit: 402
//  - else a 400, 404, 409, 413, 422, 429 or 5xx of the last attempt goes through as it is,
//    unless it concerns the credential;
//  - a content policy that has no such status: 403
//  - else, if all failed alike or the last one ends the call, its code and text;
//  - else BR_EUNAVAILABLE.
//  When one may come back is in its headers: what the last attempt says if it goes through,
//  the least of all if none does, or if all are at a limit.
const router_failure_t *router_verdict_word (router_verdict_t *self);

#endif
