//  remote: the admin door and the events for programs on other machines: the same two sockets,
//  over tcp with CURVE. The server has the key "broker" of HOME/curve and lets in those whose
//  public key lies in HOME/curve/clients (curve.h); a client has the key "client", and
//  "broker.pub" of its server. Never without CURVE.

#ifndef BR_REMOTE_H
#define BR_REMOTE_H

#include <stdint.h>

#include "broker/core/curve.h"
#include "broker/core/directory.h"
#include "broker/core/error.h"

#define BR_REMOTE_MS 5000 //  how long a client tries to come in

//  Whether an address is tcp://ADDRESS:PORT with a port from 1, or, for a server, "*": any.
//  err: BR_EINVALID
typedef enum {
    BR_REMOTE_SERVER,
    BR_REMOTE_CLIENT
} br_remote_side_t;
int br_remote_check (const char *endpoint, br_remote_side_t side, br_error_t *reterr);

//  Binds a socket, which may be bound elsewhere already, over tcp too. A gate (br_zap_new)
//  must watch over the context, as long as it is bound.
//  in:   message_max, bytes; who sends a longer one is cut off
//  out:  ret_endpoint, with the real port
//  err:  BR_ESYSTEM, also when there is no gate
int br_remote_bind (void *zmq, void *socket, const char *endpoint, const br_curve_t *keys,
                    int64_t message_max, char ret_endpoint[BR_ENDPOINT_MAX],
                    br_error_t *reterr);

typedef struct _br_remote_keys_t {
    br_curve_t own;
    char server_key[41]; //  public
} br_remote_keys_t;

//  Reads the keys of a client. err: BR_ECONFIG, with what to do.
int br_remote_keys_load (const char *home, br_remote_keys_t *ret_keys,
                         br_error_t *reterr);

//  Connects a socket. err: BR_ESYSTEM
int br_remote_connect (void *socket, const char *endpoint, const br_remote_keys_t *keys,
                       br_error_t *reterr);

//  Where the events are: the host that the door was reached at, the port that it tells.
//  "caller frees", or NULL when one of both is no address.
char *br_remote_events (const char *admin, const char *told);

//  ---- how a connection fares

typedef enum {
    BR_REMOTE_TRYING,
    BR_REMOTE_OPEN,
    BR_REMOTE_NOBODY,      //  nothing listens, or it has gone
    BR_REMOTE_UNKNOWN_KEY, //  the server does not know ours
    BR_REMOTE_OTHER        //  no bitrouter, or one with another key
} br_remote_state_t;

//  Watches a socket, to be made before it connects, and destroyed before it closes.
//  "caller destroys", or NULL with BR_ESYSTEM
typedef struct _br_remote_watch_t br_remote_watch_t;
br_remote_watch_t *br_remote_watch_new (void *zmq, void *socket, br_error_t *reterr);
void br_remote_watch_destroy (br_remote_watch_t **self_p);

//  What is known now, without waiting.
br_remote_state_t br_remote_watch_state (br_remote_watch_t *self);

//  Waits until it is open or has failed. err: BR_EUNAVAILABLE
int br_remote_watch_wait (br_remote_watch_t *self, const char *endpoint, int wait_ms,
                          br_error_t *reterr);

//  Says what a state means and what to do. Always -1, with BR_EUNAVAILABLE
int br_remote_refuse (br_remote_state_t state, const char *endpoint, br_error_t *reterr);

#endif
