//  tui_frame: what stands around a pane.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tui/scene.h"
#include "tui/tui_frame.h"

static void
given_a_server_when_drawn_then_its_address_is_told (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "logs");
    scene_answer (&scene, TUI_SNAPSHOT, "{\"version\":\"1.2.3\",\"pid\":7}");
    scene_answer (&scene, TUI_CALLS,
                  "{\"open_calls\":0,\"listen\":[\"127.0.0.1:8787\"]}");
    assert_true (scene_shows (&scene, "bitrouter 1.2.3  ● 127.0.0.1:8787  0 open"));
    tui_model_link (scene.model, false, "why");
    assert_true (scene_shows (&scene, "○ stopped"));
    scene_end (&scene);
}

static void
given_little_room_when_drawn_then_names_of_panes_are_short (void **state)
{
    (void) state;
    static const struct {
        int width;
        const char *words;
    } cases[] = {
        { 80, "1 Home 2 Calls 3 Runs 4 Spend 5 Providers 6 Guard 7 Routes 8 Logs" },
        { 60, "1 Home 2 Call 3 Runs 4 Spen 5 Prov 6 Guar 7 Rout 8 Logs" },
        { 40, "1  2 Call 3  4  5  6  7  8" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int tabs[TUI_PANES + 1];
        tui_cells_t *cells = tui_cells_new (cases[i].width, 3);
        tui_frame_tabs (cells, 1, tabs);
        char *text = tui_cells_text (cells, 1);
        assert_non_null (strstr (text, cases[i].words));
        assert_int_equal (tui_cells_row (cells, 1)[tabs[1]].style, TUI_TAB);
        assert_true (tabs[TUI_PANES] <= cases[i].width + 1);
        free (text);
        tui_cells_destroy (&cells);
    }
}

static void
the_foot_tells_keys_or_what_is_typed (void **state)
{
    (void) state;
    tui_cells_t *cells = tui_cells_new (100, 2);
    tui_frame_foot (cells, NULL, true);
    char *text = tui_cells_text (cells, 1);
    assert_non_null (strstr (text, "q quit  ? help"));
    assert_non_null (strstr (text, "PAUSED"));
    free (text);
    tui_frame_foot (cells, "abc", false);
    text = tui_cells_text (cells, 1);
    assert_non_null (strstr (text, "/abc_"));
    free (text);
    tui_cells_destroy (&cells);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_server_when_drawn_then_its_address_is_told),
        cmocka_unit_test (given_little_room_when_drawn_then_names_of_panes_are_short),
        cmocka_unit_test (the_foot_tells_keys_or_what_is_typed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
