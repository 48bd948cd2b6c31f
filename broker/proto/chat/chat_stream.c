//  chat_stream: reads an answer, event by event; a whole answer is one event. What ends a
//  choice is told when nothing can follow, so that usage stands in front of it.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/proto/chat/chat_choice.h"

#define READER_BYTES_MAX BR_REPLY_BYTES_MAX //  that one reader remembers

typedef struct {
    br_arena_t *arena;
    br_buf_t scratch;
    br_text_t id;     //  the first one that is not empty (P-10)
    br_text_t model;  //  likewise
    uint64_t created; //  unix seconds
    chat_choice_t *choices[CHAT_CHOICES_MAX];
    size_t nchoices;
    br_usage_t usage;
    bool usage_waits; //  for a choice to begin
    bool ended;       //  END or ERROR was told
} reader_t;

enum {
    AT_ID,
    AT_MODEL,
    AT_CREATED,
    AT_CHOICES,
    AT_USAGE,
    AT_X_GROQ,
    AT_ERROR,
    AT_BASE_RESP,
    MEMBERS
};

static const char *const s_keys[MEMBERS] = {
    [AT_ID] = "id",           [AT_MODEL] = "model",         [AT_CREATED] = "created",
    [AT_CHOICES] = "choices", [AT_USAGE] = "usage",         [AT_X_GROQ] = "x_groq",
    [AT_ERROR] = "error",     [AT_BASE_RESP] = "base_resp",
};

void *
chat_reader_new (void)
{
    reader_t *self = BR_NEW (reader_t);
    self->arena = br_arena_new ();
    br_buf_init (&self->scratch, BR_REPLY_BYTES_MAX);
    return self;
}

void
chat_reader_destroy (void **reader_p)
{
    if (!reader_p || !*reader_p)
        return;
    reader_t *self = *reader_p;
    for (size_t i = 0; i < self->nchoices; i++)
        chat_choice_destroy (&self->choices[i]);
    br_buf_free (&self->scratch);
    br_arena_destroy (&self->arena);
    free (self);
    *reader_p = NULL;
}

static chat_event_t
s_event (reader_t *self, const json_tree_t *tree, br_delta_fn *fn, void *arg)
{
    return (chat_event_t) { .tree = tree,
                            .fn = fn,
                            .arg = arg,
                            .arena = self->arena,
                            .scratch = &self->scratch,
                            .id = self->id,
                            .model = self->model,
                            .created = self->created };
}

static void
s_fail (reader_t *self, br_code_t code, br_text_t text, br_delta_fn *fn, void *arg)
{
    self->ended = true;
    fn (arg, &(br_delta_t) { .kind = BR_DELTA_ERROR, .code = code, .text = text });
}

//  ---- one event

static void
s_find_members (const json_tree_t *tree, const json_node_t *root,
                const json_node_t **nodes)
{
    for (const json_node_t *node = json_first (tree, root); node;
         node = json_next (tree, node))
        for (size_t i = 0; i < MEMBERS; i++)
            if (json_key_is (tree, node, s_keys[i])) {
                nodes[i] = json_is (node, JSON_NULL) ? NULL : node;
                break;
            }
}

static void
s_keep_first (reader_t *self, const json_tree_t *tree, const json_node_t *node,
              br_text_t *text)
{
    if (text->size == 0 && json_is (node, JSON_STRING) && node->size > 2)
        *text = br_arena_text (self->arena, json_node_text (tree, node, self->arena));
}

//  Azure's first event has an empty id and model, and no choices.
static void
s_read_head (reader_t *self, const json_tree_t *tree, const json_node_t *const *nodes)
{
    double created = 0;
    s_keep_first (self, tree, nodes[AT_ID], &self->id);
    s_keep_first (self, tree, nodes[AT_MODEL], &self->model);
    if (self->created == 0 && nodes[AT_CREATED]
        && json_node_number (tree, nodes[AT_CREATED], &created) == 0 && created > 0
        && created < 1e15)
        self->created = (uint64_t) created;
}

static chat_choice_t *
s_choice_of (reader_t *self, unsigned number)
{
    for (size_t i = 0; i < self->nchoices; i++)
        if (chat_choice_number (self->choices[i]) == number)
            return self->choices[i];
    chat_choice_t *choice = chat_choice_new (number);
    self->choices[self->nchoices++] = choice;
    return choice;
}

static void
s_note_usage (reader_t *self, const json_tree_t *tree, const json_node_t *node)
{
    br_text_t raw = json_raw (tree, node);
    if (json_is (node, JSON_OBJECT)
        && br_usage_read (BR_PROTOCOL_CHAT, raw.at, raw.size, &self->usage) == 0)
        self->usage_waits = true;
}

static int
s_read_choices (reader_t *self, chat_event_t *event, const json_node_t *list,
                br_error_t *reterr)
{
    const json_tree_t *tree = event->tree;
    int rc = 0;
    int64_t place = 0;
    if (!json_is (list, JSON_ARRAY))
        return 0;
    for (const json_node_t *item = json_first (tree, list); item && rc == 0;
         item = json_next (tree, item), place++) {
        if (!json_is (item, JSON_OBJECT))
            continue;
        int64_t number = json_node_integer (tree, json_given (tree, item, "index"),
                                            place);
        if (number < 0 || number >= CHAT_CHOICES_MAX)
            return br_error_set (reterr, BR_EUPINVALID,
                                 "the provider's answer has a choice outside of 0 to %d",
                                 CHAT_CHOICES_MAX - 1);
        rc = chat_choice_read (s_choice_of (self, (unsigned) number), event, item,
                               reterr);
        s_note_usage (self, tree, json_given (tree, item, "usage")); //  Moonshot
    }
    return rc;
}

static void
s_tell_usage (reader_t *self, br_delta_fn *fn, void *arg)
{
    if (!self->usage_waits || self->nchoices == 0)
        return;
    self->usage_waits = false;
    fn (arg, &(br_delta_t) { .kind = BR_DELTA_USAGE, .usage = self->usage });
}

static bool
s_read_error (reader_t *self, const char *name, const json_tree_t *tree,
              const json_node_t *root, br_delta_fn *fn, void *arg)
{
    br_code_t code = BR_EUPBAD;
    br_text_t text = BR_TEXT ("the provider broke the answer off");
    bool is_error = chat_error_read (tree, root, self->arena, &code, &text);
    //  Groq names the event; what it holds need not be an error object then.
    if (!is_error && !br_text_is (br_text (name), "error"))
        return false;
    s_fail (self, code, text, fn, arg);
    return true;
}

int
chat_read_event (void *reader, const char *name, const json_tree_t *tree,
                 const json_node_t *root, br_delta_fn *fn, void *arg, br_error_t *reterr)
{
    reader_t *self = reader;
    const json_node_t *nodes[MEMBERS] = { NULL };
    if (self->ended)
        return 0;
    s_find_members (tree, root, nodes);
    if (nodes[AT_ERROR] || nodes[AT_BASE_RESP] || !nodes[AT_CHOICES] || name[0])
        if (s_read_error (self, name, tree, root, fn, arg))
            return 0;
    if (!json_is (root, JSON_OBJECT))
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider's answer is %s where an object belongs",
                             json_type_name (root->type));
    s_read_head (self, tree, nodes);
    chat_event_t event = s_event (self, tree, fn, arg);
    int rc = s_read_choices (self, &event, nodes[AT_CHOICES], reterr);
    br_arena_destroy (&event.brief);
    if (rc)
        return -1;
    const json_node_t *usage = nodes[AT_USAGE];
    s_note_usage (self, tree,
                  usage ? usage : json_given (tree, nodes[AT_X_GROQ], "usage"));
    s_tell_usage (self, fn, arg);
    if (br_arena_bytes (self->arena) > READER_BYTES_MAX)
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider's answer is over %u bytes", READER_BYTES_MAX);
    return 0;
}

//  ---- the end

static void
s_end (reader_t *self, br_delta_fn *fn, void *arg)
{
    for (size_t i = 0; i < self->nchoices; i++) {
        br_text_t failure = chat_choice_failure (self->choices[i]);
        if (failure.at) {
            s_fail (self, BR_EUPBAD,
                    br_arena_textf (self->arena, "the provider ended with \"%.*s\"",
                                    (int) failure.size, failure.at),
                    fn, arg);
            return;
        }
    }
    chat_event_t event = s_event (self, NULL, fn, arg);
    for (size_t i = 0; i < self->nchoices; i++)
        chat_choice_end (self->choices[i], &event);
    self->ended = true;
    fn (arg, &(br_delta_t) { .kind = BR_DELTA_END });
}

int
chat_read_mark (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
                br_error_t *reterr)
{
    reader_t *self = reader;
    if (self->ended || br_text_is_blank (data))
        return 0;
    if (!br_text_is (data, "[DONE]"))
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider's answer has an event that is no JSON");
    if (self->nchoices == 0)
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider's answer ended without a choice");
    s_end (self, fn, arg);
    return 0;
}

//  Perplexity and others leave [DONE] out; a finish is enough then.
int
chat_read_end (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr)
{
    reader_t *self = reader;
    if (self->ended)
        return 0;
    bool is_whole = self->nchoices > 0;
    for (size_t i = 0; i < self->nchoices; i++)
        is_whole = is_whole && chat_choice_has_finish (self->choices[i]);
    if (!is_whole)
        return br_error_set (reterr, BR_EUPCUT,
                             "the provider's answer ended before its finish");
    s_end (self, fn, arg);
    return 0;
}
