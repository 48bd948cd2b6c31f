//  host_fixture: a host with two kinds of actors that note what they hear, the rest of the
//  world as notes too, and a clock that the test moves.

#ifndef HOST_FIXTURE_H
#define HOST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"

#define US 1000u
#define MS 1000000u

//  What a handler of the actor under test is to do, by call number.
typedef enum {
    DO_NOTE,
    DO_SEND,
    DO_TIME,
    DO_AGAIN
} act_t;

static struct {
    uint64_t now_ns;
    br_host_t *host;
    br_buf_t notes;  //  "name:call " for each message
    br_buf_t events; //  lines
    br_buf_t sent;   //  "host:verb " of messages for other hosts
    br_buf_t own;    //  verbs for the host itself
    act_t act;
    int depth;  //  of handlers
    int agains; //  left to ask for
    bool fail;  //  create fails
} s;

static void
s_again (void *arg)
{
    br_ctx_t *ctx = arg;
    br_buf_addf (&s.notes, "again%d ", s.agains);
    assert_int_equal (s.depth, 0);
    if (s.agains-- > 1)
        br_ctx_again (ctx, s_again, ctx);
}

static void
s_hear (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    assert_int_equal (s.depth++, 0);
    if (msg->verb == BR_SYS_GONE) {
        const struct br_sys_gone *gone = br_msg_fields (msg);
        br_buf_addf (&s.notes, "%s:gone%d.%d ", br_ctx_name (ctx), (int) gone->host,
                     (int) gone->life);
    } else
        br_buf_addf (&s.notes, "%s:%d ", br_ctx_name (ctx), (int) msg->call.lo);
    if (s.act == DO_SEND && msg->call.lo < 3)
        br_ctx_send (ctx, br_ctx_self (ctx), BR_CALL_FENCE, (br_id_t) { 1, 10 }, 1, NULL,
                     NULL);
    if (s.act == DO_TIME)
        s.now_ns += 400 * US;
    if (s.act == DO_AGAIN)
        br_ctx_again (ctx, s_again, ctx);
    s.depth--;
}

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    if (s.fail) {
        br_error_set (reterr, BR_ESYSTEM, "no luck");
        br_ctx_again (ctx, s_again, ctx); //  must be forgotten
        return NULL;
    }
    return ctx;
}

static void
s_destroy (void **state_p)
{
    br_buf_addf (&s.notes, "~%s ", br_ctx_name (*state_p));
    *state_p = NULL;
}

static const br_handler_row_t s_rows[] = { { BR_CALL_FENCE, s_hear },
                                           { BR_CALL_OPEN, s_hear },
                                           { BR_SYS_GONE, s_hear },
                                           { 0, NULL } };
static const br_actor_t s_a = { .name = "a",
                                .about = "hears",
                                .role = BR_ROLE_INGRESS,
                                .handlers = s_rows,
                                .create = s_create,
                                .destroy = s_destroy };
static const br_actor_t s_b = { .name = "b",
                                .about = "hears too",
                                .role = BR_ROLE_ROUTER,
                                .handlers = s_rows,
                                .create = s_create,
                                .destroy = s_destroy };
static const br_actor_t *const s_kinds[] = { &s_a, &s_b, NULL };

//  ---- the rest of the world

static int
s_remote_send (void *arg, br_msg_t **msg_p, br_error_t *reterr)
{
    (void) arg;
    if ((*msg_p)->to.host == 9)
        return br_error_set (reterr, BR_EBUSY, "host 9 is busy");
    br_buf_addf (&s.sent, "%u:%s ", (*msg_p)->to.host, br_verb_name ((*msg_p)->verb));
    br_msg_destroy (msg_p);
    return 0;
}

static br_addr_t
s_remote_find (void *arg, const char *name)
{
    (void) arg;
    return (
        br_addr_t) { .host = strcmp (name, "far") == 0 ? 5 : 0, .life = 6, .actor = 7 };
}

//  Host 2 has a router, host 3 an ingress; the rest is unknown.
static br_role_t
s_remote_role (void *arg, br_addr_t addr)
{
    (void) arg;
    return addr.host == 2   ? BR_ROLE_ROUTER
           : addr.host == 3 ? BR_ROLE_INGRESS
                            : BR_ROLE_COUNT;
}

static const char *
s_remote_name (void *arg, br_addr_t addr)
{
    (void) arg;
    return addr.host == 3 && addr.actor ? "ingress" : NULL;
}

static void
s_remote_events (void *arg, br_buf_t *lines)
{
    (void) arg;
    br_buf_add (&s.events, lines->data, lines->size);
    br_buf_clear (lines);
}

static void
s_remote_message (void *arg, const br_msg_t *msg)
{
    (void) arg;
    br_buf_addf (&s.own, "%s ", br_verb_name (msg->verb));
}

static const br_remote_t s_remote = {
    s_remote_send,   s_remote_find,    s_remote_role, s_remote_name,
    s_remote_events, s_remote_message, NULL,          NULL
};

//  ---- short words

static int
s_setup (void **state)
{
    (void) state;
    memset (&s, 0, sizeof s);
    s.now_ns = 5 * MS;
    br_buf_init (&s.notes, 1u << 20);
    br_buf_init (&s.events, 8u << 20);
    br_buf_init (&s.sent, 1u << 20);
    br_buf_init (&s.own, 1u << 20);
    br_host_conf_t conf = { .name = "h", .actors = s_kinds, .log = { .fd = -1 } };
    conf.clock = br_clock_manual (&s.now_ns);
    s.host = br_host_new (&conf, NULL);
    br_host_set_self (s.host, 1, 4);
    br_host_set_remote (s.host, &s_remote, NULL);
    return s.host ? 0 : -1;
}

static int
s_teardown (void **state)
{
    (void) state;
    br_host_destroy (&s.host);
    br_buf_free (&s.notes);
    br_buf_free (&s.events);
    br_buf_free (&s.sent);
    br_buf_free (&s.own);
    return 0;
}

static br_addr_t
s_start (const char *name)
{
    br_addr_t addr = br_host_start (s.host, name, NULL);
    assert_true (br_addr_is_set (addr));
    return addr;
}

static int
s_post_verb (br_addr_t to, br_verb_t verb, uint64_t call, br_blob_t *body,
             br_error_t *reterr)
{
    br_msg_t *msg = br_msg_new (verb, (br_id_t) { 1, call }, 1, NULL, body);
    msg->to = to;
    int rc = br_host_post (s.host, &msg, reterr);
    assert_int_equal (rc == 0, msg == NULL);
    br_msg_destroy (&msg);
    return rc;
}

static void
s_post (br_addr_t to, uint64_t call)
{
    assert_int_equal (s_post_verb (to, BR_CALL_FENCE, call, NULL, NULL), 0);
}

//  A message as if from another host.
static void
s_arrive (br_addr_t from, br_addr_t to, br_verb_t verb, uint64_t call)
{
    br_msg_t *msg = br_msg_new (verb, (br_id_t) { 1, call }, 1, NULL, NULL);
    msg->from = from;
    msg->to = to;
    br_host_arrived (s.host, &msg);
    br_msg_destroy (&msg);
}

static void
s_settle (void)
{
    while (br_host_work (s.host))
        ;
}

//  Everything that was noted since the last look is this.
static void
s_noted (const char *text)
{
    assert_string_equal (br_buf_text (&s.notes), text);
    br_buf_clear (&s.notes);
}

//  The events of the next tick.
static const char *
s_tick (void)
{
    br_buf_clear (&s.events);
    s_settle ();
    br_loop_turn (br_host_loop (s.host), 0);
    s.now_ns += 6 * MS;
    br_loop_turn (br_host_loop (s.host), 0);
    return br_buf_text (&s.events);
}

static size_t
s_count (const char *text, const char *part)
{
    size_t count = 0;
    for (text = strstr (text, part); text; text = strstr (text + 1, part))
        count++;
    return count;
}

#endif
