//  translate_join: how a second answer is joined to one that was cut.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/translate_join.h"

//  What becomes of the block that is open.
typedef enum {
    BLOCK_NONE,
    BLOCK_DROPPED,
    BLOCK_JOINED, //  goes on in the block of text that was told
    BLOCK_NEW
} block_t;

struct _translate_join_t {
    br_delta_fn *fn;
    void *arg;
    br_text_t told; //  borrowed
    bool texted;    //  a block of text has been told
    bool begun;     //  a block of the new answer was not dropped
    block_t block;
    unsigned from; //  number of the open block in the new answer
    unsigned to;   //  and for the client
    unsigned next; //  number of the next block
    bool compared; //  it is known whether the answer repeats what was told
    size_t same;   //  bytes that do so far, and are held back
    size_t blanks; //  at the end of what was told, that may come again
};

//  ---- the call

static br_block_t *
s_last_block (const br_turn_t *turn)
{
    br_block_t *last = turn->blocks;
    while (last && last->next)
        last = last->next;
    return last;
}

static br_text_t
s_join_texts (br_text_t a, br_text_t b, br_arena_t *arena)
{
    char *bytes = br_arena_take (arena, a.size + b.size + 1);
    if (a.size)
        memcpy (bytes, a.at, a.size);
    memcpy (bytes + a.size, b.at, b.size);
    return (br_text_t) { bytes, a.size + b.size };
}

//  A last block of text that goes on with it, or NULL.
static br_block_t *
s_open_text (const br_turn_t *last, br_turn_role_t role)
{
    br_block_t *block = last && last->role == role ? s_last_block (last) : NULL;
    bool plain = block && block->kind == BR_BLOCK_TEXT && !block->raw.at
                 && !block->citations.at;
    return plain ? block : NULL;
}

bool
translate_join_call (br_call_t *call, br_text_t text)
{
    bool is_prompt = call->protocol == BR_PROTOCOL_COMPLETIONS;
    if (br_text_is_blank (text))
        return false;
    const br_turn_t *last = call->turns;
    while (last && last->next)
        last = last->next;
    br_block_t *block = s_open_text (last, is_prompt ? BR_TURN_USER : BR_TURN_ASSISTANT);
    if (block) {
        block->text = s_join_texts (block->text, text, call->arena);
        return !is_prompt;
    }
    br_turn_t *turn = br_call_add_turn (call, BR_TURN_ASSISTANT);
    if (last && last->role == BR_TURN_ASSISTANT)
        turn->name = last->name;
    block = br_block_add (&turn->blocks, BR_BLOCK_TEXT, call->arena);
    block->text = s_join_texts (BR_TEXT_NONE, text, call->arena);
    return true;
}

//  ---- the answer

translate_join_t *
translate_join_new (const br_resume_t *told, size_t blanks, br_delta_fn *fn, void *arg)
{
    translate_join_t *self = BR_NEW (translate_join_t);
    self->fn = fn;
    self->arg = arg;
    self->told = br_resume_text (told);
    self->texted = br_resume_has_text (told);
    self->next = br_resume_blocks (told);
    self->compared = self->told.size == 0;
    self->blanks = blanks;
    return self;
}

void
translate_join_destroy (translate_join_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free (*self_p);
    *self_p = NULL;
}

static void
s_say (translate_join_t *self, const br_delta_t *delta)
{
    br_delta_t out = *delta;
    out.block = self->to;
    self->fn (self->arg, &out);
}

//  Without the blanks that were told before.
static void
s_say_text (translate_join_t *self, br_text_t text)
{
    while (self->blanks && text.size) {
        if (*text.at != self->told.at[self->told.size - self->blanks]) {
            self->blanks = 0;
            break;
        }
        self->blanks--;
        text.at++;
        text.size--;
    }
    if (text.size)
        s_say (self, &(br_delta_t) { .kind = BR_DELTA_TEXT, .text = text });
}

//  It was no repetition.
static void
s_release (translate_join_t *self)
{
    size_t same = self->same;
    self->compared = true;
    self->same = 0;
    if (same)
        s_say_text (self, (br_text_t) { self->told.at, same });
}

//  Deltas are whole characters, so what is held is, too.
static void
s_join_text (translate_join_t *self, br_text_t text)
{
    size_t left = self->told.size - self->same;
    size_t size = text.size < left ? text.size : left;
    if (self->compared || text.size == 0) {
        s_say_text (self, text);
        return;
    }
    if (memcmp (self->told.at + self->same, text.at, size) != 0) {
        s_release (self);
        s_say_text (self, text);
        return;
    }
    self->same += size;
    if (self->same < self->told.size)
        return;
    self->compared = true;
    self->same = 0;
    self->blanks = 0;
    s_say_text (self, (br_text_t) { text.at + size, text.size - size });
}

//  A blob of a call may come first of its block; all others that do are reasoning's.
static bool
s_is_reasoning (const br_delta_t *delta)
{
    if (delta->kind == BR_DELTA_OPAQUE)
        return delta->opaque && delta->opaque->kind != BR_OPAQUE_THOUGHT;
    return delta->kind == BR_DELTA_REASONING;
}

static void
s_enter (translate_join_t *self, const br_delta_t *delta)
{
    bool is_first = self->texted && !self->begun;
    self->from = delta->block;
    if (self->texted && s_is_reasoning (delta)) {
        self->block = BLOCK_DROPPED;
        return;
    }
    s_release (self);
    self->begun = true;
    self->block = BLOCK_NEW;
    self->to = self->next;
    if (is_first && delta->kind == BR_DELTA_TEXT) {
        self->block = BLOCK_JOINED;
        self->to = self->next - 1;
        self->compared = self->told.size == 0;
    } else
        self->next++;
}

//  A blob that belongs to a part of a text alone is none of the whole.
static void
s_push_joined (translate_join_t *self, const br_delta_t *delta)
{
    if (delta->kind == BR_DELTA_TEXT)
        s_join_text (self, delta->text);
    else if (delta->kind != BR_DELTA_OPAQUE) {
        s_release (self);
        s_say (self, delta);
    }
}

static void
s_push_block (translate_join_t *self, const br_delta_t *delta)
{
    if (self->block == BLOCK_NONE || delta->block != self->from)
        s_enter (self, delta);
    if (self->block == BLOCK_JOINED)
        s_push_joined (self, delta);
    else if (self->block == BLOCK_NEW)
        s_say (self, delta);
}

static void
s_push_plain (translate_join_t *self, const br_delta_t *delta)
{
    self->fn (self->arg, delta);
}

//  What is held is the end of the text.
static void
s_push_last (translate_join_t *self, const br_delta_t *delta)
{
    s_release (self);
    self->fn (self->arg, delta);
}

typedef void (push_fn) (translate_join_t *self, const br_delta_t *delta);

static push_fn *const s_pushers[BR_DELTA_END + 1] = {
    [BR_DELTA_START] = s_push_plain,    [BR_DELTA_TEXT] = s_push_block,
    [BR_DELTA_REFUSAL] = s_push_block,  [BR_DELTA_REASONING] = s_push_block,
    [BR_DELTA_OPAQUE] = s_push_block,   [BR_DELTA_CITATION] = s_push_block,
    [BR_DELTA_CALL] = s_push_block,     [BR_DELTA_ARGS] = s_push_block,
    [BR_DELTA_MEDIA] = s_push_block,    [BR_DELTA_HOSTED] = s_push_block,
    [BR_DELTA_LOGPROBS] = s_push_plain, [BR_DELTA_USAGE] = s_push_plain,
    [BR_DELTA_FINISH] = s_push_last,    [BR_DELTA_PING] = s_push_plain,
    [BR_DELTA_ERROR] = s_push_plain,    [BR_DELTA_END] = s_push_last,
};

//  There is one choice that goes on.
void
translate_join_push (translate_join_t *self, const br_delta_t *delta)
{
    if (delta->choice == 0 && (unsigned) delta->kind <= BR_DELTA_END)
        s_pushers[delta->kind](self, delta);
}
