//  ingress_settings: where ingress listens and what it lets in, from its slice.

#ifndef BR_INGRESS_SETTINGS_H
#define BR_INGRESS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/error.h"

#define INGRESS_BODY_MAX (32u << 20)   //  bytes, unless the slice says otherwise
#define INGRESS_HEADER_MAX (64u << 10) //  bytes

typedef struct _ingress_settings_t {
    char **listen;       //  addresses; NULL ends the list
    bool listen_given;   //  somebody chose them
    bool reuse_port;     //  several shards listen on the same ones
    size_t body_max;     //  bytes
    size_t header_max;   //  bytes
    bool skip_auth;      //  anybody may call, from anywhere
    char **cors_origins; //  origins of browsers that may call; "*" for all
    char **hosts;        //  names that we may be called by, besides loopback
    char **pass_headers; //  request headers to pass on, besides the usual ones
} ingress_settings_t;

//  Reads the slice (JSON); members that are absent have their defaults.
//  "caller destroys". err: BR_ECONFIG.
ingress_settings_t *ingress_settings_new (const char *slice, br_error_t *reterr);
void ingress_settings_destroy (ingress_settings_t **self_p);

//  Whether both listen alike, so that nothing has to be opened anew.
bool ingress_settings_listen_alike (const ingress_settings_t *a,
                                    const ingress_settings_t *b);

#endif
