//  route: the names that clients may ask for, and where they lead.

#include <stdio.h>
#include <stdlib.h>

#include "cli/door_client.h"
#include "cli/table.h"

static const char *
s_text (const cJSON *object, const char *name, const char *otherwise)
{
    const char *text = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (object, name));
    return text ? text : otherwise;
}

static void
s_put (const char *text)
{
    char *clean = cli_table_clean (text);
    fputs (clean, stdout);
    free (clean);
}

//  "  name  →  provider:model, provider:model (strategy)  [source]"
static void
s_print_route (const cJSON *route)
{
    fputs ("  ", stdout);
    s_put (s_text (route, "name", ""));
    fputs ("  →  ", stdout);
    const cJSON *endpoints = cJSON_GetObjectItemCaseSensitive (route, "endpoints");
    if (cJSON_GetArraySize (endpoints) == 0)
        fputs ("no active provider", stdout);
    const char *comma = "";
    const cJSON *endpoint;
    cJSON_ArrayForEach (endpoint, endpoints)
    {
        fputs (comma, stdout);
        s_put (s_text (endpoint, "provider", "?"));
        putchar (':');
        s_put (s_text (endpoint, "service_id", "?"));
        comma = ", ";
    }
    fputs (" (", stdout);
    s_put (s_text (route, "strategy", "priority"));
    fputs (")  [", stdout);
    s_put (s_text (route, "source", "config"));
    fputs ("]\n", stdout);
}

static int
s_run_list (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("route list", 1, argc, argv))
        return CLI_USAGE;
    cJSON *routes;
    if (cli_door_command (cli, "routes", NULL, CLI_DOOR_MS, &routes))
        return CLI_FAILED;
    const cJSON *route;
    if (cli->json)
        cli_door_print (routes);
    else if (cJSON_GetArraySize (routes) == 0)
        puts ("  (no routes configured)");
    else
        cJSON_ArrayForEach (route, routes)
        {
            s_print_route (route);
        }
    cJSON_Delete (routes);
    return CLI_OK;
}

static const cli_command_t s_list = {
    .name = "list",
    .args = "",
    .about = "the routes in use: name, endpoints, strategy, source",
    .run = s_run_list,
};

static const cli_command_t *const s_commands[] = { &s_list, NULL };

const cli_command_t cli_route = {
    .name = "route",
    .args = "COMMAND",
    .about = "the names that clients may ask for",
    .commands = s_commands,
};
