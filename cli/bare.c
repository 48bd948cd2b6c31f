//  bare: the program without a command. A server that it starts for the view is a child that
//  ends with it; one that runs already is left alone.

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/bare.h"
#include "cli/daemon.h"
#include "cli/daemon_start.h"
#include "cli/door_client.h"
#include "cli/tui.h"
#include "cli/wizard.h"
#include "tui/tui.h"

#define TICK_MS 20
#define MORE_MS 10000 //  what the end may take beyond the time of open calls

//  ---- the parts

//  The server without the view, after a line of why; one that runs already is named.
static int
s_serve (const cli_t *cli, const char *why)
{
    pid_t pid = 0;
    br_conf_home_t home;
    char name[] = "serve";
    char *words[] = { name, NULL };
    if (cli_daemon_home (cli, &home))
        return CLI_FAILED;
    bool runs = cli_daemon_look (home.run_dir, &pid) == CLI_DAEMON_RUNNING;
    br_conf_home_clear (&home);
    if (runs)
        return cli_fail ("%s, and bitrouter is already running (pid %d); `bitrouter "
                         "status` tells of it, `bitrouter --help` lists all commands",
                         why, (int) pid);
    fprintf (stderr,
             "bitrouter: %s, so the server runs without the view; `bitrouter serve` does "
             "the same, `bitrouter start` runs it in the background, `bitrouter --help` "
             "lists all commands\n",
             why);
    return cli_serve.run (cli, 1, words);
}

//  Whether there is nobody to send a call to; -1 with a line when the files are wrong.
static int
s_is_empty (const cli_t *cli)
{
    br_error_t error;
    const char *name;
    bool any = false;
    br_conf_t *conf = br_conf_load (&cli->flags, &error);
    if (!conf) {
        cli_fail ("%s", error.text);
        return -1;
    }
    for (size_t i = 0; !any && (name = br_conf_provider_names (conf, i)); i++)
        any = strcmp (name, "echo") != 0 && br_conf_provider_active (conf, name);
    br_conf_destroy (&conf);
    return !any;
}

//  One that was not finished is asked for again next time. Returns the status to end with,
//  or CLI_OK to go on.
static int
s_set_up (const cli_t *cli)
{
    int empty = s_is_empty (cli);
    if (empty < 0)
        return CLI_FAILED;
    int rc = empty ? cli_wizard_run (cli) : CLI_OK;
    return rc == CLI_BREAK ? rc : CLI_OK;
}

//  ---- the server of the view

//  Ends the child. Open calls get their time.
static void
s_end_child (const cli_t *cli, pid_t pid)
{
    const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
    br_conf_t *conf = br_conf_load (&cli->flags, NULL);
    uint64_t wait_ms = (conf ? br_conf_drain_ms (conf) : 0) + MORE_MS;
    br_conf_destroy (&conf);
    kill (pid, SIGTERM);
    for (uint64_t ms = 0; ms < wait_ms; ms += TICK_MS) {
        if (waitpid (pid, NULL, WNOHANG) != 0)
            return;
        nanosleep (&tick, NULL);
    }
    kill (pid, SIGKILL);
    waitpid (pid, NULL, 0);
}

static int
s_view (const cli_t *cli, const br_conf_home_t *home)
{
    br_error_t error;
    pid_t child = 0, pid;
    cli_daemon_conf_t conf = { .cli = cli, .home = home, .ends_with_parent = true };
    bool runs = cli_daemon_look (home->run_dir, &pid) == CLI_DAEMON_RUNNING;
    if (!runs && cli_daemon_start (&conf, &child, &error)) {
        if (error.code == BR_ETIMEOUT) //  else it has ended by itself
            s_end_child (cli, child);
        return cli_fail ("%s", error.text);
    }
    const cli_tui_t wish = { .pane = NULL };
    int rc = cli_tui_show (cli, &wish);
    if (!runs)
        s_end_child (cli, child);
    return rc;
}

int
cli_bare_run (const cli_t *cli)
{
    br_error_t error;
    br_conf_home_t home;
    if (!cli_wizard_can_ask ())
        return s_serve (cli, "there is no terminal");
    int rc = s_set_up (cli);
    if (rc)
        return rc;
    if (br_tui_check (&error))
        return s_serve (cli, error.text);
    if (cli_daemon_home (cli, &home))
        return CLI_FAILED;
    rc = s_view (cli, &home);
    br_conf_home_clear (&home);
    return rc;
}
