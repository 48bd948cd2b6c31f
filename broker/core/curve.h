//  curve: keys of the hosts of a topology over tcp: one secret file for each host, and the
//  public keys of all. Who has no key that is known here is refused (ZAP).

#ifndef BR_CURVE_H
#define BR_CURVE_H

#include "broker/core/error.h"
#include "broker/core/outbox.h"

//  Makes keys in dir (0700) for names, "broker" too: NAME.key (0600) and NAME.pub. Those
//  that exist are kept. names ends with NULL. err: BR_ESYSTEM.
int br_curve_generate (const char *dir, const char *const *names, br_error_t *reterr);

//  Reads the secret and public key of a host. err: BR_ECONFIG, with what to do.
int br_curve_load (const char *dir, const char *name, br_curve_t *ret_curve,
                   br_error_t *reterr);

//  Reads the public key of a host alone. err: BR_ECONFIG.
int br_curve_public (const char *dir, const char *name, char ret_key[41],
                     br_error_t *reterr);

//  Answers libzmq's questions who may come in: those whose public key lies in dir. Runs a
//  thread of its own; one for each ZeroMQ context, started before anything binds.
typedef struct _br_zap_t br_zap_t;
br_zap_t *br_zap_new (void *zmq, const char *dir, br_error_t *reterr);
void br_zap_destroy (br_zap_t **self_p);

#endif
