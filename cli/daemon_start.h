//  daemon_start: a server in the background, from fork to ready.

#ifndef BR_CLI_DAEMON_START_H
#define BR_CLI_DAEMON_START_H

#include <sys/types.h>

#include "broker/core/conf_home.h"
#include "cli/command.h"

#define CLI_DAEMON_READY_MS 15000 //  how long a start may take
#define CLI_DAEMON_LINE_MAX 1024  //  bytes of the last line of a log, with its end

//  How a server is started.
typedef struct _cli_daemon_conf_t {
    const cli_t *cli;           //  its global flags are forwarded
    const br_conf_home_t *home; //  its files, absolute
    const char *topology;       //  or NULL
    bool ends_with_parent;      //  a child that ends when this process does
} cli_daemon_conf_t;

//  Starts `bitrouter serve` with its output in the folder of logs, in a session of its own
//  unless it is to end with its parent. Logs of before are kept as NAME.1.
//  out:  *ret_pid
//  err:  BR_ESYSTEM
int cli_daemon_spawn (const cli_daemon_conf_t *conf, pid_t *ret_pid, br_error_t *reterr);

//  Waits until the server that was started answers that it is ready, or has ended.
//  err:  BR_EGONE it has ended, with the last line of its log; BR_ETIMEOUT
int cli_daemon_wait_ready (const br_conf_home_t *home, pid_t pid, br_error_t *reterr);

//  The whole of `start`: looks, cleans, spawns, waits. Two at a
//  time take turns.
//  err:  BR_ECONFLICT "daemon is already running (pid N)"; as the others
int cli_daemon_start (const cli_daemon_conf_t *conf, pid_t *ret_pid, br_error_t *reterr);

//  What `start --json` and `restart --json` answer, on stdout.
void cli_daemon_print_started (pid_t pid);

#endif
