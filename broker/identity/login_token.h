//  login_token: what an issuer of OAuth 2.0 gives somebody who has logged in, kept as a file
//  of mode 0600 below the folder of keys; and the bodies that ask for it.
//  src:  RFC 6749 (sections 4.1.3, 5.1, 5.2, 6), RFC 7636, RFC 8628

#ifndef BR_LOGIN_TOKEN_H
#define BR_LOGIN_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

#define BR_LOGIN_TOKEN_MAX (64u << 10) //  bytes of a file, and of an issuer's answer

//  All texts are owned.
typedef struct _br_login_token_t {
    char *access;
    char *refresh;      //  NULL = it cannot be renewed
    char *scope;        //  NULL = not told
    uint64_t expires_s; //  unix seconds; 0 = not told
} br_login_token_t;

//  Reads an issuer's answer, or a file that was written here.
//  in:   older, whose refresh token stays when the answer has none; or NULL
//  "caller destroys". err: BR_EAUTH with the issuer's own "error", when it is one;
//  BR_EINVALID when there is no token that a header can hold. No token is in the text
br_login_token_t *br_login_token_parse (const char *json, uint64_t now_s,
                                        const br_login_token_t *older,
                                        br_error_t *reterr);

//  Overwrites the tokens.
void br_login_token_destroy (br_login_token_t **self_p);

//  "caller destroys". err: BR_ENOTFOUND, BR_EINVALID, BR_ETOOBIG, BR_ESYSTEM
br_login_token_t *br_login_token_read (const char *path, br_error_t *reterr);

//  Writes the file whole, mode 0600, by rename; its folder is made when only that is
//  missing. err: BR_ESYSTEM
int br_login_token_write (const br_login_token_t *self, const char *path,
                          br_error_t *reterr);

//  Pairs of names and values, those without a value left out, as a form (also the query of
//  a URL) or as one JSON object. Free with br_login_forget.
//  in:   pairs, name and value in turn; a NULL name ends
typedef enum {
    BR_LOGIN_FORM,
    BR_LOGIN_JSON
} br_login_format_t;
char *br_login_body (br_login_format_t format, const char *const *pairs);

//  Overwrites a secret and frees it; NULL is nothing.
void br_login_forget (char **secret_p);

#endif
