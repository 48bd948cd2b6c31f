//  serve: runs bitrouter in the foreground: the broker in this thread, and whatever the
//  topology says around it.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/broker.h"
#include "broker/core/ctx.h"
#include "broker/core/curve.h"
#include "broker/core/log_file.h"
#include "cli/command.h"

#define IO_THREADS 1

//  Bytes: the longest that leaves room for the names of the sockets in it.
#define RUN_DIR_MAX                                                                      \
    (sizeof ((struct sockaddr_un *) NULL)->sun_path - sizeof "/events.sock")

typedef struct {
    br_conf_t *conf;
    br_topology_t *topology;
    br_log_t log;
    br_log_file_t *log_file;
    char *pid_path; //  while the file is ours
    int lock_fd;
    int signal_fd;
    void *zmq;
    br_zap_t *zap;
    br_curve_t curve;  //  of the bus
    br_curve_t remote; //  for server.remote: the same key
    br_host_t *host;
    br_member_t *member;
    br_broker_t *broker;
} serve_t;

//  Whether the open file is the one of that name: the one before may have removed it.
static bool
s_is_named (int fd, const char *path)
{
    struct stat here, there;
    return fstat (fd, &here) == 0 && stat (path, &there) == 0
           && here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

//  The pid file, open and locked. *ret_fd is open also when another holds it.
static int
s_take_pid_file (const char *path, int *ret_fd, br_error_t *reterr)
{
    char pid[32] = "";
    int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    *ret_fd = fd;
    if (fd < 0)
        return br_error_set (reterr, BR_ESYSTEM,
                             "cannot open %s: %s; make its folder writable, or give "
                             "--run-dir",
                             path, strerror (errno));
    if (flock (fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    ssize_t size = read (fd, pid, sizeof pid - 1);
    pid[size > 0 ? size : 0] = 0;
    pid[strcspn (pid, "\n")] = 0;
    return br_error_set (reterr, BR_ECONFLICT, "bitrouter is already running (pid %s)",
                         pid);
}

static int
s_write_pid (int fd, const char *path, br_error_t *reterr)
{
    char pid[32];
    int size = snprintf (pid, sizeof pid, "%d\n", (int) getpid ());
    if (ftruncate (fd, 0) == 0 && write (fd, pid, (size_t) size) == size)
        return 0;
    return br_error_set (reterr, BR_ESYSTEM, "cannot write %s: %s", path,
                         strerror (errno));
}

//  One bitrouter for each run directory: two would steal each other's sockets.
static int
s_lock (serve_t *self, br_error_t *reterr)
{
    const char *run_dir = br_conf_run_dir (self->conf);
    if (strlen (run_dir) > RUN_DIR_MAX)
        return br_error_set (reterr, BR_ECONFIG,
                             "the run directory's name has %zu bytes, and sockets in it "
                             "can have %zu; give a shorter --run-dir",
                             strlen (run_dir), RUN_DIR_MAX);
    if (mkdir (run_dir, 0700) && errno != EEXIST)
        return br_error_set (reterr, BR_ESYSTEM,
                             "cannot make the run directory %s: %s; make its folder "
                             "writable, or give --run-dir",
                             run_dir, strerror (errno));
    char *path = br_strf ("%s/bitrouter.pid", run_dir);
    int rc = s_take_pid_file (path, &self->lock_fd, reterr);
    while (rc == 0 && !s_is_named (self->lock_fd, path)) {
        close (self->lock_fd);
        rc = s_take_pid_file (path, &self->lock_fd, reterr);
    }
    if (rc == 0)
        rc = s_write_pid (self->lock_fd, path, reterr);
    if (rc == 0)
        self->pid_path = path;
    else
        free (path);
    return rc;
}

static void
s_unlock (serve_t *self)
{
    if (self->pid_path)
        unlink (self->pid_path);
    if (self->lock_fd >= 0)
        close (self->lock_fd);
}

//  Keys, when something goes over tcp: the bus, or server.remote.
static int
s_curve (serve_t *self, br_error_t *reterr)
{
    bool has_remote = br_conf_remote_admin (self->conf);
    if (self->topology->bus != BR_BUS_TCP && !has_remote)
        return 0;
    char *dir = br_strf ("%s/curve", br_conf_home (self->conf));
    int rc = br_curve_load (dir, "broker", &self->remote, reterr);
    if (rc && self->topology->bus != BR_BUS_TCP)
        br_error_set (
            reterr, BR_ECONFIG,
            "server.remote needs keys in %s; make them with `bitrouter topology "
            "keygen --client NAME`",
            dir);
    if (rc == 0)
        self->zap = br_zap_new (self->zmq, dir, reterr);
    if (self->topology->bus == BR_BUS_TCP)
        self->curve = self->remote;
    if (rc == 0 && has_remote && !br_curve_has_clients (dir))
        br_log_line (&self->log, BR_LOG_WARN, "broker",
                     "server.remote lets nobody in: there is no key in %s/clients; make "
                     "one with `bitrouter topology keygen --client NAME`",
                     dir);
    free (dir);
    return self->zap ? 0 : -1;
}

//  Somebody has renamed the log files, of this process and of those that it started.
static void
s_reopen_logs (serve_t *self)
{
    br_error_t error;
    if (br_log_file_reopen (self->log_file, &error))
        br_log_line (&self->log, BR_LOG_ERROR, "broker", "%s", error.text);
    br_broker_reopen_logs (self->broker);
}

static void
s_on_signal (void *arg, int fd, uint32_t events)
{
    (void) events;
    serve_t *self = arg;
    struct signalfd_siginfo info;
    if (read (fd, &info, sizeof info) != sizeof info)
        return;
    if (info.ssi_signo == SIGHUP)
        br_broker_reload (self->broker);
    else if (info.ssi_signo == SIGUSR1)
        s_reopen_logs (self);
    else
        br_broker_stop (self->broker, br_broker_drain_ms (self->broker));
}

//  Signals are blocked in every thread, and read here as a descriptor.
static int
s_signals (serve_t *self)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGHUP);
    sigaddset (&set, SIGUSR1);
    sigprocmask (SIG_BLOCK, &set, NULL);
    signal (SIGPIPE, SIG_IGN);
    self->signal_fd = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return self->signal_fd < 0 ? -1 : 0;
}

static int
s_host (serve_t *self, const cli_t *cli, br_error_t *reterr)
{
    static const br_actor_t *const kinds[] = { &br_broker_actor, NULL };
    br_host_conf_t conf = { .name = "broker",
                            .clock = br_clock_real (),
                            .actors = kinds };
    conf.log = self->log;
    self->host = br_host_new (&conf, reterr);
    if (!self->host)
        return -1;
    char *bind = br_strf ("ipc://%s/broker.sock", br_conf_run_dir (self->conf));
    br_member_conf_t member = { .bind = bind, .curve = &self->curve };
    if (self->topology->bus == BR_BUS_INPROC)
        member.bind = "inproc://broker";
    else if (self->topology->bus == BR_BUS_TCP)
        member.bind = self->topology->broker;
    self->member = br_member_new (self->host, self->zmq, &member, reterr);
    free (bind);
    if (!self->member || !br_addr_is_set (br_host_start (self->host, "broker", reterr)))
        return -1;
    self->broker = br_host_ctx (self->host, "broker")->state;
    br_broker_conf_t broker = { .member = self->member, .zmq = self->zmq };
    broker.actors = cli->actors;
    broker.topology = self->topology;
    broker.flags = cli->flags;
    broker.conf_p = &self->conf;
    broker.broker_key = self->curve.public_key;
    broker.remote = &self->remote;
    return br_broker_open (self->broker, &broker, reterr);
}

static int
s_log (serve_t *self, const cli_t *cli, br_error_t *reterr)
{
    const char *level = cli->log_level ? cli->log_level : br_conf_log_level (self->conf);
    const char *format = cli->log_format ? cli->log_format
                                         : br_conf_log_format (self->conf);
    self->log = (br_log_t) { .fd = STDERR_FILENO, .host = "broker" };
    if (br_log_level_of (level, &self->log.level))
        return br_error_set (reterr, BR_ECONFIG, "no log level '%s'", level);
    if (br_log_format_of (format, &self->log.format))
        return br_error_set (reterr, BR_ECONFIG, "no log format '%s'", format);
    return 0;
}

static int
s_start (serve_t *self, const cli_t *cli, const char *topology, br_error_t *reterr)
{
    self->conf = br_conf_load (&cli->flags, reterr);
    if (!self->conf)
        return -1;
    if (s_log (self, cli, reterr))
        return -1;
    const char *warning;
    for (size_t i = 0; (warning = br_conf_warning (self->conf, i)); i++)
        br_log_line (&self->log, BR_LOG_WARN, "conf", "%s", warning);
    self->topology = br_topology_load (topology, reterr);
    if (!self->topology || br_topology_check_actors (self->topology, cli->actors, reterr)
        || s_lock (self, reterr) || s_signals (self))
        return -1;
    self->zmq = zmq_ctx_new ();
    zmq_ctx_set (self->zmq, ZMQ_IO_THREADS, IO_THREADS);
    if (s_curve (self, reterr) || s_host (self, cli, reterr))
        return -1;
    return br_loop_watch (br_host_loop (self->host), self->signal_fd, EPOLLIN,
                          s_on_signal, self);
}

static void
s_end (serve_t *self)
{
    br_host_end_all (self->host);
    br_member_destroy (&self->member);
    br_host_destroy (&self->host);
    br_zap_destroy (&self->zap);
    if (self->zmq)
        zmq_ctx_term (self->zmq);
    if (self->signal_fd >= 0)
        close (self->signal_fd);
    br_topology_destroy (&self->topology);
    br_conf_destroy (&self->conf);
    s_unlock (self);
    br_log_file_destroy (&self->log_file);
    free (self->pid_path);
}

static int
s_run (const cli_t *cli, int argc, char **argv)
{
    const char *topology = cli_take_option (&argc, argv, "--topology");
    if (cli_take_no_more ("serve", 1, argc, argv))
        return CLI_USAGE;
    //  It may come from /proc/self/exe, which says nothing in a list of processes.
    prctl (PR_SET_NAME, "bitrouter");
    serve_t self = { .lock_fd = -1, .signal_fd = -1 };
    self.log_file = br_log_file_new ();
    br_error_t error = { .code = BR_OK };
    int rc = s_start (&self, cli, topology ? topology : "one", &error);
    if (rc == 0) {
        br_loop_run (br_host_loop (self.host));
        error = *br_broker_error (self.broker);
        rc = error.code == BR_OK ? 0 : -1;
    }
    if (self.broker && br_broker_running (self.broker)) {
        //  a thread that does not end can't be waited for
        fprintf (stderr, "Error: %s\n", rc ? error.text : "a host does not end");
        _exit (CLI_FAILED);
    }
    s_end (&self);
    return rc ? cli_fail ("%s", error.text) : CLI_OK;
}

const cli_command_t cli_serve = {
    .name = "serve",
    .args = "[--topology NAME|FILE]",
    .about = "run bitrouter in the foreground",
    .help =
        "  --topology NAME|FILE  one (default), processes, hosts, or a file: which "
        "hosts\n"
        "                        there are and which actors live in each\n"
        "\n"
        "SIGTERM and SIGINT finish open calls and end; SIGHUP reads the configuration\n"
        "again; SIGUSR1 opens the log files again, after they were renamed.\n",
    .run = s_run,
};
