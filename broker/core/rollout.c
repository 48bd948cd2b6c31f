//  rollout: a configuration on its way to the actors, in two steps: all try, and only when
//  all accept does each take, new upstreams first and ingress last. An actor that joins
//  later goes through the same two steps by itself. Others find an actor only when it has
//  its configuration and every host knows its name: a message that came before that would
//  not be believed.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/broker_state.h"

#define NAMES_MAX 512   //  actors of one configuration
#define WARNINGS_MAX 50 //  that a reload tells

//  Who takes first: those that calls go to, before those that send calls there.
static const br_role_t s_order[] = {
    BR_ROLE_METRICS,     BR_ROLE_METER,    BR_ROLE_BREAKER, BR_ROLE_LIMITS,
    BR_ROLE_IDEMPOTENCY, BR_ROLE_UPSTREAM, BR_ROLE_ROUTER,  BR_ROLE_GUARD,
    BR_ROLE_AUTH,        BR_ROLE_INGRESS,
};

#define STAGES (sizeof s_order / sizeof *s_order)

static const br_conf_t *
s_target (const br_broker_t *self)
{
    return self->next ? self->next : self->conf;
}

static uint64_t
s_generation (const br_broker_t *self)
{
    return self->next ? self->next_generation : self->generation;
}

void
br_rollout_want (br_broker_t *self)
{
    static const char *const fixed[] = { "ingress", "auth",   "guard", "router",
                                         "breaker", "limits", "meter", "idempotency",
                                         "metrics", "echo" };
    const char *names[NAMES_MAX];
    size_t size = 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        names[size++] = fixed[i];
    const char *name;
    for (size_t i = 0; (name = br_conf_slice_names (s_target (self), i)); i++)
        if (size < NAMES_MAX - 1)
            names[size++] = name;
    names[size] = NULL;
    br_registry_want (&self->registry, names, self->given.actors);
}

//  ---- the outcome

//  Tells who asked, and forgets the change.
static void
s_answer (br_broker_t *self, const br_error_t *error)
{
    br_change_t *change = self->change;
    self->change = NULL;
    if (change && change->ticket && self->door && error)
        br_door_refuse (self->door, change->ticket, error->code, error->text);
    else if (change && change->ticket && self->door) {
        char *text = br_change_answer (change, self->generation);
        br_door_answer (self->door, change->ticket, "broker", text);
        free (text);
    }
    br_change_destroy (&change);
}

static void
s_tell_refused (br_broker_t *self, uint64_t generation, const br_error_t *error)
{
    struct br_event_conf_refused event = { .generation = generation };
    event.error = error->text;
    br_ctx_event (self->ctx, BR_EVENT_CONF_REFUSED, &event);
    br_ctx_log (self->ctx, BR_LOG_ERROR, "configuration refused: %s", error->text);
}

//  What was under way is dropped; the configuration in use stays.
static void
s_drop_next (br_broker_t *self)
{
    br_conf_destroy (&self->next);
    br_conf_overlay_destroy (&self->next_overlay);
}

void
br_rollout_refuse (br_broker_t *self, const br_error_t *error)
{
    s_tell_refused (self, s_generation (self), error);
    if (!self->next && !self->ready) {
        br_broker_fail (self, error);
        return;
    }
    s_drop_next (self);
    br_rollout_want (self);
    br_error_t told = *error;
    told.code = BR_ECONFIG;
    s_answer (self, &told);
    br_broker_step (self);
}

//  A file that is gone, or has nothing in it, is one that somebody moves or writes just now:
//  an editor, a copy, a disk that is full. It does not say that all is to go.
static int
s_check_text (const br_broker_t *self, br_error_t *reterr)
{
    if (!br_conf_has_text (self->conf) || br_conf_has_text (self->next))
        return 0;
    bool is_there = br_conf_has_config_file (self->next);
    return br_error_set (reterr, BR_ECONFIG, "%s:1:1: %s; what it said stays in use%s",
                         br_conf_config_file (self->conf),
                         is_there ? "the file is empty"
                                  : "the file is not there any more",
                         is_there ? ": to say nothing, write a comment" : "");
}

//  The configuration that a change asks for. The home stays the one that bitrouter started
//  with, and only a reload reads the files: a route can be added while somebody edits them.
//  0 or -1.
static int
s_load_next (br_broker_t *self, br_error_t *reterr)
{
    self->next_overlay = br_conf_overlay_dup (self->overlay);
    if (br_change_apply (self->change, self->next_overlay, reterr))
        return -1;
    br_conf_flags_t flags = self->given.flags;
    flags.overlay = self->next_overlay;
    flags.home_dir = br_conf_home (self->conf);
    flags.as = self->change->kind == BR_CHANGE_RELOAD ? NULL : self->conf;
    self->next = br_conf_load (&flags, reterr);
    if (!self->next || s_check_text (self, reterr))
        return -1;
    bool is_new = self->change->kind == BR_CHANGE_ROUTE_ADD;
    return is_new ? br_conf_route_check (self->next, self->change->name, reterr) : 0;
}

void
br_rollout_begin (br_broker_t *self)
{
    if (self->change || !self->ready || self->stopping)
        return;
    self->change = br_changes_take (&self->changes);
    if (!self->change)
        return;
    br_error_t error = { .code = BR_OK };
    int rc = s_load_next (self, &error);
    //  no number twice: seats remember what they accepted, of refused ones too
    if (self->next_generation < self->generation)
        self->next_generation = self->generation;
    self->next_generation++;
    if (rc) {
        s_drop_next (self);
        if (self->change->kind == BR_CHANGE_RELOAD)
            s_tell_refused (self, self->next_generation, &error);
        s_answer (self, &error);
        br_broker_step (self); //  to the next one
        return;
    }
    br_rollout_want (self);
    br_broker_step (self);
}

void
br_rollout_ask (br_broker_t *self, br_change_kind_t kind, uint64_t ticket,
                const char *args)
{
    const char *why = self->stopping ? "bitrouter is stopping" : NULL;
    if (!why && br_changes_add (&self->changes, kind, ticket, args))
        why = "too many changes wait; try again";
    if (why && ticket)
        br_door_refuse (self->door, ticket, BR_ECONFLICT, why);
    if (!why)
        br_rollout_begin (self);
}

//  What is odd in what was read, such as a route that was added and has no provider now.
static void
s_tell_warnings (br_broker_t *self)
{
    bool is_read = self->change && self->change->kind == BR_CHANGE_RELOAD;
    const char *warning = is_read ? br_conf_warning (self->conf, 0) : NULL;
    for (size_t i = 1; warning && i <= WARNINGS_MAX; i++) {
        br_ctx_log (self->ctx, BR_LOG_WARN, "%s", warning);
        warning = br_conf_warning (self->conf, i);
    }
}

//  What the file says now and only a restart brings, if anything.
static void
s_tell_fixed (br_broker_t *self)
{
    char *names = br_conf_fixed_changed (self->fixed, self->conf);
    if (names)
        br_ctx_log (self->ctx, BR_LOG_WARN,
                    "these have changed in the configuration, and need a restart: %s",
                    names);
    if (self->change && self->change->kind == BR_CHANGE_RELOAD)
        self->change->fixed = names;
    else
        free (names);
}

static void
s_on_files (void *arg)
{
    br_broker_t *self = arg;
    br_ctx_log (self->ctx, BR_LOG_INFO, "the configuration's files have changed");
    br_rollout_ask (self, BR_CHANGE_RELOAD, 0, NULL);
}

void
br_rollout_watch (br_broker_t *self)
{
    if (!br_conf_is_watched (self->conf)) {
        br_conf_watch_destroy (&self->conf_watch);
        return;
    }
    if (self->conf_watch)
        return;
    const char *paths[] = { br_conf_config_file (self->conf),
                            br_conf_env_file (self->conf), NULL };
    br_error_t error;
    self->conf_watch = br_conf_watch_new (br_ctx_loop (self->ctx), paths, s_on_files,
                                          self, &error);
    if (!self->conf_watch)
        br_ctx_log (self->ctx, BR_LOG_WARN, "%s; `bitrouter reload` reads them",
                    error.text);
}

static void
s_on_retire (void *arg)
{
    br_broker_step (arg);
}

//  Everybody uses it.
static void
s_done (br_broker_t *self)
{
    br_conf_destroy (&self->conf);
    self->conf = self->next;
    self->next = NULL;
    br_conf_overlay_destroy (&self->overlay);
    self->overlay = self->next_overlay;
    self->next_overlay = NULL;
    self->generation = self->next_generation;
    br_ctx_log (self->ctx, BR_LOG_INFO, "configuration %llu is in use",
                (unsigned long long) self->generation);
    struct br_event_conf_taken taken = { .generation = self->generation };
    br_ctx_event (self->ctx, BR_EVENT_CONF_TAKEN, &taken);
    br_timer_set (br_ctx_loop (self->ctx), &self->retire_timer, br_broker_drain_ms (self),
                  s_on_retire, self);
    br_rollout_watch (self);
    s_tell_warnings (self);
    s_tell_fixed (self);
    s_answer (self, NULL);
}

//  ---- steps

size_t
br_rollout_ingresses (const br_broker_t *self)
{
    size_t count = 0;
    for (size_t i = 0; i < self->registry.size; i++)
        count += br_topology_runs (self->registry.rows[i].host, "ingress");
    return count;
}

//  Several hosts with ingress share the addresses: only where the placement says so, since
//  it lets others of the same user share them too.
static char *
s_slice (br_broker_t *self, const br_seat_t *seat)
{
    char *slice = br_conf_slice (s_target (self), seat->name);
    if (!slice || *slice != '{' || seat->role != BR_ROLE_INGRESS
        || br_rollout_ingresses (self) < 2)
        return slice;
    char *shared = br_strf ("{\"reuse_port\":true%s%s", slice[1] == '}' ? "" : ",",
                            slice + 1);
    free (slice);
    return shared;
}

//  Asks each seat that was not asked yet. Returns how many have not accepted.
static size_t
s_try_all (br_broker_t *self, uint64_t generation)
{
    size_t open = 0;
    for (size_t i = 0; i < self->registry.size; i++) {
        br_member_row_t *row = &self->registry.rows[i];
        for (size_t k = 0; row->life && k < row->seats_size; k++) {
            br_seat_t *seat = &row->seats[k];
            if (!seat->wanted || seat->accepted == generation)
                continue;
            open++;
            //  one that is still stopping starts anew first
            if (seat->asked_try == generation || seat->asked_stop)
                continue;
            seat->asked_try = generation;
            char *slice = s_slice (self, seat);
            struct br_conf_try ask = { .generation = generation };
            ask.slice = slice ? slice : "{}";
            br_broker_tell (self, seat->addr, BR_CONF_TRY, &ask);
            free (slice);
        }
    }
    return open;
}

//  Lets the seats of one role take it. Returns how many have not.
static size_t
s_take_role (br_broker_t *self, br_role_t role, uint64_t generation)
{
    size_t open = 0;
    for (size_t i = 0; i < self->registry.size; i++) {
        br_member_row_t *row = &self->registry.rows[i];
        for (size_t k = 0; row->life && k < row->seats_size; k++) {
            br_seat_t *seat = &row->seats[k];
            if (!seat->wanted || seat->role != role || seat->taken == generation)
                continue;
            open++;
            if (seat->asked_take == generation)
                continue;
            seat->asked_take = generation;
            struct br_conf_take take = { .generation = generation };
            br_broker_tell (self, seat->addr, BR_CONF_TAKE, &take);
        }
    }
    return open;
}

//  Actors that the configuration names no more finish what is open and end. Calls that
//  were resolved before may still turn to them, after a back-off too: for the time to drain
//  they are left alone. Then nobody finds them any more, and when all hosts know that, they
//  are stopped. Returns how many were closed just now.
static size_t
s_stop_unwanted (br_broker_t *self)
{
    size_t closed = 0;
    if (br_timer_is_set (&self->retire_timer))
        return 0;
    for (size_t i = 0; i < self->registry.size; i++) {
        br_member_row_t *row = &self->registry.rows[i];
        for (size_t k = 0; row->life && k < row->seats_size; k++) {
            br_seat_t *seat = &row->seats[k];
            if (seat->wanted || seat->asked_stop || !br_addr_is_set (seat->addr))
                continue;
            closed += seat->open;
            if (seat->open) {
                seat->open = false;
                continue;
            }
            seat->asked_stop = true;
            struct br_sys_stop stop = { .drain_ms = br_broker_drain_ms (self) };
            br_broker_tell (self, seat->addr, BR_SYS_STOP, &stop);
        }
    }
    return closed;
}

bool
br_rollout_step (br_broker_t *self)
{
    uint64_t generation = s_generation (self);
    if (s_try_all (self, generation))
        return false;
    for (size_t i = 0; i < STAGES; i++) {
        if (s_order[i] == BR_ROLE_INGRESS
            && br_registry_open (&self->registry, generation, BR_ROLE_INGRESS)) {
            self->dirty = true;
            br_broker_step (self); //  ingress takes when all hosts know of it
            return false;
        }
        if (s_take_role (self, s_order[i], generation))
            return false;
    }
    if (self->next)
        s_done (self);
    if (s_stop_unwanted (self) == 0)
        return true;
    self->dirty = true;
    br_broker_step (self);
    return false;
}

//  ---- answers

void
br_rollout_on_accept (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    const struct br_conf_accept *accept = br_msg_fields (msg);
    br_seat_t *seat = br_registry_seat (&self->registry, msg->from);
    if (!seat)
        return;
    seat->accepted = accept->generation;
    br_broker_step (self);
}

void
br_rollout_on_refuse (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    const struct br_conf_refuse *refuse = br_msg_fields (msg);
    const br_seat_t *seat = br_registry_seat (&self->registry, msg->from);
    if (!seat || refuse->generation != s_generation (self) || self->stopping)
        return;
    br_error_t error;
    br_error_set (&error, BR_ECONFIG, "%s: %s", seat->name, refuse->error);
    br_member_row_t *row = br_registry_by_life (&self->registry, msg->from.host,
                                                msg->from.life);
    if (self->ready && !self->next && row) //  it came again into a world that changed
        br_broker_restart (self, row, error.text);
    else
        br_rollout_refuse (self, &error);
}

void
br_rollout_on_taken (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    br_broker_t *self = state;
    const struct br_conf_taken *taken = br_msg_fields (msg);
    br_seat_t *seat = br_registry_seat (&self->registry, msg->from);
    if (!seat)
        return;
    seat->taken = taken->generation;
    br_broker_step (self);
}
