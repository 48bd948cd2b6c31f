//  http_tls: from files to what GnuTLS wants, and whether the files have changed.
//
//  libmicrohttpd would take one certificate for the life of a daemon. So it gets none: each
//  new connection is shown the pair of its moment, before its handshake.

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/core/alloc.h"
#include "broker/net/http_tls.h"

#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

//  Tells one state of a file from the next.
typedef struct _mark_t {
    dev_t device;
    ino_t inode;
    off_t size; //  bytes
    struct timespec changed;
} mark_t;

struct _http_tls_pair_t {
    gnutls_certificate_credentials_t cred;
    unsigned holders; //  count
};

struct _http_tls_t {
    char *cert_file;
    char *key_file;
    mark_t cert_mark; //  as read last, well or in vain
    mark_t key_mark;
    http_tls_pair_t *pair; //  a reference
};

//  ---- files

//  All zero for a file that cannot be seen.
static mark_t
s_mark (const char *file)
{
    struct stat facts;
    mark_t mark;
    memset (&mark, 0, sizeof mark);
    if (stat (file, &facts))
        return mark;
    mark.device = facts.st_dev;
    mark.inode = facts.st_ino;
    mark.size = facts.st_size;
    mark.changed = facts.st_mtim;
    return mark;
}

static bool
s_is_same (const mark_t *a, const mark_t *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size
           && a->changed.tv_sec == b->changed.tv_sec
           && a->changed.tv_nsec == b->changed.tv_nsec;
}

static int
s_read (const char *what, const char *file, gnutls_datum_t *ret_text, br_error_t *reterr)
{
    struct stat facts;
    int rc = stat (file, &facts);
    if (rc == 0 && !S_ISREG (facts.st_mode))
        return br_error_set (reterr, BR_ECONFIG, "tls: the %s file %s is no file", what,
                             file);
    if (rc == 0 && facts.st_size > (off_t) HTTP_TLS_FILE_MAX)
        return br_error_set (reterr, BR_ECONFIG, "tls: the %s file %s is too large", what,
                             file);
    if (rc == 0)
        rc = gnutls_load_file (file, ret_text);
    if (rc)
        return br_error_set (reterr, BR_ECONFIG, "tls: cannot read the %s file %s: %s",
                             what, file, strerror (errno));
    return 0;
}

static void
s_forget (gnutls_datum_t *text)
{
    if (text->data)
        gnutls_memset (text->data, 0, text->size);
    gnutls_free (text->data);
    text->data = NULL;
}

//  ---- pairs

//  Whether there is a certificate in it: what follows would not say which file is at fault.
static int
s_check_cert (const char *file, const gnutls_datum_t *text, br_error_t *reterr)
{
    gnutls_x509_crt_t *certs = NULL;
    unsigned count = 0;
    int rc = gnutls_x509_crt_list_import2 (&certs, &count, text, GNUTLS_X509_FMT_PEM, 0);
    if (rc < 0)
        return br_error_set (reterr, BR_ECONFIG,
                             "tls: %s holds no certificate in PEM form: %s", file,
                             gnutls_strerror (rc));
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit (certs[i]);
    gnutls_free (certs);
    return 0;
}

static http_tls_pair_t *
s_pair (const char *cert_file, const gnutls_datum_t *cert, const char *key_file,
        const gnutls_datum_t *key, br_error_t *reterr)
{
    if (s_check_cert (cert_file, cert, reterr))
        return NULL;
    http_tls_pair_t *pair = BR_NEW (http_tls_pair_t);
    pair->holders = 1;
    int rc = gnutls_certificate_allocate_credentials (&pair->cred);
    if (rc == 0)
        rc = gnutls_certificate_set_x509_key_mem2 (pair->cred, cert, key,
                                                   GNUTLS_X509_FMT_PEM, NULL, 0);
    if (rc >= 0)
        return pair;
    if (rc == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        br_error_set (reterr, BR_ECONFIG,
                      "tls: the key in %s does not belong to the certificate in %s",
                      key_file, cert_file);
    else
        br_error_set (reterr, BR_ECONFIG,
                      "tls: %s holds no key in PEM form without a pass phrase: %s",
                      key_file, gnutls_strerror (rc));
    http_tls_drop (&pair);
    return NULL;
}

static http_tls_pair_t *
s_load (const char *cert_file, const char *key_file, br_error_t *reterr)
{
    gnutls_datum_t cert = { NULL, 0 };
    gnutls_datum_t key = { NULL, 0 };
    http_tls_pair_t *pair = NULL;
    if (s_read ("certificate", cert_file, &cert, reterr) == 0
        && s_read ("key", key_file, &key, reterr) == 0)
        pair = s_pair (cert_file, &cert, key_file, &key, reterr);
    s_forget (&key);
    s_forget (&cert);
    return pair;
}

http_tls_pair_t *
http_tls_take (http_tls_t *self)
{
    self->pair->holders++;
    return self->pair;
}

void
http_tls_drop (http_tls_pair_t **pair_p)
{
    if (!pair_p || !*pair_p)
        return;
    http_tls_pair_t *pair = *pair_p;
    *pair_p = NULL;
    if (--pair->holders)
        return;
    if (pair->cred)
        gnutls_certificate_free_credentials (pair->cred);
    free (pair);
}

void
http_tls_show (const http_tls_pair_t *pair, void *session)
{
    gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, pair->cred);
}

//  ---- loading

int
http_tls_load (http_tls_t *self, const char *cert_file, const char *key_file,
               br_error_t *reterr)
{
    mark_t cert_mark = s_mark (cert_file); //  before the reading: later changes are seen
    mark_t key_mark = s_mark (key_file);
    http_tls_pair_t *pair = s_load (cert_file, key_file, reterr);
    if (!pair)
        return -1;
    char *own_cert_file = br_strdup (cert_file); //  the argument may be our own
    char *own_key_file = br_strdup (key_file);
    free (self->cert_file);
    free (self->key_file);
    self->cert_file = own_cert_file;
    self->key_file = own_key_file;
    self->cert_mark = cert_mark;
    self->key_mark = key_mark;
    http_tls_drop (&self->pair);
    self->pair = pair;
    return 0;
}

int
http_tls_renew (http_tls_t *self, br_error_t *reterr)
{
    mark_t cert_mark = s_mark (self->cert_file);
    mark_t key_mark = s_mark (self->key_file);
    if (s_is_same (&cert_mark, &self->cert_mark)
        && s_is_same (&key_mark, &self->key_mark))
        return 0;
    self->cert_mark = cert_mark; //  what is broken is told once
    self->key_mark = key_mark;
    return http_tls_load (self, self->cert_file, self->key_file, reterr) ? -1 : 1;
}

//  ---- libmicrohttpd

//  Never called, since each session is shown a pair; but libmicrohttpd wants one.
static int
s_no_cert (gnutls_session_t session, const gnutls_datum_t *issuers, int issuers_size,
           const gnutls_pk_algorithm_t *kinds, int kinds_size,
           gnutls_pcert_st **ret_certs, unsigned *ret_size, gnutls_privkey_t *ret_key)
{
    (void) session;
    (void) issuers;
    (void) issuers_size;
    (void) kinds;
    (void) kinds_size;
    (void) ret_certs;
    (void) ret_size;
    (void) ret_key;
    return -1;
}

const struct MHD_OptionItem *
http_tls_options (void)
{
    static const struct MHD_OptionItem options[] = {
        { MHD_OPTION_HTTPS_PRIORITIES, 0, (void *) (uintptr_t) PRIORITIES },
        { MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *) s_no_cert },
        { MHD_OPTION_END, 0, NULL },
    };
    return options;
}

//  ---- life

static int
s_check_library (br_error_t *reterr)
{
    if (MHD_is_feature_supported (MHD_FEATURE_TLS) == MHD_YES
        && MHD_is_feature_supported (MHD_FEATURE_HTTPS_CERT_CALLBACK) == MHD_YES)
        return 0;
    return br_error_set (reterr, BR_ECONFIG,
                         "tls: this machine's libmicrohttpd was built without TLS; leave "
                         "server.tls out, or install one that has it");
}

http_tls_t *
http_tls_new (const char *cert_file, const char *key_file, br_error_t *reterr)
{
    if (s_check_library (reterr))
        return NULL;
    http_tls_t *self = BR_NEW (http_tls_t);
    if (http_tls_load (self, cert_file, key_file, reterr))
        http_tls_destroy (&self);
    return self;
}

void
http_tls_destroy (http_tls_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_tls_drop (&(*self_p)->pair);
    free ((*self_p)->key_file);
    free ((*self_p)->cert_file);
    free (*self_p);
    *self_p = NULL;
}
