//  prompt_terminal: a terminal that gives keys one by one and echoes nothing, until it is
//  given back. Signals that would end or stop the program wait meanwhile, so that no way
//  out leaves the terminal as it is here.

#ifndef BR_CLI_PROMPT_TERMINAL_H
#define BR_CLI_PROMPT_TERMINAL_H

#include "broker/core/error.h"

typedef struct _cli_prompt_terminal_t cli_prompt_terminal_t;

//  Takes the terminal, and asks it to say what is pasted. Both descriptors are borrowed.
//  "caller destroys"
//  err:  BR_ESYSTEM when in is no terminal
cli_prompt_terminal_t *cli_prompt_terminal_new (int in, int out, br_error_t *reterr);

//  Gives the terminal back as it was. A signal that has come since is raised again, and so
//  may end the program here.
void cli_prompt_terminal_destroy (cli_prompt_terminal_t **self_p);

//  A byte, or -1 at the end of the input, when a signal ends it, or when none comes in
//  time; a timeout of -1 waits for ever. A stop (SIGTSTP) gives the terminal back until it
//  goes on.
int cli_prompt_terminal_read (cli_prompt_terminal_t *self, int timeout_ms);

//  The signal that has ended it, 0 for none.
int cli_prompt_terminal_signal (const cli_prompt_terminal_t *self);

#endif
