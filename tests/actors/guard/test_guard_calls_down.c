//  guard: calls of tools in answers, as the actor has them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tests/actors/guard/guard_world.h"

#define CALL 5
#define JSON "application/json"
#define TOOLS                                                                            \
    "{\"tools\":{\"*\":{\"deny\":[\"bash\"]},"                                           \
    "\"gh\":{\"params\":{\"make\":{\"deny\":[\"who\"],"                                  \
    "\"action\":\"strip\"},\"merge\":{\"deny\":[\"force\"]}}}},"
#define CALLS(inner)                                                                     \
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"          \
    "\"function\":{" inner "}}]}}]}\n\n"
#define CALLED(name, args)                                                               \
    "{\"choices\":[{\"index\":0,\"message\":{\"tool_calls\":[{\"type\":\"function\","    \
    "\"function\":{\"name\":\"" name "\",\"arguments\":\"" args "\"}}]}}]}"

//  Given a call under rules for tools and no sets but those that redact keys.
static guard_world_t *
s_open (void **state, uint64_t sets)
{
    guard_world_t *world = *state;
    char *slice = br_strf ("%s%s", TOOLS, guard_world_slice + 1);
    assert_string_equal (guard_world_configure (world, 2, slice), "conf.taken#0 ");
    free (slice);
    const struct br_call_open open = { .generation = 2, .guard_sets = sets };
    static const char body[] = "{\"tools\":[{\"function\":{\"name\":\"bash\"}}]}";
    guard_world_open_with (world, CALL, open, body, strlen (body));
    stage_settle (&world->stage);
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN), "{}");
    return world;
}

static const char *
s_bytes (guard_world_t *world)
{
    stage_settle (&world->stage);
    return stage_bytes (&world->stage, "ingress");
}

static void
s_is_blocked (guard_world_t *world, const char *words)
{
    const struct br_reply_error *error = br_msg_fields (
        stage_last (&world->stage, "ingress", BR_REPLY_ERROR));
    assert_int_equal (error->code, BR_EUPGUARD);
    assert_string_equal (error->error, words);
    const struct br_attempt_cancel *cancel = br_msg_fields (
        stage_last (&world->stage, "upstream/openai", BR_ATTEMPT_CANCEL));
    assert_int_equal (cancel->code, BR_EUPGUARD);
}

static void
a_tool_that_may_not_be_called_ends_the_stream (void **state)
{
    guard_world_t *world = s_open (state, 0);
    guard_world_head (world, CALL, 1, EVENTS, SAYS ("hello"));
    guard_world_delta (world, CALL, 1, CALLS ("\"name\":\"bash\",\"arguments\":\"\""));
    s_is_blocked (world, "tool 'bash' is not allowed");
    assert_string_equal (s_bytes (world), SAYS ("hello"));
}

//  What is stripped is not there, and what is left is looked at as ever.
static void
arguments_are_stripped_from_a_stream (void **state)
{
    guard_world_t *world = s_open (state, KEYS);
    guard_world_head (world, CALL, 1, EVENTS, CALLS ("\"name\":\"gh__make\""));
    guard_world_delta (world, CALL, 1,
                       CALLS ("\"arguments\":\"{\\\"who\\\":1,\\\"k\\\":\\\"sk-ab\""));
    guard_world_delta (world, CALL, 1, CALLS ("\"arguments\":\"cd1234\\\"}\""));
    guard_world_delta (world, CALL, 1, STOPS);
    guard_world_end (world, CALL, 1);
    assert_string_equal (s_bytes (world),
                         CALLS ("\"name\":\"gh__make\"") CALLS ("\"arguments\":\"\"")
                             CALLS ("\"arguments\":\"{\\\"k\\\":\\\"[REDACTED]\\\"}\"")
                                 STOPS);
}

static void
a_call_that_is_cut_ends_the_stream (void **state)
{
    guard_world_t *world = s_open (state, KEYS);
    guard_world_head (world, CALL, 1, EVENTS,
                      CALLS ("\"name\":\"gh__merge\"") CALLS ("\"arguments\":\"{\""));
    guard_world_end (world, CALL, 1);
    s_is_blocked (world, "arguments of tool 'gh__merge' are no JSON object");
}

static void
calls_of_a_single_answer_are_judged (void **state)
{
    guard_world_t *world = s_open (state, 0);
    guard_world_head (world, CALL, 1, JSON,
                      CALLED ("gh__make", "{\\\"who\\\":\\\"sk-abcd1234\\\"}"));
    guard_world_end (world, CALL, 1);
    assert_string_equal (s_bytes (world), CALLED ("gh__make", "{}"));
}

static void
a_single_answer_with_a_call_that_is_denied_is_blocked (void **state)
{
    guard_world_t *world = s_open (state, 0);
    guard_world_head (world, CALL, 1, JSON, CALLED ("gh__merge", "{\\\"force\\\":1}"));
    guard_world_end (world, CALL, 1);
    s_is_blocked (world, "parameter 'force' denied on tool 'gh__merge'");
    assert_string_equal (s_bytes (world), "");
}

static void
a_single_answer_that_cannot_be_read_is_blocked (void **state)
{
    guard_world_t *world = s_open (state, 0);
    guard_world_head (world, CALL, 1, JSON, "{\"choices\":");
    guard_world_end (world, CALL, 1);
    s_is_blocked (world,
                  "the answer could not be read, and the rules for tools fail closed");
}

//  Made in the background and fetched later.
static void
calls_of_a_stored_answer_are_judged (void **state)
{
    guard_world_t *world = s_open (state, 0);
    const struct br_call_open open = { .generation = 2, .surface = BR_SURFACE_RESPONSE };
    guard_world_open_with (world, CALL + 1, open, "", 0);
    stage_settle (&world->stage);
    assert_string_equal (guard_world_body (world, "router", BR_CALL_OPEN), "");
    guard_world_head (world, CALL + 1, 1, JSON,
                      "{\"output\":[{\"type\":\"function_call\",\"name\":\"bash\"}]}");
    guard_world_end (world, CALL + 1, 1);
    s_is_blocked (world, "tool 'bash' is not allowed");
}

//  What is offered to be counted or made compact goes as it would of a talk.
static void
tools_go_from_what_does_not_talk (void **state)
{
    guard_world_t *world = s_open (state, 0);
    static const br_surface_t surfaces[] = { BR_SURFACE_RESPONSES_COMPACT,
                                             BR_SURFACE_RESPONSES_TOKENS,
                                             BR_SURFACE_MESSAGES_TOKENS,
                                             BR_SURFACE_GOOGLE_TOKENS };
    for (uint64_t i = 0; i < sizeof surfaces / sizeof *surfaces; i++) {
        const struct br_call_open open = { .generation = 2, .surface = surfaces[i] };
        static const char body[] = "{\"tools\":[{\"name\":\"bash\"},"
                                   "{\"functionDeclarations\":[{\"name\":\"bash\"}]}]}";
        guard_world_open_with (world, CALL + 1 + i, open, body, strlen (body));
        stage_settle (&world->stage);
        const char *heard = guard_world_body (world, "router", BR_CALL_OPEN);
        bool is_google = surfaces[i] == BR_SURFACE_GOOGLE_TOKENS;
        const char *wanted = is_google ? "{\"tools\":[{\"name\":\"bash\"}]}"
                                       : "{\"tools\":[";
        assert_int_equal (strncmp (heard, wanted, strlen (wanted)), 0);
        assert_true (is_google || !strstr (heard, "{\"name\":\"bash\"},"));
        guard_world_head (world, CALL + 1 + i, 1, JSON, "{\"input_tokens\":3}");
        guard_world_end (world, CALL + 1 + i, 1);
        assert_string_equal (guard_world_body (world, "ingress", BR_REPLY_HEAD),
                             "{\"input_tokens\":3}");
    }
}

static void
calls_of_a_compact_talk_are_judged (void **state)
{
    guard_world_t *world = s_open (state, 0);
    const struct br_call_open open = { .generation = 2,
                                       .surface = BR_SURFACE_RESPONSES_COMPACT };
    guard_world_open_with (world, CALL + 1, open, "{}", 2);
    stage_settle (&world->stage);
    guard_world_head (world, CALL + 1, 1, JSON,
                      "{\"output\":[{\"type\":\"function_call\",\"name\":\"bash\"}]}");
    guard_world_end (world, CALL + 1, 1);
    s_is_blocked (world, "tool 'bash' is not allowed");
}

//  An error calls nothing.
static void
an_error_has_no_calls (void **state)
{
    guard_world_t *world = s_open (state, 0);
    struct br_reply_error error = { .code = BR_EUPCUT, .error = "no" };
    error.content_type = JSON;
    guard_world_say (world, "upstream/openai", BR_REPLY_ERROR, CALL, 1, &error,
                     CALLED ("bash", "{}"));
    assert_string_equal (s_bytes (world), CALLED ("bash", "{}"));
}

//  Nobody can tell what it calls: a client that asked for a stream reads it as one.
static void
an_answer_of_an_unknown_form_is_blocked (void **state)
{
    guard_world_t *world = s_open (state, 0);
    guard_world_head (world, CALL, 1, "text/plain", "d");
    s_is_blocked (world, "the answer is neither JSON nor a stream of events, and its "
                         "guardrails fail closed");
    assert_string_equal (s_bytes (world), "");
}

#define TEST(name)                                                                       \
    cmocka_unit_test_setup_teardown (name, guard_world_setup, guard_world_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_tool_that_may_not_be_called_ends_the_stream),
        TEST (arguments_are_stripped_from_a_stream),
        TEST (a_call_that_is_cut_ends_the_stream),
        TEST (calls_of_a_single_answer_are_judged),
        TEST (a_single_answer_with_a_call_that_is_denied_is_blocked),
        TEST (a_single_answer_that_cannot_be_read_is_blocked),
        TEST (calls_of_a_stored_answer_are_judged),
        TEST (tools_go_from_what_does_not_talk),
        TEST (calls_of_a_compact_talk_are_judged),
        TEST (an_error_has_no_calls),
        TEST (an_answer_of_an_unknown_form_is_blocked),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
