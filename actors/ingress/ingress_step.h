//  ingress_step: what a call does when something arrives: the cells of the table of
//  ingress_call, in whose inside they work.

#ifndef BR_INGRESS_STEP_H
#define BR_INGRESS_STEP_H

#include "actors/ingress/ingress_call.h"

typedef enum {
    CALL_WAIT,
    CALL_HOLD,
    CALL_STREAM,
    CALL_JOIN,
    CALL_ALONE,
    CALL_OVER,
    CALL_STATES
} ingress_call_state_t;

//  What an event brings; members that it does not bring are zero.
typedef struct _ingress_word_t {
    uint32_t attempt;
    const void *fields; //  the verb's struct
    br_blob_t *body;
    uint64_t bytes; //  written
} ingress_word_t;

struct _ingress_call_t {
    const ingress_out_t *out;
    void *arg; //  borrowed
    ingress_call_state_t state;
    uint32_t attempt; //  the newest that was heard of
    uint32_t fenced;  //  attempts up to it no longer count
    uint64_t seq;     //  of the next word
    bool upstream_gone;
    bool unattended; //  it goes on though the client has left
    bool guarded;    //  it passes a guard before it reaches a router
    ingress_answer_t answer;
};

//  Forgets what came of the attempt; nothing of it was written.
void ingress_step_drop (ingress_call_t *self);

//  ---- the cells

typedef void (ingress_step_fn) (ingress_call_t *self, const ingress_word_t *word);

ingress_step_fn ingress_step_begin, ingress_step_break, ingress_step_break_alone,
    ingress_step_cancel, ingress_step_collect, ingress_step_expire,
    ingress_step_fail_alone, ingress_step_fail_gone, ingress_step_fence,
    ingress_step_fence_join, ingress_step_fence_late, ingress_step_fence_over,
    ingress_step_finish, ingress_step_go_alone, ingress_step_go_on, ingress_step_ignore,
    ingress_step_join, ingress_step_keep, ingress_step_leave, ingress_step_leave_alone,
    ingress_step_lose_guard, ingress_step_move_on, ingress_step_nonsense,
    ingress_step_note_gone, ingress_step_pass, ingress_step_refuse, ingress_step_reply,
    ingress_step_stop;

#endif
