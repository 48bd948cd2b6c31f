//  main: the program: its actors, its commands, and the way to each.

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "actors/auth/auth.h"
#include "actors/breaker/breaker.h"
#include "actors/echo/echo.h"
#include "actors/guard/guard.h"
#include "actors/idempotency/idempotency.h"
#include "actors/ingress/ingress.h"
#include "actors/limits/limits.h"
#include "actors/meter/meter.h"
#include "actors/metrics/metrics.h"
#include "actors/router/router.h"
#include "actors/upstream/upstream.h"
#include "cli/bare.h"
#include "cli/dispatch.h"
#include "cli/streams.h"
#include "cli/update.h"

//  Every kind of actor: a new one is a folder and a row here.
static const br_actor_t *const s_actors[] = {
    &br_ingress_actor, &br_router_actor,      &br_upstream_actor, &br_echo_actor,
    &br_meter_actor,   &br_breaker_actor,     &br_guard_actor,    &br_auth_actor,
    &br_limits_actor,  &br_idempotency_actor, &br_metrics_actor,  NULL,
};

static const cli_command_t *const s_commands[] = {
    &cli_init,    &cli_login,       &cli_serve,   &cli_start,     &cli_stop,
    &cli_restart, &cli_reload,      &cli_status,  &cli_tui,       &cli_logs,
    &cli_doctor,  &cli_launch,      &cli_route,   &cli_models,    &cli_config,
    &cli_guard,   &cli_events,      &cli_admin,   &cli_account,   &cli_keygen,
    &cli_keys,    &cli_key,         &cli_spend,   &cli_trace,     &cli_ledger,
    &cli_receipt, &cli_topology,    &cli_actor,   &cli_providers, &cli_tools,
    &cli_agents,  &cli_completions, &cli_version, NULL,
};

static const cli_command_t s_program = {
    .name = "bitrouter",
    .args = "COMMAND [ARGUMENTS]",
    .about = "bitrouter: one endpoint for every model, for any agent",
    .help =
        "Without a command: the wizard when nothing is set up, then the server with the\n"
        "terminal view; without a terminal the server alone.\n"
        "`bitrouter help COMMAND` is `bitrouter COMMAND --help`.\n",
    .commands = s_commands,
};

//  A full disk must not look like success.
static int
s_end (int rc)
{
    if (fflush (stdout) || ferror (stdout))
        return cli_fail ("cannot write the output");
    return rc;
}

//  "help COMMAND" is "COMMAND --help".
static void
s_take_help (cli_t *cli, int *argc, char **argv)
{
    if (*argc < 2 || strcmp (argv[1], "help") != 0)
        return;
    memmove (argv + 1, argv + 2, (size_t) (*argc - 1) * sizeof *argv);
    (*argc)--;
    cli->help = true;
}

int
main (int argc, char **argv)
{
    cli_t cli = { .actors = s_actors, .program = &s_program };
    if (cli_streams_hold ())
        return CLI_FAILED;
    if (sodium_init () < 0)
        return cli_fail ("libsodium cannot start: no source of random numbers");
    if (cli_take_flags (&cli, &argc, argv))
        return CLI_USAGE;
    if (cli_take_switch (&argc, argv, "--headless"))
        return cli_usage ("serve",
                          "`bitrouter --headless` has been removed; use `bitrouter "
                          "serve` to run the server in the foreground.");
    s_take_help (&cli, &argc, argv);
    if (cli_take_switch (&argc, argv, "--version") || cli_take_switch (&argc, argv, "-V"))
        return s_end (cli_version.run (&cli, 1, argv));
    if (argc == 1 && cli.broker && !cli.help)
        return cli_usage (
            "", "--broker needs a command, like `bitrouter tui --broker %s`", cli.broker);
    if (argc == 1 && !cli.help)
        return s_end (cli_bare_run (&cli));
    cli_update_begin (&cli);
    int rc = s_end (cli_dispatch (&cli, &s_program, argc, argv));
    cli_update_end (&cli);
    return rc;
}
