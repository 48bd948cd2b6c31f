//  outbox: the way out to one incarnation of one other host: a PUSH socket, what waits for
//  it, and the large bodies that cross it in parts. Small messages overtake large ones of
//  other calls, never of their own.

#ifndef BR_OUTBOX_H
#define BR_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/core/msg.h"

#define BR_PART_BYTES (256u << 10)       //  a larger body crosses in parts of this size
#define BR_PARTS_WINDOW 2                //  parts of a link that the peer has not taken
#define BR_OUTBOX_MAX (64u << 20)        //  bytes of small messages that may wait
#define BR_OUTBOX_BULK_MAX (1024u << 20) //  bytes of large bodies that may wait

//  The first byte of a frame between hosts. Behind it stand the sender's host and life,
//  4 bytes each, and what the kind needs.
typedef enum {
    BR_FRAME_MSG = 'M',   //  encoded message; the body is a second frame
    BR_FRAME_PACK = 'B',  //  several: size (4 bytes) and encoded message, without bodies
    BR_FRAME_LARGE = 'L', //  transfer (4 bytes), encoded message; the body comes in parts
    BR_FRAME_PART = 'P',  //  transfer (4 bytes); the bytes are a second frame
    BR_FRAME_CREDIT = 'C', //  count (4 bytes) of parts that were taken
    BR_FRAME_HELLO = 'H',  //  this sender's way to you is open
    BR_FRAME_ACK = 'A'     //  your hello was heard
} br_frame_kind_t;

#define BR_FRAME_HEAD 9               //  bytes: kind, host, life
#define BR_FRAME_PACK_MAX (32u << 10) //  bytes of messages that travel together

typedef struct _br_outbox_t br_outbox_t;

typedef struct _br_curve_t {
    char public_key[41]; //  Z85; empty without CURVE
    char secret_key[41]; //  Z85
} br_curve_t;

//  Connects to endpoint ("inproc://...", "ipc://...", "tcp://..."). server_key is the
//  peer's CURVE key, or empty. zmq is the context. "caller destroys". err: BR_ESYSTEM.
br_outbox_t *br_outbox_new (void *zmq, const char *endpoint, const br_curve_t *curve,
                            const char *server_key, br_error_t *reterr);
void br_outbox_destroy (br_outbox_t **self_p);

//  Who sends: goes into every frame.
void br_outbox_set_sender (br_outbox_t *self, uint32_t host, uint32_t life);

//  Takes the message; it leaves with the next flush or before, or as soon as the link takes
//  it. Small ones without a body travel together: a frame costs a wake-up.
//  err: BR_EBUSY when the bound is reached, BR_ETOOBIG when its fields are over
//  BR_MSG_FIELDS_MAX; the message is still the caller's.
int br_outbox_send (br_outbox_t *self, br_msg_t **msg_p, br_error_t *reterr);

//  A frame without a message: hello, ack, or credit with a count.
void br_outbox_signal (br_outbox_t *self, br_frame_kind_t kind, uint32_t count);

//  The peer has taken this many parts.
void br_outbox_credit (br_outbox_t *self, uint32_t parts);

//  Sends what can leave. True while something waits for the socket.
bool br_outbox_flush (br_outbox_t *self);

size_t br_outbox_bytes (const br_outbox_t *self); //  bytes that wait, bodies included
void *br_outbox_socket (br_outbox_t *self);       //  for a monitor

#endif
