//  wizard_start: what follows a new configuration: the server in the background, and whether
//  it is well.

#ifndef BR_CLI_WIZARD_START_H
#define BR_CLI_WIZARD_START_H

#include "cli/command.h"

//  Starts bitrouter in the background by `start`, or lets the one that runs read its
//  configuration again; tells on standard output that it listens and is healthy, and asks
//  the cloud, where that is configured. CLI_OK or CLI_FAILED with a line on stderr.
int cli_wizard_start (const cli_t *cli);

//  What to do next, for people.
void cli_wizard_tell_next (const cli_t *cli);

#endif
