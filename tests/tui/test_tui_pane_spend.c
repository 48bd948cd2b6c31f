//  tui_pane_spend: what was spent.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "tests/tui/scene.h"

//  The list of a pane that is so many steps to the right.
static void
s_go (scene_t *scene, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++)
        scene_press (scene, TUI_KEY_RIGHT);
}

static void
sums_are_told_by_model_provider_account_and_run (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "spend");
    assert_true (scene_shows (&scene, "Nothing was settled"));
    scene_call (&scene, "id-1", "plan");
    scene_call (&scene, "id-2", "plan");
    static const char *const names[] = { "openai:gpt-4o ", "openai ", "acme ", "night " };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true (scene_shows (&scene, names[i]));
        assert_true (scene_shows (&scene, "$0.003000"));
        s_go (&scene, 1);
    }
    scene_end (&scene);
}

static void
days_are_those_of_the_ledger (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "spend");
    scene_answer (
        &scene, TUI_DAYS,
        "{\"rows\":[{\"day\":\"2025-06-14\",\"calls\":3,\"cost_nusd\":1000000000},"
        "{\"day\":\"2025-06-15\",\"calls\":4,\"cost_nusd\":2000000000,"
        "\"estimated_nusd\":5000000}]}");
    s_go (&scene, 4);
    assert_true (scene_shows (&scene, "2025-06-15       4"));
    assert_true (scene_shows (&scene, "$1.00"));
    assert_true (scene_shows (&scene, "██████"));
    scene_end (&scene);
}

static void
budgets_tell_what_is_left_and_when_they_begin_anew (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "spend");
    scene_answer (&scene, TUI_BUDGETS,
                  "[{\"account\":\"acme\",\"key\":\"k1\",\"scope\":\"session\","
                  "\"limit_nusd\":4000000000,\"left_nusd\":200000000,"
                  "\"spent_nusd\":3800000000,\"held_nusd\":0,\"reset_ms\":312000},"
                  "{\"account\":\"\",\"limit_nusd\":1,\"left_nusd\":1}]");
    s_go (&scene, 5);
    assert_true (scene_shows (&scene, "acme k1"));
    assert_true (scene_shows (&scene, "$0.2000      $4.00   5%"));
    assert_true (scene_shows (&scene, "5m 12s"));
    assert_true (scene_shows (&scene, "never"));
    scene_end (&scene);
}

static void
charges_are_settled_calls_one_by_one (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "spend");
    scene_call (&scene, "id-1", "plan");
    scene_tell (&scene, "{\"event\":\"call.started\",\"call\":\"open\"}", NULL);
    s_go (&scene, 6);
    assert_true (scene_shows (&scene, "$0.001500 openai:gpt-4o"));
    scene_press (&scene, TUI_KEY_ENTER);
    assert_true (scene_shows (&scene, "call id        id-1"));
    scene_end (&scene);
}

static void
answers_of_another_shape_are_no_lines (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "spend");
    scene_answer (&scene, TUI_BUDGETS, "{\"a\":{\"left_nusd\":\"x\"},\"b\":7}");
    scene_answer (&scene, TUI_DAYS, "[[],{\"rows\":7}]");
    for (unsigned i = 0; i < 8; i++) {
        assert_true (*scene_show (&scene));
        s_go (&scene, 1);
    }
    scene_end (&scene);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (sums_are_told_by_model_provider_account_and_run),
        cmocka_unit_test (days_are_those_of_the_ledger),
        cmocka_unit_test (budgets_tell_what_is_left_and_when_they_begin_anew),
        cmocka_unit_test (charges_are_settled_calls_one_by_one),
        cmocka_unit_test (answers_of_another_shape_are_no_lines),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
