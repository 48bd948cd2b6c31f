//  ledger_column: the columns of a ledger's two tables.

#include <stddef.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/ledger/ledger_column.h"

#define NAMES_MAX 4096          //  bytes of all names of a table
#define ESCAPED_MAX (16u << 20) //  bytes of a text; a message holds no longer one
#define CALL_BYTES 16

#define ENTRY(name, type, member)                                                        \
    {                                                                                    \
        name, LEDGER_##type, offsetof (ledger_entry_t, member)                           \
    }
#define TRY(name, type, member)                                                          \
    {                                                                                    \
        name, LEDGER_##type, offsetof (ledger_try_t, member)                             \
    }

static const ledger_column_t s_entries[] = {
    ENTRY ("seq", U64, seq),
    ENTRY ("call_id", CALL, call),
    ENTRY ("is_lost", FLAG, is_lost),
    ENTRY ("request_id", TEXT, request_id),
    ENTRY ("route", TEXT, route),
    ENTRY ("provider", TEXT, provider),
    ENTRY ("model", TEXT, model),
    ENTRY ("account", TEXT, account),
    ENTRY ("key_id", TEXT, key),
    ENTRY ("session", TEXT, session),
    ENTRY ("run", TEXT, run),
    ENTRY ("agent", TEXT, agent),
    ENTRY ("step", TEXT, step),
    ENTRY ("trace", TEXT, trace),
    ENTRY ("surface", TEXT, surface),
    ENTRY ("outcome", TEXT, outcome),
    ENTRY ("error_type", TEXT, error_type),
    ENTRY ("status", U32, status),
    ENTRY ("stream", FLAG, stream),
    ENTRY ("attempts", U32, attempts),
    ENTRY ("usage_known", FLAG, usage.known),
    ENTRY ("input_tokens", U64, usage.input),
    ENTRY ("cache_read_tokens", U64, usage.cache_read),
    ENTRY ("cache_write_tokens", U64, usage.cache_write),
    ENTRY ("output_tokens", U64, usage.output),
    ENTRY ("reasoning_tokens", U64, usage.reasoning),
    ENTRY ("cache_write_1h_tokens", U64, usage.cache_write_1h),
    ENTRY ("audio_input_tokens", U64, usage.audio_input),
    ENTRY ("audio_output_tokens", U64, usage.audio_output),
    ENTRY ("cost_nusd", COST, cost_nusd),
    ENTRY ("operator_nusd", COST, operator_nusd),
    ENTRY ("price_version", TEXT, price_version),
    ENTRY ("started_ms", U64, started_ms),
    ENTRY ("latency_us", U64, latency_us),
    ENTRY ("first_us", U64, first_us),
    ENTRY ("elsewhere_us", U64, elsewhere_us),
    ENTRY ("settled_ms", U64, settled_ms),
    ENTRY ("hash", HASHED, hash),
};

static const ledger_column_t s_attempts[] = {
    TRY ("seq", U64, seq),
    TRY ("place", U32, place),
    TRY ("attempt", U32, row.attempt),
    TRY ("provider", TEXT, row.provider),
    TRY ("endpoint", TEXT, row.endpoint),
    TRY ("model", TEXT, row.model),
    TRY ("outcome", U32, row.outcome),
    TRY ("code", U32, row.code),
    TRY ("status", U32, row.status),
    TRY ("after_us", U64, row.after_us),
    TRY ("latency_us", U64, row.latency_us),
    TRY ("first_us", U64, row.first_us),
    TRY ("usage_known", FLAG, row.usage.known),
    TRY ("input_tokens", U64, row.usage.input),
    TRY ("cache_read_tokens", U64, row.usage.cache_read),
    TRY ("cache_write_tokens", U64, row.usage.cache_write),
    TRY ("output_tokens", U64, row.usage.output),
    TRY ("reasoning_tokens", U64, row.usage.reasoning),
    TRY ("cache_write_1h_tokens", U64, row.usage.cache_write_1h),
    TRY ("audio_input_tokens", U64, row.usage.audio_input),
    TRY ("audio_output_tokens", U64, row.usage.audio_output),
};

const ledger_table_t ledger_entries = { "bitrouter_entries", s_entries,
                                        sizeof s_entries / sizeof *s_entries };
const ledger_table_t ledger_attempts = { "bitrouter_attempts", s_attempts,
                                         sizeof s_attempts / sizeof *s_attempts };

//  ---- texts: databases refuse bytes that are no UTF-8, a ledger may not

//  Bytes of the character that a text begins with; 0 when it begins with none.
static size_t
s_character (const unsigned char *at)
{
    static const struct {
        unsigned char first, last; //  of the first byte
        unsigned char low, high;   //  of the second
        size_t size;
    } rows[] = {
        { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
        { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
        { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };
    if (*at < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (*at < rows[i].first || *at > rows[i].last)
            continue;
        bool is_good = at[1] >= rows[i].low && at[1] <= rows[i].high;
        for (size_t j = 2; is_good && j < rows[i].size; j++)
            is_good = (at[j] & 0xc0) == 0x80;
        return is_good ? rows[i].size : 0;
    }
    return 0;
}

static bool
s_is_plain (const char *text)
{
    const unsigned char *at = (const unsigned char *) text;
    size_t size = 1;
    for (; *at && size; at += size)
        size = *at == '\\' ? 0 : s_character (at);
    return size != 0;
}

static br_text_t
s_escape (const char *text, br_arena_t *arena)
{
    br_buf_t buf;
    br_buf_init (&buf, ESCAPED_MAX);
    size_t size;
    for (const unsigned char *at = (const unsigned char *) text; *at; at += size) {
        size = s_character (at);
        if (size == 0)
            br_buf_addf (&buf, "\\x%02x", *at);
        else if (*at == '\\')
            br_buf_adds (&buf, "\\\\");
        else
            br_buf_add (&buf, at, size);
        size = size ? size : 1;
    }
    const char *escaped = br_buf_text (&buf);
    br_text_t copy = br_arena_text (arena, (br_text_t) { escaped, buf.size });
    br_buf_free (&buf);
    return copy;
}

static int
s_digit (char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

//  In place. -1 for a backslash that begins nothing.
static int
s_unescape (char *text)
{
    char *to = text;
    for (char *at = text; *at; at++) {
        if (*at != '\\') {
            *to++ = *at;
        } else if (at[1] == '\\') {
            *to++ = *at++;
        } else {
            int high = at[1] == 'x' ? s_digit (at[2]) : -1;
            int low = high < 0 ? -1 : s_digit (at[3]);
            if (low < 0)
                return -1;
            *to++ = (char) (high << 4 | low);
            at += 3;
        }
    }
    *to = 0;
    return 0;
}

static br_text_t
s_text_get (const char *text, br_arena_t *arena)
{
    return s_is_plain (text) ? br_text (text) : s_escape (text, arena);
}

//  Only what s_text_get makes: a text that was changed may not read as it was before.
static int
s_text_set (ledger_value_t value, const char **ret_text, br_arena_t *arena)
{
    br_text_t kept = { value.bytes ? value.bytes : "", value.size };
    if (memchr (kept.at, 0, kept.size))
        return -1;
    char *text = br_arena_take (arena, kept.size + 1);
    memcpy (text, kept.at, kept.size);
    if (s_unescape (text) || !br_text_equal (s_text_get (text, arena), kept))
        return -1;
    *ret_text = text;
    return 0;
}

//  ---- other bytes

static void
s_pack (uint64_t number, uint8_t *ret_bytes)
{
    for (int i = 7; i >= 0; i--, number >>= 8)
        ret_bytes[i] = (uint8_t) number;
}

static uint64_t
s_unpack (const uint8_t *bytes)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

static ledger_value_t
s_call_get (const br_id_t *call, br_arena_t *arena)
{
    uint8_t *bytes = br_arena_take (arena, CALL_BYTES);
    s_pack (call->hi, bytes);
    s_pack (call->lo, bytes + 8);
    return (ledger_value_t) { .bytes = bytes, .size = CALL_BYTES };
}

static int
s_call_set (ledger_value_t value, br_id_t *ret_call)
{
    if (value.size != CALL_BYTES)
        return -1;
    const uint8_t *bytes = value.bytes;
    *ret_call = (br_id_t) { s_unpack (bytes), s_unpack (bytes + 8) };
    return 0;
}

static int
s_hash_set (ledger_value_t value, uint8_t *ret_hash)
{
    if (value.size != LEDGER_HASH)
        return -1;
    memcpy (ret_hash, value.bytes, LEDGER_HASH);
    return 0;
}

//  ---- numbers

static ledger_value_t
s_cost_get (int64_t cost)
{
    bool is_null = cost < 0;
    return (ledger_value_t) { .is_null = is_null, .number = is_null ? 0 : cost };
}

static int
s_cost_set (ledger_value_t value, int64_t *ret_cost)
{
    if (!value.is_null && value.number < 0)
        return -1;
    *ret_cost = value.is_null ? LEDGER_UNKNOWN : value.number;
    return 0;
}

static int
s_u32_set (ledger_value_t value, unsigned *ret_number)
{
    if (value.number < 0 || value.number > UINT32_MAX)
        return -1;
    *ret_number = (unsigned) value.number;
    return 0;
}

static int
s_flag_set (ledger_value_t value, bool *ret_flag)
{
    if (value.number != 0 && value.number != 1)
        return -1;
    *ret_flag = value.number == 1;
    return 0;
}

//  ---- a column of a row

static ledger_value_t
s_number (int64_t number)
{
    return (ledger_value_t) { .number = number };
}

ledger_value_t
ledger_column_get (const ledger_column_t *self, const void *row, br_arena_t *arena)
{
    const void *at = (const uint8_t *) row + self->offset;
    switch (self->type) {
    case LEDGER_U64: return s_number ((int64_t) * (const uint64_t *) at);
    case LEDGER_U32: return s_number (*(const unsigned *) at);
    case LEDGER_FLAG: return s_number (*(const bool *) at);
    case LEDGER_COST: return s_cost_get (*(const int64_t *) at);
    case LEDGER_CALL: return s_call_get (at, arena);
    case LEDGER_HASHED: return (ledger_value_t) { .bytes = at, .size = LEDGER_HASH };
    case LEDGER_TEXT: break;
    }
    br_text_t text = s_text_get (*(const char *const *) at, arena);
    return (ledger_value_t) { .bytes = text.at, .size = text.size };
}

int
ledger_column_set (const ledger_column_t *self, ledger_value_t value, void *row,
                   br_arena_t *arena)
{
    void *at = (uint8_t *) row + self->offset;
    if (value.is_null && self->type != LEDGER_COST)
        return -1;
    switch (self->type) {
    case LEDGER_U64: *(uint64_t *) at = (uint64_t) value.number; return 0;
    case LEDGER_U32: return s_u32_set (value, at);
    case LEDGER_FLAG: return s_flag_set (value, at);
    case LEDGER_COST: return s_cost_set (value, at);
    case LEDGER_CALL: return s_call_set (value, at);
    case LEDGER_HASHED: return s_hash_set (value, at);
    case LEDGER_TEXT: break;
    }
    return s_text_set (value, at, arena);
}

char *
ledger_table_names (const ledger_table_t *self)
{
    br_buf_t buf;
    br_buf_init (&buf, NAMES_MAX);
    for (size_t i = 0; i < self->columns_count; i++)
        br_buf_addf (&buf, "%s%s", i ? ", " : "", self->columns[i].name);
    char *names = br_strdup (br_buf_text (&buf));
    br_buf_free (&buf);
    return names;
}
