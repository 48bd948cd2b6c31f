//  saved_token: tokens that accounts have signed and that somebody wanted to keep, each under
//  a label; and what was revoked, saved or not.

#ifndef BR_SAVED_TOKEN_H
#define BR_SAVED_TOKEN_H

#include "broker/core/error.h"
#include "broker/identity/name_set.h"

//  The labels of an account's tokens. "caller destroys". err: BR_ESYSTEM
br_name_set_t *br_saved_tokens (const char *folder, const char *prefix,
                                br_error_t *reterr);

//  Saves a token, in place of one with the same label.
//  out:  *ret_path, where it is; "caller frees"
//  err:  BR_EINVALID when the label is no name of a file; BR_ESYSTEM
int br_saved_token_write (const char *folder, const char *prefix, const char *label,
                          const char *token, char **ret_path, br_error_t *reterr);

//  "caller frees". err: BR_ENOTFOUND, BR_ETOOBIG, BR_ESYSTEM
char *br_saved_token_read (const char *folder, const char *prefix, const char *label,
                           br_error_t *reterr);

//  Removes the copy; the token itself stays good. err: BR_ENOTFOUND, BR_ESYSTEM
int br_saved_token_remove (const char *folder, const char *prefix, const char *label,
                           br_error_t *reterr);

//  Refuses whatever has this hash from now on: see br_jwt_hash and br_jwt_id_hash.
//  err:  BR_ESYSTEM
int br_saved_token_revoke (const char *folder, const char *hash, br_error_t *reterr);

#endif
