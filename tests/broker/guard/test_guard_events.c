//  guard_events: events of a stream as their bytes stand, in any split.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_events.h"

#define OUT_MAX 4096 //  bytes
#define EVENT_MAX 64 //  bytes

typedef struct {
    br_buf_t raw;  //  all bytes that were told
    br_buf_t seen; //  name=data| of events with data
    size_t cuts;
} seen_t;

static int
s_see (void *arg, const guard_event_t *event)
{
    seen_t *seen = arg;
    br_buf_add (&seen->raw, event->raw.at, event->raw.size);
    seen->cuts += event->is_cut;
    if (!event->data.at)
        return 0;
    br_buf_add (&seen->seen, event->name.at, event->name.size);
    br_buf_addc (&seen->seen, '=');
    br_buf_add (&seen->seen, event->data.at, event->data.size);
    br_buf_addc (&seen->seen, '|');
    return 0;
}

static void
s_check (const char *stream, const char *expected, size_t cuts)
{
    for (size_t most = 1; most <= strlen (stream); most++) {
        seen_t seen = { .cuts = 0 };
        br_buf_init (&seen.raw, OUT_MAX);
        br_buf_init (&seen.seen, OUT_MAX);
        guard_events_t *events = guard_events_new (EVENT_MAX, s_see, &seen);
        for (size_t at = 0; at < strlen (stream); at += most) {
            size_t left = strlen (stream) - at;
            assert_int_equal (
                guard_events_push (events, stream + at, left < most ? left : most), 0);
        }
        assert_int_equal (guard_events_end (events), 0);
        assert_string_equal (br_buf_text (&seen.raw), stream);
        assert_string_equal (br_buf_text (&seen.seen), expected);
        assert_int_equal (seen.cuts, cuts);
        guard_events_destroy (&events);
        br_buf_free (&seen.seen);
        br_buf_free (&seen.raw);
    }
}

static void
given_any_line_end_when_cut_anywhere_then_the_events_are_the_same (void **state)
{
    (void) state;
    s_check ("data: a\n\nevent: n\ndata: b\n\n", "=a|n=b|", 0);
    s_check ("data: a\r\n\r\nevent: n\r\ndata: b\r\n\r\n", "=a|n=b|", 0);
    s_check ("data: a\r\revent: n\rdata: b\r\r", "=a|n=b|", 0);
    s_check ("data: a\r\n\ndata:b\n\r\n", "=a|=b|", 0);
}

static void
given_other_lines_when_cut_anywhere_then_they_pass (void **state)
{
    (void) state;
    s_check (": hello\n\ndata: a\n: in\nid: 7\nretry: 1\nnew\ndata: b\ndata\n\n\n",
             "=a\nb\n|", 0);
    s_check ("\xEF\xBB\xBF"
             "data: a\n\n",
             "=a|", 0);
    s_check ("database: a\n\n", "", 0);
}

static void
given_an_event_that_is_cut_when_ended_then_it_is_told (void **state)
{
    (void) state;
    s_check ("data: a\n\ndata: b", "=a|=b|", 1);
    s_check ("data: a\n\ndata: b\n", "=a|=b|", 1);
}

static void
given_a_comment_when_its_line_ends_then_it_does_not_wait (void **state)
{
    (void) state;
    seen_t seen = { .cuts = 0 };
    br_buf_init (&seen.raw, OUT_MAX);
    br_buf_init (&seen.seen, OUT_MAX);
    guard_events_t *events = guard_events_new (EVENT_MAX, s_see, &seen);
    assert_int_equal (guard_events_push (events, ": wait\n", 7), 0);
    assert_string_equal (br_buf_text (&seen.raw), ": wait\n");
    guard_events_destroy (&events);
    guard_events_destroy (&events);
    br_buf_free (&seen.seen);
    br_buf_free (&seen.raw);
}

static void
given_a_long_event_when_pushed_then_it_fails (void **state)
{
    (void) state;
    seen_t seen = { .cuts = 0 };
    br_buf_init (&seen.raw, OUT_MAX);
    br_buf_init (&seen.seen, OUT_MAX);
    char line[EVENT_MAX + 2];
    memset (line, 'x', sizeof line);
    guard_events_t *events = guard_events_new (EVENT_MAX, s_see, &seen);
    assert_int_equal (guard_events_push (events, line, sizeof line), -1);
    guard_events_destroy (&events);
    br_buf_free (&seen.seen);
    br_buf_free (&seen.raw);
}

static int
s_rewrite (void *arg, const guard_event_t *event)
{
    guard_event_write (event, BR_TEXT ("new\ndata"), arg);
    return 0;
}

static void
given_other_data_when_written_then_all_other_lines_stay (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    guard_events_t *events = guard_events_new (EVENT_MAX, s_rewrite, &out);
    const char *stream = "event: n\r\ndata: a\r\nid: 1\r\ndata: b\r\n\r\n";
    assert_int_equal (guard_events_push (events, stream, strlen (stream)), 0);
    assert_string_equal (br_buf_text (&out),
                         "event: n\r\ndata: new\r\ndata: data\r\nid: 1\r\n\r\n");
    guard_events_destroy (&events);
    br_buf_free (&out);
}

static bool
s_may_stay (void *arg, br_text_t comment)
{
    (void) arg;
    return br_text_is (comment, ": stay");
}

static int
s_count_strange (void *arg, const guard_event_t *event)
{
    *(size_t *) arg += event->strange;
    return 0;
}

static void
given_lines_that_clients_pass_over_when_cleaned_then_fields_stay (void **state)
{
    (void) state;
    static const char raw[] =
        "data: a\r\ndata\revent:e\nid: 1\nretry:2\n: stay\r\n: go\r\n"
        "foo: bar\ndatas: x\n\xEF\xBB\xBF:go\n x\n\n";
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    guard_event_clean ((br_text_t) { raw, sizeof raw - 1 }, s_may_stay, NULL, &out);
    assert_string_equal (
        br_buf_text (&out),
        "data: a\r\ndata\revent:e\nid: 1\nretry:2\n: stay\r\n:\r\n:\n\n");
    br_buf_free (&out);
    size_t strange = 0;
    guard_events_t *events = guard_events_new (OUT_MAX, s_count_strange, &strange);
    assert_int_equal (guard_events_push (events, raw, sizeof raw - 1), 0);
    assert_int_equal (strange, 6);
    guard_events_destroy (&events);
}

static int
s_count_events (void *arg, const guard_event_t *event)
{
    (void) event;
    ++*(size_t *) arg;
    return 0;
}

static void
given_very_many_events_when_pushed_at_once_then_no_byte_is_moved_for_each (void **state)
{
    (void) state;
    enum {
        COUNT = 30000
    };
    char *stream = br_alloc (COUNT, 2);
    memset (stream, '\n', COUNT);
    memcpy (stream + COUNT, "data", 4);
    size_t count = 0;
    guard_events_t *events = guard_events_new (COUNT * 2, s_count_events, &count);
    assert_int_equal (guard_events_push (events, stream, COUNT + 4), 0);
    assert_int_equal (count, COUNT);
    assert_int_equal (guard_events_moved (events), 4);
    assert_int_equal (guard_events_push (events, ": a\n\n\r\n:b\n", 10), 0);
    assert_int_equal (count, COUNT + 4);
    assert_int_equal (guard_events_moved (events), 4);
    guard_events_destroy (&events);
    free (stream);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_any_line_end_when_cut_anywhere_then_the_events_are_the_same),
        cmocka_unit_test (given_other_lines_when_cut_anywhere_then_they_pass),
        cmocka_unit_test (given_an_event_that_is_cut_when_ended_then_it_is_told),
        cmocka_unit_test (given_a_comment_when_its_line_ends_then_it_does_not_wait),
        cmocka_unit_test (given_a_long_event_when_pushed_then_it_fails),
        cmocka_unit_test (given_other_data_when_written_then_all_other_lines_stay),
        cmocka_unit_test (
            given_lines_that_clients_pass_over_when_cleaned_then_fields_stay),
        cmocka_unit_test (
            given_very_many_events_when_pushed_at_once_then_no_byte_is_moved_for_each),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
