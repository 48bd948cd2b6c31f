//  auth_money: a question is granted, queued or refused; whatever comes back lets those that
//  wait be judged again, the oldest first. One tick looks at what time has decided while
//  anybody waits, for others or for the ledger.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/attribution.h"
#include "actors/auth/auth_ledger.h"
#include "actors/auth/auth_metered.h"
#include "actors/auth/auth_money.h"
#include "actors/auth/auth_words.h"

#define ROW_MAX 8192     //  bytes of a row for the operator, about
#define DUE_EACH_MS 1000 //  between two looks at holds that come back by themselves

struct _auth_money_t {
    br_ctx_t *ctx;
    auth_budgets_t *budgets;
    auth_ledger_t *ledger;
    auth_metered_t *metered;
    br_timer_t tick;
    uint64_t ready_ms; //  the ledger may be asked from then on; 0 = nobody has begun
    size_t waiting;    //  calls
    size_t due;        //  holds that come back by themselves
    uint64_t due_ms;   //  when those were looked at last
};

auth_money_t *
auth_money_new (br_ctx_t *ctx)
{
    auth_money_t *self = BR_NEW (auth_money_t);
    self->ctx = ctx;
    self->budgets = auth_budgets_new ();
    self->ledger = auth_ledger_new (ctx, self->budgets);
    self->metered = auth_metered_new ();
    return self;
}

void
auth_money_destroy (auth_money_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    auth_money_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->tick);
    auth_metered_destroy (&self->metered);
    auth_ledger_destroy (&self->ledger);
    auth_budgets_destroy (&self->budgets);
    free (self);
    *self_p = NULL;
}

static uint64_t
s_now_ms (const auth_money_t *self)
{
    return br_ctx_now_us (self->ctx) / 1000;
}

void
auth_money_begin (auth_money_t *self)
{
    if (!self->ready_ms)
        self->ready_ms = s_now_ms (self) + AUTH_YOUNG_MS;
}

//  ---- calls, with their counts

static void
s_end (auth_money_t *self, auth_call_t *call)
{
    self->waiting -= call->state == AUTH_CALL_WAITS;
    self->due -= call->state == AUTH_CALL_HOLDS && call->due_ms;
    auth_budgets_end (self->budgets, call);
}

static void
s_set_due (auth_money_t *self, auth_call_t *call, uint64_t delay_ms)
{
    if (call->state != AUTH_CALL_HOLDS || call->due_ms)
        return;
    call->due_ms = s_now_ms (self) + delay_ms;
    self->due++;
}

//  ---- answers

//  An answer that nobody gets holds nothing.
static void
s_grant (auth_money_t *self, auth_call_t *call, uint64_t tokens)
{
    auth_budget_t *budget = call->budget;
    auth_budget_leave (budget, call);
    auth_budget_hold (budget, call, auth_want_nusd (&call->want, tokens));
    call->due_ms = 0;
    struct br_budget_told told = { .held_nusd = call->held_nusd };
    told.output_tokens = tokens;
    told.left_nusd = auth_budget_left (budget, call->want.limit_nusd, s_now_ms (self));
    if (br_ctx_send (self->ctx, call->from, BR_BUDGET_TOLD, call->id, call->attempt,
                     &told, NULL))
        s_end (self, call);
}

static void
s_raise (auth_money_t *self, auth_call_t *call, uint64_t reset_ms)
{
    auth_budget_t *budget = call->budget;
    uint64_t now_ms = s_now_ms (self);
    if (budget->event_ms && now_ms - budget->event_ms < AUTH_EVENT_MS)
        return;
    budget->event_ms = now_ms;
    struct br_event_budget_reached event = { .account = call->account, .key = call->key };
    event.scope = auth_budget_scope_name (budget->scope);
    event.range = auth_budget_range_name (budget->range);
    event.limit_nusd = call->want.limit_nusd;
    event.spent_nusd = auth_spend_nusd (&budget->spend, now_ms);
    event.held_nusd = budget->held_nusd;
    event.reset_ms = reset_ms;
    br_ctx_event (self->ctx, BR_EVENT_BUDGET_REACHED, &event);
}

static void
s_refuse (auth_money_t *self, auth_call_t *call, const br_error_t *error)
{
    struct br_budget_told told = { .code = error->code, .error = error->text };
    if (error->code == BR_EBUDGET) {
        uint64_t now_ms = s_now_ms (self);
        told.left_nusd = auth_budget_left (call->budget, call->want.limit_nusd, now_ms);
        told.retry_ms = auth_budget_reset_ms (call->budget, &call->want, now_ms);
        s_raise (self, call, told.retry_ms);
    }
    (void) br_ctx_send (self->ctx, call->from, BR_BUDGET_TOLD, call->id, call->attempt,
                        &told, NULL);
    s_end (self, call);
}

static void
s_refuse_spent (auth_money_t *self, auth_call_t *call, uint64_t waited_ms)
{
    br_error_t error;
    auth_words_refuse (call->budget, &call->want, waited_ms, s_now_ms (self), &error);
    s_refuse (self, call, &error);
}

static void
s_refuse_all (auth_money_t *self, auth_budget_t *budget, const br_error_t *error)
{
    while (budget->first)
        s_refuse (self, budget->first, error);
}

//  ---- judging

static void
s_ask_ledger (auth_money_t *self, auth_budget_t *budget)
{
    br_error_t error;
    if (!self->ready_ms || s_now_ms (self) < self->ready_ms)
        return; //  the tick asks
    if (auth_ledger_ask (self->ledger, budget, &error) && !budget->spend.is_known)
        s_refuse_all (self, budget, &error);
}

//  What has left a window since the ledger was asked is not known but from the ledger.
static bool
s_is_worth_asking (const auth_money_t *self, const auth_budget_t *budget)
{
    const auth_spend_t *spend = &budget->spend;
    return spend->extent_ms && spend->base_nusd
           && s_now_ms (self) - spend->asked_ms >= AUTH_REFRESH_MS
           && br_addr_is_set (br_ctx_find (self->ctx, "meter"));
}

//  Judges those that wait, until one has to wait on.
static void
s_pump (auth_money_t *self, auth_budget_t *budget)
{
    uint64_t now_ms = s_now_ms (self);
    while (budget->first) {
        auth_call_t *call = budget->first;
        uint64_t tokens = 0;
        auth_verdict_t verdict;
        auth_budgets_look_beside (self->budgets, budget);
        verdict = auth_budget_judge (budget, &call->want, now_ms, &tokens);
        if (verdict == AUTH_NEVER && s_is_worth_asking (self, budget)) {
            s_ask_ledger (self, budget);
            return;
        }
        if (verdict == AUTH_WAITS)
            break;
        if (verdict == AUTH_NEVER)
            s_refuse_spent (self, call, 0);
        else {
            self->waiting--;
            s_grant (self, call, tokens);
        }
    }
    if (budget->first && !budget->spend.is_known)
        s_ask_ledger (self, budget);
}

//  One that stands behind others need not wait for what never comes, and one that has no
//  time does not wait at all.
static void
s_refuse_hopeless (auth_money_t *self, br_id_t id)
{
    auth_call_t *call = auth_budgets_call (self->budgets, id);
    uint64_t tokens;
    if (!call || call->state != AUTH_CALL_WAITS || !call->budget->spend.is_known
        || call->budget->spend.is_asked)
        return;
    uint64_t now_ms = s_now_ms (self);
    bool is_never = auth_budget_judge (call->budget, &call->want, now_ms, &tokens)
                    == AUTH_NEVER;
    if (now_ms >= call->due_ms || (is_never && !s_is_worth_asking (self, call->budget)))
        s_refuse_spent (self, call, 0);
}

static void
s_pump_owner (auth_money_t *self, br_budget_scope_t scope, const char *owner)
{
    auth_budget_t *budget = auth_budgets_first (self->budgets, scope, owner);
    for (; budget; budget = auth_budgets_next (budget))
        s_pump (self, budget);
}

static void
s_pump_all (auth_money_t *self)
{
    auth_budget_t *budget = auth_budgets_newest (self->budgets);
    for (; budget; budget = budget->older)
        s_pump (self, budget);
}

//  ---- time

static void s_on_tick (void *arg);

static void
s_set_tick (auth_money_t *self)
{
    bool has_work = self->waiting || self->due || auth_ledger_questions (self->ledger);
    if (has_work && !br_timer_is_set (&self->tick))
        br_timer_set (br_ctx_loop (self->ctx), &self->tick, AUTH_TICK_MS, s_on_tick,
                      self);
}

//  Those whose time is over, unless the ledger is what they wait for.
static void
s_expire_waiting (auth_money_t *self, auth_budget_t *budget, uint64_t now_ms)
{
    bool is_known = budget->spend.is_known && !budget->spend.is_asked;
    auth_call_t *call = is_known ? budget->first : NULL;
    while (call) {
        auth_call_t *next = call->next;
        if (now_ms >= call->due_ms)
            s_refuse_spent (self, call, now_ms - call->since_ms);
        call = next;
    }
}

static void
s_expire_question (auth_money_t *self, auth_budget_t *budget, uint64_t now_ms)
{
    if (!budget->ticket || now_ms - budget->spend.asked_ms < AUTH_ANSWER_MS)
        return;
    br_error_t error;
    br_error_set (
        &error, BR_EGONE,
        "the ledger cannot be read, so nobody knows what is left of the budget: "
        "the meter has not answered in %d s; try again",
        AUTH_ANSWER_MS / 1000);
    auth_ledger_give_up (self->ledger, budget);
    if (!budget->spend.is_known)
        s_refuse_all (self, budget, &error);
}

static void
s_expire_holds (auth_money_t *self, uint64_t now_ms)
{
    if (!self->due || now_ms - self->due_ms < DUE_EACH_MS)
        return;
    self->due_ms = now_ms;
    size_t count;
    void **calls = auth_budgets_calls (self->budgets, &count);
    for (size_t i = 0; i < count; i++) {
        auth_call_t *call = calls[i];
        if (call->state == AUTH_CALL_HOLDS && call->due_ms && now_ms >= call->due_ms)
            s_end (self, call);
    }
    free (calls);
}

static void
s_on_tick (void *arg)
{
    auth_money_t *self = arg;
    uint64_t now_ms = s_now_ms (self);
    s_expire_holds (self, now_ms);
    bool anybody_waits = self->waiting || auth_ledger_questions (self->ledger);
    auth_budget_t *budget = anybody_waits ? auth_budgets_newest (self->budgets) : NULL;
    for (; budget; budget = budget->older) {
        s_expire_question (self, budget, now_ms);
        s_pump (self, budget);
        s_expire_waiting (self, budget, now_ms);
    }
    s_set_tick (self);
}

//  ---- questions of ingress

static void
s_refuse_now (auth_money_t *self, const br_msg_t *msg, const char *why)
{
    struct br_budget_told told = { .code = BR_EBUSY, .error = why };
    (void) br_ctx_reply (self->ctx, msg, BR_BUDGET_TOLD, &told, NULL);
}

static auth_budget_t *
s_budget (auth_money_t *self, const auth_scope_t *scope)
{
    if (scope->scope > BR_BUDGET_ACCOUNT || scope->range > BR_BUDGET_DURATION)
        return NULL;
    return auth_budgets_get (self->budgets, scope, s_now_ms (self));
}

//  A call of which nothing is known yet. NULL when there is no room.
static auth_call_t *
s_call (auth_money_t *self, const br_msg_t *msg, const auth_scope_t *scope)
{
    auth_budget_t *budget = s_budget (self, scope);
    auth_call_t *call = budget ? auth_budgets_add (self->budgets, budget, msg->call)
                               : NULL;
    if (!call)
        return NULL;
    call->from = msg->from;
    call->attempt = msg->attempt;
    call->account = br_strdup (scope->account);
    call->key = br_strdup (scope->key);
    call->since_ms = s_now_ms (self);
    return call;
}

static void
s_limit (auth_call_t *call, const auth_scope_t *scope, uint64_t nusd)
{
    call->want.limit_nusd = nusd;
    call->want.limit_rounds = scope->extent;
    call->budget->limit_nusd = nusd;
    if (scope->range == BR_BUDGET_ROUNDS)
        call->budget->limit_rounds = scope->extent;
}

void
auth_money_on_ask (auth_money_t *self, const br_msg_t *msg)
{
    const struct br_budget_ask *ask = br_msg_fields (msg);
    auth_scope_t scope = { .account = ask->account, .key = ask->key };
    scope.scope = (br_budget_scope_t) ask->budget_scope;
    scope.range = (br_budget_range_t) ask->budget_range;
    scope.extent = ask->budget_extent;
    scope.issued_s = ask->issued_s;
    auth_call_t *call = auth_budgets_call (self->budgets, msg->call);
    if (call)
        s_end (self, call);
    call = s_call (self, msg, &scope);
    if (!call) {
        s_refuse_now (self, msg, "too many calls and budgets are held; try again");
        return;
    }
    s_limit (call, &scope, ask->budget_nusd);
    call->want.fixed_nusd = ask->fixed_nusd;
    call->want.output_rate = ask->output_rate;
    call->want.output_tokens = ask->output_tokens;
    call->want.output_least = ask->output_least;
    uint64_t wait_ms = ask->wait_ms < AUTH_WAIT_MAX_MS ? ask->wait_ms : AUTH_WAIT_MAX_MS;
    call->due_ms = s_now_ms (self) + wait_ms;
    auth_budget_queue (call->budget, call);
    self->waiting++;
    s_pump (self, call->budget);
    s_refuse_hopeless (self, msg->call);
    s_set_tick (self);
}

//  Told again: a call that was metered meanwhile holds nothing, and the end of another may
//  have been told to an owner that is gone.
void
auth_money_on_hold (auth_money_t *self, const br_msg_t *msg)
{
    const struct br_budget_hold *hold = br_msg_fields (msg);
    auth_scope_t scope = { .account = hold->account, .key = hold->key };
    scope.scope = (br_budget_scope_t) hold->budget_scope;
    scope.range = (br_budget_range_t) hold->budget_range;
    scope.extent = hold->budget_extent;
    scope.issued_s = hold->issued_s;
    if (auth_metered_has (self->metered, msg->call)
        || auth_budgets_call (self->budgets, msg->call))
        return;
    auth_call_t *call = s_call (self, msg, &scope);
    if (!call) {
        br_ctx_log (self->ctx, BR_LOG_WARN, "there is no room for what a call holds");
        return;
    }
    s_limit (call, &scope, hold->budget_nusd);
    auth_budget_hold (call->budget, call, hold->held_nusd);
    s_set_due (self, call, AUTH_DOUBTFUL_MS);
    s_set_tick (self);
}

void
auth_money_on_drop (auth_money_t *self, const br_msg_t *msg)
{
    auth_call_t *call = auth_budgets_call (self->budgets, msg->call);
    if (!call || !br_addr_is (call->from, msg->from))
        return;
    auth_budget_t *budget = call->budget;
    s_end (self, call);
    s_pump_owner (self, budget->scope, budget->owner);
}

//  ---- what the meter says

//  Rows were missed, and with them the ends of calls, maybe.
static void
s_doubt (auth_money_t *self)
{
    size_t count;
    void **calls = auth_budgets_calls (self->budgets, &count);
    for (size_t i = 0; i < count; i++)
        s_set_due (self, calls[i], AUTH_DOUBTFUL_MS);
    free (calls);
    br_ctx_log (self->ctx, BR_LOG_WARN,
                "rows of the ledger were missed: what is spent is "
                "asked again");
}

//  What a call costs its budgets: one that failed nothing, unless a guardrail has blocked the
//  answer. One that has ended with a cost that nobody knows may have cost what it held.
static uint64_t
s_cost (const auth_money_t *self, br_id_t id, const struct br_call_metered *row)
{
    if (row->outcome == BR_OUTCOME_FAILED && row->code != BR_EUPGUARD)
        return 0;
    if (row->cost_known)
        return row->cost_nusd;
    const auth_call_t *call = auth_budgets_call (self->budgets, id);
    bool holds = call && call->state == AUTH_CALL_HOLDS;
    return holds && row->outcome != BR_OUTCOME_LOST ? call->held_nusd : 0;
}

static void
s_spend (auth_money_t *self, br_budget_scope_t scope, const char *owner,
         const struct br_call_metered *row, uint64_t nusd)
{
    auth_budget_t *budget = auth_budgets_first (self->budgets, scope, owner);
    for (; budget; budget = auth_budgets_next (budget))
        auth_spend_add (&budget->spend, row->seq, nusd, row->outcome == BR_OUTCOME_OK,
                        s_now_ms (self));
}

static void
s_unhold (auth_money_t *self, br_id_t id, uint64_t outcome)
{
    auth_call_t *call = auth_budgets_call (self->budgets, id);
    if (outcome != BR_OUTCOME_LOST)
        auth_metered_add (self->metered, id);
    if (!call || call->state != AUTH_CALL_HOLDS)
        return;
    if (outcome == BR_OUTCOME_LOST)
        s_set_due (self, call, AUTH_DOUBTFUL_MS);
    else
        s_end (self, call);
}

void
auth_money_on_metered (auth_money_t *self, const br_msg_t *msg)
{
    const struct br_call_metered *row = br_msg_fields (msg);
    br_attribution_t who;
    br_attribution_read (&who, row->who);
    bool is_next = auth_ledger_metered (self->ledger, msg->from, row->seq);
    uint64_t nusd = s_cost (self, msg->call, row);
    s_spend (self, BR_BUDGET_SESSION, who.key, row, nusd);
    s_spend (self, BR_BUDGET_ACCOUNT, who.account, row, nusd);
    auth_call_t *call = auth_budgets_call (self->budgets, msg->call);
    auth_budget_t *budget = call ? call->budget : NULL;
    s_unhold (self, msg->call, row->outcome);
    if (!is_next) {
        s_doubt (self);
        s_pump_all (self);
    } else {
        s_pump_owner (self, BR_BUDGET_SESSION, who.key);
        s_pump_owner (self, BR_BUDGET_ACCOUNT, who.account);
        if (budget)
            s_pump (self, budget);
    }
    s_set_tick (self);
}

void
auth_money_on_told (auth_money_t *self, const br_msg_t *msg)
{
    br_error_t error;
    auth_budget_t *budget = auth_ledger_told (self->ledger, msg, &error);
    if (!budget)
        return;
    if (error.code && !budget->spend.is_known)
        s_refuse_all (self, budget, &error);
    s_pump (self, budget);
    s_set_tick (self);
}

//  ---- hosts that are gone

void
auth_money_on_gone (auth_money_t *self, uint32_t host, uint32_t life)
{
    size_t count;
    void **calls = auth_budgets_calls (self->budgets, &count);
    for (size_t i = 0; i < count; i++) {
        auth_call_t *call = calls[i];
        if (call->from.host != host || call->from.life != life)
            continue;
        if (call->state == AUTH_CALL_WAITS)
            s_end (self, call);
        else {
            self->due -= call->due_ms != 0;
            call->due_ms = 0;
            s_set_due (self, call, AUTH_GRACE_MS);
        }
    }
    free (calls);
    (void) auth_ledger_gone (self->ledger, host, life);
    s_pump_all (self);
    s_set_tick (self);
}

//  ---- the operator

void
auth_money_show (auth_money_t *self, json_writer_t *out)
{
    json_open (out, NULL, '[');
    auth_budget_t *budget = auth_budgets_newest (self->budgets);
    for (; budget && out->out->size < out->out->max - ROW_MAX; budget = budget->older)
        auth_words_show (budget, s_now_ms (self), out);
    json_close (out, ']');
}
