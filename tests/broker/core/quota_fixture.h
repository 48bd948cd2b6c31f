//  quota_fixture: an actor that takes, and an owner that the test plays.

#ifndef QUOTA_FIXTURE_H
#define QUOTA_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "broker/core/quota.h"
#include "tests/actors/stage.h"

//  An actor that holds nothing but the quota; the test calls it directly.
static inline void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    return quota_new (ctx);
}

static inline void
s_destroy (void **state_p)
{
    quota_t *self = *state_p;
    quota_destroy (&self);
    *state_p = NULL;
}

static inline void
s_on_grant (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    quota_on_grant (state, msg);
}

static const br_handler_row_t s_rows[] = { { BR_LIMIT_GRANT, s_on_grant }, { 0, NULL } };
static const br_actor_t s_router = { .name = "router",
                                     .about = "takes",
                                     .role = BR_ROLE_ROUTER,
                                     .handlers = s_rows,
                                     .create = s_create,
                                     .destroy = s_destroy };

typedef struct {
    stage_t stage;
    br_addr_t router;
    quota_t *quota;
} world_t;

//  What a taker was told.
typedef struct {
    int times;
    quota_verdict_t verdict;
    char what[16];
} told_t;

static inline int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &s_router, false);
    world.router = stage_start (&world.stage, "router");
    world.quota = br_host_ctx (world.stage.host, "router")->state;
    *state = &world;
    return 0;
}

static inline int
s_setup_with_owner (void **state)
{
    int rc = s_setup (state);
    world_t *world = *state;
    stage_start (&world->stage, "limits");
    return rc;
}

static inline int
s_teardown (void **state)
{
    world_t *world = *state;
    stage_end (&world->stage);
    return 0;
}

static inline void
s_on_verdict (void *arg, const quota_verdict_t *verdict)
{
    told_t *told = arg;
    told->times++;
    told->verdict = *verdict;
    snprintf (told->what, sizeof told->what, "%s", verdict->what);
}

static const quota_amount_t s_one = { .requests = 1, .slots = 1 };

static inline uint64_t
s_take (world_t *world, const char *key, const quota_amount_t *want, told_t *told)
{
    return quota_take (world->quota, QUOTA_CALLER, key, NULL, want, s_on_verdict, told);
}

static inline const struct br_limit_ask *
s_asked (world_t *world)
{
    const br_msg_t *msg = stage_last (&world->stage, "limits", BR_LIMIT_ASK);
    return msg ? br_msg_fields (msg) : NULL;
}

static inline const struct br_limit_return *
s_returned (world_t *world)
{
    const br_msg_t *msg = stage_last (&world->stage, "limits", BR_LIMIT_RETURN);
    return msg ? br_msg_fields (msg) : NULL;
}

static inline void
s_answer (world_t *world, struct br_limit_grant *grant)
{
    grant->ticket = s_asked (world)->ticket;
    stage_send (&world->stage, "limits", world->router, BR_LIMIT_GRANT, 0, 0, grant,
                NULL);
    stage_settle (&world->stage);
    stage_heard (&world->stage, "limits");
}

//  The owner lends; tokens are not limited.
static inline void
s_lend (world_t *world, uint64_t requests, uint64_t slots)
{
    struct br_limit_grant grant = { .limited = 1, .requests = requests, .slots = slots };
    grant.tokens = QUOTA_FREE;
    grant.limit_requests = 100;
    grant.remaining_requests = 50;
    grant.reset_requests_ms = 30000;
    s_answer (world, &grant);
}

static inline void
s_deny (world_t *world, const char *what, uint64_t retry_ms)
{
    struct br_limit_grant grant = { .limited = 1, .what = what, .retry_ms = retry_ms };
    grant.limit_requests = 100;
    s_answer (world, &grant);
}

#define TEST(name, setup) cmocka_unit_test_setup_teardown (name, setup, s_teardown)

#endif
