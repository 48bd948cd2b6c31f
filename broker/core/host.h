//  host: one thread, one loop, some actors. It moves messages between its actors through
//  a queue (never a nested call), and hands those for other hosts to its way out. What is
//  fused in one host and what is split over several is placement, never code.

#ifndef BR_HOST_H
#define BR_HOST_H

#include "broker/core/actor.h"
#include "broker/core/kept.h"

typedef struct _br_host_t br_host_t;

#define BR_TURN_MESSAGES 64       //  handled in one turn of the loop at most
#define BR_TURN_NS 1000000u       //  or for so long
#define BR_QUEUE_MAX (512u << 20) //  bytes in the local queue
#define BR_NAME_MAX 128           //  bytes of a host's or actor's name, with its end

typedef struct _br_host_conf_t {
    const char *name; //  "shard-1"; copied
    br_clock_t clock;
    const br_actor_t *const *actors; //  every kind of actor; NULL ends the list
    br_log_t log;
    br_kept_t *kept; //  what outlives the host, borrowed; NULL = nothing does
} br_host_conf_t;

//  The rest of the world, as the host sees it. Each function MUST be set,
//  but where it says MAY.
typedef struct _br_remote_t {
    //  Takes a message for another host; err: BR_EGONE, BR_EBUSY.
    int (*send) (void *arg, br_msg_t **msg_p, br_error_t *reterr);
    //  The address of an actor of another host; unset when there is none.
    br_addr_t (*find) (void *arg, const char *name);
    //  What an actor of another host is; BR_ROLE_COUNT when it is unknown.
    br_role_t (*role) (void *arg, br_addr_t addr);
    //  The name of an actor of another host, "upstream/openai", or of the host where the
    //  address has no actor; NULL when it is unknown. "owned by arg, until next change"
    const char *(*name) (void *arg, br_addr_t addr);
    //  Events as JSON lines; the buffer is emptied.
    void (*events) (void *arg, br_buf_t *lines);
    //  A message for the host itself (actor 0).
    void (*message) (void *arg, const br_msg_t *msg);
    //  MAY. What was sent leaves: called once a turn, behind the handlers. Returns how long
    //  the loop may sleep, as a hook does.
    uint64_t (*flush) (void *arg);
    //  MAY. Addresses of actors of other hosts, by role; returns how many, at most max.
    size_t (*peers) (void *arg, br_role_t role, br_addr_t *ret_addrs, size_t max);
} br_remote_t;

#define BR_HOST_SPANS 24

typedef struct _br_host_stats_t {
    uint64_t messages; //  handled since the start
    uint64_t turns;
    uint64_t longest_ns;           //  longest handler since the last look
    br_verb_t longest_verb;        //  what it handled
    uint64_t slow;                 //  handlers over 5 ms since the start
    uint64_t spans[BR_HOST_SPANS]; //  handlers by time: [n] counts those under 2^n us
    size_t queued_bytes;           //  in the local queue now
} br_host_stats_t;

//  "caller destroys". err: BR_ESYSTEM.
br_host_t *br_host_new (const br_host_conf_t *conf, br_error_t *reterr);

//  Destroys its actors first, the youngest first.
void br_host_destroy (br_host_t **self_p);

//  Must be called before the first actor starts. remote and arg are borrowed.
void br_host_set_self (br_host_t *self, uint32_t number, uint32_t life);
void br_host_set_remote (br_host_t *self, const br_remote_t *remote, void *arg);

br_loop_t *br_host_loop (const br_host_t *self);
const char *br_host_name (const br_host_t *self);
br_addr_t br_host_addr (const br_host_t *self); //  of the host itself
const br_log_t *br_host_log (const br_host_t *self);
br_kept_t *br_host_kept (const br_host_t *self); //  NULL when nothing outlives it
void br_host_set_log_level (br_host_t *self, br_log_level_t level);

//  Creates an actor: "router", "upstream/openai". err: BR_ENOTFOUND for an unknown kind,
//  or what the actor says.
br_addr_t br_host_start (br_host_t *self, const char *name, br_error_t *reterr);

//  Destroys it. Unknown names are ignored.
void br_host_end (br_host_t *self, const char *name);

//  Destroys all actors, the youngest first.
void br_host_end_all (br_host_t *self);

//  Its window, for tests and for who asks the actor directly. NULL when there is none.
br_ctx_t *br_host_ctx (const br_host_t *self, const char *name);

//  The i-th living actor's window, or NULL past the last.
br_ctx_t *br_host_actor (const br_host_t *self, size_t i);

//  Routes a message to the queue or to the way out. err: BR_EGONE, BR_EBUSY, and the
//  message is still the caller's.
int br_host_post (br_host_t *self, br_msg_t **msg_p, br_error_t *reterr);

//  A message that came from another host: checked against its sender's role.
void br_host_arrived (br_host_t *self, br_msg_t **msg_p);

//  Tells all actors that a host is gone.
void br_host_gone (br_host_t *self, uint32_t number, uint32_t life);

//  Whether events are wanted, and an event for each message.
void br_host_watch (br_host_t *self, bool wanted, bool trace);
bool br_host_is_watched (const br_host_t *self);
void br_host_event (br_host_t *self, br_event_t event, const void *fields);

//  Handles what is queued, at most one turn's worth. True when there is more.
bool br_host_work (br_host_t *self);

size_t br_host_queued (const br_host_t *self); //  bytes in its queue

br_host_stats_t br_host_stats (br_host_t *self); //  a look: resets the longest handler

//  The time that 999 of 1,000 handlers stay under, in microseconds, to a power of two.
uint64_t br_host_stats_p999_us (const br_host_stats_t *stats);

#endif
