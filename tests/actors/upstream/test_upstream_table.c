//  upstream_table: what a slice says.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/upstream/upstream_table.h"

static upstream_table_t *
s_table (const char *slice)
{
    br_error_t error = { .code = BR_OK };
    upstream_table_t *table = upstream_table_new (slice, &error);
    if (!table)
        fail_msg ("%s", error.text);
    return table;
}

static void
endpoints_are_found_by_name (void **state)
{
    (void) state;
    upstream_table_t *table = s_table (
        "{\"api_base\":\"http://a\",\"endpoints\":{\"r#0\":{\"api_base\":\"http://"
        "b\"}}}");
    assert_string_equal (upstream_endpoint_name (upstream_table_find (table, "")), "");
    assert_string_equal (upstream_endpoint_name (upstream_table_find (table, "r#0")),
                         "r#0");
    assert_null (upstream_table_find (table, "r#1"));
    //  given: two holders
    upstream_table_t *other = upstream_table_ref (table);
    upstream_table_destroy (&table);
    assert_non_null (upstream_table_find (other, ""));
    upstream_table_destroy (&other);
    upstream_table_destroy (&other);
}

static void
bad_slices_are_refused (void **state)
{
    (void) state;
    static const char *const bad[] = {
        "",
        "7",
        "{\"api_base\":\"x\"}",
        "{\"api_base\":\"http://a\",\"endpoints\":{\"e\":{\"api_base\":\"x\"}}}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (upstream_table_new (bad[i], &error));
        assert_int_equal (error.code, BR_ECONFIG);
    }
}

static bool
s_speaks (const upstream_table_t *table, const char *model)
{
    return upstream_table_speaks (table, upstream_table_find (table, ""),
                                  "chat_completions", model);
}

static void
the_closest_match_tells_the_protocol (void **state)
{
    (void) state;
    upstream_table_t *table = s_table (
        "{\"protocols\":[{\"glob\":\"*\",\"protocol\":\"chat_completions\"},"
        "{\"glob\":\"gpt-*\",\"protocol\":\"responses\"},"
        "{\"glob\":\"gpt-4*\",\"protocol\":\"responses\"},"
        "{\"glob\":\"gpt-4*\",\"protocol\":\"chat_completions\"},"
        "{\"glob\":\"gpt-4o\",\"protocol\":\"messages\"},{\"glob\":7}],"
        "\"endpoints\":{\"e\":{\"protocol\":\"chat_completions\"}}}");
    assert_true (s_speaks (table, "llama"));
    assert_false (s_speaks (table, "gpt-5"));
    assert_true (s_speaks (table, "gpt-4"));
    assert_false (s_speaks (table, "gpt-4o"));
    assert_true (upstream_table_speaks (table, upstream_table_find (table, "e"),
                                        "chat_completions", "gpt-4o"));
    upstream_table_destroy (&table);
}

static void
one_protocol_for_all_is_that_protocol (void **state)
{
    (void) state;
    upstream_table_t *table = s_table ("{}");
    assert_true (s_speaks (table, "m"));
    upstream_table_destroy (&table);
    table = s_table ("{\"protocols\":[{\"glob\":\"*\",\"protocol\":\"messages\"}]}");
    assert_false (s_speaks (table, "m"));
    upstream_table_destroy (&table);
}

static void
deadlines_have_defaults (void **state)
{
    (void) state;
    upstream_table_t *table = s_table (
        "{\"timeouts\":{\"connect_ms\":5,\"idle_ms\":-1,\"total_ms\":1e30}}");
    const upstream_bounds_t *bounds = upstream_table_bounds (table);
    assert_int_equal (bounds->connect_ms, 5);
    assert_int_equal (bounds->first_byte_ms, 300000);
    assert_int_equal (bounds->idle_ms, 120000);
    assert_int_equal (bounds->total_ms, 7u * 86400000u);
    upstream_table_destroy (&table);
}

static void
links_are_compared (void **state)
{
    (void) state;
    upstream_table_t *a = s_table ("{\"proxy\":\"http://p\",\"http2\":true}");
    upstream_table_t *b = s_table ("{\"http2\":true,\"proxy\":\"http://p\",\"api_base\":"
                                   "\"http://a\"}");
    upstream_table_t *c = s_table ("{\"http2\":true,\"proxy\":\"\"}");
    assert_true (upstream_table_is_linked_as (a, b));
    assert_false (upstream_table_is_linked_as (a, c));
    assert_null (upstream_table_link (c)->proxy);
    assert_true (upstream_table_link (a)->http2);
    upstream_table_destroy (&a);
    upstream_table_destroy (&b);
    upstream_table_destroy (&c);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (endpoints_are_found_by_name),
        cmocka_unit_test (bad_slices_are_refused),
        cmocka_unit_test (the_closest_match_tells_the_protocol),
        cmocka_unit_test (one_protocol_for_all_is_that_protocol),
        cmocka_unit_test (deadlines_have_defaults),
        cmocka_unit_test (links_are_compared),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
