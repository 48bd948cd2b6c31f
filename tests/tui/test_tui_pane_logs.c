//  tui_pane_logs: what happened, the newest first.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/tui/scene.h"

static void
events_and_lines_of_the_log_stand_together (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "logs");
    assert_true (scene_shows (&scene, "Nothing to tell"));
    scene_tell (&scene, "{\"event\":\"ready\"}", NULL);
    tui_model_log (scene.model, "2025-06-15T12:00:00Z warn broker: slow\033");
    const char *line = strstr (scene_show (&scene), "warn broker: slow?");
    assert_non_null (line);
    assert_non_null (strstr (line, "all hosts are up"));
    scene_press (&scene, TUI_KEY_ENTER);
    assert_true (scene_shows (&scene, "WHAT           log"));
    scene_end (&scene);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (events_and_lines_of_the_log_stand_together),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
