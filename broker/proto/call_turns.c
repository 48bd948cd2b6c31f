//  call_turns: brings the turns of a call into the form that all targets want.
//
//  Calls are gathered once in the order of the request, and sorted by id and by name, so
//  that each result finds its call in a few steps however many there are. Results are
//  then taken out of their turns and put back behind their calls.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/call.h"

#define MADE_ID_SIZE 24 //  characters behind "call_"
#define NO_RESULT "(no result: interrupted)"

//  One call of a tool, and its place in the order of all blocks.
typedef struct {
    br_block_t *block;
    br_block_t *result;
    br_turn_t *turn;
    br_text_t id; //  as the client gave it
    size_t place;
} site_t;

//  Sites of one key, in the order of the request. used: of those at `first` and behind
//  it, how many have got their result.
typedef struct {
    site_t *site;
    size_t used; //  counts at the first of a key alone
} entry_t;

typedef struct {
    br_call_t *call;
    br_loss_t **losses;
    site_t *sites;
    size_t count;
    size_t used; //  sites from the first on that have got their result
    entry_t *by_id;
    entry_t *by_name;
} settling_t;

typedef br_text_t (key_fn) (const site_t *site);

static br_text_t
s_key_id (const site_t *site)
{
    return site->id;
}

static br_text_t
s_key_name (const site_t *site)
{
    return site->block->name;
}

static int
s_compare_texts (br_text_t a, br_text_t b)
{
    size_t least = a.size < b.size ? a.size : b.size;
    int order = least ? memcmp (a.at, b.at, least) : 0;
    if (order == 0)
        order = (a.size > b.size) - (a.size < b.size);
    return order;
}

static int
s_compare (const void *a, const void *b, key_fn *key)
{
    const site_t *left = ((const entry_t *) a)->site;
    const site_t *right = ((const entry_t *) b)->site;
    int order = s_compare_texts (key (left), key (right));
    if (order == 0)
        order = (left->place > right->place) - (left->place < right->place);
    return order;
}

static int
s_compare_ids (const void *a, const void *b)
{
    return s_compare (a, b, s_key_id);
}

static int
s_compare_names (const void *a, const void *b)
{
    return s_compare (a, b, s_key_name);
}

//  The first entry of a key, or NULL.
static entry_t *
s_first_of (entry_t *entries, size_t count, br_text_t text, key_fn *key)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s_compare_texts (key (entries[middle].site), text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || !br_text_equal (key (entries[low].site), text))
        return NULL;
    return &entries[low];
}

//  ---- turns

static void
s_forget_last (br_call_t *call)
{
    call->last_turn = NULL;
}

static void
s_remove_empty (br_call_t *call)
{
    br_turn_t **at = &call->turns;
    while (*at) {
        if ((*at)->blocks)
            at = &(*at)->next;
        else
            *at = (*at)->next;
    }
    s_forget_last (call);
}

static br_block_t **
s_end_of (br_block_t **list)
{
    while (*list)
        list = &(*list)->next;
    return list;
}

static void
s_note_turn (settling_t *self, const br_turn_t *turn, const char *what)
{
    br_arena_t *arena = self->call->arena;
    br_text_t path = turn->path.size ? turn->path : BR_TEXT ("messages");
    br_loss_add (self->losses, arena,
                 br_arena_textf (arena, "%.*s%s", (int) path.size, path.at, what), false);
}

//  A merged turn has no speaker's name unless both had the same.
static void
s_merge (settling_t *self)
{
    br_turn_t *turn = self->call->turns;
    br_block_t **end = NULL;
    while (turn && turn->next) {
        br_turn_t *next = turn->next;
        if (turn->role == BR_TURN_SYSTEM || turn->role != next->role) {
            turn = next;
            end = NULL;
            continue;
        }
        if (!br_text_equal (turn->name, next->name)) {
            s_note_turn (self, turn->name.size ? turn : next, ".name");
            turn->name = BR_TEXT_NONE;
        }
        end = s_end_of (end ? end : &turn->blocks);
        *end = next->blocks;
        if (turn->blocks)
            turn->blocks->first = NULL;
        turn->next = next->next;
    }
    s_forget_last (self->call);
}

//  ---- calls

static size_t
s_count_calls (const br_call_t *call)
{
    size_t count = 0;
    for (const br_turn_t *turn = call->turns; turn; turn = turn->next)
        for (const br_block_t *block = turn->blocks; block; block = block->next)
            count += block->kind == BR_BLOCK_CALL;
    return count;
}

//  The same in every request that holds the call at the same place.
static br_text_t
s_make_id (br_text_t name, size_t number, br_arena_t *arena)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    char hex[2 * sizeof hash + 1];
    br_text_t seed = br_arena_textf (arena, "%zu:%.*s", number, (int) name.size, name.at);
    crypto_generichash (hash, sizeof hash, (const uint8_t *) seed.at, seed.size, NULL, 0);
    sodium_bin2hex (hex, sizeof hex, hash, sizeof hash);
    return br_arena_textf (arena, "call_%.*s", MADE_ID_SIZE, hex);
}

static void
s_gather (settling_t *self)
{
    br_call_t *call = self->call;
    size_t place = 0;
    size_t n = 0;
    for (br_turn_t *turn = call->turns; turn; turn = turn->next)
        for (br_block_t *block = turn->blocks; block; block = block->next, place++) {
            if (block->kind != BR_BLOCK_CALL)
                continue;
            self->sites[n] = (site_t) { block, NULL, turn, block->id, place };
            self->by_id[n].site = self->by_name[n].site = &self->sites[n];
            n++;
        }
    qsort (self->by_id, n, sizeof *self->by_id, s_compare_ids);
    qsort (self->by_name, n, sizeof *self->by_name, s_compare_names);
}

//  ---- results

//  The next site of a key that waits for its result, or NULL.
static site_t *
s_next_of (settling_t *self, entry_t *entries, br_text_t text, key_fn *key)
{
    entry_t *first = s_first_of (entries, self->count, text, key);
    if (!first)
        return NULL;
    const entry_t *end = entries + self->count;
    entry_t *entry = first + first->used;
    while (entry < end && entry->site->result && br_text_equal (key (entry->site), text))
        entry++;
    first->used = (size_t) (entry - first);
    if (entry == end || !br_text_equal (key (entry->site), text))
        return NULL;
    return entry->site;
}

static site_t *
s_next_of_all (settling_t *self)
{
    while (self->used < self->count && self->sites[self->used].result)
        self->used++;
    return self->used < self->count ? &self->sites[self->used] : NULL;
}

//  By id; else by name, among calls without an id if the result has one.
static site_t *
s_site_of (settling_t *self, const br_block_t *result)
{
    bool has_id = result->id.size > 0;
    site_t *site = NULL;
    if (has_id)
        site = s_next_of (self, self->by_id, result->id, s_key_id);
    if (!site && result->name.size) {
        site = s_next_of (self, self->by_name, result->name, s_key_name);
        if (site && has_id && site->id.size)
            site = NULL;
    }
    if (!site && !has_id && !result->name.size)
        site = s_next_of_all (self);
    return site;
}

static void
s_note_orphan (settling_t *self, const br_turn_t *turn, const br_block_t *result)
{
    if (result->path.size)
        br_loss_add (self->losses, self->call->arena, result->path, false);
    else
        s_note_turn (self, turn, "");
}

//  Takes all results out of their turns and hands them to their calls.
static void
s_take_results (settling_t *self)
{
    size_t place = 0;
    for (br_turn_t *turn = self->call->turns; turn; turn = turn->next) {
        br_block_t **at = &turn->blocks;
        bool cut = false;
        for (; *at; place++) {
            br_block_t *block = *at;
            if (block->kind != BR_BLOCK_RESULT) {
                at = &block->next;
                continue;
            }
            *at = block->next;
            block->next = NULL;
            block->first = NULL;
            cut = true;
            site_t *site = s_site_of (self, block);
            if (site && site->place < place)
                site->result = block;
            else
                s_note_orphan (self, turn, block);
        }
        if (cut && turn->blocks)
            turn->blocks->first = NULL;
    }
}

//  The last user turn there was, before results were taken out of turns.
static const br_turn_t *
s_last_user (const br_call_t *call)
{
    const br_turn_t *last = NULL;
    for (const br_turn_t *turn = call->turns; turn; turn = turn->next)
        if (turn->role == BR_TURN_USER)
            last = turn;
    return last;
}

static void
s_make_missing (settling_t *self, const br_turn_t *last_user)
{
    size_t i = 0;
    for (br_turn_t *turn = self->call->turns; turn && turn != last_user;
         turn = turn->next)
        for (; i < self->count && self->sites[i].turn == turn; i++) {
            site_t *site = &self->sites[i];
            if (site->result)
                continue;
            br_arena_t *arena = self->call->arena;
            br_block_add (&site->result, BR_BLOCK_RESULT, arena)->error = true;
            br_block_add (&site->result->blocks, BR_BLOCK_TEXT, arena)->text = BR_TEXT (
                NO_RESULT);
            site->result->path = site->block->path;
            br_text_t path = site->block->path.size ? site->block->path : turn->path;
            br_loss_add (self->losses, arena, path.size ? path : BR_TEXT ("messages"),
                         true);
        }
}

//  Results stand first in the user turn behind their calls.
static void
s_put_results (settling_t *self)
{
    for (size_t i = 0; i < self->count;) {
        br_turn_t *turn = self->sites[i].turn;
        br_block_t *list = NULL;
        br_block_t **end = &list;
        for (; i < self->count && self->sites[i].turn == turn; i++)
            if (self->sites[i].result) {
                *end = self->sites[i].result;
                end = &(*end)->next;
            }
        if (!list)
            continue;
        if (!turn->next || turn->next->role != BR_TURN_USER) {
            br_turn_t *between = BR_ARENA_NEW (self->call->arena, br_turn_t);
            between->role = BR_TURN_USER;
            between->path = list->path;
            between->next = turn->next;
            turn->next = between;
        }
        *end = turn->next->blocks;
        list->first = NULL;
        turn->next->blocks = list;
    }
}

//  ---- ids

//  A second call of an id gets a suffix, which no other call has.
//  ret:  the number of the suffix, from `number` on
static size_t
s_rename (settling_t *self, site_t *site, size_t number)
{
    br_arena_t *arena = self->call->arena;
    for (;; number++) {
        br_text_t id = br_arena_textf (arena, "%.*s_%zu", (int) site->id.size,
                                       site->id.at, number);
        if (s_first_of (self->by_id, self->count, id, s_key_id))
            continue;
        site->block->id = id;
        return number;
    }
}

static void
s_name_calls (settling_t *self)
{
    for (size_t i = 0, number = 1; i < self->count; i++) {
        site_t *site = self->by_id[i].site;
        bool again = i > 0 && br_text_equal (site->id, self->by_id[i - 1].site->id);
        if (!again)
            number = 1;
        if (site->id.size == 0)
            site->block->id = s_make_id (site->block->name, (size_t) (site - self->sites),
                                         self->call->arena);
        else if (again)
            number = s_rename (self, site, number + 1);
    }
    for (size_t i = 0; i < self->count; i++) {
        const br_block_t *block = self->sites[i].block;
        br_block_t *result = self->sites[i].result;
        if (!result)
            continue;
        result->id = block->id;
        result->name = block->name;
        result->custom = block->custom;
    }
}

void
br_call_settle_turns (br_call_t *call, br_loss_t **losses)
{
    settling_t self = { .call = call, .losses = losses };
    s_remove_empty (call);
    s_merge (&self);
    self.count = s_count_calls (call);
    self.sites = br_alloc (self.count + 1, sizeof *self.sites);
    self.by_id = br_alloc (self.count + 1, sizeof *self.by_id);
    self.by_name = br_alloc (self.count + 1, sizeof *self.by_name);
    s_gather (&self);
    const br_turn_t *last_user = s_last_user (call);
    s_take_results (&self);
    if (last_user)
        s_make_missing (&self, last_user);
    s_name_calls (&self);
    s_put_results (&self);
    free (self.by_name);
    free (self.by_id);
    free (self.sites);
    s_remove_empty (call);
    s_merge (&self);
}

//  ---- results that hold what only one provider knows

static bool
s_holds_hosted (const br_block_t *result)
{
    if (result->kind != BR_BLOCK_RESULT)
        return false;
    for (const br_block_t *part = result->blocks; part; part = part->next)
        if (part->kind == BR_BLOCK_HOSTED)
            return true;
    return false;
}

static void
s_spell (br_block_t *result, br_arena_t *arena, br_loss_t **losses)
{
    br_block_t **at = &result->blocks;
    for (const br_block_t *part = result->blocks; part; part = part->next) {
        *at = BR_ARENA_NEW (arena, br_block_t);
        **at = *part;
        if (part->kind == BR_BLOCK_HOSTED) {
            br_text_t path = part->path.size ? part->path : result->path;
            (*at)->kind = BR_BLOCK_TEXT;
            (*at)->text = part->raw;
            br_loss_add (losses, arena, path.size ? path : BR_TEXT ("messages"), true);
        }
        at = &(*at)->next;
    }
}

br_block_t *
br_call_spell_results (br_block_t *blocks, br_arena_t *arena, br_loss_t **losses)
{
    br_block_t *block = blocks;
    while (block && !s_holds_hosted (block))
        block = block->next;
    if (!block)
        return blocks;
    br_block_t *copies = NULL;
    br_block_t **at = &copies;
    for (block = blocks; block; block = block->next) {
        *at = BR_ARENA_NEW (arena, br_block_t);
        **at = *block;
        if (s_holds_hosted (block))
            s_spell (*at, arena, losses);
        at = &(*at)->next;
    }
    return copies;
}
