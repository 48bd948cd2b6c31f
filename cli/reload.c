//  reload: lets a running bitrouter read its configuration again.

#include <stdio.h>

#include "cli/door_client.h"

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("reload", 1, argc, argv))
        return CLI_USAGE;
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
    cJSON_Delete (result);
    return CLI_OK;
}

const cli_command_t cli_reload = {
    .name = "reload",
    .args = "",
    .about = "read the configuration again, without a pause",
    .help =
        "Ends when every part of bitrouter uses the new configuration. If one refuses,\n"
        "the old one stays in use everywhere, and the exit status is 1.\n",
    .run = s_run,
};
