//  secure_world: http_world with TLS: certificates made on the spot, and clients whose TLS
//  is GnuTLS, on sockets that do not block.

#ifndef TEST_SECURE_WORLD_H
#define TEST_SECURE_WORLD_H

#include <gnutls/gnutls.h>

#include "tests/broker/net/http_world.h"

#define TLS_12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS_13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

typedef struct {
    world_t *world;
    char folder[64];
    char cert_file[96];
    char key_file[96];
} secure_world_t;

typedef struct {
    int fd;
    gnutls_session_t session;
    gnutls_certificate_credentials_t cred;
    int error; //  GnuTLS's, of what failed last; 0
} secure_client_t;

//  As world_setup, with a certificate in conf.
int secure_setup (void **state);
int secure_teardown (void **state);

//  Writes another certificate with its key over the files.
void secure_change_cert (secure_world_t *self);

//  Connects and begins TLS, without a handshake.
secure_client_t secure_open (secure_world_t *self, const char *priorities);

//  Turns until the handshake is over. false when it failed.
bool secure_greet (secure_world_t *self, secure_client_t *client);

//  Both; asserts that they succeed.
secure_client_t secure_connect (secure_world_t *self, const char *priorities);

void secure_says (secure_world_t *self, secure_client_t *client, const char *text);

//  Takes what is there. Returns bytes, 0 at the client's close_notify, or GnuTLS's error.
ssize_t secure_take (secure_client_t *client, void *bytes, size_t size);

//  Reads into world->text until the needle is there; NULL reads until the end, and
//  client->error tells whether that was cut (GNUTLS_E_PREMATURE_TERMINATION).
void secure_read (secure_world_t *self, secure_client_t *client, const char *needle);

//  The certificate that the server showed, as DER.
gnutls_datum_t secure_shown (const secure_client_t *client);

//  Closes, without a word.
void secure_close (secure_client_t *client);

#endif
