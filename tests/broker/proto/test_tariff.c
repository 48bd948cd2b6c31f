//  tariff: prices are read, found, and refused when they are wrong.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/buf.h"
#include "broker/proto/tariff.h"

static int
s_read (br_tariff_t *tariff, const char *json, br_error_t *error)
{
    return br_tariff_read (tariff, json, strlen (json), error);
}

static void
prices_are_found_by_provider_and_model (void **state)
{
    (void) state;
    br_tariff_t *tariff = br_tariff_new ();
    assert_null (br_tariff_find (tariff, "openai", "gpt-4o", ""));
    assert_int_equal (
        s_read (tariff,
                "{\"openai\":{\"o3\":{\"input\":7,\"cache_read\":null,\"other\":{}},"
                "\"gpt-4o\":{\"input\":2500000000,\"cache_read\":1,\"cache_write\":2,"
                "\"output\":3,\"reasoning\":4}},\"anthropic\":{\"o3\":{}},\"empty\":{}}",
                NULL),
        0);
    assert_int_equal (br_tariff_size (tariff), 3);
    const br_price_t *price = br_tariff_find (tariff, "openai", "gpt-4o", "");
    assert_int_equal (price->base.nusd[BR_PRICE_INPUT], 2500000000);
    assert_int_equal (price->base.nusd[BR_PRICE_CACHE_READ], 1);
    assert_int_equal (price->base.nusd[BR_PRICE_CACHE_WRITE], 2);
    assert_int_equal (price->base.nusd[BR_PRICE_OUTPUT], 3);
    assert_int_equal (price->base.nusd[BR_PRICE_REASONING], 4);
    price = br_tariff_find (tariff, "openai", "o3", "");
    assert_int_equal (price->base.nusd[BR_PRICE_INPUT], 7);
    assert_int_equal (price->base.nusd[BR_PRICE_CACHE_READ], BR_PRICE_NO_RATE);
    price = br_tariff_find (tariff, "anthropic", "o3", "");
    assert_int_equal (price->base.nusd[BR_PRICE_INPUT], BR_PRICE_NO_RATE);
    assert_null (br_tariff_find (tariff, "anthropic", "gpt-4o", ""));
    assert_null (br_tariff_find (tariff, "", "gpt-4o", ""));
    br_tariff_destroy (&tariff);
    assert_null (tariff);
    br_tariff_destroy (&tariff);
}

static void
a_routes_price_stands_in (void **state)
{
    (void) state;
    br_tariff_t *tariff = br_tariff_new ();
    const char *routes = "{\"fast\":{\"input\":9}}";
    assert_int_equal (s_read (tariff, "{\"p\":{\"m\":{\"input\":1}}}", NULL), 0);
    assert_int_equal (br_tariff_read_routes (tariff, routes, strlen (routes), NULL), 0);
    const br_price_t *price = br_tariff_find (tariff, "p", "other", "fast");
    assert_int_equal (price->base.nusd[BR_PRICE_INPUT], 9);
    price = br_tariff_find (tariff, "p", "m", "fast");
    assert_int_equal (price->base.nusd[BR_PRICE_INPUT], 1);
    assert_null (br_tariff_find (tariff, "p", "fast", "slow"));
    br_tariff_destroy (&tariff);
}

static void
tiers_are_read (void **state)
{
    (void) state;
    br_tariff_t *tariff = br_tariff_new ();
    assert_int_equal (
        s_read (tariff,
                "{\"p\":{\"m\":{\"input\":1,\"context_tiers\":[{\"above_input_tokens\":"
                "200000,\"input\":2},{\"above_input_tokens\":0,\"output\":3}]}}}",
                NULL),
        0);
    const br_price_t *price = br_tariff_find (tariff, "p", "m", "");
    assert_int_equal (price->tiers_size, 2);
    assert_int_equal (price->tiers[0].above, 200000);
    assert_int_equal (price->tiers[0].rates.nusd[BR_PRICE_INPUT], 2);
    assert_int_equal (price->tiers[1].rates.nusd[BR_PRICE_INPUT], BR_PRICE_NO_RATE);
    assert_int_equal (price->tiers[1].rates.nusd[BR_PRICE_OUTPUT], 3);
    br_tariff_destroy (&tariff);
}

static void
s_refuses (const char *json, const char *word)
{
    br_tariff_t *tariff = br_tariff_new ();
    br_error_t error = { .code = BR_OK };
    assert_int_equal (s_read (tariff, json, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    if (!strstr (error.text, word))
        fail_msg ("'%s' does not say '%s'", error.text, word);
    br_tariff_destroy (&tariff);
}

static void
wrong_prices_are_refused_by_name (void **state)
{
    (void) state;
    s_refuses ("[]", "object of providers");
    s_refuses ("7", "object of providers");
    s_refuses ("{\"p\":7}", "prices of p");
    s_refuses ("{\"p\":[]}", "prices of p");
    s_refuses ("{\"\":{}}", "provider's name");
    s_refuses ("{\"p\":{\"m\":7}}", "price of p/m");
    s_refuses ("{\"p\":{\"m\":{\"input\":-1}}}", "price of p/m: input");
    s_refuses ("{\"p\":{\"m\":{\"input\":0.5}}}", "input");
    s_refuses ("{\"p\":{\"m\":{\"output\":\"1\"}}}", "output");
    s_refuses ("{\"p\":{\"m\":{\"input\":1000000000000001}}}", "input");
    s_refuses ("{\"p\":{\"m\":{\"context_tiers\":{}}}}", "array");
    s_refuses ("{\"p\":{\"m\":{\"context_tiers\":[7]}}}", "rates");
    s_refuses ("{\"p\":{\"m\":{\"context_tiers\":[{}]}}}", "above_input_tokens");
    s_refuses ("{\"p\":{\"m\":{\"context_tiers\":[{\"above_input_tokens\":0},{"
               "\"above_input_tokens\":1},{\"above_input_tokens\":2},{"
               "\"above_input_tokens\":3},{\"above_input_tokens\":4},{"
               "\"above_input_tokens\":5},{\"above_input_tokens\":6},{"
               "\"above_input_tokens\":7},{\"above_input_tokens\":8}]}}}",
               "more than 8");
    s_refuses ("{\"p\":{\"m\":{}},", "broken");
    s_refuses ("{\"p\":{\"m\":{},", "broken");
}

static void
names_have_a_bound (void **state)
{
    (void) state;
    char name[BR_TARIFF_NAME_MAX + 1];
    memset (name, 'x', BR_TARIFF_NAME_MAX);
    name[BR_TARIFF_NAME_MAX] = '\0';
    char json[2 * BR_TARIFF_NAME_MAX];
    snprintf (json, sizeof json, "{\"%s\":{}}", name);
    s_refuses (json, "provider's name");
    snprintf (json, sizeof json, "{\"p\":{\"%s\":{}}}", name);
    s_refuses (json, "model's name");
}

static void
all_buckets_have_names (void **state)
{
    (void) state;
    br_tariff_t *tariff = br_tariff_new ();
    assert_int_equal (s_read (tariff,
                              "{\"p\":{\"m\":{\"cache_write_1h\":1,\"audio_input\":2,"
                              "\"audio_output\":3}}}",
                              NULL),
                      0);
    const br_price_t *price = br_tariff_find (tariff, "p", "m", "");
    assert_int_equal (price->base.nusd[BR_PRICE_CACHE_WRITE_1H], 1);
    assert_int_equal (price->base.nusd[BR_PRICE_AUDIO_INPUT], 2);
    assert_int_equal (price->base.nusd[BR_PRICE_AUDIO_OUTPUT], 3);
    br_tariff_destroy (&tariff);
}

static void
s_version_of (const char *prices, const char *routes, char version[BR_TARIFF_VERSION])
{
    br_tariff_t *tariff = br_tariff_new ();
    assert_int_equal (s_read (tariff, prices, NULL), 0);
    assert_int_equal (br_tariff_read_routes (tariff, routes, strlen (routes), NULL), 0);
    strcpy (version, br_tariff_version (tariff));
    assert_string_equal (br_tariff_version (tariff), version);
    br_tariff_destroy (&tariff);
    assert_int_equal (strlen (version), 16);
    assert_int_equal (strspn (version, "0123456789abcdef"), 16);
}

static void
the_same_prices_have_the_same_version (void **state)
{
    (void) state;
    static const char tiers[] =
        "{\"p\":{\"m\":{\"input\":1,\"context_tiers\":[{\"above_input_tokens\":5}]},"
        "\"n\":{\"output\":3}}}";
    static const char *const others[] = {
        "{\"p\":{\"m\":{\"input\":1},\"n\":{\"output\":2}}}",
        "{\"p\":{\"m\":{\"input\":0},\"n\":{\"output\":3}}}",
        "{\"p\":{\"m\":{},\"n\":{\"output\":3}}}",
        "{\"p\":{\"m\":{\"output\":1},\"n\":{\"output\":3}}}",
        "{\"p\":{\"mn\":{\"input\":1}}}",
        tiers,
        "{}",
    };
    char first[BR_TARIFF_VERSION];
    char other[BR_TARIFF_VERSION];
    s_version_of ("{\"p\":{\"m\":{\"input\":1},\"n\":{\"output\":3}}}", "{}", first);
    s_version_of ("{\"p\":{\"n\":{\"output\":3},\"m\":{\"input\":1}}}", "{}", other);
    assert_string_equal (first, other);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        s_version_of (others[i], "{}", other);
        assert_string_not_equal (first, other);
    }
    s_version_of ("{\"p\":{\"m\":{\"input\":1},\"n\":{\"output\":3}}}",
                  "{\"fast\":{\"input\":1}}", other);
    assert_string_not_equal (first, other);
}

static void
a_new_price_makes_a_new_version (void **state)
{
    (void) state;
    br_tariff_t *tariff = br_tariff_new ();
    char before[BR_TARIFF_VERSION];
    strcpy (before, br_tariff_version (tariff));
    assert_int_equal (s_read (tariff, "{\"p\":{\"m\":{\"input\":1}}}", NULL), 0);
    assert_string_not_equal (br_tariff_version (tariff), before);
    br_tariff_destroy (&tariff);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (prices_are_found_by_provider_and_model),
        cmocka_unit_test (a_routes_price_stands_in),
        cmocka_unit_test (tiers_are_read),
        cmocka_unit_test (wrong_prices_are_refused_by_name),
        cmocka_unit_test (names_have_a_bound),
        cmocka_unit_test (all_buckets_have_names),
        cmocka_unit_test (the_same_prices_have_the_same_version),
        cmocka_unit_test (a_new_price_makes_a_new_version),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
