//  idempotency_book: who goes, who waits, who hears what; without a bus.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "actors/idempotency/idempotency_book.h"

#define S 1000000u //  microseconds

typedef struct {
    idempotency_book_t *book;
    uint64_t now_us;
    char said[256]; //  what the queue gave last: "1:go 2:hears "
} desk_t;

static const br_addr_t s_one = { 2, 1, 1 }, s_other = { 3, 1, 1 };

static void
s_begin (desk_t *desk, size_t bytes_max, size_t answer_max)
{
    idempotency_settings_t settings = { .window_ms = 60000 };
    settings.bytes_max = bytes_max;
    settings.answer_max = answer_max;
    *desk = (desk_t) { .book = idempotency_book_new (&settings), .now_us = 1000 * S };
}

static int
s_setup (void **state)
{
    static desk_t desk;
    s_begin (&desk, 1u << 20, 1000);
    *state = &desk;
    return 0;
}

static int
s_teardown (void **state)
{
    desk_t *desk = *state;
    idempotency_book_destroy (&desk->book);
    return 0;
}

static br_id_t
s_id (uint64_t call)
{
    return (br_id_t) { .hi = 7, .lo = call };
}

static void
s_claim_at (desk_t *desk, br_addr_t from, uint64_t call, const char *scope,
            const char *key, char print)
{
    uint8_t fingerprint[IDEMPOTENCY_FINGERPRINT];
    memset (fingerprint, print, sizeof fingerprint);
    struct br_idem_claim claim = { .scope = scope, .key = key };
    claim.fingerprint = (br_bytes_t) { fingerprint, sizeof fingerprint };
    int rc = idempotency_book_claim (desk->book, s_id (call), from, &claim, desk->now_us);
    assert_int_equal (rc, 0);
}

static void
s_claim (desk_t *desk, uint64_t call, const char *key)
{
    s_claim_at (desk, s_one, call, "", key, 'a');
}

static idempotency_claim_t *
s_get (desk_t *desk, uint64_t call)
{
    idempotency_claim_t *claim = idempotency_book_get (desk->book, s_id (call));
    assert_non_null (claim);
    return claim;
}

//  Says all that is due, and tells what it was.
static const char *
s_said (desk_t *desk)
{
    *desk->said = 0;
    idempotency_claim_t *claim = idempotency_book_next (desk->book);
    for (; claim; claim = idempotency_book_next (desk->book)) {
        static const char *const words[] = { [IDEMPOTENCY_GO] = "go",
                                             [IDEMPOTENCY_HEARS] = "hears",
                                             [IDEMPOTENCY_REFUSED] = "no" };
        size_t size = strlen (desk->said);
        snprintf (desk->said + size, sizeof desk->said - size, "%d:%s ",
                  (int) claim->call.lo, words[claim->place]);
        idempotency_book_said (desk->book, claim);
    }
    return desk->said;
}

static void
s_tell (desk_t *desk, uint64_t call, size_t size)
{
    static uint8_t bytes[4096];
    struct br_idem_head head = { .status = 200, .content_type = "" };
    head.provider = head.model = head.guard_rules = "";
    idempotency_book_head (desk->book, s_get (desk, call), &head);
    br_blob_t *blob = br_blob_new (bytes, size);
    idempotency_book_part (desk->book, s_get (desk, call), blob);
    br_blob_destroy (&blob);
}

static void
s_end (desk_t *desk, uint64_t call, bool complete)
{
    idempotency_book_end (desk->book, s_get (desk, call), complete, desk->now_us);
}

//  A whole call, kept.
static void
s_keep (desk_t *desk, uint64_t call, const char *key, size_t size)
{
    s_claim (desk, call, key);
    s_said (desk);
    s_tell (desk, call, size);
    s_end (desk, call, true);
}

static void
s_counts (desk_t *desk, size_t kept, size_t running, size_t waiting)
{
    idempotency_counts_t counts = idempotency_book_counts (desk->book);
    assert_int_equal (counts.kept, kept);
    assert_int_equal (counts.running, running);
    assert_int_equal (counts.waiting, waiting);
}

static void
one_goes_others_wait_and_hear (void **state)
{
    desk_t *desk = *state;
    s_claim (desk, 1, "k");
    s_claim (desk, 2, "k");
    s_claim (desk, 3, "k");
    assert_string_equal (s_said (desk), "1:go ");
    s_counts (desk, 0, 1, 2);
    s_tell (desk, 1, 10);
    assert_string_equal (s_said (desk), "");
    s_end (desk, 1, true);
    assert_string_equal (s_said (desk), "2:hears 3:hears ");
    s_counts (desk, 1, 0, 0);
    s_claim (desk, 4, "k");
    assert_string_equal (s_said (desk), "4:hears ");
    assert_null (idempotency_book_get (desk->book, s_id (1)));
    assert_null (idempotency_book_get (desk->book, s_id (4)));
}

static void
a_call_that_claims_twice_claims_once (void **state)
{
    desk_t *desk = *state;
    s_claim (desk, 1, "k");
    s_claim (desk, 1, "k");
    assert_string_equal (s_said (desk), "1:go ");
    s_counts (desk, 0, 1, 0);
}

static void
keys_and_scopes_are_apart (void **state)
{
    desk_t *desk = *state;
    s_claim_at (desk, s_one, 1, "ab", "c", 'a');
    s_claim_at (desk, s_one, 2, "a", "bc", 'a');
    s_claim_at (desk, s_one, 3, "", "abc", 'a');
    s_claim_at (desk, s_one, 4, "abc", "", 'a');
    assert_string_equal (s_said (desk), "1:go 2:go 3:go 4:go ");
}

static void
another_request_is_refused_while_the_key_is_held (void **state)
{
    desk_t *desk = *state;
    s_claim (desk, 1, "k");
    s_claim_at (desk, s_one, 2, "", "k", 'b');
    assert_int_equal (s_get (desk, 2)->code, BR_ECONFLICT);
    assert_string_equal (s_said (desk), "1:go 2:no ");
    s_tell (desk, 1, 10);
    s_end (desk, 1, true);
    s_claim_at (desk, s_one, 3, "", "k", 'b');
    assert_string_equal (s_said (desk), "3:no ");
    s_claim (desk, 4, "k");
    assert_string_equal (s_said (desk), "4:hears ");
}

static void
a_fingerprint_of_another_length_is_refused (void **state)
{
    desk_t *desk = *state;
    struct br_idem_claim claim = { .scope = "", .key = "k" };
    claim.fingerprint = (br_bytes_t) { (const uint8_t *) "short", 5 };
    idempotency_book_claim (desk->book, s_id (1), s_one, &claim, desk->now_us);
    assert_int_equal (s_get (desk, 1)->code, BR_EINTERNAL);
    assert_string_equal (s_said (desk), "1:no ");
    s_counts (desk, 0, 0, 0);
}

static void
when_the_first_one_fails_the_oldest_goes (void **state)
{
    desk_t *desk = *state;
    for (uint64_t call = 1; call <= 3; call++)
        s_claim (desk, call, "k");
    assert_string_equal (s_said (desk), "1:go ");
    s_tell (desk, 1, 10);
    s_end (desk, 1, false);
    assert_string_equal (s_said (desk), "2:go ");
    s_tell (desk, 2, 20);
    s_end (desk, 2, true);
    assert_string_equal (s_said (desk), "3:hears ");
    s_counts (desk, 1, 0, 0);
}

static void
a_failure_that_nobody_waits_for_leaves_nothing (void **state)
{
    desk_t *desk = *state;
    s_claim (desk, 1, "k");
    s_said (desk);
    s_end (desk, 1, false);
    s_counts (desk, 0, 0, 0);
    assert_int_equal (idempotency_book_counts (desk->book).bytes, 0);
    s_claim_at (desk, s_one, 2, "", "k", 'b');
    assert_string_equal (s_said (desk), "2:go ");
}

static void
who_leaves_makes_way (void **state)
{
    desk_t *desk = *state;
    for (uint64_t call = 1; call <= 4; call++)
        s_claim (desk, call, "k");
    s_said (desk);
    idempotency_book_leave (desk->book, s_get (desk, 2));
    s_counts (desk, 0, 1, 2);
    idempotency_book_leave (desk->book, s_get (desk, 1));
    assert_string_equal (s_said (desk), "3:go ");
    s_tell (desk, 3, 10);
    s_end (desk, 3, true);
    idempotency_book_leave (desk->book, s_get (desk, 4));
    assert_string_equal (s_said (desk), "");
    s_counts (desk, 1, 0, 0);
}

static void
a_host_takes_all_its_calls_along (void **state)
{
    desk_t *desk = *state;
    s_claim_at (desk, s_one, 1, "", "k", 'a');
    s_claim_at (desk, s_one, 2, "", "k", 'a');
    s_claim_at (desk, s_other, 3, "", "k", 'a');
    s_claim_at (desk, s_one, 4, "", "other", 'a');
    assert_string_equal (s_said (desk), "1:go 4:go ");
    idempotency_book_gone (desk->book, s_one.host, s_one.life + 1);
    s_counts (desk, 0, 2, 2);
    idempotency_book_gone (desk->book, s_one.host, s_one.life);
    assert_string_equal (s_said (desk), "3:go ");
    s_counts (desk, 0, 1, 0);
}

static void
too_many_that_wait_are_refused (void **state)
{
    desk_t *desk = *state;
    for (uint64_t call = 1; call <= 1 + IDEMPOTENCY_WAITERS_MAX; call++)
        s_claim (desk, call, "k");
    assert_string_equal (s_said (desk), "1:go ");
    s_claim (desk, 1000, "k");
    assert_int_equal (s_get (desk, 1000)->code, BR_EBUSY);
    assert_string_equal (s_said (desk), "1000:no ");
    s_counts (desk, 0, 1, IDEMPOTENCY_WAITERS_MAX);
}

static void
an_answer_that_is_too_long_is_not_kept (void **state)
{
    desk_t *desk = *state;
    for (uint64_t call = 1; call <= 3; call++)
        s_claim (desk, call, "k");
    s_said (desk);
    s_tell (desk, 1, 1001);
    s_end (desk, 1, true);
    assert_string_equal (s_said (desk), "2:go ");
    s_tell (desk, 2, 1001);
    s_end (desk, 2, true);
    assert_string_equal (s_said (desk), "3:go ");
    s_tell (desk, 3, 1000);
    s_end (desk, 3, true);
    s_counts (desk, 1, 0, 0);
}

static void
after_the_window_the_key_is_free (void **state)
{
    desk_t *desk = *state;
    s_keep (desk, 1, "k", 10);
    desk->now_us += 60 * S - 1;
    s_claim (desk, 2, "k");
    assert_string_equal (s_said (desk), "2:hears ");
    desk->now_us += 1;
    s_claim_at (desk, s_one, 3, "", "k", 'b');
    assert_string_equal (s_said (desk), "3:go ");
}

static void
old_answers_are_forgotten_without_being_asked_for (void **state)
{
    desk_t *desk = *state;
    s_keep (desk, 1, "k", 10);
    desk->now_us += 30 * S;
    s_keep (desk, 2, "l", 10);
    desk->now_us += 30 * S;
    idempotency_book_expire (desk->book, desk->now_us);
    s_counts (desk, 1, 0, 0);
    desk->now_us += 30 * S;
    idempotency_book_expire (desk->book, desk->now_us);
    s_counts (desk, 0, 0, 0);
    assert_int_equal (idempotency_book_counts (desk->book).bytes, 0);
}

static void
room_is_made_by_what_was_used_least_lately (void **state)
{
    (void) state;
    desk_t desk;
    s_begin (&desk, 3 * (IDEMPOTENCY_ENTRY_BYTES + 1000), 1000);
    s_keep (&desk, 1, "a", 900);
    s_keep (&desk, 2, "b", 900);
    s_keep (&desk, 3, "c", 900);
    s_claim (&desk, 4, "a");
    assert_string_equal (s_said (&desk), "4:hears ");
    s_keep (&desk, 5, "d", 900);
    s_counts (&desk, 3, 0, 0);
    s_claim (&desk, 6, "a");
    s_claim (&desk, 7, "c");
    s_claim (&desk, 8, "b");
    assert_string_equal (s_said (&desk), "6:hears 7:hears 8:go ");
    idempotency_book_destroy (&desk.book);
}

static void
answers_under_way_stay_in_the_bound_too (void **state)
{
    (void) state;
    desk_t desk;
    s_begin (&desk, 2 * IDEMPOTENCY_ENTRY_BYTES + 1500, 1000);
    s_claim (&desk, 1, "a");
    s_claim (&desk, 2, "b");
    s_said (&desk);
    s_tell (&desk, 1, 1000);
    s_tell (&desk, 2, 1000);
    assert_true (idempotency_book_counts (desk.book).bytes
                 <= 2 * IDEMPOTENCY_ENTRY_BYTES + 1500);
    s_end (&desk, 2, true);
    s_end (&desk, 1, true);
    s_counts (&desk, 1, 0, 0);
    idempotency_book_destroy (&desk.book);
}

static void
a_smaller_bound_counts_at_once (void **state)
{
    desk_t *desk = *state;
    s_keep (desk, 1, "a", 900);
    s_keep (desk, 2, "b", 900);
    idempotency_settings_t settings = { .window_ms = 60000, .bytes_max = 0 };
    idempotency_book_set (desk->book, &settings);
    s_counts (desk, 0, 0, 0);
    s_keep (desk, 3, "c", 0);
    s_counts (desk, 0, 0, 0);
}

static void
what_was_forgotten_is_still_heard_by_who_hears_it (void **state)
{
    desk_t *desk = *state;
    s_keep (desk, 1, "a", 900);
    s_claim (desk, 2, "a");
    idempotency_claim_t *claim = idempotency_book_next (desk->book);
    idempotency_settings_t settings = { .window_ms = 60000 };
    idempotency_book_set (desk->book, &settings);
    s_counts (desk, 0, 0, 0);
    assert_int_equal (br_blob_size (idempotency_answer_body (claim->answer)), 900);
    idempotency_book_again (desk->book, claim);
    idempotency_book_again (desk->book, claim);
    assert_int_equal (idempotency_book_ready (desk->book), 1);
    assert_string_equal (s_said (desk), "2:hears ");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (one_goes_others_wait_and_hear),
        TEST (a_call_that_claims_twice_claims_once),
        TEST (keys_and_scopes_are_apart),
        TEST (another_request_is_refused_while_the_key_is_held),
        TEST (a_fingerprint_of_another_length_is_refused),
        TEST (when_the_first_one_fails_the_oldest_goes),
        TEST (a_failure_that_nobody_waits_for_leaves_nothing),
        TEST (who_leaves_makes_way),
        TEST (a_host_takes_all_its_calls_along),
        TEST (too_many_that_wait_are_refused),
        TEST (an_answer_that_is_too_long_is_not_kept),
        TEST (after_the_window_the_key_is_free),
        TEST (old_answers_are_forgotten_without_being_asked_for),
        TEST (room_is_made_by_what_was_used_least_lately),
        TEST (answers_under_way_stay_in_the_bound_too),
        TEST (a_smaller_bound_counts_at_once),
        TEST (what_was_forgotten_is_still_heard_by_who_hears_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
