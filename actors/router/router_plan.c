//  router_plan: what follows when an attempt has failed.

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/router/router_plan.h"

typedef struct {
    bool asked;             //  at least once
    bool doubtful;          //  its host could not be reached with another key
    uint64_t tries;         //  that the provider answered badly, or not at all; count
    uint64_t not_before_ms; //  the provider said so
    bool out;               //  never again for this call
} target_t;

struct _router_plan_t {
    router_retry_t retry;
    const br_candidate_t *rows; //  borrowed
    unsigned count;
    uint64_t random;
    uint64_t attempts; //  that failed, count
    unsigned pauses;   //  back-offs so far
    bool was_gone;     //  the newest failure is that of a host of our own
    target_t targets[];
};

router_plan_t *
router_plan_new (const router_retry_t *retry, const br_candidate_t *rows, size_t count,
                 uint64_t seed)
{
    router_plan_t *self = br_alloc (1,
                                    sizeof (router_plan_t) + count * sizeof (target_t));
    self->retry = *retry;
    self->rows = rows;
    self->count = (unsigned) count;
    self->random = seed;
    return self;
}

void
router_plan_destroy (router_plan_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free (*self_p);
    *self_p = NULL;
}

//  ---- what a failure says of all candidates

//  Whether what a failure of one candidate tells holds for another: a key without money is
//  of no use for any model, an unknown model is so with every key of that kind of row, and
//  a limit of our own is one of provider and model.
static bool
s_is_alike (const br_candidate_t *a, const br_candidate_t *b, br_failure_t failure)
{
    bool same_model = strcmp (a->model, b->model) == 0;
    if (strcmp (a->provider, b->provider) != 0)
        return false;
    if (failure == BR_FAILURE_LIMITED)
        return same_model;
    if (strcmp (a->endpoint, b->endpoint) != 0)
        return false;
    br_mark_t mark = br_failure_mark (failure);
    bool any_model = mark == BR_MARK_KEY || mark == BR_MARK_COUNT;
    return any_model || same_model;
}

//  Keys of one provider mostly go to one host.
static bool
s_is_of_the_host (br_failure_t failure)
{
    return failure == BR_FAILURE_DNS || failure == BR_FAILURE_CONNECT
           || failure == BR_FAILURE_TLS;
}

//  A window is larger when it is known to be, or when only the small one is known.
static bool
s_is_larger (const br_candidate_t *row, const br_candidate_t *than)
{
    return row->context > than->context || (!row->context && than->context);
}

static void
s_mark (router_plan_t *self, const router_lost_t *lost, uint64_t now_ms)
{
    const br_candidate_t *failed = &self->rows[lost->place];
    br_after_t after = br_failure_after (lost->failure);
    for (unsigned i = 0; i < self->count; i++) {
        target_t *target = &self->targets[i];
        bool alike = s_is_alike (failed, &self->rows[i], lost->failure);
        if (after == BR_AFTER_OTHER && alike)
            target->out = true;
        if (s_is_of_the_host (lost->failure)
            && strcmp (failed->provider, self->rows[i].provider) == 0)
            target->doubtful = true;
        if (after == BR_AFTER_LARGER && !s_is_larger (&self->rows[i], failed))
            target->out = true;
        uint64_t until_ms = now_ms + lost->retry_after_ms;
        if (alike && lost->retry_after_ms && until_ms > target->not_before_ms)
            target->not_before_ms = until_ms;
    }
}

//  ---- who is next

static bool
s_is_open (const router_moment_t *moment, unsigned place)
{
    return moment->open >> place & 1;
}

static uint64_t
s_wait_ms (const target_t *target, uint64_t now_ms)
{
    return target->not_before_ms > now_ms ? target->not_before_ms - now_ms : 0;
}

static bool
s_is_fresh (const router_plan_t *self, unsigned place, const router_moment_t *moment)
{
    const target_t *target = &self->targets[place];
    return !target->out && !target->asked && !s_wait_ms (target, moment->now_ms);
}

//  The first one that was not asked yet: those in use and reachable, as far as is known,
//  before the others; count when there is none.
static unsigned
s_fresh (const router_plan_t *self, const router_moment_t *moment)
{
    unsigned best = self->count;
    unsigned least = UINT_MAX;
    for (unsigned i = 0; i < self->count; i++) {
        unsigned faults = (s_is_open (moment, i) ? 2 : 0) + self->targets[i].doubtful;
        if (!s_is_fresh (self, i, moment) || faults >= least)
            continue;
        best = i;
        least = faults;
    }
    return best;
}

//  Whether all that were not asked yet can be, behind one more attempt.
static bool
s_has_spare_attempt (const router_plan_t *self, const router_moment_t *moment)
{
    uint64_t fresh = 0;
    for (unsigned i = 0; i < self->count; i++)
        fresh += s_is_fresh (self, i, moment);
    return self->attempts + fresh < self->retry.attempts_max;
}

//  Whether it may be asked again, in time.
static bool
s_may_follow (const router_plan_t *self, unsigned place, const router_moment_t *moment)
{
    const target_t *target = &self->targets[place];
    uint64_t wait_ms = s_wait_ms (target, moment->now_ms);
    bool in_time = !moment->is_bounded || wait_ms < moment->left_ms;
    return !target->out && target->tries <= self->retry.retries
           && wait_ms <= self->retry.retry_after_max_ms && in_time;
}

//  Who is ready first, then in use before out of use, then who was asked least.
static bool
s_is_before (const router_plan_t *self, unsigned a, unsigned b,
             const router_moment_t *moment)
{
    const target_t *target_a = &self->targets[a];
    const target_t *target_b = &self->targets[b];
    uint64_t wait_a = s_wait_ms (target_a, moment->now_ms);
    uint64_t wait_b = s_wait_ms (target_b, moment->now_ms);
    if (wait_a != wait_b)
        return wait_a < wait_b;
    if (s_is_open (moment, a) != s_is_open (moment, b))
        return s_is_open (moment, b);
    return target_a->tries < target_b->tries;
}

static unsigned
s_again (const router_plan_t *self, const router_moment_t *moment)
{
    unsigned best = self->count;
    for (unsigned i = 0; i < self->count; i++)
        if (s_may_follow (self, i, moment)
            && (best == self->count || s_is_before (self, i, best, moment)))
            best = i;
    return best;
}

//  ---- back-off

//  splitmix64
static uint64_t
s_random (router_plan_t *self)
{
    uint64_t z = self->random += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

//  Full jitter. It leaves half of the client's time to the attempt behind it. A host of our
//  own that is gone is on its way back: less than half of the time is no use then.
static uint64_t
s_pause_ms (router_plan_t *self, const router_moment_t *moment)
{
    uint64_t most_ms = self->retry.base_ms;
    for (unsigned i = 0; i < self->pauses && most_ms < self->retry.max_ms; i++)
        most_ms *= 2;
    if (most_ms > self->retry.max_ms)
        most_ms = self->retry.max_ms;
    if (moment->is_bounded && most_ms > moment->left_ms / 2)
        most_ms = moment->left_ms / 2;
    self->pauses++;
    uint64_t least_ms = self->was_gone ? most_ms / 2 : 0;
    return least_ms + s_random (self) % (most_ms - least_ms + 1);
}

static bool
s_wait_for (router_plan_t *self, unsigned place, const router_moment_t *moment,
            router_step_t *ret_step)
{
    uint64_t pause_ms = s_pause_ms (self, moment);
    uint64_t wait_ms = s_wait_ms (&self->targets[place], moment->now_ms);
    *ret_step = (router_step_t) { place, wait_ms > pause_ms ? wait_ms : pause_ms };
    return true;
}

bool
router_plan_next (router_plan_t *self, const router_lost_t *lost,
                  const router_moment_t *moment, router_step_t *ret_step)
{
    br_after_t after = br_failure_after (lost->failure);
    self->was_gone = lost->failure == BR_FAILURE_GONE;
    self->targets[lost->place].asked = true;
    if (!self->was_gone)
        self->targets[lost->place].tries++;
    //  nobody was asked where a limit of our own refused
    self->attempts += lost->failure != BR_FAILURE_LIMITED;
    if (after == BR_AFTER_STOP || self->attempts >= self->retry.attempts_max)
        return false;
    s_mark (self, lost, moment->now_ms);
    if (after == BR_AFTER_AGAIN && !lost->retry_after_ms
        && !s_is_open (moment, lost->place) && s_has_spare_attempt (self, moment)
        && s_may_follow (self, lost->place, moment))
        return s_wait_for (self, lost->place, moment, ret_step);
    unsigned fresh = s_fresh (self, moment);
    if (fresh < self->count) {
        *ret_step = (router_step_t) { .place = fresh };
        return true;
    }
    unsigned again = s_again (self, moment);
    return again < self->count && s_wait_for (self, again, moment, ret_step);
}

unsigned
router_plan_aim (const router_plan_t *self, unsigned place, const router_moment_t *moment)
{
    if (!s_is_open (moment, place))
        return place;
    unsigned other = s_fresh (self, moment);
    if (other == self->count)
        other = s_again (self, moment);
    bool is_ready = other < self->count && !s_is_open (moment, other)
                    && s_wait_ms (&self->targets[other], moment->now_ms) == 0;
    return is_ready ? other : place;
}
