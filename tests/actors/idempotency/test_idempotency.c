//  idempotency: the owner on a host, with an ingress that is played.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/idempotency/idempotency.h"
#include "actors/idempotency/idempotency_book.h"
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

static void
s_configure (world_t *world, const char *slice)
{
    void *state = br_host_ctx (world->stage.host, "idempotency")->state;
    br_error_t error;
    assert_int_equal (br_idempotency_actor.conf_try (state, slice, &error), 0);
    assert_int_equal (br_idempotency_actor.conf_take (state, 1, &error), 0);
}

static void
s_say (world_t *world, const char *from, br_verb_t verb, uint64_t call,
       const void *fields, const char *text)
{
    br_blob_t *body = text ? br_blob_new (text, strlen (text)) : NULL;
    stage_send (&world->stage, from, world->owner, verb, call, 0, fields, body);
    br_blob_destroy (&body);
    stage_settle (&world->stage);
}

//  From an ingress of host 2.
static void
s_say_far (world_t *world, br_verb_t verb, uint64_t call, const void *fields)
{
    br_msg_t *msg = br_msg_new (verb, (br_id_t) { 1, call }, 0, fields, NULL);
    msg->from = s_far;
    msg->to = world->owner;
    assert_int_equal (br_host_post (world->stage.host, &msg, NULL), 0);
    stage_settle (&world->stage);
}

static struct br_idem_claim
s_asks (const char *key, const char *print)
{
    struct br_idem_claim claim = { .scope = "", .key = key };
    claim.fingerprint = (br_bytes_t) { (const uint8_t *) print, 32 };
    return claim;
}

#define PRINT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PRINT_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void
s_claim (world_t *world, const char *from, uint64_t call)
{
    struct br_idem_claim claim = s_asks ("k", PRINT_A);
    s_say (world, from, BR_IDEM_CLAIM, call, &claim, NULL);
}

static void
s_head (world_t *world, const char *from, uint64_t call)
{
    struct br_idem_head head = { .status = 200, .content_type = "text/event-stream" };
    head.provider = "openai";
    head.model = "gpt-4o";
    s_say (world, from, BR_IDEM_HEAD, call, &head, NULL);
}

static void
s_end (world_t *world, const char *from, uint64_t call, uint64_t complete)
{
    struct br_idem_end end = { .complete = complete };
    s_say (world, from, BR_IDEM_END, call, &end, NULL);
}

static void
s_answer (world_t *world, const char *from, uint64_t call)
{
    s_head (world, from, call);
    s_say (world, from, BR_IDEM_PART, call, NULL, "data: 1\n\n");
    s_say (world, from, BR_IDEM_PART, call, NULL, "data: 2\n\n");
    s_end (world, from, call, 1);
}

static void
s_hears (world_t *world, const char *name, const char *expected)
{
    assert_string_equal (stage_heard (&world->stage, name), expected);
}

static void
s_counts (world_t *world, const char *expected)
{
    void *state = br_host_ctx (world->stage.host, "idempotency")->state;
    char *json = br_idempotency_actor.admin (state, "idempotency", "{}");
    assert_int_equal (strncmp (json, expected, strlen (expected)), 0);
    free (json);
    assert_null (br_idempotency_actor.admin (state, "health", "{}"));
}

static void
an_answer_is_told_again (void **state)
{
    world_t *world = *state;
    s_configure (world, "{\"answer_max\":1000}");
    s_claim (world, "ingress", 1);
    s_hears (world, "ingress", "idem.go#0 ");
    const struct br_idem_go *go = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_IDEM_GO));
    assert_int_equal (go->answer_max, 1000);
    s_answer (world, "ingress", 1);
    s_claim (world, "ingress/b", 2);
    s_hears (world, "ingress/b", "reply.head#1 reply.end#1 ");
    assert_string_equal (stage_bytes (&world->stage, "ingress/b"),
                         "data: 1\n\ndata: 2\n\n");
    const br_msg_t *msg = stage_last (&world->stage, "ingress/b", BR_REPLY_HEAD);
    const struct br_reply_head *head = br_msg_fields (msg);
    assert_int_equal (msg->call.lo, 2);
    assert_string_equal (head->content_type, "text/event-stream");
    assert_string_equal (head->provider, "openai");
    s_hears (world, "ingress", "");
    s_counts (world, "{\"kept\":1,\"running\":0,\"waiting\":0,\"bytes\":5");
}

static void
who_comes_while_it_runs_hears_it_at_its_end (void **state)
{
    world_t *world = *state;
    s_claim (world, "ingress", 1);
    s_claim (world, "ingress/b", 2);
    s_claim (world, "ingress/b", 3);
    s_counts (world, "{\"kept\":0,\"running\":1,\"waiting\":2,");
    s_hears (world, "ingress/b", "");
    s_answer (world, "ingress", 1);
    s_hears (world, "ingress/b", "reply.head#1 reply.end#1 reply.head#1 reply.end#1 ");
}

static void
another_request_gets_a_conflict (void **state)
{
    world_t *world = *state;
    s_claim (world, "ingress", 1);
    struct br_idem_claim claim = s_asks ("k", PRINT_B);
    s_say (world, "ingress/b", BR_IDEM_CLAIM, 2, &claim, NULL);
    s_hears (world, "ingress/b", "idem.refuse#0 ");
    const struct br_idem_refuse *refuse = br_msg_fields (
        stage_last (&world->stage, "ingress/b", BR_IDEM_REFUSE));
    assert_int_equal (refuse->code, BR_ECONFLICT);
    assert_non_null (strstr (refuse->error, "new key"));
}

static void
after_a_failure_the_next_one_goes (void **state)
{
    world_t *world = *state;
    s_claim (world, "ingress", 1);
    s_claim (world, "ingress/b", 2);
    s_head (world, "ingress", 1);
    s_end (world, "ingress", 1, 0);
    s_hears (world, "ingress/b", "idem.go#0 ");
    s_answer (world, "ingress/b", 2);
    s_claim (world, "ingress", 3);
    s_hears (world, "ingress", "idem.go#0 reply.head#1 reply.end#1 ");
}

static void
after_the_host_of_the_first_one_is_gone_the_next_one_goes (void **state)
{
    world_t *world = *state;
    struct br_idem_claim claim = s_asks ("k", PRINT_A);
    s_say_far (world, BR_IDEM_CLAIM, 1, &claim);
    s_claim (world, "ingress", 2);
    s_hears (world, "ingress", "");
    struct br_sys_gone gone = { .host = s_far.host, .life = s_far.life };
    s_say (world, "ingress", BR_SYS_GONE, 0, &gone, NULL);
    s_hears (world, "ingress", "idem.go#0 ");
    assert_string_equal (br_buf_text (&world->stage.far), "idem.go#0 ");
}

static void
only_its_own_ingress_speaks_for_a_call (void **state)
{
    world_t *world = *state;
    s_claim (world, "ingress", 1);
    s_claim (world, "ingress/b", 2);
    s_end (world, "ingress/b", 1, 0);
    s_say (world, "ingress/b", BR_IDEM_LEAVE, 1, NULL, NULL);
    s_hears (world, "ingress/b", "");
    s_end (world, "ingress/b", 2, 1);
    s_end (world, "ingress/b", 99, 1);
    s_counts (world, "{\"kept\":0,\"running\":1,\"waiting\":1,");
}

static void
who_has_left_hears_nothing (void **state)
{
    world_t *world = *state;
    s_claim (world, "ingress", 1);
    s_claim (world, "ingress/b", 2);
    s_say (world, "ingress/b", BR_IDEM_LEAVE, 2, NULL, NULL);
    s_answer (world, "ingress", 1);
    s_hears (world, "ingress/b", "");
    s_counts (world, "{\"kept\":1,\"running\":0,\"waiting\":0,");
}

static void
a_first_one_that_leaves_makes_way (void **state)
{
    world_t *world = *state;
    s_claim (world, "ingress", 1);
    s_claim (world, "ingress/b", 2);
    s_say (world, "ingress", BR_IDEM_LEAVE, 1, NULL, NULL);
    s_hears (world, "ingress/b", "idem.go#0 ");
}

static void
a_slow_client_is_paced_and_may_leave (void **state)
{
    world_t *world = *state;
    size_t size = 2u << 20;
    char *text = malloc (size + 1);
    memset (text, 'x', size);
    text[size] = 0;
    s_claim (world, "ingress", 1);
    s_head (world, "ingress", 1);
    s_say (world, "ingress", BR_IDEM_PART, 1, NULL, text);
    free (text);
    s_end (world, "ingress", 1, 1);
    s_claim (world, "ingress/b", 2);
    s_hears (world, "ingress/b", "reply.head#1 reply.delta#1 ");
    struct br_reply_credit credit = { .upto = 2 * BR_CREDIT_WINDOW };
    s_say (world, "ingress/b", BR_REPLY_CREDIT, 2, &credit, NULL);
    s_hears (world, "ingress/b", "reply.delta#1 reply.delta#1 ");
    s_say (world, "ingress/b", BR_REPLY_CREDIT, 2, &credit, NULL);
    s_hears (world, "ingress/b", "");
    s_say (world, "ingress/b", BR_ATTEMPT_CANCEL, 2, NULL, NULL);
    credit.upto = size;
    s_say (world, "ingress/b", BR_REPLY_CREDIT, 2, &credit, NULL);
    s_hears (world, "ingress/b", "");
}

static void
after_the_window_it_is_made_anew (void **state)
{
    world_t *world = *state;
    s_configure (world, "{\"window_ms\":3000}");
    s_claim (world, "ingress", 1);
    s_answer (world, "ingress", 1);
    s_counts (world, "{\"kept\":1,");
    stage_pass (&world->stage, 4100);
    s_counts (world, "{\"kept\":0,\"running\":0,\"waiting\":0,\"bytes\":0,");
    s_claim (world, "ingress/b", 2);
    s_hears (world, "ingress/b", "idem.go#0 ");
}

static void
a_word_that_cannot_be_sent_is_sent_later (void **state)
{
    world_t *world = *state;
    struct br_idem_claim claim = s_asks ("k", PRINT_A);
    world->stage.far_gone = true;
    s_say_far (world, BR_IDEM_CLAIM, 1, &claim);
    s_claim (world, "ingress", 2);
    stage_pass (&world->stage, 1000);
    assert_string_equal (br_buf_text (&world->stage.far), "");
    world->stage.far_gone = false;
    stage_pass (&world->stage, 200);
    assert_string_equal (br_buf_text (&world->stage.far), "idem.go#0 ");
    s_hears (world, "ingress", "");
}

static void
a_slice_that_is_none_changes_nothing (void **state)
{
    world_t *world = *state;
    void *owner = br_host_ctx (world->stage.host, "idempotency")->state;
    br_error_t error;
    int rc = br_idempotency_actor.conf_try (owner, "{\"bytes_max\":-1}", &error);
    assert_int_equal (rc, -1);
    assert_int_equal (error.code, BR_ECONFIG);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (an_answer_is_told_again),
        TEST (who_comes_while_it_runs_hears_it_at_its_end),
        TEST (another_request_gets_a_conflict),
        TEST (after_a_failure_the_next_one_goes),
        TEST (after_the_host_of_the_first_one_is_gone_the_next_one_goes),
        TEST (only_its_own_ingress_speaks_for_a_call),
        TEST (who_has_left_hears_nothing),
        TEST (a_first_one_that_leaves_makes_way),
        TEST (a_slow_client_is_paced_and_may_leave),
        TEST (after_the_window_it_is_made_anew),
        TEST (a_word_that_cannot_be_sent_is_sent_later),
        TEST (a_slice_that_is_none_changes_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
