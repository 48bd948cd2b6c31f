//  chat_choice: one choice of an answer that is being read, in events or whole: which
//  block is open, which calls there are, and how it ended.

#ifndef BR_CHAT_CHOICE_H
#define BR_CHAT_CHOICE_H

#include "broker/proto/chat/chat_parts.h"

#define CHAT_CHOICES_MAX 128 //  of an answer
#define CHAT_CALLS_MAX 512   //  of a choice

typedef struct _chat_choice_t chat_choice_t;

//  What is being read, and who hears of it.
typedef struct _chat_event_t {
    const json_tree_t *tree;
    br_delta_fn *fn;
    void *arg;
    br_arena_t *arena; //  lives as long as the choice
    br_arena_t *brief; //  lives as long as the event; NULL until it is needed
    br_buf_t *scratch; //  for one text at a time
    br_text_t id;
    br_text_t model;
    uint64_t created; //  unix seconds
} chat_event_t;

//  "caller destroys"
chat_choice_t *chat_choice_new (unsigned number);
void chat_choice_destroy (chat_choice_t **self_p);

unsigned chat_choice_number (const chat_choice_t *self);
bool chat_choice_has_finish (const chat_choice_t *self);

//  The provider's word when it says that the provider failed; else absent.
br_text_t chat_choice_failure (const chat_choice_t *self);

//  Takes an item of choices, with a delta or a message.
//  err:  BR_EUPINVALID more calls than CHAT_CALLS_MAX
int chat_choice_read (chat_choice_t *self, chat_event_t *event, const json_node_t *choice,
                      br_error_t *reterr);

//  Nothing follows: what was held back, and FINISH.
void chat_choice_end (chat_choice_t *self, chat_event_t *event);

#endif
