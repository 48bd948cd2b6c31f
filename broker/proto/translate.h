//  translate: one call between a client of one protocol and a provider of another: the
//  request up, the answer down, streamed or not, in all four ways: a provider may answer
//  a streamed call with one body, and the reverse.
//  It tells the same of the answer as a tap does.

#ifndef BR_TRANSLATE_H
#define BR_TRANSLATE_H

#include "broker/core/blob.h"
#include "broker/proto/codec.h"
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
//  it. First is TAP_ERROR when nothing was written for an error object or for something
//  that makes no sense; the next provider may then be asked. A client that wants no stream
//  is given nothing before the end, and first is TAP_NOTHING until then.
const tap_result_t *br_translate_result (const br_translate_t *self);

#endif
