//  http_refuse: answers to requests that are none. The handler gives status and body; the
//  connection closes behind them, since nobody knows where the next request would begin.

#include <assert.h>
#include <sys/socket.h>

#include "broker/core/buf.h"
#include "broker/net/http_server_parts.h"

#define REFUSAL_MAX (64u << 10) //  bytes of an answer that goes straight to the socket

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
    if (!text.overflow)
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
