//  ingress_doors: addresses that are opened, taken, or only wished for.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_doors.h"
#include "actors/ingress/ingress_front.h"
#include "broker/core/alloc.h"
#include "tests/actors/ingress/world.h"

static int
s_setup (void **state)
{
    *state = world_new (NULL);
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    world_destroy (&world);
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

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (each_address_has_its_own_door),
        TEST (no_address_means_no_door),
        TEST (a_taken_address_is_an_error_that_names_it),
        TEST (usual_addresses_are_only_wished_for),
        TEST (the_second_loopback_may_be_missing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
