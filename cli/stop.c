//  stop: ends a running bitrouter.

#include <stdio.h>

#include "cli/daemon.h"
#include "cli/door_client.h"

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    br_conf_home_t home;
    br_error_t error;
    bool no_wait = cli_take_switch (&argc, argv, "--no-wait");
    if (cli_take_no_more ("stop", 1, argc, argv))
        return CLI_USAGE;
    if (cli_daemon_home (cli, &home))
        return CLI_FAILED;
    int rc = cli_daemon_stop (cli, home.run_dir, !no_wait, &error);
    br_conf_home_clear (&home);
    if (rc)
        return cli_fail ("%s", error.text);
    if (cli->json)
        cli_door_print_true (no_wait ? "stopping" : "stopped");
    else
        puts (no_wait ? "bitrouter is stopping" : "bitrouter has stopped");
    return CLI_OK;
}

const cli_command_t cli_stop = {
    .name = "stop",
    .args = "[--no-wait]",
    .about = "finish open calls and end",
    .help = "  --no-wait  do not wait for the end\n"
            "\n"
            "It is killed when it takes ten seconds longer than open calls may\n"
            "(server.drain_secs).\n",
    .run = s_run,
};
