//  ledger_chain: each way to change a ledger is found and named.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/ledger/ledger_chain.h"
#include "broker/ledger/ledger_column.h"
#include "tests/broker/ledger/ledger_world.h"

#define ROWS 9

static void
s_write_head (world_t *world, ledger_sqlite_t *ledger)
{
    ledger_head_t head = { .seq = 0 };
    ledger_signer_t *signer = ledger_signer_new (world->key, NULL);
    ledger_head_name (world->url, head.database);
    ledger_sqlite_last (ledger, &head.seq, head.hash, NULL);
    ledger_spend_checkpoint (ledger_sqlite_spend (ledger), &head.pruned_seq,
                             head.pruned_hash, NULL);
    assert_int_equal (ledger_head_write (&head, signer, world->head, NULL), 0);
    ledger_signer_destroy (&signer);
}

//  A ledger of some rows, under its head.
static int
s_setup (void **state)
{
    world_setup (state);
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    world_add (ledger, 1, ROWS);
    s_write_head (world, ledger);
    ledger_sqlite_destroy (&ledger);
    return 0;
}

static ledger_verdict_t
s_verify (world_t *world, const char *head)
{
    br_error_t error = { .code = BR_OK };
    ledger_verdict_t verdict;
    uint8_t key[LEDGER_PUBLIC_KEY];
    ledger_store_t *store = ledger_store_new (world->url, &error);
    assert_non_null (store);
    assert_int_equal (ledger_signer_look (world->key, key, &error), 0);
    if (ledger_chain_verify (store, head, key, &verdict, &error))
        fail_msg ("%s", error.text);
    ledger_store_destroy (&store);
    return verdict;
}

static void
s_finds (world_t *world, const char *what, const char *fault, uint64_t seq)
{
    ledger_verdict_t verdict = s_verify (world, world->head);
    if (strcmp (ledger_fault_name (verdict.fault), fault) != 0 || verdict.seq != seq)
        fail_msg ("%s: %s %llu, not %s %llu", what, ledger_fault_name (verdict.fault),
                  (unsigned long long) verdict.seq, fault, (unsigned long long) seq);
}

static void
a_ledger_as_it_was_written_is_sound (void **state)
{
    world_t *world = *state;
    ledger_verdict_t verdict = s_verify (world, world->head);
    assert_int_equal (verdict.fault, LEDGER_SOUND);
    assert_int_equal (verdict.rows, ROWS);
    assert_int_equal (verdict.last, ROWS);
    assert_int_equal (s_verify (world, NULL).fault, LEDGER_SOUND);
}

//  Another value of the same kind, of a wrong kind, and none that it may be.
static const char *const s_values[] = {
    [LEDGER_U64] = "%s + 1",
    [LEDGER_U32] = "%s + 4294967296",
    [LEDGER_FLAG] = "%s + 2",
    [LEDGER_COST] = "coalesce (%s, 0) + 1",
    [LEDGER_TEXT] = "%s || 'x'",
    [LEDGER_CALL] = "x'00000000000000010000000000000063'",
    [LEDGER_HASHED] = "x'00' || substr (%s, 2)",
};

static void
s_change (world_t *world, const char *table, const ledger_table_t *columns, uint64_t seq)
{
    for (size_t i = 0; i < columns->columns_count; i++) {
        const ledger_column_t *column = &columns->columns[i];
        if (strcmp (column->name, "seq") == 0)
            continue;
        char value[128], sql[512];
        snprintf (value, sizeof value, "%s", s_values[column->type]);
        char *mark = strstr (value, "%s");
        char filled[256];
        snprintf (filled, sizeof filled, "%.*s%s%s", mark ? (int) (mark - value) : 0,
                  value, mark ? column->name : "", mark ? mark + 2 : value);
        world_text (world, "CREATE TABLE saved AS SELECT * FROM entries");
        world_text (world, "CREATE TABLE saved_2 AS SELECT * FROM attempts");
        snprintf (sql, sizeof sql, "UPDATE %s SET %s = %s WHERE seq = %d%s", table,
                  column->name, filled, (int) seq,
                  columns == &ledger_attempts ? " AND place = 1" : "");
        world_text (world, sql);
        s_finds (world, sql, "changed", seq);
        world_text (world, "DELETE FROM entries");
        world_text (world, "DELETE FROM attempts");
        world_text (world, "INSERT INTO entries SELECT * FROM saved");
        world_text (world, "INSERT INTO attempts SELECT * FROM saved_2");
        world_text (world, "DROP TABLE saved");
        world_text (world, "DROP TABLE saved_2");
    }
    s_finds (world, "all back", "sound", 0);
}

static void
a_change_of_any_column_is_found (void **state)
{
    s_change (*state, "entries", &ledger_entries, 4);
}

static void
a_change_of_any_column_of_the_last_row_is_found (void **state)
{
    s_change (*state, "entries", &ledger_entries, ROWS);
}

static void
a_change_of_any_column_of_an_attempt_is_found (void **state)
{
    s_change (*state, "attempts", &ledger_attempts, 4);
}

static void
other_changes_of_values_are_found (void **state)
{
    static const char *const changes[] = {
        "UPDATE entries SET cost_nusd = NULL WHERE seq = 5",
        "UPDATE entries SET status = 200.5 WHERE seq = 5",
        "UPDATE entries SET status = 'many' WHERE seq = 5",
        "UPDATE entries SET route = CAST (x'6661737400ff' AS TEXT) WHERE seq = 5",
        "UPDATE entries SET route = x'66617374' || x'00' WHERE seq = 5",
        "UPDATE entries SET hash = substr (hash, 1, 31) WHERE seq = 5",
        "UPDATE entries SET hash = substr (hash, 1, 31) || x'00' WHERE seq = 5",
        "UPDATE entries SET call_id = x'01' WHERE seq = 5",
        "DELETE FROM attempts WHERE seq = 5 AND place = 1",
        "DELETE FROM attempts WHERE seq = 5 AND place = 0",
        "INSERT INTO attempts SELECT 5, 2, 3, provider, endpoint, model, outcome, code,"
        " status, after_us, latency_us, first_us, usage_known, input_tokens,"
        " cache_read_tokens, cache_write_tokens, output_tokens, reasoning_tokens,"
        " cache_write_1h_tokens, audio_input_tokens, audio_output_tokens FROM attempts"
        " WHERE seq = 5 AND place = 1",
        "UPDATE attempts SET place = 1 - place + 7 WHERE seq = 5",
    };
    world_t *world = *state;
    world_text (world, "CREATE TABLE saved AS SELECT * FROM entries");
    world_text (world, "CREATE TABLE saved_2 AS SELECT * FROM attempts");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        world_text (world, changes[i]);
        s_finds (world, changes[i], "changed", 5);
        world_text (world, "DELETE FROM entries");
        world_text (world, "DELETE FROM attempts");
        world_text (world, "INSERT INTO entries SELECT * FROM saved");
        world_text (world, "INSERT INTO attempts SELECT * FROM saved_2");
    }
}

static void
s_shift (world_t *world, int from, int by)
{
    char sql[256];
    for (int part = 0; part < 2; part++) {
        const char *table = part ? "attempts" : "entries";
        snprintf (sql, sizeof sql, "UPDATE %s SET seq = -(seq + %d) WHERE seq >= %d",
                  table, by, from);
        world_text (world, sql);
        snprintf (sql, sizeof sql, "UPDATE %s SET seq = -seq WHERE seq < 0", table);
        world_text (world, sql);
    }
}

static void
a_row_that_comes_in_between_is_found (void **state)
{
    world_t *world = *state;
    s_shift (world, 4, 1);
    world_text (world, "CREATE TABLE more AS SELECT * FROM entries WHERE seq = 2");
    world_text (world, "UPDATE more SET seq = 4, call_id = x'77'");
    world_text (world, "INSERT INTO entries SELECT * FROM more");
    s_finds (world, "in between", "inserted", 4);
}

static void
a_row_behind_the_end_is_found (void **state)
{
    //  given: one with a hash that does not fit, then one whose hash does
    world_t *world = *state;
    world_text (world, "CREATE TABLE more AS SELECT * FROM entries WHERE seq = 2");
    world_text (world, "UPDATE more SET seq = 10, call_id = x'77'");
    world_text (world, "INSERT INTO entries SELECT * FROM more");
    s_finds (world, "behind", "inserted", 10);
    world_text (world, "DELETE FROM entries WHERE seq = 10");
    ledger_sqlite_t *ledger = world_ledger (world);
    world_add (ledger, 50, 1);
    ledger_sqlite_destroy (&ledger);
    s_finds (world, "behind", "unsigned", 10);
}

static void
a_row_in_front_of_the_first_is_found (void **state)
{
    //  given: where no reader looks, but where sums would find it
    world_t *world = *state;
    world_text (world, "CREATE TABLE more AS SELECT * FROM entries WHERE seq = 2");
    world_text (world, "UPDATE more SET seq = 0, call_id = x'77'");
    world_text (world, "INSERT INTO entries SELECT * FROM more");
    s_finds (world, "at 0", "inserted", 0);
    world_text (world, "UPDATE entries SET seq = -3 WHERE seq = 0");
    s_finds (world, "below 0", "inserted", (uint64_t) -3);
    world_text (world, "DELETE FROM entries WHERE seq = -3");
    s_finds (world, "gone", "sound", 0);
}

static void
rows_that_are_swapped_are_found (void **state)
{
    static const int pairs[][2] = { { 3, 4 }, { 2, 7 }, { 1, 2 }, { 8, 9 }, { 1, 9 } };
    world_t *world = *state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char sql[256];
        int a = pairs[i][0], b = pairs[i][1];
        for (int back = 0; back < 2; back++) {
            for (int part = 0; part < 2; part++) {
                snprintf (sql, sizeof sql,
                          "UPDATE %s SET seq = seq - 1000 WHERE seq IN (%d, %d)",
                          part ? "attempts" : "entries", a, b);
                world_text (world, sql);
                snprintf (sql, sizeof sql,
                          "UPDATE %s SET seq = %d - (seq + 1000) WHERE seq < 0",
                          part ? "attempts" : "entries", a + b);
                world_text (world, sql);
            }
            s_finds (world, sql, back ? "sound" : "swapped", back ? 0 : (uint64_t) a);
            if (!back)
                assert_int_equal (s_verify (world, world->head).other, b);
        }
    }
}

static void
a_row_that_is_taken_out_is_found (void **state)
{
    world_t *world = *state;
    world_text (world, "DELETE FROM entries WHERE seq = 4");
    s_finds (world, "gap", "missing", 4);
    //  the gap is closed
    world_text (world, "DELETE FROM attempts WHERE seq = 4");
    s_shift (world, 5, -1);
    s_finds (world, "closed gap", "missing", 4);
}

static void
the_first_rows_cannot_be_taken_out (void **state)
{
    world_t *world = *state;
    world_text (world, "DELETE FROM entries WHERE seq < 3");
    s_finds (world, "first", "missing", 1);
}

static void
an_end_that_is_cut_off_is_found (void **state)
{
    world_t *world = *state;
    world_text (world, "DELETE FROM entries WHERE seq > 7");
    s_finds (world, "end", "cut", 8);
    world_text (world, "DELETE FROM entries");
    s_finds (world, "all", "cut", 1);
}

static void
a_chain_that_is_made_anew_is_found (void **state)
{
    world_t *world = *state;
    unlink (world->path);
    ledger_sqlite_t *ledger = world_ledger (world);
    world_add (ledger, 101, ROWS + 2);
    ledger_sqlite_destroy (&ledger);
    s_finds (world, "anew", "replaced", ROWS);
}

static void
a_head_of_another_key_or_that_was_changed_is_found (void **state)
{
    world_t *world = *state;
    FILE *file = fopen (world->head, "r+");
    char text[4096] = { 0 };
    assert_true (fread (text, 1, sizeof text - 1, file) > 0);
    char *seq = strstr (text, "\"seq\":9");
    assert_non_null (seq);
    seq[6] = '8';
    rewind (file);
    fputs (text, file);
    fclose (file);
    s_finds (world, "changed head", "forged", 0);
    //  one that is signed well, by somebody else
    unlink (world->key);
    ledger_sqlite_t *ledger = world_ledger (world);
    s_write_head (world, ledger);
    ledger_sqlite_destroy (&ledger);
    s_finds (world, "new key", "sound", 0);
    unlink (world->key);
    ledger_signer_t *signer = ledger_signer_new (world->key, NULL);
    ledger_signer_destroy (&signer);
    s_finds (world, "other key", "forged", 0);
}

static void
rows_that_retention_took_out_are_not_missed (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    size_t count = 0;
    assert_int_equal (ledger_spend_prune (ledger_sqlite_spend (ledger), 4, UINT64_MAX,
                                          100, &count, NULL),
                      0);
    assert_int_equal (count, 4);
    s_finds (world, "head that knows nothing of it", "missing", 1);
    s_write_head (world, ledger);
    ledger_sqlite_destroy (&ledger);
    s_finds (world, "pruned", "sound", 0);
    world_text (world, "DELETE FROM entries WHERE seq = 5");
    s_finds (world, "one more", "missing", 5);
}

//  Adds rows, each under its head, while another thread verifies.
static void *
s_go_on (void *arg)
{
    world_t *world = arg;
    ledger_sqlite_t *ledger = world_ledger (world);
    for (uint64_t i = 0; i < 200; i++) {
        world_add (ledger, 1000 + i, 1);
        s_write_head (world, ledger);
    }
    ledger_sqlite_destroy (&ledger);
    return NULL;
}

static void
a_ledger_that_is_written_meanwhile_is_sound (void **state)
{
    world_t *world = *state;
    pthread_t thread;
    assert_int_equal (pthread_create (&thread, NULL, s_go_on, world), 0);
    for (int i = 0; i < 5; i++)
        s_finds (world, "meanwhile", "sound", 0);
    pthread_join (thread, NULL);
    s_finds (world, "at the end", "sound", 0);
    assert_int_equal (s_verify (world, world->head).rows, ROWS + 200);
}

static void
an_empty_ledger_is_sound (void **state)
{
    world_t *world = *state;
    unlink (world->path);
    ledger_sqlite_t *ledger = world_ledger (world);
    s_write_head (world, ledger);
    ledger_sqlite_destroy (&ledger);
    s_finds (world, "empty", "sound", 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_ledger_as_it_was_written_is_sound),
        TEST (a_change_of_any_column_is_found),
        TEST (a_change_of_any_column_of_the_last_row_is_found),
        TEST (a_change_of_any_column_of_an_attempt_is_found),
        TEST (other_changes_of_values_are_found),
        TEST (a_row_that_comes_in_between_is_found),
        TEST (a_row_behind_the_end_is_found),
        TEST (a_row_in_front_of_the_first_is_found),
        TEST (rows_that_are_swapped_are_found),
        TEST (a_row_that_is_taken_out_is_found),
        TEST (the_first_rows_cannot_be_taken_out),
        TEST (an_end_that_is_cut_off_is_found),
        TEST (a_chain_that_is_made_anew_is_found),
        TEST (a_head_of_another_key_or_that_was_changed_is_found),
        TEST (rows_that_retention_took_out_are_not_missed),
        TEST (a_ledger_that_is_written_meanwhile_is_sound),
        TEST (an_empty_ledger_is_sound),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
