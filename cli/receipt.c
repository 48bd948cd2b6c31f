//  receipt: what a receipt says, and whether it is this node's: without a server, and on any
//  machine that has the node's public key.

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_home.h"
#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/identity/key_file.h"
#include "broker/ledger/ledger_claims.h"
#include "cli/door_client.h"
#include "cli/ledger_source.h"

#define INPUT_MAX (64 << 20) //  bytes of a captured answer
#define PART 65536           //  bytes of a file that are read at once
#define HEX(bytes) (2 * (bytes) + 1)

//  What a command line asks for.
typedef struct {
    const char *file; //  "-" is standard input
    const char *key;  //  hex, or NULL
    const char *body; //  path, "-" is standard input; or NULL
    bool in_ledger;
} s_wish_t;

//  What an examination has found; with the last two there is an error that says why.
typedef enum {
    IS_SOUND,
    IS_UNSOUND,
    IS_UNKNOWN //  it could not be made
} s_verdict_t;

//  ---- the key

//  The file of the node's key: the configuration, which may be broken, has no say in it.
//  "caller frees"
static char *
s_key_path (const cli_t *cli, br_error_t *reterr)
{
    br_conf_home_t home;
    const char *const *environ_v = cli->flags.environ_v ? cli->flags.environ_v
                                                        : (const char *const *) environ;
    if (br_conf_home_find (&home, &cli->flags, environ_v, NULL, reterr))
        return NULL;
    char *folder = br_key_file_folder (home.home);
    char *path = br_strf ("%s/node.key", folder);
    free (folder);
    br_conf_home_clear (&home);
    return path;
}

static int
s_own_key (const cli_t *cli, uint8_t key[LEDGER_PUBLIC_KEY], br_error_t *reterr)
{
    int rc = 0;
    char *path = s_key_path (cli, reterr);
    if (!path)
        return -1;
    if (access (path, F_OK) != 0)
        rc = br_error_set (reterr, BR_ECONFIG,
                           "node key %.256s: %s; it is made when bitrouter starts for "
                           "the first time",
                           path, strerror (errno));
    else
        rc = ledger_signer_look (path, key, reterr);
    free (path);
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

static const char *
s_name (const char *path)
{
    return strcmp (path, "-") == 0 ? "standard input" : path;
}

//  0, or -1 when it wants no more.
typedef int (s_part_fn) (void *arg, const void *bytes, size_t size);

//  Tells fn of a file's bytes, part by part.
static int
s_read_file (const char *path, s_part_fn *fn, void *arg, br_error_t *reterr)
{
    uint8_t part[PART];
    size_t size = 0;
    int rc = 0;
    bool is_stdin = strcmp (path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen (path, "re");
    if (!file)
        return br_error_set (reterr, BR_ESYSTEM, "%.256s: %s", path, strerror (errno));
    do {
        size = fread (part, 1, sizeof part, file);
        rc = fn (arg, part, size);
    } while (rc == 0 && size == sizeof part);
    int why = ferror (file) ? errno : 0;
    if (!is_stdin)
        fclose (file);
    return why ? br_error_set (reterr, BR_ESYSTEM, "%.256s: %s", s_name (path),
                               strerror (why))
               : 0;
}

static int
s_keep_part (void *arg, const void *bytes, size_t size)
{
    return br_buf_add (arg, bytes, size);
}

static int
s_hash_part (void *arg, const void *bytes, size_t size)
{
    return crypto_hash_sha256_update (arg, bytes, size);
}

static int
s_hash_file (const char *path, uint8_t hash[LEDGER_REQUEST_HASH], br_error_t *reterr)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init (&state);
    int rc = s_read_file (path, s_hash_part, &state, reterr);
    crypto_hash_sha256_final (&state, hash);
    return rc;
}

//  ---- finding the receipt in what was pasted

static bool
s_is_in (char c, const char *set)
{
    return c && strchr (set, c);
}

static br_text_t
s_trim (br_text_t text, const char *front)
{
    while (text.size && s_is_in (*text.at, front)) {
        text.at++;
        text.size--;
    }
    while (text.size && s_is_in (text.at[text.size - 1], " \t\r\n"))
        text.size--;
    return text;
}

//  What a line of a head, of what curl -v shows, or of a stream has of a receipt; or absent.
static br_text_t
s_of_line (br_text_t line)
{
    static const char *const marks[] = { "x-bitrouter-receipt:", "bitrouter receipt=" };
    line = s_trim (line, " \t<:");
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t size = strlen (marks[i]);
        if (line.size >= size && strncasecmp (line.at, marks[i], size) == 0)
            return s_trim ((br_text_t) { line.at + size, line.size - size }, " \t");
    }
    return BR_TEXT_NONE;
}

//  The last one, which is of the nearest bitrouter; all of the text when no line has one.
//  out:  ret_count, of lines that have one
static br_text_t
s_find (br_text_t text, size_t *ret_count)
{
    br_text_t found = s_trim (text, " \t\r\n");
    *ret_count = 0;
    while (text.size) {
        const char *end = memchr (text.at, '\n', text.size);
        size_t size = end ? (size_t) (end - text.at) + 1 : text.size;
        br_text_t here = s_of_line ((br_text_t) { text.at, size });
        if (here.at) {
            found = here;
            ++*ret_count;
        }
        text.at += size;
        text.size -= size;
    }
    return found;
}

//  Takes the receipt out of what was read.
static int
s_pick (const char *name, const br_buf_t *input, char text[LEDGER_RECEIPT_MAX],
        br_error_t *reterr)
{
    size_t count = 0;
    br_text_t all = { (const char *) input->data, input->size };
    br_text_t found = s_find (all, &count);
    if (!input->overflow && !found.size && !count)
        return br_error_set (reterr, BR_EINVALID, "%.256s is empty", name);
    if (input->overflow || found.size >= LEDGER_RECEIPT_MAX
        || memchr (found.at, '\0', found.size)
        || (!count && memchr (found.at, '\n', found.size)))
        return br_error_set (reterr, BR_EINVALID,
                             "%.256s: it is no receipt, and no line of it has one", name);
    if (count > 1)
        fprintf (stderr,
                 "Warning: %zu receipts are in %s; this is the last one, which is of the "
                 "nearest bitrouter\n",
                 count, name);
    memcpy (text, found.at, found.size);
    text[found.size] = '\0';
    return 0;
}

static s_verdict_t
s_read_text (const char *path, char text[LEDGER_RECEIPT_MAX], br_error_t *reterr)
{
    br_buf_t input;
    br_buf_init (&input, INPUT_MAX);
    s_verdict_t verdict = IS_UNKNOWN;
    if (s_read_file (path, s_keep_part, &input, reterr) == 0)
        verdict = s_pick (s_name (path), &input, text, reterr) ? IS_UNSOUND : IS_SOUND;
    br_buf_free (&input);
    return verdict;
}

//  With what it says only when it is of that key.
static s_verdict_t
s_read (const char *text, const uint8_t key[LEDGER_PUBLIC_KEY], br_arena_t *arena,
        ledger_receipt_t *receipt, br_error_t *reterr)
{
    uint8_t named[LEDGER_PUBLIC_KEY];
    char of[HEX (LEDGER_PUBLIC_KEY)];
    char wanted[HEX (LEDGER_PUBLIC_KEY)];
    if (ledger_receipt_read (receipt, text, NULL, arena, named, reterr))
        return IS_UNSOUND;
    if (memcmp (key, named, sizeof named) == 0)
        return IS_SOUND;
    sodium_bin2hex (of, sizeof of, named, sizeof named);
    sodium_bin2hex (wanted, sizeof wanted, key, LEDGER_PUBLIC_KEY);
    br_error_set (reterr, BR_EAUTH, "the receipt is of another key: of %s, and not of %s",
                  of, wanted);
    return IS_UNSOUND;
}

//  ---- what else it is held against

static s_verdict_t
s_check_body (const char *path, const ledger_receipt_t *receipt, br_error_t *reterr)
{
    uint8_t hash[LEDGER_REQUEST_HASH];
    if (s_hash_file (path, hash, reterr))
        return IS_UNKNOWN;
    if (memcmp (hash, receipt->request_hash, sizeof hash) == 0)
        return IS_SOUND;
    br_error_set (reterr, BR_EINVALID,
                  "the receipt is sound, but of another body than %.256s", s_name (path));
    return IS_UNSOUND;
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

static s_verdict_t
s_check_row (const cli_ledger_t *ledger, const ledger_receipt_t *receipt,
             br_error_t *reterr)
{
    s_look_t look = { .receipt = receipt };
    uint64_t seq = receipt->entry.seq;
    if (ledger_store_read (ledger->store, seq ? seq - 1 : 0, s_look_at, &look, reterr))
        return IS_UNKNOWN;
    if (!look.is_there) {
        br_error_set (reterr, BR_EINVALID,
                      "the receipt is sound, but %.200s has no row %" PRIu64 "%s",
                      ledger->name, seq,
                      ledger->is_spool
                          ? "; rows that are old are in the database only, see --db"
                          : "");
        return ledger->is_spool ? IS_UNKNOWN : IS_UNSOUND;
    }
    if (!look.differs)
        return IS_SOUND;
    br_error_set (reterr, BR_EINVALID,
                  "the receipt is sound, but row %" PRIu64 " of %.200s has another %s",
                  seq, ledger->name, look.differs);
    return IS_UNSOUND;
}

static s_verdict_t
s_check_ledger (const cli_t *cli, const ledger_receipt_t *receipt, br_error_t *reterr)
{
    cli_ledger_t ledger;
    if (cli_ledger_open (&ledger, cli, reterr))
        return IS_UNKNOWN;
    s_verdict_t verdict = s_check_row (&ledger, receipt, reterr);
    cli_ledger_close (&ledger);
    return verdict;
}

//  ---- printing

//  What a receipt says, each value as its JSON stands, since numbers of cJSON are exact to
//  2^53 alone. "caller deletes"
static cJSON *
s_json (const ledger_receipt_t *receipt)
{
    br_buf_t buf;
    json_iter_t iter;
    json_item_t item;
    br_buf_init (&buf, 8 * LEDGER_RECEIPT_MAX);
    json_writer_t writer = json_writer (&buf);
    json_open (&writer, NULL, '{');
    ledger_claims_put (receipt, &writer);
    json_close (&writer, '}');
    cJSON *json = cJSON_CreateObject ();
    const char *text = br_buf_text (&buf);
    int rc = json_iter_begin (&iter, text, buf.size, NULL);
    while (rc == 0 && json_iter_next (&iter, &item, NULL) == 1) {
        char *key = br_strf ("%.*s", (int) item.key_size - 2, text + item.key_offset + 1);
        char *value = br_strf ("%.*s", (int) item.size, text + item.offset);
        cJSON_AddRawToObject (json, key, value);
        free (value);
        free (key);
    }
    br_buf_free (&buf);
    return json;
}

//  Whether a terminal would obey a character, or show it as nothing: controls, and what
//  Unicode has for formats and directions.
static bool
s_steers (uint32_t c)
{
    static const uint32_t ranges[][2] = {
        { 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },
        { 0x0600, 0x0605 },   { 0x061c, 0x061c },   { 0x06dd, 0x06dd },
        { 0x070f, 0x070f },   { 0x0890, 0x0891 },   { 0x08e2, 0x08e2 },
        { 0x180e, 0x180e },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
        { 0x2060, 0x206f },   { 0xfeff, 0xfeff },   { 0xfff9, 0xfffb },
        { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
        { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

static uint32_t
s_character (const uint8_t *at, size_t size)
{
    uint32_t c = size == 1 ? at[0] : at[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++)
        c = c << 6 | (at[i] & 0x3fU);
    return c;
}

//  The inside of a JSON string, with what steers a terminal escaped as JSON does it.
static void
s_print_text (const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *) text;
    const uint8_t *end = at + size;
    while (at < end) {
        size_t valid = json_utf8 (at, end);
        size_t taken = valid ? valid : 1;
        uint32_t c = s_character (at, taken);
        if (valid && !s_steers (c))
            fwrite (at, 1, taken, stdout);
        else if (c > 0xffff)
            printf ("\\u%04" PRIx32 "\\u%04" PRIx32, 0xd7c0 + (c >> 10),
                    0xdc00 + (c & 0x3ff));
        else
            printf ("\\u%04" PRIx32, c);
        at += taken;
    }
}

static void
s_print_lines (const cJSON *said)
{
    const cJSON *item;
    cJSON_ArrayForEach (item, said)
    {
        const char *value = item->valuestring;
        bool is_text = *value == '"';
        printf ("%-22s ", item->string);
        s_print_text (value + is_text, strlen (value) - 2 * is_text);
        putchar ('\n');
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

//  *ret_is_read: it is genuine, so that what it says can be told.
static s_verdict_t
s_examine (const cli_t *cli, const s_wish_t *wish, br_arena_t *arena,
           ledger_receipt_t *receipt, uint8_t key[LEDGER_PUBLIC_KEY], bool *ret_is_read,
           br_error_t *reterr)
{
    char text[LEDGER_RECEIPT_MAX];
    if (!wish->key && s_own_key (cli, key, reterr))
        return IS_UNKNOWN;
    s_verdict_t verdict = s_read_text (wish->file, text, reterr);
    if (verdict == IS_SOUND)
        verdict = s_read (text, key, arena, receipt, reterr);
    *ret_is_read = verdict == IS_SOUND;
    if (verdict == IS_SOUND && wish->body)
        verdict = s_check_body (wish->body, receipt, reterr);
    if (verdict == IS_SOUND && wish->in_ledger)
        verdict = s_check_ledger (cli, receipt, reterr);
    return verdict;
}

static int
s_verify (const cli_t *cli, const s_wish_t *wish, uint8_t key[LEDGER_PUBLIC_KEY])
{
    ledger_receipt_t receipt;
    bool is_read = false;
    br_error_t error = { .code = BR_OK };
    br_arena_t *arena = br_arena_new ();
    s_verdict_t verdict = s_examine (cli, wish, arena, &receipt, key, &is_read, &error);
    bool is_sound = verdict == IS_SOUND;
    if (cli->json && verdict != IS_UNKNOWN)
        s_print_json (is_read ? s_json (&receipt) : NULL, key,
                      is_sound ? NULL : error.text);
    else if (!cli->json && is_read)
        s_print (wish, &receipt, key, is_sound);
    br_arena_destroy (&arena);
    return is_sound ? CLI_OK : cli_fail ("%s", error.text);
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
    if (wish.body && !*wish.body)
        return cli_usage ("receipt verify", "--body needs a value");
    if (wish.body && strcmp (wish.body, "-") == 0 && strcmp (wish.file, "-") == 0)
        return cli_usage ("receipt verify", "receipt and --body cannot both be read from "
                                            "standard input");
    return s_verify (cli, &wish, key);
}

static const cli_command_t s_verify_command = {
    .name = "verify",
    .args = "[FILE|-] [--key HEX] [--body FILE|-] [--ledger]",
    .about = "what a receipt says, and whether it is sound",
    .help =
        "  --key HEX     the public key that must have signed it, see `bitrouter receipt "
        "key`;\n"
        "                else that of this node\n"
        "  --body FILE   it must be of this request body, by its SHA-256; - is standard "
        "input\n"
        "  --ledger      its row must stand in the ledger of --db, else in the local "
        "one\n"
        "\n"
        "Reads the receipt alone, a line \"x-bitrouter-receipt: ...\" or \": bitrouter\n"
        "receipt=...\", or a head or stream that has one, from a file or standard input. "
        "Of\n"
        "several the last one counts. With --key and without --ledger nothing of a home "
        "is\n"
        "needed. Exit status 1 when it is not sound, or that could not be found out; "
        "with "
        "--json\n"
        "the latter is an error alone, without an answer.\n",
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
