//  keys: the tokens of the active account that were saved, and the end of tokens.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "broker/identity/claims.h"
#include "broker/identity/saved_token.h"
#include "broker/identity/virtual_key.h"
#include "cli/door_client.h"
#include "cli/key_home.h"
#include "cli/table.h"

#define ID_LETTERS 43 //  of a token's id, as keygen makes them

//  What an action works on.
typedef struct {
    const cli_t *cli;
    cli_key_home_t keys;
    const br_account_t *account; //  the active one; may be NULL for revoke
    br_name_set_t *labels;       //  of its tokens; NULL without an account
} job_t;

typedef int (s_action_fn) (job_t *job, const char *id);

static void
s_print_json (cJSON *json)
{
    cli_door_print (json);
    cJSON_Delete (json);
}

//  "caller frees", or NULL with a reason.
static char *
s_read (const job_t *job, const char *label, br_error_t *reterr)
{
    return br_saved_token_read (job->keys.folder, job->account->prefix, label, reterr);
}

static bool
s_has_mark (const job_t *job, const char *hash)
{
    char *path = br_strf ("%s/revoked/%s", job->keys.folder, hash);
    bool has = br_conf_file_exists (path);
    free (path);
    return has;
}

static bool
s_is_revoked (const job_t *job, const char *token, const br_claims_t *claims)
{
    char hash[BR_JWT_HASH_ROOM];
    br_jwt_hash (token, strlen (token), hash);
    bool revoked = s_has_mark (job, hash);
    if (claims && claims->id && !revoked) {
        br_jwt_id_hash (claims->id, hash);
        revoked = s_has_mark (job, hash);
    }
    return revoked;
}

//  The claims of a saved token, whose signature nobody asks for. "caller destroys"
static br_claims_t *
s_claims (const char *token, br_error_t *reterr)
{
    char *payload = br_jwt_payload (token, strlen (token), reterr);
    br_claims_t *claims = payload ? br_claims_read (payload, strlen (payload), reterr)
                                  : NULL;
    free (payload);
    return claims;
}

//  ---- list

static void
s_print_claims (const br_claims_t *claims)
{
    printf ("       scope=%s  chain=%s  exp=",
            claims->scope == BR_SCOPE_ADMIN ? "admin" : "api", claims->chain);
    if (claims->exp)
        printf ("%llu", (unsigned long long) claims->exp);
    else
        fputs ("no-exp", stdout);
    fputs ("  models=", stdout);
    for (char **model = claims->models; model && *model; model++)
        printf ("%s%s", model == claims->models ? "" : ",", *model);
    puts (claims->models && *claims->models ? "" : "all-models");
}

static void
s_print_token (const job_t *job, size_t index, const char *label)
{
    br_error_t error = { .code = BR_OK };
    char *token = s_read (job, label, &error);
    br_claims_t *claims = token ? s_claims (token, &error) : NULL;
    bool revoked = token && s_is_revoked (job, token, claims);
    char *clean = cli_table_clean (label);
    printf ("  [%zu] %s%s\n", index, clean, revoked ? " (revoked)" : "");
    if (claims)
        s_print_claims (claims);
    else
        printf ("       (not readable: %s)\n", error.text);
    free (clean);
    br_claims_destroy (&claims);
    free (token);
}

static cJSON *
s_token_json (const job_t *job, const char *label)
{
    char *token = s_read (job, label, NULL);
    br_claims_t *claims = token ? s_claims (token, NULL) : NULL;
    char *payload = token ? br_jwt_payload (token, strlen (token), NULL) : NULL;
    cJSON *json = cJSON_CreateObject ();
    cJSON_AddStringToObject (json, "name", label);
    cJSON_AddBoolToObject (json, "revoked", token && s_is_revoked (job, token, claims));
    cJSON *decoded = payload ? cJSON_Parse (payload) : NULL;
    cJSON_AddItemToObject (json, "claims", decoded ? decoded : cJSON_CreateNull ());
    free (payload);
    br_claims_destroy (&claims);
    free (token);
    return json;
}

static int
s_list (job_t *job, const char *id)
{
    (void) id;
    cJSON *list = cJSON_CreateArray ();
    size_t count = br_name_set_count (job->labels);
    for (size_t i = 0; i < count; i++) {
        const char *label = br_name_set_at (job->labels, i);
        if (job->cli->json)
            cJSON_AddItemToArray (list, s_token_json (job, label));
        else
            s_print_token (job, i, label);
    }
    if (job->cli->json)
        cli_door_print (list);
    else if (count == 0)
        puts ("No tokens found. Run `bitrouter keygen --name LABEL` to save one.");
    cJSON_Delete (list);
    return CLI_OK;
}

//  ---- show and remove

static int
s_show (job_t *job, const char *id)
{
    br_error_t error = { .code = BR_OK };
    const char *label = br_name_set_find (job->labels, id, "token", &error);
    char *token = label ? s_read (job, label, &error) : NULL;
    char *payload = token ? br_jwt_payload (token, strlen (token), &error) : NULL;
    cJSON *claims = payload ? cJSON_Parse (payload) : NULL;
    if (claims && job->cli->json) {
        cJSON *json = cJSON_CreateObject ();
        cJSON_AddStringToObject (json, "name", label);
        cJSON_AddItemToObject (json, "claims", cJSON_Duplicate (claims, true));
        cJSON_AddStringToObject (json, "token", token);
        s_print_json (json);
    } else if (claims) {
        cli_door_print (claims);
        printf ("\nRaw JWT:\n%s\n", token);
    }
    int rc = claims ? CLI_OK : cli_fail ("%s", error.text);
    cJSON_Delete (claims);
    free (payload);
    free (token);
    return rc;
}

static int
s_tell (const job_t *job, const char *key, const char *text, const char *what)
{
    if (job->cli->json) {
        cJSON *json = cJSON_CreateObject ();
        cJSON_AddStringToObject (json, key, what);
        s_print_json (json);
    } else
        printf ("%s: %s\n", text, what);
    return CLI_OK;
}

static int
s_remove (job_t *job, const char *id)
{
    br_error_t error = { .code = BR_OK };
    const char *label = br_name_set_find (job->labels, id, "token", &error);
    if (!label
        || br_saved_token_remove (job->keys.folder, job->account->prefix, label, &error))
        return cli_fail ("%s", error.text);
    return s_tell (job, "removed", "Removed token", label);
}

//  ---- revoke

static int
s_revoke_hash (const job_t *job, const char *hash, const char *what)
{
    br_error_t error = { .code = BR_OK };
    if (br_saved_token_revoke (job->keys.folder, hash, &error))
        return cli_fail ("%s", error.text);
    return s_tell (job, "revoked", "Revoked token", what);
}

//  A token itself, a saved one, or the id of one that was never saved here.
static int
s_revoke (job_t *job, const char *id)
{
    char hash[BR_JWT_HASH_ROOM];
    br_error_t error = { .code = BR_OK };
    if (br_jwt_is_like (id, strlen (id))) {
        br_jwt_hash (id, strlen (id), hash);
        return s_revoke_hash (job, hash, hash);
    }
    if (strlen (id) == ID_LETTERS
        && !(job->labels && br_name_set_has (job->labels, id))) {
        br_jwt_id_hash (id, hash);
        return s_revoke_hash (job, hash, id);
    }
    if (br_virtual_key_is_like (id))
        return cli_fail ("that is a virtual key; use `bitrouter key revoke`");
    if (!job->account)
        return cli_key_home_active (&job->keys) ? CLI_OK : CLI_FAILED;
    const char *label = br_name_set_find (job->labels, id, "token", &error);
    char *token = label ? s_read (job, label, &error) : NULL;
    if (!token)
        return cli_fail ("%s", error.text);
    br_jwt_hash (token, strlen (token), hash);
    free (token);
    return s_revoke_hash (job, hash, label);
}

//  ---- the command

static int
s_open (job_t *job, s_action_fn *action)
{
    br_error_t error = { .code = BR_OK };
    job->account = action == s_revoke ? br_accounts_active (job->keys.accounts)
                                      : cli_key_home_active (&job->keys);
    if (!job->account)
        return action == s_revoke ? CLI_OK : CLI_FAILED;
    job->labels = br_saved_tokens (job->keys.folder, job->account->prefix, &error);
    return job->labels ? CLI_OK : cli_fail ("%s", error.text);
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    static const struct {
        const char *option;
        s_action_fn *action;
    } s_rows[] = {
        { "--show", s_show },
        { "--rm", s_remove },
        { "--revoke", s_revoke },
    };
    bool list = cli_take_switch (&argc, argv, "-l");
    list |= cli_take_switch (&argc, argv, "--list");
    int count = list;
    const char *id = NULL;
    s_action_fn *action = s_list;
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++) {
        const char *given = cli_take_option (&argc, argv, s_rows[i].option);
        if (!given)
            continue;
        id = given;
        action = s_rows[i].action;
        count++;
    }
    if (cli_take_no_more ("keys", 1, argc, argv))
        return CLI_USAGE;
    if (count > 1)
        return cli_usage ("keys", "one of -l, --show, --rm and --revoke at a time");
    job_t job = { .cli = cli };
    if (cli_key_home_open (&job.keys, cli))
        return CLI_FAILED;
    int rc = s_open (&job, action);
    if (rc == CLI_OK)
        rc = action (&job, id);
    br_name_set_destroy (&job.labels);
    cli_key_home_close (&job.keys);
    return rc;
}

const cli_command_t cli_keys = {
    .name = "keys",
    .args = "[-l | --show ID | --rm ID | --revoke ID|TOKEN]",
    .about = "the saved tokens of the active account",
    .help =
        "  -l, --list           list them (default)\n"
        "  --show ID            what one says, and the token itself\n"
        "  --rm ID              remove the saved copy; the token stays good\n"
        "  --revoke ID|TOKEN    refuse a token from now on, saved or not\n"
        "\n"
        "An ID is a number of the list, or the beginning of a label. To revoke one that\n"
        "is not saved, give the token, or its id.\n",
    .run = s_run,
};
