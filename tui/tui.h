//  tui: the terminal view of a running bitrouter: it follows the event bus and asks the admin
//  door of a run directory or of another machine, and draws what it learns. It changes
//  nothing in the server.

#ifndef BR_TUI_H
#define BR_TUI_H

#include <stdbool.h>

#include "broker/core/error.h"
#include "broker/core/remote.h"

//  All is borrowed until br_tui_run returns.
typedef struct _br_tui_conf_t {
    const char *run_dir; //  where events.sock and admin.sock are
    const char *pane;    //  name of the first pane, like "calls"; NULL = "home"
    const char *const
        *days;            //  words of a program, NULL ends, that prints what was spent by
                          //  day as JSON (`bitrouter spend --by day --json`); or NULL
    const char *log_file; //  of the server, is read along in the logs; or NULL
    const char *broker;   //  admin door of another machine, instead of run_dir; or NULL
    const br_remote_keys_t *keys; //  for it
    const char *url;              //  of a server elsewhere, instead of run_dir; or NULL
    const char *token;            //  for url, of the scope admin; or NULL
    bool mouse;                   //  clicks and the wheel are ours, not the terminal's
    bool ascii;                   //  no letters beyond ASCII, whatever the locale says
    bool stats; //  at the end a line of JSON on standard error: what it did
} br_tui_conf_t;

//  Whether this program has a terminal view, and standard input and output are a terminal
//  that can show it. err: BR_ESYSTEM, with what to do about it
int br_tui_check (br_error_t *reterr);

//  Runs until the user quits (q, Ctrl+C), or SIGTERM, SIGHUP or SIGINT comes; then the
//  terminal is as it was. A server that is not there, ends or comes back is shown, and is no
//  error.
//  ret:  an exit status: 0, or 1 with a line on standard error
int br_tui_run (const br_tui_conf_t *conf);

#endif
