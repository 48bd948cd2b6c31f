//  stage: a host on which one actor plays itself and all other roles are peers that note
//  what they hear. A second host, number 2 in life 1, has every actor named "far/...". For
//  tests of actors.

#ifndef BR_TESTS_STAGE_H
#define BR_TESTS_STAGE_H

#include "broker/core/host.h"

typedef struct _stage_t {
    uint64_t now_ns; //  of the manual clock
    br_host_t *host;
    br_kept_t *kept; //  what actors that ended have left for those that start
    const br_actor_t *kinds[12];
    br_buf_t events;   //  that were raised, as lines
    br_buf_t far;      //  what went to host 2: "attempt.start#1 "
    bool far_gone;     //  host 2 takes nothing any more
    uint8_t slip[256]; //  encoded
} stage_t;

//  actor: the one under test. real: on the real clock, for sockets.
void stage_begin (stage_t *self, const br_actor_t *actor, bool real);
void stage_end (stage_t *self);

//  Starts an actor: the one under test, or a peer: "ingress", "router", "meter", "guard",
//  "upstream/NAME", "breaker", "limits", "idempotency", "auth", "metrics".
br_addr_t stage_start (stage_t *self, const char *name);

//  Handles messages until there are none left.
void stage_settle (stage_t *self);

//  Moves the manual clock, with turns of the loop on the way.
void stage_pass (stage_t *self, uint64_t ms);

//  Turns the loop until the peer has heard the verb, at most 5 s of real time.
const br_msg_t *stage_await (stage_t *self, const char *name, br_verb_t verb);

//  Sends from a peer, without settling.
void stage_send (stage_t *self, const char *from, br_addr_t to, br_verb_t verb,
                 uint64_t call, uint32_t attempt, const void *fields, br_blob_t *body);

//  Asks an actor to stop, in the name of the peer "ingress", who hears sys.stopped.
void stage_stop (stage_t *self, br_addr_t actor, uint64_t drain_ms);

//  What a peer heard since the last look: "reply.head#1 reply.end#1 "; verb and attempt.
const char *stage_heard (stage_t *self, const char *name);

//  The newest message of a verb that a peer has heard, or NULL. "owned by the peer"
const br_msg_t *stage_last (stage_t *self, const char *name, br_verb_t verb);

//  All bodies that a peer has heard, joined.
const char *stage_bytes (stage_t *self, const char *name);

//  The slip with the peer "ingress" as its only stop down. "owned by the stage"
br_bytes_t stage_slip (stage_t *self);

#endif
