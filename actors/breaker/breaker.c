//  breaker: the owner of the state of each endpoint.
//
//  A report is an event for a machine of states (breaker_endpoint); when that changes, all
//  routers hear of it. When the time of an open endpoint has passed, the first router that
//  asks gets a lease for one call, whose end decides. Leases without an end are looked for
//  each second while there are any.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_writer.h"
#include "actors/breaker/breaker.h"
#include "actors/breaker/breaker_table.h"

#define ROUTERS_MAX 4096    //  that are told of changes
#define LOOK_MS 1000        //  between two looks for leases that have ended
#define LOG_EACH 1000       //  reports without room for one line of log
#define ERROR_SHOWN 300     //  bytes of a router's text in the log
#define JSON_MAX (4u << 20) //  bytes of an answer to the operator
#define ROW_MAX 8192        //  bytes of one row in it, about

typedef struct _breaker_t {
    br_ctx_t *ctx;
    breaker_settings_t settings;
    breaker_settings_t tried;
    breaker_table_t *table;
    br_addr_t *routers; //  that have asked or reported, and are not gone
    size_t routers_size;
    size_t routers_room;
    uint64_t version; //  given out last; grows over restarts too
    uint64_t leases;  //  number given out last; the same
    uint64_t roomless;
    br_timer_t look;
} breaker_t;

static uint64_t
s_now_ms (const breaker_t *self)
{
    return br_ctx_now_us (self->ctx) / 1000;
}

static void
s_destroy (void **state_p)
{
    breaker_t *self = *state_p;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->look);
    breaker_table_destroy (&self->table);
    free (self->routers);
    free (self);
    *state_p = NULL;
}

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    breaker_t *self = BR_NEW (breaker_t);
    self->ctx = ctx;
    self->settings = breaker_settings_default ();
    self->tried = self->settings;
    self->table = breaker_table_new ();
    self->version = br_ctx_unix_ms (ctx) * 1000;
    self->leases = self->version;
    return self;
}

//  ---- who is told

static void
s_know (breaker_t *self, br_addr_t router)
{
    for (size_t i = 0; i < self->routers_size; i++)
        if (br_addr_is (self->routers[i], router))
            return;
    if (self->routers_size == ROUTERS_MAX)
        return;
    if (self->routers_size == self->routers_room) {
        self->routers_room = self->routers_room ? self->routers_room * 2 : 16;
        self->routers = br_realloc (self->routers,
                                    self->routers_room * sizeof (br_addr_t));
    }
    self->routers[self->routers_size++] = router;
}

static void
s_tell (breaker_t *self, const breaker_row_t *row, br_addr_t router)
{
    struct br_breaker_state state = { .provider = row->provider, .endpoint = row->name };
    const breaker_endpoint_t *endpoint = &row->state;
    state.model = row->model;
    state.version = row->version;
    state.state = endpoint->state;
    state.for_ms = breaker_endpoint_for_ms (endpoint, s_now_ms (self));
    state.reason = endpoint->reason;
    if (br_addr_is (router, endpoint->lease_for))
        state.lease = endpoint->lease;
    (void) br_ctx_send (self->ctx, router, BR_BREAKER_STATE, (br_id_t) { 0, 0 }, 0,
                        &state, NULL);
}

static void
s_raise (breaker_t *self, const breaker_row_t *row)
{
    struct br_event_breaker_changed event = { .provider = row->provider };
    event.endpoint = row->name;
    event.model = row->model;
    event.state = breaker_state_name (row->state.state);
    event.reason = row->state.reason;
    event.for_ms = breaker_endpoint_for_ms (&row->state, s_now_ms (self));
    br_ctx_event (self->ctx, BR_EVENT_BREAKER_CHANGED, &event);
}

static void
s_tell_all (breaker_t *self, breaker_row_t *row)
{
    row->version = ++self->version;
    s_raise (self, row);
    for (size_t i = 0; i < self->routers_size; i++)
        s_tell (self, row, self->routers[i]);
}

//  ---- leases

static void s_look_at_leases (void *arg);

static void
s_set_look (breaker_t *self)
{
    if (!br_timer_is_set (&self->look))
        br_timer_set (br_ctx_loop (self->ctx), &self->look, LOOK_MS, s_look_at_leases,
                      self);
}

static void
s_look_at_leases (void *arg)
{
    breaker_t *self = arg;
    breaker_row_t *row = breaker_table_newest (self->table);
    bool any = false;
    for (; row; row = row->older) {
        if (breaker_endpoint_expire (&row->state, s_now_ms (self)))
            s_tell_all (self, row);
        any |= row->state.lease != 0;
    }
    if (any)
        s_set_look (self);
}

//  An endpoint that is not known is in use: the router has heard of it from a breaker that
//  is gone.
static void
s_tell_unknown (breaker_t *self, const br_msg_t *msg)
{
    const struct br_breaker_probe *probe = br_msg_fields (msg);
    struct br_breaker_state state = { .state = BR_BREAKER_CLOSED };
    state.provider = probe->provider;
    state.endpoint = probe->endpoint;
    state.model = probe->model;
    state.version = ++self->version;
    (void) br_ctx_reply (self->ctx, msg, BR_BREAKER_STATE, &state, NULL);
}

static void
s_on_probe (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    breaker_t *self = state;
    const struct br_breaker_probe *probe = br_msg_fields (msg);
    s_know (self, msg->from);
    breaker_row_t *row = breaker_table_find (self->table, probe->provider,
                                             probe->endpoint, probe->model);
    if (!row) {
        s_tell_unknown (self, msg);
        return;
    }
    if (breaker_endpoint_probe (&row->state, self->leases + 1, msg->from,
                                s_now_ms (self))) {
        self->leases++;
        s_tell_all (self, row);
        s_set_look (self);
    } else if (row->state.state != BR_BREAKER_HALF_OPEN)
        s_tell (self, row, msg->from); //  it is behind
}

//  ---- reports

static breaker_row_t *
s_row (breaker_t *self, const struct br_breaker_report *report)
{
    breaker_row_t *row = breaker_table_get (self->table, report->provider,
                                            report->endpoint, report->model);
    if (!row && self->roomless++ % LOG_EACH == 0)
        br_ctx_log (self->ctx, BR_LOG_WARN,
                    "%d endpoints are out of use: another one cannot be watched, %llu "
                    "reports so far",
                    BREAKER_ENDPOINTS_MAX, (unsigned long long) self->roomless);
    return row;
}

static void
s_log_change (breaker_t *self, const breaker_row_t *row, br_breaker_t before,
              const char *error)
{
    const char *slash = *row->name ? "/" : "";
    const char *of = *row->model ? ", model " : "";
    uint64_t for_ms = breaker_endpoint_for_ms (&row->state, s_now_ms (self));
    if (row->state.state == BR_BREAKER_CLOSED)
        br_ctx_log (self->ctx, BR_LOG_INFO, "%s%s%s%s%s is in use again", row->provider,
                    slash, row->name, of, row->model);
    else if (before != BR_BREAKER_OPEN && for_ms)
        br_ctx_log (self->ctx, BR_LOG_WARN,
                    "%s%s%s%s%s is out of use for %llu ms (%s): %.*s", row->provider,
                    slash, row->name, of, row->model, (unsigned long long) for_ms,
                    row->state.reason, ERROR_SHOWN, error);
}

static void
s_on_report (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    breaker_t *self = state;
    const struct br_breaker_report *told = br_msg_fields (msg);
    s_know (self, msg->from);
    breaker_row_t *row = s_row (self, told);
    if (!row)
        return;
    breaker_report_t report = { .good = told->good, .lease = told->lease };
    report.failure = br_failure_of (told->failure);
    report.retry_after_ms = told->retry_after_ms;
    br_breaker_t before = row->state.state;
    if (!breaker_endpoint_report (&row->state, &self->settings, &report, s_now_ms (self)))
        return;
    s_log_change (self, row, before, told->error);
    s_tell_all (self, row);
}

static void
s_on_ask (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    breaker_t *self = state;
    s_know (self, msg->from);
    const breaker_row_t *row = breaker_table_newest (self->table);
    for (; row; row = row->older)
        if (row->state.state != BR_BREAKER_CLOSED)
            s_tell (self, row, msg->from);
    (void) br_ctx_reply (ctx, msg, BR_BREAKER_TOLD, NULL, NULL);
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    breaker_t *self = state;
    const struct br_sys_gone *gone = br_msg_fields (msg);
    uint32_t host = (uint32_t) gone->host;
    uint32_t life = (uint32_t) gone->life;
    for (size_t i = self->routers_size; i > 0; i--)
        if (self->routers[i - 1].host == host && self->routers[i - 1].life == life)
            self->routers[i - 1] = self->routers[--self->routers_size];
    breaker_row_t *row = breaker_table_newest (self->table);
    for (; row; row = row->older)
        if (breaker_endpoint_gone (&row->state, host, life))
            s_tell_all (self, row);
}

//  ---- configuration, questions of the operator

static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    breaker_t *self = state;
    return breaker_settings_read (slice, &self->tried, reterr);
}

//  States stay, unless nothing is ever out of use any more. Outcomes so far are forgotten
//  where the window is another one.
static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) generation;
    (void) reterr;
    breaker_t *self = state;
    bool is_other = self->tried.window_ms != self->settings.window_ms;
    self->settings = self->tried;
    breaker_row_t *row = breaker_table_newest (self->table);
    for (; row; row = row->older) {
        if (is_other)
            memset (row->state.spans, 0, sizeof row->state.spans);
        if (breaker_settings_is_off (&self->settings)
            && breaker_endpoint_close (&row->state))
            s_tell_all (self, row);
    }
    return 0;
}

static void
s_write_row (const breaker_t *self, json_writer_t *out, const breaker_row_t *row)
{
    uint64_t good, bad;
    uint64_t now_ms = s_now_ms (self);
    breaker_endpoint_count (&row->state, &self->settings, now_ms, &good, &bad);
    if (row->state.state == BR_BREAKER_CLOSED && !bad && !row->state.row)
        return;
    json_open (out, NULL, '{');
    json_put_string (out, "provider", row->provider);
    json_put_string (out, "endpoint", row->name);
    json_put_string (out, "model", row->model);
    json_put_string (out, "state", breaker_state_name (row->state.state));
    json_put_string (out, "reason", row->state.reason ? row->state.reason : "");
    json_put_integer (out, "for_ms",
                      (int64_t) breaker_endpoint_for_ms (&row->state, now_ms));
    json_put_integer (out, "good", (int64_t) good);
    json_put_integer (out, "bad", (int64_t) bad);
    json_close (out, '}');
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    const breaker_t *self = state;
    if (strcmp (command, "breakers") != 0)
        return NULL;
    br_buf_t buf;
    br_buf_init (&buf, JSON_MAX);
    json_writer_t out = json_writer (&buf);
    json_open (&out, NULL, '[');
    const breaker_row_t *row = breaker_table_newest (self->table);
    for (; row && buf.size < JSON_MAX - ROW_MAX; row = row->older)
        s_write_row (self, &out, row);
    json_close (&out, ']');
    char *answer = br_strdup (br_buf_text (&buf));
    br_buf_free (&buf);
    return answer;
}

static const br_handler_row_t s_handlers[] = {
    { BR_BREAKER_ASK, s_on_ask },
    { BR_BREAKER_REPORT, s_on_report },
    { BR_BREAKER_PROBE, s_on_probe },
    { BR_SYS_GONE, s_on_gone },
    { 0, NULL },
};

const br_actor_t br_breaker_actor = {
    .name = "breaker",
    .about = "owns which endpoints are out of use, and until when",
    .role = BR_ROLE_BREAKER,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
};
