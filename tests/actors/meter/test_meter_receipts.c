//  meter_receipts: a receipt says what is on disk, and only who asked for one has one.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "broker/ledger/ledger_claims.h"
#include "actors/meter/meter_batch.h"
#include "actors/meter/meter.h"
#include "actors/meter/meter_receipts.h"
#include "tests/actors/meter/meter_world.h"

static const uint8_t s_hash[LEDGER_REQUEST_HASH] = { 7, 8, 9 };

//  A settle that wants one, handled with its tick.
static void
s_settle (world_t *world, uint64_t lo, struct br_call_settle settle)
{
    settle.request_hash = (br_bytes_t) { s_hash, sizeof s_hash };
    settle.receipt_to = br_host_ctx (world->host, "ingress")->addr;
    world->ingress->notes[0] = '\0';
    br_ctx_send (br_host_ctx (world->host, "router"), world->meter, BR_CALL_SETTLE,
                 (br_id_t) { 1, lo }, 1, &settle, NULL);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
}

//  The receipt that came last, by the key of this node.
static ledger_receipt_t
s_read (const world_t *world, br_arena_t *arena)
{
    ledger_receipt_t receipt;
    uint8_t key[LEDGER_PUBLIC_KEY];
    br_error_t error = { .code = BR_OK };
    assert_int_equal (ledger_signer_look (world->scratch.key, key, NULL), 0);
    if (ledger_receipt_read (&receipt, world->ingress->notes, key, arena, NULL, &error))
        fail_msg ("%s", error.text);
    return receipt;
}

static int
s_compare (void *arg, const ledger_entry_t *entry)
{
    const ledger_receipt_t *receipt = arg;
    assert_int_equal (entry->seq, receipt->entry.seq);
    assert_null (ledger_claims_differ (receipt, entry));
    return 1;
}

//  Holds the receipt that came last against the row of its seq.
static void
s_check (const world_t *world, uint64_t seq)
{
    br_arena_t *arena = br_arena_new ();
    ledger_sqlite_t *ledger = scratch_ledger (&world->scratch);
    ledger_receipt_t receipt = s_read (world, arena);
    assert_int_equal (receipt.entry.seq, seq);
    assert_memory_equal (receipt.request_hash, s_hash, sizeof s_hash);
    assert_int_equal (ledger_sqlite_read (ledger, seq, s_compare, &receipt, NULL), 0);
    ledger_sqlite_destroy (&ledger);
    br_arena_destroy (&arena);
}

static void
who_wants_a_receipt_gets_one_of_its_row (void **state)
{
    world_t *world = *state;
    world_settle (world, 1);
    s_settle (world, 2, scratch_settle ());
    assert_int_equal (world->ingress->receipts, 1);
    assert_int_equal (world->router->settled, 2);
    s_check (world, 2);
    s_settle (world, 3, scratch_settle ());
    s_check (world, 3);
    assert_int_equal (world->ingress->receipts, 2);
}

static void
one_that_is_asked_for_again_is_the_same (void **state)
{
    world_t *world = *state;
    char first[4096];
    struct br_call_settle other = scratch_settle ();
    s_settle (world, 1, scratch_settle ());
    s_settle (world, 2, scratch_settle ());
    memcpy (first, world->ingress->notes, sizeof first);
    s_settle (world, 3, scratch_settle ());
    other.output_tokens = 1;
    other.model = "another";
    s_settle (world, 2, other);
    assert_string_equal (world->ingress->notes, first);
    assert_int_equal (world->ingress->receipts, 4);
    s_settle (world, 1, other);
    s_check (world, 1);
}

static void
a_settle_behind_a_lost_row_has_its_own (void **state)
{
    world_t *world = *state;
    struct br_call_settle lost = scratch_settle ();
    lost.outcome = BR_OUTCOME_LOST;
    s_settle (world, 1, lost);
    s_check (world, 1);
    s_settle (world, 1, scratch_settle ());
    s_check (world, 2);
    s_settle (world, 1, lost);
    s_check (world, 2);
}

static void
many_of_one_commit_are_signed_by_turns (void **state)
{
    world_t *world = *state;
    struct br_call_settle settle = scratch_settle ();
    int count = 3 * METER_RECEIPTS_TURN + 1;
    settle.request_hash = (br_bytes_t) { s_hash, sizeof s_hash };
    settle.receipt_to = br_host_ctx (world->host, "ingress")->addr;
    for (int i = 0; i < count; i++)
        br_ctx_send (br_host_ctx (world->host, "router"), world->meter, BR_CALL_SETTLE,
                     (br_id_t) { 1, (uint64_t) i + 1 }, 1, &settle, NULL);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    world_pass (world, 0);
    assert_int_equal (world->router->settled, count);
    assert_int_equal (world->ingress->receipts, count);
    s_check (world, (uint64_t) count);
}

static void
without_a_whole_wish_there_is_none (void **state)
{
    world_t *world = *state;
    struct br_call_settle settle = scratch_settle ();
    settle.receipt_to = br_host_ctx (world->host, "ingress")->addr;
    br_ctx_t *router = br_host_ctx (world->host, "router");
    br_id_t call = { 1, 1 };
    br_ctx_send (router, world->meter, BR_CALL_SETTLE, call, 1, &settle, NULL);
    settle.request_hash = (br_bytes_t) { s_hash, sizeof s_hash - 1 };
    call.lo = 2;
    br_ctx_send (router, world->meter, BR_CALL_SETTLE, call, 1, &settle, NULL);
    settle.request_hash.size++;
    settle.receipt_to = (br_addr_t) { .host = 0 };
    call.lo = 3;
    br_ctx_send (router, world->meter, BR_CALL_SETTLE, call, 1, &settle, NULL);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    assert_int_equal (world_rows (world), 3);
    assert_int_equal (world->router->settled, 3);
    assert_int_equal (world->ingress->receipts, 0);
    assert_int_equal (world_logged (world, "receipt"), 0);
}

static void
without_a_key_there_is_none_and_the_log_says_so_once (void **state)
{
    world_t *world = *state;
    char slice[512];
    snprintf (slice, sizeof slice, "{\"database\":\"%s\",\"prices\":{}}",
              world->scratch.url);
    assert_string_equal (world_try (world, slice), "conf.accept ;");
    assert_string_equal (world_take (world), "conf.taken ;");
    s_settle (world, 1, scratch_settle ());
    s_settle (world, 2, scratch_settle ());
    assert_int_equal (world->router->settled, 2);
    assert_int_equal (world->ingress->receipts, 2); //  empty ones
    assert_string_equal (world->ingress->notes, "");
    assert_int_equal (world_logged (world, "no receipt for a call: the node has no key"),
                      1);
}

//  ---- rows that others had a hand in

static void
a_row_that_was_changed_is_not_signed (void **state)
{
    world_t *world = *state;
    s_settle (world, 1, scratch_settle ());
    s_settle (world, 2, scratch_settle ());
    (void) scratch_text (&world->scratch,
                         "UPDATE entries SET cost_nusd = 0 WHERE seq = 2 RETURNING seq");
    s_settle (world, 2, scratch_settle ());
    assert_int_equal (world->router->settled, 3);
    assert_int_equal (world->ingress->receipts, 3);
    assert_string_equal (world->ingress->notes, "");
    assert_int_equal (world_logged (world, "row 2 was changed, see ledger verify"), 1);
}

static void
the_row_before_may_have_been_taken_out (void **state)
{
    world_t *world = *state;
    char first[4096];
    size_t count = 0;
    s_settle (world, 1, scratch_settle ());
    s_settle (world, 2, scratch_settle ());
    s_settle (world, 3, scratch_settle ());
    s_settle (world, 2, scratch_settle ());
    memcpy (first, world->ingress->notes, sizeof first);
    ledger_sqlite_t *ledger = scratch_ledger (&world->scratch);
    assert_int_equal (
        ledger_spend_prune (ledger_sqlite_spend (ledger), 1, INT64_MAX, 9, &count, NULL),
        0);
    assert_int_equal (count, 1);
    ledger_sqlite_destroy (&ledger);
    s_settle (world, 2, scratch_settle ());
    assert_string_equal (world->ingress->notes, first);
    //  one that was cut out by others has left no hash behind
    (void) scratch_text (&world->scratch,
                         "DELETE FROM entries WHERE seq = 2 RETURNING seq");
    s_settle (world, 3, scratch_settle ());
    assert_string_equal (world->ingress->notes, "");
    assert_int_equal (world_logged (world, "the row before row 3 is not there"), 1);
}

#define TEST(name, setup) cmocka_unit_test_setup_teardown (name, setup, world_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (who_wants_a_receipt_gets_one_of_its_row, world_setup),
        TEST (one_that_is_asked_for_again_is_the_same, world_setup),
        TEST (a_settle_behind_a_lost_row_has_its_own, world_setup),
        TEST (many_of_one_commit_are_signed_by_turns, world_setup),
        TEST (without_a_whole_wish_there_is_none, world_setup),
        TEST (without_a_key_there_is_none_and_the_log_says_so_once, world_setup_bare),
        TEST (a_row_that_was_changed_is_not_signed, world_setup),
        TEST (the_row_before_may_have_been_taken_out, world_setup),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
