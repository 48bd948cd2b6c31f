//  ingress: the actor: its configuration, the messages that concern it, its stop.
//
//  The story of a call is told in ingress_exchange.c, its rules stand in ingress_call.c,
//  and what clients can see in ingress_front.c.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress.h"
#include "actors/ingress/ingress_admin.h"
#include "actors/ingress/ingress_chain.h"
#include "actors/ingress/ingress_claim.h"
#include "actors/ingress/ingress_credential.h"
#include "actors/ingress/ingress_exchange.h"
#include "actors/ingress/ingress_figures.h"
#include "actors/ingress/ingress_front.h"
#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "broker/core/slip.h"

#define STOP_FLUSH_MS 500     //  for the last errors to leave, once time has run out
#define ADMIN_MAX (16u << 20) //  bytes of an answer of the admin door
#define QUERY_MAX (64u << 10) //  bytes of a query
#define NOTES_MAX (16u << 10) //  bytes of headers of our own

static void
s_on_question_ended (void *arg)
{
    ingress_check_stop (arg);
}

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    ingress_t *self = BR_NEW (ingress_t);
    self->ctx = ctx;
    self->open = ingress_open_new (INGRESS_CALLS_CEILING);
    self->quota = quota_new (ctx);
    self->identities = ingress_identities_new (ctx);
    self->budgets = ingress_budgets_new (ctx);
    self->settles = ingress_settles_new (ctx);
    self->receipts = ingress_receipts_new (ctx, INGRESS_CALLS_CEILING);
    self->questions = ingress_questions_new (ctx, s_on_question_ended, self);
    self->idems = ingress_idems_new (ctx);
    self->scans = ingress_scans_new (ctx);
    self->made = br_makers_new (INGRESS_MADE_MAX);
    self->searches = ingress_searches_new (ctx, self->made);
    self->last_id.hi = br_ctx_unix_ms (ctx) << 16 | (br_ctx_random (ctx) & 0xffff);
    self->last_id.lo = br_ctx_random (ctx);
    br_buf_init (&self->candidates, BR_PAIRS_MAX);
    br_buf_init (&self->chosen, BR_PAIRS_MAX);
    br_buf_init (&self->allowed, BR_PAIRS_MAX);
    br_buf_init (&self->credential, INGRESS_CREDENTIAL_MAX + 1);
    br_buf_init (&self->headers, BR_PAIRS_MAX);
    br_buf_init (&self->query, QUERY_MAX);
    br_buf_init (&self->slip, BR_SLIP_BYTES_MAX);
    br_buf_init (&self->notes, NOTES_MAX);
    return self;
}

static void
s_drop_conf (ingress_conf_t *conf)
{
    guard_scope_destroy (&conf->scope);
    ingress_offers_destroy (&conf->offers);
    ingress_models_destroy (&conf->models);
    ingress_routes_destroy (&conf->routes);
    ingress_settings_destroy (&conf->settings);
}

static void
s_destroy (void **state_p)
{
    ingress_t *self = *state_p;
    if (!self)
        return;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->stop_timer);
    ingress_doors_destroy (&self->doors);
    ingress_front_destroy_all (self);
    ingress_exchange_destroy_all (self);
    br_buf_free (&self->notes);
    br_buf_free (&self->slip);
    br_buf_free (&self->query);
    br_buf_free (&self->headers);
    br_buf_free (&self->credential);
    br_buf_free (&self->allowed);
    br_buf_free (&self->chosen);
    br_buf_free (&self->candidates);
    ingress_questions_destroy (&self->questions);
    ingress_searches_destroy (&self->searches);
    br_makers_destroy (&self->made);
    ingress_scans_destroy (&self->scans);
    ingress_idems_destroy (&self->idems);
    ingress_receipts_destroy (&self->receipts);
    ingress_settles_destroy (&self->settles);
    ingress_budgets_destroy (&self->budgets);
    ingress_identities_destroy (&self->identities);
    quota_destroy (&self->quota);
    ingress_open_destroy (&self->open);
    s_drop_conf (&self->tried);
    s_drop_conf (&self->conf);
    free (self);
    *state_p = NULL;
}

br_id_t
ingress_next_id (ingress_t *self)
{
    self->last_id.lo++;
    return self->last_id;
}

//  ---- configuration

//  Which guardrails concern a call.
static guard_scope_t *
s_read_scope (const char *slice, br_error_t *reterr)
{
    json_row_t row = { .key = "guard" };
    if (json_members (slice, strlen (slice), &row, 1, reterr))
        return NULL;
    char *part = row.type == JSON_OBJECT ? br_strndup (slice + row.offset, row.size)
                                         : br_strdup ("{}");
    guard_scope_t *scope = guard_scope_new (part, reterr);
    free (part);
    return scope;
}

static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    ingress_t *self = state;
    ingress_conf_t conf = { .settings = ingress_settings_new (slice, reterr) };
    if (conf.settings)
        conf.routes = ingress_routes_new (slice, reterr);
    if (conf.routes)
        conf.models = ingress_models_new (slice, br_ctx_unix_ms (self->ctx) / 1000,
                                          reterr);
    if (conf.models)
        conf.offers = ingress_offers_new (slice, reterr);
    if (conf.offers)
        conf.scope = s_read_scope (slice, reterr);
    if (!conf.scope) {
        s_drop_conf (&conf);
        return -1;
    }
    s_drop_conf (&self->tried);
    self->tried = conf;
    return 0;
}

//  Opens the doors for the first time; later they stay as they are.
static int
s_listen (ingress_t *self, const ingress_settings_t *settings, br_error_t *reterr)
{
    if (!self->doors) {
        self->doors = ingress_doors_new (self->ctx, settings, &ingress_front_handler,
                                         self, reterr);
        self->has_receipt_room = settings->receipts;
        return self->doors ? 0 : -1;
    }
    if (!ingress_settings_listen_alike (settings, self->conf.settings))
        br_ctx_log (
            self->ctx, BR_LOG_WARN,
            "addresses or bounds of the server have changed: they need a restart");
    if (settings->receipts && !self->has_receipt_room)
        br_ctx_log (self->ctx, BR_LOG_WARN, "receipts: on needs a restart");
    ingress_doors_set_tls (self->doors, settings);
    return 0;
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    ingress_t *self = state;
    if (!self->tried.settings)
        return br_error_set (reterr, BR_ECONFIG, "ingress: no slice was tried");
    int rc = s_listen (self, self->tried.settings, reterr);
    if (rc)
        return -1;
    s_drop_conf (&self->conf);
    self->conf = self->tried;
    self->tried = (ingress_conf_t) { .settings = NULL };
    self->generation = generation;
    quota_stale (self->quota);
    return 0;
}

//  ---- the admin door

static void
s_print_calls (const ingress_t *self, const char *args, br_buf_t *buf)
{
    (void) args;
    br_buf_addf (
        buf,
        "{\"open_calls\":%u,\"open_connections\":%u,\"settles\":%zu,"
        "\"unguarded\":%llu,\"unchecked\":%llu,",
        self->exchanges, self->doors ? ingress_doors_connections (self->doors) : 0,
        ingress_settles_count (self->settles), (unsigned long long) self->unguarded,
        (unsigned long long) self->unchecked);
    br_buf_adds (buf, "\"listen\":[");
    for (size_t i = 0; self->doors; i++) {
        const ingress_door_t *door = ingress_doors_at (self->doors, i);
        if (!door)
            break;
        const char *colon = strrchr (door->address, ':');
        int size = colon ? (int) (colon - door->address) : (int) strlen (door->address);
        br_buf_addf (buf, "%s\"%.*s:%u\"", i ? "," : "", size, door->address,
                     http_server_port (door->server, 0));
    }
    br_buf_adds (buf, "]}");
}

static void
s_print_routes (const ingress_t *self, const char *args, br_buf_t *buf)
{
    (void) args;
    if (self->conf.routes)
        ingress_routes_print (self->conf.routes, buf);
    else
        br_buf_adds (buf, "[]");
}

static void
s_print_chain (const ingress_t *self, const char *args, br_buf_t *buf)
{
    ingress_chain_print (self->conf.routes, args, buf);
}

static const struct {
    const char *command;
    void (*print) (const ingress_t *self, const char *args, br_buf_t *buf);
} s_commands[] = {
    { "calls", s_print_calls },
    { "routes", s_print_routes },
    { "resolve", s_print_chain },
};

static char *
s_admin (void *state, const char *command, const char *args)
{
    for (size_t i = 0; i < sizeof s_commands / sizeof *s_commands; i++) {
        if (strcmp (s_commands[i].command, command) != 0)
            continue;
        br_buf_t buf;
        br_buf_init (&buf, ADMIN_MAX);
        s_commands[i].print (state, args, &buf);
        br_buf_addc (&buf, 0);
        size_t size;
        return (char *) br_buf_take (&buf, &size);
    }
    return NULL;
}

//  ---- stopping

static void
s_on_flushed (void *arg)
{
    ingress_t *self = arg;
    br_ctx_stopped (self->ctx);
}

static void
s_on_stop_time (void *arg)
{
    ingress_t *self = arg;
    br_timer_set (br_ctx_loop (self->ctx), &self->stop_timer, STOP_FLUSH_MS, s_on_flushed,
                  self);
    ingress_receipts_close (self->receipts);
    ingress_exchange_cancel_all (self);
}

void
ingress_check_stop (ingress_t *self)
{
    if (self->closed && !self->exchanges && !self->visits
        && !ingress_questions_count (self->questions)
        && !ingress_settles_count (self->settles))
        br_ctx_stopped (self->ctx);
}

//  No new connections from now on; what is open may finish.
static void
s_close_doors (ingress_t *self, uint64_t drain_ms)
{
    self->closed = true;
    if (self->doors)
        ingress_doors_drain (self->doors);
    br_timer_set (br_ctx_loop (self->ctx), &self->stop_timer, drain_ms, s_on_stop_time,
                  self);
    ingress_check_stop (self);
}

static void
s_on_noticed (void *arg)
{
    ingress_t *self = arg;
    s_close_doors (self, self->drain_ms);
}

//  From its first moment on /ready says so. Who sends us calls gets the time of the notice
//  to hear it, which is part of the time to drain.
static void
s_stop (void *state, uint64_t drain_ms)
{
    ingress_t *self = state;
    uint64_t notice_ms = self->doors ? self->conf.settings->drain_notice_ms : 0;
    if (notice_ms > drain_ms)
        notice_ms = drain_ms;
    self->stopping = true;
    self->drain_ms = drain_ms - notice_ms;
    if (notice_ms)
        br_timer_set (br_ctx_loop (self->ctx), &self->stop_timer, notice_ms, s_on_noticed,
                      self);
    else
        s_close_doors (self, drain_ms);
}

//  ---- messages

//  Words of an answer. Of a call that is not known, its attempt is to end.
static void
s_on_reply (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    ingress_t *self = state;
    ingress_exchange_t *exchange = ingress_open_get (self->open, msg->call);
    if (exchange)
        ingress_exchange_reply (exchange, msg);
    else if (msg->verb == BR_REPLY_HEAD || msg->verb == BR_REPLY_DELTA)
        br_ctx_reply (ctx, msg, BR_ATTEMPT_CANCEL, NULL, NULL);
}

static void
s_on_fence (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    ingress_t *self = state;
    ingress_exchange_t *exchange = ingress_open_get (self->open, msg->call);
    if (exchange)
        ingress_exchange_fence (exchange, msg);
    else if (ingress_open_was_answered (self->open, msg->call))
        br_ctx_reply (ctx, msg, BR_CALL_COMMITTED, NULL, NULL);
    else
        br_ctx_reply (ctx, msg, BR_CALL_FENCED, NULL, NULL);
}

//  The owner of Idempotency-Keys answers a claim. Calls that it does not find have left.
static void
s_on_idem (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    ingress_t *self = state;
    ingress_exchange_t *exchange = ingress_open_get (self->open, msg->call);
    if (exchange && msg->verb == BR_IDEM_GO)
        ingress_claim_go (exchange, msg);
    else if (exchange)
        ingress_claim_refuse (exchange, msg);
}

static void
s_on_settled (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    ingress_t *self = state;
    ingress_settles_done (self->settles, msg->call);
    ingress_check_stop (self);
}

static void
s_on_receipt (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    const ingress_t *self = state;
    ingress_receipts_on_told (self->receipts, msg);
}

static void
s_on_kept (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    ingress_t *self = state;
    ingress_settles_on_kept (self->settles, msg);
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    const ingress_t *self = state;
    const struct br_sys_gone *gone = br_msg_fields (msg);
    uint32_t host = (uint32_t) gone->host;
    uint32_t life = (uint32_t) gone->life;
    ingress_idems_gone (self->idems, host, life);
    ingress_identities_gone (self->identities, host, life);
    ingress_budgets_gone (self->budgets, host, life);
    ingress_questions_gone (self->questions, host, life);
    ingress_searches_gone (self->searches, host, life);
    ingress_receipts_gone (self->receipts);
    ingress_exchange_host_gone (state, host, life);
}

static void
s_on_grant (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    ingress_t *self = state;
    quota_on_grant (self->quota, msg);
}

//  Whose a credential is, or that all this is to be asked again.
static void
s_on_auth (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    ingress_t *self = state;
    if (msg->verb == BR_AUTH_TOLD) {
        ingress_identities_on_told (self->identities, msg);
        return;
    }
    ingress_identities_forget (self->identities);
    ingress_budgets_on_changed (self->budgets, msg);
}

static void
s_on_budget (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    ingress_t *self = state;
    ingress_budgets_on_told (self->budgets, msg);
}

static void
s_on_figures (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    ingress_t *self = state;
    ingress_figures_on_told (self->questions, msg);
}

static void
s_on_object (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    ingress_t *self = state;
    ingress_searches_on_told (self->searches, msg);
}

static void
s_on_admin (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    ingress_t *self = state;
    ingress_admin_on_reply (self->questions, msg);
}

static const br_handler_row_t s_handlers[] = {
    { BR_REPLY_HEAD, s_on_reply },     { BR_REPLY_DELTA, s_on_reply },
    { BR_REPLY_END, s_on_reply },      { BR_REPLY_ERROR, s_on_reply },
    { BR_REPLY_BROKEN, s_on_reply },   { BR_CALL_FENCE, s_on_fence },
    { BR_CALL_SETTLED, s_on_settled }, { BR_CALL_RECEIPT, s_on_receipt },
    { BR_CALL_SETTLE, s_on_kept },     { BR_IDEM_GO, s_on_idem },
    { BR_IDEM_REFUSE, s_on_idem },     { BR_LIMIT_GRANT, s_on_grant },
    { BR_AUTH_TOLD, s_on_auth },       { BR_AUTH_CHANGED, s_on_auth },
    { BR_BUDGET_TOLD, s_on_budget },   { BR_OBJECT_TOLD, s_on_object },
    { BR_METRICS_TOLD, s_on_figures }, { BR_ADMIN_REPLY, s_on_admin },
    { BR_SYS_GONE, s_on_gone },        { .fn = NULL },
};

const br_actor_t br_ingress_actor = {
    .name = "ingress",
    .about = "takes the clients' requests and hands the answers down",
    .role = BR_ROLE_INGRESS,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
    .stop = s_stop,
};
