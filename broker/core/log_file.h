//  log_file: where a process's stdout and stderr go, when those are files, so that they can
//  be opened again after somebody has renamed them (SIGUSR1).

#ifndef BR_LOG_FILE_H
#define BR_LOG_FILE_H

#include "broker/core/error.h"

typedef struct _br_log_file_t br_log_file_t;

//  Remembers the paths of descriptors 1 and 2; one that is no regular file is left alone
//  for ever. "caller destroys"
br_log_file_t *br_log_file_new (void);
void br_log_file_destroy (br_log_file_t **self_p);

//  Opens each remembered path again, to append, and puts it in the descriptor's place.
//  One that can't be opened stays as it is.
//  err:  BR_ESYSTEM, the last that went wrong
int br_log_file_reopen (br_log_file_t *self, br_error_t *reterr);

#endif
