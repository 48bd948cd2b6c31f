//  wizard: sets bitrouter up by questions on a terminal.

#ifndef BR_CLI_WIZARD_H
#define BR_CLI_WIZARD_H

#include "cli/command.h"

#define CLI_BREAK 130 //  exit status after Ctrl-C, as shells have it

typedef enum {
    CLI_WIZARD_ASK,      //  before a configuration is overwritten
    CLI_WIZARD_OVERWRITE //  without a question
} cli_wizard_mode_t;

//  Whether there is a terminal to ask on.
bool cli_wizard_can_ask (void);

//  Asks, and writes configuration, .env and .gitignore at the end, or nothing at all. No
//  server is started.
//  ret:  CLI_OK, also when the configuration that is there was kept; CLI_FAILED when the
//        input has ended, the user did not want it written, or it could not be; CLI_BREAK
int cli_wizard_run (const cli_t *cli);

//  The same. out: *ret_written, whether there is a new configuration
int cli_wizard_set_up (const cli_t *cli, cli_wizard_mode_t mode, bool *ret_written);

#endif
