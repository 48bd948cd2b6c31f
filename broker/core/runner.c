//  runner: a host with its seat at the bus, from start to end, and from life to life.

#include <poll.h>

#include "broker/core/runner.h"

typedef struct {
    const br_runner_conf_t *conf;
    void *zmq;
    br_kept_t *kept;  //  what outlives a life; NULL where there is but one
    uint64_t late_ns; //  when it stops trying to join; 0 = it did not lose the broker
    uint64_t pause_ms;
} runner_t;

//  How a life went.
typedef struct {
    br_member_status_t status;
    bool failed;     //  it could not start
    bool joined;     //  it was welcome
    uint64_t for_ms; //  it lasted so long
} life_t;

static uint64_t
s_now_ns (void)
{
    br_clock_t clock = br_clock_real ();
    return clock.now_ns (clock.state);
}

static life_t
s_live (const runner_t *self, uint64_t join_ms, br_error_t *reterr)
{
    const br_runner_conf_t *conf = self->conf;
    br_host_conf_t host_conf = { .name = conf->name, .clock = br_clock_real () };
    host_conf.actors = conf->actors;
    host_conf.log = conf->log;
    host_conf.kept = self->kept;
    br_member_conf_t member_conf = conf->member;
    member_conf.join_ms = join_ms;
    uint64_t start_ns = s_now_ns ();
    br_host_t *host = br_host_new (&host_conf, reterr);
    br_member_t *member = host ? br_member_new (host, self->zmq, &member_conf, reterr)
                               : NULL;
    life_t life = { .failed = !member };
    if (member) {
        br_loop_run (br_host_loop (host));
        life.status = br_member_status (member);
        life.joined = br_member_has_joined (member);
    }
    //  actors may still send while they end: the seat outlives them
    br_host_end_all (host);
    br_member_destroy (&member);
    br_host_destroy (&host);
    life.for_ms = (s_now_ns () - start_ns) / 1000000;
    return life;
}

static void
s_say_lost (const runner_t *self, const life_t *life)
{
    if (life->status == BR_MEMBER_LOST)
        br_log_line (
            &self->conf->log, BR_LOG_WARN, self->conf->name,
            "joining the broker again, for %llu s at most; %zu messages are kept",
            (unsigned long long) self->conf->rejoin_ms / 1000,
            br_kept_count (self->kept));
    else
        br_log_line (&self->conf->log, BR_LOG_WARN, self->conf->name,
                     "the broker wants it to join again");
}

//  Who is told to come again after each short life waits longer each time.
static void
s_set_pause (runner_t *self, const life_t *life)
{
    bool is_short = life->status == BR_MEMBER_AGAIN
                    && life->for_ms < BR_REJOIN_PAUSE_MAX_MS;
    self->pause_ms = is_short ? 2 * self->pause_ms : BR_REJOIN_PAUSE_MS;
    if (self->pause_ms > BR_REJOIN_PAUSE_MAX_MS)
        self->pause_ms = BR_REJOIN_PAUSE_MAX_MS;
}

//  Whether another life follows, and for how long it may try to join, in *ret_join_ms.
static bool
s_comes_again (runner_t *self, const life_t *life, uint64_t *ret_join_ms)
{
    bool lost = life->status == BR_MEMBER_LOST || life->status == BR_MEMBER_AGAIN;
    //  an endpoint may be in use for a moment, by the life before
    bool cannot = life->failed && self->late_ns;
    if (!self->kept || (!lost && !cannot))
        return false;
    if (life->joined) {
        self->late_ns = s_now_ns () + self->conf->rejoin_ms * 1000000u;
        s_say_lost (self, life);
    }
    s_set_pause (self, life);
    poll (NULL, 0, (int) self->pause_ms);
    uint64_t now_ns = s_now_ns ();
    if (now_ns >= self->late_ns)
        return false;
    *ret_join_ms = (self->late_ns - now_ns) / 1000000 + 1;
    return true;
}

static int
s_end (const runner_t *self, const life_t *life, br_error_t *reterr)
{
    size_t kept = self->kept ? br_kept_count (self->kept) : 0;
    if (kept)
        br_log_line (&self->conf->log, BR_LOG_ERROR, self->conf->name,
                     "%zu messages that were kept for its next life are lost", kept);
    if (life->failed)
        return -1;
    if (life->status == BR_MEMBER_TOLD || life->status == BR_MEMBER_AGAIN)
        return 0;
    return br_error_set (reterr, BR_EGONE, "host %s: refused by the broker, or lost it",
                         self->conf->name);
}

int
br_runner_run (const br_runner_conf_t *conf, void *zmq, br_error_t *reterr)
{
    runner_t self = { .conf = conf, .zmq = zmq, .pause_ms = BR_REJOIN_PAUSE_MS };
    self.kept = conf->rejoin_ms ? br_kept_new () : NULL;
    uint64_t join_ms = 0;
    life_t life = s_live (&self, join_ms, reterr);
    while (s_comes_again (&self, &life, &join_ms))
        life = s_live (&self, join_ms, reterr);
    int rc = s_end (&self, &life, reterr);
    br_kept_destroy (&self.kept);
    return rc;
}
