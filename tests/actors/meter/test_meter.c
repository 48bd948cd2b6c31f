//  meter: what its peers see of it. The router, ingress and other hosts are played.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_chain.h"
#include "actors/meter/meter.h"
#include "actors/meter/meter_batch.h"
#include "tests/actors/meter/meter_world.h"

//  ---- the tests

static void
a_settle_is_answered_once_its_row_is_on_disk (void **state)
{
    world_t *world = *state;
    world_settle (world, 1);
    world_settle (world, 2);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS - 1);
    assert_int_equal (world->router->settled, 0);
    assert_int_equal (world_rows (world), 0);
    world_pass (world, 1);
    assert_int_equal (world->router->settled, 2);
    assert_int_equal (world_rows (world), 2);
    //  1000 x 2500 + 100 x 10000 nano-USD
    assert_string_equal (
        scratch_text (&world->scratch,
                      "SELECT DISTINCT cost_nusd, error_type FROM calls"),
        "3500000|");
}

static void
a_settle_that_is_asked_again_is_answered_again_and_kept_once (void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 3; i++) {
        world_settle (world, 1);
        world_pass (world, 0);
        world_pass (world, METER_TICK_MS);
    }
    assert_int_equal (world->router->settled, 3);
    assert_int_equal (world_rows (world), 1);
}

static void
a_model_without_a_price_has_an_unknown_cost (void **state)
{
    world_t *world = *state;
    struct br_call_settle settle = scratch_settle ();
    settle.model = "other";
    world_arrive (world, 7, BR_CALL_SETTLE, 1, &settle);
    world_pass (world, METER_TICK_MS);
    assert_int_equal (world->sent, 1);
    assert_string_equal (scratch_text (&world->scratch, "SELECT cost_nusd FROM calls"),
                         "NULL");
}

static void
no_row_that_is_not_committed_is_acknowledged (void **state)
{
    //  given: another process writes
    world_t *world = *state;
    sqlite3 *other = NULL;
    sqlite3_open (world->scratch.path, &other);
    sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    //  when: the tick, and the first attempt after it
    world_settle (world, 1);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    world_pass (world, 50);
    //  then
    assert_int_equal (world->router->settled, 0);
    assert_int_equal (world_logged (world, "nothing is lost"), 1);
    //  when: it is done
    sqlite3_exec (other, "COMMIT", NULL, NULL, NULL);
    sqlite3_close (other);
    world_pass (world, 99);
    assert_int_equal (world->router->settled, 0);
    world_pass (world, 1);
    //  then
    assert_int_equal (world->router->settled, 1);
    assert_int_equal (world_rows (world), 1);
    assert_int_equal (world_logged (world, "written again after 2 failures"), 1);
}

static void
a_full_disk_keeps_calls_until_there_is_room (void **state)
{
    //  given: no file of this process may grow
    world_t *world = *state;
    struct rlimit before;
    getrlimit (RLIMIT_FSIZE, &before);
    struct rlimit none = { .rlim_cur = 4096, .rlim_max = before.rlim_max };
    void (*handler) (int) = signal (SIGXFSZ, SIG_IGN);
    for (uint64_t i = 0; i < 200; i++)
        world_settle (world, i);
    world_pass (world, 0);
    setrlimit (RLIMIT_FSIZE, &none);
    //  when
    world_pass (world, METER_TICK_MS);
    uint64_t settled = world->router->settled;
    //  then: nobody was told; with room again all are
    setrlimit (RLIMIT_FSIZE, &before);
    signal (SIGXFSZ, handler);
    assert_int_equal (settled, 0);
    assert_int_equal (world_rows (world), 0);
    world_pass (world, 50);
    assert_int_equal (world->router->settled, 200);
    assert_int_equal (world_rows (world), 200);
    assert_string_equal (scratch_text (&world->scratch, "PRAGMA integrity_check"), "ok");
}

static void
tries_become_rarer_and_stay_so (void **state)
{
    world_t *world = *state;
    scratch_text (&world->scratch, "ALTER TABLE entries RENAME TO away");
    world_settle (world, 1);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    //  50, 100, 200, 400, 800, 1600, 3200, then 5000 each
    for (int i = 0; i < 7; i++)
        world_pass (world, 50u << i);
    world_pass (world, 5000);
    scratch_text (&world->scratch, "ALTER TABLE away RENAME TO entries");
    world_pass (world, 4999);
    assert_int_equal (world_rows (world), 0);
    world_pass (world, 1);
    assert_int_equal (world_rows (world), 1);
    assert_int_equal (world_logged (world, "nothing is lost"), 1);
    assert_int_equal (world_logged (world, "after 9 failures"), 1);
}

static void
more_than_waits_at_most_is_not_answered_but_never_lost (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 0; i < METER_WAITING_MAX + 10; i++)
        world_settle (world, i);
    world_pass (world, 0);
    assert_int_equal (world_logged (world, "they are asked again"), 1);
    world_pass (world, METER_TICK_MS);
    assert_int_equal (world->router->settled, METER_WAITING_MAX);
    for (uint64_t i = 0; i < 10; i++)
        world_settle (world, METER_WAITING_MAX + i);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    assert_int_equal (world_rows (world), METER_WAITING_MAX + 10);
}

static void
intents_of_a_router_that_is_gone_are_lost_after_a_grace (void **state)
{
    world_t *world = *state;
    struct br_call_intent intent = scratch_intent ();
    struct br_call_settle settle = scratch_settle ();
    world_arrive (world, 7, BR_CALL_INTENT, 1, &intent);
    world_arrive (world, 7, BR_CALL_INTENT, 2, &intent);
    world_arrive (world, 8, BR_CALL_INTENT, 3, &intent);
    world_pass (world, METER_TICK_MS);
    assert_int_equal (scratch_number (&world->scratch, "SELECT count (*) FROM intents"),
                      3);
    //  when: host 7 is gone, and ingress settles one of its calls in time
    br_host_gone (world->host, 7, 1);
    world_pass (world, 0);
    world_pass (world, 900);
    world_arrive (world, 9, BR_CALL_SETTLE, 2, &settle);
    world_pass (world, 99);
    assert_int_equal (world_rows (world), 1);
    world_pass (world, 1);
    //  then
    assert_string_equal (
        scratch_text (&world->scratch, "SELECT outcome FROM calls ORDER BY call_id"),
        "lost ok");
    assert_int_equal (scratch_number (&world->scratch, "SELECT host FROM intents"), 8);
    assert_int_equal (world_logged (world, "1 open calls of a host that is gone: lost"),
                      1);
    //  a second one, later
    br_host_gone (world->host, 8, 1);
    world_pass (world, 0);
    world_pass (world, 1000);
    assert_int_equal (world_rows (world), 3);
}

static void
a_long_stream_that_ingress_settles_late_is_found_again (void **state)
{
    world_t *world = *state;
    struct br_call_intent intent = scratch_intent ();
    struct br_call_settle settle = scratch_settle ();
    world_arrive (world, 7, BR_CALL_INTENT, 1, &intent);
    br_host_gone (world->host, 7, 1);
    world_pass (world, 0);
    world_pass (world, 5000);
    world_arrive (world, 9, BR_CALL_SETTLE, 1, &settle);
    world_pass (world, METER_TICK_MS);
    assert_int_equal (world->sent, 1);
    assert_string_equal (scratch_text (&world->scratch, "SELECT outcome FROM calls"),
                         "ok");
}

static void
intents_of_an_earlier_life_are_lost_at_the_start (void **state)
{
    world_t *world = *state;
    world_intend (world, 1);
    world_intend (world, 2);
    world_settle (world, 2);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    br_host_destroy (&world->host);
    world_start_host (world);
    world_configure (world);
    assert_string_equal (
        scratch_text (&world->scratch, "SELECT outcome FROM calls ORDER BY call_id"),
        "lost ok");
    assert_int_equal (world_logged (world, "1 open calls of an earlier life: lost"), 1);
}

static void
wrong_slices_are_refused_and_the_old_one_stays (void **state)
{
    world_t *world = *state;
    char room[1024];
    assert_non_null (strstr (world_try (world, "[]"), "conf.refuse the meter's slice"));
    assert_non_null (strstr (world_try (world, "{}"), "database: give an address"));
    assert_non_null (strstr (world_try (world, "{\"database\":7}"), "database: it must"));
    assert_non_null (
        strstr (world_try (world, world_slice (world, "oracle://u:p@h/d", room)),
                "must begin with sqlite://"));
    assert_non_null (
        strstr (world_try (world, world_slice (world, "sqlite:///a?mode=ro", room)),
                "mode=rwc, not mode=ro"));
    assert_non_null (
        strstr (world_try (world, world_slice (world, "sqlite:///no/such/a.db", room)),
                "No such file"));
    assert_non_null (
        strstr (world_try (world, "{\"database\":\"sqlite://:memory:\",\"prices\":7}"),
                "prices must be"));
    assert_non_null (
        strstr (world_try (world, "{\"database\":\"sqlite://:memory:\",\"routes\":7}"),
                "prices of routes"));
    assert_non_null (strstr (world_take (world), "conf.refuse"));
    world_settle (world, 1);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    assert_int_equal (world->router->settled, 1);
    assert_int_equal (scratch_number (&world->scratch, "SELECT cost_nusd FROM calls"),
                      3500000);
}

static void
new_prices_and_another_database_count_from_the_take_on (void **state)
{
    world_t *world = *state;
    char slice[512];
    snprintf (slice, sizeof slice,
              "{\"database\":\"%s\",\"routes\":{\"fast\":{\"input\":0,\"output\":0}}}",
              world->scratch.url);
    world_try (world, slice);
    world_settle (world, 1);
    world_pass (world, 0);
    assert_string_equal (world_take (world), "conf.taken ;");
    world_settle (world, 2);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    assert_string_equal (
        scratch_text (&world->scratch, "SELECT cost_nusd FROM calls ORDER BY call_id"),
        "3500000 0");
    //  what waits goes to the new database
    snprintf (slice, sizeof slice, "{\"database\":\"sqlite://%s/other.db\"}",
              world->scratch.folder);
    world_try (world, slice);
    world_settle (world, 3);
    world_pass (world, 0);
    world_take (world);
    world_pass (world, METER_TICK_MS);
    assert_int_equal (world->router->settled, 3);
    assert_int_equal (world_rows (world), 2);
    scratch_t other = world->scratch;
    snprintf (other.path, sizeof other.path, "%s/other.db", world->scratch.folder);
    assert_int_equal (scratch_number (&other, "SELECT count (*) FROM calls"), 1);
}

static void
without_a_slice_nothing_is_answered (void **state)
{
    world_t *world = *state;
    struct br_admin_ask ask = { .command = "ledger" };
    world_settle (world, 1);
    world_intend (world, 2);
    br_host_gone (world->host, 7, 1);
    world_pass (world, 0);
    world_pass (world, 2000);
    assert_int_equal (world->router->settled, 0);
    world_ask (world, BR_ADMIN_ASK, &ask);
    assert_string_equal (world->router->notes, "admin.answer null;");
    struct br_sys_stop stop = { .drain_ms = 10 };
    world_ask (world, BR_SYS_STOP, &stop);
    assert_string_equal (world->router->notes, "sys.stopped ;");
}

static void
the_admin_door_gets_sums (void **state)
{
    world_t *world = *state;
    struct br_admin_ask ask = { .command = "ledger" };
    world_settle (world, 1);
    world_settle (world, 2);
    world_intend (world, 3);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    world_intend (world, 4);
    world_ask (world, BR_ADMIN_ASK, &ask);
    assert_string_equal (
        world->router->notes,
        "admin.answer {\"rows\":2,\"open_intents\":2,\"cost_nusd\":7000000,"
        "\"input_tokens\":2000,\"output_tokens\":200,\"seq\":2,\"replica\":null};");
    ask.command = "other";
    world_ask (world, BR_ADMIN_ASK, &ask);
    assert_string_equal (world->router->notes, "admin.answer null;");
}

static void
each_settled_call_raises_one_event_when_somebody_listens (void **state)
{
    world_t *world = *state;
    world_settle (world, 1);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    br_host_watch (world->host, true, false);
    struct br_call_settle settle = scratch_settle ();
    settle.outcome = BR_OUTCOME_FAILED;
    settle.code = BR_EUPCUT;
    world_arrive (world, 7, BR_CALL_SETTLE, 2, &settle);
    world_pass (world, METER_TICK_MS);
    world_settle (world, 3);
    world_settle (world, 2);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    world_pass (world, 5);
    const char *lines = br_buf_text (&world->events);
    assert_null (strstr (lines, "-000000000001\""));
    const char *failed = strstr (lines, "-000000000002\"");
    const char *good = strstr (lines, "-000000000003\"");
    assert_non_null (failed);
    assert_non_null (good);
    assert_null (strstr (failed + 1, "-000000000002\""));
    assert_non_null (strstr (lines, "\"latency_ms\":1500"));
    assert_non_null (strstr (failed,
                             "\"success\":0,\"error_type\":\"upstream_truncated\","
                             "\"cost_nusd\":0"));
    assert_non_null (
        strstr (good, "\"success\":1,\"error_type\":\"\",\"cost_nusd\":3500000"));
}

static void
stop_flushes_what_waits (void **state)
{
    world_t *world = *state;
    struct br_sys_stop stop = { .drain_ms = 100 };
    for (uint64_t i = 0; i < METER_COMMIT_MAX + 5; i++)
        world_settle (world, i);
    world_pass (world, 0);
    world_ask (world, BR_SYS_STOP, &stop);
    assert_string_equal (world->router->notes, "sys.stopped ;");
    assert_int_equal (world->router->settled, METER_COMMIT_MAX + 5);
    assert_int_equal (world_rows (world), METER_COMMIT_MAX + 5);
}

static void
stop_gives_up_on_a_disk_that_refuses (void **state)
{
    world_t *world = *state;
    struct br_sys_stop stop = { .drain_ms = 100 };
    scratch_text (&world->scratch, "ALTER TABLE entries RENAME TO away");
    world_settle (world, 1);
    world_pass (world, 0);
    world_ask (world, BR_SYS_STOP, &stop);
    assert_string_equal (world->router->notes, "");
    world_pass (world, 100);
    assert_string_equal (world->router->notes, "sys.stopped ;");
    assert_int_equal (world->router->settled, 0);
    assert_int_equal (world_logged (world, "with 1 settles that are not on disk"), 1);
}

//  ---- the signed end, and another database

static void
the_end_is_signed_with_each_commit (void **state)
{
    world_t *world = *state;
    ledger_head_t head;
    assert_int_equal (ledger_head_read (&head, world->scratch.head, NULL), 0);
    assert_true (head.is_genuine && head.seq == 0);
    for (uint64_t i = 1; i <= 3; i++) {
        world_settle (world, i);
        world_pass (world, 0);
        world_pass (world, METER_TICK_MS);
        assert_int_equal (ledger_head_read (&head, world->scratch.head, NULL), 0);
        assert_true (head.is_genuine && head.seq == i);
    }
    ledger_verdict_t verdict;
    ledger_store_t *store = ledger_store_new (world->scratch.url, NULL);
    assert_int_equal (
        ledger_chain_verify (store, world->scratch.head, head.key, &verdict, NULL), 0);
    assert_int_equal (verdict.fault, LEDGER_SOUND);
    ledger_store_destroy (&store);
}

static void
an_end_that_was_cut_off_is_told_at_the_start (void **state)
{
    world_t *world = *state;
    world_settle (world, 1);
    world_settle (world, 2);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    br_host_destroy (&world->host);
    scratch_text (&world->scratch, "DELETE FROM entries WHERE seq = 2");
    world_start_host (world);
    world_configure (world);
    assert_int_equal (world_logged (world, "rows were changed or cut off"), 1);
    ledger_head_t head;
    char aside[128];
    snprintf (aside, sizeof aside, "%s.wrong", world->scratch.head);
    assert_int_equal (ledger_head_read (&head, aside, NULL), 0);
    assert_int_equal (head.seq, 2);
}

static void
a_head_that_cannot_be_written_stops_no_call (void **state)
{
    world_t *world = *state;
    unlink (world->scratch.head);
    assert_int_equal (mkdir (world->scratch.head, 0700), 0);
    for (uint64_t i = 1; i <= 3; i++) {
        world_settle (world, i);
        world_pass (world, 0);
        world_pass (world, METER_TICK_MS);
    }
    assert_int_equal (world->router->settled, 3);
    assert_int_equal (world_logged (world, "the ledger's end is not signed"), 1);
    rmdir (world->scratch.head);
    world_settle (world, 4);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    assert_int_equal (world_logged (world, "the ledger's end is signed again"), 1);
}

#ifdef BR_WITH_POSTGRES
static void
a_database_that_is_down_keeps_nobody_waiting (void **state)
{
    world_t *world = *state;
    char room[1024];
    struct br_admin_ask ask = { .command = "ledger" };
    struct br_sys_stop stop = { .drain_ms = 100 };
    assert_string_equal (
        world_try (world,
                   world_slice (world, "postgres://u:hunter2@127.0.0.1:1/d", room)),
        "conf.accept ;");
    assert_string_equal (world_take (world), "conf.taken ;");
    world_settle (world, 1);
    world_pass (world, 0);
    world_pass (world, METER_TICK_MS);
    assert_int_equal (world->router->settled, 1);
    assert_int_equal (world_rows (world), 1);
    for (int i = 0; i < 1000 && !world_logged (world, "rows stay in the spool"); i++) {
        struct timespec pause = { .tv_nsec = 10000000 };
        nanosleep (&pause, NULL);
        world_pass (world, 0);
    }
    assert_int_equal (world_logged (world, "rows stay in the spool"), 1);
    assert_int_equal (world_logged (world, "hunter2"), 0);
    world_ask (world, BR_ADMIN_ASK, &ask);
    assert_non_null (strstr (world->router->notes,
                             "\"replica\":{\"scheme\":\"postgres\",\"seq\":0,"
                             "\"behind\":1,\"error\":\""));
    assert_null (strstr (world->router->notes, "hunter2"));
    //  nor a stop
    world_ask (world, BR_SYS_STOP, &stop);
    assert_string_equal (world->router->notes, "sys.stopped ;");
    assert_int_equal (world_logged (world, "rows that are in the spool only"), 1);
}
#endif

//  ---- an abrupt end

#define CALLS_A_TICK 40
#define ACKS_BEFORE_KILL 2000

//  Settles calls without an end; each tenth one is only begun. Ids of those that were
//  acknowledged go to acks.
static void
s_be_killed (scratch_t *scratch, uint64_t first, int acks)
{
    world_t world = { .scratch = *scratch, .now_ns = 1000000000, .log = -1 };
    world_start_host (&world);
    char room[1024];
    world_try (&world, world_slice (&world, scratch->url, room));
    world_take (&world);
    world.router->acks = acks;
    for (uint64_t lo = first;; lo++) {
        world_intend (&world, lo);
        if (lo % 10)
            world_settle (&world, lo);
        world_pass (&world, 0);
        if (lo % CALLS_A_TICK == 0)
            world_pass (&world, 2);
    }
}

static bool
s_is_on_disk (sqlite3_stmt *stmt, uint64_t lo)
{
    uint8_t id[16] = { [7] = 1 };
    for (size_t i = 0; i < 8; i++)
        id[8 + i] = (uint8_t) (lo >> (56 - 8 * i));
    sqlite3_bind_blob (stmt, 1, id, sizeof id, SQLITE_STATIC);
    bool found = sqlite3_step (stmt) == SQLITE_ROW;
    sqlite3_reset (stmt);
    return found;
}

//  Kills a process in the midst of its work. Returns how many acknowledged calls there
//  were, each of which must be on disk.
static int
s_kill_and_count (scratch_t *scratch, uint64_t first)
{
    int acks[2];
    assert_int_equal (pipe (acks), 0);
    pid_t pid = fork ();
    if (pid == 0) {
        close (acks[0]);
        s_be_killed (scratch, first, acks[1]);
    }
    close (acks[1]);
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    uint64_t *ids = br_alloc (1u << 20, sizeof *ids);
    int count = 0;
    while (count < (1 << 20) && read (acks[0], &ids[count], sizeof *ids) == sizeof *ids)
        if (++count == ACKS_BEFORE_KILL)
            kill (pid, SIGKILL);
    close (acks[0]);
    int status = 0;
    waitpid (pid, &status, 0);
    assert_true (WIFSIGNALED (status));
    sqlite3_open (scratch->path, &db);
    sqlite3_prepare_v2 (db, "SELECT 1 FROM calls WHERE call_id = ? AND outcome = 'ok'",
                        -1, &stmt, NULL);
    for (int i = 0; i < count; i++)
        if (!s_is_on_disk (stmt, ids[i]))
            fail_msg ("call %llu was acknowledged", (unsigned long long) ids[i]);
    sqlite3_finalize (stmt);
    sqlite3_close (db);
    free (ids);
    return count;
}

static void
whatever_was_acknowledged_outlives_a_kill (void **state)
{
    world_t *world = *state;
    br_host_destroy (&world->host);
    int acked = 0;
    for (uint64_t round = 1; round <= 3; round++)
        acked += s_kill_and_count (&world->scratch, round << 32);
    assert_true (acked >= 3 * ACKS_BEFORE_KILL);
    //  when: it starts again
    int64_t open = scratch_number (&world->scratch, "SELECT count (*) FROM intents");
    world_start_host (world);
    world_configure (world);
    //  then: what had been begun is lost, each call has one row, and the file is sound
    assert_true (open > 0);
    assert_int_equal (scratch_number (&world->scratch, "SELECT count (*) FROM intents"),
                      0);
    assert_true (scratch_number (&world->scratch, "SELECT count (*) FROM calls"
                                                  " WHERE outcome = 'lost'")
                 >= ACKS_BEFORE_KILL / 10);
    assert_true (world_rows (world) >= acked);
    assert_string_equal (scratch_text (&world->scratch, "PRAGMA integrity_check"), "ok");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, world_setup, world_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_settle_is_answered_once_its_row_is_on_disk),
        TEST (a_settle_that_is_asked_again_is_answered_again_and_kept_once),
        TEST (a_model_without_a_price_has_an_unknown_cost),
        TEST (no_row_that_is_not_committed_is_acknowledged),
        TEST (a_full_disk_keeps_calls_until_there_is_room),
        TEST (tries_become_rarer_and_stay_so),
        TEST (more_than_waits_at_most_is_not_answered_but_never_lost),
        TEST (intents_of_a_router_that_is_gone_are_lost_after_a_grace),
        TEST (a_long_stream_that_ingress_settles_late_is_found_again),
        TEST (intents_of_an_earlier_life_are_lost_at_the_start),
        TEST (wrong_slices_are_refused_and_the_old_one_stays),
        TEST (new_prices_and_another_database_count_from_the_take_on),
        cmocka_unit_test_setup_teardown (without_a_slice_nothing_is_answered,
                                         world_setup_bare, world_teardown),
        TEST (the_admin_door_gets_sums),
        TEST (each_settled_call_raises_one_event_when_somebody_listens),
        TEST (stop_flushes_what_waits),
        TEST (stop_gives_up_on_a_disk_that_refuses),
        TEST (the_end_is_signed_with_each_commit),
        TEST (an_end_that_was_cut_off_is_told_at_the_start),
        TEST (a_head_that_cannot_be_written_stops_no_call),
#ifdef BR_WITH_POSTGRES
        TEST (a_database_that_is_down_keeps_nobody_waiting),
#endif
        TEST (whatever_was_acknowledged_outlives_a_kill),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
