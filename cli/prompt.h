//  prompt: questions on a terminal: a choice by arrows or numbers, yes or no, a line, a
//  secret that is not shown. Ends of input, Ctrl-C and signals are remembered: every question
//  after one is answered by it, so that whoever asks need only look at the end. What is
//  pasted stays in one answer, its ends of lines are spaces.

#ifndef BR_CLI_PROMPT_H
#define BR_CLI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/error.h"

#define CLI_PROMPT_LINE_MAX 8192 //  bytes of an answer

typedef struct _cli_prompt_t cli_prompt_t;

typedef enum {
    CLI_PROMPT_GOOD,
    CLI_PROMPT_END,  //  the input has ended
    CLI_PROMPT_BREAK //  Ctrl-C, or a signal that ends the program
} cli_prompt_end_t;

//  Takes the terminal: it does not echo, and keys come one by one, until destroy. Both
//  descriptors are borrowed. "caller destroys"
//  in:   color, whether words may be coloured
//  err:  BR_ESYSTEM when in is no terminal
cli_prompt_t *cli_prompt_new (int in, int out, bool color, br_error_t *reterr);

//  Gives the terminal back as it was. A signal that has broken it off ends the program
//  here, as it would have done before: whatever is to be told is told by then.
void cli_prompt_destroy (cli_prompt_t **self_p);

//  How it has ended, if it has.
cli_prompt_end_t cli_prompt_end (const cli_prompt_t *self);

//  Words for the user; the line is ended by whoever says it.
void cli_prompt_say (cli_prompt_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

//  The same as a line behind a green tick.
void cli_prompt_done (cli_prompt_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

//  One of count options, of which `start` is marked at first. Arrows and j and k move, a
//  number chooses at once, Enter takes the marked one. Returns its index, `start` when the
//  input has ended.
size_t cli_prompt_select (cli_prompt_t *self, const char *question,
                          const char *const *options, size_t count, size_t start);

//  Yes or no; Enter alone is `otherwise`. False when the input has ended.
bool cli_prompt_confirm (cli_prompt_t *self, const char *question, bool otherwise);

//  A line, without white space around it; Enter alone is `otherwise`, which may be "".
//  "caller frees", never NULL
char *cli_prompt_line (cli_prompt_t *self, const char *question, const char *otherwise);

//  The same, not shown. Free with cli_prompt_forget.
char *cli_prompt_secret (cli_prompt_t *self, const char *question);

//  Overwrites a secret and frees it; NULL is nothing.
void cli_prompt_forget (char **secret_p);

//  Whether a terminal may be coloured: NO_COLOR and TERM decide.
bool cli_prompt_may_color (void);

#endif
