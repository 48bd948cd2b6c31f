//  ingress_quote: bodies go in, quotes come out.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_quote.h"

#define SLICE                                                                            \
    "{\"tariff\":{\"prices\":{\"openai\":{\"gpt-4o\":{\"input\":2500000000,"             \
    "\"cache_read\":1250000000,\"output\":10000000000},\"free\":{\"input\":0,"           \
    "\"output\":0}}}},\"providers\":{\"openai\":{\"actor\":\"upstream/openai\","         \
    "\"models\":{\"gpt-4o\":{\"max_input_tokens\":128000,"                               \
    "\"max_output_tokens\":16384},\"free\":{},\"new\":{}},"                              \
    "\"accounts\":[\"openai#0\",\"openai#1\"]}},\"models\":{\"smart\":{\"strategy\":"    \
    "\"priority\",\"endpoints\":[{\"provider\":\"openai\",\"model\":\"gpt-4o\"},"        \
    "{\"provider\":\"openai\",\"model\":\"new\"}]}}}"

typedef struct {
    ingress_routes_t *routes;
    ingress_offers_t *offers;
    br_buf_t candidates;
    br_buf_t allowed;
    char *text; //  the newest answer
} bench_t;

static int
s_setup (void **state)
{
    bench_t *bench = calloc (1, sizeof *bench);
    assert_non_null (bench);
    bench->routes = ingress_routes_new (SLICE, NULL);
    bench->offers = ingress_offers_new (SLICE, NULL);
    assert_non_null (bench->routes);
    assert_non_null (bench->offers);
    br_buf_init (&bench->candidates, 65536);
    br_buf_init (&bench->allowed, 65536);
    *state = bench;
    return 0;
}

static int
s_teardown (void **state)
{
    bench_t *bench = *state;
    br_buf_free (&bench->allowed);
    br_buf_free (&bench->candidates);
    ingress_offers_destroy (&bench->offers);
    ingress_routes_destroy (&bench->routes);
    free (bench->text);
    free (bench);
    return 0;
}

//  The answer to a body, or NULL with the error.
static const char *
s_ask (bench_t *bench, const char *body, br_error_t *reterr)
{
    const ingress_quote_ask_t ask = { .routes = bench->routes,
                                      .offers = bench->offers,
                                      .candidates = &bench->candidates,
                                      .allowed = &bench->allowed };
    free (bench->text);
    bench->text = NULL;
    br_blob_t *blob = ingress_quote_answer (&ask, body, strlen (body), reterr);
    if (!blob)
        return NULL;
    bench->text = calloc (1, br_blob_size (blob) + 1);
    assert_non_null (bench->text);
    memcpy (bench->text, br_blob_data (blob), br_blob_size (blob));
    br_blob_destroy (&blob);
    return bench->text;
}

static void
s_has (const char *text, const char *part)
{
    assert_non_null (text);
    if (!strstr (text, part))
        fail_msg ("no '%s' in '%s'", part, text);
}

static void
counted_tokens_are_priced (void **state)
{
    const char *text = s_ask (
        *state, "{\"model\":\"gpt-4o\",\"input_tokens\":1000,\"max_tokens\":100}", NULL);
    s_has (text, "{\"object\":\"quote\",\"model\":\"gpt-4o\",\"provider\":\"openai\","
                 "\"input_tokens\":1000,\"max_output_tokens\":100,"
                 "\"estimated_cost_nusd\":3500000,\"worst_cost_nusd\":3500000,"
                 "\"estimated_cost_usd\":\"0.0035\",\"pricing\":{\"input_tokens\":{"
                 "\"no_cache\":2.5,\"cache_read\":1.25,\"cache_write\":null,"
                 "\"cache_write_1h\":null,\"audio\":null},\"output_tokens\":{\"text\":10,"
                 "\"reasoning\":null,\"audio\":null}},\"endpoints\":[{");
    s_has (text, "\"context\":128000}]}");
    //  keys of one provider are one endpoint
    const char *endpoint = strstr (text, "[{\"provider\":");
    assert_non_null (endpoint);
    assert_null (strstr (endpoint + 3, "\"provider\":"));
}

static void
messages_are_estimated_and_bounded_by_their_bytes (void **state)
{
    //  given: 80 bytes
    const char *body = "{\"model\":\"openai:gpt-4o\",\"messages\":[{\"role\":\"user\","
                       "\"content\":\"hello you\"}]    }";
    assert_int_equal (strlen (body), 80);
    //  then: 20 tokens at 2.5, and at the worst 80; 16,384 of output at 10
    const char *text = s_ask (*state, body, NULL);
    s_has (text, "\"input_tokens\":20,\"max_output_tokens\":16384,"
                 "\"estimated_cost_nusd\":163890000,\"worst_cost_nusd\":164040000,"
                 "\"estimated_cost_usd\":\"0.16389\"");
}

static void
what_nobody_knows_is_null_and_free_is_zero (void **state)
{
    const char *text = s_ask (*state, "{\"model\":\"openai:new\",\"input_tokens\":1}",
                              NULL);
    s_has (text, "\"estimated_cost_nusd\":null,\"worst_cost_nusd\":null,"
                 "\"estimated_cost_usd\":null,\"pricing\":null");
    s_has (text, "\"context\":null");
    text = s_ask (*state, "{\"model\":\"openai:free\",\"input_tokens\":1}", NULL);
    s_has (text, "\"estimated_cost_nusd\":0,\"worst_cost_nusd\":0,"
                 "\"estimated_cost_usd\":\"0\"");
    //  one endpoint of unknown price makes the worst unknown, not the estimate
    text = s_ask (*state, "{\"model\":\"smart\",\"input_tokens\":1,\"max_tokens\":0}",
                  NULL);
    s_has (text, "\"estimated_cost_nusd\":2500,\"worst_cost_nusd\":null");
    s_has (text,
           "{\"provider\":\"openai\",\"model\":\"new\",\"estimated_cost_nusd\":null,");
}

static void
malformed_bodies_are_refused (void **state)
{
    static const struct {
        const char *body;
        br_code_t code;
        const char *word;
    } rows[] = {
        { "", BR_EINVALID, "" },
        { "[]", BR_EINVALID, "object" },
        { "{\"model\":\"gpt-4o\"", BR_EINVALID, "" },
        { "{\"input_tokens\":1}", BR_EINVALID, "model" },
        { "{\"model\":7,\"input_tokens\":1}", BR_EINVALID, "model" },
        { "{\"model\":\"gpt-4o\"}", BR_EINVALID, "messages" },
        { "{\"model\":\"gpt-4o\",\"messages\":\"hi\"}", BR_EINVALID, "messages" },
        { "{\"model\":\"gpt-4o\",\"input_tokens\":-1}", BR_EINVALID, "input_tokens" },
        { "{\"model\":\"gpt-4o\",\"input_tokens\":1.5}", BR_EINVALID, "input_tokens" },
        { "{\"model\":\"gpt-4o\",\"input_tokens\":\"1\"}", BR_EINVALID, "input_tokens" },
        { "{\"model\":\"gpt-4o\",\"input_tokens\":9223372036854775807}", BR_EINVALID,
          "input_tokens" },
        { "{\"model\":\"gpt-4o\",\"input_tokens\":1,\"max_tokens\":[]}", BR_EINVALID,
          "max_tokens" },
        { "{\"model\":\"none\",\"input_tokens\":1}", BR_ENOTFOUND, "none" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error = { .code = BR_OK };
        assert_null (s_ask (*state, rows[i].body, &error));
        assert_int_equal (error.code, rows[i].code);
        s_has (error.text, rows[i].word);
    }
}

static void
a_body_has_a_bound (void **state)
{
    char *body = malloc (INGRESS_QUOTE_MAX + 2);
    assert_non_null (body);
    memset (body, ' ', INGRESS_QUOTE_MAX + 1);
    body[INGRESS_QUOTE_MAX + 1] = '\0';
    br_error_t error;
    assert_null (s_ask (*state, body, &error));
    assert_int_equal (error.code, BR_ETOOBIG);
    free (body);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (counted_tokens_are_priced, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (
            messages_are_estimated_and_bounded_by_their_bytes, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (what_nobody_knows_is_null_and_free_is_zero,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (malformed_bodies_are_refused, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (a_body_has_a_bound, s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
