//  limits: the owner of all rates and of all slots.
//
//  A question is answered at once: all that was asked, and a block where there is more, or
//  nothing, with what was short and when to ask again. What a rate has is limits_bucket's;
//  whom a rule is for, limits_rules'; levels and who holds slots, limits_keys'. The other
//  side, which asks and takes, is broker/core/quota.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_writer.h"
#include "broker/core/quota.h"
#include "actors/limits/limits.h"
#include "actors/limits/limits_keys.h"

#define SLOT_RETRY_MS 1000  //  nobody knows when a call ends
#define TOLD_US 1000000     //  between two events of one key
#define LOG_EACH 1000       //  questions without room for one line of log
#define JSON_MAX (1u << 20) //  bytes of an answer to the operator
#define ROW_MAX 4096        //  bytes of one row in it, about

typedef struct _limits_t {
    br_ctx_t *ctx;
    limits_rules_t *rules;
    limits_rules_t *tried;
    limits_keys_t *keys;
    uint64_t roomless; //  questions that found no room for their key, count
} limits_t;

static void
s_destroy (void **state_p)
{
    limits_t *self = *state_p;
    limits_rules_destroy (&self->rules);
    limits_rules_destroy (&self->tried);
    limits_keys_destroy (&self->keys);
    free (self);
    *state_p = NULL;
}

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    limits_t *self = BR_NEW (limits_t);
    self->ctx = ctx;
    self->keys = limits_keys_new ();
    self->rules = limits_rules_new ("{}", reterr);
    return self;
}

//  ---- questions

static uint64_t
s_slots_left (const limits_key_t *key)
{
    return key->concurrency > key->slots ? key->concurrency - key->slots : 0;
}

//  What is short, the one that takes longest; "" when there is enough of all.
static const char *
s_short_of (limits_key_t *key, const struct br_limit_ask *ask, uint64_t now_us,
            uint64_t *ret_retry_ms)
{
    const char *what = "";
    uint64_t retry_ms = limits_bucket_wait_ms (&key->requests, ask->requests, now_us);
    if (retry_ms)
        what = "requests";
    uint64_t tokens_ms = limits_bucket_wait_ms (&key->tokens, ask->tokens, now_us);
    if (tokens_ms > retry_ms) {
        what = "tokens";
        retry_ms = tokens_ms;
    }
    if (key->concurrency && s_slots_left (key) < ask->slots && retry_ms < SLOT_RETRY_MS) {
        what = "concurrency";
        retry_ms = SLOT_RETRY_MS;
    }
    *ret_retry_ms = retry_ms;
    return what;
}

static uint64_t
s_lend_rate (limits_bucket_t *bucket, uint64_t count, uint64_t now_us)
{
    if (!bucket->limit)
        return QUOTA_FREE;
    return count ? limits_bucket_take (bucket, count, now_us) : 0;
}

static uint64_t
s_lend_slots (limits_key_t *key, br_addr_t holder, uint64_t count)
{
    if (!key->concurrency)
        return QUOTA_FREE;
    uint64_t block = key->concurrency / LIMITS_BLOCK_PART;
    if (block > s_slots_left (key))
        block = s_slots_left (key);
    if (!count || block < count)
        block = count;
    return limits_key_hold (key, holder, block) == 0 ? block : count;
}

static void
s_fill_rates (limits_key_t *key, struct br_limit_grant *grant, uint64_t now_us)
{
    grant->limit_requests = key->requests.limit;
    grant->remaining_requests = limits_bucket_rest (&key->requests, now_us);
    grant->reset_requests_ms = limits_bucket_reset_ms (&key->requests, now_us);
    grant->limit_tokens = key->tokens.limit;
    grant->remaining_tokens = limits_bucket_rest (&key->tokens, now_us);
    grant->reset_tokens_ms = limits_bucket_reset_ms (&key->tokens, now_us);
}

static void
s_tell_reached (limits_t *self, limits_key_t *key, const char *what, uint64_t now_us)
{
    if (key->told_us && now_us - key->told_us < TOLD_US)
        return;
    key->told_us = now_us;
    struct br_event_limit_reached event = { .kind = key->kind, .key = key->name };
    event.what = what;
    br_ctx_event (self->ctx, BR_EVENT_LIMIT_REACHED, &event);
}

//  What a caller has of its own. Models and providers have nothing.
static limits_rule_t
s_own (const struct br_limit_ask *ask)
{
    limits_rule_t own = { .requests = 0 };
    if (strcmp (ask->kind, quota_kind_name (QUOTA_CALLER)) != 0)
        return own;
    own.requests = ask->own_requests;
    own.tokens = ask->own_tokens;
    own.concurrency = ask->own_slots;
    return own;
}

//  What limits a key: its own limits, else those of the configuration.
static limits_rule_t
s_rule (const limits_t *self, const char *kind, const char *name,
        const limits_rule_t *own)
{
    return limits_rule_merge (own, limits_rules_find (self->rules, kind, name));
}

//  Limits of its own that became others hold from now on.
static void
s_note_own (limits_t *self, limits_key_t *key, const limits_rule_t *own,
            const limits_rule_t *rule)
{
    if (limits_rule_is (&key->own, own))
        return;
    key->own = *own;
    limits_key_set (key, rule, br_ctx_now_us (self->ctx));
}

//  A limit without room for its level limits nothing: no call is lost for that.
static limits_key_t *
s_key (limits_t *self, const struct br_limit_ask *ask)
{
    limits_rule_t own = s_own (ask);
    limits_rule_t rule = s_rule (self, ask->kind, ask->key, &own);
    limits_key_t *key = limits_keys_find (self->keys, ask->kind, ask->key);
    if (limits_rule_is_none (&rule)) {
        if (key)
            limits_keys_forget (self->keys, key);
        return NULL;
    }
    key = limits_keys_get (self->keys, ask->kind, ask->key, &rule,
                           br_ctx_now_us (self->ctx));
    if (key)
        s_note_own (self, key, &own, &rule);
    if (!key && self->roomless++ % LOG_EACH == 0)
        br_ctx_log (self->ctx, BR_LOG_WARN,
                    "%d keys are limited at the same time: a new one goes on unlimited, "
                    "%llu so far",
                    LIMITS_KEYS_MAX, (unsigned long long) self->roomless);
    return key;
}

static void
s_on_ask (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    limits_t *self = state;
    const struct br_limit_ask *ask = br_msg_fields (msg);
    struct br_limit_grant grant = { .ticket = ask->ticket };
    limits_key_t *key = s_key (self, ask);
    if (!key) {
        br_ctx_reply (ctx, msg, BR_LIMIT_GRANT, &grant, NULL);
        return;
    }
    uint64_t now_us = br_ctx_now_us (ctx);
    grant.limited = 1;
    grant.what = s_short_of (key, ask, now_us, &grant.retry_ms);
    if (*grant.what)
        s_tell_reached (self, key, grant.what, now_us);
    else {
        grant.requests = s_lend_rate (&key->requests, ask->requests, now_us);
        grant.tokens = s_lend_rate (&key->tokens, ask->tokens, now_us);
        grant.slots = s_lend_slots (key, msg->from, ask->slots);
    }
    s_fill_rates (key, &grant, now_us);
    if (br_ctx_reply (ctx, msg, BR_LIMIT_GRANT, &grant, NULL)) //  nobody has them
        limits_key_release (key, msg->from, grant.slots);
}

static void
s_on_return (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    limits_t *self = state;
    const struct br_limit_return *back = br_msg_fields (msg);
    limits_key_t *key = limits_keys_find (self->keys, back->kind, back->key);
    if (!key)
        return;
    uint64_t now_us = br_ctx_now_us (ctx);
    limits_bucket_put (&key->requests, back->requests, now_us);
    limits_bucket_put (&key->tokens, back->tokens, now_us);
    limits_bucket_owe (&key->tokens, back->tokens_over, now_us);
    limits_key_release (key, msg->from, back->slots);
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    limits_t *self = state;
    const struct br_sys_gone *gone = br_msg_fields (msg);
    limits_key_t *key = limits_keys_newest (self->keys);
    for (; key; key = key->older)
        limits_key_gone (key, (uint32_t) gone->host, (uint32_t) gone->life);
}

//  ---- configuration, questions of the operator

static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    limits_t *self = state;
    limits_rules_t *rules = limits_rules_new (slice, reterr);
    if (!rules)
        return -1;
    limits_rules_destroy (&self->tried);
    self->tried = rules;
    return 0;
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) generation;
    (void) reterr;
    limits_t *self = state;
    if (!self->tried)
        return 0;
    limits_rules_destroy (&self->rules);
    self->rules = self->tried;
    self->tried = NULL;
    limits_key_t *key = limits_keys_newest (self->keys);
    while (key) {
        limits_key_t *older = key->older;
        limits_rule_t rule = s_rule (self, key->kind, key->name, &key->own);
        if (limits_rule_is_none (&rule))
            limits_keys_forget (self->keys, key);
        else
            limits_key_set (key, &rule, br_ctx_now_us (self->ctx));
        key = older;
    }
    return 0;
}

static void
s_write_rate (json_writer_t *out, const char *member, const char *rest,
              limits_bucket_t *bucket, uint64_t now_us)
{
    json_put_integer (out, member, (int64_t) bucket->limit);
    json_put_integer (out, rest, (int64_t) limits_bucket_rest (bucket, now_us));
}

static void
s_write_key (json_writer_t *out, limits_key_t *key, uint64_t now_us)
{
    json_open (out, NULL, '{');
    json_put_string (out, "kind", key->kind);
    json_put_string (out, "key", key->name);
    s_write_rate (out, "requests_per_minute", "requests_left", &key->requests, now_us);
    s_write_rate (out, "tokens_per_minute", "tokens_left", &key->tokens, now_us);
    json_put_integer (out, "concurrency", (int64_t) key->concurrency);
    json_put_integer (out, "slots_held", (int64_t) key->slots);
    json_close (out, '}');
}

//  The keys that were asked for last, as many as an answer has room for.
static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    limits_t *self = state;
    if (strcmp (command, "limits") != 0)
        return NULL;
    br_buf_t buf;
    br_buf_init (&buf, JSON_MAX);
    json_writer_t out = json_writer (&buf);
    json_open (&out, NULL, '[');
    limits_key_t *key = limits_keys_newest (self->keys);
    for (; key && buf.size < JSON_MAX - ROW_MAX; key = key->older)
        s_write_key (&out, key, br_ctx_now_us (self->ctx));
    json_close (&out, ']');
    char *answer = br_strdup (br_buf_text (&buf));
    br_buf_free (&buf);
    return answer;
}

static const br_handler_row_t s_handlers[] = {
    { BR_LIMIT_ASK, s_on_ask },
    { BR_LIMIT_RETURN, s_on_return },
    { BR_SYS_GONE, s_on_gone },
    { 0, NULL },
};

const br_actor_t br_limits_actor = {
    .name = "limits",
    .about = "owns what callers, models and providers may use",
    .role = BR_ROLE_LIMITS,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
};
