//  ingress_limits: two keys, one after the other, with the owner played by the test.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_limits.h"
#include "broker/core/ctx.h"
#include "tests/actors/ingress/world.h"

typedef struct {
    world_t *world;
    quota_t *quota;
    ingress_limits_t *limits;
    unsigned answers;
    br_error_t refused; //  of the last answer
} scene_t;

static int
s_setup (void **state)
{
    static scene_t scene;
    memset (&scene, 0, sizeof scene);
    scene.world = world_new (NULL);
    scene.world->has_limits = true;
    scene.quota = quota_new (scene.world->ctx);
    *state = &scene;
    return 0;
}

static int
s_teardown (void **state)
{
    scene_t *scene = *state;
    ingress_limits_destroy (&scene->limits);
    quota_destroy (&scene->quota);
    world_destroy (&scene->world);
    return 0;
}

static void
s_on_answer (void *arg, const br_error_t *refused)
{
    scene_t *scene = arg;
    scene->answers++;
    scene->refused = refused ? *refused : (br_error_t) { .code = BR_OK };
}

static void
s_take (scene_t *scene, const char *caller, const char *model)
{
    scene->limits = ingress_limits_new (scene->quota, caller, NULL, model);
    ingress_limits_take (scene->limits, 100, s_on_answer, scene);
}

//  The owner's answer to the newest question; of its fields the ticket is filled in.
static void
s_grant (scene_t *scene, const char *kind, const char *key, struct br_limit_grant grant)
{
    const br_msg_t *msg = world_expect (scene->world, BR_LIMIT_ASK);
    assert_non_null (msg);
    const struct br_limit_ask *ask = br_msg_fields (msg);
    assert_string_equal (ask->kind, kind);
    assert_string_equal (ask->key, key);
    assert_int_equal (ask->requests, 1);
    assert_int_equal (ask->tokens, 100);
    assert_int_equal (ask->slots, 1);
    grant.ticket = ask->ticket;
    br_msg_t *answer = br_msg_new (BR_LIMIT_GRANT, msg->call, 0, &grant, NULL);
    answer->from = world_limits;
    quota_on_grant (scene->quota, answer);
    br_msg_destroy (&answer);
}

//  All that came back to the owner of this kind.
static struct br_limit_return
s_returned (scene_t *scene, const char *kind)
{
    for (int i = 0; i < 4; i++)
        world_wait (scene->world, QUOTA_IDLE_MS + QUOTA_TICK_MS);
    struct br_limit_return sum = { .kind = kind };
    for (size_t i = 0; i < scene->world->sent_count; i++) {
        const br_msg_t *msg = scene->world->sent[i];
        const struct br_limit_return *back = br_msg_fields (msg);
        if (msg->verb != BR_LIMIT_RETURN || strcmp (back->kind, kind) != 0)
            continue;
        sum.requests += back->requests;
        sum.tokens += back->tokens;
        sum.tokens_over += back->tokens_over;
        sum.slots += back->slots;
    }
    return sum;
}

#define FITS                                                                             \
    {                                                                                    \
        .limited = 1, .requests = 1, .tokens = 100, .slots = 1, .what = "",              \
        .limit_requests = 60, .remaining_requests = 30, .limit_tokens = 1000,            \
        .remaining_tokens = 900                                                          \
    }

static void
without_an_owner_nothing_is_limited (void **state)
{
    scene_t *scene = *state;
    scene->world->has_limits = false;
    s_take (scene, "10.0.0.1", "m");
    assert_int_equal (scene->answers, 1);
    assert_int_equal (scene->refused.code, BR_OK);
    assert_int_equal (ingress_limits_requests (scene->limits).limit, 0);
    ingress_limits_end (scene->limits, 5);
}

static void
both_keys_are_asked_and_the_nearer_rate_is_told (void **state)
{
    scene_t *scene = *state;
    s_take (scene, "10.0.0.1", "m");
    s_grant (scene, "caller", "10.0.0.1", (struct br_limit_grant) FITS);
    assert_int_equal (scene->answers, 0);
    struct br_limit_grant near = FITS;
    near.limit_requests = 10;
    near.remaining_requests = 1;
    near.limit_tokens = 0;
    s_grant (scene, "model", "m", near);
    assert_int_equal (scene->answers, 1);
    assert_int_equal (scene->refused.code, BR_OK);
    assert_int_equal (ingress_limits_requests (scene->limits).limit, 10);
    assert_int_equal (ingress_limits_tokens (scene->limits).limit, 1000);
    assert_int_equal (ingress_limits_retry_ms (scene->limits), 0);
}

static void
a_refusal_says_which_limit_and_when_and_gives_the_first_back (void **state)
{
    scene_t *scene = *state;
    s_take (scene, "10.0.0.1", "m");
    s_grant (scene, "caller", "10.0.0.1", (struct br_limit_grant) FITS);
    s_grant (scene, "model", "m",
             (struct br_limit_grant) { .limited = 1,
                                       .retry_ms = 2500,
                                       .what = "tokens",
                                       .limit_requests = 5,
                                       .limit_tokens = 700 });
    assert_int_equal (scene->answers, 1);
    assert_int_equal (scene->refused.code, BR_ELIMIT);
    assert_string_equal (scene->refused.text, "the limit of 700 tokens a minute for the "
                                              "model 'm' is reached; try again in 3 s");
    assert_int_equal (ingress_limits_retry_ms (scene->limits), 2500);
    struct br_limit_return back = s_returned (scene, "caller");
    assert_int_equal (back.requests, 1);
    assert_int_equal (back.tokens, 100);
    assert_int_equal (back.slots, 1);
}

static void
a_refused_caller_is_not_asked_for_the_model (void **state)
{
    scene_t *scene = *state;
    s_take (scene, "10.0.0.1", "m");
    s_grant (
        scene, "caller", "10.0.0.1",
        (struct br_limit_grant) { .limited = 1, .retry_ms = 1, .what = "concurrency" });
    assert_string_equal (scene->refused.text,
                         "the limit of calls at the same time for one "
                         "caller is reached; try again in 1 s");
    assert_int_equal (world_count (scene->world, BR_LIMIT_ASK), 1);
}

static void
the_end_gives_the_slot_and_what_was_not_used_back (void **state)
{
    scene_t *scene = *state;
    s_take (scene, NULL, "m");
    s_grant (scene, "model", "m", (struct br_limit_grant) FITS);
    assert_int_equal (scene->answers, 1);
    ingress_limits_end (scene->limits, 30);
    ingress_limits_destroy (&scene->limits);
    struct br_limit_return back = s_returned (scene, "model");
    assert_int_equal (back.requests, 0);
    assert_int_equal (back.tokens, 70);
    assert_int_equal (back.tokens_over, 0);
    assert_int_equal (back.slots, 1);
}

static void
the_end_tells_what_was_used_beyond (void **state)
{
    scene_t *scene = *state;
    s_take (scene, "c", NULL);
    s_grant (scene, "caller", "c", (struct br_limit_grant) FITS);
    ingress_limits_end (scene->limits, 250);
    struct br_limit_return back = s_returned (scene, "caller");
    assert_int_equal (back.tokens, 0);
    assert_int_equal (back.tokens_over, 150);
    assert_int_equal (back.slots, 1);
}

static void
what_nobody_knows_stays_taken (void **state)
{
    scene_t *scene = *state;
    s_take (scene, "c", NULL);
    s_grant (scene, "caller", "c", (struct br_limit_grant) FITS);
    ingress_limits_end_unknown (scene->limits);
    ingress_limits_destroy (&scene->limits);
    struct br_limit_return back = s_returned (scene, "caller");
    assert_int_equal (back.requests, 0);
    assert_int_equal (back.tokens, 0);
    assert_int_equal (back.slots, 1);
}

static void
who_leaves_while_it_waits_is_not_called (void **state)
{
    scene_t *scene = *state;
    s_take (scene, "c", "m");
    ingress_limits_destroy (&scene->limits);
    s_grant (scene, "caller", "c", (struct br_limit_grant) FITS);
    assert_int_equal (scene->answers, 0);
    struct br_limit_return back = s_returned (scene, "caller");
    assert_int_equal (back.slots, 1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (without_an_owner_nothing_is_limited),
        TEST (both_keys_are_asked_and_the_nearer_rate_is_told),
        TEST (a_refusal_says_which_limit_and_when_and_gives_the_first_back),
        TEST (a_refused_caller_is_not_asked_for_the_model),
        TEST (the_end_gives_the_slot_and_what_was_not_used_back),
        TEST (the_end_tells_what_was_used_beyond),
        TEST (what_nobody_knows_stays_taken),
        TEST (who_leaves_while_it_waits_is_not_called),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
