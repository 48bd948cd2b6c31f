//  responses_stream_items: the items of a streamed answer.
//
//  What an event belongs to is told by its output_index alone: some servers give an item
//  another id in each event. A block is an item, or a part of a message; what was said of
//  it so far is counted, so that the whole text that ends it adds what the pieces left
//  out, and nothing twice. A plain piece of text is handed on where it lies.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/responses/responses_stream_parts.h"

//  ---- items and their blocks

responses_entry_t *
responses_item_at (responses_reader_t *self, int64_t index)
{
    if (index < 0 || index >= RESPONSES_ITEMS_MAX)
        return NULL;
    if ((size_t) index >= self->room) {
        size_t room = 2 * (size_t) index + 16;
        self->items = br_realloc (self->items, room * sizeof *self->items);
        memset (self->items + self->room, 0, (room - self->room) * sizeof *self->items);
        self->room = room;
    }
    self->seen = true;
    return &self->items[index];
}

//  The item of an event. NULL: it names none, or one out of bounds.
static responses_entry_t *
s_item (responses_reader_t *self, const json_node_t *event)
{
    const json_node_t *index = json_given (self->tree, event, "output_index");
    return responses_item_at (self, json_node_integer (self->tree, index, -1));
}

static responses_entry_kind_t
s_kind (responses_reader_t *self, const json_node_t *node, bool *ret_custom)
{
    static const struct {
        const char *type;
        responses_entry_kind_t kind;
    } rows[] = {
        { "message", RESPONSES_ENTRY_MESSAGE },
        { "reasoning", RESPONSES_ENTRY_REASONING },
        { "function_call", RESPONSES_ENTRY_CALL },
        { "custom_tool_call", RESPONSES_ENTRY_CALL },
    };
    const json_node_t *type = json_get (self->tree, node, "type");
    *ret_custom = json_node_is (self->tree, type, "custom_tool_call");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (json_node_is (self->tree, type, rows[i].type))
            return rows[i].kind;
    return RESPONSES_ENTRY_HOSTED;
}

//  The block of an item goes on while no other has begun; but calls may overlap.
static bool
s_goes_on (const responses_reader_t *self, const responses_entry_t *item)
{
    return item->begun
           && (item->kind == RESPONSES_ENTRY_CALL || item->block + 1 == self->blocks);
}

//  Returns whether it is the first block of the item.
static bool
s_begin_block (responses_reader_t *self, responses_entry_t *item)
{
    bool first = !item->begun;
    if (!s_goes_on (self, item)) {
        item->begun = true;
        item->block = self->blocks++;
    }
    return first;
}

static void
s_mark (uint64_t *bits, int64_t part)
{
    if (part >= 0 && part < 64)
        *bits |= (uint64_t) 1 << part;
}

static bool
s_is_marked (uint64_t bits, int64_t part)
{
    return part < 0 || part >= 64 || (bits >> part & 1);
}

//  ---- pieces of text

//  What a piece is of.
typedef struct {
    br_delta_kind_t kind; //  TEXT, REFUSAL, REASONING
    const char *index;    //  the member with the part's number
    bool summary;
    const char *whole; //  the member with the whole text of a part
} piece_t;

static const piece_t s_pieces[RESPONSES_PIECES] = {
    [RESPONSES_PIECE_SAID] = { BR_DELTA_TEXT, "content_index", false, "text" },
    [RESPONSES_PIECE_REFUSAL] = { BR_DELTA_REFUSAL, "content_index", false, "refusal" },
    [RESPONSES_PIECE_THOUGHT] = { BR_DELTA_REASONING, "content_index", false, "text" },
    [RESPONSES_PIECE_SUMMARY] = { BR_DELTA_REASONING, "summary_index", true, "text" },
};

//  Makes this part the one that is open.
static void
s_turn_to (responses_reader_t *self, responses_entry_t *item, const piece_t *piece,
           int64_t part)
{
    uint64_t *bits = piece->summary ? &item->thoughts : &item->parts;
    bool same = item->begun && item->part == part && item->summary == piece->summary;
    if (same || s_is_marked (*bits, part)) {
        s_mark (bits, part);
        return;
    }
    //  a message has a block for each part, reasoning is one in all
    if (piece->kind != BR_DELTA_REASONING && item->begun
        && item->block + 1 == self->blocks)
        self->blocks++, item->block++;
    item->part = part;
    item->summary = piece->summary;
    item->sent = 0;
    s_mark (bits, part);
}

static void
s_say_piece (responses_reader_t *self, responses_entry_t *item, const piece_t *piece,
             br_text_t text, br_text_t id)
{
    if (!text.size)
        return;
    bool first = s_begin_block (self, item);
    responses_event_say (self, &(br_delta_t) {
                                   .kind = piece->kind,
                                   .block = item->block,
                                   .text = text,
                                   .summary = piece->summary,
                                   .first_of_part = piece->summary && item->sent == 0,
                                   .item_id = first ? id : BR_TEXT_NONE,
                               });
    item->sent += text.size;
    if (piece->kind == BR_DELTA_REFUSAL)
        self->refused = true;
}

//  whole: they are those of all of the part, and said where no piece had any
static void
s_say_logprobs (responses_reader_t *self, responses_entry_t *item, int64_t part,
                const json_node_t *of, bool whole)
{
    const json_node_t *list = json_given (self->tree, of, "logprobs");
    br_buf_t *buf = &self->texts[RESPONSES_TEXT_LOGPROBS];
    bool told = whole && s_is_marked (item->likely, part);
    if (!json_is (list, JSON_ARRAY) || list->count == 0 || told || !item->begun)
        return;
    s_mark (&item->likely, part);
    br_buf_clear (buf);
    json_writer_t w = json_writer (buf);
    responses_put_chat_logprobs (&w, self->tree, list);
    if (!buf->overflow)
        responses_event_say (
            self, &(br_delta_t) { .kind = BR_DELTA_LOGPROBS,
                                  .raw = { (const char *) buf->data, buf->size } });
}

static int64_t
s_part_of (responses_reader_t *self, const json_node_t *event, const piece_t *piece)
{
    return json_node_integer (self->tree, json_given (self->tree, event, piece->index),
                              0);
}

static void
s_add_piece (responses_reader_t *self, const json_node_t *event, const piece_t *piece)
{
    responses_entry_t *item = s_item (self, event);
    if (!item || item->done)
        return;
    if (item->kind == RESPONSES_ENTRY_NONE)
        item->kind = piece->kind == BR_DELTA_REASONING ? RESPONSES_ENTRY_REASONING
                                                       : RESPONSES_ENTRY_MESSAGE;
    s_turn_to (self, item, piece, s_part_of (self, event, piece));
    s_say_piece (self, item, piece,
                 responses_event_member (self, event, "delta", RESPONSES_TEXT_PIECE),
                 responses_event_member (self, event, "item_id", RESPONSES_TEXT_ITEM));
    if (piece->kind == BR_DELTA_TEXT)
        s_say_logprobs (self, item, s_part_of (self, event, piece), event, false);
}

//  The whole text of a part: what the pieces left out is said now.
static void
s_fill (responses_reader_t *self, responses_entry_t *item, const piece_t *piece,
        int64_t part, br_text_t whole, br_text_t id)
{
    uint64_t bits = piece->summary ? item->thoughts : item->parts;
    bool open = item->begun && item->part == part && item->summary == piece->summary;
    if (!whole.size || (!open && s_is_marked (bits, part)))
        return;
    s_turn_to (self, item, piece, part);
    if (item->sent >= whole.size)
        return;
    whole.at += item->sent;
    whole.size -= item->sent;
    s_say_piece (self, item, piece, whole, id);
}

static void
s_end_piece (responses_reader_t *self, const json_node_t *event, const piece_t *piece)
{
    responses_entry_t *item = s_item (self, event);
    if (!item || item->done)
        return;
    if (item->kind == RESPONSES_ENTRY_NONE)
        item->kind = piece->kind == BR_DELTA_REASONING ? RESPONSES_ENTRY_REASONING
                                                       : RESPONSES_ENTRY_MESSAGE;
    s_fill (self, item, piece, s_part_of (self, event, piece),
            responses_event_member (self, event, piece->whole, RESPONSES_TEXT_PIECE),
            responses_event_member (self, event, "item_id", RESPONSES_TEXT_ITEM));
    if (piece->kind == BR_DELTA_TEXT)
        s_say_logprobs (self, item, s_part_of (self, event, piece), event, true);
}

void
responses_on_piece (responses_reader_t *self, const json_node_t *event,
                    responses_piece_t piece, bool done)
{
    if (done)
        s_end_piece (self, event, &s_pieces[piece]);
    else
        s_add_piece (self, event, &s_pieces[piece]);
}

static void
s_say_citation (responses_reader_t *self, responses_entry_t *item,
                const json_node_t *note)
{
    s_begin_block (self, item);
    item->noted = true;
    responses_event_say (self, &(br_delta_t) {
                                   .kind = BR_DELTA_CITATION,
                                   .block = item->block,
                                   .raw = json_raw (self->tree, note),
                                   .family = BR_FAMILY_OPENAI,
                               });
}

int
responses_on_annotation (responses_reader_t *self, const json_node_t *event)
{
    responses_entry_t *item = s_item (self, event);
    const json_node_t *note = json_given (self->tree, event, "annotation");
    if (item && !item->done && json_is (note, JSON_OBJECT))
        s_say_citation (self, item, note);
    return 0;
}

//  ---- calls

//  Says that a call begins, as soon as its name is known.
static void
s_begin_call (responses_reader_t *self, responses_entry_t *item, const json_node_t *node)
{
    br_text_t name = responses_event_member (self, node, "name", RESPONSES_TEXT_NAME);
    if (item->told || !name.size)
        return;
    s_begin_block (self, item);
    item->told = true;
    self->called = true;
    responses_event_say (
        self,
        &(br_delta_t) {
            .kind = BR_DELTA_CALL,
            .block = item->block,
            .id = responses_event_member (self, node, "call_id", RESPONSES_TEXT_ID),
            .name = name,
            .custom = item->custom,
            .item_id = responses_event_member (self, node, "id", RESPONSES_TEXT_ITEM),
        });
}

static void
s_say_args (responses_reader_t *self, responses_entry_t *item, br_text_t text)
{
    if (!item->told || !text.size)
        return;
    responses_event_say (self, &(br_delta_t) {
                                   .kind = BR_DELTA_ARGS,
                                   .block = item->block,
                                   .text = text,
                               });
    item->sent += text.size;
}

static void
s_fill_args (responses_reader_t *self, responses_entry_t *item, br_text_t whole)
{
    if (item->sent >= whole.size)
        return;
    whole.at += item->sent;
    whole.size -= item->sent;
    s_say_args (self, item, whole);
}

int
responses_on_args_delta (responses_reader_t *self, const json_node_t *event)
{
    responses_entry_t *item = s_item (self, event);
    if (item && !item->done && item->kind == RESPONSES_ENTRY_CALL)
        s_say_args (self, item,
                    responses_event_member (self, event, "delta", RESPONSES_TEXT_PIECE));
    return 0;
}

int
responses_on_args_done (responses_reader_t *self, const json_node_t *event)
{
    responses_entry_t *item = s_item (self, event);
    if (item && !item->done && item->kind == RESPONSES_ENTRY_CALL)
        s_fill_args (self, item,
                     responses_event_member (self, event,
                                             item->custom ? "input" : "arguments",
                                             RESPONSES_TEXT_PIECE));
    return 0;
}

//  ---- whole items

static void
s_end_message (responses_reader_t *self, responses_entry_t *item, const json_node_t *node)
{
    int64_t part = 0;
    br_text_t id = responses_event_member (self, node, "id", RESPONSES_TEXT_ITEM);
    const json_node_t *content = json_given (self->tree, node, "content");
    for (const json_node_t *n = json_first (self->tree, content); n;
         n = json_next (self->tree, n), part++) {
        bool refusal = json_node_is (self->tree, json_get (self->tree, n, "type"),
                                     "refusal");
        const piece_t *piece = refusal ? &s_pieces[RESPONSES_PIECE_REFUSAL]
                                       : &s_pieces[RESPONSES_PIECE_SAID];
        s_fill (self, item, piece, part,
                responses_event_member (self, n, piece->whole, RESPONSES_TEXT_PIECE), id);
        s_say_logprobs (self, item, part, n, true);
        const json_node_t *notes = json_given (self->tree, n, "annotations");
        if (item->noted || item->part != part || !json_is (notes, JSON_ARRAY))
            continue;
        for (const json_node_t *note = json_first (self->tree, notes); note;
             note = json_next (self->tree, note))
            s_say_citation (self, item, note);
        item->noted = false;
    }
}

static void
s_end_parts (responses_reader_t *self, responses_entry_t *item, const json_node_t *parts,
             const piece_t *piece, br_text_t id)
{
    int64_t part = 0;
    for (const json_node_t *n = json_first (self->tree, parts); n;
         n = json_next (self->tree, n))
        s_fill (self, item, piece, part++,
                responses_event_member (self, n, "text", RESPONSES_TEXT_PIECE), id);
}

static void
s_end_reasoning (responses_reader_t *self, responses_entry_t *item,
                 const json_node_t *node)
{
    br_text_t id = responses_event_member (self, node, "id", RESPONSES_TEXT_ITEM);
    s_end_parts (self, item, json_given (self->tree, node, "summary"),
                 &s_pieces[RESPONSES_PIECE_SUMMARY], id);
    s_end_parts (self, item, json_given (self->tree, node, "content"),
                 &s_pieces[RESPONSES_PIECE_THOUGHT], id);
    br_text_t bytes = responses_event_member (self, node, "encrypted_content",
                                              RESPONSES_TEXT_PIECE);
    if (!bytes.size)
        return;
    br_opaque_t opaque = {
        .family = BR_FAMILY_OPENAI,
        .kind = BR_OPAQUE_ENCRYPTED,
        .bytes = bytes,
        .id = id,
    };
    bool first = s_begin_block (self, item);
    responses_event_say (self, &(br_delta_t) {
                                   .kind = BR_DELTA_OPAQUE,
                                   .block = item->block,
                                   .opaque = &opaque,
                                   .item_id = first ? id : BR_TEXT_NONE,
                               });
}

//  Arguments that are empty or no JSON do not tell by themselves that they are whole.
static void
s_end_call (responses_reader_t *self, responses_entry_t *item, const json_node_t *node)
{
    s_begin_call (self, item, node);
    s_fill_args (self, item,
                 responses_event_member (self, node, item->custom ? "input" : "arguments",
                                         RESPONSES_TEXT_PIECE));
    if (item->told && (item->custom || item->sent == 0))
        responses_event_say (
            self,
            &(br_delta_t) { .kind = BR_DELTA_ARGS, .block = item->block, .last = true });
}

static void
s_end_hosted (responses_reader_t *self, responses_entry_t *item, const json_node_t *node)
{
    if (!json_is (json_get (self->tree, node, "type"), JSON_STRING))
        return;
    s_begin_block (self, item);
    responses_event_say (self, &(br_delta_t) {
                                   .kind = BR_DELTA_HOSTED,
                                   .block = item->block,
                                   .raw = json_raw (self->tree, node),
                                   .family = BR_FAMILY_OPENAI,
                                   .item_id = responses_event_member (
                                       self, node, "id", RESPONSES_TEXT_ITEM),
                               });
}

void
responses_item_end (responses_reader_t *self, responses_entry_t *item,
                    const json_node_t *node)
{
    static void (*const ends[]) (responses_reader_t * self, responses_entry_t * item,
                                 const json_node_t *node) = {
        [RESPONSES_ENTRY_MESSAGE] = s_end_message,
        [RESPONSES_ENTRY_REASONING] = s_end_reasoning,
        [RESPONSES_ENTRY_CALL] = s_end_call,
        [RESPONSES_ENTRY_HOSTED] = s_end_hosted,
    };
    if (item->done || !json_is (node, JSON_OBJECT))
        return;
    bool open = item->kind == RESPONSES_ENTRY_NONE
                || item->kind == RESPONSES_ENTRY_HOSTED;
    if (open)
        item->kind = s_kind (self, node, &item->custom);
    ends[item->kind](self, item, node);
    item->done = true;
}

int
responses_on_item_added (responses_reader_t *self, const json_node_t *event)
{
    responses_entry_t *item = s_item (self, event);
    const json_node_t *node = json_given (self->tree, event, "item");
    if (!item || item->kind != RESPONSES_ENTRY_NONE || !json_is (node, JSON_OBJECT))
        return 0;
    item->kind = s_kind (self, node, &item->custom);
    if (item->kind == RESPONSES_ENTRY_CALL)
        s_begin_call (self, item, node);
    return 0;
}

int
responses_on_item_done (responses_reader_t *self, const json_node_t *event)
{
    responses_entry_t *item = s_item (self, event);
    if (item)
        responses_item_end (self, item, json_given (self->tree, event, "item"));
    return 0;
}
