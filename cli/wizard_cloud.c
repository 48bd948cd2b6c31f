//  wizard_cloud: the wizard's way to BitRouter Cloud.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/core/alloc.h"
#include "broker/identity/account.h"
#include "broker/identity/caip.h"
#include "broker/identity/jwt.h"
#include "broker/identity/saved_token.h"
#include "cli/wizard_cloud.h"

#define ID_BYTES 32   //  of randomness in a token's id
#define LABEL "cloud" //  under which the token is kept
#define DAY_S 86400u

void
wizard_cloud_ask (const wizard_asking_t *asking)
{
    wizard_provider_t *provider = wizard_answers_add (asking->answers);
    provider->name = br_strdup ("bitrouter");
    provider->label = br_strdup ("BitRouter Cloud");
    const char *key = br_conf_env_get_full (asking->env, WIZARD_CLOUD_VARIABLE);
    if (!key)
        return;
    char *mask = wizard_keys_mask (key);
    char *question = br_strf ("BitRouter Cloud API key detected (%s). Use this?", mask);
    if (cli_prompt_confirm (asking->prompt, question, true))
        provider->variable = br_strdup (WIZARD_CLOUD_VARIABLE);
    else if (br_conf_env_get_full (asking->process, WIZARD_CLOUD_VARIABLE))
        cli_prompt_say (asking->prompt,
                        "  Note: %s of the environment wins over .env; "
                        "unset it.\n",
                        WIZARD_CLOUD_VARIABLE);
    free (question);
    free (mask);
}

//  The accounts of a folder, one of them active. "caller destroys"
static br_accounts_t *
s_accounts (const char *folder, br_error_t *reterr)
{
    br_accounts_t *accounts = br_accounts_new (folder, NULL, reterr);
    if (!accounts || br_accounts_active (accounts))
        return accounts;
    br_accounts_destroy (&accounts);
    char *prefix = NULL;
    if (br_account_generate (folder, &prefix, reterr))
        return NULL;
    free (prefix);
    return br_accounts_new (folder, NULL, reterr);
}

static void
s_show (cli_prompt_t *prompt, const br_account_t *account)
{
    cli_prompt_done (prompt, "Wallet %s", account->prefix);
    cli_prompt_say (prompt, "  Solana: %s\n  EVM:    %s\n", account->solana,
                    account->evm);
}

//  "caller frees"
static char *
s_random (void)
{
    uint8_t bytes[ID_BYTES];
    char text[ID_BYTES * 2];
    randombytes_buf (bytes, sizeof bytes);
    sodium_bin2base64 (text, sizeof text, bytes, sizeof bytes,
                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return br_strdup (text);
}

//  "caller frees", or NULL.
static char *
s_sign (const char *folder, const br_account_t *account, br_error_t *reterr)
{
    br_claims_t *claims = BR_NEW (br_claims_t);
    claims->iss = br_account_on (account, BR_CHAIN_SOLANA);
    claims->chain = br_strdup (BR_CHAIN_SOLANA);
    claims->address = br_strdup (br_caip10_address (claims->iss));
    claims->id = s_random ();
    claims->iat = (uint64_t) time (NULL);
    claims->exp = claims->iat + WIZARD_CLOUD_DAYS * DAY_S;
    claims->scope = BR_SCOPE_API;
    uint8_t seed[BR_ACCOUNT_SEED_BYTES];
    char *token = NULL;
    if (br_account_seed (folder, account->prefix, seed, reterr) == 0)
        token = br_jwt_sign (claims, seed, reterr);
    sodium_memzero (seed, sizeof seed);
    br_claims_destroy (&claims);
    return token;
}

int
wizard_cloud_make (const wizard_asking_t *asking, const char *folder, br_error_t *reterr)
{
    wizard_provider_t *provider = &asking->answers->providers[0];
    if (provider->variable)
        return 0;
    br_accounts_t *accounts = s_accounts (folder, reterr);
    const br_account_t *account = accounts ? br_accounts_active (accounts) : NULL;
    char *token = account ? s_sign (folder, account, reterr) : NULL;
    char *path = NULL;
    int rc = token ? br_saved_token_write (folder, account->prefix, LABEL, token, &path,
                                           reterr)
                   : -1;
    if (rc == 0) {
        s_show (asking->prompt, account);
        provider->variable = br_strdup (WIZARD_CLOUD_VARIABLE);
        provider->secret = token;
        token = NULL;
    }
    free (path);
    cli_prompt_forget (&token);
    br_accounts_destroy (&accounts);
    return rc;
}
