//  auth: the owner of identities and budgets.
//
//  A credential is looked up in the store of keys (broker/identity) and answered at once;
//  who asked keeps the answer until auth.changed. The store is read again when its folder
//  changes. What is said about budgets goes to auth_money.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_writer.h"
#include "broker/identity/keystore.h"
#include "actors/auth/auth.h"
#include "actors/auth/auth_ingresses.h"
#include "actors/auth/auth_money.h"
#include "actors/auth/auth_settings.h"
#include "actors/auth/auth_watch.h"

#define GLOBS_MAX (1u << 20) //  bytes of a list of globs as JSON
#define JSON_MAX (4u << 20)  //  bytes of an answer to the operator

typedef struct _auth_t {
    br_ctx_t *ctx;
    auth_settings_t *settings;
    auth_settings_t *tried_settings;
    br_keystore_t *keys; //  NULL until there is a configuration
    br_keystore_t *tried_keys;
    auth_watch_t *watch;
    auth_watch_t *older_watch; //  of the older folder, where there is one
    auth_ingresses_t *ingresses;
    auth_money_t *money;
    uint64_t known;   //  credentials that were told, count
    uint64_t refused; //  likewise
    uint64_t changes; //  of the folder of keys, count
} auth_t;

static void
s_destroy (void **state_p)
{
    auth_t *self = *state_p;
    auth_watch_destroy (&self->older_watch);
    auth_watch_destroy (&self->watch);
    auth_money_destroy (&self->money);
    auth_ingresses_destroy (&self->ingresses);
    br_keystore_destroy (&self->tried_keys);
    br_keystore_destroy (&self->keys);
    auth_settings_destroy (&self->tried_settings);
    auth_settings_destroy (&self->settings);
    free (self);
    *state_p = NULL;
}

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    auth_t *self = BR_NEW (auth_t);
    self->ctx = ctx;
    self->ingresses = auth_ingresses_new (ctx);
    self->money = auth_money_new (ctx);
    return self;
}

//  ---- whose it is

//  A list of globs as JSON, "" for none.
static const char *
s_globs (br_buf_t *buf, char *const *globs)
{
    if (!globs || !*globs)
        return "";
    json_writer_t out = json_writer (buf);
    json_open (&out, NULL, '[');
    for (; *globs; globs++)
        json_put_string (&out, NULL, *globs);
    json_close (&out, ']');
    return br_buf_text (buf);
}

static void
s_fill (struct br_auth_told *told, const br_identity_t *who)
{
    told->account = who->account;
    told->key = who->key;
    told->scope = who->scope;
    told->issued_s = who->issued_s;
    told->expires_s = who->expires_s;
    told->budgeted = who->budgeted;
    told->budget_nusd = who->budget_nusd;
    told->budget_scope = who->budget_scope;
    told->budget_range = who->budget_range;
    told->budget_extent = who->budget_extent;
    told->requests_per_minute = who->requests_per_minute;
    told->tokens_per_minute = who->tokens_per_minute;
    told->concurrency = who->concurrency;
}

//  A list that does not fit must not become "all": then the credential is refused.
static void
s_tell (auth_t *self, const br_msg_t *msg, const br_identity_t *who)
{
    const struct br_auth_ask *ask = br_msg_fields (msg);
    struct br_auth_told told = { .ticket = ask->ticket };
    br_buf_t models, tools;
    br_buf_init (&models, GLOBS_MAX);
    br_buf_init (&tools, GLOBS_MAX);
    s_fill (&told, who);
    told.models = s_globs (&models, who->models);
    told.tools = s_globs (&tools, who->tools);
    if (models.overflow || tools.overflow) {
        told = (struct br_auth_told) { .ticket = ask->ticket, .code = BR_EAUTH };
        told.error = "the credential's lists of models and tools are too long";
    }
    (void) br_ctx_reply (self->ctx, msg, BR_AUTH_TOLD, &told, NULL);
    br_buf_free (&models);
    br_buf_free (&tools);
}

static void
s_on_ask (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    auth_t *self = state;
    const struct br_auth_ask *ask = br_msg_fields (msg);
    auth_ingresses_know (self->ingresses, msg->from);
    if (self->watch)
        auth_watch_look (self->watch); //  the key may have been made a moment ago
    if (self->older_watch)
        auth_watch_look (self->older_watch);
    br_error_t error = { .code = BR_EGONE, .text = "no configuration yet; try again" };
    br_identity_t *who = NULL;
    if (self->keys)
        who = br_keystore_verify (self->keys, ask->credential,
                                  br_ctx_unix_ms (ctx) / 1000, &error);
    if (who) {
        self->known++;
        s_tell (self, msg, who);
    } else {
        struct br_auth_told told = { .ticket = ask->ticket, .code = error.code };
        told.error = error.text;
        self->refused++;
        (void) br_ctx_reply (ctx, msg, BR_AUTH_TOLD, &told, NULL);
    }
    br_identity_destroy (&who);
}

//  ---- what they may spend

static void
s_on_budget_ask (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    auth_t *self = state;
    auth_ingresses_know (self->ingresses, msg->from);
    auth_money_on_ask (self->money, msg);
}

static void
s_on_budget_hold (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    auth_t *self = state;
    auth_money_on_hold (self->money, msg);
}

static void
s_on_budget_drop (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    auth_t *self = state;
    auth_money_on_drop (self->money, msg);
}

static void
s_on_metered (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    auth_t *self = state;
    auth_money_on_metered (self->money, msg);
}

static void
s_on_spend_told (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    auth_t *self = state;
    auth_money_on_told (self->money, msg);
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    auth_t *self = state;
    const struct br_sys_gone *gone = br_msg_fields (msg);
    auth_ingresses_gone (self->ingresses, (uint32_t) gone->host, (uint32_t) gone->life);
    auth_money_on_gone (self->money, (uint32_t) gone->host, (uint32_t) gone->life);
}

//  ---- keys that change, configuration

static void
s_log_warnings (const auth_t *self)
{
    for (size_t i = 0; br_keystore_warning (self->keys, i); i++)
        br_ctx_log (self->ctx, BR_LOG_WARN, "%s", br_keystore_warning (self->keys, i));
}

static void
s_on_change (void *arg)
{
    auth_t *self = arg;
    br_error_t error;
    if (br_keystore_read (self->keys, &error)) {
        br_ctx_log (self->ctx, BR_LOG_ERROR,
                    "keys have changed and cannot be read, the old ones count: %s",
                    error.text);
        return;
    }
    self->changes++;
    s_log_warnings (self);
    auth_ingresses_tell (self->ingresses);
}

static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    auth_t *self = state;
    auth_settings_t *settings = auth_settings_new (slice, reterr);
    if (!settings)
        return -1;
    br_keystore_t *keys = br_keystore_new (auth_settings_keys (settings),
                                           auth_settings_issuers (settings), reterr);
    const char *older = auth_settings_older_keys (settings);
    if (keys && *older && br_keystore_read_too (keys, older, reterr))
        br_keystore_destroy (&keys);
    if (!keys) {
        auth_settings_destroy (&settings);
        return -1;
    }
    auth_settings_destroy (&self->tried_settings);
    br_keystore_destroy (&self->tried_keys);
    self->tried_settings = settings;
    self->tried_keys = keys;
    return 0;
}

//  Without a watch a change is seen with the next configuration alone.
static void
s_watch_folder (auth_t *self, const char *folder, auth_watch_t **watch_p)
{
    br_error_t error;
    auth_watch_destroy (watch_p);
    if (!*folder)
        return;
    *watch_p = auth_watch_new (br_ctx_loop (self->ctx), folder, s_on_change, self,
                               &error);
    if (!*watch_p)
        br_ctx_log (self->ctx, BR_LOG_WARN, "%s; reload when keys have changed",
                    error.text);
}

static void
s_watch (auth_t *self)
{
    s_watch_folder (self, auth_settings_keys (self->settings), &self->watch);
    s_watch_folder (self, auth_settings_older_keys (self->settings), &self->older_watch);
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) generation;
    (void) reterr;
    auth_t *self = state;
    if (!self->tried_keys)
        return 0;
    br_keystore_destroy (&self->keys);
    auth_settings_destroy (&self->settings);
    self->keys = self->tried_keys;
    self->settings = self->tried_settings;
    self->tried_keys = NULL;
    self->tried_settings = NULL;
    s_watch (self);
    if (self->watch) //  what has changed since it was tried
        (void) br_keystore_read (self->keys, NULL);
    s_log_warnings (self);
    auth_money_begin (self->money);
    auth_ingresses_tell (self->ingresses);
    return 0;
}

//  ---- questions of the operator

static void
s_write_identities (const auth_t *self, json_writer_t *out)
{
    json_open (out, NULL, '{');
    json_put_integer (out, "known", (int64_t) self->known);
    json_put_integer (out, "refused", (int64_t) self->refused);
    json_put_integer (out, "changes", (int64_t) self->changes);
    json_put_integer (out, "ingresses", (int64_t) auth_ingresses_size (self->ingresses));
    json_close (out, '}');
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    auth_t *self = state;
    bool is_budgets = strcmp (command, "budgets") == 0;
    if (!is_budgets && strcmp (command, "identities") != 0)
        return NULL;
    br_buf_t buf;
    br_buf_init (&buf, JSON_MAX);
    json_writer_t out = json_writer (&buf);
    if (is_budgets)
        auth_money_show (self->money, &out);
    else
        s_write_identities (self, &out);
    char *answer = br_strdup (br_buf_text (&buf));
    br_buf_free (&buf);
    return answer;
}

static const br_handler_row_t s_handlers[] = {
    { BR_AUTH_ASK, s_on_ask },
    { BR_BUDGET_ASK, s_on_budget_ask },
    { BR_BUDGET_HOLD, s_on_budget_hold },
    { BR_BUDGET_DROP, s_on_budget_drop },
    { BR_CALL_METERED, s_on_metered },
    { BR_SPEND_TOLD, s_on_spend_told },
    { BR_SYS_GONE, s_on_gone },
    { 0, NULL },
};

const br_actor_t br_auth_actor = {
    .name = "auth",
    .about = "owns whose a credential is, and what its caller may spend",
    .role = BR_ROLE_AUTH,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
};
