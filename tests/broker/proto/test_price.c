//  price: values worked out by hand.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/proto/price.h"

#define NO BR_PRICE_NO_RATE

static br_price_t
s_price (int64_t input, int64_t cache_read, int64_t cache_write, int64_t output,
         int64_t reasoning)
{
    br_price_t price;
    br_price_init (&price);
    price.base.nusd[BR_PRICE_INPUT] = input;
    price.base.nusd[BR_PRICE_CACHE_READ] = cache_read;
    price.base.nusd[BR_PRICE_CACHE_WRITE] = cache_write;
    price.base.nusd[BR_PRICE_OUTPUT] = output;
    price.base.nusd[BR_PRICE_REASONING] = reasoning;
    return price;
}

static br_usage_t
s_usage (uint64_t input, uint64_t cache_read, uint64_t cache_write, uint64_t output,
         uint64_t reasoning)
{
    return (br_usage_t) { .known = true,
                          .input = input,
                          .cache_read = cache_read,
                          .cache_write = cache_write,
                          .output = output,
                          .reasoning = reasoning };
}

static void
s_costs (br_price_t price, br_usage_t usage, int64_t nusd)
{
    assert_int_equal (br_price_nusd (&price, &usage), nusd);
}

static void
each_bucket_has_its_rate (void **state)
{
    (void) state;
    //  2.50 USD in, 1.25 read, 3.00 written, 10 out, 12 reasoning, per million tokens:
    //  600 x 2500 + 300 x 1250 + 100 x 3000 + 150 x 10000 + 50 x 12000 nano-USD
    br_price_t price = s_price (2500000000, 1250000000, 3000000000, 10000000000,
                                12000000000);
    s_costs (price, s_usage (1000, 300, 100, 200, 50),
             1500000 + 375000 + 300000 + 1500000 + 600000);
    s_costs (price, s_usage (0, 0, 0, 0, 0), 0);
    s_costs (price, s_usage (1, 0, 0, 0, 0), 2500);
}

static void
missing_rates_have_stand_ins (void **state)
{
    (void) state;
    br_price_t price = s_price (2000000, NO, NO, 6000000, NO);
    s_costs (price, s_usage (10, 3, 2, 10, 4), 20 + 60);
    //  and a stand-in of 0 is free, not missing
    s_costs (s_price (0, NO, NO, 6000000, NO), s_usage (10, 3, 2, 10, 4), 60);
}

static void
it_rounds_once_and_half_up (void **state)
{
    (void) state;
    s_costs (s_price (499999, NO, NO, NO, NO), s_usage (1, 0, 0, 0, 0), 0);
    s_costs (s_price (500000, NO, NO, NO, NO), s_usage (1, 0, 0, 0, 0), 1);
    s_costs (s_price (500000, NO, NO, NO, NO), s_usage (3, 0, 0, 0, 0), 2);
    //  two buckets of 0.4: 0.8 is 1, where each for itself would be 0
    s_costs (s_price (400000, NO, NO, 400000, NO), s_usage (1, 0, 0, 1, 0), 1);
}

static void
no_price_is_unknown_and_zero_is_free (void **state)
{
    (void) state;
    br_usage_t usage = s_usage (10, 0, 0, 10, 0);
    assert_int_equal (br_price_nusd (NULL, &usage), BR_PRICE_UNKNOWN);
    s_costs (s_price (NO, NO, NO, NO, NO), usage, BR_PRICE_UNKNOWN);
    s_costs (s_price (NO, NO, NO, NO, NO), s_usage (0, 0, 0, 0, 0), BR_PRICE_UNKNOWN);
    s_costs (s_price (0, NO, NO, 0, NO), usage, 0);
    //  a rate that is needed and missing
    s_costs (s_price (1000000, NO, NO, NO, NO), usage, BR_PRICE_UNKNOWN);
    s_costs (s_price (1000000, NO, NO, NO, NO), s_usage (10, 0, 0, 0, 0), 10);
    s_costs (s_price (NO, 1000000, NO, NO, NO), s_usage (10, 4, 0, 0, 0),
             BR_PRICE_UNKNOWN);
    s_costs (s_price (NO, 1000000, NO, NO, NO), s_usage (4, 4, 0, 0, 0), 4);
}

static void
an_unknown_usage_is_unknown_but_an_estimate_counts (void **state)
{
    (void) state;
    br_usage_t usage = { .known = false };
    s_costs (s_price (1000000, NO, NO, 2000000, NO), usage, BR_PRICE_UNKNOWN);
    s_costs (s_price (0, NO, NO, 0, NO), usage, 0);
    usage.output = 7;
    s_costs (s_price (1000000, NO, NO, 2000000, NO), usage, 14);
}

static void
parts_greater_than_their_total_are_cut (void **state)
{
    (void) state;
    s_costs (s_price (1000000, 2000000, 3000000, 4000000, 5000000),
             s_usage (10, 8, 8, 3, 9), 8 * 2 + 2 * 3 + 3 * 5);
}

static void
large_numbers_do_not_overflow (void **state)
{
    (void) state;
    br_price_t price = s_price (BR_PRICE_RATE_MAX, BR_PRICE_RATE_MAX, BR_PRICE_RATE_MAX,
                                BR_PRICE_RATE_MAX, BR_PRICE_RATE_MAX);
    s_costs (price, s_usage (UINT64_MAX, 1, 1, UINT64_MAX, 1), INT64_MAX);
    //  4 x 10^9 tokens at 10^9 each: past 64 bits before the division
    s_costs (price, s_usage (4000000000, 0, 0, 0, 0), 4000000000000000000);
}

static void
a_tier_prices_the_whole_call (void **state)
{
    (void) state;
    //  given: from 201 tokens on other rates, from 1001 on others again; reading from a
    //  cache is the base's everywhere
    br_price_t price = s_price (1000000, 100000, NO, 2000000, NO);
    price.tiers[0].above = 1000;
    price.tiers[0].rates.nusd[BR_PRICE_INPUT] = 4000000;
    price.tiers[1].above = 200;
    price.tiers[1].rates.nusd[BR_PRICE_INPUT] = 2000000;
    price.tiers[1].rates.nusd[BR_PRICE_OUTPUT] = 3000000;
    price.tiers_size = 2;
    //  then
    s_costs (price, s_usage (200, 0, 0, 10, 0), 200 + 20);
    s_costs (price, s_usage (201, 0, 0, 10, 0), 402 + 30);
    s_costs (price, s_usage (201, 100, 0, 0, 0), 202 + 10);
    s_costs (price, s_usage (1001, 0, 1, 10, 0), 4004 + 20);
}

static void
who_owes_what_depends_on_the_end (void **state)
{
    (void) state;
    br_price_t price = s_price (1000000, NO, NO, 1000000, NO);
    br_usage_t usage = s_usage (10, 0, 0, 5, 0);
    br_price_cost_t cost = br_price_call (&price, &usage, BR_OUTCOME_OK, 1);
    assert_true (cost.nusd == 15 && cost.operator_nusd == 15);
    cost = br_price_call (&price, &usage, BR_OUTCOME_CANCELLED, 2);
    assert_true (cost.nusd == 15 && cost.operator_nusd == 15);
    cost = br_price_call (&price, &usage, BR_OUTCOME_FAILED, 1);
    assert_true (cost.nusd == 0 && cost.operator_nusd == 15);
    cost = br_price_call (NULL, &usage, BR_OUTCOME_OK, 1);
    assert_true (cost.nusd == BR_PRICE_UNKNOWN && cost.operator_nusd == BR_PRICE_UNKNOWN);
    //  a call that reached no provider
    cost = br_price_call (NULL, &usage, BR_OUTCOME_CANCELLED, 0);
    assert_true (cost.nusd == 0 && cost.operator_nusd == 0);
}

static void
writes_for_an_hour_and_sound_have_rates_of_their_own (void **state)
{
    (void) state;
    br_price_t price = s_price (1000000, 100000, 1250000, 5000000, NO);
    br_usage_t usage = s_usage (100, 10, 40, 50, 20);
    usage.cache_write_1h = 30;
    usage.audio_input = 20;
    usage.audio_output = 10;
    //  without them: that of a write of five minutes, and that of text
    s_costs (price, usage, 1 + 50 + 50 + 250);
    price.base.nusd[BR_PRICE_CACHE_WRITE_1H] = 2000000;
    price.base.nusd[BR_PRICE_AUDIO_INPUT] = 32000000;
    price.base.nusd[BR_PRICE_AUDIO_OUTPUT] = 64000000;
    //  100 = 10 read, 10 + 30 written, 20 sound, 30 text; 50 = 20 reasoning, 10 sound
    s_costs (price, usage, 1 + 13 + 60 + 640 + 30 + 200 + 640);
    //  parts that are greater than what is left are cut
    usage.cache_write_1h = 1000;
    usage.audio_input = 1000;
    usage.audio_output = 1000;
    s_costs (price, usage, 1 + 80 + 50 * 32 + 100 + 30 * 64);
    //  and without a rate for writes at all it is that of the input
    s_costs (s_price (1000000, NO, NO, 5000000, NO), s_usage (100, 0, 40, 0, 0), 100);
}

static void
the_worst_is_the_dearest_bucket_of_all_tiers_that_may_apply (void **state)
{
    (void) state;
    br_price_t price = s_price (1000000, 100000, 1250000, 5000000, 7000000);
    assert_int_equal (br_price_worst_input (&price, 1), 1250000);
    assert_int_equal (br_price_worst_output (&price, 1), 7000000);
    price.base.nusd[BR_PRICE_CACHE_WRITE_1H] = 2000000;
    price.base.nusd[BR_PRICE_AUDIO_OUTPUT] = 64000000;
    assert_int_equal (br_price_worst_input (&price, 1), 2000000);
    assert_int_equal (br_price_worst_output (&price, 1), 64000000);
    price.tiers[0].above = 200000;
    price.tiers[0].rates.nusd[BR_PRICE_INPUT] = 9000000;
    price.tiers_size = 1;
    assert_int_equal (br_price_worst_input (&price, 200000), 2000000);
    assert_int_equal (br_price_worst_input (&price, 200001), 9000000);
    //  what nobody knows
    assert_int_equal (br_price_worst_input (NULL, 1), NO);
    price = s_price (NO, 1, 1, NO, 1);
    assert_int_equal (br_price_worst_input (&price, 1), NO);
    assert_int_equal (br_price_worst_output (&price, 1), NO);
    price = s_price (0, NO, NO, 0, NO);
    assert_int_equal (br_price_worst_input (&price, 1), 0);
    assert_int_equal (br_price_worst_output (&price, 1), 0);
}

static void
what_is_held_is_rounded_up (void **state)
{
    (void) state;
    assert_int_equal (br_price_at_most (1, 1), 1);
    assert_int_equal (br_price_at_most (1000000, 7), 7);
    assert_int_equal (br_price_at_most (0, 1000), 0);
    assert_int_equal (br_price_at_most (BR_PRICE_RATE_MAX, UINT64_MAX), INT64_MAX);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (each_bucket_has_its_rate),
        cmocka_unit_test (missing_rates_have_stand_ins),
        cmocka_unit_test (it_rounds_once_and_half_up),
        cmocka_unit_test (no_price_is_unknown_and_zero_is_free),
        cmocka_unit_test (an_unknown_usage_is_unknown_but_an_estimate_counts),
        cmocka_unit_test (parts_greater_than_their_total_are_cut),
        cmocka_unit_test (large_numbers_do_not_overflow),
        cmocka_unit_test (a_tier_prices_the_whole_call),
        cmocka_unit_test (who_owes_what_depends_on_the_end),
        cmocka_unit_test (writes_for_an_hour_and_sound_have_rates_of_their_own),
        cmocka_unit_test (the_worst_is_the_dearest_bucket_of_all_tiers_that_may_apply),
        cmocka_unit_test (what_is_held_is_rounded_up),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
