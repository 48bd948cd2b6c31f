//  ingress_limits: one key after the other; the first refusal ends it.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_limits.h"
#include "broker/core/alloc.h"

#define KEYS_MAX 2
#define NAME_SHOWN 100 //  bytes of a key in an error

typedef struct _row_t {
    quota_kind_t kind;
    char *key;
    quota_amount_t taken;
    uint64_t owner; //  who lent it
    bool limited;   //  what is used beyond what was taken is owed
    quota_rate_t requests;
    quota_rate_t tokens;
} row_t;

struct _ingress_limits_t {
    quota_t *quota; //  borrowed
    row_t rows[KEYS_MAX];
    size_t count;
    quota_own_t own; //  of the caller
    size_t at;       //  row that is asked for
    uint64_t taker;  //  that waits; 0 = none
    quota_amount_t want;
    uint64_t retry_ms;
    ingress_limits_fn *fn;
    void *arg; //  borrowed
};

static void
s_add (ingress_limits_t *self, quota_kind_t kind, const char *key)
{
    if (key)
        self->rows[self->count++] = (row_t) { .kind = kind, .key = br_strdup (key) };
}

ingress_limits_t *
ingress_limits_new (quota_t *quota, const char *caller, const quota_own_t *own,
                    const char *model)
{
    ingress_limits_t *self = BR_NEW (ingress_limits_t);
    self->quota = quota;
    if (own)
        self->own = *own;
    s_add (self, QUOTA_CALLER, caller);
    s_add (self, QUOTA_MODEL, model);
    return self;
}

static void
s_give_back (ingress_limits_t *self, row_t *row, const quota_amount_t *back,
             uint64_t tokens_over)
{
    row->taken = (quota_amount_t) { .requests = 0 };
    row->limited = false;
    if (back->requests || back->tokens || back->slots || tokens_over)
        quota_return (self->quota, row->kind, row->key, row->owner, back, tokens_over);
}

//  As if nothing had been taken.
static void
s_undo (ingress_limits_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        quota_amount_t all = self->rows[i].taken;
        s_give_back (self, &self->rows[i], &all, 0);
    }
}

void
ingress_limits_destroy (ingress_limits_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_limits_t *self = *self_p;
    quota_leave (self->quota, self->taker);
    s_undo (self);
    for (size_t i = 0; i < self->count; i++)
        free (self->rows[i].key);
    free (self);
    *self_p = NULL;
}

//  ---- taking

static void
s_say (const row_t *row, const quota_verdict_t *verdict, br_error_t *error)
{
    const bool is_rate = strcmp (verdict->what, "concurrency") != 0;
    const quota_rate_t *rate = strcmp (verdict->what, "tokens") == 0 ? &verdict->tokens
                                                                     : &verdict->requests;
    br_buf_t text;
    br_buf_init (&text, BR_ERROR_TEXT_MAX);
    if (is_rate)
        br_buf_addf (&text, "the limit of %llu %s a minute",
                     (unsigned long long) rate->limit, verdict->what);
    else
        br_buf_adds (&text, "the limit of calls at the same time");
    if (row->kind == QUOTA_MODEL)
        br_buf_addf (&text, " for the model '%.*s'", NAME_SHOWN, row->key);
    else
        br_buf_adds (&text, " for one caller");
    br_error_set (error, BR_ELIMIT, "%s is reached; try again in %llu s",
                  br_buf_text (&text),
                  (unsigned long long) (verdict->retry_ms + 999) / 1000);
    br_buf_free (&text);
}

static void s_take_next (ingress_limits_t *self);

//  Nothing of self is touched once fn was called.
static void
s_on_verdict (void *arg, const quota_verdict_t *verdict)
{
    ingress_limits_t *self = arg;
    row_t *row = &self->rows[self->at];
    self->taker = 0;
    row->taken = verdict->taken;
    row->owner = verdict->owner;
    row->limited = verdict->granted && verdict->limited;
    if (verdict->limited) {
        row->requests = verdict->requests;
        row->tokens = verdict->tokens;
    }
    if (verdict->granted) {
        self->at++;
        s_take_next (self);
        return;
    }
    br_error_t error;
    s_say (row, verdict, &error);
    self->retry_ms = verdict->retry_ms;
    s_undo (self);
    self->fn (self->arg, &error);
}

static void
s_take_next (ingress_limits_t *self)
{
    if (self->at == self->count) {
        self->fn (self->arg, NULL);
        return;
    }
    const row_t *row = &self->rows[self->at];
    const quota_own_t *own = row->kind == QUOTA_CALLER ? &self->own : NULL;
    uint64_t taker = quota_take (self->quota, row->kind, row->key, own, &self->want,
                                 s_on_verdict, self);
    if (taker) //  else it was called, and self may be gone
        self->taker = taker;
}

void
ingress_limits_take (ingress_limits_t *self, uint64_t tokens, ingress_limits_fn *fn,
                     void *arg)
{
    self->want = (quota_amount_t) { .requests = 1, .tokens = tokens, .slots = 1 };
    self->fn = fn;
    self->arg = arg;
    s_take_next (self);
}

//  ---- the end

void
ingress_limits_end (ingress_limits_t *self, uint64_t tokens)
{
    for (size_t i = 0; i < self->count; i++) {
        row_t *row = &self->rows[i];
        if (!row->limited)
            continue;
        uint64_t taken = row->taken.tokens;
        quota_amount_t back = { .slots = row->taken.slots };
        back.tokens = taken > tokens ? taken - tokens : 0;
        s_give_back (self, row, &back, tokens > taken ? tokens - taken : 0);
    }
}

void
ingress_limits_end_unknown (ingress_limits_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        quota_amount_t back = { .slots = self->rows[i].taken.slots };
        s_give_back (self, &self->rows[i], &back, 0);
    }
}

//  ---- for the client

uint64_t
ingress_limits_retry_ms (const ingress_limits_t *self)
{
    return self->retry_ms;
}

//  Whether less of a than of b is left.
static bool
s_is_nearer (const quota_rate_t *a, const quota_rate_t *b)
{
    if (!a->limit || !b->limit)
        return a->limit != 0;
    return (double) a->remaining / (double) a->limit
           < (double) b->remaining / (double) b->limit;
}

quota_rate_t
ingress_limits_requests (const ingress_limits_t *self)
{
    quota_rate_t rate = { .limit = 0 };
    for (size_t i = 0; i < self->count; i++)
        if (s_is_nearer (&self->rows[i].requests, &rate))
            rate = self->rows[i].requests;
    return rate;
}

quota_rate_t
ingress_limits_tokens (const ingress_limits_t *self)
{
    quota_rate_t rate = { .limit = 0 };
    for (size_t i = 0; i < self->count; i++)
        if (s_is_nearer (&self->rows[i].tokens, &rate))
            rate = self->rows[i].tokens;
    return rate;
}
