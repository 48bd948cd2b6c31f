//  reply: an answer in canonical form, whole or as a sequence of deltas. Readers of
//  streams make deltas, writers of streams take them; a whole answer is the sum of its
//  deltas, and can be played as deltas again. So each protocol needs to know itself
//  alone.
//  src:  docs/rfc/8-CANONICAL.md

#ifndef BR_REPLY_H
#define BR_REPLY_H

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/proto/block.h"
#include "broker/proto/usage.h"

#define BR_REPLY_BYTES_MAX (64u << 20) //  of an answer that is collected

typedef enum {
    BR_FINISH_UNSET,
    BR_FINISH_STOP,
    BR_FINISH_STOP_SEQUENCE,
    BR_FINISH_LENGTH,
    BR_FINISH_CONTEXT, //  the context window is full
    BR_FINISH_TOOL_USE,
    BR_FINISH_FILTER,
    BR_FINISH_REFUSAL,
    BR_FINISH_PAUSE,     //  the provider wants to go on in a next call
    BR_FINISH_MALFORMED, //  a call of a tool that makes no sense
    BR_FINISH_COUNT
} br_finish_t;

//  ---- the whole

typedef struct _br_reply_t {
    struct _br_reply_t *next; //  of another choice (n > 1); the rest of it is its own
    br_arena_t *arena;        //  the first one's is owned
    unsigned choice;
    br_text_t id;
    br_text_t model;  //  as the provider names it
    uint64_t created; //  unix seconds; 0 = unknown
    br_block_t *blocks;
    br_finish_t finish;
    br_text_t native_finish; //  as the provider spells it
    br_text_t stop_sequence;
    br_usage_t usage;
    br_text_t logprobs;              //  Chat: JSON
    size_t bytes;                    //  collected so far
    struct _br_reply_index_t *index; //  of blocks by number; for br_reply_add alone
} br_reply_t;

//  "caller destroys"
br_reply_t *br_reply_new (void);
void br_reply_destroy (br_reply_t **self_p);

//  ---- deltas

//  In order, for each choice: START once and first; blocks one after the other, numbers
//  growing, each with deltas of one kind; then FINISH once. USAGE may come at any time,
//  each replaces the one before. Nothing comes behind END or ERROR, of which there is
//  one. Readers may let CALL blocks overlap (as Chat does); br_order puts them in order.
typedef enum {
    BR_DELTA_START,     //  id, model, created
    BR_DELTA_TEXT,      //  block, text
    BR_DELTA_REFUSAL,   //  block, text
    BR_DELTA_REASONING, //  block, text; summary tells which of both it is
    BR_DELTA_OPAQUE,    //  block (of reasoning, call or text), opaque
    BR_DELTA_CITATION,  //  block, raw: one citation in the family's form
    BR_DELTA_CALL,      //  block, id, name, custom: a call begins
    BR_DELTA_ARGS,      //  block, text: a piece of its arguments; last
    BR_DELTA_MEDIA,     //  block, media: an image or sound, whole
    BR_DELTA_HOSTED,    //  block, raw: an item of a provider's own tools, whole
    BR_DELTA_LOGPROBS,  //  raw: JSON of one choice's logprobs
    BR_DELTA_USAGE,     //  usage
    BR_DELTA_FINISH,    //  finish, native, stop_sequence
    BR_DELTA_PING,      //  the provider is alive
    BR_DELTA_ERROR,     //  code, text: the provider broke it off
    BR_DELTA_END        //  the answer is whole
} br_delta_kind_t;

//  What it points to is valid while it is being handled.
typedef struct _br_delta_t {
    br_delta_kind_t kind;
    unsigned choice;
    unsigned block; //  number in its choice, from 0
    br_text_t text;
    br_text_t id, name;
    br_text_t model;
    uint64_t created;
    bool custom;
    bool last;          //  ARGS: no more of them comes, as the reader knows
    bool summary;       //  REASONING: of a summary
    bool first_of_part; //  REASONING: a new part of the summary begins
    br_text_t item_id;  //  Responses: id of the item
    br_text_t raw;      //  JSON
    br_family_t family; //  of raw
    const br_media_t *media;
    br_block_kind_t media_kind;
    const br_opaque_t *opaque;
    br_usage_t usage;
    br_finish_t finish;
    br_text_t native, stop_sequence;
    br_code_t code; //  ERROR
} br_delta_t;

typedef void (br_delta_fn) (void *arg, const br_delta_t *delta);

//  Adds a delta to a whole. 0, or -1 when it would be over BR_REPLY_BYTES_MAX. START,
//  PING, END and ERROR of a choice that is not there make no new one.
int br_reply_add (br_reply_t *self, const br_delta_t *delta, br_error_t *reterr);

//  All of it as deltas, from START to END.
void br_reply_play (const br_reply_t *self, br_delta_fn *fn, void *arg);

//  The finish that a client is told: any call of a tool makes STOP a TOOL_USE.
br_finish_t br_reply_finish (const br_reply_t *self);

const char *br_finish_name (br_finish_t finish);

//  ---- order

//  Between a reader and a writer: lets one block of a choice be open at a time, and holds
//  back the pieces of calls that overlap it until it is done. Numbers blocks anew from 0.
typedef struct _br_order_t br_order_t;

//  "caller destroys"
br_order_t *br_order_new (br_delta_fn *fn, void *arg);
void br_order_destroy (br_order_t **self_p);

//  Takes a delta. -1 when more than BR_REPLY_BYTES_MAX wait.
int br_order_push (br_order_t *self, const br_delta_t *delta, br_error_t *reterr);

#endif
