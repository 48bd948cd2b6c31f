//  resume: what the client of a streamed answer has been told so far.
//
//  Deltas that go on with each other are one piece. A state that comes from elsewhere is
//  read by adding its pieces again, so that the same rules judge both.

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_tree.h"
#include "broker/core/json_writer.h"
#include "broker/proto/codec.h"
#include "broker/proto/resume.h"

#define STATE_VERSION 1
#define PIECES_MAX 256        //  parts of reasoning, mostly
#define BLOCKS_MAX 65536      //  a block's number is below
#define WORD_MAX 512          //  bytes of an id or a model's name
#define NUMBER_MAX (1L << 40) //  of events or seconds

//  Text that was told without a break. kind is TEXT or REASONING.
typedef struct _piece_t {
    br_delta_kind_t kind;
    unsigned block;
    bool summary, first_of_part; //  as in a delta
    br_text_t item_id;           //  in the arena
    br_buf_t text;
} piece_t;

struct _br_resume_t {
    br_protocol_t client;
    char id[BR_RESUME_ID_SIZE + 1];
    uint64_t now;
    uint64_t events;
    br_arena_t *arena;
    bool spoilt;
    bool started;
    br_delta_t start; //  its texts are in the arena
    piece_t *pieces;
    size_t npieces;
    size_t bytes; //  of text in all of them
};

br_resume_t *
br_resume_new (br_protocol_t client, const char *id, uint64_t now)
{
    br_resume_t *self = BR_NEW (br_resume_t);
    self->client = client;
    snprintf (self->id, sizeof self->id, "%.*s", BR_RESUME_ID_SIZE, id);
    self->now = now;
    self->arena = br_arena_new ();
    return self;
}

static void
s_free_pieces (br_resume_t *self)
{
    for (size_t i = 0; i < self->npieces; i++)
        br_buf_free (&self->pieces[i].text);
    free (self->pieces);
    self->pieces = NULL;
    self->npieces = self->bytes = 0;
}

void
br_resume_destroy (br_resume_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_resume_t *self = *self_p;
    s_free_pieces (self);
    br_arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

void
br_resume_spoil (br_resume_t *self)
{
    self->spoilt = true;
    s_free_pieces (self);
}

//  ---- adding

static void
s_add_start (br_resume_t *self, const br_delta_t *delta)
{
    if (self->started || self->npieces || delta->id.size > WORD_MAX
        || delta->model.size > WORD_MAX) {
        br_resume_spoil (self);
        return;
    }
    self->started = true;
    self->start = (br_delta_t) { .kind = BR_DELTA_START,
                                 .id = br_arena_text (self->arena, delta->id),
                                 .model = br_arena_text (self->arena, delta->model),
                                 .created = delta->created < NUMBER_MAX ? delta->created
                                                                        : 0 };
}

static piece_t *
s_last (const br_resume_t *self)
{
    return self->npieces ? &self->pieces[self->npieces - 1] : NULL;
}

//  Writers pass over a part that begins with no text.
static bool
s_begins_part (const br_delta_t *delta)
{
    return delta->first_of_part && delta->text.size;
}

static bool
s_may_follow (const piece_t *last, const br_delta_t *delta)
{
    if (delta->block >= BLOCKS_MAX || delta->item_id.size > WORD_MAX)
        return false;
    if (!last)
        return true;
    if (last->kind == BR_DELTA_TEXT)
        return delta->kind == BR_DELTA_TEXT && delta->block == last->block;
    return delta->block > last->block
           || (delta->block == last->block && delta->kind == last->kind);
}

static bool
s_goes_on (const piece_t *last, const br_delta_t *delta)
{
    return last && last->kind == delta->kind && last->block == delta->block
           && last->summary == delta->summary && !s_begins_part (delta);
}

static piece_t *
s_new_piece (br_resume_t *self, const br_delta_t *delta)
{
    self->pieces = br_realloc (self->pieces, (self->npieces + 1) * sizeof *self->pieces);
    piece_t *piece = &self->pieces[self->npieces++];
    *piece = (piece_t) { .kind = delta->kind,
                         .block = delta->block,
                         .summary = delta->summary,
                         .first_of_part = s_begins_part (delta),
                         .item_id = br_arena_text (self->arena, delta->item_id) };
    br_buf_init (&piece->text, BR_RESUME_TEXT_MAX);
    return piece;
}

static void
s_add_piece (br_resume_t *self, const br_delta_t *delta)
{
    piece_t *piece = s_last (self);
    bool goes_on = s_goes_on (piece, delta);
    if (!s_may_follow (piece, delta) || (!goes_on && self->npieces == PIECES_MAX)
        || delta->text.size > BR_RESUME_TEXT_MAX - self->bytes) {
        br_resume_spoil (self);
        return;
    }
    if (!goes_on)
        piece = s_new_piece (self, delta);
    if (delta->text.size)
        br_buf_add (&piece->text, delta->text.at, delta->text.size);
    self->bytes += delta->text.size;
}

static void
s_pass_over (br_resume_t *self, const br_delta_t *delta)
{
    (void) self;
    (void) delta;
}

//  Kinds without a row spoil it.
static void (*const s_adders[BR_DELTA_END + 1]) (br_resume_t *, const br_delta_t *) = {
    [BR_DELTA_START] = s_add_start,     [BR_DELTA_TEXT] = s_add_piece,
    [BR_DELTA_REASONING] = s_add_piece, [BR_DELTA_USAGE] = s_pass_over,
    [BR_DELTA_PING] = s_pass_over,
};

void
br_resume_add (br_resume_t *self, const br_delta_t *delta)
{
    if (self->spoilt)
        return;
    if (delta->choice == 0 && delta->kind <= BR_DELTA_END && s_adders[delta->kind])
        s_adders[delta->kind](self, delta);
    else
        br_resume_spoil (self);
}

//  Each event has one line of data.
void
br_resume_add_bytes (br_resume_t *self, const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return;
    const uint8_t *end = bytes + size;
    for (const uint8_t *line = bytes; line < end;) {
        if (end - line > 5 && memcmp (line, "data:", 5) == 0)
            self->events++;
        const uint8_t *eol = memchr (line, '\n', (size_t) (end - line));
        line = eol ? eol + 1 : end;
    }
}

//  ---- playing

static br_text_t
s_text (const piece_t *piece)
{
    return (br_text_t) { piece->text.size ? (const char *) piece->text.data : "",
                         piece->text.size };
}

void
br_resume_play (const br_resume_t *self, br_delta_fn *fn, void *arg)
{
    if (self->started)
        fn (arg, &self->start);
    for (size_t i = 0; i < self->npieces; i++) {
        const piece_t *piece = &self->pieces[i];
        fn (arg, &(br_delta_t) { .kind = piece->kind,
                                 .block = piece->block,
                                 .summary = piece->summary,
                                 .first_of_part = piece->first_of_part,
                                 .item_id = piece->item_id,
                                 .text = s_text (piece) });
    }
}

static void
s_add_played (void *arg, const br_delta_t *delta)
{
    br_resume_add (arg, delta);
}

br_resume_t *
br_resume_copy (const br_resume_t *self)
{
    br_resume_t *copy = br_resume_new (self->client, self->id, self->now);
    copy->events = self->events;
    copy->spoilt = self->spoilt;
    br_resume_play (self, s_add_played, copy);
    return copy;
}

//  ---- what it says

bool
br_resume_is_spoilt (const br_resume_t *self)
{
    return self->spoilt;
}

bool
br_resume_is_empty (const br_resume_t *self)
{
    return !self->started && !self->npieces;
}

bool
br_resume_has_text (const br_resume_t *self)
{
    const piece_t *last = s_last (self);
    return last && last->kind == BR_DELTA_TEXT;
}

br_protocol_t
br_resume_client (const br_resume_t *self)
{
    return self->client;
}

const char *
br_resume_id (const br_resume_t *self)
{
    return self->id;
}

uint64_t
br_resume_now (const br_resume_t *self)
{
    return self->now;
}

uint64_t
br_resume_events (const br_resume_t *self)
{
    return self->events;
}

br_text_t
br_resume_text (const br_resume_t *self)
{
    return br_resume_has_text (self) ? s_text (s_last (self)) : BR_TEXT ("");
}

unsigned
br_resume_blocks (const br_resume_t *self)
{
    const piece_t *last = s_last (self);
    return last ? last->block + 1 : 0;
}

//  ---- writing

static const char *
s_kind (br_delta_kind_t kind)
{
    return kind == BR_DELTA_TEXT ? "text" : "reasoning";
}

static void
s_write_piece (const piece_t *piece, json_writer_t *out)
{
    json_open (out, NULL, '{');
    json_put_string (out, "kind", s_kind (piece->kind));
    json_put_integer (out, "block", piece->block);
    json_put_bool (out, "summary", piece->summary);
    json_put_bool (out, "part", piece->first_of_part);
    json_put (out, "item_id", piece->item_id);
    json_put (out, "text", s_text (piece));
    json_close (out, '}');
}

int
br_resume_write (const br_resume_t *self, br_buf_t *out)
{
    if (self->spoilt)
        return -1;
    json_writer_t json = json_writer (out);
    json_open (&json, NULL, '{');
    json_put_integer (&json, "version", STATE_VERSION);
    json_put_string (&json, "client", br_codec_of (self->client)->label);
    json_put_string (&json, "id", self->id);
    json_put_integer (&json, "now", (int64_t) self->now);
    json_put_integer (&json, "events", (int64_t) self->events);
    if (self->started) {
        json_open (&json, "start", '{');
        json_put (&json, "id", self->start.id);
        json_put (&json, "model", self->start.model);
        json_put_integer (&json, "created", (int64_t) self->start.created);
        json_close (&json, '}');
    }
    json_open (&json, "pieces", '[');
    for (size_t i = 0; i < self->npieces; i++)
        s_write_piece (&self->pieces[i], &json);
    json_close (&json, ']');
    json_close (&json, '}');
    return out->overflow ? -1 : 0;
}

//  ---- reading

//  What is read, and from where.
typedef struct {
    br_resume_t *self;
    json_tree_t *tree;
} reading_t;

static br_text_t
s_read_text (const reading_t *in, const json_node_t *node, const char *key)
{
    return json_node_text (in->tree, json_given (in->tree, node, key), in->self->arena);
}

//  0, or -1 when it is absent or out of range.
static int
s_read_number (const reading_t *in, const json_node_t *node, const char *key,
               int64_t below, uint64_t *ret_number)
{
    int64_t number = json_node_integer (in->tree, json_given (in->tree, node, key), -1);
    if (number < 0 || number >= below)
        return -1;
    *ret_number = (uint64_t) number;
    return 0;
}

static int
s_read_client (const reading_t *in, const json_node_t *root)
{
    const json_node_t *node = json_given (in->tree, root, "client");
    for (unsigned i = 0; i < BR_PROTOCOL_COUNT; i++)
        if (json_node_is (in->tree, node, br_codec_of ((br_protocol_t) i)->label)) {
            in->self->client = (br_protocol_t) i;
            return 0;
        }
    return -1;
}

static int
s_read_id (const reading_t *in, const json_node_t *root)
{
    br_text_t id = s_read_text (in, root, "id");
    if (id.size != BR_RESUME_ID_SIZE)
        return -1;
    for (size_t i = 0; i < id.size; i++)
        if (!isalnum ((unsigned char) id.at[i]))
            return -1;
    memcpy (in->self->id, id.at, id.size);
    return 0;
}

static int
s_read_head (const reading_t *in, const json_node_t *root)
{
    uint64_t version = 0;
    if (s_read_number (in, root, "version", STATE_VERSION + 1, &version)
        || version != STATE_VERSION || s_read_client (in, root) || s_read_id (in, root)
        || s_read_number (in, root, "now", NUMBER_MAX, &in->self->now))
        return -1;
    return s_read_number (in, root, "events", UINT32_MAX, &in->self->events);
}

static int
s_read_start (const reading_t *in, const json_node_t *root)
{
    const json_node_t *start = json_given (in->tree, root, "start");
    br_delta_t delta = { .kind = BR_DELTA_START,
                         .id = s_read_text (in, start, "id"),
                         .model = s_read_text (in, start, "model") };
    if (!start)
        return 0;
    if (s_read_number (in, start, "created", NUMBER_MAX, &delta.created))
        return -1;
    br_resume_add (in->self, &delta);
    return 0;
}

static int
s_read_piece (const reading_t *in, const json_node_t *node)
{
    uint64_t block = 0;
    const json_node_t *kind = json_given (in->tree, node, "kind");
    br_delta_t delta = { .kind = BR_DELTA_TEXT,
                         .summary = json_node_bool (
                             in->tree, json_given (in->tree, node, "summary"), false),
                         .first_of_part = json_node_bool (
                             in->tree, json_given (in->tree, node, "part"), false),
                         .item_id = s_read_text (in, node, "item_id"),
                         .text = s_read_text (in, node, "text") };
    if (json_node_is (in->tree, kind, s_kind (BR_DELTA_REASONING)))
        delta.kind = BR_DELTA_REASONING;
    else if (!json_node_is (in->tree, kind, s_kind (BR_DELTA_TEXT)))
        return -1;
    if (!delta.text.at || s_read_number (in, node, "block", BLOCKS_MAX, &block))
        return -1;
    delta.block = (unsigned) block;
    br_resume_add (in->self, &delta);
    return in->self->spoilt ? -1 : 0;
}

static int
s_read (const reading_t *in, const json_node_t *root)
{
    const json_node_t *pieces = json_given (in->tree, root, "pieces");
    if (s_read_head (in, root) || s_read_start (in, root) || in->self->spoilt
        || !json_is (pieces, JSON_ARRAY) || pieces->count > PIECES_MAX)
        return -1;
    int rc = 0;
    for (const json_node_t *n = json_first (in->tree, pieces); n && rc == 0;
         n = json_next (in->tree, n))
        rc = s_read_piece (in, n);
    return rc;
}

br_resume_t *
br_resume_read (const void *bytes, size_t size, br_error_t *reterr)
{
    if (size > BR_RESUME_BYTES_MAX) {
        br_error_set (reterr, BR_EINVALID, "the state of an answer is over %u bytes",
                      BR_RESUME_BYTES_MAX);
        return NULL;
    }
    reading_t in = { .self = br_resume_new (BR_PROTOCOL_CHAT, "", 0),
                     .tree = json_tree_new () };
    const json_node_t *root = json_tree_parse (in.tree, bytes, size, NULL);
    if (!root || s_read (&in, root)) {
        br_error_set (reterr, BR_EINVALID, "the state of an answer makes no sense");
        br_resume_destroy (&in.self);
    }
    json_tree_destroy (&in.tree);
    return in.self;
}
