//  auth_watch: tells when a folder changes, or a file in one of its folders; also when the
//  folder is made that was not there. Changes that come together are told once.

#ifndef BR_AUTH_WATCH_H
#define BR_AUTH_WATCH_H

#include "broker/core/error.h"
#include "broker/core/loop.h"

#define AUTH_WATCH_MS 20            //  changes within that time are told once
#define AUTH_WATCH_FOLDERS_MAX 4096 //  that are watched

typedef struct _auth_watch_t auth_watch_t;

typedef void (auth_watch_fn) (void *arg);

//  loop and arg are borrowed. "caller destroys". err: BR_ESYSTEM
auth_watch_t *auth_watch_new (br_loop_t *loop, const char *folder, auth_watch_fn *fn,
                              void *arg, br_error_t *reterr);
//  What has changed until now is told before this returns, instead of in a while.
void auth_watch_look (auth_watch_t *self);

void auth_watch_destroy (auth_watch_t **self_p);

#endif
