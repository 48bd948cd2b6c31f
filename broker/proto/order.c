//  order: lets one block of a choice be open at a time.
//
//  A block that is no call ends when another begins. A call ends when its arguments are a
//  whole JSON value and another block begins, or when the choice finishes; what comes for
//  other blocks before that waits, and is said block after block in the order in which
//  they began.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/reply.h"

#define CHOICES_MAX 128  //  of one answer
#define WAITING_MAX 1024 //  blocks of one answer

//  Follows the brackets of a JSON text that comes in pieces.
typedef struct {
    unsigned depth;
    bool in_string, escaped;
    bool whole; //  the outermost bracket is closed
} brackets_t;

//  A delta that waits; all of it lies in the order's arena.
typedef struct _held_t {
    struct _held_t *next;
    br_delta_t delta;
} held_t;

//  A block that waits.
typedef struct _waiting_t {
    struct _waiting_t *next;
    unsigned number; //  the reader's
    held_t *first, *last;
} waiting_t;

typedef struct _choice_t {
    struct _choice_t *next;
    unsigned choice;
    bool open;         //  a block is
    unsigned number;   //  the reader's, of the open block
    unsigned out;      //  the number that the writer knows it by
    bool call;         //  the open block is one
    bool custom;       //  and its arguments are no JSON
    brackets_t args;   //  of the open call
    unsigned next_out; //  of the next block
    waiting_t *waiting;
} choice_t;

struct _br_order_t {
    br_delta_fn *fn;
    void *arg;
    choice_t *choices;
    unsigned count;    //  choices
    br_arena_t *arena; //  of what waits; NULL when nothing does
    size_t held;       //  bytes that wait
    size_t blocks;     //  that wait
};

br_order_t *
br_order_new (br_delta_fn *fn, void *arg)
{
    br_order_t *self = BR_NEW (br_order_t);
    self->fn = fn;
    self->arg = arg;
    return self;
}

void
br_order_destroy (br_order_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_order_t *self = *self_p;
    while (self->choices) {
        choice_t *choice = self->choices;
        self->choices = choice->next;
        free (choice);
    }
    br_arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

static choice_t *
s_choice (br_order_t *self, unsigned number, br_error_t *reterr)
{
    choice_t **at = &self->choices;
    while (*at && (*at)->choice != number)
        at = &(*at)->next;
    if (!*at && self->count == CHOICES_MAX) {
        br_error_set (reterr, BR_EUPINVALID, "the provider's answer has over %d choices",
                      CHOICES_MAX);
        return NULL;
    }
    if (!*at) {
        *at = BR_NEW (choice_t);
        (*at)->choice = number;
        self->count++;
    }
    return *at;
}

static void
s_follow (brackets_t *self, br_text_t piece)
{
    for (size_t i = 0; i < piece.size && !self->whole; i++) {
        char c = piece.at[i];
        if (self->escaped)
            self->escaped = false;
        else if (self->in_string && c == '\\')
            self->escaped = true;
        else if (c == '"')
            self->in_string = !self->in_string;
        else if (!self->in_string && (c == '{' || c == '['))
            self->depth++;
        else if (!self->in_string && (c == '}' || c == ']') && self->depth > 0)
            self->whole = --self->depth == 0;
    }
}

//  ---- the open block

static void
s_say (br_order_t *self, choice_t *choice, const br_delta_t *delta)
{
    br_delta_t out = *delta;
    out.block = choice->out;
    if (delta->kind == BR_DELTA_CALL) {
        choice->call = true;
        choice->custom = delta->custom;
    }
    if (delta->kind == BR_DELTA_ARGS && !choice->custom)
        s_follow (&choice->args, delta->text);
    if (delta->last)
        choice->args.whole = true;
    if (delta->kind == BR_DELTA_ARGS && !delta->text.size)
        return;
    self->fn (self->arg, &out);
}

static void
s_open (choice_t *choice, unsigned number)
{
    choice->open = true;
    choice->number = number;
    choice->out = choice->next_out++;
    choice->call = choice->custom = false;
    choice->args = (brackets_t) { 0 };
}

//  It takes nothing more when another block wants to begin.
static bool
s_is_done (const choice_t *choice)
{
    return !choice->open || !choice->call || choice->args.whole;
}

//  ---- what waits

static br_text_t
s_keep (br_order_t *self, br_text_t text)
{
    self->held += text.size;
    return br_arena_text (self->arena, text);
}

static const br_media_t *
s_keep_media (br_order_t *self, const br_media_t *from)
{
    br_media_t *media = BR_ARENA_NEW (self->arena, br_media_t);
    media->url = s_keep (self, from->url);
    media->data = s_keep (self, from->data);
    media->file_id = s_keep (self, from->file_id);
    media->mime = s_keep (self, from->mime);
    media->name = s_keep (self, from->name);
    media->detail = s_keep (self, from->detail);
    return media;
}

static const br_opaque_t *
s_keep_opaque (br_order_t *self, const br_opaque_t *from)
{
    br_opaque_t *opaque = BR_ARENA_NEW (self->arena, br_opaque_t);
    *opaque = *from;
    opaque->next = NULL;
    opaque->model = s_keep (self, from->model);
    opaque->bytes = s_keep (self, from->bytes);
    opaque->id = s_keep (self, from->id);
    return opaque;
}

static br_delta_t
s_keep_delta (br_order_t *self, const br_delta_t *from)
{
    br_delta_t delta = *from;
    delta.text = s_keep (self, from->text);
    delta.id = s_keep (self, from->id);
    delta.name = s_keep (self, from->name);
    delta.model = s_keep (self, from->model);
    delta.item_id = s_keep (self, from->item_id);
    delta.raw = s_keep (self, from->raw);
    delta.native = s_keep (self, from->native);
    delta.stop_sequence = s_keep (self, from->stop_sequence);
    if (from->media)
        delta.media = s_keep_media (self, from->media);
    if (from->opaque)
        delta.opaque = s_keep_opaque (self, from->opaque);
    return delta;
}

static waiting_t **
s_waiting (choice_t *choice, unsigned number)
{
    waiting_t **at = &choice->waiting;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    return at;
}

static int
s_hold (br_order_t *self, choice_t *choice, const br_delta_t *delta, br_error_t *reterr)
{
    if (!self->arena)
        self->arena = br_arena_new ();
    waiting_t **at = s_waiting (choice, delta->block);
    if (!*at) {
        *at = BR_ARENA_NEW (self->arena, waiting_t);
        (*at)->number = delta->block;
        self->held += sizeof **at;
        self->blocks++;
    }
    held_t *held = BR_ARENA_NEW (self->arena, held_t);
    held->delta = s_keep_delta (self, delta);
    self->held += sizeof *held;
    if ((*at)->last)
        (*at)->last->next = held;
    else
        (*at)->first = held;
    (*at)->last = held;
    if (self->held > BR_REPLY_BYTES_MAX || self->blocks > WAITING_MAX)
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider's calls overlap by over %u bytes or %d blocks",
                             BR_REPLY_BYTES_MAX, WAITING_MAX);
    return 0;
}

static void
s_forget_held (br_order_t *self)
{
    if (self->blocks > 0)
        return;
    br_arena_destroy (&self->arena);
    self->held = 0;
}

//  Says what waited, block after block, until one is not done yet.
static void
s_advance (br_order_t *self, choice_t *choice, bool all)
{
    while (choice->waiting && (all || s_is_done (choice))) {
        waiting_t *waiting = choice->waiting;
        choice->waiting = waiting->next;
        self->blocks--;
        s_open (choice, waiting->number);
        for (const held_t *held = waiting->first; held; held = held->next)
            s_say (self, choice, &held->delta);
    }
    s_forget_held (self);
}

//  ---- deltas

//  A piece for a call that has ended: nothing is lost if it is blank.
static int
s_late (const br_delta_t *delta, br_error_t *reterr)
{
    if (br_text_is_blank (delta->text))
        return 0;
    return br_error_set (reterr, BR_EUPINVALID,
                         "the provider's answer goes on with a call that has ended");
}

static int
s_push_block (br_order_t *self, const br_delta_t *delta, br_error_t *reterr)
{
    choice_t *choice = s_choice (self, delta->choice, reterr);
    if (!choice)
        return -1;
    if (choice->open && choice->number == delta->block) {
        s_say (self, choice, delta);
        s_advance (self, choice, false);
        return 0;
    }
    bool waits = *s_waiting (choice, delta->block) != NULL;
    if (delta->kind == BR_DELTA_ARGS && !waits)
        return delta->text.size ? s_late (delta, reterr) : 0;
    if (choice->waiting || !s_is_done (choice))
        return s_hold (self, choice, delta, reterr);
    s_open (choice, delta->block);
    s_say (self, choice, delta);
    return 0;
}

static int
s_push_finish (br_order_t *self, const br_delta_t *delta, br_error_t *reterr)
{
    choice_t *choice = s_choice (self, delta->choice, reterr);
    if (!choice)
        return -1;
    s_advance (self, choice, true);
    choice->open = false;
    self->fn (self->arg, delta);
    return 0;
}

static int
s_push_end (br_order_t *self, const br_delta_t *delta, br_error_t *reterr)
{
    (void) reterr;
    for (choice_t *choice = self->choices; choice; choice = choice->next)
        s_advance (self, choice, true);
    self->fn (self->arg, delta);
    return 0;
}

typedef int (push_fn) (br_order_t *self, const br_delta_t *delta, br_error_t *reterr);

//  Kinds that belong to no block pass at once.
static push_fn *const s_pushers[BR_DELTA_END + 1] = {
    [BR_DELTA_TEXT] = s_push_block,      [BR_DELTA_REFUSAL] = s_push_block,
    [BR_DELTA_REASONING] = s_push_block, [BR_DELTA_OPAQUE] = s_push_block,
    [BR_DELTA_CITATION] = s_push_block,  [BR_DELTA_CALL] = s_push_block,
    [BR_DELTA_ARGS] = s_push_block,      [BR_DELTA_MEDIA] = s_push_block,
    [BR_DELTA_HOSTED] = s_push_block,    [BR_DELTA_FINISH] = s_push_finish,
    [BR_DELTA_END] = s_push_end,
};

int
br_order_push (br_order_t *self, const br_delta_t *delta, br_error_t *reterr)
{
    if ((unsigned) delta->kind <= BR_DELTA_END && s_pushers[delta->kind])
        return s_pushers[delta->kind](self, delta, reterr);
    self->fn (self->arg, delta);
    return 0;
}
