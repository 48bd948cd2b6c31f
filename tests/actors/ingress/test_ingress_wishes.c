//  ingress_wishes: headers in, milliseconds out.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "actors/ingress/ingress_wishes.h"
#include "broker/core/alloc.h"

#define CAP 3600000

static uint64_t
s_timeout (const char *value)
{
    ingress_wishes_t wishes = { .timeout_ms = 0 };
    assert_int_equal (
        ingress_wishes_set (&wishes, "X-BitRouter-Timeout", value, CAP, NULL), 0);
    return wishes.timeout_ms;
}

static void
seconds_become_milliseconds_rounded_up (void **state)
{
    (void) state;
    assert_int_equal (s_timeout ("30"), 30000);
    assert_int_equal (s_timeout ("1.5"), 1500);
    assert_int_equal (s_timeout ("0.25"), 250);
    assert_int_equal (s_timeout ("007"), 7000);
    assert_int_equal (s_timeout ("2.0000"), 2000);
    assert_int_equal (s_timeout ("0.0011"), 2);
    assert_int_equal (s_timeout ("0.000000001"), 1);
}

static void
more_than_the_cap_is_the_cap (void **state)
{
    (void) state;
    assert_int_equal (s_timeout ("3600"), CAP);
    assert_int_equal (s_timeout ("3600.001"), CAP);
    assert_int_equal (s_timeout ("999999999.999999999"), CAP);
}

static void
each_header_has_its_place (void **state)
{
    (void) state;
    ingress_wishes_t wishes = { .timeout_ms = 0 };
    static const char *const names[] = {
        "x-bitrouter-connect-timeout",
        "x-bitrouter-first-byte-timeout",
        "x-bitrouter-idle-timeout",
        "x-bitrouter-timeout",
    };
    static const char *const values[] = { "1", "2", "3", "4" };
    for (size_t i = 0; i < 4; i++)
        assert_int_equal (ingress_wishes_set (&wishes, names[i], values[i], CAP, NULL),
                          0);
    assert_int_equal (wishes.connect_ms, 1000);
    assert_int_equal (wishes.first_byte_ms, 2000);
    assert_int_equal (wishes.idle_ms, 3000);
    assert_int_equal (wishes.timeout_ms, 4000);
    assert_false (wishes.continues);
    assert_int_equal (ingress_wishes_set (&wishes, "x-bitrouter-other", "?", CAP, NULL),
                      0);
}

static void
what_is_no_time_is_refused_by_name (void **state)
{
    (void) state;
    static const char *const bad[] = {
        "",    " ",  "0",   "0.0",   "-1",         "+1",           "1s",
        "1.",  ".5", "1,5", "1e3",   "0x10",       "NaN",          "inf",
        "1 2", " 1", "1 ",  "1.2.3", "1000000000", "1.0000000000", "\xd9\xa1"
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ingress_wishes_t wishes = { .idle_ms = 7 };
        br_error_t error = { .code = BR_OK };
        assert_int_equal (
            ingress_wishes_set (&wishes, "X-BITROUTER-IDLE-TIMEOUT", bad[i], CAP, &error),
            -1);
        assert_int_equal (error.code, BR_EINVALID);
        assert_non_null (strstr (error.text, "x-bitrouter-idle-timeout must be seconds"));
        assert_int_equal (wishes.idle_ms, 7);
    }
}

static void
endless_values_are_refused (void **state)
{
    (void) state;
    size_t size = 1u << 20;
    char *value = br_alloc (size + 1, 1);
    for (const char *fill = "190.x"; *fill; fill++) {
        memset (value, *fill, size);
        ingress_wishes_t wishes = { .timeout_ms = 0 };
        br_error_t error;
        assert_int_equal (
            ingress_wishes_set (&wishes, "x-bitrouter-timeout", value, CAP, &error), -1);
        assert_int_equal (
            ingress_wishes_set (&wishes, "x-bitrouter-continue", value, CAP, &error), -1);
        assert_true (strlen (error.text) < 200);
    }
    free (value);
}

static void
a_cut_answer_is_gone_on_with_when_it_is_on (void **state)
{
    (void) state;
    ingress_wishes_t wishes = { .continues = false };
    br_error_t error;
    const char *name = "x-bitrouter-continue";
    assert_int_equal (ingress_wishes_set (&wishes, name, "on", CAP, &error), 0);
    assert_true (wishes.continues);
    assert_int_equal (ingress_wishes_set (&wishes, name, "OFF", CAP, &error), 0);
    assert_false (wishes.continues);
    assert_int_equal (ingress_wishes_set (&wishes, name, "yes", CAP, &error), -1);
    assert_string_equal (error.text, "x-bitrouter-continue must be on or off");
}

static void
the_cost_of_a_stream_is_told_when_it_is_on (void **state)
{
    (void) state;
    ingress_wishes_t wishes = { .tells_cost = false };
    br_error_t error = { .text = "" };
    const char *name = "X-Bitrouter-Cost";
    assert_int_equal (ingress_wishes_set (&wishes, name, "on", CAP, &error), 0);
    assert_true (wishes.tells_cost);
    assert_false (wishes.continues);
    assert_int_equal (ingress_wishes_set (&wishes, name, "1", CAP, &error), -1);
    assert_string_equal (error.text, "x-bitrouter-cost must be on or off");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (seconds_become_milliseconds_rounded_up),
        cmocka_unit_test (more_than_the_cap_is_the_cap),
        cmocka_unit_test (each_header_has_its_place),
        cmocka_unit_test (what_is_no_time_is_refused_by_name),
        cmocka_unit_test (endless_values_are_refused),
        cmocka_unit_test (a_cut_answer_is_gone_on_with_when_it_is_on),
        cmocka_unit_test (the_cost_of_a_stream_is_told_when_it_is_on),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
