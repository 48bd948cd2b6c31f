//  http_bank: one multi handle of curl with its connections.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/net/http_bank.h"

//  ---- what the loop and curl call

static void
s_on_socket (void *arg, int fd, int mask)
{
    http_bank_t *self = arg;
    self->env->ready (self->env->arg, self, fd, mask);
}

static void
s_on_timer (void *arg)
{
    s_on_socket (arg, CURL_SOCKET_TIMEOUT, 0);
}

static void
s_on_change (void *arg)
{
    http_bank_t *self = arg;
    if (!self->closing)
        self->env->changed (self->env->arg, self);
}

static int
s_set_timer (CURLM *multi, long delay_ms, void *arg)
{
    (void) multi;
    http_bank_t *self = arg;
    if (delay_ms < 0)
        br_timer_cancel (self->env->loop, &self->timer);
    else
        br_timer_set (self->env->loop, &self->timer, (uint64_t) delay_ms, s_on_timer,
                      self);
    return 0;
}

//  ---- life

http_bank_t *
http_bank_new (const http_bank_env_t *env, uint64_t origin, br_error_t *reterr)
{
    CURLM *multi = curl_multi_init ();
    if (!multi) {
        br_error_set (reterr, BR_ESYSTEM, "libcurl cannot make room for connections");
        return NULL;
    }
    http_bank_t *self = BR_NEW (http_bank_t);
    self->env = env;
    self->multi = multi;
    self->origin = origin;
    self->user = (http_sockets_user_t) { .ready = s_on_socket,
                                         .changed = s_on_change,
                                         .arg = self };
    curl_multi_setopt (multi, CURLMOPT_TIMERFUNCTION, s_set_timer);
    curl_multi_setopt (multi, CURLMOPT_TIMERDATA, self);
    http_sockets_serve_multi (env->sockets, multi, &self->user);
    return self;
}

void
http_bank_destroy (http_bank_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_bank_t *self = *self_p;
    self->closing = true;
    curl_multi_cleanup (self->multi);
    br_timer_cancel (self->env->loop, &self->timer);
    free (self);
    *self_p = NULL;
}

//  ---- work

void
http_bank_bound (http_bank_t *self, unsigned connections)
{
    long bound = connections ? (long) connections : 1; //  0 would be no bound at all
    if (bound == self->bound)
        return;
    self->bound = bound;
    curl_multi_setopt (self->multi, CURLMOPT_MAXCONNECTS, bound);
}

void
http_bank_act (http_bank_t *self, int fd, int mask)
{
    int running;
    curl_multi_socket_action (self->multi, fd, mask, &running);
}

CURL *
http_bank_ended (http_bank_t *self, CURLcode *ret_code)
{
    int left;
    const CURLMsg *message = curl_multi_info_read (self->multi, &left);
    while (message && message->msg != CURLMSG_DONE)
        message = curl_multi_info_read (self->multi, &left);
    if (!message)
        return NULL;
    *ret_code = message->data.result;
    return message->easy_handle;
}
