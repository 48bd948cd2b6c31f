//  What the tap reads from answers of OpenAI's Responses; recorded ones are held against
//  cJSON.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/tap_corpus.h"

#define CREATED                                                                          \
    "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{"       \
    "\"id\":\"i\",\"model\":\"m\",\"status\":\"in_progress\",\"error\":null,"            \
    "\"incomplete_details\":null,\"usage\":null}}\n\n"
#define PROGRESS                                                                         \
    "event: response.in_progress\ndata: {\"type\":\"response.in_progress\"}\n\n"
#define TEXT                                                                             \
    "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\"," \
    "\"delta\":\"response.completed\"}\n\n"
#define USAGE                                                                            \
    "\"usage\":{\"input_tokens\":9,\"input_tokens_details\":{\"cached_tokens\":4},"      \
    "\"output_tokens\":7,\"output_tokens_details\":{\"reasoning_tokens\":5}}"
#define COMPLETED                                                                        \
    "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{"   \
    "\"id\":\"i\",\"model\":\"m\",\"status\":\"completed\"," USAGE "}}\n\n"
#define INCOMPLETE                                                                       \
    "data: {\"type\":\"response.incomplete\",\"response\":{\"status\":\"incomplete\","   \
    "\"incomplete_details\":{\"reason\":\"max_output_tokens\"}," USAGE "}}\n\n"
#define FAILED                                                                           \
    "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{"         \
    "\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"m\"}}}"    \
    "\n\n"

static tap_first_t
s_push (tap_t *tap, const char *text)
{
    return tap_push (tap, text, strlen (text));
}

static void
p01_usage_comes_with_the_last_event (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_RESPONSES, true);
    assert_int_equal (s_push (tap, CREATED PROGRESS), TAP_NOTHING);
    assert_int_equal (s_push (tap, TEXT), TAP_DATA);
    const tap_result_t *result = tap_result (tap);
    assert_false (result->usage.known || result->complete);
    assert_string_equal (result->finish, "");
    s_push (tap, COMPLETED);
    assert_true (result->usage.known && result->complete && result->done);
    assert_int_equal (result->usage.input, 9);
    assert_int_equal (result->usage.cache_read, 4);
    assert_int_equal (result->usage.output, 7);
    assert_int_equal (result->usage.reasoning, 5);
    assert_string_equal (result->finish, "completed");
    assert_string_equal (result->id, "i");
    s_push (tap, "data: [DONE]\n\n");
    tap_end (tap);
    assert_true (result->complete && !result->unknown);
    tap_destroy (&tap);
}

static void
an_incomplete_response_is_a_whole_answer (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_RESPONSES, true);
    assert_int_equal (s_push (tap, INCOMPLETE), TAP_DATA);
    assert_true (tap_result (tap)->complete);
    assert_string_equal (tap_result (tap)->finish, "max_output_tokens");
    tap_destroy (&tap);
}

typedef struct {
    const char *text;
    tap_first_t first;
    const char *type;
    const char *code;
} error_case_t;

static const error_case_t s_errors[] = {
    { CREATED FAILED, TAP_ERROR, "", "server_error" },
    { CREATED TEXT FAILED, TAP_DATA, "", "server_error" },
    { CREATED "event: error\ndata: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\","
              "\"message\":\"m\",\"param\":null}\n\n",
      TAP_ERROR, "", "rate_limit_exceeded" },
    { "data: {\"type\":\"error\",\"error\":{\"type\":\"insufficient_quota\",\"code\":"
      "\"insufficient_quota\"}}\n\n" FAILED,
      TAP_ERROR, "insufficient_quota", "insufficient_quota" },
    { "{\"error\":{\"type\":\"invalid_request_error\",\"code\":null}}", TAP_ERROR,
      "invalid_request_error", "" },
    { "{\"code\":\"invalid-argument\",\"error\":\"text\"}", TAP_ERROR, "",
      "invalid-argument" },
    { "{\"object\":\"response\",\"status\":\"failed\",\"error\":{\"code\":\"c\"}}",
      TAP_ERROR, "", "c" },
};

static void
p38_errors_inside_of_a_success_are_known (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_errors / sizeof s_errors[0]; i++) {
        const error_case_t *row = &s_errors[i];
        tap_t *tap = tap_corpus_tap (BR_PROTOCOL_RESPONSES, row->text, strlen (row->text),
                                     9);
        const tap_result_t *result = tap_result (tap);
        assert_int_equal (result->first, row->first);
        assert_true (result->error && !result->complete && !result->unknown);
        assert_string_equal (result->error_type, row->type);
        assert_string_equal (result->error_code, row->code);
        tap_destroy (&tap);
    }
}

static void
a_stream_without_its_last_event_is_not_whole (void **state)
{
    (void) state;
    static const char *const texts[] = {
        CREATED TEXT,
        CREATED TEXT "data: [DONE]\n\n",
        CREATED TEXT "event: response.completed\ndata: {\"response\":{\"status\":\"comp",
        CREATED TEXT "event: response.completed\ndata: {\"type\":\"response.completed\"}",
        "event: keepalive\ndata: {\"type\":\"keepalive\"}\n\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tap_t *tap = tap_corpus_tap (BR_PROTOCOL_RESPONSES, texts[i], strlen (texts[i]),
                                     13);
        assert_false (tap_result (tap)->complete || tap_result (tap)->done);
        tap_destroy (&tap);
    }
}

//  ---- recorded traffic

static void
s_slow_usage (br_usage_t *sum, const cJSON *usage)
{
    if (!cJSON_IsObject (usage))
        return;
    sum->known = true;
    tap_corpus_count (usage, "input_tokens", &sum->input);
    tap_corpus_count (usage, "output_tokens", &sum->output);
    const cJSON *input = tap_corpus_get (usage, "input_tokens_details");
    tap_corpus_count (input, "cached_tokens", &sum->cache_read);
    tap_corpus_count (input, "cache_write_tokens", &sum->cache_write);
    tap_corpus_count (tap_corpus_get (usage, "output_tokens_details"), "reasoning_tokens",
                      &sum->reasoning);
}

static void
s_slow (tap_facts_t *facts, const cJSON *frame)
{
    const cJSON *type = tap_corpus_get (frame, "type");
    const cJSON *response = tap_corpus_get (frame, "response");
    response = response ? response : frame;
    const cJSON *error = tap_corpus_get (response, "error");
    facts->error |= error && !cJSON_IsNull (error);
    if (type && response == frame)
        return;
    if (!facts->id[0])
        tap_corpus_text (response, "id", facts->id, sizeof facts->id);
    if (!facts->model[0])
        tap_corpus_text (response, "model", facts->model, sizeof facts->model);
    if (!type || strcmp (type->valuestring, "response.completed") == 0
        || strcmp (type->valuestring, "response.failed") == 0
        || strcmp (type->valuestring, "response.incomplete") == 0) {
        tap_corpus_text (response, "status", facts->finish, sizeof facts->finish);
        tap_corpus_text (tap_corpus_get (response, "incomplete_details"), "reason",
                         facts->finish, sizeof facts->finish);
    }
    s_slow_usage (&facts->usage, tap_corpus_get (response, "usage"));
}

static void
recorded_answers_are_read_as_cjson_reads_them_and_none_is_whole_when_cut (void **state)
{
    (void) state;
    tap_corpus_t corpus = { BR_PROTOCOL_RESPONSES, "openai-responses", s_slow };
    if (tap_corpus_check (&corpus) == 0)
        skip ();
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (p01_usage_comes_with_the_last_event),
        cmocka_unit_test (an_incomplete_response_is_a_whole_answer),
        cmocka_unit_test (p38_errors_inside_of_a_success_are_known),
        cmocka_unit_test (a_stream_without_its_last_event_is_not_whole),
        cmocka_unit_test (
            recorded_answers_are_read_as_cjson_reads_them_and_none_is_whole_when_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
