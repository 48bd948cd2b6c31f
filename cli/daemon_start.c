//  daemon_start: a server in the background, from fork to ready.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "cli/daemon.h"
#include "cli/daemon_start.h"
#include "cli/door_client.h"

#define TICK_MS 20
#define ARGS_MAX 32
#define LOG_MODE 0600

//  ---- its logs

//  "caller frees"
static char *
s_log_path (const br_conf_home_t *home, const char *which)
{
    return br_strf ("%s/bitrouter.%s.log", home->logs_dir, which);
}

//  An empty log; what was in it stays as NAME.1, since it may tell why the last one ended.
static int
s_open_log (const br_conf_home_t *home, const char *which, br_error_t *reterr)
{
    struct stat stat_;
    char *path = s_log_path (home, which);
    char *before = br_strf ("%s.1", path);
    if (stat (path, &stat_) == 0 && S_ISREG (stat_.st_mode) && stat_.st_size > 0)
        rename (path, before);
    int flags = O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC;
    int fd = open (path, flags, LOG_MODE);
    if (fd < 0)
        br_error_set (reterr, BR_ESYSTEM,
                      "cannot write the log %s: %s; make it writable, or give --logs-dir",
                      path, strerror (errno));
    free (before);
    free (path);
    return fd;
}

//  The last line of the log of errors that says something.
static void
s_last_line (const br_conf_home_t *home, char line[CLI_DAEMON_LINE_MAX])
{
    char *path = s_log_path (home, "err");
    FILE *file = fopen (path, "r");
    char text[CLI_DAEMON_LINE_MAX];
    *line = 0;
    while (file && fgets (text, sizeof text, file)) {
        text[strcspn (text, "\n")] = 0;
        if (*text)
            strcpy (line, text);
    }
    if (file)
        fclose (file);
    free (path);
    br_conf_words_one_line (line);
}

//  ---- its command line

typedef struct {
    char *at[ARGS_MAX]; //  borrowed; NULL ends
    size_t size;
} s_args_t;

static void
s_add (s_args_t *args, const char *text)
{
    if (args->size + 1 < ARGS_MAX)
        args->at[args->size++] = (char *) (uintptr_t) text;
}

static void
s_add_flag (s_args_t *args, const char *name, const char *value)
{
    if (!value)
        return;
    s_add (args, name);
    s_add (args, value);
}

//  Every global flag that was given, paths made absolute: they hold wherever it lives.
static void
s_fill (s_args_t *args, const cli_daemon_conf_t *conf)
{
    const br_conf_flags_t *flags = &conf->cli->flags;
    const br_conf_home_t *home = conf->home;
    s_add (args, "bitrouter");
    s_add_flag (args, "--home-dir", home->home);
    s_add_flag (args, "--config-file", flags->config_file ? home->config_file : NULL);
    s_add_flag (args, "--env-file", flags->env_file ? home->env_file : NULL);
    s_add_flag (args, "--run-dir", flags->run_dir ? home->run_dir : NULL);
    s_add_flag (args, "--logs-dir", flags->logs_dir ? home->logs_dir : NULL);
    s_add_flag (args, "--db", flags->db);
    s_add_flag (args, "--log-level", conf->cli->log_level);
    s_add_flag (args, "--log-format", conf->cli->log_format);
    s_add (args, "serve");
    s_add_flag (args, "--topology", conf->topology);
}

//  ---- the fork

//  Runs in the child.
static void
s_exec (const cli_daemon_conf_t *conf, pid_t parent, int out, int err, s_args_t *args)
{
    sigset_t none;
    sigemptyset (&none);
    sigprocmask (SIG_SETMASK, &none, NULL);
    signal (SIGPIPE, SIG_DFL);
    if (conf->ends_with_parent) {
        prctl (PR_SET_PDEATHSIG, SIGTERM);
        setpgid (0, 0); //  a terminal's ^C is the parent's to deal with
        if (getppid () != parent)
            _exit (127);
    } else {
        setsid ();
    }
    int in = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    if (in < 0 || dup2 (in, STDIN_FILENO) < 0 || dup2 (out, STDOUT_FILENO) < 0
        || dup2 (err, STDERR_FILENO) < 0)
        _exit (127);
    execv ("/proc/self/exe", args->at);
    _exit (127);
}

int
cli_daemon_spawn (const cli_daemon_conf_t *conf, pid_t *ret_pid, br_error_t *reterr)
{
    s_args_t args = { .size = 0 };
    br_error_t error;
    if (br_conf_file_mkdir (conf->home->logs_dir, 0700, &error))
        return br_error_set (reterr, BR_ESYSTEM,
                             "%.*s; make its folder writable, or give --logs-dir",
                             BR_ERROR_TEXT_MAX / 2, error.text);
    int out = s_open_log (conf->home, "out", reterr);
    int err = out < 0 ? -1 : s_open_log (conf->home, "err", reterr);
    s_fill (&args, conf);
    pid_t parent = getpid ();
    pid_t pid = err < 0 ? -1 : fork ();
    if (pid == 0)
        s_exec (conf, parent, out, err, &args);
    if (pid < 0 && err >= 0)
        br_error_set (reterr, BR_ESYSTEM, "cannot start a process: %s", strerror (errno));
    if (out >= 0)
        close (out);
    if (err >= 0)
        close (err);
    if (pid > 0)
        *ret_pid = pid;
    return pid > 0 ? 0 : -1;
}

//  ---- until it is ready

static bool
s_is_ready (const char *run_dir)
{
    cli_question_t question = { run_dir, "status", NULL, CLI_DOOR_MS };
    cli_answer_t answer = { .result = NULL };
    if (cli_door_ask (&question, &answer, NULL))
        return false;
    bool ready = cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (answer.result, "ready"));
    cJSON_Delete (answer.result);
    return ready;
}

//  What it said at last; "Error: " of its own is not said twice.
static int
s_ended (const br_conf_home_t *home, br_error_t *reterr)
{
    static const char prefix[] = "Error: ";
    char line[CLI_DAEMON_LINE_MAX];
    s_last_line (home, line);
    const char *text = line;
    if (strncmp (line, prefix, sizeof prefix - 1) == 0)
        text += sizeof prefix - 1;
    return br_error_set (reterr, BR_EGONE, "%s%s%s",
                         "daemon process exited immediately after start",
                         *text ? ": " : "", text);
}

int
cli_daemon_wait_ready (const br_conf_home_t *home, pid_t pid, br_error_t *reterr)
{
    const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    time_t late = now.tv_sec + CLI_DAEMON_READY_MS / 1000;
    for (;;) {
        int status;
        if (waitpid (pid, &status, WNOHANG) == pid)
            return s_ended (home, reterr);
        if (s_is_ready (home->run_dir))
            return 0;
        clock_gettime (CLOCK_MONOTONIC, &now);
        if (now.tv_sec >= late)
            return br_error_set (reterr, BR_ETIMEOUT,
                                 "the daemon (pid %d) runs, but is not ready after %d s; "
                                 "see `bitrouter logs`, or end it with `bitrouter stop`",
                                 (int) pid, CLI_DAEMON_READY_MS / 1000);
        nanosleep (&tick, NULL);
    }
}

//  ---- all of it

static int
s_start (const cli_daemon_conf_t *conf, pid_t *ret_pid, br_error_t *reterr)
{
    pid_t pid;
    if (cli_daemon_look (conf->home->run_dir, &pid) == CLI_DAEMON_RUNNING)
        return br_error_set (reterr, BR_ECONFLICT, "daemon is already running (pid %d)",
                             (int) pid);
    cli_daemon_clean (conf->home->run_dir);
    if (cli_daemon_spawn (conf, ret_pid, reterr))
        return -1;
    return cli_daemon_wait_ready (conf->home, *ret_pid, reterr);
}

int
cli_daemon_start (const cli_daemon_conf_t *conf, pid_t *ret_pid, br_error_t *reterr)
{
    const char *run_dir = conf->home->run_dir;
    br_error_t error;
    if (br_conf_file_mkdir (run_dir, 0700, &error))
        return br_error_set (reterr, BR_ESYSTEM,
                             "%.*s; make its folder writable, or give --run-dir",
                             BR_ERROR_TEXT_MAX / 2, error.text);
    int turn = open (run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (turn < 0 || flock (turn, LOCK_EX)) {
        br_error_set (reterr, BR_ESYSTEM, "cannot use the run directory %s: %s", run_dir,
                      strerror (errno));
        if (turn >= 0)
            close (turn);
        return -1;
    }
    int rc = s_start (conf, ret_pid, reterr);
    close (turn);
    return rc;
}

void
cli_daemon_print_started (pid_t pid)
{
    cJSON *json = cJSON_CreateObject ();
    cJSON_AddBoolToObject (json, "started", true);
    cJSON_AddNumberToObject (json, "pid", pid);
    cli_door_print (json);
    cJSON_Delete (json);
}
