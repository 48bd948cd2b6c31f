//  daemon: the server in the background: who it is, by the pid file that it holds a lock
//  on, and how it ends. How it is started: daemon_start.

#ifndef BR_CLI_DAEMON_H
#define BR_CLI_DAEMON_H

#include <sys/types.h>

#include "broker/core/conf_home.h"
#include "cli/command.h"

typedef enum {
    CLI_DAEMON_NONE,   //  no pid file
    CLI_DAEMON_STALE,  //  a pid file that nobody holds: a server died, or the machine did
    CLI_DAEMON_RUNNING //  a server holds it
} cli_daemon_state_t;

//  Who holds RUN_DIR/bitrouter.pid. A number that became another program's is stale.
//  out:  *ret_pid, the number that is written there, 0 when there is none
cli_daemon_state_t cli_daemon_look (const char *run_dir, pid_t *ret_pid);

//  Removes a pid file that nobody holds.
void cli_daemon_clean (const char *run_dir);

//  Waits until nobody holds the pid file, and no door is open. 0, or -1 when the time is over.
int cli_daemon_wait_gone (const char *run_dir, int wait_ms);

//  The home that the flags name, for commands. 0, or CLI_FAILED after a line on stderr.
int cli_daemon_home (const cli_t *cli, br_conf_home_t *ret_home);

//  The whole of `stop`: asks the door, else sends SIGTERM; waits until all has ended, and
//  kills it when it takes longer than open calls may.
//  in:   wait, whether the end is waited for
//  err:  BR_ENOTFOUND "daemon is not running"; BR_ETIMEOUT, BR_ESYSTEM
int cli_daemon_stop (const cli_t *cli, const char *run_dir, bool wait,
                     br_error_t *reterr);

#endif
