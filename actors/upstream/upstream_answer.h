//  upstream_answer: what stands between a provider's bytes and the client's: nothing but
//  a tap where both speak one protocol, a translation where they do not, or where another
//  attempt may go on with the answer. The same is asked of either, so that an attempt need
//  not know which it is. In both the endpoint's secrets are masked.

#ifndef BR_UPSTREAM_ANSWER_H
#define BR_UPSTREAM_ANSWER_H

#include "broker/core/failure.h"
#include "broker/core/msg.h"
#include "broker/proto/surface.h"
#include "broker/proto/tap.h"
#include "actors/upstream/upstream_mask.h"

#define UPSTREAM_RESUME_MAX (2u << 20) //  bytes of the state of a cut answer

typedef struct _upstream_answer_t upstream_answer_t;

typedef struct _upstream_asked_t {
    const br_msg_t *msg;            //  attempt.start
    br_surface_t surface;           //  in the provider's protocol
    const char *provider;           //  lives as long as the answer
    const upstream_mask_t *secrets; //  likewise; NULL = none
    uint32_t max_output;            //  tokens that the catalogue says; 0 = unknown
    uint64_t now;                   //  unix seconds
} upstream_asked_t;

//  err:  what cannot be translated; *ret_failure: ..._UNFIT when another endpoint may be able
//        to take it
//  "caller destroys"
upstream_answer_t *upstream_answer_new (const upstream_asked_t *asked,
                                        br_failure_t *ret_failure, br_error_t *reterr);
void upstream_answer_destroy (upstream_answer_t **self_p);

bool upstream_answer_is_translated (const upstream_answer_t *self);

//  The body that was written for the provider, with its model in it: a translated one, or
//  the client's with what upstream_pass changes; NULL = it gets the client's. "owned by
//  self"
br_blob_t *upstream_answer_request (const upstream_answer_t *self);

//  Bytes that may wait for the client at the most.
size_t upstream_answer_held_max (const upstream_answer_t *self);

//  A good head came. type may be NULL.
void upstream_answer_head (upstream_answer_t *self, const char *type);

//  What the client is told: the type of its body (type: the provider's), and what the
//  request lost on the way, or "".
const char *upstream_answer_type (const upstream_answer_t *self, const char *type);
const char *upstream_answer_warnings (upstream_answer_t *self);

//  Takes bytes of the provider's, adds bytes for the client to out. Secrets among them are
//  masked; what may be the beginning of one is added with the next bytes.
//  ret:  what the answer began with, as tap_push
tap_first_t upstream_answer_push (upstream_answer_t *self, const void *bytes, size_t size,
                                  br_buf_t *out);

//  The answer has ended as its framing says.
tap_first_t upstream_answer_end (upstream_answer_t *self, br_buf_t *out);

//  It makes no sense, and nothing more will come of it.
bool upstream_answer_is_lost (const upstream_answer_t *self);

//  The last word has come, whatever becomes of the connection.
bool upstream_answer_is_done (const upstream_answer_t *self);

//  After the end: the client has all that there is to have, be it an error of the
//  provider's.
bool upstream_answer_is_whole (const upstream_answer_t *self);

//  What is known so far. "owned by self, until next change"
const tap_result_t *upstream_answer_result (const upstream_answer_t *self);

//  Whether another attempt may go on with what was told to the client so far. Then an error
//  of the provider's behind data was not told: see br_translate_record.
bool upstream_answer_is_resumable (const upstream_answer_t *self);

//  What that attempt needs; NULL when it is not resumable, or too long. "caller destroys"
br_blob_t *upstream_answer_resume (const upstream_answer_t *self);

//  What it has cost, as far as the provider has told it to its end. What only asks about an
//  earlier answer has no usage: it was counted then.
br_usage_t upstream_answer_usage (const upstream_answer_t *self);

//  The same; of talk an estimate where the provider has not told: known is false then.
br_usage_t upstream_answer_estimate (const upstream_answer_t *self);

//  The id of what the provider keeps for later calls, or "".
const char *upstream_answer_object (const upstream_answer_t *self);

#endif
