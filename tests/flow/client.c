//  client: an HTTP server without HTTP.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "tests/flow/client.h"

#define CLIENTS_MAX 8
#define ANSWER_MAX (16u << 20) //  bytes

struct _http_server_t {
    const http_server_handler_t *handler;
    void *arg;
    http_call_t *calls[CLIENTS_MAX]; //  that are open
};

//  ---- clients

//  Bytes of the answer that were written.
static size_t
s_received (const http_call_t *self)
{
    return self->got.size + self->comments;
}

static void
s_forget (http_call_t *self)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (self->server && self->server->calls[i] == self)
            self->server->calls[i] = NULL;
    self->server = NULL;
}

void
client_post (http_call_t *self, http_server_t *server, const char *id, const char *body)
{
    size_t place = 0;
    while (place < CLIENTS_MAX && server->calls[place])
        place++;
    if (place == CLIENTS_MAX) {
        self->misuse = "there are too many clients";
        return;
    }
    server->calls[place] = self;
    self->server = server;
    self->id = id;
    self->body = br_blob_new (body, strlen (body));
    br_buf_init (&self->got, ANSWER_MAX);
    server->handler->request (server->arg, self);
}

bool
client_has_to_take (const http_call_t *self)
{
    bool ended = self->end == CLIENT_WHOLE || self->end == CLIENT_CUT;
    return self->server && (self->taken < s_received (self) || ended);
}

void
client_take (http_call_t *self)
{
    http_server_t *server = self->server;
    if (!client_has_to_take (self))
        return;
    if (self->taken < s_received (self)) {
        self->taken = s_received (self);
        server->handler->written (server->arg, self, self->taken);
    }
    if (self->end == CLIENT_WAITS)
        return;
    self->told = true;
    server->handler->ended (server->arg, self);
    s_forget (self);
}

const char *
client_text (const http_call_t *self)
{
    return self->got.size ? (const char *) self->got.data : "";
}

void
client_leave (http_call_t *self)
{
    http_server_t *server = self->server;
    if (!server)
        return;
    if (self->end == CLIENT_WAITS)
        self->end = CLIENT_LEFT;
    server->handler->gone (server->arg, self);
    s_forget (self);
}

void
client_free (http_call_t *self)
{
    br_blob_destroy (&self->body);
    br_buf_free (&self->got);
}

//  ---- the server

http_server_t *
http_server_new (br_loop_t *loop, const http_server_conf_t *conf,
                 const http_server_handler_t *handler, void *arg, br_error_t *reterr)
{
    (void) loop;
    (void) conf;
    (void) reterr;
    http_server_t *self = BR_NEW (http_server_t);
    self->handler = handler;
    self->arg = arg;
    return self;
}

//  There is no wire here, so there is nothing to keep from anybody.
int
http_server_check_tls (const char *cert_file, const char *key_file, br_error_t *reterr)
{
    (void) cert_file;
    (void) key_file;
    (void) reterr;
    return 0;
}

int
http_server_set_tls (http_server_t *self, const char *cert_file, const char *key_file,
                     br_error_t *reterr)
{
    (void) self;
    return http_server_check_tls (cert_file, key_file, reterr);
}

int
http_server_renew_tls (http_server_t *self, br_error_t *reterr)
{
    (void) self;
    (void) reterr;
    return 0;
}

void
http_server_destroy (http_server_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        http_call_t *call = (*self_p)->calls[i];
        if (!call)
            continue;
        if (call->end == CLIENT_WAITS)
            call->end = CLIENT_LOST;
        call->server = NULL;
    }
    free (*self_p);
    *self_p = NULL;
}

uint16_t
http_server_port (const http_server_t *self, size_t i)
{
    (void) self;
    return i == 0 ? 1 : 0;
}

void
http_server_drain (http_server_t *self)
{
    (void) self;
}

unsigned
http_server_open_connections (const http_server_t *self)
{
    unsigned count = 0;
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        count += self->calls[i] != NULL;
    return count;
}

unsigned
http_server_open_calls (const http_server_t *self)
{
    return http_server_open_connections (self);
}

//  ---- the request

const char *
http_call_method (const http_call_t *call)
{
    (void) call;
    return "POST";
}

const char *
http_call_path (const http_call_t *call)
{
    (void) call;
    return "/v1/chat/completions";
}

const char *
http_call_query (const http_call_t *call)
{
    (void) call;
    return NULL;
}

const char *
http_call_header (const http_call_t *call, const char *name)
{
    if (strcasecmp (name, "x-bitrouter-request-id") == 0)
        return call->id;
    if (strcasecmp (name, "x-bitrouter-continue") == 0)
        return call->continues ? "on" : NULL;
    return strcasecmp (name, "host") == 0 ? "127.0.0.1" : NULL;
}

const char *
http_call_peer (const http_call_t *call)
{
    (void) call;
    return "127.0.0.1:1";
}

void
http_call_each_header (const http_call_t *call, http_header_fn *fn, void *arg)
{
    fn (arg, "host", "127.0.0.1");
    fn (arg, "x-bitrouter-request-id", call->id);
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

//  ---- the answer: one reply, or open, write*, and end or cut

static bool
s_may (http_call_t *call, bool opened, const char *misuse)
{
    bool may = call->server && call->end == CLIENT_WAITS && (call->status != 0) == opened;
    if (!may && !call->misuse)
        call->misuse = misuse;
    return may;
}

static void
s_add (http_call_t *call, const void *bytes, size_t size)
{
    br_buf_add (&call->got, bytes, size);
    br_buf_text (&call->got); //  for the zero byte
}

static void
s_begin (http_call_t *call, unsigned status, const http_header_t *headers, size_t size)
{
    call->status = status;
    for (size_t i = 0; i < size; i++)
        if (strcmp (headers[i].name, "content-type") == 0)
            strncpy (call->content_type, headers[i].value, sizeof call->content_type - 1);
}

void
http_call_reply (http_call_t *call, unsigned status, const http_header_t *headers,
                 size_t size, br_blob_t *body)
{
    if (!s_may (call, false, "a second answer"))
        return;
    s_begin (call, status, headers, size);
    if (body)
        s_add (call, br_blob_data (body), br_blob_size (body));
    call->end = CLIENT_WHOLE;
}

void
http_call_open (http_call_t *call, unsigned status, const http_header_t *headers,
                size_t size)
{
    if (s_may (call, false, "a second head"))
        s_begin (call, status, headers, size);
}

void
http_call_write (http_call_t *call, const void *bytes, size_t size)
{
    const char *text = bytes;
    if (!s_may (call, true, "bytes outside an answer"))
        return;
    const char *line_end = memchr (text, '\n', size);
    if (size > 2 && *text == ':' && line_end && line_end >= text + size - 2)
        call->comments += size;
    else
        s_add (call, bytes, size);
}

void
http_call_announce_trailer (http_call_t *call, const char *name)
{
    (void) name;
    s_may (call, false, "a trailer is announced behind the head");
}

bool
http_call_takes_trailer (const http_call_t *call)
{
    (void) call;
    return true;
}

void
http_call_set_trailer (http_call_t *call, const char *name, const char *value)
{
    (void) name;
    (void) value;
    s_may (call, true, "a trailer outside an answer");
}

void
http_call_end (http_call_t *call)
{
    if (s_may (call, true, "a second end"))
        call->end = CLIENT_WHOLE;
}

void
http_call_cut (http_call_t *call)
{
    if (s_may (call, true, "a cut behind the end"))
        call->end = CLIENT_CUT;
}

size_t
http_call_pending (const http_call_t *call)
{
    return s_received (call) - call->taken;
}
