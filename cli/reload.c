//  reload: lets a running bitrouter read its configuration again.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/daemon.h"
#include "cli/door_client.h"

//  By a signal, as the manual has it: nobody hears what comes of it but the log.
static int
s_signal (const cli_t *cli)
{
    br_conf_home_t home;
    pid_t pid;
    if (cli_daemon_home (cli, &home))
        return CLI_FAILED;
    cli_daemon_state_t state = cli_daemon_look (home.run_dir, &pid);
    br_conf_home_clear (&home);
    if (state != CLI_DAEMON_RUNNING || pid <= 1)
        return cli_fail ("daemon is not running");
    if (kill (pid, SIGHUP))
        return cli_fail ("cannot signal the daemon (pid %d): %s", (int) pid,
                         strerror (errno));
    if (cli->json)
        cli_door_print_true ("signalled");
    else
        puts ("bitrouter configuration reload signal sent");
    return CLI_OK;
}

static int
s_ask (const cli_t *cli)
{
    cJSON *result;
    if (cli_door_command (cli, "reload", NULL, CLI_DOOR_LONG_MS, &result))
        return CLI_FAILED;
    const cJSON *generation = cJSON_GetObjectItemCaseSensitive (result, "generation");
    if (cli->json)
        cli_door_print (result);
    else if (cJSON_IsNumber (generation))
        printf ("configuration %.0f is in use\n", generation->valuedouble);
    else
        puts ("the configuration is in use");
    const char *fixed = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (result, "needs_restart"));
    if (fixed)
        fprintf (stderr, "these have changed too, and need a restart: %s\n", fixed);
    cJSON_Delete (result);
    return CLI_OK;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    bool no_wait = cli_take_switch (&argc, argv, "--no-wait");
    if (cli_take_no_more ("reload", 1, argc, argv))
        return CLI_USAGE;
    return no_wait ? s_signal (cli) : s_ask (cli);
}

const cli_command_t cli_reload = {
    .name = "reload",
    .args = "[--no-wait]",
    .about = "read the configuration again, without a pause",
    .help =
        "  --no-wait  send SIGHUP and end: only the log tells what came of it\n"
        "\n"
        "Ends when every part of bitrouter uses the new configuration. If one refuses,\n"
        "the old one stays in use everywhere, and the exit status is 1.\n",
    .run = s_run,
    .takes_broker = true,
};
