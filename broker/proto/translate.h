//  translate: one call between a client of one protocol and a provider of another: the
//  request up, the answer down, streamed or not, in all four ways: a provider may answer
//  a streamed call with one body, and the reverse.
//  It tells the same of the answer as a tap does.

#ifndef BR_TRANSLATE_H
#define BR_TRANSLATE_H

#include "broker/core/blob.h"
#include "broker/proto/codec.h"
#include "broker/proto/resume.h"
#include "broker/proto/tap.h"

typedef struct _br_translate_t br_translate_t;

//  Reads the client's request.
//  in:   body, of the client; a reference is taken
//        path_model, path_stream: of protocols that name them in the path; else NULL,
//        false
//        request_id: a seed of ids that the answer needs
//        now: unix seconds
//  err:  BR_EINVALID with the path of the offending member
//  "caller destroys"
br_translate_t *br_translate_new (br_protocol_t client, br_blob_t *body,
                                  const char *path_model, bool path_stream,
                                  const char *request_id, uint64_t now,
                                  br_error_t *reterr);
void br_translate_destroy (br_translate_t **self_p);

//  The same for a request whose tokens are to be counted: only br_translate_request and
//  br_translate_warnings are of use then; the small answer is token_count's.
br_translate_t *br_translate_new_count (br_protocol_t client, br_blob_t *body,
                                        const char *path_model, br_error_t *reterr);

//  From the next request on it is recorded what a client that wants a stream is told.
//  While br_translate_resumable says so, an error of the provider's that comes behind data
//  is not written, as nothing is for an answer that is cut: who cannot have another
//  provider go on has to tell the client.
void br_translate_record (br_translate_t *self);

//  Whether another provider may go on with what was told to the client: a start, usage,
//  keep-alives, reasoning, then one block of text, and no end. Never so for calls that want
//  several answers, or one in a format: what goes on with half an object makes no whole.
bool br_translate_resumable (const br_translate_t *self);

//  Writes what br_translate_resume needs. 0, or -1 when it is not resumable or does not
//  fit into out; BR_RESUME_BYTES_MAX always does.
int br_translate_resume_take (const br_translate_t *self, br_buf_t *out);

//  Has the answer go on with one that was cut, made for the same call. Once, before the
//  first request. The request then ends with the text so far, as a turn of the assistant
//  (of Completions, as part of the prompt); thinking is off where the target takes both
//  not together. No second start is written. Usage is that of the new provider alone.
//  br_translate_result tells of the new answer: first is TAP_NOTHING until it goes on, and
//  the client's stream is as it was if it never does.
//  in:   bytes, as br_translate_resume_take has written them; not borrowed
//  err:  BR_EINVALID they make no sense, or belong to another call
int br_translate_resume (br_translate_t *self, const void *bytes, size_t size,
                         br_error_t *reterr);

//  The answer has so many tokens at the most, whatever the client says; a smaller number of
//  the client's stays. Where that leaves no room for thinking, thinking is off; a target
//  that takes no number so small is refused. Before the request; max_output > 0.
void br_translate_bound (br_translate_t *self, uint64_t max_output);

//  Writes the provider's request.
//  in:   target, whose strings must live as long as self
//  err:  BR_EINVALID the call cannot be carried; names the field and the target
int br_translate_request (br_translate_t *self, const br_target_t *target, br_buf_t *out,
                          br_error_t *reterr);

//  The value of x-bitrouter-warnings so far; "" when there is nothing to tell.
const char *br_translate_warnings (br_translate_t *self);

bool br_translate_stream (const br_translate_t *self); //  the client wants a stream

//  Of the answer to the client.
const char *br_translate_content_type (const br_translate_t *self);

//  Takes bytes of the provider's answer, adds bytes of the client's.
//  ret:  what the provider's answer began with, as tap_push
tap_first_t br_translate_push (br_translate_t *self, const void *bytes, size_t size,
                               br_buf_t *out);

//  The provider's answer has ended as its framing says.
tap_first_t br_translate_end (br_translate_t *self, br_buf_t *out);

//  What is known so far. Not complete after the end: the answer was cut, or made no
//  sense (unknown); nothing that ends it has been written to the client then, but for an
//  error object of the provider's (error) that came behind data: the client has heard of
//  it, unless it is resumable. First is TAP_ERROR when nothing was written for an error
//  object or for something that makes no sense; the next provider may then be asked. A
//  client that wants no stream is given nothing before the end, and first is TAP_NOTHING
//  until then.
const tap_result_t *br_translate_result (const br_translate_t *self);

#endif
