//  tui_pane_home: the first view.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/tui/scene.h"

static void
given_a_server_when_shown_then_address_providers_and_routes_are_told (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, NULL);
    assert_true (scene_shows (&scene, "waiting for its answer"));
    scene_answer (&scene, TUI_SNAPSHOT,
                  "{\"pid\":42,\"listen\":[\"127.0.0.1:0\"],"
                  "\"providers\":[\"openai\",\"echo\"]}");
    assert_true (scene_shows (&scene, "Listening on 127.0.0.1:0"));
    scene_answer (&scene, TUI_CALLS, "{\"listen\":[\"127.0.0.1:8787\",\"[::1]:8787\"]}");
    scene_answer (&scene, TUI_ROUTES, "[{\"name\":\"smart\"}]");
    scene_answer (&scene, TUI_LEDGER, "{\"rows\":3,\"cost_nusd\":2500000000}");
    assert_true (scene_shows (&scene, "Daemon running (pid 42)"));
    assert_true (scene_shows (&scene, "Listening on 127.0.0.1:8787, [::1]:8787"));
    assert_true (scene_shows (&scene, "2 providers configured: openai, echo"));
    assert_true (scene_shows (&scene, "1 route active: smart"));
    assert_true (scene_shows (&scene, "$2.50 spent in 3 calls"));
    assert_true (scene_shows (&scene, "Press q to quit"));
    scene_end (&scene);
}

static void
given_no_server_when_shown_then_what_to_do_is_told (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, NULL);
    tui_model_link (scene.model, false, "start it with `bitrouter serve`");
    assert_true (scene_shows (&scene, "Daemon stopped"));
    assert_true (scene_shows (&scene, "start it with `bitrouter serve`"));
    scene_end (&scene);
}

static void
given_room_when_shown_then_there_are_the_newest_calls_and_a_logo (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, NULL);
    scene_call (&scene, "id-1", "smart-route");
    assert_true (scene_shows (&scene, "|_.__/|_|"));
    assert_true (scene_shows (&scene, "smart-route"));
    scene.width = 60;
    scene.height = 16;
    assert_true (scene_shows (&scene, "b i t r o u t e r"));
    assert_true (scene_shows (&scene, "Press q to quit"));
    scene_end (&scene);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_server_when_shown_then_address_providers_and_routes_are_told),
        cmocka_unit_test (given_no_server_when_shown_then_what_to_do_is_told),
        cmocka_unit_test (
            given_room_when_shown_then_there_are_the_newest_calls_and_a_logo),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
