//  watch: a command that shows the same again and again: in place on a terminal, a block
//  each elsewhere.

#ifndef BR_CLI_WATCH_H
#define BR_CLI_WATCH_H

#include <stdbool.h>

#define CLI_WATCH_EVERY_MS 2000

//  How a command is to be repeated.
typedef struct _cli_watch_t {
    bool on;    //  --watch was there
    long count; //  --count N, blocks until the end; 0 = until it is interrupted
} cli_watch_t;

//  Takes --watch and --count out of the arguments. CLI_OK or CLI_USAGE.
int cli_watch_take (const char *command, int *argc, char **argv, cli_watch_t *ret_watch);

//  Prints one block on stdout. Its status; other than CLI_OK ends a watch that has shown
//  nothing yet.
typedef int (cli_watch_fn) (void *arg);

//  Once, or for as long as the arguments say. The exit status.
int cli_watch_run (const cli_watch_t *watch, cli_watch_fn *fn, void *arg);

#endif
