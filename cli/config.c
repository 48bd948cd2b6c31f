//  config: the configuration as the files say it, whether bitrouter runs or not.

#include <stdio.h>
#include <stdlib.h>

#include "broker/core/conf_json_schema.h"
#include "cli/door_client.h"

//  ---- check

static void
s_print_check (const br_conf_t *conf, const char *error_text)
{
    cJSON *answer = cJSON_CreateObject ();
    cJSON_AddBoolToObject (answer, "valid", conf != NULL);
    if (conf)
        cJSON_AddStringToObject (answer, "file", br_conf_config_file (conf));
    else
        cJSON_AddStringToObject (answer, "error", error_text);
    cJSON *warnings = cJSON_AddArrayToObject (answer, "warnings");
    const char *warning;
    for (size_t i = 0; conf && (warning = br_conf_warning (conf, i)); i++)
        cJSON_AddItemToArray (warnings, cJSON_CreateString (warning));
    cli_door_print (answer);
    cJSON_Delete (answer);
}

static int
s_run_check (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("config check", 1, argc, argv))
        return CLI_USAGE;
    br_error_t error = { .code = BR_OK };
    br_conf_t *conf = br_conf_load (&cli->flags, &error);
    const char *warning;
    for (size_t i = 0; conf && (warning = br_conf_warning (conf, i)); i++)
        fprintf (stderr, "Warning: %s\n", warning);
    if (cli->json)
        s_print_check (conf, error.text);
    else if (conf)
        printf ("configuration is valid: %s%s\n", br_conf_config_file (conf),
                br_conf_has_config_file (conf) ? "" : " (there is none)");
    int rc = conf ? CLI_OK : cli_fail ("%s", error.text);
    br_conf_destroy (&conf);
    return rc;
}

static const cli_command_t s_check = {
    .name = "check",
    .args = "",
    .about = "read the configuration and tell what is wrong with it",
    .help =
        "Prints warnings, then `configuration is valid: FILE`. A wrong one is an error\n"
        "of one line, with file, line and column, and exit status 1.\n",
    .run = s_run_check,
};

//  ---- show

static int
s_run_show (const cli_t *cli, int argc, char **argv)
{
    if (cli_take_no_more ("config show", 1, argc, argv))
        return CLI_USAGE;
    br_error_t error = { .code = BR_OK };
    br_conf_t *conf = br_conf_load (&cli->flags, &error);
    if (!conf)
        return cli_fail ("%s", error.text);
    char *text = br_conf_show (conf);
    cJSON *json = cJSON_CreateString (text);
    if (cli->json)
        cli_door_print (json);
    else
        fputs (text, stdout);
    cJSON_Delete (json);
    free (text);
    br_conf_destroy (&conf);
    return CLI_OK;
}

static const cli_command_t s_show = {
    .name = "show",
    .args = "",
    .about = "the effective configuration as YAML, secrets masked",
    .help =
        "Built-in providers are laid under the file's own, variables are replaced. What\n"
        "a running bitrouter uses is told by `bitrouter admin config`. With --json, the\n"
        "YAML is one JSON string.\n",
    .run = s_run_show,
};

//  ---- schema

static int
s_run_schema (const cli_t *cli, int argc, char **argv)
{
    (void) cli; //  it is JSON anyway
    if (cli_take_no_more ("config schema", 1, argc, argv))
        return CLI_USAGE;
    char *text = br_conf_json_schema ();
    puts (text);
    free (text);
    return CLI_OK;
}

static const cli_command_t s_schema = {
    .name = "schema",
    .args = "",
    .about = "what bitrouter.yaml may say, as a JSON Schema for editors",
    .help = "Draft 2020-12. Save it, and begin bitrouter.yaml with the line\n"
            "  # yaml-language-server: $schema=./bitrouter.schema.json\n"
            "What depends on several keys is told by `bitrouter config check` alone.\n",
    .run = s_run_schema,
};

static const cli_command_t *const s_commands[] = { &s_check, &s_show, &s_schema, NULL };

const cli_command_t cli_config = {
    .name = "config",
    .args = "COMMAND",
    .about = "check or show the configuration, or what it may say",
    .commands = s_commands,
};
