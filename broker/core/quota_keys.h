//  quota_keys: what a shard knows of each key of a limit: the lease at hand, who waits, and
//  what the owner said last. A bounded table; the quota alone includes it.

#ifndef BR_QUOTA_KEYS_H
#define BR_QUOTA_KEYS_H

#include "broker/core/quota.h"

typedef struct _quota_taker_t {
    struct _quota_taker_t *next; //  of the key
    struct _quota_taker_t *before;
    struct _quota_key_t *key;
    quota_amount_t want;
    quota_fn *fn;
    void *arg;
    uint64_t number;
    uint64_t since_us;
} quota_taker_t;

typedef struct _quota_key_t {
    struct _quota_key_t *chain; //  of one bucket of the table
    struct _quota_key_t *newer; //  in order of use
    struct _quota_key_t *older;
    struct _quota_key_t *next_busy;
    uint64_t hash;
    size_t index; //  place in the table
    quota_kind_t kind;
    char *name;          //  owned
    uint64_t born;       //  number of the last question when it was made
    quota_own_t own;     //  the limits that it has of its own
    uint64_t changed;    //  number of the last question when these became others
    uint64_t owner;      //  which owner the rest is of
    quota_amount_t hand; //  the lease: what may be taken; QUOTA_FREE or more: anything
    uint64_t out;        //  slots that calls hold, count
    uint64_t spare; //  slots at hand that nobody has wanted since the last tick, count
    uint64_t over;  //  tokens used beyond what was taken, to be told
    bool told;      //  the owner has said what limits it
    bool limited;
    uint64_t told_us;
    uint64_t used_us;
    quota_rate_t requests; //  as told
    quota_rate_t tokens;
    bool asked; //  the last question has no answer
    uint64_t asked_us;
    uint64_t ticket;          //  of the last question
    quota_amount_t asked_for; //  at least
    uint64_t refused_us;      //  when that was refused; 0 = it was not
    uint64_t retry_us;        //  when it may be asked again
    const char *what;         //  refused it
    quota_taker_t *first;     //  who waits, the one that waits longest first
    quota_taker_t *last;
    unsigned pins; //  the quota is at work on it
    bool busy;     //  the tick looks at it
} quota_key_t;

typedef struct _quota_keys_t quota_keys_t;

quota_keys_t *quota_keys_new (void); //  "caller destroys"

//  Takers must have left.
void quota_keys_destroy (quota_keys_t **self_p);

//  The key, or NULL. Keys are "owned by self, until quota_keys_forget".
quota_key_t *quota_keys_find (const quota_keys_t *self, quota_kind_t kind,
                              const char *name);

//  Adds one that is not there, as the one that was used last. NULL when the table is full.
quota_key_t *quota_keys_add (quota_keys_t *self, quota_kind_t kind, const char *name);

//  It was used now.
void quota_keys_use (quota_keys_t *self, quota_key_t *key, uint64_t now_us);

//  The one that was used longest ago, or NULL; then its `newer`, and so on.
quota_key_t *quota_keys_oldest (const quota_keys_t *self);

//  By place, 0 <= index < QUOTA_KEYS_MAX; NULL when the place is free.
quota_key_t *quota_keys_at (const quota_keys_t *self, size_t index);

void quota_keys_forget (quota_keys_t *self, quota_key_t *key);

size_t quota_keys_size (const quota_keys_t *self); //  count

//  ---- who waits

void quota_key_join (quota_key_t *self, quota_taker_t *taker); //  behind all others
void quota_key_part (quota_taker_t *taker);                    //  from wherever it stands

//  ---- arithmetic of a lease

//  What is missing at hand for so much; all 0 when it is enough.
quota_amount_t quota_key_lacks (const quota_key_t *self, const quota_amount_t *want);
bool quota_amount_is_none (const quota_amount_t *amount);

//  Takes what is there. Returns what may be given back: nothing of what is not limited.
quota_amount_t quota_key_take (quota_key_t *self, const quota_amount_t *want);

//  More of the owner's. QUOTA_FREE says that it is not limited, less that it is.
void quota_key_grant (quota_key_t *self, const quota_amount_t *amount);

//  What a call has not used, and its slots; no more of them than calls hold.
void quota_key_put (quota_key_t *self, const quota_amount_t *amount);

//  What the owner said of limits is too old to count.
void quota_key_stale (quota_key_t *self);

//  The limits of its own are these. What the owner said of others does not count; number is
//  that of the last question.
void quota_key_own (quota_key_t *self, const quota_own_t *own, uint64_t number);

//  An amount of another owner's is worth nothing.
void quota_key_renew (quota_key_t *self, uint64_t owner);

#endif
