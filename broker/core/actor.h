//  actor: what an actor is, and all that it sees of the world. An actor is a const
//  descriptor and its private state. It never blocks and never waits: it keeps what it
//  needs under the call id and returns.

#ifndef BR_ACTOR_H
#define BR_ACTOR_H

#include "broker/core/error.h"
#include "broker/core/events.h"
#include "broker/core/log.h"
#include "broker/core/loop.h"
#include "broker/core/msg.h"

typedef struct _br_ctx_t br_ctx_t; //  an actor's window on its host

typedef void (br_handler_fn) (void *state, br_ctx_t *ctx, const br_msg_t *msg);

typedef struct _br_handler_row_t {
    br_verb_t verb;
    br_handler_fn *fn;
} br_handler_row_t;

typedef struct _br_actor_t {
    const char *name;  //  MUST: "router"; "upstream" stands for each "upstream/NAME"
    const char *about; //  MUST: one line
    br_role_t role;    //  MUST
    const br_handler_row_t *handlers; //  MUST: ends with a row without fn

    //  MUST: makes the state. ctx lives as long as the actor. NULL on error.
    void *(*create) (br_ctx_t *ctx, br_error_t *reterr);
    //  MUST: works from any half-built state; sets *state_p to NULL.
    void (*destroy) (void **state_p);

    //  MAY: checks a slice (JSON) and keeps it aside; 0 or -1 with BR_ECONFIG.
    int (*conf_try) (void *state, const char *slice, br_error_t *reterr);
    //  MAY: uses the slice that was tried last. generation counts from 1.
    //  err: when the world refuses (a port that is taken); the old slice stays in use.
    int (*conf_take) (void *state, uint64_t generation, br_error_t *reterr);
    //  MAY: answers a command of the admin door with JSON, or NULL when it does not know
    //  it. "caller frees"
    char *(*admin) (void *state, const char *command, const char *args);
    //  MAY: finishes what is open within drain_ms, then calls br_ctx_stopped, maybe at
    //  once. Without it the actor counts as stopped.
    void (*stop) (void *state, uint64_t drain_ms);
} br_actor_t;

//  ---- the window

br_addr_t br_ctx_self (const br_ctx_t *ctx);
const char *br_ctx_name (const br_ctx_t *ctx);     //  "upstream/openai"
const char *br_ctx_instance (const br_ctx_t *ctx); //  "openai"; "" without a slash
br_loop_t *br_ctx_loop (const br_ctx_t *ctx);      //  for timers and descriptors
uint64_t br_ctx_now_us (const br_ctx_t *ctx);      //  of the loop; microseconds
uint64_t br_ctx_unix_ms (const br_ctx_t *ctx);     //  wall clock; milliseconds

//  The address of an actor by name: in this host first, else in the first host that has
//  it. Unset when there is none.
br_addr_t br_ctx_find (const br_ctx_t *ctx, const char *name);

//  The addresses of all actors of a role: those of this host, then those of the others.
//  Returns how many were written, at most max.
size_t br_ctx_peers (const br_ctx_t *ctx, br_role_t role, br_addr_t *ret_addrs,
                     size_t max);

//  A random number, not for secrets.
uint64_t br_ctx_random (br_ctx_t *ctx);

//  Sends. fields: the verb's struct or NULL; body: a reference is taken, or NULL.
//  0, or -1 with BR_EGONE (no such host) or BR_EBUSY (a bound is reached): then nothing
//  was sent.
int br_ctx_send (br_ctx_t *ctx, br_addr_t to, br_verb_t verb, br_id_t call,
                 uint32_t attempt, const void *fields, br_blob_t *body);

//  Sends to the sender of msg, with its call and attempt.
int br_ctx_reply (br_ctx_t *ctx, const br_msg_t *msg, br_verb_t verb, const void *fields,
                  br_blob_t *body);

//  Sends msg itself on, unchanged, with its body.
int br_ctx_pass (br_ctx_t *ctx, const br_msg_t *msg, br_addr_t to);

//  Raises an event; costs nothing while nobody listens.
void br_ctx_event (br_ctx_t *ctx, br_event_t event, const void *fields);
bool br_ctx_is_watched (const br_ctx_t *ctx); //  somebody listens

//  One line of log.
void br_ctx_log (br_ctx_t *ctx, br_log_level_t level, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

//  One with facts, see log.h; and whether one of that level is written at all.
void br_ctx_log_fields (br_ctx_t *ctx, br_log_level_t level, const char *text,
                        const br_log_field_t *fields, size_t count);
bool br_ctx_log_is_on (const br_ctx_t *ctx, br_log_level_t level);

//  Calls fn (state) in the next turn: for work in slices. Forgotten with the actor.
typedef void (br_again_fn) (void *arg);
void br_ctx_again (br_ctx_t *ctx, br_again_fn *fn, void *arg);

//  Leaves a message for the actor of its own name in the next life of this process, which
//  handles it, as from itself, once it has taken its configuration. For what a lost link
//  must not take along, when the actor is destroyed. The message is taken. Nothing is kept
//  where the host's end is the end of its process or thread.
void br_ctx_keep (br_ctx_t *ctx, br_msg_t **msg_p);

//  The actor has nothing open any more; the answer to its `stop`.
void br_ctx_stopped (br_ctx_t *ctx);

#endif
