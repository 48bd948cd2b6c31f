//  tui_remote: one transfer at a time, turned by libcurl's multi interface.

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "tui/tui_remote.h"

#define ANSWER_BYTES (16 << 20) //  of one answer
#define TIMEOUT_MS 10000L       //  of all of it
#define CONNECT_MS 5000L
#define PAUSE_MS 2000 //  behind a failure
#define HTTP_OK 200
#define HTTP_UNAUTHORIZED 401
#define HTTP_FORBIDDEN 403

struct _tui_remote_t {
    char *url;                  //  owned; without a slash at its end
    struct curl_slist *headers; //  owned
    CURLM *multi;               //  owned
    CURL *easy;                 //  owned
    br_buf_t body;
    tui_question_t asked; //  under way; TUI_QUESTIONS = none
    uint64_t pause_ms;    //  unix; nothing is asked before
};

static size_t
s_on_data (char *bytes, size_t size, size_t count, void *arg)
{
    tui_remote_t *self = arg;
    return br_buf_add (&self->body, bytes, size * count) ? 0 : size * count;
}

//  Redirects are not followed: the token is for this address alone.
static void
s_set_up (tui_remote_t *self)
{
    curl_easy_setopt (self->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt (self->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt (self->easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt (self->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt (self->easy, CURLOPT_HTTPHEADER, self->headers);
    curl_easy_setopt (self->easy, CURLOPT_WRITEFUNCTION, s_on_data);
    curl_easy_setopt (self->easy, CURLOPT_WRITEDATA, self);
}

//  Whether what is sent goes in clear beyond this machine; so does what cannot be read.
static bool
s_is_overheard (const char *url)
{
    static const char *const own[] = { "localhost", "127.0.0.1", "[::1]", "::1" };
    char *scheme = NULL, *host = NULL;
    CURLU *parts = curl_url ();
    bool is_read = curl_url_set (parts, CURLUPART_URL, url, 0) == CURLUE_OK
                   && curl_url_get (parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK
                   && curl_url_get (parts, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    bool is_overheard = !is_read || strcasecmp (scheme, "https") != 0;
    for (size_t i = 0; is_read && i < sizeof own / sizeof *own; i++)
        if (strcasecmp (host, own[i]) == 0)
            is_overheard = false;
    curl_free (host);
    curl_free (scheme);
    curl_url_cleanup (parts);
    return is_overheard;
}

tui_remote_t *
tui_remote_new (const char *url, const char *token, br_error_t *reterr)
{
    if (strncasecmp (url, "http://", 7) != 0 && strncasecmp (url, "https://", 8) != 0) {
        br_error_set (reterr, BR_EINVALID,
                      "the address of the server must begin with https:// or http://");
        return NULL;
    }
    if (token && s_is_overheard (url)) {
        br_error_set (reterr, BR_EINVALID,
                      "the token would go in clear to another machine; use https://, or "
                      "--broker tcp://HOST:7701");
        return NULL;
    }
    tui_remote_t *self = BR_NEW (tui_remote_t);
    self->url = br_strdup (url);
    for (size_t end = strlen (url); end && self->url[end - 1] == '/'; end--)
        self->url[end - 1] = 0;
    br_buf_init (&self->body, ANSWER_BYTES);
    self->asked = TUI_QUESTIONS;
    if (token) {
        char *line = br_strf ("Authorization: Bearer %s", token);
        self->headers = curl_slist_append (NULL, line);
        free (line);
    }
    self->multi = curl_multi_init ();
    self->easy = curl_easy_init ();
    if (self->multi && self->easy) {
        s_set_up (self);
        if (token && strncasecmp (url, "https://", 8) != 0)
            curl_easy_setopt (self->easy, CURLOPT_PROXY, ""); //  it would leave in clear
        return self;
    }
    br_error_set (reterr, BR_ESYSTEM, "libcurl cannot start");
    tui_remote_destroy (&self);
    return NULL;
}

void
tui_remote_destroy (tui_remote_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    tui_remote_t *self = *self_p;
    if (self->asked != TUI_QUESTIONS)
        curl_multi_remove_handle (self->multi, self->easy);
    curl_easy_cleanup (self->easy);
    curl_multi_cleanup (self->multi);
    curl_slist_free_all (self->headers);
    br_buf_free (&self->body);
    free (self->url);
    free (self);
    *self_p = NULL;
}

bool
tui_remote_is_busy (const tui_remote_t *self)
{
    return self->asked != TUI_QUESTIONS;
}

//  ---- answers

//  The routes come inside of an object.
static cJSON *
s_result (const tui_remote_t *self)
{
    cJSON *result = cJSON_ParseWithLength ((const char *) self->body.data,
                                           self->body.size);
    cJSON *routes = self->asked == TUI_ROUTES
                        ? cJSON_DetachItemFromObjectCaseSensitive (result, "routes")
                        : NULL;
    if (!routes)
        return result;
    cJSON_Delete (result);
    return routes;
}

//  Why the server cannot be looked at; NULL: this question alone has no answer.
static char *
s_trouble (const tui_remote_t *self, CURLcode code, long status)
{
    if (code != CURLE_OK)
        return br_strf ("Cannot reach %.100s: %s", self->url, curl_easy_strerror (code));
    if (status == HTTP_UNAUTHORIZED || status == HTTP_FORBIDDEN)
        return br_strf ("%.100s wants a token of the scope admin: see `bitrouter keygen "
                        "--scope admin`",
                        self->url);
    return NULL;
}

static void
s_take (tui_remote_t *self, tui_model_t *model, CURLcode code, uint64_t now_ms)
{
    long status = 0;
    curl_easy_getinfo (self->easy, CURLINFO_RESPONSE_CODE, &status);
    char *trouble = s_trouble (self, code, status);
    tui_model_link (model, !trouble, trouble ? trouble : "");
    self->pause_ms = trouble ? now_ms + PAUSE_MS : 0;
    free (trouble);
    cJSON *result = code == CURLE_OK && status == HTTP_OK ? s_result (self) : NULL;
    if (result)
        tui_model_answer (model, self->asked, &result);
}

static bool
s_take_all (tui_remote_t *self, tui_model_t *model, uint64_t now_ms)
{
    int running = 0, left = 0;
    bool has_news = false;
    curl_multi_perform (self->multi, &running);
    const CURLMsg *news = curl_multi_info_read (self->multi, &left);
    for (; news; news = curl_multi_info_read (self->multi, &left)) {
        if (news->msg != CURLMSG_DONE)
            continue;
        CURLcode code = news->data.result;
        curl_multi_remove_handle (self->multi, self->easy);
        s_take (self, model, code, now_ms);
        self->asked = TUI_QUESTIONS;
        has_news = true;
    }
    return has_news;
}

//  ---- questions

static void
s_ask (tui_remote_t *self, tui_model_t *model, uint64_t now_ms)
{
    tui_question_t question = tui_answers_next (tui_model_answers (model), now_ms);
    if (question == TUI_QUESTIONS)
        return;
    char *url = br_strf ("%s/admin/%s", self->url, tui_question_command (question));
    br_buf_clear (&self->body);
    curl_easy_setopt (self->easy, CURLOPT_URL, url);
    free (url);
    if (curl_multi_add_handle (self->multi, self->easy) == CURLM_OK)
        self->asked = question;
}

bool
tui_remote_turn (tui_remote_t *self, tui_model_t *model, uint64_t now_ms)
{
    tui_model_be_deaf (model);
    bool has_news = tui_remote_is_busy (self) && s_take_all (self, model, now_ms);
    if (!tui_remote_is_busy (self) && now_ms >= self->pause_ms)
        s_ask (self, model, now_ms);
    return has_news;
}
