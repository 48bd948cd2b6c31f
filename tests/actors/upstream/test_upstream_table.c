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

static br_surface_t
s_ask (const upstream_table_t *table, const char *endpoint, br_surface_t surface,
       const char *model, bool stream)
{
    return upstream_table_ask (table, upstream_table_find (table, endpoint), surface,
                               model, stream);
}

static void
a_client_is_answered_in_its_own_protocol_where_it_is_spoken (void **state)
{
    (void) state;
    upstream_table_t *table = s_table (
        "{\"protocols\":[{\"glob\":\"*\",\"protocol\":\"messages\"},{\"glob\":\"*\","
        "\"protocol\":\"chat_completions\"},{\"glob\":\"g-*\",\"protocol\":"
        "\"generate_content\"}],\"endpoints\":{\"e\":{\"protocol\":\"responses\"}}}");
    assert_int_equal (s_ask (table, "", BR_SURFACE_CHAT, "m", true), BR_SURFACE_CHAT);
    assert_int_equal (s_ask (table, "", BR_SURFACE_MESSAGES_TOKENS, "m", false),
                      BR_SURFACE_MESSAGES_TOKENS);
    assert_int_equal (s_ask (table, "", BR_SURFACE_EMBEDDINGS, "m", false),
                      BR_SURFACE_EMBEDDINGS);
    //  otherwise the first other one that the closest glob names
    assert_int_equal (s_ask (table, "", BR_SURFACE_RESPONSES, "m", true),
                      BR_SURFACE_MESSAGES);
    assert_int_equal (s_ask (table, "", BR_SURFACE_CHAT, "g-1", false),
                      BR_SURFACE_GOOGLE);
    assert_int_equal (s_ask (table, "", BR_SURFACE_CHAT, "g-1", true),
                      BR_SURFACE_GOOGLE_STREAM);
    assert_int_equal (s_ask (table, "e", BR_SURFACE_GOOGLE_STREAM, "m", true),
                      BR_SURFACE_RESPONSES);
    upstream_table_destroy (&table);
}

static void
only_talk_and_counts_are_translated (void **state)
{
    (void) state;
    upstream_table_t *table = s_table (
        "{\"protocols\":[{\"glob\":\"*\",\"protocol\":\"chat_completions\"},{\"glob\":"
        "\"*\",\"protocol\":\"generate_content\"}],\"endpoints\":{\"chat\":{\"protocol\":"
        "\"chat_completions\"},\"odd\":{\"protocol\":\"echo\"}}}");
    assert_int_equal (s_ask (table, "", BR_SURFACE_RESPONSES_COMPACT, "m", false),
                      BR_SURFACE_NONE);
    assert_int_equal (s_ask (table, "", BR_SURFACE_RESPONSE, "m", false),
                      BR_SURFACE_NONE);
    assert_int_equal (s_ask (table, "", BR_SURFACE_MODELS, "m", false), BR_SURFACE_NONE);
    //  a protocol that can count comes before one that cannot
    assert_int_equal (s_ask (table, "", BR_SURFACE_MESSAGES_TOKENS, "m", false),
                      BR_SURFACE_GOOGLE_TOKENS);
    assert_int_equal (s_ask (table, "chat", BR_SURFACE_MESSAGES_TOKENS, "m", false),
                      BR_SURFACE_CHAT);
    assert_int_equal (s_ask (table, "odd", BR_SURFACE_MESSAGES, "m", false),
                      BR_SURFACE_NONE);
    upstream_table_destroy (&table);
}

static void
embeddings_go_between_openai_and_google (void **state)
{
    (void) state;
    upstream_table_t *table = s_table (
        "{\"protocols\":[{\"glob\":\"*\",\"protocol\":\"generate_content\"},{\"glob\":"
        "\"gpt-*\",\"protocol\":\"chat_completions\"},{\"glob\":\"claude-*\","
        "\"protocol\":"
        "\"messages\"}]}");
    assert_int_equal (s_ask (table, "", BR_SURFACE_EMBEDDINGS, "m", false),
                      BR_SURFACE_GOOGLE_EMBEDS);
    assert_int_equal (s_ask (table, "", BR_SURFACE_GOOGLE_EMBED, "m", false),
                      BR_SURFACE_GOOGLE_EMBED);
    assert_int_equal (s_ask (table, "", BR_SURFACE_GOOGLE_EMBED, "gpt-1", false),
                      BR_SURFACE_EMBEDDINGS);
    assert_int_equal (s_ask (table, "", BR_SURFACE_EMBEDDINGS, "claude-1", false),
                      BR_SURFACE_NONE);
    upstream_table_destroy (&table);
}

static void
the_catalogue_bounds_an_answer (void **state)
{
    (void) state;
    upstream_table_t *table = s_table (
        "{\"max_output_tokens\":{\"a\":64000,\"b\":-1,\"c\":\"7\",\"d\":1e30}}");
    assert_int_equal (upstream_table_max_output (table, "a"), 64000);
    assert_int_equal (upstream_table_max_output (table, "b"), 0);
    assert_int_equal (upstream_table_max_output (table, "c"), 0);
    assert_int_equal (upstream_table_max_output (table, "d"), 0);
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
        cmocka_unit_test (a_client_is_answered_in_its_own_protocol_where_it_is_spoken),
        cmocka_unit_test (only_talk_and_counts_are_translated),
        cmocka_unit_test (embeddings_go_between_openai_and_google),
        cmocka_unit_test (the_catalogue_bounds_an_answer),
        cmocka_unit_test (deadlines_have_defaults),
        cmocka_unit_test (links_are_compared),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
