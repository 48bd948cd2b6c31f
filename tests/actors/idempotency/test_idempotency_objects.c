//  idempotency_objects: one ingress tells, another one asks, in any order.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/idempotency/idempotency.h"
#include "broker/proto/makers.h"
#include "actors/idempotency/idempotency_objects.h"
#include "broker/core/ctx.h"
#include "tests/actors/stage.h"

static const br_addr_t s_far = { 2, 1, 1 }; //  an ingress of another host

typedef struct {
    stage_t stage;
    br_addr_t owner;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &br_idempotency_actor, false);
    world.owner = stage_start (&world.stage, "idempotency");
    stage_start (&world.stage, "ingress/b");
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

//  One ingress tells of an object of this route.
static void
s_keep (world_t *world, const char *object, const char *route)
{
    struct br_object_keep keep = { .object = object, .route = route };
    keep.provider = "openai";
    keep.endpoint = "openai#1";
    keep.account = "acme";
    stage_send (&world->stage, "ingress", world->owner, BR_OBJECT_KEEP, 0, 0, &keep,
                NULL);
    stage_settle (&world->stage);
}

//  The other one asks.
static void
s_ask (world_t *world, uint64_t call, const char *object)
{
    struct br_object_ask ask = { .object = object };
    stage_send (&world->stage, "ingress/b", world->owner, BR_OBJECT_ASK, call, 0, &ask,
                NULL);
    stage_settle (&world->stage);
}

//  One of host 2 does.
static void
s_ask_far (world_t *world, uint64_t call, const char *object)
{
    struct br_object_ask ask = { .object = object };
    br_msg_t *msg = br_msg_new (BR_OBJECT_ASK, (br_id_t) { 1, call }, 0, &ask, NULL);
    msg->from = s_far;
    msg->to = world->owner;
    assert_int_equal (br_host_post (world->stage.host, &msg, NULL), 0);
    stage_settle (&world->stage);
}

static void
s_hears (world_t *world, const char *expected)
{
    assert_string_equal (stage_heard (&world->stage, "ingress/b"), expected);
}

//  The newest answer, and whom it is for.
static const struct br_object_told *
s_told (world_t *world, uint64_t call, uint64_t known)
{
    const br_msg_t *msg = stage_last (&world->stage, "ingress/b", BR_OBJECT_TOLD);
    assert_non_null (msg);
    assert_int_equal (msg->call.lo, call);
    const struct br_object_told *told = br_msg_fields (msg);
    assert_int_equal (told->known, known);
    return told;
}

static void
s_counts (world_t *world, const char *expected)
{
    void *state = br_host_ctx (world->stage.host, "idempotency")->state;
    char *json = br_idempotency_actor.admin (state, "idempotency", "{}");
    assert_non_null (strstr (json, expected));
    free (json);
}

static void
what_one_ingress_tells_another_one_hears (void **state)
{
    world_t *world = *state;
    s_keep (world, "resp_1", "smart");
    s_counts (world, "\"objects\":1,");
    s_ask (world, 7, "resp_1");
    s_hears (world, "object.told#0 ");
    const struct br_object_told *told = s_told (world, 7, 1);
    assert_string_equal (told->object, "resp_1");
    assert_string_equal (told->route, "smart");
    assert_string_equal (told->provider, "openai");
    assert_string_equal (told->endpoint, "openai#1");
    assert_string_equal (told->account, "acme");
    s_keep (world, "resp_1", "other"); //  the first maker stays
    s_ask (world, 8, "resp_1");
    assert_string_equal (s_told (world, 8, 1)->route, "smart");
}

static void
what_nobody_knows_is_said_to_be_unknown_a_moment_later (void **state)
{
    world_t *world = *state;
    s_ask (world, 7, "resp_1");
    s_counts (world, "\"object_questions\":1}");
    stage_pass (&world->stage, IDEMPOTENCY_HOLD_MS - 1);
    s_hears (world, "");
    stage_pass (&world->stage, 2);
    s_hears (world, "object.told#0 ");
    assert_string_equal (s_told (world, 7, 0)->object, "resp_1");
    s_counts (world, "\"object_questions\":0}");
    stage_pass (&world->stage, 1000);
    s_hears (world, "");
}

static void
a_question_that_came_first_is_answered_by_what_comes (void **state)
{
    world_t *world = *state;
    s_ask (world, 6, "resp_0");
    s_ask (world, 7, "resp_1");
    stage_pass (&world->stage, IDEMPOTENCY_HOLD_MS / 2);
    s_ask (world, 8, "resp_1");
    s_keep (world, "resp_1", "smart");
    s_hears (world, "object.told#0 object.told#0 ");
    s_told (world, 8, 1);
    stage_pass (&world->stage, IDEMPOTENCY_HOLD_MS);
    s_hears (world, "object.told#0 "); //  of resp_0
    s_told (world, 6, 0);
    s_ask (world, 9, "resp_2"); //  the queue is whole
    stage_pass (&world->stage, IDEMPOTENCY_HOLD_MS + 1);
    s_hears (world, "object.told#0 ");
    s_told (world, 9, 0);
}

static void
an_id_that_is_none_is_not_waited_for (void **state)
{
    world_t *world = *state;
    char text[BR_MAKERS_ID_MAX + 2];
    memset (text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    s_keep (world, text, "smart");
    s_ask (world, 7, text);
    s_hears (world, "object.told#0 ");
    s_told (world, 7, 0);
    s_ask (world, 8, "");
    s_hears (world, "object.told#0 ");
    s_counts (world, "\"objects\":0,\"object_bytes\":0,\"object_questions\":0}");
}

static void
questions_of_a_host_that_is_gone_are_dropped (void **state)
{
    world_t *world = *state;
    s_ask_far (world, 6, "resp_1");
    s_ask (world, 7, "resp_1");
    s_ask_far (world, 8, "resp_1");
    struct br_sys_gone gone = { .host = s_far.host, .life = s_far.life };
    br_msg_t *msg = br_msg_new (BR_SYS_GONE, (br_id_t) { 0, 0 }, 0, &gone, NULL);
    msg->to = world->owner;
    assert_int_equal (br_host_post (world->stage.host, &msg, NULL), 0);
    stage_settle (&world->stage);
    s_counts (world, "\"object_questions\":1}");
    s_keep (world, "resp_1", "smart");
    s_hears (world, "object.told#0 ");
    assert_string_equal (br_buf_text (&world->stage.far), "");
}

static void
an_answer_that_cannot_be_sent_is_sent_later (void **state)
{
    world_t *world = *state;
    s_keep (world, "resp_1", "smart");
    world->stage.far_gone = true;
    s_ask_far (world, 6, "resp_1");
    stage_pass (&world->stage, 1000);
    assert_string_equal (br_buf_text (&world->stage.far), "");
    s_counts (world, "\"object_questions\":1}");
    world->stage.far_gone = false;
    stage_pass (&world->stage, IDEMPOTENCY_HOLD_MS + 1);
    assert_string_equal (br_buf_text (&world->stage.far), "object.told#0 ");
    s_counts (world, "\"object_questions\":0}");
}

static void
an_answer_that_can_never_be_sent_is_given_up (void **state)
{
    world_t *world = *state;
    world->stage.far_gone = true;
    s_ask_far (world, 6, "resp_1");
    s_keep (world, "resp_1", "smart");
    stage_pass (&world->stage, IDEMPOTENCY_ASKED_MS / 2);
    s_counts (world, "\"object_questions\":1}");
    stage_pass (&world->stage, IDEMPOTENCY_ASKED_MS);
    s_counts (world, "\"object_questions\":0}");
}

static void
questions_without_end_are_answered_at_once (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 0; i < IDEMPOTENCY_HELD_MAX; i++)
        s_ask_far (world, i, "resp_1");
    assert_string_equal (br_buf_text (&world->stage.far), "");
    s_ask (world, 7, "resp_1");
    s_hears (world, "object.told#0 ");
    s_told (world, 7, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (what_one_ingress_tells_another_one_hears),
        TEST (what_nobody_knows_is_said_to_be_unknown_a_moment_later),
        TEST (a_question_that_came_first_is_answered_by_what_comes),
        TEST (an_id_that_is_none_is_not_waited_for),
        TEST (questions_of_a_host_that_is_gone_are_dropped),
        TEST (an_answer_that_cannot_be_sent_is_sent_later),
        TEST (an_answer_that_can_never_be_sent_is_given_up),
        TEST (questions_without_end_are_answered_at_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
