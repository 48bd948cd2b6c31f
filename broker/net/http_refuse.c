//  http_refuse: answers to requests that are none. The handler gives status and body; the
//  connection closes behind them, since nobody knows where the next request would begin.

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "broker/core/buf.h"
#include "broker/net/http_server_parts.h"

#define REFUSAL_MAX (64u << 10) //  bytes of an answer that goes straight to the socket
#define NAME_MAX_BYTES 48       //  of a field that is named
#define RECORD 64               //  bytes of libmicrohttpd's record of a field

void
http_refuse (http_call_t *call, const br_error_t *error)
{
    http_server_t *server = call->conn->server;
    call->stage = CALL_REFUSED;
    call->inside = true;
    server->handler->refuse (server->arg, call, error);
    call->inside = false;
    if (!call->answered)
        call->dead = true;
}

void
http_refuse_write (http_call_t *call, unsigned status, const http_header_t *headers,
                   size_t size, const br_blob_t *body)
{
    br_buf_t text;
    br_buf_init (&text, REFUSAL_MAX);
    br_buf_addf (&text, "HTTP/1.1 %u %s\r\n", status, MHD_get_reason_phrase_for (status));
    for (size_t i = 0; i < size; i++)
        if (http_answer_takes_field (&headers[i]))
            br_buf_addf (&text, "%s: %s\r\n", headers[i].name, headers[i].value);
    br_buf_addf (&text, "Connection: close\r\nContent-Length: %zu\r\n\r\n",
                 br_blob_size (body));
    if (br_blob_size (body))
        br_buf_add (&text, br_blob_data (body), br_blob_size (body));
    if (!text.overflow && call->conn->secure)
        http_secure_send (call->conn->secure, text.data, text.size);
    else if (!text.overflow)
        send (call->conn->fd, text.data, text.size, MSG_NOSIGNAL | MSG_DONTWAIT);
    br_buf_free (&text);
}

void
http_refuse_late (http_conn_t *conn, http_call_t *call, const br_error_t *error)
{
    http_server_t *server = conn->server;
    http_call_t *made = call ? NULL : http_call_new (conn);
    if (made)
        call = made;
    assert (call);
    call->stage = CALL_REFUSED;
    call->direct = true;
    call->dead = true;
    conn->clean = false;
    server->handler->refuse (server->arg, call, error);
    http_call_destroy (&made);
}

int
http_refuse_large (br_error_t *reterr, const char *name, size_t size, size_t max)
{
    size_t shown = size < NAME_MAX_BYTES ? size : NAME_MAX_BYTES;
    return br_error_set (reterr, BR_EINVALID, "the header %.*s is larger than %zu bytes",
                         (int) shown, name, max);
}

//  ---- heads that libmicrohttpd has no room for

//  Has sent a request line and not all of its head; or maybe the fields behind its chunks,
//  of which libmicrohttpd says the same.
static bool
s_is_halfway (const http_call_t *call)
{
    return call->stage == CALL_HEAD
           || (call->stage == CALL_BODY && !call->complete && !call->bytes_expected);
}

//  The only connection of a daemon that is.
static http_conn_t *
s_halfway (const http_daemon_t *daemon)
{
    http_conn_t *found = NULL;
    for (http_conn_t *conn = daemon->server->conns; conn; conn = conn->next) {
        if (conn->daemon != daemon || !conn->call || !s_is_halfway (conn->call))
            continue;
        if (found)
            return NULL;
        found = conn;
    }
    return found;
}

typedef struct {
    const char *value; //  of the last field, in libmicrohttpd's memory
    size_t count;
} fields_t;

static enum MHD_Result
s_count (void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void) kind;
    (void) name;
    fields_t *fields = arg;
    fields->value = value;
    fields->count++;
    return MHD_YES;
}

//  Behind the end of a line, for which libmicrohttpd has put zero bytes.
static const char *
s_behind (const char *text)
{
    text += strlen (text) + 1;
    return *text ? text : text + 1;
}

//  The line that has no end yet, as it was sent. The records stand at the end of the memory,
//  which is full: so with one of them RECORD bytes from the line's start can be read, and
//  if none of these is zero, as some bytes of a record are, they were sent.
static size_t
s_open_name (const http_call_t *call, const char *line, size_t fields)
{
    const http_server_t *server = call->conn->server;
    size_t before = (uintptr_t) line - (uintptr_t) call->path;
    size_t used = before + (fields + 1) * RECORD;
    if (used > server->pool_bytes || server->pool_bytes - used <= server->conf.header_max)
        return 0;
    return http_head_name_size (line, RECORD);
}

//  The field that is too large by itself, or NULL when that is not beyond doubt.
//  libmicrohttpd (0.9.75) has records of all fields but the last complete one, which waits
//  for a line that might be folded; behind that lies the line that has no end.
static const char *
s_large_name (const http_call_t *call, size_t *ret_size)
{
    fields_t fields = { .count = 0 };
    MHD_get_connection_values (call->conn->mhd, MHD_HEADER_KIND, s_count, &fields);
    if (fields.count == 0 || !fields.value)
        return NULL;
    const char *last = s_behind (fields.value);
    const char *value = last + strlen (last) + 1;
    *ret_size = strlen (last);
    if (*ret_size + strlen (value) > call->conn->server->conf.header_max)
        return last;
    const char *line = s_behind (value);
    *ret_size = s_open_name (call, line, fields.count);
    return *ret_size ? line : NULL;
}

void
http_refuse_overfull (http_daemon_t *daemon)
{
    http_server_t *server = daemon->server;
    http_conn_t *conn = s_halfway (daemon);
    if (!conn)
        return;
    br_error_t error;
    size_t size;
    bool is_head = conn->call->stage == CALL_HEAD;
    const char *name = is_head ? s_large_name (conn->call, &size) : NULL;
    if (name)
        http_refuse_large (&error, name, size, server->conf.header_max);
    else
        br_error_set (&error, BR_EHEADERS,
                      "the header is larger than %zu bytes, or has too many fields",
                      server->conf.header_max);
    http_refuse_late (conn, conn->call, &error);
    if (conn->secure)
        http_secure_bye (conn->secure);
    shutdown (conn->fd, SHUT_WR); //  libmicrohttpd's words find no way, and it closes
}
