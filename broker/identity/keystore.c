//  keystore: everything that a verification needs is in memory; what is left to do then is
//  one check of a signature, or one hash.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/account.h"
#include "broker/identity/caip.h"
#include "broker/identity/glob_list.h"
#include "broker/identity/keystore.h"
#include "broker/identity/name_set.h"
#include "broker/identity/virtual_keys.h"

#define KEY_DIGITS 16 //  of a token's hash, in the id of a credential

//  What the folder said when it was read.
typedef struct {
    br_name_set_t *local; //  "solana:ADDRESS", "eip155:ADDRESS"
    br_name_set_t *revoked;
    br_name_set_t *rotated;
    br_virtual_keys_t *keys;
    br_virtual_keys_t *other_keys; //  of the other folder, or NULL
    br_conf_words_t *warnings;
} content_t;

struct _br_keystore_t {
    char *folder;
    char *other;             //  whose accounts count too, or NULL
    br_name_set_t *trusted;  //  CAIP-10, canonical
    br_conf_words_t *doubts; //  of trusted
    content_t content;
};

//  ---- reading

static void
s_clear (content_t *self)
{
    br_conf_words_destroy (&self->warnings);
    br_virtual_keys_destroy (&self->other_keys);
    br_virtual_keys_destroy (&self->keys);
    br_name_set_destroy (&self->rotated);
    br_name_set_destroy (&self->revoked);
    br_name_set_destroy (&self->local);
}

static int
s_read_accounts (content_t *self, const char *folder, br_error_t *reterr)
{
    br_accounts_t *accounts = br_accounts_new (folder, self->warnings, reterr);
    if (!accounts)
        return -1;
    for (size_t i = 0; i < br_accounts_count (accounts); i++) {
        const br_account_t *account = br_accounts_at (accounts, i);
        char *solana = br_strf ("solana:%s", account->solana);
        char *evm = br_strf ("eip155:%s", account->evm);
        br_name_set_add (self->local, solana);
        br_name_set_add (self->local, evm);
        free (evm);
        free (solana);
    }
    br_accounts_destroy (&accounts);
    return 0;
}

static int
s_read_names (br_name_set_t *names, const char *folder, const char *name,
              br_error_t *reterr)
{
    char *path = br_strf ("%s/%s", folder, name);
    int rc = br_name_set_read (names, path, "", reterr);
    free (path);
    return rc;
}

//  Adds what a folder says.
static int
s_read_folder (content_t *self, const char *folder, br_error_t *reterr)
{
    int rc = s_read_accounts (self, folder, reterr);
    if (rc == 0)
        rc = s_read_names (self->revoked, folder, "revoked", reterr);
    if (rc == 0)
        rc = s_read_names (self->rotated, folder, "rotated", reterr);
    return rc;
}

int
br_keystore_read (br_keystore_t *self, br_error_t *reterr)
{
    content_t content = { .local = br_name_set_new (),
                          .revoked = br_name_set_new (),
                          .rotated = br_name_set_new (),
                          .warnings = br_conf_words_new () };
    br_error_t error = { .code = BR_OK };
    int rc = s_read_folder (&content, self->folder, &error);
    if (rc == 0 && self->other)
        rc = s_read_folder (&content, self->other, &error);
    if (rc == 0)
        content.keys = br_virtual_keys_new (self->folder, content.warnings, &error);
    if (content.keys && self->other)
        content.other_keys = br_virtual_keys_new (self->other, content.warnings, &error);
    if (!content.keys || (self->other && !content.other_keys)) {
        s_clear (&content);
        return br_error_set (reterr, BR_ESYSTEM, "%s", error.text);
    }
    s_clear (&self->content);
    self->content = content;
    return 0;
}

int
br_keystore_read_too (br_keystore_t *self, const char *folder, br_error_t *reterr)
{
    char *before = self->other;
    self->other = br_strdup (folder);
    if (br_keystore_read (self, reterr) == 0) {
        free (before);
        return 0;
    }
    free (self->other);
    self->other = before;
    return -1;
}

static void
s_trust (br_keystore_t *self, const char *issuer)
{
    char *account;
    if (br_caip10_canonical (issuer, &account)) {
        br_conf_words_addf (self->doubts, "a trusted issuer is no account: %.200s",
                            issuer);
        return;
    }
    br_name_set_add (self->trusted, account);
    free (account);
}

br_keystore_t *
br_keystore_new (const char *folder, char *const *trusted, br_error_t *reterr)
{
    br_keystore_t *self = BR_NEW (br_keystore_t);
    self->folder = br_strdup (folder);
    self->trusted = br_name_set_new ();
    self->doubts = br_conf_words_new ();
    for (; trusted && *trusted; trusted++)
        s_trust (self, *trusted);
    if (br_keystore_read (self, reterr))
        br_keystore_destroy (&self);
    return self;
}

void
br_keystore_destroy (br_keystore_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_keystore_t *self = *self_p;
    s_clear (&self->content);
    br_conf_words_destroy (&self->doubts);
    br_name_set_destroy (&self->trusted);
    free (self->other);
    free (self->folder);
    free (self);
    *self_p = NULL;
}

const char *
br_keystore_warning (const br_keystore_t *self, size_t index)
{
    size_t doubts = br_conf_words_count (self->doubts);
    if (index < doubts)
        return br_conf_words_at (self->doubts, index);
    return br_conf_words_at (self->content.warnings, index - doubts);
}

//  ---- identities

void
br_identity_destroy (br_identity_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_identity_t *self = *self_p;
    br_glob_list_destroy (&self->tools);
    br_glob_list_destroy (&self->models);
    free (self->key);
    free (self->account);
    free (self);
    *self_p = NULL;
}

static br_identity_t *
s_identity_of_key (const br_virtual_key_t *key)
{
    br_identity_t *self = BR_NEW (br_identity_t);
    self->account = br_strdup (key->account);
    self->key = br_strdup (key->id);
    self->scope = key->scope;
    self->issued_s = key->created_s;
    self->expires_s = key->expires_s;
    self->models = br_glob_list_copy (key->models);
    self->tools = br_glob_list_copy (key->tools);
    self->budgeted = key->budgeted;
    self->budget_nusd = key->budget_nusd;
    self->budget_scope = key->budget_scope;
    self->budget_range = key->budget_range;
    self->budget_extent = key->budget_extent;
    self->requests_per_minute = key->requests_per_minute;
    self->tokens_per_minute = key->tokens_per_minute;
    self->concurrency = key->concurrency;
    return self;
}

static br_identity_t *
s_identity_of_claims (const br_claims_t *claims, const char *hash)
{
    br_identity_t *self = BR_NEW (br_identity_t);
    self->account = br_strf ("%s:%s", claims->chain, claims->address);
    self->key = br_strndup (hash, KEY_DIGITS);
    self->scope = claims->scope;
    self->issued_s = claims->iat;
    self->expires_s = claims->exp;
    self->models = br_glob_list_copy (claims->models);
    self->tools = br_glob_list_copy (claims->tools);
    self->budgeted = claims->budgeted;
    self->budget_nusd = claims->budget_nusd;
    self->budget_scope = claims->budget_scope;
    self->budget_range = claims->budget_range;
    self->budget_extent = claims->budget_extent;
    return self;
}

//  ---- verifying

static int
s_check_key (const br_keystore_t *self, const br_virtual_key_t *key, uint64_t now_s,
             br_error_t *reterr)
{
    if (!key)
        return br_error_set (reterr, BR_EAUTH, "there is no such virtual key");
    if (*key->replaced_by)
        return br_error_set (reterr, BR_EAUTH, "the virtual key was replaced by another");
    if (key->revoked)
        return br_error_set (reterr, BR_EAUTH, "the virtual key was revoked");
    if (key->expires_s && now_s >= key->expires_s)
        return br_error_set (reterr, BR_EAUTH, "the virtual key has expired");
    const char *address = br_caip10_address (key->account);
    if (address && br_name_set_has (self->content.rotated, address))
        return br_error_set (reterr, BR_EAUTH,
                             "the account of the virtual key was removed or has another "
                             "key now");
    return 0;
}

//  Whether what an issuer signs counts here.
static int
s_check_issuer (const br_keystore_t *self, const br_claims_t *claims, br_error_t *reterr)
{
    if (br_name_set_has (self->content.rotated, claims->address))
        return br_error_set (reterr, BR_EAUTH,
                             "the token's issuer was removed or has another key now");
    char *local = br_strf ("%.*s:%s", (int) strcspn (claims->chain, ":"), claims->chain,
                           claims->address);
    char *account = br_strf ("%s:%s", claims->chain, claims->address);
    bool known = br_name_set_has (self->content.local, local)
                 || br_name_set_has (self->trusted, account);
    free (account);
    free (local);
    if (!known)
        return br_error_set (reterr, BR_EAUTH, "the token's issuer is not trusted here");
    return 0;
}

static int
s_check_revoked (const br_keystore_t *self, const br_claims_t *claims, const char *hash,
                 br_error_t *reterr)
{
    char id_hash[BR_JWT_HASH_ROOM];
    bool revoked = br_name_set_has (self->content.revoked, hash);
    if (claims->id) {
        br_jwt_id_hash (claims->id, id_hash);
        revoked = revoked || br_name_set_has (self->content.revoked, id_hash);
    }
    return revoked ? br_error_set (reterr, BR_EAUTH, "the token was revoked") : 0;
}

static br_identity_t *
s_verify_token (const br_keystore_t *self, const char *token, uint64_t now_s,
                br_error_t *reterr)
{
    char hash[BR_JWT_HASH_ROOM];
    br_claims_t *claims = br_jwt_verify (token, strlen (token), now_s, reterr);
    if (!claims)
        return NULL;
    br_jwt_hash (token, strlen (token), hash);
    br_identity_t *identity = NULL;
    if (s_check_issuer (self, claims, reterr) == 0
        && s_check_revoked (self, claims, hash, reterr) == 0)
        identity = s_identity_of_claims (claims, hash);
    br_claims_destroy (&claims);
    return identity;
}

br_identity_t *
br_keystore_verify (br_keystore_t *self, const char *credential, uint64_t now_s,
                    br_error_t *reterr)
{
    if (!br_virtual_key_is_like (credential))
        return s_verify_token (self, credential, now_s, reterr);
    char hash[BR_VIRTUAL_HASH_ROOM];
    br_virtual_key_hash (credential, hash);
    const br_virtual_key_t *key = br_virtual_keys_by_hash (self->content.keys, hash);
    if (!key && self->content.other_keys)
        key = br_virtual_keys_by_hash (self->content.other_keys, hash);
    if (s_check_key (self, key, now_s, reterr) || !key)
        return NULL;
    return s_identity_of_key (key);
}

bool
br_identity_is_like (const char *text)
{
    return br_virtual_key_is_like (text) || br_jwt_is_like (text, strlen (text));
}
