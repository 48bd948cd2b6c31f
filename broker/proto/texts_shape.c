//  texts_shape: the members that every object may have, and how a key finds its row.

#include <string.h>
#include <strings.h>

#include "broker/core/json_value.h"
#include "broker/proto/texts_file.h"
#include "broker/proto/texts_shape.h"

#define KEY_MAX 64      //  bytes of a key that a table knows
#define ROWS_A_SHAPE 48 //  bits of a shape; those of the outer one come behind

static const texts_row_t s_any_rows[] = {
    TEXTS_ROW_OPAQUE ("id"),
    TEXTS_ROW_OPAQUE ("type"),
    TEXTS_ROW_OPAQUE ("object"),
    TEXTS_ROW_OPAQUE ("model"),
    TEXTS_ROW_OPAQUE ("role"),
    TEXTS_ROW_OPAQUE ("name"),
    TEXTS_ROW_OPAQUE ("status"),
    TEXTS_ROW_OPAQUE ("format"),
    TEXTS_ROW_OPAQUE ("mime_type"),
    TEXTS_ROW_OPAQUE ("mimeType"),
    TEXTS_ROW_OPAQUE ("media_type"),
    TEXTS_ROW_OPAQUE ("signature"),
    TEXTS_ROW_OPAQUE ("thought_signature"),
    TEXTS_ROW_OPAQUE ("thoughtSignature"),
    TEXTS_ROW_OPAQUE ("encrypted_content"),
    TEXTS_ROW_OPAQUE ("file_id"),
    TEXTS_ROW_OPAQUE ("item_id"),
    TEXTS_ROW_OPAQUE ("call_id"),
    TEXTS_ROW_OPAQUE ("tool_call_id"),
    TEXTS_ROW_OPAQUE ("tool_use_id"),
    { .key = "url", .mode = TEXTS_URL },
    { .key = "image_url", .mode = TEXTS_URL },
    { .key = "file_url", .mode = TEXTS_URL },
    TEXTS_ROW_SKIP ("cache_control"),
    { 0 },
};
const texts_shape_t texts_any = { .rows = s_any_rows };

const texts_shape_t texts_made = { .inner = &texts_made };

//  What is sealed stays so: clients carry it in objects of their own, too.
static const texts_row_t s_free_rows[] = {
    TEXTS_ROW_OPAQUE ("signature"),           TEXTS_ROW_OPAQUE ("thought_signature"),
    TEXTS_ROW_OPAQUE ("thoughtSignature"),    TEXTS_ROW_OPAQUE ("encrypted_content"),
    { .key = "url", .mode = TEXTS_URL },      { .key = "image_url", .mode = TEXTS_URL },
    { .key = "file_url", .mode = TEXTS_URL }, { 0 },
};
const texts_shape_t texts_free = { .rows = s_free_rows, .is_free = true };

//  ---- keys

//  "system_instruction" as "systemInstruction".
static size_t
s_without_snakes (char *key, size_t size)
{
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        bool is_snake = key[i] == '_' && i + 1 < size && key[i + 1] >= 'a'
                        && key[i + 1] <= 'z' && i > 0;
        key[length++] = is_snake ? (char) (key[++i] - 'a' + 'A') : key[i];
    }
    return length;
}

//  The text of a key, or NULL when it is too long for any table.
static const char *
s_key (const uint8_t *raw, size_t raw_size, bool snake, char room[KEY_MAX],
       size_t *ret_size)
{
    if (raw_size < 2)
        return NULL;
    size_t size = raw_size - 2;
    const char *key = (const char *) raw + 1;
    bool is_plain = !memchr (key, '\\', size);
    if (is_plain && !snake) {
        *ret_size = size;
        return key;
    }
    if (json_text (raw, raw_size, room, KEY_MAX))
        return NULL;
    size = strlen (room);
    *ret_size = snake ? s_without_snakes (room, size) : size;
    return room;
}

//  in:   key, without zero bytes
static bool
s_is_key (const char *name, const char *key, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (name[i] != key[i])
            return false;
    return name[size] == '\0';
}

static const texts_row_t *
s_row_of (const texts_shape_t *shape, const char *key, size_t size)
{
    for (const texts_row_t *row = shape->rows; row && row->key; row++)
        if (s_is_key (row->key, key, size))
            return row;
    return NULL;
}

//  ---- keys in any case

//  Go takes the long s and the sign of Kelvin for letters, too.
static const struct {
    const char *bytes;
    char letter;
} s_letters[] = {
    { "\xC5\xBF", 's' },
    { "\xE2\x84\xAA", 'k' },
};

//  ret:  0 when it is too long for any table
static size_t
s_fold (const char *key, size_t size, char room[KEY_MAX])
{
    size_t length = 0;
    for (size_t at = 0; at < size; length++) {
        size_t taken = 1;
        if (length == KEY_MAX)
            return 0;
        room[length] = key[at];
        for (size_t i = 0; i < sizeof s_letters / sizeof s_letters[0]; i++) {
            size_t bytes = strlen (s_letters[i].bytes);
            if (bytes > size - at || memcmp (key + at, s_letters[i].bytes, bytes) != 0)
                continue;
            room[length] = s_letters[i].letter;
            taken = bytes;
        }
        at += taken;
    }
    return length;
}

static bool
s_is_near (const char *name, const char *folded, size_t size)
{
    return strncasecmp (name, folded, size) == 0 && name[size] == '\0';
}

static bool
s_is_look (const texts_shape_t *shape, const char *key, size_t size,
           bool (*is) (const char *name, const char *key, size_t size))
{
    for (; shape; shape = shape->outer)
        for (size_t i = 0; i < TEXTS_LOOKS_MAX && shape->looks[i]; i++)
            if (is (shape->looks[i], key, size))
                return true;
    return false;
}

static bool
s_tells (const texts_row_t *row)
{
    return row->call || (row->mode != TEXTS_OPAQUE && row->mode != TEXTS_SKIP);
}

//  in:   key, which no row has
static texts_found_t
s_find_near (const texts_shape_t *shape, const char *key, size_t size)
{
    char room[KEY_MAX];
    texts_found_t found = { .row = NULL };
    if (s_is_look (shape, key, size, s_is_key))
        return found;
    size_t length = s_fold (key, size, room);
    if (length == 0)
        return found;
    found.near_look = s_is_look (shape, room, length, s_is_near);
    for (size_t base = 0; shape; shape = shape->outer, base += ROWS_A_SHAPE)
        for (const texts_row_t *row = shape->rows; row && row->key; row++) {
            if (!s_tells (row) || !s_is_near (row->key, room, length))
                continue;
            size_t bit = base + (size_t) (row - shape->rows);
            found.row = row;
            found.bit = bit < 64 ? (uint64_t) 1 << bit : 0;
            return found;
        }
    return found;
}

texts_found_t
texts_shape_find (const texts_shape_t *shape, const uint8_t *key, size_t size, bool snake)
{
    char room[KEY_MAX];
    size_t length = 0;
    texts_found_t found = { .row = NULL };
    const char *text = s_key (key, size, snake, room, &length);
    if (!text || length == 0)
        return found;
    const texts_shape_t *first = shape;
    bool is_free = shape->is_free;
    for (size_t base = 0; shape; shape = shape->outer, base += ROWS_A_SHAPE) {
        found.row = s_row_of (shape, text, length);
        if (!found.row)
            continue;
        size_t bit = base + (size_t) (found.row - shape->rows);
        found.bit = bit < 64 ? (uint64_t) 1 << bit : 0;
        return found;
    }
    if (is_free)
        return found;
    found.row = s_row_of (&texts_any, text, length);
    return found.row ? found : s_find_near (first, text, length);
}

//  ---- for enter

uint32_t
texts_hash (const void *name, size_t size)
{
    const uint8_t *at = name;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 16777619u;
    return hash;
}

unsigned
texts_kind_of (uint32_t hash)
{
    return TEXTS_KIND_OTHER + hash % (TEXTS_KIND_AROUND - TEXTS_KIND_OTHER);
}

void
texts_enter_choice (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    spot->choice = texts_look_number (walk, &rows[0], (uint32_t) spot->item);
}

static bool
s_is_name (const char *key)
{
    static const char *const names[] = { "filename", "displayName", "display_name" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp (key, names[i]) == 0)
            return true;
    return false;
}

void
texts_enter_file (texts_walk_t *walk, texts_spot_t *spot, const json_row_t *rows)
{
    char text[KEY_MAX * 4];
    spot->file = TEXTS_FILE_UNKNOWN;
    for (size_t i = 0; i < TEXTS_LOOKS_MAX && rows[i].key; i++) {
        if (rows[i].count > 1)
            spot->file = TEXTS_FILE_WORDS;
        if (rows[i].type != JSON_STRING
            || json_text (texts_look (walk, &rows[i]), rows[i].size, text, sizeof text))
            continue;
        texts_file_t file = s_is_name (rows[i].key)
                                ? texts_file_of_name (text, strlen (text))
                                : texts_file_of_type (text, strlen (text));
        if (file == TEXTS_FILE_WORDS || spot->file == TEXTS_FILE_UNKNOWN)
            spot->file = file;
    }
}
