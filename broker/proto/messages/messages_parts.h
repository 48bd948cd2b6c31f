//  messages_parts: what the files of the codec of Anthropic Messages share with each
//  other, and with nobody else. What codec.h says of its functions is not repeated.

#ifndef BR_MESSAGES_PARTS_H
#define BR_MESSAGES_PARTS_H

#include "broker/proto/field.h"
#include "broker/proto/messages/messages_codec.h"

//  ---- the codec's functions

int messages_read_call (br_call_t *call, const json_tree_t *tree, const json_node_t *root,
                        br_error_t *reterr);
int messages_write_call (const br_call_t *call, const br_target_t *target,
                         br_loss_t **losses, br_buf_t *out, br_error_t *reterr);
int messages_read_reply (br_reply_t *reply, const json_tree_t *tree,
                         const json_node_t *root, br_error_t *reterr);
void messages_write_reply (const br_reply_t *reply, const br_asked_t *asked,
                           br_buf_t *out);
void *messages_reader_new (void);
void messages_reader_destroy (void **reader_p);
int messages_read_event (void *reader, const char *name, const json_tree_t *tree,
                         const json_node_t *root, br_delta_fn *fn, void *arg,
                         br_error_t *reterr);
int messages_read_mark (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
                        br_error_t *reterr);
int messages_read_end (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr);
void *messages_writer_new (const br_asked_t *asked);
void messages_writer_destroy (void **writer_p);
void messages_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out);
void messages_write_error (br_code_t code, const char *text, br_text_t param,
                           br_buf_t *out);
unsigned messages_status (br_code_t code);

//  ---- members (messages_member.c): typed reading, with errors that name the path

typedef struct _messages_in_t {
    const json_tree_t *tree;
    br_arena_t *arena;
    br_code_t code; //  of whatever is wrong: EINVALID in a call, EUPINVALID in a reply
    br_error_t *reterr;
} messages_in_t;

//  Sets "PATH: must be WANTED". Returns -1.
int messages_wrong (const messages_in_t *in, const json_node_t *node, const char *wanted);
//  Sets "PATH.KEY: is missing". Returns -1.
int messages_missing (const messages_in_t *in, const json_node_t *node, const char *key);

//  Values of a type. 0, or -1 with an error.
int messages_text (const messages_in_t *in, const json_node_t *node, br_text_t *ret_text);
int messages_number (const messages_in_t *in, const json_node_t *node,
                     br_number_t *ret_number);
int messages_count (const messages_in_t *in, const json_node_t *node,
                    br_number_t *ret_number); //  an integer >= 0
int messages_bool (const messages_in_t *in, const json_node_t *node, bool *ret_value);

//  Members: a `must` may not be absent or null; a `may` leaves *ret_text absent then.
int messages_must (const messages_in_t *in, const json_node_t *node, const char *key,
                   br_text_t *ret_text);
int messages_may (const messages_in_t *in, const json_node_t *node, const char *key,
                  br_text_t *ret_text);

//  The value of a cache_control member, if there is one.
int messages_cache (const messages_in_t *in, const json_node_t *node,
                    br_text_t *ret_cache);

//  ---- blocks (messages_block.c)

//  Where a block stands; a bit each.
typedef enum {
    MESSAGES_SYSTEM = 1,
    MESSAGES_USER = 2,
    MESSAGES_ASSISTANT = 4,
    MESSAGES_RESULT = 8,
    MESSAGES_REPLY = 16
} messages_place_t;

//  Reads content: a string or an array of blocks.
//  in:   path, of the content
int messages_read_content (const messages_in_t *in, const json_node_t *node,
                           messages_place_t place, br_text_t path, br_block_t **blocks);

//  ---- tools (messages_tool.c)

int messages_read_tools (const messages_in_t *in, const json_node_t *node,
                         br_call_t *call);
int messages_read_choice (const messages_in_t *in, const json_node_t *node,
                          br_call_t *call);

//  ---- calls, written

//  What is asked of the model's thinking (messages_thinking.c).
typedef enum {
    MESSAGES_THINK_UNSAID, //  no member
    MESSAGES_THINK_OFF,
    MESSAGES_THINK_BUDGET,
    MESSAGES_THINK_ADAPTIVE,
    MESSAGES_THINK_ON //  enabled, without a budget
} messages_think_t;

typedef struct _messages_plan_t {
    messages_think_t think;
    uint64_t budget;     //  tokens; 0 = none
    uint64_t max_tokens; //  0 = the client's own number stays as it is
    const char *effort;  //  of output_config, or NULL
    bool on;             //  the model thinks
} messages_plan_t;

//  The id that a call of the group under way was sent with.
typedef struct _messages_sent_t {
    struct _messages_sent_t *next;
    br_text_t id; //  of the canonical call
    br_text_t wire;
} messages_sent_t;

//  A call that is being written.
typedef struct _messages_out_t {
    const br_call_t *call;
    const br_target_t *target;
    br_arena_t *arena; //  the call's
    br_loss_t **losses;
    br_error_t *reterr;
    json_writer_t json;
    json_tree_t *tree; //  for JSON inside of the call
    messages_plan_t plan;
    unsigned marks;        //  cache marks so far
    bool short_mark;       //  one of them is shorter than an hour
    unsigned calls;        //  calls of tools so far
    messages_sent_t *sent; //  of the assistant's group before, in order
    messages_sent_t *last_sent;
    const messages_sent_t *next_sent; //  that waits for its result
} messages_out_t;

void messages_lose (messages_out_t *self, br_field_t field, bool changed);
//  A loss at a path; `otherwise` where there is none.
void messages_lose_at (messages_out_t *self, br_text_t path, const char *otherwise,
                       bool changed);

//  BR_EINVALID: "FIELD: MODEL at PROVIDER WHAT". Returns -1.
int messages_refuse (messages_out_t *self, br_text_t field, const char *what);

//  Settles thinking, effort and max_tokens, and notes what is lost by that.
messages_plan_t messages_plan (messages_out_t *self);

//  Whether a block of reasoning can be sent back at all.
bool messages_sends_reasoning (const br_block_t *block, const br_target_t *target);

//  The member cache_control, within the limits of a request (messages_media.c).
void messages_put_cache (messages_out_t *self, br_text_t cache, br_text_t path);

//  An image or document as a block; others are refused.
int messages_put_media (messages_out_t *self, const br_block_t *block);

int messages_put_turns (messages_out_t *self);   //  messages_turn_write.c
int messages_put_tools (messages_out_t *self);   //  messages_tool_write.c
bool messages_put_choice (messages_out_t *self); //  the same; false: nothing to write

//  ---- pieces that calls and replies share (messages_piece.c)

//  Arguments of a call as the object that is wanted: {} for none, {"value": x} for what
//  is no object, {"_raw": text} for what is no JSON, {"input": text} of a freeform tool.
//  ret:  whether the text had to be changed
bool messages_put_args (json_writer_t *json, const char *key, br_text_t text, bool custom,
                        json_tree_t *tree);

//  Raw JSON on one line, as an event needs it.
void messages_put_line (json_writer_t *json, const char *key, br_text_t raw);

//  The signature that a blob travels as; absent when it cannot. native: of this family.
br_text_t messages_seal (const br_opaque_t *opaque, br_text_t call_id, br_arena_t *arena,
                         bool *ret_native);

//  ---- schemas (messages_schema.c)

//  Writes the schema of a tool's input as Anthropic takes it: an object with properties,
//  and no choice between schemas at the top.
//  ret:  whether the meaning had to be changed
bool messages_put_input_schema (json_writer_t *json, const char *key, br_text_t schema,
                                json_tree_t *tree);

//  Whether what fits a schema is an object, or may be one.
bool messages_schema_is_object (br_text_t schema, json_tree_t *tree);

//  Writes the schema of an answer: additionalProperties is false in each object.
bool messages_put_answer_schema (json_writer_t *json, const char *key, br_text_t schema,
                                 json_tree_t *tree);

//  ---- replies

br_finish_t messages_finish_of (br_text_t word); //  STOP for a word that is none
const char *messages_finish_word (br_finish_t finish);

//  Member stop_details, or nothing: explains a refusal.
void messages_put_stop_details (json_writer_t *json, br_finish_t finish);

//  The id of an answer: a provider's own of this family, else made of asked's.
br_text_t messages_reply_id (br_text_t id, const br_asked_t *asked, br_arena_t *arena);

//  ---- errors (messages_error.c)

//  The error type of a code, and the code of a provider's error type.
const char *messages_error_type (br_code_t code);
br_code_t messages_error_code (br_text_t type);

#endif
