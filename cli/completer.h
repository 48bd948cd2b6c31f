//  completer: what may stand next on a command line, for the shells.

#ifndef BR_CLI_COMPLETER_H
#define BR_CLI_COMPLETER_H

#include <stdio.h>

#include "cli/command.h"

//  Prints what may stand in the place of the last word, one a line, with a tab and a line
//  about it where there is one; "@files" alone for names of files. Commands and options
//  are read from the tables; names of routes, models and providers are asked for quickly,
//  and nothing is made for that. Never complains.
//  in:   words behind the program's name; the last one is begun, or empty
void cli_completer_print (const cli_t *cli, int count, char *const *words, FILE *file);

#endif
