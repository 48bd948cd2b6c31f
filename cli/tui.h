//  tui: the terminal view, for the commands that show it.

#ifndef BR_CLI_TUI_H
#define BR_CLI_TUI_H

#include "cli/command.h"

typedef struct _cli_tui_t {
    const char *pane; //  the first one; NULL = home
    const char
        *url; //  of a server elsewhere, instead of that of the run directory; or NULL
    const char *token; //  for url; or NULL
    bool mouse;
    bool ascii;
    bool stats; //  at the end, what it did
} cli_tui_t;

//  Shows the server of the flags' run directory until the user quits; whether one runs does
//  not matter. Returns an exit status.
int cli_tui_show (const cli_t *cli, const cli_tui_t *wish);

#endif
