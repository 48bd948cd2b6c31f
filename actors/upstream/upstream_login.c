//  upstream_login: the token of a provider that somebody has logged in to.
//
//  The file is the truth: `bitrouter login` may write it too. Before an issuer is asked it
//  is read again, and a token that is newer there is simply used.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/identity/login_token.h"
#include "actors/upstream/upstream_login.h"

#define LEAD_S 300            //  before its end that a token is renewed
#define LEAD_PART 10          //  of a short life: this part of it
#define SOON_MS 1000          //  until a token that is nearly over is renewed
#define RETRY_MS 30000        //  after a failure, doubling
#define RETRY_MOST_MS 600000  //  at the most
#define TIMER_MOST_MS 3600000 //  a look at the clock each hour: it may be set
#define CONNECT_MS 10000
#define TOTAL_MS 30000

struct _upstream_login_t {
    br_ctx_t *ctx;
    void (*renewed) (void *arg);
    void *arg;
    char *tried; //  owned; slices as they came, without a token
    char *slice;
    br_login_token_t *token; //  owned; in use, or NULL
    uint64_t lead_s;         //  before its end that it is renewed
    char *file;              //  owned; of the token; NULL = no login
    char *token_url;         //  owned
    char *client_id;         //  owned
    br_login_format_t format;
    http_client_t *client;     //  borrowed
    http_transfer_t *transfer; //  under way, or NULL
    br_buf_t answer;
    unsigned status;
    uint64_t retry_ms; //  until the next try; 0 = the last one was good
    bool is_over;      //  the issuer wants a new login
    bool was_refused;  //  this token, by the provider
    br_timer_t timer;
};

upstream_login_t *
upstream_login_new (br_ctx_t *ctx, void (*renewed) (void *arg), void *arg)
{
    upstream_login_t *self = BR_NEW (upstream_login_t);
    self->ctx = ctx;
    self->renewed = renewed;
    self->arg = arg;
    br_buf_init (&self->answer, BR_LOGIN_TOKEN_MAX);
    return self;
}

static void
s_forget (upstream_login_t *self)
{
    br_timer_cancel (br_ctx_loop (self->ctx), &self->timer);
    if (self->transfer)
        http_transfer_cancel (&self->transfer);
    br_buf_free (&self->answer);
    br_login_token_destroy (&self->token);
    free (self->file);
    free (self->token_url);
    free (self->client_id);
    self->file = self->token_url = self->client_id = NULL;
    self->retry_ms = 0;
    self->is_over = self->was_refused = false;
}

void
upstream_login_destroy (upstream_login_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    upstream_login_t *self = *self_p;
    s_forget (self);
    br_login_forget (&self->tried);
    br_login_forget (&self->slice);
    free (self);
    *self_p = NULL;
}

//  ---- the slice

static const char *
s_text (const cJSON *object, const char *key)
{
    return cJSON_GetStringValue (cJSON_GetObjectItemCaseSensitive (object, key));
}

//  What the slice says of a login, or NULL.
static cJSON *
s_login (const cJSON *slice)
{
    const cJSON *auth = cJSON_GetObjectItemCaseSensitive (slice, "auth");
    const char *type = s_text (auth, "type");
    cJSON *login = cJSON_GetObjectItemCaseSensitive (auth, "login");
    return type && strcmp (type, "oauth") == 0 && s_text (login, "file") ? login : NULL;
}

//  Headers that go with a token, unless the configuration has its own.
static void
s_add_headers (cJSON *slice, const cJSON *login)
{
    cJSON *headers = cJSON_GetObjectItemCaseSensitive (slice, "default_headers");
    if (!headers)
        headers = cJSON_AddObjectToObject (slice, "default_headers");
    const cJSON *item;
    cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive (login, "headers"))
    {
        if (cJSON_IsString (item) && !cJSON_GetObjectItem (headers, item->string))
            cJSON_AddStringToObject (headers, item->string, item->valuestring);
    }
}

static char *
s_dress (const char *text, const br_login_token_t *token)
{
    cJSON *slice = cJSON_Parse (text);
    cJSON *login = s_login (slice);
    char *dressed = NULL;
    if (login && token) {
        s_add_headers (slice, login);
        cJSON *auth = cJSON_CreateObject ();
        cJSON_AddStringToObject (auth, "type", "bearer");
        cJSON_AddStringToObject (auth, "api_key", token->access);
        cJSON_ReplaceItemInObjectCaseSensitive (slice, "auth", auth);
        dressed = cJSON_PrintUnformatted (slice);
    }
    cJSON_Delete (slice);
    return dressed ? dressed : br_strdup (text);
}

char *
upstream_login_try (upstream_login_t *self, const char *slice)
{
    br_login_forget (&self->tried);
    self->tried = br_strdup (slice);
    cJSON *json = cJSON_Parse (slice);
    const char *file = s_text (s_login (json), "file");
    br_login_token_t *token = file ? br_login_token_read (file, NULL) : NULL;
    cJSON_Delete (json);
    char *dressed = s_dress (slice, token);
    br_login_token_destroy (&token);
    return dressed;
}

char *
upstream_login_slice (const upstream_login_t *self)
{
    return self->slice ? s_dress (self->slice, self->token) : NULL;
}

//  ---- renewing

static void s_renew (void *arg);

static void
s_set_timer (upstream_login_t *self, uint64_t delay_ms)
{
    br_timer_set (br_ctx_loop (self->ctx), &self->timer,
                  delay_ms < TIMER_MOST_MS ? delay_ms : TIMER_MOST_MS, s_renew, self);
}

//  Milliseconds until the token is to be renewed; 0 = now.
static uint64_t
s_due_ms (const upstream_login_t *self)
{
    uint64_t now_s = br_ctx_unix_ms (self->ctx) / 1000;
    uint64_t expires_s = self->token->expires_s;
    uint64_t left_s = expires_s > now_s ? expires_s - now_s : 0;
    return left_s > self->lead_s + 1 ? (left_s - self->lead_s) * 1000 : 0;
}

//  Takes a token, which may be NULL, in the place of the one in use.
static void
s_keep (upstream_login_t *self, br_login_token_t *token)
{
    br_login_token_destroy (&self->token);
    self->token = token;
    uint64_t now_s = br_ctx_unix_ms (self->ctx) / 1000;
    uint64_t left_s = token && token->expires_s > now_s ? token->expires_s - now_s : 0;
    self->lead_s = left_s / LEAD_PART < LEAD_S ? left_s / LEAD_PART : LEAD_S;
}

//  When the next look is due: at a token that cannot be renewed, never.
static void
s_plan (upstream_login_t *self)
{
    if (!self->token || !self->token->refresh || !self->token->expires_s || self->is_over)
        return;
    uint64_t due_ms = s_due_ms (self);
    due_ms = due_ms < SOON_MS ? SOON_MS : due_ms;
    s_set_timer (self, self->retry_ms ? self->retry_ms : due_ms);
}

static void
s_use (upstream_login_t *self, br_login_token_t **token_p)
{
    s_keep (self, *token_p);
    *token_p = NULL;
    self->retry_ms = 0;
    self->was_refused = false;
    self->renewed (self->arg);
    s_plan (self);
}

static void
s_fail (upstream_login_t *self, const char *why, bool is_over)
{
    self->is_over = is_over;
    self->retry_ms = self->retry_ms ? 2 * self->retry_ms : RETRY_MS;
    if (self->retry_ms > RETRY_MOST_MS)
        self->retry_ms = RETRY_MOST_MS;
    br_ctx_log (self->ctx, BR_LOG_WARN, "the login cannot be renewed: %s%s%s%s", why,
                is_over ? "; run `bitrouter login " : "",
                is_over ? br_ctx_instance (self->ctx) : "", is_over ? "`" : "");
    s_plan (self);
}

static void
s_read_answer (upstream_login_t *self)
{
    br_error_t error = { .code = BR_OK };
    br_login_token_t *token = br_login_token_parse (br_buf_text (&self->answer),
                                                    br_ctx_unix_ms (self->ctx) / 1000,
                                                    self->token, &error);
    br_buf_free (&self->answer);
    if (!token) {
        bool is_final = error.code == BR_EAUTH && self->status >= 400
                        && self->status < 500 && self->status != 429;
        s_fail (self, error.text, is_final);
        return;
    }
    if (br_login_token_write (token, self->file, &error))
        br_ctx_log (self->ctx, BR_LOG_ERROR, "the new login is not kept: %s", error.text);
    br_ctx_log (self->ctx, BR_LOG_INFO, "the login was renewed");
    s_use (self, &token);
}

static void
s_on_head (void *arg, http_transfer_t *transfer, unsigned status)
{
    (void) transfer;
    upstream_login_t *self = arg;
    self->status = status;
}

static void
s_on_data (void *arg, http_transfer_t *transfer, const uint8_t *bytes, size_t size)
{
    (void) transfer;
    upstream_login_t *self = arg;
    (void) br_buf_add (&self->answer, bytes, size);
}

static void
s_on_done (void *arg, http_transfer_t *transfer, const http_result_t *result)
{
    (void) transfer;
    upstream_login_t *self = arg;
    self->transfer = NULL;
    if (result->end != HTTP_END_OK || self->answer.overflow) {
        br_buf_free (&self->answer);
        s_fail (self,
                result->end == HTTP_END_OK ? "the answer is too long" : result->text,
                false);
    } else
        s_read_answer (self);
}

static void
s_ask (upstream_login_t *self)
{
    static const http_client_handler_t s_handler = { s_on_head, s_on_data, s_on_done };
    static const char *const s_headers[][3] = {
        [BR_LOGIN_FORM] = { "Content-Type: application/x-www-form-urlencoded",
                            "Accept: application/json", NULL },
        [BR_LOGIN_JSON] = { "Content-Type: application/json", "Accept: application/json",
                            NULL },
    };
    const char *const pairs[] = { "grant_type",
                                  "refresh_token",
                                  "refresh_token",
                                  self->token->refresh,
                                  "client_id",
                                  self->client_id,
                                  NULL };
    char *body = br_login_body (self->format, pairs);
    http_request_t request = { .method = "POST",
                               .url = self->token_url,
                               .headers = s_headers[self->format],
                               .pieces = { { .text = body, .size = strlen (body) } },
                               .pieces_size = 1,
                               .connect_ms = CONNECT_MS,
                               .total_ms = TOTAL_MS };
    br_error_t error = { .code = BR_OK };
    self->transfer = http_client_start (self->client, &request, &s_handler, self, &error);
    br_login_forget (&body);
    if (!self->transfer)
        s_fail (self, error.text, false);
}

//  Somebody else may have renewed it. Returns whether there is another token now.
static bool
s_take_newer (upstream_login_t *self)
{
    br_login_token_t *token = br_login_token_read (self->file, NULL);
    bool is_newer = token && strcmp (token->access, self->token->access) != 0;
    if (is_newer)
        s_use (self, &token);
    br_login_token_destroy (&token);
    return is_newer;
}

static void
s_renew (void *arg)
{
    upstream_login_t *self = arg;
    if (self->transfer || !self->token || !self->client || !self->token_url)
        return;
    if (!self->was_refused && s_due_ms (self) > SOON_MS)
        s_plan (self);
    else if (!s_take_newer (self) && self->token->refresh && !self->is_over)
        s_ask (self);
}

void
upstream_login_refused (upstream_login_t *self)
{
    if (!self->token || self->was_refused)
        return;
    self->was_refused = true;
    s_set_timer (self, 0);
}

//  ---- configuration

void
upstream_login_take (upstream_login_t *self, http_client_t *client)
{
    s_forget (self);
    self->client = client;
    br_login_forget (&self->slice);
    self->slice = self->tried;
    self->tried = NULL;
    cJSON *slice = self->slice ? cJSON_Parse (self->slice) : NULL;
    const cJSON *login = s_login (slice);
    const char *format = s_text (login, "token_format");
    self->format = format && strcmp (format, "json") == 0 ? BR_LOGIN_JSON : BR_LOGIN_FORM;
    self->file = br_strdup (s_text (login, "file"));
    self->token_url = br_strdup (s_text (login, "token_url"));
    self->client_id = br_strdup (s_text (login, "client_id"));
    s_keep (self, self->file ? br_login_token_read (self->file, NULL) : NULL);
    cJSON_Delete (slice);
    if (self->token) //  it may be another one than when the slice was tried
        self->renewed (self->arg);
    s_plan (self);
}
