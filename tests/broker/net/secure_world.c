//  secure_world: TLS clients of the HTTP server's tests.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/peer_cert.h"
#include "tests/broker/net/secure_world.h"

#define TURNS_MAX 200000 //  far more than anything needs

int
secure_setup (void **state)
{
    secure_world_t *self = BR_NEW (secure_world_t);
    void *world = NULL;
    if (world_setup (&world))
        return -1;
    self->world = world;
    snprintf (self->folder, sizeof self->folder, "/tmp/test-secure-XXXXXX");
    if (!mkdtemp (self->folder))
        return -1;
    snprintf (self->cert_file, sizeof self->cert_file, "%s/cert.pem", self->folder);
    snprintf (self->key_file, sizeof self->key_file, "%s/key.pem", self->folder);
    peer_cert_write (self->cert_file, self->key_file);
    self->world->conf.cert_file = self->cert_file;
    self->world->conf.key_file = self->key_file;
    *state = self;
    return 0;
}

int
secure_teardown (void **state)
{
    secure_world_t *self = *state;
    void *world = self->world;
    world_teardown (&world);
    unlink (self->cert_file);
    unlink (self->key_file);
    rmdir (self->folder);
    free (self);
    return 0;
}

void
secure_change_cert (secure_world_t *self)
{
    peer_cert_write (self->cert_file, self->key_file);
}

secure_client_t
secure_open (secure_world_t *self, const char *priorities)
{
    secure_client_t client = { .fd = world_connect (self->world) };
    gnutls_init (&client.session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    gnutls_certificate_allocate_credentials (&client.cred);
    gnutls_credentials_set (client.session, GNUTLS_CRD_CERTIFICATE, client.cred);
    assert_int_equal (gnutls_priority_set_direct (client.session, priorities, NULL), 0);
    gnutls_transport_set_int (client.session, client.fd);
    return client;
}

bool
secure_greet (secure_world_t *self, secure_client_t *client)
{
    for (int turns = 0; turns < TURNS_MAX; turns++) {
        client->error = gnutls_handshake (client->session);
        if (client->error == 0)
            return true;
        if (gnutls_error_is_fatal (client->error))
            return false;
        br_loop_turn (self->world->loop, 0);
    }
    return false;
}

secure_client_t
secure_connect (secure_world_t *self, const char *priorities)
{
    secure_client_t client = secure_open (self, priorities);
    if (!secure_greet (self, &client))
        fail_msg ("handshake: %s", gnutls_strerror (client.error));
    world_settle (self->world);
    return client;
}

void
secure_says (secure_world_t *self, secure_client_t *client, const char *text)
{
    size_t size = strlen (text);
    for (int turns = 0; size && turns < TURNS_MAX; turns++) {
        ssize_t rc = gnutls_record_send (client->session, text, size);
        if (rc < 0 && gnutls_error_is_fatal ((int) rc))
            return; //  the server closed first
        if (rc > 0) {
            text += rc;
            size -= (size_t) rc;
        }
        br_loop_turn (self->world->loop, 0);
    }
}

ssize_t
secure_take (secure_client_t *client, void *bytes, size_t size)
{
    int on = 1; //  else the server waits in vain for acknowledgements on our clock
    setsockopt (client->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    return gnutls_record_recv (client->session, bytes, size);
}

void
secure_read (secure_world_t *self, secure_client_t *client, const char *needle)
{
    world_t *world = self->world;
    world->text_size = 0;
    world->text[0] = '\0';
    world->text_end = false;
    client->error = 0;
    for (int turns = 0; turns < TURNS_MAX && !world->text_end; turns++) {
        br_loop_turn (world->loop, 0);
        ssize_t rc = secure_take (client, world->text + world->text_size,
                                  WORLD_TEXT_MAX - world->text_size);
        if (rc > 0)
            world->text_size += (size_t) rc;
        world->text[world->text_size] = '\0';
        if (needle && strstr (world->text, needle))
            return;
        if (rc < 0 && gnutls_error_is_fatal ((int) rc))
            client->error = (int) rc;
        world->text_end = rc == 0 || client->error;
    }
    if (needle || !world->text_end)
        fail_msg ("waited in vain for %s after %s (%s)", needle ? needle : "the end",
                  world->text, gnutls_strerror (client->error));
}

gnutls_datum_t
secure_shown (const secure_client_t *client)
{
    unsigned count = 0;
    const gnutls_datum_t *certs = gnutls_certificate_get_peers (client->session, &count);
    assert_true (certs && count);
    return certs[0];
}

void
secure_close (secure_client_t *client)
{
    gnutls_deinit (client->session);
    gnutls_certificate_free_credentials (client->cred);
    close (client->fd);
    *client = (secure_client_t) { .fd = -1 };
}
