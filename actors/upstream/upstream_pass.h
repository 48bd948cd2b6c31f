//  upstream_pass: the body of a request to a provider of the client's own protocol. It is
//  the client's, byte by byte, but for what no provider may see (envelopes of other
//  families' blobs) and what we have to say ourselves: that a stream is to tell its usage,
//  and how long an answer may be.

#ifndef BR_UPSTREAM_PASS_H
#define BR_UPSTREAM_PASS_H

#include "broker/core/msg.h"
#include "broker/proto/dialect.h"
#include "broker/proto/surface.h"

//  Whether the body has to be looked at.
bool upstream_pass_is_due (const br_msg_t *msg);

//  in:   msg, attempt.start; target, of the client's protocol
//  out:  *ret_body, with the model in it: what is sent in place of the client's bytes, or
//        NULL; "caller destroys"
//        *ret_hides, usage will come that the client has not asked for
//        lost_words, as of br_translate_warnings
//  err:  BR_EINVALID, BR_ETOOBIG
int upstream_pass_write (const br_msg_t *msg, const br_target_t *target,
                         br_buf_t *lost_words, br_blob_t **ret_body, bool *ret_hides,
                         br_error_t *reterr);

#endif
