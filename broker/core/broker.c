//  broker: the actor that knows who is where.
//
//  Its story is one function, br_broker_step: after each change it looks at the registry
//  and does what comes next. Hosts join; their actors start; the directory goes out; links
//  come up; the configuration is rolled out; it is ready. A crash throws one host back to
//  the first of these steps, and the rest follows by itself.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/address.h"
#include "broker/core/broker_state.h"
#include "broker/core/buf.h"
#include "broker/core/version.h"

#define WATCH_MS 500   //  between two looks for silent hosts
#define LOST_MS 1000   //  what is dead was seen to be so by then
#define SILENT_MS 3000 //  a host that says nothing for so long hangs
#define END_MS 2000    //  for hosts to end once all actors have stopped

//  Hosts that do not come are named after 2 s, and then each 10 s.
#define AWAITED_FIRST 4     //  looks
#define AWAITED_AGAIN 20    //  looks
#define AWAITED_BYTES 16384 //  of their names

//  Whose actors stop first: those that clients talk to.
static const br_role_t s_stop_order[] = {
    BR_ROLE_INGRESS,  BR_ROLE_AUTH,    BR_ROLE_GUARD,  BR_ROLE_ROUTER,
    BR_ROLE_UPSTREAM, BR_ROLE_BREAKER, BR_ROLE_LIMITS, BR_ROLE_IDEMPOTENCY,
    BR_ROLE_METER,    BR_ROLE_METRICS,
};

#define STOP_STAGES (sizeof s_stop_order / sizeof *s_stop_order)

//  ---- sending

int
br_broker_tell (br_broker_t *self, br_addr_t to, br_verb_t verb, const void *fields)
{
    return br_ctx_send (self->ctx, to, verb, (br_id_t) { 0, 0 }, 0, fields, NULL);
}

static br_addr_t
s_addr (const br_member_row_t *row)
{
    return (br_addr_t) { .host = row->number, .life = row->life };
}

void
br_broker_tell_hosts (br_broker_t *self, br_verb_t verb, const void *fields)
{
    for (size_t i = 0; i < self->registry.size; i++)
        if (self->registry.rows[i].life)
            br_broker_tell (self, s_addr (&self->registry.rows[i]), verb, fields);
}

void
br_broker_want_events (br_broker_t *self)
{
    bool trace = self->trace || self->trace_admin;
    struct br_bus_want want = { .wanted = self->wanted, .trace = trace };
    br_host_watch (self->host, self->wanted, trace);
    br_broker_tell_hosts (self, BR_BUS_WANT, &want);
}

//  Nothing is drained: hosts are told to end, those that still join are refused.
void
br_broker_fail (br_broker_t *self, const br_error_t *error)
{
    if (self->error.code == BR_OK)
        self->error = *error;
    if (self->stopping)
        return;
    self->stopping = true;
    self->stop_stage = STOP_STAGES;
    br_supervisor_wind_down (self->supervisor);
    br_broker_step (self);
}

//  ---- joining

static const char *
s_reject (br_broker_t *self, const struct br_sys_join *join, br_member_row_t *row)
{
    if (!row)
        return "the topology has no host of this name";
    if (strcmp (join->version, BR_VERSION) != 0)
        return "its version is not the broker's";
    if (strlen (join->endpoint) >= BR_ENDPOINT_MAX || strlen (join->public_key) > 40)
        return "its endpoint or key is too long";
    return self->stopping ? "bitrouter is stopping" : NULL;
}

//  The host that was known by this name is no more.
static void
s_forget (br_broker_t *self, br_member_row_t *row, const char *reason)
{
    struct br_event_host_gone gone = { .name = row->host->name, .number = row->number };
    gone.life = row->life;
    gone.reason = reason;
    br_ctx_event (self->ctx, BR_EVENT_HOST_GONE, &gone);
    br_ctx_log (self->ctx, self->stopping ? BR_LOG_DEBUG : BR_LOG_WARN, "host %s: %s",
                row->host->name, reason);
    br_member_row_reset (row);
    self->dirty = true;
}

static void
s_on_join (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    const struct br_sys_join *join = br_msg_fields (msg);
    br_member_row_t *row = br_registry_by_name (&self->registry, join->name);
    if (row && row->life && strcmp (row->endpoint, join->endpoint) == 0)
        return; //  it asks again, and the welcome is on its way
    const char *reject = s_reject (self, join, row);
    if (row && row->life && !reject)
        s_forget (self, row, "another incarnation of it joins");
    uint32_t life = ++self->lives;
    uint32_t number = row ? row->number : UINT32_MAX;
    br_error_t error;
    int rc = br_mailbox_link (br_member_mailbox (self->given.member), number, life,
                              join->endpoint, join->public_key, &error);
    if (rc) {
        br_ctx_log (self->ctx, BR_LOG_ERROR, "host %s: %s", join->name, error.text);
        return;
    }
    struct br_sys_welcome welcome = { .nonce = join->nonce,
                                      .host = number,
                                      .life = life };
    welcome.error = reject;
    br_broker_tell (self, (br_addr_t) { .host = number, .life = life }, BR_SYS_WELCOME,
                    &welcome);
    if (reject) {
        br_ctx_log (self->ctx, BR_LOG_WARN, "host %s refused: %s", join->name, reject);
        return;
    }
    row->life = life;
    row->pid = join->pid;
    row->beat_ns = br_loop_now_ns (br_ctx_loop (self->ctx));
    strcpy (row->endpoint, join->endpoint);
    strcpy (row->public_key, join->public_key);
    self->dirty = true;
    br_broker_want_events (self);
    br_broker_step (self);
}

static void
s_on_started (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    const struct br_sys_started *started = br_msg_fields (msg);
    br_member_row_t *row = br_registry_by_life (&self->registry, msg->from.host,
                                                msg->from.life);
    br_seat_t *seat = row ? br_member_row_seat (row, started->name) : NULL;
    if (!seat)
        return;
    if (*started->error) {
        br_error_t error;
        br_error_set (&error, BR_ESYSTEM, "host %s: actor %s: %s", row->host->name,
                      started->name, started->error);
        br_ctx_log (self->ctx, BR_LOG_ERROR, "%s", error.text);
        if (self->next)
            seat->asked_start = false;
        if (self->next || !self->ready)
            br_rollout_refuse (self, &error);
        else //  a host that cannot run what it ran before starts once more
            br_supervisor_kill (self->supervisor, row->host->name);
        return;
    }
    seat->addr = started->addr;
    self->dirty = true;
    br_broker_step (self);
}

void
br_broker_restart (br_broker_t *self, br_member_row_t *row, const char *reason)
{
    if (row->ending || self->stopping)
        return;
    br_ctx_log (self->ctx, BR_LOG_ERROR, "host %s is started again: %s", row->host->name,
                reason);
    row->ending = true;
    struct br_sys_end end = { .again = 1 };
    br_broker_tell (self, s_addr (row), BR_SYS_END, &end);
}

static void
s_on_linked (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    const struct br_sys_linked *linked = br_msg_fields (msg);
    br_member_row_t *row = br_registry_by_life (&self->registry, msg->from.host,
                                                msg->from.life);
    if (!row)
        return;
    row->linked_version = linked->missing ? 0 : linked->version;
    bool same = row->lost == linked->lost && row->lost_life == linked->lost_life;
    row->lost = (uint32_t) linked->lost;
    row->lost_life = (uint32_t) linked->lost_life;
    if (!same)
        row->lost_ns = br_loop_now_ns (br_ctx_loop (self->ctx));
    br_broker_step (self);
}

//  ---- losing

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    const struct br_sys_gone *gone = br_msg_fields (msg);
    br_member_row_t *row = br_registry_by_life (&self->registry, (uint32_t) gone->host,
                                                (uint32_t) gone->life);
    if (!row)
        return;
    br_supervisor_kill (self->supervisor, row->host->name); //  alive, but cut off
    s_forget (self, row, "its link is lost");
    br_broker_step (self);
}

//  Nobody will ever see it again; who watches must hear of it.
static void
s_raise_given_up (br_broker_t *self, const br_member_row_t *row)
{
    struct br_event_host_gone gone = { .name = row->host->name, .number = row->number };
    gone.reason = "gave up";
    br_ctx_event (self->ctx, BR_EVENT_HOST_GONE, &gone);
}

static void
s_on_child_end (void *arg, const char *name, const char *reason)
{
    br_broker_t *self = arg;
    br_member_row_t *row = br_registry_by_name (&self->registry, name);
    if (row->life) {
        uint32_t life = row->life;
        br_mailbox_unlink (br_member_mailbox (self->given.member), row->number, life);
        if (row->life == life)
            s_forget (self, row, reason);
    } else if (!self->ready && !self->stopping) {
        br_error_t error;
        br_error_set (&error, BR_ESYSTEM, "host %s ended before it joined: %s", name,
                      reason);
        br_broker_fail (self, &error);
    }
    if (br_supervisor_gave_up (self->supervisor, name))
        s_raise_given_up (self, row);
    br_broker_step (self);
}

static void
s_on_beat (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    const struct br_sys_beat *beat = br_msg_fields (msg);
    br_member_row_t *row = br_registry_by_life (&self->registry, msg->from.host,
                                                msg->from.life);
    if (!row)
        return;
    row->beat_ns = br_loop_now_ns (br_ctx_loop (self->ctx));
    row->messages = beat->messages;
    row->handler_us = beat->handler_us;
    row->p999_us = beat->p999_us;
    row->slow = beat->slow;
    if (beat->handler_us > row->longest_us)
        row->longest_us = beat->handler_us;
    br_broker_pulse (self, row, beat);
}

//  Who starts a remote host by hand must learn that it is still missing.
static void
s_say_awaited (br_broker_t *self)
{
    br_buf_t names;
    br_buf_init (&names, AWAITED_BYTES);
    for (size_t i = 0; i < self->registry.size; i++)
        if (!self->registry.rows[i].life)
            br_buf_addf (&names, "%s%s", names.size ? ", " : "",
                         self->registry.rows[i].host->name);
    if (names.size)
        br_ctx_log (self->ctx, BR_LOG_WARN, "waiting for hosts: %s",
                    br_buf_text (&names));
    br_buf_free (&names);
}

//  Two hosts have lost each other, and after a while, in which the death of one would have
//  been seen, both live. One of them must come again, since a link never does: not the one
//  that holds the clients' connections, if there is a choice.
static void
s_heal (br_broker_t *self, br_member_row_t *row, uint64_t now_ns)
{
    br_member_row_t *lost = br_registry_by_life (&self->registry, row->lost,
                                                 row->lost_life);
    if (!lost || row->ending || lost->ending
        || now_ns - row->lost_ns < LOST_MS * 1000000ull)
        return;
    bool keeps = br_topology_runs (lost->host, "ingress")
                 && !br_topology_runs (row->host, "ingress");
    br_error_t reason;
    br_error_set (&reason, BR_EGONE, "its link with %s is lost",
                  (keeps ? lost : row)->host->name);
    br_broker_restart (self, keeps ? row : lost, reason.text);
}

static void
s_watch (void *arg)
{
    br_broker_t *self = arg;
    if (++self->looks % AWAITED_AGAIN == AWAITED_FIRST && !self->stopping)
        s_say_awaited (self);
    uint64_t now_ns = br_loop_now_ns (br_ctx_loop (self->ctx));
    for (size_t i = 0; i < self->registry.size; i++) {
        br_member_row_t *row = &self->registry.rows[i];
        if (row->life && row->lost)
            s_heal (self, row, now_ns);
        if (!row->life || now_ns - row->beat_ns < SILENT_MS * 1000000ull)
            continue;
        br_ctx_log (self->ctx, BR_LOG_ERROR, "host %s: silent for %d ms", row->host->name,
                    SILENT_MS);
        row->beat_ns = now_ns;
        br_supervisor_kill (self->supervisor, row->host->name);
    }
    br_timer_set (br_ctx_loop (self->ctx), &self->watch_timer, WATCH_MS, s_watch, self);
}

//  ---- stopping

static bool
s_stage_over (br_broker_t *self, br_role_t role, uint64_t drain_ms)
{
    bool over = true;
    for (size_t i = 0; i < self->registry.size; i++) {
        br_member_row_t *row = &self->registry.rows[i];
        for (size_t k = 0; row->life && k < row->seats_size; k++) {
            br_seat_t *seat = &row->seats[k];
            //  Of one that the directory does not name nobody has heard: nothing is open
            //  there, and its answer would not be believed.
            if (seat->role != role || !br_directory_place (&self->directory, seat->addr))
                continue;
            over = false;
            if (seat->asked_stop)
                continue;
            seat->asked_stop = true;
            struct br_sys_stop stop = { .drain_ms = drain_ms };
            br_broker_tell (self, seat->addr, BR_SYS_STOP, &stop);
        }
    }
    return over;
}

static void
s_end_loop (void *arg)
{
    br_broker_t *self = arg;
    br_loop_stop (br_host_loop (self->host));
}

static void
s_stop_step (br_broker_t *self)
{
    uint64_t drain_ms = self->next_generation;
    while (self->stop_stage < STOP_STAGES) {
        if (!s_stage_over (self, s_stop_order[self->stop_stage], drain_ms))
            return;
        self->stop_stage++;
    }
    if (self->stop_stage == STOP_STAGES) {
        self->stop_stage++;
        struct br_sys_end end = { .name = NULL };
        br_broker_tell_hosts (self, BR_SYS_END, &end);
        br_timer_set (br_ctx_loop (self->ctx), &self->stop_timer, END_MS, s_end_loop,
                      self);
    }
    if (br_supervisor_running (self->supervisor) == 0
        && br_registry_all_gone (&self->registry))
        br_timer_set (br_ctx_loop (self->ctx), &self->stop_timer, 0, s_end_loop, self);
}

uint64_t
br_broker_drain_ms (const br_broker_t *self)
{
    return br_conf_drain_ms (self->conf);
}

void
br_broker_stop (br_broker_t *self, uint64_t drain_ms)
{
    if (self->stopping)
        return;
    br_ctx_log (self->ctx, BR_LOG_INFO, "stopping");
    self->stopping = true;
    self->stop_stage = 0;
    br_conf_destroy (&self->next);
    self->next_generation = drain_ms;
    br_supervisor_wind_down (self->supervisor);
    br_broker_step (self);
}

static void
s_on_stopped (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    br_seat_t *seat = br_registry_seat (&self->registry, msg->from);
    br_member_row_t *row = br_registry_by_life (&self->registry, msg->from.host,
                                                msg->from.life);
    if (!seat || !row)
        return;
    struct br_sys_end end = { .name = seat->name };
    if (!self->stopping)
        br_broker_tell (self, s_addr (row), BR_SYS_END, &end);
    if (seat->wanted && !self->stopping) //  wanted again while it stopped
        br_seat_reset (seat);
    else
        *seat = row->seats[--row->seats_size];
    self->dirty = !self->stopping;
    br_broker_step (self);
}

//  ---- the step

static void
s_start_actors (br_broker_t *self)
{
    for (size_t i = 0; i < self->registry.size; i++) {
        br_member_row_t *row = &self->registry.rows[i];
        for (size_t k = 0; row->life && k < row->seats_size; k++) {
            br_seat_t *seat = &row->seats[k];
            if (!seat->wanted || seat->asked_start)
                continue;
            seat->asked_start = true;
            struct br_sys_start start = { .name = seat->name };
            br_broker_tell (self, s_addr (row), BR_SYS_START, &start);
        }
    }
}

static void
s_publish (br_broker_t *self)
{
    uint64_t version = self->directory.version + 1;
    br_peer_t own = { .host = br_host_addr (self->host).host, .name = "broker" };
    own.life = br_host_addr (self->host).life;
    strncpy (own.endpoint, br_member_endpoint (self->given.member),
             sizeof own.endpoint - 1);
    if (self->given.broker_key)
        strncpy (own.public_key, self->given.broker_key, sizeof own.public_key - 1);
    br_directory_clear (&self->directory);
    br_registry_fill (&self->registry, &own, br_ctx_self (self->ctx), &self->directory);
    self->directory.version = version;
    self->dirty = false;
    br_buf_t rows;
    br_buf_init (&rows, BR_DIRECTORY_MAX);
    br_directory_encode (&self->directory, &rows);
    struct br_sys_peers peers = { .version = version };
    peers.rows = (br_bytes_t) { rows.data, rows.size };
    br_broker_tell_hosts (self, BR_SYS_PEERS, &peers);
    br_buf_free (&rows);
    br_member_publish (self->given.member, &self->directory);
}

//  Hosts whose actors have their configuration now.
static void
s_tell_up (br_broker_t *self)
{
    for (size_t i = 0; i < self->registry.size; i++) {
        br_member_row_t *row = &self->registry.rows[i];
        if (!row->life || row->told_up)
            continue;
        row->told_up = true;
        struct br_event_host_up up = { .name = row->host->name, .number = row->number };
        up.life = row->life;
        up.pid = row->pid;
        br_ctx_event (self->ctx, BR_EVENT_HOST_UP, &up);
        br_ctx_log (self->ctx, BR_LOG_DEBUG, "host %s is up", row->host->name);
    }
}

static void
s_be_ready (br_broker_t *self)
{
    self->ready = true;
    struct br_event_ready ready = { .generation = self->generation };
    br_ctx_event (self->ctx, BR_EVENT_READY, &ready);
    br_ctx_log (self->ctx, BR_LOG_INFO, "ready");
    if (self->given.notify)
        self->given.notify ();
}

void
br_broker_step (br_broker_t *self)
{
    if (self->stopping) {
        s_stop_step (self);
        return;
    }
    s_start_actors (self);
    if (!br_registry_all_started (&self->registry))
        return;
    if (self->dirty)
        s_publish (self);
    if (!self->ready && !br_registry_all_joined (&self->registry))
        return;
    if (!br_registry_all_linked (&self->registry, self->directory.version))
        return;
    if (!br_rollout_step (self))
        return;
    s_tell_up (self);
    if (!self->ready)
        s_be_ready (self);
    br_rollout_begin (self);
}

//  ---- events

static void
s_on_events (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    br_event_socket_publish (self->events, (const char *) br_blob_data (msg->body),
                             br_blob_size (msg->body));
}

static void
s_on_wanted (void *arg, bool wanted, bool trace)
{
    br_broker_t *self = arg;
    self->wanted = wanted;
    self->trace = trace;
    br_broker_want_events (self);
}

//  ---- life

static int
s_open_doors (br_broker_t *self, br_error_t *reterr)
{
    char endpoint[BR_ENDPOINT_MAX];
    const char *run_dir = br_conf_run_dir (self->conf);
    br_loop_t *loop = br_ctx_loop (self->ctx);
    snprintf (endpoint, sizeof endpoint, "ipc://%s/events.sock", run_dir);
    self->events = br_event_socket_new (loop, self->given.zmq, endpoint, s_on_wanted,
                                        self, reterr);
    snprintf (endpoint, sizeof endpoint, "ipc://%s/admin.sock", run_dir);
    if (self->events)
        self->door = br_door_new (loop, self->given.zmq, endpoint, &br_broker_door, self,
                                  reterr);
    if (self->door)
        self->control = br_control_new (loop, self->door,
                                        br_conf_control_socket (self->conf), reterr);
    return self->control ? br_broker_open_remote (self, reterr) : -1;
}

//  Hosts that share the addresses would share them with another bitrouter as well.
static int
s_probe_addresses (br_broker_t *self, br_error_t *reterr)
{
    if (br_rollout_ingresses (self) < 2)
        return 0;
    int rc = 0;
    const char *address;
    for (size_t i = 0; rc == 0 && (address = br_conf_listen (self->conf, i)); i++)
        rc = br_conf_listen_is_given (self->conf) ? br_address_probe (address, reterr)
                                                  : 0;
    return rc;
}

int
br_broker_open (br_broker_t *self, const br_broker_conf_t *conf, br_error_t *reterr)
{
    self->given = *conf;
    self->conf = *conf->conf_p;
    *conf->conf_p = NULL;
    self->generation = 1;
    self->fixed = br_conf_fixed_of (self->conf);
    br_rollout_watch (self);
    br_registry_init (&self->registry, conf->topology);
    br_rollout_want (self);
    if (s_probe_addresses (self, reterr) || s_open_doors (self, reterr))
        return -1;
    br_supervisor_conf_t children = { .actors = conf->actors, .zmq = conf->zmq };
    children.log = *br_host_log (self->host);
    children.broker = br_member_endpoint (conf->member);
    children.broker_key = conf->broker_key;
    children.run_dir = br_conf_run_dir (self->conf);
    children.home_dir = br_conf_home (self->conf);
    children.bus = conf->topology->bus;
    self->supervisor = br_supervisor_new (br_ctx_loop (self->ctx), &children,
                                          s_on_child_end, self);
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < conf->topology->hosts_count; i++)
        rc = br_supervisor_start (self->supervisor, &conf->topology->hosts[i], reterr);
    br_timer_set (br_ctx_loop (self->ctx), &self->watch_timer, WATCH_MS, s_watch, self);
    return rc;
}

void
br_broker_reload (br_broker_t *self)
{
    br_rollout_ask (self, BR_CHANGE_RELOAD, 0, NULL);
}

void
br_broker_reopen_logs (br_broker_t *self)
{
    br_supervisor_signal (self->supervisor, SIGUSR1);
}

const br_error_t *
br_broker_error (const br_broker_t *self)
{
    return &self->error;
}

unsigned
br_broker_running (const br_broker_t *self)
{
    return self->supervisor ? br_supervisor_running (self->supervisor) : 0;
}

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    br_broker_t *self = BR_NEW (br_broker_t);
    self->ctx = ctx;
    self->overlay = br_conf_overlay_new ();
    self->host = ctx->host;
    br_directory_init (&self->directory);
    return self;
}

static void
s_destroy (void **state_p)
{
    br_broker_t *self = *state_p;
    br_loop_t *loop = br_ctx_loop (self->ctx);
    br_timer_cancel (loop, &self->watch_timer);
    br_timer_cancel (loop, &self->stop_timer);
    br_timer_cancel (loop, &self->retire_timer);
    br_conf_watch_destroy (&self->conf_watch);
    br_mailbox_flush (br_member_mailbox (self->given.member)); //  it waits for their end
    br_supervisor_destroy (&self->supervisor);
    br_control_destroy (&self->control);
    br_door_destroy (&self->door);
    br_event_socket_destroy (&self->events);
    br_registry_free (&self->registry);
    br_directory_clear (&self->directory);
    br_changes_clear (&self->changes);
    br_change_destroy (&self->change);
    br_conf_destroy (&self->next);
    br_conf_destroy (&self->conf);
    br_conf_overlay_destroy (&self->next_overlay);
    br_conf_overlay_destroy (&self->overlay);
    br_conf_words_destroy (&self->fixed);
    free (self);
    *state_p = NULL;
}

static const br_handler_row_t s_handlers[] = {
    { BR_SYS_JOIN, s_on_join },
    { BR_SYS_STARTED, s_on_started },
    { BR_SYS_LINKED, s_on_linked },
    { BR_SYS_BEAT, s_on_beat },
    { BR_SYS_GONE, s_on_gone },
    { BR_SYS_STOPPED, s_on_stopped },
    { BR_CONF_ACCEPT, br_rollout_on_accept },
    { BR_CONF_REFUSE, br_rollout_on_refuse },
    { BR_CONF_TAKEN, br_rollout_on_taken },
    { BR_BUS_EVENTS, s_on_events },
    { BR_ADMIN_ANSWER, br_broker_on_answer },
    { BR_ADMIN_QUESTION, br_broker_on_question },
    { BR_VERB_COUNT, NULL },
};

const br_actor_t br_broker_actor = {
    .name = "broker",
    .about = "directory, supervisor, configuration, events and admin door",
    .role = BR_ROLE_BROKER,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
};
