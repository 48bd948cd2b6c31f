//  outbox: the way out to one incarnation of one other host.
//
//  Three places hold messages: `backlog`, frames that the socket would not take yet;
//  `transfers`, large messages whose parts go out in turn, a few at a time, each followed
//  by the later messages of its own call; and nothing at all on the usual day, when the
//  socket takes each message at once.

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/outbox.h"

#define SOCKET_HWM 1000 //  frames
#define COPY_BYTES 1024 //  a smaller body is copied into its frame
#define HEARTBEAT_MS 200
#define HEARTBEAT_TIMEOUT_MS 600

typedef struct _frame_t {
    struct _frame_t *next;
    zmq_msg_t head;
    zmq_msg_t body;
    bool has_body;
    size_t bytes; //  of both
} frame_t;

typedef struct _transfer_t {
    struct _transfer_t *next;
    uint32_t number;
    bool started;    //  the head has left
    size_t sent;     //  bytes of the body that have left
    br_msg_t *msg;   //  owned
    br_msg_t *first; //  later messages of the same call, owned
    br_msg_t **last;
} transfer_t;

struct _br_outbox_t {
    void *socket;
    bool shared;   //  inproc: bodies go by reference, never in parts
    uint32_t host; //  who sends
    uint32_t life;
    frame_t *first; //  backlog
    frame_t **last;
    transfer_t *transfers; //  the next one to send a part stands first
    uint32_t number;       //  of the last transfer
    uint32_t outstanding;  //  parts that the peer has not taken
    size_t small_bytes;    //  in the backlog
    size_t bulk_bytes;     //  of transfers, not sent yet
    br_buf_t scratch;      //  for encoding
    br_buf_t pack;         //  messages that wait for the flush, each behind its size
    size_t packed;         //  count
};

static int
s_options (void *socket, const br_curve_t *curve, const char *server_key)
{
    const int zero = 0, one = 1, never = -1, hwm = SOCKET_HWM;
    const int beat = HEARTBEAT_MS, timeout = HEARTBEAT_TIMEOUT_MS;
    int rc = zmq_setsockopt (socket, ZMQ_LINGER, &zero, sizeof zero);
    rc |= zmq_setsockopt (socket, ZMQ_IMMEDIATE, &one, sizeof one);
    rc |= zmq_setsockopt (socket, ZMQ_RECONNECT_IVL, &never, sizeof never);
    rc |= zmq_setsockopt (socket, ZMQ_SNDHWM, &hwm, sizeof hwm);
    rc |= zmq_setsockopt (socket, ZMQ_HEARTBEAT_IVL, &beat, sizeof beat);
    rc |= zmq_setsockopt (socket, ZMQ_HEARTBEAT_TIMEOUT, &timeout, sizeof timeout);
    if (server_key && *server_key) {
        rc |= zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, server_key,
                              strlen (server_key));
        rc |= zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, curve->public_key, 40);
        rc |= zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, curve->secret_key, 40);
    }
    return rc;
}

br_outbox_t *
br_outbox_new (void *zmq, const char *endpoint, const br_curve_t *curve,
               const char *server_key, br_error_t *reterr)
{
    br_outbox_t *self = BR_NEW (br_outbox_t);
    self->last = &self->first;
    self->shared = strncmp (endpoint, "inproc:", 7) == 0;
    br_buf_init (&self->scratch, BR_MSG_FIELDS_MAX + 1024 + BR_FRAME_PACK_MAX);
    br_buf_init (&self->pack, BR_MSG_FIELDS_MAX + 1024 + BR_FRAME_PACK_MAX);
    self->socket = zmq_socket (zmq, ZMQ_PUSH);
    int rc = self->socket ? s_options (self->socket, curve, server_key) : -1;
    if (rc == 0)
        rc = zmq_connect (self->socket, endpoint);
    if (rc) {
        br_error_set (reterr, BR_ESYSTEM, "cannot connect to %s: %s", endpoint,
                      zmq_strerror (zmq_errno ()));
        br_outbox_destroy (&self);
    }
    return self;
}

static void
s_frame_destroy (frame_t *frame)
{
    zmq_msg_close (&frame->head);
    if (frame->has_body)
        zmq_msg_close (&frame->body);
    free (frame);
}

static void
s_transfer_destroy (transfer_t *transfer)
{
    while (transfer->first) {
        br_msg_t *msg = transfer->first;
        transfer->first = msg->next;
        br_msg_destroy (&msg);
    }
    br_msg_destroy (&transfer->msg);
    free (transfer);
}

void
br_outbox_destroy (br_outbox_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_outbox_t *self = *self_p;
    while (self->first) {
        frame_t *frame = self->first;
        self->first = frame->next;
        s_frame_destroy (frame);
    }
    while (self->transfers) {
        transfer_t *transfer = self->transfers;
        self->transfers = transfer->next;
        s_transfer_destroy (transfer);
    }
    br_buf_free (&self->scratch);
    br_buf_free (&self->pack);
    if (self->socket)
        zmq_close (self->socket);
    free (self);
    *self_p = NULL;
}

void
br_outbox_set_sender (br_outbox_t *self, uint32_t host, uint32_t life)
{
    self->host = host;
    self->life = life;
}

//  ---- frames

static void
s_put32 (br_buf_t *buf, uint32_t number)
{
    uint8_t room[4] = { (uint8_t) (number >> 24), (uint8_t) (number >> 16),
                        (uint8_t) (number >> 8), (uint8_t) number };
    br_buf_add (buf, room, sizeof room);
}

//  Starts the head of a frame in the scratch buffer.
static void
s_head (br_outbox_t *self, br_frame_kind_t kind)
{
    br_buf_clear (&self->scratch);
    br_buf_addc (&self->scratch, (char) kind);
    s_put32 (&self->scratch, self->host);
    s_put32 (&self->scratch, self->life);
}

static void
s_let_go (void *data, void *hint)
{
    (void) data;
    br_blob_t *blob = hint;
    br_blob_destroy (&blob);
}

static void
s_body (zmq_msg_t *ret_msg, br_blob_t *body, size_t offset, size_t size)
{
    const uint8_t *data = br_blob_data (body) + offset;
    if (size < COPY_BYTES) {
        zmq_msg_init_size (ret_msg, size);
        if (size)
            memcpy (zmq_msg_data (ret_msg), data, size);
        return;
    }
    zmq_msg_init_data (ret_msg, (void *) (uintptr_t) data, size, s_let_go,
                       br_blob_ref (body));
}

//  Sends both parts of a frame or none; -1 when the socket does not take it now.
static int
s_try (br_outbox_t *self, frame_t *frame)
{
    int flags = ZMQ_DONTWAIT | (frame->has_body ? ZMQ_SNDMORE : 0);
    if (zmq_msg_send (&frame->head, self->socket, flags) < 0)
        return -1;
    if (frame->has_body)
        return zmq_msg_send (&frame->body, self->socket, ZMQ_DONTWAIT) < 0 ? -1 : 0;
    return 0;
}

//  The head stands in scratch; the body is size bytes at offset of body, if any.
static void
s_emit (br_outbox_t *self, br_blob_t *body, size_t offset, size_t size)
{
    frame_t frame = { .has_body = body != NULL, .bytes = self->scratch.size + size };
    zmq_msg_init_size (&frame.head, self->scratch.size);
    memcpy (zmq_msg_data (&frame.head), self->scratch.data, self->scratch.size);
    if (body)
        s_body (&frame.body, body, offset, size);
    if (!self->first && s_try (self, &frame) == 0)
        return;
    frame_t *kept = BR_NEW (frame_t);
    kept->has_body = frame.has_body;
    kept->bytes = frame.bytes;
    zmq_msg_init (&kept->head);
    zmq_msg_move (&kept->head, &frame.head);
    if (body) {
        zmq_msg_init (&kept->body);
        zmq_msg_move (&kept->body, &frame.body);
    }
    *self->last = kept;
    self->last = &kept->next;
    self->small_bytes += kept->bytes;
}

//  What waits for the flush goes first. One alone needs no size.
static void
s_emit_pack (br_outbox_t *self)
{
    if (!self->packed)
        return;
    size_t skip = self->packed == 1 ? 4 : 0;
    s_head (self, skip ? BR_FRAME_MSG : BR_FRAME_PACK);
    br_buf_add (&self->scratch, self->pack.data + skip, self->pack.size - skip);
    br_buf_clear (&self->pack);
    self->packed = 0;
    s_emit (self, NULL, 0, 0);
}

static void
s_pack (br_outbox_t *self, const br_msg_t *msg)
{
    if (self->pack.size + msg->bytes > BR_FRAME_PACK_MAX)
        s_emit_pack (self);
    size_t at = self->pack.size;
    s_put32 (&self->pack, 0);
    br_msg_encode (msg, &self->pack);
    uint32_t size = (uint32_t) (self->pack.size - at - 4);
    uint8_t room[4] = { (uint8_t) (size >> 24), (uint8_t) (size >> 16),
                        (uint8_t) (size >> 8), (uint8_t) size };
    memcpy (self->pack.data + at, room, sizeof room);
    self->packed++;
    if (self->pack.size > BR_FRAME_PACK_MAX)
        s_emit_pack (self);
}

static void
s_emit_msg (br_outbox_t *self, const br_msg_t *msg)
{
    if (br_blob_size (msg->body) == 0) {
        s_pack (self, msg);
        return;
    }
    s_emit_pack (self);
    s_head (self, BR_FRAME_MSG);
    br_msg_encode (msg, &self->scratch);
    s_emit (self, msg->body, 0, br_blob_size (msg->body));
}

void
br_outbox_signal (br_outbox_t *self, br_frame_kind_t kind, uint32_t count)
{
    s_emit_pack (self);
    s_head (self, kind);
    if (kind == BR_FRAME_CREDIT)
        s_put32 (&self->scratch, count);
    s_emit (self, NULL, 0, 0);
}

//  ---- large messages

static transfer_t *
s_transfer_of (const br_outbox_t *self, br_id_t call)
{
    transfer_t *found = NULL;
    if (br_id_is_set (call))
        for (transfer_t *at = self->transfers; at; at = at->next)
            if (br_id_is (at->msg->call, call))
                found = at;
    return found;
}

static void
s_transfer_append (br_outbox_t *self, transfer_t *transfer)
{
    transfer_t **at = &self->transfers;
    while (*at)
        at = &(*at)->next;
    transfer->next = NULL;
    *at = transfer;
}

static void
s_transfer_add (br_outbox_t *self, br_msg_t *msg)
{
    transfer_t *transfer = BR_NEW (transfer_t);
    transfer->number = ++self->number;
    transfer->msg = msg;
    transfer->last = &transfer->first;
    self->bulk_bytes += br_blob_size (msg->body);
    s_transfer_append (self, transfer);
}

static bool s_is_large (const br_outbox_t *self, const br_msg_t *msg);

//  The transfer is over: what waited behind it goes out in order.
static void
s_transfer_end (br_outbox_t *self, transfer_t *transfer)
{
    br_msg_t *msg = transfer->first;
    transfer->first = NULL;
    s_transfer_destroy (transfer);
    while (msg) {
        br_msg_t *next = msg->next;
        msg->next = NULL;
        transfer_t *ahead = s_transfer_of (self, msg->call);
        if (ahead) {
            *ahead->last = msg;
            ahead->last = &msg->next;
        } else if (s_is_large (self, msg))
            s_transfer_add (self, msg);
        else {
            s_emit_msg (self, msg);
            br_msg_destroy (&msg);
        }
        msg = next;
    }
}

static void
s_send_part (br_outbox_t *self, transfer_t *transfer)
{
    br_blob_t *body = transfer->msg->body;
    s_emit_pack (self);
    if (!transfer->started) {
        s_head (self, BR_FRAME_LARGE);
        s_put32 (&self->scratch, transfer->number);
        br_msg_encode (transfer->msg, &self->scratch);
        s_emit (self, NULL, 0, 0);
        transfer->started = true;
    }
    size_t left = br_blob_size (body) - transfer->sent;
    size_t size = left < BR_PART_BYTES ? left : BR_PART_BYTES;
    s_head (self, BR_FRAME_PART);
    s_put32 (&self->scratch, transfer->number);
    s_emit (self, body, transfer->sent, size);
    transfer->sent += size;
    self->bulk_bytes -= size;
    self->outstanding++;
}

static void
s_pump (br_outbox_t *self)
{
    while (self->transfers && self->outstanding < BR_PARTS_WINDOW && !self->first) {
        transfer_t *transfer = self->transfers;
        self->transfers = transfer->next;
        s_send_part (self, transfer);
        if (transfer->sent == br_blob_size (transfer->msg->body))
            s_transfer_end (self, transfer);
        else
            s_transfer_append (self, transfer);
    }
}

void
br_outbox_credit (br_outbox_t *self, uint32_t parts)
{
    self->outstanding -= parts < self->outstanding ? parts : self->outstanding;
    s_pump (self);
}

//  ---- messages

static bool
s_is_large (const br_outbox_t *self, const br_msg_t *msg)
{
    return !self->shared && br_blob_size (msg->body) > BR_PART_BYTES;
}

int
br_outbox_send (br_outbox_t *self, br_msg_t **msg_p, br_error_t *reterr)
{
    br_msg_t *msg = *msg_p;
    bool large = s_is_large (self, msg);
    if (msg->bytes - br_blob_size (msg->body) > BR_MSG_FIELDS_MAX) //  the peer refuses it
        return br_error_set (reterr, BR_ETOOBIG, "%s: its fields are over %u bytes",
                             br_verb_name (msg->verb), BR_MSG_FIELDS_MAX);
    if (self->small_bytes > BR_OUTBOX_MAX
        || (large && self->bulk_bytes + br_blob_size (msg->body) > BR_OUTBOX_BULK_MAX))
        return br_error_set (reterr, BR_EBUSY, "%s: %zu bytes wait for host %u already",
                             br_verb_name (msg->verb), br_outbox_bytes (self),
                             msg->to.host);
    *msg_p = NULL;
    msg->next = NULL;
    transfer_t *ahead = s_transfer_of (self, msg->call);
    if (ahead) {
        *ahead->last = msg;
        ahead->last = &msg->next;
    } else if (large) {
        s_transfer_add (self, msg);
        s_pump (self);
    } else {
        s_emit_msg (self, msg);
        br_msg_destroy (&msg);
    }
    return 0;
}

bool
br_outbox_flush (br_outbox_t *self)
{
    s_emit_pack (self);
    while (self->first) {
        frame_t *frame = self->first;
        if (s_try (self, frame))
            return true;
        self->first = frame->next;
        if (!self->first)
            self->last = &self->first;
        self->small_bytes -= frame->bytes;
        free (frame); //  both parts now belong to the socket
    }
    s_pump (self);
    s_emit_pack (self); //  what waited behind a transfer
    return self->first != NULL;
}

size_t
br_outbox_bytes (const br_outbox_t *self)
{
    return self->small_bytes + self->bulk_bytes + self->pack.size;
}

void *
br_outbox_socket (br_outbox_t *self)
{
    return self->socket;
}
