//  ledger: whether the books are as they were written, and how far they have come.

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_database.h"
#include "broker/ledger/ledger_chain.h"
#include "cli/door_client.h"
#include "cli/ledger_source.h"

//  ---- verify

//  What a verdict means. The row is named in front of it.
static const char *const s_meanings[] = {
    [LEDGER_CHANGED] = "was changed",
    [LEDGER_INSERTED] = "was inserted",
    [LEDGER_MISSING] = "is missing",
    [LEDGER_SWAPPED] = "was swapped",
    [LEDGER_CUT] = "and all behind it were cut off",
    [LEDGER_REPLACED] = "is another one than the signed head says",
    [LEDGER_UNSIGNED] = "and all behind it are not under the signed head",
    [LEDGER_FORGED] = "cannot be trusted: the head's signature is wrong",
};

static void
s_print_verdict_json (const cli_ledger_t *ledger, const ledger_verdict_t *verdict)
{
    char hash[LEDGER_HASH * 2 + 1];
    cJSON *answer = cJSON_CreateObject ();
    cJSON_AddStringToObject (answer, "database", ledger->name);
    cJSON_AddBoolToObject (answer, "sound", verdict->fault == LEDGER_SOUND);
    cJSON_AddNumberToObject (answer, "rows", (double) verdict->rows);
    cJSON_AddNumberToObject (answer, "last", (double) verdict->last);
    cJSON_AddStringToObject (
        answer, "hash", sodium_bin2hex (hash, sizeof hash, verdict->hash, LEDGER_HASH));
    if (verdict->fault != LEDGER_SOUND) {
        cJSON_AddStringToObject (answer, "fault", ledger_fault_name (verdict->fault));
        cJSON_AddNumberToObject (answer, "row", (double) (int64_t) verdict->seq);
    }
    cli_door_print (answer);
    cJSON_Delete (answer);
}

static int
s_complain (const cli_ledger_t *ledger, const ledger_verdict_t *verdict)
{
    char call[BR_ID_TEXT];
    const char *id = br_id_is_set (verdict->call) ? br_id_text (verdict->call, call) : "";
    if (verdict->fault == LEDGER_FORGED)
        return cli_fail (
            "%s cannot be trusted: the signature of its head is wrong, or of "
            "another key",
            ledger->name);
    if (verdict->fault == LEDGER_SWAPPED)
        return cli_fail ("row %" PRIu64 " of %s was swapped with row %" PRIu64,
                         verdict->seq, ledger->name, verdict->other);
    //  One that does not belong there may be below 0.
    return cli_fail ("row %" PRId64 " of %s %s%s%s%s", (int64_t) verdict->seq,
                     ledger->name, s_meanings[verdict->fault], *id ? " (call " : "", id,
                     *id ? ")" : "");
}

//  The public key of this node, when it has one.
static const uint8_t *
s_key (const cli_ledger_t *ledger, uint8_t key[LEDGER_PUBLIC_KEY])
{
    bool is_there = access (ledger->node_key, F_OK) == 0;
    return is_there && ledger_signer_look (ledger->node_key, key, NULL) == 0 ? key : NULL;
}

//  What is wrong though every row is as it was written: what was changed while nothing ran is
//  under a head that the start has kept aside, and without a head nobody knows of a cut.
static int
s_check_heads (const cli_ledger_t *ledger, bool has_key)
{
    char *aside = br_strf ("%s.wrong", ledger->head);
    int rc = CLI_OK;
    if (access (aside, F_OK) == 0)
        rc = cli_fail (
            "at a start %s did not fit its head, which is kept: bitrouter ledger "
            "verify --head %s tells the row; remove that file once it is explained",
            ledger->name, aside);
    else if (has_key && access (ledger->head, F_OK) != 0)
        rc = cli_fail (
            "%s is whole as far as it goes, but its signed head %s is gone: rows "
            "that were cut off at its end are not missed; the next start signs it "
            "anew",
            ledger->name, ledger->head);
    free (aside);
    return rc;
}

static int
s_verify (const cli_t *cli, cli_ledger_t *ledger, const char *head)
{
    uint8_t key[LEDGER_PUBLIC_KEY];
    ledger_verdict_t verdict = { .fault = LEDGER_SOUND };
    br_error_t error = { .code = BR_OK };
    const uint8_t *own = s_key (ledger, key);
    bool is_given = head != NULL;
    if (!is_given && access (ledger->head, F_OK) == 0)
        head = ledger->head;
    if (ledger_chain_verify (ledger->store, head, own, &verdict, &error))
        return cli_fail ("%s", error.text);
    if (cli->json)
        s_print_verdict_json (ledger, &verdict);
    if (verdict.fault != LEDGER_SOUND)
        return s_complain (ledger, &verdict);
    if (!cli->json)
        printf ("%s is sound: %" PRIu64 " rows, the last is %" PRIu64 "%s\n",
                ledger->name, verdict.rows, verdict.last,
                head ? "" : "; without a head, rows cut off at its end are not missed");
    return is_given ? CLI_OK : s_check_heads (ledger, own && verdict.rows);
}

static int
s_run_verify (const cli_t *cli, int argc, char **argv)
{
    const char *head = cli_take_option (&argc, argv, "--head");
    cli_ledger_t ledger;
    br_error_t error = { .code = BR_OK };
    if (cli_take_no_more ("ledger verify", 1, argc, argv))
        return CLI_USAGE;
    if (cli_ledger_open (&ledger, cli, &error))
        return cli_fail ("%s", error.text);
    int rc = s_verify (cli, &ledger, head);
    cli_ledger_close (&ledger);
    return rc;
}

static const cli_command_t s_verify_command = {
    .name = "verify",
    .args = "[--head FILE]",
    .about = "hold every row against its hash, and the last against the signed head",
    .help =
        "  --head FILE   the signed head, instead of HOME/ledger.head\n"
        "\n"
        "Looks at the ledger of --db, else at the local one. Names the first row that "
        "was\n"
        "changed, inserted, swapped or taken out; exit status 1.\n",
    .run = s_run_verify,
};

//  ---- status

//  {"name", "seq", "hash"} or {"name", "error"} of one store.
static cJSON *
s_look (const char *url)
{
    uint64_t seq = 0;
    uint8_t hash[LEDGER_HASH];
    char text[LEDGER_HASH * 2 + 1];
    br_error_t error = { .code = BR_OK };
    char *name = br_conf_database_masked (url);
    cJSON *answer = cJSON_CreateObject ();
    cJSON_AddStringToObject (answer, "database", name);
    ledger_store_t *store = cli_ledger_look (url, &error);
    if (store && ledger_store_last (store, &seq, hash, &error) == 0) {
        cJSON_AddNumberToObject (answer, "seq", (double) seq);
        cJSON_AddStringToObject (answer, "hash",
                                 sodium_bin2hex (text, sizeof text, hash, LEDGER_HASH));
    } else {
        cJSON_AddStringToObject (answer, "error", error.text);
    }
    ledger_store_destroy (&store);
    free (name);
    return answer;
}

static cJSON *
s_look_at_head (const char *path)
{
    ledger_head_t head;
    br_error_t error = { .code = BR_OK };
    cJSON *answer = cJSON_CreateObject ();
    cJSON_AddStringToObject (answer, "file", path);
    if (ledger_head_read (&head, path, &error)) {
        cJSON_AddStringToObject (answer, "error", error.text);
        return answer;
    }
    cJSON_AddNumberToObject (answer, "seq", (double) head.seq);
    cJSON_AddNumberToObject (answer, "time_ms", (double) head.time_ms);
    cJSON_AddBoolToObject (answer, "genuine", head.is_genuine);
    return answer;
}

static void
s_print_line (const char *label, const cJSON *item, const char *name)
{
    const cJSON *seq = cJSON_GetObjectItemCaseSensitive (item, "seq");
    const char *where = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (item, name));
    const char *error = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (item, "error"));
    if (seq)
        printf ("%-8s row %.0f  %s\n", label, seq->valuedouble, where);
    else
        printf ("%-8s %s\n", label, error ? error : "?");
}

static int
s_run_status (const cli_t *cli, int argc, char **argv)
{
    cli_ledger_t ledger;
    br_error_t error = { .code = BR_OK };
    if (cli_take_no_more ("ledger status", 1, argc, argv))
        return CLI_USAGE;
    if (cli_ledger_find (&ledger, cli, &error))
        return cli_fail ("%s", error.text);
    cJSON *answer = cJSON_CreateObject ();
    cJSON *local = s_look (ledger.url), *remote = NULL;
    cJSON_AddItemToObject (answer, ledger.is_spool ? "spool" : "ledger", local);
    if (ledger.is_spool) {
        remote = s_look (ledger.database);
        cJSON_AddItemToObject (answer, "ledger", remote);
    }
    cJSON *head = s_look_at_head (ledger.head);
    cJSON_AddItemToObject (answer, "head", head);
    if (cli->json) {
        cli_door_print (answer);
    } else {
        s_print_line (ledger.is_spool ? "spool:" : "ledger:", local, "database");
        if (remote)
            s_print_line ("ledger:", remote, "database");
        s_print_line ("head:", head, "file");
    }
    bool is_good = cJSON_HasObjectItem (local, "seq");
    cJSON_Delete (answer);
    cli_ledger_close (&ledger);
    return is_good ? CLI_OK : CLI_FAILED;
}

static const cli_command_t s_status_command = {
    .name = "status",
    .args = "",
    .about = "the newest row of the ledger, of its spool and of the signed head",
    .help =
        "Works while nothing runs, too. A ledger on another machine that is behind the\n"
        "spool gets its rows when bitrouter runs and reaches it.\n",
    .run = s_run_status,
};

static const cli_command_t *const s_commands[] = { &s_verify_command, &s_status_command,
                                                   NULL };

const cli_command_t cli_ledger = {
    .name = "ledger",
    .args = "COMMAND",
    .about = "the books: verify them, or see how far they are",
    .commands = s_commands,
};
