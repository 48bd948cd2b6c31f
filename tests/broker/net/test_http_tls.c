//  http_tls: what is read from files, what is refused, and when it is read again.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/net/http_tls.h"
#include "tests/broker/net/peer_cert.h"
#include "tests/broker/net/secure_world.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static void
s_write (const char *file, const char *text)
{
    FILE *out = fopen (file, "w");
    assert_non_null (out);
    fputs (text, out);
    fclose (out);
}

//  A file whose time of change is another one, whatever the clock of the file system.
static void
s_touch (const char *file, time_t second)
{
    struct timespec times[] = { { .tv_sec = second }, { .tv_sec = second } };
    assert_int_equal (utimensat (AT_FDCWD, file, times, 0), 0);
}

static void
s_refused (const secure_world_t *self, const char *cert_file, const char *key_file,
           const char *about)
{
    (void) self;
    br_error_t error;
    assert_null (http_tls_new (cert_file, key_file, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, about));
    assert_null (strstr (error.text, "BEGIN"));
    assert_int_equal (http_server_check_tls (cert_file, key_file, &error), -1);
}

static void
test_files_that_are_none_are_refused_by_name (void **state)
{
    secure_world_t *self = *state;
    char other[128];
    snprintf (other, sizeof other, "%s/other.pem", self->folder);
    s_refused (self, "/nowhere/cert.pem", self->key_file, "/nowhere/cert.pem");
    s_refused (self, self->cert_file, "/nowhere/key.pem", "/nowhere/key.pem");
    s_refused (self, self->folder, self->key_file, "is no file");
    s_write (other, "-----BEGIN CERTIFICATE-----\nsecret\n-----END CERTIFICATE-----\n");
    s_refused (self, other, self->key_file, other);
    s_write (other, "");
    s_refused (self, other, self->key_file, other);
    s_refused (self, self->cert_file, other, other);
    s_write (other, "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n");
    s_refused (self, self->cert_file, other, other);
    assert_int_equal (truncate (other, HTTP_TLS_FILE_MAX + 1), 0);
    s_refused (self, other, self->key_file, "too large");
    unlink (other);
}

static void
test_a_key_of_another_certificate_is_refused (void **state)
{
    secure_world_t *self = *state;
    char cert[128];
    char key[128];
    snprintf (cert, sizeof cert, "%s/other-cert.pem", self->folder);
    snprintf (key, sizeof key, "%s/other-key.pem", self->folder);
    peer_cert_write (cert, key);
    s_refused (self, self->cert_file, key, "does not belong");
    unlink (cert);
    unlink (key);
}

static void
test_files_are_read_again_when_they_have_changed (void **state)
{
    secure_world_t *self = *state;
    br_error_t error = { 0 };
    s_touch (self->cert_file, 1000);
    http_tls_t *tls = http_tls_new (self->cert_file, self->key_file, &error);
    assert_non_null (tls);
    assert_int_equal (http_tls_renew (tls, &error), 0);
    http_tls_pair_t *before = http_tls_take (tls);
    secure_change_cert (self);
    s_touch (self->cert_file, 2000);
    assert_int_equal (http_tls_renew (tls, &error), 1);
    assert_int_equal (http_tls_renew (tls, &error), 0);
    http_tls_pair_t *after = http_tls_take (tls);
    assert_ptr_not_equal (before, after);
    http_tls_drop (&before);
    http_tls_drop (&after);
    assert_null (after);
    http_tls_destroy (&tls);
    http_tls_destroy (&tls);
}

//  given files that break, the old pair stays and the fault is told once; given files that
//  are whole again, they are taken
static void
test_broken_files_keep_the_old_pair (void **state)
{
    secure_world_t *self = *state;
    br_error_t error = { 0 };
    http_tls_t *tls = http_tls_new (self->cert_file, self->key_file, &error);
    http_tls_pair_t *before = http_tls_take (tls);
    s_write (self->key_file, "broken");
    assert_int_equal (http_tls_renew (tls, &error), -1);
    assert_non_null (strstr (error.text, self->key_file));
    assert_int_equal (http_tls_renew (tls, &error), 0);
    assert_int_equal (http_tls_load (tls, "/nowhere", self->key_file, &error), -1);
    http_tls_pair_t *still = http_tls_take (tls);
    assert_ptr_equal (before, still);
    unlink (self->key_file);
    assert_int_equal (http_tls_renew (tls, &error), -1);
    secure_change_cert (self);
    assert_int_equal (http_tls_renew (tls, &error), 1);
    http_tls_drop (&still);
    http_tls_drop (&before);
    http_tls_destroy (&tls);
}

//  ---- in a server

static bool
s_shows (const secure_client_t *client, const char *cert_file)
{
    gnutls_datum_t pem;
    gnutls_datum_t der;
    gnutls_datum_t shown = secure_shown (client);
    gnutls_load_file (cert_file, &pem);
    assert_int_equal (gnutls_pem_base64_decode2 ("CERTIFICATE", &pem, &der), 0);
    bool same = der.size == shown.size && memcmp (der.data, shown.data, der.size) == 0;
    gnutls_free (der.data);
    gnutls_free (pem.data);
    return same;
}

static void
test_new_connections_see_the_new_certificate_and_open_ones_go_on (void **state)
{
    secure_world_t *self = *state;
    br_error_t error = { 0 };
    world_start (self->world);
    secure_client_t old = secure_connect (self, TLS_13);
    secure_client_t before = secure_open (self, TLS_13); //  its handshake is to come
    assert_true (s_shows (&old, self->cert_file));
    secure_says (self, &old, GET ("/stream"));
    world_until_calls (self->world, 1);
    http_call_write (self->world->calls[0], "one", 3);
    secure_read (self, &old, "one");
    secure_change_cert (self);
    assert_int_equal (http_server_renew_tls (self->world->server, &error), 1);
    assert_true (secure_greet (self, &before));
    assert_false (s_shows (&before, self->cert_file));
    secure_client_t young = secure_connect (self, TLS_12);
    assert_true (s_shows (&young, self->cert_file));
    http_call_write (self->world->calls[0], "two", 3);
    http_call_end (self->world->calls[0]);
    secure_read (self, &old, "two\r\n0\r\n\r\n");
    secure_says (self, &young, GET ("/now"));
    secure_read (self, &young, WORLD_BODY);
    secure_close (&before);
    secure_close (&young);
    secure_close (&old);
}

static void
test_a_server_keeps_what_it_shows_when_other_files_are_broken (void **state)
{
    secure_world_t *self = *state;
    br_error_t error = { 0 };
    world_start (self->world);
    http_server_t *server = self->world->server;
    char cert[128];
    char key[128];
    snprintf (cert, sizeof cert, "%s/new-cert.pem", self->folder);
    snprintf (key, sizeof key, "%s/new-key.pem", self->folder);
    assert_int_equal (http_server_set_tls (server, cert, key, &error), -1);
    assert_int_equal (http_server_renew_tls (server, &error), 0);
    secure_client_t client = secure_connect (self, TLS_13);
    assert_true (s_shows (&client, self->cert_file));
    secure_close (&client);
    peer_cert_write (cert, key);
    assert_int_equal (http_server_set_tls (server, cert, key, &error), 0);
    client = secure_connect (self, TLS_13);
    assert_true (s_shows (&client, cert));
    secure_close (&client);
    unlink (cert);
    unlink (key);
}

static void
test_a_server_does_not_start_without_its_files (void **state)
{
    secure_world_t *self = *state;
    br_error_t error = { 0 };
    static const http_server_handler_t handler = { .request = NULL };
    self->world->conf.key_file = "/nowhere/key.pem";
    assert_null (
        http_server_new (self->world->loop, &self->world->conf, &handler, NULL, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, "/nowhere/key.pem"));
}

#define ROW(name) cmocka_unit_test_setup_teardown (name, secure_setup, secure_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        ROW (test_files_that_are_none_are_refused_by_name),
        ROW (test_a_key_of_another_certificate_is_refused),
        ROW (test_files_are_read_again_when_they_have_changed),
        ROW (test_broken_files_keep_the_old_pair),
        ROW (test_new_connections_see_the_new_certificate_and_open_ones_go_on),
        ROW (test_a_server_keeps_what_it_shows_when_other_files_are_broken),
        ROW (test_a_server_does_not_start_without_its_files),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
