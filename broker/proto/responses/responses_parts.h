//  responses_parts: what the files of this codec share. Nobody else includes it.

#ifndef BR_RESPONSES_PARTS_H
#define BR_RESPONSES_PARTS_H

#include "broker/core/json_writer.h"
#include "broker/proto/codec.h"

//  ---- the codec's functions, as in codec.h

int responses_read_call (br_call_t *call, const json_tree_t *tree,
                         const json_node_t *root, br_error_t *reterr);
int responses_write_call (const br_call_t *call, const br_target_t *target,
                          br_loss_t **losses, br_buf_t *out, br_error_t *reterr);
int responses_read_reply (br_reply_t *reply, const json_tree_t *tree,
                          const json_node_t *root, br_error_t *reterr);
void responses_write_reply (const br_reply_t *reply, const br_asked_t *asked,
                            br_buf_t *out);
void *responses_reader_new (void);
void responses_reader_destroy (void **reader_p);
int responses_read_event (void *reader, const char *name, const json_tree_t *tree,
                          const json_node_t *root, br_delta_fn *fn, void *arg,
                          br_error_t *reterr);
int responses_read_mark (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
                         br_error_t *reterr);
int responses_read_end (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr);
void *responses_writer_new (const br_asked_t *asked);
void responses_writer_destroy (void **writer_p);
void responses_writer_resume (void *writer, uint64_t events);
void responses_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out);
void responses_write_error (br_code_t code, const char *text, br_text_t param,
                            br_buf_t *out);
unsigned responses_status (br_code_t code);

//  ---- reading a request

//  A request while it is read.
typedef struct _responses_read_t {
    br_call_t *call;         //  borrowed, as is all else
    const json_tree_t *tree; //
    br_error_t *reterr;      //  where a refusal is told
} responses_read_t;

//  Says what a member should have been. Returns -1.
int responses_refuse (responses_read_t *self, const json_node_t *node,
                      const char *wanted);

//  A string member, or absent. -1 when it is there and is something else (but null).
int responses_read_text (responses_read_t *self, const json_node_t *object,
                         const char *key, br_text_t *ret_text);

//  The same, but it must be there.
int responses_need_text (responses_read_t *self, const json_node_t *object,
                         const char *key, br_text_t *ret_text);

int responses_read_input (responses_read_t *self, const json_node_t *input);
int responses_read_tools (responses_read_t *self, const json_node_t *tools);
int responses_read_choice (responses_read_t *self, const json_node_t *choice);

//  A list of parts of a message or of a result; path: of the list.
int responses_read_content (responses_read_t *self, const json_node_t *parts,
                            br_text_t path, br_block_t **blocks);

//  ---- writing a request

//  A request while it is written.
typedef struct _responses_write_t {
    const br_call_t *call;     //  borrowed, as is all else
    const br_target_t *target; //
    br_loss_t **losses;        //
    br_arena_t *arena;         //  the call's
    json_writer_t w;
    unsigned place;              //  of the next call of a tool, in the whole request
    const br_block_t *next_call; //  that waits for its result; NULL = unknown
    unsigned next_place;         //  of it
    br_error_t *reterr;
} responses_write_t;

//  Says that a field of the client cannot be carried. Returns -1.
int responses_cannot (responses_write_t *self, br_text_t field, const char *why);
void responses_lose (responses_write_t *self, br_text_t field, bool changed);

int responses_write_input (responses_write_t *self);
int responses_write_tools (responses_write_t *self);
int responses_write_content (responses_write_t *self, const br_block_t *blocks);
int responses_write_part (responses_write_t *self, const br_block_t *block);

//  Whether a schema is one that strict tools and formats take as it is.
bool responses_schema_is_strict (br_text_t schema);

//  ---- how likely tokens were

//  A list of this protocol's as an object of Chat's.
void responses_put_chat_logprobs (json_writer_t *w, const json_tree_t *tree,
                                  const json_node_t *list);

//  The tokens of an object of Chat's, with commas between and behind those that are there.
void responses_add_logprobs (br_buf_t *out, br_text_t logprobs);

//  ---- the parts of an answer

//  An item of the output. What is absent is not written.
typedef struct _responses_item_t {
    br_block_kind_t kind;  //  TEXT, REFUSAL, REASONING, CALL, HOSTED
    bool custom;           //  CALL: of a freeform tool
    const char *status;    //  completed, in_progress, incomplete
    br_text_t id;          //  of the item
    br_text_t call_id;     //  CALL
    br_text_t name;        //  CALL
    br_text_t text;        //  what is said; CALL: arguments or input
    br_text_t parts;       //  REASONING: JSON parts of the summary, with commas between
    br_text_t annotations; //  TEXT: JSON annotations, with commas between
    br_text_t logprobs;    //  TEXT: JSON tokens, likewise
    br_text_t encrypted;   //  REASONING
    br_text_t raw;         //  HOSTED
} responses_item_t;

//  bare: as it is when it begins: without content
void responses_write_item (json_writer_t *w, const char *key,
                           const responses_item_t *item, bool bare);

//  An array of elements that have commas between.
void responses_put_list (json_writer_t *w, const char *key, br_text_t elements);

//  The object of a content part, of TEXT or REFUSAL.
void responses_write_answer_part (json_writer_t *w, const char *key,
                                  const responses_item_t *item);

#define RESPONSES_ID_MAX 80 //  bytes of an id that is made here, with its end

//  Id of an item: the same for the same answer and index.
void responses_item_id (const br_asked_t *asked, const responses_item_t *item,
                        unsigned index, char out[RESPONSES_ID_MAX]);

//  Id of a call that came without one.
void responses_call_id (const br_asked_t *asked, unsigned index,
                        char out[RESPONSES_ID_MAX]);

#define RESPONSES_AFTER                                                                  \
    "after" //  id of a blob in an envelope: it belongs to what is before

//  What goes back to the client as encrypted_content. after: the blob's block is in front
//  of it. arena: where it is made
br_text_t responses_seal (const br_opaque_t *opaque, bool after, br_arena_t *arena);

//  A hosted item of an image that was made.
br_text_t responses_image_item (const br_media_t *media, const br_asked_t *asked,
                                unsigned index, br_arena_t *arena);

//  What a response says of itself.
typedef struct _responses_answer_t {
    br_text_t model;
    uint64_t created;
    uint64_t completed;      //  0 = not yet
    const char *status;      //
    const char *incomplete;  //  the reason, or NULL
    const char *error;       //  the code, or NULL
    br_text_t message;       //  of the error
    const br_usage_t *usage; //  or NULL
    br_text_t output;        //  JSON items with commas between
    br_text_t echo;          //  as of responses_write_echo
} responses_answer_t;

//  status, incomplete and error of a finish.
void responses_answer_finish (responses_answer_t *self, br_finish_t finish);

void responses_write_answer (json_writer_t *w, const char *key,
                             const responses_answer_t *answer, const br_asked_t *asked);

//  The members of a response that repeat the request: "a":1,"b":2.
void responses_write_echo (const br_asked_t *asked, br_buf_t *out);

//  The writer makes no events, but one response object in out at the end. Deltas come
//  with no buffer of their own then.
void responses_writer_whole (void *writer, br_buf_t *out);

//  ---- errors

//  What a code of response.error means.
br_code_t responses_error_code (const json_tree_t *tree, const json_node_t *code);

//  The code of response.error that says it best.
const char *responses_error_word (br_code_t code);

//  ---- the reader, as far as whole answers share it

//  Takes a response object that is whole.
//  err:  BR_EUPINVALID it is none, or what response.error says
int responses_reader_whole (void *reader, const json_tree_t *tree,
                            const json_node_t *response, br_delta_fn *fn, void *arg,
                            br_error_t *reterr);

#endif
