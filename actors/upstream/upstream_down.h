//  upstream_down: the way of one answer down the slip: numbers and offsets of its
//  replies, and the window of bytes that the client's side has room for. Offsets count
//  bytes of what goes down, which is not what came of the provider where it was
//  translated: the window bounds what waits for the client, and whoever reads the
//  provider stops while it is full.
//  src:  docs/rfc/4-CALL.md

#ifndef BR_UPSTREAM_DOWN_H
#define BR_UPSTREAM_DOWN_H

#include "broker/core/actor.h"
#include "broker/core/credit.h"
#include "broker/core/slip.h"
#include "broker/proto/usage.h"

#define UPSTREAM_HOLD_BYTES (64u << 10) //  held back before the head goes down

//  Its members are its own.
typedef struct _upstream_down_t {
    br_ctx_t *ctx; //  borrowed
    br_addr_t to;  //  first stop on the way to the client
    br_id_t call;
    uint32_t attempt;
    uint64_t seq;        //  of the next reply
    uint64_t upto;       //  bytes of the answer that went down
    uint64_t credit;     //  up to where they may
    br_blob_t *rest;     //  what did not fit into the window, or NULL
    size_t rest_at;      //  bytes of it that went down
    uint64_t guard_said; //  of the request, for the head
} upstream_down_t;

//  in:   start, attempt.start; slip, of it
void upstream_down_init (upstream_down_t *self, br_ctx_t *ctx, const br_msg_t *start,
                         const br_slip_t *slip);
void upstream_down_free (upstream_down_t *self);

//  All of these: -1 when the way is closed.

//  The head with the first of the held bytes; sets its seq, upto and guard_said.
int upstream_down_head (upstream_down_t *self, struct br_reply_head *head,
                        br_buf_t *held);

//  As many of the held bytes as the window has room for, behind those that wait already.
int upstream_down_flow (upstream_down_t *self, br_buf_t *held);

int upstream_down_end (upstream_down_t *self, const br_usage_t *usage);

//  in:   elsewhere_us, what the call has waited for providers and in back-offs
int upstream_down_error (upstream_down_t *self, const br_error_t *error,
                         uint64_t elsewhere_us);

//  The attempt is over, and another one may go on.
int upstream_down_broken (upstream_down_t *self, const br_error_t *error);

//  Takes more credit. False when it is no more than before.
bool upstream_down_credit (upstream_down_t *self, uint64_t upto);

bool upstream_down_is_full (const upstream_down_t *self);

//  Bytes wait for credit, apart from those that are still held.
bool upstream_down_waits (const upstream_down_t *self);

#endif
