//  http_world: the fixture of the HTTP server's tests.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/http_world.h"

#define TURNS_MAX 200000 //  far more than anything needs
#define SETTLE_TURNS 40
#define MS 1000000u
#define STEP_MS 50

static void
s_note (world_t *self, const char *word, const char *about)
{
    size_t size = strlen (self->notes);
    if (size < sizeof self->notes - 300)
        snprintf (self->notes + size, sizeof self->notes - size, "%s%s;", word, about);
}

void
world_reply (http_call_t *call, unsigned status, const char *text)
{
    const http_header_t headers[] = { { "Content-Type", "text/plain" } };
    br_blob_t *body = *text ? br_blob_new (text, strlen (text)) : NULL;
    http_call_reply (call, status, headers, 1, body);
    br_blob_destroy (&body);
}

static void
s_field (void *arg, const char *name, const char *value)
{
    world_t *self = arg;
    size_t size = strlen (self->fields);
    snprintf (self->fields + size, sizeof self->fields - size, "%s=%.200s;", name, value);
}

static void
s_request (void *arg, http_call_t *call)
{
    world_t *self = arg;
    const char *path = http_call_path (call);
    s_note (self, "request ", strlen (path) < 100 ? path : "(long)");
    self->fields[0] = '\0';
    http_call_each_header (call, s_field, self);
    br_blob_destroy (&self->body);
    self->body = br_blob_ref (http_call_body (call));
    if (!strcmp (path, "/now") && self->reply_bytes) {
        char *bytes = br_alloc (1, self->reply_bytes);
        br_blob_t *body = br_blob_take ((uint8_t *) bytes, self->reply_bytes);
        http_call_reply (call, 200, NULL, 0, body);
        br_blob_destroy (&body);
    } else if (!strcmp (path, "/now")) {
        world_reply (call, 200, WORLD_BODY);
    } else if (!strcmp (path, "/whole")) {
        http_call_open (call, 200, NULL, 0);
        http_call_write (call, WORLD_BODY, strlen (WORLD_BODY));
        http_call_end (call);
    } else {
        if (!strcmp (path, "/stream"))
            http_call_open (call, 200, NULL, 0);
        assert_true (self->calls_size < WORLD_CALLS_MAX);
        self->calls[self->calls_size++] = call;
    }
}

static void
s_refuse (void *arg, http_call_t *call, const br_error_t *error)
{
    world_t *self = arg;
    s_note (self, "refuse ", br_code_name (error->code));
    self->refused = *error;
    self->refusals++;
    world_reply (call, br_code_status (error->code), error->text);
}

static void
s_gone (void *arg, http_call_t *call)
{
    (void) call;
    s_note (arg, "gone", "");
}

static void
s_written (void *arg, http_call_t *call, uint64_t body_bytes)
{
    (void) call;
    world_t *self = arg;
    self->written = body_bytes;
}

static void
s_ended (void *arg, http_call_t *call)
{
    (void) call;
    s_note (arg, "ended", "");
}

int
world_setup (void **state)
{
    world_t *self = BR_NEW (world_t);
    self->now_ns = (uint64_t) 1000 * MS;
    self->loop = br_loop_new (br_clock_manual (&self->now_ns));
    self->text = br_alloc (1, WORLD_TEXT_MAX + 1);
    self->listen[0] = "127.0.0.1:0";
    self->conf = (http_server_conf_t) { .listen = self->listen,
                                        .body_max = 100000,
                                        .header_max = 4096,
                                        .connections_max = 2000,
                                        .request_ms = 2000,
                                        .idle_ms = 10000,
                                        .stall_ms = 4000 };
    *state = self;
    return self->loop ? 0 : -1;
}

int
world_teardown (void **state)
{
    world_t *self = *state;
    http_server_destroy (&self->server);
    br_loop_destroy (&self->loop);
    br_blob_destroy (&self->body);
    free (self->text);
    free (self);
    return 0;
}

void
world_start (world_t *self)
{
    static const http_server_handler_t handler = { .request = s_request,
                                                   .refuse = s_refuse,
                                                   .gone = s_gone,
                                                   .written = s_written,
                                                   .ended = s_ended };
    br_error_t error = { 0 };
    self->server = http_server_new (self->loop, &self->conf, &handler, self, &error);
    assert_string_equal (error.text, "");
    assert_non_null (self->server);
}

int
world_connect (world_t *self)
{
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons (http_server_port (self->server, 0)),
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    int rc = connect (fd, (const struct sockaddr *) &address, sizeof address);
    assert_true (rc == 0 || errno == EINPROGRESS);
    int on =
        1; //  else the kernel keeps back a second part until the first is acknowledged
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    br_loop_turn (self->loop, 0);
    return fd;
}

void
world_send (world_t *self, int fd, const char *bytes, size_t size)
{
    for (int turns = 0; size && turns < TURNS_MAX; turns++) {
        ssize_t rc = send (fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (rc < 0 && errno != EAGAIN)
            return; //  the server closed first
        if (rc > 0) {
            bytes += rc;
            size -= (size_t) rc;
        }
        br_loop_turn (self->loop, 0);
    }
}

void
world_says (world_t *self, int fd, const char *text)
{
    world_send (self, fd, text, strlen (text));
}

void
world_read (world_t *self, int fd, const char *needle)
{
    self->text_size = 0;
    self->text_end = false;
    for (int turns = 0; turns < TURNS_MAX && !self->text_end; turns++) {
        br_loop_turn (self->loop, 0);
        ssize_t rc = recv (fd, self->text + self->text_size,
                           WORLD_TEXT_MAX - self->text_size, MSG_DONTWAIT);
        int on = 1; //  else the server waits in vain for acknowledgements on our clock
        setsockopt (fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
        if (rc > 0)
            self->text_size += (size_t) rc;
        self->text_end = rc == 0 || (rc < 0 && errno != EAGAIN);
        self->text[self->text_size] = '\0';
        if (needle && strstr (self->text, needle))
            return;
    }
    if (!self->text_end)
        fail_msg ("waited in vain for %s after %s", needle ? needle : "the end",
                  self->text);
}

void
world_ask (world_t *self, const char *text, const char *needle)
{
    int fd = world_connect (self);
    world_says (self, fd, text);
    world_read (self, fd, needle);
    close (fd);
    world_settle (self);
}

void
world_until (world_t *self, const char *note)
{
    for (int turns = 0; turns < TURNS_MAX && !strstr (self->notes, note); turns++)
        br_loop_turn (self->loop, 0);
    if (!strstr (self->notes, note))
        fail_msg ("no %s in %s", note, self->notes);
}

void
world_until_calls (world_t *self, size_t size)
{
    for (int turns = 0; turns < TURNS_MAX && self->calls_size < size; turns++)
        br_loop_turn (self->loop, 0);
    if (self->calls_size != size)
        fail_msg ("%zu calls instead of %zu after %s", self->calls_size, size,
                  self->notes);
}

void
world_settle (world_t *self)
{
    for (int turns = 0; turns < SETTLE_TURNS; turns++)
        br_loop_turn (self->loop, 0);
}

void
world_wait (world_t *self, uint64_t ms)
{
    for (uint64_t step = 0; step < ms; step += STEP_MS) {
        self->now_ns += (uint64_t) STEP_MS * MS;
        br_loop_turn (self->loop, 0);
    }
    world_settle (self);
}

size_t
world_count (const char *text, const char *needle)
{
    size_t count = 0;
    for (const char *at = strstr (text, needle); at; at = strstr (at + 1, needle))
        count++;
    return count;
}
