//  http_tls: certificate and key of a server, read from PEM files, and read again when the
//  files change. Connections keep the pair that they began with. GnuTLS does the work, as
//  it does inside libmicrohttpd. It knows no connection and no HTTP.

#ifndef BR_HTTP_TLS_H
#define BR_HTTP_TLS_H

#include <microhttpd.h>
#include <stdbool.h>

#include "broker/core/error.h"

#define HTTP_TLS_FILE_MAX (1u << 20) //  bytes of a file

typedef struct _http_tls_t http_tls_t;
typedef struct _http_tls_pair_t http_tls_pair_t; //  a certificate with its key

//  Reads both files: the server's own certificate first, then those between it and the
//  root, if any; and the key without a pass phrase. "caller destroys", after all pairs.
//  err: BR_ECONFIG; names the file, never what is in it.
http_tls_t *http_tls_new (const char *cert_file, const char *key_file,
                          br_error_t *reterr);
void http_tls_destroy (http_tls_t **self_p);

//  Reads these files, which may be others than before. On failure the old pair stays, and
//  so do the names.
int http_tls_load (http_tls_t *self, const char *cert_file, const char *key_file,
                   br_error_t *reterr);

//  Reads the files again if they are not those that were read last, well or in vain.
//  Returns 1 when there is a new pair, 0 when nothing has changed, -1 as http_tls_load.
int http_tls_renew (http_tls_t *self, br_error_t *reterr);

//  A reference to the pair of now. "caller drops"
http_tls_pair_t *http_tls_take (http_tls_t *self);
void http_tls_drop (http_tls_pair_t **pair_p);

//  The session (a gnutls_session_t) shall show this pair. Before its handshake.
void http_tls_show (const http_tls_pair_t *pair, void *session);

//  What libmicrohttpd is told beside MHD_USE_TLS: TLS 1.2 and 1.3 alone, and no
//  certificate of its own. "owned by nobody: a constant"
const struct MHD_OptionItem *http_tls_options (void);

#endif
