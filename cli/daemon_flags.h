//  daemon_flags: the flags that a running server was started with, as its own command line
//  tells them. Nothing of it is kept in a file, which could say something else.

#ifndef BR_CLI_DAEMON_FLAGS_H
#define BR_CLI_DAEMON_FLAGS_H

#include <sys/types.h>

#include "cli/command.h"

#define CLI_DAEMON_FLAGS_MAX (128 << 10) //  bytes of a command line

typedef struct _cli_daemon_flags_t cli_daemon_flags_t;

//  Of the server with that pid. "caller destroys", or NULL when the system does not tell.
cli_daemon_flags_t *cli_daemon_flags_new (pid_t pid);

//  Of a command line, each of its words ended by a zero byte.
//  in:   folder, absolute: where paths that are relative begin
//  "caller destroys", or NULL when a word has no end or a flag is wrong
cli_daemon_flags_t *cli_daemon_flags_parse (const char *words, size_t size,
                                            const char *folder);

//  Accepts NULL.
void cli_daemon_flags_destroy (cli_daemon_flags_t **self_p);

//  Fills those flags in that are not given; *topology too. What it fills in is owned by
//  self. Accepts NULL, and fills nothing in.
void cli_daemon_flags_fill (const cli_daemon_flags_t *self, cli_t *cli,
                            const char **topology);

#endif
