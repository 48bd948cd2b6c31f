//  bus_fixture: a broker's host whose broker only notes what it hears and says what a test
//  tells it to, for tests of those that join one.

#ifndef BUS_FIXTURE_H
#define BUS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/member.h"

#define FIXTURE_DEADLINE_S 20 //  for broken code alone

static inline time_t
fixture_now_s (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

//  What the noting broker has heard.
typedef struct {
    size_t counts[BR_VERB_COUNT];
    br_msg_t *last[BR_VERB_COUNT]; //  owned
} fixture_notes_t;

typedef struct {
    br_host_t *host;
    br_member_t *member;
    br_ctx_t *ctx;
    fixture_notes_t *notes; //  owned by the actor
} fixture_broker_t;

static inline void *
fixture_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) ctx;
    (void) reterr;
    return BR_NEW (fixture_notes_t);
}

static inline void
fixture_destroy (void **state_p)
{
    fixture_notes_t *self = *state_p;
    for (int i = 0; i < BR_VERB_COUNT; i++)
        br_msg_destroy (&self->last[i]);
    free (self);
    *state_p = NULL;
}

static inline void
fixture_hear (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    fixture_notes_t *self = state;
    self->counts[msg->verb]++;
    br_msg_destroy (&self->last[msg->verb]);
    self->last[msg->verb] = br_msg_new (msg->verb, msg->call, msg->attempt,
                                        br_msg_fields (msg), msg->body);
}

static const br_handler_row_t fixture_rows[] = {
    { BR_SYS_JOIN, fixture_hear },   { BR_SYS_STARTED, fixture_hear },
    { BR_SYS_LINKED, fixture_hear }, { BR_SYS_BEAT, fixture_hear },
    { BR_SYS_GONE, fixture_hear },   { BR_SYS_STOPPED, fixture_hear },
    { BR_BUS_EVENTS, fixture_hear }, { 0, NULL },
};
static const br_actor_t fixture_actor = { .name = "broker",
                                          .about = "notes",
                                          .role = BR_ROLE_BROKER,
                                          .handlers = fixture_rows,
                                          .create = fixture_create,
                                          .destroy = fixture_destroy };
static const br_actor_t *const fixture_kinds[] = { &fixture_actor, NULL };

static inline fixture_broker_t
fixture_broker (void *zmq, const char *bind)
{
    fixture_broker_t self = { .host = NULL };
    br_error_t error = { .code = BR_OK };
    br_host_conf_t conf = { .name = "broker", .actors = fixture_kinds };
    conf.log.fd = -1;
    conf.clock = br_clock_real ();
    self.host = br_host_new (&conf, &error);
    br_member_conf_t member = { .bind = bind };
    self.member = br_member_new (self.host, zmq, &member, &error);
    if (!self.member)
        fail_msg ("%s", error.text);
    br_host_start (self.host, "broker", &error);
    self.ctx = br_host_ctx (self.host, "broker");
    self.notes = self.ctx->state;
    return self;
}

static inline void
fixture_broker_end (fixture_broker_t *self)
{
    if (self->host)
        br_host_end_all (self->host);
    br_member_destroy (&self->member);
    br_host_destroy (&self->host);
}

static inline void
fixture_tell (fixture_broker_t *self, uint32_t host, uint32_t life, br_verb_t verb,
              const void *fields)
{
    br_addr_t to = { .host = host, .life = life };
    int rc = br_ctx_send (self->ctx, to, verb, (br_id_t) { 0, 0 }, 0, fields, NULL);
    assert_int_equal (rc, 0);
    br_mailbox_flush (br_member_mailbox (self->member));
}

//  Answers the last join; error is NULL to welcome it.
static inline void
fixture_welcome (fixture_broker_t *self, uint32_t host, uint32_t life, const char *error)
{
    const br_msg_t *msg = self->notes->last[BR_SYS_JOIN];
    assert_non_null (msg);
    const struct br_sys_join *join = br_msg_fields (msg);
    br_mailbox_t *mailbox = br_member_mailbox (self->member);
    assert_int_equal (br_mailbox_link (mailbox, host, life, join->endpoint, "", NULL), 0);
    struct br_sys_welcome welcome = { .nonce = join->nonce, .host = host, .life = life };
    welcome.error = error;
    fixture_tell (self, host, life, BR_SYS_WELCOME, &welcome);
}

//  Turns one or two loops until the condition holds.
#define FIXTURE_UNTIL(a, b, condition)                                                   \
    do {                                                                                 \
        time_t end_s = fixture_now_s () + FIXTURE_DEADLINE_S;                            \
        while (!(condition)) {                                                           \
            br_loop_turn (a, 0);                                                         \
            if (b)                                                                       \
                br_loop_turn (b, 0);                                                     \
            zmq_poll (NULL, 0, 1);                                                       \
            if (fixture_now_s () > end_s)                                                \
                fail_msg ("never came: %s", #condition);                                 \
        }                                                                                \
    } while (0)

#endif
