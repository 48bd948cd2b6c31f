//  limits: what is lent, what is refused, and how it comes back.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "broker/core/quota.h"
#include "actors/limits/limits.h"
#include "tests/actors/stage.h"

static const char s_slice[] =
    "{\"callers\":{\"requests_per_minute\":60},"
    "\"models\":[{\"glob\":\"m\",\"tokens_per_minute\":1000,\"concurrency\":3},"
    "{\"glob\":\"big\",\"requests_per_minute\":6000,\"concurrency\":100}]}";

typedef struct {
    stage_t stage;
    br_addr_t limits;
    br_ctx_t *ctx;
    uint64_t ticket;
} world_t;

static void
s_configure (world_t *world, const char *slice)
{
    struct br_conf_try try = { .generation = 1, .slice = slice };
    struct br_conf_take take = { .generation = 1 };
    stage_heard (&world->stage, "router");
    stage_send (&world->stage, "router", world->limits, BR_CONF_TRY, 0, 0, &try, NULL);
    stage_send (&world->stage, "router", world->limits, BR_CONF_TAKE, 0, 0, &take, NULL);
    assert_string_equal (stage_heard (&world->stage, "router"),
                         "conf.accept#0 conf.taken#0 ");
}

static int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &br_limits_actor, false);
    world.limits = stage_start (&world.stage, "limits");
    world.ctx = br_host_ctx (world.stage.host, "limits");
    stage_start (&world.stage, "router");
    s_configure (&world, s_slice);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    stage_end (&world->stage);
    return 0;
}

static const struct br_limit_grant *
s_ask (world_t *world, const char *kind, const char *key, quota_amount_t want)
{
    struct br_limit_ask ask = { .ticket = ++world->ticket, .kind = kind, .key = key };
    ask.requests = want.requests;
    ask.tokens = want.tokens;
    ask.slots = want.slots;
    stage_send (&world->stage, "router", world->limits, BR_LIMIT_ASK, 0, 0, &ask, NULL);
    const struct br_limit_grant *grant = br_msg_fields (
        stage_last (&world->stage, "router", BR_LIMIT_GRANT));
    assert_int_equal (grant->ticket, world->ticket);
    return grant;
}

static void
s_return (world_t *world, const char *kind, const char *key, quota_amount_t amount,
          uint64_t over)
{
    struct br_limit_return back = { .kind = kind, .key = key, .tokens_over = over };
    back.requests = amount.requests;
    back.tokens = amount.tokens;
    back.slots = amount.slots;
    stage_send (&world->stage, "router", world->limits, BR_LIMIT_RETURN, 0, 0, &back,
                NULL);
    stage_settle (&world->stage);
}

#define WANT(...) ((quota_amount_t) { __VA_ARGS__ })

//  ---- lending

static void
what_nothing_limits_is_told_so (void **state)
{
    world_t *world = *state;
    const struct br_limit_grant *grant = s_ask (world, "model", "other",
                                                WANT (.tokens = 5));
    assert_int_equal (grant->limited, 0);
    assert_string_equal (grant->what, "");
    assert_int_equal (s_ask (world, "nonsense", "m", WANT (.slots = 1))->limited, 0);
}

static void
a_grant_is_a_block_and_the_numbers_are_told (void **state)
{
    world_t *world = *state;
    const struct br_limit_grant *grant;
    grant = s_ask (world, "caller", "a", WANT (.requests = 1, .tokens = 7, .slots = 1));
    assert_int_equal (grant->limited, 1);
    assert_int_equal (grant->requests, 3);
    assert_int_equal (grant->tokens, QUOTA_FREE); //  nothing limits these
    assert_int_equal (grant->slots, QUOTA_FREE);
    assert_int_equal (grant->limit_requests, 60);
    assert_int_equal (grant->remaining_requests, 57);
    assert_int_equal (grant->reset_requests_ms, 3000);
    assert_int_equal (grant->limit_tokens, 0);
    //  then: another caller has a level of its own
    grant = s_ask (world, "caller", "b", WANT (.requests = 9));
    assert_int_equal (grant->requests, 9);
    assert_int_equal (grant->remaining_requests, 51);
    grant = s_ask (world, "model", "big", WANT (.requests = 1, .slots = 1));
    assert_int_equal (grant->requests, 300);
    assert_int_equal (grant->slots, 5);
}

static void
all_or_nothing_is_granted (void **state)
{
    world_t *world = *state;
    const struct br_limit_grant *grant;
    s_ask (world, "model", "m", WANT (.tokens = 900, .slots = 1));
    grant = s_ask (world, "model", "m", WANT (.tokens = 150, .slots = 1));
    assert_int_equal (grant->slots, 0);
    assert_int_equal (grant->tokens, 0);
    assert_string_equal (grant->what, "tokens");
    assert_int_equal (grant->retry_ms, 3000);
    assert_int_equal (grant->limited, 1);
    stage_pass (&world->stage, 2999);
    assert_string_equal (s_ask (world, "model", "m", WANT (.tokens = 150))->what,
                         "tokens");
    stage_pass (&world->stage, 1);
    grant = s_ask (world, "model", "m", WANT (.tokens = 150));
    assert_string_equal (grant->what, "");
    assert_int_equal (grant->tokens, 150);
}

static void
more_than_a_minutes_worth_is_granted_to_a_full_one (void **state)
{
    world_t *world = *state;
    const struct br_limit_grant *grant;
    grant = s_ask (world, "model", "m", WANT (.tokens = 2500));
    assert_int_equal (grant->tokens, 2500);
    grant = s_ask (world, "model", "m", WANT (.tokens = 1));
    assert_string_equal (grant->what, "tokens");
    assert_int_equal (grant->retry_ms, 90060);
}

static void
slots_are_lent_until_there_are_none (void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 3; i++)
        assert_int_equal (s_ask (world, "model", "m", WANT (.slots = 1))->slots, 1);
    const struct br_limit_grant *grant = s_ask (world, "model", "m", WANT (.slots = 1));
    assert_string_equal (grant->what, "concurrency");
    assert_int_equal (grant->retry_ms, 1000);
    s_return (world, "model", "m", WANT (.slots = 1), 0);
    assert_int_equal (s_ask (world, "model", "m", WANT (.slots = 1))->slots, 1);
    //  then: more than is held does not come back
    s_return (world, "model", "m", WANT (.slots = 50), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal (s_ask (world, "model", "m", WANT (.slots = 1))->slots, 1);
    assert_int_equal (s_ask (world, "model", "m", WANT (.slots = 1))->slots, 0);
}

//  ---- coming back

static void
what_was_not_used_may_be_lent_again (void **state)
{
    world_t *world = *state;
    s_ask (world, "model", "m", WANT (.tokens = 1000));
    s_return (world, "model", "m", WANT (.tokens = 400), 0);
    assert_int_equal (s_ask (world, "model", "m", WANT (.tokens = 400))->tokens, 400);
    s_return (world, "nonsense", "m", WANT (.tokens = 400), 9);
    s_return (world, "caller", "unknown", WANT (.tokens = 400), 9);
}

static void
tokens_used_beyond_the_grant_are_owed (void **state)
{
    world_t *world = *state;
    s_ask (world, "model", "m", WANT (.tokens = 1000));
    s_return (world, "model", "m", WANT (.tokens = 0), 500);
    assert_int_equal (s_ask (world, "model", "m", WANT (.tokens = 100))->retry_ms, 36000);
}

static void
slots_of_a_host_that_is_gone_come_back (void **state)
{
    world_t *world = *state;
    struct br_limit_ask ask = { .ticket = 1, .kind = "model", .key = "m", .slots = 2 };
    br_msg_t *msg = br_msg_new (BR_LIMIT_ASK, (br_id_t) { 0, 0 }, 0, &ask, NULL);
    msg->from = (br_addr_t) { 2, 1, 1 };
    msg->to = world->limits;
    assert_int_equal (br_host_post (world->stage.host, &msg, NULL), 0);
    assert_int_equal (s_ask (world, "model", "m", WANT (.slots = 2))->slots, 0);
    br_host_gone (world->stage.host, 2, 9); //  another life
    assert_int_equal (s_ask (world, "model", "m", WANT (.slots = 2))->slots, 0);
    br_host_gone (world->stage.host, 2, 1);
    assert_int_equal (s_ask (world, "model", "m", WANT (.slots = 2))->slots, 2);
}

//  Given a host that takes nothing any more, then what is lent to it is lent to nobody.
static void
a_grant_that_cannot_be_sent_is_taken_back (void **state)
{
    world_t *world = *state;
    struct br_limit_ask ask = { .ticket = 1, .kind = "model", .key = "m", .slots = 3 };
    br_msg_t *msg = br_msg_new (BR_LIMIT_ASK, (br_id_t) { 0, 0 }, 0, &ask, NULL);
    msg->from = (br_addr_t) { 2, 1, 1 };
    msg->to = world->limits;
    world->stage.far_gone = true;
    assert_int_equal (br_host_post (world->stage.host, &msg, NULL), 0);
    assert_int_equal (s_ask (world, "model", "m", WANT (.slots = 3))->slots, 3);
}

//  ---- configuration, events, questions

static void
a_new_slice_keeps_levels (void **state)
{
    world_t *world = *state;
    s_ask (world, "model", "m", WANT (.tokens = 900, .slots = 2));
    s_ask (world, "caller", "a", WANT (.requests = 60));
    s_configure (world, "{\"models\":[{\"glob\":\"*\",\"tokens_per_minute\":1000,"
                        "\"concurrency\":2}]}");
    assert_int_equal (s_ask (world, "caller", "a", WANT (.requests = 1))->limited, 0);
    assert_string_equal (s_ask (world, "model", "m", WANT (.tokens = 101))->what,
                         "tokens");
    assert_string_equal (s_ask (world, "model", "m", WANT (.slots = 1))->what,
                         "concurrency");
}

static void
a_bad_slice_leaves_the_old_one (void **state)
{
    world_t *world = *state;
    struct br_conf_try try = { .generation = 2, .slice = "{\"models\":{}}" };
    stage_send (&world->stage, "router", world->limits, BR_CONF_TRY, 0, 0, &try, NULL);
    assert_string_equal (stage_heard (&world->stage, "router"), "conf.refuse#0 ");
    assert_int_equal (s_ask (world, "caller", "a", WANT (.requests = 1))->limited, 1);
}

static size_t
s_count (const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr (text, part); at; at = strstr (at + 1, part))
        count++;
    return count;
}

static void
a_limit_that_is_reached_is_told_once_a_second (void **state)
{
    world_t *world = *state;
    s_ask (world, "caller", "a", WANT (.requests = 60));
    for (int i = 0; i < 5; i++)
        s_ask (world, "caller", "a", WANT (.requests = 30));
    stage_pass (&world->stage, 1000);
    s_ask (world, "caller", "a", WANT (.requests = 30));
    stage_pass (&world->stage, 100);
    const char *events = br_buf_text (&world->stage.events);
    assert_int_equal (s_count (events, "limit.reached"), 2);
    assert_non_null (strstr (events, "\"kind\":\"caller\",\"key\":\"a\","
                                     "\"what\":\"requests\""));
}

static void
the_operator_sees_what_is_left (void **state)
{
    world_t *world = *state;
    s_ask (world, "model", "m", WANT (.tokens = 600, .slots = 1));
    s_ask (world, "caller", "a\"b", WANT (.requests = 1));
    char *text = br_limits_actor.admin (world->ctx->state, "limits", "{}");
    assert_string_equal (
        text, "[{\"kind\":\"caller\",\"key\":\"a\\\"b\",\"requests_per_minute\":60,"
              "\"requests_left\":57,\"tokens_per_minute\":0,\"tokens_left\":0,"
              "\"concurrency\":0,\"slots_held\":0},{\"kind\":\"model\",\"key\":\"m\","
              "\"requests_per_minute\":0,\"requests_left\":0,\"tokens_per_minute\":1000,"
              "\"tokens_left\":400,\"concurrency\":3,\"slots_held\":1}]");
    free (text);
    assert_null (br_limits_actor.admin (world->ctx->state, "ledger", "{}"));
}

static void
a_long_answer_to_the_operator_is_whole_json (void **state)
{
    world_t *world = *state;
    char key[QUOTA_KEY_MAX];
    memset (key, '"', sizeof key);
    key[sizeof key - 1] = 0;
    for (int i = 0; i < 3000; i++) {
        key[0] = (char) ('!' + i % 64);
        key[1] = (char) ('!' + i / 64);
        s_ask (world, "caller", key, WANT (.requests = 1));
    }
    char *text = br_limits_actor.admin (world->ctx->state, "limits", "{}");
    cJSON *json = cJSON_Parse (text);
    assert_true (cJSON_GetArraySize (json) > 1000);
    cJSON_Delete (json);
    free (text);
}

//  ---- limits of a key's own

static const struct br_limit_grant *
s_ask_own (world_t *world, const char *kind, const char *key, uint64_t own_requests,
           uint64_t own_slots)
{
    struct br_limit_ask ask = { .ticket = ++world->ticket, .kind = kind, .key = key };
    ask.requests = 1;
    ask.slots = 1;
    ask.own_requests = own_requests;
    ask.own_slots = own_slots;
    stage_send (&world->stage, "router", world->limits, BR_LIMIT_ASK, 0, 0, &ask, NULL);
    return br_msg_fields (stage_last (&world->stage, "router", BR_LIMIT_GRANT));
}

static void
a_callers_own_limits_count_instead (void **state)
{
    world_t *world = *state;
    const struct br_limit_grant *grant = s_ask_own (world, "caller", "a", 600, 2);
    assert_int_equal (grant->limit_requests, 600);
    assert_int_equal (grant->requests, 30);
    assert_int_equal (grant->slots, 1);
    s_ask_own (world, "caller", "a", 600, 2);
    grant = s_ask_own (world, "caller", "a", 600, 2);
    assert_string_equal (grant->what, "concurrency");
    grant = s_ask_own (world, "caller", "b", 0, 0); //  who has none
    assert_int_equal (grant->limit_requests, 60);
    assert_int_equal (s_ask_own (world, "model", "other", 5, 5)->limited, 0);
}

static void
own_limits_that_change_keep_what_was_used (void **state)
{
    world_t *world = *state;
    s_configure (world, "{}");
    const struct br_limit_grant *grant = s_ask_own (world, "caller", "a", 40, 0);
    assert_int_equal (grant->requests, 2);
    grant = s_ask_own (world, "caller", "a", 20, 0);
    assert_int_equal (grant->limit_requests, 20);
    assert_int_equal (grant->remaining_requests, 20 - 3);
    assert_int_equal (s_ask_own (world, "caller", "a", 0, 0)->limited, 0);
}

static void
a_new_slice_leaves_own_limits (void **state)
{
    world_t *world = *state;
    s_ask_own (world, "caller", "a", 40, 0);
    s_configure (world, "{}");
    const struct br_limit_grant *grant = s_ask_own (world, "caller", "a", 40, 0);
    assert_int_equal (grant->limit_requests, 40);
    assert_int_equal (grant->remaining_requests, 40 - 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (what_nothing_limits_is_told_so),
        TEST (a_grant_is_a_block_and_the_numbers_are_told),
        TEST (all_or_nothing_is_granted),
        TEST (more_than_a_minutes_worth_is_granted_to_a_full_one),
        TEST (slots_are_lent_until_there_are_none),
        TEST (what_was_not_used_may_be_lent_again),
        TEST (tokens_used_beyond_the_grant_are_owed),
        TEST (slots_of_a_host_that_is_gone_come_back),
        TEST (a_grant_that_cannot_be_sent_is_taken_back),
        TEST (a_new_slice_keeps_levels),
        TEST (a_bad_slice_leaves_the_old_one),
        TEST (a_limit_that_is_reached_is_told_once_a_second),
        TEST (the_operator_sees_what_is_left),
        TEST (a_long_answer_to_the_operator_is_whole_json),
        TEST (a_callers_own_limits_count_instead),
        TEST (own_limits_that_change_keep_what_was_used),
        TEST (a_new_slice_leaves_own_limits),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
