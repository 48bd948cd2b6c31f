//  receipt: what a receipt says, and whether it is this node's: without a server, and on any
//  machine that has the node's public key.

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/ledger/ledger_claims.h"
#include "cli/door_client.h"
#include "cli/ledger_source.h"

#define INPUT_MAX (LEDGER_RECEIPT_MAX + 4096) //  bytes, with white space
#define BODY_PART 65536                       //  bytes of a body that are hashed at once
#define HEX(bytes) (2 * (bytes) + 1)

//  What a command line asks for.
typedef struct {
    const char *file; //  "-" is standard input
    const char *key;  //  hex, or NULL
    const char *body; //  path, or NULL
    bool in_ledger;
} s_wish_t;

//  ---- the key

static int
s_own_key (const cli_t *cli, uint8_t key[LEDGER_PUBLIC_KEY], br_error_t *reterr)
{
    cli_ledger_t ledger;
    if (cli_ledger_find (&ledger, cli, reterr))
        return -1;
    int rc = 0;
    if (access (ledger.node_key, F_OK) != 0)
        rc = br_error_set (reterr, BR_ECONFIG,
                           "node key %.256s: %s; it is made when bitrouter starts for "
                           "the first time",
                           ledger.node_key, strerror (errno));
    else
        rc = ledger_signer_look (ledger.node_key, key, reterr);
    cli_ledger_close (&ledger);
    return rc;
}

//  True when it is the 64 digits of a key.
static bool
s_read_key (const char *text, uint8_t key[LEDGER_PUBLIC_KEY])
{
    size_t size = 0;
    return strlen (text) == HEX (LEDGER_PUBLIC_KEY) - 1
           && sodium_hex2bin (key, LEDGER_PUBLIC_KEY, text, strlen (text), NULL, &size,
                              NULL)
                  == 0
           && size == LEDGER_PUBLIC_KEY;
}

static int
s_run_key (const cli_t *cli, int argc, char **argv)
{
    uint8_t key[LEDGER_PUBLIC_KEY];
    char hex[HEX (LEDGER_PUBLIC_KEY)];
    br_error_t error = { .code = BR_OK };
    if (cli_take_no_more ("receipt key", 1, argc, argv))
        return CLI_USAGE;
    if (s_own_key (cli, key, &error))
        return cli_fail ("%s", error.text);
    sodium_bin2hex (hex, sizeof hex, key, sizeof key);
    if (cli->json) {
        cJSON *answer = cJSON_CreateObject ();
        cJSON_AddStringToObject (answer, "public_key", hex);
        cli_door_print (answer);
        cJSON_Delete (answer);
    } else
        puts (hex);
    return CLI_OK;
}

static const cli_command_t s_key_command = {
    .name = "key",
    .args = "",
    .about = "the public key that receipts of this node are signed with",
    .help = "Give it to who verifies them elsewhere. The key itself stays in\n"
            "HOME/.keys/node.key.\n",
    .run = s_run_key,
};

//  ---- reading

static int
s_read_file (const char *path, char text[INPUT_MAX], br_error_t *reterr)
{
    bool is_stdin = strcmp (path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen (path, "re");
    if (!file)
        return br_error_set (reterr, BR_ESYSTEM, "%.256s: %s", path, strerror (errno));
    size_t size = fread (text, 1, INPUT_MAX, file);
    int why = ferror (file) ? errno : 0;
    if (!is_stdin)
        fclose (file);
    if (why)
        return br_error_set (reterr, BR_ESYSTEM, "%.256s: %s", path, strerror (why));
    if (size == INPUT_MAX || memchr (text, '\0', size))
        return br_error_set (reterr, BR_EINVALID, "%.256s: it is no receipt", path);
    text[size] = '\0';
    return 0;
}

static int
s_hash_file (const char *path, uint8_t hash[LEDGER_REQUEST_HASH], br_error_t *reterr)
{
    crypto_hash_sha256_state state;
    uint8_t part[BODY_PART];
    size_t size = 0;
    FILE *file = fopen (path, "re");
    if (!file)
        return br_error_set (reterr, BR_ESYSTEM, "%.256s: %s", path, strerror (errno));
    crypto_hash_sha256_init (&state);
    do {
        size = fread (part, 1, sizeof part, file);
        crypto_hash_sha256_update (&state, part, size);
    } while (size == sizeof part);
    int why = ferror (file) ? errno : 0;
    fclose (file);
    crypto_hash_sha256_final (&state, hash);
    return why ? br_error_set (reterr, BR_ESYSTEM, "%.256s: %s", path, strerror (why))
               : 0;
}

//  ---- what else it is held against; err of both: BR_EINVALID it does not fit

static int
s_check_body (const char *path, const ledger_receipt_t *receipt, br_error_t *reterr)
{
    uint8_t hash[LEDGER_REQUEST_HASH];
    if (s_hash_file (path, hash, reterr))
        return -1;
    if (memcmp (hash, receipt->request_hash, sizeof hash) == 0)
        return 0;
    return br_error_set (reterr, BR_EINVALID,
                         "the receipt is sound, but of another body than %.256s", path);
}

typedef struct {
    const ledger_receipt_t *receipt;
    const char *differs; //  the first member that does
    bool is_there;       //  the row
} s_look_t;

//  The row before, if it is still there, then the row.
static int
s_look_at (void *arg, const ledger_entry_t *entry)
{
    s_look_t *look = arg;
    const ledger_receipt_t *receipt = look->receipt;
    if (entry->seq + 1 == receipt->entry.seq) {
        if (memcmp (entry->hash, receipt->prev_hash, LEDGER_HASH) != 0)
            look->differs = "prev_hash";
        return 0;
    }
    look->is_there = entry->seq == receipt->entry.seq;
    if (look->is_there && !look->differs)
        look->differs = ledger_claims_differ (receipt, entry);
    return 1;
}

static int
s_check_row (const cli_ledger_t *ledger, const ledger_receipt_t *receipt,
             br_error_t *reterr)
{
    s_look_t look = { .receipt = receipt };
    uint64_t seq = receipt->entry.seq;
    if (ledger_store_read (ledger->store, seq ? seq - 1 : 0, s_look_at, &look, reterr))
        return -1;
    if (!look.is_there)
        return br_error_set (
            reterr, BR_EINVALID,
            "the receipt is sound, but %.200s has no row %" PRIu64 "%s", ledger->name,
            seq,
            ledger->is_spool ? "; rows that are old are in the database only, see --db"
                             : "");
    if (look.differs)
        return br_error_set (reterr, BR_EINVALID,
                             "the receipt is sound, but row %" PRIu64
                             " of %.200s has another %s",
                             seq, ledger->name, look.differs);
    return 0;
}

static int
s_check_ledger (const cli_t *cli, const ledger_receipt_t *receipt, br_error_t *reterr)
{
    cli_ledger_t ledger;
    if (cli_ledger_open (&ledger, cli, reterr))
        return -1;
    int rc = s_check_row (&ledger, receipt, reterr);
    cli_ledger_close (&ledger);
    return rc;
}

//  ---- printing

//  What a receipt says. "caller deletes"
static cJSON *
s_json (const ledger_receipt_t *receipt)
{
    br_buf_t buf;
    br_buf_init (&buf, 8 * LEDGER_RECEIPT_MAX);
    json_writer_t writer = json_writer (&buf);
    json_open (&writer, NULL, '{');
    ledger_claims_put (receipt, &writer);
    json_close (&writer, '}');
    cJSON *json = cJSON_Parse (br_buf_text (&buf));
    br_buf_free (&buf);
    return json ? json : cJSON_CreateObject ();
}

//  Its JSON has what a terminal must not see escaped.
static void
s_print_lines (const cJSON *said)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, said)
    {
        char *value = cJSON_PrintUnformatted (item);
        size_t size = strlen (value);
        bool is_text = cJSON_IsString (item);
        printf ("%-22s %.*s\n", item->string, (int) (is_text ? size - 2 : size),
                is_text ? value + 1 : value);
        cJSON_free (value);
    }
}

//  said: taken; why: NULL when it is sound
static void
s_print_json (cJSON *said, const uint8_t *key, const char *why)
{
    char hex[HEX (LEDGER_PUBLIC_KEY)];
    cJSON *answer = cJSON_CreateObject ();
    cJSON_AddBoolToObject (answer, "sound", !why);
    if (why)
        cJSON_AddStringToObject (answer, "error", why);
    if (said) {
        cJSON_AddStringToObject (
            answer, "key", sodium_bin2hex (hex, sizeof hex, key, LEDGER_PUBLIC_KEY));
        cJSON_AddItemToObject (answer, "receipt", said);
    }
    cli_door_print (answer);
    cJSON_Delete (answer);
}

static void
s_print (const s_wish_t *wish, const ledger_receipt_t *receipt, const uint8_t *key,
         bool is_sound)
{
    char hex[HEX (LEDGER_PUBLIC_KEY)];
    cJSON *said = s_json (receipt);
    s_print_lines (said);
    cJSON_Delete (said);
    if (is_sound)
        printf ("\nThe receipt is sound: %s has signed it%s%s.\n",
                sodium_bin2hex (hex, sizeof hex, key, LEDGER_PUBLIC_KEY),
                wish->body ? ", it is of that body" : "",
                wish->in_ledger ? ", and the ledger says the same" : "");
}

//  ---- verify

//  0 when it is sound; -1 with why. *ret_is_read: its signature is right.
static int
s_examine (const cli_t *cli, const s_wish_t *wish, br_arena_t *arena,
           ledger_receipt_t *receipt, uint8_t key[LEDGER_PUBLIC_KEY], bool *ret_is_read,
           br_error_t *reterr)
{
    char text[INPUT_MAX];
    if (!wish->key && s_own_key (cli, key, reterr))
        return -1;
    if (s_read_file (wish->file, text, reterr)
        || ledger_receipt_read (receipt, text, key, arena, NULL, reterr))
        return -1;
    *ret_is_read = true;
    if (wish->body && s_check_body (wish->body, receipt, reterr))
        return -1;
    return wish->in_ledger ? s_check_ledger (cli, receipt, reterr) : 0;
}

static int
s_verify (const cli_t *cli, const s_wish_t *wish, uint8_t key[LEDGER_PUBLIC_KEY])
{
    ledger_receipt_t receipt;
    bool is_read = false;
    br_error_t error = { .code = BR_OK };
    br_arena_t *arena = br_arena_new ();
    int rc = s_examine (cli, wish, arena, &receipt, key, &is_read, &error);
    if (cli->json)
        s_print_json (is_read ? s_json (&receipt) : NULL, key, rc ? error.text : NULL);
    else if (is_read)
        s_print (wish, &receipt, key, rc == 0);
    br_arena_destroy (&arena);
    return rc ? cli_fail ("%s", error.text) : CLI_OK;
}

static int
s_run_verify (const cli_t *cli, int argc, char **argv)
{
    uint8_t key[LEDGER_PUBLIC_KEY];
    s_wish_t wish = { .file = "-" };
    int used = 1;
    wish.key = cli_take_option (&argc, argv, "--key");
    wish.body = cli_take_option (&argc, argv, "--body");
    wish.in_ledger = cli_take_switch (&argc, argv, "--ledger");
    if (argc > 1 && (argv[1][0] != '-' || !argv[1][1]))
        wish.file = argv[used++];
    if (cli_take_no_more ("receipt verify", used, argc, argv))
        return CLI_USAGE;
    if (wish.key && !s_read_key (wish.key, key))
        return cli_usage ("receipt verify", "--key must be the 64 hexadecimal digits of "
                                            "`bitrouter receipt key`");
    return s_verify (cli, &wish, key);
}

static const cli_command_t s_verify_command = {
    .name = "verify",
    .args = "[FILE|-] [--key HEX] [--body FILE] [--ledger]",
    .about = "what a receipt says, and whether it is sound",
    .help =
        "  --key HEX     the public key that must have signed it, see `bitrouter receipt "
        "key`;\n"
        "                else that of this node\n"
        "  --body FILE   it must be of this request body, by its SHA-256\n"
        "  --ledger      its row must stand in the ledger of --db, else in the local "
        "one\n"
        "\n"
        "Reads the text of an x-bitrouter-receipt field, or what stands behind "
        "\"bitrouter\n"
        "receipt=\" at the end of a stream, from a file or standard input. With --key "
        "and\n"
        "without --ledger nothing of a home is needed. Exit status 1 when it is not "
        "sound.\n",
    .run = s_run_verify,
};

static const cli_command_t *const s_commands[] = { &s_verify_command, &s_key_command,
                                                   NULL };

const cli_command_t cli_receipt = {
    .name = "receipt",
    .args = "COMMAND",
    .about = "signed receipts of calls: verify one, or the key for those who do",
    .commands = s_commands,
};
