//  daemon: the server in the background: who it is, and how it ends. How it is started is in
//  daemon_start.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "cli/daemon.h"
#include "cli/door_client.h"

#define TICK_MS 20
#define MORE_MS 10000 //  what the end may take beyond the time of open calls
#define KILL_MS 5000  //  and after SIGKILL

//  ---- who it is

static int
s_open (const char *run_dir)
{
    char *path = br_strf ("%s/bitrouter.pid", run_dir);
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    free (path);
    return fd;
}

cli_daemon_state_t
cli_daemon_look (const char *run_dir, pid_t *ret_pid)
{
    char text[32] = "";
    int fd = s_open (run_dir);
    *ret_pid = 0;
    if (fd < 0)
        return CLI_DAEMON_NONE;
    ssize_t size = read (fd, text, sizeof text - 1);
    text[size > 0 ? size : 0] = 0;
    bool held = flock (fd, LOCK_SH | LOCK_NB) != 0;
    close (fd);
    long pid = strtol (text, NULL, 10);
    *ret_pid = pid > 0 && pid <= INT32_MAX ? (pid_t) pid : 0;
    return held ? CLI_DAEMON_RUNNING : CLI_DAEMON_STALE;
}

void
cli_daemon_clean (const char *run_dir)
{
    pid_t pid;
    if (cli_daemon_look (run_dir, &pid) != CLI_DAEMON_STALE)
        return;
    char *path = br_strf ("%s/bitrouter.pid", run_dir);
    unlink (path);
    free (path);
}

int
cli_daemon_home (const cli_t *cli, br_conf_home_t *ret_home)
{
    br_error_t error;
    const char *const *environ_v = cli->flags.environ_v ? cli->flags.environ_v
                                                        : (const char *const *) environ;
    if (br_conf_home_find (ret_home, &cli->flags, environ_v, NULL, &error))
        return cli_fail ("%s", error.text);
    return 0;
}

//  ---- its end

//  A server whose pid file was removed still has its door.
static bool
s_is_there (const char *run_dir)
{
    pid_t pid;
    cli_daemon_state_t state = cli_daemon_look (run_dir, &pid);
    if (state != CLI_DAEMON_NONE)
        return state == CLI_DAEMON_RUNNING;
    char *path = br_strf ("%s/admin.sock", run_dir);
    bool open = cli_door_probe (path, NULL) == 0;
    free (path);
    return open;
}

int
cli_daemon_wait_gone (const char *run_dir, int wait_ms)
{
    const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
    int ms = 0;
    while (s_is_there (run_dir)) {
        if (ms >= wait_ms)
            return -1;
        nanosleep (&tick, NULL);
        ms += TICK_MS;
    }
    return 0;
}

//  Tells it to end: by its door, which knows how long that may take; by a signal, when the
//  door is not open (yet). The pid is its own as long as the lock is held.
static int
s_tell (const cli_t *cli, const char *run_dir, int *ret_drain_ms, br_error_t *reterr)
{
    pid_t pid;
    cli_question_t question = { run_dir, "stop", NULL, CLI_DOOR_MS };
    cli_answer_t answer = { .result = NULL };
    br_conf_t *conf = br_conf_load (&cli->flags, NULL);
    *ret_drain_ms = conf ? (int) br_conf_drain_ms (conf) : 0;
    br_conf_destroy (&conf);
    if (cli_door_ask (&question, &answer, reterr) == 0) {
        const cJSON *drain = cJSON_GetObjectItemCaseSensitive (answer.result, "drain_ms");
        *ret_drain_ms = cJSON_IsNumber (drain) ? drain->valueint : *ret_drain_ms;
        cJSON_Delete (answer.result);
        return 0;
    }
    if (cli_daemon_look (run_dir, &pid) != CLI_DAEMON_RUNNING || pid <= 1)
        return br_error_set (reterr, BR_ENOTFOUND, "daemon is not running");
    if (kill (pid, SIGTERM) == 0)
        return 0;
    return br_error_set (reterr, BR_ESYSTEM, "cannot stop the daemon (pid %d): %s",
                         (int) pid, strerror (errno));
}

static int
s_kill (const char *run_dir, int waited_ms, br_error_t *reterr)
{
    pid_t pid;
    if (cli_daemon_look (run_dir, &pid) == CLI_DAEMON_RUNNING && pid > 1
        && kill (pid, SIGKILL) == 0 && cli_daemon_wait_gone (run_dir, KILL_MS) == 0) {
        fprintf (stderr,
                 "Warning: the daemon (pid %d) did not end within %d s, and was "
                 "killed\n",
                 (int) pid, waited_ms / 1000);
        return 0;
    }
    return br_error_set (reterr, BR_ETIMEOUT,
                         "bitrouter was told to stop, and has not ended after %d s",
                         waited_ms / 1000);
}

int
cli_daemon_stop (const cli_t *cli, const char *run_dir, bool wait, br_error_t *reterr)
{
    int drain_ms;
    if (!s_is_there (run_dir)) {
        cli_daemon_clean (run_dir);
        return br_error_set (reterr, BR_ENOTFOUND, "daemon is not running");
    }
    if (s_tell (cli, run_dir, &drain_ms, reterr))
        return -1;
    if (wait && cli_daemon_wait_gone (run_dir, drain_ms + MORE_MS)
        && s_kill (run_dir, drain_ms + MORE_MS, reterr))
        return -1;
    if (wait)
        cli_daemon_clean (run_dir);
    return 0;
}
