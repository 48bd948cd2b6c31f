//  keygen: signs a token with the key of the active account.

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/caip.h"
#include "broker/identity/glob_list.h"
#include "broker/identity/jwt.h"
#include "broker/identity/saved_token.h"
#include "cli/door_client.h"
#include "cli/key_home.h"
#include "cli/key_rights.h"

#define ID_BYTES 32 //  of randomness in a token's id

static const struct {
    const char *name;
    const char *chain;
} s_chains[] = {
    { "solana", BR_CHAIN_SOLANA },
    { "base", BR_CHAIN_BASE },
    { "tempo", BR_CHAIN_TEMPO },
};

//  CAIP-2, or NULL with a line on stderr.
static const char *
s_chain (const char *name)
{
    for (size_t i = 0; i < sizeof s_chains / sizeof *s_chains; i++)
        if (!name || strcmp (s_chains[i].name, name) == 0)
            return s_chains[i].chain;
    cli_fail ("unsupported chain \"%s\" — use \"solana\" or \"base\"", name);
    return NULL;
}

//  "caller frees"
static char *
s_id (void)
{
    uint8_t bytes[ID_BYTES];
    size_t room = sodium_base64_encoded_len (sizeof bytes,
                                             sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = br_alloc (room, 1);
    randombytes_buf (bytes, sizeof bytes);
    return sodium_bin2base64 (text, room, bytes, sizeof bytes,
                              sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

//  "caller destroys"
static br_claims_t *
s_claims (const br_account_t *account, const char *chain, uint64_t now_s,
          const cli_rights_t *rights)
{
    br_claims_t *claims = BR_NEW (br_claims_t);
    claims->iss = br_account_on (account, chain);
    claims->chain = br_strdup (chain);
    claims->address = br_strdup (br_caip10_address (claims->iss));
    claims->id = s_id ();
    claims->iat = now_s;
    claims->exp = rights->expires_s;
    claims->scope = rights->scope;
    claims->models = br_glob_list_copy (rights->models);
    claims->tools = br_glob_list_copy (rights->tools);
    claims->budgeted = rights->budgeted;
    claims->budget_nusd = rights->budget_nusd;
    claims->budget_scope = rights->budget_scope;
    claims->budget_range = rights->budget_range;
    claims->budget_extent = rights->budget_extent;
    return claims;
}

static void
s_print (const cli_t *cli, const br_claims_t *claims, const char *token, const char *path)
{
    if (!cli->json) {
        puts (token);
        if (path)
            fprintf (stderr, "Saved to: %s\n", path);
        return;
    }
    cJSON *json = cJSON_CreateObject ();
    cJSON_AddStringToObject (json, "token", token);
    cJSON_AddStringToObject (json, "id", claims->id);
    cJSON_AddStringToObject (json, "iss", claims->iss);
    if (path)
        cJSON_AddStringToObject (json, "path", path);
    cli_door_print (json);
    cJSON_Delete (json);
}

//  "caller frees", or NULL.
static char *
s_sign (const cli_key_home_t *keys, const br_account_t *account,
        const br_claims_t *claims, br_error_t *reterr)
{
    uint8_t seed[BR_ACCOUNT_SEED_BYTES];
    char *token = NULL;
    if (br_account_seed (keys->folder, account->prefix, seed, reterr) == 0)
        token = br_jwt_sign (claims, seed, reterr);
    sodium_memzero (seed, sizeof seed);
    return token;
}

static int
s_generate (const cli_t *cli, const char *chain, const char *label, uint64_t now_s,
            const cli_rights_t *rights)
{
    cli_key_home_t keys;
    if (cli_key_home_open (&keys, cli))
        return CLI_FAILED;
    const br_account_t *account = cli_key_home_active (&keys);
    if (!account) {
        cli_key_home_close (&keys);
        return CLI_FAILED;
    }
    br_error_t error = { .code = BR_OK };
    br_claims_t *claims = s_claims (account, chain, now_s, rights);
    char *path = NULL;
    char *token = s_sign (&keys, account, claims, &error);
    int rc = token ? 0 : -1;
    if (token && label)
        rc = br_saved_token_write (keys.folder, account->prefix, label, token, &path,
                                   &error);
    if (rc == 0)
        s_print (cli, claims, token, path);
    free (path);
    free (token);
    br_claims_destroy (&claims);
    cli_key_home_close (&keys);
    return rc ? cli_fail ("%s", error.text) : CLI_OK;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    cli_rights_t rights;
    uint64_t now_s = cli_key_home_now_s ();
    const char *chain_name = cli_take_option (&argc, argv, "--chain");
    const char *label = cli_take_option (&argc, argv, "--name");
    int rc = cli_rights_take (&rights, "keygen", now_s, &argc, argv);
    if (rc != CLI_OK)
        return rc;
    rc = cli_take_no_more ("keygen", 1, argc, argv);
    const char *chain = rc == CLI_OK ? s_chain (chain_name) : NULL;
    if (rc == CLI_OK)
        rc = chain ? s_generate (cli, chain, label, now_s, &rights) : CLI_FAILED;
    cli_rights_clear (&rights);
    return rc;
}

const cli_command_t cli_keygen = {
    .name = "keygen",
    .args = "[OPTIONS]",
    .about = "make a token, signed by the active account",
    .help = "  --chain CHAIN         solana (default), base or tempo\n" CLI_RIGHTS_HELP
            "  --name LABEL          save the token, see `bitrouter keys`\n"
            "\n"
            "The token is printed on standard output.\n",
    .run = s_run,
};
