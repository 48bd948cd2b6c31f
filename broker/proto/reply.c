//  reply: an answer in canonical form, as the sum of its deltas.
//
//  Texts that grow lie in the arena with room to spare; what room there is stands in the
//  reply's index, beside the number that the reader gave to the block.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_tree.h"
#include "broker/proto/reply.h"

#define GROWTH_MIN 64 //  bytes of a text that begins to grow

//  Where a text grows.
typedef struct {
    char *bytes;
    size_t room; //  bytes
} growth_t;

typedef struct {
    unsigned number;
    br_block_t *block;
    growth_t text, summary, citations;
} entry_t;

typedef struct _br_reply_index_t br_reply_index_t;

struct _br_reply_index_t {
    entry_t *entries; //  numbers grow
    size_t count;
    size_t room; //  entries allocated
    growth_t logprobs;
};

static const char *const s_finishes[BR_FINISH_COUNT] = {
    [BR_FINISH_UNSET] = "unset",
    [BR_FINISH_STOP] = "stop",
    [BR_FINISH_STOP_SEQUENCE] = "stop_sequence",
    [BR_FINISH_LENGTH] = "length",
    [BR_FINISH_CONTEXT] = "context",
    [BR_FINISH_TOOL_USE] = "tool_use",
    [BR_FINISH_FILTER] = "filter",
    [BR_FINISH_REFUSAL] = "refusal",
    [BR_FINISH_PAUSE] = "pause",
    [BR_FINISH_MALFORMED] = "malformed",
};

const char *
br_finish_name (br_finish_t finish)
{
    return (unsigned) finish < BR_FINISH_COUNT ? s_finishes[finish] : "unset";
}

br_reply_t *
br_reply_new (void)
{
    br_arena_t *arena = br_arena_new ();
    br_reply_t *self = BR_ARENA_NEW (arena, br_reply_t);
    self->arena = arena;
    return self;
}

void
br_reply_destroy (br_reply_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    for (br_reply_t *reply = *self_p; reply; reply = reply->next)
        if (reply->index) {
            free (reply->index->entries);
            free (reply->index);
        }
    br_arena_t *arena = (*self_p)->arena;
    br_arena_destroy (&arena);
    *self_p = NULL;
}

br_finish_t
br_reply_finish (const br_reply_t *self)
{
    if (self->finish != BR_FINISH_STOP && self->finish != BR_FINISH_UNSET)
        return self->finish;
    for (const br_block_t *block = self->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_CALL)
            return BR_FINISH_TOOL_USE;
    return BR_FINISH_STOP;
}

//  ---- collecting

//  Appends in place; where there is no room, at a new place with twice the room.
static void
s_grow (br_text_t *text, growth_t *growth, br_text_t piece, br_arena_t *arena)
{
    size_t size = text->size + piece.size;
    if (size > growth->room || !growth->bytes) {
        growth->room = size < GROWTH_MIN ? GROWTH_MIN : 2 * size;
        growth->bytes = br_arena_take (arena, growth->room);
        if (text->size)
            memcpy (growth->bytes, text->at, text->size);
        text->at = growth->bytes;
    }
    if (piece.size)
        memcpy (growth->bytes + text->size, piece.at, piece.size);
    text->size = size;
}

//  Puts items into a JSON text that ends with tail, in front of it.
static void
s_grow_list (br_text_t *text, growth_t *growth, const char *head, br_text_t items,
             const char *tail, br_arena_t *arena)
{
    if (text->size == 0) {
        s_grow (text, growth, br_text (head), arena);
    } else {
        text->size -= strlen (tail);
        s_grow (text, growth, BR_TEXT (","), arena);
    }
    s_grow (text, growth, items, arena);
    s_grow (text, growth, br_text (tail), arena);
}

static br_reply_index_t *
s_index (br_reply_t *reply)
{
    if (!reply->index)
        reply->index = BR_NEW (br_reply_index_t);
    return reply->index;
}

//  Place of the first entry whose number is not less; mostly the last one is asked for.
static size_t
s_place (const br_reply_index_t *index, unsigned number)
{
    size_t low = 0;
    size_t high = index->count;
    if (high && index->entries[high - 1].number < number)
        return high;
    if (high && index->entries[high - 1].number == number)
        return high - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->entries[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static entry_t *
s_insert (br_reply_index_t *index, size_t place)
{
    if (index->count == index->room) {
        index->room = index->room ? 2 * index->room : 8;
        index->entries = br_realloc (index->entries, index->room * sizeof (entry_t));
    }
    entry_t *entry = &index->entries[place];
    memmove (entry + 1, entry, (index->count - place) * sizeof *entry);
    index->count++;
    *entry = (entry_t) { 0 };
    return entry;
}

//  What a delta collects into.
typedef struct {
    br_reply_t *first; //  owns the arena, counts the bytes
    br_reply_t *reply; //  of the delta's choice
    const br_delta_t *delta;
} adding_t;

//  The block of the delta's number; a new one is of this kind.
static entry_t *
s_entry (const adding_t *self, br_block_kind_t kind)
{
    br_reply_index_t *index = s_index (self->reply);
    size_t place = s_place (index, self->delta->block);
    if (place < index->count && index->entries[place].number == self->delta->block)
        return &index->entries[place];
    entry_t *entry = s_insert (index, place);
    entry->number = self->delta->block;
    entry->block = br_block_add (&self->reply->blocks, kind, self->first->arena);
    self->first->bytes += sizeof *entry + sizeof *entry->block;
    return entry;
}

static void
s_add_text (const adding_t *self, br_block_kind_t kind)
{
    entry_t *entry = s_entry (self, kind);
    br_arena_t *arena = self->first->arena;
    if (self->delta->item_id.size && !entry->block->item_id.size)
        entry->block->item_id = br_arena_text (arena, self->delta->item_id);
    s_grow (&entry->block->text, &entry->text, self->delta->text, arena);
}

static void
s_on_text (const adding_t *self)
{
    s_add_text (self, BR_BLOCK_TEXT);
}

static void
s_on_refusal (const adding_t *self)
{
    s_add_text (self, BR_BLOCK_REFUSAL);
}

static void
s_on_reasoning (const adding_t *self)
{
    if (!self->delta->summary) {
        s_add_text (self, BR_BLOCK_REASONING);
        return;
    }
    entry_t *entry = s_entry (self, BR_BLOCK_REASONING);
    br_arena_t *arena = self->first->arena;
    br_block_t *block = entry->block;
    if (self->delta->item_id.size && !block->item_id.size)
        block->item_id = br_arena_text (arena, self->delta->item_id);
    if (self->delta->first_of_part && block->summary.size)
        s_grow (&block->summary, &entry->summary, BR_TEXT ("\n\n"), arena);
    s_grow (&block->summary, &entry->summary, self->delta->text, arena);
}

static void
s_on_opaque (const adding_t *self)
{
    const br_opaque_t *from = self->delta->opaque;
    if (!from)
        return;
    br_arena_t *arena = self->first->arena;
    entry_t *entry = s_entry (self, from->kind == BR_OPAQUE_THOUGHT ? BR_BLOCK_TEXT
                                                                    : BR_BLOCK_REASONING);
    br_opaque_t *opaque = br_opaque_add (&entry->block->opaques, from->family, from->kind,
                                         br_arena_text (arena, from->bytes), arena);
    opaque->model = br_arena_text (arena, from->model);
    opaque->id = br_arena_text (arena, from->id);
    self->first->bytes += sizeof *opaque + from->bytes.size + from->model.size
                          + from->id.size;
}

static void
s_on_citation (const adding_t *self)
{
    entry_t *entry = s_entry (self, BR_BLOCK_TEXT);
    entry->block->family = self->delta->family;
    s_grow_list (&entry->block->citations, &entry->citations, "[", self->delta->raw, "]",
                 self->first->arena);
}

//  A blob may have come first, and have made a text of it.
static void
s_on_call (const adding_t *self)
{
    br_arena_t *arena = self->first->arena;
    const br_delta_t *delta = self->delta;
    br_block_t *block = s_entry (self, BR_BLOCK_CALL)->block;
    block->kind = BR_BLOCK_CALL;
    if (delta->id.size)
        block->id = br_arena_text (arena, delta->id);
    if (delta->name.size)
        block->name = br_arena_text (arena, delta->name);
    if (delta->item_id.size)
        block->item_id = br_arena_text (arena, delta->item_id);
    block->custom = delta->custom;
}

static void
s_on_args (const adding_t *self)
{
    s_add_text (self, BR_BLOCK_CALL);
}

static void
s_on_media (const adding_t *self)
{
    const br_media_t *media = self->delta->media;
    if (!media)
        return;
    br_arena_t *arena = self->first->arena;
    br_block_t *block = s_entry (self, self->delta->media_kind)->block;
    block->media.url = br_arena_text (arena, media->url);
    block->media.data = br_arena_text (arena, media->data);
    block->media.file_id = br_arena_text (arena, media->file_id);
    block->media.mime = br_arena_text (arena, media->mime);
    block->media.name = br_arena_text (arena, media->name);
    block->media.detail = br_arena_text (arena, media->detail);
    self->first->bytes += media->url.size + media->data.size;
}

static void
s_on_hosted (const adding_t *self)
{
    br_block_t *block = s_entry (self, BR_BLOCK_HOSTED)->block;
    block->raw = br_arena_text (self->first->arena, self->delta->raw);
    block->family = self->delta->family;
}

//  The pieces of a stream hold one list each, of which one list is made.
static void
s_on_logprobs (const adding_t *self)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, self->delta->raw.at,
                                               self->delta->raw.size, NULL);
    const json_node_t *content = json_given (tree, root, "content");
    if (json_is (content, JSON_ARRAY) && content->count) {
        br_text_t items = json_raw (tree, content);
        items.at++;
        items.size -= 2;
        s_grow_list (&self->reply->logprobs, &s_index (self->reply)->logprobs,
                     "{\"content\":[", items, "],\"refusal\":null}", self->first->arena);
    }
    json_tree_destroy (&tree);
}

static void
s_on_start (const adding_t *self)
{
    br_reply_t *reply = self->reply;
    br_arena_t *arena = self->first->arena;
    if (self->delta->id.size && !reply->id.size)
        reply->id = br_arena_text (arena, self->delta->id);
    if (self->delta->model.size && !reply->model.size)
        reply->model = br_arena_text (arena, self->delta->model);
    if (self->delta->created)
        reply->created = self->delta->created;
}

static void
s_on_usage (const adding_t *self)
{
    self->first->usage = self->delta->usage;
}

static void
s_on_finish (const adding_t *self)
{
    br_arena_t *arena = self->first->arena;
    self->reply->finish = self->delta->finish;
    self->reply->native_finish = br_arena_text (arena, self->delta->native);
    self->reply->stop_sequence = br_arena_text (arena, self->delta->stop_sequence);
}

typedef struct {
    void (*add) (const adding_t *adding); //  NULL: there is nothing to collect
    bool makes;                           //  a choice that is not there yet
} row_t;

static const row_t s_rows[] = {
    [BR_DELTA_START] = { s_on_start, false },
    [BR_DELTA_TEXT] = { s_on_text, true },
    [BR_DELTA_REFUSAL] = { s_on_refusal, true },
    [BR_DELTA_REASONING] = { s_on_reasoning, true },
    [BR_DELTA_OPAQUE] = { s_on_opaque, true },
    [BR_DELTA_CITATION] = { s_on_citation, true },
    [BR_DELTA_CALL] = { s_on_call, true },
    [BR_DELTA_ARGS] = { s_on_args, true },
    [BR_DELTA_MEDIA] = { s_on_media, true },
    [BR_DELTA_HOSTED] = { s_on_hosted, true },
    [BR_DELTA_LOGPROBS] = { s_on_logprobs, true },
    [BR_DELTA_USAGE] = { s_on_usage, false },
    [BR_DELTA_FINISH] = { s_on_finish, true },
    [BR_DELTA_PING] = { NULL, false },
    [BR_DELTA_ERROR] = { NULL, false },
    [BR_DELTA_END] = { NULL, false },
};

//  The reply of a choice, or where it would be linked in.
static br_reply_t **
s_choice (br_reply_t **at, unsigned choice)
{
    while (*at && (*at)->choice != choice)
        at = &(*at)->next;
    return at;
}

int
br_reply_add (br_reply_t *self, const br_delta_t *delta, br_error_t *reterr)
{
    if ((unsigned) delta->kind >= sizeof s_rows / sizeof s_rows[0])
        return 0;
    const row_t *row = &s_rows[delta->kind];
    br_reply_t *first = self;
    br_reply_t **at = s_choice (&first, delta->choice);
    if (!row->add || (!*at && !row->makes && delta->kind != BR_DELTA_USAGE))
        return 0;
    self->bytes += delta->text.size + delta->raw.size + delta->id.size + delta->name.size
                   + delta->native.size;
    if (!*at && row->makes) {
        *at = BR_ARENA_NEW (self->arena, br_reply_t);
        (*at)->arena = self->arena;
        (*at)->choice = delta->choice;
        self->bytes += sizeof **at;
    }
    if (self->bytes > BR_REPLY_BYTES_MAX)
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider's answer is over %u bytes",
                             BR_REPLY_BYTES_MAX);
    row->add (&(adding_t) { self, *at, delta });
    return 0;
}
