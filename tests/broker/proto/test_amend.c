//  amend: what a provider is told beyond the words of the client; all other bytes stay.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/amend.h"
#include "broker/proto/call.h"

typedef struct {
    const char *body;
    const char *sent; //  NULL = as it is
} row_t;

//  ---- usage

static void
s_assert_usage (const row_t *row, bool asked)
{
    br_text_t body = br_text (row->body);
    br_splice_t *splice = br_splice_new (body);
    bool told = !asked;
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    assert_int_equal (br_amend_usage (body, splice, &told, NULL), 0);
    assert_int_equal (br_splice_write (splice, &out, NULL), 0);
    assert_string_equal (br_buf_text (&out), row->sent ? row->sent : row->body);
    assert_int_equal (told, asked);
    br_buf_free (&out);
    br_splice_destroy (&splice);
}

#define ASKED "\"stream_options\":{\"include_usage\":true}"

static void
a_client_that_did_not_ask_has_it_asked_for (void **state)
{
    (void) state;
    static const row_t rows[] = {
        { "{\"a\":1}", "{\"a\":1," ASKED "}" },
        { " {\"a\" : 1.0e2 } \n", " {\"a\" : 1.0e2 ," ASKED "} \n" },
        { "{ }", "{ " ASKED "}" },
        { "{\"stream_options\":{}}", "{\"stream_options\":{\"include_usage\":true}}" },
        { "{\"stream_options\": { \"x\":1 },\"a\":1}",
          "{\"stream_options\": { \"x\":1 ,\"include_usage\":true},\"a\":1}" },
        { "{\"stream_options\":{\"include_usage\": false ,\"x\":1}}",
          "{\"stream_options\":{\"include_usage\": true ,\"x\":1}}" },
        { "{\"stream_options\":{\"include_usage\":null}}",
          "{\"stream_options\":{\"include_usage\":true}}" },
        { "{\"stream_options\":null,\"a\":1}", "{" ASKED ",\"a\":1}" },
        { "{\"stream\\u005foptions\":{}}",
          "{\"stream\\u005foptions\":{\"include_usage\":true}}" },
        //  the words of a user are none
        { "{\"messages\":[{\"content\":\"stream_options\"}]}",
          "{\"messages\":[{\"content\":\"stream_options\"}]," ASKED "}" },
        { "{\"messages\":[{\"stream_options\":{}}]}",
          "{\"messages\":[{\"stream_options\":{}}]," ASKED "}" },
        //  the provider will say what it thinks of it
        { "{\"stream_options\":7}", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s_assert_usage (&rows[i], false);
}

static void
a_client_that_asked_is_left_alone (void **state)
{
    (void) state;
    static const row_t rows[] = {
        { "{\"a\":1," ASKED "}", NULL },
        { "{\"stream_options\":{\"include_usage\":false},\"stream_options\":{"
          "\"include_usage\":true}}",
          "{\"stream_options\":{\"include_usage\":true},\"stream_options\":{"
          "\"include_usage\":true}}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s_assert_usage (&rows[i], true);
}

static void
what_is_no_object_is_refused (void **state)
{
    (void) state;
    static const char *const bodies[] = { "", " ", "[]", "{", "}", "\"{}", "{}x" };
    br_arena_t *arena = br_arena_new ();
    br_target_t target = { .protocol = BR_PROTOCOL_CHAT, .provider = "acme" };
    target.dialect = br_dialect_of (BR_PROTOCOL_CHAT, "acme", "m");
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        br_text_t body = br_text (bodies[i]);
        br_splice_t *splice = br_splice_new (body);
        bool asked;
        br_error_t error;
        assert_int_equal (br_amend_usage (body, splice, &asked, &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
        assert_int_equal (br_amend_max_output (&target, body, 5, splice, arena, NULL),
                          -1);
        assert_int_equal (br_splice_count (splice), 0);
        br_splice_destroy (&splice);
    }
    br_arena_destroy (&arena);
}

//  Whatever is cut or broken, nothing is read behind the end.
static void
a_broken_object_harms_nobody (void **state)
{
    (void) state;
    static const char text[] = "{\"stream_options\":{\"include_usage\":false,\"x\":[}}";
    br_buf_t body;
    br_buf_init (&body, sizeof text);
    br_buf_add (&body, text, sizeof text - 1);
    br_splice_t *splice = br_splice_new (
        (br_text_t) { (const char *) body.data, body.size });
    bool asked;
    (void) br_amend_usage ((br_text_t) { (const char *) body.data, body.size }, splice,
                           &asked, NULL);
    br_splice_destroy (&splice);
    br_buf_free (&body);
}

//  ---- the most of output

static void
s_assert_bound (br_protocol_t protocol, const char *provider, uint64_t max_output,
                const row_t *row)
{
    br_target_t target = { .protocol = protocol, .provider = provider, .model = "m" };
    target.dialect = br_dialect_of (protocol, provider, "m");
    br_text_t body = br_text (row->body);
    br_splice_t *splice = br_splice_new (body);
    br_arena_t *arena = br_arena_new ();
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    assert_int_equal (
        br_amend_max_output (&target, body, max_output, splice, arena, NULL), 0);
    assert_int_equal (br_splice_write (splice, &out, NULL), 0);
    assert_string_equal (br_buf_text (&out), row->sent ? row->sent : row->body);
    br_buf_free (&out);
    br_arena_destroy (&arena);
    br_splice_destroy (&splice);
}

static void
each_protocol_has_its_own_field (void **state)
{
    (void) state;
    static const struct {
        br_protocol_t protocol;
        const char *provider;
        row_t row;
    } rows[] = {
        { BR_PROTOCOL_CHAT, "acme", { "{\"a\":1}", "{\"a\":1,\"max_tokens\":99}" } },
        { BR_PROTOCOL_CHAT,
          "openai",
          { "{\"a\":1}", "{\"a\":1,\"max_completion_tokens\":99}" } },
        { BR_PROTOCOL_CHAT, "openai", { "{\"max_tokens\":500}", "{\"max_tokens\":99}" } },
        { BR_PROTOCOL_COMPLETIONS,
          "openai",
          { "{\"a\":1}", "{\"a\":1,\"max_tokens\":99}" } },
        { BR_PROTOCOL_RESPONSES,
          "openai",
          { "{\"a\":1}", "{\"a\":1,\"max_output_tokens\":99}" } },
        { BR_PROTOCOL_MESSAGES,
          "anthropic",
          { "{\"max_tokens\": 4096 }", "{\"max_tokens\": 99 }" } },
        { BR_PROTOCOL_GOOGLE,
          "google",
          { "{\"contents\":[]}",
            "{\"contents\":[],\"generationConfig\":{\"maxOutputTokens\":99}}" } },
        { BR_PROTOCOL_GOOGLE,
          "google",
          { "{\"generationConfig\":{\"topK\":1}}",
            "{\"generationConfig\":{\"topK\":1,\"maxOutputTokens\":99}}" } },
        { BR_PROTOCOL_GOOGLE,
          "google",
          { "{\"generation_config\":{\"max_output_tokens\":\"500\"}}",
            "{\"generation_config\":{\"max_output_tokens\":99}}" } },
        { BR_PROTOCOL_GOOGLE,
          "google",
          { "{\"generationConfig\":{\"maxOutputTokens\":\"50\"}}", NULL } },
        { BR_PROTOCOL_GOOGLE,
          "google",
          { "{\"generationConfig\":null}",
            "{\"generationConfig\":{\"maxOutputTokens\":99}}" } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s_assert_bound (rows[i].protocol, rows[i].provider, 99, &rows[i].row);
}

static void
what_is_greater_is_lowered_each_time_that_it_is_said (void **state)
{
    (void) state;
    static const row_t rows[] = {
        { "{\"max_tokens\":98}", NULL },
        { "{\"max_tokens\":99}", NULL },
        { "{\"max_tokens\":100}", "{\"max_tokens\":99}" },
        { "{\"max_tokens\":null}", "{\"max_tokens\":99}" },
        { "{\"max_tokens\":-1}", "{\"max_tokens\":99}" },
        { "{\"max_tokens\":0}", "{\"max_tokens\":99}" },
        { "{\"max_tokens\":1e99}", "{\"max_tokens\":99}" },
        { "{\"max_tokens\":[9]}", "{\"max_tokens\":99}" },
        { "{\"max\\u005ftokens\":100}", "{\"max\\u005ftokens\":99}" },
        { "{\"max_tokens\":1,\"max_tokens\":100,\"max_completion_tokens\":101}",
          "{\"max_tokens\":1,\"max_tokens\":99,\"max_completion_tokens\":99}" },
        { "{\"max_completion_tokens\":7}", NULL },
        { "{\"x\":{\"max_tokens\":100}}",
          "{\"x\":{\"max_tokens\":100},\"max_tokens\":99}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s_assert_bound (BR_PROTOCOL_CHAT, "acme", 99, &rows[i]);
}

#define THINKS "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":"

static void
thinking_of_messages_fits_below_it (void **state)
{
    (void) state;
    static const struct {
        uint64_t max_output;
        row_t row;
    } rows[] = {
        { 5000,
          { "{\"max_tokens\":8000," THINKS "4000}}",
            "{\"max_tokens\":5000," THINKS "4000}}" } },
        { 3000,
          { "{\"max_tokens\":8000," THINKS "4000}}",
            "{\"max_tokens\":3000," THINKS "2999}}" } },
        { 1024,
          { "{\"max_tokens\":8000," THINKS "4000}}",
            "{\"max_tokens\":1024,\"thinking\":{\"type\":\"disabled\"}}" } },
        { 100,
          { "{\"max_tokens\":8000,\"thinking\":{\"type\":\"adaptive\"}}",
            "{\"max_tokens\":100,\"thinking\":{\"type\":\"adaptive\"}}" } },
        //  the client's own affair
        { 3000, { "{\"max_tokens\":2000," THINKS "4000}}", NULL } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        s_assert_bound (BR_PROTOCOL_MESSAGES, "anthropic", rows[i].max_output,
                        &rows[i].row);
}

static void
both_can_be_said_at_once (void **state)
{
    (void) state;
    br_target_t target = { .protocol = BR_PROTOCOL_CHAT, .provider = "acme" };
    target.dialect = br_dialect_of (BR_PROTOCOL_CHAT, "acme", "m");
    br_text_t body = br_text ("{ }");
    br_splice_t *splice = br_splice_new (body);
    br_arena_t *arena = br_arena_new ();
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    bool asked;
    assert_int_equal (br_amend_usage (body, splice, &asked, NULL), 0);
    assert_int_equal (br_amend_max_output (&target, body, 7, splice, arena, NULL), 0);
    assert_int_equal (br_splice_write (splice, &out, NULL), 0);
    assert_string_equal (br_buf_text (&out), "{ " ASKED ",\"max_tokens\":7}");
    br_buf_free (&out);
    br_arena_destroy (&arena);
    br_splice_destroy (&splice);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_client_that_did_not_ask_has_it_asked_for),
        cmocka_unit_test (a_client_that_asked_is_left_alone),
        cmocka_unit_test (what_is_no_object_is_refused),
        cmocka_unit_test (a_broken_object_harms_nobody),
        cmocka_unit_test (each_protocol_has_its_own_field),
        cmocka_unit_test (what_is_greater_is_lowered_each_time_that_it_is_said),
        cmocka_unit_test (thinking_of_messages_fits_below_it),
        cmocka_unit_test (both_can_be_said_at_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
