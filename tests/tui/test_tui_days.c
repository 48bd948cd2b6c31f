//  tui_days: what another program prints comes to the model.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/tui/scene.h"
#include "tui/tui_days.h"

#define PATIENCE_MS 10000

//  Turns until there is news, or the program has printed nothing that is.
static bool
s_turn_on (tui_days_t *days, tui_model_t *model, uint64_t now_ms)
{
    bool has_news = tui_days_turn (days, model, now_ms);
    while (!has_news && tui_days_fd (days) >= 0) {
        struct pollfd output = { .fd = tui_days_fd (days), .events = POLLIN };
        if (poll (&output, 1, PATIENCE_MS) <= 0)
            break;
        has_news = tui_days_turn (days, model, now_ms);
    }
    return has_news;
}

static void
given_a_program_when_it_prints_days_then_they_are_there (void **state)
{
    (void) state;
    static const char *const words[] = { "/bin/sh", "-c", "echo '{\"rows\":[1,2]}'",
                                         NULL };
    tui_model_t *model = tui_model_new (SCENE_NOW);
    tui_days_t *days = tui_days_new (words);
    assert_true (s_turn_on (days, model, SCENE_NOW));
    const cJSON *rows = tui_json (tui_model_said (model, TUI_DAYS), "rows");
    assert_int_equal (cJSON_GetArraySize (rows), 2);
    assert_false (tui_days_turn (days, model, SCENE_NOW + 1000));
    assert_int_equal (tui_days_fd (days), -1);
    tui_days_hurry (days);
    assert_true (s_turn_on (days, model, SCENE_NOW + 1000));
    tui_days_destroy (&days);
    tui_model_destroy (&model);
}

static void
given_a_program_that_fails_when_run_then_nothing_is_told (void **state)
{
    (void) state;
    static const char *const words[][4] = { { "/bin/sh", "-c", "echo no; exit 1", NULL },
                                            { "/nowhere/at/all", NULL } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        tui_model_t *model = tui_model_new (SCENE_NOW);
        tui_days_t *days = tui_days_new (words[i]);
        s_turn_on (days, model, SCENE_NOW);
        assert_null (tui_model_said (model, TUI_DAYS));
        tui_days_destroy (&days);
        tui_model_destroy (&model);
    }
}

static void
given_no_days_yet_when_some_come_then_they_are_there_soon (void **state)
{
    (void) state;
    char path[] = "/tmp/test_tui_days.XXXXXX";
    int fd = mkstemp (path);
    assert_true (fd >= 0);
    const char *const words[] = { "/bin/sh", "-c", "echo '{\"rows\":['$(cat \"$0\")']}'",
                                  path, NULL };
    tui_model_t *model = tui_model_new (SCENE_NOW);
    tui_days_t *days = tui_days_new (words);
    assert_true (s_turn_on (days, model, SCENE_NOW));
    assert_int_equal (write (fd, "1", 1), 1);
    assert_false (s_turn_on (days, model, SCENE_NOW + 9999));
    assert_true (s_turn_on (days, model, SCENE_NOW + 10000));
    const cJSON *rows = tui_json (tui_model_said (model, TUI_DAYS), "rows");
    assert_int_equal (cJSON_GetArraySize (rows), 1);
    assert_false (s_turn_on (days, model, SCENE_NOW + 20000));
    assert_true (s_turn_on (days, model, SCENE_NOW + 310000));
    tui_days_destroy (&days);
    tui_model_destroy (&model);
    close (fd);
    unlink (path);
}

static void
given_a_program_that_hangs_when_the_view_ends_then_it_ends_too (void **state)
{
    (void) state;
    static const char *const words[] = { "/bin/sh", "-c", "exec sleep 1000", NULL };
    tui_model_t *model = tui_model_new (SCENE_NOW);
    tui_days_t *days = tui_days_new (words);
    assert_false (tui_days_turn (days, model, SCENE_NOW));
    assert_false (tui_days_turn (days, model, SCENE_NOW));
    tui_days_destroy (&days);
    tui_model_destroy (&model);
}

static void
given_no_words_when_turned_then_nothing_runs (void **state)
{
    (void) state;
    tui_model_t *model = tui_model_new (SCENE_NOW);
    tui_days_t *days = tui_days_new (NULL);
    assert_false (tui_days_turn (days, model, SCENE_NOW));
    assert_int_equal (tui_days_fd (days), -1);
    tui_days_destroy (&days);
    tui_model_destroy (&model);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_program_when_it_prints_days_then_they_are_there),
        cmocka_unit_test (given_a_program_that_fails_when_run_then_nothing_is_told),
        cmocka_unit_test (given_no_days_yet_when_some_come_then_they_are_there_soon),
        cmocka_unit_test (given_a_program_that_hangs_when_the_view_ends_then_it_ends_too),
        cmocka_unit_test (given_no_words_when_turned_then_nothing_runs),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
