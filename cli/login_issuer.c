//  login_issuer: who gives tokens for a provider.

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/login_issuer.h"
#include "cli/web.h"

static const char *
s_text (const cJSON *json, const char *key, const char *otherwise)
{
    const char *text = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (json, key));
    return text && *text ? text : otherwise;
}

//  Secrets go over TLS, or stay on this machine.
static bool
s_is_safe (const char *url)
{
    static const char *const s_starts[] = { "https://", "http://127.0.0.1:",
                                            "http://localhost:", "http://[::1]:" };
    for (size_t i = 0; url && i < sizeof s_starts / sizeof *s_starts; i++)
        if (strncmp (url, s_starts[i], strlen (s_starts[i])) == 0)
            return true;
    return !url;
}

static int
s_check (const login_issuer_t *self, const char *name, br_error_t *reterr)
{
    if (!self->token_url || (!self->authorize_url && !self->device_url))
        return br_error_set (reterr, BR_ECONFIG,
                             "providers.%s.login needs token_url, and authorize_url or "
                             "device_url",
                             name);
    if (!s_is_safe (self->token_url) || !s_is_safe (self->authorize_url)
        || !s_is_safe (self->device_url))
        return br_error_set (reterr, BR_ECONFIG,
                             "providers.%s.login: addresses must begin with https://",
                             name);
    if (!self->client_id)
        return br_error_set (
            reterr, BR_ECONFIG,
            "no client is known for %s: set providers.%s.login.client_id "
            "to the id that its issuer gave you, or log in with a key by "
            "--stdin",
            name, name);
    return 0;
}

int
login_issuer_init (login_issuer_t *self, const char *name, const char *login_json,
                   br_error_t *reterr)
{
    *self = (login_issuer_t) { .json = cJSON_Parse (login_json) };
    const cJSON *port = cJSON_GetObjectItemCaseSensitive (self->json, "redirect_port");
    self->authorize_url = s_text (self->json, "authorize_url", NULL);
    self->device_url = s_text (self->json, "device_url", NULL);
    self->token_url = s_text (self->json, "token_url", NULL);
    self->client_id = s_text (self->json, "client_id", NULL);
    self->scope = s_text (self->json, "scope", NULL);
    self->redirect_host = s_text (self->json, "redirect_host", "127.0.0.1");
    self->redirect_path = s_text (self->json, "redirect_path", "/callback");
    self->redirect_port = cJSON_IsNumber (port) ? (unsigned) port->valuedouble : 0;
    self->file = s_text (self->json, "file", "");
    const char *format = s_text (self->json, "token_format", "form");
    self->format = strcmp (format, "json") == 0 ? BR_LOGIN_JSON : BR_LOGIN_FORM;
    return s_check (self, name, reterr);
}

void
login_issuer_clear (login_issuer_t *self)
{
    cJSON_Delete (self->json);
    *self = (login_issuer_t) { .json = NULL };
}

br_login_token_t *
login_issuer_ask (const login_issuer_t *self, const char *const *pairs,
                  const br_login_token_t *older, br_error_t *reterr)
{
    char *body = br_login_body (self->format, pairs);
    cli_web_request_t request = { .url = self->token_url, .body = body };
    request.headers[0] = "Accept: application/json";
    request.headers[1] = self->format == BR_LOGIN_JSON
                             ? "Content-Type: application/json"
                             : "Content-Type: application/x-www-form-urlencoded";
    request.timeout_ms = LOGIN_ISSUER_MS;
    cli_web_answer_t answer = { .body = NULL };
    br_login_token_t *token = NULL;
    if (cli_web_fetch (&request, &answer, reterr) == 0) {
        br_error_t error = { .code = BR_OK };
        token = br_login_token_parse (answer.body, (uint64_t) time (NULL), older, &error);
        if (!token && error.code == BR_EAUTH)
            br_error_set (reterr, BR_EAUTH, "%s", error.text);
        else if (!token)
            br_error_set (reterr, BR_EUNAVAILABLE, "%.200s answers %u without a token",
                          self->token_url, answer.status);
    }
    cli_web_answer_clear (&answer);
    br_login_forget (&body);
    return token;
}

br_login_token_t *
login_issuer_refresh (const login_issuer_t *self, const br_login_token_t *older,
                      br_error_t *reterr)
{
    const char *const pairs[] = { "grant_type",
                                  "refresh_token",
                                  "refresh_token",
                                  older->refresh,
                                  "client_id",
                                  self->client_id,
                                  NULL };
    if (older->refresh)
        return login_issuer_ask (self, pairs, older, reterr);
    br_error_set (reterr, BR_EINVALID, "the token cannot be renewed; log in again");
    return NULL;
}
