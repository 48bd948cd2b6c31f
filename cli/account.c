//  account: the accounts whose seeds this machine holds.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/caip.h"
#include "cli/door_client.h"
#include "cli/key_home.h"

//  ---- printing

static cJSON *
s_json (const cli_key_home_t *keys, const br_account_t *account)
{
    char *solana = br_account_on (account, BR_CHAIN_SOLANA);
    char *evm = br_account_on (account, BR_CHAIN_BASE);
    char *path = br_strf ("%s/%s/master.json", keys->folder, account->prefix);
    cJSON *json = cJSON_CreateObject ();
    cJSON_AddStringToObject (json, "prefix", account->prefix);
    cJSON_AddStringToObject (json, "solana", solana);
    cJSON_AddStringToObject (json, "evm", evm);
    cJSON_AddStringToObject (json, "path", path);
    cJSON_AddBoolToObject (json, "active", account->active);
    free (path);
    free (evm);
    free (solana);
    return json;
}

static void
s_print_json (cJSON *json)
{
    cli_door_print (json);
    cJSON_Delete (json);
}

static void
s_print_list (const cli_key_home_t *keys)
{
    for (size_t i = 0; i < br_accounts_count (keys->accounts); i++) {
        const br_account_t *account = br_accounts_at (keys->accounts, i);
        char *solana = br_account_on (account, BR_CHAIN_SOLANA);
        char *evm = br_account_on (account, BR_CHAIN_BASE);
        printf ("  [%zu] %s%s\n", i, account->prefix, account->active ? " *" : "");
        printf ("       sol: %s\n", solana);
        printf ("       evm: %s\n", evm);
        free (evm);
        free (solana);
    }
    if (br_accounts_count (keys->accounts) == 0)
        puts ("No accounts found. Run `bitrouter account -g` to generate one.");
}

//  ---- actions

typedef int (s_action_fn) (const cli_t *cli, cli_key_home_t *keys, const char *id);

static int
s_list (const cli_t *cli, cli_key_home_t *keys, const char *id)
{
    (void) id;
    if (!cli->json) {
        s_print_list (keys);
        return CLI_OK;
    }
    cJSON *list = cJSON_CreateArray ();
    for (size_t i = 0; i < br_accounts_count (keys->accounts); i++)
        cJSON_AddItemToArray (list, s_json (keys, br_accounts_at (keys->accounts, i)));
    s_print_json (list);
    return CLI_OK;
}

static int
s_generate (const cli_t *cli, cli_key_home_t *keys, const char *id)
{
    (void) id;
    char *prefix;
    br_error_t error = { .code = BR_OK };
    if (br_account_generate (keys->folder, &prefix, &error))
        return cli_fail ("%s", error.text);
    br_accounts_destroy (&keys->accounts);
    keys->accounts = br_accounts_new (keys->folder, NULL, &error);
    const br_account_t *account = keys->accounts
                                      ? br_accounts_find (keys->accounts, prefix, &error)
                                      : NULL;
    free (prefix);
    if (!account)
        return cli_fail ("%s", error.text);
    cJSON *json = s_json (keys, account);
    if (cli->json) {
        s_print_json (json);
        return CLI_OK;
    }
    static const char *const s_names[] = { "solana", "evm", "prefix", "path" };
    puts ("Generated web3 master key");
    for (size_t i = 0; i < sizeof s_names / sizeof *s_names; i++)
        printf ("  %s:%*s%s\n", s_names[i], (int) (8 - strlen (s_names[i])), "",
                cJSON_GetStringValue (cJSON_GetObjectItem (json, s_names[i])));
    puts ("  active:  yes");
    cJSON_Delete (json);
    return CLI_OK;
}

static int
s_set (const cli_t *cli, cli_key_home_t *keys, const char *id)
{
    br_error_t error = { .code = BR_OK };
    const br_account_t *account = br_accounts_find (keys->accounts, id, &error);
    if (!account || br_account_choose (keys->folder, account->prefix, &error))
        return cli_fail ("%s", error.text);
    if (cli->json) {
        cJSON *json = s_json (keys, account);
        cJSON_ReplaceItemInObject (json, "active", cJSON_CreateTrue ());
        s_print_json (json);
    } else
        printf ("Active account: %s\n", account->prefix);
    return CLI_OK;
}

static int
s_remove (const cli_t *cli, cli_key_home_t *keys, const char *id)
{
    br_error_t error = { .code = BR_OK };
    const br_account_t *account = br_accounts_find (keys->accounts, id, &error);
    if (!account || br_account_remove (keys->folder, account, &error))
        return cli_fail ("%s", error.text);
    if (cli->json) {
        cJSON *json = cJSON_CreateObject ();
        cJSON_AddStringToObject (json, "removed", account->prefix);
        s_print_json (json);
    } else
        printf ("Removed account: %s\n", account->prefix);
    return CLI_OK;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    bool generate = cli_take_switch (&argc, argv, "-g");
    generate |= cli_take_switch (&argc, argv, "--generate-key");
    bool list = cli_take_switch (&argc, argv, "-l");
    list |= cli_take_switch (&argc, argv, "--list");
    const char *set = cli_take_option (&argc, argv, "--set");
    const char *removed = cli_take_option (&argc, argv, "--rm");
    if (cli_take_no_more ("account", 1, argc, argv))
        return CLI_USAGE;
    if (generate + list + (set != NULL) + (removed != NULL) > 1)
        return cli_usage ("account", "one of -g, -l, --set and --rm at a time");
    s_action_fn *action = generate  ? s_generate
                          : set     ? s_set
                          : removed ? s_remove
                                    : s_list;
    cli_key_home_t keys;
    if (cli_key_home_open (&keys, cli))
        return CLI_FAILED;
    int rc = action (cli, &keys, set ? set : removed);
    cli_key_home_close (&keys);
    return rc;
}

const cli_command_t cli_account = {
    .name = "account",
    .other = "wallet",
    .args = "[-g | -l | --set ID | --rm ID]",
    .about = "the accounts whose keys this machine holds",
    .help = "  -g, --generate-key  make an account, which becomes the active one\n"
            "  -l, --list          list them; * is the active one (default)\n"
            "  --set ID            make another one active\n"
            "  --rm ID             remove one with its key and tokens, which are refused "
            "then\n"
            "\n"
            "An ID is a number of the list, or the beginning of a prefix. Keys are in\n"
            "HOME/.keys. A removed key cannot be had back.\n",
    .run = s_run,
};
