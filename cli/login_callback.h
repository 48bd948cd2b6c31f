//  login_callback: the address of this machine that a browser is sent back to, with the code
//  of somebody who has agreed.

#ifndef BR_CLI_LOGIN_CALLBACK_H
#define BR_CLI_LOGIN_CALLBACK_H

#include "broker/core/error.h"

typedef struct _login_callback_t login_callback_t;

//  Listens on 127.0.0.1.
//  in:   port, 0 = any; host, as the redirect names it; path
//  "caller destroys". err: BR_ESYSTEM, when the port is in use for one
login_callback_t *login_callback_new (const char *host, unsigned port, const char *path,
                                      br_error_t *reterr);
void login_callback_destroy (login_callback_t **self_p);

//  The whole address. "owned by self"
const char *login_callback_url (const login_callback_t *self);

//  Waits for a request with this state; others are answered, and no more.
//  ret:  its code; "caller frees"
//  err:  BR_ETIMEOUT; BR_EAUTH with the issuer's error word; BR_ECANCELLED on a signal
char *login_callback_wait (login_callback_t *self, const char *state, int timeout_ms,
                           br_error_t *reterr);

#endif
