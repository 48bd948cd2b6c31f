//  tui_keys: what each key does.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tui/tui_keys.h"

static void
no_key_does_two_things (void **state)
{
    (void) state;
    for (const tui_key_row_t *row = tui_keys; row->label; row++)
        for (unsigned i = 0; i < 4 && row->keys[i]; i++)
            assert_int_equal (tui_keys_find (row->keys[i]), row->action);
}

static void
digits_are_panes_and_others_nothing (void **state)
{
    (void) state;
    assert_int_equal (tui_keys_find ('8'), TUI_DO_PANE);
    assert_int_equal (tui_keys_find ('q'), TUI_DO_QUIT);
    assert_int_equal (tui_keys_find (3), TUI_DO_QUIT);
    assert_int_equal (tui_keys_find (0), TUI_DO_NOTHING);
    assert_int_equal (tui_keys_find (0x1f600), TUI_DO_NOTHING);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (no_key_does_two_things),
        cmocka_unit_test (digits_are_panes_and_others_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
