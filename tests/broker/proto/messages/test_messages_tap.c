//  What the tap reads from answers of Anthropic's Messages; recorded ones are held against
//  cJSON.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/tap_corpus.h"

#define START                                                                            \
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"i\"," \
    "\"model\":\"m\",\"stop_reason\":null,\"usage\":{\"input_tokens\":10,"               \
    "\"cache_read_input_tokens\":60,\"cache_creation_input_tokens\":30,"                 \
    "\"output_tokens\":1}}}\n\n"
#define PING "event: ping\ndata: {\"type\":\"ping\"}\n\n"
#define TEXT                                                                             \
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"   \
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"message_stop\"}}\n\n"
#define DELTA                                                                            \
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"                \
    "\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":50}}\n\n"
#define STOP "event: message_stop\ndata: {\"type\":\"message_stop\"   }\n\n"
#define OVERLOAD                                                                         \
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","  \
    "\"message\":\"Overloaded\"},\"request_id\":\"r\"}\n\n"

static tap_first_t
s_push (tap_t *tap, const char *text)
{
    return tap_push (tap, text, strlen (text));
}

static void
p01_usage_of_both_ends_of_a_stream_is_put_together (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_MESSAGES, true);
    s_push (tap, START PING TEXT);
    const tap_result_t *result = tap_result (tap);
    assert_true (result->usage.known);
    assert_int_equal (result->usage.input, 100);
    s_push (tap, DELTA);
    assert_int_equal (result->usage.input, 100);
    assert_int_equal (result->usage.cache_read, 60);
    assert_int_equal (result->usage.cache_write, 30);
    assert_int_equal (result->usage.output, 50);
    tap_destroy (&tap);
}

static void
p37_overload_behind_the_first_event_is_still_in_front_of_the_answer (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_MESSAGES, true);
    assert_int_equal (s_push (tap, START PING), TAP_NOTHING);
    assert_int_equal (s_push (tap, OVERLOAD), TAP_ERROR);
    assert_string_equal (tap_result (tap)->error_type, "overloaded_error");
    tap_end (tap);
    assert_false (tap_result (tap)->complete);
    tap_destroy (&tap);

    tap = tap_new (BR_PROTOCOL_MESSAGES, true);
    assert_int_equal (s_push (tap, START TEXT), TAP_DATA);
    assert_int_equal (s_push (tap, OVERLOAD STOP), TAP_DATA);
    assert_true (tap_result (tap)->error);
    assert_false (tap_result (tap)->complete);
    tap_destroy (&tap);
}

static void
it_is_whole_with_message_stop_and_not_before (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_MESSAGES, true);
    s_push (tap,
            START TEXT DELTA "event: message_stop\ndata: {\"type\":\"message_stop\"");
    assert_false (tap_result (tap)->complete);
    tap_end (tap);
    assert_false (tap_result (tap)->complete);
    tap_destroy (&tap);

    tap = tap_new (BR_PROTOCOL_MESSAGES, true);
    s_push (tap, START DELTA STOP);
    assert_true (tap_result (tap)->complete);
    assert_string_equal (tap_result (tap)->finish, "end_turn");
    s_push (tap, "event: data\ndata: [DONE]\n\n");
    tap_end (tap);
    assert_true (tap_result (tap)->complete && !tap_result (tap)->unknown);
    tap_destroy (&tap);
}

static void
events_without_names_are_known_by_their_type (void **state)
{
    (void) state;
    static const char text[] =
        "data: "
        "{\"type\":\"message_start\",\"message\":{\"id\":\"i\",\"model\":\"m\"}}\n\n"
        "data: {\"usage\":{\"output_tokens\":3},\"delta\":{\"stop_reason\":\"tool_use\"},"
        "\"type\":\"message_delta\"}\n\ndata: { \"type\": \"message_stop\" }\n\n";
    tap_t *tap = tap_corpus_tap (BR_PROTOCOL_MESSAGES, text, strlen (text), 5);
    const tap_result_t *result = tap_result (tap);
    assert_true (result->complete && !result->unknown);
    assert_string_equal (result->finish, "tool_use");
    assert_string_equal (result->model, "m");
    assert_int_equal (result->usage.output, 3);
    tap_destroy (&tap);
}

static void
nonsense_is_unknown (void **state)
{
    (void) state;
    static const char *const texts[] = { "event: message_start\ndata: {\"type\n\n",
                                         "event: message_delta\ndata: 1\n\n",
                                         "event: message_stop\ndata: x\n\n",
                                         "data: hello\n\n",
                                         "event: message_start\ndata: null\n\n",
                                         "{\"type\":",
                                         "[1]" };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tap_t *tap = tap_corpus_tap (BR_PROTOCOL_MESSAGES, texts[i], strlen (texts[i]),
                                     4);
        assert_int_equal (tap_result (tap)->first, TAP_DATA);
        assert_true (tap_result (tap)->unknown);
        assert_false (tap_result (tap)->complete);
        tap_destroy (&tap);
    }
}

//  ---- recorded traffic

static void
s_slow_message (tap_facts_t *facts, const cJSON *message)
{
    if (!facts->id[0])
        tap_corpus_text (message, "id", facts->id, sizeof facts->id);
    if (!facts->model[0])
        tap_corpus_text (message, "model", facts->model, sizeof facts->model);
    tap_corpus_text (message, "stop_reason", facts->finish, sizeof facts->finish);
}

static void
s_slow_usage (tap_facts_t *facts, const cJSON *usage)
{
    br_usage_t *sum = &facts->usage;
    uint64_t fresh = sum->input - sum->cache_read - sum->cache_write;
    if (!cJSON_IsObject (usage))
        return;
    sum->known = true;
    tap_corpus_count (usage, "input_tokens", &fresh);
    tap_corpus_count (usage, "cache_read_input_tokens", &sum->cache_read);
    tap_corpus_count (usage, "cache_creation_input_tokens", &sum->cache_write);
    tap_corpus_count (tap_corpus_get (usage, "cache_creation"),
                      "ephemeral_1h_input_tokens", &sum->cache_write_1h);
    tap_corpus_count (usage, "output_tokens", &sum->output);
    tap_corpus_count (tap_corpus_get (usage, "output_tokens_details"), "thinking_tokens",
                      &sum->reasoning);
    sum->input = fresh + sum->cache_read + sum->cache_write;
}

static void
s_slow (tap_facts_t *facts, const cJSON *frame)
{
    const cJSON *message = tap_corpus_get (frame, "message");
    facts->error |= cJSON_IsObject (tap_corpus_get (frame, "error"));
    if (facts->error)
        return;
    s_slow_message (facts, message ? message : frame);
    tap_corpus_text (tap_corpus_get (frame, "delta"), "stop_reason", facts->finish,
                     sizeof facts->finish);
    s_slow_usage (facts, tap_corpus_get (message ? message : frame, "usage"));
}

static void
recorded_answers_are_read_as_cjson_reads_them_and_none_is_whole_when_cut (void **state)
{
    (void) state;
    tap_corpus_t corpus = { BR_PROTOCOL_MESSAGES, "anthropic-messages", s_slow };
    if (tap_corpus_check (&corpus) == 0)
        skip ();
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (p01_usage_of_both_ends_of_a_stream_is_put_together),
        cmocka_unit_test (
            p37_overload_behind_the_first_event_is_still_in_front_of_the_answer),
        cmocka_unit_test (it_is_whole_with_message_stop_and_not_before),
        cmocka_unit_test (events_without_names_are_known_by_their_type),
        cmocka_unit_test (nonsense_is_unknown),
        cmocka_unit_test (
            recorded_answers_are_read_as_cjson_reads_them_and_none_is_whole_when_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
