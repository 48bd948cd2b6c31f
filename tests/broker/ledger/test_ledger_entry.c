//  ledger_entry: what the hash of a row covers.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/ledger/ledger_column.h"

static const uint8_t s_zeros[LEDGER_HASH];

static ledger_entry_t
s_entry (void)
{
    ledger_entry_t entry;
    memset (&entry, 0, sizeof entry);
    ledger_entry_init (&entry);
    entry.seq = 1;
    entry.call = (br_id_t) { 1, 2 };
    entry.route = "fast";
    entry.cost_nusd = 7;
    entry.tries_count = 1;
    entry.tries[0] = (br_try_t) {
        .attempt = 1, .provider = "p", .endpoint = "", .model = "m"
    };
    return entry;
}

static bool
s_is_same (const ledger_entry_t *a, const ledger_entry_t *b)
{
    uint8_t left[LEDGER_HASH], right[LEDGER_HASH];
    ledger_entry_hash (a, s_zeros, left);
    ledger_entry_hash (b, s_zeros, right);
    return memcmp (left, right, sizeof left) == 0;
}

static void
an_empty_row_has_no_text_and_no_cost (void **state)
{
    (void) state;
    ledger_entry_t entry;
    ledger_entry_init (&entry);
    assert_string_equal (entry.account, "");
    assert_string_equal (entry.price_version, "");
    assert_int_equal (entry.cost_nusd, LEDGER_UNKNOWN);
    assert_int_equal (entry.operator_nusd, LEDGER_UNKNOWN);
    assert_int_equal (entry.tries_count, 0);
}

static void
the_hash_is_the_same_on_every_machine (void **state)
{
    (void) state;
    ledger_entry_t entry = s_entry ();
    static const uint8_t expected[LEDGER_HASH] = {
        0x79, 0x9f, 0x34, 0x7f, 0xa1, 0x44, 0x9b, 0x80, 0xaa, 0x26, 0xc4,
        0x7e, 0x87, 0xf0, 0x62, 0x65, 0x9e, 0x6b, 0xb0, 0x7a, 0x49, 0xf6,
        0xc8, 0xcf, 0xe0, 0xaf, 0xff, 0xfe, 0x2b, 0x7d, 0xcc, 0x30
    };
    uint8_t hash[LEDGER_HASH];
    ledger_entry_hash (&entry, s_zeros, hash);
    assert_memory_equal (hash, expected, sizeof hash);
}

static void
the_row_before_counts_and_the_own_hash_does_not (void **state)
{
    (void) state;
    ledger_entry_t entry = s_entry ();
    uint8_t hash[LEDGER_HASH], other[LEDGER_HASH], prev[LEDGER_HASH] = { 1 };
    ledger_entry_hash (&entry, s_zeros, hash);
    ledger_entry_hash (&entry, prev, other);
    assert_memory_not_equal (hash, other, sizeof hash);
    entry.hash[3] = 9;
    ledger_entry_hash (&entry, s_zeros, other);
    assert_memory_equal (hash, other, sizeof hash);
}

//  Changes one column, whatever its type is.
static void
s_change (const ledger_column_t *column, void *row)
{
    void *at = (uint8_t *) row + column->offset;
    switch (column->type) {
    case LEDGER_U64: ++*(uint64_t *) at; return;
    case LEDGER_U32: ++*(unsigned *) at; return;
    case LEDGER_FLAG: *(bool *) at = !*(bool *) at; return;
    case LEDGER_COST: ++*(int64_t *) at; return;
    case LEDGER_TEXT: *(const char **) at = "other"; return;
    case LEDGER_CALL: ((br_id_t *) at)->lo++; return;
    case LEDGER_HASHED: return;
    }
}

static void
each_column_counts (void **state)
{
    (void) state;
    const ledger_entry_t entry = s_entry ();
    for (size_t i = 0; i < ledger_entries.columns_count; i++) {
        ledger_entry_t other = entry;
        s_change (&ledger_entries.columns[i], &other);
        bool is_hash = ledger_entries.columns[i].type == LEDGER_HASHED;
        assert_int_equal (s_is_same (&entry, &other), is_hash);
    }
}

static void
each_column_of_an_attempt_counts (void **state)
{
    (void) state;
    const ledger_entry_t entry = s_entry ();
    for (size_t i = 2; i < ledger_attempts.columns_count; i++) {
        ledger_entry_t other = entry;
        ledger_try_t attempt = { 1, 0, entry.tries[0] };
        s_change (&ledger_attempts.columns[i], &attempt);
        other.tries[0] = attempt.row;
        assert_false (s_is_same (&entry, &other));
    }
    ledger_entry_t other = entry;
    other.tries_count = 0;
    assert_false (s_is_same (&entry, &other));
}

static void
texts_cannot_flow_into_each_other (void **state)
{
    (void) state;
    ledger_entry_t a = s_entry (), b = s_entry ();
    a.route = "ab";
    a.provider = "c";
    b.route = "a";
    b.provider = "bc";
    assert_false (s_is_same (&a, &b));
    //  an unknown cost is not 0, and not the greatest
    a = b = s_entry ();
    a.cost_nusd = LEDGER_UNKNOWN;
    b.cost_nusd = 0;
    assert_false (s_is_same (&a, &b));
}

static void
a_copy_has_its_own_texts (void **state)
{
    (void) state;
    char route[8] = "fast", provider[8] = "p";
    ledger_entry_t entry = s_entry (), copy;
    entry.route = route;
    entry.tries[0].provider = provider;
    br_arena_t *arena = br_arena_new ();
    ledger_entry_copy (&copy, &entry, arena);
    assert_true (s_is_same (&entry, &copy));
    strcpy (route, "slow");
    strcpy (provider, "q");
    assert_string_equal (copy.route, "fast");
    assert_string_equal (copy.tries[0].provider, "p");
    br_arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_empty_row_has_no_text_and_no_cost),
        cmocka_unit_test (the_hash_is_the_same_on_every_machine),
        cmocka_unit_test (the_row_before_counts_and_the_own_hash_does_not),
        cmocka_unit_test (each_column_counts),
        cmocka_unit_test (each_column_of_an_attempt_counts),
        cmocka_unit_test (texts_cannot_flow_into_each_other),
        cmocka_unit_test (a_copy_has_its_own_texts),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
