//  quota_keys: a bounded table with places, an order of use, and the arithmetic of a lease.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/quota_keys.h"

static int
s_setup (void **state)
{
    *state = quota_keys_new ();
    return 0;
}

static int
s_teardown (void **state)
{
    quota_keys_t *keys = *state;
    quota_keys_destroy (&keys);
    assert_null (keys);
    quota_keys_destroy (&keys);
    return 0;
}

static void
a_key_is_found_by_kind_and_name_and_by_its_place (void **state)
{
    quota_keys_t *keys = *state;
    quota_key_t *one = quota_keys_add (keys, QUOTA_CALLER, "a");
    quota_key_t *two = quota_keys_add (keys, QUOTA_MODEL, "a");
    assert_ptr_equal (quota_keys_find (keys, QUOTA_CALLER, "a"), one);
    assert_ptr_equal (quota_keys_find (keys, QUOTA_MODEL, "a"), two);
    assert_null (quota_keys_find (keys, QUOTA_PROVIDER, "a"));
    assert_null (quota_keys_find (keys, QUOTA_CALLER, "ab"));
    assert_ptr_equal (quota_keys_at (keys, one->index), one);
    quota_keys_forget (keys, one);
    assert_null (quota_keys_find (keys, QUOTA_CALLER, "a"));
    assert_int_equal (quota_keys_size (keys), 1);
}

static void
a_long_name_counts_by_its_beginning (void **state)
{
    quota_keys_t *keys = *state;
    char name[2 * QUOTA_KEY_MAX];
    memset (name, 'x', sizeof name);
    name[sizeof name - 1] = 0;
    quota_key_t *key = quota_keys_add (keys, QUOTA_CALLER, name);
    assert_int_equal (strlen (key->name), QUOTA_KEY_MAX);
    name[sizeof name - 2] = 'y';
    assert_ptr_equal (quota_keys_find (keys, QUOTA_CALLER, name), key);
    name[0] = 'y';
    assert_null (quota_keys_find (keys, QUOTA_CALLER, name));
}

static void
the_one_that_was_used_longest_ago_is_the_oldest (void **state)
{
    quota_keys_t *keys = *state;
    quota_key_t *one = quota_keys_add (keys, QUOTA_CALLER, "1");
    quota_key_t *two = quota_keys_add (keys, QUOTA_CALLER, "2");
    quota_key_t *three = quota_keys_add (keys, QUOTA_CALLER, "3");
    assert_ptr_equal (quota_keys_oldest (keys), one);
    quota_keys_use (keys, one, 5);
    assert_int_equal (one->used_us, 5);
    assert_ptr_equal (quota_keys_oldest (keys), two);
    quota_keys_use (keys, three, 6);
    assert_ptr_equal (quota_keys_oldest (keys)->newer, one);
    assert_ptr_equal (one->newer, three);
    quota_keys_forget (keys, one);
    assert_ptr_equal (two->newer, three);
}

static void
a_full_table_takes_no_more_until_one_leaves (void **state)
{
    quota_keys_t *keys = *state;
    char name[16];
    for (int i = 0; i < QUOTA_KEYS_MAX; i++) {
        snprintf (name, sizeof name, "%d", i);
        assert_non_null (quota_keys_add (keys, QUOTA_CALLER, name));
    }
    assert_null (quota_keys_add (keys, QUOTA_CALLER, "more"));
    quota_keys_forget (keys, quota_keys_find (keys, QUOTA_CALLER, "17"));
    assert_non_null (quota_keys_add (keys, QUOTA_CALLER, "more"));
    assert_int_equal (quota_keys_size (keys), QUOTA_KEYS_MAX);
}

static void
takers_stand_in_line_and_leave_from_anywhere (void **state)
{
    quota_keys_t *keys = *state;
    quota_key_t *key = quota_keys_add (keys, QUOTA_CALLER, "a");
    quota_taker_t takers[3] = { { .number = 1 }, { .number = 2 }, { .number = 3 } };
    for (int i = 0; i < 3; i++)
        quota_key_join (key, &takers[i]);
    quota_key_part (&takers[1]);
    assert_ptr_equal (key->first, &takers[0]);
    assert_ptr_equal (key->first->next, &takers[2]);
    quota_key_part (&takers[0]);
    assert_ptr_equal (key->first, &takers[2]);
    quota_key_part (&takers[2]);
    assert_null (key->first);
    assert_null (key->last);
}

static void
a_lease_lacks_what_is_not_at_hand (void **state)
{
    quota_keys_t *keys = *state;
    quota_key_t *key = quota_keys_add (keys, QUOTA_CALLER, "a");
    quota_amount_t grant = { .requests = 2, .tokens = QUOTA_FREE, .slots = 1 };
    quota_amount_t want = { .requests = 1, .tokens = 1000000, .slots = 1 };
    quota_key_grant (key, &grant);
    quota_amount_t lacks = quota_key_lacks (key, &want);
    assert_true (quota_amount_is_none (&lacks));
    //  then: of what is not limited nothing is taken
    quota_amount_t taken = quota_key_take (key, &want);
    assert_int_equal (taken.requests, 1);
    assert_int_equal (taken.tokens, 0);
    assert_int_equal (taken.slots, 1);
    assert_int_equal (key->out, 1);
    lacks = quota_key_lacks (key, &want);
    assert_int_equal (lacks.requests, 0);
    assert_int_equal (lacks.tokens, 0);
    assert_int_equal (lacks.slots, 1);
}

static void
no_more_slots_come_back_than_calls_hold (void **state)
{
    quota_keys_t *keys = *state;
    quota_key_t *key = quota_keys_add (keys, QUOTA_CALLER, "a");
    quota_amount_t two = { .slots = 2 };
    quota_key_grant (key, &two);
    quota_key_take (key, &two);
    quota_key_put (key, &(quota_amount_t) { .slots = 5, .tokens = 7 });
    assert_int_equal (key->hand.slots, 2);
    assert_int_equal (key->hand.tokens, 7);
    assert_int_equal (key->out, 0);
    quota_key_put (key, &two);
    assert_int_equal (key->hand.slots, 2);
}

static void
what_was_not_limited_may_become_so (void **state)
{
    quota_keys_t *keys = *state;
    quota_key_t *key = quota_keys_add (keys, QUOTA_CALLER, "a");
    quota_key_grant (key, &(quota_amount_t) { QUOTA_FREE, QUOTA_FREE, QUOTA_FREE });
    quota_key_put (key, &(quota_amount_t) { .requests = 1 });
    assert_int_equal (key->hand.requests, QUOTA_FREE);
    quota_key_grant (key, &(quota_amount_t) { 3, QUOTA_FREE, QUOTA_FREE });
    assert_int_equal (key->hand.requests, 3);
    assert_int_equal (key->hand.tokens, QUOTA_FREE);
    key->told = true;
    quota_key_stale (key);
    assert_int_equal (key->hand.requests, 3);
    assert_int_equal (key->hand.tokens, 0);
    assert_int_equal (key->hand.slots, 0);
    assert_false (key->told);
}

static void
another_owner_has_lent_nothing (void **state)
{
    quota_keys_t *keys = *state;
    quota_key_t *key = quota_keys_add (keys, QUOTA_CALLER, "a");
    quota_key_renew (key, 1);
    quota_key_grant (key, &(quota_amount_t) { 3, 3, 3 });
    quota_key_renew (key, 1);
    assert_int_equal (key->hand.requests, 3);
    quota_key_renew (key, 2);
    assert_true (quota_amount_is_none (&key->hand));
}

static void
other_limits_of_its_own_make_what_was_told_stale (void **state)
{
    quota_keys_t *keys = *state;
    quota_key_t *key = quota_keys_add (keys, QUOTA_CALLER, "a");
    quota_key_grant (key, &(quota_amount_t) { 3, QUOTA_FREE, QUOTA_FREE });
    key->told = true;
    quota_key_own (key, &(quota_own_t) { .requests = 0 }, 4);
    assert_true (key->told);
    quota_key_own (key, &(quota_own_t) { .tokens = 9 }, 5);
    assert_false (key->told);
    assert_int_equal (key->changed, 5);
    assert_int_equal (key->hand.requests, 3);
    assert_int_equal (key->hand.tokens, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_key_is_found_by_kind_and_name_and_by_its_place),
        TEST (a_long_name_counts_by_its_beginning),
        TEST (the_one_that_was_used_longest_ago_is_the_oldest),
        TEST (a_full_table_takes_no_more_until_one_leaves),
        TEST (takers_stand_in_line_and_leave_from_anywhere),
        TEST (a_lease_lacks_what_is_not_at_hand),
        TEST (no_more_slots_come_back_than_calls_hold),
        TEST (what_was_not_limited_may_become_so),
        TEST (another_owner_has_lent_nothing),
        TEST (other_limits_of_its_own_make_what_was_told_stale),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
