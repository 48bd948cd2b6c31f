//  actor: runs one host of a topology, here or on another machine than the broker.

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/curve.h"
#include "broker/core/log_file.h"
#include "broker/core/runner.h"
#include "cli/command.h"

//  Ends are the broker's to tell: a terminal's ^C reaches every process of its group.
//  SIGUSR1 is blocked in every thread, and waited for by one.
static void
s_signals (void)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGUSR1);
    pthread_sigmask (SIG_BLOCK, &set, NULL);
    signal (SIGUSR1, SIG_DFL); //  the broker has it ignored until here
    signal (SIGPIPE, SIG_IGN);
    signal (SIGINT, SIG_IGN);
    signal (SIGHUP, SIG_IGN);
}

//  Opens the log files again whenever somebody has renamed them; ends by being cancelled.
static void *
s_rotate (void *arg)
{
    br_log_file_t *files = arg;
    sigset_t set;
    int number, before;
    sigemptyset (&set);
    sigaddset (&set, SIGUSR1);
    while (sigwait (&set, &number) == 0) {
        pthread_setcancelstate (PTHREAD_CANCEL_DISABLE, &before);
        br_log_file_reopen (files, NULL);
        pthread_setcancelstate (before, NULL);
    }
    return NULL;
}

//  The broker starts its hosts from /proc/self/exe, which says nothing in a list of
//  processes. Linux keeps 15 bytes.
static void
s_title (const char *name)
{
    char title[16];
    snprintf (title, sizeof title, "br-%s", name);
    prctl (PR_SET_NAME, title);
}

typedef struct {
    br_curve_t curve;
    char broker_key[41];
    br_zap_t *zap;
} keys_t;

static int
s_keys (keys_t *self, const cli_t *cli, const char *name, void *zmq, br_error_t *reterr)
{
    if (!cli->flags.home_dir)
        return br_error_set (reterr, BR_ECONFIG,
                             "a tcp broker needs --home-dir, whose curve/ has the keys");
    char *dir = br_strf ("%s/curve", cli->flags.home_dir);
    int rc = br_curve_load (dir, name, &self->curve, reterr);
    if (rc == 0)
        rc = br_curve_public (dir, "broker", self->broker_key, reterr);
    if (rc == 0)
        self->zap = br_zap_new (zmq, dir, reterr);
    free (dir);
    return self->zap ? 0 : -1;
}

//  A process that ends with its parent was started by the broker, which starts it again
//  when it ends. Over tcp others are of another machine: nobody there knows better than
//  they when to come again.
static uint64_t
s_rejoin_ms (bool tcp)
{
    int with_parent = 0;
    prctl (PR_GET_PDEATHSIG, &with_parent);
    return tcp && !with_parent ? BR_REJOIN_MS : 0;
}

//  Where the mailbox is bound when nobody says.
static char *
s_bind (const char *broker, const char *name)
{
    if (strncmp (broker, "tcp://", 6) == 0)
        return br_strdup ("tcp://127.0.0.1:*");
    const char *slash = strrchr (broker, '/');
    return br_strf ("%.*s/%s.%d.sock", (int) (slash - broker), broker, name,
                    (int) getpid ());
}

static int
s_run_host (const cli_t *cli, const char *name, const char *broker, const char *bind)
{
    br_error_t error = { .code = BR_OK };
    keys_t keys = { .zap = NULL };
    void *zmq = zmq_ctx_new ();
    bool tcp = strncmp (broker, "tcp://", 6) == 0;
    int rc = tcp ? s_keys (&keys, cli, name, zmq, &error) : 0;
    br_runner_conf_t conf = { .name = name, .actors = cli->actors };
    conf.log = (br_log_t) { .fd = STDERR_FILENO, .level = BR_LOG_INFO, .host = name };
    if (cli->log_level && br_log_level_of (cli->log_level, &conf.log.level))
        rc = br_error_set (&error, BR_ECONFIG, "no log level '%s'", cli->log_level);
    if (cli->log_format && br_log_format_of (cli->log_format, &conf.log.format))
        rc = br_error_set (&error, BR_ECONFIG, "no log format '%s'", cli->log_format);
    char *chosen = bind ? br_strdup (bind) : s_bind (broker, name);
    conf.member.bind = chosen;
    conf.member.broker = broker;
    conf.member.broker_key = tcp ? keys.broker_key : NULL;
    conf.member.curve = &keys.curve;
    conf.rejoin_ms = s_rejoin_ms (tcp);
    if (rc == 0)
        rc = br_runner_run (&conf, zmq, &error);
    free (chosen);
    br_zap_destroy (&keys.zap);
    zmq_ctx_term (zmq);
    return rc ? cli_fail ("%s", error.text) : CLI_OK;
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    const char *broker = cli->broker;
    const char *bind = cli_take_option (&argc, argv, "--bind");
    if (argc != 2)
        return cli_usage ("actor", "name one host of the topology");
    if (!broker
        || (strncmp (broker, "ipc:///", 7) != 0 && strncmp (broker, "tcp://", 6) != 0))
        return cli_usage ("actor", "--broker must be ipc:///PATH or tcp://ADDRESS:PORT");
    s_signals ();
    s_title (argv[1]);
    pthread_t rotation;
    br_log_file_t *files = br_log_file_new ();
    bool rotates = pthread_create (&rotation, NULL, s_rotate, files) == 0;
    int rc = s_run_host (cli, argv[1], broker, bind);
    if (rotates) {
        pthread_cancel (rotation);
        pthread_join (rotation, NULL);
    }
    br_log_file_destroy (&files);
    return rc;
}

const cli_command_t cli_actor = {
    .name = "actor",
    .args = "NAME --broker ENDPOINT [--bind ENDPOINT]",
    .about = "run one host of a topology, on this machine or another",
    .help =
        "  --broker ENDPOINT  where the broker is: ipc:///PATH or tcp://ADDRESS:PORT\n"
        "  --bind ENDPOINT    where this host is reached; tcp default 127.0.0.1, any "
        "port\n"
        "\n"
        "Over tcp the keys in HOME/curve are used; `bitrouter topology keygen` makes\n"
        "them. A host that loses its broker tries for ten minutes to join it again.\n",
    .run = s_run,
    .takes_broker = true,
};
