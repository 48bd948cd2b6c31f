//  provider: a stage with the upstream actor on it and a provider behind it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "broker/proto/surface.h"
#include "actors/upstream/upstream.h"
#include "tests/actors/upstream/provider.h"

#define WAIT_MS 5000 //  real ones, for what has to come
#define TURNS_MIN 10 //  however busy the machine is

static void
s_on_request (void *arg, peer_conn_t *conn, br_buf_t *request)
{
    provider_t *self = arg;
    br_buf_clear (&self->request);
    br_buf_add (&self->request, request->data, request->size);
    if (self->answer)
        peer_says (conn, self->answer);
    if (self->hang_up)
        peer_end (conn);
}

static uint64_t
s_real_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

static void
s_open (provider_t *self, const char *members, bool real)
{
    memset (self, 0, sizeof *self);
    br_buf_init (&self->request, 1u << 20);
    stage_begin (&self->stage, &br_upstream_actor, real);
    stage_start (&self->stage, "router");
    self->upstream = stage_start (&self->stage, "upstream/acme");
    self->peer = peer_new (br_host_loop (self->stage.host), s_on_request, self);
    snprintf (self->slice, sizeof self->slice,
              "{\"provider\":\"acme\",\"api_base\":\"http://127.0.0.1:%u/v1\"%s}",
              peer_port (self->peer), members);
    provider_conf (self, self->slice);
    assert_string_equal (stage_heard (&self->stage, "router"),
                         "conf.accept#0 conf.taken#0 ");
}

void
provider_open (provider_t *self, const char *members)
{
    s_open (self, members, true);
}

void
provider_open_still (provider_t *self, const char *members)
{
    s_open (self, members, false);
}

void
provider_close (provider_t *self)
{
    //  The actor closes its connections first.
    br_host_end (self->stage.host, "upstream/acme");
    peer_destroy (&self->peer);
    br_buf_free (&self->request);
    stage_end (&self->stage);
}

void
provider_conf (provider_t *self, const char *slice)
{
    struct br_conf_try try = { .generation = ++self->generation, .slice = slice };
    struct br_conf_take take = { .generation = self->generation };
    stage_send (&self->stage, "router", self->upstream, BR_CONF_TRY, 0, 0, &try, NULL);
    stage_send (&self->stage, "router", self->upstream, BR_CONF_TAKE, 0, 0, &take, NULL);
    stage_settle (&self->stage);
}

void
provider_start_with (provider_t *self, uint64_t call, struct br_attempt_start start)
{
    const char *text = self->ask ? self->ask : "{\"model\":\"gpt\",\"x\":1}";
    start.slip = stage_slip (&self->stage);
    start.surface = start.surface ? start.surface : BR_SURFACE_CHAT;
    start.model = start.model ? start.model : "m-1";
    start.model_at = strstr (text, "\"gpt\"") ? 9 : 0;
    start.model_size = start.model_at ? 5 : 0;
    br_blob_t *body = br_blob_new (text, strlen (text));
    stage_send (&self->stage, "router", self->upstream, BR_ATTEMPT_START, call, 1, &start,
                body);
    br_blob_destroy (&body);
}

void
provider_start (provider_t *self, uint64_t call, uint64_t stream)
{
    provider_start_with (self, call, (struct br_attempt_start) { .stream = stream });
}

const char *
provider_finish (provider_t *self)
{
    uint64_t end_ms = s_real_ms () + WAIT_MS;
    while (s_real_ms () < end_ms) {
        const char *heard = stage_heard (&self->stage, "router");
        if (*heard)
            return heard;
        br_loop_turn (br_host_loop (self->stage.host), 50);
    }
    fail_msg ("the attempt did not end");
    return NULL;
}

void
provider_await_request (provider_t *self, unsigned count)
{
    uint64_t end_ms = s_real_ms () + WAIT_MS;
    while (peer_requests (self->peer) < count) {
        assert_true (s_real_ms () < end_ms);
        br_loop_turn (br_host_loop (self->stage.host), 50);
    }
}

const br_msg_t *
provider_await (provider_t *self, const char *name, br_verb_t verb)
{
    uint64_t end_ms = s_real_ms () + WAIT_MS;
    const br_msg_t *msg = stage_last (&self->stage, name, verb);
    while (!msg) {
        assert_true (s_real_ms () < end_ms);
        br_loop_turn (br_host_loop (self->stage.host), 50);
        msg = stage_last (&self->stage, name, verb);
    }
    return msg;
}

void
provider_turn (provider_t *self, unsigned ms)
{
    uint64_t end_ms = s_real_ms () + ms;
    for (unsigned turns = 0; turns < TURNS_MIN || s_real_ms () < end_ms; turns++)
        br_loop_turn (br_host_loop (self->stage.host), 2);
}

const struct br_attempt_fail *
provider_failure (provider_t *self)
{
    const br_msg_t *msg = stage_last (&self->stage, "router", BR_ATTEMPT_FAIL);
    assert_non_null (msg);
    return br_msg_fields (msg);
}
