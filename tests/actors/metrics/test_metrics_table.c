//  metrics_table: what GET /admin/metrics tells.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <stdio.h>

#include "actors/metrics/metrics_table.h"
#include "tests/actors/metrics/calls.h"

static void
s_assert (const metrics_table_t *table, const char *expected)
{
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    metrics_table_write (table, 3600, &out);
    assert_string_equal (br_buf_text (&out), expected);
    br_buf_free (&out);
}

static void
without_calls_there_are_no_routes (void **state)
{
    (void) state;
    metrics_table_t *table = metrics_table_new ();
    s_assert (table, "{\"uptime_seconds\":3600,\"routes\":{}}");
    metrics_table_destroy (&table);
}

static void
a_route_has_its_figures_and_those_of_its_endpoints (void **state)
{
    (void) state;
    metrics_table_t *table = metrics_table_new ();
    struct br_call_metered call = calls_good ();
    metrics_table_add (table, &call, 1750000000);
    call.latency_us = 300000;
    call.input_tokens = 21;
    metrics_table_add (table, &call, 1750000001);
    call.model = "o3";
    call.stream = 1;
    call.first_us = 50000;
    metrics_table_add (table, &call, 1750000002);
    call = calls_failed ();
    metrics_table_add (table, &call, 1750000003);
    s_assert (table,
              "{\"uptime_seconds\":3600,\"routes\":{\"smart\":{\"total_requests\":4,"
              "\"total_errors\":1,\"error_rate\":0.25,\"latency_p50_ms\":100,"
              "\"latency_p99_ms\":300,\"avg_input_tokens\":15,\"avg_output_tokens\":6,"
              "\"last_used\":1750000003,\"by_endpoint\":{\"openai:gpt-4o\":{"
              "\"total_requests\":3,\"total_errors\":1,\"latency_p50_ms\":100,"
              "\"latency_p99_ms\":300},\"openai:o3\":{\"total_requests\":1,"
              "\"total_errors\":0,\"latency_p50_ms\":50,\"latency_p99_ms\":50}}}}}");
    metrics_table_destroy (&table);
}

//  No answer, no time; nobody asked, no endpoint; a client that left is no error.
static void
what_is_not_known_is_left_out (void **state)
{
    (void) state;
    metrics_table_t *table = metrics_table_new ();
    struct br_call_metered call = calls_failed ();
    call.route = "a \"b\"";
    call.provider = call.model = "";
    call.outcome = BR_OUTCOME_CANCELLED;
    metrics_table_add (table, &call, 5);
    s_assert (table, "{\"uptime_seconds\":3600,\"routes\":{\"a \\\"b\\\"\":{"
                     "\"total_requests\":1,\"total_errors\":0,\"error_rate\":0,"
                     "\"last_used\":5,\"by_endpoint\":{}}}}");
    metrics_table_destroy (&table);
}

static void
routes_without_room_are_not_told (void **state)
{
    (void) state;
    metrics_table_t *table = metrics_table_new ();
    struct br_call_metered call = calls_good ();
    char name[16];
    call.route = name;
    for (int i = 0; i < METRICS_ROUTES_MAX + 10; i++) {
        snprintf (name, sizeof name, "r%04d", i);
        metrics_table_add (table, &call, 5);
    }
    br_buf_t out;
    br_buf_init (&out, 4u << 20);
    metrics_table_write (table, 1, &out);
    assert_non_null (strstr (br_buf_text (&out), "\"r0511\""));
    assert_null (strstr (br_buf_text (&out), "\"r0512\""));
    br_buf_free (&out);
    metrics_table_destroy (&table);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (without_calls_there_are_no_routes),
        cmocka_unit_test (a_route_has_its_figures_and_those_of_its_endpoints),
        cmocka_unit_test (what_is_not_known_is_left_out),
        cmocka_unit_test (routes_without_room_are_not_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
