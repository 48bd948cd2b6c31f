//  meter_ledger: rows, intents, first ones and lost ones, on a real file.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/actors/meter/scratch.h"

static const br_addr_t s_router = { .host = 3, .life = 1, .actor = 2 };
static const meter_cost_t s_cost = { .nusd = 42, .operator_nusd = 42 };

static int
s_setup (void **state)
{
    *state = calloc (1, sizeof (scratch_t));
    scratch_make (*state);
    return 0;
}

static int
s_teardown (void **state)
{
    scratch_remove (*state);
    free (*state);
    return 0;
}

static void
s_begin (meter_ledger_t *ledger)
{
    assert_int_equal (meter_ledger_begin (ledger, NULL), 0);
}

static void
s_commit (meter_ledger_t *ledger)
{
    assert_int_equal (meter_ledger_commit (ledger, NULL), 0);
}

static bool
s_add (meter_ledger_t *ledger, uint64_t lo, const struct br_call_settle *settle)
{
    bool is_first = false;
    assert_int_equal (meter_ledger_add_call (ledger, (br_id_t) { 1, lo }, settle, &s_cost,
                                             1750000002000, &is_first, NULL),
                      0);
    return is_first;
}

static void
s_intend (meter_ledger_t *ledger, uint64_t lo, uint32_t attempt, const char *provider,
          br_addr_t router)
{
    struct br_call_intent intent = scratch_intent ();
    intent.provider = provider;
    assert_int_equal (meter_ledger_add_intent (ledger, (br_id_t) { 1, lo }, attempt,
                                               &intent, router, NULL),
                      0);
}

static void
a_row_holds_every_column (void **state)
{
    scratch_t *scratch = *state;
    meter_ledger_t *ledger = scratch_ledger (scratch);
    assert_string_equal (meter_ledger_path (ledger), scratch->path);
    struct br_call_settle settle = scratch_settle ();
    settle.cache_read_tokens = 30;
    settle.cache_write_tokens = 20;
    settle.reasoning_tokens = 10;
    settle.outcome = BR_OUTCOME_FAILED;
    settle.code = BR_EUPCUT;
    settle.attempts = 2;
    meter_cost_t cost = { .nusd = METER_UNKNOWN, .operator_nusd = 5 };
    bool is_first = false;
    s_begin (ledger);
    br_id_t call = { 0x0102030405060708, 0xf1f2f3f4f5f6f7f8 };
    assert_int_equal (meter_ledger_add_call (ledger, call, &settle, &cost, 1750000002000,
                                             &is_first, NULL),
                      0);
    s_commit (ledger);
    assert_true (is_first);
    assert_string_equal (
        scratch_text (scratch,
                      "SELECT hex (call_id), request_id, route, provider, model, outcome,"
                      " status, error_type, stream, attempts, usage_known FROM calls"),
        "0102030405060708F1F2F3F4F5F6F7F8|req-1|fast|openai|gpt-4o|failed|200|"
        "upstream_truncated|1|2|1");
    assert_string_equal (
        scratch_text (scratch,
                      "SELECT input_tokens, cache_read_tokens, cache_write_tokens,"
                      " output_tokens, reasoning_tokens, cost_nusd, operator_nusd,"
                      " started_ms, latency_us, first_us, settled_ms FROM calls"),
        "1000|30|20|100|10|NULL|5|1750000000000|1500000|250000|1750000002000");
    meter_ledger_destroy (&ledger);
    assert_null (ledger);
}

static void
the_first_settle_of_a_call_wins (void **state)
{
    scratch_t *scratch = *state;
    meter_ledger_t *ledger = scratch_ledger (scratch);
    struct br_call_settle settle = scratch_settle ();
    s_begin (ledger);
    assert_true (s_add (ledger, 1, &settle));
    settle.provider = "other";
    assert_false (s_add (ledger, 1, &settle));
    s_commit (ledger);
    s_begin (ledger);
    assert_false (s_add (ledger, 1, &settle));
    s_commit (ledger);
    assert_string_equal (scratch_text (scratch, "SELECT provider FROM calls"), "openai");
    meter_ledger_destroy (&ledger);
}

static void
a_settle_closes_the_intent (void **state)
{
    scratch_t *scratch = *state;
    meter_ledger_t *ledger = scratch_ledger (scratch);
    struct br_call_settle settle = scratch_settle ();
    s_begin (ledger);
    s_intend (ledger, 1, 1, "openai", s_router);
    s_intend (ledger, 2, 1, "openai", s_router);
    s_commit (ledger);
    s_begin (ledger);
    s_add (ledger, 1, &settle);
    //  an intent that comes too late opens nothing
    s_intend (ledger, 1, 1, "openai", s_router);
    s_commit (ledger);
    assert_string_equal (scratch_text (scratch, "SELECT hex (call_id) FROM intents"),
                         "00000000000000010000000000000002");
    meter_ledger_destroy (&ledger);
}

static void
the_newest_attempt_counts (void **state)
{
    scratch_t *scratch = *state;
    meter_ledger_t *ledger = scratch_ledger (scratch);
    s_begin (ledger);
    s_intend (ledger, 1, 1, "openai", s_router);
    s_intend (ledger, 1, 3, "azure", s_router);
    s_intend (ledger, 1, 2, "groq", s_router);
    s_commit (ledger);
    assert_string_equal (scratch_text (scratch, "SELECT provider, attempt FROM intents"),
                         "azure|3");
    meter_ledger_destroy (&ledger);
}

static void
intents_of_a_host_that_is_gone_become_lost (void **state)
{
    scratch_t *scratch = *state;
    meter_ledger_t *ledger = scratch_ledger (scratch);
    const br_addr_t next_life = { .host = 3, .life = 2, .actor = 2 };
    uint64_t lost = 0;
    s_begin (ledger);
    s_intend (ledger, 1, 2, "openai", s_router);
    s_intend (ledger, 2, 1, "openai", next_life);
    assert_int_equal (meter_ledger_lose_host (ledger, 3, 1, 1750000009000, &lost, NULL),
                      0);
    s_commit (ledger);
    assert_int_equal (lost, 1);
    assert_string_equal (
        scratch_text (scratch,
                      "SELECT outcome, attempts, usage_known, cost_nusd, provider, route,"
                      " started_ms, settled_ms FROM calls"),
        "lost|2|0|NULL|openai|fast|1750000000000|1750000009000");
    assert_string_equal (scratch_text (scratch, "SELECT life FROM intents"), "2");
    s_begin (ledger);
    assert_int_equal (meter_ledger_lose_all (ledger, 1, &lost, NULL), 0);
    s_commit (ledger);
    assert_int_equal (lost, 1);
    assert_int_equal (scratch_number (scratch, "SELECT count (*) FROM intents"), 0);
    meter_ledger_destroy (&ledger);
}

static void
a_lost_call_that_is_settled_after_all_is_found_again (void **state)
{
    scratch_t *scratch = *state;
    meter_ledger_t *ledger = scratch_ledger (scratch);
    struct br_call_settle settle = scratch_settle ();
    meter_sums_t sums;
    uint64_t lost = 0;
    s_begin (ledger);
    s_intend (ledger, 1, 1, "openai", s_router);
    meter_ledger_lose_all (ledger, 1, &lost, NULL);
    s_commit (ledger);
    assert_int_equal (meter_ledger_sums (ledger, &sums, NULL), 0);
    assert_int_equal (sums.rows, 1);
    //  when
    s_begin (ledger);
    assert_true (s_add (ledger, 1, &settle));
    assert_false (s_add (ledger, 1, &settle));
    s_commit (ledger);
    //  then
    assert_string_equal (scratch_text (scratch, "SELECT outcome, cost_nusd FROM calls"),
                         "ok|42");
    assert_int_equal (meter_ledger_sums (ledger, &sums, NULL), 0);
    assert_int_equal (sums.rows, 1);
    assert_int_equal (sums.cost_nusd, 42);
    meter_ledger_destroy (&ledger);
}

static void
a_settle_that_says_lost_is_kept_once (void **state)
{
    scratch_t *scratch = *state;
    meter_ledger_t *ledger = scratch_ledger (scratch);
    struct br_call_settle settle = scratch_settle ();
    settle.outcome = BR_OUTCOME_LOST;
    s_begin (ledger);
    assert_true (s_add (ledger, 1, &settle));
    assert_false (s_add (ledger, 1, &settle));
    s_commit (ledger);
    meter_ledger_destroy (&ledger);
}

static void
a_rollback_leaves_nothing (void **state)
{
    scratch_t *scratch = *state;
    meter_ledger_t *ledger = scratch_ledger (scratch);
    struct br_call_settle settle = scratch_settle ();
    meter_sums_t sums;
    s_begin (ledger);
    s_add (ledger, 1, &settle);
    meter_ledger_rollback (ledger);
    meter_ledger_rollback (ledger);
    s_begin (ledger);
    s_commit (ledger);
    assert_int_equal (meter_ledger_sums (ledger, &sums, NULL), 0);
    assert_int_equal (sums.rows, 0);
    meter_ledger_destroy (&ledger);
}

static void
s_sums_are (meter_ledger_t *ledger, uint64_t rows, uint64_t cost, uint64_t input)
{
    meter_sums_t sums;
    assert_int_equal (meter_ledger_sums (ledger, &sums, NULL), 0);
    assert_int_equal (sums.rows, rows);
    assert_int_equal (sums.cost_nusd, cost);
    assert_int_equal (sums.input_tokens, input);
}

static void
sums_are_the_same_kept_and_read_anew (void **state)
{
    scratch_t *scratch = *state;
    meter_ledger_t *ledger = scratch_ledger (scratch);
    struct br_call_settle settle = scratch_settle ();
    s_sums_are (ledger, 0, 0, 0);
    s_begin (ledger);
    for (uint64_t i = 0; i < 10; i++)
        s_add (ledger, i, &settle);
    s_intend (ledger, 99, 1, "openai", s_router);
    s_commit (ledger);
    s_sums_are (ledger, 10, 420, 10000);
    meter_sums_t sums;
    meter_ledger_sums (ledger, &sums, NULL);
    assert_int_equal (sums.open_intents, 1);
    assert_int_equal (sums.output_tokens, 1000);
    meter_ledger_destroy (&ledger);
    ledger = scratch_ledger (scratch);
    s_sums_are (ledger, 10, 420, 10000);
    meter_ledger_destroy (&ledger);
}

static void
sums_past_64_bits_are_no_error (void **state)
{
    scratch_t *scratch = *state;
    meter_ledger_t *ledger = scratch_ledger (scratch);
    struct br_call_settle settle = scratch_settle ();
    settle.input_tokens = UINT64_MAX;
    s_begin (ledger);
    for (uint64_t i = 0; i < 3; i++)
        s_add (ledger, i, &settle);
    s_commit (ledger);
    s_sums_are (ledger, 3, 126, UINT64_MAX);
    assert_string_equal (scratch_text (scratch, "SELECT max (input_tokens) FROM calls"),
                         "9223372036854775807");
    meter_ledger_destroy (&ledger);
}

static void
tables_of_somebody_else_are_refused (void **state)
{
    scratch_t *scratch = *state;
    meter_database_t database;
    br_error_t error = { .code = BR_OK };
    scratch_text (scratch, "CREATE TABLE calls (a)");
    scratch_text (scratch, "CREATE TABLE intents (a)");
    scratch_text (scratch, "PRAGMA user_version = 2");
    meter_database_parse (scratch->url, &database, NULL);
    assert_null (meter_ledger_new (&database, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "does not hold our tables"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_row_holds_every_column),
        TEST (the_first_settle_of_a_call_wins),
        TEST (a_settle_closes_the_intent),
        TEST (the_newest_attempt_counts),
        TEST (intents_of_a_host_that_is_gone_become_lost),
        TEST (a_lost_call_that_is_settled_after_all_is_found_again),
        TEST (a_settle_that_says_lost_is_kept_once),
        TEST (a_rollback_leaves_nothing),
        TEST (sums_are_the_same_kept_and_read_anew),
        TEST (sums_past_64_bits_are_no_error),
        TEST (tables_of_somebody_else_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
