//  idem: what the tests of calls with an Idempotency-Key share: their owner is played by
//  the test.

#ifndef TEST_INGRESS_IDEM_H
#define TEST_INGRESS_IDEM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress.h"
#include "actors/ingress/ingress_idem.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "tests/actors/ingress/world.h"

#define BODY "{\"model\":\"smart\",\"messages\":[]}"
#define STREAM "{\"model\":\"smart\",\"stream\":true,\"messages\":[]}"
#define SSE "text/event-stream"
#define KEY "Idempotency-Key: k-1\r\n"

static inline int
s_setup (void **state)
{
    world_t *world = world_new (WORLD_SLICE (""));
    world->has_keys = true;
    *state = world;
    return 0;
}

//  A client that has posted a body, and the id under which its key was claimed.
static inline int
s_claim_with (world_t *world, const char *headers, const char *body, br_id_t *ret_id)
{
    int fd = world_connect (world);
    world_post (world, fd, headers, body);
    const br_msg_t *claim = world_expect (world, BR_IDEM_CLAIM);
    assert_non_null (claim);
    assert_true (br_addr_is (claim->to, world_keys));
    *ret_id = claim->call;
    return fd;
}

static inline int
s_claim (world_t *world, const char *body, br_id_t *ret_id)
{
    return s_claim_with (world, KEY, body, ret_id);
}

static inline void
s_go (world_t *world, br_id_t id, uint64_t answer_max)
{
    struct br_idem_go go = { .answer_max = answer_max };
    world_send (world, world_keys, BR_IDEM_GO, id, 0, &go, NULL);
}

//  The same, up to the open.
static inline int
s_first (world_t *world, const char *body, br_id_t *ret_id)
{
    int fd = s_claim (world, body, ret_id);
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    s_go (world, *ret_id, 1u << 20);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    assert_true (br_id_is (open->call, *ret_id));
    assert_int_equal (br_blob_size (open->body), strlen (body));
    return fd;
}

static inline void
s_ended (world_t *world, uint64_t complete)
{
    const br_msg_t *msg = world_expect (world, BR_IDEM_END);
    assert_non_null (msg);
    const struct br_idem_end *end = br_msg_fields (msg);
    assert_int_equal (end->complete, complete);
    assert_int_equal (world_count (world, BR_IDEM_END), 1);
    assert_int_equal (world_count (world, BR_IDEM_LEAVE), 0);
}

//  Words of an answer from the owner.
static inline void
s_replay (world_t *world, br_id_t id, const char *content_type, const char *body)
{
    struct br_reply_head head = { .status = 200, .content_type = content_type };
    head.provider = "openai";
    head.model = "gpt-4o";
    head.upto = strlen (body);
    world_send (world, world_keys, BR_REPLY_HEAD, id, 1, &head, body);
}

static inline void
s_replay_end (world_t *world, br_id_t id, uint64_t seq)
{
    struct br_reply_end end = { .seq = seq };
    world_send (world, world_keys, BR_REPLY_END, id, 1, &end, NULL);
}

static inline void
s_hear_nothing_of (world_t *world)
{
    static const br_verb_t verbs[] = { BR_CALL_OPEN, BR_CALL_COMMIT, BR_CALL_CANCEL,
                                       BR_CALL_SETTLE, BR_ATTEMPT_CANCEL };
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        assert_int_equal (world_count (world, verbs[i]), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)

#endif
