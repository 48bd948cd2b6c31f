//  quota: taking from leases, asking for more, going on when nobody answers.

#include "tests/broker/core/quota_fixture.h"

//  ---- taking

static void
without_an_owner_a_call_goes_on_at_once (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    assert_int_equal (s_take (world, "a", &s_one, &told), 0);
    assert_int_equal (told.times, 1);
    assert_true (told.verdict.granted);
    assert_false (told.verdict.limited);
    assert_int_equal (told.verdict.taken.slots, 0);
}

static void
the_first_one_asks_and_the_next_ones_take_from_the_lease (void **state)
{
    world_t *world = *state;
    told_t one = { 0 }, two = { 0 }, three = { 0 };
    assert_int_not_equal (s_take (world, "a", &s_one, &one), 0);
    assert_string_equal (stage_heard (&world->stage, "limits"), "limit.ask#0 ");
    assert_string_equal (s_asked (world)->kind, "caller");
    assert_string_equal (s_asked (world)->key, "a");
    assert_int_equal (s_asked (world)->requests, 1);
    assert_int_equal (s_asked (world)->slots, 1);
    s_take (world, "a", &s_one, &two); //  waits behind it, without a question
    assert_string_equal (stage_heard (&world->stage, "limits"), "");
    assert_int_equal (quota_size (world->quota), 2);
    s_lend (world, 5, 3);
    assert_int_equal (one.times, 1);
    assert_int_equal (two.times, 1);
    assert_true (one.verdict.granted && one.verdict.limited);
    assert_int_equal (one.verdict.taken.requests, 1);
    assert_int_equal (one.verdict.taken.slots, 1);
    assert_int_equal (one.verdict.requests.limit, 100);
    assert_int_equal (one.verdict.requests.remaining, 54); //  4 are at hand still
    assert_int_equal (two.verdict.requests.remaining, 53);
    assert_int_equal (one.verdict.requests.reset_ms, 30000);
    assert_int_equal (s_take (world, "a", &s_one, &three), 0);
    assert_int_equal (three.times, 1);
    assert_string_equal (stage_heard (&world->stage, "limits"), "");
}

static void
what_the_lease_lacks_is_asked_for (void **state)
{
    world_t *world = *state;
    told_t one = { 0 }, two = { 0 };
    s_take (world, "a", &s_one, &one);
    s_lend (world, 3, 1);
    quota_amount_t four = { .requests = 4 };
    assert_int_not_equal (s_take (world, "a", &four, &two), 0);
    stage_settle (&world->stage);
    assert_int_equal (s_asked (world)->requests, 2);
    assert_int_equal (s_asked (world)->slots, 0);
    s_lend (world, 2, 0);
    assert_int_equal (two.times, 1);
    assert_int_equal (two.verdict.taken.requests, 4);
}

static void
a_key_that_is_not_limited_is_not_asked_for_a_minute (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    s_take (world, "a", &s_one, &told);
    s_answer (world, &(struct br_limit_grant) { .limited = 0 });
    assert_int_equal (told.times, 1);
    assert_true (told.verdict.granted);
    assert_false (told.verdict.limited);
    for (int i = 2; i < 60; i++) {
        assert_int_equal (s_take (world, "a", &s_one, &told), 0);
        assert_int_equal (told.times, i);
        stage_pass (&world->stage, 1000);
    }
    assert_string_equal (stage_heard (&world->stage, "limits"), "");
    stage_pass (&world->stage, 3000);
    assert_int_not_equal (s_take (world, "a", &s_one, &told), 0);
    assert_string_equal (stage_heard (&world->stage, "limits"), "limit.ask#0 ");
}

//  ---- refusals

static void
a_refusal_counts_for_all_who_want_as_much (void **state)
{
    world_t *world = *state;
    told_t one = { 0 }, two = { 0 }, small = { 0 }, late = { 0 };
    quota_amount_t ten = { .tokens = 10 }, five = { .tokens = 5 };
    s_take (world, "a", &ten, &one);
    s_take (world, "a", &ten, &two);
    s_take (world, "a", &five, &small);
    s_deny (world, "tokens", 2500);
    assert_int_equal (one.times, 1);
    assert_false (one.verdict.granted);
    assert_true (one.verdict.limited);
    assert_string_equal (one.what, "tokens");
    assert_int_equal (one.verdict.retry_ms, 2500);
    assert_int_equal (one.verdict.taken.tokens, 0);
    assert_int_equal (two.times, 1);
    assert_false (two.verdict.granted);
    //  then: the smaller one has a question of its own
    assert_int_equal (small.times, 0);
    assert_int_equal (s_asked (world)->tokens, 5);
    s_deny (world, "tokens", 1000);
    assert_int_equal (small.times, 1);
    s_take (world, "a", &ten, &late); //  at once
    assert_int_equal (late.times, 1);
    assert_false (late.verdict.granted);
}

static void
after_a_moment_a_refusal_is_asked_again (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    s_take (world, "a", &s_one, &told);
    s_deny (world, "concurrency", 1000);
    stage_pass (&world->stage, QUOTA_REFUSED_MS);
    assert_int_not_equal (s_take (world, "a", &s_one, &told), 0);
    assert_string_equal (stage_heard (&world->stage, "limits"), "limit.ask#0 ");
    s_lend (world, 1, 1);
    assert_true (told.verdict.granted);
}

//  ---- giving back

static void
a_slot_that_comes_back_is_for_the_next_call_here (void **state)
{
    world_t *world = *state;
    told_t one = { 0 }, two = { 0 };
    s_take (world, "a", &s_one, &one);
    s_lend (world, 5, 1);
    quota_return (world->quota, QUOTA_CALLER, "a", 1, &(quota_amount_t) { .slots = 1 },
                  0);
    assert_int_equal (s_take (world, "a", &s_one, &two), 0);
    assert_true (two.verdict.granted);
    stage_pass (&world->stage, 3 * QUOTA_TICK_MS);
    assert_string_equal (stage_heard (&world->stage, "limits"), "");
}

static void
slots_that_nobody_wants_go_back_with_the_tick (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    s_take (world, "a", &s_one, &told);
    s_lend (world, 5, 3);
    stage_pass (&world->stage, 2 * QUOTA_TICK_MS);
    assert_string_equal (stage_heard (&world->stage, "limits"), "limit.return#0 ");
    assert_int_equal (s_returned (world)->slots, 2);
    assert_int_equal (s_returned (world)->requests, 0);
    quota_return (world->quota, QUOTA_CALLER, "a", 1, &(quota_amount_t) { .slots = 9 },
                  0);
    stage_pass (&world->stage, 2 * QUOTA_TICK_MS);
    assert_string_equal (stage_heard (&world->stage, "limits"), "limit.return#0 ");
    assert_int_equal (s_returned (world)->slots, 1); //  no more than the call held
    stage_pass (&world->stage, 500);
    assert_string_equal (stage_heard (&world->stage, "limits"), "");
}

static void
an_idle_lease_goes_back_after_a_second (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    quota_amount_t want = { .requests = 1 };
    s_take (world, "a", &want, &told);
    s_lend (world, 5, 0);
    quota_return (world->quota, QUOTA_CALLER, "a", 1, &(quota_amount_t) { .requests = 1 },
                  0);
    stage_pass (&world->stage, QUOTA_IDLE_MS - 1);
    assert_string_equal (stage_heard (&world->stage, "limits"), "");
    stage_pass (&world->stage, QUOTA_IDLE_MS);
    assert_string_equal (stage_heard (&world->stage, "limits"), "limit.return#0 ");
    assert_int_equal (s_returned (world)->requests, 5);
    assert_int_equal (s_returned (world)->tokens, 0); //  they are not limited
    assert_int_not_equal (s_take (world, "a", &want, &told), 0);
}

static void
tokens_beyond_the_grant_are_told_together (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    quota_amount_t want = { .tokens = 10 }, none = { 0 };
    s_take (world, "a", &want, &told);
    s_answer (world, &(struct br_limit_grant) {
                         .limited = 1, .tokens = 10, .limit_tokens = 99 });
    quota_return (world->quota, QUOTA_CALLER, "a", 1, &none, 70);
    quota_return (world->quota, QUOTA_CALLER, "a", 1, &none, 30);
    quota_return (world->quota, QUOTA_CALLER, "nobody", 1, &none, 30);
    stage_pass (&world->stage, QUOTA_TICK_MS + 1);
    assert_string_equal (stage_heard (&world->stage, "limits"), "limit.return#0 ");
    assert_int_equal (s_returned (world)->tokens_over, 100);
}

//  ---- when nobody answers

static void
a_taker_waits_for_a_second_at_most (void **state)
{
    world_t *world = *state;
    told_t one = { 0 }, two = { 0 };
    s_take (world, "a", &s_one, &one);
    stage_pass (&world->stage, QUOTA_WAIT_MS - 2 * QUOTA_TICK_MS);
    assert_int_equal (one.times, 0);
    stage_pass (&world->stage, 2 * QUOTA_TICK_MS);
    assert_int_equal (one.times, 1);
    assert_true (one.verdict.granted);
    assert_false (one.verdict.limited);
    assert_int_equal (one.verdict.taken.slots, 0);
    //  then: the next ones do not wait, but it is asked whether it is back
    stage_heard (&world->stage, "limits");
    assert_int_equal (s_take (world, "a", &s_one, &two), 0);
    assert_int_equal (s_take (world, "a", &s_one, &two), 0);
    assert_int_equal (two.times, 2);
    assert_string_equal (stage_heard (&world->stage, "limits"), "limit.ask#0 ");
    s_lend (world, 5, 3);
    s_take (world, "a", &s_one, &two);
    assert_true (two.verdict.limited);
}

//  Given an owner that answers, but only ever enough for one, then who waits too long behind
//  others goes on, and the owner is not taken for silent.
static void
who_waits_behind_others_for_too_long_goes_on (void **state)
{
    world_t *world = *state;
    told_t others = { 0 }, last = { 0 }, next = { 0 };
    for (int i = 0; i < 9; i++)
        s_take (world, "a", &s_one, &others);
    s_take (world, "a", &s_one, &last);
    for (int i = 0; i < 8; i++) {
        stage_pass (&world->stage, 120);
        s_lend (world, 1, 1);
        assert_int_equal (others.times, i + 1);
    }
    stage_pass (&world->stage, 40);
    assert_int_equal (last.times, 1);
    assert_false (last.verdict.limited);
    assert_int_not_equal (s_take (world, "a", &s_one, &next), 0);
    assert_int_equal (next.times, 0); //  it waits
}

static void
a_late_grant_is_still_a_lease (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    s_take (world, "a", &s_one, &told);
    stage_pass (&world->stage, QUOTA_WAIT_MS);
    s_lend (world, 5, 3);
    stage_pass (&world->stage, 2 * QUOTA_TICK_MS);
    assert_int_equal (s_returned (world)->slots, 3);
}

static void
who_leaves_hears_nothing (void **state)
{
    world_t *world = *state;
    told_t one = { 0 }, two = { 0 };
    uint64_t taker = s_take (world, "a", &s_one, &one);
    s_take (world, "a", &s_one, &two);
    quota_leave (world->quota, taker);
    quota_leave (world->quota, taker);
    quota_leave (world->quota, 0);
    s_lend (world, 1, 1);
    assert_int_equal (one.times, 0);
    assert_int_equal (two.times, 1);
    assert_int_equal (quota_size (world->quota), 0);
}

static void
when_the_owner_is_gone_those_who_wait_go_on (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    s_take (world, "a", &s_one, &told);
    br_host_end (world->stage.host, "limits");
    stage_pass (&world->stage, QUOTA_TICK_MS + 1);
    assert_int_equal (told.times, 1);
    assert_true (told.verdict.granted);
}

static void
another_owner_is_asked_anew (void **state)
{
    world_t *world = *state;
    told_t one = { 0 }, two = { 0 };
    s_take (world, "a", &s_one, &one);
    s_lend (world, 5, 5);
    s_take (world, "b", &s_one, &one);
    br_host_end (world->stage.host, "limits");
    stage_start (&world->stage, "limits");
    s_take (world, "a", &s_one, &two);
    stage_pass (&world->stage, QUOTA_TICK_MS + 1);
    assert_string_equal (stage_heard (&world->stage, "limits"),
                         "limit.ask#0 limit.ask#0 "); //  for b too
    assert_int_equal (two.times, 0);
    //  then: what was of the old one is not given to the new one
    quota_return (world->quota, QUOTA_CALLER, "a", 1, &(quota_amount_t) { .slots = 1 },
                  0);
    stage_pass (&world->stage, 5 * QUOTA_TICK_MS);
    assert_string_equal (stage_heard (&world->stage, "limits"), "");
}

//  Its amounts are of nobody, though the new one has lent some under the same key.
static void
what_an_old_owner_lent_is_not_given_to_the_new_one (void **state)
{
    world_t *world = *state;
    told_t one = { 0 }, two = { 0 };
    s_take (world, "a", &s_one, &one);
    s_lend (world, 1, 1);
    br_host_end (world->stage.host, "limits");
    stage_start (&world->stage, "limits");
    s_take (world, "a", &s_one, &two);
    stage_settle (&world->stage);
    s_lend (world, 1, 1);
    assert_int_equal (two.times, 1);
    assert_int_not_equal (one.verdict.owner, two.verdict.owner);
    quota_return (world->quota, QUOTA_CALLER, "a", one.verdict.owner,
                  &(quota_amount_t) { .requests = 1, .slots = 1 }, 50);
    stage_pass (&world->stage, 5 * QUOTA_TICK_MS);
    assert_string_equal (stage_heard (&world->stage, "limits"), "");
    //  then: what the new one has lent goes back
    quota_return (world->quota, QUOTA_CALLER, "a", two.verdict.owner, &two.verdict.taken,
                  0);
    stage_pass (&world->stage, 5 * QUOTA_TICK_MS);
    assert_int_equal (s_returned (world)->slots, 1);
}

//  ---- a new configuration

static void
s_say_not_limited (world_t *world)
{
    s_answer (world, &(struct br_limit_grant) { .limited = 0 });
}

static void
a_new_configuration_is_asked_for_at_once (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    s_take (world, "a", &s_one, &told);
    s_say_not_limited (world);
    quota_stale (world->quota);
    assert_int_not_equal (s_take (world, "a", &s_one, &told), 0);
    stage_settle (&world->stage);
    //  when: the owner has not heard of it yet, then its word counts for a second
    s_say_not_limited (world);
    stage_pass (&world->stage, QUOTA_UNSURE_FRESH_MS - 1);
    assert_int_equal (s_take (world, "a", &s_one, &told), 0);
    stage_pass (&world->stage, 1);
    assert_int_not_equal (s_take (world, "a", &s_one, &told), 0);
    stage_settle (&world->stage);
    s_deny (world, "requests", 1000);
    assert_false (told.verdict.granted);
}

static void
later_on_its_word_counts_for_a_minute_again (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    quota_stale (world->quota);
    stage_pass (&world->stage, QUOTA_UNSURE_MS);
    s_take (world, "a", &s_one, &told);
    s_say_not_limited (world);
    stage_pass (&world->stage, QUOTA_FRESH_MS - 1000);
    assert_int_equal (s_take (world, "a", &s_one, &told), 0);
    stage_pass (&world->stage, 1000);
    assert_int_not_equal (s_take (world, "a", &s_one, &told), 0);
}

static void
one_rate_that_was_free_may_be_limited_then (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    quota_amount_t want = { .requests = 1, .tokens = 10 };
    s_take (world, "a", &want, &told);
    s_lend (world, 5, 0); //  tokens are free
    assert_int_equal (s_take (world, "a", &want, &told), 0);
    quota_stale (world->quota);
    assert_int_not_equal (s_take (world, "a", &want, &told), 0);
    stage_settle (&world->stage);
    assert_int_equal (s_asked (world)->tokens, 10);
}

//  ---- bounds

static void
past_the_bound_of_keys_calls_go_on (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    char key[16];
    for (int i = 0; i <= QUOTA_KEYS_MAX; i++) {
        snprintf (key, sizeof key, "%d", i);
        s_take (world, key, &s_one, &told);
    }
    assert_int_equal (told.times, 1);
    assert_true (told.verdict.granted);
    assert_int_equal (quota_size (world->quota), QUOTA_KEYS_MAX);
}

static void
past_the_bound_of_takers_calls_go_on (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    for (int i = 0; i < QUOTA_TAKERS_MAX; i++)
        s_take (world, "a", &s_one, &told);
    assert_int_equal (told.times, 0);
    s_take (world, "a", &s_one, &told);
    assert_int_equal (told.times, 1);
}

static void
an_idle_key_makes_room (void **state)
{
    world_t *world = *state;
    told_t told = { 0 };
    char key[16];
    for (int i = 0; i < QUOTA_KEYS_MAX; i++) {
        snprintf (key, sizeof key, "%d", i);
        s_take (world, key, &s_one, &told);
        stage_settle (&world->stage);
        s_answer (world, &(struct br_limit_grant) { .limited = 0 });
    }
    stage_pass (&world->stage, QUOTA_TICK_MS + 1);
    told.times = 0;
    assert_int_not_equal (s_take (world, "more", &s_one, &told), 0);
    stage_settle (&world->stage);
    assert_string_equal (s_asked (world)->key, "more");
    //  then: the answer for the key that left is nobody's
    struct br_limit_grant grant = { .limited = 1, .requests = 9, .slots = 9 };
    grant.ticket = s_asked (world)->ticket - QUOTA_KEYS_MAX;
    stage_send (&world->stage, "limits", world->router, BR_LIMIT_GRANT, 0, 0, &grant,
                NULL);
    stage_settle (&world->stage);
    assert_int_equal (told.times, 0);
}

//  A verdict may take, leave and give back.
typedef struct {
    world_t *world;
    int left;
} busy_t;

static void
s_take_again (void *arg, const quota_verdict_t *verdict)
{
    busy_t *busy = arg;
    if (verdict->taken.slots)
        quota_return (busy->world->quota, QUOTA_CALLER, "a", verdict->owner,
                      &verdict->taken, 3);
    if (--busy->left > 0)
        quota_take (busy->world->quota, QUOTA_CALLER, "a", NULL, &s_one, s_take_again,
                    busy);
}

static void
a_verdict_may_take_again (void **state)
{
    world_t *world = *state;
    busy_t busy = { world, 50 };
    for (int i = 0; i < 5; i++)
        quota_take (world->quota, QUOTA_CALLER, "a", NULL, &s_one, s_take_again, &busy);
    s_lend (world, 20, 2);
    s_deny (world, "requests", 10);
    assert_true (busy.left < 50);
    stage_pass (&world->stage, 3000);
    assert_int_equal (quota_size (world->quota), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (without_an_owner_a_call_goes_on_at_once, s_setup),
        TEST (the_first_one_asks_and_the_next_ones_take_from_the_lease,
              s_setup_with_owner),
        TEST (what_the_lease_lacks_is_asked_for, s_setup_with_owner),
        TEST (a_key_that_is_not_limited_is_not_asked_for_a_minute, s_setup_with_owner),
        TEST (a_refusal_counts_for_all_who_want_as_much, s_setup_with_owner),
        TEST (after_a_moment_a_refusal_is_asked_again, s_setup_with_owner),
        TEST (a_slot_that_comes_back_is_for_the_next_call_here, s_setup_with_owner),
        TEST (slots_that_nobody_wants_go_back_with_the_tick, s_setup_with_owner),
        TEST (an_idle_lease_goes_back_after_a_second, s_setup_with_owner),
        TEST (tokens_beyond_the_grant_are_told_together, s_setup_with_owner),
        TEST (a_taker_waits_for_a_second_at_most, s_setup_with_owner),
        TEST (who_waits_behind_others_for_too_long_goes_on, s_setup_with_owner),
        TEST (a_late_grant_is_still_a_lease, s_setup_with_owner),
        TEST (who_leaves_hears_nothing, s_setup_with_owner),
        TEST (when_the_owner_is_gone_those_who_wait_go_on, s_setup_with_owner),
        TEST (another_owner_is_asked_anew, s_setup_with_owner),
        TEST (what_an_old_owner_lent_is_not_given_to_the_new_one, s_setup_with_owner),
        TEST (a_new_configuration_is_asked_for_at_once, s_setup_with_owner),
        TEST (later_on_its_word_counts_for_a_minute_again, s_setup_with_owner),
        TEST (one_rate_that_was_free_may_be_limited_then, s_setup_with_owner),
        TEST (past_the_bound_of_keys_calls_go_on, s_setup_with_owner),
        TEST (past_the_bound_of_takers_calls_go_on, s_setup_with_owner),
        TEST (an_idle_key_makes_room, s_setup_with_owner),
        TEST (a_verdict_may_take_again, s_setup_with_owner),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
