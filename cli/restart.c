//  restart: ends the daemon and starts it again.

#include <stdio.h>

#include "broker/core/topology.h"
#include "cli/daemon.h"
#include "cli/daemon_flags.h"
#include "cli/daemon_start.h"

//  A server that runs is not given up for files that would not start one.
static int
s_check (const cli_t *cli, const char *name)
{
    br_error_t error;
    br_conf_t *conf = br_conf_load (&cli->flags, &error);
    br_topology_t *topology = conf && name ? br_topology_load (name, &error) : NULL;
    int rc = 0;
    if (!conf || (name && !topology)
        || (name && br_topology_check_actors (topology, cli->actors, &error)))
        rc = cli_fail ("%s; what runs was left alone", error.text);
    br_topology_destroy (&topology);
    br_conf_destroy (&conf);
    return rc;
}

static int
s_restart (const cli_t *cli, const br_conf_home_t *home, const char *topology)
{
    br_error_t error;
    pid_t pid = 0;
    cli_daemon_conf_t conf = { .cli = cli, .home = home, .topology = topology };
    if (cli_daemon_stop (cli, home->run_dir, true, &error) && error.code != BR_ENOTFOUND)
        return cli_fail ("%s", error.text);
    if (cli_daemon_start (&conf, &pid, &error))
        return cli_fail ("%s", error.text);
    if (cli->json)
        cli_daemon_print_started (pid);
    else
        printf ("daemon restarted (pid %d)\n", (int) pid);
    return CLI_OK;
}

//  What runs was started with flags, which hold on unless others are given. "caller destroys"
static cli_daemon_flags_t *
s_before (const br_conf_home_t *home)
{
    pid_t pid;
    cli_daemon_state_t state = cli_daemon_look (home->run_dir, &pid);
    return state == CLI_DAEMON_RUNNING && pid > 1 ? cli_daemon_flags_new (pid) : NULL;
}

static int
s_run_with (cli_t *cli, const char *topology)
{
    br_conf_home_t home;
    if (cli_daemon_home (cli, &home))
        return CLI_FAILED;
    cli_daemon_flags_t *before = s_before (&home);
    br_conf_home_clear (&home);
    cli_daemon_flags_fill (before, cli, &topology);
    int rc = s_check (cli, topology);
    if (rc == CLI_OK)
        rc = cli_daemon_home (cli, &home);
    if (rc == CLI_OK) {
        rc = s_restart (cli, &home, topology);
        br_conf_home_clear (&home);
    }
    cli_daemon_flags_destroy (&before);
    return rc;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    cli_t copy = *cli;
    const char *topology = cli_take_option (&argc, argv, "--topology");
    if (cli_take_no_more ("restart", 1, argc, argv))
        return CLI_USAGE;
    return s_run_with (&copy, topology);
}

const cli_command_t cli_restart = {
    .name = "restart",
    .args = "[--topology NAME|FILE]",
    .about = "end bitrouter in the background and start it again",
    .help =
        "  --topology NAME|FILE  as of `bitrouter serve`\n"
        "\n"
        "Open calls get their time to finish. Flags that the running server was started\n"
        "with, global ones and --topology, hold on unless others are given. When the\n"
        "configuration is wrong, what runs is left alone; when nothing runs, it is "
        "started.\n",
    .run = s_run,
};
