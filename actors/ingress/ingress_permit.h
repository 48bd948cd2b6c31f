//  ingress_permit: which models a caller may use: each endpoint that may answer must fit one
//  of its globs, by the name that was asked for, as PROVIDER:MODEL or as PROVIDER/MODEL.

#ifndef BR_INGRESS_PERMIT_H
#define BR_INGRESS_PERMIT_H

#include "actors/ingress/ingress_identity.h"
#include "actors/ingress/ingress_models.h"
#include "actors/ingress/ingress_routes.h"

//  Takes out of a target what the caller may not use.
//  in:   identity, NULL = may use all; name, that was asked for; room, another buffer than
//        the target's, which is emptied first
//  out:  target->candidates in room, unless all stay
//  err:  BR_EFORBIDDEN none is left
int ingress_permit_filter (const ingress_identity_t *identity, const char *name,
                           br_buf_t *room, ingress_target_t *target, br_error_t *reterr);

//  Whose list of models it is. All is borrowed.
typedef struct _ingress_permit_t {
    const ingress_routes_t *routes;
    const ingress_identity_t *identity; //  or NULL
} ingress_permit_t;

//  Whether a call for a listed model would be let through, under its id or, of
//  PROVIDER:MODEL, its bare name. arg: ingress_permit_t
bool ingress_permit_shows (void *arg, const char *id);

#endif
