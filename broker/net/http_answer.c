//  http_answer: from the handler to the client.
//
//  A single answer is libmicrohttpd's affair from start to end. Of a streamed one it
//  writes the head and the last chunk; between them it is suspended, and the socket is
//  ours. http_call_end and http_call_cut only state a wish: it is granted once nothing is
//  held any more, by resuming the connection, whereupon s_read says how it ends.
//
//  With TLS the socket is never ours: what the handler writes is held, the connection is
//  resumed, and libmicrohttpd takes it (s_take) until nothing is held any more.

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/net/http_server_parts.h"

#define READ_BLOCK 1    //  bytes of block that a response allocates; none is used
#define TRAILER_FRAME 9 //  bytes: the last chunk's two lines, and ": " CRLF of a field
#define TLS_10_BLOCK (8u << 10) //  bytes; with TLS and without chunks it is

//  Fields about framing and the connection are not the handler's to set.
static const struct {
    const char *name;
    size_t size; //  bytes
} s_own_fields[] = {
    { "te", 2 },
    { "trailer", 7 },
    { "upgrade", 7 },
    { "connection", 10 },
    { "keep-alive", 10 },
    { "content-length", 14 },
    { "transfer-encoding", 17 },
};

bool
http_answer_takes_field (const http_header_t *field)
{
    size_t size = strlen (field->name);
    for (size_t i = 0; i < sizeof s_own_fields / sizeof *s_own_fields; i++)
        if (s_own_fields[i].size == size
            && !strcasecmp (s_own_fields[i].name, field->name))
            return false;
    return field->value[0] && !strpbrk (field->name, "\r\n")
           && !strpbrk (field->value, "\r\n");
}

//  A status that a response can have; what a provider makes up becomes 502.
static unsigned
s_status (unsigned status)
{
    return status >= 200 && status <= 599 ? status : 502;
}

static bool
s_is_bodyless (const http_call_t *call, unsigned status)
{
    return status == 204 || status == 304
           || !strcasecmp (http_call_method (call), "HEAD");
}

static void
s_add_headers (const http_call_t *call, struct MHD_Response *response,
               const http_header_t *headers, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (http_answer_takes_field (&headers[i]))
            MHD_add_response_header (response, headers[i].name, headers[i].value);
    if (call->conn->server->draining)
        MHD_add_response_header (response, "Connection", "close");
}

//  Hands the response over; libmicrohttpd sends it now or once it is resumed.
static void
s_queue (http_call_t *call, unsigned status, struct MHD_Response *response)
{
    http_conn_restart (call->conn);
    if (MHD_queue_response (call->conn->mhd, status, response) == MHD_NO)
        call->dead = true;
    MHD_destroy_response (response);
    if (!call->inside)
        http_conn_resume (call->conn);
}

static void
s_free_blob (void *cls)
{
    br_blob_t *blob = cls;
    br_blob_destroy (&blob);
}

void
http_call_reply (http_call_t *call, unsigned status, const http_header_t *headers,
                 size_t size, br_blob_t *body)
{
    assert (!call->answered);
    call->answered = true;
    status = s_status (status);
    if (call->direct) {
        http_refuse_write (call, status, headers, size, body);
        return;
    }
    struct MHD_Response *response;
    size_t bytes = br_blob_size (body);
    if (bytes)
        response = MHD_create_response_from_buffer_with_free_callback_cls (
            bytes, (void *) (uintptr_t) br_blob_data (body), s_free_blob,
            br_blob_ref (body));
    else
        response = MHD_create_response_from_buffer (0, NULL, MHD_RESPMEM_PERSISTENT);
    assert (response); //  only memory can lack
    s_add_headers (call, response, headers, size);
    call->reply_bytes = s_is_bodyless (call, status) ? 0 : bytes;
    if (call->stage == CALL_WAITS)
        call->stage = CALL_REPLY;
    s_queue (call, status, response);
}

//  ---- a stream

//  How the stream stands: 0 while it goes on.
static ssize_t
s_verdict (const http_call_t *call)
{
    if (call->dead || call->conn->server->closing)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    bool empty = http_chunks_is_empty (&call->out);
    if (call->stage == CALL_ENDING && empty)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if ((call->stage == CALL_CUTTING && empty) || call->conn->peer_gone)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    return 0;
}

//  A footer that does not fit into the rest of a connection's memory would cost the answer
//  its end.
static void
s_add_trailer (const http_call_t *call, size_t room)
{
    if (!call->trailer_value)
        return;
    size_t need = strlen (call->trailer) + strlen (call->trailer_value) + TRAILER_FRAME;
    if (need <= room)
        MHD_add_response_footer (call->response, call->trailer, call->trailer_value);
}

//  libmicrohttpd has sent the body up to this offset, and takes more. Returns the count.
static size_t
s_take (http_call_t *call, uint64_t at, char *bytes, size_t size)
{
    if (at != call->out.taken)
        http_server_tell (call);
    http_chunks_sent (&call->out, at);
    if (call->dead || call->conn->server->closing || call->conn->peer_gone)
        return 0;
    return http_chunks_peek (&call->out, bytes, size);
}

//  Called by libmicrohttpd when the head is out, and after each resume. It never gets
//  bytes, which went straight to the socket, but with TLS, when it is also called after
//  those that it got have left.
static ssize_t
s_read (void *cls, uint64_t at, char *bytes, size_t size)
{
    http_call_t *call = cls;
    size_t taken = call->conn->secure ? s_take (call, at, bytes, size) : 0;
    if (!call->head_sent) {
        call->head_sent = true;
        http_answer_flush (call);
    }
    if (taken)
        return (ssize_t) taken;
    ssize_t verdict = s_verdict (call);
    if (call->conn->secure && verdict == MHD_CONTENT_READER_END_WITH_ERROR)
        shutdown (call->conn->fd, SHUT_WR); //  no close_notify: that would be an end
    call->unused = verdict == 0 ? bytes : NULL;
    call->unused_size = size;
    if (verdict == MHD_CONTENT_READER_END_OF_STREAM)
        s_add_trailer (call, size);
    if (verdict == 0)
        http_conn_suspend (call->conn);
    else
        call->conn->forgotten = verdict == MHD_CONTENT_READER_END_WITH_ERROR
                                || !call->http_11;
    return verdict;
}

//  The next s_read gets a buffer again, and whoever writes there finds zeroes.
void
http_answer_shrink (http_call_t *call)
{
    if (!call->unused || !call->conn->suspended)
        return;
    uintptr_t page = (uintptr_t) sysconf (_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t) call->unused + page - 1) / page * page;
    uintptr_t to = ((uintptr_t) call->unused + call->unused_size) / page * page;
    if (to > from)
        madvise ((void *) from, to - from, MADV_DONTNEED);
    call->unused = NULL;
}

void
http_call_open (http_call_t *call, unsigned status, const http_header_t *headers,
                size_t size)
{
    assert (!call->answered && call->stage == CALL_WAITS);
    call->answered = true;
    status = s_status (status);
    size_t block = call->conn->secure && !call->http_11 ? TLS_10_BLOCK : READ_BLOCK;
    struct MHD_Response *response = MHD_create_response_from_callback (
        MHD_SIZE_UNKNOWN, block, s_read, call, NULL);
    assert (response); //  only memory can lack
    s_add_headers (call, response, headers, size);
    call->response = response;
    http_chunks_init (&call->out, call->http_11 && !call->conn->secure);
    call->stage = CALL_OPEN;
    call->bodyless = s_is_bodyless (call, status);
    if (call->trailer && http_call_takes_trailer (call))
        MHD_add_response_header (response, "Trailer", call->trailer);
    if (!call->bodyless) {
        s_queue (call, status, response);
        return;
    }
    //  It would be complete at once, and the call free before its end. And a last chunk
    //  would follow the head of a HEAD's answer, unless it is said to end by closing.
    MHD_set_response_options (response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    call->late_response = response;
    call->late_status = status;
}

void
http_call_announce_trailer (http_call_t *call, const char *name)
{
    assert (!call->answered);
    call->trailer = name;
}

bool
http_call_takes_trailer (const http_call_t *call)
{
    return call->http_11 && !call->bodyless;
}

void
http_call_set_trailer (http_call_t *call, const char *name, const char *value)
{
    assert (call->stage == CALL_OPEN);
    http_header_t field = { name, value };
    if (!http_call_takes_trailer (call) || !http_answer_takes_field (&field))
        return;
    free (call->trailer_value);
    call->trailer = name;
    call->trailer_value = br_strdup (value);
}

//  The stream is at its end: libmicrohttpd shall finish it.
static void
s_finish (http_call_t *call)
{
    if (call->head_sent && http_chunks_is_empty (&call->out))
        http_conn_resume (call->conn);
}

//  What is held is to leave: by us when the socket has room, or by libmicrohttpd.
static void
s_want_room (http_call_t *call)
{
    if (call->conn->secure)
        http_conn_resume (call->conn);
    else
        http_conn_want_room (call->conn);
}

void
http_call_write (http_call_t *call, const void *bytes, size_t size)
{
    assert (call->stage == CALL_OPEN);
    if (call->bodyless) {
        call->out.taken += size;
        http_server_tell (call);
        return;
    }
    bool was_empty = http_chunks_is_empty (&call->out);
    uint64_t taken = call->out.taken;
    bool direct = call->head_sent && !call->conn->secure;
    http_chunks_write (&call->out, direct ? call->conn->fd : -1, bytes, size);
    if (was_empty)
        http_conn_restart (call->conn);
    if (call->out.taken != taken || call->out.broken)
        http_server_tell (call);
    if (call->head_sent && !http_chunks_is_empty (&call->out))
        s_want_room (call);
}

void
http_answer_flush (http_call_t *call)
{
    if (!call->head_sent || call->conn->secure || http_chunks_is_empty (&call->out))
        return;
    uint64_t taken = call->out.taken;
    http_chunks_flush (&call->out, call->conn->fd);
    if (call->out.taken != taken || call->out.broken)
        http_server_tell (call);
    if (!http_chunks_is_empty (&call->out))
        http_conn_want_room (call->conn);
    else if (call->stage == CALL_ENDING || call->stage == CALL_CUTTING)
        http_conn_resume (call->conn);
}

static void
s_finish_as (http_call_t *call, http_call_stage_t stage)
{
    assert (call->stage == CALL_OPEN);
    call->stage = stage;
    http_conn_restart (call->conn);
    if (!call->bodyless) {
        s_finish (call);
        return;
    }
    struct MHD_Response *response = call->late_response;
    call->late_response = NULL;
    if (stage == CALL_ENDING) {
        s_queue (call, call->late_status, response);
        return;
    }
    MHD_destroy_response (response);
    call->dead = true;
    http_conn_resume (call->conn);
}

void
http_call_end (http_call_t *call)
{
    s_finish_as (call, CALL_ENDING);
}

void
http_call_cut (http_call_t *call)
{
    s_finish_as (call, CALL_CUTTING);
}

size_t
http_call_pending (const http_call_t *call)
{
    return call->stage == CALL_REPLY ? call->reply_bytes : call->out.held.size;
}

//  ---- the end

//  The handler holds the call no longer.
static void
s_release (http_call_t *call)
{
    call->owned = false;
    call->conn->server->calls--;
}

void
http_answer_gone (http_call_t *call)
{
    http_server_t *server = call->conn->server;
    call->dead = true;
    if (call->owned) {
        s_release (call);
        if (!server->closing)
            server->handler->gone (server->arg, call);
    }
    http_conn_kill (call->conn);
}

static void
s_tell_end (http_call_t *call)
{
    http_server_t *server = call->conn->server;
    uint64_t written = call->stage == CALL_REPLY ? call->reply_bytes : call->out.taken;
    s_release (call);
    if (server->closing)
        return;
    if (written > call->written_told)
        server->handler->written (server->arg, call, written);
    server->handler->ended (server->arg, call);
}

void
http_answer_completed (http_call_t *call, enum MHD_RequestTerminationCode code)
{
    http_conn_t *conn = call->conn;
    bool whole = code == MHD_REQUEST_TERMINATED_COMPLETED_OK
                 && (call->stage == CALL_REPLY || call->stage == CALL_ENDING);
    bool cut = call->stage == CALL_CUTTING && !conn->peer_gone;
    conn->clean = whole;
    if (call->owned && (whole || cut)) {
        s_tell_end (call);
    } else if (call->owned) {
        s_release (call);
        if (!conn->server->closing)
            conn->server->handler->gone (conn->server->arg, call);
    }
    http_call_destroy (&call);
    conn->call = NULL;
    conn->fresh = false;
    http_conn_restart (conn);
    if (conn->forgotten && !conn->server->closing)
        http_conn_reap (conn);
    else if (conn->peer_gone)
        http_conn_hurry (conn);
}
