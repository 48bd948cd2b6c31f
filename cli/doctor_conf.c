//  doctor_conf: the configuration, its providers, its addresses and its certificate.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef BR_WITH_TLS
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#endif

#include "broker/core/address.h"
#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_file.h"
#include "cli/doctor.h"
#include "cli/door_client.h"

#define NAMES_MAX 8192           //  bytes of the names of providers
#define CERT_FILE_MAX (1u << 20) //  bytes
#define DAY 86400                //  seconds
#define CERT_SOON_DAYS 14

//  ---- the files

void
doctor_conf (doctor_t *self)
{
    br_error_t error;
    const char *warning;
    self->conf = br_conf_load (&self->cli->flags, &error);
    if (!self->conf) {
        doctor_say (self, DOCTOR_ERROR, "configuration", "%s", error.text);
        return;
    }
    for (size_t i = 0; (warning = br_conf_warning (self->conf, i)); i++)
        doctor_say (self, DOCTOR_WARNING, "configuration", "%s", warning);
    if (br_conf_has_config_file (self->conf))
        doctor_say (self, DOCTOR_OK, "configuration", "%s is valid",
                    br_conf_config_file (self->conf));
    else
        doctor_say (self, DOCTOR_OK, "configuration",
                    "there is no file: defaults and the keys of the environment hold");
}

//  ---- providers

//  Ways to pay that load, and that a call is refused for.
static bool
s_is_unpaid (const char *auth)
{
    static const char *const names[] = { "custom", "mpp", "x402", "wallet" };
    for (size_t i = 0; auth && i < sizeof names / sizeof *names; i++)
        if (strcmp (auth, names[i]) == 0)
            return true;
    return false;
}

static void
s_look_at_provider (doctor_t *self, const char *name, br_buf_t *names)
{
    const char *auth = br_conf_provider_auth (self->conf, name);
    if (!br_conf_provider_active (self->conf, name))
        return;
    if (strcmp (name, "echo") != 0)
        br_buf_addf (names, "%s%s", names->size ? ", " : "", name);
    if (s_is_unpaid (auth))
        doctor_say (self, DOCTOR_WARNING, "providers",
                    "%s is to be paid by %s, and this build has no wallet: its calls "
                    "answer an error; give it an api_key",
                    name, auth);
}

void
doctor_providers (doctor_t *self)
{
    const char *name;
    br_buf_t names;
    if (!self->conf)
        return;
    br_buf_init (&names, NAMES_MAX);
    for (size_t i = 0; (name = br_conf_provider_names (self->conf, i)); i++)
        s_look_at_provider (self, name, &names);
    if (names.size)
        doctor_say (self, DOCTOR_OK, "providers", "%s", br_buf_text (&names));
    else
        doctor_say (self, DOCTOR_WARNING, "providers",
                    "none has a key; put one into %s, like OPENAI_API_KEY=..., or run "
                    "`bitrouter init`",
                    self->home.env_file);
    br_buf_free (&names);
}

//  ---- the slice of the door that clients come in by

static cJSON *
s_slice (const doctor_t *self)
{
    char *text = self->conf ? br_conf_slice (self->conf, "ingress") : NULL;
    cJSON *slice = cJSON_Parse (text ? text : "{}");
    free (text);
    return slice;
}

static bool
s_is_loopback (const char *listen)
{
    return strncmp (listen, "127.", 4) == 0 || strncmp (listen, "[::1]:", 6) == 0
           || strncmp (listen, "localhost:", 10) == 0;
}

//  The address that the running server listens on for one of the configuration, or NULL.
//  Port 0 became another; localhost is two.
static const char *
s_opened (const cJSON *open, const char *listen)
{
    const char *port = strrchr (listen, ':');
    bool any_host = strncmp (listen, "localhost:", 10) == 0;
    bool any_port = port && strcmp (port, ":0") == 0;
    const cJSON *item;
    cJSON_ArrayForEach (item, open)
    {
        const char *text = cJSON_GetStringValue (item);
        const char *at = text ? strrchr (text, ':') : NULL;
        bool alike = at && port
                     && (any_host
                         || (at - text == port - listen
                             && strncmp (text, listen, (size_t) (at - text)) == 0));
        if (alike && (any_port || strcmp (at, port) == 0))
            return text;
    }
    return NULL;
}

static void
s_look_at_address (doctor_t *self, const char *listen, const cJSON *open, bool skip_auth)
{
    br_error_t error;
    const char *here = s_opened (open, listen);
    if (self->status && !here)
        doctor_say (self, DOCTOR_WARNING, "listen",
                    "%s is in the configuration, and the running server does not listen "
                    "there; `bitrouter restart`",
                    listen);
    else if (!self->status && br_address_probe (listen, &error))
        doctor_say (self, DOCTOR_ERROR, "listen", "%s", error.text);
    else if (!s_is_loopback (listen) && skip_auth)
        doctor_say (self, DOCTOR_WARNING, "listen",
                    "%s can be reached from elsewhere and skip_auth is set: anybody may "
                    "spend; take skip_auth out",
                    listen);
    else
        doctor_say (self, DOCTOR_OK, "listen", "%s %s", here ? here : listen,
                    self->status ? "is ours" : "is free");
}

void
doctor_listen (doctor_t *self)
{
    const char *listen;
    cJSON *slice = s_slice (self);
    cli_question_t question = { self->home.run_dir, "calls", NULL, CLI_DOOR_MS };
    cli_answer_t answer = { .result = NULL };
    if (self->status)
        cli_door_ask (&question, &answer, NULL);
    const cJSON *open = cJSON_GetObjectItemCaseSensitive (answer.result, "listen");
    bool skip = cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (slice, "skip_auth"));
    for (size_t i = 0; self->conf && (listen = br_conf_listen (self->conf, i)); i++)
        s_look_at_address (self, listen, open, skip);
    cJSON_Delete (answer.result);
    cJSON_Delete (slice);
}

//  ---- the certificate

#ifdef BR_WITH_TLS

//  When the first certificate of a file ends; -1 when there is none to be read.
static time_t
s_expiry (const char *path)
{
    size_t size;
    gnutls_x509_crt_t cert;
    time_t end = -1;
    char *text = br_conf_file_read (path, CERT_FILE_MAX, &size, NULL);
    if (!text)
        return -1;
    gnutls_datum_t datum = { .data = (unsigned char *) text, .size = (unsigned) size };
    if (gnutls_x509_crt_init (&cert) == 0) {
        if (gnutls_x509_crt_import (cert, &datum, GNUTLS_X509_FMT_PEM) == 0)
            end = gnutls_x509_crt_get_expiration_time (cert);
        gnutls_x509_crt_deinit (cert);
    }
    free (text);
    return end;
}

static void
s_look_at_certificate (doctor_t *self, const char *path)
{
    time_t end = s_expiry (path), now = time (NULL);
    long days = end < 0 ? 0 : (long) ((end - now) / DAY);
    if (end < 0)
        doctor_say (self, DOCTOR_ERROR, "certificate",
                    "%s holds no certificate that can be read", path);
    else if (end <= now)
        doctor_say (self, DOCTOR_ERROR, "certificate",
                    "%s expired %ld days ago; renew it: a running server takes the new "
                    "one by itself",
                    path, -days);
    else
        doctor_say (self, days < CERT_SOON_DAYS ? DOCTOR_WARNING : DOCTOR_OK,
                    "certificate", "%s expires in %ld days%s", path, days,
                    days < CERT_SOON_DAYS ? "; renew it" : "");
}

#else

static void
s_look_at_certificate (doctor_t *self, const char *path)
{
    doctor_say (self, DOCTOR_ERROR, "certificate",
                "%s: TLS was left out when bitrouter was built; build it with gnutls, or "
                "take server.tls out",
                path);
}

#endif

void
doctor_certificate (doctor_t *self)
{
    cJSON *slice = s_slice (self);
    const cJSON *tls = cJSON_GetObjectItemCaseSensitive (slice, "tls");
    const char *path = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (tls, "cert_file"));
    if (path)
        s_look_at_certificate (self, path);
    cJSON_Delete (slice);
}
