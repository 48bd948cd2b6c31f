//  tui_model: all that the view knows. A table says what each event changes.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tui/tui_model.h"
#include "tui/tui_text.h"

#define SECOND_MS 1000
#define UNHEARD_MS 5000 //  an end that was not heard for so long will not come
#define REASON_BYTES 200

struct _tui_model_t {
    uint64_t now_ms;
    bool is_up;
    bool is_deaf; //  there are no events
    char reason[REASON_BYTES];
    tui_calls_t *calls;
    tui_sums_t *sums[TUI_BY_COUNT];
    tui_notes_t *notes;
    tui_answers_t *answers;
    tui_totals_t totals;
};

tui_model_t *
tui_model_new (uint64_t now_ms)
{
    tui_model_t *self = BR_NEW (tui_model_t);
    self->now_ms = now_ms;
    self->calls = tui_calls_new ();
    for (unsigned i = 0; i < TUI_BY_COUNT; i++)
        self->sums[i] = tui_sums_new ((tui_by_t) i);
    self->notes = tui_notes_new ();
    self->answers = tui_answers_new ();
    self->totals.started_ms = now_ms;
    self->totals.begun.slot_ms = self->totals.broken.slot_ms = SECOND_MS;
    self->totals.output.slot_ms = self->totals.spent.slot_ms = SECOND_MS;
    return self;
}

void
tui_model_destroy (tui_model_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    tui_model_t *self = *self_p;
    tui_answers_destroy (&self->answers);
    tui_notes_destroy (&self->notes);
    for (unsigned i = 0; i < TUI_BY_COUNT; i++)
        tui_sums_destroy (&self->sums[i]);
    tui_calls_destroy (&self->calls);
    free (self);
    *self_p = NULL;
}

void
tui_model_tick (tui_model_t *self, uint64_t now_ms)
{
    self->now_ms = now_ms;
}

//  ---- events: what they tell of calls

//  Takes a text where the event has it: what is known is not forgotten.
static void
s_take (const cJSON *event, const char *name, char to[TUI_NAME])
{
    const char *text = tui_json_text (event, name);
    if (*text)
        tui_text_copy (to, TUI_NAME, text);
}

static uint64_t
s_time (const tui_model_t *self, const cJSON *event)
{
    uint64_t time_ms = tui_json_count (event, "time");
    return time_ms ? time_ms : self->now_ms;
}

static tui_call_t *
s_call (tui_model_t *self, const cJSON *event)
{
    return tui_calls_get (self->calls, tui_json_text (event, "call"),
                          s_time (self, event));
}

static void
s_note_who (const cJSON *event, tui_call_t *call)
{
    s_take (event, "request_id", call->request_id);
    s_take (event, "route", call->route);
    s_take (event, "account_id", call->account);
    s_take (event, "session", call->session);
    s_take (event, "run", call->run);
    s_take (event, "agent", call->agent);
    s_take (event, "step", call->step);
}

static void
s_on_call_started (tui_model_t *self, const cJSON *event)
{
    tui_call_t *call = s_call (self, event);
    s_note_who (event, call);
    s_take (event, "host", call->host);
    call->started_ms = s_time (self, event);
    call->stream = tui_json_is (event, "stream");
    self->totals.calls++;
    tui_rate_add (&self->totals.begun, self->now_ms, 1);
}

static tui_hop_t *
s_hop (tui_call_t *call, const cJSON *event)
{
    uint64_t attempt = tui_json_count (event, "attempt");
    return attempt ? tui_call_hop (call, (unsigned) (attempt & 0xffff)) : NULL;
}

static void
s_on_attempt_started (tui_model_t *self, const cJSON *event)
{
    tui_call_t *call = s_call (self, event);
    tui_hop_t *hop = s_hop (call, event);
    s_take (event, "provider", call->provider);
    s_take (event, "model", call->model);
    call->attempts = (unsigned) (tui_json_count (event, "attempt") & 0xffff);
    if (tui_call_is_open (call))
        call->state = TUI_CALL_ASKING;
    if (!hop)
        return;
    s_take (event, "provider", hop->provider);
    s_take (event, "model", hop->model);
    hop->started_ms = s_time (self, event);
}

static void
s_on_attempt_begun (tui_model_t *self, const cJSON *event)
{
    tui_call_t *call = s_call (self, event);
    tui_hop_t *hop = s_hop (call, event);
    if (tui_call_is_open (call))
        call->state = TUI_CALL_ANSWERS;
    if (!call->first_ms)
        call->first_ms = tui_json_count (event, "first_ms");
    if (hop)
        hop->first_ms = s_time (self, event);
}

static void
s_on_attempt_failed (tui_model_t *self, const cJSON *event)
{
    tui_call_t *call = s_call (self, event);
    tui_hop_t *hop = s_hop (call, event);
    if (hop) {
        s_take (event, "provider", hop->provider);
        s_take (event, "error_type", hop->error_type);
        tui_text_copy (hop->error, sizeof hop->error, tui_json_text (event, "error"));
        hop->ended_ms = s_time (self, event);
    }
    tui_notes_add (self->notes, s_time (self, event), TUI_WARN, "attempt.failed",
                   "%s: %s: %s", tui_json_text (event, "provider"),
                   tui_json_text (event, "error_type"), tui_json_text (event, "error"));
}

static void
s_on_attempt_delayed (tui_model_t *self, const cJSON *event)
{
    tui_call_t *call = s_call (self, event);
    tui_hop_t *hop = s_hop (call, event);
    if (tui_call_is_open (call))
        call->state = TUI_CALL_WAITING;
    if (hop)
        hop->delay_ms = tui_json_count (event, "delay_ms");
}

static void
s_note_end (const cJSON *event, tui_call_t *call)
{
    s_note_who (event, call);
    s_take (event, "provider", call->provider);
    s_take (event, "model", call->model);
    s_take (event, "error_type", call->error_type);
    call->latency_ms = tui_json_count (event, "latency_ms");
    call->input_tokens = tui_json_count (event, "input_tokens");
    call->output_tokens = tui_json_count (event, "output_tokens");
    //  What the client got, where that was told; else what the provider sent, if only a head.
    if (!call->first_ms)
        call->first_ms = tui_json_count (event, "first_ms");
}

static void
s_end_hops (tui_call_t *call, uint64_t now_ms)
{
    for (size_t i = 0; i < TUI_HOPS_MAX && call->hops[i].attempt; i++)
        if (!call->hops[i].ended_ms)
            call->hops[i].ended_ms = now_ms;
}

static void
s_note_failure (tui_model_t *self, const tui_call_t *call)
{
    self->totals.failed++;
    tui_rate_add (&self->totals.broken, self->now_ms, 1);
    tui_notes_add (self->notes, call->ended_ms, TUI_BAD, "call.ended", "%s failed: %s",
                   *call->route ? call->route : call->id, call->error_type);
}

//  The start of a call that was not heard is counted back from its end.
static void
s_end (tui_model_t *self, const cJSON *event, tui_call_t *call, tui_call_state_t state)
{
    uint64_t now_ms = s_time (self, event);
    bool was_open = tui_call_is_open (call);
    if (call->started_ms + call->latency_ms > now_ms && now_ms > call->latency_ms)
        call->started_ms = now_ms - call->latency_ms;
    tui_calls_end (self->calls, call, state, now_ms);
    s_end_hops (call, now_ms);
    if (was_open && state == TUI_CALL_FAILED)
        s_note_failure (self, call);
}

static void
s_on_call_ended (tui_model_t *self, const cJSON *event)
{
    tui_call_t *call = s_call (self, event);
    const char *outcome = tui_json_text (event, "outcome");
    tui_call_state_t state = strcmp (outcome, "ok") == 0          ? TUI_CALL_OK
                             : strcmp (outcome, "cancelled") == 0 ? TUI_CALL_CANCELLED
                                                                  : TUI_CALL_FAILED;
    s_note_end (event, call);
    call->attempts = (unsigned) (tui_json_count (event, "attempts") & 0xffff);
    s_end (self, event, call, state);
}

static void
s_count_settled (tui_model_t *self, const tui_call_t *call)
{
    tui_totals_t *totals = &self->totals;
    uint64_t tokens = call->input_tokens + call->output_tokens;
    totals->settled++;
    totals->tokens += tokens;
    tui_rate_add (&totals->output, self->now_ms, call->output_tokens);
    if (call->cost_known && call->cost_nusd <= INT64_MAX - totals->cost_nusd) {
        totals->cost_nusd += call->cost_nusd;
        tui_rate_add (&totals->spent, self->now_ms, (uint64_t) call->cost_nusd);
    }
    for (unsigned i = 0; i < TUI_BY_COUNT; i++)
        tui_sums_add (self->sums[i], call, self->now_ms);
}

static void
s_on_call_settled (tui_model_t *self, const cJSON *event)
{
    tui_call_t *call = s_call (self, event);
    bool is_ok = tui_json_is (event, "success");
    s_note_end (event, call);
    if (call->state < TUI_CALL_OK || call->state == TUI_CALL_LOST)
        s_end (self, event, call, is_ok ? TUI_CALL_OK : TUI_CALL_FAILED);
    const cJSON *cost = tui_json (event, "cost_nusd");
    call->cost_known = cJSON_IsNumber (cost)
                       && (!tui_json (event, "cost_known")
                           || tui_json_is (event, "cost_known"));
    call->usage_known = !tui_json (event, "usage_known")
                        || tui_json_is (event, "usage_known");
    call->cost_nusd = (int64_t) tui_json_count (event, "cost_nusd");
    call->settled_ms = s_time (self, event);
    if (!call->is_settled)
        s_count_settled (self, call);
    call->is_settled = true;
}

//  ---- events: what else happens

static void
s_on_host_gone (tui_model_t *self, const cJSON *event)
{
    const char *host = tui_json_text (event, "name");
    tui_calls_lose (self->calls, host, 0, s_time (self, event));
    tui_notes_add (self->notes, s_time (self, event), TUI_BAD, "host.gone",
                   "host %s is gone: %s", host, tui_json_text (event, "reason"));
}

static void
s_on_host_up (tui_model_t *self, const cJSON *event)
{
    tui_notes_add (self->notes, s_time (self, event), TUI_GOOD, "host.up",
                   "host %s is up, pid %.0f", tui_json_text (event, "name"),
                   tui_json_number (event, "pid"));
}

static void
s_on_ready (tui_model_t *self, const cJSON *event)
{
    tui_notes_add (self->notes, s_time (self, event), TUI_GOOD, "ready",
                   "all hosts are up");
}

static void
s_on_conf_taken (tui_model_t *self, const cJSON *event)
{
    tui_answers_hurry (self->answers);
    tui_notes_add (self->notes, s_time (self, event), TUI_GOOD, "conf.taken",
                   "configuration %.0f is in use", tui_json_number (event, "generation"));
}

static void
s_on_conf_refused (tui_model_t *self, const cJSON *event)
{
    tui_notes_add (self->notes, s_time (self, event), TUI_BAD, "conf.refused",
                   "configuration refused: %s", tui_json_text (event, "error"));
}

static void
s_on_queue_filling (tui_model_t *self, const cJSON *event)
{
    tui_notes_add (self->notes, s_time (self, event), TUI_WARN, "queue.filling",
                   "queue %s of host %s is filling: %.0f bytes",
                   tui_json_text (event, "queue"), tui_json_text (event, "host"),
                   tui_json_number (event, "bytes"));
}

static void
s_on_message_dropped (tui_model_t *self, const cJSON *event)
{
    tui_notes_add (self->notes, s_time (self, event), TUI_WARN, "message.dropped",
                   "%s dropped: %s", tui_json_text (event, "verb"),
                   tui_json_text (event, "reason"));
}

static void
s_on_breaker_changed (tui_model_t *self, const cJSON *event)
{
    const char *state = tui_json_text (event, "state");
    const char *endpoint = tui_json_text (event, "endpoint");
    const char *model = tui_json_text (event, "model");
    char span[TUI_WORD];
    bool is_open = strcmp (state, "open") == 0;
    tui_text_span (tui_json_count (event, "for_ms"), span);
    tui_notes_add (self->notes, s_time (self, event), is_open ? TUI_BAD : TUI_GOOD,
                   "breaker.changed", "%s%s%s%s%s is %s%s%s  %s",
                   tui_json_text (event, "provider"), *endpoint ? "/" : "", endpoint,
                   *model ? " " : "", model, state, is_open ? " for " : "",
                   is_open ? span : "", tui_json_text (event, "reason"));
}

static void
s_on_limit_reached (tui_model_t *self, const cJSON *event)
{
    tui_notes_add (self->notes, s_time (self, event), TUI_WARN, "limit.reached",
                   "%s %s has no %s left", tui_json_text (event, "kind"),
                   tui_json_text (event, "key"), tui_json_text (event, "what"));
}

static void
s_on_budget_reached (tui_model_t *self, const cJSON *event)
{
    char limit[TUI_WORD], spent[TUI_WORD];
    tui_text_money ((int64_t) tui_json_count (event, "limit_nusd"), limit);
    tui_text_money ((int64_t) tui_json_count (event, "spent_nusd"), spent);
    tui_notes_add (self->notes, s_time (self, event), TUI_BAD, "budget.reached",
                   "budget of %s %s is spent: %s of %s", tui_json_text (event, "account"),
                   tui_json_text (event, "key"), spent, limit);
}

static void
s_on_guard_finding (tui_model_t *self, const cJSON *event)
{
    tui_finding_t *finding = tui_notes_find (self->notes);
    const struct {
        const char *name;
        char *to;
    } texts[] = {
        { "call", finding->call },       { "direction", finding->direction },
        { "place", finding->place },     { "family", finding->family },
        { "pattern", finding->pattern }, { "action", finding->action },
        { "masked", finding->masked },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        tui_text_copy (texts[i].to, TUI_FINDING_WORD,
                       tui_json_text (event, texts[i].name));
    finding->time_ms = s_time (self, event);
    finding->count = tui_json_count (event, "count");
    finding->failed = tui_json_is (event, "failed");
    self->totals.findings++;
    tui_call_t *call = tui_calls_known (self->calls, finding->call);
    if (call)
        call->findings++;
    bool is_block = strcmp (finding->action, "block") == 0;
    tui_notes_add (self->notes, finding->time_ms, is_block ? TUI_BAD : TUI_WARN,
                   "guard.finding", "%s: %s in %s, %s", finding->action, finding->family,
                   finding->place, finding->masked);
}

static const struct {
    const char *name;
    void (*handle) (tui_model_t *self, const cJSON *event);
    bool of_call; //  it must name one
} s_events[] = {
    { "call.started", s_on_call_started, true },
    { "attempt.started", s_on_attempt_started, true },
    { "attempt.begun", s_on_attempt_begun, true },
    { "attempt.failed", s_on_attempt_failed, true },
    { "attempt.delayed", s_on_attempt_delayed, true },
    { "call.ended", s_on_call_ended, true },
    { "call.settled", s_on_call_settled, true },
    { "host.up", s_on_host_up, false },
    { "host.gone", s_on_host_gone, false },
    { "ready", s_on_ready, false },
    { "conf.taken", s_on_conf_taken, false },
    { "conf.refused", s_on_conf_refused, false },
    { "queue.filling", s_on_queue_filling, false },
    { "message.dropped", s_on_message_dropped, false },
    { "breaker.changed", s_on_breaker_changed, false },
    { "limit.reached", s_on_limit_reached, false },
    { "budget.reached", s_on_budget_reached, false },
    { "guard.finding", s_on_guard_finding, false },
};

int
tui_model_event (tui_model_t *self, const char *json, size_t size)
{
    int rc = -1;
    cJSON *event = cJSON_ParseWithLength (json, size);
    const char *name = tui_json_text (event, "event");
    for (size_t i = 0; i < sizeof s_events / sizeof *s_events; i++) {
        if (strcmp (s_events[i].name, name) != 0)
            continue;
        if (s_events[i].of_call && !*tui_json_text (event, "call"))
            break;
        s_events[i].handle (self, event);
        self->totals.events++;
        rc = 0;
        break;
    }
    cJSON_Delete (event);
    return rc;
}

//  ---- answers

//  Nothing is under way in the server: what is here has ended unheard.
static void
s_check_calls (tui_model_t *self, const cJSON *calls)
{
    const cJSON *open = tui_json (calls, "open_calls");
    if (cJSON_IsNumber (open) && open->valuedouble == 0 && self->now_ms > UNHEARD_MS)
        tui_calls_lose (self->calls, NULL, self->now_ms - UNHEARD_MS, self->now_ms);
}

void
tui_model_answer (tui_model_t *self, tui_question_t question, cJSON **result)
{
    if (question == TUI_CALLS)
        s_check_calls (self, *result);
    tui_answers_take (self->answers, question, result);
}

void
tui_model_link (tui_model_t *self, bool is_up, const char *reason)
{
    if (!is_up && self->is_up) {
        tui_answers_hurry (self->answers);
        tui_calls_lose (self->calls, NULL, UINT64_MAX, self->now_ms);
        tui_notes_add (self->notes, self->now_ms, TUI_BAD, "link",
                       "bitrouter does not answer any more");
    }
    self->is_up = is_up;
    tui_text_copy (self->reason, sizeof self->reason, reason);
}

void
tui_model_log (tui_model_t *self, const char *line)
{
    tui_style_t style = strstr (line, " error ")  ? TUI_BAD
                        : strstr (line, " warn ") ? TUI_WARN
                                                  : TUI_DIM;
    tui_notes_add (self->notes, self->now_ms, style, "log", "%s", line);
}

void
tui_model_be_deaf (tui_model_t *self)
{
    self->is_deaf = true;
}

//  ---- reading

uint64_t
tui_model_now (const tui_model_t *self)
{
    return self->now_ms;
}

bool
tui_model_is_up (const tui_model_t *self)
{
    return self->is_up;
}

bool
tui_model_is_deaf (const tui_model_t *self)
{
    return self->is_deaf;
}

const char *
tui_model_reason (const tui_model_t *self)
{
    return self->reason;
}

const tui_calls_t *
tui_model_calls (const tui_model_t *self)
{
    return self->calls;
}

const tui_sums_t *
tui_model_sums (const tui_model_t *self, tui_by_t by)
{
    return self->sums[by];
}

const tui_notes_t *
tui_model_notes (const tui_model_t *self)
{
    return self->notes;
}

const tui_totals_t *
tui_model_totals (const tui_model_t *self)
{
    return &self->totals;
}

const cJSON *
tui_model_said (const tui_model_t *self, tui_question_t question)
{
    return tui_answers_at (self->answers, question);
}

tui_answers_t *
tui_model_answers (tui_model_t *self)
{
    return self->answers;
}
