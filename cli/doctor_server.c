//  doctor_server: the pid file, and what a running server says of its hosts and endpoints.

#include <stdio.h>
#include <string.h>

#include "broker/core/version.h"
#include "cli/daemon.h"
#include "cli/doctor.h"
#include "cli/door_client.h"

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
s_look_at_pid_file (doctor_t *self)
{
    pid_t pid;
    cli_daemon_state_t state = cli_daemon_look (self->home.run_dir, &pid);
    if (state == CLI_DAEMON_RUNNING)
        doctor_say (self, DOCTOR_ERROR, "daemon",
                    "it runs (pid %d), and its door does not answer; see `bitrouter "
                    "logs`, then `bitrouter restart`",
                    (int) pid);
    else if (state == CLI_DAEMON_STALE)
        doctor_say (self, DOCTOR_WARNING, "daemon",
                    "stopped; the pid file of one that was killed (pid %d) is left; the "
                    "next start removes it",
                    (int) pid);
    else
        doctor_say (self, DOCTOR_OK, "daemon", "stopped");
}

void
doctor_daemon (doctor_t *self)
{
    const char *version = s_text (self->status, "version");
    long pid = s_number (self->status, "pid");
    if (!self->status)
        s_look_at_pid_file (self);
    else if (strcmp (version, BR_VERSION) != 0)
        doctor_say (self, DOCTOR_WARNING, "daemon",
                    "version %s runs (pid %ld), this is " BR_VERSION "; `bitrouter "
                    "restart`",
                    version, pid);
    else if (!cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (self->status, "ready")))
        doctor_say (self, DOCTOR_WARNING, "daemon",
                    "running (pid %ld), and not ready yet; see `bitrouter logs`", pid);
    else
        doctor_say (self, DOCTOR_OK, "daemon", "running (pid %ld)", pid);
}

void
doctor_hosts (doctor_t *self)
{
    const cJSON *hosts = cJSON_GetObjectItemCaseSensitive (self->status, "hosts");
    const cJSON *host;
    unsigned well = 0;
    cJSON_ArrayForEach (host, hosts)
    {
        const char *state = s_text (host, "state");
        long restarts = s_number (host, "restarts");
        if (strcmp (state, "up") != 0)
            doctor_say (self, DOCTOR_ERROR, "hosts",
                        "%s: %s; its last words are in `bitrouter logs`",
                        s_text (host, "name"), state);
        else if (restarts > 0)
            doctor_say (self, DOCTOR_WARNING, "hosts",
                        "%s was started again %ld times; see `bitrouter logs`",
                        s_text (host, "name"), restarts);
        else
            well++;
    }
    if (well)
        doctor_say (self, DOCTOR_OK, "hosts", "%u up", well);
}

//  Rows of endpoints that failed lately.
static void
s_look_at_breakers (doctor_t *self, const cJSON *rows)
{
    const cJSON *row;
    unsigned open = 0;
    cJSON_ArrayForEach (row, rows)
    {
        if (strcmp (s_text (row, "state"), "open") != 0)
            continue;
        open++;
        doctor_say (self, DOCTOR_WARNING, "breakers",
                    "%s %s is left alone for %ld s more: %s", s_text (row, "provider"),
                    s_text (row, "model"), s_number (row, "for_ms") / 1000,
                    s_text (row, "reason"));
    }
    if (!open)
        doctor_say (self, DOCTOR_OK, "breakers", "every endpoint is in use");
}

void
doctor_breakers (doctor_t *self)
{
    cli_question_t question = { self->home.run_dir, "breakers", NULL, CLI_DOOR_MS };
    cli_answer_t answer = { .result = NULL };
    if (!self->status || cli_door_ask (&question, &answer, NULL))
        return;
    const cJSON *rows = cJSON_IsArray (answer.result) ? answer.result
                                                      : cJSON_GetObjectItemCaseSensitive (
                                                          answer.result, "endpoints");
    s_look_at_breakers (self, rows);
    cJSON_Delete (answer.result);
}
