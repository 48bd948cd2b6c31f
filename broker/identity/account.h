//  account: accounts whose seeds this machine holds. One seed of 32 bytes is the key of an
//  address on Solana and of one on the chains of Ethereum. An account's name is its prefix:
//  the first 16 letters of its address on Solana.

#ifndef BR_ACCOUNT_H
#define BR_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/conf_words.h"
#include "broker/core/error.h"

#define BR_ACCOUNT_SEED_BYTES 32
#define BR_ACCOUNT_PREFIX_LETTERS 16

//  Texts are owned by the list that the account is in.
typedef struct _br_account_t {
    char *prefix;
    char *solana; //  address
    char *evm;    //  address with its EIP-55 letters
    bool active;
} br_account_t;

typedef struct _br_accounts_t br_accounts_t;

//  Reads the accounts of a folder of keys, in the order of their prefixes. One whose file is
//  broken is left out, with a warning.
//  in:   warnings, or NULL
//  "caller destroys". err: BR_ESYSTEM
br_accounts_t *br_accounts_new (const char *folder, br_conf_words_t *warnings,
                                br_error_t *reterr);
void br_accounts_destroy (br_accounts_t **self_p);

size_t br_accounts_count (const br_accounts_t *self);

//  "owned by self", or NULL.
const br_account_t *br_accounts_at (const br_accounts_t *self, size_t index);
const br_account_t *br_accounts_active (const br_accounts_t *self);

//  By index, prefix or its beginning. "owned by self". err: BR_ENOTFOUND
const br_account_t *br_accounts_find (const br_accounts_t *self, const char *id,
                                      br_error_t *reterr);

//  "solana:...:ADDRESS" or "eip155:...:ADDRESS" on a chain of CAIP-2. "caller frees"
char *br_account_on (const br_account_t *self, const char *chain);

//  ---- changes of a folder; lists that were read before do not know of them

//  Makes an account of a random seed, and makes it the active one.
//  out:  *ret_prefix, "caller frees". err: BR_ESYSTEM
int br_account_generate (const char *folder, char **ret_prefix, br_error_t *reterr);

//  Makes an account the active one. err: BR_ESYSTEM
int br_account_choose (const char *folder, const char *prefix, br_error_t *reterr);

//  Removes an account with its seed and tokens. Its addresses are written to rotated/ first,
//  so that what it has signed counts nowhere here any more.
//  err:  BR_ESYSTEM
int br_account_remove (const char *folder, const br_account_t *account,
                       br_error_t *reterr);

//  The seed; the caller wipes it. err: BR_ESYSTEM, BR_EINVALID, BR_ENOTFOUND
int br_account_seed (const char *folder, const char *prefix,
                     uint8_t ret_seed[BR_ACCOUNT_SEED_BYTES], br_error_t *reterr);

#endif
