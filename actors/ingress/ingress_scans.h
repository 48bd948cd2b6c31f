//  ingress_scans: request bodies that are walked for what routing needs: small ones at
//  once, large ones in slices, by turns, so that nobody else has to wait for them.

#ifndef BR_INGRESS_SCANS_H
#define BR_INGRESS_SCANS_H

#include "broker/core/actor.h"
#include "broker/proto/request.h"

#define INGRESS_HASH_BYTES 32 //  SHA-256

typedef struct _ingress_scans_t ingress_scans_t;
typedef struct _ingress_scan_t ingress_scan_t; //  one body under way

//  A walk has ended: with the request, or with an error and NULL.
typedef void (ingress_scan_fn) (void *arg, const request_t *request,
                                const br_error_t *error);

//  "caller destroys"; ctx is borrowed.
ingress_scans_t *ingress_scans_new (br_ctx_t *ctx);
void ingress_scans_destroy (ingress_scans_t **self_p);

//  A body. known is borrowed during ingress_scans_add alone, all else until fn is called.
typedef struct _ingress_scan_ask_t {
    const request_known_t *known; //  REQUEST_NOWHERE: nothing is looked for in it
    const void *bytes;
    size_t size;
    uint8_t *ret_hash; //  INGRESS_HASH_BYTES, of the body, once it is walked; NULL = none
    ingress_scan_fn *fn;
    void *arg;
} ingress_scan_ask_t;

//  Walks a body. Calls fn before it returns NULL; or returns the walk, "owned by self"
//  until fn is called in a later turn.
ingress_scan_t *ingress_scans_add (ingress_scans_t *self, const ingress_scan_ask_t *ask);

//  Forgets a walk, whose fn is not called any more; *scan_p becomes NULL, and may be.
void ingress_scans_drop (ingress_scans_t *self, ingress_scan_t **scan_p);

#endif
