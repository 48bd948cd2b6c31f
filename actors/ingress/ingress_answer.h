//  ingress_answer: what the client gets of a call: the head and the bytes of an attempt,
//  held until they may be written, and errors in the protocol's shape. It is told when to
//  do what by the call (ingress_call.h), and says it on to who writes.

#ifndef BR_INGRESS_ANSWER_H
#define BR_INGRESS_ANSWER_H

#include <stdbool.h>

#include "actors/ingress/ingress_credit.h"
#include "actors/ingress/ingress_sse.h"
#include "broker/core/blob.h"
#include "broker/core/verbs.h"
#include "broker/proto/gemini/gemini_array.h"
#include "broker/proto/surface.h"

#define INGRESS_UNTOLD UINT64_MAX //  nobody says how long the call has waited elsewhere

#define INGRESS_HOLD_MAX                                                                 \
    65536 //  bytes of an answer that is no stream, held before commit

//  A head for the client. All is borrowed during the call.
typedef struct _ingress_head_t {
    unsigned status;          //  HTTP status, 200 to 599
    const char *content_type; //  "" for none
    br_bytes_t headers;       //  pairs of the provider, to pass on
    const char *provider;     //  who answers; "" when nobody does
    const char *model;        //  the provider's name of the model
    uint32_t attempts;        //  count; 0 = not known
    uint64_t elsewhere_us;    //  waited for providers so far, or INGRESS_UNTOLD
} ingress_head_t;

//  What a call makes happen. Each function MUST be set, and MUST NOT feed the call.
typedef struct _ingress_out_t {
    //  ---- to the client: reply, or open, write*, and end or cut; then nothing more
    void (*reply) (void *arg, const ingress_head_t *head, br_blob_t *body);
    void (*open) (void *arg, const ingress_head_t *head);
    void (*write) (void *arg, const void *bytes, size_t size);
    void (*end) (void *arg);
    void (*cut) (void *arg);
    //  ---- to the bus
    void (*commit) (void *arg, uint32_t attempt);
    void (*credit) (void *arg, uint32_t attempt, uint64_t upto);
    void (*joined) (void *arg, uint32_t attempt); //  all of one that broke off is here
    void (*fenced) (void *arg, uint32_t attempt, bool committed);
    //  Of a call that passes a guard: the last word is here, its end (BR_OK) or an error.
    void (*answered) (void *arg, uint32_t attempt, br_code_t code);
    //  The call, up the slip. code: BR_OK, unless it failed by our own fault
    void (*cancel) (void *arg, br_code_t code, const char *reason);
    void (*stop) (void *arg, uint32_t attempt); //  an attempt, at who runs it
    //  The router is gone: settles in its place. end is NULL when there was none.
    void (*settle) (void *arg, br_outcome_t outcome, br_code_t code,
                    const struct br_reply_end *end);
    //  Nobody here knows whether a router has the call, which would know more of it: settles
    //  it as failed behind that one.
    void (*settle_late) (void *arg, br_code_t code);
} ingress_out_t;

//  Its members are its own; a call reads status and the texts.
typedef struct _ingress_answer_t {
    const ingress_out_t *out;
    void *arg;          //  borrowed
    br_protocol_t wire; //  in which the client hears errors
    unsigned status;    //  that the client got; 0 while nothing was written
    bool is_sse;        //  the attempt answers with a stream of events
    //  ---- the head of the attempt
    unsigned head_status;
    char *block; //  one block for the texts below; owned
    const char *content_type;
    const char *provider;
    const char *model;
    br_bytes_t headers;
    uint32_t attempt;
    uint64_t elsewhere_us; //  as the head says
    //  ---- its bytes
    br_blob_t *first; //  of an answer in one part, or NULL
    br_buf_t held;    //  of one in several
    ingress_sse_t sse;
    gemini_array_t *array; //  a stream of events becomes this, or NULL
    bool too_long;         //  an event was, and is not in the array
    uint64_t sent;         //  bytes of the answer that were written
    bool deaf;             //  nobody takes them any more
    ingress_credit_t credit;
} ingress_answer_t;

//  Must not be moved in memory afterwards.
void ingress_answer_init (ingress_answer_t *self, br_surface_t surface,
                          const ingress_out_t *out, void *arg);
void ingress_answer_free (ingress_answer_t *self);

//  A stream of events is to come as one JSON array, which is Google's other way to stream.
void ingress_answer_as_array (ingress_answer_t *self);

//  ---- while nothing is written

//  Forgets what came of the attempt.
void ingress_answer_drop (ingress_answer_t *self);

//  Keeps a copy of the attempt's head. -1 when its status is none.
int ingress_answer_head (ingress_answer_t *self, uint32_t attempt,
                         const struct br_reply_head *head);

//  Adds bytes to what is held, up to the provider's offset upto. -1 when that becomes too
//  long: then nothing is added.
int ingress_answer_hold (ingress_answer_t *self, br_blob_t *body, uint64_t upto);

//  Replies with all that is held, and its length.
void ingress_answer_reply (ingress_answer_t *self);

//  Replies with an error: body, or the text in the protocol's shape.
void ingress_answer_error (ingress_answer_t *self, const struct br_reply_error *error,
                           br_blob_t *body);

//  Opens the answer and writes what is held, and then body: the commit point.
void ingress_answer_commit (ingress_answer_t *self, br_blob_t *body, uint64_t upto);

//  ---- once it is open

//  Another attempt goes on with it: its head is kept and not written, its bytes count anew,
//  a comment says who goes on. -1 when its head does not fit to what was written.
int ingress_answer_go_on (ingress_answer_t *self, uint32_t attempt,
                          const struct br_reply_head *head);

void ingress_answer_pass (ingress_answer_t *self, br_blob_t *body, uint64_t upto);
void ingress_answer_end (ingress_answer_t *self);

//  Ends it with the protocol's own error, and so that it is seen as cut. An empty text
//  stands for that of the code.
void ingress_answer_cut (ingress_answer_t *self, br_code_t code, const char *text);

//  Tells the client that a silent stream lives, if its protocol knows how.
void ingress_answer_keep (ingress_answer_t *self);

//  Whether a comment may be written: the last byte ended an event, or none was written.
bool ingress_answer_is_between (const ingress_answer_t *self);

//  The client is gone, and the answer goes on to its end: what is written counts as taken.
void ingress_answer_deafen (ingress_answer_t *self);

//  The socket has taken so many bytes, from the start on: tells the credit that is due.
void ingress_answer_written (ingress_answer_t *self, uint64_t body_bytes);

//  The code of a word from the bus, which may be any number.
br_code_t ingress_answer_code (uint64_t code);

#endif
