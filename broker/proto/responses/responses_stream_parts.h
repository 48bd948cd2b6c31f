//  responses_stream_parts: the reader of streams, as its two files know it: the response
//  and the table of events in responses_stream.c, the items in responses_stream_items.c.

#ifndef BR_RESPONSES_STREAM_PARTS_H
#define BR_RESPONSES_STREAM_PARTS_H

#include "broker/proto/responses/responses_parts.h"

#define RESPONSES_ITEMS_MAX 65536 //  of one answer

typedef enum {
    RESPONSES_ENTRY_NONE,
    RESPONSES_ENTRY_MESSAGE,
    RESPONSES_ENTRY_REASONING,
    RESPONSES_ENTRY_CALL,
    RESPONSES_ENTRY_HOSTED
} responses_entry_kind_t;

//  An item of the output.
typedef struct _responses_entry_t {
    responses_entry_kind_t kind;
    bool custom; //  CALL
    bool told;   //  CALL: its delta was made
    bool begun;  //  it has a block
    bool done;
    unsigned block;
    int64_t part;      //  number of the part that is open; of a summary likewise
    bool summary;      //  the part is of a summary
    bool noted;        //  its annotations came
    size_t sent;       //  bytes of the part
    uint64_t parts;    //  a bit for each part that was told; the first 64 alone
    uint64_t thoughts; //  likewise of a summary
    uint64_t likely;   //  likewise of parts whose logprobs were told
} responses_entry_t;

//  Texts of one event that are kept at the same time.
enum {
    RESPONSES_TEXT_PIECE,
    RESPONSES_TEXT_ID,
    RESPONSES_TEXT_NAME,
    RESPONSES_TEXT_ITEM,
    RESPONSES_TEXT_LOGPROBS,
    RESPONSES_TEXTS
};

typedef struct _responses_reader_t {
    responses_entry_t *items;
    size_t room;
    unsigned blocks; //  that have begun
    bool started, ended;
    bool called, refused; //  a call or a refusal was seen
    bool seen;            //  an item was
    br_buf_t texts[RESPONSES_TEXTS];
    const json_tree_t *tree; //  of the event under way; borrowed, as is what follows
    br_delta_fn *fn;
    void *arg;
    br_error_t *reterr;
} responses_reader_t;

//  A string's text, where it lies or unescaped in a buffer of this place. Absent when it
//  is no string.
br_text_t responses_event_text (responses_reader_t *self, const json_node_t *node,
                                unsigned place);
br_text_t responses_event_member (responses_reader_t *self, const json_node_t *object,
                                  const char *key, unsigned place);
void responses_event_say (responses_reader_t *self, const br_delta_t *delta);

//  The item of an index. NULL when that is out of bounds.
responses_entry_t *responses_item_at (responses_reader_t *self, int64_t index);

//  Takes an item that is whole: says what has not been said.
void responses_item_end (responses_reader_t *self, responses_entry_t *item,
                         const json_node_t *node);

//  What a piece of text is of.
typedef enum {
    RESPONSES_PIECE_SAID,
    RESPONSES_PIECE_REFUSAL,
    RESPONSES_PIECE_THOUGHT,
    RESPONSES_PIECE_SUMMARY,
    RESPONSES_PIECES
} responses_piece_t;

//  done: the event has the whole text; what was not said is said now.
void responses_on_piece (responses_reader_t *self, const json_node_t *event,
                         responses_piece_t piece, bool done);

//  Events. 0, or -1 when one makes no sense.
int responses_on_annotation (responses_reader_t *self, const json_node_t *event);
int responses_on_args_delta (responses_reader_t *self, const json_node_t *event);
int responses_on_args_done (responses_reader_t *self, const json_node_t *event);
int responses_on_item_added (responses_reader_t *self, const json_node_t *event);
int responses_on_item_done (responses_reader_t *self, const json_node_t *event);

#endif
