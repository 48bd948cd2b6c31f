//  http_transfer: one request and its answer.
//
//  A transfer keeps its easy handle over many requests: what never changes is set once,
//  and a request costs four options.

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/net/http_body.h"
#include "broker/net/http_deadline.h"
#include "broker/net/http_fields.h"
#include "broker/net/http_head.h"
#include "broker/net/http_options.h"
#include "broker/net/http_outcome.h"
#include "broker/net/http_transfer.h"

#define METHOD_MAX 16          //  bytes of a method's name
#define URL_MAX 8192           //  bytes
#define WAITING_MAX (4u << 20) //  bytes of an answer that wait while it is paused
#define HANDED_MAX (64u << 10) //  bytes of them that are handed out at once

struct _http_transfer_t {
    const http_transfer_env_t *env;
    CURL *easy;
    http_client_handler_t handler;
    void *arg; //  borrowed, the handler's
    http_transfer_state_t state;
    bool custom;        //  the easy handle has a method of its own name
    bool repeatable;    //  the method may be sent twice
    bool connected;     //  a connection was ready for the request
    bool reused;        //  it was a kept one
    bool worn;          //  curl has tried more than once with this easy handle
    bool lost;          //  it broke after it may have taken the request
    bool paused;        //  the user wants no data
    bool held;          //  and curl has stopped reading
    br_buf_t waiting;   //  with http2: what has come meanwhile
    size_t waiting_at;  //  bytes of it that the user has got
    CURLcode code;      //  of an ended one
    http_end_t refusal; //  why a callback stopped curl; HTTP_END_OK = it did not
    char *url;          //  of this request or the last
    CURLU *parts;       //  the same, parsed
    uint64_t origin;    //  hash of its scheme, host and port
    http_body_t body;
    http_fields_t fields;
    http_head_t head;
    uint64_t body_bytes; //  of the answer, decoded
    http_deadline_t deadline;
    br_timer_t later;  //  kick
    http_bank_t *bank; //  borrowed, the client's
    int port;          //  our end of the connection
    size_t place;
    char error[CURL_ERROR_SIZE];
};

static void
s_expire (void *arg, http_end_t end)
{
    http_transfer_t *self = arg;
    self->env->expire (self->env->client, self, end);
}

//  ---- callbacks of curl

//  Bytes of the request that left, as far as curl counted them.
static bool
s_wrote (const http_transfer_t *self)
{
    long head_bytes = 0;
    curl_off_t body_bytes = 0;
    curl_easy_getinfo (self->easy, CURLINFO_REQUEST_SIZE, &head_bytes);
    curl_easy_getinfo (self->easy, CURLINFO_SIZE_UPLOAD_T, &body_bytes);
    return self->connected && (head_bytes > 0 || body_bytes > 0);
}

//  A connection is ready and the request goes out next. The second call for one request
//  means that curl wants to send it again, since a kept connection broke: that is right
//  only when nothing was sent, or when sending twice does no harm.
static int
s_prereq (void *arg, char *peer_ip, char *own_ip, int peer_port, int own_port)
{
    (void) peer_ip;
    (void) own_ip;
    (void) peer_port;
    http_transfer_t *self = arg;
    self->port = own_port;
    if (self->state != HTTP_TRANSFER_RUNNING)
        return CURL_PREREQFUNC_ABORT;
    self->worn = self->worn || self->connected;
    if (self->connected && !self->repeatable && s_wrote (self)) {
        self->lost = true;
        return CURL_PREREQFUNC_ABORT;
    }
    long connects = 0;
    curl_easy_getinfo (self->easy, CURLINFO_NUM_CONNECTS, &connects);
    self->connected = true;
    self->reused = connects == 0;
    http_deadline_connected (&self->deadline);
    return CURL_PREREQFUNC_OK;
}

static size_t
s_read (char *to, size_t size, size_t count, void *arg)
{
    http_transfer_t *self = arg;
    if (self->state != HTTP_TRANSFER_RUNNING)
        return CURL_READFUNC_ABORT;
    return http_body_read (&self->body, to, size * count);
}

static int
s_seek (void *arg, curl_off_t offset, int origin)
{
    http_transfer_t *self = arg;
    if (origin != SEEK_SET || offset < 0)
        return CURL_SEEKFUNC_CANTSEEK;
    int rc = http_body_seek (&self->body, (uint64_t) offset);
    return rc ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

//  Once the answer is there and the whole request is gone, its memory can go too: an
//  answer may stay open for minutes.
static void
s_forget_request (http_transfer_t *self)
{
    if (!self->body.size)
        return;
    curl_off_t sent = 0;
    curl_easy_getinfo (self->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    if ((uint64_t) sent != self->body.size)
        return;
    http_body_clear (&self->body);
    http_fields_free (&self->fields);
    curl_easy_setopt (self->easy, CURLOPT_HTTPHEADER, NULL);
    http_options_free_send (self->easy);
}

static size_t
s_header (char *line, size_t size, size_t count, void *arg)
{
    http_transfer_t *self = arg;
    if (self->state != HTTP_TRANSFER_RUNNING)
        return 0;
    size *= count;
    http_deadline_touch (&self->deadline);
    if (self->head.complete)
        return size; //  trailers
    switch (http_head_add (&self->head, line, size)) {
    case HTTP_HEAD_MORE: return size;
    case HTTP_HEAD_TOO_BIG: self->refusal = HTTP_END_TOO_BIG; return 0;
    case HTTP_HEAD_BAD: self->refusal = HTTP_END_PROTOCOL; return 0;
    case HTTP_HEAD_COMPLETE: break;
    }
    s_forget_request (self);
    self->handler.head (self->arg, self, self->head.status);
    return self->state == HTTP_TRANSFER_RUNNING ? size : 0;
}

static void
s_hand_over (http_transfer_t *self, const void *bytes, size_t size)
{
    self->body_bytes += size;
    self->handler.data (self->arg, self, bytes, size);
}

//  With http2 a stream that curl 7.88 does not read holds up all others of its connection
//  (lib/http2.c, pause_stream_id). So what comes for a paused one is taken, up to a bound.
static size_t
s_keep (http_transfer_t *self, const void *bytes, size_t size)
{
    if (self->env->conf->http2 && size <= WAITING_MAX - self->waiting.size
        && br_buf_add (&self->waiting, bytes, size) == 0)
        return size;
    self->held = true;
    return CURL_WRITEFUNC_PAUSE;
}

static size_t
s_write (char *bytes, size_t size, size_t count, void *arg)
{
    http_transfer_t *self = arg;
    if (self->state != HTTP_TRANSFER_RUNNING)
        return 0;
    size *= count;
    if (self->paused || self->waiting.size)
        return s_keep (self, bytes, size);
    http_deadline_touch (&self->deadline);
    s_hand_over (self, bytes, size);
    return self->state == HTTP_TRANSFER_RUNNING ? size : 0;
}

//  ---- options that never change

static void
s_set_callbacks (http_transfer_t *self)
{
    CURL *easy = self->easy;
    curl_easy_setopt (easy, CURLOPT_PRIVATE, self);
    curl_easy_setopt (easy, CURLOPT_ERRORBUFFER, self->error);
    curl_easy_setopt (easy, CURLOPT_PREREQFUNCTION, s_prereq);
    curl_easy_setopt (easy, CURLOPT_PREREQDATA, self);
    curl_easy_setopt (easy, CURLOPT_READFUNCTION, s_read);
    curl_easy_setopt (easy, CURLOPT_READDATA, self);
    curl_easy_setopt (easy, CURLOPT_SEEKFUNCTION, s_seek);
    curl_easy_setopt (easy, CURLOPT_SEEKDATA, self);
    curl_easy_setopt (easy, CURLOPT_HEADERFUNCTION, s_header);
    curl_easy_setopt (easy, CURLOPT_HEADERDATA, self);
    curl_easy_setopt (easy, CURLOPT_WRITEFUNCTION, s_write);
    curl_easy_setopt (easy, CURLOPT_WRITEDATA, self);
    http_sockets_serve_easy (self->env->sockets, easy);
}

http_transfer_t *
http_transfer_new (const http_transfer_env_t *env, br_error_t *reterr)
{
    http_transfer_t *self = BR_NEW (http_transfer_t);
    self->env = env;
    http_head_init (&self->head);
    br_buf_init (&self->waiting, WAITING_MAX);
    self->easy = curl_easy_init ();
    if (!self->easy) {
        br_error_set (reterr, BR_ESYSTEM, "libcurl cannot make a handle for a request");
        http_transfer_destroy (&self);
        return NULL;
    }
    s_set_callbacks (self);
    http_options_set (self->easy, env->conf);
    curl_easy_setopt (self->easy, CURLOPT_SHARE, env->share);
    return self;
}

void
http_transfer_destroy (http_transfer_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_transfer_t *self = *self_p;
    http_deadline_stop (&self->deadline);
    br_timer_cancel (self->env->loop, &self->later);
    curl_easy_cleanup (self->easy);
    curl_url_cleanup (self->parts);
    free (self->url);
    br_buf_free (&self->waiting);
    http_head_free (&self->head);
    http_fields_free (&self->fields);
    http_body_clear (&self->body);
    free (self);
    *self_p = NULL;
}

//  ---- one request

static int
s_check_url (const char *url, br_error_t *reterr)
{
    static const char *const schemes[] = { "http://", "https://" };
    size_t length = strlen (url);
    for (size_t i = 0; i < 2; i++) {
        size_t start = strlen (schemes[i]);
        if (strncasecmp (url, schemes[i], start) || length > URL_MAX)
            continue;
        if (!strchr ("/?#", url[start]) && !strpbrk (url, " \t\r\n"))
            return 0;
    }
    return br_error_set (reterr, BR_EINVALID,
                         "the provider's URL is not http:// or https:// with a host");
}

static int
s_check_method (const char *method, br_error_t *reterr)
{
    size_t length = strspn (method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
    if (!length || length >= METHOD_MAX || method[length])
        return br_error_set (reterr, BR_EINVALID, "the request's method is not a method");
    return 0;
}

//  FNV-1a; connections are shared by those that have the same.
static uint64_t
s_origin (const char *url)
{
    size_t size = strcspn (url, ":") + strlen ("://");
    size += strcspn (url + size, "/?#");
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (uint64_t) tolower ((unsigned char) url[i])) * 0x100000001b3u;
    return hash;
}

//  A provider has few URLs: curl is spared to parse the same one again. It needs the text
//  too, for a second attempt.
static int
s_set_url (http_transfer_t *self, const char *url, br_error_t *reterr)
{
    if (self->url && strcmp (self->url, url) == 0)
        return 0;
    int rc = s_check_url (url, reterr);
    if (rc)
        return rc;
    CURLU *parts = curl_url ();
    CURLUcode code = curl_url_set (parts, CURLUPART_URL, url, 0);
    if (code) {
        curl_url_cleanup (parts);
        return br_error_set (reterr, BR_EINVALID, "the provider's URL is malformed: %s",
                             curl_url_strerror (code));
    }
    curl_url_cleanup (self->parts);
    free (self->url);
    self->parts = parts;
    self->url = br_strdup (url);
    self->origin = s_origin (url);
    curl_easy_setopt (self->easy, CURLOPT_URL, url);
    curl_easy_setopt (self->easy, CURLOPT_CURLU, parts);
    return 0;
}

//  Curl sends a body for "post" alone, so any other method with one is a post renamed.
static void
s_set_method (http_transfer_t *self, const char *method, bool has_body)
{
    bool is_post = strcmp (method, "POST") == 0;
    bool is_get = strcmp (method, "GET") == 0;
    bool is_head = strcmp (method, "HEAD") == 0;
    self->repeatable = is_get || is_head;
    if (is_head)
        curl_easy_setopt (self->easy, CURLOPT_NOBODY, 1L);
    else if (is_post || has_body)
        curl_easy_setopt (self->easy, CURLOPT_POST, 1L);
    else
        curl_easy_setopt (self->easy, CURLOPT_HTTPGET, 1L);
    bool custom = !(is_post || is_head || (is_get && !has_body));
    if (custom || self->custom)
        curl_easy_setopt (self->easy, CURLOPT_CUSTOMREQUEST, custom ? method : NULL);
    self->custom = custom;
}

static void
s_set_body (http_transfer_t *self)
{
    const char *flat = self->body.size ? self->body.flat : "";
    curl_easy_setopt (self->easy, CURLOPT_POSTFIELDS, flat);
    curl_easy_setopt (self->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                      (curl_off_t) self->body.size);
}

int
http_transfer_open (http_transfer_t *self, const http_request_t *request,
                    const http_client_handler_t *handler, void *arg, br_error_t *reterr)
{
    int rc = s_set_url (self, request->url, reterr);
    if (rc == 0)
        rc = s_check_method (request->method, reterr);
    if (rc)
        return rc;
    http_body_set (&self->body, request->pieces, request->pieces_size);
    bool has_body = self->body.size > 0;
    rc = http_fields_set (&self->fields, request->headers, reterr);
    if (rc)
        return rc;
    s_set_body (self);
    s_set_method (self, request->method, has_body);
    curl_easy_setopt (self->easy, CURLOPT_HTTPHEADER, self->fields.list);
    self->handler = *handler;
    self->arg = arg;
    self->state = HTTP_TRANSFER_QUEUED;
    http_deadline_start (&self->deadline, self->env->loop, request, s_expire, self);
    return 0;
}

void
http_transfer_close (http_transfer_t *self)
{
    http_deadline_stop (&self->deadline);
    br_timer_cancel (self->env->loop, &self->later);
    http_head_clear (&self->head);
    http_fields_clear (&self->fields);
    http_body_clear (&self->body);
    self->state = HTTP_TRANSFER_FREE;
    self->connected = self->reused = self->lost = false;
    self->paused = self->held = false;
    br_buf_free (&self->waiting);
    self->waiting_at = 0;
    self->refusal = HTTP_END_OK;
    self->body_bytes = 0;
}

void
http_transfer_finish (http_transfer_t *self, CURLcode code, http_end_t end)
{
    http_outcome_t outcome = {
        .code = code,
        .connected = self->connected,
        .wrote = s_wrote (self),
        .answered = self->deadline.first_ns != 0,
        .complete = self->head.complete,
        .lost = self->lost,
        .detail = self->error,
    };
    if (end == HTTP_END_OK)
        end = self->refusal;
    if (end == HTTP_END_OK)
        end = http_outcome_end (&outcome);
    self->worn = self->worn || (self->connected && code != CURLE_OK);
    const http_deadline_t *time = &self->deadline;
    http_result_t result = {
        .end = end,
        .sent = http_outcome_sent (&outcome),
        .reused = self->reused,
        .connect_us = self->reused ? 0 : http_deadline_us (time, time->connect_ns),
        .first_byte_us = http_deadline_us (time, time->first_ns),
        .total_us = http_deadline_us (time, br_loop_now_ns (self->env->loop)),
        .body_bytes = self->body_bytes,
    };
    http_outcome_text (&outcome, end, result.text, sizeof result.text);
    self->state = HTTP_TRANSFER_DONE;
    http_deadline_stop (&self->deadline);
    br_timer_cancel (self->env->loop, &self->later);
    self->handler.done (self->arg, self, &result);
}

static bool
s_is_wanted (const http_transfer_t *self)
{
    return !self->paused
           && (self->state == HTTP_TRANSFER_RUNNING
               || self->state == HTTP_TRANSFER_ENDED);
}

static void
s_hand_out (http_transfer_t *self)
{
    while (self->waiting_at < self->waiting.size && s_is_wanted (self)) {
        const uint8_t *bytes = self->waiting.data + self->waiting_at;
        size_t size = self->waiting.size - self->waiting_at;
        if (size > HANDED_MAX)
            size = HANDED_MAX;
        self->waiting_at += size;
        s_hand_over (self, bytes, size);
    }
    if (self->waiting_at < self->waiting.size)
        return;
    br_buf_free (&self->waiting);
    self->waiting_at = 0;
}

bool
http_transfer_park (http_transfer_t *self, CURLcode code)
{
    if (!self->waiting.size)
        return false;
    self->state = HTTP_TRANSFER_ENDED;
    self->held = false;
    self->code = code;
    return true;
}

bool
http_transfer_is_ready (const http_transfer_t *self, CURLcode *ret_code)
{
    if (self->state != HTTP_TRANSFER_ENDED || self->waiting.size)
        return false;
    *ret_code = self->code;
    return true;
}

CURLcode
http_transfer_unpause (http_transfer_t *self)
{
    s_hand_out (self);
    if (!self->held || self->waiting.size || !s_is_wanted (self))
        return CURLE_OK;
    self->held = false;
    return curl_easy_pause (self->easy, CURLPAUSE_CONT);
}

void
http_transfer_set_reuse (http_transfer_t *self, bool reuse)
{
    curl_easy_setopt (self->easy, CURLOPT_FORBID_REUSE, reuse ? 0L : 1L);
}

//  A change of what is paused makes curl 7.88 tell the size of the window, and send that
//  and all else (lib/http2.c, http2_data_pause). The request is sent: there is nothing
//  that a pause could keep from being sent.
bool
http_transfer_flush (http_transfer_t *self)
{
    if (self->held)
        return false;
    curl_easy_pause (self->easy, CURLPAUSE_SEND);
    return curl_easy_pause (self->easy, CURLPAUSE_CONT) == CURLE_OK;
}

static void
s_kick (void *arg)
{
    http_transfer_t *self = arg;
    self->env->kick (self->env->client, self);
}

void
http_transfer_kick (http_transfer_t *self)
{
    br_timer_set (self->env->loop, &self->later, 0, s_kick, self);
}

CURL *
http_transfer_easy (const http_transfer_t *self)
{
    return self->easy;
}

http_transfer_t *
http_transfer_of (CURL *easy)
{
    char *transfer = NULL;
    curl_easy_getinfo (easy, CURLINFO_PRIVATE, &transfer);
    return (http_transfer_t *) transfer;
}

bool
http_transfer_is_worn (const http_transfer_t *self)
{
    return self->worn;
}

http_transfer_state_t
http_transfer_state (const http_transfer_t *self)
{
    return self->state;
}

void
http_transfer_set_state (http_transfer_t *self, http_transfer_state_t state)
{
    self->state = state;
}

bool
http_transfer_is_held (CURL *easy)
{
    const http_transfer_t *self = http_transfer_of (easy);
    return self && self->held;
}

int
http_transfer_port (const http_transfer_t *self)
{
    return self->port;
}

uint64_t
http_transfer_origin (const http_transfer_t *self)
{
    return self->origin;
}

http_bank_t *
http_transfer_bank (const http_transfer_t *self)
{
    return self->bank;
}

void
http_transfer_set_bank (http_transfer_t *self, http_bank_t *bank)
{
    self->bank = bank;
}

size_t
http_transfer_place (const http_transfer_t *self)
{
    return self->place;
}

void
http_transfer_set_place (http_transfer_t *self, size_t place)
{
    self->place = place;
}

//  ---- what users call

void
http_transfer_cancel (http_transfer_t **transfer_p)
{
    if (!transfer_p || !*transfer_p)
        return;
    http_transfer_t *self = *transfer_p;
    *transfer_p = NULL;
    if (self->state == HTTP_TRANSFER_QUEUED || self->state == HTTP_TRANSFER_RUNNING
        || self->state == HTTP_TRANSFER_ENDED)
        self->env->drop (self->env->client, self);
}

bool
http_transfer_has_sent (const http_transfer_t *transfer)
{
    return s_wrote (transfer);
}

void
http_transfer_pause (http_transfer_t *transfer)
{
    transfer->paused = true;
    http_deadline_pause (&transfer->deadline);
}

void
http_transfer_resume (http_transfer_t *transfer)
{
    if (!transfer->paused)
        return;
    transfer->paused = false;
    if (transfer->state == HTTP_TRANSFER_DONE)
        return;
    http_deadline_resume (&transfer->deadline);
    if (transfer->held || transfer->waiting.size)
        http_transfer_kick (transfer);
}

const char *
http_transfer_header (const http_transfer_t *transfer, const char *name)
{
    return http_head_find (&transfer->head, name);
}

void
http_transfer_each_header (const http_transfer_t *transfer, http_client_header_fn *fn,
                           void *arg)
{
    http_head_each (&transfer->head, fn, arg);
}
