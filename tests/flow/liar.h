//  liar: a provider that breaks HTTP, or answers what is no answer. The model's name says
//  how: the name of a row of its table.

#ifndef LIAR_H
#define LIAR_H

#include <sys/types.h>

typedef struct _liar_row_t {
    const char *model;
    const char *answer; //  all it says before it closes
    unsigned times;     //  the last line of it again; for heads without an end
    unsigned status;    //  that a caller must get
    const char *code;   //  of the error
} liar_row_t;

extern const liar_row_t liar_rows[]; //  ends with a row without a model

//  Starts it in a process that ends with ours. Its port, or 0.
unsigned liar_start (pid_t *ret_pid);

#endif
