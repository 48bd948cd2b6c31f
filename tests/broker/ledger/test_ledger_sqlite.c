//  ledger_sqlite: rows, intents, first ones and lost ones, on a real file.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/broker/ledger/ledger_world.h"

static void
s_begin (ledger_sqlite_t *ledger)
{
    assert_int_equal (ledger_sqlite_begin (ledger, NULL), 0);
}

static void
s_commit (ledger_sqlite_t *ledger)
{
    assert_int_equal (ledger_sqlite_commit (ledger, NULL), 0);
}

static ledger_kept_t
s_add (ledger_sqlite_t *ledger, ledger_entry_t entry)
{
    ledger_kept_t kept;
    assert_int_equal (ledger_sqlite_add (ledger, &entry, &kept, NULL), 0);
    return kept;
}

static ledger_entry_t
s_lost_entry (uint64_t n)
{
    ledger_entry_t entry = world_entry (n);
    entry.is_lost = true;
    entry.outcome = "lost";
    entry.cost_nusd = LEDGER_UNKNOWN;
    entry.usage = (br_usage_t) { .known = false };
    return entry;
}

static void
s_intend (ledger_sqlite_t *ledger, uint64_t lo, uint32_t attempt, const char *provider,
          uint32_t life)
{
    ledger_intent_t intent = { .call = { 1, lo }, .attempt = attempt };
    intent.request_id = "req-1";
    intent.route = "fast";
    intent.provider = provider;
    intent.model = "gpt-4o";
    intent.account = "acme";
    intent.key = "key-1";
    intent.session = "talk-1";
    intent.run = "run-1";
    intent.agent = "coder";
    intent.step = "3";
    intent.trace = "0af7651916cd43dd8448eb211c80319c";
    intent.started_ms = 1750000000000;
    intent.host = 3;
    intent.life = life;
    assert_int_equal (ledger_sqlite_add_intent (ledger, &intent, NULL), 0);
}

static void
a_row_holds_every_column (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    assert_string_equal (ledger_sqlite_path (ledger), world->path);
    ledger_entry_t entry = world_entry (1);
    entry.call = (br_id_t) { 0x0102030405060708, 0xf1f2f3f4f5f6f7f8 };
    entry.cost_nusd = LEDGER_UNKNOWN;
    s_begin (ledger);
    ledger_kept_t kept = s_add (ledger, entry);
    s_commit (ledger);
    assert_true (kept.is_first && kept.seq == 1 && kept.cost_nusd == LEDGER_UNKNOWN);
    assert_string_equal (
        world_text (world, "SELECT hex (call_id), request_id, route, provider, model,"
                           " outcome, status, error_type, stream, attempts, usage_known,"
                           " account, key_id, session, run, agent, step, trace, surface"
                           " FROM calls"),
        "0102030405060708F1F2F3F4F5F6F7F8|req-1|fast|openai|gpt-4o|ok|200||1|2|1|acme|"
        "key-1|talk-1|run-1|coder|3|0af7651916cd43dd8448eb211c80319c|chat");
    assert_string_equal (
        world_text (world,
                    "SELECT input_tokens, cache_read_tokens, cache_write_tokens,"
                    " cache_write_1h_tokens, audio_input_tokens, output_tokens,"
                    " reasoning_tokens, audio_output_tokens, cost_nusd, operator_nusd,"
                    " price_version, started_ms, latency_us, first_us, elsewhere_us,"
                    " settled_ms, seq, is_lost, length (hash) FROM calls"),
        "1000|30|20|7|3|100|10|4|NULL|43|0123456789abcdef|1750000000000|1500000|250000|"
        "1400000|1750000002001|1|0|32");
    assert_string_equal (
        world_text (world,
                    "SELECT seq, place, attempt, provider, endpoint, model, outcome,"
                    " code, status, after_us, latency_us, first_us, usage_known,"
                    " input_tokens, output_tokens FROM attempts ORDER BY place"),
        "1|0|1|azure|west|gpt-4o|0|0|200|1000|2000|500|1|10|5 "
        "1|1|2|openai|west|gpt-4o|0|0|200|1000|2000|500|1|10|5");
    ledger_sqlite_destroy (&ledger);
    assert_null (ledger);
}

static void
the_first_settle_of_a_call_wins (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    ledger_entry_t entry = world_entry (1);
    s_begin (ledger);
    assert_true (s_add (ledger, entry).is_first);
    entry.provider = "other";
    entry.cost_nusd = 99;
    assert_false (s_add (ledger, entry).is_first);
    s_commit (ledger);
    s_begin (ledger);
    ledger_kept_t kept = s_add (ledger, entry);
    s_commit (ledger);
    //  the row that is there is told
    assert_false (kept.is_first);
    assert_int_equal (kept.seq, 1);
    assert_int_equal (kept.cost_nusd, 42);
    assert_int_equal (kept.operator_nusd, 43);
    assert_string_equal (world_text (world, "SELECT provider FROM calls"), "openai");
    ledger_sqlite_destroy (&ledger);
}

static void
a_settle_closes_the_intent (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    s_begin (ledger);
    s_intend (ledger, 1, 1, "openai", 1);
    s_intend (ledger, 2, 1, "openai", 1);
    s_commit (ledger);
    s_begin (ledger);
    s_add (ledger, world_entry (1));
    //  an intent that comes too late opens nothing
    s_intend (ledger, 1, 1, "openai", 1);
    s_commit (ledger);
    assert_string_equal (world_text (world, "SELECT hex (call_id) FROM intents"),
                         "00000000000000010000000000000002");
    ledger_sqlite_destroy (&ledger);
}

static void
the_newest_attempt_counts (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    s_begin (ledger);
    s_intend (ledger, 1, 1, "openai", 1);
    s_intend (ledger, 1, 3, "azure", 1);
    s_intend (ledger, 1, 2, "groq", 1);
    s_commit (ledger);
    assert_string_equal (world_text (world, "SELECT provider, attempt FROM intents"),
                         "azure|3");
    ledger_sqlite_destroy (&ledger);
}

static void
intents_of_a_host_that_is_gone_become_lost (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    uint64_t lost = 0;
    s_begin (ledger);
    s_intend (ledger, 1, 2, "openai", 1);
    s_intend (ledger, 2, 1, "openai", 2);
    assert_int_equal (ledger_sqlite_lose_host (ledger, 3, 1, 1750000009000, &lost, NULL),
                      0);
    s_commit (ledger);
    assert_int_equal (lost, 1);
    assert_string_equal (
        world_text (world, "SELECT seq, is_lost, outcome, attempts, usage_known,"
                           " cost_nusd, provider, route, started_ms, settled_ms, account,"
                           " key_id, session, run, agent, step, trace FROM calls"),
        "1|1|lost|2|0|NULL|openai|fast|1750000000000|1750000009000|acme|key-1|talk-1|"
        "run-1|coder|3|0af7651916cd43dd8448eb211c80319c");
    assert_string_equal (world_text (world, "SELECT life FROM intents"), "2");
    s_begin (ledger);
    assert_int_equal (ledger_sqlite_lose_all (ledger, 1, &lost, NULL), 0);
    s_commit (ledger);
    assert_int_equal (lost, 1);
    assert_int_equal (world_number (world, "SELECT count (*) FROM intents"), 0);
    ledger_sqlite_destroy (&ledger);
}

static void
a_lost_call_that_is_settled_after_all_has_two_rows_and_counts_once (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    ledger_sums_t sums;
    uint64_t lost = 0;
    s_begin (ledger);
    s_intend (ledger, 1, 1, "openai", 1);
    ledger_sqlite_lose_all (ledger, 1, &lost, NULL);
    s_commit (ledger);
    assert_int_equal (ledger_sqlite_sums (ledger, &sums, NULL), 0);
    assert_int_equal (sums.rows, 1);
    //  when
    s_begin (ledger);
    assert_int_equal (s_add (ledger, world_entry (1)).seq, 2);
    assert_false (s_add (ledger, world_entry (1)).is_first);
    assert_false (s_add (ledger, s_lost_entry (1)).is_first);
    s_commit (ledger);
    //  then
    assert_string_equal (world_text (world, "SELECT outcome, cost_nusd FROM calls"),
                         "ok|42");
    assert_string_equal (
        world_text (world, "SELECT seq, outcome FROM entries ORDER BY seq"),
        "1|lost 2|ok");
    assert_int_equal (ledger_sqlite_sums (ledger, &sums, NULL), 0);
    assert_int_equal (sums.rows, 1);
    assert_int_equal (sums.cost_nusd, 42);
    ledger_sqlite_destroy (&ledger);
}

static void
a_settle_that_says_lost_is_kept_once (void **state)
{
    ledger_sqlite_t *ledger = world_ledger (*state);
    s_begin (ledger);
    assert_true (s_add (ledger, s_lost_entry (1)).is_first);
    assert_false (s_add (ledger, s_lost_entry (1)).is_first);
    s_commit (ledger);
    ledger_sqlite_destroy (&ledger);
}

static void
a_rollback_leaves_nothing_and_no_gap (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    ledger_sums_t sums;
    s_begin (ledger);
    s_add (ledger, world_entry (1));
    ledger_sqlite_rollback (ledger);
    ledger_sqlite_rollback (ledger);
    assert_int_equal (ledger_sqlite_sums (ledger, &sums, NULL), 0);
    assert_int_equal (sums.rows, 0);
    s_begin (ledger);
    assert_int_equal (s_add (ledger, world_entry (2)).seq, 1);
    s_commit (ledger);
    ledger_sqlite_destroy (&ledger);
}

static void
s_sums_are (ledger_sqlite_t *ledger, uint64_t rows, uint64_t cost, uint64_t input)
{
    ledger_sums_t sums;
    assert_int_equal (ledger_sqlite_sums (ledger, &sums, NULL), 0);
    assert_int_equal (sums.rows, rows);
    assert_int_equal (sums.cost_nusd, cost);
    assert_int_equal (sums.input_tokens, input);
}

static void
rows_that_were_cut_off_are_in_nobodys_way (void **state)
{
    //  given: an end that was cut off, but for its attempts
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    world_add (ledger, 1, 5);
    world_text (world, "DELETE FROM entries WHERE seq > 3");
    world_add (ledger, 11, 1);
    ledger_sqlite_destroy (&ledger);
    assert_string_equal (world_text (world, "SELECT max (seq) FROM entries"), "4");
    assert_string_equal (world_text (world, "SELECT max (seq) FROM attempts"), "4");
}

static void
sums_are_the_same_kept_and_read_anew (void **state)
{
    world_t *world = *state;
    ledger_sqlite_t *ledger = world_ledger (world);
    s_sums_are (ledger, 0, 0, 0);
    world_add (ledger, 1, 10);
    s_begin (ledger);
    s_intend (ledger, 99, 1, "openai", 1);
    s_commit (ledger);
    s_sums_are (ledger, 10, 420, 10000);
    ledger_sums_t sums;
    ledger_sqlite_sums (ledger, &sums, NULL);
    assert_int_equal (sums.open_intents, 1);
    assert_int_equal (sums.output_tokens, 1000);
    ledger_sqlite_destroy (&ledger);
    ledger = world_ledger (world);
    s_sums_are (ledger, 10, 420, 10000);
    //  rows that were taken out count on
    size_t count = 0;
    ledger_spend_prune (ledger_sqlite_spend (ledger), 6, UINT64_MAX, 100, &count, NULL);
    ledger_sqlite_destroy (&ledger);
    ledger = world_ledger (world);
    s_sums_are (ledger, 10, 420, 10000);
    ledger_sqlite_destroy (&ledger);
}

static void
sums_past_64_bits_are_no_error (void **state)
{
    ledger_sqlite_t *ledger = world_ledger (*state);
    s_begin (ledger);
    for (uint64_t i = 0; i < 3; i++) {
        ledger_entry_t entry = world_entry (i);
        entry.usage.input = INT64_MAX;
        s_add (ledger, entry);
    }
    s_commit (ledger);
    s_sums_are (ledger, 3, 126, UINT64_MAX);
    ledger_sqlite_destroy (&ledger);
}

static int
s_expect (void *arg, const ledger_entry_t *entry)
{
    uint64_t *last = arg;
    assert_int_equal (entry->seq, *last + 1);
    assert_int_equal (entry->tries_count, 2);
    assert_string_equal (entry->tries[1].provider, "openai");
    assert_string_equal (entry->tries[0].endpoint, "west");
    *last = entry->seq;
    return *last == 4;
}

static void
rows_are_read_from_a_seq_on_until_it_is_enough (void **state)
{
    ledger_sqlite_t *ledger = world_ledger (*state);
    world_add (ledger, 1, 6);
    uint64_t last = 2;
    assert_int_equal (ledger_sqlite_read (ledger, 3, s_expect, &last, NULL), 0);
    assert_int_equal (last, 4);
    //  and it can be written again
    world_add (ledger, 10, 1);
    ledger_sqlite_destroy (&ledger);
}

static void
a_copy_takes_the_rows_of_its_chain_alone (void **state)
{
    world_t *world = *state;
    br_error_t error = { .code = BR_OK };
    ledger_entry_t rows[2] = { world_entry (1), world_entry (2) };
    static const uint8_t zeros[LEDGER_HASH];
    rows[0].seq = 1;
    ledger_entry_hash (&rows[0], zeros, rows[0].hash);
    rows[1].seq = 2;
    ledger_entry_hash (&rows[1], rows[0].hash, rows[1].hash);
    ledger_store_t *store = ledger_store_new (world->url, &error);
    assert_non_null (store);
    assert_int_equal (ledger_store_add (store, rows, 1, &error), 0);
    assert_int_equal (ledger_store_add (store, rows, 2, &error), 0);
    rows[1].hash[0] ^= 1;
    assert_int_equal (ledger_store_add (store, rows, 2, &error), -1);
    assert_non_null (strstr (error.text, "another chain"));
    assert_int_equal (world_number (world, "SELECT count (*) FROM entries"), 2);
    ledger_store_destroy (&store);
}

static void
tables_of_somebody_else_are_refused (void **state)
{
    world_t *world = *state;
    ledger_file_t file;
    br_error_t error = { .code = BR_OK };
    world_text (world, "CREATE TABLE entries (a)");
    world_text (world, "CREATE TABLE intents (a)");
    world_text (world, "PRAGMA user_version = 3");
    ledger_file_parse (world->url, &file, NULL);
    assert_null (ledger_sqlite_new (&file, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "does not hold our tables"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, world_setup, world_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_row_holds_every_column),
        TEST (the_first_settle_of_a_call_wins),
        TEST (a_settle_closes_the_intent),
        TEST (the_newest_attempt_counts),
        TEST (intents_of_a_host_that_is_gone_become_lost),
        TEST (a_lost_call_that_is_settled_after_all_has_two_rows_and_counts_once),
        TEST (a_settle_that_says_lost_is_kept_once),
        TEST (a_rollback_leaves_nothing_and_no_gap),
        TEST (rows_that_were_cut_off_are_in_nobodys_way),
        TEST (sums_are_the_same_kept_and_read_anew),
        TEST (sums_past_64_bits_are_no_error),
        TEST (rows_are_read_from_a_seq_on_until_it_is_enough),
        TEST (a_copy_takes_the_rows_of_its_chain_alone),
        TEST (tables_of_somebody_else_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
