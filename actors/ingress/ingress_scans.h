//  ingress_scans: request bodies that are walked for what routing needs: small ones at
//  once, large ones in slices, by turns, so that nobody else has to wait for them.

#ifndef BR_INGRESS_SCANS_H
#define BR_INGRESS_SCANS_H

#include "broker/core/actor.h"
#include "broker/proto/request.h"

typedef struct _ingress_scans_t ingress_scans_t;
typedef struct _ingress_scan_t ingress_scan_t; //  one body under way

//  A walk has ended: with the request, or with an error and NULL.
typedef void (ingress_scan_fn) (void *arg, const request_t *request,
                                const br_error_t *error);

//  "caller destroys"; ctx is borrowed.
ingress_scans_t *ingress_scans_new (br_ctx_t *ctx);
void ingress_scans_destroy (ingress_scans_t **self_p);

//  Walks a body. Calls fn before it returns NULL; or returns the walk, "owned by self"
//  until fn is called in a later turn. bytes and arg are borrowed until then; known during
//  the call alone.
ingress_scan_t *ingress_scans_add (ingress_scans_t *self, const request_known_t *known,
                                   const void *bytes, size_t size, ingress_scan_fn *fn,
                                   void *arg);

//  Forgets a walk, whose fn is not called any more; *scan_p becomes NULL, and may be.
void ingress_scans_drop (ingress_scans_t *self, ingress_scan_t **scan_p);

#endif
