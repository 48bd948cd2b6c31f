//  texts_walk: one walk over a JSON text, led by tables. The text is checked as a whole
//  first, so that the walk itself meets nothing but JSON; objects whose members tell what
//  they are are looked into before they are walked. An event is walked twice: for what it
//  ends, and for its texts.
//
//  The walk is a machine with a stack, so that it can stop after any slice: at a member,
//  at an item, in the middle of a string, of a look or of what is only crossed.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/json_lex.h"
#include "broker/core/json_value.h"
#include "broker/proto/texts_walk.h"

#define LEVELS_NEAR 16 //  arrays and objects inside of each other without an allocation
#define WORD_MAX_BYTES 64 //  of a reason to end
#define WHOLE_MAX 32768   //  bytes of a value of a request that is told as one

typedef enum {
    CHECK,   //  that it is JSON
    NEXT,    //  between items of the topmost array or object
    IN_KEY,  //
    VALUE,   //  in front of a value, or of its colon
    IN_TEXT, //  a string
    LOOK,    //  an object's members that tell what it is
    CROSS,   //  an object or array that is not walked
    WHOLE,   //  ... of the user's own shape, that may be told as one
    OVER
} state_t;

//  An array or object under way.
typedef struct _level_t {
    texts_spot_t spot;
    size_t items;  //  of an array, so far
    uint64_t seen; //  rows whose keys stood here
    bool is_object;
} level_t;

struct _texts_walk_t {
    const uint8_t *at; //  in LOOK, CROSS and WHOLE, where the value stands
    const uint8_t *end;
    const uint8_t *from; //  of the string under way
    size_t left;         //  bytes of the slice
    const texts_protocol_t *protocol;
    texts_teller_t teller;
    state_t state;
    int rc;                                //  what the ear has said
    texts_spot_t spot;                     //  of the value under way
    texts_call_t call;                     //  what it says of a call; told when calls are
    json_scan_t scan;                      //  the check, then looks and what is crossed
    json_row_t looks[TEXTS_LOOKS_MAX + 1]; //  ends with one without a key
    size_t depth;
    level_t *levels; //  near, or of JSON_DEPTH_MAX
    level_t near[LEVELS_NEAR];
};

//  ---- what is told

bool
texts_has_pieces (const texts_walk_t *walk)
{
    return texts_teller_has_pieces (&walk->teller);
}

void
texts_end (texts_walk_t *walk, const texts_spot_t *spot, texts_end_t end)
{
    if (walk->teller.ends)
        texts_ends_add (walk->teller.ends, end,
                        texts_teller_channel (&walk->teller, spot), spot->choice);
}

void
texts_doubt (texts_walk_t *walk)
{
    if (walk->teller.ends)
        walk->teller.ends->event.doubled = true;
}

void
texts_begin (texts_walk_t *walk, uint64_t number)
{
    if (!walk->teller.ends)
        return;
    br_text_event_t *event = &walk->teller.ends->event;
    event->begun = event->begins ? UINT64_MAX : number;
    event->begins = true;
}

//  ---- going on

static void
s_spend (texts_walk_t *self, size_t bytes)
{
    self->left -= bytes < self->left ? bytes : self->left;
}

//  Where the slice ends.
static const uint8_t *
s_edge (const texts_walk_t *self)
{
    size_t rest = (size_t) (self->end - self->at);
    return self->at + (self->left < rest ? self->left : rest);
}

static void
s_go (texts_walk_t *self, const uint8_t *to)
{
    s_spend (self, (size_t) (to - self->at));
    self->at = to;
}

//  A value is done.
static void
s_done (texts_walk_t *self)
{
    self->state = self->depth ? NEXT : OVER;
}

//  ret:  true = the string's end is reached
static bool
s_string_on (texts_walk_t *self)
{
    const uint8_t *at = self->at;
    const uint8_t *edge = s_edge (self);
    bool is_closed = false;
    while (at < edge) {
        at = json_lex_plain (at, edge);
        if (at == edge)
            break;
        is_closed = *at == '"';
        if (is_closed) {
            at++;
            break;
        }
        size_t size = json_lex_special (at, self->end);
        at += size ? size : 1;
    }
    s_go (self, at);
    return is_closed;
}

//  ---- objects and arrays

static void
s_push (texts_walk_t *self, bool is_object)
{
    if (self->depth == LEVELS_NEAR && self->levels == self->near) {
        self->levels = br_alloc (JSON_DEPTH_MAX, sizeof (level_t));
        memcpy (self->levels, self->near, sizeof self->near);
    }
    level_t *level = &self->levels[self->depth++];
    level->spot = self->spot;
    level->items = 0;
    level->seen = 0;
    level->is_object = is_object;
    s_go (self, self->at + 1);
    self->state = NEXT;
}

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

bool
texts_look_ends (const texts_walk_t *walk, const json_row_t *row, const char *tail)
{
    size_t size = strlen (tail);
    const uint8_t *at = texts_look (walk, row);
    if (row->type != JSON_STRING)
        return false;
    if (!memchr (at, '\\', row->size))
        return row->size >= size + 2
               && memcmp (at + row->size - 1 - size, tail, size) == 0;
    br_buf_t text;
    br_buf_init (&text, row->size);
    bool ends = json_string (at, row->size, &text, NULL) == 0 && text.size >= size
                && memcmp (text.data + text.size - size, tail, size) == 0;
    br_buf_free (&text);
    return ends;
}

//  FNV-1a.
uint64_t
texts_look_id (const texts_walk_t *walk, const json_row_t *row)
{
    if (row->type != JSON_STRING || row->size <= 2)
        return 0;
    uint64_t id = 0xcbf29ce484222325u;
    for (size_t i = 0; i < row->size; i++)
        id = (id ^ texts_look (walk, row)[i]) * 0x100000001b3u;
    return id ? id : 1;
}

uint32_t
texts_look_number (const texts_walk_t *walk, const json_row_t *row, uint32_t otherwise)
{
    int64_t number = 0;
    if (row->type == JSON_NONE || row->type == JSON_NULL)
        return otherwise;
    if (row->type == JSON_NUMBER
        && json_integer (texts_look (walk, row), row->size, &number, NULL) == 0
        && number >= 0 && number <= TEXTS_NUMBER_MAX)
        return (uint32_t) number;
    if (walk->teller.ends)
        walk->teller.ends->event.doubled = true;
    return otherwise;
}

//  What the object is, by its looks. Who says twice whose pieces an event has leaves it
//  open.
static void
s_enter (texts_walk_t *self)
{
    texts_spot_t *spot = &self->spot;
    const texts_shape_t *shape = spot->shape;
    const json_row_t *looks = self->looks;
    for (size_t i = 0; self->teller.ends && looks[i].key; i++)
        self->teller.ends->event.doubled |= looks[i].count > 1 && !spot->closed;
    for (const texts_word_t *word = shape->words; word && word->word; word++) {
        if (!texts_look_is (self, &looks[word->look], word->word))
            continue;
        spot->place = word->place ? (br_text_place_t) (word->place - 1) : spot->place;
        if (word->shape && looks[word->look].count == 1)
            spot->shape = word->shape;
        texts_end (self, spot, word->end);
    }
    if (shape->enter)
        shape->enter (self, spot, looks);
}

static int
s_look (texts_walk_t *self)
{
    size_t before = self->scan.at;
    int rc = json_scan_step (&self->scan, self->left, NULL);
    s_spend (self, self->scan.at - before);
    if (rc == 1)
        return 0;
    s_enter (self);
    s_push (self, true);
    return 0;
}

//  A look crosses all of the object, so only so many inside of each other are looked
//  into: what is deeper is nothing special.
static int
s_open (texts_walk_t *self)
{
    texts_spot_t *spot = &self->spot;
    const texts_shape_t *shape = spot->shape;
    size_t count = 0;
    spot->object = (size_t) (self->at - self->teller.bytes);
    while (count < TEXTS_LOOKS_MAX && shape->looks[count]) {
        self->looks[count].key = shape->looks[count];
        count++;
    }
    if (count == 0 || spot->looked == TEXTS_LOOKED_MAX) {
        s_push (self, true);
        return 0;
    }
    spot->looked++;
    self->looks[count].key = NULL;
    json_scan_begin (&self->scan, self->at, (size_t) (self->end - self->at), self->looks,
                     count);
    self->scan.prefix = true;
    self->state = LOOK;
    return s_look (self);
}

//  Of the user's own shape, in a request: a key and its value, and the words of a list, say
//  more together than one by one.
static bool
s_may_be_whole (const texts_walk_t *self, bool is_object)
{
    const texts_spot_t *spot = &self->spot;
    return self->teller.of == TEXTS_REQUEST && spot->shape->is_free
           && (is_object || spot->mode == TEXTS_WALK) && spot->looked < TEXTS_LOOKED_MAX;
}

//  Whether words stand in there, and nothing that is found by walking alone: what is
//  sealed, files, and keys that may be one of those, written with escapes.
static bool
s_is_plain (const uint8_t *at, size_t size)
{
    static const char *const others[] = { "ignature\"", "encrypted_content\"", "data\"",
                                          "ata:", "ATA:" };
    static const char *const escapes[] = { "\\u003a", "\\u003A", "\\u004",
                                           "\\u005",  "\\u006",  "\\u007" };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (memmem (at, size, others[i], strlen (others[i])))
            return false;
    if (memmem (at, size, "\\u00", 4))
        for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
            if (memmem (at, size, escapes[i], strlen (escapes[i])))
                return false;
    return memchr (at, '"', size) != NULL;
}

//  What is longer, or not plain, is walked as any other.
static int
s_whole (texts_walk_t *self)
{
    size_t before = self->scan.at;
    size_t room = WHOLE_MAX + 1 - before;
    int rc = json_scan_step (&self->scan, self->left < room ? self->left : room, NULL);
    size_t size = self->scan.at;
    s_spend (self, size - before);
    if (rc == 1 && size <= WHOLE_MAX)
        return 0;
    if (rc || size > WHOLE_MAX || !s_is_plain (self->at, size)) {
        self->spot.looked++;
        s_push (self, *self->at == '{');
        return 0;
    }
    size_t at = (size_t) (self->at - self->teller.bytes);
    self->at += size;
    self->spot.mode = TEXTS_JSON;
    s_done (self);
    return texts_teller_crossed (&self->teller, &self->spot, TEXTS_NO_CALL, at, size);
}

static int
s_cross (texts_walk_t *self)
{
    size_t before = self->scan.at;
    int rc = json_scan_step (&self->scan, self->left, NULL);
    s_spend (self, self->scan.at - before);
    if (rc == 1)
        return 0;
    size_t at = (size_t) (self->at - self->teller.bytes);
    size_t size = rc ? (size_t) (self->end - self->at) : self->scan.at;
    self->at += size;
    s_done (self);
    return texts_teller_crossed (&self->teller, &self->spot, self->call, at, size);
}

//  ---- values

static int
s_in_text (texts_walk_t *self)
{
    if (!s_string_on (self))
        return 0;
    s_done (self);
    return texts_teller_string (&self->teller, &self->spot, self->call,
                                (size_t) (self->from - self->teller.bytes),
                                (size_t) (self->at - self->from));
}

//  A number or a literal.
static int
s_scalar (texts_walk_t *self)
{
    const uint8_t *from = self->at;
    const uint8_t *at = from;
    while (at < self->end && !json_lex_is_blank (*at) && *at != ',' && *at != ']'
           && *at != '}')
        at++;
    s_go (self, at);
    s_done (self);
    size_t size = (size_t) (at - from);
    if (self->teller.ends && self->spot.mode == TEXTS_SEQUENCE
        && json_lex_type (*from) == JSON_NUMBER) {
        self->teller.ends->event.has_sequence = true;
        self->teller.ends->event.sequence_at = (size_t) (from - self->teller.bytes);
        self->teller.ends->event.sequence_size = size;
    }
    if (self->call && *from != 'n')
        return texts_teller_scalar (&self->teller, &self->spot, self->call,
                                    (size_t) (from - self->teller.bytes), size);
    return 0;
}

static bool
s_is_walked (const texts_walk_t *self)
{
    texts_mode_t mode = self->spot.mode;
    return !self->call && mode != TEXTS_SKIP && mode != TEXTS_JSON
           && mode != TEXTS_REPEATED;
}

//  in:   self->at, on its first byte
static int
s_value (texts_walk_t *self)
{
    if (*self->at == '"') {
        self->from = self->at;
        s_go (self, self->at + 1);
        self->state = IN_TEXT;
        return s_in_text (self);
    }
    bool is_object = *self->at == '{';
    if (!is_object && *self->at != '[')
        return s_scalar (self);
    bool is_walked = s_is_walked (self);
    bool is_free = is_walked && s_may_be_whole (self, is_object);
    if (is_walked && !is_free && is_object)
        return s_open (self);
    if (is_walked && !is_free) {
        s_push (self, false);
        return 0;
    }
    json_scan_begin (&self->scan, self->at, (size_t) (self->end - self->at), NULL, 0);
    self->scan.prefix = true;
    self->state = is_free ? WHOLE : CROSS;
    return is_free ? s_whole (self) : s_cross (self);
}

static int
s_at_value (texts_walk_t *self)
{
    const uint8_t *at = self->at;
    const uint8_t *edge = s_edge (self);
    while (at < edge && (json_lex_is_blank (*at) || *at == ':'))
        at++;
    s_go (self, at);
    return at == edge ? 0 : s_value (self);
}

//  ---- members

//  Where a member's value is.
static void
s_inside (texts_walk_t *self, const texts_spot_t *spot, const texts_row_t *row)
{
    texts_spot_t *inner = &self->spot;
    *inner = *spot;
    inner->item = 0;
    if (!row) {
        inner->mode = TEXTS_WALK;
        inner->shape = spot->shape->inner ? spot->shape->inner : &texts_free;
        inner->kind = TEXTS_KIND_WHOLE;
        return;
    }
    inner->mode = row->mode;
    inner->shape = row->shape                ? row->shape
                   : row->mode == TEXTS_WALK ? &texts_any
                                             : &texts_free;
    inner->kind = row->kind == TEXTS_KIND_AROUND ? spot->kind : row->kind;
    inner->closed = spot->closed || inner->kind == TEXTS_KIND_CLOSED;
    if (row->place)
        inner->place = (br_text_place_t) (row->place - 1);
}

//  Neither null nor "", nor Google's "FINISH_REASON_UNSPECIFIED" and its like.
static bool
s_is_given (const uint8_t *at, const uint8_t *end)
{
    static const char none[] = "_REASON_UNSPECIFIED";
    const size_t size = sizeof none - 1;
    while (at < end && (json_lex_is_blank (*at) || *at == ':'))
        at++;
    if (at == end || *at != '"')
        return at != end && *at != 'n';
    size_t rest = (size_t) (end - at) - 1;
    const uint8_t *quote = memchr (at + 1, '"',
                                   rest < WORD_MAX_BYTES ? rest : WORD_MAX_BYTES);
    if (!quote)
        return true;
    size_t length = (size_t) (quote - at) - 1;
    return length && (length < size || memcmp (quote - size, none, size) != 0);
}

//  What the event's first walk learns of a member.
static void
s_note_member (texts_walk_t *self, level_t *level, texts_found_t found)
{
    const texts_row_t *row = found.row;
    bool is_piece = !self->spot.closed && row->mode != TEXTS_SKIP
                    && (row->kind || row->shape || row->call);
    if (is_piece && (level->seen & found.bit))
        self->teller.ends->event.doubled = true;
    level->seen |= found.bit;
    if (row->end && s_is_given (self->at, self->end))
        texts_end (self, row->end == TEXTS_ENDS_CHANNEL ? &self->spot : &level->spot,
                   row->end);
}

static int
s_in_key (texts_walk_t *self)
{
    if (!s_string_on (self))
        return 0;
    level_t *level = &self->levels[self->depth - 1];
    size_t size = (size_t) (self->at - self->from);
    texts_found_t found = texts_shape_find (level->spot.shape, self->from, size,
                                            self->protocol->snake);
    s_inside (self, &level->spot, found.row);
    self->state = VALUE;
    self->call = self->teller.ear.call && found.row ? found.row->call : TEXTS_NO_CALL;
    if (found.near_look && !level->spot.closed)
        texts_doubt (self);
    if (self->teller.ends && found.row)
        s_note_member (self, level, found);
    if (level->spot.shape->is_free && size > 2)
        return texts_teller_key (&self->teller, &self->spot,
                                 (size_t) (self->from - self->teller.bytes), size);
    return 0;
}

static int
s_next (texts_walk_t *self)
{
    const uint8_t *at = self->at;
    const uint8_t *edge = s_edge (self);
    while (at < edge && (json_lex_is_blank (*at) || *at == ','))
        at++;
    s_go (self, at);
    if (at == edge)
        return 0;
    level_t *level = &self->levels[self->depth - 1];
    if (*at == '}' || *at == ']') {
        s_go (self, at + 1);
        self->depth--;
        s_done (self);
        return 0;
    }
    if (level->is_object) {
        self->from = at;
        s_go (self, at + 1);
        self->state = IN_KEY;
        return s_in_key (self);
    }
    self->spot = level->spot;
    self->spot.item = level->items++;
    self->call = TEXTS_NO_CALL;
    self->state = VALUE;
    return s_value (self);
}

//  ---- the walk

static int
s_check (texts_walk_t *self, br_error_t *reterr)
{
    size_t before = self->scan.at;
    int rc = json_scan_step (&self->scan, self->left, reterr);
    s_spend (self, self->scan.at - before);
    if (rc == 0)
        self->state = VALUE;
    if (rc >= 0)
        return 0;
    self->state = OVER;
    self->rc = -1;
    return -1;
}

static int
s_run (texts_walk_t *self)
{
    switch (self->state) {
    case NEXT: return s_next (self);
    case IN_KEY: return s_in_key (self);
    case VALUE: return s_at_value (self);
    case IN_TEXT: return s_in_text (self);
    case LOOK: return s_look (self);
    case CROSS: return s_cross (self);
    case WHOLE: return s_whole (self);
    default: return 0;
    }
}

static const texts_shape_t *
s_root (const texts_protocol_t *protocol, texts_of_t of)
{
    if (of == TEXTS_REQUEST)
        return protocol->request;
    return of == TEXTS_ANSWER ? protocol->answer : protocol->event;
}

//  From the beginning.
static void
s_rewind (texts_walk_t *self)
{
    texts_of_t of = self->teller.of;
    self->at = self->teller.bytes;
    self->depth = 0;
    self->call = TEXTS_NO_CALL;
    self->spot = (texts_spot_t) {
        .shape = s_root (self->protocol, of),
        .place = of == TEXTS_REQUEST ? BR_TEXT_USER : BR_TEXT_ANSWER,
    };
}

static void
s_init (texts_walk_t *self, const texts_protocol_t *protocol, texts_of_t of,
        const void *bytes, size_t size)
{
    self->teller = (texts_teller_t) { .bytes = bytes,
                                      .of = of,
                                      .parted = protocol->parted };
    self->end = size ? self->teller.bytes + size : self->teller.bytes;
    self->protocol = protocol;
    self->state = CHECK;
    self->rc = 0;
    self->levels = self->near;
    json_scan_begin (&self->scan, bytes, size, NULL, 0);
    s_rewind (self);
}

static void
s_release (texts_walk_t *self)
{
    if (self->levels != self->near)
        free (self->levels);
}

texts_walk_t *
texts_walk_new (const texts_protocol_t *protocol, texts_of_t of, const void *bytes,
                size_t size)
{
    texts_walk_t *self = BR_NEW (texts_walk_t);
    s_init (self, protocol, of, bytes, size);
    return self;
}

void
texts_walk_destroy (texts_walk_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    s_release (*self_p);
    free (*self_p);
    *self_p = NULL;
}

int
texts_walk_step (texts_walk_t *self, size_t slice_bytes, texts_ear_t ear,
                 br_error_t *reterr)
{
    self->left = slice_bytes ? slice_bytes : 1;
    self->teller.ear = ear;
    if (self->state == CHECK) {
        int rc = s_check (self, reterr);
        if (rc)
            return -1;
    }
    while (self->state != OVER && self->rc == 0) {
        if (self->left == 0 || self->state == CHECK)
            return 1;
        if (self->at == self->end)
            break;
        self->rc = s_run (self);
    }
    self->state = OVER;
    return self->rc ? -1 : 0;
}

int
texts_walk (const texts_protocol_t *protocol, texts_of_t of, const void *bytes,
            size_t size, br_text_event_t *ret_event, texts_ear_t ear, br_error_t *reterr)
{
    texts_walk_t self;
    texts_ends_t ends;
    s_init (&self, protocol, of, bytes, size);
    int rc = 0;
    if (of == TEXTS_EVENT) {
        texts_ends_init (&ends);
        self.teller.ends = &ends;
        rc = texts_walk_step (&self, SIZE_MAX, (texts_ear_t) { .text = NULL }, reterr);
        texts_ends_order (&ends);
        self.teller.ends = NULL;
        s_rewind (&self);
        self.state = VALUE;
    }
    if (rc == 0) {
        if (of == TEXTS_EVENT)
            *ret_event = ends.event;
        rc = texts_walk_step (&self, SIZE_MAX, ear, reterr);
    }
    s_release (&self);
    return self.rc ? self.rc : rc;
}
