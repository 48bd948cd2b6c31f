//  wizard_start: what follows a new configuration.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_listen.h"
#include "cli/door_client.h"
#include "cli/prompt.h"
#include "cli/web.h"
#include "cli/wizard_start.h"

#define HEALTH_MS 5000
#define CLOUD_MS 10000
#define ARGUMENTS_MAX 20

static void
s_done (const char *format, const char *what)
{
    fputs (cli_prompt_may_color () ? "\033[32m✓\033[0m " : "✓ ", stdout);
    printf (format, what);
    fputc ('\n', stdout);
    fflush (stdout);
}

//  ---- the server

//  `bitrouter start` with the same global flags.
static void
s_exec_start (const cli_t *cli)
{
    const struct {
        const char *name;
        const char *value;
    } rows[] = {
        { "--home-dir", cli->flags.home_dir },
        { "--config-file", cli->flags.config_file },
        { "--env-file", cli->flags.env_file },
        { "--run-dir", cli->flags.run_dir },
        { "--logs-dir", cli->flags.logs_dir },
        { "--db", cli->flags.db },
        { "--log-level", cli->log_level },
        { "--log-format", cli->log_format },
    };
    const char *argv[ARGUMENTS_MAX] = { "bitrouter", "start" };
    size_t count = 2;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].value) {
            argv[count++] = rows[i].name;
            argv[count++] = rows[i].value;
        }
    execv ("/proc/self/exe", (char *const *) argv);
}

//  Its own words go to stderr; when it fails it has said why.
static int
s_run_start (const cli_t *cli)
{
    fflush (stdout);
    pid_t child = fork ();
    if (child == 0) {
        (void) dup2 (STDERR_FILENO, STDOUT_FILENO);
        s_exec_start (cli);
        _exit (127);
    }
    int status = 0;
    if (child < 0 || waitpid (child, &status, 0) < 0 || !WIFEXITED (status)
        || WEXITSTATUS (status) != 0)
        return cli_fail ("the server did not start; try `bitrouter serve` and see why");
    return CLI_OK;
}

static int
s_start_or_reload (const cli_t *cli)
{
    br_error_t error = { .code = BR_OK };
    char *run_dir = cli_door_run_dir (cli, &error);
    if (!run_dir)
        return cli_fail ("%s", error.text);
    cli_question_t question = { run_dir, "reload", NULL, CLI_DOOR_LONG_MS };
    cli_answer_t answer = { .result = NULL };
    int rc = cli_door_ask (&question, &answer, &error);
    cJSON_Delete (answer.result);
    free (run_dir);
    if (rc == 0)
        return CLI_OK;
    return error.code == BR_EUNAVAILABLE ? s_run_start (cli)
                                         : cli_fail ("%s", error.text);
}

//  ---- health

//  An address that listens on everything is asked on loopback. "caller frees"
static char *
s_reachable (const char *listen)
{
    const char *port = strrchr (listen, ':');
    if (port && strncmp (listen, "0.0.0.0:", 8) == 0)
        return br_strf ("127.0.0.1%s", port);
    if (port && strncmp (listen, "[::]:", 5) == 0)
        return br_strf ("[::1]%s", port);
    return br_strdup (listen);
}

static int
s_check_health (const br_conf_t *conf)
{
    br_error_t error = { .code = BR_OK };
    char *listen = s_reachable (br_conf_listen (conf, 0));
    char *url = br_strf ("http://%s/health", listen);
    cli_web_request_t request = { .url = url, .timeout_ms = HEALTH_MS };
    request.is_local = true;
    cli_web_answer_t answer = { .body = NULL };
    int rc = cli_web_fetch (&request, &answer, &error);
    if (rc == 0)
        s_done ("API server listening on %s", br_conf_listen (conf, 0));
    if (rc == 0 && answer.status != 200)
        rc = br_error_set (&error, BR_EUNAVAILABLE, "%s answers %u", url, answer.status);
    cli_web_answer_clear (&answer);
    free (url);
    free (listen);
    return rc ? cli_fail ("%s; see `bitrouter status` and the logs", error.text) : CLI_OK;
}

static const char *
s_text (const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (object, key));
    return text ? text : "";
}

//  Asks the cloud for its models, with our key. It may be away for now: no more than a
//  warning.
static void
s_check_cloud (const br_conf_t *conf)
{
    char *text = br_conf_slice (conf, "upstream/bitrouter");
    cJSON *slice = text ? cJSON_Parse (text) : NULL;
    const cJSON *auth = cJSON_GetObjectItemCaseSensitive (slice, "auth");
    char *url = br_strf ("%s/models", s_text (slice, "api_base"));
    char *header = br_strf ("Authorization: Bearer %s", s_text (auth, "api_key"));
    cli_web_request_t request = { .url = url, .headers = { header } };
    request.timeout_ms = CLOUD_MS;
    cli_web_answer_t answer = { .body = NULL };
    br_error_t error = { .code = BR_OK };
    if (slice && cli_web_fetch (&request, &answer, &error))
        fprintf (stderr, "Warning: BitRouter Cloud: %s\n", error.text);
    else if (slice && answer.status != 200)
        fprintf (stderr,
                 "Warning: BitRouter Cloud answers %u; fund the wallet, or see "
                 "https://bitrouter.ai\n",
                 answer.status);
    else if (slice)
        s_done ("BitRouter Cloud answers at %s", s_text (slice, "api_base"));
    cli_web_answer_clear (&answer);
    cli_prompt_forget (&header);
    free (url);
    cJSON_Delete (slice);
    cli_prompt_forget (&text);
}

int
cli_wizard_start (const cli_t *cli)
{
    br_error_t error = { .code = BR_OK };
    br_conf_t *conf = br_conf_load (&cli->flags, &error);
    if (!conf)
        return cli_fail ("%s", error.text);
    int rc = s_start_or_reload (cli);
    if (rc == CLI_OK)
        rc = s_check_health (conf);
    if (rc == CLI_OK && br_conf_provider_active (conf, "bitrouter"))
        s_check_cloud (conf);
    if (rc == CLI_OK)
        s_done ("%s", "Health check passed");
    br_conf_destroy (&conf);
    return rc;
}

//  What a server needs that can be reached from elsewhere.
static const char s_token_step[] =
    "  bitrouter account -g  an account, whose tokens are asked for\n"
    "  bitrouter keygen      such a token\n";
static const char s_token_header[] =
    "    -H \"Authorization: Bearer $(bitrouter keygen --exp 1h)\" \\\n";

//  Whether callers need no token there.
static bool
s_is_local (const char *listen)
{
    static const char *const s_starts[] = { "127.", "[::1]:", "localhost:" };
    for (size_t i = 0; i < sizeof s_starts / sizeof *s_starts; i++)
        if (strncmp (listen, s_starts[i], strlen (s_starts[i])) == 0)
            return true;
    return false;
}

void
cli_wizard_tell_next (const cli_t *cli)
{
    br_conf_t *conf = br_conf_load (&cli->flags, NULL);
    const char *listen = conf ? br_conf_listen (conf, 0) : NULL;
    char *address = s_reachable (listen ? listen : BR_CONF_LISTEN_DEFAULT);
    bool needs_token = listen && !s_is_local (listen);
    bool is_cloud = conf && br_conf_provider_active (conf, "bitrouter");
    const char *model = is_cloud ? "bitrouter:openai/gpt-4o" : "openai:gpt-4o";
    if (!is_cloud && conf && !br_conf_provider_active (conf, "openai")) {
        bool has_anthropic = br_conf_provider_active (conf, "anthropic");
        model = has_anthropic ? "anthropic:claude-sonnet-4-20250514" : "PROVIDER:MODEL";
    }
    printf ("\nNext steps\n"
            "  bitrouter status      what runs, and where\n"
            "  bitrouter models      what can be asked for\n"
            "  bitrouter serve       the server in the foreground\n"
            "%s"
            "\n"
            "  curl http://%s/v1/chat/completions \\\n"
            "%s"
            "    -H 'Content-Type: application/json' \\\n"
            "    -d '{\"model\": \"%s\",\n"
            "         \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'\n",
            needs_token ? s_token_step : "", address, needs_token ? s_token_header : "",
            model);
    free (address);
    br_conf_destroy (&conf);
}
