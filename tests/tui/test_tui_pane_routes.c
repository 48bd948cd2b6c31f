//  tui_pane_routes: names, and where they lead.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/tui/scene.h"

static void
a_route_tells_strategy_endpoints_and_counts (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "routes");
    assert_true (scene_shows (&scene, "bitrouter route add"));
    scene_answer (&scene, TUI_ROUTES,
                  "[{\"name\":\"smart\",\"strategy\":\"priority\",\"source\":\"dynamic\","
                  "\"endpoints\":[{\"provider\":\"openai\",\"service_id\":\"gpt-4o\"},"
                  "{\"provider\":\"echo\",\"service_id\":\"echo\"}]}]");
    scene_answer (&scene, TUI_METRICS,
                  "{\"routes\":{\"smart\":{\"total_requests\":21,\"total_errors\":2}}}");
    assert_true (scene_shows (&scene, "priority         21      2 dynamic"));
    assert_true (scene_shows (&scene, "openai:gpt-4o, echo:echo"));
    scene_press (&scene, TUI_KEY_ENTER);
    assert_true (scene_shows (&scene, "smart  (priority)  [dynamic]"));
    assert_true (scene_shows (&scene, "endpoint 2     echo:echo"));
    scene_end (&scene);
}

static void
names_that_a_terminal_would_obey_are_cleaned (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "routes");
    scene_answer (&scene, TUI_ROUTES, "[{\"name\":\"\\u001b[2Jx\"},{\"name\":7},8]");
    assert_true (scene_shows (&scene, "?[2Jx"));
    scene_end (&scene);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_route_tells_strategy_endpoints_and_counts),
        cmocka_unit_test (names_that_a_terminal_would_obey_are_cleaned),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
