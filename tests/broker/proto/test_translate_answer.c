//  test_translate_answer: bytes of providers that are no plain answers: errors, web
//  pages, broken events, bodies where a stream was asked for and the reverse.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/translate_answer.h"

typedef struct {
    br_call_t *call;
    br_asked_t asked;
    translate_sides_t sides;
    translate_answer_t *answer;
    br_buf_t out;
} world_t;

static world_t *
s_world (br_protocol_t provider, br_protocol_t client, bool stream)
{
    world_t *world = BR_NEW (world_t);
    world->call = br_call_new (client);
    world->call->stream = stream;
    world->asked = (br_asked_t) { .call = world->call,
                                  .model = BR_TEXT ("mine"),
                                  .id = "0123456789abcdef01234567" };
    world->sides = (translate_sides_t) { .client = br_codec_of (client),
                                         .provider = br_codec_of (provider),
                                         .asked = &world->asked };
    world->answer = translate_answer_new (&world->sides);
    br_buf_init (&world->out, 1 << 20);
    return world;
}

static void
s_free (world_t *world)
{
    translate_answer_destroy (&world->answer);
    translate_answer_destroy (&world->answer);
    br_buf_free (&world->out);
    br_call_destroy (&world->call);
    free (world);
}

static tap_first_t
s_push (world_t *world, const char *bytes)
{
    return translate_answer_push (world->answer, bytes, strlen (bytes), &world->out);
}

static const tap_result_t *
s_end (world_t *world)
{
    translate_answer_end (world->answer, &world->out);
    return translate_answer_result (world->answer);
}

static bool
s_has (world_t *world, const char *text)
{
    return strstr (br_buf_text (&world->out), text) != NULL;
}

#define CHUNK(delta, finish)                                                             \
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"            \
    "\"model\":\"theirs\",\"choices\":[{\"index\":0,\"delta\":" delta                    \
    ",\"finish_reason\":" finish "}]}\n\n"

static const char s_body[] =
    "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"theirs\","
    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"hi\"},"
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,"
    "\"completion_tokens\":1,\"total_tokens\":4}}";

static void
given_a_stream_when_its_mark_comes_then_it_is_whole (void **state)
{
    (void) state;
    world_t *world = s_world (BR_PROTOCOL_CHAT, BR_PROTOCOL_MESSAGES, true);
    assert_int_equal (s_push (world, ": wait\n\n"), TAP_NOTHING);
    assert_int_equal (s_push (world, CHUNK ("{\"role\":\"assistant\"}", "null")),
                      TAP_NOTHING);
    assert_int_equal (s_push (world, CHUNK ("{\"content\":\"hi\"}", "null")), TAP_DATA);
    s_push (world, CHUNK ("{}", "\"stop\""));
    assert_false (translate_answer_result (world->answer)->complete);
    assert_false (s_has (world, "message_stop"));
    s_push (world, "data: [DONE]\n\n");
    const tap_result_t *result = translate_answer_result (world->answer);
    assert_true (result->complete && result->done);
    assert_string_equal (result->model, "theirs");
    assert_string_equal (result->finish, "stop");
    assert_true (s_has (world, "message_stop") && s_has (world, "\"mine\""));
    size_t size = world->out.size;
    s_push (world, "data: {\"what\":1}\n\n");
    assert_true (s_end (world)->complete);
    assert_int_equal (world->out.size, size);
    s_free (world);
}

static void
given_a_body_when_a_stream_was_asked_for_then_a_stream_is_told (void **state)
{
    (void) state;
    world_t *world = s_world (BR_PROTOCOL_CHAT, BR_PROTOCOL_MESSAGES, true);
    assert_int_equal (s_push (world, "\n\n"), TAP_NOTHING);
    assert_int_equal (s_push (world, s_body), TAP_NOTHING);
    const tap_result_t *result = s_end (world);
    assert_true (result->complete);
    assert_int_equal (result->usage.input, 3);
    assert_true (s_has (world, "event: message_start") && s_has (world, "message_stop"));
    s_free (world);
}

static void
given_a_stream_when_a_body_was_asked_for_then_a_body_is_told (void **state)
{
    (void) state;
    world_t *world = s_world (BR_PROTOCOL_CHAT, BR_PROTOCOL_MESSAGES, false);
    assert_int_equal (s_push (world, CHUNK ("{\"content\":\"hi\"}", "null")),
                      TAP_NOTHING);
    s_push (world, CHUNK ("{}", "\"stop\"") "data: [DONE]\n\n");
    assert_true (s_end (world)->complete);
    assert_int_equal (world->out.data[0], '{');
    assert_true (s_has (world, "\"hi\""));
    s_free (world);
}

static void
given_a_stream_without_a_mark_when_it_ends_then_its_finish_counts (void **state)
{
    (void) state;
    world_t *world = s_world (BR_PROTOCOL_CHAT, BR_PROTOCOL_MESSAGES, true);
    s_push (world, CHUNK ("{\"content\":\"hi\"}", "null") CHUNK ("{}", "\"stop\""));
    assert_true (s_end (world)->complete);
    s_free (world);
    world = s_world (BR_PROTOCOL_CHAT, BR_PROTOCOL_MESSAGES, true);
    s_push (world, CHUNK ("{\"content\":\"hi\"}", "null"));
    const tap_result_t *result = s_end (world);
    assert_false (result->complete || result->error || result->unknown);
    assert_false (s_has (world, "message_delta") || s_has (world, "message_stop"));
    s_free (world);
}

static void
given_an_error_body_when_it_ends_then_nothing_is_told (void **state)
{
    (void) state;
    for (unsigned stream = 0; stream < 2; stream++) {
        world_t *world = s_world (BR_PROTOCOL_CHAT, BR_PROTOCOL_GOOGLE, stream);
        s_push (world, "{\"error\":{\"type\":\"rate_limit\",\"code\":429}}");
        const tap_result_t *result = s_end (world);
        assert_int_equal (result->first, TAP_ERROR);
        assert_true (result->error && !result->complete && !result->unknown);
        assert_string_equal (result->error_type, "rate_limit");
        assert_string_equal (result->error_code, "429");
        assert_int_equal (world->out.size, 0);
        s_free (world);
    }
}

static void
p37_given_an_error_event_when_only_the_start_came_then_nothing_is_told (void **state)
{
    (void) state;
    world_t *world = s_world (BR_PROTOCOL_MESSAGES, BR_PROTOCOL_CHAT, true);
    s_push (world, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{"
                   "\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
                   "\"theirs\",\"content\":[],\"usage\":{\"input_tokens\":1,"
                   "\"output_tokens\":1}}}\n\n");
    assert_int_equal (
        s_push (world, "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
                       "\"overloaded_error\",\"message\":\"x\"}}\n\n"),
        TAP_ERROR);
    assert_int_equal (world->out.size, 0);
    assert_string_equal (translate_answer_result (world->answer)->error_type,
                         "overloaded_error");
    s_free (world);
}

static void
given_a_web_page_when_it_comes_then_it_is_unknown (void **state)
{
    (void) state;
    for (unsigned stream = 0; stream < 2; stream++) {
        world_t *world = s_world (BR_PROTOCOL_CHAT, BR_PROTOCOL_MESSAGES, stream);
        s_push (world, "<html><body>502</body></html>");
        const tap_result_t *result = s_end (world);
        assert_int_equal (result->first, TAP_ERROR);
        assert_true (result->unknown && !result->complete);
        assert_int_equal (world->out.size, 0);
        s_free (world);
    }
}

static void
given_broken_events_when_something_was_told_then_it_breaks_off (void **state)
{
    (void) state;
    world_t *world = s_world (BR_PROTOCOL_CHAT, BR_PROTOCOL_MESSAGES, true);
    s_push (world, CHUNK ("{\"content\":\"hi\"}", "null"));
    size_t size = world->out.size;
    s_push (world, "data: {\"choices\":[\n\n");
    s_push (world, CHUNK ("{}", "\"stop\"") "data: [DONE]\n\n");
    const tap_result_t *result = s_end (world);
    assert_true (result->unknown && !result->complete && !result->error);
    assert_int_equal (result->first, TAP_DATA);
    assert_int_equal (world->out.size, size);
    s_free (world);
}

static void
given_nothing_when_it_ends_then_it_is_not_complete (void **state)
{
    (void) state;
    world_t *world = s_world (BR_PROTOCOL_CHAT, BR_PROTOCOL_MESSAGES, true);
    const tap_result_t *result = s_end (world);
    assert_int_equal (result->first, TAP_NOTHING);
    assert_false (result->complete || result->error);
    s_free (world);
}

static void
given_an_array_of_google_when_it_ends_then_its_items_are_the_answer (void **state)
{
    (void) state;
    world_t *world = s_world (BR_PROTOCOL_GOOGLE, BR_PROTOCOL_CHAT, true);
    s_push (world, "[{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{"
                   "\"text\":\"Hel\"}]}}]},\n{\"candidates\":[{\"content\":{\"role\":"
                   "\"model\",\"parts\":[{\"text\":\"lo\"}]},\"finishReason\":\"STOP\"}],"
                   "\"usageMetadata\":{\"promptTokenCount\":2,"
                   "\"candidatesTokenCount\":1}}]");
    assert_true (s_end (world)->complete);
    assert_true (s_has (world, "\"Hel\"") && s_has (world, "\"lo\"")
                 && s_has (world, "[DONE]"));
    s_free (world);
}

static void
p06_given_a_malformed_call_of_google_when_it_comes_then_another_may_answer (void **state)
{
    (void) state;
    world_t *world = s_world (BR_PROTOCOL_GOOGLE, BR_PROTOCOL_CHAT, true);
    s_push (world, "data: {\"candidates\":[{\"content\":{},"
                   "\"finishReason\":\"MALFORMED_FUNCTION_CALL\"}]}\r\n\r\n");
    const tap_result_t *result = s_end (world);
    assert_int_equal (result->first, TAP_ERROR);
    assert_true (result->error && !result->complete);
    assert_string_equal (result->finish, "MALFORMED_FUNCTION_CALL");
    assert_int_equal (world->out.size, 0);
    s_free (world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_stream_when_its_mark_comes_then_it_is_whole),
        cmocka_unit_test (given_a_body_when_a_stream_was_asked_for_then_a_stream_is_told),
        cmocka_unit_test (given_a_stream_when_a_body_was_asked_for_then_a_body_is_told),
        cmocka_unit_test (
            given_a_stream_without_a_mark_when_it_ends_then_its_finish_counts),
        cmocka_unit_test (given_an_error_body_when_it_ends_then_nothing_is_told),
        cmocka_unit_test (
            p37_given_an_error_event_when_only_the_start_came_then_nothing_is_told),
        cmocka_unit_test (given_a_web_page_when_it_comes_then_it_is_unknown),
        cmocka_unit_test (given_broken_events_when_something_was_told_then_it_breaks_off),
        cmocka_unit_test (given_nothing_when_it_ends_then_it_is_not_complete),
        cmocka_unit_test (
            given_an_array_of_google_when_it_ends_then_its_items_are_the_answer),
        cmocka_unit_test (
            p06_given_a_malformed_call_of_google_when_it_comes_then_another_may_answer),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
