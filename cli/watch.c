//  watch: a command that shows the same again and again.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/watch.h"

#define COUNT_MAX 1000000
#define PAINT_BYTES 65536 //  that go to a terminal at once, so that it does not flicker
#define HOME_AND_CLEAR "\033[H\033[J"

int
cli_watch_take (const char *command, int *argc, char **argv, cli_watch_t *ret_watch)
{
    char *end = NULL;
    bool on = cli_take_switch (argc, argv, "--watch");
    const char *text = cli_take_option (argc, argv, "--count");
    *ret_watch = (cli_watch_t) { .on = on, .count = text ? strtol (text, &end, 10) : 0 };
    if (!text)
        return CLI_OK;
    if (end == text || *end || ret_watch->count < 1 || ret_watch->count > COUNT_MAX)
        return cli_usage (command, "--count takes a number from 1, not '%s'", text);
    return on ? CLI_OK : cli_usage (command, "--count needs --watch");
}

//  Whether what is on the screen can be painted over.
static bool
s_is_screen (void)
{
    const char *term = getenv ("TERM");
    return isatty (STDOUT_FILENO) && term && *term && strcmp (term, "dumb") != 0;
}

int
cli_watch_run (const cli_watch_t *watch, cli_watch_fn *fn, void *arg)
{
    if (!watch->on)
        return fn (arg);
    const struct timespec every = { .tv_sec = CLI_WATCH_EVERY_MS / 1000 };
    bool in_place = s_is_screen ();
    if (in_place)
        setvbuf (stdout, NULL, _IOFBF, PAINT_BYTES);
    for (long shown = 0;;) {
        fputs (in_place ? HOME_AND_CLEAR : "", stdout);
        int rc = fn (arg);
        if (!in_place)
            putchar ('\n');
        shown++;
        if (fflush (stdout) || (rc && shown == 1) || shown == watch->count)
            return rc;
        nanosleep (&every, NULL);
    }
}
