//  http_call: one request, as the handler reads it, and its body while it comes in.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/net/http_server_parts.h"

#define BODY_FIRST_ROOM (16u << 10) //  bytes; a larger Content-Length has to prove itself

http_call_t *
http_call_new (http_conn_t *conn)
{
    http_call_t *self = BR_NEW (http_call_t);
    self->conn = conn;
    self->stage = CALL_HEAD;
    return self;
}

void
http_call_destroy (http_call_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_call_t *self = *self_p;
    http_server_untell (self);
    http_chunks_free (&self->out);
    if (self->late_response)
        MHD_destroy_response (self->late_response);
    free (self->trailer_value);
    br_blob_destroy (&self->body);
    free (self->bytes);
    free (self->query);
    free (self);
    *self_p = NULL;
}

//  ---- the body

//  Room for size more bytes: doubled, but not past what was announced.
static void
s_grow (http_call_t *self, size_t need)
{
    if (need <= self->bytes_room)
        return;
    size_t room = self->bytes_room ? self->bytes_room * 2 : BODY_FIRST_ROOM;
    if (room < need)
        room = need;
    if (self->bytes_expected && room > self->bytes_expected)
        room = self->bytes_expected;
    self->bytes = br_realloc (self->bytes, room);
    self->bytes_room = room;
}

int
http_call_add_body (http_call_t *self, const void *bytes, size_t size)
{
    size_t max = self->conn->server->conf.body_max;
    if (self->bytes_size > max || size > max - self->bytes_size)
        return -1;
    s_grow (self, self->bytes_size + size);
    memcpy (self->bytes + self->bytes_size, bytes, size);
    self->bytes_size += size;
    return 0;
}

void
http_call_seal_body (http_call_t *self)
{
    if (!self->bytes)
        return;
    self->body = br_blob_take (self->bytes, self->bytes_size);
    self->bytes = NULL;
}

br_blob_t *
http_call_body (const http_call_t *call)
{
    return call->body;
}

br_blob_t *
http_call_take_body (http_call_t *call)
{
    br_blob_t *body = call->body;
    call->body = NULL;
    return body;
}

//  ---- the head

const char *
http_call_method (const http_call_t *call)
{
    return call->method ? call->method : "";
}

const char *
http_call_path (const http_call_t *call)
{
    return call->path;
}

const char *
http_call_query (const http_call_t *call)
{
    return call->query;
}

const char *
http_call_header (const http_call_t *call, const char *name)
{
    return MHD_lookup_connection_value (call->conn->mhd, MHD_HEADER_KIND, name);
}

const char *
http_call_peer (const http_call_t *call)
{
    return http_conn_peer (call->conn);
}

typedef struct {
    http_header_fn *fn;
    void *arg; //  borrowed
} each_t;

static enum MHD_Result
s_each (void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void) kind;
    const each_t *each = cls;
    each->fn (each->arg, name, value ? value : "");
    return MHD_YES;
}

void
http_call_each_header (const http_call_t *call, http_header_fn *fn, void *arg)
{
    each_t each = { fn, arg };
    MHD_get_connection_values (call->conn->mhd, MHD_HEADER_KIND, s_each, &each);
}

void
http_call_set_owner (http_call_t *call, void *owner)
{
    call->owner = owner;
}

void *
http_call_owner (const http_call_t *call)
{
    return call->owner;
}
