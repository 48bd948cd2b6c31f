//  status: where bitrouter's files are, whether it runs, and what it consists of.

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "broker/core/conf_home.h"
#include "cli/door_client.h"
#include "cli/table.h"
#include "cli/watch.h"

//  ---- finding out: one JSON object, whether bitrouter runs or not

//  What the files say, while nothing runs.
static int
s_from_files (const cli_t *cli, cJSON *status, br_error_t *reterr)
{
    br_conf_t *conf = br_conf_load (&cli->flags, reterr);
    if (!conf)
        return -1;
    cJSON *listen = cJSON_AddArrayToObject (status, "listen");
    const char *text;
    for (size_t i = 0; (text = br_conf_listen (conf, i)); i++)
        cJSON_AddItemToArray (listen, cJSON_CreateString (text));
    cJSON *providers = cJSON_AddArrayToObject (status, "providers");
    for (size_t i = 0; (text = br_conf_provider_names (conf, i)); i++)
        if (br_conf_provider_active (conf, text))
            cJSON_AddItemToArray (providers, cJSON_CreateString (text));
    br_conf_destroy (&conf);
    return 0;
}

//  Where clients are really listened to: port 0 and the second default port are known to
//  the running server alone.
static void
s_add_open_doors (cJSON *status, const cli_door_t *door)
{
    cli_question_t question = { NULL, "calls", NULL, CLI_DOOR_MS };
    cli_answer_t answer = { .result = NULL };
    if (cli_door_ask_at (door, &question, &answer, NULL))
        return;
    cJSON *listen = cJSON_DetachItemFromObjectCaseSensitive (answer.result, "listen");
    if (cJSON_GetArraySize (listen) > 0)
        cJSON_ReplaceItemInObjectCaseSensitive (status, "listen", listen);
    else
        cJSON_Delete (listen);
    cJSON_Delete (answer.result);
}

//  "caller deletes"; also when *reterr is set: what is known in spite of it.
static cJSON *
s_status (const cli_t *cli, const br_conf_home_t *home, br_error_t *reterr)
{
    cli_door_t door = { .run_dir = home->run_dir };
    cli_question_t question = { NULL, "status", NULL, CLI_DOOR_MS };
    cli_answer_t answer = { .result = NULL };
    br_error_t error = { .code = BR_OK };
    bool running = cli_door_ask_at (&door, &question, &answer, &error) == 0;
    cJSON *status = running ? answer.result : cJSON_CreateObject ();
    cJSON_AddBoolToObject (status, "running", running);
    cJSON_AddStringToObject (status, "runtime", home->run_dir);
    if (running) {
        s_add_open_doors (status, &door);
        return status;
    }
    cJSON_AddStringToObject (status, "home", home->home);
    cJSON_AddStringToObject (status, "config", home->config_file);
    if (error.code == BR_EUNAVAILABLE)
        s_from_files (cli, status, reterr);
    else
        *reterr = error;
    return status;
}

//  Of another machine, whose files are not looked at. "caller deletes", or NULL
static cJSON *
s_status_there (const cli_t *cli, br_error_t *reterr)
{
    cli_door_t door;
    cli_question_t question = { NULL, "status", NULL, CLI_DOOR_MS };
    cli_answer_t answer = { .result = NULL };
    int rc = cli_door_find (cli, &door, reterr);
    if (rc == 0)
        rc = cli_door_ask_at (&door, &question, &answer, reterr);
    if (rc == 0) {
        cJSON_AddTrueToObject (answer.result, "running");
        cJSON_AddStringToObject (answer.result, "broker", cli->broker);
        s_add_open_doors (answer.result, &door);
    }
    cli_door_clear (&door);
    return answer.result;
}

//  "caller deletes", or NULL with *reterr
static cJSON *
s_status_here (const cli_t *cli, br_error_t *reterr)
{
    br_conf_home_t home;
    const char *const *environ_v = cli->flags.environ_v ? cli->flags.environ_v
                                                        : (const char *const *) environ;
    if (br_conf_home_find (&home, &cli->flags, environ_v, NULL, reterr))
        return NULL;
    cJSON *status = s_status (cli, &home, reterr);
    br_conf_home_clear (&home);
    return status;
}

//  ---- telling

static const char *
s_text (const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (object, name));
    return text ? text : "";
}

static long
s_number (const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (object, name);
    return cJSON_IsNumber (item) ? (long) item->valuedouble : 0;
}

static void
s_print_line (const char *label, const char *text)
{
    char *clean = cli_table_clean (text);
    printf ("%-10s %s\n", label, clean);
    free (clean);
}

//  Texts of a list, with commas between them.
static void
s_print_list (const char *label, const cJSON *list)
{
    printf ("%-10s %s", label, cJSON_GetArraySize (list) ? "" : "(none)");
    const char *comma = "";
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        char *clean = cli_table_clean (cJSON_GetStringValue (item));
        printf ("%s%s", comma, clean);
        free (clean);
        comma = ", ";
    }
    putchar ('\n');
}

static void
s_print_hosts (const cJSON *hosts)
{
    static const char *const heads[] = { "HOST",     "PLACE",    "STATE",  "PID",
                                         "RESTARTS", "MESSAGES", "ACTORS", NULL };
    cli_table_t *table = cli_table_new (heads);
    const cJSON *host;
    cJSON_ArrayForEach (host, hosts)
    {
        cli_table_add (table, s_text (host, "name"));
        cli_table_add (table, s_text (host, "place"));
        cli_table_add (table, s_text (host, "state"));
        cli_table_addf (table, "%ld", s_number (host, "pid"));
        cli_table_addf (table, "%ld", s_number (host, "restarts"));
        cli_table_addf (table, "%ld", s_number (host, "messages"));
        const cJSON *actors = cJSON_GetObjectItemCaseSensitive (host, "actors");
        cli_table_addf (table, "%d", cJSON_GetArraySize (actors));
    }
    putchar ('\n');
    cli_table_print (table, stdout);
    cli_table_destroy (&table);
}

static void
s_print (const cJSON *status)
{
    bool running = cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (status, "running"));
    if (running)
        printf ("%-10s running (pid %ld)\n", "daemon:", s_number (status, "pid"));
    else
        s_print_line ("daemon:", "stopped");
    s_print_line ("home:", s_text (status, "home"));
    s_print_line ("config:", s_text (status, "config"));
    bool is_here = !cJSON_HasObjectItem (status, "broker");
    s_print_line (is_here ? "runtime:" : "broker:",
                  s_text (status, is_here ? "runtime" : "broker"));
    const cJSON *listen = cJSON_GetObjectItemCaseSensitive (status, "listen");
    if (listen) {
        s_print_list ("listen:", listen);
        s_print_list ("providers:",
                      cJSON_GetObjectItemCaseSensitive (status, "providers"));
    }
    if (running)
        s_print_hosts (cJSON_GetObjectItemCaseSensitive (status, "hosts"));
}

static int
s_show (void *arg)
{
    const cli_t *cli = arg;
    br_error_t error = { .code = BR_OK };
    cJSON *status = cli->broker ? s_status_there (cli, &error)
                                : s_status_here (cli, &error);
    if (!status)
        return cli_fail ("%s", error.text);
    if (cli->json)
        cli_door_print (status);
    else
        s_print (status);
    cJSON_Delete (status);
    return error.code == BR_OK ? CLI_OK : cli_fail ("%s", error.text);
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    cli_watch_t watch;
    cli_t copy = *cli;
    if (cli_watch_take ("status", &argc, argv, &watch)
        || cli_take_no_more ("status", 1, argc, argv))
        return CLI_USAGE;
    return cli_watch_run (&watch, s_show, &copy);
}

const cli_command_t cli_status = {
    .name = "status",
    .args = "[--watch [--count N]]",
    .about = "whether bitrouter runs, where its files are, its providers and hosts",
    .help = "  --watch    again every two seconds, in place on a terminal\n"
            "  --count N  end after that many times\n"
            "\n"
            "Works while nothing runs, too: then it tells what the files say.\n",
    .run = s_run,
    .takes_broker = true,
};
