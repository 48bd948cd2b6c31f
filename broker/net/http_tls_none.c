//  http_tls_none: what stands for http_tls and http_secure in a build without TLS. There
//  is never a pair and never a connection of that kind.

#include "broker/net/http_secure.h"
#include "broker/net/http_tls.h"

http_tls_t *
http_tls_new (const char *cert_file, const char *key_file, br_error_t *reterr)
{
    (void) cert_file;
    (void) key_file;
    br_error_set (reterr, BR_ECONFIG,
                  "tls: this bitrouter was built without TLS; leave server.tls out, or "
                  "build it with GnuTLS (./configure --with-tls)");
    return NULL;
}

void
http_tls_destroy (http_tls_t **self_p)
{
    (void) self_p;
}

int
http_tls_load (http_tls_t *self, const char *cert_file, const char *key_file,
               br_error_t *reterr)
{
    (void) self;
    (void) cert_file;
    (void) key_file;
    return br_error_set (reterr, BR_ECONFIG, "tls: this bitrouter was built without TLS");
}

int
http_tls_renew (http_tls_t *self, br_error_t *reterr)
{
    (void) self;
    (void) reterr;
    return 0;
}

http_tls_pair_t *
http_tls_take (http_tls_t *self)
{
    (void) self;
    return NULL;
}

void
http_tls_drop (http_tls_pair_t **pair_p)
{
    (void) pair_p;
}

void
http_tls_show (const http_tls_pair_t *pair, void *session)
{
    (void) pair;
    (void) session;
}

const struct MHD_OptionItem *
http_tls_options (void)
{
    static const struct MHD_OptionItem none = { MHD_OPTION_END, 0, NULL };
    return &none;
}

http_secure_t *
http_secure_new (http_tls_t *tls, void *session, int fd)
{
    (void) tls;
    (void) session;
    (void) fd;
    return NULL;
}

void
http_secure_destroy (http_secure_t **self_p)
{
    (void) self_p;
}

bool
http_secure_is_ready (const http_secure_t *self)
{
    (void) self;
    return false;
}

void
http_secure_send (http_secure_t *self, const void *bytes, size_t size)
{
    (void) self;
    (void) bytes;
    (void) size;
}

void
http_secure_bye (http_secure_t *self)
{
    (void) self;
}

bool
http_secure_has_left (http_secure_t *self)
{
    (void) self;
    return false;
}
