//  bare: the program without a command: the wizard when nothing is configured, then the view
//  with a server; without a terminal the server alone.

#ifndef BR_CLI_BARE_H
#define BR_CLI_BARE_H

#include "cli/command.h"

//  Returns the exit status.
int cli_bare_run (const cli_t *cli);

#endif
