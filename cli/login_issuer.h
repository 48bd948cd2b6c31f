//  login_issuer: who gives tokens for a provider, as its configuration says, and the requests
//  to it that all ways of logging in share.

#ifndef BR_CLI_LOGIN_ISSUER_H
#define BR_CLI_LOGIN_ISSUER_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "broker/identity/login_token.h"

#define LOGIN_ISSUER_MS 30000 //  that a request to it may take

//  All texts are "owned by json".
typedef struct _login_issuer_t {
    cJSON *json;               //  owned; as br_conf_provider_login has it
    const char *authorize_url; //  NULL = it has no browser flow
    const char *device_url;    //  NULL = it has no device flow
    const char *token_url;
    const char *client_id;
    const char *scope;         //  or NULL
    const char *redirect_host; //
    const char *redirect_path; //
    unsigned redirect_port;    //  0 = any
    br_login_format_t format;  //  of requests for tokens
    const char *file;          //  of the token
} login_issuer_t;

//  Reads what the configuration says.
//  err:  BR_ECONFIG when an address is missing or is no safe one (https, or http to this
//        machine), or there is no client
int login_issuer_init (login_issuer_t *self, const char *name, const char *login_json,
                       br_error_t *reterr);
void login_issuer_clear (login_issuer_t *self);

//  Asks for a token.
//  in:   pairs, as br_login_body; older, or NULL
//  "caller destroys". err: BR_EAUTH with the issuer's error word; others when it cannot be
//  reached or makes no sense
br_login_token_t *login_issuer_ask (const login_issuer_t *self, const char *const *pairs,
                                    const br_login_token_t *older, br_error_t *reterr);

//  Renews a token. "caller destroys". err: as above; BR_EINVALID when it cannot be renewed
br_login_token_t *login_issuer_refresh (const login_issuer_t *self,
                                        const br_login_token_t *older,
                                        br_error_t *reterr);

#endif
