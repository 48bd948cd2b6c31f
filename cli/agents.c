//  agents: the upstream agents of the configuration. This version connects to none of
//  them; what it says of them is what is written there.

#include <stdio.h>

#include "cli/effective.h"
#include "cli/table.h"

//  ---- the list

//  Where an agent is: its URL, or the command that starts it.
static const char *
s_place (const br_conf_node_t *agent)
{
    const br_conf_node_t *transport = br_conf_node_get (agent, "transport");
    const char *place = br_conf_node_get_text (agent, "url");
    if (!place)
        place = br_conf_node_get_text (transport, "url");
    if (!place)
        place = br_conf_node_get_text (agent, "command");
    if (!place)
        place = br_conf_node_get_text (transport, "command");
    return place ? place : "";
}

static void
s_add (cJSON *list, const char *name, const char *place)
{
    cJSON *row = cJSON_CreateObject ();
    cJSON_AddStringToObject (row, "name", name);
    cJSON_AddStringToObject (row, "url", place);
    cJSON_AddFalseToObject (row, "connected");
    cJSON_AddFalseToObject (row, "served");
    cJSON_AddItemToArray (list, row);
}

//  "caller deletes"
static cJSON *
s_agents (const cli_effective_t *effective)
{
    const br_conf_node_t *tree = cli_effective_tree (effective);
    const br_conf_node_t *agents = br_conf_node_get (tree, "agents");
    const br_conf_node_t *others = br_conf_node_get (tree, "a2a_agents");
    cJSON *list = cJSON_CreateArray ();
    for (size_t i = 0; agents && i < agents->count; i++)
        s_add (list, agents->items[i]->key, s_place (agents->items[i]));
    for (size_t i = 0; others && i < others->count; i++) {
        const char *name = br_conf_node_get_text (others->items[i], "name");
        s_add (list, name ? name : "", s_place (others->items[i]));
    }
    return list;
}

//  ---- showing

typedef void (print_fn) (const cJSON *row);

//  "  name  url"
static void
s_print_place (const cJSON *row)
{
    cli_table_line ("  %s  %s", cli_effective_text (row, "name", ""),
                    cli_effective_text (row, "url", ""));
}

//  "  name    disconnected    url"
static void
s_print_state (const cJSON *row)
{
    cli_table_line ("  %s    disconnected    %s", cli_effective_text (row, "name", ""),
                    cli_effective_text (row, "url", ""));
}

static int
s_show (const cli_t *cli, print_fn *print)
{
    br_error_t error;
    cli_effective_t *effective = cli_effective_new (cli, &error);
    if (!effective)
        return cli_fail ("%s", error.text);
    cJSON *list = s_agents (effective);
    const cJSON *row;
    if (cli->json)
        cli_door_print (list);
    else {
        cJSON_ArrayForEach (row, list)
        {
            print (row);
        }
        puts (cJSON_GetArraySize (list)
                  ? "  (configured; this version does not connect to agents)"
                  : "  (no agents configured)");
    }
    cJSON_Delete (list);
    cli_effective_destroy (&effective);
    return CLI_OK;
}

static int
s_run_list (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("agents list", 1, argc, argv))
        return CLI_USAGE;
    return s_show (cli, s_print_place);
}

static int
s_run_status (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("agents status", 1, argc, argv))
        return CLI_USAGE;
    return s_show (cli, s_print_state);
}

static const cli_command_t s_list = {
    .name = "list",
    .args = "",
    .about = "the agents of the configuration: name and URL",
    .run = s_run_list,
    .takes_broker = true,
};

static const cli_command_t s_status = {
    .name = "status",
    .args = "",
    .about = "the agents of the configuration, and whether they are connected",
    .run = s_run_status,
    .takes_broker = true,
};

static const cli_command_t *const s_commands[] = { &s_list, &s_status, NULL };

const cli_command_t cli_agents = {
    .name = "agents",
    .args = "COMMAND",
    .about = "the upstream agents that are configured; this version connects to none",
    .commands = s_commands,
};
