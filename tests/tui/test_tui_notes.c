//  tui_notes: lines and findings, the newest first.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tui/tui_notes.h"

static void
the_newest_line_comes_first_and_the_oldest_go (void **state)
{
    (void) state;
    tui_notes_t *notes = tui_notes_new ();
    assert_int_equal (tui_notes_count (notes), 0);
    for (int i = 0; i < TUI_NOTES_MAX + 3; i++)
        tui_notes_add (notes, 5, TUI_WARN, "log", "line %d", i);
    assert_int_equal (tui_notes_count (notes), TUI_NOTES_MAX);
    assert_string_equal (tui_notes_at (notes, 0)->text, "line 1002");
    assert_string_equal (tui_notes_at (notes, TUI_NOTES_MAX - 1)->text, "line 3");
    tui_notes_destroy (&notes);
}

static void
given_a_long_wild_line_when_added_then_it_is_cut_and_clean (void **state)
{
    (void) state;
    char line[1000];
    memset (line, '\033', sizeof line - 1);
    line[sizeof line - 1] = 0;
    tui_notes_t *notes = tui_notes_new ();
    tui_notes_add (notes, 5, TUI_WARN, line, "%s", line);
    const tui_note_t *note = tui_notes_at (notes, 0);
    assert_int_equal (strspn (note->text, "?"), TUI_NOTE_TEXT - 1);
    assert_int_equal (strspn (note->source, "?"), TUI_NOTE_SOURCE - 1);
    tui_notes_destroy (&notes);
}

static void
findings_are_a_ring_of_their_own (void **state)
{
    (void) state;
    tui_notes_t *notes = tui_notes_new ();
    for (int i = 0; i < TUI_FINDINGS_MAX + 1; i++)
        tui_notes_find (notes)->count = (uint64_t) i;
    assert_int_equal (tui_notes_findings (notes), TUI_FINDINGS_MAX);
    assert_int_equal (tui_notes_finding (notes, 0)->count, TUI_FINDINGS_MAX);
    assert_int_equal (tui_notes_finding (notes, TUI_FINDINGS_MAX - 1)->count, 1);
    tui_notes_destroy (&notes);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_newest_line_comes_first_and_the_oldest_go),
        cmocka_unit_test (given_a_long_wild_line_when_added_then_it_is_cut_and_clean),
        cmocka_unit_test (findings_are_a_ring_of_their_own),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
