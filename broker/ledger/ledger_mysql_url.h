//  ledger_mysql_url: the address of a MariaDB or a MySQL, taken apart:
//
//      mysql://USER:PASSWORD@HOST:PORT/NAME?OPTION=VALUE&...
//
//  with %HH for bytes that would end a part. A Unix socket is ?socket=PATH, or ?host=PATH,
//  or a HOST of %2Frun%2F...; ssl-mode (sslmode) is disabled, preferred, required, verify_ca
//  or verify_identity, ssl-ca a file.

#ifndef BR_LEDGER_MYSQL_URL_H
#define BR_LEDGER_MYSQL_URL_H

#include "broker/core/error.h"

typedef enum {
    LEDGER_SSL_PREFERRED, //  as the library does by itself
    LEDGER_SSL_DISABLED,
    LEDGER_SSL_REQUIRED,
    LEDGER_SSL_VERIFY //  the certificate too
} ledger_ssl_t;

//  Texts are owned, NULL when they are not given.
typedef struct _ledger_mysql_url_t {
    char *user;
    char *password;
    char *host;
    char *socket;
    char *database;
    char *ssl_ca;
    unsigned port; //  0 = the default
    ledger_ssl_t ssl;
} ledger_mysql_url_t;

//  err:  BR_ECONFIG; the text holds nothing of the address, but the name of an option
int ledger_mysql_url_read (ledger_mysql_url_t *ret_self, const char *url,
                           br_error_t *reterr);
void ledger_mysql_url_clear (ledger_mysql_url_t *self);

#endif
