//  client_world: what tests of the HTTP client stand on.

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/broker/net/client_world.h"

#define WORLD_PATIENCE_S 90
#define BODY_KEPT (1u << 20)
#define NS_PER_MS 1000000u

static const char *const s_headers[] = { "Content-Type: application/json",
                                         "Authorization: Bearer sk-secret", NULL };

static void
s_on_request (void *arg, peer_conn_t *conn, br_buf_t *request)
{
    world_t *self = arg;
    br_buf_clear (&self->request);
    br_buf_add (&self->request, request->data, request->size);
    if (self->answer)
        peer_says (conn, self->answer);
    if (self->hang_up)
        peer_end (conn);
}

static void
s_fill (world_t *self, bool manual_clock)
{
    *self = (world_t) { .now_ns = 1000 * (uint64_t) NS_PER_MS };
    self->loop = br_loop_new (manual_clock ? br_clock_manual (&self->now_ns)
                                           : br_clock_real ());
    br_buf_init (&self->request, 64u << 20);
    self->answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: 1\r\n\r\nhi";
    self->draft = (http_request_t) { .method = "POST",
                                     .url = self->url,
                                     .headers = s_headers,
                                     .pieces = { { .text = "{}", .size = 2 } },
                                     .pieces_size = 1 };
}

static void
s_connect (world_t *self, http_client_conf_t conf, const char *scheme)
{
    if (!conf.idle_max)
        conf.idle_max = 8;
    if (!conf.idle_ms)
        conf.idle_ms = 60000;
    snprintf (self->url, sizeof self->url, "%s://127.0.0.1:%u/v1/x?key=sk-secret", scheme,
              peer_port (self->peer));
    br_error_t error;
    self->client = http_client_new (self->loop, &conf, &error);
    assert (self->client);
}

void
world_open (world_t *self, bool manual_clock, http_client_conf_t conf)
{
    s_fill (self, manual_clock);
    self->peer = peer_new (self->loop, s_on_request, self);
    s_connect (self, conf, "http");
}

void
world_open_tls (world_t *self, http_client_conf_t conf, const char *cert, const char *key,
                const char *client_ca)
{
    s_fill (self, false);
    self->peer = peer_new_tls (self->loop, cert, key, client_ca, s_on_request, self);
    s_connect (self, conf, "https");
}

void
world_close (world_t *self)
{
    http_client_destroy (&self->client);
    peer_destroy (&self->peer);
    br_loop_destroy (&self->loop);
    br_buf_free (&self->request);
}

static void
s_head (void *arg, http_transfer_t *transfer, unsigned status)
{
    call_t *self = arg;
    assert (transfer == self->transfer && !self->ends);
    self->status = status;
    self->heads++;
    if (self->on_head)
        self->on_head (self);
}

static void
s_data (void *arg, http_transfer_t *transfer, const uint8_t *bytes, size_t size)
{
    call_t *self = arg;
    assert (transfer == self->transfer && self->heads == 1 && !self->ends);
    self->body_bytes += size;
    br_buf_add (&self->body, bytes, size);
    if (self->on_data)
        self->on_data (self);
}

static void
s_done (void *arg, http_transfer_t *transfer, const http_result_t *result)
{
    call_t *self = arg;
    assert (transfer == self->transfer && !self->ends);
    assert (!strstr (result->text, "sk-secret"));
    self->ends++;
    self->result = *result;
    if (self->on_done)
        self->on_done (self);
    self->transfer = NULL;
}

static const http_client_handler_t s_handler = { .head = s_head,
                                                 .data = s_data,
                                                 .done = s_done };

void
world_start (world_t *self, call_t *call)
{
    call->world = self;
    br_buf_init (&call->body, BODY_KEPT);
    br_error_t error;
    call->transfer = http_client_start (self->client, &self->draft, &s_handler, call,
                                        &error);
    assert (call->transfer);
    assert (!call->heads && !call->ends);
}

void
world_finish (world_t *self, call_t *call)
{
    time_t start = time (NULL);
    while (!call->ends) {
        br_loop_turn (self->loop, 1000);
        assert (time (NULL) - start < WORLD_PATIENCE_S);
    }
}

http_end_t
world_run (world_t *self, call_t *call)
{
    world_start (self, call);
    world_finish (self, call);
    return call->result.end;
}

//  With a manual clock a turn does not sleep, so quiet is measured for real.
void
world_settle (world_t *self)
{
    for (unsigned quiet = 0; quiet < 20;) {
        int count = br_loop_turn (self->loop, 1);
        quiet = count ? 0 : quiet + 1;
        if (!count)
            usleep (500); //  the kernel hands over what is on its way
    }
}

void
world_pass (world_t *self, uint64_t ms)
{
    self->now_ns += ms * NS_PER_MS;
    world_settle (self);
}

void
world_until (world_t *self, world_is_fn *fn)
{
    time_t start = time (NULL);
    while (!fn (self)) {
        br_loop_turn (self->loop, 10);
        assert (time (NULL) - start < WORLD_PATIENCE_S);
    }
}

void
call_free (call_t *call)
{
    br_buf_free (&call->body);
    *call = (call_t) { .status = 0 };
}

bool
call_body_is (call_t *call, const char *text)
{
    return strcmp (br_buf_text (&call->body), text) == 0;
}
