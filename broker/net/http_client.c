//  http_client: HTTP to providers, on libcurl's multi interface in our own loop.
//
//  A request takes a transfer from the pool, gives its easy handle to a bank (http_banks),
//  and curl asks for a timer at once: all work happens in later turns, when the loop
//  calls with a ready socket (http_sockets) or that timer. After each call into curl the
//  client settles: it lets cancelled transfers go and tells the ends of finished ones.
//  "inside" counts calls into curl, whose callbacks may not change a multi handle.

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/net/http_banks.h"
#include "broker/net/http_client.h"
#include "broker/net/http_sockets.h"
#include "broker/net/http_transfer.h"

#define CLIENT_TEXTS 5      //  strings of a configuration
#define CLIENT_SPARE_MAX 64 //  transfers kept for later requests

typedef struct {
    http_transfer_t **items;
    size_t size;
    size_t room;
} transfers_t;

struct _http_client_t {
    http_client_conf_t conf; //  its strings point at texts
    char *texts[CLIENT_TEXTS];
    br_loop_t *loop; //  borrowed
    bool curl_ready; //  curl_global_init was called
    CURLSH *share;   //  of all banks: addresses, and TLS sessions to resume
    http_sockets_t *sockets;
    http_banks_t *banks;
    http_transfer_env_t env;
    transfers_t running; //  each knows its place
    transfers_t spare;
    transfers_t dropped; //  cancelled inside curl; also in running
    unsigned inside;     //  depth of calls into curl
};

//  ---- lists

static void
s_push (transfers_t *list, http_transfer_t *transfer)
{
    if (list->size == list->room) {
        list->room = list->room ? list->room * 2 : 16;
        list->items = br_realloc (list->items, list->room * sizeof *list->items);
    }
    list->items[list->size++] = transfer;
}

static http_transfer_t *
s_pop (transfers_t *list)
{
    return list->size ? list->items[--list->size] : NULL;
}

static void
s_enter (http_client_t *self, http_transfer_t *transfer, http_bank_t *bank)
{
    http_transfer_set_bank (transfer, bank);
    http_transfer_set_place (transfer, self->running.size);
    s_push (&self->running, transfer);
}

//  Takes it from curl; an unfinished one loses its connection by that.
static void
s_leave_curl (http_client_t *self, http_transfer_t *transfer)
{
    http_bank_t *bank = http_transfer_bank (transfer);
    if (!bank)
        return; //  it was parked
    curl_multi_remove_handle (bank->multi, http_transfer_easy (transfer));
    http_banks_leave (self->banks, bank);
    http_transfer_set_bank (transfer, NULL);
}

static void
s_leave (http_client_t *self, http_transfer_t *transfer)
{
    s_leave_curl (self, transfer);
    http_transfer_t *last = s_pop (&self->running);
    size_t place = http_transfer_place (transfer);
    if (last != transfer) {
        self->running.items[place] = last;
        http_transfer_set_place (last, place);
    }
}

static void
s_flush_connection (http_client_t *self, const http_bank_t *bank, int port)
{
    bool flushed = false;
    self->inside++;
    for (size_t i = 0; i < self->running.size && !flushed; i++) {
        http_transfer_t *other = self->running.items[i];
        flushed = http_transfer_bank (other) == bank && http_transfer_port (other) == port
                  && http_transfer_state (other) == HTTP_TRANSFER_RUNNING
                  && http_transfer_flush (other);
    }
    self->inside--;
}

//  As s_leave, for one that is not finished. With http2 curl 7.88 writes that it is given
//  up, but sends it with the connection's next words only (lib/http2.c, http2_data_done).
//  So another stream has to make it do so; and where there is none, the connection closes.
static void
s_give_up (http_client_t *self, http_transfer_t *transfer)
{
    const http_bank_t *bank = http_transfer_bank (transfer);
    int port = http_transfer_port (transfer);
    if (self->conf.http2)
        http_transfer_set_reuse (transfer, false);
    s_leave (self, transfer);
    if (!self->conf.http2)
        return;
    http_transfer_set_reuse (transfer, self->conf.idle_max > 0);
    if (port)
        s_flush_connection (self, bank, port);
}

static void
s_release (http_client_t *self, http_transfer_t *transfer)
{
    http_transfer_close (transfer);
    if (self->spare.size < CLIENT_SPARE_MAX && !http_transfer_is_worn (transfer))
        s_push (&self->spare, transfer);
    else
        http_transfer_destroy (&transfer);
}

//  ---- after curl has worked

//  It has left curl.
static void
s_finish (http_client_t *self, http_transfer_t *transfer, CURLcode code, http_end_t end)
{
    http_transfer_finish (transfer, code, end);
    s_release (self, transfer);
}

//  Curl is through with it; the user may not be.
static void
s_end (http_client_t *self, http_transfer_t *transfer, CURLcode code)
{
    if (http_transfer_park (transfer, code)) {
        s_leave_curl (self, transfer);
        return;
    }
    s_leave (self, transfer);
    s_finish (self, transfer, code, HTTP_END_OK);
}

static void
s_settle (http_client_t *self, http_bank_t *bank)
{
    for (http_transfer_t *at = s_pop (&self->dropped); at; at = s_pop (&self->dropped)) {
        s_give_up (self, at);
        s_release (self, at);
    }
    if (!bank)
        return;
    CURLcode code;
    for (CURL *easy = http_bank_ended (bank, &code); easy;
         easy = http_bank_ended (bank, &code))
        s_end (self, http_transfer_of (easy), code);
    http_banks_tidy (self->banks, bank);
}

static void
s_act (void *arg, http_bank_t *bank, int fd, int mask)
{
    http_client_t *self = arg;
    self->inside++;
    http_banks_act (self->banks, bank, fd, mask);
    self->inside--;
    s_settle (self, bank);
}

//  ---- what transfers call

static void
s_add (http_transfer_t *transfer)
{
    http_transfer_set_state (transfer, HTTP_TRANSFER_RUNNING);
    CURLMcode code = curl_multi_add_handle (http_transfer_bank (transfer)->multi,
                                            http_transfer_easy (transfer));
    assert (code == CURLM_OK); //  all that is left to fail is our own use of it
    (void) code;
}

static void
s_drop (http_client_t *self, http_transfer_t *transfer)
{
    http_transfer_set_state (transfer, HTTP_TRANSFER_DROPPED);
    if (self->inside) {
        s_push (&self->dropped, transfer);
        return;
    }
    s_give_up (self, transfer);
    s_release (self, transfer);
}

static void
s_kick (http_client_t *self, http_transfer_t *transfer)
{
    if (http_transfer_state (transfer) == HTTP_TRANSFER_QUEUED) {
        s_add (transfer);
        return;
    }
    http_bank_t *bank = http_transfer_bank (transfer);
    self->inside++;
    CURLcode code = http_transfer_unpause (transfer);
    self->inside--;
    if (http_transfer_is_ready (transfer, &code)
        || (code && http_transfer_state (transfer) == HTTP_TRANSFER_RUNNING)) {
        s_give_up (self, transfer);
        s_finish (self, transfer, code, HTTP_END_OK);
    }
    s_settle (self, bank);
}

static void
s_expire (http_client_t *self, http_transfer_t *transfer, http_end_t end)
{
    s_give_up (self, transfer);
    s_finish (self, transfer, CURLE_OK, end);
}

//  ---- life

static int
s_check_file (const char *what, const char *path, br_error_t *reterr)
{
    if (!path || access (path, R_OK) == 0)
        return 0;
    return br_error_set (reterr, BR_ECONFIG, "cannot read the %s %s: %s", what, path,
                         strerror (errno));
}

static int
s_check_conf (const http_client_conf_t *conf, br_error_t *reterr)
{
    int rc = s_check_file ("CA file", conf->ca_file, reterr);
    if (rc == 0)
        rc = s_check_file ("client certificate", conf->cert_file, reterr);
    if (rc == 0)
        rc = s_check_file ("client key", conf->key_file, reterr);
    return rc;
}

static void
s_copy_conf (http_client_t *self, const http_client_conf_t *conf)
{
    self->conf = *conf;
    const char **const fields[CLIENT_TEXTS] = { &self->conf.proxy, &self->conf.no_proxy,
                                                &self->conf.ca_file,
                                                &self->conf.cert_file,
                                                &self->conf.key_file };
    for (size_t i = 0; i < CLIENT_TEXTS; i++)
        *fields[i] = self->texts[i] = br_strdup (*fields[i]);
}

//  Rarely asked: transfers are looked through, instead of counting at each request.
static bool
s_is_held (void *arg, int fd)
{
    const http_client_t *self = arg;
    struct sockaddr_storage own;
    memset (&own, 0, sizeof own);
    socklen_t size = sizeof own;
    if (getsockname (fd, (struct sockaddr *) &own, &size))
        return false;
    in_port_t port = own.ss_family == AF_INET6
                         ? ((const struct sockaddr_in6 *) &own)->sin6_port
                         : ((const struct sockaddr_in *) &own)->sin_port;
    for (size_t i = 0; i < self->running.size; i++)
        if (http_transfer_is_held (http_transfer_easy (self->running.items[i]))
            && http_transfer_port (self->running.items[i]) == ntohs (port))
            return true;
    return false;
}

static int
s_start_curl (http_client_t *self, br_error_t *reterr)
{
    self->curl_ready = curl_global_init (CURL_GLOBAL_DEFAULT) == CURLE_OK;
    if (self->curl_ready)
        self->share = curl_share_init ();
    if (!self->share)
        return br_error_set (reterr, BR_ESYSTEM, "libcurl cannot be started");
    curl_share_setopt (self->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_share_setopt (self->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    http_sockets_ask_busy (self->sockets, http_transfer_is_held, s_is_held, self);
    return 0;
}

http_client_t *
http_client_new (br_loop_t *loop, const http_client_conf_t *conf, br_error_t *reterr)
{
    int rc = s_check_conf (conf, reterr);
    if (rc)
        return NULL;
    http_client_t *self = BR_NEW (http_client_t);
    self->loop = loop;
    s_copy_conf (self, conf);
    self->sockets = http_sockets_new (loop, conf->idle_ms, !conf->http2);
    self->banks = http_banks_new (loop, self->sockets, conf, s_act, self);
    rc = s_start_curl (self, reterr);
    if (rc) {
        http_client_destroy (&self);
        return NULL;
    }
    self->env = (http_transfer_env_t) {
        .loop = loop,
        .sockets = self->sockets,
        .share = self->share,
        .conf = &self->conf,
        .client = self,
        .drop = s_drop,
        .kick = s_kick,
        .expire = s_expire,
    };
    return self;
}

static void
s_free_list (transfers_t *list)
{
    for (http_transfer_t *at = s_pop (list); at; at = s_pop (list))
        http_transfer_destroy (&at);
    free (list->items);
}

void
http_client_destroy (http_client_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_client_t *self = *self_p;
    assert (!self->inside);
    while (self->running.size) {
        http_transfer_t *transfer = self->running.items[0];
        s_leave (self, transfer);
        http_transfer_destroy (&transfer);
    }
    free (self->running.items);
    s_free_list (&self->spare);
    free (self->dropped.items);
    http_banks_destroy (&self->banks);
    if (self->share)
        curl_share_cleanup (self->share);
    http_sockets_destroy (&self->sockets);
    if (self->curl_ready)
        curl_global_cleanup ();
    for (size_t i = 0; i < CLIENT_TEXTS; i++)
        free (self->texts[i]);
    free (self);
    *self_p = NULL;
}

http_transfer_t *
http_client_start (http_client_t *self, const http_request_t *request,
                   const http_client_handler_t *handler, void *arg, br_error_t *reterr)
{
    http_transfer_t *transfer = s_pop (&self->spare);
    if (!transfer)
        transfer = http_transfer_new (&self->env, reterr);
    if (!transfer)
        return NULL;
    int rc = http_transfer_open (transfer, request, handler, arg, reterr);
    http_bank_t *bank = NULL;
    if (rc == 0)
        bank = http_banks_enter (self->banks, http_transfer_origin (transfer), reterr);
    if (!bank) {
        s_release (self, transfer);
        return NULL;
    }
    s_enter (self, transfer, bank);
    if (self->inside)
        http_transfer_kick (transfer);
    else
        s_add (transfer);
    return transfer;
}

unsigned
http_client_running (const http_client_t *self)
{
    return (unsigned) self->running.size;
}

unsigned
http_client_idle (const http_client_t *self)
{
    return http_sockets_idle (self->sockets);
}
