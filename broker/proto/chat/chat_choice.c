//  chat_choice: reads one choice of an answer. The members of a delta come in any
//  mixture; each opens its block when another one is open. Calls stand in chat_slots.c.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/chat/chat_choice_parts.h"

//  FNV-1a, to tell whether a text is the one that has passed.
#define HASH_FIRST 14695981039346656037ull
#define HASH_PRIME 1099511628211ull

//  Members of a delta, in the order in which they are read.
enum {
    AT_REASONING_CONTENT,
    AT_REASONING,
    AT_DETAILS,
    AT_CONTENT,
    AT_REFUSAL,
    AT_AUDIO,
    AT_IMAGES,
    AT_ANNOTATIONS,
    AT_CALLS,
    AT_FUNCTION_CALL,
    MEMBERS
};

static const char *const s_keys[MEMBERS] = {
    [AT_REASONING_CONTENT] = "reasoning_content",
    [AT_REASONING] = "reasoning",
    [AT_DETAILS] = "reasoning_details",
    [AT_CONTENT] = "content",
    [AT_REFUSAL] = "refusal",
    [AT_AUDIO] = "audio",
    [AT_IMAGES] = "images",
    [AT_ANNOTATIONS] = "annotations",
    [AT_CALLS] = "tool_calls",
    [AT_FUNCTION_CALL] = "function_call",
};

chat_choice_t *
chat_choice_new (unsigned number)
{
    chat_choice_t *self = BR_NEW (chat_choice_t);
    self->number = number;
    self->open = BLOCK_NONE;
    return self;
}

void
chat_choice_destroy (chat_choice_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    chat_choice_t *self = *self_p;
    chat_slots_free (self);
    free (self);
    *self_p = NULL;
}

unsigned
chat_choice_number (const chat_choice_t *self)
{
    return self->number;
}

bool
chat_choice_has_finish (const chat_choice_t *self)
{
    return self->finish != BR_FINISH_UNSET;
}

br_text_t
chat_choice_failure (const chat_choice_t *self)
{
    return self->broken ? self->native : BR_TEXT_NONE;
}

//  ---- deltas

br_delta_t
chat_choice_delta (const chat_choice_t *self, br_delta_kind_t kind, unsigned block)
{
    return (br_delta_t) { .kind = kind, .choice = self->number, .block = block };
}

br_text_t
chat_choice_text (chat_event_t *event, const json_node_t *node)
{
    if (!json_is (node, JSON_STRING))
        return BR_TEXT_NONE;
    if (node->plain)
        return json_node_text (event->tree, node, event->arena);
    br_buf_clear (event->scratch);
    (void) json_node_add (event->tree, node, event->scratch);
    return (br_text_t) { (const char *) event->scratch->data, event->scratch->size };
}

//  Opens a block that is no call.
static void
s_open (chat_choice_t *self, chat_event_t *event, br_block_kind_t kind)
{
    chat_slots_tell_waiting (self, event);
    self->open = kind;
    self->block = self->next++;
    self->last_other = self->next;
    self->sealed = false;
    self->thought = 0;
    self->hash = HASH_FIRST;
}

static void
s_say (chat_choice_t *self, chat_event_t *event, br_block_kind_t block,
       br_delta_kind_t kind, br_text_t text)
{
    if (text.size == 0)
        return;
    if (self->open != block)
        s_open (self, event, block);
    br_delta_t delta = chat_choice_delta (self, kind, self->block);
    delta.text = text;
    event->fn (event->arg, &delta);
}

//  ---- reasoning

static uint64_t
s_hash (uint64_t hash, br_text_t text)
{
    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (uint8_t) text.at[i]) * HASH_PRIME;
    return hash;
}

static void
s_think (chat_choice_t *self, chat_event_t *event, br_text_t text, bool summary)
{
    if (text.size == 0)
        return;
    if (self->open != BR_BLOCK_REASONING || self->sealed)
        s_open (self, event, BR_BLOCK_REASONING);
    self->thought += text.size;
    self->hash = s_hash (self->hash, text);
    br_delta_t delta = chat_choice_delta (self, BR_DELTA_REASONING, self->block);
    delta.text = text;
    delta.summary = summary;
    event->fn (event->arg, &delta);
}

//  A signature may come with all of the text that has passed in pieces.
static bool
s_has_passed (const chat_choice_t *self, br_text_t text)
{
    return self->open == BR_BLOCK_REASONING && !self->sealed && self->thought == text.size
           && self->hash == s_hash (HASH_FIRST, text);
}

//  The call that a thought of Google's belongs to: the one of its id, else the first one
//  behind all that is no call. NULL when no call is open.
static const chat_slot_t *
s_call_of (const chat_choice_t *self, const br_opaque_t *opaque)
{
    const chat_slot_t *first = NULL;
    if (opaque->kind != BR_OPAQUE_THOUGHT || self->open != BR_BLOCK_CALL)
        return NULL;
    for (size_t i = 0; i < self->nslots; i++) {
        const chat_slot_t *slot = &self->slots[i];
        if (!slot->told || slot->block < self->last_other)
            continue;
        if (opaque->id.size && br_text_equal (opaque->id, slot->id))
            return slot;
        if (!first)
            first = slot;
    }
    return first;
}

static void
s_tell_blob (chat_choice_t *self, chat_event_t *event, br_opaque_t *opaque)
{
    if (!opaque->model.at)
        opaque->model = event->model;
    chat_slots_tell_waiting (self, event);
    br_delta_t delta = chat_choice_delta (self, BR_DELTA_OPAQUE, 0);
    delta.opaque = opaque;
    const chat_slot_t *slot = s_call_of (self, opaque);
    if (slot) {
        delta.block = slot->block;
        event->fn (event->arg, &delta);
        return;
    }
    if (self->open != BR_BLOCK_REASONING || self->sealed
        || opaque->kind == BR_OPAQUE_REDACTED)
        s_open (self, event, BR_BLOCK_REASONING);
    self->sealed = true;
    delta.block = self->block;
    event->fn (event->arg, &delta);
}

static bool
s_has_words (chat_event_t *event, const json_node_t *list)
{
    for (const json_node_t *item = json_first (event->tree, list); item;
         item = json_next (event->tree, item)) {
        const json_node_t *text = json_given (event->tree, item, "text");
        const json_node_t *summary = json_given (event->tree, item, "summary");
        if ((json_is (text, JSON_STRING) && text->size > 2)
            || (json_is (summary, JSON_STRING) && summary->size > 2))
            return true;
    }
    return false;
}

//  What stands in the details is in reasoning too, so that one of the two is enough.
static void
s_read_reasoning (chat_choice_t *self, chat_event_t *event,
                  const json_node_t *const *nodes)
{
    const json_node_t *list = nodes[AT_DETAILS];
    bool is_list = json_is (list, JSON_ARRAY) && list->count > 0;
    if (!is_list || !s_has_words (event, list)) {
        br_text_t text = chat_choice_text (event, nodes[AT_REASONING_CONTENT]);
        if (text.size == 0)
            text = chat_choice_text (event, nodes[AT_REASONING]);
        s_think (self, event, text, false);
    }
    if (!is_list)
        return;
    if (!event->brief)
        event->brief = br_arena_new ();
    for (const json_node_t *item = json_first (event->tree, list); item;
         item = json_next (event->tree, item)) {
        chat_detail_t detail;
        chat_detail_read (event->tree, item, event->brief, &detail);
        if (!detail.is_blob || !s_has_passed (self, detail.text))
            s_think (self, event, detail.text, false);
        s_think (self, event, detail.summary, true);
        if (detail.is_blob && detail.opaque.family != BR_FAMILY_NONE)
            s_tell_blob (self, event, &detail.opaque);
    }
}

//  ---- content

static void
s_tell_media (chat_choice_t *self, chat_event_t *event, br_block_kind_t kind,
              const br_media_t *media)
{
    s_open (self, event, kind);
    br_delta_t delta = chat_choice_delta (self, BR_DELTA_MEDIA, self->block);
    delta.media = media;
    delta.media_kind = kind;
    event->fn (event->arg, &delta);
}

//  {"type":"image_url","image_url":{"url":…}}, as OpenRouter's models draw it.
static void
s_read_image (chat_choice_t *self, chat_event_t *event, const json_node_t *item)
{
    const json_node_t *image = json_given (event->tree, item, "image_url");
    br_text_t url = chat_choice_text (event, json_given (event->tree, image, "url"));
    br_media_t media = { .url = url };
    const char *comma = url.size ? memchr (url.at, ',', url.size) : NULL;
    br_text_t head = { url.at, comma ? (size_t) (comma - url.at) : 0 };
    if (br_text_starts (head, "data:") && br_text_ends (head, ";base64")) {
        media.url = BR_TEXT_NONE;
        media.mime = (br_text_t) { head.at + 5, head.size - 5 - 7 };
        media.data = (br_text_t) { comma + 1, url.size - head.size - 1 };
    }
    if (url.size)
        s_tell_media (self, event, BR_BLOCK_IMAGE, &media);
}

//  Mistral's content can be a list, with what it thought as a part.
static void
s_read_part (chat_choice_t *self, chat_event_t *event, const json_node_t *part)
{
    const json_tree_t *tree = event->tree;
    const json_node_t *type = json_given (tree, part, "type");
    if (json_node_is (tree, type, "text"))
        s_say (self, event, BR_BLOCK_TEXT, BR_DELTA_TEXT,
               chat_choice_text (event, json_given (tree, part, "text")));
    else if (json_node_is (tree, type, "image_url"))
        s_read_image (self, event, part);
    else if (json_node_is (tree, type, "thinking")) {
        const json_node_t *list = json_given (tree, part, "thinking");
        s_think (self, event, chat_choice_text (event, list), false);
        if (!json_is (list, JSON_ARRAY))
            return;
        for (const json_node_t *item = json_first (tree, list); item;
             item = json_next (tree, item))
            s_think (self, event,
                     chat_choice_text (event, json_given (tree, item, "text")), false);
    }
}

static void
s_read_content (chat_choice_t *self, chat_event_t *event, const json_node_t *content)
{
    if (json_is (content, JSON_STRING))
        s_say (self, event, BR_BLOCK_TEXT, BR_DELTA_TEXT,
               chat_choice_text (event, content));
    if (!json_is (content, JSON_ARRAY))
        return;
    for (const json_node_t *part = json_first (event->tree, content); part;
         part = json_next (event->tree, part))
        s_read_part (self, event, part);
}

static void
s_read_audio (chat_choice_t *self, chat_event_t *event, const json_node_t *audio)
{
    s_say (self, event, BR_BLOCK_TEXT, BR_DELTA_TEXT,
           chat_choice_text (event, json_given (event->tree, audio, "transcript")));
    br_media_t media = { .data = chat_choice_text (
                             event, json_given (event->tree, audio, "data")) };
    if (media.data.size)
        s_tell_media (self, event, BR_BLOCK_AUDIO, &media);
}

//  In the form of Responses, which has the members of url_citation beside the type.
static void
s_read_annotation (chat_choice_t *self, chat_event_t *event, const json_node_t *item)
{
    const json_tree_t *tree = event->tree;
    const json_node_t *citation = json_given (tree, item, "url_citation");
    const json_node_t *url = json_given (tree, citation, "url");
    if (!json_is (url, JSON_STRING))
        return;
    if (self->open != BR_BLOCK_TEXT)
        s_open (self, event, BR_BLOCK_TEXT);
    br_buf_clear (event->scratch);
    json_writer_t writer = json_writer (event->scratch);
    json_open (&writer, NULL, '{');
    json_put_string (&writer, "type", "url_citation");
    json_put_integer (
        &writer, "start_index",
        json_node_integer (tree, json_given (tree, citation, "start_index"), 0));
    json_put_integer (
        &writer, "end_index",
        json_node_integer (tree, json_given (tree, citation, "end_index"), 0));
    json_put_raw (&writer, "url", json_raw (tree, url));
    const json_node_t *title = json_given (tree, citation, "title");
    json_put_raw (&writer, "title",
                  json_is (title, JSON_STRING) ? json_raw (tree, title)
                                               : BR_TEXT ("\"\""));
    json_close (&writer, '}');
    br_delta_t delta = chat_choice_delta (self, BR_DELTA_CITATION, self->block);
    delta.family = BR_FAMILY_OPENAI;
    delta.raw = (br_text_t) { (const char *) event->scratch->data, event->scratch->size };
    event->fn (event->arg, &delta);
}

//  ---- the whole delta

static void
s_start (chat_choice_t *self, chat_event_t *event)
{
    self->started = true;
    br_delta_t delta = chat_choice_delta (self, BR_DELTA_START, 0);
    delta.id = event->id;
    delta.model = event->model;
    delta.created = event->created;
    event->fn (event->arg, &delta);
}

//  Most deltas have one member that says something.
static void
s_find_members (const json_tree_t *tree, const json_node_t *delta,
                const json_node_t **nodes)
{
    for (const json_node_t *node = json_first (tree, delta); node;
         node = json_next (tree, node))
        for (size_t i = 0; i < MEMBERS; i++)
            if (json_key_is (tree, node, s_keys[i])) {
                nodes[i] = json_is (node, JSON_NULL) ? NULL : node;
                break;
            }
}

static int
s_read_delta (chat_choice_t *self, chat_event_t *event, const json_node_t *delta,
              br_error_t *reterr)
{
    const json_node_t *nodes[MEMBERS] = { NULL };
    const json_tree_t *tree = event->tree;
    s_find_members (tree, delta, nodes);
    s_read_reasoning (self, event, nodes);
    s_read_content (self, event, nodes[AT_CONTENT]);
    s_say (self, event, BR_BLOCK_REFUSAL, BR_DELTA_REFUSAL,
           chat_choice_text (event, nodes[AT_REFUSAL]));
    if (json_is (nodes[AT_AUDIO], JSON_OBJECT))
        s_read_audio (self, event, nodes[AT_AUDIO]);
    if (json_is (nodes[AT_IMAGES], JSON_ARRAY))
        for (const json_node_t *item = json_first (tree, nodes[AT_IMAGES]); item;
             item = json_next (tree, item))
            s_read_image (self, event, item);
    if (json_is (nodes[AT_ANNOTATIONS], JSON_ARRAY))
        for (const json_node_t *item = json_first (tree, nodes[AT_ANNOTATIONS]); item;
             item = json_next (tree, item))
            s_read_annotation (self, event, item);
    int rc = chat_slots_read (self, event, nodes[AT_CALLS], reterr);
    const json_node_t *legacy = nodes[AT_FUNCTION_CALL];
    if (rc == 0 && json_is (legacy, JSON_OBJECT))
        rc = chat_slots_read_legacy (self, event, legacy, reterr);
    return rc;
}

//  The last one given counts; "" means what null does. OpenRouter's own word is normal,
//  and hides that a call made no sense behind a stop (P-07).
static void
s_read_finish (chat_choice_t *self, chat_event_t *event, const json_node_t *node,
               const json_node_t *native)
{
    br_text_t word = chat_choice_text (event, node);
    if (word.size == 0)
        return;
    if (chat_finish_is_malformed (chat_choice_text (event, native)))
        word = chat_choice_text (event, native);
    self->finish = chat_finish_of (word, &self->broken);
    if (!br_text_equal (word, self->native))
        self->native = br_arena_text (event->arena, word);
}

int
chat_choice_read (chat_choice_t *self, chat_event_t *event, const json_node_t *choice,
                  br_error_t *reterr)
{
    const json_tree_t *tree = event->tree;
    const json_node_t *delta = NULL;
    const json_node_t *logprobs = NULL;
    const json_node_t *finish = NULL;
    const json_node_t *native = NULL;
    for (const json_node_t *node = json_first (tree, choice); node;
         node = json_next (tree, node)) {
        if (json_is (node, JSON_OBJECT)
            && (json_key_is (tree, node, "delta") || json_key_is (tree, node, "message")))
            delta = node;
        else if (json_is (node, JSON_OBJECT) && json_key_is (tree, node, "logprobs"))
            logprobs = node;
        else if (json_key_is (tree, node, "finish_reason"))
            finish = node;
        else if (json_key_is (tree, node, "native_finish_reason"))
            native = node;
    }
    if (!self->started)
        s_start (self, event);
    int rc = delta ? s_read_delta (self, event, delta, reterr) : 0;
    if (rc)
        return -1;
    if (logprobs) {
        br_delta_t said = chat_choice_delta (self, BR_DELTA_LOGPROBS, 0);
        said.raw = json_raw (tree, logprobs);
        event->fn (event->arg, &said);
    }
    s_read_finish (self, event, finish, native);
    return 0;
}

void
chat_choice_end (chat_choice_t *self, chat_event_t *event)
{
    chat_slots_tell_waiting (self, event);
    br_delta_t delta = chat_choice_delta (self, BR_DELTA_FINISH, 0);
    delta.finish = self->finish == BR_FINISH_UNSET ? BR_FINISH_STOP : self->finish;
    if (chat_slots_are_malformed (self)
        && (delta.finish == BR_FINISH_STOP || delta.finish == BR_FINISH_TOOL_USE))
        delta.finish = BR_FINISH_MALFORMED;
    delta.native = self->native;
    event->fn (event->arg, &delta);
}
