//  tool_name: ids of calls and names of tools, as a target takes them. Pure functions: the
//  same comes out in every request, so that a provider's cache stays warm and a result finds
//  its call without a table.

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "broker/proto/dialect.h"

#define ID_MAX 64      //  bytes of an id, but of Kimi's
#define ID_KEPT 40     //  bytes of an id that stay when it is cut
#define ID_CHANGED 5   //  bytes of hash behind an id that was changed
#define ID_CUT 8       //  bytes of hash behind an id that was cut
#define ID_NINE 9      //  characters of an id of Mistral's
#define NAME_CHANGED 4 //  bytes of hash behind a name that was changed

typedef struct {
    char text[2 * crypto_hash_sha256_BYTES + 1];
} hex_t;

static bool
s_is_alnum (char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
s_is_word (char c)
{
    return s_is_alnum (c) || c == '_' || c == '-';
}

static bool
s_is_google (char c)
{
    return s_is_word (c) || c == '.' || c == ':';
}

static bool
s_is_all (br_text_t text, bool (*is) (char))
{
    assert (is);
    for (size_t i = 0; i < text.size; i++)
        if (!is (text.at[i]))
            return false;
    return true;
}

static void
s_hash (br_text_t text, uint8_t hash[crypto_hash_sha256_BYTES])
{
    crypto_hash_sha256 (hash, (const uint8_t *) (text.at ? text.at : ""), text.size);
}

//  The first bytes of a text's hash, as hexadecimal digits.
static hex_t
s_hex (br_text_t text, size_t bytes)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    hex_t hex;
    s_hash (text, hash);
    sodium_bin2hex (hex.text, sizeof hex.text, hash, bytes);
    return hex;
}

//  At most room bytes of a text, with "_" for each that is refused, and a hash of all of it.
static br_text_t
s_replace (br_text_t text, size_t room, bool (*is) (char), size_t hash_bytes,
           br_arena_t *arena)
{
    assert (is);
    hex_t hex = s_hex (text, hash_bytes);
    size_t kept = text.size < room ? text.size : room;
    size_t size = kept + 1 + 2 * hash_bytes;
    char *at = br_arena_take (arena, size + 1);
    for (size_t i = 0; i < kept; i++)
        at[i] = is (text.at[i]) ? text.at[i] : '_';
    at[kept] = '_';
    memcpy (at + kept + 1, hex.text, 2 * hash_bytes);
    return (br_text_t) { at, size };
}

//  ---- ids

static br_text_t
s_id_any (br_text_t id, br_arena_t *arena)
{
    return id.size <= ID_MAX ? id : s_replace (id, ID_KEPT, s_is_word, ID_CUT, arena);
}

static br_text_t
s_id_word (br_text_t id, br_arena_t *arena)
{
    if (id.size <= ID_MAX && s_is_all (id, s_is_word))
        return id;
    if (id.size + 1 + 2 * ID_CHANGED <= ID_MAX)
        return s_replace (id, id.size, s_is_word, ID_CHANGED, arena);
    return s_replace (id, ID_KEPT, s_is_word, ID_CUT, arena);
}

static br_text_t
s_id_nine (br_text_t id, br_arena_t *arena)
{
    static const char digits[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if (id.size == ID_NINE && s_is_all (id, s_is_alnum))
        return id;
    uint8_t hash[crypto_hash_sha256_BYTES];
    s_hash (id, hash);
    uint64_t rest = 0;
    for (size_t i = 0; i < sizeof rest; i++)
        rest = rest << 8 | hash[i];
    char *at = br_arena_take (arena, ID_NINE + 1);
    for (size_t i = 0; i < ID_NINE; i++, rest /= 62)
        at[i] = digits[rest % 62];
    return (br_text_t) { at, ID_NINE };
}

//  functions.NAME:N
static bool
s_is_of_kimi (br_text_t id)
{
    size_t at = id.size;
    while (at > 0 && id.at[at - 1] >= '0' && id.at[at - 1] <= '9')
        at--;
    return br_text_starts (id, "functions.") && at < id.size
           && at > strlen ("functions.") + 1 && id.at[at - 1] == ':';
}

static br_text_t
s_id_functions (br_text_t id, br_text_t name, unsigned place, br_arena_t *arena)
{
    if (s_is_of_kimi (id))
        return id;
    br_text_t known = br_tool_name (name, BR_PROTOCOL_CHAT, arena);
    return br_arena_textf (arena, "functions.%.*s:%u", (int) known.size, known.at, place);
}

//  A call that came without an id, such as one of Google's.
static br_text_t
s_id_new (br_text_t name, unsigned place, br_arena_t *arena)
{
    int size = (int) (name.size < ID_MAX ? name.size : ID_MAX);
    br_text_t seed = br_arena_textf (arena, "%u:%.*s", place, size,
                                     name.at ? name.at : "");
    return br_arena_textf (arena, "call_%.*s", 2 * ID_CUT, s_hex (seed, ID_CUT).text);
}

br_text_t
br_tool_id (br_text_t id, br_text_t name, unsigned place, const br_dialect_t *dialect,
            br_arena_t *arena)
{
    if (dialect->ids == BR_IDS_OMIT)
        return BR_TEXT_NONE;
    if (dialect->ids == BR_IDS_FUNCTIONS)
        return s_id_functions (id, name, place, arena);
    if (id.size == 0)
        id = s_id_new (name, place, arena);
    if (dialect->ids == BR_IDS_NINE)
        return s_id_nine (id, arena);
    return dialect->ids == BR_IDS_WORD ? s_id_word (id, arena) : s_id_any (id, arena);
}

//  ---- names

typedef struct {
    size_t max; //  bytes
    bool (*is) (char c);
    bool no_digit; //  it begins with a letter or "_"
} name_rule_t;

//  All others have no tools: a name is as in Chat.
static const name_rule_t s_name_rules[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = { .max = 64, .is = s_is_word },
    [BR_PROTOCOL_RESPONSES] = { .max = 64, .is = s_is_word },
    [BR_PROTOCOL_MESSAGES] = { .max = 128, .is = s_is_word },
    [BR_PROTOCOL_GOOGLE] = { .max = 128, .is = s_is_google, .no_digit = true },
};

static bool
s_begins_well (br_text_t name, const name_rule_t *rule)
{
    char c = name.size ? name.at[0] : 0;
    return name.size && (!rule->no_digit || c == '_' || (s_is_alnum (c) && c > '9'));
}

br_text_t
br_tool_name (br_text_t name, br_protocol_t protocol, br_arena_t *arena)
{
    const name_rule_t
        *rule = &s_name_rules[s_name_rules[protocol].is ? protocol : BR_PROTOCOL_CHAT];
    bool well = s_begins_well (name, rule);
    if (well && name.size <= rule->max && s_is_all (name, rule->is))
        return name;
    br_text_t changed = s_replace (name, rule->max - 1 - 1 - 2 * NAME_CHANGED, rule->is,
                                   NAME_CHANGED, arena);
    return well ? changed
                : br_arena_textf (arena, "_%.*s", (int) changed.size, changed.at);
}
