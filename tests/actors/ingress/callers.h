//  callers: what tests of known callers share: the owner of identities and budgets is played
//  by the test.

#ifndef TEST_INGRESS_CALLERS_H
#define TEST_INGRESS_CALLERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "tests/actors/ingress/world.h"

#define KEY "brvk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define BEARER "Authorization: Bearer " KEY "\r\n"
#define BODY "{\"model\":\"smart\",\"messages\":[],\"max_tokens\":100}"
#define NO_CALL ((br_id_t) { 0, 0 })

//  A world whose calls have a price: 1 nano-USD a token of input, 2 of output.
#define PRICED(extra)                                                                    \
    WORLD_SLICE (extra "\"tariff\":{\"prices\":{\"openai\":{\"gpt-4o\":{\"input\":"      \
                       "1000000,\"output\":2000000}}},\"routes\":{}},")

static inline world_t *
callers_world (const char *slice)
{
    world_t *world = world_new (slice);
    world->has_auth = true;
    return world;
}

//  What is told of a caller, unless the test changes it.
static inline struct br_auth_told
callers_told (void)
{
    return (struct br_auth_told) { .account = "acme", .key = "brvk_id_1" };
}

//  Answers the newest question.
static inline void
callers_tell (world_t *world, struct br_auth_told *told)
{
    const br_msg_t *msg = world_expect (world, BR_AUTH_ASK);
    assert_non_null (msg);
    assert_true (br_addr_is (msg->to, world_auth));
    const struct br_auth_ask *ask = br_msg_fields (msg);
    told->ticket = ask->ticket;
    world_send (world, world_auth, BR_AUTH_TOLD, NO_CALL, 0, told, NULL);
}

static inline void
callers_refuse (world_t *world, const char *reason)
{
    struct br_auth_told told = { .code = BR_EAUTH, .error = reason };
    callers_tell (world, &told);
}

//  The owner's host is gone.
static inline void
callers_lose_auth (world_t *world)
{
    struct br_sys_gone gone = { .host = WORLD_AUTH_HOST, .life = 1 };
    br_ctx_send (world->ctx, br_ctx_self (world->ctx), BR_SYS_GONE, NO_CALL, 0, &gone,
                 NULL);
    world_turn (world);
}

//  A client that has posted a body with these headers; the test closes it.
static inline int
callers_post (world_t *world, const char *headers, const char *body)
{
    int fd = world_connect (world);
    world_post (world, fd, headers, body);
    return fd;
}

#endif
