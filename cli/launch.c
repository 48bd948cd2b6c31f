//  launch: runs an agent with its models at the running bitrouter. Nothing is written to the
//  person's own files: all is in the agent's environment, its arguments, and settings of
//  ours in HOME/launch.

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "broker/identity/key_file.h"
#include "cli/daemon.h"
#include "cli/door_client.h"
#include "cli/launch_agents.h"

#define NO_TOKEN "bitrouter" //  for agents that want one where the server does not
#define TOKEN_VARIABLE "BITROUTER_TOKEN"
#define SESSION_BYTES 8
#define URL_BYTES 512

typedef struct {
    const cli_t *cli;
    const cli_launch_agent_t *agent;
    const char *program;
    char **args;         //  the user's own, NULL ends
    bool token_is_named; //  it was in the environment, and a shell can say its name
    cli_launch_values_t values;
    char *base; //  owned: the home directory of bitrouter
    char *home; //  owned: the folder in it with settings for the agent, or NULL
    char url[URL_BYTES];
    char session[SESSION_BYTES * 2 + 1];
} launch_t;

//  ---- where the server is

//  An address that listens everywhere is reached at loopback.
static void
s_set_url (launch_t *self, const char *listen, bool tls)
{
    static const char *const every[][2] = { { "0.0.0.0:", "127.0.0.1:" },
                                            { "[::]:", "[::1]:" } };
    const char *host = "", *rest = listen;
    for (size_t i = 0; i < sizeof every / sizeof *every; i++)
        if (strncmp (listen, every[i][0], strlen (every[i][0])) == 0) {
            host = every[i][1];
            rest = listen + strlen (every[i][0]);
        }
    snprintf (self->url, sizeof self->url, "%s://%s%s", tls ? "https" : "http", host,
              rest);
    self->values.url = self->url;
}

static bool
s_has_tls (const br_conf_t *conf)
{
    char *text = br_conf_slice (conf, "ingress");
    cJSON *slice = cJSON_Parse (text ? text : "{}");
    bool tls = cJSON_HasObjectItem (slice, "tls");
    cJSON_Delete (slice);
    free (text);
    return tls;
}

//  The agent may run elsewhere than here: paths are full ones.
static void
s_set_home (launch_t *self, const char *home)
{
    char *full = realpath (home, NULL);
    self->base = full ? full : br_strdup (home);
    if (self->agent->file_name)
        self->home = br_strf ("%s/launch/%s", self->base, self->agent->name);
    self->values.home = self->home;
}

//  The running server knows its ports best; the files tell what they would be.
static int
s_find_server (launch_t *self, bool must_run)
{
    br_conf_home_t home;
    br_error_t error;
    cli_answer_t answer = { .result = NULL };
    if (cli_daemon_home (self->cli, &home))
        return CLI_FAILED;
    s_set_home (self, home.home);
    cli_question_t question = { home.run_dir, "calls", NULL, CLI_DOOR_MS };
    bool runs = cli_door_ask (&question, &answer, &error) == 0;
    br_conf_home_clear (&home);
    if (!runs && must_run)
        return cli_fail ("bitrouter is not running; start it with `bitrouter start`");
    if (!runs)
        fputs ("Warning: bitrouter is not running; start it with `bitrouter start`\n",
               stderr);
    br_conf_t *conf = br_conf_load (&self->cli->flags, &error);
    const cJSON *open = cJSON_GetObjectItemCaseSensitive (answer.result, "listen");
    const char *listen = cJSON_GetStringValue (cJSON_GetArrayItem (open, 0));
    if (!listen && conf)
        listen = br_conf_listen (conf, 0);
    if (listen)
        s_set_url (self, listen, conf && s_has_tls (conf));
    cJSON_Delete (answer.result);
    br_conf_destroy (&conf);
    return listen ? CLI_OK
                  : cli_fail ("%s", runs ? "the server listens nowhere" : error.text);
}

//  ---- the environment and the arguments

//  The person's settings stay as they are: what the agent must read is in some of ours.
static int
s_write_settings (const launch_t *self)
{
    br_error_t error;
    if (!self->home)
        return CLI_OK;
    char *path = br_strf ("%s/%s", self->home, self->agent->file_name);
    const char *name = path + strlen (self->base) + 1;
    int rc = br_conf_file_exists (path)
                 ? 0
                 : br_key_file_write (self->base, name, self->agent->file_text, &error);
    free (path);
    return rc ? cli_fail ("%s", error.text) : CLI_OK;
}

//  The next variable from a row on that is to be changed, or NULL.
static const cli_launch_variable_t *
s_changed (const launch_t *self, const cli_launch_variable_t *row)
{
    while (row->name && cli_launch_is_kept (self->agent, row, getenv ("HOME")))
        row++;
    return row->name ? row : NULL;
}

static void
s_set_environment (const launch_t *self)
{
    const cli_launch_variable_t *row = s_changed (self, self->agent->variables);
    for (; row; row = s_changed (self, row + 1)) {
        char *value = row->value ? cli_launch_expand (row->value, &self->values) : NULL;
        if (value)
            setenv (row->name, value, 1);
        else
            unsetenv (row->name);
        free (value);
    }
}

//  Settings of the person that are not read are missed.
static void
s_tell_home (const launch_t *self)
{
    const cli_launch_variable_t *row = s_changed (self, self->agent->variables);
    for (; row; row = s_changed (self, row + 1))
        if (row->value && strcmp (row->value, CLI_LAUNCH_HOME) == 0)
            fprintf (stderr,
                     "%s has its settings in %s, since yours would ask or go "
                     "around the server\n",
                     self->agent->title, self->home);
}

//  The program, what its row adds, what the user adds. "caller frees all"
static char **
s_words (const launch_t *self)
{
    size_t own = 0, size = 0;
    while (self->args[own])
        own++;
    char **words = br_alloc (2 * CLI_LAUNCH_ROWS + own + 2, sizeof *words);
    words[size++] = br_strdup (self->program);
    for (const char *const *arg = self->agent->args; *arg; arg++)
        words[size++] = cli_launch_expand (*arg, &self->values);
    for (size_t i = 0; i < own; i++)
        words[size++] = br_strdup (self->args[i]);
    words[size] = NULL;
    return words;
}

static void
s_free_words (char **words)
{
    for (char **word = words; *word; word++)
        free (*word);
    free (words);
}

//  ---- to be looked at

//  As a shell reads it. A token of the environment is named there, not told.
static void
s_print_quoted (const char *text)
{
    const size_t token = strlen (CLI_LAUNCH_TOKEN);
    if (*text
        && !text[strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789-._:/@+,%")]) {
        fputs (text, stdout);
        return;
    }
    putchar ('\'');
    while (*text) {
        bool named = strncmp (text, CLI_LAUNCH_TOKEN, token) == 0;
        if (named)
            fputs ("'\"$" TOKEN_VARIABLE "\"'", stdout);
        else if (*text == '\'')
            fputs ("'\\''", stdout);
        else
            putchar (*text);
        text += named ? token : 1;
    }
    putchar ('\'');
}

static void
s_print_lines (const launch_t *self)
{
    cli_launch_values_t values = self->values;
    if (self->token_is_named)
        values.token = NULL;
    const cli_launch_variable_t *row = s_changed (self, self->agent->variables);
    for (; row; row = s_changed (self, row + 1)) {
        char *value = row->value ? cli_launch_expand (row->value, &values) : NULL;
        printf ("%s %s", value ? "export" : "unset", row->name);
        if (value) {
            putchar ('=');
            s_print_quoted (value);
        }
        putchar ('\n');
        free (value);
    }
    char **words = s_words (self);
    for (char **word = words; *word; word++) {
        fputs (word == words ? "" : " ", stdout);
        s_print_quoted (*word);
    }
    putchar ('\n');
    s_free_words (words);
}

static void
s_print_json (const launch_t *self)
{
    cJSON *answer = cJSON_CreateObject ();
    cJSON *set = cJSON_AddObjectToObject (answer, "set");
    cJSON *unset = cJSON_AddArrayToObject (answer, "unset");
    cJSON *command = cJSON_AddArrayToObject (answer, "command");
    const cli_launch_variable_t *row = s_changed (self, self->agent->variables);
    for (; row; row = s_changed (self, row + 1)) {
        char *value = row->value ? cli_launch_expand (row->value, &self->values) : NULL;
        if (value)
            cJSON_AddStringToObject (set, row->name, value);
        else
            cJSON_AddItemToArray (unset, cJSON_CreateString (row->name));
        free (value);
    }
    char **words = s_words (self);
    for (char **word = words; *word; word++)
        cJSON_AddItemToArray (command, cJSON_CreateString (*word));
    s_free_words (words);
    cli_door_print (answer);
    cJSON_Delete (answer);
}

//  ---- the command

static void
s_set_values (launch_t *self, const char *token)
{
    uint8_t random[SESSION_BYTES];
    const char *named = getenv (TOKEN_VARIABLE);
    self->token_is_named = !token && named && *named;
    self->values.token = token ? token : self->token_is_named ? named : NO_TOKEN;
    randombytes_buf (random, sizeof random);
    sodium_bin2hex (self->session, sizeof self->session, random, sizeof random);
    self->values.session = self->session;
}

static int
s_become (const launch_t *self)
{
    char **words = s_words (self);
    s_tell_home (self);
    s_set_environment (self);
    execvp (self->program, words);
    int reason = errno;
    s_free_words (words);
    const char *install = self->agent->install;
    if (reason != ENOENT)
        return cli_fail ("cannot run %s: %s", self->program, strerror (reason));
    return cli_fail ("cannot run %s: %s; install it%s%s%s, or give its path",
                     self->program, strerror (reason), install ? " with `" : "",
                     install ? install : "", install ? "`" : "");
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    bool print = cli_take_switch (&argc, argv, "--print");
    const char *token = cli_take_option (&argc, argv, "--token");
    launch_t self = { .cli = cli };
    if (argc < 2 || argv[1][0] == '-')
        return argc < 2 || strcmp (argv[1], "--") == 0
                   ? cli_usage ("launch", "name an agent, like claude or codex")
                   : cli_take_no_more ("launch", 1, argc, argv);
    if (argc > 2 && strcmp (argv[2], "--") != 0)
        return cli_usage ("launch", "the agent's own arguments stand behind --, not '%s'",
                          argv[2]);
    self.program = argv[1];
    self.agent = cli_launch_agent_find (self.program);
    self.args = argv + (argc > 2 ? 3 : 2);
    s_set_values (&self, token);
    int rc = s_find_server (&self, !print);
    if (rc == CLI_OK)
        rc = s_write_settings (&self);
    if (rc == CLI_OK && !print)
        rc = s_become (&self);
    else if (rc == CLI_OK && cli->json)
        s_print_json (&self);
    else if (rc == CLI_OK)
        s_print_lines (&self);
    free (self.home);
    free (self.base);
    return rc;
}

const cli_command_t cli_launch = {
    .name = "launch",
    .args = "[--print] [--token TOKEN] AGENT [-- ARGUMENTS]",
    .about = "run an agent with its models at the running bitrouter",
    .help =
        "  --print        the lines for a shell instead\n"
        "  --token TOKEN  a token of `bitrouter keygen` or `bitrouter key sign`; left "
        "out:\n"
        "                 $BITROUTER_TOKEN, or a word that loopback servers ignore\n"
        "\n"
        "Known agents: claude, codex, gemini, opencode, aider, qwen, goose. Any other\n"
        "program gets the variables that most SDKs read. The calls of one launch are "
        "one\n"
        "session and one run (`bitrouter trace`), where the agent can send headers.\n",
    .run = s_run,
};
