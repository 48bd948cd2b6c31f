//  tui_pane_calls: calls, and one with its hops.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/tui/scene.h"
#include "tui/tui_pane.h"
#include "tui/tui_text.h"

static void
a_line_tells_state_model_tokens_money_and_times (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "calls");
    assert_true (scene_shows (&scene, "No calls yet"));
    scene_call (&scene, "id-1", "smart");
    const char *text = scene_show (&scene);
    static const char *const words[] = { "ok", "smart",     "openai", "gpt-4o", "1200",
                                         "34", "$0.001500", "50 ms",  "120 ms", "night" };
    const char *at = strstr (text, " ok ");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        at = strstr (at, words[i]);
        assert_non_null (at);
    }
    scene_end (&scene);
}

static void
a_call_under_way_grows_older (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "calls");
    scene_tell (&scene,
                "{\"event\":\"attempt.started\",\"time\":1750000000000,\"call\":\"a\","
                "\"attempt\":1,\"provider\":\"p\",\"model\":\"m\"}",
                NULL);
    tui_model_tick (scene.model, SCENE_NOW + 7300);
    assert_true (scene_shows (&scene, "asking"));
    assert_true (scene_shows (&scene, "7.3 s"));
    scene_end (&scene);
}

static void
hops_of_a_call_are_told_with_times_and_reasons (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "calls");
    scene_tell (
        &scene,
        "{\"event\":\"call.started\",\"time\":1750000000000,\"call\":\"a\","
        "\"route\":\"smart\"}",
        "{\"event\":\"attempt.started\",\"time\":1750000000010,\"call\":\"a\","
        "\"attempt\":1,\"provider\":\"p\",\"model\":\"m\"}",
        "{\"event\":\"attempt.failed\",\"time\":1750000000060,\"call\":\"a\","
        "\"attempt\":1,\"error_type\":\"upstream_timeout\",\"error\":\"no word\"}",
        "{\"event\":\"attempt.delayed\",\"call\":\"a\",\"attempt\":2,"
        "\"delay_ms\":250}",
        "{\"event\":\"attempt.started\",\"time\":1750000000310,\"call\":\"a\","
        "\"attempt\":2,\"provider\":\"q\",\"model\":\"n\"}",
        "{\"event\":\"attempt.begun\",\"time\":1750000000330,\"call\":\"a\","
        "\"attempt\":2,\"first_ms\":330}",
        "{\"event\":\"guard.finding\",\"call\":\"a\",\"action\":\"warn\"}", NULL);
    scene_show (&scene);
    scene_press (&scene, TUI_KEY_ENTER);
    assert_true (scene_shows (&scene, "hop 1          p:m  at +10 ms, took 50 ms"));
    assert_true (scene_shows (&scene, "upstream_timeout: no word"));
    assert_true (scene_shows (&scene, "waited 250 ms before it"));
    assert_true (scene_shows (&scene, "hop 2          q:n  at +310 ms, for 0 ms, first "
                                      "byte after 20 ms"));
    assert_true (scene_shows (&scene, "findings       1, see Guard"));
    scene.width = 40;
    assert_true (scene_shows (&scene, "first byte after"));
    scene_end (&scene);
}

static void
a_call_that_is_forgotten_is_said_to_be (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "calls");
    tui_list_t *list = tui_list_new ();
    tui_list_begin (list, tui_sheet_calls.columns);
    tui_detail_call (scene.model, "nobody", list);
    assert_int_equal (tui_list_total (list), 1);
    tui_list_destroy (&list);
    scene_end (&scene);
}

static void
costs_that_are_estimates_or_unknown_are_marked (void **state)
{
    (void) state;
    char word[TUI_WORD];
    tui_call_t call = { .cost_nusd = 2000000000 };
    assert_string_equal (tui_text_cost (&call, word), "");
    call.is_settled = true;
    assert_string_equal (tui_text_cost (&call, word), "?");
    call.cost_known = true;
    assert_string_equal (tui_text_cost (&call, word), "~$2.00");
    call.usage_known = true;
    assert_string_equal (tui_text_cost (&call, word), "$2.00");
    assert_int_equal (tui_style_of_call (TUI_CALL_FAILED), TUI_BAD);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_line_tells_state_model_tokens_money_and_times),
        cmocka_unit_test (a_call_under_way_grows_older),
        cmocka_unit_test (hops_of_a_call_are_told_with_times_and_reasons),
        cmocka_unit_test (a_call_that_is_forgotten_is_said_to_be),
        cmocka_unit_test (costs_that_are_estimates_or_unknown_are_marked),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
