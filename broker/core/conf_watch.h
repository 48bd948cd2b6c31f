//  conf_watch: tells when one of the configuration's files was written or replaced, also one
//  that is made only later, or that a link leads to. What comes within 200 ms is told once,
//  and what never rests each 2 s. A file that is gone is no change, until it is there again:
//  editors do that for a moment.

#ifndef BR_CONF_WATCH_H
#define BR_CONF_WATCH_H

#include "broker/core/error.h"
#include "broker/core/loop.h"

#define BR_CONF_WATCH_MS 200       //  without a change, before one is told
#define BR_CONF_WATCH_MOST_MS 2000 //  after the first of changes that do not end
#define BR_CONF_WATCH_FILES 4      //  at the most

typedef struct _br_conf_watch_t br_conf_watch_t;

typedef void (br_conf_watch_fn) (void *arg);

//  in:   paths, with a folder, NULL ends them; the folders must be there
//  loop and arg are borrowed. "caller destroys"
//  err:  BR_ESYSTEM
br_conf_watch_t *br_conf_watch_new (br_loop_t *loop, const char *const *paths,
                                    br_conf_watch_fn *fn, void *arg, br_error_t *reterr);
void br_conf_watch_destroy (br_conf_watch_t **self_p);

#endif
