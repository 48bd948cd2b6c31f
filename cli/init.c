//  init: a first configuration: by the wizard on a terminal, else a starter file.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "cli/door_client.h"
#include "cli/env_file.h"
#include "cli/prompt.h"
#include "cli/wizard.h"
#include "cli/wizard_start.h"

//  What the starter file says. It must load as it is.
static const char s_starter[] =
    "#  bitrouter's configuration. `bitrouter config check` reads it.\n"
    "server:\n"
    "  #  Callers on this machine need no token. Remove it before listening elsewhere.\n"
    "  skip_auth: true\n"
    "  #  listen: 127.0.0.1:8787\n"
    "\n"
    "#  Built-in providers need no block: with OPENAI_API_KEY in the environment or in\n"
    "#  .env, \"openai:gpt-4o\" works as it is. Others are blocks like these:\n"
    "#\n"
    "#  providers:\n"
    "#    openrouter:\n"
    "#      api_base: https://openrouter.ai/api/v1\n"
    "#      api_key: ${OPENROUTER_API_KEY}\n"
    "#      api_protocol:\n"
    "#        - \"*\": chat_completions\n"
    "#      models:\n"
    "#        - id: openai/gpt-4o\n"
    "#    ollama:\n"
    "#      api_base: http://127.0.0.1:11434/v1\n"
    "#\n"
    "#  models:\n"
    "#    default:\n"
    "#      strategy: priority\n"
    "#      endpoints:\n"
    "#        - provider: openai\n"
    "#          service_id: gpt-4o\n";

//  ---- the starter file

//  Where it goes: the flag, the global ones, the current directory. "caller frees"
static char *
s_path (const cli_t *cli, const char *chosen)
{
    if (chosen)
        return br_strdup (chosen);
    if (cli->flags.config_file)
        return br_strdup (cli->flags.config_file);
    if (cli->flags.home_dir)
        return br_strf ("%s/bitrouter.yaml", cli->flags.home_dir);
    return br_strdup ("./bitrouter.yaml");
}

static void
s_print_written (const cli_t *cli, const char *path)
{
    if (cli->json) {
        cJSON *json = cJSON_CreateObject ();
        cJSON_AddStringToObject (json, "config", path);
        cJSON_AddBoolToObject (json, "written", true);
        cli_door_print (json);
        cJSON_Delete (json);
        return;
    }
    printf ("Wrote %s\n"
            "Add a provider to it, or set a key like OPENAI_API_KEY; then run "
            "`bitrouter serve`.\n",
            path);
}

static int
s_write_starter (const cli_t *cli, const char *chosen, bool force)
{
    br_error_t error = { .code = BR_OK };
    char *path = s_path (cli, chosen);
    int rc = CLI_OK;
    if (br_conf_file_is_dir (path))
        rc = cli_fail ("%s is a directory; give the name of a file", path);
    else if (br_conf_file_exists (path) && !force)
        rc = cli_fail ("%s is there already; --force overwrites it", path);
    else if (cli_env_file_replace (path, s_starter, &error))
        rc = cli_fail ("%s", error.text);
    else
        s_print_written (cli, path);
    free (path);
    return rc;
}

//  ---- the wizard

static int
s_ask_start (bool *ret_wanted)
{
    br_error_t error = { .code = BR_OK };
    cli_prompt_t *prompt = cli_prompt_new (0, 1, cli_prompt_may_color (), &error);
    if (!prompt)
        return cli_fail ("%s", error.text);
    *ret_wanted = cli_prompt_confirm (prompt, "Start the API server now?", true);
    cli_prompt_end_t end = cli_prompt_end (prompt);
    cli_prompt_destroy (&prompt);
    return end == CLI_PROMPT_BREAK ? CLI_BREAK : CLI_OK;
}

static int
s_run_wizard (const cli_t *cli, bool force)
{
    bool written, wanted = false;
    cli_wizard_mode_t mode = force ? CLI_WIZARD_OVERWRITE : CLI_WIZARD_ASK;
    int rc = cli_wizard_set_up (cli, mode, &written);
    if (rc != CLI_OK || !written)
        return rc;
    rc = s_ask_start (&wanted);
    if (rc == CLI_OK && wanted)
        rc = cli_wizard_start (cli);
    if (rc == CLI_OK)
        cli_wizard_tell_next (cli);
    return rc;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    const char *path = cli_take_option (&argc, argv, "-c");
    const char *config = cli_take_option (&argc, argv, "--config");
    bool yes = cli_take_switch (&argc, argv, "--yes");
    yes |= cli_take_switch (&argc, argv, "-y");
    bool force = cli_take_switch (&argc, argv, "--force");
    if (cli_take_no_more ("init", 1, argc, argv))
        return CLI_USAGE;
    if (path && config)
        return cli_usage ("init", "-c and --config are one; give it once");
    path = path ? path : config;
    if (path && !*path)
        return cli_usage ("init", "-c needs the path of a file");
    bool is_asked = !path && !yes && !cli->json && cli_wizard_can_ask ();
    return is_asked ? s_run_wizard (cli, force) : s_write_starter (cli, path, force);
}

const cli_command_t cli_init = {
    .name = "init",
    .args = "[-c PATH] [--yes] [--force]",
    .about = "set bitrouter up: a wizard on a terminal, else a starter file",
    .help =
        "  -c, --config PATH  write a starter file there, without a question\n"
        "  -y, --yes          write a starter file, without a question\n"
        "  --force            overwrite what is there\n"
        "\n"
        "On a terminal it asks which providers to use, and writes bitrouter.yaml, and "
        "keys\n"
        "to .env; nothing is written before the summary is agreed to. What was there "
        "stays\n"
        "as bitrouter.yaml.bak. Without a terminal, a starter file goes to\n"
        "./bitrouter.yaml, or where --config-file or --home-dir say. Exit status: 0 "
        "done,\n"
        "1 failed or the input ended, 130 after Ctrl-C.\n",
    .run = s_run,
};
