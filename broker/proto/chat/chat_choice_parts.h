//  chat_choice_parts: what chat_choice.c and chat_slots.c share, and nobody else uses.

#ifndef BR_CHAT_CHOICE_PARTS_H
#define BR_CHAT_CHOICE_PARTS_H

#include "broker/proto/chat/chat_choice.h"

#define BLOCK_NONE BR_BLOCK_KINDS

//  A call under way.
typedef struct {
    int64_t index; //  the provider's
    br_text_t id;
    br_buf_t name;
    br_buf_t held; //  arguments that came before the name
    unsigned block;
    bool told;  //  CALL was emitted
    bool whole; //  its arguments came at once
    bool custom;
} chat_slot_t;

struct _chat_choice_t {
    unsigned number;
    bool started;
    unsigned open; //  kind of the open block, or BLOCK_NONE
    unsigned block;
    unsigned next;       //  number of the next block
    unsigned last_other; //  number behind the last block that is no call
    bool sealed;         //  the open reasoning has had its blob
    size_t thought;      //  bytes of the open reasoning
    uint64_t hash;       //  of them
    chat_slot_t *slots;
    size_t nslots;
    size_t room;
    chat_slot_t *waiting; //  has a name, is not told yet
    br_finish_t finish;
    br_text_t native;
    bool broken;
};

br_delta_t chat_choice_delta (const chat_choice_t *self, br_delta_kind_t kind,
                              unsigned block);

//  A string's text until the next one is asked for; absent when it is no string.
br_text_t chat_choice_text (chat_event_t *event, const json_node_t *node);

//  ---- chat_slots.c

//  Tells the call whose name is known and whose arguments have not begun.
void chat_slots_tell_waiting (chat_choice_t *self, chat_event_t *event);

//  tool_calls of a delta, and function_call. err: BR_EUPINVALID too many
int chat_slots_read (chat_choice_t *self, chat_event_t *event, const json_node_t *list,
                     br_error_t *reterr);
int chat_slots_read_legacy (chat_choice_t *self, chat_event_t *event,
                            const json_node_t *call, br_error_t *reterr);

//  Arguments without a name are a call that makes no sense.
bool chat_slots_are_malformed (const chat_choice_t *self);

void chat_slots_free (chat_choice_t *self);

#endif
