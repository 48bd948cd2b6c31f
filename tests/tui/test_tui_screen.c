//  tui_screen: what it shows a terminal, and what keys it tells.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <poll.h>
#include <unistd.h>

#include "tests/tui/pty.h"
#include "tui/tui_screen.h"

static void
given_no_terminal_when_asked_then_the_reason_is_told (void **state)
{
    (void) state;
    br_error_t error;
    int fds[2];
    assert_int_equal (pipe (fds), 0);
    int input = dup (STDIN_FILENO);
    dup2 (fds[0], STDIN_FILENO);
    assert_int_equal (tui_screen_check (&error), -1);
    assert_non_null (strstr (error.text, "bitrouter status"));
    assert_null (tui_screen_new (false, false, &error));
    dup2 (input, STDIN_FILENO);
    close (input);
    close (fds[0]);
    close (fds[1]);
}

#ifdef BR_WITH_TUI
static pty_t s_pty;

//  Waits for the next key: R for another size, x when the terminal is gone.
static uint32_t
s_await_key (tui_screen_t *screen)
{
    for (;;) {
        uint32_t key = TUI_KEY_NONE;
        int x, y;
        tui_input_t input = tui_screen_read (screen, &key, &x, &y);
        if (input == TUI_INPUT_KEY)
            return key;
        if (input == TUI_INPUT_RESIZED)
            return 'R';
        if (input == TUI_INPUT_OVER)
            return 'x';
        struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
        poll (&keys, 1, -1);
    }
}

//  Shows what was typed; an x ends it.
static int
s_echo (void)
{
    br_error_t error;
    tui_screen_t *screen = tui_screen_new (false, getenv ("PLAIN") != NULL, &error);
    if (!screen)
        return 9;
    tui_cells_t *cells = tui_screen_cells (screen);
    tui_cells_put (cells, 0, 0, 40, TUI_WARN, "ready ● ▁ é 日本");
    tui_screen_paint (screen);
    uint32_t key;
    while ((key = s_await_key (screen)) != 'x') {
        cells = tui_screen_cells (screen);
        tui_cells_putf (cells, 0, 1, 40, TUI_PLAIN, "<%x %dx%d>", key,
                        tui_cells_width (cells), tui_cells_height (cells));
        tui_screen_paint (screen);
    }
    tui_screen_destroy (&screen);
    return 7;
}

static void
given_a_terminal_when_shown_and_typed_then_both_arrive (void **state)
{
    (void) state;
    pty_begin (&s_pty, "xterm-256color", 50, 10, s_echo);
    assert_true (pty_await (&s_pty, "ready"));
    assert_true (pty_await (&s_pty, "● ▁ é 日本"));
    pty_type (&s_pty, "a");
    assert_true (pty_await (&s_pty, "<61 50x10>"));
    pty_type (&s_pty, "\033OA");
    assert_true (pty_await (&s_pty, "110000"));
    pty_type (&s_pty, "\xc3\xa9");
    assert_true (pty_await (&s_pty, "e9"));
    pty_type (&s_pty, "\x7f");
    assert_true (pty_await (&s_pty, "110008"));
    pty_type (&s_pty, "x");
    pty_end (&s_pty);
    assert_int_equal (WEXITSTATUS (s_pty.status), 7);
    assert_non_null (strstr (s_pty.text, "\033[?1049l"));
}

static void
given_no_letters_beyond_ascii_when_shown_then_others_stand_for_them (void **state)
{
    (void) state;
    setenv ("PLAIN", "1", 1);
    setenv ("NO_COLOR", "1", 1);
    pty_begin (&s_pty, "xterm", 50, 10, s_echo);
    assert_true (pty_await (&s_pty, "ready * . ? ? ?"));
    pty_type (&s_pty, "x");
    pty_end (&s_pty);
    assert_int_equal (WEXITSTATUS (s_pty.status), 7);
    assert_null (strstr (s_pty.text, "\033[33m"));
    unsetenv ("PLAIN");
    unsetenv ("NO_COLOR");
}

static void
given_a_terminal_that_grows_when_noted_then_the_picture_has_its_size (void **state)
{
    (void) state;
    pty_begin (&s_pty, "xterm", 50, 10, s_echo);
    assert_true (pty_await (&s_pty, "ready"));
    pty_resize (&s_pty, 70, 20);
    assert_true (pty_await (&s_pty, "<52 70x20>"));
    pty_type (&s_pty, "x");
    pty_end (&s_pty);
    assert_int_equal (WEXITSTATUS (s_pty.status), 7);
}

static void
given_a_terminal_that_cannot_draw_when_asked_then_it_is_refused (void **state)
{
    (void) state;
    static const char *const names[] = { "dumb", "", "nobody-knows-this-one" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        pty_begin (&s_pty, names[i], 50, 10, s_echo);
        pty_end (&s_pty);
        assert_int_equal (WEXITSTATUS (s_pty.status), 9);
    }
}
#endif

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_no_terminal_when_asked_then_the_reason_is_told),
#ifdef BR_WITH_TUI
        cmocka_unit_test (given_a_terminal_when_shown_and_typed_then_both_arrive),
        cmocka_unit_test (
            given_no_letters_beyond_ascii_when_shown_then_others_stand_for_them),
        cmocka_unit_test (
            given_a_terminal_that_grows_when_noted_then_the_picture_has_its_size),
        cmocka_unit_test (
            given_a_terminal_that_cannot_draw_when_asked_then_it_is_refused),
#endif
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
