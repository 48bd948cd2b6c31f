//  chat_parts: what the files of this codec share, and nobody else uses.

#ifndef BR_CHAT_PARTS_H
#define BR_CHAT_PARTS_H

#include "broker/core/json_writer.h"
#include "broker/proto/chat/chat_codec.h"
#include "broker/proto/field.h"

#define CHAT_PATH_MAX 160 //  bytes of a member's path in an error, with its end

//  ---- reading requests: chat_member.c

//  A request that is being read.
typedef struct _chat_read_t {
    const json_tree_t *tree; //  borrowed
    br_call_t *call;         //  borrowed
    br_error_t *reterr;      //  borrowed; may be NULL
} chat_read_t;

//  "`messages[0].role` must be …": -1, so that a caller can return it.
int chat_refuse (const chat_read_t *self, const json_node_t *node, const char *format,
                 ...) __attribute__ ((format (printf, 3, 4)));

//  Of the type, or refused. 0 or -1.
int chat_want (const chat_read_t *self, const json_node_t *node, json_type_t type);

//  A member that must be there, or may be (NULL when absent or null).
int chat_need (const chat_read_t *self, const json_node_t *object, const char *key,
               json_type_t type, const json_node_t **ret_node);
int chat_may (const chat_read_t *self, const json_node_t *object, const char *key,
              json_type_t type, const json_node_t **ret_node);

//  The same of texts; absent when not there.
int chat_need_text (const chat_read_t *self, const json_node_t *object, const char *key,
                    br_text_t *ret_text);
int chat_may_text (const chat_read_t *self, const json_node_t *object, const char *key,
                   br_text_t *ret_text);

br_text_t chat_text (const chat_read_t *self, const json_node_t *node);

//  The mark of cache_control or prompt_cache_breakpoint on a part or tool, or absent.
br_text_t chat_cache_mark (const chat_read_t *self, const json_node_t *node);

//  ---- parts of requests; 0, or -1 and refused

//  chat_content.c: a string or parts, as blocks behind those of the list.
//  in:   kinds, bits of br_block_kind_t that may stand here; path, of the message
int chat_read_content (const chat_read_t *self, const json_node_t *content,
                       unsigned kinds, br_text_t path, br_block_t **list);

#define CHAT_BIT(kind) (1u << (kind))

//  chat_messages.c
int chat_read_messages (const chat_read_t *self, const json_node_t *list);

//  chat_call_tools.c
int chat_read_tools (const chat_read_t *self, const json_node_t *list);
int chat_read_functions (const chat_read_t *self, const json_node_t *list);
int chat_read_choice (const chat_read_t *self, const json_node_t *choice);
int chat_read_function_call (const chat_read_t *self, const json_node_t *choice);

//  ---- reasoning_details: chat_details.c

//  What one item says. All texts absent when it has none of them.
typedef struct _chat_detail_t {
    br_text_t text;    //  of reasoning.text
    br_text_t summary; //  of reasoning.summary
    bool is_blob;      //  opaque is given, of no family if it was damaged; it ends its
                       //  block
    br_opaque_t opaque;
} chat_detail_t;

//  Opens a blob that is in an envelope; of no family then if that was damaged, or held
//  nothing.
void chat_blob_open (br_opaque_t *blob, br_arena_t *arena);

//  Reads an item of a list. Its texts are borrowed from the tree or made in the arena.
void chat_detail_read (const json_tree_t *tree, const json_node_t *item,
                       br_arena_t *arena, chat_detail_t *ret_detail);

//  As chat_detail_write, for a client: the blob is in an envelope.
void chat_detail_seal (json_writer_t *writer, const br_opaque_t *opaque, br_text_t text,
                       unsigned *index, br_arena_t *arena);

//  Writes text alone as an item. format: of the blobs that stand beside it, or NULL.
void chat_detail_write_text (json_writer_t *writer, br_text_t text, bool summary,
                             const char *format, unsigned *index);

//  "anthropic-claude-v1"; NULL for families without a name of their own.
const char *chat_detail_format (br_family_t family);

//  Whether a blob that is kept whole holds the text that it goes with.
bool chat_detail_holds_text (const br_opaque_t *opaque);

//  All that a block has: its text, where no blob brings it, and its blobs; for a provider,
//  and for a client.
void chat_detail_write_block (json_writer_t *writer, const br_block_t *block,
                              unsigned *index);
void chat_detail_seal_block (json_writer_t *writer, const br_block_t *block,
                             unsigned *index, br_arena_t *arena);

//  Whether a blob of the family means something to a model of that name.
bool chat_detail_fits (br_family_t family, br_text_t model);

//  The call's "extra_content":{"google":{"thought_signature":…}}. Not if absent.
void chat_thought_write (json_writer_t *writer, br_text_t thought);

//  ---- writing requests

//  A call and the id that the target knows it by.
typedef struct _chat_id_t {
    br_text_t id;
    br_text_t wire;
} chat_id_t;

//  A request that is being written.
typedef struct _chat_write_t {
    const br_call_t *call;     //  borrowed
    const br_target_t *target; //  borrowed
    br_loss_t **losses;        //  borrowed
    br_error_t *reterr;        //  borrowed
    json_writer_t out;
    bool thinks;     //  the model thinks, as far as is known
    bool lenient;    //  it takes all members of OpenAI's, or overlooks them
    chat_id_t *ids;  //  of all calls, in order; in the call's arena
    size_t ids_size; //  count
    size_t calls;    //  that are written
    size_t ids_next; //  where the search for a result's call begins
} chat_write_t;

//  Names a loss.
void chat_lose (const chat_write_t *self, br_text_t field, bool changed);
void chat_lose_field (const chat_write_t *self, br_field_t field, bool changed);

//  "`FIELD` cannot be carried to MODEL at PROVIDER: WHY": -1.
int chat_refuse_write (const chat_write_t *self, br_text_t field, const char *why);

//  chat_thinking_write.c
bool chat_thinks (const br_call_t *call);
void chat_write_thinking (chat_write_t *self);

//  chat_messages_write.c
int chat_write_messages (chat_write_t *self);

//  chat_content_write.c: a part; what has no place becomes a loss. 0 or -1.
int chat_write_part (chat_write_t *self, const br_block_t *block);
void chat_write_cache (chat_write_t *self, br_text_t cache);

//  chat_tools_write.c
int chat_write_tools (chat_write_t *self);

//  ---- finishes: chat_finish.c

//  The class of a provider's word; unknown words are STOP. *ret_broken: it means that the
//  provider failed.
br_finish_t chat_finish_of (br_text_t word, bool *ret_broken);

//  A call of a tool that makes no sense; also in Google's own words.
bool chat_finish_is_malformed (br_text_t word);

//  "stop", …; called: a call was written; refused: a refusal was.
const char *chat_finish_word (br_finish_t finish, bool called, bool refused);

//  ---- answers

//  chat_error.c: whether an answer or event is an error. *ret_text is borrowed, or of the
//  arena.
bool chat_error_read (const json_tree_t *tree, const json_node_t *root, br_arena_t *arena,
                      br_code_t *ret_code, br_text_t *ret_text);
void chat_error_write (br_code_t code, const char *text, br_text_t param, br_buf_t *out);
unsigned chat_error_status (br_code_t code);

//  chat_stream.c
void *chat_reader_new (void);
void chat_reader_destroy (void **reader_p);
int chat_read_event (void *reader, const char *name, const json_tree_t *tree,
                     const json_node_t *root, br_delta_fn *fn, void *arg,
                     br_error_t *reterr);
int chat_read_mark (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
                    br_error_t *reterr);
int chat_read_end (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr);

//  chat_stream_write.c
void *chat_writer_new (const br_asked_t *asked);
void chat_writer_destroy (void **writer_p);
void chat_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out);

//  chat_call.c, chat_call_write.c, chat_reply.c
int chat_read_call (br_call_t *call, const json_tree_t *tree, const json_node_t *root,
                    br_error_t *reterr);
int chat_write_call (const br_call_t *call, const br_target_t *target, br_loss_t **losses,
                     br_buf_t *out, br_error_t *reterr);
int chat_read_reply (br_reply_t *reply, const json_tree_t *tree, const json_node_t *root,
                     br_error_t *reterr);
void chat_write_reply (const br_reply_t *reply, const br_asked_t *asked, br_buf_t *out);

//  chat_reply.c: members that whole and streamed answers have in common.
void chat_write_call_head (json_writer_t *writer, br_text_t id, br_text_t name,
                           unsigned number, const br_asked_t *asked, bool custom);
void chat_write_annotation (json_writer_t *writer, const json_tree_t *tree,
                            const json_node_t *citation);
void chat_write_image (json_writer_t *writer, const br_media_t *media);
void chat_write_audio (json_writer_t *writer, const br_media_t *media,
                       const br_asked_t *asked);

#endif
