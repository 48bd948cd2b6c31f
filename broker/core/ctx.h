//  ctx: the inside of an actor's window, for the host that holds it. Actors include
//  actor.h alone.

#ifndef BR_CTX_H
#define BR_CTX_H

#include "broker/core/host.h"

typedef struct _br_task_t {
    struct _br_task_t *next;
    br_again_fn *fn;
    void *arg;
} br_task_t;

struct _br_ctx_t {
    br_host_t *host;
    const br_actor_t *actor;
    void *state; //  the actor's own
    br_addr_t addr;
    char name[BR_NAME_MAX];
    br_handler_fn *handlers[BR_VERB_COUNT];
    br_task_t *tasks; //  of br_ctx_again
    br_task_t **last_task;
    bool stopped; //  has nothing open any more
    bool stopping;
    br_addr_t stopper;   //  who asked it to stop
    uint64_t generation; //  of the slice in use; 0 = none
    uint64_t tried;      //  of the slice that was tried last
    uint64_t random;     //  state of the generator
};

//  "caller destroys", after actor->destroy.
br_ctx_t *br_ctx_new (br_host_t *host, const br_actor_t *actor, const char *name,
                      br_addr_t addr);
void br_ctx_destroy (br_ctx_t **self_p);

//  Hands a message to the actor, or does for it what every actor does alike: slices of
//  configuration, stop, questions of the admin door. False when nobody handles it.
bool br_ctx_handle (br_ctx_t *self, const br_msg_t *msg);

//  Runs the tasks of br_ctx_again that were there at the call. True when any ran.
bool br_ctx_run_tasks (br_ctx_t *self);

#endif
