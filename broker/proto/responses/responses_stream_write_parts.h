//  responses_stream_write_parts: the writer of streams, as its two files know it: deltas
//  and the response in responses_stream_write.c, the items in responses_item_write.c.

#ifndef BR_RESPONSES_STREAM_WRITE_PARTS_H
#define BR_RESPONSES_STREAM_WRITE_PARTS_H

#include "broker/proto/responses/responses_parts.h"

//  A blob that is written behind the item that is open.
typedef struct _responses_sealed_t {
    struct _responses_sealed_t *next;
    br_text_t text;
} responses_sealed_t;

#define RESPONSES_NAMED_MAX 256 //  items that keep their provider's id; others get ours

//  An id of the provider's that an item has.
typedef struct _responses_named_t {
    struct _responses_named_t *next;
    br_text_t id;
} responses_named_t;

typedef enum {
    RESPONSES_ITEM_NONE, //  no item
    RESPONSES_ITEM_HELD, //  a call whose item has not been told
    RESPONSES_ITEM_OPEN
} responses_item_state_t;

typedef struct _responses_writer_t {
    const br_asked_t *asked; //  borrowed
    br_arena_t *arena;       //  ids, names and blobs
    br_buf_t *out;           //  of the delta under way; borrowed
    br_buf_t *whole;         //  where one object goes, or NULL; borrowed
    br_buf_t nowhere;        //  where events go then: takes no byte
    br_buf_t echo;           //  members that repeat the request
    br_buf_t output;         //  items that are closed, with commas between
    unsigned sequence;       //  of the next event
    unsigned items;          //  that are closed
    bool started, ended;
    bool refused; //  in words

    responses_item_state_t state;
    responses_item_t item; //  the one that is open or held
    unsigned block;        //  its block
    br_buf_t text;         //  said so far; of a summary: of its part
    br_buf_t parts;        //  of the summary that are closed
    br_buf_t annotations;
    br_buf_t logprobs;          //  tokens of the text, with commas between
    unsigned notes;             //  annotations so far
    unsigned part;              //  number of the summary's part
    bool part_open;             //
    bool part_of_summary;       //  that the provider told as such
    responses_sealed_t *behind; //
    responses_named_t *named;   //
    unsigned nnamed;

    br_text_t model;
    uint64_t created;
    br_usage_t usage;
    br_finish_t finish;
} responses_writer_t;

typedef struct _responses_event_t {
    json_writer_t w;
    size_t start; //  of the data, in the buffer
} responses_event_t;

//  What a buffer holds; never absent.
br_text_t responses_buf_text (const br_buf_t *buf);

//  An event begins, is filled, and ends. Ends of lines in what is repeated of others are
//  blanks between values: an event is one line.
responses_event_t responses_event_begin (responses_writer_t *self, const char *type);
void responses_event_end (responses_event_t *event);

//  An event of the item that is open. index: "content_index" and so on, or NULL
responses_event_t responses_event_of_item (responses_writer_t *self, const char *type,
                                           const char *index, unsigned number);

//  A blob, or an item of a provider's own tools, as an item at once.
void responses_say_sealed (responses_writer_t *self, br_text_t sealed);
void responses_say_hosted (responses_writer_t *self, br_text_t raw);

//  A new item for a block; what was open is closed.
void responses_item_begin (responses_writer_t *self, const br_delta_t *delta,
                           br_block_kind_t kind);

//  Whether the item is of this kind and of the delta's block.
bool responses_item_is_at (const responses_writer_t *self, const br_delta_t *delta,
                           br_block_kind_t kind);

//  Makes sure of that.
void responses_item_need (responses_writer_t *self, const br_delta_t *delta,
                          br_block_kind_t kind);

//  Whether an item of the answer has this id from its provider.
bool responses_item_is_named (const responses_writer_t *self, br_text_t id);

//  Tells of the item that was begun.
void responses_item_open (responses_writer_t *self);

//  status: of the item that is open, if one is
void responses_item_close (responses_writer_t *self, const char *status);

//  Of a summary.
void responses_part_close (responses_writer_t *self);

//  A piece of the call's arguments.
void responses_say_args (responses_writer_t *self, br_text_t piece);

#endif
