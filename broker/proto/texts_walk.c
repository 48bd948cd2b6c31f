//  texts_walk: one walk over a JSON text, led by tables. The text is checked as a whole first,
//  so that the walk itself meets nothing but JSON; objects whose members tell what they are
//  are looked into before they are walked. An event is walked twice: for what it ends, and
//  for its texts.

#include <assert.h>
#include <string.h>

#include "broker/core/json_lex.h"
#include "broker/core/json_value.h"
#include "broker/core/text.h"
#include "broker/proto/texts_walk.h"

#define KEY_MAX 64    //  bytes of a key that a table knows
#define URL_HEAD 256  //  bytes in which a data: URL says that it is one
#define PIECES_MAX 64 //  channels of one event that are remembered
#define PART_BITS 24
#define KIND_SHIFT 56

struct _texts_walk_t {
    const uint8_t *bytes; //  borrowed
    const uint8_t *at;
    const uint8_t *end;
    const texts_protocol_t *protocol;
    texts_of_t of;
    br_text_event_t event; //  of EVENT alone, as are the next two
    uint64_t pieces[PIECES_MAX];
    size_t npieces;    //  more than there is room for when it is PIECES_MAX
    br_text_fn *fn;    //  NULL: the first walk, or calls are told
    br_call_fn *calls; //  NULL: texts are told
    void *arg;
};

static const texts_row_t s_any_rows[] = {
    { .key = "id", .mode = TEXTS_OPAQUE },
    { .key = "type", .mode = TEXTS_OPAQUE },
    { .key = "object", .mode = TEXTS_OPAQUE },
    { .key = "model", .mode = TEXTS_OPAQUE },
    { .key = "role", .mode = TEXTS_OPAQUE },
    { .key = "name", .mode = TEXTS_OPAQUE },
    { .key = "status", .mode = TEXTS_OPAQUE },
    { .key = "format", .mode = TEXTS_OPAQUE },
    { .key = "mime_type", .mode = TEXTS_OPAQUE },
    { .key = "mimeType", .mode = TEXTS_OPAQUE },
    { .key = "media_type", .mode = TEXTS_OPAQUE },
    { .key = "signature", .mode = TEXTS_OPAQUE },
    { .key = "thought_signature", .mode = TEXTS_OPAQUE },
    { .key = "thoughtSignature", .mode = TEXTS_OPAQUE },
    { .key = "encrypted_content", .mode = TEXTS_OPAQUE },
    { .key = "file_id", .mode = TEXTS_OPAQUE },
    { .key = "item_id", .mode = TEXTS_OPAQUE },
    { .key = "call_id", .mode = TEXTS_OPAQUE },
    { .key = "tool_call_id", .mode = TEXTS_OPAQUE },
    { .key = "tool_use_id", .mode = TEXTS_OPAQUE },
    { .key = "url", .mode = TEXTS_URL },
    { .key = "image_url", .mode = TEXTS_URL },
    { .key = "file_url", .mode = TEXTS_URL },
    { .key = "cache_control", .mode = TEXTS_SKIP },
    { 0 },
};

const texts_shape_t texts_any = { .rows = s_any_rows };

uint64_t
br_texts_choice (uint64_t channel)
{
    return channel & UINT32_MAX;
}

//  ---- what an event ends

static uint64_t
s_channel (const texts_walk_t *self, const texts_spot_t *spot)
{
    bool has_pieces = self->of == TEXTS_EVENT
                      || (self->of == TEXTS_ANSWER && self->protocol->parted);
    if (!has_pieces || spot->closed || spot->kind == TEXTS_KIND_WHOLE)
        return 0;
    uint64_t part = spot->part & ((1u << PART_BITS) - 1);
    return (uint64_t) spot->kind << KIND_SHIFT | part << 32 | spot->choice;
}

void
texts_end (texts_walk_t *walk, const texts_spot_t *spot, texts_end_t end)
{
    if (walk->of != TEXTS_EVENT || walk->fn || walk->calls || end == TEXTS_GOES_ON)
        return;
    br_text_event_t *event = &walk->event;
    bool is_all = end == TEXTS_ENDS_ALL || event->nends == BR_TEXT_ENDS_MAX;
    br_text_end_t it = { .all = is_all };
    if (!is_all && end == TEXTS_ENDS_CHOICE) {
        it.is_choice = true;
        it.choice = spot->choice;
    } else if (!is_all) {
        it.channel = s_channel (walk, spot);
    }
    if (is_all)
        event->nends = 0;
    if ((event->nends == 0 || !event->ends[0].all)
        && (is_all || it.is_choice || it.channel))
        event->ends[event->nends++] = it;
}

static bool
s_is_ended (const br_text_end_t *end, uint64_t channel)
{
    if (end->is_choice)
        return end->choice == br_texts_choice (channel);
    return end->all || end->channel == channel;
}

//  Which ends come behind the event's own pieces.
static void
s_order_ends (texts_walk_t *self)
{
    for (size_t i = 0; i < self->event.nends; i++) {
        br_text_end_t *end = &self->event.ends[i];
        end->behind = self->npieces == PIECES_MAX;
        for (size_t k = 0; k < self->npieces && !end->behind; k++)
            end->behind = s_is_ended (end, self->pieces[k]);
    }
}

static void
s_note_piece (texts_walk_t *self, uint64_t channel)
{
    for (size_t i = 0; i < self->npieces; i++)
        if (self->pieces[i] == channel)
            return;
    if (self->npieces < PIECES_MAX)
        self->pieces[self->npieces++] = channel;
}

//  ---- what is told

static int
s_tell (texts_walk_t *self, const texts_spot_t *spot, br_text_form_t form,
        const uint8_t *from)
{
    bool is_string = form == BR_TEXT_STRING || form == BR_TEXT_JSON_STRING;
    uint64_t channel = is_string ? s_channel (self, spot) : 0;
    if (self->calls)
        return 0;
    if (!self->fn) {
        if (channel)
            s_note_piece (self, channel);
        return 0;
    }
    bool is_said = self->of != TEXTS_REQUEST && spot->place == BR_TEXT_ASSISTANT;
    br_text_span_t span = { .place = is_said ? BR_TEXT_ANSWER : spot->place,
                            .form = form,
                            .at = (size_t) (from - self->bytes),
                            .size = (size_t) (self->at - from),
                            .channel = channel };
    return self->fn (self->arg, &span);
}

static bool
s_is_data_url (const uint8_t *at, const uint8_t *end)
{
    static const char mark[] = ";base64,";
    size_t size = (size_t) (end - at);
    size_t head = size < URL_HEAD ? size : URL_HEAD;
    return head > 6 && memcmp (at, "\"data:", 6) == 0
           && memmem (at, head, mark, sizeof mark - 1);
}

//  ---- values; what is walked was checked

static void
s_blanks (texts_walk_t *self)
{
    while (self->at < self->end && json_lex_is_blank (*self->at))
        self->at++;
}

static void
s_pass_string (texts_walk_t *self)
{
    const uint8_t *at = self->at + 1;
    while (at < self->end) {
        at = json_lex_plain (at, self->end);
        if (at == self->end || *at == '"')
            break;
        size_t size = json_lex_special (at, self->end);
        at += size ? size : 1;
    }
    self->at = at < self->end ? at + 1 : at;
}

//  Finds members of the object at self->at, which stays there. Offsets count from there.
static void
s_scan (const texts_walk_t *self, json_row_t *rows, size_t nrows, size_t *ret_size)
{
    json_scan_t scan;
    json_scan_begin (&scan, self->at, (size_t) (self->end - self->at), rows, nrows);
    scan.prefix = true;
    int rc = json_scan_step (&scan, SIZE_MAX, NULL);
    if (ret_size)
        *ret_size = rc ? (size_t) (self->end - self->at) : scan.at;
}

static int
s_string (texts_walk_t *self, const texts_spot_t *spot)
{
    const uint8_t *from = self->at;
    s_pass_string (self);
    if (spot->mode == TEXTS_OPAQUE || spot->mode == TEXTS_SKIP)
        return 0;
    if (spot->mode == TEXTS_URL && s_is_data_url (from, self->at))
        return 0;
    return s_tell (self, spot,
                   spot->mode == TEXTS_JSON ? BR_TEXT_JSON_STRING : BR_TEXT_STRING, from);
}

static void
s_pass_scalar (texts_walk_t *self)
{
    while (self->at < self->end && !json_lex_is_blank (*self->at) && *self->at != ','
           && *self->at != ']' && *self->at != '}')
        self->at++;
}

//  A number or a literal.
static int
s_scalar (texts_walk_t *self, const texts_spot_t *spot)
{
    const uint8_t *from = self->at;
    s_pass_scalar (self);
    if (spot->mode == TEXTS_SEQUENCE && json_lex_type (*from) == JSON_NUMBER) {
        self->event.has_sequence = true;
        self->event.sequence_at = (size_t) (from - self->bytes);
        self->event.sequence_size = (size_t) (self->at - from);
    }
    return 0;
}

//  Bytes of the value at self->at, which stays there.
static size_t
s_size (texts_walk_t *self)
{
    const uint8_t *from = self->at;
    json_type_t type = json_lex_type (*from);
    size_t size = 0;
    if (type == JSON_STRING)
        s_pass_string (self);
    else if (type != JSON_OBJECT && type != JSON_ARRAY)
        s_pass_scalar (self);
    else {
        s_scan (self, NULL, 0, &size);
        return size;
    }
    size = (size_t) (self->at - from);
    self->at = from;
    return size;
}

//  An object or array that is not walked. An empty one says nothing.
static int
s_closed (texts_walk_t *self, const texts_spot_t *spot)
{
    const uint8_t *from = self->at;
    size_t size = 0;
    s_scan (self, NULL, 0, &size);
    self->at += size;
    if (spot->mode == TEXTS_SKIP || size <= 2)
        return 0;
    return s_tell (self, spot,
                   spot->mode == TEXTS_JSON ? BR_TEXT_JSON_VALUE : BR_TEXT_REPEATED,
                   from);
}

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
s_key (const texts_walk_t *self, const uint8_t *raw, size_t raw_size, char room[KEY_MAX],
       size_t *ret_size)
{
    if (raw_size < 2)
        return NULL;
    size_t size = raw_size - 2;
    const char *key = (const char *) raw + 1;
    bool is_plain = !memchr (key, '\\', size);
    if (is_plain && !self->protocol->snake) {
        *ret_size = size;
        return key;
    }
    if (json_text (raw, raw_size, room, KEY_MAX))
        return NULL;
    size = strlen (room);
    *ret_size = self->protocol->snake ? s_without_snakes (room, size) : size;
    return room;
}

static const texts_row_t *
s_row_of (const texts_shape_t *shape, const char *key, size_t size)
{
    for (const texts_row_t *row = shape->rows; row && row->key; row++)
        if (row->key[0] == key[0] && strlen (row->key) == size
            && memcmp (row->key, key, size) == 0)
            return row;
    return NULL;
}

static const texts_row_t *
s_find (const texts_walk_t *self, const texts_shape_t *shape, const uint8_t *raw,
        size_t raw_size)
{
    char room[KEY_MAX];
    size_t size = 0;
    const char *key = s_key (self, raw, raw_size, room, &size);
    if (!key || size == 0)
        return NULL;
    for (; shape; shape = shape->outer) {
        const texts_row_t *row = s_row_of (shape, key, size);
        if (row)
            return row;
    }
    return s_row_of (&texts_any, key, size);
}

//  ---- objects and arrays

static int s_value (texts_walk_t *self, const texts_spot_t *spot);

const uint8_t *
texts_look (const texts_walk_t *walk, const json_row_t *row)
{
    return walk->at + row->offset;
}

bool
texts_look_is (const texts_walk_t *walk, const json_row_t *row, const char *text)
{
    const uint8_t *at = texts_look (walk, row);
    if (row->type == JSON_BOOL)
        return row->size == strlen (text) && memcmp (at, text, row->size) == 0;
    return row->type == JSON_STRING && json_string_is (at, row->size, text);
}

uint32_t
texts_look_number (const texts_walk_t *walk, const json_row_t *row, uint32_t otherwise)
{
    int64_t number = 0;
    if (row->type != JSON_NUMBER
        || json_integer (texts_look (walk, row), row->size, &number, NULL) || number < 0)
        return otherwise;
    return (uint32_t) number;
}

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

//  What the object at self->at is, by its own members. A look crosses all of it, so only so
//  many inside of each other are looked into: what is deeper is nothing special.
static void
s_enter (texts_walk_t *self, texts_spot_t *spot)
{
    const texts_shape_t *shape = spot->shape;
    size_t count = 0;
    json_row_t rows[TEXTS_LOOKS_MAX] = { 0 };
    while (count < TEXTS_LOOKS_MAX && shape->looks[count]) {
        rows[count].key = shape->looks[count];
        count++;
    }
    if (count == 0 || spot->looked == TEXTS_LOOKED_MAX)
        return;
    spot->looked++;
    s_scan (self, rows, count, NULL);
    for (const texts_word_t *word = shape->words; word && word->word; word++) {
        if (!texts_look_is (self, &rows[word->look], word->word))
            continue;
        spot->place = word->place ? (br_text_place_t) (word->place - 1) : spot->place;
        spot->shape = word->shape ? word->shape : spot->shape;
        texts_end (self, spot, word->end);
    }
    if (shape->enter)
        shape->enter (self, spot, rows);
}

//  Where a member's value is.
static texts_spot_t
s_inside (const texts_spot_t *spot, const texts_row_t *row)
{
    texts_spot_t inner = *spot;
    inner.item = 0;
    inner.mode = row ? row->mode : TEXTS_WALK;
    inner.shape = row && row->shape ? row->shape : &texts_any;
    inner.kind = row ? row->kind : TEXTS_KIND_WHOLE;
    if (inner.kind == TEXTS_KIND_AROUND)
        inner.kind = spot->kind;
    inner.closed = spot->closed || inner.kind == TEXTS_KIND_CLOSED;
    if (row && row->place)
        inner.place = (br_text_place_t) (row->place - 1);
    return inner;
}

//  ---- calls of tools

//  A call has one number over all events: of its choice and part. The legacy function_call
//  has neither.
static uint64_t
s_call_number (const texts_walk_t *self, const texts_spot_t *spot)
{
    if (self->of != TEXTS_EVENT || spot->closed)
        return 0;
    uint64_t family = spot->kind == TEXTS_KIND_FUNCTION ? 2 : 1;
    uint64_t part = spot->part & ((1u << PART_BITS) - 1);
    return family << KIND_SHIFT | part << 32 | spot->choice;
}

//  What is not a string is nothing but arguments; null is none.
static int
s_call_member (texts_walk_t *self, const texts_spot_t *spot, const texts_row_t *row)
{
    const uint8_t *from = self->at;
    json_type_t type = json_lex_type (*from);
    bool is_string = type == JSON_STRING;
    size_t size = s_size (self);
    self->at += size;
    if (type == JSON_NULL || (!is_string && row->call != TEXTS_CALL_ARGUMENTS))
        return 0;
    br_call_span_t span = { .part = (br_call_part_t) (row->call - TEXTS_CALL_NAME),
                            .form = is_string ? BR_TEXT_STRING : BR_TEXT_JSON_VALUE,
                            .at = (size_t) (from - self->bytes),
                            .size = size,
                            .object = spot->object,
                            .call = s_call_number (self, spot) };
    if (is_string && self->of == TEXTS_EVENT)
        span.channel = s_channel (self, spot);
    return self->calls (self->arg, &span);
}

//  Neither null nor "".
static bool
s_is_given (const texts_walk_t *self)
{
    if (*self->at == 'n')
        return false;
    return *self->at != '"' || self->end - self->at < 2 || self->at[1] != '"';
}

//  in:   self->at, on a key
static int
s_member (texts_walk_t *self, const texts_spot_t *spot)
{
    const uint8_t *key = self->at;
    s_pass_string (self);
    const texts_row_t *row = s_find (self, spot->shape, key, (size_t) (self->at - key));
    s_blanks (self);
    self->at++; //  the colon
    s_blanks (self);
    if (self->at >= self->end)
        return 0;
    texts_spot_t inner = s_inside (spot, row);
    if (self->calls && row && row->call)
        return s_call_member (self, &inner, row);
    if (row && s_is_given (self))
        texts_end (self, row->end == TEXTS_ENDS_CHANNEL ? &inner : spot, row->end);
    return s_value (self, &inner);
}

//  Items of an array, or members of an object.
static int
s_items (texts_walk_t *self, texts_spot_t *spot, bool is_object)
{
    uint8_t close = is_object ? '}' : ']';
    self->at++;
    for (size_t i = 0; self->at < self->end; i++) {
        s_blanks (self);
        if (self->at == self->end || *self->at == close)
            break;
        if (*self->at == ',') {
            self->at++;
            s_blanks (self);
        }
        if (self->at == self->end)
            break;
        spot->item = is_object ? spot->item : i;
        int rc = is_object ? s_member (self, spot) : s_value (self, spot);
        if (rc)
            return rc;
    }
    self->at += self->at < self->end;
    return 0;
}

//  Recursion is as deep as JSON_DEPTH_MAX.
static int
s_value (texts_walk_t *self, const texts_spot_t *spot)
{
    json_type_t type = json_lex_type (*self->at);
    if (type == JSON_STRING)
        return s_string (self, spot);
    if (type != JSON_OBJECT && type != JSON_ARRAY)
        return s_scalar (self, spot);
    if (spot->mode == TEXTS_SKIP || spot->mode == TEXTS_JSON
        || spot->mode == TEXTS_REPEATED)
        return s_closed (self, spot);
    texts_spot_t inner = *spot;
    if (type == JSON_OBJECT) {
        inner.object = (size_t) (self->at - self->bytes);
        s_enter (self, &inner);
    }
    return s_items (self, &inner, type == JSON_OBJECT);
}

//  ---- the walk

static int
s_walk (texts_walk_t *self, const texts_spot_t *root)
{
    self->at = self->bytes;
    s_blanks (self);
    return s_value (self, root);
}

//  One of the two functions is there.
static int
s_begin (const texts_protocol_t *protocol, texts_of_t of, br_text_t text,
         br_text_event_t *ret_event, br_text_fn *fn, br_call_fn *calls, void *arg,
         br_error_t *reterr)
{
    json_scan_t scan;
    json_scan_begin (&scan, text.at, text.size, NULL, 0);
    int rc = json_scan_step (&scan, SIZE_MAX, reterr);
    if (rc)
        return -1;
    const uint8_t *bytes = (const uint8_t *) text.at;
    texts_walk_t self = {
        .bytes = bytes, .end = bytes + text.size, .protocol = protocol, .of = of
    };
    texts_spot_t root = { .shape = of == TEXTS_REQUEST  ? protocol->request
                                   : of == TEXTS_ANSWER ? protocol->answer
                                                        : protocol->event,
                          .place = of == TEXTS_REQUEST ? BR_TEXT_USER : BR_TEXT_ANSWER };
    if (of == TEXTS_EVENT) {
        (void) s_walk (&self, &root);
        s_order_ends (&self);
        *ret_event = self.event;
    }
    self.fn = fn;
    self.calls = calls;
    self.arg = arg;
    return s_walk (&self, &root);
}

int
texts_walk (const texts_protocol_t *protocol, texts_of_t of, const void *bytes,
            size_t size, br_text_event_t *ret_event, br_text_fn *fn, void *arg,
            br_error_t *reterr)
{
    return s_begin (protocol, of, (br_text_t) { bytes, size }, ret_event, fn, NULL, arg,
                    reterr);
}

int
texts_walk_calls (const texts_protocol_t *protocol, texts_of_t of, const void *bytes,
                  size_t size, br_text_event_t *ret_event, br_call_fn *fn, void *arg,
                  br_error_t *reterr)
{
    return s_begin (protocol, of, (br_text_t) { bytes, size }, ret_event, NULL, fn, arg,
                    reterr);
}
