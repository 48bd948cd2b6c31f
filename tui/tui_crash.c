//  tui_crash: what signals of a crash do. A handler is given nothing but its number, so what it
//  needs lies in static memory, the only one of the view: written before handlers are set.

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tui/tui_crash.h"

#define BYTES_MAX 256

static const int s_signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT };
#define SIGNALS (sizeof s_signals / sizeof *s_signals)

static struct {
    struct termios modes;
    char bytes[BYTES_MAX];
    size_t size;
    struct sigaction before[SIGNALS];
} s_kept;

//  Calls nothing that a handler may not call; so not endwin.
static void
s_on_signal (int number)
{
    ssize_t rc = write (STDOUT_FILENO, s_kept.bytes, s_kept.size);
    (void) rc;
    tcsetattr (STDIN_FILENO, TCSANOW, &s_kept.modes);
    raise (number); //  SA_RESETHAND: now it ends the program
}

void
tui_crash_arm (const struct termios *modes, const char *bytes)
{
    struct sigaction action = { .sa_handler = s_on_signal,
                                .sa_flags = (int) SA_RESETHAND };
    sigemptyset (&action.sa_mask);
    s_kept.modes = *modes;
    s_kept.size = strnlen (bytes, BYTES_MAX);
    memcpy (s_kept.bytes, bytes, s_kept.size);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction (s_signals[i], &action, &s_kept.before[i]);
}

void
tui_crash_disarm (void)
{
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction (s_signals[i], &s_kept.before[i], NULL);
}
