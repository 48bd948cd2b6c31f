//  ingress_settings: where ingress listens and what it lets in, from its slice.

#ifndef BR_INGRESS_SETTINGS_H
#define BR_INGRESS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

#define INGRESS_BODY_MAX (32u << 20)   //  bytes, unless the slice says otherwise
#define INGRESS_HEADER_MAX (64u << 10) //  bytes
#define INGRESS_CALLS_MAX 16384        //  open calls
#define INGRESS_CALLS_CEILING 262144   //  the most that the slice may say
#define INGRESS_TIMEOUT_CAP_MS 3600000 //  of a time that a client asks for
#define INGRESS_BUDGET_WAIT_MS 30000   //  for room in a budget

typedef struct _ingress_settings_t {
    char **listen;            //  addresses; NULL ends the list
    bool listen_given;        //  somebody chose them
    bool reuse_port;          //  several shards listen on the same ones
    char *cert_file;          //  PEM, for all addresses; NULL: they are without TLS
    char *key_file;           //  of its key; NULL alike
    size_t body_max;          //  bytes
    size_t header_max;        //  bytes
    bool skip_auth;           //  anybody may call, from anywhere
    bool auth_required;       //  nobody may without a credential, not even from here
    bool allows_unpriced;     //  budgets let calls through whose price is not known
    uint64_t budget_wait_ms;  //  a call waits so long for others to settle
    char **cors_origins;      //  origins of browsers that may call; "*" for all
    char **hosts;             //  names that we may be called by, besides loopback
    char **pass_headers;      //  request headers to pass on, besides the usual ones
    size_t calls_max;         //  open calls; more are refused
    uint64_t timeout_cap_ms;  //  the most that a client's own bounds may be
    bool finish_unattended;   //  a single answer is finished though its client has left
    bool receipts;            //  answers end with a signed receipt
    uint64_t drain_notice_ms; //  from a stop until the doors close
    bool limit_callers;       //  callers have limits
    char **limit_models;      //  globs of models that have limits
} ingress_settings_t;

//  Reads the slice (JSON); members that are absent have their defaults. Certificate and
//  key are tried too, while a configuration can still be refused.
//  "caller destroys". err: BR_ECONFIG.
ingress_settings_t *ingress_settings_new (const char *slice, br_error_t *reterr);
void ingress_settings_destroy (ingress_settings_t **self_p);

//  Whether both listen alike, so that nothing has to be opened anew.
bool ingress_settings_listen_alike (const ingress_settings_t *a,
                                    const ingress_settings_t *b);

#endif
