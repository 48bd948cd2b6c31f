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

static void
given_a_piece_that_may_be_the_last_when_said_then_it_can_be_written_again (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    guard_lane_rules_t common = { rules,       1,    GUARD_DOWN, GUARD_REDACT,
                                  GUARD_BLOCK, NULL, NULL };
    guard_lane_t *lane = guard_lane_new (&common, 5, GUARD_PLAIN);
    guard_piece_t piece;
    guard_piece_init (&piece);
    guard_piece_begin (&piece, lane->channel, BR_TEXT_STRING);
    assert_int_equal (guard_piece_push (&piece, "a ", 2, true), 0);
    br_text_span_t span = { .at = 7, .size = 4 };
    guard_lane_say (lane, &piece, &span);
    assert_false (guard_lane_is_changed (lane));
    assert_int_equal (lane->kept_span.at, 7);
    guard_piece_begin (&piece, lane->channel, BR_TEXT_STRING);
    assert_int_equal (guard_piece_push (&piece, "b sec1", 6, true), 0);
    guard_lane_say (lane, &piece, &span);
    assert_true (guard_lane_is_changed (lane));
    assert_string_equal (br_buf_text (&lane->came), "b sec1");
    assert_string_equal (br_buf_text (&lane->said), "b ");
    assert_int_equal (guard_lane_held (lane), 4);
    guard_piece_free (&piece);
    guard_lane_destroy (&lane);
    guard_rules_destroy (&rules);
}

static void
given_a_text_behind_another_when_passed_then_the_seam_holds_it_back (void **state)
{
    (void) state;
    guard_rules_t *rules = channelled_rules (s_rows);
    guard_lane_rules_t common = { rules,       1,    GUARD_DOWN, GUARD_REDACT,
                                  GUARD_BLOCK, NULL, NULL };
    guard_lane_t *lane = guard_lane_new (&common, 5, GUARD_PLAIN);
    guard_lane_follow (lane, &common, BR_TEXT_ANSWER, BR_TEXT (""));
    assert_null (lane->seam);
    guard_lane_follow (lane, &common, BR_TEXT_ANSWER, BR_TEXT ("x sec12"));
    guard_piece_t piece;
    guard_piece_init (&piece);
    guard_piece_begin (&piece, lane->channel, BR_TEXT_STRING);
    assert_int_equal (guard_piece_push (&piece, "3", 1, true), 0);
    assert_int_equal (guard_lane_pass (lane, &piece, false), 0);
    assert_int_equal (piece.out.size, 0);
    assert_int_equal (guard_lane_held (lane), 1);
    br_buf_t undecided;
    br_buf_init (&undecided, CHANNELLED_MAX);
    guard_lane_undecided (lane, &undecided);
    assert_string_equal (br_buf_text (&undecided), "x sec123");
    br_buf_free (&undecided);
    guard_piece_begin (&piece, lane->channel, BR_TEXT_STRING);
    assert_int_equal (guard_piece_push (&piece, " y", 2, true), 0);
    assert_int_equal (guard_lane_pass (lane, &piece, false), 0);
    assert_string_equal (br_buf_text (&piece.out), "3 y");
    assert_null (lane->seam);
    guard_piece_free (&piece);
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
        cmocka_unit_test (
            given_a_piece_that_may_be_the_last_when_said_then_it_can_be_written_again),
        cmocka_unit_test (
            given_a_text_behind_another_when_passed_then_the_seam_holds_it_back),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
