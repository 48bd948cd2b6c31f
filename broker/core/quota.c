//  quota: the local side of limits.
//
//  A taker is served from the lease at hand, or waits until the owner's grant. One question
//  for a key is under way at a time, for what the first taker lacks; the owner grants a
//  block, which serves those behind it too. What comes back goes to the lease first, and
//  with the tick, or when nobody has taken for a while, to the owner.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/call_map.h"
#include "broker/core/quota_keys.h"

#define OWNER "limits"
#define LOG_EACH 1000  //  calls that go on unlimited for one line of log
#define EVICT_LOOKS 16 //  keys that are looked at to make room for another

static const br_id_t s_none = { 0, 0 }; //  what is said is of no call

struct _quota_t {
    br_ctx_t *ctx;
    quota_keys_t *keys;
    br_call_map_t *takers; //  by number
    quota_key_t *busy;     //  that the tick looks at
    br_timer_t tick;
    br_timer_t sweep;
    br_addr_t owner;    //  as it was last
    uint64_t owners;    //  so far, count
    bool silent;        //  the owner did not answer the last question
    uint64_t unsure_us; //  what the owner said before then may be of an old configuration
    uint64_t taker;     //  number of the last one
    uint64_t ticket;    //  number of the last question
    uint64_t passed;    //  calls that went on unlimited for want of room, count
};

const char *
quota_kind_name (quota_kind_t kind)
{
    static const char *const names[] = { "caller", "model", "provider" };
    return kind < QUOTA_KIND_COUNT ? names[kind] : "?";
}

static uint64_t
s_now_us (const quota_t *self)
{
    return br_ctx_now_us (self->ctx);
}

quota_t *
quota_new (br_ctx_t *ctx)
{
    quota_t *self = BR_NEW (quota_t);
    self->ctx = ctx;
    self->keys = quota_keys_new ();
    self->takers = br_call_map_new (QUOTA_TAKERS_MAX);
    return self;
}

static br_id_t
s_id (uint64_t number)
{
    return (br_id_t) { .hi = 1, .lo = number };
}

static void
s_forget_taker (quota_t *self, quota_taker_t *taker)
{
    quota_key_part (taker);
    br_call_map_take (self->takers, s_id (taker->number));
    free (taker);
}

void
quota_destroy (quota_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    quota_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->tick);
    br_timer_cancel (br_ctx_loop (self->ctx), &self->sweep);
    for (size_t i = 0; i < QUOTA_KEYS_MAX; i++) {
        quota_key_t *key = quota_keys_at (self->keys, i);
        while (key && key->first)
            s_forget_taker (self, key->first);
    }
    quota_keys_destroy (&self->keys);
    br_call_map_destroy (&self->takers);
    free (self);
    *self_p = NULL;
}

//  ---- verdicts

static quota_rate_t
s_rate (const quota_key_t *key, const quota_rate_t *told, uint64_t hand, uint64_t now_us)
{
    quota_rate_t rate = *told;
    if (!rate.limit)
        return rate;
    uint64_t passed_ms = (now_us - key->told_us) / 1000;
    if (hand < QUOTA_FREE)
        rate.remaining += hand;
    if (rate.remaining > rate.limit)
        rate.remaining = rate.limit;
    rate.reset_ms = rate.reset_ms > passed_ms ? rate.reset_ms - passed_ms : 0;
    return rate;
}

static void
s_fill_rates (const quota_key_t *key, quota_verdict_t *verdict, uint64_t now_us)
{
    verdict->limited = true;
    verdict->requests = s_rate (key, &key->requests, key->hand.requests, now_us);
    verdict->tokens = s_rate (key, &key->tokens, key->hand.tokens, now_us);
}

static void
s_pass (quota_fn *fn, void *arg)
{
    quota_verdict_t verdict = { .granted = true, .what = "" };
    fn (arg, &verdict);
}

static void
s_serve (quota_t *self, quota_key_t *key, const quota_amount_t *want, quota_fn *fn,
         void *arg)
{
    quota_verdict_t verdict = { .granted = true, .what = "" };
    verdict.taken = quota_key_take (key, want);
    verdict.owner = key->owner;
    s_fill_rates (key, &verdict, s_now_us (self));
    fn (arg, &verdict);
}

static void
s_refuse (quota_t *self, quota_key_t *key, quota_fn *fn, void *arg)
{
    uint64_t now_us = s_now_us (self);
    quota_verdict_t verdict = { .what = key->what };
    s_fill_rates (key, &verdict, now_us);
    uint64_t retry_us = key->retry_us > now_us ? key->retry_us - now_us : 0;
    verdict.retry_ms = retry_us > 1000 ? (retry_us + 999) / 1000 : 1;
    fn (arg, &verdict);
}

//  Takes the first of those that wait off its key.
static void
s_pop (quota_t *self, quota_key_t *key, quota_taker_t *ret_taker)
{
    *ret_taker = *key->first;
    s_forget_taker (self, key->first);
}

static void
s_pass_all (quota_t *self, quota_key_t *key)
{
    quota_taker_t taker;
    while (key->first) {
        s_pop (self, key, &taker);
        s_pass (taker.fn, taker.arg);
    }
}

//  ---- the owner

//  What an owner that is gone has lent is nobody's.
static bool
s_has_owner (quota_t *self)
{
    br_addr_t owner = br_ctx_find (self->ctx, OWNER);
    if (!br_addr_is_set (owner))
        return false;
    if (br_addr_is (owner, self->owner))
        return true;
    self->owner = owner;
    self->owners++;
    self->silent = false;
    return true;
}

static bool
s_is_asked (const quota_key_t *key, uint64_t now_us)
{
    return key->asked && now_us - key->asked_us < QUOTA_WAIT_MS * 1000u;
}

//  0, or -1 when the owner cannot be reached.
static int
s_ask (quota_t *self, quota_key_t *key, const quota_amount_t *want)
{
    key->asked_for = quota_key_lacks (key, want);
    key->ticket = ++self->ticket * QUOTA_KEYS_MAX + key->index;
    struct br_limit_ask ask = { .ticket = key->ticket };
    ask.kind = quota_kind_name (key->kind);
    ask.key = key->name;
    ask.requests = key->asked_for.requests;
    ask.tokens = key->asked_for.tokens;
    ask.slots = key->asked_for.slots;
    ask.own_requests = key->own.requests;
    ask.own_tokens = key->own.tokens;
    ask.own_slots = key->own.slots;
    key->asked_us = s_now_us (self);
    key->asked = br_ctx_send (self->ctx, self->owner, BR_LIMIT_ASK, s_none, 0, &ask, NULL)
                 == 0;
    return key->asked ? 0 : -1;
}

static int
s_give_back (quota_t *self, const quota_key_t *key, const quota_amount_t *amount,
             uint64_t over)
{
    struct br_limit_return back = { .kind = quota_kind_name (key->kind) };
    back.key = key->name;
    back.requests = amount->requests;
    back.tokens = amount->tokens;
    back.slots = amount->slots;
    back.tokens_over = over;
    return br_ctx_send (self->ctx, self->owner, BR_LIMIT_RETURN, s_none, 0, &back, NULL);
}

//  ---- the tick

static bool
s_has_slots (const quota_key_t *key)
{
    return key->hand.slots && key->hand.slots < QUOTA_FREE;
}

//  Slots that nobody wanted for a tick, and tokens that were used beyond the grant. What
//  cannot be sent stays for the next tick.
static void
s_tell_back (quota_t *self, quota_key_t *key)
{
    quota_amount_t back = { .slots = s_has_slots (key) ? key->spare : 0 };
    if ((back.slots || key->over) && s_give_back (self, key, &back, key->over) == 0) {
        key->hand.slots -= back.slots;
        key->over = 0;
    }
    key->spare = s_has_slots (key) ? key->hand.slots : 0;
}

static bool
s_is_late (const quota_t *self, uint64_t since_us)
{
    return s_now_us (self) - since_us >= (QUOTA_WAIT_MS - QUOTA_TICK_MS) * 1000u;
}

//  The owner is silent: those who wait go on, and the next ones do not wait at all. So does
//  one who has waited too long behind others.
static void
s_let_late_pass (quota_t *self, quota_key_t *key)
{
    quota_taker_t taker;
    if (key->asked && s_is_late (self, key->asked_us)) {
        if (!self->silent && key->first)
            br_ctx_log (self->ctx, BR_LOG_WARN,
                        "the owner of limits does not answer: calls go on unlimited");
        self->silent = true;
        key->asked = false;
        s_pass_all (self, key);
    }
    while (key->first && s_is_late (self, key->first->since_us)) {
        s_pop (self, key, &taker);
        s_pass (taker.fn, taker.arg);
    }
}

static void
s_look (quota_t *self, quota_key_t *key)
{
    if (!s_has_owner (self)) {
        s_pass_all (self, key);
        return;
    }
    quota_key_renew (key, self->owners);
    s_let_late_pass (self, key);
    s_tell_back (self, key);
    if (key->first && !s_is_asked (key, s_now_us (self))
        && s_ask (self, key, &key->first->want))
        s_pass_all (self, key);
}

static void s_tick (void *arg);

static void
s_mark_busy (quota_t *self, quota_key_t *key)
{
    if (key->busy)
        return;
    key->busy = true;
    key->next_busy = self->busy;
    self->busy = key;
    if (!br_timer_is_set (&self->tick))
        br_timer_set (br_ctx_loop (self->ctx), &self->tick, QUOTA_TICK_MS, s_tick, self);
}

static void
s_tick (void *arg)
{
    quota_t *self = arg;
    quota_key_t *key = self->busy;
    self->busy = NULL;
    while (key) {
        quota_key_t *next = key->next_busy;
        key->pins++;
        key->busy = false;
        s_look (self, key);
        key->pins--;
        if (key->first || s_has_slots (key) || key->over)
            s_mark_busy (self, key);
        key = next;
    }
}

//  ---- what the owner has said

static void
s_age (const quota_t *self, quota_key_t *key)
{
    uint64_t fresh_ms = key->told_us < self->unsure_us ? QUOTA_UNSURE_FRESH_MS
                                                       : QUOTA_FRESH_MS;
    if (key->told && s_now_us (self) - key->told_us >= fresh_ms * 1000)
        quota_key_stale (key);
}

void
quota_stale (quota_t *self)
{
    self->unsure_us = s_now_us (self) + QUOTA_UNSURE_MS * 1000u;
    for (size_t i = 0; i < QUOTA_KEYS_MAX; i++) {
        quota_key_t *key = quota_keys_at (self->keys, i);
        if (key)
            quota_key_stale (key);
    }
}

//  ---- the sweep: leases that nobody takes from go back, keys that are idle are forgotten

static void
s_give_rest (quota_t *self, quota_key_t *key)
{
    quota_amount_t rest = { .requests = key->hand.requests, .tokens = key->hand.tokens };
    if (rest.requests >= QUOTA_FREE)
        rest.requests = 0;
    if (rest.tokens >= QUOTA_FREE)
        rest.tokens = 0;
    if (quota_amount_is_none (&rest) || key->owner != self->owners)
        return;
    (void) s_give_back (self, key, &rest, 0); //  a loss costs a minute at most
    key->hand.requests -= rest.requests;
    key->hand.tokens -= rest.tokens;
}

static bool
s_is_idle (const quota_key_t *key, uint64_t now_us)
{
    return !key->first && !key->pins && !key->busy && !key->out
           && !s_is_asked (key, now_us);
}

static void
s_sweep (void *arg)
{
    quota_t *self = arg;
    uint64_t now_us = s_now_us (self);
    bool has_owner = s_has_owner (self);
    for (size_t i = 0; i < QUOTA_KEYS_MAX; i++) {
        quota_key_t *key = quota_keys_at (self->keys, i);
        if (!key)
            continue;
        if (has_owner && now_us - key->used_us >= QUOTA_IDLE_MS * 1000u)
            s_give_rest (self, key);
        s_age (self, key);
        if (s_is_idle (key, now_us) && now_us - key->used_us >= QUOTA_FRESH_MS * 1000ull)
            quota_keys_forget (self->keys, key);
    }
    if (quota_keys_size (self->keys))
        br_timer_set (br_ctx_loop (self->ctx), &self->sweep, QUOTA_IDLE_MS, s_sweep,
                      self);
}

//  ---- taking

static void
s_make_room (quota_t *self)
{
    quota_key_t *key = quota_keys_oldest (self->keys);
    for (int i = 0; key && i < EVICT_LOOKS; i++) {
        if (s_is_idle (key, s_now_us (self))) {
            s_give_rest (self, key);
            quota_keys_forget (self->keys, key);
            return;
        }
        key = key->newer;
    }
}

//  NULL when there is no room for it.
static quota_key_t *
s_key (quota_t *self, quota_kind_t kind, const char *name)
{
    quota_key_t *key = quota_keys_find (self->keys, kind, name);
    if (!key) {
        if (quota_keys_size (self->keys) == QUOTA_KEYS_MAX)
            s_make_room (self);
        key = quota_keys_add (self->keys, kind, name);
        if (!key)
            return NULL;
        key->born = self->ticket;
    }
    quota_key_renew (key, self->owners);
    s_age (self, key);
    quota_keys_use (self->keys, key, s_now_us (self));
    if (!br_timer_is_set (&self->sweep))
        br_timer_set (br_ctx_loop (self->ctx), &self->sweep, QUOTA_IDLE_MS, s_sweep,
                      self);
    return key;
}

//  For want of room.
static void
s_pass_by (quota_t *self, quota_fn *fn, void *arg)
{
    if (self->passed++ % LOG_EACH == 0)
        br_ctx_log (self->ctx, BR_LOG_WARN,
                    "too many keys or calls wait for the owner of limits: a call goes on "
                    "unlimited, %llu so far",
                    (unsigned long long) self->passed);
    s_pass (fn, arg);
}

//  How much of that is lacking of which the owner had not enough.
static uint64_t
s_part (const quota_amount_t *amount, const char *what)
{
    if (strcmp (what, "tokens") == 0)
        return amount->tokens;
    return strcmp (what, "concurrency") == 0 ? amount->slots : amount->requests;
}

//  Whether the last refusal is the answer for this one too.
static bool
s_is_refused (const quota_key_t *key, const quota_amount_t *want, uint64_t now_us)
{
    if (!key->refused_us || now_us - key->refused_us >= QUOTA_REFUSED_MS * 1000u
        || now_us >= key->retry_us)
        return false;
    quota_amount_t lacks = quota_key_lacks (key, want);
    return s_part (&lacks, key->what) >= s_part (&key->asked_for, key->what);
}

//  The one that waits, or NULL when it was let pass.
static quota_taker_t *
s_wait (quota_t *self, quota_key_t *key, const quota_amount_t *want, quota_fn *fn,
        void *arg)
{
    quota_taker_t *taker = BR_NEW (quota_taker_t);
    taker->want = *want;
    taker->fn = fn;
    taker->arg = arg;
    taker->number = ++self->taker;
    taker->since_us = s_now_us (self);
    br_call_map_put (self->takers, s_id (taker->number), taker);
    quota_key_join (key, taker);
    if (key->asked || s_ask (self, key, want) == 0) {
        s_mark_busy (self, key);
        return taker;
    }
    s_forget_taker (self, taker);
    s_pass (fn, arg);
    return NULL;
}

//  An owner that is silent is asked now and then whether it is back.
static void
s_try_owner (quota_t *self, quota_key_t *key, const quota_amount_t *want)
{
    if (!s_is_asked (key, s_now_us (self)))
        (void) s_ask (self, key, want);
}

//  What can be said without a wait. False when it must wait.
static bool
s_decide (quota_t *self, quota_key_t *key, const quota_amount_t *want, quota_fn *fn,
          void *arg)
{
    quota_amount_t lacks = quota_key_lacks (key, want);
    if (key->told && !key->limited)
        s_pass (fn, arg);
    else if (!key->first && quota_amount_is_none (&lacks))
        s_serve (self, key, want, fn, arg);
    else if (!key->first && s_is_refused (key, want, s_now_us (self)))
        s_refuse (self, key, fn, arg);
    else if (self->silent) {
        s_try_owner (self, key, want);
        s_pass (fn, arg);
    } else if (br_call_map_size (self->takers) == QUOTA_TAKERS_MAX)
        s_pass_by (self, fn, arg);
    else
        return false;
    return true;
}

uint64_t
quota_take (quota_t *self, quota_kind_t kind, const char *key, const quota_own_t *own,
            const quota_amount_t *want, quota_fn *fn, void *arg)
{
    static const quota_own_t nothing = { .requests = 0 };
    if (!s_has_owner (self)) {
        s_pass (fn, arg);
        return 0;
    }
    quota_key_t *row = s_key (self, kind, key);
    if (!row) {
        s_pass_by (self, fn, arg);
        return 0;
    }
    quota_key_own (row, own ? own : &nothing, self->ticket);
    if (s_decide (self, row, want, fn, arg))
        return 0;
    const quota_taker_t *taker = s_wait (self, row, want, fn, arg);
    return taker ? taker->number : 0;
}

void
quota_leave (quota_t *self, uint64_t taker)
{
    quota_taker_t *found = br_call_map_get (self->takers, s_id (taker));
    if (found)
        s_forget_taker (self, found);
}

void
quota_return (quota_t *self, quota_kind_t kind, const char *key, uint64_t owner,
              const quota_amount_t *back, uint64_t tokens_over)
{
    quota_key_t *row = quota_keys_find (self->keys, kind, key);
    if (!row || row->owner != self->owners || owner != self->owners)
        return;
    bool had_slots = s_has_slots (row);
    quota_key_put (row, back);
    if (!had_slots)
        row->spare = 0;
    if (row->hand.tokens < QUOTA_FREE)
        row->over += tokens_over;
    if (s_has_slots (row) || row->over)
        s_mark_busy (self, row);
}

//  ---- grants

//  Serves or refuses those that wait, as far as what is known goes.
static void
s_serve_all (quota_t *self, quota_key_t *key)
{
    quota_taker_t taker;
    while (key->first) {
        quota_amount_t lacks = quota_key_lacks (key, &key->first->want);
        bool is_enough = quota_amount_is_none (&lacks);
        if (!is_enough && key->limited
            && !s_is_refused (key, &key->first->want, s_now_us (self)))
            return;
        s_pop (self, key, &taker);
        if (!key->limited)
            s_pass (taker.fn, taker.arg);
        else if (is_enough)
            s_serve (self, key, &taker.want, taker.fn, taker.arg);
        else
            s_refuse (self, key, taker.fn, taker.arg);
    }
}

static void
s_note_rates (quota_key_t *key, const struct br_limit_grant *grant, uint64_t now_us)
{
    key->told = true;
    key->told_us = now_us;
    key->limited = grant->limited != 0;
    key->requests.limit = grant->limit_requests;
    key->requests.remaining = grant->remaining_requests;
    key->requests.reset_ms = grant->reset_requests_ms;
    key->tokens.limit = grant->limit_tokens;
    key->tokens.remaining = grant->remaining_tokens;
    key->tokens.reset_ms = grant->reset_tokens_ms;
}

static const char *
s_what (const char *what)
{
    static const char *const known[] = { "requests", "tokens", "concurrency" };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp (known[i], what) == 0)
            return known[i];
    return "";
}

static void
s_note_grant (quota_key_t *key, const struct br_limit_grant *grant, uint64_t now_us)
{
    bool is_last = grant->ticket == key->ticket;
    quota_amount_t amount = { .requests = grant->requests, .tokens = grant->tokens };
    amount.slots = grant->slots;
    s_note_rates (key, grant, now_us);
    if (is_last)
        key->asked = false;
    if (!*grant->what) {
        quota_key_grant (key, &amount);
        key->refused_us = 0;
    } else if (is_last) {
        key->what = s_what (grant->what);
        key->refused_us = now_us;
        key->retry_us = now_us + (grant->retry_ms ? grant->retry_ms : 1) * 1000;
    }
}

//  An answer to a question that told of other limits of the key's own: what was lent is, but
//  it says nothing of what limits the key now.
static void
s_doubt (quota_key_t *key, uint64_t ticket)
{
    if (ticket / QUOTA_KEYS_MAX > key->changed)
        return;
    quota_key_stale (key);
    key->limited = true;
    key->refused_us = 0;
}

//  The key that a question was for, if it is still the same one.
static quota_key_t *
s_asked_key (const quota_t *self, uint64_t ticket)
{
    quota_key_t *key = quota_keys_at (self->keys, ticket % QUOTA_KEYS_MAX);
    bool is_it = key && ticket / QUOTA_KEYS_MAX > key->born && key->owner == self->owners;
    return is_it ? key : NULL;
}

void
quota_on_grant (quota_t *self, const br_msg_t *msg)
{
    const struct br_limit_grant *grant = br_msg_fields (msg);
    if (!br_addr_is (msg->from, self->owner))
        return;
    self->silent = false;
    quota_key_t *key = s_asked_key (self, grant->ticket);
    if (!key)
        return;
    s_note_grant (key, grant, s_now_us (self));
    s_doubt (key, grant->ticket);
    key->pins++;
    s_serve_all (self, key);
    if (key->first && !key->asked && s_ask (self, key, &key->first->want))
        s_pass_all (self, key);
    key->pins--;
    if (s_has_slots (key))
        s_mark_busy (self, key);
}

size_t
quota_size (const quota_t *self)
{
    return br_call_map_size (self->takers);
}
