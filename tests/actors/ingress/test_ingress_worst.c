//  ingress_worst: upper bounds worked out by hand.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_worst.h"
#include "broker/proto/candidates.h"

//  "cheap": 1 in, 2 out; "dear": 3 in (5 over 1,000 tokens), 10 out; USD per million
//  tokens
#define SLICE                                                                            \
    "{\"tariff\":{\"prices\":{\"p\":{\"cheap\":{\"input\":1000000000,"                   \
    "\"output\":2000000000},\"dear\":{\"input\":3000000000,\"output\":10000000000,"      \
    "\"context_tiers\":[{\"above_input_tokens\":1000,\"input\":5000000000}]},"           \
    "\"free\":{\"input\":0,\"output\":0},\"embed\":{\"input\":1000000000},"              \
    "\"gpt-4o-mini\":{\"input\":1000000000,\"output\":1000000000}}}},"                   \
    "\"providers\":{\"p\":{\"models\":{\"cheap\":{\"max_output_tokens\":4000,"           \
    "\"max_input_tokens\":50000},\"dear\":{\"max_output_tokens\":1000},"                 \
    "\"gpt-4o-mini\":{},\"free\":{\"max_input_tokens\":777}}}}}"

typedef struct {
    ingress_offers_t *offers;
    br_buf_t candidates;
    request_t request;
    ingress_worst_ask_t ask;
    ingress_worst_t worst;
} bench_t;

static void
s_add (bench_t *bench, const char *model)
{
    br_candidate_t row = { .provider = "p", .actor = "upstream/p", .model = model };
    row.endpoint = "";
    row.weight = 1;
    assert_int_equal (br_candidates_add (&bench->candidates, &row), 0);
}

static void
s_begin (bench_t *bench, const char *model, const char *other)
{
    *bench = (bench_t) { .offers = ingress_offers_new (SLICE, NULL) };
    assert_non_null (bench->offers);
    br_buf_init (&bench->candidates, 4096);
    s_add (bench, model);
    if (other)
        s_add (bench, other);
}

static void
s_find (bench_t *bench, br_surface_t surface, const char *body)
{
    bench->request = (request_t) { .choices = 1 };
    if (br_surface_row (surface)->place == REQUEST_BODY)
        assert_int_equal (request_scan (body, strlen (body), &bench->request, NULL), 0);
    else if (strstr (body, "generationConfig")) {
        const char *at = strstr (body, "generationConfig") + 18;
        bench->request.generation.offset = (size_t) (at - body);
        bench->request.generation.size = strlen (at) - 1;
    }
    bench->ask.surface = surface;
    bench->ask.request = &bench->request;
    bench->ask.body = body;
    bench->ask.body_size = strlen (body);
    bench->ask.candidates = (br_bytes_t) { bench->candidates.data,
                                           bench->candidates.size };
    ingress_worst_find (bench->offers, &bench->ask, &bench->worst);
}

static void
s_end (bench_t *bench)
{
    br_buf_free (&bench->candidates);
    ingress_offers_destroy (&bench->offers);
}

static void
bytes_are_tokens_and_the_clients_maximum_counts (void **state)
{
    (void) state;
    bench_t bench;
    const char *body = "{\"model\":\"m\",\"max_tokens\":100}"; //  30 bytes
    s_begin (&bench, "cheap", NULL);
    s_find (&bench, BR_SURFACE_CHAT, body);
    assert_false (bench.worst.unpriced);
    assert_int_equal (bench.worst.input_tokens, strlen (body));
    assert_int_equal (bench.worst.fixed_nusd, strlen (body) * 1000);
    assert_int_equal (bench.worst.output_rate, 2000000000);
    assert_int_equal (bench.worst.output_tokens, 100);
    assert_int_equal (bench.worst.output_least, 100);
    assert_int_equal (ingress_worst_nusd (&bench.worst), strlen (body) * 1000 + 200000);
    s_end (&bench);
}

static void
without_a_maximum_the_catalogues_counts (void **state)
{
    (void) state;
    bench_t bench;
    s_begin (&bench, "cheap", NULL);
    s_find (&bench, BR_SURFACE_CHAT, "{\"model\":\"m\"}");
    assert_int_equal (bench.worst.output_tokens, 4000);
    assert_int_equal (bench.worst.output_least, INGRESS_WORST_LEAST);
    s_find (&bench, BR_SURFACE_CHAT, "{\"model\":\"m\",\"n\":3}");
    assert_int_equal (bench.worst.output_tokens, 12000);
    assert_int_equal (bench.worst.output_least, 3 * INGRESS_WORST_LEAST);
    s_end (&bench);
    s_begin (&bench, "free", NULL);
    s_find (&bench, BR_SURFACE_CHAT, "{\"model\":\"m\"}");
    assert_int_equal (bench.worst.output_tokens, 777); //  its window
    assert_int_equal (ingress_worst_nusd (&bench.worst), 0);
    assert_false (bench.worst.unpriced);
    s_end (&bench);
    s_begin (&bench, "gpt-4o-mini", NULL);
    s_find (&bench, BR_SURFACE_CHAT, "{\"model\":\"m\"}");
    assert_int_equal (bench.worst.output_tokens, INGRESS_WORST_OUTPUT);
    s_end (&bench);
}

static void
the_dearest_of_all_candidates_counts (void **state)
{
    (void) state;
    bench_t bench;
    char body[2048];
    s_begin (&bench, "cheap", "dear");
    s_find (&bench, BR_SURFACE_CHAT, "{\"model\":\"m\"}"); //  13 bytes
    assert_int_equal (bench.worst.fixed_nusd, 13 * 3000);
    assert_int_equal (bench.worst.output_rate, 10000000000);
    assert_int_equal (bench.worst.output_tokens, 4000);
    //  a long one comes into the tier
    memset (body, ' ', sizeof body);
    memcpy (body, "{\"model\":\"m\"", 12);
    body[1999] = '}';
    body[2000] = '\0';
    s_find (&bench, BR_SURFACE_CHAT, body);
    assert_int_equal (bench.worst.fixed_nusd, 2000 * 5000);
    s_end (&bench);
}

static void
a_candidate_without_a_price_is_said (void **state)
{
    (void) state;
    bench_t bench;
    s_begin (&bench, "cheap", "nobody-knows");
    s_find (&bench, BR_SURFACE_CHAT, "{\"model\":\"m\"}");
    assert_true (bench.worst.unpriced);
    assert_int_equal (bench.worst.fixed_nusd, 13 * 1000);
    s_end (&bench);
    //  one without a rate for output is enough, where there is output
    s_begin (&bench, "embed", NULL);
    s_find (&bench, BR_SURFACE_CHAT, "{\"model\":\"m\"}");
    assert_true (bench.worst.unpriced);
    s_find (&bench, BR_SURFACE_EMBEDDINGS, "{\"model\":\"m\"}");
    assert_false (bench.worst.unpriced);
    assert_int_equal (bench.worst.output_tokens, 0);
    assert_int_equal (ingress_worst_nusd (&bench.worst), 13 * 1000);
    s_end (&bench);
}

static void
media_have_bounds_of_their_own (void **state)
{
    (void) state;
    bench_t bench;
    const char *image = "{\"model\":\"m\",\"messages\":[{\"content\":[{\"image_url\":{"
                        "\"url\":\"data:12345\"}}]}]}";
    const char *sound = "{\"model\":\"m\",\"messages\":[{\"content\":[{\"input_audio\":{"
                        "\"data\":\"1234567890\"}}]}]}";
    const char *file = "{\"model\":\"m\",\"messages\":[{\"content\":[{\"file\":{"
                       "\"file_id\":\"f\"}}]}]}";
    s_begin (&bench, "cheap", NULL);
    s_find (&bench, BR_SURFACE_CHAT, image);
    assert_int_equal (bench.worst.input_tokens,
                      strlen (image) - 10 + INGRESS_WORST_IMAGE);
    s_find (&bench, BR_SURFACE_CHAT, sound);
    assert_int_equal (bench.worst.input_tokens, strlen (sound) - 10 + 6);
    //  no more than the window, here 50,000
    s_find (&bench, BR_SURFACE_CHAT, file);
    assert_int_equal (bench.worst.input_tokens, strlen (file) + 50000);
    s_end (&bench);
    s_begin (&bench, "gpt-4o-mini", NULL);
    s_find (&bench, BR_SURFACE_CHAT, image);
    assert_int_equal (bench.worst.input_tokens, strlen (image) - 10 + 49152);
    s_find (&bench, BR_SURFACE_CHAT, file);
    assert_int_equal (bench.worst.input_tokens, strlen (file) + INGRESS_WORST_WINDOW);
    s_find (&bench, BR_SURFACE_TRANSCRIPTIONS, "x");
    assert_int_equal (bench.worst.input_tokens, 1 + INGRESS_WORST_WINDOW);
    s_end (&bench);
}

static void
tools_add_what_providers_say_about_them (void **state)
{
    (void) state;
    bench_t bench;
    const char *body = "{\"model\":\"m\",\"tools\":[{}]}";
    s_begin (&bench, "cheap", NULL);
    s_find (&bench, BR_SURFACE_CHAT, body);
    assert_int_equal (bench.worst.input_tokens, strlen (body) + INGRESS_WORST_TOOLS);
    s_end (&bench);
}

static void
google_says_its_maximum_deeper (void **state)
{
    (void) state;
    bench_t bench;
    s_begin (&bench, "cheap", NULL);
    s_find (&bench, BR_SURFACE_GOOGLE,
            "{\"generationConfig\":{\"maxOutputTokens\":70,\"candidate_count\":2}}");
    assert_int_equal (bench.worst.output_tokens, 140);
    assert_int_equal (bench.worst.output_least, 140);
    s_find (&bench, BR_SURFACE_GOOGLE, "{\"generationConfig\":7}");
    assert_int_equal (bench.worst.output_tokens, 4000);
    s_end (&bench);
}

static void
what_may_not_bound_the_answer_is_no_maximum (void **state)
{
    (void) state;
    static const struct {
        br_surface_t surface;
        const char *body;
    } rows[] = {
        { BR_SURFACE_CHAT, "{\"model\":\"m\",\"max_output_tokens\":1}" },
        { BR_SURFACE_RESPONSES, "{\"model\":\"m\",\"max_tokens\":1}" },
        { BR_SURFACE_MESSAGES, "{\"model\":\"m\",\"max_completion_tokens\":1}" },
        { BR_SURFACE_COMPLETIONS, "{\"model\":\"m\",\"max_completion_tokens\":1}" },
        { BR_SURFACE_CHAT,
          "{\"model\":\"m\",\"max_tokens\":1,\"max_completion_tokens\":\"9\"}" },
        { BR_SURFACE_CHAT, "{\"model\":\"m\",\"max_tokens\":0}" },
        { BR_SURFACE_GOOGLE,
          "{\"generationConfig\":{\"maxOutputTokens\":1,\"max_output_tokens\":\"9\"}}" },
    };
    bench_t bench;
    s_begin (&bench, "cheap", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s_find (&bench, rows[i].surface, rows[i].body);
        assert_int_equal (bench.worst.output_tokens, 4000);
        assert_int_equal (bench.worst.output_least, INGRESS_WORST_LEAST);
    }
    s_find (&bench, BR_SURFACE_GOOGLE,
            "{\"generationConfig\":{\"candidateCount\":\"2\"}}");
    assert_int_equal (bench.worst.output_tokens, 8 * 4000);
    s_end (&bench);
}

//  Images and the like are passed on as they are: no provider would hear of a bound.
static void
what_cannot_be_told_of_a_bound_wants_all_of_it (void **state)
{
    (void) state;
    bench_t bench;
    s_begin (&bench, "cheap", NULL);
    s_find (&bench, BR_SURFACE_IMAGES, "{\"model\":\"m\",\"max_tokens\":1,\"n\":2}");
    assert_int_equal (bench.worst.output_tokens, 8000);
    assert_int_equal (bench.worst.output_least, 8000);
    s_end (&bench);
}

static void
what_uses_nothing_holds_nothing (void **state)
{
    (void) state;
    bench_t bench;
    s_begin (&bench, "nobody-knows", NULL);
    s_find (&bench, BR_SURFACE_MESSAGES_TOKENS, "{\"model\":\"m\"}");
    assert_int_equal (ingress_worst_nusd (&bench.worst), 0);
    assert_false (bench.worst.unpriced);
    s_find (&bench, BR_SURFACE_RESPONSE, "");
    assert_false (bench.worst.unpriced);
    s_end (&bench);
}

static void
huge_numbers_stop_at_the_greatest (void **state)
{
    (void) state;
    bench_t bench;
    s_begin (&bench, "dear", NULL);
    s_find (&bench, BR_SURFACE_CHAT,
            "{\"model\":\"m\",\"max_tokens\":9223372036854775807,\"n\":1000000000}");
    assert_int_equal (bench.worst.output_tokens, UINT64_C (1) << 40);
    ingress_worst_t worst = { .fixed_nusd = INT64_MAX, .output_rate = 1000000 };
    worst.output_tokens = 5;
    assert_int_equal (ingress_worst_nusd (&worst), INT64_MAX);
    s_end (&bench);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (bytes_are_tokens_and_the_clients_maximum_counts),
        cmocka_unit_test (without_a_maximum_the_catalogues_counts),
        cmocka_unit_test (the_dearest_of_all_candidates_counts),
        cmocka_unit_test (a_candidate_without_a_price_is_said),
        cmocka_unit_test (media_have_bounds_of_their_own),
        cmocka_unit_test (tools_add_what_providers_say_about_them),
        cmocka_unit_test (google_says_its_maximum_deeper),
        cmocka_unit_test (what_may_not_bound_the_answer_is_no_maximum),
        cmocka_unit_test (what_cannot_be_told_of_a_bound_wants_all_of_it),
        cmocka_unit_test (what_uses_nothing_holds_nothing),
        cmocka_unit_test (huge_numbers_stop_at_the_greatest),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
