//  ingress_identity: who calls and what it may, as the owner of identities has told it. It
//  never changes; who holds it longer than a call takes a reference.

#ifndef BR_INGRESS_IDENTITY_H
#define BR_INGRESS_IDENTITY_H

#include <stdbool.h>

#include "broker/core/buf.h"
#include "broker/core/quota.h"
#include "broker/core/verbs.h"

#define INGRESS_GLOBS_MAX 256 //  of a list; of more the first count

typedef struct _ingress_identity_t {
    unsigned refs;
    char *account;      //  CAIP-10, or the account of a virtual key
    char *key;          //  id of the credential
    char *caller;       //  both, for what is counted by caller
    bool is_admin;      //  may see and change how bitrouter itself does
    uint64_t issued_s;  //  unix time
    uint64_t expires_s; //  unix time; 0 = never
    char **models;      //  globs; NULL ends; none = all
    bool budgeted;      //  the members below count
    uint64_t budget_nusd;
    uint64_t budget_scope;        //  br_budget_scope_t
    uint64_t budget_range;        //  br_budget_range_t
    uint64_t budget_extent;       //  rounds, or seconds
    uint64_t requests_per_minute; //  of its own; 0 = none
    uint64_t tokens_per_minute;   //  likewise
    uint64_t concurrency;         //  likewise
} ingress_identity_t;

//  From the owner's word. "caller lets go". NULL when a list in it is none.
ingress_identity_t *ingress_identity_new (const struct br_auth_told *told);
ingress_identity_t *ingress_identity_ref (ingress_identity_t *self); //  NULL stays NULL
void ingress_identity_let_go (ingress_identity_t **self_p);

//  Whether a model is bounded at all.
bool ingress_identity_is_bounded (const ingress_identity_t *self);

//  Whether limits of its own count for it, instead of those of all callers.
bool ingress_identity_has_limits (const ingress_identity_t *self);

#endif
