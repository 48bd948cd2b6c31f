//  tools: the tools and MCP servers of the configuration. This version serves none of
//  them; what it says of them is what is written there.

#include <stdio.h>
#include <string.h>

#include "cli/effective.h"
#include "cli/table.h"

static const cJSON *
s_in (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

static void
s_add_text (cJSON *row, const char *name, const char *text)
{
    if (text)
        cJSON_AddStringToObject (row, name, text);
}

//  ---- list

//  Tools of providers that are active; "caller deletes"
static cJSON *
s_tools (const cli_effective_t *effective)
{
    const br_conf_node_t *tools = br_conf_node_get (cli_effective_tree (effective),
                                                    "tools");
    cJSON *list = cJSON_CreateArray ();
    for (size_t i = 0; tools && i < tools->count; i++) {
        const br_conf_node_t *tool = tools->items[i];
        const br_conf_node_t *endpoints = br_conf_node_get (tool, "endpoints");
        const br_conf_node_t *first = endpoints && endpoints->count ? endpoints->items[0]
                                                                    : NULL;
        const char *server = br_conf_node_get_text (first, "provider");
        cJSON *row = cJSON_CreateObject ();
        cJSON_AddStringToObject (row, "name", tool->key);
        s_add_text (row, "provider", server);
        s_add_text (row, "description", br_conf_node_get_text (tool, "description"));
        cJSON_AddBoolToObject (row, "active",
                               server && cli_effective_is_active (effective, server));
        cJSON_AddFalseToObject (row, "served");
        cJSON_AddItemToArray (list, row);
    }
    return list;
}

//  "  name  [server]  - desc", with a long dash
static void
s_print_tools (const cJSON *list)
{
    const cJSON *row;
    cJSON_ArrayForEach (row, list)
    {
        const char *about = cli_effective_text (row, "description", "");
        cli_table_line ("  %s  [%s]%s%s", cli_effective_text (row, "name", ""),
                        cli_effective_text (row, "provider", "?"), *about ? "  — " : "",
                        about);
    }
    if (cJSON_GetArraySize (list) == 0)
        puts ("  (no tools available)");
    else
        puts ("  (configured; this version does not serve tools)");
}

//  ---- status

static bool
s_is_filtered (const br_conf_node_t *tree, const char *server)
{
    const br_conf_node_t *guard = br_conf_node_get (br_conf_node_get (tree, "guardrails"),
                                                    "tools");
    const br_conf_node_t *rules = br_conf_node_get (br_conf_node_get (guard, "providers"),
                                                    server);
    return br_conf_node_get (rules, "filter");
}

static void
s_add_server (cJSON *list, const br_conf_node_t *tree, const char *name, const char *kind)
{
    cJSON *row = cJSON_CreateObject ();
    cJSON_AddStringToObject (row, "name", name);
    cJSON_AddStringToObject (row, "kind", kind);
    cJSON_AddNumberToObject (row, "tool_count", 0);
    cJSON_AddBoolToObject (row, "filtered", s_is_filtered (tree, name));
    cJSON_AddFalseToObject (row, "served");
    cJSON_AddItemToArray (list, row);
}

//  "mcp" or "rest" for a provider of tools, or NULL.
static const char *
s_kind (const br_conf_node_t *provider)
{
    const br_conf_node_t *rows = br_conf_node_get (provider, "api_protocol");
    const br_conf_node_t *first = rows && rows->count ? rows->items[0] : NULL;
    const char *word = br_conf_node_get_text (first, "protocol");
    bool is_tools = word && (strcmp (word, "mcp") == 0 || strcmp (word, "rest") == 0);
    return is_tools ? word : NULL;
}

//  Providers of tools, and MCP servers. "caller deletes"
static cJSON *
s_servers (const cli_effective_t *effective)
{
    const br_conf_node_t *tree = cli_effective_tree (effective);
    const br_conf_node_t *providers = br_conf_node_get (tree, "providers");
    const br_conf_node_t *servers = br_conf_node_get (tree, "mcp_servers");
    cJSON *list = cJSON_CreateArray ();
    for (size_t i = 0; providers && i < providers->count; i++) {
        const char *kind = s_kind (providers->items[i]);
        if (kind)
            s_add_server (list, tree, providers->items[i]->key, kind);
    }
    for (size_t i = 0; servers && i < servers->count; i++)
        s_add_server (list, tree, servers->items[i]->key, "mcp");
    return list;
}

//  "  name    N tools (filtered)"
static void
s_print_servers (const cJSON *list)
{
    const cJSON *row;
    cJSON_ArrayForEach (row, list)
    {
        cli_table_line ("  %s    %d tools%s", cli_effective_text (row, "name", ""),
                        s_in (row, "tool_count")->valueint,
                        cJSON_IsTrue (s_in (row, "filtered")) ? " (filtered)" : "");
    }
    if (cJSON_GetArraySize (list) == 0)
        puts ("  (no upstreams configured)");
    else
        puts ("  (configured; this version does not serve tools)");
}

//  ---- commands

static int
s_show (const cli_t *cli, cJSON *(*make) (const cli_effective_t *),
        void (*print) (const cJSON *))
{
    br_error_t error;
    cli_effective_t *effective = cli_effective_new (cli, &error);
    if (!effective)
        return cli_fail ("%s", error.text);
    cJSON *list = make (effective);
    if (cli->json)
        cli_door_print (list);
    else
        print (list);
    cJSON_Delete (list);
    cli_effective_destroy (&effective);
    return CLI_OK;
}

static int
s_run_list (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("tools list", 1, argc, argv))
        return CLI_USAGE;
    return s_show (cli, s_tools, s_print_tools);
}

static int
s_run_status (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("tools status", 1, argc, argv))
        return CLI_USAGE;
    return s_show (cli, s_servers, s_print_servers);
}

static const cli_command_t s_list = {
    .name = "list",
    .args = "",
    .about = "the tools of the configuration: name, server, description",
    .run = s_run_list,
    .takes_broker = true,
};

static const cli_command_t s_status = {
    .name = "status",
    .args = "",
    .about = "the servers of tools of the configuration, and how many tools each offers",
    .run = s_run_status,
    .takes_broker = true,
};

static const cli_command_t *const s_commands[] = { &s_list, &s_status, NULL };

const cli_command_t cli_tools = {
    .name = "tools",
    .args = "COMMAND",
    .about = "the tools that are configured; this version serves none",
    .commands = s_commands,
};
