//  curve: keys of the hosts of a topology over tcp: one secret file for each host, and the
//  public keys of all. Who has no key that is known here is refused (ZAP). Clients of the
//  admin door (remote.h) have keys apart from those: they are no hosts.

#ifndef BR_CURVE_H
#define BR_CURVE_H

#include <stdbool.h>

#include "broker/core/error.h"
#include "broker/core/outbox.h"

#define BR_CURVE_CLIENTS "clients" //  folder and ZAP domain of those that are no hosts

//  Makes keys in dir (0700) for names, "broker" too: NAME.key (0600) and NAME.pub. Those
//  that exist are kept. names ends with NULL. err: BR_ESYSTEM.
int br_curve_generate (const char *dir, const char *const *names, br_error_t *reterr);

//  Reads the secret and public key of a host. err: BR_ECONFIG, with what to do.
int br_curve_load (const char *dir, const char *name, br_curve_t *ret_curve,
                   br_error_t *reterr);

//  Reads the public key of a host alone. err: BR_ECONFIG.
int br_curve_public (const char *dir, const char *name, char ret_key[41],
                     br_error_t *reterr);

//  Whether there is a key of a client in dir.
bool br_curve_has_clients (const char *dir);

//  Answers libzmq's questions who may come in: those whose public key lies in dir; where the
//  ZAP domain of the socket is BR_CURVE_CLIENTS, those whose key lies in the folder of that
//  name in dir, which is read at each question: whoever is taken out stays out. Runs a
//  thread of its own; one for each ZeroMQ context, started before anything binds.
typedef struct _br_zap_t br_zap_t;
br_zap_t *br_zap_new (void *zmq, const char *dir, br_error_t *reterr);
void br_zap_destroy (br_zap_t **self_p);

//  Whether somebody answers them in a context: without, libzmq lets everybody in.
bool br_zap_is_there (void *zmq);

#endif
