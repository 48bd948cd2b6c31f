//  router_breaker: the breaker's states, and reports.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "actors/router/router_breaker.h"
#include "actors/router/router_breaker_models.h"

#define FORBIDDEN 403 //  HTTP status: the key is good, but not for this model

typedef router_breaker_state_t row_t;

static const char s_whole[] = ""; //  the model of what is said of an endpoint as a whole

struct _router_breaker_t {
    br_ctx_t *ctx;                 //  borrowed
    router_endpoints_t *endpoints; //  borrowed
    br_addr_t owner;               //  who told us what we know; unset = nobody
    bool is_told;                  //  all of it
    bool is_busy;                  //  the tick has rows to look at
    br_timer_t timer;
    router_breaker_models_t *models;
    row_t rows[ROUTER_ENDPOINTS_MAX];
};

router_breaker_t *
router_breaker_new (br_ctx_t *ctx, router_endpoints_t *endpoints)
{
    router_breaker_t *self = BR_NEW (router_breaker_t);
    self->ctx = ctx;
    self->endpoints = endpoints;
    self->models = router_breaker_models_new ();
    return self;
}

void
router_breaker_destroy (router_breaker_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_timer_cancel (br_ctx_loop ((*self_p)->ctx), &(*self_p)->timer);
    router_breaker_models_destroy (&(*self_p)->models);
    free (*self_p);
    *self_p = NULL;
}

//  What is known of a model at an endpoint, NULL if nothing is.
static row_t *
s_model_row (const router_breaker_t *self, unsigned endpoint, const char *model)
{
    router_breaker_model_t *found = router_breaker_models_find (self->models, endpoint,
                                                                model);
    return found ? &found->row : NULL;
}

static uint64_t
s_now_us (const router_breaker_t *self)
{
    return br_ctx_now_us (self->ctx);
}

//  ---- reports

//  0 when it was sent.
static int
s_send (const router_breaker_t *self, br_verb_t verb, const void *fields)
{
    br_addr_t owner = br_ctx_find (self->ctx, "breaker");
    if (!br_addr_is_set (owner))
        return -1;
    return br_ctx_send (self->ctx, owner, verb, (br_id_t) { 0, 0 }, 0, fields, NULL);
}

//  All good answers, and what is in the report besides. A lost report makes the breaker
//  slower, and no more than that.
//  in:   row, of what is told of; NULL when nothing is known of it
static void
s_report (router_breaker_t *self, unsigned endpoint, const char *model, row_t *row,
          struct br_breaker_report *report)
{
    report->provider = router_endpoints_provider (self->endpoints, endpoint);
    report->endpoint = router_endpoints_name (self->endpoints, endpoint);
    report->model = model;
    if (row) {
        report->good = row->good;
        row->good = 0;
    }
    (void) s_send (self, BR_BREAKER_REPORT, report);
}

//  A failure that counts for nothing sets a lease free.
static void
s_free_lease (router_breaker_t *self, unsigned endpoint, const char *model, row_t *row,
              uint64_t lease)
{
    struct br_breaker_report report = { .failure = BR_FAILURE_CANCELLED };
    report.lease = lease;
    if (lease)
        s_report (self, endpoint, model, row, &report);
}

static void s_tick (void *arg);

static void
s_wake_later (router_breaker_t *self)
{
    if (!br_timer_is_set (&self->timer))
        br_timer_set (br_ctx_loop (self->ctx), &self->timer, ROUTER_BREAKER_TICK_MS,
                      s_tick, self);
}

static void
s_be_busy (router_breaker_t *self)
{
    self->is_busy = true;
    s_wake_later (self);
}

//  Others skip the endpoint as long as the lease is here.
static void
s_give_back (router_breaker_t *self, unsigned endpoint, const char *model, row_t *row)
{
    uint64_t keep_ms = row->keep_ms ? row->keep_ms : ROUTER_BREAKER_KEEP_MS;
    if (s_now_us (self) - row->lent_us < keep_ms * 1000)
        return;
    uint64_t lease = row->lease;
    row->keep_ms = keep_ms < ROUTER_BREAKER_KEEP_MAX_MS ? keep_ms * 2 : keep_ms;
    row->taken = lease;
    row->lease = 0;
    s_free_lease (self, endpoint, model, row, lease);
}

static void
s_look (router_breaker_t *self, unsigned endpoint, const char *model, row_t *row)
{
    struct br_breaker_report report = { .lease = 0 };
    if (row->lease)
        s_give_back (self, endpoint, model, row);
    if (row->good)
        s_report (self, endpoint, model, row, &report);
    if (row->lease)
        s_be_busy (self);
}

//  A good answer has made the breaker forget what was told of a model that is in use.
static void
s_look_at_models (router_breaker_t *self)
{
    router_breaker_model_t *model = router_breaker_models_newest (self->models);
    while (model) {
        router_breaker_model_t *older = model->older;
        bool is_well = model->row.good && model->row.state == BR_BREAKER_CLOSED;
        s_look (self, model->endpoint, model->name, &model->row);
        if (is_well)
            router_breaker_models_forget (self->models, model);
        model = older;
    }
}

static void
s_tick (void *arg)
{
    router_breaker_t *self = arg;
    bool was_busy = self->is_busy;
    unsigned size = was_busy ? router_endpoints_size (self->endpoints) : 0;
    self->is_busy = false;
    for (unsigned i = 0; i < size; i++)
        s_look (self, i, s_whole, &self->rows[i]);
    if (was_busy)
        s_look_at_models (self);
    if (!self->is_told)
        router_breaker_ask (self);
}

//  ---- what an attempt tells

void
router_breaker_begun (router_breaker_t *self, unsigned endpoint, const char *model,
                      const router_leases_t *leases)
{
    if (endpoint >= ROUTER_ENDPOINTS_MAX)
        return;
    struct br_breaker_report report = { .lease = leases->endpoint };
    if (leases->endpoint)
        s_report (self, endpoint, s_whole, &self->rows[endpoint], &report);
    report = (struct br_breaker_report) { .lease = leases->model };
    if (leases->model)
        s_report (self, endpoint, model, s_model_row (self, endpoint, model), &report);
}

void
router_breaker_good (router_breaker_t *self, unsigned endpoint, const char *model,
                     const router_leases_t *leases)
{
    if (endpoint >= ROUTER_ENDPOINTS_MAX)
        return;
    row_t *of_model = s_model_row (self, endpoint, model);
    self->rows[endpoint].good++;
    if (of_model)
        of_model->good++;
    router_breaker_begun (self, endpoint, model, leases);
    if (self->rows[endpoint].good || (of_model && of_model->good))
        s_be_busy (self);
}

//  Whether it says something of the one model that was asked for alone.
static bool
s_is_of_model (const router_bad_t *bad)
{
    return br_failure_mark (bad->failure) == BR_MARK_LIMIT
           || (bad->failure == BR_FAILURE_AUTH && bad->status == FORBIDDEN);
}

void
router_breaker_bad (router_breaker_t *self, unsigned endpoint, const char *model,
                    const router_leases_t *leases, const router_bad_t *bad)
{
    if (endpoint >= ROUTER_ENDPOINTS_MAX)
        return;
    struct br_breaker_report report = { .failure = bad->failure, .error = bad->error };
    report.retry_after_ms = bad->retry_after_ms;
    row_t *whole = &self->rows[endpoint];
    if (!s_is_of_model (bad)) {
        report.lease = leases->endpoint;
        s_report (self, endpoint, s_whole, whole, &report);
        s_free_lease (self, endpoint, model, s_model_row (self, endpoint, model),
                      leases->model);
        return;
    }
    router_breaker_model_t *found = router_breaker_models_get (self->models, endpoint,
                                                               model);
    report.lease = leases->model;
    s_report (self, endpoint, model, found ? &found->row : NULL, &report);
    s_free_lease (self, endpoint, s_whole, whole, leases->endpoint);
}

void
router_breaker_neither (router_breaker_t *self, unsigned endpoint, const char *model,
                        const router_leases_t *leases)
{
    if (endpoint >= ROUTER_ENDPOINTS_MAX)
        return;
    s_free_lease (self, endpoint, s_whole, &self->rows[endpoint], leases->endpoint);
    s_free_lease (self, endpoint, model, s_model_row (self, endpoint, model),
                  leases->model);
}

//  ---- states

void
router_breaker_ask (router_breaker_t *self)
{
    self->is_told = false;
    (void) s_send (self, BR_BREAKER_ASK, NULL);
    s_wake_later (self);
}

static void
s_forget (router_breaker_t *self)
{
    for (unsigned i = 0; i < ROUTER_ENDPOINTS_MAX; i++)
        self->rows[i] = (row_t) { .good = self->rows[i].good };
    router_breaker_model_t *model = router_breaker_models_newest (self->models);
    while (model) {
        router_breaker_model_t *older = model->older;
        router_breaker_models_forget (self->models, model);
        model = older;
    }
}

//  Numbers of versions are those of one owner.
static void
s_know_owner (router_breaker_t *self, br_addr_t owner)
{
    if (br_addr_is (self->owner, owner))
        return;
    s_forget (self);
    self->owner = owner;
}

//  Of which the breaker tells; NULL when there is nothing to remember, or no room.
static row_t *
s_told_row (router_breaker_t *self, const struct br_breaker_state *news)
{
    unsigned endpoint = router_endpoints_number (self->endpoints, news->provider,
                                                 news->endpoint);
    if (endpoint >= ROUTER_ENDPOINTS_MAX)
        return NULL;
    if (!*news->model)
        return &self->rows[endpoint];
    if (news->state != BR_BREAKER_OPEN && news->state != BR_BREAKER_HALF_OPEN)
        return s_model_row (self, endpoint, news->model);
    router_breaker_model_t *model = router_breaker_models_get (self->models, endpoint,
                                                               news->model);
    return model ? &model->row : NULL;
}

void
router_breaker_on_state (router_breaker_t *self, const br_msg_t *msg)
{
    const struct br_breaker_state *news = br_msg_fields (msg);
    s_know_owner (self, msg->from);
    row_t *row = s_told_row (self, news);
    if (!row || news->version < row->version)
        return;
    row->version = news->version;
    row->state = news->state <= BR_BREAKER_HALF_OPEN ? (br_breaker_t) news->state
                                                     : BR_BREAKER_CLOSED;
    row->until_us = s_now_us (self) + news->for_ms * 1000;
    if (!news->lease && row->state == BR_BREAKER_HALF_OPEN)
        return;
    //  The breaker may tell of a lease again that is in use, or that we have already.
    uint64_t lease = news->lease != row->taken ? news->lease : 0;
    if (lease && lease != row->lease) {
        row->lent_us = s_now_us (self);
        s_be_busy (self);
    }
    row->lease = lease;
}

void
router_breaker_on_told (router_breaker_t *self, const br_msg_t *msg)
{
    s_know_owner (self, msg->from);
    self->is_told = true;
}

void
router_breaker_gone (router_breaker_t *self, const struct br_sys_gone *gone)
{
    if (self->owner.host != gone->host || self->owner.life != gone->life)
        return;
    s_forget (self);
    self->owner = (br_addr_t) { .host = 0 };
    router_breaker_ask (self);
}

//  ---- what a call wants to know

static bool
s_is_open (const row_t *row)
{
    return row && row->state != BR_BREAKER_CLOSED && !row->lease;
}

bool
router_breaker_is_open (const router_breaker_t *self, unsigned endpoint,
                        const char *model)
{
    return endpoint < ROUTER_ENDPOINTS_MAX
           && (s_is_open (&self->rows[endpoint])
               || s_is_open (s_model_row (self, endpoint, model)));
}

static bool
s_is_early (const router_breaker_t *self, const row_t *row)
{
    return s_is_open (row) && row->state == BR_BREAKER_OPEN
           && s_now_us (self) < row->until_us;
}

static void
s_probe (router_breaker_t *self, unsigned endpoint, const char *model, row_t *row)
{
    uint64_t now_us = s_now_us (self);
    if (!s_is_open (row)
        || (row->asked_us && now_us - row->asked_us < ROUTER_BREAKER_TICK_MS * 1000u))
        return;
    struct br_breaker_probe probe = { .provider = NULL };
    probe.provider = router_endpoints_provider (self->endpoints, endpoint);
    probe.endpoint = router_endpoints_name (self->endpoints, endpoint);
    probe.model = model;
    row->asked_us = now_us;
    (void) s_send (self, BR_BREAKER_PROBE, &probe);
}

bool
router_breaker_want (router_breaker_t *self, unsigned endpoint, const char *model)
{
    if (!router_breaker_is_open (self, endpoint, model))
        return false;
    row_t *whole = &self->rows[endpoint];
    row_t *of_model = s_model_row (self, endpoint, model);
    if (s_is_early (self, whole) || s_is_early (self, of_model))
        return false;
    s_probe (self, endpoint, s_whole, whole);
    s_probe (self, endpoint, model, of_model);
    return true;
}

const char *
router_breaker_state (const router_breaker_t *self, unsigned endpoint)
{
    static const char *const names[] = { [BR_BREAKER_CLOSED] = "closed",
                                         [BR_BREAKER_OPEN] = "open",
                                         [BR_BREAKER_HALF_OPEN] = "half-open" };
    return names[endpoint < ROUTER_ENDPOINTS_MAX ? self->rows[endpoint].state
                                                 : BR_BREAKER_CLOSED];
}

static uint64_t
s_take (row_t *row)
{
    if (!row || !row->lease)
        return 0;
    row->taken = row->lease;
    row->lease = 0;
    row->keep_ms = 0;
    return row->taken;
}

router_leases_t
router_breaker_start (router_breaker_t *self, unsigned endpoint, const char *model)
{
    router_leases_t leases = { .endpoint = 0 };
    if (endpoint >= ROUTER_ENDPOINTS_MAX)
        return leases;
    leases.endpoint = s_take (&self->rows[endpoint]);
    leases.model = s_take (s_model_row (self, endpoint, model));
    return leases;
}
