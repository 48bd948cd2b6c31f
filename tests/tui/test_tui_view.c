//  tui_view: keys change what is seen.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/tui/scene.h"
#include "tui/tui_pane.h"

static int
s_setup (void **state)
{
    static scene_t scene;
    scene_begin (&scene, "calls");
    scene_call (&scene, "id-1", "first");
    scene_call (&scene, "id-2", "second");
    scene_call (&scene, "id-3", "third");
    *state = &scene;
    return 0;
}

static int
s_teardown (void **state)
{
    scene_end (*state);
    return 0;
}

//  Whether one line of the picture comes above another.
static bool
s_is_above (scene_t *scene, const char *one, const char *other)
{
    const char *text = scene_show (scene);
    const char *at = strstr (text, one);
    return at && strstr (at, other);
}

static void
the_newest_call_comes_first_until_sorted_otherwise (void **state)
{
    scene_t *scene = *state;
    assert_true (s_is_above (scene, "third", "first"));
    scene_type (scene, "sss");
    assert_true (s_is_above (scene, "ROUTE▲", "third"));
    assert_true (s_is_above (scene, "first", "third"));
    scene_type (scene, "S");
    assert_true (s_is_above (scene, "third", "first"));
}

static void
a_filter_is_typed_kept_and_forgotten (void **state)
{
    scene_t *scene = *state;
    scene_type (scene, "/SECx");
    scene_press (scene, TUI_KEY_BACKSPACE);
    assert_true (scene_shows (scene, "/SEC_"));
    scene_press (scene, TUI_KEY_ENTER);
    assert_true (scene_shows (scene, "/SEC  1 of 3"));
    assert_false (scene_shows (scene, "third"));
    scene_press (scene, TUI_KEY_ESCAPE);
    assert_true (scene_shows (scene, "third"));
    scene_type (scene, "/nothing has this\r");
    assert_true (scene_shows (scene, "No line has these words"));
}

static void
given_a_filter_that_is_typed_when_q_is_pressed_then_it_is_a_letter (void **state)
{
    scene_t *scene = *state;
    scene_type (scene, "/q");
    assert_false (tui_view_is_over (scene->view));
    scene_press (scene, 3);
    assert_true (tui_view_is_over (scene->view));
}

static void
keys_that_come_faster_than_pictures_mean_what_they_meant (void **state)
{
    scene_t *scene = *state;
    scene_type (scene, "82jj\r");
    assert_true (scene_shows (scene, "Detail"));
    assert_true (scene_shows (scene, "route          first"));
}

static void
given_the_cursor_on_a_line_when_others_come_then_it_stays_there (void **state)
{
    scene_t *scene = *state;
    scene_show (scene);
    scene_type (scene, "j");
    scene_call (scene, "id-4", "fourth");
    scene_show (scene);
    scene_type (scene, "\r");
    assert_true (scene_shows (scene, "route          second"));
}

static void
given_a_pause_when_calls_come_then_the_list_waits (void **state)
{
    scene_t *scene = *state;
    scene_show (scene);
    scene_type (scene, "p");
    scene_call (scene, "id-4", "fourth");
    assert_true (scene_shows (scene, "PAUSED"));
    assert_false (scene_shows (scene, "fourth"));
    scene_type (scene, " ");
    assert_true (scene_shows (scene, "fourth"));
}

static void
numbers_and_tab_choose_panes_and_arrows_lists (void **state)
{
    scene_t *scene = *state;
    scene_type (scene, "4");
    assert_true (scene_shows (scene, "P99"));
    scene_press (scene, TUI_KEY_LEFT);
    assert_true (scene_shows (scene, "SETTLED"));
    scene_press (scene, TUI_KEY_LEFT);
    assert_true (scene_shows (scene, "No budget"));
    scene_press (scene, TUI_KEY_RIGHT);
    scene_press (scene, TUI_KEY_RIGHT);
    assert_true (scene_shows (scene, "LAST 4 MIN"));
    scene_press (scene, TUI_KEY_TAB);
    assert_true (scene_shows (scene, "endpoints"));
    scene_press (scene, TUI_KEY_BACK_TAB);
    assert_true (scene_shows (scene, "LAST 4 MIN"));
    scene_type (scene, "9");
    assert_true (scene_shows (scene, "LAST 4 MIN"));
}

static void
help_comes_and_goes (void **state)
{
    scene_t *scene = *state;
    scene_type (scene, "?");
    assert_true (scene_shows (scene, "the next pane"));
    scene_type (scene, "?");
    assert_false (scene_shows (scene, "the next pane"));
    scene_type (scene, "?");
    scene_press (scene, TUI_KEY_ESCAPE);
    assert_true (scene_shows (scene, "third"));
}

//  ---- what strangers choose

//  A title of the window, a colour, a bell, C1 as UTF-8 and as a byte, text that is turned
//  around, bytes that are no UTF-8, marks without width, wide letters, formats.
static const char s_hostile[] =
    "\\u001b]0;pwn\\u0007\\u001b[31mred\\u009b2J\\u202eright\\u2066\\r\\n\\u007f"
    "\xff\xc2\x9b\xed\xa0\x80"
    "e\\u0301\\u0301\\u200b\xe9\x95\xbf\xf0\x9f\x98\x80%s%n'\\\"\\\\";

static void
s_tell_hostile (scene_t *scene)
{
    static const char *const s_events[] = {
        "call.started",    "attempt.started", "attempt.begun", "attempt.failed",
        "attempt.delayed", "call.ended",      "call.settled",  "guard.finding",
        "host.up",         "breaker.changed", "limit.reached", "budget.reached",
        "queue.filling",   "message.dropped", "conf.refused",  "host.gone",
    };
    static const char *const s_fields[] = {
        "call",      "request_id", "route",   "account_id", "account",  "session",
        "run",       "agent",      "step",    "host",       "provider", "model",
        "error",     "error_type", "outcome", "name",       "reason",   "queue",
        "verb",      "endpoint",   "state",   "kind",       "key",      "what",
        "direction", "place",      "family",  "pattern",    "action",   "masked",
    };
    for (size_t i = 0; i < sizeof s_events / sizeof *s_events; i++) {
        char line[8192];
        int size = snprintf (line, sizeof line, "{\"event\":\"%s\",\"attempt\":1",
                             s_events[i]);
        for (size_t k = 0; k < sizeof s_fields / sizeof *s_fields; k++)
            size += snprintf (line + size, sizeof line - (size_t) size, ",\"%s\":\"%s\"",
                              s_fields[k], s_hostile);
        snprintf (line + size, sizeof line - (size_t) size, "}");
        assert_int_equal (tui_model_event (scene->model, line, strlen (line)), 0);
    }
    tui_model_log (scene->model, "a \033[31m line \x9b of \x07 error log");
}

//  No byte of the picture is a command, and it is UTF-8 without marks of direction.
static bool
s_is_clean (const char *text)
{
    static const char *const s_bad[] = { "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6",
                                         "\xed\xa0", "\xff" };
    for (size_t i = 0; i < sizeof s_bad / sizeof *s_bad; i++)
        if (strstr (text, s_bad[i]))
            return false;
    for (; *text; text++)
        if (((unsigned char) *text < ' ' && *text != '\n') || *text == 0x7f)
            return false;
    return true;
}

static void
given_names_that_a_terminal_would_obey_then_no_pane_shows_them_raw (void **state)
{
    static const int s_sizes[][2] = { { 60, 16 }, { 80, 24 }, { 200, 50 },
                                      { 30, 6 },  { 1, 1 },   { 400, 120 } };
    scene_t *scene = *state;
    s_tell_hostile (scene);
    scene_answer (scene, TUI_HEALTH, "[{\"provider\":\"\\u001b[1m\",\"endpoint\":7}]");
    scene_answer (scene, TUI_PROVIDERS,
                  "[{\"name\":\"\\u001b[1m\",\"hint\":\"\\u009b\"}]");
    scene_answer (scene, TUI_ROUTES, "[{\"name\":\"\\u001b[1m\",\"endpoints\":[7,{}]}]");
    for (size_t i = 0; i < sizeof s_sizes / sizeof *s_sizes; i++) {
        scene->width = s_sizes[i][0];
        scene->height = s_sizes[i][1];
        for (unsigned n = 0; n < TUI_PANES * TUI_SHEETS_MAX; n++) {
            scene_press (scene, '1' + n / TUI_SHEETS_MAX);
            assert_true (s_is_clean (scene_show (scene)));
            scene_type (scene, "\r");
            assert_true (s_is_clean (scene_show (scene)));
            scene_press (scene, TUI_KEY_ESCAPE);
            scene_press (scene, TUI_KEY_RIGHT);
        }
    }
}

static void
given_odd_letters_in_a_filter_then_they_are_shown_clean (void **state)
{
    static const uint32_t s_keys[] = { '/',    0x1b5b, 0x9b, 0x202e, 0xd800, 0x301,
                                       0x957f, 1,      '%',  'n',    '\\' };
    scene_t *scene = *state;
    for (size_t i = 0; i < sizeof s_keys / sizeof *s_keys; i++)
        scene_press (scene, s_keys[i]);
    assert_true (s_is_clean (scene_show (scene)));
    assert_true (scene_shows (scene, "%n\\_"));
    for (int i = 0; i < 200; i++)
        scene_press (scene, i % 2 ? 'x' : 0x957f);
    assert_true (s_is_clean (scene_show (scene)));
    for (int i = 0; i < 300; i++)
        scene_press (scene, TUI_KEY_BACKSPACE);
    assert_true (scene_shows (scene, "/_"));
    assert_true (scene_shows (scene, "third"));
}

static void
lists_are_paged_through (void **state)
{
    scene_t *scene = *state;
    char id[32], name[32];
    for (int i = 0; i < 200; i++) {
        snprintf (id, sizeof id, "x%d", i);
        snprintf (name, sizeof name, "many-%d.", i);
        scene_call (scene, id, name);
    }
    scene_show (scene);
    scene_press (scene, TUI_KEY_PAGE_DOWN);
    scene_show (scene);
    scene_press (scene, TUI_KEY_PAGE_DOWN);
    assert_false (scene_shows (scene, "many-199."));
    scene_press (scene, TUI_KEY_END);
    assert_true (scene_shows (scene, "first"));
    scene_press (scene, TUI_KEY_DOWN);
    scene_press (scene, TUI_KEY_PAGE_UP);
    assert_true (scene_shows (scene, "first"));
    scene_press (scene, TUI_KEY_HOME);
    assert_true (scene_shows (scene, "many-199."));
}

static void
every_pane_fits_every_screen (void **state)
{
    scene_t *scene = *state;
    static const int sizes[][2] = { { 1, 1 },   { 29, 5 },  { 30, 6 },  { 60, 16 },
                                    { 80, 24 }, { 200, 7 }, { 31, 90 }, { 300, 100 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (char pane = '1'; pane <= '8'; pane++) {
            scene->width = sizes[i][0];
            scene->height = sizes[i][1];
            scene_press (scene, (uint32_t) pane);
            for (unsigned k = 0; k < 8; k++) {
                assert_true (*scene_show (scene));
                scene_press (scene, TUI_KEY_RIGHT);
            }
            scene_press (scene, TUI_KEY_ENTER);
            assert_true (*scene_show (scene));
        }
}

static void
at_60_columns_names_of_panes_and_keys_are_there (void **state)
{
    scene_t *scene = *state;
    scene->width = 60;
    scene->height = 16;
    assert_true (scene_shows (scene, "5 Prov 6 Guar 7 Rout 8 Logs"));
    assert_true (scene_shows (scene, "q quit  ? help"));
    assert_true (scene_shows (scene, "third"));
}

static void
clicks_choose_panes_and_lines (void **state)
{
    scene_t *scene = *state;
    scene_show (scene);
    tui_view_key (scene->view, scene->model, TUI_KEY_CLICK, 5, 4);
    tui_view_key (scene->view, scene->model, TUI_KEY_CLICK, 5, 4);
    assert_true (scene_shows (scene, "route          second"));
    tui_view_key (scene->view, scene->model, TUI_KEY_CLICK, 3, 1);
    assert_true (scene_shows (scene, "Press q to quit"));
    tui_view_key (scene->view, scene->model, TUI_KEY_CLICK, -1, 900);
    assert_true (scene_shows (scene, "Press q to quit"));
}

static void
names_of_panes_are_known_in_whatever_case (void **state)
{
    (void) state;
    assert_true (tui_view_has_pane ("SPEND"));
    assert_false (tui_view_has_pane ("x"));
    tui_view_t *view = tui_view_new ("x");
    assert_false (tui_view_wants_all (view));
    tui_view_destroy (&view);
    tui_view_destroy (&view);
}

static void
given_a_server_that_tells_no_events_when_shown_then_it_is_said (void **state)
{
    (void) state;
    scene_t scene;
    scene_begin (&scene, "calls");
    tui_model_be_deaf (scene.model);
    assert_true (tui_model_is_deaf (scene.model));
    assert_true (scene_shows (&scene, "tells no events over HTTP"));
    scene_type (&scene, "7");
    assert_true (scene_shows (&scene, "No routes are configured"));
    scene_end (&scene);
}

static void
r_asks_for_all_once (void **state)
{
    scene_t *scene = *state;
    scene_type (scene, "r");
    assert_true (tui_view_wants_all (scene->view));
    assert_false (tui_view_wants_all (scene->view));
}

int
main (void)
{
#define S_TEST(function) cmocka_unit_test_setup_teardown (function, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        S_TEST (the_newest_call_comes_first_until_sorted_otherwise),
        S_TEST (a_filter_is_typed_kept_and_forgotten),
        S_TEST (given_a_filter_that_is_typed_when_q_is_pressed_then_it_is_a_letter),
        S_TEST (keys_that_come_faster_than_pictures_mean_what_they_meant),
        S_TEST (given_the_cursor_on_a_line_when_others_come_then_it_stays_there),
        S_TEST (given_a_pause_when_calls_come_then_the_list_waits),
        S_TEST (numbers_and_tab_choose_panes_and_arrows_lists),
        S_TEST (help_comes_and_goes),
        S_TEST (given_names_that_a_terminal_would_obey_then_no_pane_shows_them_raw),
        S_TEST (given_odd_letters_in_a_filter_then_they_are_shown_clean),
        S_TEST (lists_are_paged_through),
        S_TEST (every_pane_fits_every_screen),
        S_TEST (at_60_columns_names_of_panes_and_keys_are_there),
        S_TEST (clicks_choose_panes_and_lines),
        S_TEST (names_of_panes_are_known_in_whatever_case),
        cmocka_unit_test (given_a_server_that_tells_no_events_when_shown_then_it_is_said),
        S_TEST (r_asks_for_all_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
