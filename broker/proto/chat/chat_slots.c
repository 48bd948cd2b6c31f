//  chat_slots: the calls of tools of one choice, of which providers tell the parts in
//  many ways. A call is told on when its first arguments come, since its name may come
//  late or in pieces, and its id behind it.

#include <assert.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/json.h"
#include "broker/proto/chat/chat_choice_parts.h"

#define LEGACY_INDEX (-2) //  of function_call
#define NO_INDEX (-1)

static void
s_tell_call (chat_choice_t *self, chat_event_t *event, chat_slot_t *slot)
{
    slot->told = true;
    slot->block = self->next++;
    self->open = BR_BLOCK_CALL;
    self->block = slot->block;
    if (self->waiting == slot)
        self->waiting = NULL;
    br_delta_t delta = chat_choice_delta (self, BR_DELTA_CALL, slot->block);
    delta.id = slot->id;
    delta.name = (br_text_t) { br_buf_text (&slot->name), slot->name.size };
    delta.custom = slot->custom;
    event->fn (event->arg, &delta);
    if (slot->held.size == 0)
        return;
    delta = chat_choice_delta (self, BR_DELTA_ARGS, slot->block);
    delta.text = (br_text_t) { (const char *) slot->held.data, slot->held.size };
    event->fn (event->arg, &delta);
    br_buf_free (&slot->held);
}

void
chat_slots_tell_waiting (chat_choice_t *self, chat_event_t *event)
{
    if (self->waiting)
        s_tell_call (self, event, self->waiting);
}

static chat_slot_t *
s_slot_of (chat_choice_t *self, int64_t index)
{
    for (size_t i = self->nslots; i > 0; i--)
        if (self->slots[i - 1].index == index)
            return &self->slots[i - 1];
    return NULL;
}

static chat_slot_t *
s_slot_of_id (chat_choice_t *self, br_text_t id)
{
    for (size_t i = self->nslots; i > 0; i--)
        if (br_text_equal (self->slots[i - 1].id, id))
            return &self->slots[i - 1];
    return NULL;
}

//  Which call a delta goes on with, or NULL for a new one (P-33): by index, but Gemini's
//  endpoint gives all calls the same, with ids or with none; without an index by id;
//  without both a name begins a call.
static chat_slot_t *
s_find_slot (chat_choice_t *self, int64_t index, br_text_t id, bool is_named)
{
    if (index != NO_INDEX) {
        chat_slot_t *slot = s_slot_of (self, index);
        if (!slot || !is_named)
            return slot;
        bool is_other = id.size ? slot->id.size && !br_text_equal (id, slot->id)
                                : slot->whole && !slot->id.size;
        return is_other ? NULL : slot;
    }
    chat_slot_t *last = self->nslots ? &self->slots[self->nslots - 1] : NULL;
    if (id.size) {
        chat_slot_t *slot = s_slot_of_id (self, id);
        return slot || !last || last->id.size || is_named ? slot : last;
    }
    return is_named && last && last->name.size ? NULL : last;
}

//  Slots move when they grow: the one that waits is told first.
static chat_slot_t *
s_add_slot (chat_choice_t *self, chat_event_t *event, int64_t index)
{
    chat_slots_tell_waiting (self, event);
    if (self->nslots == self->room) {
        self->room = self->room ? self->room * 2 : 4;
        self->slots = br_realloc (self->slots, self->room * sizeof *self->slots);
    }
    assert (self->slots);
    chat_slot_t *slot = &self->slots[self->nslots++];
    *slot = (chat_slot_t) { .index = index };
    br_buf_init (&slot->name, BR_REPLY_BYTES_MAX);
    br_buf_init (&slot->held, BR_REPLY_BYTES_MAX);
    return slot;
}

//  A name comes whole, in pieces, or again and again.
static void
s_add_name (chat_slot_t *slot, br_text_t piece)
{
    br_text_t name = { (const char *) slot->name.data, slot->name.size };
    if (!slot->told && piece.size && !br_text_equal (name, piece))
        (void) br_buf_add (&slot->name, piece.at, piece.size);
}

static void
s_add_arguments (chat_choice_t *self, chat_event_t *event, chat_slot_t *slot,
                 br_text_t text)
{
    if (text.size == 0)
        return;
    slot->whole = !slot->told && slot->held.size == 0
                  && json_members (text.at, text.size, NULL, 0, NULL) == 0;
    if (!slot->told && slot->name.size == 0) {
        (void) br_buf_add (&slot->held, text.at, text.size);
        return;
    }
    if (!slot->told)
        s_tell_call (self, event, slot);
    br_delta_t delta = chat_choice_delta (self, BR_DELTA_ARGS, slot->block);
    delta.text = text;
    event->fn (event->arg, &delta);
}

static void
s_add_thought (chat_choice_t *self, chat_event_t *event, chat_slot_t *slot,
               const json_node_t *item)
{
    const json_node_t *extra = json_given (event->tree, item, "extra_content");
    const json_node_t *google = json_given (event->tree, extra, "google");
    const json_node_t *node = json_given (event->tree, google, "thought_signature");
    br_text_t bytes = chat_choice_text (event, node);
    if (bytes.size == 0 || (!slot->told && slot->name.size == 0))
        return;
    if (!slot->told)
        s_tell_call (self, event, slot);
    br_opaque_t opaque = { .family = BR_FAMILY_GOOGLE,
                           .kind = BR_OPAQUE_THOUGHT,
                           .model = event->model,
                           .bytes = bytes };
    if (!event->brief)
        event->brief = br_arena_new ();
    chat_blob_open (&opaque, event->brief);
    if (opaque.family == BR_FAMILY_NONE)
        return;
    br_delta_t delta = chat_choice_delta (self, BR_DELTA_OPAQUE, slot->block);
    delta.opaque = &opaque;
    event->fn (event->arg, &delta);
}

//  in:   inner, with name and arguments; item, around it
static int
s_read_slot (chat_choice_t *self, chat_event_t *event, const json_node_t *item,
             const json_node_t *inner, int64_t index, bool custom, br_error_t *reterr)
{
    const json_tree_t *tree = event->tree;
    const json_node_t *name = json_given (tree, inner, "name");
    bool is_named = json_is (name, JSON_STRING) && name->size > 2;
    br_text_t id = chat_choice_text (event, json_given (tree, item, "id"));
    const json_node_t *args = json_given (tree, inner, custom ? "input" : "arguments");
    chat_slot_t *slot = s_find_slot (self, index, id, is_named);
    if (!slot && !is_named && !id.size && !args)
        return 0;
    if (!slot && self->nslots == CHAT_CALLS_MAX)
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider's answer has more than %d calls of tools",
                             CHAT_CALLS_MAX);
    if (!slot)
        slot = s_add_slot (self, event, index);
    if (self->waiting && self->waiting != slot)
        s_tell_call (self, event, self->waiting);
    if (slot->id.size == 0 && id.size)
        slot->id = br_arena_text (event->arena, id);
    slot->custom = slot->custom || custom;
    s_add_name (slot, chat_choice_text (event, name));
    if (!slot->told && slot->name.size)
        self->waiting = slot;
    bool is_whole = json_is (args, JSON_OBJECT) || json_is (args, JSON_ARRAY);
    s_add_arguments (self, event, slot,
                     is_whole ? json_raw (tree, args) : chat_choice_text (event, args));
    s_add_thought (self, event, slot, item);
    return 0;
}

int
chat_slots_read (chat_choice_t *self, chat_event_t *event, const json_node_t *list,
                 br_error_t *reterr)
{
    const json_tree_t *tree = event->tree;
    int rc = 0;
    if (!json_is (list, JSON_ARRAY))
        return 0;
    for (const json_node_t *item = json_first (tree, list); item && rc == 0;
         item = json_next (tree, item)) {
        const json_node_t *inner = json_given (tree, item, "custom");
        bool custom = json_is (inner, JSON_OBJECT);
        if (!custom)
            inner = json_given (tree, item, "function");
        int64_t index = json_node_integer (tree, json_given (tree, item, "index"),
                                           NO_INDEX);
        if (json_is (item, JSON_OBJECT))
            rc = s_read_slot (self, event, item, inner, index < 0 ? NO_INDEX : index,
                              custom, reterr);
    }
    return rc;
}

bool
chat_slots_are_malformed (const chat_choice_t *self)
{
    for (size_t i = 0; i < self->nslots; i++)
        if (!self->slots[i].told && self->slots[i].held.size)
            return true;
    return false;
}

int
chat_slots_read_legacy (chat_choice_t *self, chat_event_t *event, const json_node_t *call,
                        br_error_t *reterr)
{
    return s_read_slot (self, event, NULL, call, LEGACY_INDEX, false, reterr);
}

void
chat_slots_free (chat_choice_t *self)
{
    for (size_t i = 0; i < self->nslots; i++) {
        br_buf_free (&self->slots[i].held);
        br_buf_free (&self->slots[i].name);
    }
    free (self->slots);
}
