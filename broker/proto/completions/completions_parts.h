//  completions_parts: what the files of this codec share, and nobody else uses.

#ifndef BR_COMPLETIONS_PARTS_H
#define BR_COMPLETIONS_PARTS_H

#include "broker/core/json_writer.h"
#include "broker/proto/codec.h"

#define COMPLETIONS_CHOICES_MAX 128 //  of an answer

//  completions_call.c, completions_call_write.c
int completions_read_call (br_call_t *call, const json_tree_t *tree,
                           const json_node_t *root, br_error_t *reterr);
int completions_write_call (const br_call_t *call, const br_target_t *target,
                            br_loss_t **losses, br_buf_t *out, br_error_t *reterr);

//  completions_stream.c
void *completions_reader_new (void);
void completions_reader_destroy (void **reader_p);
int completions_read_event (void *reader, const char *name, const json_tree_t *tree,
                            const json_node_t *root, br_delta_fn *fn, void *arg,
                            br_error_t *reterr);
int completions_read_mark (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
                           br_error_t *reterr);
int completions_read_end (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr);

//  completions_reply.c
int completions_read_reply (br_reply_t *reply, const json_tree_t *tree,
                            const json_node_t *root, br_error_t *reterr);
void completions_write_reply (const br_reply_t *reply, const br_asked_t *asked,
                              br_buf_t *out);

//  completions_reply.c: what whole answers and events have in common. open leaves the list
//  of choices open; a choice without a finish is not over.
json_writer_t completions_open (const br_asked_t *asked, br_buf_t *out);
void completions_open_choice (json_writer_t *writer); //  its text follows
void completions_close_choice (json_writer_t *writer, unsigned choice,
                               const char *finish);
const char *completions_finish_word (br_finish_t finish);

//  completions_stream_write.c
void *completions_writer_new (const br_asked_t *asked);
void completions_writer_destroy (void **writer_p);
void completions_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out);

//  completions_codec.c
void completions_write_error (br_code_t code, const char *text, br_text_t param,
                              br_buf_t *out);

#endif
