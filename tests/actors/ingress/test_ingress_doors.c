//  ingress_doors: addresses that are opened, taken, or only wished for.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress_doors.h"
#include "actors/ingress/ingress_front.h"
#include "broker/core/alloc.h"
#include "tests/actors/ingress/world.h"
#include "tests/broker/net/peer_cert.h"

static int
s_setup (void **state)
{
    *state = world_new (NULL);
    return 0;
}

static ingress_doors_t *
s_open (world_t *world, const char *slice, br_error_t *reterr)
{
    ingress_settings_t *settings = ingress_settings_new (slice, NULL);
    ingress_doors_t *doors = ingress_doors_new (world->ctx, settings,
                                                &ingress_front_handler, NULL, reterr);
    ingress_settings_destroy (&settings);
    return doors;
}

static void
each_address_has_its_own_door (void **state)
{
    ingress_doors_t *doors = s_open (
        *state, "{\"listen\":[\"127.0.0.1:0\",\"0.0.0.0:0\"],\"listen_given\":true}",
        NULL);
    assert_non_null (doors);
    assert_true (ingress_doors_at (doors, 0)->loopback);
    assert_false (ingress_doors_at (doors, 1)->loopback);
    assert_string_equal (ingress_doors_at (doors, 0)->address, "127.0.0.1:0");
    assert_int_not_equal (http_server_port (ingress_doors_at (doors, 0)->server, 0), 0);
    assert_null (ingress_doors_at (doors, 2));
    assert_int_equal (ingress_doors_connections (doors), 0);
    ingress_doors_drain (doors);
    ingress_doors_destroy (&doors);
    ingress_doors_destroy (&doors);
}

static void
no_address_means_no_door (void **state)
{
    ingress_doors_t *doors = s_open (*state, "{}", NULL);
    assert_non_null (doors);
    assert_null (ingress_doors_at (doors, 0));
    ingress_doors_destroy (&doors);
}

static void
a_taken_address_is_an_error_that_names_it (void **state)
{
    ingress_doors_t *first = s_open (
        *state, "{\"listen\":[\"127.0.0.1:0\"],\"listen_given\":true}", NULL);
    unsigned port = http_server_port (ingress_doors_at (first, 0)->server, 0);
    char *slice = br_strf (
        "{\"listen\":[\"127.0.0.1:0\",\"127.0.0.1:%u\"],\"listen_given\":true}", port);
    br_error_t error;
    assert_null (s_open (*state, slice, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    char *number = br_strf ("%u", port);
    assert_non_null (strstr (error.text, number));
    free (number);
    free (slice);
    ingress_doors_destroy (&first);
}

static void
usual_addresses_are_only_wished_for (void **state)
{
    //  whether they are free here or not, it comes up
    ingress_doors_t *doors = s_open (*state, "{\"listen\":[\"127.0.0.1:0\"]}", NULL);
    assert_non_null (doors);
    size_t count = 0;
    while (ingress_doors_at (doors, count))
        count++;
    assert_in_range (count, 1, 3);
    ingress_doors_t *others = s_open (*state, "{\"listen\":[\"127.0.0.1:0\"]}", NULL);
    assert_non_null (others);
    ingress_doors_destroy (&others);
    ingress_doors_destroy (&doors);
}

static void
the_second_loopback_may_be_missing (void **state)
{
    ingress_doors_t *doors = s_open (
        *state, "{\"listen\":[\"127.0.0.1:0\",\"[::1]:0\"],\"listen_given\":true}", NULL);
    assert_non_null (doors);
    ingress_doors_destroy (&doors);
}

//  ---- certificates

typedef struct {
    char cert_file[64];
    char key_file[64];
    char slice[256];
} files_t;

//  Skips the test in a build without TLS.
static files_t
s_files (void)
{
    files_t files;
    snprintf (files.cert_file, sizeof files.cert_file, "/tmp/test-doors-%d-cert.pem",
              (int) getpid ());
    snprintf (files.key_file, sizeof files.key_file, "/tmp/test-doors-%d-key.pem",
              (int) getpid ());
    peer_cert_write (files.cert_file, files.key_file);
    br_error_t error;
    int rc = http_server_check_tls (files.cert_file, files.key_file, &error);
    if (rc && strstr (error.text, "without TLS"))
        skip ();
    assert_int_equal (rc, 0);
    snprintf (files.slice, sizeof files.slice,
              "{\"listen\":[\"127.0.0.1:0\",\"127.0.0.2:0\"],\"listen_given\":true,"
              "\"tls\":{\"cert_file\":\"%s\",\"key_file\":\"%s\"}}",
              files.cert_file, files.key_file);
    return files;
}

static void
s_drop_files (const files_t *files)
{
    unlink (files->cert_file);
    unlink (files->key_file);
}

//  given a certificate that changes, after a minute both doors have read it, so that there
//  is nothing left to read; one that breaks takes no door away
static void
a_changed_certificate_is_read_within_a_minute (void **state)
{
    world_t *world = *state;
    files_t files = s_files ();
    br_error_t error;
    ingress_doors_t *doors = s_open (world, files.slice, &error);
    assert_non_null (doors);
    http_server_t *servers[] = { ingress_doors_at (doors, 0)->server,
                                 ingress_doors_at (doors, 1)->server };
    peer_cert_write (files.cert_file, files.key_file);
    world_wait (world, 60000);
    assert_int_equal (http_server_renew_tls (servers[0], &error), 0);
    assert_int_equal (http_server_renew_tls (servers[1], &error), 0);
    unlink (files.key_file);
    world_wait (world, 60000);
    assert_int_equal (http_server_renew_tls (servers[0], &error), 0); //  told already
    peer_cert_write (files.cert_file, files.key_file);
    assert_int_equal (http_server_renew_tls (servers[0], &error), 1);
    ingress_doors_destroy (&doors);
    s_drop_files (&files);
}

static void
new_settings_bring_the_certificate_anew (void **state)
{
    files_t files = s_files ();
    br_error_t error;
    ingress_doors_t *doors = s_open (*state, files.slice, &error);
    http_server_t *server = ingress_doors_at (doors, 0)->server;
    ingress_settings_t *settings = ingress_settings_new (files.slice, &error);
    peer_cert_write (files.cert_file, files.key_file);
    ingress_doors_set_tls (doors, settings);
    assert_int_equal (http_server_renew_tls (server, &error), 0);
    unlink (files.key_file);
    ingress_doors_set_tls (doors, settings); //  keeps the one of before
    ingress_settings_t *plain = ingress_settings_new ("{}", &error);
    ingress_doors_set_tls (doors, plain);
    ingress_settings_destroy (&plain);
    ingress_doors_destroy (&doors);
    doors = s_open (*state, "{\"listen\":[\"127.0.0.1:0\"],\"listen_given\":true}", NULL);
    ingress_doors_set_tls (doors, settings); //  a plain door stays plain
    ingress_doors_destroy (&doors);
    ingress_settings_destroy (&settings);
    s_drop_files (&files);
}

static void
a_certificate_that_cannot_be_read_is_refused_with_the_slice (void **state)
{
    (void) state;
    files_t files = s_files ();
    br_error_t error;
    unlink (files.key_file);
    assert_null (ingress_settings_new (files.slice, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, files.key_file));
    s_drop_files (&files);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (each_address_has_its_own_door),
        TEST (no_address_means_no_door),
        TEST (a_taken_address_is_an_error_that_names_it),
        TEST (usual_addresses_are_only_wished_for),
        TEST (the_second_loopback_may_be_missing),
        TEST (a_changed_certificate_is_read_within_a_minute),
        TEST (new_settings_bring_the_certificate_anew),
        TEST (a_certificate_that_cannot_be_read_is_refused_with_the_slice),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
