//  router_call: the attempts of one call, one after the other, until it is settled once. A
//  table of states and events; there is no bus in here. What is to be done is done through
//  a table of functions, so that a test can be the world and deliver in any order.
//  src:  docs/rfc/4-CALL.md

#ifndef BR_ROUTER_CALL_H
#define BR_ROUTER_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/verbs.h"
#include "broker/proto/usage.h"
#include "actors/router/router_plan.h"
#include "actors/router/router_verdict.h"

#define ROUTER_ANSWER_MS 30000 //  behind attempt.done; then ingress is asked

#define ROUTER_PAUSE_MAX_MS 2000 //  of a back-off, once the client hears an answer

typedef enum {
    ROUTER_OPEN,          //  the first thing that happens
    ROUTER_FAIL,          //  attempt.fail
    ROUTER_DONE,          //  attempt.done
    ROUTER_COMMIT,        //  call.commit
    ROUTER_FENCED,        //  call.fenced
    ROUTER_COMMITTED,     //  call.committed
    ROUTER_CANCEL,        //  call.cancel
    ROUTER_UPSTREAM_GONE, //  the host of the attempt
    ROUTER_INGRESS_GONE,
    ROUTER_DELAYED,     //  what it waited for is here: the time, or a share of a limit
    ROUTER_BROKEN,      //  attempt.broken
    ROUTER_JOINED,      //  call.joined
    ROUTER_ANSWERED,    //  call.answered
    ROUTER_GUARD_GONE,  //  the host of the guard that answers pass
    ROUTER_SEND_FAILED, //  of the last action; raised by the machine itself
    ROUTER_EVENTS
} router_event_t;

typedef enum {
    ROUTER_STATE_NEW,
    ROUTER_STATE_WAITING, //  between two attempts, or in front of one: none is under way
    ROUTER_STATE_TRYING,  //  an attempt is under way, another may follow
    ROUTER_STATE_ANSWERING,  //  it is committed: none may follow, unless it breaks off
    ROUTER_STATE_JOINING,    //  it broke off; that ingress has its words is awaited
    ROUTER_STATE_FENCING,    //  its host is gone; ingress is asked whether one may follow
    ROUTER_STATE_LOSING,     //  the same after the commit
    ROUTER_STATE_ENDING,     //  attempt.done is here, call.answered is awaited
    ROUTER_STATE_CANCELLING, //  attempt.done is awaited
    ROUTER_STATE_ENDED,      //  settled; nothing counts any more
    ROUTER_STATES
} router_state_t;

//  How the call, or an attempt that answered, ended.
typedef struct _router_end_t {
    br_outcome_t outcome;
    br_code_t code; //  of a failure
    br_failure_t failure;
    unsigned status; //  HTTP status that the client got; 0 = none
    br_usage_t usage;
    uint64_t first_us; //  from the start of the attempt to its first byte; 0 = none
} router_end_t;

//  Each MUST be set. They must not call the machine. 0, or -1 when the message cannot be
//  sent. attempt counts from 1.
typedef struct _router_call_actions_t {
    //  attempt.start to the candidate at place (index) of the order. 1: not yet, it is to
    //  be done again at ROUTER_DELAYED.
    //  ret_failure: why it cannot be sent; its strings need to live until the next action
    int (*start) (void *arg, uint32_t attempt, unsigned place,
                  router_failure_t *ret_failure);
    //  What follows the failure of an attempt at place, as router_plan_next.
    bool (*follow) (void *arg, unsigned place, const router_failure_t *failure,
                    router_step_t *ret_step);
    //  ROUTER_DELAYED after so long, for the attempt that will follow
    void (*wait) (void *arg, uint32_t attempt, uint64_t delay_ms);
    //  It is over: the place that is asked now, which may be another one.
    unsigned (*aim) (void *arg, unsigned place);
    int (*cancel) (void *arg, uint32_t attempt); //  attempt.cancel
    int (*fence) (void *arg, uint32_t attempt);  //  call.fence
    //  reply.error, the last word, under the number of the attempt
    int (*tell) (void *arg, uint32_t attempt, const router_failure_t *word);
    //  ROUTER_DELAYED when call.answered has not come for ROUTER_ANSWER_MS
    void (*watch) (void *arg);
    //  once; its usage is the sum of what the attempts have told
    void (*settle) (void *arg, const router_end_t *end);
} router_call_actions_t;

//  What comes with an event.
typedef struct _router_news_t {
    uint32_t attempt;                //  of what comes with one
    const router_failure_t *failure; //  of FAIL, BROKEN
    const router_end_t *end;         //  of DONE, BROKEN
    br_blob_t *state;                //  of BROKEN: what the next attempt needs; borrowed
    br_code_t code;                  //  of ANSWERED, CANCEL
} router_news_t;

typedef struct _router_call_t router_call_t;

//  in:   candidates, how many there are to try; actions, arg: borrowed
//  guarded: a guard stands on the way of answers, so that what the client has got is not
//  known before call.answered
//  "caller destroys"
router_call_t *router_call_new (unsigned candidates, bool guarded,
                                const router_call_actions_t *actions, void *arg);
void router_call_destroy (router_call_t **self_p);

//  Something happened. news may be NULL where nothing comes with the event. News of older
//  attempts, and events that mean nothing in this state, change nothing.
void router_call_handle (router_call_t *self, router_event_t event,
                         const router_news_t *news);

router_state_t router_call_state (const router_call_t *self);
uint32_t router_call_attempts (const router_call_t *self); //  count so far

#endif
