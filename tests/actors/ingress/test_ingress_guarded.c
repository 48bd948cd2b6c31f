//  ingress: what calls behind a guard say of their end, and what is told when there is none.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress_self.h"
#include "broker/core/ctx.h"
#include "tests/actors/ingress/world.h"

#define BODY "{\"model\":\"smart\",\"messages\":[]}"

static int
s_setup (void **state)
{
    world_t *world = world_new (WORLD_SLICE (
        "\"guard\":{\"sets\":[{\"strictest\":{\"downgoing\":\"block\"}}]},"));
    world->has_guard = true;
    *state = world;
    return 0;
}

//  A client's request, as the guard gets it.
static int
s_call (world_t *world, br_id_t *ret_id)
{
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    assert_true (br_addr_is (open->to, world_guard));
    *ret_id = open->call;
    return fd;
}

static void
s_head (world_t *world, br_id_t id)
{
    struct br_reply_head head = { .status = 200, .content_type = "application/json" };
    world_send (world, world_guard, BR_REPLY_HEAD, id, 1, &head, "{}");
}

static uint64_t
s_answered (world_t *world)
{
    const br_msg_t *msg = world_expect (world, BR_CALL_ANSWERED);
    assert_non_null (msg);
    assert_true (br_addr_is (msg->to, world_router));
    assert_int_equal (msg->attempt, 1);
    return ((const struct br_call_answered *) br_msg_fields (msg))->code;
}

static void
what_the_client_got_is_told_the_router (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, &id);
    struct br_reply_end end = { .seq = 1 };
    s_head (world, id);
    world_send (world, world_guard, BR_REPLY_END, id, 1, &end, NULL);
    assert_int_equal (s_answered (world), BR_OK);
    close (fd);
    fd = s_call (world, &id);
    struct br_reply_error error = { .code = BR_EUPGUARD, .error = "no", .attempts = 1 };
    world_send (world, world_guard, BR_REPLY_ERROR, id, 1, &error, NULL);
    assert_int_equal (s_answered (world), BR_EUPGUARD);
    world_has (world_read (world, fd, "}}"), "502 Bad Gateway");
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 0);
    close (fd);
}

static void
a_cancel_follows_the_open (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, &id);
    close (fd);
    const br_msg_t *msg = world_expect (world, BR_CALL_CANCEL);
    assert_non_null (msg);
    assert_true (br_addr_is (msg->to, world_guard));
    assert_int_equal (((const struct br_call_cancel *) br_msg_fields (msg))->code, BR_OK);
    //  and: the router hears it before all that follows
    msg = world_expect (world, BR_CALL_CANCEL);
    assert_non_null (msg);
    assert_true (br_addr_is (msg->to, world_router));
}

static void
a_guard_that_is_lost_is_no_fault_of_the_client (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, &id);
    br_host_gone (world->host, WORLD_GUARD_HOST, 1);
    const br_msg_t *msg = world_expect (world, BR_CALL_CANCEL);
    assert_non_null (msg);
    assert_true (br_addr_is (msg->to, world_router));
    assert_int_equal (((const struct br_call_cancel *) br_msg_fields (msg))->code,
                      BR_EGONE);
    world_has (world_read (world, fd, "}}"), "503 Service Unavailable");
    //  then: nobody may have had it, but whoever has settles it first
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 0);
    world_wait (world, INGRESS_SETTLE_AGAIN_MS);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 0);
    world_wait (world, INGRESS_SETTLE_AGAIN_MS);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 1);
    close (fd);
}

//  As where a limit refuses: it is told and counted, and has no row.
static void
a_call_without_its_guard_is_counted (void **state)
{
    world_t *world = *state;
    world->has_guard = false;
    for (int i = 0; i < 2; i++) {
        int fd = world_connect (world);
        world_post (world, fd, "", BODY);
        world_has (world_read (world, fd, "}}"), "503 Service Unavailable");
        close (fd);
    }
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    assert_int_equal (world_count (world, BR_CALL_SETTLE), 0);
    const ingress_t *ingress = world->ctx->state;
    assert_int_equal (ingress->unguarded, 2);
}

static int
s_setup_open (void **state)
{
    *state = world_new (
        WORLD_SLICE ("\"guard\":{\"sets\":[{\"strictest\":{\"upgoing\":\"redact\","
                     "\"downgoing\":\"block\"},"
                     "\"fail_open\":{\"upgoing\":true,\"downgoing\":true}}]},"));
    return 0;
}

//  Given rules that all fail open, then a call goes straight to the router, and is counted.
static void
a_call_under_rules_that_fail_open_goes_on_without_a_guard (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    assert_true (br_addr_is (open->to, world_router));
    struct br_reply_head head = { .status = 200, .content_type = "text/event-stream" };
    struct br_reply_end end = { .seq = 1 };
    br_id_t id = open->call;
    world_send (world, world_upstream, BR_REPLY_HEAD, id, 1, &head, "data: 1\n\n");
    world_send (world, world_upstream, BR_REPLY_END, id, 1, &end, NULL);
    world_has (world_read (world, fd, "data: 1\n\n"),
               "x-bitrouter-guard: unchecked, answer-unchecked\r\n");
    const ingress_t *ingress = world->ctx->state;
    assert_int_equal (ingress->unguarded, 0);
    assert_int_equal (ingress->unchecked, 1);
    close (fd);
}

//  ... and with one it passes that.
static void
a_call_under_rules_that_fail_open_passes_the_guard_that_is_there (void **state)
{
    world_t *world = *state;
    br_id_t id;
    world->has_guard = true;
    int fd = s_call (world, &id);
    const ingress_t *ingress = world->ctx->state;
    assert_int_equal (ingress->unchecked, 0);
    //  and: a call that is under way in the guard is lost with it
    br_host_gone (world->host, WORLD_GUARD_HOST, 1);
    world_has (world_read (world, fd, "}}"), "503 Service Unavailable");
    close (fd);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
#define TEST_OPEN(name)                                                                  \
    cmocka_unit_test_setup_teardown (name, s_setup_open, world_teardown)
        TEST (what_the_client_got_is_told_the_router),
        TEST (a_cancel_follows_the_open),
        TEST (a_guard_that_is_lost_is_no_fault_of_the_client),
        TEST (a_call_without_its_guard_is_counted),
        TEST_OPEN (a_call_under_rules_that_fail_open_goes_on_without_a_guard),
        TEST_OPEN (a_call_under_rules_that_fail_open_passes_the_guard_that_is_there),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
