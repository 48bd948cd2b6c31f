//  door_client: asks the admin door of a running bitrouter.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_home.h"
#include "cli/door_client.h"

#define ANSWER_MAX (64 << 20) //  bytes

//  ZeroMQ would wait for somebody to come; a plain connection tells at once.
int
cli_door_probe (const char *socket_path, br_error_t *reterr)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t size = strlen (socket_path);
    if (size >= sizeof address.sun_path)
        return br_error_set (reterr, BR_EUNAVAILABLE,
                             "%s is too long for the path of a socket; give a shorter "
                             "--run-dir",
                             socket_path);
    memcpy (address.sun_path, socket_path, size + 1);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = fd < 0 ? -1 : connect (fd, (const void *) &address, sizeof address);
    int reason = errno;
    if (fd >= 0)
        close (fd);
    if (rc == 0)
        return 0;
    if (reason == EACCES || reason == EPERM)
        return br_error_set (reterr, BR_EUNAVAILABLE,
                             "cannot open %s: %s; be the user that bitrouter runs as",
                             socket_path, strerror (reason));
    return br_error_set (reterr, BR_EUNAVAILABLE,
                         "bitrouter is not running (no answer at %s); start it with "
                         "`bitrouter serve`",
                         socket_path);
}

//  ---- one question

//  An error that the door reports, by the label of its code.
static int
s_refusal (const cJSON *reply, br_error_t *reterr)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive (reply, "error");
    const cJSON *label = cJSON_GetObjectItemCaseSensitive (error, "code");
    const cJSON *text = cJSON_GetObjectItemCaseSensitive (error, "message");
    br_code_t code = BR_EINTERNAL;
    for (unsigned i = BR_OK + 1; cJSON_IsString (label) && i < BR_ERROR_COUNT; i++)
        if (strcmp (br_code_label (i), label->valuestring) == 0)
            code = (br_code_t) i;
    return br_error_set (reterr, code, "%s",
                         cJSON_IsString (text)
                             ? text->valuestring
                             : "bitrouter refused, and did not say why");
}

static int
s_read_reply (const char *text, size_t size, cli_answer_t *ret_answer, br_error_t *reterr)
{
    cJSON *reply = cJSON_ParseWithLength (text, size);
    const cJSON *ok = cJSON_GetObjectItemCaseSensitive (reply, "ok");
    int rc = 0;
    if (!cJSON_IsBool (ok))
        rc = br_error_set (reterr, BR_EINTERNAL,
                           "the answer of the admin door makes no sense");
    else if (cJSON_IsFalse (ok))
        rc = s_refusal (reply, reterr);
    else {
        const cJSON *missing = cJSON_GetObjectItemCaseSensitive (reply, "missing");
        cJSON *result = cJSON_DetachItemFromObjectCaseSensitive (reply, "result");
        *ret_answer = (cli_answer_t) { .result = result ? result : cJSON_CreateNull () };
        if (cJSON_IsNumber (missing) && missing->valueint > 0)
            ret_answer->missing = (unsigned) missing->valueint;
    }
    cJSON_Delete (reply);
    return rc;
}

static char *
s_request (const cli_question_t *question)
{
    cJSON *request = cJSON_CreateObject ();
    cJSON_AddStringToObject (request, "command", question->command);
    cJSON_AddItemToObject (request, "args",
                           question->args ? cJSON_Duplicate (question->args, 1)
                                          : cJSON_CreateObject ());
    char *text = cJSON_PrintUnformatted (request);
    cJSON_Delete (request);
    return text;
}

//  Sends and receives with one socket, whose time is bounded.
static int
s_exchange (void *socket, const cli_question_t *question, cli_answer_t *ret_answer,
            br_error_t *reterr)
{
    char *request = s_request (question);
    int rc = zmq_send (socket, request, strlen (request), 0);
    cJSON_free (request);
    zmq_msg_t reply;
    zmq_msg_init (&reply);
    if (rc >= 0)
        do
            rc = zmq_msg_recv (&reply, socket, 0);
        while (rc < 0 && zmq_errno () == EINTR);
    if (rc >= 0)
        rc = s_read_reply (zmq_msg_data (&reply), zmq_msg_size (&reply), ret_answer,
                           reterr);
    else if (zmq_errno () == EAGAIN)
        br_error_set (reterr, BR_ETIMEOUT,
                      "bitrouter did not answer '%s' within %d ms; it may have ended "
                      "meanwhile, or be busy",
                      question->command, question->timeout_ms);
    else
        br_error_set (reterr, BR_ESYSTEM, "cannot ask bitrouter: %s",
                      zmq_strerror (zmq_errno ()));
    zmq_msg_close (&reply);
    return rc < 0 ? -1 : 0;
}

static int
s_connect_here (void *socket, const char *run_dir, br_error_t *reterr)
{
    char *path = br_strf ("%s/admin.sock", run_dir);
    char *endpoint = br_strf ("ipc://%s", path);
    int rc = cli_door_probe (path, reterr);
    if (rc == 0 && zmq_connect (socket, endpoint))
        rc = br_error_set (reterr, BR_ESYSTEM, "cannot connect to %s: %s", endpoint,
                           zmq_strerror (zmq_errno ()));
    free (endpoint);
    free (path);
    return rc;
}

//  In at the door of another machine, or why not.
static int
s_connect_there (void *zmq, void *socket, const cli_door_t *door, br_error_t *reterr)
{
    br_remote_watch_t *watch = br_remote_watch_new (zmq, socket, reterr);
    int rc = watch ? br_remote_connect (socket, door->broker, &door->keys, reterr) : -1;
    if (rc == 0)
        rc = br_remote_watch_wait (watch, door->broker, BR_REMOTE_MS, reterr);
    br_remote_watch_destroy (&watch);
    return rc;
}

int
cli_door_ask (const cli_question_t *question, cli_answer_t *ret_answer,
              br_error_t *reterr)
{
    char *run_dir = br_strdup (question->run_dir);
    cli_door_t door = { .run_dir = run_dir };
    int rc = cli_door_ask_at (&door, question, ret_answer, reterr);
    free (run_dir);
    return rc;
}

int
cli_door_ask_at (const cli_door_t *door, const cli_question_t *question,
                 cli_answer_t *ret_answer, br_error_t *reterr)
{
    void *zmq = zmq_ctx_new ();
    void *socket = zmq_socket (zmq, ZMQ_REQ);
    const int zero = 0, timeout_ms = question->timeout_ms;
    const int64_t answer_max = ANSWER_MAX;
    zmq_setsockopt (socket, ZMQ_LINGER, &zero, sizeof zero);
    zmq_setsockopt (socket, ZMQ_SNDTIMEO, &timeout_ms, sizeof timeout_ms);
    zmq_setsockopt (socket, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
    zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &answer_max, sizeof answer_max);
    int rc = door->broker ? s_connect_there (zmq, socket, door, reterr)
                          : s_connect_here (socket, door->run_dir, reterr);
    if (rc == 0)
        rc = s_exchange (socket, question, ret_answer, reterr);
    zmq_close (socket);
    zmq_ctx_term (zmq);
    return rc;
}

//  ---- for commands

char *
cli_door_run_dir (const cli_t *cli, br_error_t *reterr)
{
    br_conf_home_t home;
    const char *const *environ_v = cli->flags.environ_v ? cli->flags.environ_v
                                                        : (const char *const *) environ;
    if (br_conf_home_find (&home, &cli->flags, environ_v, NULL, reterr))
        return NULL;
    char *run_dir = br_strdup (home.run_dir);
    br_conf_home_clear (&home);
    return run_dir;
}

int
cli_door_find (const cli_t *cli, cli_door_t *ret_door, br_error_t *reterr)
{
    *ret_door = (cli_door_t) { .broker = cli->broker };
    if (!cli->broker) {
        ret_door->run_dir = cli_door_run_dir (cli, reterr);
        return ret_door->run_dir ? 0 : -1;
    }
    br_error_t error;
    if (br_remote_check (cli->broker, BR_REMOTE_CLIENT, &error))
        return br_error_set (reterr, error.code, "--broker: %s", error.text);
    br_conf_home_t home;
    const char *const *environ_v = cli->flags.environ_v ? cli->flags.environ_v
                                                        : (const char *const *) environ;
    if (br_conf_home_locate (&home, &cli->flags, environ_v, reterr))
        return -1;
    int rc = br_remote_keys_load (home.home, &ret_door->keys, reterr);
    br_conf_home_clear (&home);
    return rc;
}

void
cli_door_clear (cli_door_t *door)
{
    free (door->run_dir);
    *door = (cli_door_t) { .run_dir = NULL };
}

int
cli_door_command (const cli_t *cli, const char *command, const cJSON *args,
                  int timeout_ms, cJSON **ret_result)
{
    br_error_t error;
    cli_door_t door;
    cli_question_t question = { NULL, command, args, timeout_ms };
    cli_answer_t answer = { .result = NULL };
    int rc = cli_door_find (cli, &door, &error);
    if (rc == 0)
        rc = cli_door_ask_at (&door, &question, &answer, &error);
    cli_door_clear (&door);
    if (rc)
        return cli_fail ("%s", error.text);
    if (answer.missing)
        fprintf (stderr, "Warning: %u did not answer in time\n", answer.missing);
    *ret_result = answer.result;
    return CLI_OK;
}

void
cli_door_print (const cJSON *json)
{
    char *text = cJSON_Print (json);
    puts (text);
    cJSON_free (text);
}

void
cli_door_print_true (const char *name)
{
    cJSON *json = cJSON_CreateObject ();
    cJSON_AddBoolToObject (json, name, true);
    cli_door_print (json);
    cJSON_Delete (json);
}
