//  guard_lane: a text, and the event that brings its rest.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_lane.h"
#include "tests/broker/guard/streamed.h"

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { NULL, NULL, NULL },
};

static void
s_hear (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    br_text_place_t *heard = arg;
    assert_int_equal (finding->size, 7);
    *heard = place;
}

static void
given_a_finding_when_told_then_its_place_is_told_too (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    br_text_place_t heard = BR_TEXT_SYSTEM;
    guard_lane_rules_t common = { rules,       1,      GUARD_DOWN, GUARD_REDACT,
                                  GUARD_BLOCK, s_hear, &heard };
    guard_lane_t *lane = guard_lane_new (&common, 5, GUARD_PLAIN);
    assert_int_equal (lane->number, 5);
    lane->place = BR_TEXT_REASONING;
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    assert_int_equal (guard_channel_push (lane->channel, "sec1234", 7, &out), 0);
    assert_int_equal (guard_channel_end (lane->channel, &out), 0);
    assert_int_equal (heard, BR_TEXT_REASONING);
    assert_int_equal (guard_lane_write (lane, BR_SURFACE_CHAT, 0, BR_TEXT ("1"), &out),
                      -1);
    br_buf_free (&out);
    guard_lane_destroy (&lane);
    guard_lane_destroy (&lane);
    guard_rules_destroy (&rules);
}

static void
given_an_event_that_was_kept_when_written_then_it_has_the_same_lines (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    guard_lane_rules_t common = { rules,       1,    GUARD_DOWN, GUARD_REDACT,
                                  GUARD_BLOCK, NULL, NULL };
    guard_lane_t *lane = guard_lane_new (&common, 5, GUARD_PLAIN);
    guard_event_t event = { .name = BR_TEXT ("e"),
                            .data = BR_TEXT ("{\"a\":\"b\",\"c\":1}"),
                            .eol = "\r\n" };
    br_text_span_t span = { .at = 5, .size = 3 };
    guard_lane_keep (lane, &event, &span, 1, &span);
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    assert_int_equal (
        guard_lane_write (lane, BR_SURFACE_CHAT, 0, BR_TEXT ("\"n\""), &out), 0);
    assert_string_equal (br_buf_text (&out),
                         "event: e\r\ndata: {\"a\":\"n\",\"c\":1}\r\n\r\n");
    br_buf_free (&out);
    guard_lane_destroy (&lane);
    guard_rules_destroy (&rules);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_finding_when_told_then_its_place_is_told_too),
        cmocka_unit_test (
            given_an_event_that_was_kept_when_written_then_it_has_the_same_lines),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
