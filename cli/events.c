//  events: what happens in a running bitrouter, one line of JSON for each event.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_words.h"
#include "broker/core/events.h"
#include "cli/door_client.h"

#define NAME_BYTES 128 //  of an event's name, with its end

//  "call.ended", or "call." for all that begin so.
static bool
s_matches (const char *wanted, const char *name)
{
    size_t size = strlen (wanted);
    bool is_group = size > 0 && wanted[size - 1] == '.';
    return is_group ? strncmp (wanted, name, size) == 0 : strcmp (wanted, name) == 0;
}

static int
s_check_name (const char *wanted)
{
    for (unsigned i = 0; i < BR_EVENT_COUNT; i++)
        if (s_matches (wanted, br_event_name (i)))
            return CLI_OK;
    br_conf_words_t *names = br_conf_words_new ();
    for (unsigned i = 0; i < BR_EVENT_COUNT; i++)
        br_conf_words_add (names, br_event_name (i));
    const char *near = br_conf_words_nearest (names, wanted);
    if (near)
        cli_usage ("events", "no event '%s'; did you mean '%s'?", wanted, near);
    else
        cli_usage ("events", "no event '%s'; see bitrouter-events(7)", wanted);
    br_conf_words_destroy (&names);
    return CLI_USAGE;
}

static bool
s_is_wanted (char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (s_matches (names[i], name))
            return true;
    return count == 0;
}

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

//  Prints until count events are out; 0: for ever.
static int
s_follow (void *socket, char *const *names, int names_count, unsigned long count)
{
    unsigned long printed = 0;
    while (count == 0 || printed < count) {
        char name[NAME_BYTES];
        zmq_msg_t line;
        zmq_msg_init (&line);
        int rc = s_receive (socket, name, &line);
        if (rc == 0 && s_is_wanted (names, names_count, name)) {
            fwrite (zmq_msg_data (&line), 1, zmq_msg_size (&line), stdout);
            putchar ('\n');
            rc = fflush (stdout);
            printed++;
        }
        zmq_msg_close (&line);
        if (rc && zmq_errno () != EINTR)
            return cli_fail ("cannot go on: %s", zmq_strerror (zmq_errno ()));
    }
    return CLI_OK;
}

static int
s_subscribe (const char *run_dir, char *const *names, int names_count,
             unsigned long count)
{
    char *path = br_strf ("%s/events.sock", run_dir);
    char *endpoint = br_strf ("ipc://%s", path);
    br_error_t error;
    int rc = cli_door_probe (path, &error) ? cli_fail ("%s", error.text) : CLI_OK;
    void *zmq = zmq_ctx_new ();
    void *socket = zmq_socket (zmq, ZMQ_SUB);
    for (int i = 0; i < names_count; i++)
        zmq_setsockopt (socket, ZMQ_SUBSCRIBE, names[i], strlen (names[i]));
    if (names_count == 0)
        zmq_setsockopt (socket, ZMQ_SUBSCRIBE, "", 0);
    if (rc == CLI_OK && zmq_connect (socket, endpoint))
        rc = cli_fail ("cannot connect to %s: %s", endpoint, zmq_strerror (zmq_errno ()));
    if (rc == CLI_OK)
        rc = s_follow (socket, names, names_count, count);
    zmq_close (socket);
    zmq_ctx_term (zmq);
    free (endpoint);
    free (path);
    return rc;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    const char *number = cli_take_option (&argc, argv, "--count");
    cli_take_switch (&argc, argv, "--follow"); //  what it does anyway
    char *end = NULL;
    unsigned long count = number ? strtoul (number, &end, 10) : 0;
    if (number && (*number < '0' || *number > '9' || *end || count == 0))
        return cli_usage ("events", "--count must be a number from 1");
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-')
            return cli_usage ("events", "events takes no option '%s'", argv[i]);
        if (s_check_name (argv[i]))
            return CLI_USAGE;
    }
    br_error_t error;
    char *run_dir = cli_door_run_dir (cli, &error);
    if (!run_dir)
        return cli_fail ("%s", error.text);
    int rc = s_subscribe (run_dir, argv + 1, argc - 1, count);
    free (run_dir);
    return rc;
}

const cli_command_t cli_events = {
    .name = "events",
    .args = "[--count N] [--follow] [NAME...]",
    .about = "what happens in a running bitrouter, a line of JSON for each event",
    .help = "  NAME       an event, like call.ended, or all that begin with call.\n"
            "  --count N  end after N events\n"
            "  --follow   go on for ever, through restarts; the default\n"
            "\n"
            "One line of JSON for each event, see bitrouter-events(7). The event "
            "\"message\",\n"
            "one for each hop of a message, is made only when it is named.\n",
    .run = s_run,
};
