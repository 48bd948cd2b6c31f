//  version: what this build calls itself.

#include <stdio.h>

#include "broker/core/version.h"
#include "cli/command.h"

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("version", 1, argc, argv))
        return CLI_USAGE;
    puts (cli->json ? "{\"version\":\"" BR_VERSION "\"}" : "bitrouter " BR_VERSION);
    return CLI_OK;
}

const cli_command_t cli_version = {
    .name = "version",
    .args = "",
    .about = "print the version",
    .run = s_run,
};
