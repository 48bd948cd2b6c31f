//  idempotency_replay: an answer on its way, word by word, and what stops it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/echo/echo.h"
#include "actors/idempotency/idempotency_replay.h"
#include "broker/core/ctx.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    idempotency_replay_t replay;
} world_t;

//  A sealed answer with so many bytes. "caller destroys"
static idempotency_answer_t *
s_answer (size_t size)
{
    idempotency_answer_t *answer = idempotency_answer_new (size);
    struct br_idem_head head = { .status = 200, .content_type = "application/json" };
    head.provider = "openai";
    head.model = "gpt-4o";
    head.guard_rules = "";
    idempotency_answer_head (answer, &head);
    uint8_t *bytes = malloc (size + 1);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t) ('a' + i % 26);
    br_blob_t *blob = br_blob_take (bytes, size);
    idempotency_answer_part (answer, blob);
    br_blob_destroy (&blob);
    assert_true (idempotency_answer_seal (answer));
    return answer;
}

static void
s_begin (world_t *world, size_t size, const br_addr_t *to)
{
    br_ctx_t *ctx = br_host_ctx (world->stage.host, "router");
    br_addr_t ingress = br_ctx_self (br_host_ctx (world->stage.host, "ingress"));
    idempotency_answer_t *answer = s_answer (size);
    idempotency_replay_init (&world->replay, ctx, to ? *to : ingress, (br_id_t) { 1, 1 },
                             answer);
    idempotency_answer_destroy (&answer); //  the replay has its own
}

static int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &br_echo_actor, false);
    stage_start (&world.stage, "router"); //  whose window it borrows
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    idempotency_replay_free (&world->replay);
    stage_end (&world->stage);
    return 0;
}

static void
a_small_answer_comes_at_once (void **state)
{
    world_t *world = *state;
    s_begin (world, 26, NULL);
    assert_int_equal (idempotency_replay_flow (&world->replay), IDEMPOTENCY_SAID);
    assert_string_equal (stage_heard (&world->stage, "ingress"),
                         "reply.head#1 reply.end#1 ");
    assert_string_equal (stage_bytes (&world->stage, "ingress"),
                         "abcdefghijklmnopqrstuvwxyz");
    const struct br_reply_head *head = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_REPLY_HEAD));
    assert_int_equal (head->status, 200);
    assert_int_equal (head->upto, 26);
    assert_string_equal (head->provider, "openai");
    assert_string_equal (head->object, "");
    const struct br_reply_end *end = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_REPLY_END));
    assert_int_equal (end->seq, 1);
    assert_int_equal (end->usage_known, 0);
}

static void
an_answer_without_a_body_has_a_head_and_an_end (void **state)
{
    world_t *world = *state;
    s_begin (world, 0, NULL);
    assert_int_equal (idempotency_replay_flow (&world->replay), IDEMPOTENCY_SAID);
    assert_string_equal (stage_heard (&world->stage, "ingress"),
                         "reply.head#1 reply.end#1 ");
}

static void
a_long_answer_waits_for_credit (void **state)
{
    world_t *world = *state;
    size_t size = 3 * BR_CREDIT_WINDOW;
    s_begin (world, size, NULL);
    assert_int_equal (idempotency_replay_flow (&world->replay), IDEMPOTENCY_CREDIT);
    assert_string_equal (stage_heard (&world->stage, "ingress"),
                         "reply.head#1 reply.delta#1 ");
    assert_false (idempotency_replay_credit (&world->replay, BR_CREDIT_WINDOW));
    assert_int_equal (idempotency_replay_flow (&world->replay), IDEMPOTENCY_CREDIT);
    assert_string_equal (stage_heard (&world->stage, "ingress"), "");
    assert_true (idempotency_replay_credit (&world->replay, BR_CREDIT_WINDOW + 1));
    assert_int_equal (idempotency_replay_flow (&world->replay), IDEMPOTENCY_CREDIT);
    const struct br_reply_delta *delta = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_REPLY_DELTA));
    assert_int_equal (delta->seq, 2);
    assert_int_equal (delta->upto, BR_CREDIT_WINDOW + BR_CREDIT_PIECE);
    assert_true (idempotency_replay_credit (&world->replay, UINT64_MAX));
    assert_int_equal (idempotency_replay_flow (&world->replay), IDEMPOTENCY_SAID);
    stage_settle (&world->stage);
    const char *bytes = stage_bytes (&world->stage, "ingress");
    assert_int_equal (strlen (bytes), size);
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != (char) ('a' + i % 26))
            fail_msg ("byte %zu is wrong", i);
}

static void
a_word_that_cannot_be_sent_comes_again (void **state)
{
    world_t *world = *state;
    const br_addr_t far = { 2, 1, 1 };
    s_begin (world, 2 * BR_CREDIT_PIECE, &far);
    world->stage.far_gone = true;
    assert_int_equal (idempotency_replay_flow (&world->replay), IDEMPOTENCY_BLOCKED);
    assert_int_equal (idempotency_replay_flow (&world->replay), IDEMPOTENCY_BLOCKED);
    world->stage.far_gone = false;
    assert_int_equal (idempotency_replay_flow (&world->replay), IDEMPOTENCY_SAID);
    assert_string_equal (br_buf_text (&world->stage.far),
                         "reply.head#1 reply.delta#1 reply.end#1 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_small_answer_comes_at_once),
        TEST (an_answer_without_a_body_has_a_head_and_an_end),
        TEST (a_long_answer_waits_for_credit),
        TEST (a_word_that_cannot_be_sent_comes_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
