//  guard_kept: events in their order, and how many there may be.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "broker/guard/guard_kept.h"

static guard_kept_row_t *
s_add (guard_kept_t *kept, const char *raw, const char *data)
{
    guard_edits_t edits;
    br_buf_t front;
    guard_edits_init (&edits);
    br_buf_init (&front, 100);
    br_buf_adds (&front, "f");
    guard_edits_put (&edits, 0, 1, BR_TEXT ("x"));
    char copy[200];
    strcpy (copy, raw);
    char *at = strstr (copy, data);
    guard_event_t event = { .raw = { copy, strlen (copy) },
                            .name = { copy, 1 },
                            .data = { at, strlen (data) },
                            .data_lines = 1,
                            .data_at = (size_t) (at - copy),
                            .eol = "\n" };
    guard_kept_row_t *row = guard_kept_add (kept, &event, &edits, &front);
    assert_int_equal (guard_edits_count (&edits), 0);
    assert_int_equal (front.size, 0);
    guard_edits_free (&edits);
    br_buf_free (&front);
    memset (copy, '#', sizeof copy);
    return row;
}

static void
given_events_when_kept_then_they_are_copies_in_their_order (void **state)
{
    (void) state;
    guard_kept_t *kept = guard_kept_new ();
    assert_null (guard_kept_first (kept));
    guard_kept_row_t *row = s_add (kept, "e: data\n\n", "data");
    s_add (kept, "e: second\n\n", "second");
    guard_kept_add_bare (kept, BR_TEXT (": c\n"));
    assert_ptr_equal (guard_kept_first (kept), row);
    assert_true (br_text_is (row->event.raw, "e: data\n\n"));
    assert_true (br_text_is (row->event.name, "e"));
    assert_true (br_text_is (row->event.data, "data"));
    assert_int_equal (guard_edits_count (&row->edits), 1);
    assert_string_equal (br_buf_text (&row->front), "f");
    guard_kept_drop_first (kept);
    row = guard_kept_first (kept);
    assert_true (br_text_is (row->event.data, "second"));
    assert_string_equal (br_buf_text (&row->behind), ": c\n");
    guard_kept_destroy (&kept);
    guard_kept_destroy (&kept);
}

static void
given_many_events_when_they_wait_then_there_is_an_end_of_room (void **state)
{
    (void) state;
    br_text_t event = BR_TEXT ("e: data\n\n");
    guard_kept_t *kept = guard_kept_new ();
    assert_true (guard_kept_may (GUARD_KEPT_BYTES));
    assert_false (guard_kept_may (GUARD_KEPT_BYTES + 1));
    for (size_t i = 0; i < GUARD_KEPT_MAX - 1; i++) {
        assert_true (guard_kept_has_room (kept, event));
        s_add (kept, "e: data\n\n", "data");
    }
    assert_true (guard_kept_has_room (kept, event));
    guard_kept_add_bare (kept, BR_TEXT (": c\n\n"));
    assert_false (guard_kept_has_room (kept, event));
    assert_true (guard_kept_has_room (kept, BR_TEXT ("\n")));
    while (guard_kept_first (kept))
        guard_kept_drop_first (kept);
    assert_true (guard_kept_has_room (kept, event));
    br_text_t large = { "", GUARD_KEPT_BYTES - 9 };
    s_add (kept, "e: data\n\n", "data");
    assert_true (guard_kept_has_room (kept, large));
    large.size++;
    assert_false (guard_kept_has_room (kept, large));
    guard_kept_destroy (&kept);
}

static void
given_words_said_once_more_when_hidden_then_they_are_replaced (void **state)
{
    (void) state;
    guard_kept_t *kept = guard_kept_new ();
    guard_kept_row_t *row = s_add (kept, "e: a[1]{2}\n\n", "a[1]{2}");
    const br_text_span_t spans[] = {
        { .form = BR_TEXT_REPEATED, .at = 1, .size = 3 },
        { .form = BR_TEXT_REPEATED, .at = 4, .size = 3 },
    };
    br_buf_add (&row->repeated, spans, sizeof spans);
    guard_kept_hide (row);
    guard_kept_hide (row);
    br_buf_t out;
    br_buf_init (&out, 100);
    assert_int_equal (guard_edits_write (&row->edits, row->event.data, &out, NULL), 0);
    assert_string_equal (br_buf_text (&out), "x[]null");
    br_buf_free (&out);
    guard_kept_destroy (&kept);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_events_when_kept_then_they_are_copies_in_their_order),
        cmocka_unit_test (given_many_events_when_they_wait_then_there_is_an_end_of_room),
        cmocka_unit_test (given_words_said_once_more_when_hidden_then_they_are_replaced),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
