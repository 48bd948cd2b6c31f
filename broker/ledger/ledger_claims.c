//  ledger_claims: what a receipt says.
//
//  One table has the payload's members, for writing, reading and comparing.

#include <endian.h>
#include <stddef.h>
#include <string.h>

#include <sodium.h>

#include "broker/core/json.h"
#include "broker/core/json_value.h"
#include "broker/ledger/ledger_claims.h"

#define TEXT_MAX 255 //  bytes of a text in a receipt
#define TEXT_ROOM (TEXT_MAX + 1)
#define PAYLOAD_VERSION 1
#define HEX(bytes) (2 * (bytes) + 1)

typedef enum {
    MEMBER_TEXT, //  const char *
    MEMBER_U64,
    MEMBER_U32,  //  unsigned
    MEMBER_FLAG, //  bool
    MEMBER_COST, //  int64_t; LEDGER_UNKNOWN is null
    MEMBER_CALL, //  br_id_t
    MEMBER_HASH  //  LEDGER_HASH bytes
} member_type_t;

typedef struct {
    const char *key;
    member_type_t type;
    size_t offset; //  in ledger_receipt_t
} member_t;

#define AT(member) offsetof (ledger_receipt_t, member)

static const member_t s_members[] = {
    { "call", MEMBER_CALL, AT (entry.call) },
    { "request_id", MEMBER_TEXT, AT (entry.request_id) },
    { "request_sha256", MEMBER_HASH, AT (request_hash) },
    { "account", MEMBER_TEXT, AT (entry.account) },
    { "route", MEMBER_TEXT, AT (entry.route) },
    { "provider", MEMBER_TEXT, AT (entry.provider) },
    { "model", MEMBER_TEXT, AT (entry.model) },
    { "surface", MEMBER_TEXT, AT (entry.surface) },
    { "outcome", MEMBER_TEXT, AT (entry.outcome) },
    { "status", MEMBER_U32, AT (entry.status) },
    { "usage_known", MEMBER_FLAG, AT (entry.usage.known) },
    { "input_tokens", MEMBER_U64, AT (entry.usage.input) },
    { "cache_read_tokens", MEMBER_U64, AT (entry.usage.cache_read) },
    { "cache_write_tokens", MEMBER_U64, AT (entry.usage.cache_write) },
    { "cache_write_1h_tokens", MEMBER_U64, AT (entry.usage.cache_write_1h) },
    { "audio_input_tokens", MEMBER_U64, AT (entry.usage.audio_input) },
    { "output_tokens", MEMBER_U64, AT (entry.usage.output) },
    { "reasoning_tokens", MEMBER_U64, AT (entry.usage.reasoning) },
    { "audio_output_tokens", MEMBER_U64, AT (entry.usage.audio_output) },
    { "cost_nusd", MEMBER_COST, AT (entry.cost_nusd) },
    { "settled_ms", MEMBER_U64, AT (entry.settled_ms) },
    { "seq", MEMBER_U64, AT (entry.seq) },
    { "prev_hash", MEMBER_HASH, AT (prev_hash) },
    { "hash", MEMBER_HASH, AT (entry.hash) },
};

#define MEMBERS (sizeof s_members / sizeof *s_members)

//  ---- writing

//  As a receipt says it: cut at a character's end, and what is no UTF-8 replaced.
static void
s_clean (const char *text, char out[TEXT_ROOM])
{
    static const char unknown[] = "\xef\xbf\xbd"; //  U+FFFD
    const uint8_t *at = (const uint8_t *) text;
    const uint8_t *end = at + strlen (text);
    size_t size = 0;
    while (at < end) {
        size_t taken = json_utf8 (at, end);
        const void *bytes = taken ? (const void *) at : unknown;
        size_t more = taken ? taken : sizeof unknown - 1;
        if (size + more > TEXT_MAX)
            break;
        memcpy (out + size, bytes, more);
        size += more;
        at += taken ? taken : 1;
    }
    out[size] = '\0';
}

static void
s_put_text (json_writer_t *writer, const char *key, const char *text)
{
    char clean[TEXT_ROOM];
    s_clean (text, clean);
    json_put_string (writer, key, clean);
}

static void
s_put_hex (json_writer_t *writer, const char *key, const uint8_t *bytes)
{
    char hex[HEX (LEDGER_HASH)];
    sodium_bin2hex (hex, sizeof hex, bytes, LEDGER_HASH);
    json_put_string (writer, key, hex);
}

static void
s_put_number (json_writer_t *writer, const char *key, uint64_t number)
{
    json_put_integer (writer, key, number > INT64_MAX ? INT64_MAX : (int64_t) number);
}

static void
s_put_call (json_writer_t *writer, const char *key, br_id_t call)
{
    char text[BR_ID_TEXT];
    json_put_string (writer, key, br_id_text (call, text));
}

static void
s_put_cost (json_writer_t *writer, const char *key, int64_t nusd)
{
    if (nusd < 0)
        json_put_null (writer, key);
    else
        json_put_integer (writer, key, nusd);
}

static void
s_put (json_writer_t *writer, const member_t *member, const ledger_receipt_t *receipt)
{
    const void *at = (const uint8_t *) receipt + member->offset;
    switch (member->type) {
    case MEMBER_TEXT: s_put_text (writer, member->key, *(const char *const *) at); return;
    case MEMBER_U64: s_put_number (writer, member->key, *(const uint64_t *) at); return;
    case MEMBER_U32: s_put_number (writer, member->key, *(const unsigned *) at); return;
    case MEMBER_FLAG: json_put_bool (writer, member->key, *(const bool *) at); return;
    case MEMBER_COST: s_put_cost (writer, member->key, *(const int64_t *) at); return;
    case MEMBER_CALL: s_put_call (writer, member->key, *(const br_id_t *) at); return;
    case MEMBER_HASH: s_put_hex (writer, member->key, at); return;
    }
}

void
ledger_claims_put (const ledger_receipt_t *self, json_writer_t *writer)
{
    json_put_integer (writer, "v", PAYLOAD_VERSION);
    for (size_t i = 0; i < MEMBERS; i++)
        s_put (writer, &s_members[i], self);
}

//  ---- reading; each is false for what no receipt of ours says

//  Digits as bytes. False when there is another count of them.
static bool
s_get_hex (const uint8_t *json, const json_row_t *row, uint8_t *out)
{
    char hex[HEX (LEDGER_HASH)];
    size_t size = 0;
    return row->type == JSON_STRING
           && json_text (json + row->offset, row->size, hex, sizeof hex) == 0
           && sodium_hex2bin (out, LEDGER_HASH, hex, strlen (hex), NULL, &size, NULL) == 0
           && size == LEDGER_HASH;
}

static bool
s_get_text (const uint8_t *json, const json_row_t *row, br_arena_t *arena,
            const char **ret_text)
{
    char text[TEXT_ROOM];
    if (row->type != JSON_STRING
        || json_text (json + row->offset, row->size, text, sizeof text))
        return false;
    *ret_text = br_arena_text (arena, br_text (text)).at;
    return true;
}

static bool
s_get_number (const uint8_t *json, const json_row_t *row, uint64_t max, uint64_t *ret)
{
    int64_t number = 0;
    if (row->type != JSON_NUMBER
        || json_integer (json + row->offset, row->size, &number, NULL) || number < 0
        || (uint64_t) number > max)
        return false;
    *ret = (uint64_t) number;
    return true;
}

static bool
s_get_u32 (const uint8_t *json, const json_row_t *row, unsigned *ret)
{
    uint64_t number = 0;
    if (!s_get_number (json, row, UINT32_MAX, &number))
        return false;
    *ret = (unsigned) number;
    return true;
}

static bool
s_get_cost (const uint8_t *json, const json_row_t *row, int64_t *ret)
{
    uint64_t number = 0;
    *ret = LEDGER_UNKNOWN;
    if (row->type == JSON_NULL)
        return true;
    if (!s_get_number (json, row, INT64_MAX, &number))
        return false;
    *ret = (int64_t) number;
    return true;
}

//  Only as it is written.
static bool
s_get_call (const uint8_t *json, const json_row_t *row, br_id_t *ret)
{
    char text[BR_ID_TEXT];
    char again[BR_ID_TEXT];
    uint64_t halves[2] = { 0, 0 };
    size_t size = 0;
    if (row->type != JSON_STRING
        || json_text (json + row->offset, row->size, text, sizeof text)
        || sodium_hex2bin ((uint8_t *) halves, sizeof halves, text, strlen (text), "-",
                           &size, NULL)
        || size != sizeof halves)
        return false;
    *ret = (br_id_t) { be64toh (halves[0]), be64toh (halves[1]) };
    return strcmp (br_id_text (*ret, again), text) == 0;
}

static bool
s_get (const uint8_t *json, const json_row_t *row, const member_t *member,
       br_arena_t *arena, ledger_receipt_t *receipt)
{
    void *at = (uint8_t *) receipt + member->offset;
    switch (member->type) {
    case MEMBER_TEXT: return s_get_text (json, row, arena, at);
    case MEMBER_U64: return s_get_number (json, row, INT64_MAX, at);
    case MEMBER_U32: return s_get_u32 (json, row, at);
    case MEMBER_FLAG:
        return row->type == JSON_BOOL
               && json_bool (json + row->offset, row->size, at, NULL) == 0;
    case MEMBER_COST: return s_get_cost (json, row, at);
    case MEMBER_CALL: return s_get_call (json, row, at);
    case MEMBER_HASH: return s_get_hex (json, row, at);
    }
    return false;
}

int
ledger_claims_get (ledger_receipt_t *ret_receipt, const void *json, size_t size,
                   br_arena_t *arena, br_error_t *reterr)
{
    json_row_t rows[MEMBERS + 1] = { [MEMBERS] = { .key = "v" } };
    for (size_t i = 0; i < MEMBERS; i++)
        rows[i] = (json_row_t) { .key = s_members[i].key };
    ledger_receipt_t receipt;
    uint64_t version = 0;
    if (json_members (json, size, rows, MEMBERS + 1, NULL))
        return br_error_set (reterr, BR_EINVALID,
                             "it is no receipt: its payload cannot be read");
    if (rows[MEMBERS].count != 1
        || !s_get_number (json, &rows[MEMBERS], INT64_MAX, &version)
        || version != PAYLOAD_VERSION)
        return br_error_set (reterr, BR_EINVALID,
                             "it is no receipt: it is of another version");
    ledger_entry_init (&receipt.entry);
    for (size_t i = 0; i < MEMBERS; i++)
        if (rows[i].count != 1 || !s_get (json, &rows[i], &s_members[i], arena, &receipt))
            return br_error_set (reterr, BR_EINVALID,
                                 "it is no receipt: %s is not there once, or not what it "
                                 "must be",
                                 s_members[i].key);
    *ret_receipt = receipt;
    return 0;
}

//  ---- comparing

static bool
s_is_same_text (const char *a, const char *b)
{
    char first[TEXT_ROOM];
    char second[TEXT_ROOM];
    s_clean (a, first);
    s_clean (b, second);
    return strcmp (first, second) == 0;
}

_Static_assert(offsetof (ledger_receipt_t, entry) == 0, "offsets of a row's members");

//  The member of a receipt and of a row.
static bool
s_is_same (const member_t *member, const ledger_receipt_t *receipt,
           const ledger_entry_t *row)
{
    const void *a = (const uint8_t *) receipt + member->offset;
    const void *b = (const uint8_t *) row + member->offset;
    switch (member->type) {
    case MEMBER_TEXT:
        return s_is_same_text (*(const char *const *) a, *(const char *const *) b);
    case MEMBER_U64: return *(const uint64_t *) a == *(const uint64_t *) b;
    case MEMBER_U32: return *(const unsigned *) a == *(const unsigned *) b;
    case MEMBER_FLAG: return *(const bool *) a == *(const bool *) b;
    case MEMBER_COST: return *(const int64_t *) a == *(const int64_t *) b;
    case MEMBER_CALL: return br_id_is (*(const br_id_t *) a, *(const br_id_t *) b);
    case MEMBER_HASH: return memcmp (a, b, LEDGER_HASH) == 0;
    }
    return false;
}

const char *
ledger_claims_differ (const ledger_receipt_t *self, const ledger_entry_t *row)
{
    uint8_t hash[LEDGER_HASH];
    for (size_t i = 0; i < MEMBERS; i++) {
        const member_t *member = &s_members[i];
        bool is_of_row = member->offset < sizeof self->entry;
        if (is_of_row && !s_is_same (member, self, row))
            return member->key;
    }
    ledger_entry_hash (row, self->prev_hash, hash);
    return memcmp (hash, self->entry.hash, sizeof hash) == 0 ? NULL : "prev_hash";
}
