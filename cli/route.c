//  route: the names that clients may ask for, where they lead, and how one resolves.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_overlay.h"
#include "broker/core/conf_schema.h"
#include "broker/core/conf_words.h"
#include "cli/resolution.h"
#include "cli/table.h"

//  ---- list

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
    s_put (cli_effective_text (route, "name", ""));
    fputs ("  →  ", stdout);
    const cJSON *endpoints = cJSON_GetObjectItemCaseSensitive (route, "endpoints");
    if (cJSON_GetArraySize (endpoints) == 0)
        fputs ("no active provider", stdout);
    const char *comma = "";
    const cJSON *endpoint;
    cJSON_ArrayForEach (endpoint, endpoints)
    {
        fputs (comma, stdout);
        s_put (cli_effective_text (endpoint, "provider", "?"));
        putchar (':');
        s_put (cli_effective_text (endpoint, "service_id", "?"));
        comma = ", ";
    }
    fputs (" (", stdout);
    s_put (cli_effective_text (route, "strategy", "priority"));
    fputs (")  [", stdout);
    s_put (cli_effective_text (route, "source", "config"));
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
    .takes_broker = true,
};

//  ---- add

//  "provider:model". 0 or CLI_USAGE.
static int
s_add_endpoint (cJSON *endpoints, const char *text)
{
    const char *colon = strchr (text, ':');
    if (!colon || colon == text || !colon[1])
        return cli_usage ("route add", "an endpoint is PROVIDER:MODEL, not '%s'", text);
    if (cJSON_GetArraySize (endpoints) == BR_CONF_OVERLAY_ENDPOINTS)
        return cli_usage ("route add", "a route has at most %d endpoints",
                          BR_CONF_OVERLAY_ENDPOINTS);
    char *provider = br_strndup (text, (size_t) (colon - text));
    cJSON *endpoint = cJSON_CreateObject ();
    cJSON_AddStringToObject (endpoint, "provider", provider);
    cJSON_AddStringToObject (endpoint, "service_id", colon + 1);
    cJSON_AddItemToArray (endpoints, endpoint);
    free (provider);
    return CLI_OK;
}

//  Endpoints stand alone, or behind --endpoint; each may come several times.
static int
s_add_endpoints (cJSON *endpoints, int argc, char **argv)
{
    static const char option[] = "--endpoint";
    size_t size = strlen (option);
    for (int i = 2; i < argc; i++) {
        const char *text = argv[i];
        if (strncmp (text, option, size) == 0 && text[size] == '=')
            text += size + 1;
        else if (strcmp (text, option) == 0) {
            text = argv[++i];
            if (i == argc)
                return cli_usage ("route add", "--endpoint needs a value");
        } else if (*text == '-')
            return cli_take_no_more ("route add", i, i + 1, argv);
        if (s_add_endpoint (endpoints, text))
            return CLI_USAGE;
    }
    if (cJSON_GetArraySize (endpoints) == 0)
        return cli_usage ("route add", "name at least one endpoint, PROVIDER:MODEL");
    return CLI_OK;
}

static int
s_check_strategy (const char *strategy)
{
    br_conf_words_t *words = br_conf_words_new ();
    for (uint32_t i = 0; i < br_conf_strategy_words_count; i++)
        br_conf_words_add (words, br_conf_strategy_words[i].str);
    int rc = CLI_OK;
    if (strategy && !br_conf_words_has (words, strategy)) {
        const char *near = br_conf_words_nearest (words, strategy);
        rc = cli_usage ("route add", "no strategy '%s'%s%s%s", strategy,
                        near ? "; did you mean '"
                             : ": priority, load_balance, "
                               "least_latency, least_busy or "
                               "cheapest",
                        near ? near : "", near ? "'?" : "");
    }
    br_conf_words_destroy (&words);
    return rc;
}

//  Sends a change, and says that it is done.
static int
s_change (const cli_t *cli, const char *command, const cJSON *args, const char *done)
{
    cJSON *result;
    if (cli_door_command (cli, command, args, CLI_DOOR_LONG_MS, &result))
        return CLI_FAILED;
    if (cli->json)
        cli_door_print (result);
    else
        cli_table_line ("route '%s' %s", cli_effective_text (args, "name", ""), done);
    cJSON_Delete (result);
    return CLI_OK;
}

static int
s_run_add (const cli_t *cli, int argc, char **argv)
{
    const char *strategy = cli_take_option (&argc, argv, "--strategy");
    if (argc < 2 || argv[1][0] == '-')
        return cli_take_no_more ("route add", 1, argc, argv)
                   ? CLI_USAGE
                   : cli_usage ("route add", "name the route, and its endpoints");
    if (s_check_strategy (strategy))
        return CLI_USAGE;
    cJSON *args = cJSON_CreateObject ();
    cJSON_AddStringToObject (args, "name", argv[1]);
    if (strategy)
        cJSON_AddStringToObject (args, "strategy", strategy);
    int rc = s_add_endpoints (cJSON_AddArrayToObject (args, "endpoints"), argc, argv);
    if (rc == CLI_OK)
        rc = s_change (cli, "route_add", args, "added");
    cJSON_Delete (args);
    return rc;
}

static const cli_command_t s_add = {
    .name = "add",
    .args = "NAME PROVIDER:MODEL... [--strategy STRATEGY]",
    .about = "add a route to the running server, in the place of one of that name",
    .help = "  PROVIDER:MODEL       where calls go; so does --endpoint PROVIDER:MODEL\n"
            "  --strategy STRATEGY  priority (default), load_balance, least_latency,\n"
            "                       least_busy or cheapest\n"
            "\n"
            "The route is there as soon as the command ends, survives reloads, and ends\n"
            "with the server. Put it into bitrouter.yaml to keep it.\n",
    .run = s_run_add,
    .takes_broker = true,
};

//  ---- rm

static int
s_run_rm (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("route rm", 2, argc, argv))
        return CLI_USAGE;
    if (argc < 2)
        return cli_usage ("route rm", "name the route");
    cJSON *args = cJSON_CreateObject ();
    cJSON_AddStringToObject (args, "name", argv[1]);
    int rc = s_change (cli, "route_remove", args, "removed");
    cJSON_Delete (args);
    return rc;
}

static const cli_command_t s_rm = {
    .name = "rm",
    .args = "NAME",
    .about = "remove a route that was added to the running server",
    .help =
        "A route of the same name in bitrouter.yaml is used again. To remove one from\n"
        "there, edit the file and run `bitrouter reload`.\n",
    .run = s_run_rm,
    .takes_broker = true,
};

//  ---- show

//  What is not known is a dash, not 0.
static void
s_add_cell (cli_table_t *table, const cJSON *number)
{
    char *text = cJSON_IsNull (number) ? NULL : cJSON_PrintUnformatted (number);
    cli_table_add (table, text ? text : "-");
    cJSON_free (text);
}

static const cJSON *
s_in (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

//  "open 12 s: timeouts"
static void
s_add_state (cli_table_t *table, const cJSON *row)
{
    const char *state = cli_effective_text (row, "state", "");
    const cJSON *for_ms = s_in (row, "for_ms");
    if (!for_ms)
        cli_table_add (table, strcmp (state, "unknown") == 0 ? "-" : state);
    else
        cli_table_addf (table, "%s %.0f s: %s", state, for_ms->valuedouble / 1000,
                        cli_effective_text (row, "reason", ""));
}

//  "60/min, 100000 tokens/min, 4 at once"
static void
s_add_limits (cli_table_t *table, const cJSON *limits)
{
    static const struct {
        const char *name;
        const char *unit;
    } rows[] = { { "requests_per_minute", "/min" },
                 { "tokens_per_minute", " tokens/min" },
                 { "concurrency", " at once" } };
    char text[160] = "";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *number = cJSON_PrintUnformatted (s_in (limits, rows[i].name));
        size_t used = strlen (text);
        if (number)
            snprintf (text + used, sizeof text - used, "%s%.30s%s", used ? ", " : "",
                      number, rows[i].unit);
        cJSON_free (number);
    }
    cli_table_add (table, *text ? text : "-");
}

static void
s_add_row (cli_table_t *table, const cJSON *row, int place)
{
    cli_table_addf (table, "%d", place);
    cli_table_addf (table, "%s:%s", cli_effective_text (row, "provider", "?"),
                    cli_effective_text (row, "service_id", "?"));
    s_add_state (table, row);
    s_add_cell (table, s_in (row, "context"));
    s_add_cell (table, s_in (row, "input_usd"));
    s_add_cell (table, s_in (row, "output_usd"));
    s_add_limits (table, s_in (row, "limits"));
    cli_table_add (table, cli_effective_text (row, "why", ""));
}

static void
s_print_resolution (const cJSON *resolution)
{
    static const char *const heads[] = { "#",       "ENDPOINT", "BREAKER",
                                         "CONTEXT", "$/M IN",   "$/M OUT",
                                         "LIMITS",  "WHY",      NULL };
    cli_table_line ("%s: %s, %s%s", cli_effective_text (resolution, "model", ""),
                    cli_effective_text (resolution, "how", ""),
                    cli_effective_text (resolution, "strategy", ""),
                    cJSON_IsTrue (s_in (resolution, "running"))
                        ? ""
                        : " (by the files: bitrouter is not running)");
    cli_table_t *table = cli_table_new (heads);
    int place = 0;
    const cJSON *row;
    cJSON_ArrayForEach (row, s_in (resolution, "endpoints"))
    {
        s_add_row (table, row, ++place);
    }
    if (place)
        cli_table_print (table, stdout);
    else
        puts ("  (no endpoint can be asked)");
    cli_table_destroy (&table);
    cJSON_ArrayForEach (row, s_in (resolution, "left_out"))
    {
        cli_table_line ("left out: %s:%s: %s", cli_effective_text (row, "provider", ""),
                        cli_effective_text (row, "service_id", ""),
                        cli_effective_text (row, "why", ""));
    }
}

//  Whether a name that nobody knows is rather a mistyped command.
static const char *
s_near_command (const char *name)
{
    static const char *const names[] = { "list", "add", "rm", "show" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (br_conf_words_distance (names[i], name) <= 1)
            return names[i];
    return NULL;
}

static int
s_fail (const char *name, const char *text)
{
    const char *near = s_near_command (name);
    if (near)
        return cli_usage ("route", "no command or route '%s'; did you mean 'route %s'?",
                          name, near);
    return cli_fail ("%s; `bitrouter models` lists what can be asked for", text);
}

static int
s_show (const cli_t *cli, const char *name)
{
    br_error_t error;
    cli_effective_t *effective = cli_effective_new (cli, &error);
    if (!effective)
        return cli_fail ("%s", error.text);
    cJSON *resolution = cli_resolution_new (effective, name, &error);
    int rc = resolution ? CLI_OK : s_fail (name, error.text);
    if (resolution && cli->json)
        cli_door_print (resolution);
    else if (resolution)
        s_print_resolution (resolution);
    cJSON_Delete (resolution);
    cli_effective_destroy (&effective);
    return rc;
}

static int
s_run_show (const cli_t *cli, int argc, char **argv)
{
    if (argc < 2)
        return cli_usage ("route show", "name a route or a model");
    if (argv[1][0] == '-')
        return cli_take_no_more ("route show", 1, argc, argv);
    if (cli_take_no_more ("route show", 2, argc, argv))
        return CLI_USAGE;
    return s_show (cli, argv[1]);
}

static const cli_command_t s_shown = {
    .name = "show",
    .args = "NAME",
    .about = "how a name resolves, the same as `route NAME`",
    .help =
        "Asks the running server, or the files when none runs. Endpoints stand in the\n"
        "order in which they are asked, with the state of their breakers, windows in\n"
        "tokens, prices in USD per million tokens, limits of their providers, and why\n"
        "they have their place. What is left out is told below, and what to do.\n",
    .run = s_run_show,
    .takes_broker = true,
};

//  ---- the group

//  `route NAME`. A word like a command is one, before files are read or made.
static int
s_run (const cli_t *cli, int argc, char **argv)
{
    if (argv[1][0] == '-')
        return cli_usage ("route", "no option '%s' here", argv[1]);
    if (cli_take_no_more ("route", 2, argc, argv))
        return CLI_USAGE;
    br_error_t error;
    char *run_dir = cli->broker ? NULL : cli_door_run_dir (cli, &error);
    char *path = br_strf ("%s/admin.sock", run_dir ? run_dir : "");
    bool is_running = cli->broker || (run_dir && cli_door_probe (path, &error) == 0);
    free (path);
    free (run_dir);
    if (!is_running && s_near_command (argv[1]))
        return s_fail (argv[1], "");
    return s_show (cli, argv[1]);
}

static const cli_command_t *const s_commands[] = { &s_list, &s_add, &s_rm, &s_shown,
                                                   NULL };

const cli_command_t cli_route = {
    .name = "route",
    .args = "COMMAND | NAME",
    .about = "the names that clients may ask for, and how one resolves",
    .help = "`bitrouter route NAME` tells where a call for that route or model goes, and "
            "why.\n",
    .run = s_run,
    .takes_broker = true,
    .commands = s_commands,
};
