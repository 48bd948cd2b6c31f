//  account: a folder for each, with a seed in it, and a file that names the active one.

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "broker/core/json_value.h"
#include "broker/identity/account.h"
#include "broker/identity/caip.h"
#include "broker/identity/evm.h"
#include "broker/identity/key_file.h"
#include "broker/identity/name_set.h"
#include "broker/identity/saved_token.h"
#include "broker/identity/solana.h"
#include "broker/identity/strict_json.h"

#define MASTER_MAX 4096 //  bytes of master.json
#define ACTIVE_MAX 256  //  bytes of the file active
#define SEED_LETTERS 43 //  of 32 bytes in base64url
#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

struct _br_accounts_t {
    br_account_t *accounts;
    size_t count;
    br_name_set_t *prefixes;
};

//  ---- seeds

static int
s_read_master (const char *json, size_t size, uint8_t *ret_seed)
{
    char letters[SEED_LETTERS + 1];
    size_t seed_size;
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = br_strict_parse (tree, json, size, NULL);
    br_text_t seed = json_raw (tree, json_get (tree, root, "seed"));
    bool good = json_node_is (tree, json_get (tree, root, "algorithm"), "web3") && seed.at
                && json_text (seed.at, seed.size, letters, sizeof letters) == 0
                && sodium_base642bin (ret_seed, BR_ACCOUNT_SEED_BYTES, letters,
                                      strlen (letters), NULL, &seed_size, NULL, BASE64)
                       == 0
                && seed_size == BR_ACCOUNT_SEED_BYTES;
    sodium_memzero (letters, sizeof letters);
    json_tree_destroy (&tree);
    return good ? 0 : -1;
}

int
br_account_seed (const char *folder, const char *prefix,
                 uint8_t ret_seed[BR_ACCOUNT_SEED_BYTES], br_error_t *reterr)
{
    size_t size;
    char *name = br_strf ("%s/master.json", prefix);
    char *json = br_key_file_read (folder, name, MASTER_MAX, &size, reterr);
    int rc = json ? 0 : -1;
    if (json && s_read_master (json, size, ret_seed))
        rc = br_error_set (
            reterr, BR_EINVALID,
            "%s/%s: a key file needs \"algorithm\": \"web3\" and a \"seed\" of 32 bytes",
            folder, name);
    if (json)
        sodium_memzero (json, size);
    free (json);
    free (name);
    return rc;
}

//  What is public of a seed. 0, or -1 when it is no key of both kinds of chains.
static int
s_addresses (const uint8_t *seed, br_account_t *ret_account)
{
    uint8_t evm[BR_EVM_ADDRESS_BYTES];
    if (br_evm_address (seed, evm, NULL))
        return -1;
    ret_account->solana = br_solana_address (seed);
    ret_account->evm = br_alloc (BR_EVM_ADDRESS_ROOM, 1);
    br_evm_address_text (evm, ret_account->evm);
    ret_account->prefix = br_strndup (ret_account->solana, BR_ACCOUNT_PREFIX_LETTERS);
    return 0;
}

static void
s_clear (br_account_t *account)
{
    free (account->evm);
    free (account->solana);
    free (account->prefix);
    *account = (br_account_t) { .prefix = NULL };
}

//  ---- the list

//  Adds the account of a folder, unless there is none in it.
static void
s_add (br_accounts_t *self, const char *folder, const char *prefix,
       br_conf_words_t *warnings)
{
    uint8_t seed[BR_ACCOUNT_SEED_BYTES];
    br_error_t error = { .code = BR_OK };
    br_account_t account = { .prefix = NULL };
    int rc = br_account_seed (folder, prefix, seed, &error);
    if (rc == 0)
        rc = s_addresses (seed, &account);
    sodium_memzero (seed, sizeof seed);
    if (rc == 0 && strcmp (account.prefix, prefix) == 0) {
        self->accounts[self->count++] = account;
        br_name_set_add (self->prefixes, prefix);
        return;
    }
    s_clear (&account);
    if (error.code == BR_OK)
        br_conf_words_addf (warnings, "%s/%s: the folder has another name than its seed",
                            folder, prefix);
    else if (error.code != BR_ENOTFOUND)
        br_conf_words_addf (warnings, "%s", error.text);
}

static void
s_mark_active (br_accounts_t *self, const char *folder)
{
    size_t size;
    char *active = br_key_file_read (folder, "active", ACTIVE_MAX, &size, NULL);
    if (active)
        active[strcspn (active, " \t\r\n")] = 0;
    for (size_t i = 0; active && i < self->count; i++)
        self->accounts[i].active = strcmp (self->accounts[i].prefix, active) == 0;
    free (active);
}

br_accounts_t *
br_accounts_new (const char *folder, br_conf_words_t *warnings, br_error_t *reterr)
{
    br_name_set_t *names = br_name_set_new ();
    if (br_name_set_read (names, folder, "", reterr)) {
        br_name_set_destroy (&names);
        return NULL;
    }
    br_accounts_t *self = BR_NEW (br_accounts_t);
    self->prefixes = br_name_set_new ();
    self->accounts = br_alloc (br_name_set_count (names) + 1, sizeof *self->accounts);
    for (size_t i = 0; i < br_name_set_count (names); i++) {
        char *path = br_strf ("%s/%s", folder, br_name_set_at (names, i));
        if (br_conf_file_is_dir (path))
            s_add (self, folder, br_name_set_at (names, i), warnings);
        free (path);
    }
    br_name_set_destroy (&names);
    s_mark_active (self, folder);
    return self;
}

void
br_accounts_destroy (br_accounts_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_accounts_t *self = *self_p;
    for (size_t i = 0; i < self->count; i++)
        s_clear (&self->accounts[i]);
    free (self->accounts);
    br_name_set_destroy (&self->prefixes);
    free (self);
    *self_p = NULL;
}

size_t
br_accounts_count (const br_accounts_t *self)
{
    return self->count;
}

const br_account_t *
br_accounts_at (const br_accounts_t *self, size_t index)
{
    return index < self->count ? &self->accounts[index] : NULL;
}

const br_account_t *
br_accounts_active (const br_accounts_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->accounts[i].active)
            return &self->accounts[i];
    return NULL;
}

const br_account_t *
br_accounts_find (const br_accounts_t *self, const char *id, br_error_t *reterr)
{
    const char *prefix = br_name_set_find (self->prefixes, id, "account", reterr);
    for (size_t i = 0; prefix && i < self->count; i++)
        if (strcmp (self->accounts[i].prefix, prefix) == 0)
            return &self->accounts[i];
    return NULL;
}

char *
br_account_on (const br_account_t *self, const char *chain)
{
    bool is_solana = br_caip_has_namespace (chain, "solana");
    return br_strf ("%s:%s", chain, is_solana ? self->solana : self->evm);
}

//  ---- changes

static int
s_write_master (const char *folder, const char *prefix, const uint8_t *seed,
                br_error_t *reterr)
{
    char letters[SEED_LETTERS + 1];
    sodium_bin2base64 (letters, sizeof letters, seed, BR_ACCOUNT_SEED_BYTES, BASE64);
    char *json = br_strf ("{\n  \"algorithm\": \"web3\",\n  \"seed\": \"%s\"\n}\n",
                          letters);
    char *name = br_strf ("%s/master.json", prefix);
    int rc = br_key_file_write (folder, name, json, reterr);
    sodium_memzero (letters, sizeof letters);
    sodium_memzero (json, strlen (json));
    free (json);
    free (name);
    return rc;
}

int
br_account_generate (const char *folder, char **ret_prefix, br_error_t *reterr)
{
    uint8_t seed[BR_ACCOUNT_SEED_BYTES];
    br_account_t account = { .prefix = NULL };
    do
        randombytes_buf (seed, sizeof seed);
    while (s_addresses (seed, &account));
    int rc = s_write_master (folder, account.prefix, seed, reterr);
    sodium_memzero (seed, sizeof seed);
    if (rc == 0)
        rc = br_account_choose (folder, account.prefix, reterr);
    if (rc == 0)
        *ret_prefix = br_strdup (account.prefix);
    s_clear (&account);
    return rc;
}

int
br_account_choose (const char *folder, const char *prefix, br_error_t *reterr)
{
    char *text = br_strf ("%s\n", prefix);
    int rc = br_key_file_write (folder, "active", text, reterr);
    free (text);
    return rc;
}

static int
s_mark_rotated (const char *folder, const char *address, br_error_t *reterr)
{
    char *name = br_strf ("rotated/%s", address);
    int rc = br_key_file_write (folder, name, "", reterr);
    free (name);
    return rc;
}

static int
s_remove_tokens (const char *folder, const char *prefix, br_error_t *reterr)
{
    br_name_set_t *labels = br_saved_tokens (folder, prefix, reterr);
    int rc = labels ? 0 : -1;
    for (size_t i = 0; rc == 0 && i < br_name_set_count (labels); i++)
        rc = br_saved_token_remove (folder, prefix, br_name_set_at (labels, i), reterr);
    br_name_set_destroy (&labels);
    return rc;
}

//  Its folders, as far as nobody has put anything else into them.
static void
s_remove_folders (const char *folder, const char *prefix)
{
    char *path = br_strf ("%s/%s/tokens", folder, prefix);
    rmdir (path);
    path[strlen (path) - strlen ("/tokens")] = 0;
    rmdir (path);
    free (path);
}

int
br_account_remove (const char *folder, const br_account_t *account, br_error_t *reterr)
{
    char *master = br_strf ("%s/master.json", account->prefix);
    int rc = s_mark_rotated (folder, account->solana, reterr);
    if (rc == 0)
        rc = s_mark_rotated (folder, account->evm, reterr);
    if (rc == 0)
        rc = s_remove_tokens (folder, account->prefix, reterr);
    if (rc == 0)
        rc = br_key_file_remove (folder, master, reterr);
    if (rc == 0 && account->active)
        rc = br_key_file_remove (folder, "active", reterr);
    if (rc == 0)
        s_remove_folders (folder, account->prefix);
    free (master);
    return rc;
}
