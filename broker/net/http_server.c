//  http_server: libmicrohttpd's callbacks, and the server's life.
//
//  The story of a request: http_listen accepts, libmicrohttpd gets the socket and parses.
//  Its request line makes a call (s_begin); its head is checked (s_take_head); its body
//  is collected; then the handler has it (s_hand_over). The handler answers inside that
//  callback, or later, and then the connection is suspended meanwhile. http_answer brings
//  the answer out; libmicrohttpd says when the request is complete (s_completed).

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/net/http_server_parts.h"

#define POOL_EXTRA 4096   //  bytes over header_max: records of fields, head of the answer
#define POOL_RESERVE 2048 //  bytes of it that a request must leave for body and answer
#define FIELD_RECORD 64   //  bytes that libmicrohttpd uses for one field, at most
#define SPARE_CONNECTIONS 64 //  over the limit: accepted to be refused in words
#define TELL_BYTES 16384     //  written, that are told of at once
#define DRAIN_TICK_MS 250    //  how often idle connections are looked at while draining

//  ---- telling of written bytes, outside the call that wrote them

//  A few bytes are told of when the loop turns anyway. Many, or that nobody takes them any
//  more, someone may wait for, and nothing else need come before that.
static bool
s_is_urgent (const http_call_t *call)
{
    return call->out.broken || call->out.taken - call->written_told >= TELL_BYTES;
}

void
http_server_tell (http_call_t *call)
{
    http_server_t *self = call->conn->server;
    if (s_is_urgent (call))
        br_loop_stay (self->loop);
    if (call->told)
        return;
    call->told = true;
    call->told_prev = NULL;
    call->told_next = self->told;
    if (self->told)
        self->told->told_prev = call;
    self->told = call;
}

void
http_server_untell (http_call_t *call)
{
    if (!call->told)
        return;
    call->told = false;
    if (call->told_prev)
        call->told_prev->told_next = call->told_next;
    else
        call->conn->server->told = call->told_next;
    if (call->told_next)
        call->told_next->told_prev = call->told_prev;
}

static void
s_tell_one (http_server_t *self, http_call_t *call)
{
    if (!call->owned)
        return;
    if (call->out.broken) {
        http_answer_gone (call);
        return;
    }
    call->written_told = call->out.taken;
    self->handler->written (self->arg, call, call->out.taken);
}

//  A handler may write more when it is told: that is for the next turn. No call can be
//  freed in here, since MHD_run does not run; and one that is still in the old list is not
//  put into the new one.
static void
s_tell_all (http_server_t *self)
{
    http_call_t *call = self->told;
    self->told = NULL;
    while (call) {
        http_call_t *next = call->told_next;
        call->told = false;
        s_tell_one (self, call);
        call = next;
    }
}

static uint64_t
s_hook (void *arg)
{
    http_server_t *self = arg;
    if (self->due)
        http_daemon_run_due (self);
    if (self->told)
        s_tell_all (self);
    return self->due || self->told ? 0 : UINT64_MAX;
}

//  ---- connections

static bool
s_is_full (const http_server_t *self)
{
    return self->connections >= self->conf.connections_max + SPARE_CONNECTIONS;
}

static void
s_accepted (void *arg, int fd, const struct sockaddr *address, socklen_t size)
{
    http_server_t *self = arg;
    if (s_is_full (self)) {
        close (fd);
        return;
    }
    http_daemon_accept (self, fd, address, size);
    if (s_is_full (self) && !self->draining) {
        self->paused = true;
        http_listen_pause (self->listen);
    }
}

static void
s_notify_connection (void *cls, struct MHD_Connection *mhd, void **context,
                     enum MHD_ConnectionNotificationCode code)
{
    http_server_t *self = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = http_conn_new (self->adding, mhd);
        return;
    }
    http_conn_t *conn = *context;
    http_conn_destroy (&conn);
    *context = NULL;
    if (!self->paused || self->closing)
        return;
    self->paused = false;
    http_listen_resume (self->listen);
}

//  ---- requests

//  The request line, before the parser rewrites it.
static void *
s_begin (void *cls, const char *target, struct MHD_Connection *mhd)
{
    (void) cls;
    http_conn_t *conn = MHD_get_connection_info (mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
                            ->socket_context;
    http_call_t *call = http_call_new (conn);
    call->path = target;
    call->target_size = strlen (target);
    call->target_is_clean = http_head_target_is_clean (target, call->target_size);
    const char *mark = strchr (target, '?');
    if (mark)
        call->query = br_strdup (mark + 1);
    conn->call = call;
    conn->clean = false;
    return call;
}

//  A head that fits our limit may still fill the parser's memory with records of fields;
//  then no room would be left to read the body into.
static bool
s_is_roomy (const http_server_t *self, const http_call_t *call, const http_head_t *head,
            const http_head_facts_t *facts)
{
    int kinds = MHD_HEADER_KIND | MHD_COOKIE_KIND | MHD_GET_ARGUMENT_KIND;
    int records = MHD_get_connection_values (call->conn->mhd, (enum MHD_ValueKind) kinds,
                                             NULL, NULL);
    size_t used = head->size + (size_t) records * FIELD_RECORD + facts->cookie_bytes;
    return used + POOL_RESERVE + self->conf.head_extra <= self->pool_bytes;
}

//  Everything that speaks against a request whose head is complete.
static int
s_check (const http_server_t *self, http_call_t *call, br_error_t *reterr)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info (
        call->conn->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    http_head_t head = { .bytes = call->method,
                         .size = info ? info->header_size : 0,
                         .target = call->path,
                         .target_size = call->target_size,
                         .target_is_clean = call->target_is_clean,
                         .version = call->version,
                         .field_max = self->conf.header_max };
    http_head_facts_t facts;
    if (http_head_check (&head, &facts, reterr))
        return -1;
    call->http_11 = facts.http_11;
    call->crowded = head.size > self->conf.header_max
                    || !s_is_roomy (self, call, &head, &facts);
    if (facts.large)
        return http_refuse_large (reterr, facts.large, facts.large_size,
                                  self->conf.header_max);
    if (call->crowded)
        return br_error_set (
            reterr, BR_EHEADERS,
            "the header is larger than %zu bytes, or has too many fields",
            self->conf.header_max);
    if (call->conn->over)
        return br_error_set (reterr, BR_EBUSY,
                             "there are more than %u connections; try again later",
                             self->conf.connections_max);
    if (facts.length > self->conf.body_max)
        return br_error_set (reterr, BR_ETOOBIG, "the body is larger than %zu bytes",
                             self->conf.body_max);
    call->bytes_expected = (size_t) facts.length;
    return 0;
}

static enum MHD_Result
s_take_head (http_server_t *self, http_call_t *call)
{
    br_error_t error;
    int rc = s_check (self, call, &error);
    if (rc && call->crowded)
        http_refuse_late (call->conn, call, &error); //  the answer may find no memory
    else if (rc)
        http_refuse (call, &error);
    if (rc)
        return call->dead ? MHD_NO : MHD_YES;
    call->stage = CALL_BODY;
    http_conn_restart (call->conn);
    return MHD_YES;
}

static enum MHD_Result
s_take_body (http_server_t *self, http_call_t *call, const char *bytes, size_t size)
{
    if (!http_call_add_body (call, bytes, size)) {
        call->conn->since_ns = br_loop_now_ns (self->loop);
        return MHD_YES;
    }
    br_error_t error;
    br_error_set (&error, BR_ETOOBIG, "the body is larger than %zu bytes",
                  self->conf.body_max);
    http_refuse_late (call->conn, call, &error);
    return MHD_NO;
}

static enum MHD_Result
s_hand_over (http_server_t *self, http_call_t *call)
{
    http_call_seal_body (call);
    call->stage = CALL_WAITS;
    call->owned = true;
    self->calls++;
    call->inside = true;
    self->handler->request (self->arg, call);
    call->inside = false;
    if (call->dead)
        return MHD_NO;
    if (call->stage != CALL_WAITS && !call->late_response)
        return MHD_YES;
    if (call->conn->peer_gone)
        return MHD_NO; //  s_completed tells that it is gone
    http_conn_suspend (call->conn);
    return MHD_YES;
}

//  The request is complete. The handler gets it in libmicrohttpd's next round, which calls
//  again: to suspend a connection right after it was read costs a vain read when it is
//  resumed, and then a return into epoll, for each request.
static enum MHD_Result
s_complete (http_server_t *self, http_call_t *call)
{
    if (call->complete)
        return s_hand_over (self, call);
    call->complete = true;
    return MHD_YES;
}

//  libmicrohttpd's access callback: once when the head is complete, for each part of the
//  body, and when the request is complete, until it is answered or suspended.
static enum MHD_Result
s_access (void *cls, struct MHD_Connection *mhd, const char *path, const char *method,
          const char *version, const char *bytes, size_t *size, void **context)
{
    (void) mhd;
    http_server_t *self = cls;
    http_call_t *call = *context;
    if (!call || call->dead || self->closing)
        return MHD_NO;
    if (call->stage == CALL_HEAD) {
        call->method = method;
        call->path = path;
        call->version = version;
        return s_take_head (self, call);
    }
    if (call->stage != CALL_BODY)
        return MHD_NO;
    if (*size == 0)
        return s_complete (self, call);
    size_t taken = *size;
    *size = 0;
    return s_take_body (self, call, bytes, taken);
}

static void
s_completed (void *cls, struct MHD_Connection *mhd, void **context,
             enum MHD_RequestTerminationCode code)
{
    (void) cls;
    (void) mhd;
    if (*context)
        http_answer_completed (*context, code);
    *context = NULL;
}

//  Paths stay as they were sent.
static size_t
s_unescape (void *cls, struct MHD_Connection *mhd, char *text)
{
    (void) cls;
    (void) mhd;
    return strlen (text);
}

//  What libmicrohttpd has to say, it says to clients too, and nothing of it is for stderr.
//  But it says it here first, with the status, when its words can still be replaced.
static void
s_on_log (void *cls, const char *format, va_list values)
{
    http_server_t *self = cls;
    if (!self->running || !strstr (format, "(HTTP response code is %u"))
        return;
    if (va_arg (values, unsigned) == MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE)
        http_refuse_overfull (self->running);
}

//  ---- life

static uint64_t
s_tick_ms (const http_server_conf_t *conf)
{
    const uint64_t limits[] = { conf->request_ms, conf->idle_ms, conf->stall_ms };
    uint64_t tick_ms = 60000;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (limits[i] && limits[i] / 4 < tick_ms)
            tick_ms = limits[i] / 4;
    return tick_ms ? tick_ms : 1;
}

struct MHD_Daemon *
http_server_start_mhd (http_server_t *self)
{
    static const struct MHD_OptionItem plain = { MHD_OPTION_END, 0, NULL };
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET
                     | MHD_USE_ERROR_LOG | (self->tls ? MHD_USE_TLS : 0);
    unsigned limit = self->conf.connections_max + SPARE_CONNECTIONS;
    return MHD_start_daemon (
        flags, 0, NULL, NULL, s_access, self, MHD_OPTION_EXTERNAL_LOGGER, s_on_log, self,
        MHD_OPTION_CONNECTION_LIMIT, limit, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        self->pool_bytes, MHD_OPTION_URI_LOG_CALLBACK, s_begin, self,
        MHD_OPTION_UNESCAPE_CALLBACK, s_unescape, self, MHD_OPTION_NOTIFY_COMPLETED,
        s_completed, self, MHD_OPTION_NOTIFY_CONNECTION, s_notify_connection, self,
        MHD_OPTION_ARRAY, self->tls ? http_tls_options () : &plain, MHD_OPTION_END);
}

static int
s_start (http_server_t *self, br_error_t *reterr)
{
    if (!http_daemon_new (self))
        return br_error_set (reterr, BR_ESYSTEM, "start libmicrohttpd: %s",
                             strerror (errno));
    br_loop_hook (self->loop, s_hook, self);
    return 0;
}

http_server_t *
http_server_new (br_loop_t *loop, const http_server_conf_t *conf,
                 const http_server_handler_t *handler, void *arg, br_error_t *reterr)
{
    http_server_t *self = BR_NEW (http_server_t);
    self->loop = loop;
    self->conf = *conf;
    self->conf.listen = NULL;
    self->conf.cert_file = NULL;
    self->conf.key_file = NULL;
    self->handler = handler;
    self->arg = arg;
    self->pool_bytes = conf->header_max + POOL_EXTRA + conf->head_extra;
    self->tick_ms = s_tick_ms (conf);
    self->linger = http_linger_new (loop);
    if (conf->cert_file) {
        self->tls = http_tls_new (conf->cert_file, conf->key_file, reterr);
        if (!self->tls) {
            http_server_destroy (&self);
            return NULL;
        }
    }
    self->listen = http_listen_new (loop, conf->listen, conf->reuse_port, s_accepted,
                                    self, reterr);
    if (!self->listen || s_start (self, reterr))
        http_server_destroy (&self);
    return self;
}

void
http_server_destroy (http_server_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_server_t *self = *self_p;
    self->closing = true;
    br_loop_unhook (self->loop, s_hook, self);
    http_listen_destroy (&self->listen);
    for (http_conn_t *conn = self->conns; conn; conn = conn->next)
        if (conn->suspended)
            MHD_resume_connection (conn->mhd); //  it would panic at suspended ones
    while (self->daemons) {
        http_daemon_t *daemon = self->daemons;
        http_daemon_destroy (&daemon);
    }
    br_timer_cancel (self->loop, &self->kick);
    http_linger_destroy (&self->linger);
    http_tls_destroy (&self->tls);
    free (self);
    *self_p = NULL;
}

int
http_server_check_tls (const char *cert_file, const char *key_file, br_error_t *reterr)
{
    http_tls_t *tls = http_tls_new (cert_file, key_file, reterr);
    if (!tls)
        return -1;
    http_tls_destroy (&tls);
    return 0;
}

int
http_server_set_tls (http_server_t *self, const char *cert_file, const char *key_file,
                     br_error_t *reterr)
{
    assert (self->tls);
    return http_tls_load (self->tls, cert_file, key_file, reterr);
}

int
http_server_renew_tls (http_server_t *self, br_error_t *reterr)
{
    return self->tls ? http_tls_renew (self->tls, reterr) : 0;
}

uint16_t
http_server_port (const http_server_t *self, size_t i)
{
    return http_listen_port (self->listen, i);
}

void
http_server_drain (http_server_t *self)
{
    if (self->draining)
        return;
    self->draining = true;
    http_listen_drain (self->listen);
    if (self->tick_ms > DRAIN_TICK_MS)
        self->tick_ms = DRAIN_TICK_MS;
    for (http_conn_t *conn = self->conns; conn; conn = conn->next)
        http_conn_watch_limits (conn);
}

unsigned
http_server_open_calls (const http_server_t *self)
{
    return self->calls;
}

unsigned
http_server_open_connections (const http_server_t *self)
{
    return self->connections;
}
