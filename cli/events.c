//  events: what happens in a running bitrouter, one line of JSON for each event.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_words.h"
#include "broker/core/events.h"
#include "cli/door_client.h"
#include "cli/event_filter.h"

#define NAME_BYTES 128 //  of an event's name, with its end

typedef struct {
    cli_event_wish_t wish;
    unsigned long count; //  events to print; 0: for ever
    bool since_start;    //  tell first what is so already; wait for a server
    cli_door_t door;
    char *endpoint; //  owned; of the events
} events_t;

//  ---- arguments

static int
s_check_name (const char *pattern)
{
    for (unsigned i = 0; i < BR_EVENT_COUNT; i++)
        if (cli_event_fits (pattern, br_event_name (i)))
            return CLI_OK;
    br_conf_words_t *names = br_conf_words_new ();
    for (unsigned i = 0; i < BR_EVENT_COUNT; i++)
        br_conf_words_add (names, br_event_name (i));
    const char *near = br_conf_words_nearest (names, pattern);
    if (near)
        cli_usage ("events", "no event '%s'; did you mean '%s'?", pattern, near);
    else
        cli_usage ("events", "no event '%s'; see bitrouter-events(7)", pattern);
    br_conf_words_destroy (&names);
    return CLI_USAGE;
}

static int
s_take_arguments (events_t *self, int argc, char **argv)
{
    const char *number = cli_take_option (&argc, argv, "--count");
    self->wish.call = cli_take_option (&argc, argv, "--call");
    self->wish.run = cli_take_option (&argc, argv, "--run");
    self->wish.provider = cli_take_option (&argc, argv, "--provider");
    self->since_start = cli_take_switch (&argc, argv, "--since-start");
    cli_take_switch (&argc, argv, "--follow"); //  what it does anyway
    char *end = NULL;
    self->count = number ? strtoul (number, &end, 10) : 0;
    if (number && (*number < '0' || *number > '9' || *end || self->count == 0))
        return cli_usage ("events", "--count must be a number from 1");
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-')
            return cli_take_no_more ("events", i, argc, argv);
        if (s_check_name (argv[i]))
            return CLI_USAGE;
    }
    self->wish.names = argv + 1;
    self->wish.names_count = argc - 1;
    return CLI_OK;
}

//  ---- following

//  Receives one event: name and line. 0, or -1 with the reason in zmq_errno.
static int
s_receive (void *socket, char *ret_name, zmq_msg_t *ret_line)
{
    int size = zmq_recv (socket, ret_name, NAME_BYTES - 1, 0);
    if (size < 0)
        return -1;
    ret_name[size < NAME_BYTES ? size : NAME_BYTES - 1] = 0;
    return zmq_msg_recv (ret_line, socket, 0) < 0 ? -1 : 0;
}

//  Prints the next event, if it is wanted. 1 when it did, 0, or -1 when one of the sides
//  is gone.
static int
s_print_next (void *socket, cli_event_filter_t *filter)
{
    char name[NAME_BYTES];
    zmq_msg_t line;
    zmq_msg_init (&line);
    int rc = s_receive (socket, name, &line);
    if (rc && zmq_errno () == EINTR)
        rc = 0;
    else if (rc == 0
             && cli_event_filter_wants (filter, name, zmq_msg_data (&line),
                                        zmq_msg_size (&line))) {
        fwrite (zmq_msg_data (&line), 1, zmq_msg_size (&line), stdout);
        putchar ('\n');
        rc = fflush (stdout) ? -1 : 1;
    }
    zmq_msg_close (&line);
    return rc;
}

//  Prints until count events are out, or somebody wants it to end.
static int
s_follow (const events_t *self, void *socket, int signal_fd)
{
    cli_event_filter_t *filter = cli_event_filter_new (&self->wish);
    unsigned long printed = 0;
    int rc = 0;
    while (rc >= 0 && (self->count == 0 || printed < self->count)) {
        zmq_pollitem_t items[] = { { socket, 0, ZMQ_POLLIN, 0 },
                                   { NULL, signal_fd, ZMQ_POLLIN, 0 } };
        rc = zmq_poll (items, 2, -1);
        if (rc < 0 && zmq_errno () == EINTR)
            rc = 0;
        if (items[1].revents)
            break;
        if (rc > 0 && items[0].revents)
            rc = s_print_next (socket, filter);
        printed += rc > 0;
    }
    cli_event_filter_destroy (&filter);
    return rc < 0 ? cli_fail ("cannot go on: %s", zmq_strerror (zmq_errno ())) : CLI_OK;
}

//  What has come of all that happened until now, in a line like an event.
static void
s_print_snapshot (const cli_door_t *door)
{
    cli_question_t question = { NULL, "snapshot", NULL, CLI_DOOR_MS };
    cli_answer_t answer = { .result = NULL };
    br_error_t error;
    if (cli_door_ask_at (door, &question, &answer, &error))
        return;
    cJSON *event = cJSON_CreateObject ();
    cJSON_AddStringToObject (event, "event", "snapshot");
    cJSON_AddItemToObject (event, "status", answer.result);
    char *text = cJSON_PrintUnformatted (event);
    puts (text);
    fflush (stdout);
    cJSON_free (text);
    cJSON_Delete (event);
}

static void
s_subscribe (void *socket, const cli_event_wish_t *wish)
{
    bool needs_starts = wish->run; //  they tell which calls are of a run
    for (int i = 0; i < wish->names_count && !needs_starts; i++)
        zmq_setsockopt (socket, ZMQ_SUBSCRIBE, wish->names[i],
                        cli_event_prefix (wish->names[i]));
    if (wish->names_count == 0 || needs_starts)
        zmq_setsockopt (socket, ZMQ_SUBSCRIBE, "", 0);
}

//  Over tcp it is known first whether one comes in.
static int
s_connect_there (const events_t *self, void *zmq, void *socket)
{
    br_error_t error;
    const char *endpoint = self->endpoint;
    br_remote_watch_t *watch = br_remote_watch_new (zmq, socket, &error);
    int rc = watch ? br_remote_connect (socket, endpoint, &self->door.keys, &error) : -1;
    if (rc == 0)
        rc = br_remote_watch_wait (watch, endpoint, BR_REMOTE_MS, &error);
    br_remote_watch_destroy (&watch);
    return rc ? cli_fail ("%s", error.text) : CLI_OK;
}

static int
s_connect (const events_t *self, void *zmq, void *socket)
{
    if (self->door.broker)
        return s_connect_there (self, zmq, socket);
    if (zmq_connect (socket, self->endpoint) == 0)
        return CLI_OK;
    return cli_fail ("cannot connect to %s: %s", self->endpoint,
                     zmq_strerror (zmq_errno ()));
}

static int
s_listen (const events_t *self, int signal_fd)
{
    const int linger = 0;
    void *zmq = zmq_ctx_new ();
    void *socket = zmq_socket (zmq, ZMQ_SUB);
    zmq_setsockopt (socket, ZMQ_LINGER, &linger, sizeof linger);
    s_subscribe (socket, &self->wish);
    int rc = s_connect (self, zmq, socket);
    if (rc == CLI_OK && self->since_start)
        s_print_snapshot (&self->door);
    if (rc == CLI_OK)
        rc = s_follow (self, socket, signal_fd);
    zmq_close (socket);
    zmq_ctx_term (zmq);
    return rc;
}

//  Whether somebody tells events; one that waits for the start does not need that yet.
static int
s_probe (const events_t *self)
{
    if (self->since_start)
        return CLI_OK;
    br_error_t error;
    char *path = br_strf ("%s/events.sock", self->door.run_dir);
    int rc = cli_door_probe (path, &error) ? cli_fail ("%s", error.text) : CLI_OK;
    free (path);
    return rc;
}

//  Where the events of this machine are, or, as its door says, of another one.
static int
s_find (events_t *self)
{
    if (!self->door.broker) {
        self->endpoint = br_strf ("ipc://%s/events.sock", self->door.run_dir);
        return s_probe (self);
    }
    br_error_t error;
    cli_question_t question = { NULL, "snapshot", NULL, CLI_DOOR_MS };
    cli_answer_t answer = { .result = NULL };
    if (cli_door_ask_at (&self->door, &question, &answer, &error))
        return cli_fail ("%s", error.text);
    const cJSON *remote = cJSON_GetObjectItemCaseSensitive (answer.result, "remote");
    const char *told = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (remote, "events"));
    self->endpoint = told ? br_remote_events (self->door.broker, told) : NULL;
    cJSON_Delete (answer.result);
    return self->endpoint
               ? CLI_OK
               : cli_fail ("%s does not tell where its events are", self->door.broker);
}

//  Ctrl-C ends it between two lines. No thread may be there before the mask is set.
static int
s_run_until_signal (const events_t *self)
{
    sigset_t mask, old;
    sigemptyset (&mask);
    sigaddset (&mask, SIGINT);
    sigaddset (&mask, SIGTERM);
    sigprocmask (SIG_BLOCK, &mask, &old);
    int signal_fd = signalfd (-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    int rc = signal_fd < 0 ? cli_fail ("cannot watch for signals: %s", strerror (errno))
                           : s_listen (self, signal_fd);
    if (signal_fd >= 0) {
        struct signalfd_siginfo taken;
        while (read (signal_fd, &taken, sizeof taken) > 0)
            ; //  or they would end the program when the mask goes
        close (signal_fd);
    }
    sigprocmask (SIG_SETMASK, &old, NULL);
    return rc;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    events_t self = { .count = 0 };
    if (s_take_arguments (&self, argc, argv))
        return CLI_USAGE;
    br_error_t error;
    int rc = cli_door_find (cli, &self.door, &error) ? cli_fail ("%s", error.text)
                                                     : s_find (&self);
    if (rc == CLI_OK)
        rc = s_run_until_signal (&self);
    cli_door_clear (&self.door);
    free (self.endpoint);
    return rc;
}

const cli_command_t cli_events = {
    .name = "events",
    .args = "[--count N] [--follow] [--since-start] [--call ID] [--run RUN] [--provider "
            "NAME] [NAME...]",
    .about = "what happens in a running bitrouter, a line of JSON for each event",
    .help =
        "  NAME             an event, like call.ended, all that begin with call., or a\n"
        "                   glob like '*.failed'\n"
        "  --count N        end after N events\n"
        "  --follow         go on for ever, through restarts; the default\n"
        "  --since-start    begin with a line of what is so already, \"snapshot\"; wait\n"
        "                   for a server when none runs\n"
        "  --call ID        events of one call, by its id or x-bitrouter-request-id\n"
        "  --run RUN        events of calls of a run that start from now on\n"
        "  --provider NAME  events that name this provider\n"
        "\n"
        "One line of JSON for each event, see bitrouter-events(7). The event "
        "\"message\",\n"
        "one for each hop of a message, is made only when it is named. Ctrl-C ends it\n"
        "with status 0.\n",
    .run = s_run,
    .takes_broker = true,
};
