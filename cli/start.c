//  start: bitrouter in the background.

#include <stdio.h>

#include "cli/daemon.h"
#include "cli/daemon_start.h"
#include "cli/door_client.h"

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    br_conf_home_t home;
    br_error_t error;
    pid_t pid = 0;
    const char *topology = cli_take_option (&argc, argv, "--topology");
    if (cli_take_no_more ("start", 1, argc, argv))
        return CLI_USAGE;
    if (cli_daemon_home (cli, &home))
        return CLI_FAILED;
    cli_daemon_conf_t conf = { .cli = cli, .home = &home, .topology = topology };
    int rc = cli_daemon_start (&conf, &pid, &error);
    br_conf_home_clear (&home);
    if (rc)
        return cli_fail ("%s", error.text);
    if (cli->json)
        cli_daemon_print_started (pid);
    else
        printf ("daemon started (pid %d)\n", (int) pid);
    return CLI_OK;
}

const cli_command_t cli_start = {
    .name = "start",
    .args = "[--topology NAME|FILE]",
    .about = "run bitrouter in the background",
    .help =
        "  --topology NAME|FILE  as of `bitrouter serve`\n"
        "\n"
        "Ends when it answers calls, or when it could not start; then the last line of\n"
        "its log is told. Output goes to bitrouter.out.log and bitrouter.err.log in the\n"
        "folder of logs; those of before are kept as *.1. All global flags are passed "
        "on.\n",
    .run = s_run,
};
