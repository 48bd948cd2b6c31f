//  key: virtual keys, which are opaque: what they may is in a file of this machine.

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/caip.h"
#include "broker/identity/glob_list.h"
#include "broker/identity/virtual_keys.h"
#include "cli/door_client.h"
#include "cli/key_home.h"
#include "cli/key_rights.h"
#include "cli/table.h"

#define TEXT_MAX 256 //  bytes of an account and of a label

//  ---- printing

//  secret is the key itself, or NULL.
static cJSON *
s_json (const br_virtual_key_t *key, const char *secret)
{
    char *text = br_virtual_key_text (key);
    cJSON *json = cJSON_Parse (text);
    free (text);
    cJSON_DeleteItemFromObject (json, "hash");
    cJSON_AddStringToObject (json, "id", key->id);
    if (secret)
        cJSON_AddStringToObject (json, "key", secret);
    return json;
}

//  The key alone on standard output, so that a script can take it.
static void
s_print_secret (const cli_t *cli, const br_virtual_key_t *key, const char *secret)
{
    if (cli->json) {
        cJSON *json = s_json (key, secret);
        cli_door_print (json);
        cJSON_Delete (json);
        return;
    }
    puts (secret);
    fprintf (stderr, "Key id: %s\nIt is shown this once.\n", key->id);
}

//  ---- sign

//  The texts that describe a key. CLI_OK or CLI_USAGE.
static int
s_take_names (br_virtual_key_t *key, int *argc, char **argv)
{
    const struct {
        const char *option;
        char **text;
    } rows[] = { { "--name", &key->label }, { "--account", &key->account } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = cli_take_option (argc, argv, rows[i].option);
        if (!text)
            continue;
        char *clean = cli_table_clean (text);
        bool good = *text && strlen (text) <= TEXT_MAX && strcmp (clean, text) == 0;
        free (clean);
        if (!good)
            return cli_usage ("key sign", "%s must be 1 to %d bytes of text",
                              rows[i].option, TEXT_MAX);
        free (*rows[i].text);
        *rows[i].text = br_strdup (text);
    }
    if (strcmp (key->account, "local") == 0 || strcmp (key->account, "anonymous") == 0)
        return cli_usage ("key sign", "the account '%s' is of callers without a key",
                          key->account);
    return CLI_OK;
}

static int
s_take_limits (br_virtual_key_t *key, int *argc, char **argv)
{
    const struct {
        const char *option;
        uint64_t *number;
    } rows[] = { { "--rpm", &key->requests_per_minute },
                 { "--tpm", &key->tokens_per_minute },
                 { "--concurrency", &key->concurrency } };
    int rc = CLI_OK;
    for (size_t i = 0; rc == CLI_OK && i < sizeof rows / sizeof *rows; i++)
        rc = cli_rights_take_number ("key sign", rows[i].option, 1, argc, argv,
                                     rows[i].number);
    return rc;
}

static int
s_take_rights (br_virtual_key_t *key, int *argc, char **argv)
{
    cli_rights_t rights;
    key->created_s = cli_key_home_now_s ();
    int rc = cli_rights_take (&rights, "key sign", key->created_s, argc, argv);
    if (rc != CLI_OK)
        return rc;
    key->scope = rights.scope;
    key->expires_s = rights.expires_s;
    key->models = br_glob_list_copy (rights.models);
    key->tools = br_glob_list_copy (rights.tools);
    key->budgeted = rights.budgeted;
    key->budget_nusd = rights.budget_nusd;
    key->budget_scope = rights.budget_scope;
    key->budget_range = rights.budget_range;
    key->budget_extent = rights.budget_extent;
    cli_rights_clear (&rights);
    return CLI_OK;
}

static int
s_make (const cli_t *cli, br_virtual_key_t *key)
{
    cli_key_home_t keys;
    if (cli_key_home_open (&keys, cli))
        return CLI_FAILED;
    const br_account_t *active = br_accounts_active (keys.accounts);
    if (!*key->account && active) {
        free (key->account);
        key->account = br_account_on (active, BR_CHAIN_SOLANA);
    }
    br_error_t error = { .code = BR_OK };
    char secret[BR_VIRTUAL_ROOM];
    int rc = br_virtual_keys_make (keys.folder, key, secret, &error);
    if (rc == 0)
        s_print_secret (cli, key, secret);
    sodium_memzero (secret, sizeof secret);
    cli_key_home_close (&keys);
    return rc ? cli_fail ("%s", error.text) : CLI_OK;
}

static int
s_run_sign (const cli_t *cli, int argc, char **argv)
{
    br_virtual_key_t *key = br_virtual_key_new ();
    int rc = s_take_names (key, &argc, argv);
    if (rc == CLI_OK)
        rc = s_take_limits (key, &argc, argv);
    if (rc == CLI_OK)
        rc = s_take_rights (key, &argc, argv);
    if (rc == CLI_OK)
        rc = cli_take_no_more ("key sign", 1, argc, argv);
    if (rc == CLI_OK)
        rc = s_make (cli, key);
    br_virtual_key_destroy (&key);
    return rc;
}

static const cli_command_t s_sign = {
    .name = "sign",
    .args = "[OPTIONS]",
    .about = "make a virtual key, which is printed this once",
    .help = "  --name LABEL          what it is for\n"
            "  --account ACCOUNT     whose spending it is (default: the active account,\n"
            "                        or an account of its own)\n" CLI_RIGHTS_HELP
            "  --rpm N               requests a minute\n"
            "  --tpm N               tokens a minute\n"
            "  --concurrency N       calls at the same time\n",
    .run = s_run_sign,
};

//  ---- list

//  The folder's keys, with a warning on stderr for each that is broken. "caller destroys"
static br_virtual_keys_t *
s_read (const char *folder, br_error_t *reterr)
{
    br_conf_words_t *warnings = br_conf_words_new ();
    br_virtual_keys_t *list = br_virtual_keys_new (folder, warnings, reterr);
    for (size_t i = 0; i < br_conf_words_count (warnings); i++)
        fprintf (stderr, "Warning: %s\n", br_conf_words_at (warnings, i));
    br_conf_words_destroy (&warnings);
    return list;
}

static const char *
s_state (const br_virtual_key_t *key, uint64_t now_s)
{
    if (*key->replaced_by)
        return "replaced";
    if (key->revoked)
        return "revoked";
    return key->expires_s && now_s >= key->expires_s ? "expired" : "good";
}

static void
s_add_row (cli_table_t *table, const br_virtual_key_t *key, uint64_t now_s)
{
    cli_table_add (table, key->id);
    cli_table_add (table, *key->label ? key->label : "-");
    cli_table_add (table, key->account);
    cli_table_add (table, key->scope == BR_SCOPE_ADMIN ? "admin" : "api");
    if (key->expires_s)
        cli_table_addf (table, "%" PRIu64, key->expires_s);
    else
        cli_table_add (table, "never");
    if (key->budgeted)
        cli_table_addf (table, "%" PRIu64, key->budget_nusd / 1000);
    else
        cli_table_add (table, "-");
    cli_table_add (table, s_state (key, now_s));
}

static void
s_print_list (const cli_t *cli, const br_virtual_keys_t *list)
{
    static const char *const s_heads[] = { "ID",      "LABEL",  "ACCOUNT", "SCOPE",
                                           "EXPIRES", "BUDGET", "STATE",   NULL };
    size_t count = br_virtual_keys_count (list);
    cJSON *json = cJSON_CreateArray ();
    cli_table_t *table = cli_table_new (s_heads);
    for (size_t i = 0; i < count; i++) {
        const br_virtual_key_t *key = br_virtual_keys_at (list, i);
        cJSON_AddItemToArray (json, s_json (key, NULL));
        s_add_row (table, key, cli_key_home_now_s ());
    }
    if (cli->json)
        cli_door_print (json);
    else if (count == 0)
        puts ("No virtual keys. Run `bitrouter key sign` to make one.");
    else
        cli_table_print (table, stdout);
    cli_table_destroy (&table);
    cJSON_Delete (json);
}

static int
s_run_list (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("key list", 1, argc, argv))
        return CLI_USAGE;
    cli_key_home_t keys;
    if (cli_key_home_open (&keys, cli))
        return CLI_FAILED;
    br_error_t error = { .code = BR_OK };
    br_virtual_keys_t *list = s_read (keys.folder, &error);
    if (list)
        s_print_list (cli, list);
    int rc = list ? CLI_OK : cli_fail ("%s", error.text);
    br_virtual_keys_destroy (&list);
    cli_key_home_close (&keys);
    return rc;
}

static const cli_command_t s_list = {
    .name = "list",
    .args = "",
    .about = "the virtual keys: id, label, account, scope, end, budget, state",
    .help = "Budgets are in micro-USD.\n",
    .run = s_run_list,
};

//  ---- revoke and rotate

typedef int (s_change_fn) (const cli_t *cli, const char *folder,
                           const br_virtual_key_t *key, br_error_t *reterr);

static int
s_revoke_one (const cli_t *cli, const char *folder, const br_virtual_key_t *key,
              br_error_t *reterr)
{
    if (br_virtual_keys_revoke (folder, key, reterr))
        return -1;
    if (cli->json) {
        cJSON *json = cJSON_CreateObject ();
        cJSON_AddStringToObject (json, "revoked", key->id);
        cli_door_print (json);
        cJSON_Delete (json);
    } else
        printf ("Revoked key: %s\n", key->id);
    return 0;
}

static int
s_rotate_one (const cli_t *cli, const char *folder, const br_virtual_key_t *key,
              br_error_t *reterr)
{
    char secret[BR_VIRTUAL_ROOM];
    br_virtual_key_t *next;
    if (br_virtual_keys_rotate (folder, key, cli_key_home_now_s (), secret, &next,
                                reterr))
        return -1;
    s_print_secret (cli, next, secret);
    sodium_memzero (secret, sizeof secret);
    br_virtual_key_destroy (&next);
    return 0;
}

static int
s_change (const cli_t *cli, const char *id, s_change_fn *change)
{
    cli_key_home_t keys;
    if (cli_key_home_open (&keys, cli))
        return CLI_FAILED;
    br_error_t error = { .code = BR_OK };
    br_virtual_keys_t *list = s_read (keys.folder, &error);
    const br_virtual_key_t *key = list ? br_virtual_keys_find (list, id, &error) : NULL;
    int rc = key ? change (cli, keys.folder, key, &error) : -1;
    br_virtual_keys_destroy (&list);
    cli_key_home_close (&keys);
    return rc ? cli_fail ("%s", error.text) : CLI_OK;
}

static int
s_run_revoke (const cli_t *cli, int argc, char **argv)
{
    if (argc < 2)
        return cli_usage ("key revoke", "name a key by its id, or give it");
    if (cli_take_no_more ("key revoke", 2, argc, argv))
        return CLI_USAGE;
    return s_change (cli, argv[1], s_revoke_one);
}

static const cli_command_t s_revoke = {
    .name = "revoke",
    .args = "ID",
    .about = "refuse a virtual key from now on",
    .help = "An ID is a number of the list from 0, the beginning of an id, or the key "
            "itself.\n",
    .run = s_run_revoke,
};

static int
s_run_rotate (const cli_t *cli, int argc, char **argv)
{
    if (argc < 2)
        return cli_usage ("key rotate", "name a key by its id, or give it");
    if (cli_take_no_more ("key rotate", 2, argc, argv))
        return CLI_USAGE;
    return s_change (cli, argv[1], s_rotate_one);
}

static const cli_command_t s_rotate = {
    .name = "rotate",
    .args = "ID",
    .about = "make a new key with the same rights, and refuse the old one",
    .help = "The new key is printed this once. What the old one spent counts for the\n"
            "account, and not for the new one.\n",
    .run = s_run_rotate,
};

static const cli_command_t *const s_commands[] = { &s_sign, &s_list, &s_revoke, &s_rotate,
                                                   NULL };

const cli_command_t cli_key = {
    .name = "key",
    .args = "COMMAND",
    .about = "virtual keys: opaque, with rights that this machine knows",
    .commands = s_commands,
};
