//  meter_batch: what is kept, written together, and survives a disk that refuses.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/meter/meter_batch.h"
#include "tests/actors/meter/scratch.h"

static const br_price_cost_t s_cost = { .nusd = 42, .operator_nusd = 42 };

typedef struct {
    scratch_t scratch;
    ledger_sqlite_t *ledger;
    meter_batch_t *batch;
    int told;  //  settles, by the last commit
    int first; //  of them
    uint32_t asker;
    uint64_t first_lost; //  of the last commit
} world_t;

static int
s_setup (void **state)
{
    world_t *world = BR_NEW (world_t);
    scratch_make (&world->scratch);
    world->ledger = scratch_ledger (&world->scratch);
    world->batch = meter_batch_new ();
    *state = world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    meter_batch_destroy (&world->batch);
    ledger_sqlite_destroy (&world->ledger);
    scratch_remove (&world->scratch);
    free (world);
    return 0;
}

static int
s_settle (world_t *world, uint64_t lo, uint32_t asker)
{
    struct br_call_settle settle = scratch_settle ();
    br_msg_t *msg = br_msg_new (BR_CALL_SETTLE, (br_id_t) { 1, lo }, 1, &settle, NULL);
    msg->from.actor = asker;
    int rc = meter_batch_add_settle (world->batch, msg, &s_cost, "v1", 7, NULL);
    br_msg_destroy (&msg);
    return rc;
}

//  As a router that has ended tells it.
static void
s_settle_as_lost (world_t *world, uint64_t lo)
{
    struct br_call_settle settle = scratch_settle ();
    settle.outcome = BR_OUTCOME_LOST;
    br_msg_t *msg = br_msg_new (BR_CALL_SETTLE, (br_id_t) { 1, lo }, 1, &settle, NULL);
    assert_int_equal (meter_batch_add_settle (world->batch, msg, &s_cost, "v1", 7, NULL),
                      0);
    br_msg_destroy (&msg);
}

static int
s_intend (world_t *world, uint64_t lo, uint32_t attempt, uint32_t host)
{
    struct br_call_intent intent = scratch_intent ();
    br_msg_t *msg = br_msg_new (BR_CALL_INTENT, (br_id_t) { 1, lo }, attempt, &intent,
                                NULL);
    msg->from = (br_addr_t) { .host = host, .life = 1, .actor = 1 };
    int rc = meter_batch_add_intent (world->batch, msg, NULL);
    br_msg_destroy (&msg);
    return rc;
}

static void
s_tell (void *arg, const meter_settle_t *settle)
{
    world_t *world = arg;
    world->told++;
    world->first += settle->kept.is_first;
    world->asker = settle->msg->from.actor;
}

static int
s_commit (world_t *world, uint64_t now_us, uint64_t *ret_lost)
{
    meter_commit_t commit = { .lost = 0 };
    world->told = world->first = 0;
    int rc = meter_batch_commit (world->batch, world->ledger, now_us, 7, s_tell, world,
                                 &commit, NULL);
    if (ret_lost)
        *ret_lost = commit.lost;
    world->first_lost = commit.first_lost;
    return rc;
}

static int64_t
s_rows (world_t *world)
{
    return scratch_number (&world->scratch, "SELECT count (*) FROM calls");
}

static int64_t
s_intents (world_t *world)
{
    return scratch_number (&world->scratch, "SELECT count (*) FROM intents");
}

static void
many_are_written_together_and_told_afterwards (void **state)
{
    world_t *world = *state;
    assert_false (meter_batch_has_work (world->batch, 0));
    for (uint64_t i = 0; i < 10; i++)
        s_settle (world, i, 1);
    assert_int_equal (meter_batch_settles (world->batch), 10);
    assert_int_equal (s_rows (world), 0);
    assert_int_equal (s_commit (world, 0, NULL), 0);
    assert_int_equal (world->told, 10);
    assert_int_equal (s_rows (world), 10);
    assert_false (meter_batch_has_work (world->batch, 0));
}

static void
a_repeated_settle_is_kept_once_and_answered_to_who_asked_last (void **state)
{
    world_t *world = *state;
    s_settle (world, 1, 5);
    s_settle (world, 1, 6);
    s_commit (world, 0, NULL);
    assert_int_equal (world->told, 1);
    assert_int_equal (world->first, 1);
    assert_int_equal (world->asker, 6);
    //  and after it is on disk
    s_settle (world, 1, 5);
    s_commit (world, 0, NULL);
    assert_int_equal (world->told, 1);
    assert_int_equal (world->first, 0);
    assert_int_equal (s_rows (world), 1);
}

static void
one_that_is_lost_gives_way_while_it_waits_and_on_disk (void **state)
{
    world_t *world = *state;
    s_settle_as_lost (world, 1);
    s_settle (world, 1, 6);
    s_settle_as_lost (world, 1); //  too late
    s_settle_as_lost (world, 2);
    s_commit (world, 0, NULL);
    assert_int_equal (world->told, 2);
    assert_int_equal (world->first, 2);
    assert_int_equal (scratch_number (&world->scratch, "SELECT count (*) FROM calls"
                                                       " WHERE outcome = 'lost'"),
                      1);
    s_settle (world, 2, 6);
    s_settle_as_lost (world, 1);
    s_commit (world, 0, NULL);
    assert_int_equal (world->first, 1);
    assert_int_equal (s_rows (world), 2);
    assert_int_equal (scratch_number (&world->scratch, "SELECT count (*) FROM calls"
                                                       " WHERE outcome = 'lost'"),
                      0);
}

static void
an_intent_that_is_settled_in_time_never_reaches_the_disk (void **state)
{
    world_t *world = *state;
    s_intend (world, 1, 1, 3);
    s_intend (world, 2, 1, 3);
    s_settle (world, 1, 1);
    s_intend (world, 1, 2, 3);
    assert_int_equal (meter_batch_intents (world->batch), 1);
    s_commit (world, 0, NULL);
    assert_int_equal (s_intents (world), 1);
    s_settle (world, 2, 1);
    s_commit (world, 0, NULL);
    assert_int_equal (s_intents (world), 0);
    assert_int_equal (s_rows (world), 2);
}

static void
a_later_attempt_takes_the_place_of_an_earlier_one (void **state)
{
    world_t *world = *state;
    s_intend (world, 1, 2, 3);
    s_intend (world, 1, 1, 3);
    s_intend (world, 1, 3, 3);
    assert_int_equal (meter_batch_intents (world->batch), 1);
    s_commit (world, 0, NULL);
    assert_int_equal (scratch_number (&world->scratch, "SELECT attempt FROM intents"), 3);
}

static void
a_commit_has_a_bound (void **state)
{
    world_t *world = *state;
    uint64_t lost = 0;
    for (uint64_t i = 0; i < METER_COMMIT_MAX; i++)
        s_settle (world, i, 1);
    s_settle (world, METER_COMMIT_MAX, 1);
    s_intend (world, 5000, 1, 3);
    meter_batch_add_gone (world->batch, 3, 1, 0, NULL);
    s_commit (world, 10, &lost);
    assert_int_equal (world->told, METER_COMMIT_MAX);
    assert_int_equal (s_rows (world), METER_COMMIT_MAX);
    assert_int_equal (lost, 0);
    //  a host is closed only once its last intent is written
    s_commit (world, 10, &lost);
    assert_int_equal (world->told, 1);
    assert_int_equal (lost, 1);
    assert_int_equal (s_rows (world), METER_COMMIT_MAX + 2);
}

static void
a_host_is_closed_when_it_is_due (void **state)
{
    world_t *world = *state;
    uint64_t lost = 0;
    s_intend (world, 1, 1, 3);
    s_intend (world, 2, 1, 4);
    assert_int_equal (meter_batch_next_due (world->batch), UINT64_MAX);
    meter_batch_add_gone (world->batch, 3, 1, 1000, NULL);
    meter_batch_add_gone (world->batch, 4, 1, 500, NULL);
    assert_int_equal (meter_batch_next_due (world->batch), 500);
    s_commit (world, 499, &lost);
    assert_int_equal (lost, 0);
    assert_false (meter_batch_has_work (world->batch, 499));
    assert_true (meter_batch_has_work (world->batch, 500));
    s_commit (world, 999, &lost);
    assert_int_equal (lost, 1);
    assert_int_equal (meter_batch_next_due (world->batch), 1000);
    s_commit (world, 1000, &lost);
    assert_int_equal (lost, 1);
    assert_int_equal (meter_batch_next_due (world->batch), UINT64_MAX);
    assert_string_equal (scratch_text (&world->scratch, "SELECT outcome FROM calls"),
                         "lost lost");
}

static void
what_could_not_be_written_is_kept (void **state)
{
    //  given: somebody else writes
    world_t *world = *state;
    sqlite3 *other = NULL;
    sqlite3_open (world->scratch.path, &other);
    sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    s_settle (world, 1, 1);
    s_intend (world, 2, 1, 3);
    meter_batch_add_gone (world->batch, 3, 1, 0, NULL);
    //  when, then
    assert_int_equal (s_commit (world, 10, NULL), -1);
    assert_int_equal (world->told, 0);
    assert_int_equal (meter_batch_settles (world->batch), 1);
    assert_int_equal (meter_batch_intents (world->batch), 1);
    sqlite3_exec (other, "COMMIT", NULL, NULL, NULL);
    sqlite3_close (other);
    uint64_t lost = 0;
    assert_int_equal (s_commit (world, 10, &lost), 0);
    assert_int_equal (world->told, 1);
    assert_int_equal (lost, 1);
    assert_int_equal (s_rows (world), 2);
}

static void
a_statement_that_fails_in_the_middle_undoes_the_whole (void **state)
{
    //  given: the third row cannot be written
    world_t *world = *state;
    scratch_text (&world->scratch,
                  "CREATE TRIGGER t BEFORE INSERT ON entries WHEN (SELECT count (*) FROM"
                  " calls) = 2 BEGIN SELECT RAISE (ROLLBACK, 'no'); END");
    for (uint64_t i = 0; i < 3; i++)
        s_settle (world, i, 1);
    //  when, then
    assert_int_equal (s_commit (world, 0, NULL), -1);
    assert_int_equal (s_rows (world), 0);
    assert_int_equal (meter_batch_settles (world->batch), 3);
    scratch_text (&world->scratch, "DROP TRIGGER t");
    assert_int_equal (s_commit (world, 0, NULL), 0);
    assert_int_equal (s_rows (world), 3);
}

static void
every_queue_has_a_bound (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 0; i < METER_WAITING_MAX; i++)
        assert_int_equal (s_settle (world, i, 1), 0);
    assert_int_equal (s_settle (world, METER_WAITING_MAX, 1), -1);
    assert_int_equal (s_settle (world, 0, 1), 0); //  is there already
    for (int i = 0; i < METER_GONE_MAX; i++)
        assert_int_equal (meter_batch_add_gone (world->batch, 1, 1, 1, NULL), 0);
    assert_int_equal (meter_batch_add_gone (world->batch, 1, 1, 1, NULL), -1);
    //  when some are written, others may come
    s_commit (world, 0, NULL);
    assert_int_equal (s_settle (world, METER_WAITING_MAX, 1), 0);
}

static void
bytes_have_a_bound_and_a_refused_settle_leaves_its_intent (void **state)
{
    world_t *world = *state;
    char *text = br_alloc (1, (4u << 20) - 4096);
    memset (text, 'x', (4u << 20) - 4097);
    struct br_call_intent intent = scratch_intent ();
    intent.route = text;
    int count = 0;
    int rc = 0;
    while (rc == 0 && count < 100) {
        br_id_t call = { 1, (uint64_t) count++ };
        br_msg_t *msg = br_msg_new (BR_CALL_INTENT, call, 1, &intent, NULL);
        rc = meter_batch_add_intent (world->batch, msg, NULL);
        br_msg_destroy (&msg);
    }
    assert_in_range (count, 16, 18);
    struct br_call_settle settle = scratch_settle ();
    settle.route = text;
    br_msg_t *msg = br_msg_new (BR_CALL_SETTLE, (br_id_t) { 1, 0 }, 1, &settle, NULL);
    br_error_t error = { .code = BR_OK };
    assert_int_equal (
        meter_batch_add_settle (world->batch, msg, &s_cost, "v1", 7, &error), -1);
    assert_int_equal (error.code, BR_EBUSY);
    assert_int_equal (meter_batch_intents (world->batch), count - 1);
    br_msg_destroy (&msg);
    free (text);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (many_are_written_together_and_told_afterwards),
        TEST (a_repeated_settle_is_kept_once_and_answered_to_who_asked_last),
        TEST (one_that_is_lost_gives_way_while_it_waits_and_on_disk),
        TEST (an_intent_that_is_settled_in_time_never_reaches_the_disk),
        TEST (a_later_attempt_takes_the_place_of_an_earlier_one),
        TEST (a_commit_has_a_bound),
        TEST (a_host_is_closed_when_it_is_due),
        TEST (what_could_not_be_written_is_kept),
        TEST (a_statement_that_fails_in_the_middle_undoes_the_whole),
        TEST (every_queue_has_a_bound),
        TEST (bytes_have_a_bound_and_a_refused_settle_leaves_its_intent),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
