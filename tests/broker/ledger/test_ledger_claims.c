//  ledger_claims: what is written is read, strictly, and each value is held against the row.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker/ledger/ledger_claims.h"
#include "tests/broker/ledger/ledger_world.h"

//  A row of the ledger of its own, and the receipt of it.
static ledger_entry_t
s_row (const world_t *world, ledger_receipt_t *receipt)
{
    ledger_sqlite_t *ledger = world_ledger (world);
    world_add (ledger, 1, 1);
    ledger_entry_t row = world_entry (2);
    ledger_kept_t kept;
    ledger_sqlite_begin (ledger, NULL);
    assert_int_equal (ledger_sqlite_add (ledger, &row, &kept, NULL), 0);
    ledger_sqlite_commit (ledger, NULL);
    ledger_sqlite_destroy (&ledger);
    memset (receipt, 5, sizeof *receipt);
    receipt->entry = row;
    memcpy (receipt->prev_hash, kept.prev_hash, LEDGER_HASH);
    assert_memory_equal (kept.hash, row.hash, LEDGER_HASH);
    return row;
}

static void
s_write (const ledger_receipt_t *receipt, br_buf_t *json)
{
    br_buf_init (json, LEDGER_RECEIPT_MAX);
    json_writer_t writer = json_writer (json);
    json_open (&writer, NULL, '{');
    ledger_claims_put (receipt, &writer);
    json_close (&writer, '}');
}

static void
a_receipt_of_a_row_says_what_the_row_says (void **state)
{
    ledger_receipt_t receipt, read;
    br_arena_t *arena = br_arena_new ();
    br_buf_t json;
    ledger_entry_t row = s_row (*state, &receipt);
    s_write (&receipt, &json);
    assert_int_equal (ledger_claims_get (&read, json.data, json.size, arena, NULL), 0);
    assert_null (ledger_claims_differ (&read, &row));
    assert_memory_equal (read.request_hash, receipt.request_hash, LEDGER_REQUEST_HASH);
    assert_int_equal (read.entry.tries_count, 0); //  they are not told
    br_buf_free (&json);
    br_arena_destroy (&arena);
}

static void
each_value_that_differs_is_named (void **state)
{
    ledger_receipt_t receipt;
    ledger_entry_t row = s_row (*state, &receipt);
    receipt.entry.cost_nusd++;
    assert_string_equal (ledger_claims_differ (&receipt, &row), "cost_nusd");
    receipt.entry.cost_nusd = LEDGER_UNKNOWN;
    assert_string_equal (ledger_claims_differ (&receipt, &row), "cost_nusd");
    receipt.entry.cost_nusd = row.cost_nusd;
    receipt.entry.model = "gpt-4";
    assert_string_equal (ledger_claims_differ (&receipt, &row), "model");
    receipt.entry.model = row.model;
    receipt.entry.usage.known = false;
    assert_string_equal (ledger_claims_differ (&receipt, &row), "usage_known");
    receipt.entry.usage.known = true;
    receipt.entry.status = 201;
    assert_string_equal (ledger_claims_differ (&receipt, &row), "status");
    receipt.entry.status = row.status;
    receipt.entry.call.lo ^= 1;
    assert_string_equal (ledger_claims_differ (&receipt, &row), "call");
    receipt.entry.call = row.call;
    receipt.entry.hash[3] ^= 1;
    assert_string_equal (ledger_claims_differ (&receipt, &row), "hash");
    receipt.entry.hash[3] ^= 1;
    assert_null (ledger_claims_differ (&receipt, &row));
}

static void
a_row_behind_another_hash_does_not_fit (void **state)
{
    ledger_receipt_t receipt;
    ledger_entry_t row = s_row (*state, &receipt);
    receipt.prev_hash[0] ^= 1;
    assert_string_equal (ledger_claims_differ (&receipt, &row), "prev_hash");
    receipt.prev_hash[0] ^= 1;
    row.key = "another"; //  it is not in a receipt, but under the hash
    assert_string_equal (ledger_claims_differ (&receipt, &row), "prev_hash");
}

static void
texts_that_a_receipt_cuts_are_no_difference (void **state)
{
    char model[400];
    ledger_receipt_t receipt, read;
    br_arena_t *arena = br_arena_new ();
    br_buf_t json;
    memset (model, 'm', sizeof model - 1);
    model[sizeof model - 1] = '\0';
    model[1] = '\xff';
    ledger_entry_t row = s_row (*state, &receipt);
    row.model = receipt.entry.model = model;
    ledger_entry_hash (&row, receipt.prev_hash, row.hash);
    memcpy (receipt.entry.hash, row.hash, LEDGER_HASH);
    s_write (&receipt, &json);
    assert_int_equal (ledger_claims_get (&read, json.data, json.size, arena, NULL), 0);
    assert_int_equal (strlen (read.entry.model), 255);
    assert_null (ledger_claims_differ (&read, &row));
    br_buf_free (&json);
    br_arena_destroy (&arena);
}

static void
what_is_no_payload_is_refused (void **state)
{
    static const char *const texts[] = { "", "[]", "{}", "{\"v\":1}", "{\"v\":2}", "{" };
    (void) state;
    br_arena_t *arena = br_arena_new ();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        br_error_t error = { .code = BR_OK };
        ledger_receipt_t receipt;
        assert_int_equal (
            ledger_claims_get (&receipt, texts[i], strlen (texts[i]), arena, &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
    }
    br_arena_destroy (&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, world_setup, world_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_receipt_of_a_row_says_what_the_row_says),
        TEST (each_value_that_differs_is_named),
        TEST (a_row_behind_another_hash_does_not_fit),
        TEST (texts_that_a_receipt_cuts_are_no_difference),
        TEST (what_is_no_payload_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
