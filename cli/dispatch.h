//  dispatch: the way from the words of a command line to a command, and the help on it.

#ifndef BR_CLI_DISPATCH_H
#define BR_CLI_DISPATCH_H

#include "cli/command.h"

//  Runs the command that the words name, or shows its help. A group of commands without a
//  word below it shows its help on stderr, as wrong usage.
//  in:   program, the root of all commands; argv[0] is its name, global flags are taken
//  out:  the exit status
int cli_dispatch (const cli_t *cli, const cli_command_t *program, int argc, char **argv);

#endif
