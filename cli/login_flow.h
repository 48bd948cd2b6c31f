//  login_flow: the two ways to a first token: a browser that comes back to this machine
//  (authorization code with PKCE), and a code that is typed on another one (device flow).
//  What the user must do is told on standard error.
//  src:  RFC 6749, RFC 7636, RFC 8252, RFC 8628

#ifndef BR_CLI_LOGIN_FLOW_H
#define BR_CLI_LOGIN_FLOW_H

#include "cli/login_issuer.h"

#define LOGIN_FLOW_MS 600000 //  that somebody gets to agree

//  "caller destroys"
//  in:   opens, whether a browser may be started
//  err:  BR_ETIMEOUT; BR_EAUTH when it was refused; as login_issuer_ask
br_login_token_t *login_flow_browser (const login_issuer_t *issuer, bool opens,
                                      br_error_t *reterr);
br_login_token_t *login_flow_device (const login_issuer_t *issuer, br_error_t *reterr);

#endif
