//  ingress_idem: calls that carry an Idempotency-Key, as far as the owner of the keys is
//  concerned. Each is claimed there first. Either it is the first one, goes its usual way,
//  and its answer is told to the owner as it is written; or it hears the owner's words, which
//  are those of an answer. Telling stops nobody: what cannot be told makes the answer one
//  that is not kept.
//  src:  docs/rfc/4-CALL.md, Idempotency

#ifndef BR_INGRESS_IDEM_H
#define BR_INGRESS_IDEM_H

#include <stdbool.h>

#include "actors/ingress/ingress_answer.h"
#include "broker/core/actor.h"
#include "broker/net/http_server.h"
#include "broker/proto/request.h"
#include "broker/proto/surface.h"

#define INGRESS_IDEM_KEY_MAX 255              //  characters
#define INGRESS_IDEM_TELL_BYTES (64u << 10)   //  of an answer that are told together
#define INGRESS_IDEM_SLICE_BYTES (256u << 10) //  of a request that are hashed in one go
#define INGRESS_IDEM_AGAIN_MS 100             //  between two tries to send

typedef struct _ingress_idems_t ingress_idems_t; //  of an ingress
typedef struct _ingress_idem_t ingress_idem_t;   //  one call

//  "caller destroys", after all that hold one of its calls have let go
ingress_idems_t *ingress_idems_new (br_ctx_t *ctx);
void ingress_idems_destroy (ingress_idems_t **self_p);

//  A host is gone: owners that lived there are told nothing any more.
void ingress_idems_gone (ingress_idems_t *self, uint32_t host, uint32_t life);

//  The key of a request.
//  out:  *ret_key, "owned by http"; NULL when it has none, or when its surface has no use
//        for one: it neither talks nor passes a POST on
//  err:  BR_EINVALID it is no key
int ingress_idem_key (br_surface_t surface, const http_call_t *http, const char **ret_key,
                      br_error_t *reterr);

//  The owner takes no message, and its host is gone: nobody will answer the claim. Never
//  called from inside a function of this file.
typedef void (ingress_idem_lost_fn) (void *arg);

typedef struct _ingress_idem_ask_t {
    br_id_t call;
    br_addr_t owner;
    const char *scope; //  the caller's account, or ""
    const char *key;
    const http_call_t *http;  //  the request
    const request_t *request; //  what was found out about it; copied
    ingress_idem_lost_fn *lost;
    void *arg; //  borrowed
} ingress_idem_ask_t;

//  Claims the key, after the request's body was hashed, in slices if it is large. "caller
//  lets go"
ingress_idem_t *ingress_idem_claim (ingress_idems_t *all, const ingress_idem_ask_t *ask);

//  Lets go without a word; what is owed already is said all the same.
void ingress_idem_let_go (ingress_idem_t **self_p);

//  All below: self may be NULL, for a call without a key; then nothing happens.

const request_t *ingress_idem_request (const ingress_idem_t *self);

//  Whether the call is not one of its own: it is claimed, and was not told to go.
bool ingress_idem_is_aside (const ingress_idem_t *self);
bool ingress_idem_is_replay (const ingress_idem_t *self); //  it hears an answer

//  ---- what the owner says. False when the call did not wait for it.

bool ingress_idem_go (ingress_idem_t *self, const struct br_idem_go *go);
bool ingress_idem_hear (ingress_idem_t *self);
bool ingress_idem_refused (ingress_idem_t *self);

//  ---- what the client gets; told to the owner if the call is the first one

//  Before the head: the digest of the guardrails that let the answer through; copied. "" = of
//  none.
void ingress_idem_under (ingress_idem_t *self, const char *guard_rules);

//  guard_said: bits of guard_said_t
void ingress_idem_head (ingress_idem_t *self, const ingress_head_t *head,
                        uint64_t guard_said);
void ingress_idem_write (ingress_idem_t *self, const void *bytes, size_t size);

//  A whole answer: its head, body and end.
void ingress_idem_reply (ingress_idem_t *self, const ingress_head_t *head,
                         uint64_t guard_said, br_blob_t *body);

//  The last word, or that there will be none: complete only if all of a success was
//  written. Later ones are ignored.
void ingress_idem_end (ingress_idem_t *self, bool complete);

#endif
