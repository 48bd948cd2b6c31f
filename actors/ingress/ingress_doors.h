//  ingress_doors: the addresses that ingress listens on, an HTTP server each, since who
//  may come in depends on whether an address can be reached from elsewhere.

#ifndef BR_INGRESS_DOORS_H
#define BR_INGRESS_DOORS_H

#include "actors/ingress/ingress_settings.h"
#include "broker/core/actor.h"
#include "broker/net/http_server.h"

typedef struct _ingress_doors_t ingress_doors_t;

//  The arg of the handler: one address.
typedef struct _ingress_door_t {
    void *owner;   //  borrowed
    bool loopback; //  reached from this machine alone
    char *address; //  owned by the doors
    http_server_t *server;
} ingress_door_t;

//  Listens on all addresses of the settings, with TLS if they name a certificate; if nobody chose them, also on those that are
//  usual and free. An empty list of addresses listens nowhere.
//  handler: its arg is an ingress_door_t; borrowed, as are owner and ctx.
//  "caller destroys". err: BR_ECONFIG an address that is taken or makes no sense.
ingress_doors_t *ingress_doors_new (br_ctx_t *ctx, const ingress_settings_t *settings,
                                    const http_server_handler_t *handler, void *owner,
                                    br_error_t *reterr);
void ingress_doors_destroy (ingress_doors_t **self_p);

//  The i-th, or NULL past the last.
const ingress_door_t *ingress_doors_at (const ingress_doors_t *self, size_t i);

//  The files of the settings hold the certificate of connections to come. Those that
//  cannot be used are told in the log, and the certificate of before is shown on. It is
//  also read again, each minute, when its files have changed.
void ingress_doors_set_tls (ingress_doors_t *self, const ingress_settings_t *settings);

//  Listens no longer; open calls go on.
void ingress_doors_drain (ingress_doors_t *self);
unsigned ingress_doors_connections (const ingress_doors_t *self); //  open ones

#endif
