//  ingress_idem: how long a call waits for another one with its Idempotency-Key.

#include "tests/actors/ingress/idem.h"

#define BOUND "x-bitrouter-timeout: 2\r\n"

static void
a_wrong_wish_is_refused_before_the_claim (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, KEY "x-bitrouter-timeout: soon\r\n", BODY);
    const char *got = world_read (world, fd, "}}");
    world_has (got, "HTTP/1.1 400");
    world_has (got, "x-bitrouter-timeout must be seconds");
    assert_int_equal (world_count (world, BR_IDEM_CLAIM), 0);
    close (fd);
}

static void
who_waits_with_a_bound_leaves_when_it_has_passed (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim_with (world, KEY BOUND, BODY, &id);
    world_wait (world, 1999);
    assert_int_equal (world_count (world, BR_IDEM_LEAVE), 0);
    world_wait (world, 1);
    assert_int_equal (world_count (world, BR_IDEM_LEAVE), 1);
    const char *got = world_read (world, fd, "}}");
    world_has (got, "HTTP/1.1 504");
    world_has (got, "upstream_timeout");
    world_has (got, "the time that the client allows has passed");
    s_go (world, id, 1u << 20);
    s_hear_nothing_of (world);
    assert_int_equal (world_count (world, BR_IDEM_END), 0);
    close (fd);
}

static void
who_goes_after_a_wait_has_what_is_left_of_its_time (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim_with (world, KEY BOUND, BODY, &id);
    world_wait (world, 500);
    s_go (world, id, 1u << 20);
    const br_msg_t *msg = world_expect (world, BR_CALL_OPEN);
    assert_non_null (msg);
    const struct br_call_open *open = br_msg_fields (msg);
    assert_int_equal (open->timeout_ms, 1500);
    world_wait (world, 5000); //  from here on the router keeps the time
    assert_int_equal (world_count (world, BR_IDEM_LEAVE), 0);
    assert_int_equal (world_count (world, BR_IDEM_END), 0);
    close (fd);
}

static void
a_replay_that_lasts_too_long_is_cut (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_claim_with (world, KEY BOUND, STREAM, &id);
    s_replay (world, id, SSE, "data: 1\n\n");
    world_has (world_read (world, fd, "data: 1"), "HTTP/1.1 200");
    world_wait (world, 2000);
    world_has (world_read_all (world, fd), "upstream_timeout");
    assert_int_equal (world_count (world, BR_IDEM_LEAVE), 1);
    close (fd);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_wrong_wish_is_refused_before_the_claim),
        TEST (who_waits_with_a_bound_leaves_when_it_has_passed),
        TEST (who_goes_after_a_wait_has_what_is_left_of_its_time),
        TEST (a_replay_that_lasts_too_long_is_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
