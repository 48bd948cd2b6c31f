//  completions_stream: reads an answer, event by event; a whole answer is one event. What
//  ends a choice is told when nothing can follow, so that usage stands in front of it.

#include <stdio.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/proto/completions/completions_parts.h"
#include "broker/proto/error_words.h"

#define WORD_MAX 64 //  bytes of a finish, with its end

typedef struct {
    bool begun;
    char word[WORD_MAX]; //  of its finish; "" = none yet
} choice_t;

typedef struct {
    choice_t choices[COMPLETIONS_CHOICES_MAX];
    unsigned nchoices; //  one more than the greatest that began
    bool ended;        //  END or ERROR was told
} reader_t;

//  An event that is being read; all borrowed.
typedef struct {
    const json_tree_t *tree;
    const json_node_t *root;
    br_arena_t *arena;
    br_delta_fn *fn;
    void *arg;
} event_t;

void *
completions_reader_new (void)
{
    return BR_NEW (reader_t);
}

void
completions_reader_destroy (void **reader_p)
{
    if (!reader_p)
        return;
    free (*reader_p);
    *reader_p = NULL;
}

static br_text_t
s_text (const event_t *event, const json_node_t *object, const char *key)
{
    return json_node_text (event->tree, json_given (event->tree, object, key),
                           event->arena);
}

//  ---- errors

static br_code_t
s_code_of (br_text_t type)
{
    if (br_text_has (type, "rate_limit") || br_text_has (type, "quota"))
        return BR_EUPLIMIT;
    return br_text_has (type, "overloaded") ? BR_EUNAVAILABLE : BR_EUPBAD;
}

static void
s_fail (reader_t *self, const event_t *event)
{
    const json_node_t *error = json_given (event->tree, event->root, "error");
    br_text_t text = s_text (event, error, "message");
    self->ended = true;
    event->fn (
        event->arg,
        &(br_delta_t) {
            .kind = BR_DELTA_ERROR,
            .code = s_code_of (s_text (event, error, "type")),
            .text = text.size ? text : BR_TEXT ("the provider broke the answer off") });
}

//  ---- one event

static void
s_begin (reader_t *self, const event_t *event, unsigned number)
{
    if (self->choices[number].begun)
        return;
    int64_t created = json_node_integer (
        event->tree, json_given (event->tree, event->root, "created"), 0);
    self->choices[number].begun = true;
    self->nchoices = self->nchoices > number ? self->nchoices : number + 1;
    event->fn (event->arg,
               &(br_delta_t) { .kind = BR_DELTA_START,
                               .choice = number,
                               .id = s_text (event, event->root, "id"),
                               .model = s_text (event, event->root, "model"),
                               .created = created > 0 ? (uint64_t) created : 0 });
}

static int
s_read_choice (reader_t *self, const event_t *event, const json_node_t *item,
               int64_t place, br_error_t *reterr)
{
    int64_t number = json_node_integer (event->tree,
                                        json_given (event->tree, item, "index"), place);
    if (number < 0 || number >= COMPLETIONS_CHOICES_MAX)
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider's answer has a choice outside of 0 to %d",
                             COMPLETIONS_CHOICES_MAX - 1);
    s_begin (self, event, (unsigned) number);
    br_text_t text = s_text (event, item, "text");
    if (text.size)
        event->fn (event->arg, &(br_delta_t) { .kind = BR_DELTA_TEXT,
                                               .choice = (unsigned) number,
                                               .text = text });
    br_text_t word = s_text (event, item, "finish_reason");
    if (word.size)
        snprintf (self->choices[number].word, WORD_MAX, "%.*s",
                  word.size < WORD_MAX ? (int) word.size : WORD_MAX - 1, word.at);
    return 0;
}

static int
s_read_choices (reader_t *self, const event_t *event, br_error_t *reterr)
{
    const json_node_t *list = json_given (event->tree, event->root, "choices");
    int64_t place = 0;
    int rc = 0;
    for (const json_node_t *item = json_first (event->tree, list); item && rc == 0;
         item = json_next (event->tree, item))
        rc = s_read_choice (self, event, item, place++, reterr);
    return rc;
}

static void
s_read_usage (const event_t *event)
{
    br_text_t raw = json_raw (event->tree,
                              json_given (event->tree, event->root, "usage"));
    br_delta_t delta = { .kind = BR_DELTA_USAGE };
    if (raw.size
        && br_usage_read (BR_PROTOCOL_COMPLETIONS, raw.at, raw.size, &delta.usage) == 0)
        event->fn (event->arg, &delta);
}

int
completions_read_event (void *reader, const char *name, const json_tree_t *tree,
                        const json_node_t *root, br_delta_fn *fn, void *arg,
                        br_error_t *reterr)
{
    reader_t *self = reader;
    event_t event = { .tree = tree, .root = root, .fn = fn, .arg = arg };
    int rc = 0;
    (void) name;
    if (self->ended)
        return 0;
    if (!json_is (root, JSON_OBJECT))
        return br_error_set (reterr, BR_EUPINVALID,
                             "the provider's answer is %s where an object belongs",
                             json_type_name (root->type));
    event.arena = br_arena_new ();
    if (error_words_is (tree, root))
        s_fail (self, &event);
    else
        rc = s_read_choices (self, &event, reterr);
    if (rc == 0 && !self->ended)
        s_read_usage (&event);
    br_arena_destroy (&event.arena);
    return rc;
}

//  ---- the end

static br_finish_t
s_finish_of (br_text_t word)
{
    if (br_text_is (word, "length"))
        return BR_FINISH_LENGTH;
    return br_text_is (word, "content_filter") ? BR_FINISH_FILTER : BR_FINISH_STOP;
}

static void
s_end (reader_t *self, br_delta_fn *fn, void *arg)
{
    for (unsigned i = 0; i < self->nchoices; i++) {
        br_text_t word = br_text (self->choices[i].word);
        if (self->choices[i].begun)
            fn (arg, &(br_delta_t) { .kind = BR_DELTA_FINISH,
                                     .choice = i,
                                     .finish = s_finish_of (word),
                                     .native = word });
    }
    self->ended = true;
    fn (arg, &(br_delta_t) { .kind = BR_DELTA_END });
}

int
completions_read_mark (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
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

//  Where [DONE] is left out, a finish is enough.
int
completions_read_end (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr)
{
    reader_t *self = reader;
    if (self->ended)
        return 0;
    bool is_whole = self->nchoices > 0;
    for (unsigned i = 0; i < self->nchoices; i++)
        is_whole = is_whole && (!self->choices[i].begun || self->choices[i].word[0]);
    if (!is_whole)
        return br_error_set (reterr, BR_EUPCUT,
                             "the provider's answer ended before its finish");
    s_end (self, fn, arg);
    return 0;
}
