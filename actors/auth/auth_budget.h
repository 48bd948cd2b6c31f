//  auth_budget: one budget: what is spent of it, what calls under way hold of it, and who
//  waits. A call is granted, waits, or is refused; what that means for others is decided here,
//  what it means in messages is not. Of several credentials that share a budget each has its
//  own limit.

#ifndef BR_AUTH_BUDGET_H
#define BR_AUTH_BUDGET_H

#include "broker/core/msg.h"
#include "actors/auth/auth_spend.h"

//  What a call may spend at the worst, and under which limit.
typedef struct _auth_want_t {
    uint64_t limit_nusd;
    uint64_t limit_rounds;  //  calls that may end well; used where the budget counts them
    uint64_t fixed_nusd;    //  the input
    uint64_t output_rate;   //  nano-USD per million tokens
    uint64_t output_tokens; //  that it wants, count
    uint64_t output_least;  //  that it can do with, count
} auth_want_t;

typedef struct _auth_budget_t auth_budget_t;

typedef enum {
    AUTH_CALL_NEW,
    AUTH_CALL_WAITS,
    AUTH_CALL_HOLDS
} auth_call_state_t;

//  A call that waits, or holds something.
typedef struct _auth_call_t {
    struct _auth_call_t *next; //  of those that wait
    struct _auth_call_t *prev;
    auth_budget_t *budget;
    br_id_t id;
    br_addr_t from;   //  who asked
    uint32_t attempt; //  of the question, for the answer
    char *account;    //  owned
    char *key;        //  owned
    auth_call_state_t state;
    uint64_t since_ms; //  when it came
    uint64_t
        due_ms; //  it waits no longer, or holds no longer; 0 = it holds until the end
    uint64_t held_nusd;
    uint64_t tokens; //  of output that it may make, count
    auth_want_t want;
} auth_call_t;

struct _auth_budget_t {
    auth_budget_t *chain; //  of one bucket of the table
    auth_budget_t *newer; //  in order of use
    auth_budget_t *older;
    uint64_t hash;
    br_budget_scope_t scope;
    br_budget_range_t range;
    uint64_t extent;       //  seconds of a duration; else 0
    char *owner;           //  a credential's id or an account; owned
    char *account;         //  whose; owned
    uint64_t issued_s;     //  of the credential, where it is the owner's
    uint64_t limit_nusd;   //  that was asked with last
    uint64_t limit_rounds; //  likewise; 0 where it counts none
    uint64_t used_ms;      //  when it was asked last
    uint64_t ticket;       //  of the question under way; 0 = none
    uint64_t event_ms;     //  when an event told of it; 0 = none did
    auth_spend_t spend;
    uint64_t held_nusd;
    size_t held_count; //  calls
    //  What calls hold of the owner's other budgets, over other ranges: they will be spent of
    //  this one too. As auth_budgets_look_beside has found it.
    uint64_t beside_nusd;
    size_t beside_count;
    auth_call_t *first; //  that waits
    auth_call_t *last;
    size_t waiting; //  calls
};

typedef enum {
    AUTH_FITS,
    AUTH_WAITS, //  it would fit if what is held came back, or nobody knows yet
    AUTH_NEVER
} auth_verdict_t;

//  What so many tokens of output cost at the worst, with the input; nano-USD.
uint64_t auth_want_nusd (const auth_want_t *want, uint64_t tokens);

//  out:  *ret_tokens of output that there is room for; set when it fits
auth_verdict_t auth_budget_judge (auth_budget_t *self, const auth_want_t *want,
                                  uint64_t now_ms, uint64_t *ret_tokens);

//  The call neither waits nor holds yet.
void auth_budget_hold (auth_budget_t *self, auth_call_t *call, uint64_t nusd);
void auth_budget_queue (auth_budget_t *self, auth_call_t *call);

//  It waits no more, and holds nothing.
void auth_budget_leave (auth_budget_t *self, auth_call_t *call);

//  What is left under a limit beside all that is held; nano-USD.
uint64_t auth_budget_left (auth_budget_t *self, uint64_t limit_nusd, uint64_t now_ms);

//  Milliseconds until there is room for the least that a call can do with; 0 = never.
uint64_t auth_budget_reset_ms (auth_budget_t *self, const auth_want_t *want,
                               uint64_t now_ms);

//  Nobody waits, nothing is held and nothing asked: it may be forgotten.
bool auth_budget_is_idle (const auth_budget_t *self);

const char *auth_budget_scope_name (br_budget_scope_t scope); //  "session"
const char *auth_budget_range_name (br_budget_range_t range); //  "rounds"

#endif
