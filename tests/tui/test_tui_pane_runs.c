//  tui_pane_runs: runs as a tree.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/tui/scene.h"

static void
calls_stand_below_their_run_and_hops_below_their_call (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "runs");
    assert_true (scene_shows (&scene, "x-bitrouter-run"));
    scene_call (&scene, "id-1", "plan");
    scene_call (&scene, "id-2", "code");
    scene_tell (&scene,
                "{\"event\":\"call.started\",\"call\":\"b\",\"route\":\"lonely\"}",
                "{\"event\":\"call.started\",\"call\":\"c\",\"route\":\"talk\","
                "\"session\":\"s1\"}",
                NULL);
    const char *text = scene_show (&scene);
    static const char *const words[] = { "session s1  1 call",      "└ talk",
                                         "run night  2 calls",      "├ plan",
                                         "└ openai:gpt-4o",         "└ code",
                                         "calls of no run  1 call", "└ lonely" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        text = strstr (text, words[i]);
        assert_non_null (text);
    }
    scene_end (&scene);
}

static void
a_run_and_a_call_have_details (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "runs");
    scene_call (&scene, "id-1", "plan");
    scene_type (&scene, "\r");
    assert_true (scene_shows (&scene, "bitrouter trace 'night'"));
    assert_true (scene_shows (&scene, "$0.001500"));
    scene_press (&scene, TUI_KEY_ESCAPE);
    scene_type (&scene, "jj\r");
    assert_true (scene_shows (&scene, "call id        id-1"));
    scene_end (&scene);
}

static void
branches_of_a_call_go_on_beside_its_hops (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "runs");
    scene_call (&scene, "id-1", "plan");
    scene_call (&scene, "id-2", "code");
    assert_true (scene_shows (&scene, "   │ └ openai:gpt-4o"));
    assert_true (scene_shows (&scene, "     └ openai:gpt-4o"));
    scene_end (&scene);
}

static void
what_is_not_known_of_a_cost_is_told (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "runs");
    scene_tell (&scene,
                "{\"event\":\"call.settled\",\"call\":\"a\",\"run\":\"dear\","
                "\"success\":1}",
                NULL);
    assert_true (scene_shows (&scene, "$0+?"));
    scene_type (&scene, "\r");
    assert_true (scene_shows (&scene, "cost           $0+?"));
    scene_end (&scene);
}

static void
given_a_run_named_by_a_stranger_then_a_shell_can_read_the_line (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "runs");
    scene_tell (&scene,
                "{\"event\":\"call.settled\",\"call\":\"a\",\"run\":\"x';reboot;'\","
                "\"success\":1}",
                NULL);
    scene_type (&scene, "\r");
    assert_true (scene_shows (&scene, "bitrouter trace 'x'\\'';reboot;'\\'''"));
    scene_press (&scene, TUI_KEY_ESCAPE);
    scene_tell (&scene, "{\"event\":\"call.settled\",\"call\":\"b\",\"success\":1}",
                NULL);
    scene_type (&scene, "G\r");
    assert_false (scene_shows (&scene, "bitrouter trace"));
    scene_end (&scene);
}

static void
a_tree_is_not_sorted (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "runs");
    scene_call (&scene, "id-1", "plan");
    scene_type (&scene, "sss");
    const char *run = strstr (scene_show (&scene), "run night");
    assert_non_null (run);
    assert_non_null (strstr (run, "└ plan"));
    scene_end (&scene);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (calls_stand_below_their_run_and_hops_below_their_call),
        cmocka_unit_test (a_run_and_a_call_have_details),
        cmocka_unit_test (branches_of_a_call_go_on_beside_its_hops),
        cmocka_unit_test (what_is_not_known_of_a_cost_is_told),
        cmocka_unit_test (given_a_run_named_by_a_stranger_then_a_shell_can_read_the_line),
        cmocka_unit_test (a_tree_is_not_sorted),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
