//  ingress_doors: listeners.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_access.h"
#include "actors/ingress/ingress_doors.h"
#include "broker/core/alloc.h"
#include "broker/ledger/ledger_receipt.h"

#define CONNECTIONS_MAX 8192 //  of one address
#define REQUEST_MS 30000     //  for a header, and between reads of a body
#define IDLE_MS 75000        //  of a connection without a request
#define STALL_MS 60000       //  without taking a byte of an answer
#define RENEW_MS 60000       //  from one look at the files of the certificate to the next

#define RECEIPT_ROOM (LEDGER_RECEIPT_MAX + 64) //  bytes of a head, with its name

//  Also listened on, as far as possible, while nobody chose an address: the other loopback,
//  and the port of older versions.
static const char *const s_usual[] = { "[::1]:8787", "127.0.0.1:4356" };

#define USUAL (sizeof s_usual / sizeof *s_usual)

struct _ingress_doors_t {
    br_ctx_t *ctx;         //  borrowed
    br_timer_t renew;      //  the next look at the files of the certificate
    ingress_door_t *doors; //  never moved: servers hold their addresses
    size_t count;
};

static int
s_open (ingress_doors_t *self, br_ctx_t *ctx, const ingress_settings_t *settings,
        const char *address, const http_server_handler_t *handler, void *owner,
        br_error_t *reterr)
{
    ingress_door_t *door = &self->doors[self->count];
    const char *listen[] = { address, NULL };
    http_server_conf_t conf = { .listen = listen,
                                .cert_file = settings->cert_file,
                                .key_file = settings->key_file,
                                .reuse_port = settings->reuse_port,
                                .body_max = settings->body_max,
                                .header_max = settings->header_max,
                                .head_extra = settings->receipts ? RECEIPT_ROOM : 0,
                                .connections_max = CONNECTIONS_MAX,
                                .request_ms = REQUEST_MS,
                                .idle_ms = IDLE_MS,
                                .stall_ms = STALL_MS };
    door->owner = owner;
    door->loopback = ingress_access_is_loopback (address);
    door->server = http_server_new (br_ctx_loop (ctx), &conf, handler, door, reterr);
    if (!door->server)
        return -1;
    door->address = br_strdup (address);
    self->count++;
    //  Port 0 is any that is free: which it became is what somebody wants to know.
    int host_size = (int) (strrchr (address, ':') - address);
    br_ctx_log (ctx, BR_LOG_INFO, "listening on %.*s:%u%s", host_size, address,
                http_server_port (door->server, 0),
                settings->cert_file ? ", with TLS" : "");
    if (door->loopback)
        return 0;
    if (settings->skip_auth && !settings->auth_required)
        br_ctx_log (ctx, BR_LOG_WARN,
                    "%s can be reached from elsewhere and skip_auth is set: anybody may "
                    "spend",
                    address);
    else
        br_ctx_log (ctx, BR_LOG_INFO,
                    "%s can be reached from elsewhere: its calls need a credential",
                    address);
    return 0;
}

static bool
s_has (const ingress_settings_t *settings, const char *address)
{
    for (char **listen = settings->listen; *listen; listen++)
        if (strcmp (*listen, address) == 0)
            return true;
    return false;
}

//  "[::1]:PORT" beside "127.0.0.1:PORT" is localhost, and a machine may lack IPv6.
static bool
s_is_optional (const ingress_settings_t *settings, const char *address)
{
    if (strncmp (address, "[::1]:", 6) != 0)
        return false;
    char *other = br_strf ("127.0.0.1:%s", address + 6);
    bool optional = s_has (settings, other);
    free (other);
    return optional;
}

//  As s_open, but the world may refuse.
static void
s_open_optional (ingress_doors_t *self, br_ctx_t *ctx, const ingress_settings_t *settings,
                 const char *address, const http_server_handler_t *handler, void *owner)
{
    br_error_t error;
    int rc = s_open (self, ctx, settings, address, handler, owner, &error);
    if (rc)
        br_ctx_log (ctx, BR_LOG_INFO, "not listening on %s: %s", address, error.text);
}

//  ---- the certificate

static void
s_tell_renewed (const ingress_doors_t *self, const char *address, int rc,
                const br_error_t *error)
{
    if (rc < 0)
        br_ctx_log (self->ctx, BR_LOG_ERROR, "%s: the certificate of before stays: %s",
                    address, error->text);
    else
        br_ctx_log (self->ctx, BR_LOG_INFO, "%s: the certificate was read again",
                    address);
}

static void
s_renew (void *arg)
{
    ingress_doors_t *self = arg;
    br_timer_set (br_ctx_loop (self->ctx), &self->renew, RENEW_MS, s_renew, self);
    for (size_t i = 0; i < self->count; i++) {
        br_error_t error;
        int rc = http_server_renew_tls (self->doors[i].server, &error);
        if (rc)
            s_tell_renewed (self, self->doors[i].address, rc, &error);
    }
}

void
ingress_doors_set_tls (ingress_doors_t *self, const ingress_settings_t *settings)
{
    bool has_tls = br_timer_is_set (&self->renew);
    for (size_t i = 0; has_tls && settings->cert_file && i < self->count; i++) {
        br_error_t error;
        int rc = http_server_set_tls (self->doors[i].server, settings->cert_file,
                                      settings->key_file, &error);
        s_tell_renewed (self, self->doors[i].address, rc, &error);
    }
}

//  ---- life

ingress_doors_t *
ingress_doors_new (br_ctx_t *ctx, const ingress_settings_t *settings,
                   const http_server_handler_t *handler, void *owner, br_error_t *reterr)
{
    ingress_doors_t *self = BR_NEW (ingress_doors_t);
    self->ctx = ctx;
    size_t count = 0;
    while (settings->listen[count])
        count++;
    self->doors = br_alloc (count + USUAL, sizeof *self->doors);
    for (size_t i = 0; i < count; i++) {
        const char *address = settings->listen[i];
        if (s_is_optional (settings, address)) {
            s_open_optional (self, ctx, settings, address, handler, owner);
            continue;
        }
        int rc = s_open (self, ctx, settings, address, handler, owner, reterr);
        if (rc) {
            ingress_doors_destroy (&self);
            return NULL;
        }
    }
    for (size_t i = 0; count && !settings->listen_given && i < USUAL; i++)
        if (!s_has (settings, s_usual[i]))
            s_open_optional (self, ctx, settings, s_usual[i], handler, owner);
    if (settings->cert_file)
        br_timer_set (br_ctx_loop (ctx), &self->renew, RENEW_MS, s_renew, self);
    return self;
}

void
ingress_doors_destroy (ingress_doors_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_doors_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->renew);
    while (self->count) {
        ingress_door_t *door = &self->doors[--self->count];
        http_server_destroy (&door->server);
        free (door->address);
    }
    free (self->doors);
    free (self);
    *self_p = NULL;
}

const ingress_door_t *
ingress_doors_at (const ingress_doors_t *self, size_t i)
{
    return i < self->count ? &self->doors[i] : NULL;
}

void
ingress_doors_drain (ingress_doors_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        http_server_drain (self->doors[i].server);
}

unsigned
ingress_doors_connections (const ingress_doors_t *self)
{
    unsigned count = 0;
    for (size_t i = 0; i < self->count; i++)
        count += http_server_open_connections (self->doors[i].server);
    return count;
}
