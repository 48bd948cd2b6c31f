//  quota: the local side of limits. The actor "limits" owns every level and lends parts of
//  it, leases; a shard takes from the lease at hand and asks for more when it is used up.
//  For actors that take: ingress (callers, models) and router (providers). Where there is no
//  owner, or it does not answer, calls go on unlimited: a limit never loses a call.

#ifndef BR_QUOTA_H
#define BR_QUOTA_H

#include "broker/core/actor.h"

#define QUOTA_KEYS_MAX 4096    //  that are known at the same time
#define QUOTA_TAKERS_MAX 16384 //  that wait at the same time
#define QUOTA_KEY_MAX 256      //  bytes of a key; what is behind them does not count
#define QUOTA_WAIT_MS 1000     //  a taker waits at most; then it goes on unlimited
#define QUOTA_TICK_MS 20       //  what is given back travels together for so long
#define QUOTA_IDLE_MS 1000     //  a lease that nobody takes from goes back
#define QUOTA_FRESH_MS 60000   //  "nothing limits it" counts for so long
#define QUOTA_UNSURE_MS 5000 //  behind quota_stale, and for as long as the next line then
#define QUOTA_UNSURE_FRESH_MS 1000
#define QUOTA_REFUSED_MS                                                                 \
    50 //  a refusal counts for so long at most, for who wants as much

//  A grant of so much or more says that this is not limited.
#define QUOTA_FREE ((uint64_t) 1 << 40)

typedef struct _quota_t quota_t;

typedef enum {
    QUOTA_CALLER,
    QUOTA_MODEL,
    QUOTA_PROVIDER,
    QUOTA_KIND_COUNT
} quota_kind_t;

const char *quota_kind_name (quota_kind_t kind); //  "caller"

typedef struct _quota_amount_t {
    uint64_t requests; //  count
    uint64_t tokens;   //  count
    uint64_t slots;    //  calls at the same time, count
} quota_amount_t;

//  Limits that a key has of its own: each counts instead of what the configuration says of
//  callers; 0 = the configuration's.
typedef struct _quota_own_t {
    uint64_t requests; //  a minute, count
    uint64_t tokens;   //  a minute, count
    uint64_t slots;    //  calls at the same time, count
} quota_own_t;

//  What a client may be told of a rate, as the owner saw it at its last grant.
typedef struct _quota_rate_t {
    uint64_t limit;     //  a minute; 0 = not limited
    uint64_t remaining; //  count
    uint64_t reset_ms;  //  until all are there again
} quota_rate_t;

typedef struct _quota_verdict_t {
    bool granted;
    bool limited;         //  a limit counts it: the rates are known, what is used beyond
                          //  `taken` is owed
    quota_amount_t taken; //  what quota_return may get back; 0 of what is not limited
    uint64_t owner;       //  who lent it, for quota_return; 0 = nobody
    uint64_t retry_ms;    //  refused: when to try again, at least 1
    const char *what;     //  refused: "requests", "tokens" or "concurrency"; else ""
    quota_rate_t requests;
    quota_rate_t tokens;
} quota_verdict_t;

//  verdict is borrowed, its texts too. It may call any function of the quota, but not
//  destroy it.
typedef void (quota_fn) (void *arg, const quota_verdict_t *verdict);

//  "caller destroys". ctx is borrowed. Takers that still wait are forgotten, unheard.
quota_t *quota_new (br_ctx_t *ctx);
void quota_destroy (quota_t **self_p);

//  Wants so much under a key: a caller's address or account, a model, PROVIDER/MODEL. own is
//  what a caller has of its own, NULL = nothing; the last one that was told of a key counts.
//  fn is called once: before this returns, when the lease at hand is enough, the key is not
//  limited, there is no owner, or too many wait; else at the owner's grant, or after
//  QUOTA_WAIT_MS. Takers of a key are served in their order.
//  ret:  0 when fn was called; else the number of the taker, for quota_leave
uint64_t quota_take (quota_t *self, quota_kind_t kind, const char *key,
                     const quota_own_t *own, const quota_amount_t *want, quota_fn *fn,
                     void *arg);

//  The taker's call has ended: its fn is not called any more. Other numbers are ignored, 0
//  too.
void quota_leave (quota_t *self, uint64_t taker);

//  Gives back what a verdict had `taken`: the slots when the call has ended; requests and
//  tokens that were not used. tokens_over: used beyond what was taken. owner: of the verdict;
//  what an owner has lent that is gone is nobody's, and is dropped.
void quota_return (quota_t *self, quota_kind_t kind, const char *key, uint64_t owner,
                   const quota_amount_t *back, uint64_t tokens_over);

//  The configuration is another one: what the owner said of limits is asked for anew. The
//  owner may hear of it a little later than we do: for QUOTA_UNSURE_MS its word counts for
//  QUOTA_UNSURE_FRESH_MS.
void quota_stale (quota_t *self);

//  The actor's handler of limit.grant.
void quota_on_grant (quota_t *self, const br_msg_t *msg);

size_t quota_size (const quota_t *self); //  takers that wait, count

#endif
