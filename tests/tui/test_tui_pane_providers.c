//  tui_pane_providers: endpoints, providers, models, limits, hosts.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/tui/scene.h"

static void
endpoints_of_all_routers_are_one_line_with_their_breaker (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "providers");
    scene_answer (&scene, TUI_HEALTH,
                  "[{\"provider\":\"openai\",\"endpoint\":\"\",\"ok\":3,\"fail\":1,"
                  "\"under_way\":2,\"first_ms\":40},"
                  "{\"provider\":\"echo\",\"endpoint\":\"\",\"ok\":1},"
                  "{\"provider\":\"openai\",\"endpoint\":\"\",\"ok\":4,\"fail\":2}]");
    scene_answer (&scene, TUI_BREAKERS,
                  "[{\"provider\":\"openai\",\"endpoint\":\"\",\"model\":\"\","
                  "\"state\":\"open\",\"reason\":\"5 in a row\",\"for_ms\":15000}]");
    assert_true (scene_shows (&scene, "open       15.0 s      7      3    2   40 ms"));
    assert_true (scene_shows (&scene, "5 in a row"));
    assert_true (scene_shows (&scene, "closed"));
    scene_call (&scene, "id-1", "plan");
    assert_true (scene_shows (&scene, "120 ms  120 ms"));
    scene_tell (&scene,
                "{\"event\":\"call.settled\",\"call\":\"q\",\"provider\":\"echo\","
                "\"model\":\"echo\",\"latency_ms\":0,\"success\":1}",
                NULL);
    assert_true (scene_shows (&scene, "0 ms    0 ms"));
    scene_end (&scene);
}

static void
lists_to_the_right_tell_all_else (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "providers");
    scene_answer (&scene, TUI_PROVIDERS,
                  "[{\"name\":\"openai\",\"active\":true},{\"name\":\"qwen\","
                  "\"active\":false,\"hint\":\"set DASHSCOPE_API_KEY\"}]");
    scene_answer (&scene, TUI_METRICS,
                  "{\"routes\":{\"smart\":{\"by_endpoint\":{\"openai:gpt-4o\":"
                  "{\"total_requests\":12,\"total_errors\":1,\"latency_p50_ms\":230,"
                  "\"latency_p99_ms\":4100}}}}}");
    scene_answer (&scene, TUI_LIMITS,
                  "[{\"kind\":\"caller\",\"key\":\"k1\",\"requests_left\":59,"
                  "\"requests_per_minute\":60}]");
    scene_answer (&scene, TUI_SNAPSHOT,
                  "{\"hosts\":[{\"name\":\"shard-1\",\"state\":\"up\",\"pid\":77,"
                  "\"actors\":[\"router\",\"guard\"]}]}");
    scene_press (&scene, TUI_KEY_RIGHT);
    assert_true (scene_shows (&scene, "set DASHSCOPE_API_KEY"));
    scene_press (&scene, TUI_KEY_RIGHT);
    assert_true (scene_shows (&scene, "230 ms    4.1 s"));
    scene_press (&scene, TUI_KEY_RIGHT);
    assert_true (scene_shows (&scene, "k1"));
    assert_true (scene_shows (&scene, "59        60"));
    scene_press (&scene, TUI_KEY_ENTER);
    assert_true (scene_shows (&scene, "REQ LEFT       59"));
    scene_press (&scene, TUI_KEY_ESCAPE);
    scene_press (&scene, TUI_KEY_RIGHT);
    assert_true (scene_shows (&scene, "router guard"));
    scene_end (&scene);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (endpoints_of_all_routers_are_one_line_with_their_breaker),
        cmocka_unit_test (lists_to_the_right_tell_all_else),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
