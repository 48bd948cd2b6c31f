//  ingress_identities: what the owner of identities has told of credentials, for as long as
//  it counts, and who waits to be told. A credential itself is never kept: its SHA-256
//  stands for it. What was told is forgotten when the owner says so, when its host is gone,
//  and at its expiry.

#ifndef BR_INGRESS_IDENTITIES_H
#define BR_INGRESS_IDENTITIES_H

#include "actors/ingress/ingress_identity.h"
#include "broker/core/actor.h"

#define INGRESS_IDENTITIES_MAX 8192 //  that are known; of more the oldest goes
#define INGRESS_REFUSED_MAX 1024    //  credentials that were refused, likewise
#define INGRESS_REFUSED_MS 1000     //  a refusal counts for so long
#define INGRESS_ASKED_MAX 4096      //  credentials that are asked about; more: refused
#define INGRESS_ASKED_MS 1000       //  the owner has so long to answer

typedef struct _ingress_identities_t ingress_identities_t;

typedef enum {
    INGRESS_UNKNOWN, //  it is to be asked
    INGRESS_KNOWN,
    INGRESS_REFUSED
} ingress_known_t;

//  identity: borrowed; NULL when it is refused, or nobody answers.
//  refused: BR_EAUTH with the owner's reason, BR_EGONE no answer.
typedef void (ingress_identities_fn) (void *arg, ingress_identity_t *identity,
                                      const br_error_t *refused);

//  "caller destroys"; who waits hears nothing any more. ctx is borrowed.
ingress_identities_t *ingress_identities_new (br_ctx_t *ctx);
void ingress_identities_destroy (ingress_identities_t **self_p);

//  What is known of a credential.
//  out:  *ret_identity, "owned by self, until next change", when it is known
//  err:  when it is refused: BR_EAUTH with the reason
ingress_known_t ingress_identities_look (ingress_identities_t *self,
                                         const char *credential,
                                         ingress_identity_t **ret_identity,
                                         br_error_t *reterr);

//  Asks about one that is not known; equal ones are asked about once. fn is called once, in
//  a later turn, unless the waiter leaves.
//  ret:  number of the waiter, or 0: then fn is not called
//  err:  BR_EGONE there is no owner; BR_EBUSY too many are asked about
uint64_t ingress_identities_ask (ingress_identities_t *self, const char *credential,
                                 ingress_identities_fn *fn, void *arg,
                                 br_error_t *reterr);

//  The waiter does not wait any more. Unknown numbers are ignored.
void ingress_identities_leave (ingress_identities_t *self, uint64_t waiter);

//  ---- from the bus

void ingress_identities_on_told (ingress_identities_t *self, const br_msg_t *msg);
void ingress_identities_forget (ingress_identities_t *self); //  what was told

//  A host is gone: what its owner has told is forgotten, who waits for it is refused.
void ingress_identities_gone (ingress_identities_t *self, uint32_t host, uint32_t life);

size_t ingress_identities_count (const ingress_identities_t *self); //  that are known

#endif
