//  metrics_requests: the log of requests, for operators who ask for one: a file with a line
//  of JSON for each call that has ended, and a few older ones. No word of a prompt or an
//  answer is in it, and no credential.

#ifndef BR_METRICS_REQUESTS_H
#define BR_METRICS_REQUESTS_H

#include "broker/core/ctx.h"

#define METRICS_REQUESTS_LINE_MAX 16384 //  bytes of a line; a longer one is left out
#define METRICS_REQUESTS_KEEP_MAX 1000  //  older files

typedef struct _metrics_requests_t metrics_requests_t;

//  Opens the file, to append, and makes it (0600) when it is not there, with its folder.
//  in:   bytes_max, of a file, before it becomes PATH.1, and PATH.1 becomes PATH.2; keep, how
//        many of those there are at the most: 0 = an old one is deleted
//  err:  BR_ECONFIG the file cannot be opened
//  "caller destroys"
metrics_requests_t *metrics_requests_new (const char *path, uint64_t bytes_max,
                                          unsigned keep, br_error_t *reterr);
void metrics_requests_destroy (metrics_requests_t **self_p);

//  Writes the line of a call. When somebody has renamed or deleted the file, it is made
//  anew first.
//  err:  BR_ESYSTEM it could not be written: at most once a minute, else 0 is returned
int metrics_requests_add (metrics_requests_t *self, const struct br_call_metered *call,
                          uint64_t now_ms, br_error_t *reterr);

#endif
