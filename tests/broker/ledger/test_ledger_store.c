//  The same promises of all kinds of databases. SQLite is there always; PostgreSQL and MariaDB
//  where BR_TEST_POSTGRES or BR_TEST_MYSQL has the address of an empty one. Beside it,
//  BR_TEST_..._CLEAR and _CUT are commands that empty it, and that end its connections;
//  tests/ledger/test_databases.sh sets all of them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <sodium.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_column.h"
#include "broker/ledger/ledger_store.h"

#define MANY 1500 //  rows; more than a statement has, and than a page

typedef struct {
    const char *name;
    const char *url; //  NULL: SQLite in a folder of its own
    const char *clear;
    const char *cut;
} place_t;

typedef struct {
    char folder[64];
    char *url;
    const place_t *place;
    ledger_store_t *store;
    uint8_t last[LEDGER_HASH]; //  of the row that s_row made last
} world_t;

//  ---- worlds

static world_t *
s_world (void **state)
{
    const place_t *place = *state;
    world_t *world = BR_NEW (world_t);
    world->place = place;
    if (!place->url) {
        strcpy (world->folder, "/tmp/test_ledger_store.XXXXXX");
        assert_non_null (mkdtemp (world->folder));
        world->url = br_strf ("sqlite://%s/ledger.db?mode=rwc", world->folder);
    } else {
        world->url = br_strdup (place->url);
        if (place->clear)
            assert_int_equal (system (place->clear), 0);
    }
    br_error_t error = { .code = BR_OK, .text = "" };
    world->store = ledger_store_new (world->url, &error);
    if (!world->store)
        print_error ("%s: %s\n", place->name, error.text);
    assert_non_null (world->store);
    return world;
}

static void
s_end (world_t **world_p)
{
    world_t *world = *world_p;
    ledger_store_destroy (&world->store);
    if (*world->folder) {
        char *command = br_strf ("rm -rf '%s'", world->folder);
        assert_int_equal (system (command), 0);
        free (command);
    }
    free (world->url);
    free (world);
    *world_p = NULL;
}

//  ---- rows

//  With something else in each column, behind the one that was made before.
static ledger_entry_t
s_row (world_t *world, uint64_t seq)
{
    ledger_entry_t row;
    ledger_entry_init (&row);
    row.seq = seq;
    row.call = (br_id_t) { UINT64_C (0xfedcba9876543210), seq };
    row.is_lost = seq % 7 == 6;
    row.request_id = "req-1";
    row.route = "fast";
    row.provider = "openai";
    row.model = "gpt-4o";
    row.account = "solana:main:abc";
    row.key = "key-1";
    row.session = "session";
    row.run = "run";
    row.agent = "agent";
    row.step = "step";
    row.trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    row.surface = "chat";
    row.outcome = "ok";
    row.error_type = "";
    row.status = 200;
    row.stream = true;
    row.attempts = 2;
    row.usage = (br_usage_t) { .known = true,
                               .input = 1000,
                               .cache_read = 200,
                               .cache_write = 100,
                               .output = 50,
                               .reasoning = 10,
                               .cache_write_1h = 30,
                               .audio_input = 5,
                               .audio_output = 6 };
    row.cost_nusd = seq % 3 ? 123456789 : LEDGER_UNKNOWN;
    row.operator_nusd = seq % 5 ? 0 : LEDGER_UNKNOWN;
    row.price_version = "v1";
    row.started_ms = UINT64_C (1750000000000) + seq;
    row.latency_us = 1500000;
    row.first_us = 300000;
    row.elsewhere_us = 1400000;
    row.settled_ms = UINT64_C (1750000001000) + seq;
    row.tries[0] = (br_try_t) { .attempt = 1,
                                .provider = "azure",
                                .endpoint = "azure#0",
                                .model = "gpt",
                                .outcome = 1,
                                .code = 12,
                                .status = 503,
                                .after_us = 10,
                                .latency_us = 20 };
    row.tries[1] = (br_try_t) { .attempt = 2,
                                .provider = "openai",
                                .endpoint = "",
                                .model = "gpt-4o",
                                .status = 200,
                                .after_us = 30,
                                .latency_us = 1400000,
                                .first_us = 290000,
                                .usage = row.usage };
    row.tries_count = seq % 2 ? 2 : 0;
    ledger_entry_hash (&row, world->last, row.hash);
    memcpy (world->last, row.hash, LEDGER_HASH);
    return row;
}

//  Rows from..to, of which the last is marked by hash. "caller frees"
static ledger_entry_t *
s_rows (world_t *world, uint64_t from, size_t count)
{
    ledger_entry_t *rows = br_alloc (count, sizeof *rows);
    for (size_t i = 0; i < count; i++)
        rows[i] = s_row (world, from + i);
    return rows;
}

static void
s_add (world_t *world, const ledger_entry_t *rows, size_t count)
{
    br_error_t error = { .code = BR_OK, .text = "" };
    int rc = ledger_store_add (world->store, rows, count, &error);
    if (rc)
        print_error ("%s\n", error.text);
    assert_int_equal (rc, 0);
}

static uint64_t
s_last (world_t *world)
{
    uint64_t seq = 99;
    uint8_t hash[LEDGER_HASH];
    br_error_t error = { .code = BR_OK, .text = "" };
    int rc = ledger_store_last (world->store, &seq, hash, &error);
    if (rc)
        print_error ("%s\n", error.text);
    assert_int_equal (rc, 0);
    return seq;
}

//  What a reading saw; it holds each row against the hash of the one before.
typedef struct {
    uint8_t prev[LEDGER_HASH];
    uint64_t count;
    uint64_t first;
    uint64_t last;
    uint64_t stop_at; //  0 = at the end
    bool is_chain;
    ledger_entry_t row; //  the last one; its texts are in arena
    br_arena_t *arena;
} seen_t;

static int
s_see (void *arg, const ledger_entry_t *entry)
{
    seen_t *seen = arg;
    uint8_t hash[LEDGER_HASH];
    ledger_entry_hash (entry, seen->prev, hash);
    if (memcmp (hash, entry->hash, LEDGER_HASH) != 0)
        seen->is_chain = false;
    memcpy (seen->prev, entry->hash, LEDGER_HASH);
    if (seen->count++ == 0)
        seen->first = entry->seq;
    assert_true (entry->seq > seen->last);
    seen->last = entry->seq;
    ledger_entry_copy (&seen->row, entry, seen->arena);
    return seen->last == seen->stop_at;
}

static void
s_read (world_t *world, uint64_t from, seen_t *seen)
{
    seen->arena = br_arena_new ();
    seen->is_chain = true;
    br_error_t error = { .code = BR_OK, .text = "" };
    int rc = ledger_store_read (world->store, from, s_see, seen, &error);
    if (rc)
        print_error ("%s\n", error.text);
    assert_int_equal (rc, 0);
}

static void
s_unsee (seen_t *seen)
{
    br_arena_destroy (&seen->arena);
}

//  ---- tests

static void
given_no_rows_when_asked_then_the_last_is_0 (void **state)
{
    world_t *world = s_world (state);
    assert_int_equal (s_last (world), 0);
    seen_t seen = { .count = 0 };
    s_read (world, 1, &seen);
    assert_int_equal (seen.count, 0);
    s_unsee (&seen);
    s_end (&world);
}

static void
given_rows_when_read_then_each_has_its_hash (void **state)
{
    world_t *world = s_world (state);
    ledger_entry_t *rows = s_rows (world, 1, 20);
    s_add (world, rows, 20);
    assert_int_equal (s_last (world), 20);
    seen_t seen = { .count = 0 };
    s_read (world, 1, &seen);
    assert_int_equal (seen.count, 20);
    assert_true (seen.is_chain);
    assert_string_equal (seen.row.route, "fast");
    s_unsee (&seen);
    free (rows);
    s_end (&world);
}

static void
given_odd_texts_and_numbers_when_read_then_they_are_the_same (void **state)
{
    static const char *const texts[] = { "",
                                         " ",
                                         "a\\b",
                                         "\\x41",
                                         "\xff\xfe",
                                         "caf\xc3\xa9",
                                         "\xed\xa0\x80",
                                         "\xf0\x9f\x98\x80 ",
                                         "'; DROP TABLE bitrouter_entries; --",
                                         "a\nb\t$1",
                                         "{\"x\":1}" };
    enum {
        COUNT = sizeof texts / sizeof *texts
    };
    world_t *world = s_world (state);
    ledger_entry_t rows[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        rows[i] = s_row (world, i + 1);
        rows[i].model = rows[i].session = texts[i];
        rows[i].tries[0].provider = texts[i];
        rows[i].usage.input = INT64_MAX - i;
        rows[i].cost_nusd = (int64_t) (INT64_MAX - i);
        rows[i].status = UINT32_MAX;
        ledger_entry_hash (&rows[i], i ? rows[i - 1].hash : (uint8_t[LEDGER_HASH]) { 0 },
                           rows[i].hash);
    }
    s_add (world, rows, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        seen_t seen = { .stop_at = i + 1 };
        s_read (world, 1, &seen);
        assert_true (seen.is_chain);
        assert_string_equal (seen.row.model, texts[i]);
        s_unsee (&seen);
    }
    s_end (&world);
}

static void
given_a_row_that_is_there_when_added_again_then_it_is_there_once (void **state)
{
    world_t *world = s_world (state);
    ledger_entry_t *rows = s_rows (world, 1, 6);
    s_add (world, rows, 4);
    s_add (world, rows, 6);
    s_add (world, rows + 5, 1);
    seen_t seen = { .count = 0 };
    s_read (world, 1, &seen);
    assert_int_equal (seen.count, 6);
    assert_true (seen.is_chain);
    s_unsee (&seen);
    free (rows);
    s_end (&world);
}

static void
given_another_row_in_its_place_when_added_then_nothing_is (void **state)
{
    world_t *world = s_world (state);
    ledger_entry_t *rows = s_rows (world, 1, 4);
    s_add (world, rows, 2);
    rows[1].hash[0] ^= 1;
    br_error_t error = { .code = BR_OK, .text = "" };
    assert_int_equal (ledger_store_add (world->store, rows, 4, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, "row 2"));
    assert_int_equal (s_last (world), 2);
    rows[1].hash[0] ^= 1;
    s_add (world, rows, 4); //  and the connection is as good as before
    assert_int_equal (s_last (world), 4);
    free (rows);
    s_end (&world);
}

static void
given_the_row_before_is_not_there_when_added_then_nothing_is (void **state)
{
    world_t *world = s_world (state);
    ledger_entry_t *rows = s_rows (world, 1, 6);
    br_error_t error = { .code = BR_OK, .text = "" };
    s_add (world, rows, 2);
    assert_int_equal (ledger_store_add (world->store, rows + 3, 3, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, "no row 3"));
    assert_int_equal (s_last (world), 2);
    s_add (world, rows + 1, 5); //  and the connection is as good as before
    assert_int_equal (s_last (world), 6);
    free (rows);
    s_end (&world);
}

static void
given_many_rows_when_added_at_once_then_all_are_there (void **state)
{
    world_t *world = s_world (state);
    ledger_entry_t *rows = s_rows (world, 1, MANY);
    s_add (world, rows, MANY);
    assert_int_equal (s_last (world), MANY);
    seen_t seen = { .count = 0 };
    s_read (world, 1, &seen);
    assert_int_equal (seen.count, MANY);
    assert_true (seen.is_chain);
    s_unsee (&seen);
    free (rows);
    s_end (&world);
}

static void
given_a_seq_when_read_then_rows_begin_there_and_end_when_told (void **state)
{
    world_t *world = s_world (state);
    ledger_entry_t *rows = s_rows (world, 1, 600);
    s_add (world, rows, 600);
    seen_t seen = { .stop_at = 590 };
    memcpy (seen.prev, rows[9].hash, LEDGER_HASH);
    s_read (world, 11, &seen);
    assert_int_equal (seen.first, 11);
    assert_int_equal (seen.count, 580);
    assert_true (seen.is_chain);
    assert_int_equal (s_last (world), 600); //  nothing is left open
    s_unsee (&seen);
    free (rows);
    s_end (&world);
}

static void
given_rows_when_opened_again_then_they_are_there (void **state)
{
    world_t *world = s_world (state);
    ledger_entry_t *rows = s_rows (world, 1, 3);
    s_add (world, rows, 2);
    ledger_store_destroy (&world->store);
    br_error_t error;
    world->store = ledger_store_new (world->url, &error);
    assert_non_null (world->store);
    assert_int_equal (s_last (world), 2);
    s_add (world, rows + 2, 1);
    assert_int_equal (s_last (world), 3);
    free (rows);
    s_end (&world);
}

static void
given_a_connection_that_broke_when_asked_then_there_is_a_new_one (void **state)
{
    const place_t *place = *state;
    if (!place->cut)
        return; //  a file has none
    world_t *world = s_world (state);
    ledger_entry_t *rows = s_rows (world, 1, 4);
    s_add (world, rows, 2);
    assert_int_equal (system (place->cut), 0);
    assert_int_equal (s_last (world), 2);
    assert_int_equal (system (place->cut), 0);
    s_add (world, rows, 4);
    assert_int_equal (system (place->cut), 0);
    seen_t seen = { .count = 0 };
    s_read (world, 1, &seen);
    assert_int_equal (seen.count, 4);
    s_unsee (&seen);
    free (rows);
    s_end (&world);
}

static void
given_a_large_row_when_read_then_it_is_whole (void **state)
{
    enum {
        SIZE = 1 << 20
    };
    world_t *world = s_world (state);
    char *text = br_alloc (SIZE + 1, 1);
    memset (text, 'x', SIZE);
    ledger_entry_t rows[6];
    for (size_t i = 0; i < 6; i++) {
        rows[i] = s_row (world, i + 1);
        rows[i].route = text;
        ledger_entry_hash (&rows[i], i ? rows[i - 1].hash : (uint8_t[LEDGER_HASH]) { 0 },
                           rows[i].hash);
    }
    s_add (world, rows, 6);
    seen_t seen = { .count = 0 };
    s_read (world, 1, &seen);
    assert_int_equal (seen.count, 6);
    assert_true (seen.is_chain);
    s_unsee (&seen);
    free (text);
    s_end (&world);
}

static int
s_run (const place_t *place)
{
    void *state = (void *) (uintptr_t) place;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate (given_no_rows_when_asked_then_the_last_is_0, state),
        cmocka_unit_test_prestate (given_rows_when_read_then_each_has_its_hash, state),
        cmocka_unit_test_prestate (
            given_odd_texts_and_numbers_when_read_then_they_are_the_same, state),
        cmocka_unit_test_prestate (
            given_a_row_that_is_there_when_added_again_then_it_is_there_once, state),
        cmocka_unit_test_prestate (
            given_another_row_in_its_place_when_added_then_nothing_is, state),
        cmocka_unit_test_prestate (
            given_the_row_before_is_not_there_when_added_then_nothing_is, state),
        cmocka_unit_test_prestate (given_many_rows_when_added_at_once_then_all_are_there,
                                   state),
        cmocka_unit_test_prestate (
            given_a_seq_when_read_then_rows_begin_there_and_end_when_told, state),
        cmocka_unit_test_prestate (given_rows_when_opened_again_then_they_are_there,
                                   state),
        cmocka_unit_test_prestate (
            given_a_connection_that_broke_when_asked_then_there_is_a_new_one, state),
        cmocka_unit_test_prestate (given_a_large_row_when_read_then_it_is_whole, state),
    };
    return cmocka_run_group_tests_name (place->name, tests, NULL, NULL);
}

int
main (void)
{
    if (sodium_init () < 0)
        return 1;
    const place_t places[] = {
        { "sqlite", NULL, NULL, NULL },
        { "postgres", getenv ("BR_TEST_POSTGRES"), getenv ("BR_TEST_POSTGRES_CLEAR"),
          getenv ("BR_TEST_POSTGRES_CUT") },
        { "mysql", getenv ("BR_TEST_MYSQL"), getenv ("BR_TEST_MYSQL_CLEAR"),
          getenv ("BR_TEST_MYSQL_CUT") },
    };
    int rc = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (i == 0 || places[i].url)
            rc |= s_run (&places[i]);
    return rc;
}
