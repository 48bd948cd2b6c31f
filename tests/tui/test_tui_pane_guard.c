//  tui_pane_guard: what guardrails found.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/tui/scene.h"

static void
a_finding_is_shown_masked_with_its_call (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "guard");
    assert_true (scene_shows (&scene, "have found nothing"));
    scene_call (&scene, "id-1", "plan");
    scene_tell (&scene,
                "{\"event\":\"guard.finding\",\"time\":1750000000000,\"call\":\"id-1\","
                "\"direction\":\"upgoing\",\"place\":\"user message\",\"family\":"
                "\"api_keys\",\"pattern\":\"sk_key\",\"action\":\"block\","
                "\"masked\":\"sk-a\u2026(47)\",\"count\":2}",
                NULL);
    assert_true (scene_shows (&scene, "block   api_keys     sk-a…(47)"));
    assert_true (scene_shows (&scene, "plan"));
    scene_press (&scene, TUI_KEY_ENTER);
    assert_true (scene_shows (&scene, "call id        id-1"));
    scene_end (&scene);
}

static void
totals_of_all_hosts_are_added (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "guard");
    scene_answer (
        &scene, TUI_GUARD,
        "[{\"family\":\"api_keys\",\"action\":\"warn\",\"direction\":\"upgoing\","
        "\"count\":3,\"failed\":0},{\"family\":\"pii\",\"action\":\"warn\","
        "\"direction\":\"upgoing\",\"count\":1},{\"family\":\"api_keys\","
        "\"action\":\"warn\",\"direction\":\"upgoing\",\"count\":4}]");
    scene_press (&scene, TUI_KEY_RIGHT);
    assert_true (scene_shows (&scene, "upgoing           7"));
    assert_true (scene_shows (&scene, "upgoing           1"));
    scene_end (&scene);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_finding_is_shown_masked_with_its_call),
        cmocka_unit_test (totals_of_all_hosts_are_added),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
