//  guard_call: the way up, and which attempt is on the way down.

#include <stdlib.h>

#include "actors/guard/guard_call.h"
#include "actors/guard/guard_down.h"
#include "actors/guard/guard_looks.h"
#include "broker/core/alloc.h"
#include "broker/core/slip.h"
#include "broker/guard/guard_offers.h"
#include "broker/proto/form.h"

#define ERROR_MAX 2048 //  bytes of a message

struct _guard_call_t {
    const guard_env_t *env;
    guard_conf_t *conf;
    guard_call_fn *refused;
    void *arg;
    br_msg_t *open; //  NULL once it was passed on
    br_id_t id;
    guard_sets_t sets;
    br_surface_t surface;
    br_addr_t up;           //  the next stop of the request
    br_addr_t down;         //  ... of the answer
    br_addr_t ingress;      //  the last one
    guard_offers_t *offers; //  while tools are hidden
    guard_body_t *body;     //  ... and then while it is looked at
    guard_job_t *job;
    guard_findings_t findings;
    br_error_t error;     //  of what hides tools
    guard_down_t *answer; //  of the newest attempt, while it is under way
    uint32_t newest;      //  attempt; 0 = none yet
    bool is_at_work;      //  who called sees what becomes of it
    bool is_refused;      //  no router has it
    bool is_over;         //  nothing of it goes on any more
};

guard_call_t *
guard_call_new (const guard_env_t *env, guard_conf_t *conf, const br_msg_t *msg,
                guard_call_fn *refused, void *arg, br_error_t *reterr)
{
    const struct br_call_open *open = br_msg_fields (msg);
    br_slip_t slip;
    br_addr_t here = br_ctx_self (env->ctx);
    if (br_slip_decode (open->slip, &slip) || slip.down_size == 0
        || !br_addr_is_set (br_slip_up (&slip, here))) {
        br_error_set (reterr, BR_EINVALID, "the routing slip is malformed");
        return NULL;
    }
    guard_call_t *self = BR_NEW (guard_call_t);
    self->env = env;
    self->conf = guard_conf_ref (conf);
    self->refused = refused;
    self->arg = arg;
    self->open = br_msg_new (msg->verb, msg->call, msg->attempt, open, msg->body);
    self->id = msg->call;
    self->sets = open->guard_sets;
    self->surface = open->surface < BR_SURFACE_COUNT ? (br_surface_t) open->surface
                                                     : BR_SURFACE_NONE;
    self->up = br_slip_up (&slip, here);
    self->down = br_slip_down (&slip, here);
    self->ingress = slip.down[slip.down_size - 1];
    return self;
}

static void
s_tell (guard_call_t *self)
{
    guard_findings_tell (&self->findings, self->env->ctx, self->env->tally,
                         self->conf->rules, GUARD_UP, self->id);
}

void
guard_call_destroy (guard_call_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_call_t *self = *self_p;
    s_tell (self);
    guard_down_destroy (&self->answer);
    guard_queue_drop (self->env->queue, &self->job);
    guard_body_destroy (&self->body);
    guard_offers_destroy (&self->offers);
    br_msg_destroy (&self->open);
    guard_conf_let_go (&self->conf);
    free (self);
    *self_p = NULL;
}

//  ---- the request

//  It goes no further. No attempt lives, so that this is its last word.
static void
s_refuse (guard_call_t *self, br_code_t code, const char *text)
{
    struct br_reply_error error = { .seq = 0, .code = code, .error = text };
    (void) br_ctx_send (self->env->ctx, self->ingress, BR_REPLY_ERROR, self->id, 1,
                        &error, NULL);
    self->is_refused = self->is_over = true;
}

//  A copy for the rules that only warn.
static void
s_look (const guard_call_t *self, guard_direction_t direction, bool is_events,
        bool is_last, br_blob_t *body)
{
    const guard_look_t look = { .call = self->id,
                                .from = self->ingress,
                                .sets = self->sets,
                                .surface = self->surface,
                                .direction = direction,
                                .is_events = is_events,
                                .is_last = is_last };
    guard_looks_add (self->env->looks, self->conf, &look, body);
}

static void
s_pass (guard_call_t *self, br_blob_t *body, size_t model_at)
{
    struct br_call_open open = *(const struct br_call_open *) br_msg_fields (self->open);
    open.model_at = model_at;
    open.guard_said = guard_findings_said (&self->findings, GUARD_UP);
    if (br_ctx_send (self->env->ctx, self->up, BR_CALL_OPEN, self->id, 0, &open, body))
        s_refuse (self, BR_EGONE, "no router can be reached; try again");
    else
        s_look (self, GUARD_UP, false, true, self->open->body);
    br_msg_destroy (&self->open);
}

static void
s_pass_changed (guard_call_t *self)
{
    const struct br_call_open *open = br_msg_fields (self->open);
    size_t model_at = open->model_at;
    br_buf_t out;
    br_error_t error;
    br_buf_init (&out, BR_MSG_BODY_MAX);
    if (guard_body_write (self->body, &out, open->model_size ? &model_at : NULL,
                          &error)) {
        s_refuse (self, error.code, error.text);
    } else {
        size_t size;
        uint8_t *data = br_buf_take (&out, &size);
        br_blob_t *blob = br_blob_take (data, size);
        s_pass (self, blob, model_at);
        br_blob_destroy (&blob);
    }
    br_buf_free (&out);
}

static void
s_refuse_found (guard_call_t *self)
{
    br_buf_t text;
    br_buf_init (&text, ERROR_MAX);
    br_buf_adds (&text, "invalid request: ");
    guard_findings_message (&self->findings, self->conf->rules, GUARD_UP, false, &text);
    s_refuse (self, BR_EGUARD, br_buf_text (&text));
    br_buf_free (&text);
}

static void
s_refuse_unreadable (guard_call_t *self)
{
    s_refuse (self, BR_EGUARD,
              "invalid request: the body could not be read, and its guardrails fail "
              "closed");
}

static void
s_judge (guard_call_t *self)
{
    const struct br_call_open *open = br_msg_fields (self->open);
    guard_body_verdict_t verdict = guard_body_verdict (self->body);
    if (verdict == GUARD_BODY_UNREADABLE
        && !guard_conf_is_closed (self->conf, self->sets, GUARD_UP)) {
        verdict = GUARD_BODY_AS_IS;
        guard_findings_miss (&self->findings);
    }
    switch (verdict) {
    case GUARD_BODY_AS_IS: s_pass (self, self->open->body, open->model_at); break;
    case GUARD_BODY_CHANGED: s_pass_changed (self); break;
    case GUARD_BODY_UNREADABLE: s_refuse_unreadable (self); break;
    default: s_refuse_found (self); break;
    }
    guard_body_destroy (&self->body);
    s_tell (self);
}

static void
s_on_looked (void *arg)
{
    guard_call_t *self = arg;
    self->job = NULL;
    s_judge (self);
    if (!self->is_at_work && self->is_refused)
        self->refused (self->arg, self);
}

static void
s_on_finding (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    guard_call_t *self = arg;
    guard_findings_add (&self->findings, finding, place);
}

//  It goes on with another body.
static void
s_change_body (guard_call_t *self, br_buf_t *bytes, size_t model_at)
{
    struct br_call_open open = *(const struct br_call_open *) br_msg_fields (self->open);
    size_t size;
    uint8_t *data = br_buf_take (bytes, &size);
    br_blob_t *body = br_blob_take (data, size);
    open.model_at = model_at;
    br_msg_t *changed = br_msg_new (self->open->verb, self->id, self->open->attempt,
                                    &open, body);
    br_msg_destroy (&self->open);
    self->open = changed;
    br_blob_destroy (&body);
}

//  A form that begins with another boundary than its type names says one thing to us, and
//  another to who goes by its type.
static bool
s_is_other_form (const guard_call_t *self)
{
    const struct br_call_open *open = br_msg_fields (self->open);
    const br_blob_t *body = self->open->body;
    return form_is (open->content_type)
           && !form_begins (open->content_type, br_blob_data (body), br_blob_size (body));
}

static void
s_judge_unreadable (guard_call_t *self)
{
    const struct br_call_open *open = br_msg_fields (self->open);
    if (guard_conf_is_closed (self->conf, self->sets, GUARD_UP)) {
        s_refuse_unreadable (self);
        return;
    }
    guard_findings_miss (&self->findings);
    s_pass (self, self->open->body, open->model_at);
}

//  Looks at its texts.
static void
s_look_at_texts (guard_call_t *self)
{
    const guard_rules_t *rules = self->conf->rules;
    br_blob_t *body = self->open->body;
    const struct br_call_open *open = br_msg_fields (self->open);
    if (!guard_rules_has (rules, self->sets, GUARD_UP, GUARD_REDACT)) {
        s_pass (self, body, open->model_at);
        return;
    }
    if (s_is_other_form (self)) {
        s_judge_unreadable (self);
        return;
    }
    self->body = guard_body_new (rules, self->sets, GUARD_UP, GUARD_REDACT, GUARD_BLOCK,
                                 self->surface, br_blob_data (body), br_blob_size (body),
                                 s_on_finding, self);
    self->job = guard_queue_add (self->env->queue, self->body, s_on_looked, self);
}

//  ---- its tools

static int
s_step_offers (void *work, size_t slice)
{
    guard_call_t *self = work;
    return guard_offers_step (self->offers, slice, &self->error) == 1;
}

//  Takes those out that may not be seen. ret: 0 or -1
static int
s_hide_tools (guard_call_t *self)
{
    const struct br_call_open *open = br_msg_fields (self->open);
    size_t model_at = open->model_at;
    br_buf_t out;
    br_buf_init (&out, BR_MSG_BODY_MAX);
    int rc = guard_offers_put (self->offers, &out, open->model_size ? &model_at : NULL,
                               &self->error);
    if (rc == 0)
        s_change_body (self, &out, model_at);
    br_buf_free (&out);
    return rc;
}

static void
s_on_offered (void *arg)
{
    guard_call_t *self = arg;
    bool was_at_work = self->is_at_work;
    self->job = NULL;
    int rc = self->error.code == BR_OK ? 0 : -1;
    if (rc == 0 && guard_offers_is_changed (self->offers))
        rc = s_hide_tools (self);
    guard_offers_destroy (&self->offers);
    self->is_at_work = true;
    if (rc)
        s_refuse (self, self->error.code, self->error.text);
    else
        s_look_at_texts (self);
    self->is_at_work = was_at_work;
    if (!was_at_work && self->is_refused)
        self->refused (self->arg, self);
}

void
guard_call_begin (guard_call_t *self)
{
    const guard_tools_t *tools = guard_conf_tools (self->conf, self->surface);
    const struct br_call_open *open = br_msg_fields (self->open);
    const br_blob_t *body = self->open->body;
    self->is_at_work = true;
    if (tools && guard_offers_concern (self->surface)) {
        self->offers = guard_offers_new (tools, self->surface, br_blob_data (body),
                                         br_blob_size (body),
                                         open->model_size ? open->model_at : 0);
        guard_job_t *job = guard_queue_work (self->env->queue, s_step_offers, self,
                                             s_on_offered, self);
        if (job) //  else the next one may be queued already
            self->job = job;
    } else
        s_look_at_texts (self);
    self->is_at_work = false;
}

//  ---- the answer

//  Another attempt may follow, even if the whole answer went on: it is lost when the host that
//  gave it dies, and ingress is asked before it has come there.
static void
s_on_answered (void *arg)
{
    guard_call_t *self = arg;
    guard_down_destroy (&self->answer);
}

static void
s_new_answer (guard_call_t *self, const br_msg_t *msg)
{
    const guard_down_call_t call = { .env = self->env,
                                     .conf = self->conf,
                                     .sets = self->sets,
                                     .surface = self->surface,
                                     .call = self->id,
                                     .to = self->down };
    guard_down_destroy (&self->answer);
    self->newest = msg->attempt;
    guard_looks_end (self->env->looks, self->id); //  copies of the one before
    self->answer = guard_down_new (&call, msg, s_on_answered, self);
}

//  Rules that only warn see what comes, before it is redacted.
static void
s_look_down (const guard_call_t *self, const br_msg_t *msg)
{
    bool is_last = msg->verb != BR_REPLY_HEAD && msg->verb != BR_REPLY_DELTA;
    s_look (self, GUARD_DOWN, guard_down_is_events (self->answer), is_last, msg->body);
}

bool
guard_call_reply (guard_call_t *self, const br_msg_t *msg)
{
    bool is_new = msg->attempt > self->newest;
    if (self->is_over || (!is_new && (msg->attempt < self->newest || !self->answer)))
        return false;
    if (is_new)
        s_new_answer (self, msg);
    guard_down_reply (self->answer, msg);
    s_look_down (self, msg);
    if (guard_down_is_over (self->answer))
        guard_down_destroy (&self->answer);
    return true;
}

void
guard_call_credit (guard_call_t *self, const br_msg_t *msg)
{
    if (self->answer && self->newest == msg->attempt)
        guard_down_credit (self->answer, msg);
}

//  Ingress wants no more of an attempt.
void
guard_call_stop (guard_call_t *self, const br_msg_t *msg)
{
    const struct br_attempt_cancel *cancel = br_msg_fields (msg);
    if (!self->answer || self->newest != msg->attempt)
        return;
    guard_down_cancel (self->answer, (br_code_t) cancel->code);
    guard_down_destroy (&self->answer);
}

//  The client has left: who has the request is told, if anybody has it. It may have left
//  while the last word of its answer was on the way, which nobody hears then.
void
guard_call_cancel (guard_call_t *self, const br_msg_t *msg)
{
    if (self->open)
        self->is_refused = true;
    else if (!self->is_refused)
        (void) br_ctx_pass (self->env->ctx, msg, self->up);
    guard_down_destroy (&self->answer);
    self->is_over = true;
}

br_id_t
guard_call_id (const guard_call_t *self)
{
    return self->id;
}

bool
guard_call_is_over (const guard_call_t *self)
{
    return self->is_over || (self->newest && !self->answer);
}

bool
guard_call_is_refused (const guard_call_t *self)
{
    return self->is_refused;
}

bool
guard_call_is_of (const guard_call_t *self, uint32_t host, uint32_t life)
{
    return self->ingress.host == host && self->ingress.life == life;
}
