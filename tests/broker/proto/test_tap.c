//  The tap as its user sees it: shapes, the first meaningful frame, ends, and going deaf.
//  What the frames of a protocol mean is tested beside that protocol.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/net/sse.h"
#include "broker/proto/tap.h"

#define DELTA                                                                            \
    "data: "                                                                             \
    "{\"id\":\"i\",\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
#define FINISH "data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n"
#define FAILURE "data: {\"error\":{\"message\":\"no\"}}\n\n"
#define DONE "data: [DONE]\n\n"

static tap_first_t
s_push (tap_t *tap, const char *text)
{
    return tap_push (tap, text, strlen (text));
}

static void
comments_and_empty_events_are_nothing_yet (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_CHAT, true);
    assert_int_equal (s_push (tap, "\n\n: OPENROUTER PROCESSING\n\n"), TAP_NOTHING);
    assert_int_equal (s_push (tap, "data:\n\n"), TAP_NOTHING);
    assert_int_equal (s_push (tap, "event: ping\n\ndata: {"), TAP_NOTHING);
    assert_int_equal (s_push (tap, "\"id\":\"x\"}\n\n"), TAP_DATA);
    assert_string_equal (tap_result (tap)->id, "x");
    assert_false (tap_result (tap)->unknown);
    tap_destroy (&tap);
    assert_null (tap);
    tap_destroy (&tap);
    tap_destroy (NULL);
}

static void
an_error_in_front_is_told_from_one_later (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_CHAT, true);
    assert_int_equal (s_push (tap, ": hi\n\n" FAILURE), TAP_ERROR);
    assert_int_equal (s_push (tap, DELTA DONE), TAP_ERROR);
    assert_true (tap_result (tap)->error);
    assert_true (tap_result (tap)->done);
    assert_false (tap_result (tap)->complete);
    tap_destroy (&tap);

    tap = tap_new (BR_PROTOCOL_CHAT, true);
    assert_int_equal (s_push (tap, DELTA FAILURE), TAP_DATA);
    assert_true (tap_result (tap)->error);
    tap_destroy (&tap);
}

typedef struct {
    const char *stream;
    bool done;
    bool complete;
} end_case_t;

static const end_case_t s_ends[] = {
    { DELTA FINISH DONE, true, true },
    { DELTA FINISH, false, true }, //  the marker was left out
    { DELTA, false, false },
    { DELTA DELTA "data: [DONE]", true, true },  //  the last line ends are missing
    { DELTA FINISH "data: {\"id", false, true }, //  whole, though its tail is not
    { DELTA FINISH FAILURE DONE, true, false },
    { ": only\n\n", false, false },
    { "", false, false },
};

static void
a_stream_is_complete_with_its_marker_or_its_finish (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_ends / sizeof s_ends[0]; i++) {
        tap_t *tap = tap_new (BR_PROTOCOL_CHAT, true);
        s_push (tap, s_ends[i].stream);
        tap_end (tap);
        assert_int_equal (tap_result (tap)->done, s_ends[i].done);
        assert_int_equal (tap_result (tap)->complete, s_ends[i].complete);
        tap_destroy (&tap);
    }
}

static void
a_stream_that_is_cut_is_not_complete (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_CHAT, true);
    s_push (tap, DELTA FINISH);
    assert_false (tap_result (tap)->complete);
    s_push (tap, DONE);
    assert_true (tap_result (tap)->complete);
    tap_destroy (&tap);
}

static void
a_body_speaks_at_its_end (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_CHAT, false);
    assert_int_equal (s_push (tap, "\n\n {\"id\":\"x\",\"model\":\"m\",\"choices\":[{"),
                      TAP_NOTHING);
    assert_int_equal (s_push (tap, "\"finish_reason\":\"stop\"}],\"usage\":"
                                   "{\"prompt_tokens\":3,\"completion_tokens\":4}} \n"),
                      TAP_NOTHING);
    assert_int_equal (tap_end (tap), TAP_DATA);
    const tap_result_t *result = tap_result (tap);
    assert_true (result->done && result->complete);
    assert_false (result->error || result->unknown);
    assert_string_equal (result->finish, "stop");
    assert_true (result->usage.known);
    assert_int_equal (result->usage.output, 4);
    tap_destroy (&tap);
}

static void
shapes_are_told_by_the_first_byte (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_CHAT, true);
    s_push (tap, "  {\"error\":{\"code\":\"nope\"}}");
    assert_int_equal (tap_end (tap), TAP_ERROR);
    assert_string_equal (tap_result (tap)->error_code, "nope");
    tap_destroy (&tap);

    tap = tap_new (BR_PROTOCOL_CHAT, false);
    assert_int_equal (s_push (tap, DELTA), TAP_DATA);
    tap_destroy (&tap);
}

static void
nonsense_is_unknown_and_breaks_nothing (void **state)
{
    (void) state;
    static const char *const bodies[] = {
        "<html>", "{\"id\":", "12", "[]", "[1]", "{}x"
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        tap_t *tap = tap_new (BR_PROTOCOL_CHAT, false);
        s_push (tap, bodies[i]);
        assert_int_equal (tap_end (tap), TAP_DATA);
        assert_true (tap_result (tap)->unknown);
        assert_false (tap_result (tap)->complete);
        assert_int_equal (s_push (tap, "more"), TAP_DATA);
        tap_destroy (&tap);
    }
    tap_t *tap = tap_new (BR_PROTOCOL_CHAT, true);
    assert_int_equal (s_push (tap, "data: hello\n\n"), TAP_DATA);
    assert_true (tap_result (tap)->unknown);
    s_push (tap, FINISH DONE);
    assert_string_equal (tap_result (tap)->finish, "stop");
    tap_destroy (&tap);
}

static void
it_goes_deaf_over_its_bounds (void **state)
{
    (void) state;
    static const char *const starts[] = { "data: ", "{\"a\":\"" };
    size_t size = 1 << 20;
    char *filler = br_alloc (1, size);
    memset (filler, 'x', size);
    for (size_t i = 0; i < 2; i++) {
        tap_t *tap = tap_new (BR_PROTOCOL_CHAT, true);
        tap_first_t first = s_push (tap, starts[i]);
        size_t pushes = 0;
        for (; first == TAP_NOTHING && pushes < 64; pushes++)
            first = tap_push (tap, filler, size);
        assert_int_equal (first, TAP_DATA);
        assert_true (pushes <= SSE_EVENT_MAX / size + 1);
        assert_true (tap_result (tap)->unknown);
        tap_push (tap, filler, size);
        assert_int_equal (tap_end (tap), TAP_DATA);
        assert_false (tap_result (tap)->complete);
        tap_destroy (&tap);
    }
    free (filler);
}

//  What Google sends without alt=sse.
#define ELEMENT(text)                                                                    \
    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" text "\"}]}"
#define ARRAY                                                                            \
    "[" ELEMENT ("a]}\\\"[{") "}]}\n,\r\n" ELEMENT (                                     \
        "") ",\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":3,"    \
            "\"candidatesTokenCount\":4}}\n]"

static void
an_array_of_google_is_a_stream (void **state)
{
    (void) state;
    const char *text = ARRAY "\n";
    size_t size = strlen (text);
    for (size_t piece = 1; piece <= size; piece++) {
        tap_t *tap = tap_new (BR_PROTOCOL_GOOGLE, true);
        tap_first_t first = TAP_NOTHING;
        for (size_t at = 0; at < size; at += piece)
            first = tap_push (tap, text + at, size - at < piece ? size - at : piece);
        assert_int_equal (first, TAP_DATA);
        const tap_result_t *result = tap_result (tap);
        assert_true (result->complete && result->done && !result->unknown);
        assert_string_equal (result->finish, "STOP");
        assert_int_equal (result->usage.output, 4);
        assert_int_equal (tap_end (tap), TAP_DATA);
        assert_true (result->complete);
        tap_destroy (&tap);
    }
}

static void
an_array_that_is_cut_is_not_complete (void **state)
{
    (void) state;
    for (size_t size = 0; size < strlen (ARRAY); size++) {
        tap_t *tap = tap_new (BR_PROTOCOL_GOOGLE, true);
        tap_push (tap, ARRAY, size);
        assert_false (tap_result (tap)->complete);
        tap_end (tap);
        assert_false (tap_result (tap)->complete);
        tap_destroy (&tap);
    }
}

static void
an_array_speaks_with_its_first_element (void **state)
{
    (void) state;
    tap_t *tap = tap_new (BR_PROTOCOL_GOOGLE, true);
    assert_int_equal (s_push (tap, " ["), TAP_NOTHING);
    assert_int_equal (s_push (tap, ELEMENT ("x") "}]"), TAP_NOTHING);
    assert_int_equal (s_push (tap, "}"), TAP_DATA);
    tap_destroy (&tap);

    tap = tap_new (BR_PROTOCOL_GOOGLE, true);
    assert_int_equal (
        s_push (tap, "[{\"error\":{\"code\":503,\"status\":\"UNAVAILABLE\"}}]"),
        TAP_ERROR);
    assert_string_equal (tap_result (tap)->error_code, "503");
    assert_string_equal (tap_result (tap)->error_type, "UNAVAILABLE");
    assert_int_equal (tap_end (tap), TAP_ERROR);
    assert_false (tap_result (tap)->complete);
    tap_destroy (&tap);

    tap = tap_new (BR_PROTOCOL_GOOGLE, true);
    s_push (tap, "[]");
    assert_int_equal (tap_end (tap), TAP_NOTHING);
    tap_destroy (&tap);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (comments_and_empty_events_are_nothing_yet),
        cmocka_unit_test (an_error_in_front_is_told_from_one_later),
        cmocka_unit_test (a_stream_is_complete_with_its_marker_or_its_finish),
        cmocka_unit_test (a_stream_that_is_cut_is_not_complete),
        cmocka_unit_test (a_body_speaks_at_its_end),
        cmocka_unit_test (shapes_are_told_by_the_first_byte),
        cmocka_unit_test (nonsense_is_unknown_and_breaks_nothing),
        cmocka_unit_test (it_goes_deaf_over_its_bounds),
        cmocka_unit_test (an_array_of_google_is_a_stream),
        cmocka_unit_test (an_array_that_is_cut_is_not_complete),
        cmocka_unit_test (an_array_speaks_with_its_first_element),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
