//  ingress_credential: what a request shows to say who calls: found, not judged. Pure
//  functions.

#ifndef BR_INGRESS_CREDENTIAL_H
#define BR_INGRESS_CREDENTIAL_H

#include <stdbool.h>

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/proto/protocol.h"

#define INGRESS_CREDENTIAL_MAX (16u << 10) //  bytes; a longer one is none of ours

//  Where clients put credentials, in the order in which they count. Members are NULL when
//  they are not there.
typedef struct _ingress_shown_t {
    const char *authorization; //  "Bearer TOKEN", "Bearer TOKEN, Payment OTHER", "TOKEN"
    const char *api_key;       //  x-api-key
    const char *google_key;    //  x-goog-api-key
    const char *query;         //  the query, of which key= counts
} ingress_shown_t;

//  Finds the credential.
//  in:   only_ours, what does not look like a credential of ours is passed over: it is meant
//        for a provider, or for nobody
//  out:  *credential, a buffer that is emptied first; empty when there is none. It is secret
//  err:  BR_EAUTH one is longer than all we know
int ingress_credential_read (const ingress_shown_t *shown, bool only_ours,
                             br_buf_t *credential, br_error_t *reterr);

//  Says what is missing, in the words of the protocol. err: BR_EAUTH, always
int ingress_credential_miss (br_protocol_t wire, br_error_t *reterr);

#endif
