//  upstream_answer: what an answer has cost, told or estimated, and the bound of its output.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/actors/upstream/answered.h"

#define SAYS "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\n"
#define USAGE                                                                            \
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n"
#define DONE "data: [DONE]\n\n"

static void
usage_that_was_asked_for_in_secret_is_not_told (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (
        answered_begin (&world, BR_SURFACE_CHAT, BR_SURFACE_CHAT, 1, CHAT_STREAM_CALL));
    assert_non_null (upstream_answer_request (world.answer));
    answered_push (&world, SAYS USAGE DONE);
    upstream_answer_end (world.answer, &world.out);
    assert_string_equal (br_buf_text (&world.out), SAYS DONE);
    assert_true (upstream_answer_is_whole (world.answer));
    assert_true (upstream_answer_usage (world.answer).known);
    assert_int_equal (upstream_answer_estimate (world.answer).output, 4);
    answered_end (&world);
}

static void
usage_that_the_client_asked_for_is_told (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (answered_begin (&world, BR_SURFACE_CHAT, BR_SURFACE_CHAT, 1,
                                 "{\"stream_options\":{\"include_usage\":true}}"));
    assert_null (upstream_answer_request (world.answer));
    answered_push (&world, SAYS USAGE DONE);
    upstream_answer_end (world.answer, &world.out);
    assert_string_equal (br_buf_text (&world.out), SAYS USAGE DONE);
    answered_end (&world);
}

static void
without_usage_it_is_estimated (void **state)
{
    (void) state;
    static const struct {
        br_surface_t asked;
        const char *bytes;
        uint64_t output;
    } rows[] = {
        { BR_SURFACE_CHAT, SAYS SAYS, 3 },
        { BR_SURFACE_CHAT,
          SAYS "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":0,"
               "\"completion_tokens\":0}}\n\n",
          2 },
        { BR_SURFACE_GOOGLE_STREAM,
          "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{"
          "\"text\":\"hello\"}]}}]}\n\n",
          2 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        answered_t world = { .secrets = NULL };
        assert_true (
            answered_begin (&world, BR_SURFACE_CHAT, rows[i].asked, 1, CHAT_STREAM_CALL));
        answered_push (&world, rows[i].bytes);
        assert_false (upstream_answer_usage (world.answer).known);
        br_usage_t usage = upstream_answer_estimate (world.answer);
        assert_false (usage.known);
        assert_int_equal (usage.input, (strlen (CHAT_STREAM_CALL) + 3) / 4);
        assert_int_equal (usage.output, rows[i].output);
        answered_end (&world);
    }
}

#define MESSAGE_START                                                                    \
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":"       \
    "\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m-1\","           \
    "\"content\":[],\"usage\":{\"input_tokens\":9,\"cache_read_input_tokens\":2,"        \
    "\"output_tokens\":1}}}\n\n"                                                         \
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"   \
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"                           \
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"   \
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"hello world\"}}\n\n"

//  What stands in the first event is not what the whole will cost.
static void
the_beginning_of_messages_tells_the_input_alone (void **state)
{
    (void) state;
    static const br_surface_t clients[] = { BR_SURFACE_MESSAGES, BR_SURFACE_CHAT };
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        answered_t world = { .secrets = NULL };
        assert_true (answered_begin (&world, clients[i], BR_SURFACE_MESSAGES, 1,
                                     CHAT_STREAM_CALL));
        answered_push (&world, MESSAGE_START);
        assert_false (upstream_answer_usage (world.answer).known);
        br_usage_t usage = upstream_answer_estimate (world.answer);
        assert_false (usage.known);
        assert_int_equal (usage.input, 11);
        assert_int_equal (usage.cache_read, 2);
        assert_int_equal (usage.output, 3);
        answered_end (&world);
    }
}

static void
what_is_no_talk_is_not_estimated (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_true (
        answered_begin (&world, BR_SURFACE_EMBEDDINGS, BR_SURFACE_EMBEDDINGS, 0, "{}"));
    upstream_answer_head (world.answer, "application/json");
    answered_push (&world, "{\"data\":[]}");
    upstream_answer_end (world.answer, &world.out);
    br_usage_t usage = upstream_answer_estimate (world.answer);
    assert_false (usage.known);
    assert_int_equal (usage.input + usage.output, 0);
    answered_end (&world);
}

static void
a_bound_is_said_in_the_providers_words (void **state)
{
    (void) state;
    static const struct {
        br_surface_t asked;
        const char *body;
        const char *sent;
    } rows[] = {
        { BR_SURFACE_MESSAGES, CHAT_CALL, "\"max_tokens\":200" },
        { BR_SURFACE_RESPONSES, CHAT_CALL, "\"max_output_tokens\":200" },
        { BR_SURFACE_GOOGLE, CHAT_CALL, "\"maxOutputTokens\":200" },
        { BR_SURFACE_MESSAGES,
          "{\"model\":\"gpt\",\"max_tokens\":500,\"reasoning_effort\":\"high\","
          "\"messages\":[{\"role\":"
          "\"user\",\"content\":\"hi\"}]}",
          "\"max_tokens\":200" },
        { BR_SURFACE_MESSAGES,
          "{\"model\":\"gpt\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\","
          "\"content\":\"hi\"}]}",
          "\"max_tokens\":50" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        answered_t world = { .secrets = NULL };
        assert_true (answered_begin_bound (&world, BR_SURFACE_CHAT, rows[i].asked, 0,
                                           rows[i].body, 200));
        br_blob_t *request = upstream_answer_request (world.answer);
        assert_non_null (memmem (br_blob_data (request), br_blob_size (request),
                                 rows[i].sent, strlen (rows[i].sent)));
        assert_null (
            memmem (br_blob_data (request), br_blob_size (request), "budget_tokens", 13));
        answered_end (&world);
    }
}

static void
a_bound_that_the_provider_would_raise_is_asked_elsewhere (void **state)
{
    (void) state;
    answered_t world = { .secrets = NULL };
    assert_false (answered_begin_bound (&world, BR_SURFACE_CHAT, BR_SURFACE_RESPONSES, 0,
                                        CHAT_CALL, 15));
    assert_int_equal (world.failure, BR_FAILURE_UNFIT);
    br_buf_free (&world.out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (usage_that_was_asked_for_in_secret_is_not_told),
        cmocka_unit_test (usage_that_the_client_asked_for_is_told),
        cmocka_unit_test (without_usage_it_is_estimated),
        cmocka_unit_test (the_beginning_of_messages_tells_the_input_alone),
        cmocka_unit_test (what_is_no_talk_is_not_estimated),
        cmocka_unit_test (a_bound_is_said_in_the_providers_words),
        cmocka_unit_test (a_bound_that_the_provider_would_raise_is_asked_elsewhere),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
