//  limits_keys: a bounded table of levels, and who holds slots.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "actors/limits/limits_keys.h"

static const limits_rule_t s_rule = { .requests = 10, .tokens = 100, .concurrency = 5 };

static int
s_setup (void **state)
{
    *state = limits_keys_new ();
    return 0;
}

static int
s_teardown (void **state)
{
    limits_keys_t *keys = *state;
    limits_keys_destroy (&keys);
    assert_null (keys);
    limits_keys_destroy (&keys);
    return 0;
}

static limits_key_t *
s_get (limits_keys_t *keys, const char *name, uint64_t now_us)
{
    return limits_keys_get (keys, "caller", name, &s_rule, now_us);
}

static void
a_key_is_made_once (void **state)
{
    limits_keys_t *keys = *state;
    limits_key_t *key = s_get (keys, "a", 1);
    assert_int_equal (limits_bucket_rest (&key->requests, 1), 10);
    assert_int_equal (limits_bucket_rest (&key->tokens, 1), 100);
    assert_int_equal (key->concurrency, 5);
    limits_bucket_take (&key->requests, 4, 1);
    assert_ptr_equal (s_get (keys, "a", 1), key);
    assert_int_equal (limits_bucket_rest (&key->requests, 1), 6);
    assert_ptr_equal (limits_keys_find (keys, "caller", "a"), key);
    assert_null (limits_keys_find (keys, "model", "a"));
    assert_null (limits_keys_find (keys, "calle", "ra"));
    assert_int_equal (limits_keys_size (keys), 1);
}

static void
the_newest_is_the_one_used_last (void **state)
{
    limits_keys_t *keys = *state;
    limits_key_t *one = s_get (keys, "1", 1);
    limits_key_t *two = s_get (keys, "2", 1);
    assert_ptr_equal (limits_keys_newest (keys), two);
    s_get (keys, "1", 1);
    assert_ptr_equal (limits_keys_newest (keys), one);
    assert_ptr_equal (one->older, two);
    limits_keys_forget (keys, one);
    assert_ptr_equal (limits_keys_newest (keys), two);
}

static void
a_key_that_is_full_again_makes_room (void **state)
{
    limits_keys_t *keys = *state;
    char name[16];
    for (int i = 0; i < LIMITS_KEYS_MAX; i++) {
        snprintf (name, sizeof name, "%d", i);
        limits_bucket_take (&s_get (keys, name, 1)->requests, 1, 1);
    }
    assert_null (s_get (keys, "more", 1));
    //  when: a slot of the oldest is held, and a minute passes
    br_addr_t who = { 1, 1, 1 };
    limits_key_hold (limits_keys_find (keys, "caller", "0"), who, 1);
    assert_non_null (s_get (keys, "more", 60000001));
    assert_non_null (limits_keys_find (keys, "caller", "0"));
    assert_null (limits_keys_find (keys, "caller", "1"));
    assert_int_equal (limits_keys_size (keys), LIMITS_KEYS_MAX);
}

static void
slots_come_back_to_whom_they_were_lent (void **state)
{
    limits_key_t *key = s_get (*state, "a", 1);
    br_addr_t one = { 1, 1, 1 }, two = { 1, 1, 2 }, other = { 2, 7, 1 };
    limits_key_hold (key, one, 2);
    limits_key_hold (key, two, 1);
    limits_key_hold (key, one, 1);
    limits_key_hold (key, other, 4);
    assert_int_equal (key->slots, 8);
    limits_key_release (key, one, 2);
    assert_int_equal (key->slots, 6);
    limits_key_release (key, one, 99);
    assert_int_equal (key->slots, 5);
    limits_key_release (key, one, 1);
    assert_int_equal (key->slots, 5);
    limits_key_gone (key, 2, 6);
    assert_int_equal (key->slots, 5);
    limits_key_gone (key, 2, 7);
    assert_int_equal (key->slots, 1);
    limits_key_gone (key, 1, 1);
    assert_int_equal (key->slots, 0);
    assert_int_equal (key->holders_size, 0);
}

static void
too_many_holders_get_none (void **state)
{
    limits_key_t *key = s_get (*state, "a", 1);
    for (uint32_t i = 1; i <= LIMITS_HOLDERS_MAX; i++)
        assert_int_equal (limits_key_hold (key, (br_addr_t) { i, 1, 1 }, 1), 0);
    assert_int_equal (limits_key_hold (key, (br_addr_t) { 9999, 1, 1 }, 1), -1);
    assert_int_equal (limits_key_hold (key, (br_addr_t) { 9, 1, 1 }, 1), 0);
    assert_int_equal (key->slots, LIMITS_HOLDERS_MAX + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_key_is_made_once),
        TEST (the_newest_is_the_one_used_last),
        TEST (a_key_that_is_full_again_makes_room),
        TEST (slots_come_back_to_whom_they_were_lent),
        TEST (too_many_holders_get_none),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
