//  gemini_parts: what the files of this folder share: members under both of their names,
//  pieces of content that stand in requests and answers alike, and the codec's functions.

#ifndef BR_GEMINI_PARTS_H
#define BR_GEMINI_PARTS_H

#include "broker/core/json_writer.h"
#include "broker/proto/gemini/gemini_codec.h"

#define GEMINI_KEY_MAX 64      //  bytes of a member's name that is known here
#define GEMINI_CHOICES_MAX 128 //  candidates of one answer, as many as of Chat's
#define GEMINI_WORD_MAX 64     //  bytes of a finish reason

//  ---- members

//  A member by its camelCase name or the same in snake_case, which Google takes alike.
//  NULL when absent or null.
const json_node_t *gemini_get (const json_tree_t *tree, const json_node_t *node,
                               const char *camel);

//  0 when the node is absent, null or of the type.
//  err:  BR_EINVALID, with its path
int gemini_want (const json_tree_t *tree, const json_node_t *node, json_type_t type,
                 br_error_t *reterr);

br_text_t gemini_path (const json_tree_t *tree, const json_node_t *node,
                       br_arena_t *arena);

//  A text in lower or upper case. "owned by arena"
br_text_t gemini_lower (br_text_t text, br_arena_t *arena);
br_text_t gemini_upper (br_text_t text, br_arena_t *arena);

//  ---- pieces of content

//  JSON as it stands, but on one line.
void gemini_put_flat (json_writer_t *writer, const char *key, br_text_t json);

//  "args": always an object: {} for nothing, {"value":...} around what is none, and
//  {"_raw":text} around what is no JSON; {"input":text} of a freeform tool.
//  in:   tree, to read the text with; what it held is gone
//  ret:  whether something was put around it
bool gemini_put_args (json_writer_t *writer, br_text_t text, bool custom,
                      json_tree_t *tree);

//  "response": the text when it is an object, else {"output":text}; {"error":text}.
void gemini_put_response (json_writer_t *writer, br_text_t text, bool error,
                          json_tree_t *tree);

//  The kind of block that a media type is.
br_block_kind_t gemini_media_kind (br_text_t mime);

//  The kind that an address tells by its host or its ending; BR_BLOCK_KINDS when it tells
//  none.
br_block_kind_t gemini_url_kind (br_text_t url);

//  "inlineData" of media with data, "fileData" of others.
void gemini_put_media (json_writer_t *writer, const br_media_t *media,
                       br_block_kind_t kind);

//  The media type, or what its first bytes and its kind make of it.
br_text_t gemini_media_type (const br_media_t *media, br_block_kind_t kind);

//  The blob that is written as a part's thoughtSignature as it is, or NULL.
const br_opaque_t *gemini_signature_of (const br_opaque_t *list);

//  ---- finishes

br_finish_t gemini_finish_of (br_text_t word);

//  The native word when it is Google's own and says the same.
const char *gemini_finish_word (br_finish_t finish, br_text_t native);

//  ---- logprobs

//  Google's logprobsResult as an object of Chat's.
void gemini_put_logprobs (json_writer_t *writer, const json_tree_t *tree,
                          const json_node_t *result);

//  An object of Chat's as the member logprobsResult; nothing where it tells of no token.
//  in:   tree, to look into it with
void gemini_write_logprobs (json_writer_t *writer, json_tree_t *tree, br_text_t logprobs);

//  ---- errors

void gemini_write_error (br_code_t code, const char *text, br_text_t param,
                         br_buf_t *out);
unsigned gemini_error_status (br_code_t code);

//  What a provider's error object means for the call.
br_code_t gemini_error_code (const json_tree_t *tree, const json_node_t *error);

//  ---- calls

//  Members of a call beside its contents, and how they are read. Each gets its node,
//  which is neither absent nor null.
int gemini_read_config (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
                        br_error_t *reterr);
int gemini_read_tools (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
                       br_error_t *reterr);
int gemini_read_tool_config (br_call_t *call, const json_tree_t *tree,
                             const json_node_t *node, br_error_t *reterr);
int gemini_read_contents (br_call_t *call, const json_tree_t *tree,
                          const json_node_t *node, br_error_t *reterr);

int gemini_read_call (br_call_t *call, const json_tree_t *tree, const json_node_t *root,
                      br_error_t *reterr);

//  A call on its way to a provider.
typedef struct _gemini_task_t {
    const br_call_t *call;
    const br_target_t *target;
    br_loss_t **losses;
    json_writer_t writer;
    json_tree_t *tree; //  to look into texts with
    br_error_t *reterr;
} gemini_task_t;

//  By the name that the client's protocol gives to a thing; what is NULL there is no
//  loss.
typedef struct _gemini_name_t {
    const char *of[BR_PROTOCOL_COUNT];
} gemini_name_t;

void gemini_lose (const gemini_task_t *task, const gemini_name_t *name, bool changed);
void gemini_lose_path (const gemini_task_t *task, br_text_t path, const char *member,
                       bool changed);

int gemini_write_contents (gemini_task_t *task);
int gemini_write_config (gemini_task_t *task);
int gemini_write_tools (gemini_task_t *task);

int gemini_write_call (const br_call_t *call, const br_target_t *target,
                       br_loss_t **losses, br_buf_t *out, br_error_t *reterr);

//  ---- answers

int gemini_read_reply (br_reply_t *reply, const json_tree_t *tree,
                       const json_node_t *root, br_error_t *reterr);
void gemini_write_reply (const br_reply_t *reply, const br_asked_t *asked, br_buf_t *out);

void *gemini_reader_new (void);
void gemini_reader_destroy (void **reader_p);
int gemini_read_event (void *reader, const char *name, const json_tree_t *tree,
                       const json_node_t *root, br_delta_fn *fn, void *arg,
                       br_error_t *reterr);
int gemini_read_mark (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
                      br_error_t *reterr);
int gemini_read_end (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr);

void *gemini_writer_new (const br_asked_t *asked);
void gemini_writer_destroy (void **writer_p);
void gemini_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out);

#endif
