//  guard_held: one body from its first bytes to what may be told of it.

#include <stdlib.h>

#include "actors/guard/guard_held.h"
#include "broker/core/alloc.h"

struct _guard_held_t {
    guard_held_rules_t rules;
    br_buf_t held;
    br_blob_t *bytes;     //  all of it; NULL before the end
    guard_calls_t *calls; //  borrowed, while its calls are to be judged; else NULL
    br_error_t refusal;   //  of a call
    guard_body_t *body;   //  the look at them; NULL before
    guard_job_t *job;     //  its turns, or NULL
    guard_held_fn *fn;    //  for the end of the look
    void *arg;
};

guard_held_t *
guard_held_new (const guard_held_rules_t *rules)
{
    guard_held_t *self = BR_NEW (guard_held_t);
    self->rules = *rules;
    br_buf_init (&self->held, GUARD_ANSWER_MAX);
    return self;
}

void
guard_held_destroy (guard_held_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_held_t *self = *self_p;
    guard_held_stop (self);
    guard_body_destroy (&self->body);
    br_blob_destroy (&self->bytes);
    br_buf_free (&self->held);
    free (self);
    *self_p = NULL;
}

//  ---- its bytes

//  Hands over what is in a buffer.
static br_blob_t *
s_take_blob (br_buf_t *buf)
{
    size_t size;
    uint8_t *data = br_buf_take (buf, &size);
    return br_blob_take (data, size);
}

int
guard_held_add (guard_held_t *self, const br_blob_t *body)
{
    br_buf_add (&self->held, br_blob_data (body), br_blob_size (body));
    return self->held.overflow ? -1 : 0;
}

texts_plain_t
guard_held_plain (const guard_held_t *self, bool is_all)
{
    return texts_plain_of (self->held.data, self->held.size, is_all);
}

br_blob_t *
guard_held_take (guard_held_t *self)
{
    return s_take_blob (&self->held);
}

void
guard_held_set (guard_held_t *self, br_blob_t *body)
{
    br_blob_destroy (&self->bytes);
    self->bytes = br_blob_ref (body);
}

size_t
guard_held_end (guard_held_t *self)
{
    if (!self->bytes)
        self->bytes = s_take_blob (&self->held);
    return br_blob_size (self->bytes);
}

//  ---- its calls

void
guard_held_judge_calls (guard_held_t *self, guard_calls_t *calls)
{
    self->calls = calls;
    guard_calls_begin (calls, br_blob_data (self->bytes), br_blob_size (self->bytes));
}

//  Arguments that are denied are taken out. ret: 0 or -1
static int
s_strip (guard_held_t *self)
{
    br_buf_t out;
    br_buf_init (&out, BR_MSG_BODY_MAX);
    int rc = guard_calls_put (self->calls, &out, &self->refusal);
    if (rc == 0) {
        br_blob_destroy (&self->bytes);
        self->bytes = s_take_blob (&out);
    }
    br_buf_free (&out);
    return rc;
}

//  ---- what is found in them

//  Behind fn self may be gone.
static void
s_tell_changed (guard_held_t *self)
{
    br_buf_t out;
    br_error_t error;
    br_buf_init (&out, BR_MSG_BODY_MAX);
    if (guard_body_write (self->body, &out, NULL, &error)) {
        self->fn (self->arg, GUARD_HELD_REFUSED, NULL, error.text);
    } else {
        br_blob_t *blob = s_take_blob (&out);
        self->fn (self->arg, GUARD_HELD_GOES, blob, "");
        br_blob_destroy (&blob);
    }
    br_buf_free (&out);
}

static void
s_tell_as_is (guard_held_t *self)
{
    br_blob_t *blob = br_blob_ref (self->bytes);
    self->fn (self->arg, GUARD_HELD_GOES, blob, "");
    br_blob_destroy (&blob);
}

static void
s_on_looked (void *arg)
{
    guard_held_t *self = arg;
    const guard_held_rules_t *rules = &self->rules;
    self->job = NULL;
    if (self->refusal.code) {
        self->fn (self->arg, GUARD_HELD_CALLED, NULL, self->refusal.text);
        return;
    }
    guard_body_verdict_t verdict = guard_body_verdict (self->body);
    if (verdict == GUARD_BODY_UNREADABLE
        && !guard_conf_is_closed (rules->conf, rules->sets, GUARD_DOWN))
        verdict = GUARD_BODY_AS_IS;
    switch (verdict) {
    case GUARD_BODY_AS_IS: s_tell_as_is (self); break;
    case GUARD_BODY_CHANGED: s_tell_changed (self); break;
    case GUARD_BODY_UNREADABLE:
        self->fn (self->arg, GUARD_HELD_REFUSED, NULL,
                  "the answer could not be read, and its guardrails fail closed");
        break;
    default: self->fn (self->arg, GUARD_HELD_FOUND, NULL, ""); break;
    }
}

static void
s_begin_look (guard_held_t *self)
{
    const guard_held_rules_t *rules = &self->rules;
    self->body = guard_body_new (rules->conf->rules, rules->sets, GUARD_DOWN,
                                 GUARD_REDACT, GUARD_BLOCK, rules->surface,
                                 br_blob_data (self->bytes), br_blob_size (self->bytes),
                                 rules->found, rules->arg);
}

//  Its calls are judged. ret: 0, or -1 when it cannot go on
static int
s_end_calls (guard_held_t *self)
{
    bool is_changed = guard_calls_is_changed (self->calls);
    if (is_changed && s_strip (self) != 0)
        return -1;
    self->calls = NULL;
    s_begin_look (self);
    return 0;
}

//  First its calls, then its texts.
static int
s_step (void *work, size_t slice)
{
    guard_held_t *self = work;
    int rc = self->calls ? guard_calls_step (self->calls, slice, &self->refusal) : 0;
    if (rc == 0 && self->calls)
        rc = s_end_calls (self);
    if (rc != 0)
        return rc > 0;
    return guard_body_step (self->body, slice);
}

int
guard_held_look (guard_held_t *self, guard_held_fn *fn, void *arg)
{
    self->fn = fn;
    self->arg = arg;
    if (!self->calls)
        s_begin_look (self);
    self->job = guard_queue_work (self->rules.env->queue, s_step, self, s_on_looked,
                                  self);
    return self->job != NULL;
}

bool
guard_held_is_unread (const guard_held_t *self)
{
    return self->body && guard_body_verdict (self->body) == GUARD_BODY_UNREADABLE;
}

void
guard_held_stop (guard_held_t *self)
{
    guard_queue_drop (self->rules.env->queue, &self->job);
}
