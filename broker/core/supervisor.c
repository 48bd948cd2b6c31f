//  supervisor: starts the threads and processes of a topology and keeps them running.

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/supervisor.h"

#define THREAD_STACK_BYTES (1u << 20)

typedef struct _child_t {
    struct _child_t *next;
    br_supervisor_t *supervisor;
    const br_topology_host_t *host;
    char bind[BR_ENDPOINT_MAX];
    unsigned starts; //  count; names the incarnation's endpoint
    bool running;
    pid_t pid; //  of a process
    int fd;    //  pidfd of a process, eventfd of a thread
    pthread_t thread;
    uint64_t started_ns;
    uint64_t backoff_ms;
    unsigned crashes; //  in a row, each after a short life
    bool gave_up;
    br_timer_t again;
} child_t;

struct _br_supervisor_t {
    br_loop_t *loop;
    br_supervisor_conf_t conf;
    br_supervisor_ended_fn *ended;
    void *arg;
    child_t *first;
    bool winding_down;
};

br_supervisor_t *
br_supervisor_new (br_loop_t *loop, const br_supervisor_conf_t *conf,
                   br_supervisor_ended_fn *ended, void *arg)
{
    br_supervisor_t *self = BR_NEW (br_supervisor_t);
    self->loop = loop;
    self->conf = *conf;
    self->conf.broker = br_strdup (conf->broker);
    self->conf.broker_key = br_strdup (conf->broker_key);
    self->conf.run_dir = br_strdup (conf->run_dir);
    self->conf.home_dir = br_strdup (conf->home_dir);
    self->ended = ended;
    self->arg = arg;
    return self;
}

//  ---- ends

static void
s_reap (child_t *child, char *reason, size_t size)
{
    if (!child->pid) //  its last act is a write to fd
        pthread_join (child->thread, NULL);
    br_loop_unwatch (child->supervisor->loop, child->fd);
    close (child->fd);
    child->fd = -1;
    child->running = false;
    if (!child->pid) {
        snprintf (reason, size, "thread ended");
        return;
    }
    int status = 0;
    waitpid (child->pid, &status, 0);
    if (WIFSIGNALED (status))
        snprintf (reason, size, "signal %d", WTERMSIG (status));
    else
        snprintf (reason, size, "exit %d", WEXITSTATUS (status));
}

//  The log, of a line that is the host's.
static br_log_t
s_log (const child_t *child)
{
    br_log_t log = child->supervisor->conf.log;
    log.host = child->host->name;
    return log;
}

static void s_start_again (void *arg);

//  Starts it again after its back-off, unless it does nothing but crash.
static void
s_plan (child_t *child, uint64_t life_ms, const char *reason)
{
    br_supervisor_t *self = child->supervisor;
    child->crashes = life_ms < BR_GIVE_UP_LIFE_MS ? child->crashes + 1 : 0;
    child->gave_up = child->crashes >= BR_GIVE_UP_CRASHES;
    if (child->gave_up) {
        br_log_t log = s_log (child);
        br_log_line (
            &log, BR_LOG_ERROR, child->host->name,
            "ended %u times in a row, each time within %d s, at last with %s: it "
            "is not started any more. Look at the log above for the reason, mend "
            "it, then stop bitrouter and start it again",
            child->crashes, BR_GIVE_UP_LIFE_MS / 1000, reason);
        return;
    }
    if (life_ms > BR_BACKOFF_CALM_MS || !child->backoff_ms)
        child->backoff_ms = BR_BACKOFF_FIRST_MS;
    else
        child->backoff_ms *= 2;
    if (child->backoff_ms > BR_BACKOFF_MAX_MS)
        child->backoff_ms = BR_BACKOFF_MAX_MS;
    br_timer_set (self->loop, &child->again, child->backoff_ms, s_start_again, child);
}

static void
s_on_end (void *arg, int fd, uint32_t events)
{
    (void) fd;
    (void) events;
    child_t *child = arg;
    br_supervisor_t *self = child->supervisor;
    char reason[32];
    s_reap (child, reason, sizeof reason);
    uint64_t life_ms = (br_loop_now_ns (self->loop) - child->started_ns) / 1000000;
    if (!self->winding_down)
        s_plan (child, life_ms, reason);
    self->ended (self->arg, child->host->name, reason);
}

//  ---- processes

//  Runs in the child: becomes `bitrouter actor NAME ...`.
static void
s_exec (const child_t *child)
{
    const br_supervisor_conf_t *conf = &child->supervisor->conf;
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset (&none);
    sigprocmask (SIG_SETMASK, &none, NULL);
    signal (SIGINT, SIG_IGN);  //  a terminal's ^C is the broker's to deal with
    signal (SIGUSR1, SIG_IGN); //  until it listens for it
    char *argv[] = { (char *) (uintptr_t) "bitrouter",
                     (char *) (uintptr_t) "actor",
                     child->host->name,
                     (char *) (uintptr_t) "--broker",
                     (char *) (uintptr_t) conf->broker,
                     (char *) (uintptr_t) "--bind",
                     (char *) (uintptr_t) child->bind,
                     (char *) (uintptr_t) "--home-dir",
                     (char *) (uintptr_t) conf->home_dir,
                     (char *) (uintptr_t) "--log-level",
                     (char *) (uintptr_t) br_log_level_name (conf->log.level),
                     (char *) (uintptr_t) "--log-format",
                     (char *) (uintptr_t) br_log_format_name (conf->log.format),
                     NULL };
    execv ("/proc/self/exe", argv);
    _exit (127);
}

static int
s_start_process (child_t *child)
{
    pid_t parent = getpid ();
    pid_t pid = fork ();
    if (pid == 0) {
        if (getppid () == parent)
            s_exec (child);
        _exit (127);
    }
    if (pid < 0)
        return -1;
    child->pid = pid;
    child->fd = (int) syscall (SYS_pidfd_open, pid, 0);
    return child->fd < 0 ? -1 : 0;
}

//  ---- threads

static void *
s_thread (void *arg)
{
    child_t *child = arg;
    const br_supervisor_conf_t *conf = &child->supervisor->conf;
    br_runner_conf_t runner = { .name = child->host->name, .actors = conf->actors };
    runner.log = conf->log;
    runner.log.host = child->host->name;
    runner.member.bind = child->bind;
    runner.member.broker = conf->broker;
    pthread_setname_np (pthread_self (), "br-host");
    br_error_t error = { .code = BR_OK };
    int rc = br_runner_run (&runner, conf->zmq, &error);
    if (rc)
        br_log_line (&runner.log, BR_LOG_ERROR, child->host->name, "%s", error.text);
    uint64_t one = 1;
    ssize_t written = write (child->fd, &one, sizeof one);
    (void) written; //  the eventfd is ours alone and empty
    return NULL;
}

static int
s_start_thread (child_t *child)
{
    child->pid = 0;
    child->fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (child->fd < 0)
        return -1;
    pthread_attr_t attr;
    pthread_attr_init (&attr);
    pthread_attr_setstacksize (&attr, THREAD_STACK_BYTES);
    int rc = pthread_create (&child->thread, &attr, s_thread, child);
    pthread_attr_destroy (&attr);
    if (rc == 0)
        return 0;
    close (child->fd);
    child->fd = -1;
    errno = rc;
    return -1;
}

//  ---- starts

//  Each incarnation has an endpoint of its own.
static void
s_name_endpoint (child_t *child)
{
    const br_supervisor_conf_t *conf = &child->supervisor->conf;
    child->starts++;
    if (conf->bus == BR_BUS_INPROC)
        snprintf (child->bind, sizeof child->bind, "inproc://%s.%u", child->host->name,
                  child->starts);
    else if (conf->bus == BR_BUS_IPC)
        snprintf (child->bind, sizeof child->bind, "ipc://%s/%s.%d.%u.sock",
                  conf->run_dir, child->host->name, (int) getpid (), child->starts);
    else
        snprintf (child->bind, sizeof child->bind, "%s",
                  child->host->bind ? child->host->bind : "tcp://127.0.0.1:*");
}

static int
s_start (child_t *child, br_error_t *reterr)
{
    br_supervisor_t *self = child->supervisor;
    s_name_endpoint (child);
    int rc = child->host->place == BR_PLACE_THREAD ? s_start_thread (child)
                                                   : s_start_process (child);
    if (rc == 0)
        rc = br_loop_watch (self->loop, child->fd, EPOLLIN, s_on_end, child);
    if (rc)
        return br_error_set (reterr, BR_ESYSTEM, "cannot start host %s: %s",
                             child->host->name, strerror (errno));
    child->running = true;
    child->started_ns = br_loop_now_ns (self->loop);
    return 0;
}

static void
s_start_again (void *arg)
{
    child_t *child = arg;
    br_supervisor_t *self = child->supervisor;
    if (self->winding_down)
        return;
    br_error_t error;
    int rc = s_start (child, &error);
    if (rc == 0)
        return;
    br_log_t log = s_log (child);
    br_log_line (&log, BR_LOG_ERROR, child->host->name, "%s", error.text);
    br_timer_set (self->loop, &child->again, BR_BACKOFF_MAX_MS, s_start_again, child);
}

int
br_supervisor_start (br_supervisor_t *self, const br_topology_host_t *host,
                     br_error_t *reterr)
{
    if (host->place == BR_PLACE_REMOTE)
        return 0;
    child_t *child = BR_NEW (child_t);
    child->supervisor = self;
    child->host = host;
    child->fd = -1;
    child->next = self->first;
    self->first = child;
    return s_start (child, reterr);
}

void
br_supervisor_wind_down (br_supervisor_t *self)
{
    self->winding_down = true;
}

static child_t *
s_find (const br_supervisor_t *self, const char *name)
{
    for (child_t *child = self->first; child; child = child->next)
        if (strcmp (child->host->name, name) == 0)
            return child;
    return NULL;
}

bool
br_supervisor_kill (br_supervisor_t *self, const char *name)
{
    child_t *child = s_find (self, name);
    return child && child->running && child->pid && kill (child->pid, SIGKILL) == 0;
}

void
br_supervisor_signal (br_supervisor_t *self, int number)
{
    for (child_t *child = self->first; child; child = child->next)
        if (child->running && child->pid)
            kill (child->pid, number);
}

unsigned
br_supervisor_running (const br_supervisor_t *self)
{
    unsigned count = 0;
    for (child_t *child = self->first; child; child = child->next)
        count += child->running;
    return count;
}

unsigned
br_supervisor_restarts (const br_supervisor_t *self, const char *name)
{
    const child_t *child = s_find (self, name);
    return child && child->starts ? child->starts - 1 : 0;
}

bool
br_supervisor_gave_up (const br_supervisor_t *self, const char *name)
{
    const child_t *child = s_find (self, name);
    return child && child->gave_up;
}

void
br_supervisor_destroy (br_supervisor_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_supervisor_t *self = *self_p;
    self->winding_down = true;
    while (self->first) {
        child_t *child = self->first;
        self->first = child->next;
        br_timer_cancel (self->loop, &child->again);
        if (child->running) {
            char reason[32];
            if (child->pid)
                kill (child->pid, SIGKILL);
            s_reap (child, reason, sizeof reason);
        }
        free (child);
    }
    free ((char *) (uintptr_t) self->conf.broker);
    free ((char *) (uintptr_t) self->conf.broker_key);
    free ((char *) (uintptr_t) self->conf.run_dir);
    free ((char *) (uintptr_t) self->conf.home_dir);
    free (self);
    *self_p = NULL;
}
