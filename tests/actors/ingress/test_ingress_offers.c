//  ingress_offers: a slice goes in, prices and limits come out.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_offers.h"

#define SLICE                                                                            \
    "{\"tariff\":{\"prices\":{\"openai\":{\"gpt-4o\":{\"input\":2500000000,"             \
    "\"output\":10000000000}}},\"routes\":{\"fast\":{\"input\":7}}},"                    \
    "\"providers\":{\"openai\":{\"models\":{\"gpt-4o\":{\"max_input_tokens\":128000,"    \
    "\"max_output_tokens\":16384},\"mine\":{\"provider_model_id\":\"theirs\","           \
    "\"max_output_tokens\":5},\"vague\":{\"max_input_tokens\":-1}}}},"                   \
    "\"models\":{\"fast\":{\"max_input_tokens\":1000,\"max_output_tokens\":99}}}"

static void
prices_and_limits_are_found (void **state)
{
    (void) state;
    ingress_offers_t *offers = ingress_offers_new (SLICE, NULL);
    assert_non_null (offers);
    ingress_offer_t offer = ingress_offers_find (offers, "openai", "gpt-4o", "fast");
    assert_int_equal (offer.price->base.nusd[BR_PRICE_INPUT], 2500000000);
    assert_int_equal (offer.context, 128000);
    assert_int_equal (offer.max_output, 16384);
    //  by the provider's own name too
    offer = ingress_offers_find (offers, "openai", "theirs", "x");
    assert_int_equal (offer.max_output, 5);
    assert_int_equal (offer.context, 0);
    assert_null (offer.price);
    offer = ingress_offers_find (offers, "openai", "mine", "x");
    assert_int_equal (offer.max_output, 5);
    ingress_offers_destroy (&offers);
    assert_null (offers);
    ingress_offers_destroy (&offers);
}

static void
a_route_stands_in_for_what_is_open (void **state)
{
    (void) state;
    ingress_offers_t *offers = ingress_offers_new (SLICE, NULL);
    ingress_offer_t offer = ingress_offers_find (offers, "openai", "theirs", "fast");
    assert_int_equal (offer.price->base.nusd[BR_PRICE_INPUT], 7);
    assert_int_equal (offer.context, 1000);
    assert_int_equal (offer.max_output, 5);
    offer = ingress_offers_find (offers, "openai", "vague", "y");
    assert_int_equal (offer.context, 0);
    assert_null (offer.price);
    ingress_offers_destroy (&offers);
}

static void
a_cost_is_that_of_the_meter (void **state)
{
    (void) state;
    ingress_offers_t *offers = ingress_offers_new (SLICE, NULL);
    br_usage_t usage = { .known = true, .input = 1000, .output = 10 };
    assert_int_equal (ingress_offers_cost (offers, "openai", "gpt-4o", "", &usage),
                      2500000 + 100000);
    assert_int_equal (ingress_offers_cost (offers, "openai", "none", "", &usage),
                      BR_PRICE_UNKNOWN);
    ingress_offers_destroy (&offers);
}

static void
a_slice_may_have_no_tariff (void **state)
{
    (void) state;
    ingress_offers_t *offers = ingress_offers_new ("{}", NULL);
    assert_non_null (offers);
    assert_null (ingress_offers_find (offers, "a", "b", "c").price);
    ingress_offers_destroy (&offers);
}

static void
a_wrong_slice_is_refused (void **state)
{
    (void) state;
    static const char *const slices[] = { "7",
                                          "{\"tariff\":7}",
                                          "{",
                                          "",
                                          "{\"tariff\":{\"prices\":[]}}",
                                          "{\"tariff\":{\"routes\":{\"a\":1}}}" };
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (ingress_offers_new (slices[i], &error));
        assert_int_equal (error.code, BR_ECONFIG);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (prices_and_limits_are_found),
        cmocka_unit_test (a_route_stands_in_for_what_is_open),
        cmocka_unit_test (a_cost_is_that_of_the_meter),
        cmocka_unit_test (a_slice_may_have_no_tariff),
        cmocka_unit_test (a_wrong_slice_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
