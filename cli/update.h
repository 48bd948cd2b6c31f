//  update: the notice that there is a newer version. The question is asked at most once a
//  day, by a process of its own that no command waits for; its answer is kept in the run
//  directory, and told by the commands that come after it.

#ifndef BR_CLI_UPDATE_H
#define BR_CLI_UPDATE_H

#include "cli/command.h"

//  Sends the question off when it is due: on a terminal, unless BITROUTER_NO_UPDATE_CHECK or
//  `update_check: false` forbid it. Errors are silent.
void cli_update_begin (const cli_t *cli);

//  Tells on stderr of a newer version that is known, under the same conditions.
void cli_update_end (const cli_t *cli);

//  Whether a version is newer than another one: "v1.2.3" and "1.2.3" are versions, any with
//  something behind it is no release and never newer.
bool cli_update_is_newer (const char *latest, const char *current);

#endif
