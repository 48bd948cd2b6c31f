//  keystore: the folder of keys: accounts whose seeds this machine holds, tokens that they
//  have signed, virtual keys (as hashes alone), and what was revoked.
//
//      active                     prefix of the active account
//      PREFIX/master.json         {"algorithm":"web3","seed":"<base64url>"}
//      PREFIX/tokens/LABEL.jwt    one line
//      virtual/ID.json            a virtual key, see virtual_key.h
//      revoked/HEX                SHA-256 of a token that counts no more, or of its id
//      rotated/ADDRESS            an address whose account has another one now, or is removed
//
//  Folders have mode 0700, files 0600; each file is written whole and renamed.

#ifndef BR_KEYSTORE_H
#define BR_KEYSTORE_H

#include "broker/core/error.h"
#include "broker/identity/jwt.h"
#include "broker/identity/virtual_key.h"

typedef struct _br_keystore_t br_keystore_t;

//  Who a credential is, and what it may. Texts are owned by the identity.
typedef struct _br_identity_t {
    char *account; //  CAIP-10, or the account of a virtual key
    char *key; //  id of the credential: of a virtual key its id, else the first 16 hex
               //  digits of the token's SHA-256
    br_scope_t scope;
    uint64_t issued_s;
    uint64_t expires_s; //  0 = never
    char **models;      //  globs; NULL ends
    char **tools;
    bool budgeted;
    uint64_t budget_nusd;
    br_budget_scope_t budget_scope;
    br_budget_range_t budget_range;
    uint64_t budget_extent;
    uint64_t requests_per_minute; //  0 = none of its own
    uint64_t tokens_per_minute;
    uint64_t concurrency;
} br_identity_t;

//  Reads the public side of a folder: addresses of accounts, virtual keys, what was revoked.
//  A folder that is not there is an empty store. Seeds are read, and forgotten, for their
//  addresses only.
//  in:   trusted, CAIP-10 issuers besides the local accounts; NULL ends; may be NULL
//  "caller destroys". err: BR_ESYSTEM
br_keystore_t *br_keystore_new (const char *folder, char *const *trusted,
                                br_error_t *reterr);
void br_keystore_destroy (br_keystore_t **self_p);

//  Reads the folder again. err: BR_ESYSTEM; then nothing changed
int br_keystore_read (br_keystore_t *self, br_error_t *reterr);

//  Reads another folder too, now and whenever the store is read: its accounts and keys
//  count, and what was revoked and rotated there. err: BR_ESYSTEM; then nothing changed
int br_keystore_read_too (br_keystore_t *self, const char *folder, br_error_t *reterr);

//  What was left out when the folder was last read, and why: files that are broken, issuers
//  that are no account. By index, NULL behind the last. "owned by self, until next read"
const char *br_keystore_warning (const br_keystore_t *self, size_t index);

//  A token's issuer must be a local account, on any chain of its kind, or a trusted one, on
//  that chain. Neither the credential nor its account may be revoked or rotated.
//  in:   credential, as it was sent; no word of it is in an error
//  "caller destroys". err: BR_EAUTH with the reason
br_identity_t *br_keystore_verify (br_keystore_t *self, const char *credential,
                                   uint64_t now_s, br_error_t *reterr);
void br_identity_destroy (br_identity_t **self_p);

//  Whether a text looks like a credential of ours: a token of three parts, or "brvk_...".
bool br_identity_is_like (const char *text);

#endif
