//  block: a piece of content in canonical form, and the envelope in which a blob of one
//  family travels through a client of another protocol.

#include <sodium.h>
#include <string.h>

#include "broker/proto/block.h"

#define ENVELOPE_MARK "br1."
#define ENVELOPE_MARK_SIZE 4
#define ENVELOPE_VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

//  Behind the mark: checksum, family, kind, size of model, size of id, model, id, bytes.
//  Sizes are 16 bits, the high byte first.
#define CHECK_SIZE 8
#define AT_FAMILY CHECK_SIZE
#define AT_KIND (AT_FAMILY + 1)
#define AT_MODEL_SIZE (AT_KIND + 1)
#define AT_ID_SIZE (AT_MODEL_SIZE + 2)
#define HEAD_SIZE (AT_ID_SIZE + 2)

//  letter: of the envelope, which outlives a version of this program
typedef struct {
    const char *name;
    char letter;
} family_row_t;

static const family_row_t s_families[BR_FAMILIES] = {
    [BR_FAMILY_NONE] = { "none", 0 },
    [BR_FAMILY_OPENAI] = { "openai", 'o' },
    [BR_FAMILY_ANTHROPIC] = { "anthropic", 'a' },
    [BR_FAMILY_GOOGLE] = { "google", 'g' },
    [BR_FAMILY_OPENROUTER] = { "openrouter", 'r' },
    [BR_FAMILY_PLAIN] = { "plain", 'p' },
};

static const char s_kinds[] = {
    [BR_OPAQUE_SIGNATURE] = 's', [BR_OPAQUE_ENCRYPTED] = 'e', [BR_OPAQUE_REDACTED] = 'r',
    [BR_OPAQUE_THOUGHT] = 't',   [BR_OPAQUE_DETAILS] = 'd',
};

#define KINDS (sizeof s_kinds / sizeof s_kinds[0])

br_block_t *
br_block_add (br_block_t **list, br_block_kind_t kind, br_arena_t *arena)
{
    br_block_t *block = BR_ARENA_NEW (arena, br_block_t);
    block->kind = kind;
    br_block_t *first = *list;
    if (!first) {
        *list = block;
        return block;
    }
    //  A first one that was copied from elsewhere knows nothing of this list.
    br_block_t *last = first->first == first ? first->last : first;
    while (last->next)
        last = last->next;
    last->next = block;
    first->first = first;
    first->last = block;
    return block;
}

br_opaque_t *
br_opaque_add (br_opaque_t **list, br_family_t family, br_opaque_kind_t kind,
               br_text_t bytes, br_arena_t *arena)
{
    br_opaque_t *opaque = BR_ARENA_NEW (arena, br_opaque_t);
    opaque->family = family;
    opaque->kind = kind;
    opaque->bytes = bytes;
    while (*list)
        list = &(*list)->next;
    *list = opaque;
    return opaque;
}

const br_opaque_t *
br_opaque_of (const br_opaque_t *list, br_family_t family, br_opaque_kind_t kind)
{
    while (list && (list->family != family || list->kind != kind))
        list = list->next;
    return list;
}

static size_t
s_join_size (const br_block_t *list, size_t gap, size_t *ret_count)
{
    size_t size = 0;
    size_t count = 0;
    for (const br_block_t *block = list; block; block = block->next)
        if (block->kind == BR_BLOCK_TEXT) {
            size += block->text.size + (count ? gap : 0);
            count++;
        }
    *ret_count = count;
    return size;
}

static const br_block_t *
s_first_text (const br_block_t *list)
{
    while (list && list->kind != BR_BLOCK_TEXT)
        list = list->next;
    return list;
}

br_text_t
br_block_join (const br_block_t *list, const char *separator, br_arena_t *arena)
{
    size_t gap = strlen (separator);
    size_t count = 0;
    size_t size = s_join_size (list, gap, &count);
    if (size == 0)
        return BR_TEXT ("");
    if (count == 1)
        return s_first_text (list)->text;
    char *bytes = br_arena_take (arena, size + 1);
    char *at = bytes;
    for (const br_block_t *block = list; block; block = block->next) {
        if (block->kind != BR_BLOCK_TEXT)
            continue;
        if (block != s_first_text (list)) {
            memcpy (at, separator, gap);
            at += gap;
        }
        if (block->text.size)
            memcpy (at, block->text.at, block->text.size);
        at += block->text.size;
    }
    return (br_text_t) { bytes, size };
}

const char *
br_family_name (br_family_t family)
{
    return (unsigned) family < BR_FAMILIES ? s_families[family].name : "none";
}

//  Damage is to be seen, not malice: a client that forges an envelope harms its own call.
static void
s_check (const uint8_t *bytes, size_t size, uint8_t check[CHECK_SIZE])
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    crypto_generichash (hash, sizeof hash, bytes, size, NULL, 0);
    memcpy (check, hash, CHECK_SIZE);
}

static void
s_put_size (uint8_t *at, size_t size)
{
    at[0] = (uint8_t) (size >> 8);
    at[1] = (uint8_t) size;
}

static size_t
s_get_size (const uint8_t *at)
{
    return (size_t) at[0] << 8 | at[1];
}

static uint8_t *
s_put_text (uint8_t *at, br_text_t text)
{
    if (text.size)
        memcpy (at, text.at, text.size);
    return at + text.size;
}

br_text_t
br_envelope_seal (const br_opaque_t *opaque, br_arena_t *arena)
{
    if (opaque->family == BR_FAMILY_NONE || (unsigned) opaque->family >= BR_FAMILIES
        || (unsigned) opaque->kind >= KINDS || opaque->model.size > UINT16_MAX
        || opaque->id.size > UINT16_MAX || opaque->bytes.size > BR_ENVELOPE_MAX)
        return BR_TEXT_NONE;
    size_t size = HEAD_SIZE + opaque->model.size + opaque->id.size + opaque->bytes.size;
    size_t room = sodium_base64_encoded_len (size, ENVELOPE_VARIANT);
    if (room + ENVELOPE_MARK_SIZE > BR_ENVELOPE_MAX)
        return BR_TEXT_NONE;
    uint8_t *plain = br_arena_take (arena, size);
    plain[AT_FAMILY] = (uint8_t) s_families[opaque->family].letter;
    plain[AT_KIND] = (uint8_t) s_kinds[opaque->kind];
    s_put_size (plain + AT_MODEL_SIZE, opaque->model.size);
    s_put_size (plain + AT_ID_SIZE, opaque->id.size);
    uint8_t *at = s_put_text (plain + HEAD_SIZE, opaque->model);
    at = s_put_text (at, opaque->id);
    s_put_text (at, opaque->bytes);
    s_check (plain + CHECK_SIZE, size - CHECK_SIZE, plain);
    char *text = br_arena_take (arena, ENVELOPE_MARK_SIZE + room);
    memcpy (text, ENVELOPE_MARK, ENVELOPE_MARK_SIZE);
    sodium_bin2base64 (text + ENVELOPE_MARK_SIZE, room, plain, size, ENVELOPE_VARIANT);
    return (br_text_t) { text, strlen (text) };
}

br_text_t
br_envelope_empty (br_opaque_kind_t kind, br_arena_t *arena)
{
    br_opaque_t nothing = { .family = BR_FAMILY_PLAIN, .kind = kind };
    return br_envelope_seal (&nothing, arena);
}

bool
br_envelope_is (br_text_t text)
{
    return text.at && text.size > ENVELOPE_MARK_SIZE
           && memcmp (text.at, ENVELOPE_MARK, ENVELOPE_MARK_SIZE) == 0;
}

bool
br_envelope_may_be_in (const void *bytes, size_t size)
{
    static const char begins[] = "\"" ENVELOPE_MARK;
    const size_t least = sizeof begins - 1;
    if (size < least)
        return false;
    const uint8_t *at = bytes;
    const uint8_t *end = at + size;
    //  Much quicker than memmem: long texts have few quotes.
    while ((size_t) (end - at) >= least) {
        at = memchr (at, '"', (size_t) (end - at) - least + 1);
        if (!at)
            return false;
        if (memcmp (at, begins, least) == 0)
            return true;
        at++;
    }
    return false;
}

static int
s_family_of (uint8_t letter, br_family_t *ret_family)
{
    for (unsigned i = BR_FAMILY_NONE + 1; i < BR_FAMILIES; i++)
        if (s_families[i].letter == (char) letter) {
            *ret_family = (br_family_t) i;
            return 0;
        }
    return -1;
}

static int
s_kind_of (uint8_t letter, br_opaque_kind_t *ret_kind)
{
    for (unsigned i = 0; i < KINDS; i++)
        if (s_kinds[i] == (char) letter) {
            *ret_kind = (br_opaque_kind_t) i;
            return 0;
        }
    return -1;
}

static br_text_t
s_text_or_none (const uint8_t *at, size_t size)
{
    return size ? (br_text_t) { (const char *) at, size } : BR_TEXT_NONE;
}

static br_opaque_t *
s_open_plain (const uint8_t *plain, size_t size, br_arena_t *arena)
{
    uint8_t check[CHECK_SIZE];
    if (size < HEAD_SIZE)
        return NULL;
    s_check (plain + CHECK_SIZE, size - CHECK_SIZE, check);
    size_t model_size = s_get_size (plain + AT_MODEL_SIZE);
    size_t id_size = s_get_size (plain + AT_ID_SIZE);
    br_family_t family;
    br_opaque_kind_t kind;
    if (memcmp (check, plain, CHECK_SIZE) != 0 || model_size + id_size > size - HEAD_SIZE
        || s_family_of (plain[AT_FAMILY], &family) || s_kind_of (plain[AT_KIND], &kind))
        return NULL;
    const uint8_t *at = plain + HEAD_SIZE;
    br_opaque_t *opaque = BR_ARENA_NEW (arena, br_opaque_t);
    opaque->family = family;
    opaque->kind = kind;
    opaque->model = s_text_or_none (at, model_size);
    opaque->id = s_text_or_none (at + model_size, id_size);
    at += model_size + id_size;
    opaque->bytes = (br_text_t) { (const char *) at, size - (size_t) (at - plain) };
    return opaque;
}

br_opaque_t *
br_envelope_open (br_text_t text, br_arena_t *arena)
{
    if (!br_envelope_is (text) || text.size > BR_ENVELOPE_MAX)
        return NULL;
    const char *inner = text.at + ENVELOPE_MARK_SIZE;
    size_t room = text.size - ENVELOPE_MARK_SIZE;
    uint8_t *plain = br_arena_take (arena, room);
    size_t size = 0;
    int rc = sodium_base642bin (plain, room, inner, room, NULL, &size, NULL,
                                ENVELOPE_VARIANT);
    return rc ? NULL : s_open_plain (plain, size, arena);
}
