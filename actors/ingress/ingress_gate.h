//  ingress_gate: whether a request may come in, by the credential that it shows. The gate is
//  open on loopback addresses and with skip_auth, unless a credential is required: then what
//  is no credential of ours means nothing; one of ours counts all the same.

#ifndef BR_INGRESS_GATE_H
#define BR_INGRESS_GATE_H

#include "actors/ingress/ingress_identities.h"
#include "actors/ingress/ingress_settings.h"
#include "broker/net/http_server.h"
#include "broker/proto/protocol.h"

typedef enum {
    INGRESS_ADMIT,
    INGRESS_REFUSE,
    INGRESS_ASK //  the owner of identities is to be asked about the credential
} ingress_verdict_t;

typedef struct _ingress_gate_t {
    const ingress_settings_t *settings;
    ingress_identities_t *identities;
    br_buf_t *credential; //  where it is written; secret
    bool loopback;        //  the request came in on a loopback address
} ingress_gate_t;

//  Judges a request.
//  in:   wire, in which it hears what is missing
//  out:  *ret_identity, borrowed until the next change, of INGRESS_ADMIT; NULL = nobody's.
//        self->credential, of INGRESS_ASK
//  err:  of INGRESS_REFUSE: BR_EAUTH with the reason
ingress_verdict_t ingress_gate_judge (const ingress_gate_t *self, const http_call_t *http,
                                      br_protocol_t wire,
                                      ingress_identity_t **ret_identity,
                                      br_error_t *reterr);

//  Whether who was let in may see and change how bitrouter itself does.
//  in:   identity, or NULL: nobody asked
//  err:  BR_EFORBIDDEN
int ingress_gate_check_admin (const ingress_identity_t *identity, br_error_t *reterr);

//  The same for who would command it: who is not known must have come in on a loopback
//  address, also where nobody is asked.
//  err:  BR_EAUTH, BR_EFORBIDDEN
int ingress_gate_check_operator (const ingress_identity_t *identity, bool loopback,
                                 br_error_t *reterr);

#endif
