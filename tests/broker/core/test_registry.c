//  registry: the broker's book: what is wanted where, and how far it has come.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/registry.h"

static const br_handler_row_t s_rows[] = { { 0, NULL } };
static const br_actor_t s_router = {
    .name = "router", .about = "r", .role = BR_ROLE_ROUTER, .handlers = s_rows
};
static const br_actor_t s_upstream = {
    .name = "upstream", .about = "u", .role = BR_ROLE_UPSTREAM, .handlers = s_rows
};
static const br_actor_t *const s_kinds[] = { &s_router, &s_upstream, NULL };

static br_topology_t *s_topology;

static int
s_setup (void **state)
{
    (void) state;
    static const char yaml[] =
        "bus: inproc\nhosts:\n"
        "  - {name: a, place: thread, actors: [router, upstream/*, guard]}\n"
        "  - {name: b, place: thread, actors: [upstream/x]}\n";
    s_topology = br_topology_parse (yaml, sizeof yaml - 1, "t", NULL);
    return s_topology ? 0 : -1;
}

static int
s_teardown (void **state)
{
    (void) state;
    br_topology_destroy (&s_topology);
    return 0;
}

static br_registry_t
s_registry (void)
{
    static const char *const names[] = { "router", "guard", "upstream/x", "upstream/y",
                                         NULL };
    br_registry_t registry;
    br_registry_init (&registry, s_topology);
    br_registry_want (&registry, names, s_kinds);
    return registry;
}

//  A host that is here, with its actors started.
static void
s_arrive (br_member_row_t *row, uint32_t life)
{
    row->life = life;
    strcpy (row->endpoint, "inproc://x");
    for (size_t i = 0; i < row->seats_size; i++)
        row->seats[i].addr = (br_addr_t) { row->number, life, (uint32_t) i + 1 };
}

static void
test_seats_follow_patterns_and_kinds (void **state)
{
    (void) state;
    br_registry_t registry = s_registry ();
    assert_int_equal (registry.size, 2);
    br_member_row_t *a = br_registry_by_name (&registry, "a");
    br_member_row_t *b = br_registry_by_name (&registry, "b");
    assert_null (br_registry_by_name (&registry, "c"));
    assert_int_equal (a->number, 2);
    assert_int_equal (b->number, 3);
    assert_int_equal (a->seats_size, 3); //  there is no kind "guard"
    assert_int_equal (b->seats_size, 1);
    assert_int_equal (br_member_row_seat (a, "router")->role, BR_ROLE_ROUTER);
    assert_int_equal (br_member_row_seat (b, "upstream/x")->role, BR_ROLE_UPSTREAM);
    assert_null (br_member_row_seat (b, "upstream/y"));
    br_registry_free (&registry);
    assert_int_equal (registry.size, 0);
}

static void
test_what_is_wanted_no_more_is_marked (void **state)
{
    (void) state;
    br_registry_t registry = s_registry ();
    br_member_row_t *a = &registry.rows[0];
    s_arrive (a, 5);
    static const char *const names[] = { "router", "upstream/z", NULL };
    br_registry_want (&registry, names, s_kinds);
    assert_int_equal (a->seats_size, 4);
    assert_true (br_member_row_seat (a, "router")->wanted);
    assert_true (br_addr_is_set (br_member_row_seat (a, "router")->addr));
    assert_false (br_member_row_seat (a, "upstream/x")->wanted);
    assert_true (br_member_row_seat (a, "upstream/z")->wanted);
    assert_false (br_addr_is_set (br_member_row_seat (a, "upstream/z")->addr));
    assert_false (br_registry_all_started (&registry));
    br_registry_free (&registry);
}

static void
test_a_lost_host_is_as_on_the_first_day (void **state)
{
    (void) state;
    br_registry_t registry = s_registry ();
    br_member_row_t *a = &registry.rows[0];
    s_arrive (a, 5);
    a->linked_version = 3;
    a->seats[0].accepted = a->seats[0].taken = a->seats[0].asked_try = 7;
    a->seats[0].asked_start = a->seats[0].asked_stop = true;
    a->seats[1].wanted = false;
    br_member_row_reset (a);
    assert_int_equal (a->life, 0);
    assert_int_equal (a->linked_version, 0);
    assert_int_equal (a->seats_size, 2); //  what was wanted no more is forgotten
    for (size_t i = 0; i < 2; i++) {
        const br_seat_t *seat = &a->seats[i];
        assert_true (seat->wanted && *seat->name);
        assert_false (br_addr_is_set (seat->addr) || seat->asked_start
                      || seat->asked_stop);
        assert_int_equal (seat->accepted + seat->taken + seat->asked_try, 0);
    }
    assert_null (br_registry_by_life (&registry, 2, 5));
    br_registry_free (&registry);
}

static void
test_rows_and_seats_are_found_by_incarnation (void **state)
{
    (void) state;
    br_registry_t registry = s_registry ();
    assert_null (br_registry_by_life (&registry, 2, 0)); //  not here
    s_arrive (&registry.rows[0], 5);
    assert_ptr_equal (br_registry_by_life (&registry, 2, 5), &registry.rows[0]);
    assert_null (br_registry_by_life (&registry, 2, 4));
    assert_null (br_registry_by_life (&registry, 3, 5));
    assert_ptr_equal (br_registry_seat (&registry, (br_addr_t) { 2, 5, 2 }),
                      &registry.rows[0].seats[1]);
    assert_null (br_registry_seat (&registry, (br_addr_t) { 2, 5, 9 }));
    assert_null (br_registry_seat (&registry, (br_addr_t) { 2, 4, 2 }));
    br_registry_free (&registry);
}

static void
test_progress_counts_hosts_that_are_here (void **state)
{
    (void) state;
    br_registry_t registry = s_registry ();
    br_member_row_t *a = &registry.rows[0], *b = &registry.rows[1];
    assert_false (br_registry_all_joined (&registry));
    assert_true (br_registry_all_started (&registry));
    assert_true (br_registry_all_linked (&registry, 4));
    a->life = 1;
    assert_false (br_registry_all_started (&registry));
    s_arrive (a, 1);
    assert_true (br_registry_all_started (&registry));
    assert_false (br_registry_all_linked (&registry, 4));
    a->linked_version = 4;
    assert_true (br_registry_all_linked (&registry, 4));
    assert_false (br_registry_all_joined (&registry));
    s_arrive (b, 2);
    b->linked_version = 3;
    assert_true (br_registry_all_joined (&registry));
    assert_false (br_registry_all_linked (&registry, 4));
    br_registry_free (&registry);
}

static void
test_seats_open_once_they_took (void **state)
{
    (void) state;
    br_registry_t registry = s_registry ();
    br_member_row_t *a = &registry.rows[0], *b = &registry.rows[1];
    s_arrive (a, 5);
    br_seat_t *router = br_member_row_seat (a, "router");
    br_seat_t *x = br_member_row_seat (a, "upstream/x");
    br_seat_t *y = br_member_row_seat (a, "upstream/y");
    router->taken = x->taken = y->taken = 3;
    b->seats[0].taken = 3; //  its host is not here
    y->taken = 2;
    assert_int_equal (br_registry_open (&registry, 3, BR_ROLE_ROUTER), 1);
    assert_true (x->open && !y->open && !router->open && !b->seats[0].open);
    assert_int_equal (br_registry_open (&registry, 3, BR_ROLE_ROUTER), 0);
    assert_int_equal (br_registry_open (&registry, 3, BR_ROLE_INGRESS), 1);
    assert_true (router->open);
    br_member_row_reset (a);
    assert_false (a->seats[0].open);
    br_registry_free (&registry);
}

static void
test_the_directory_has_what_is_here_broker_first (void **state)
{
    (void) state;
    br_registry_t registry = s_registry ();
    s_arrive (&registry.rows[0], 5);
    registry.rows[0].seats[1].addr.host = 0; //  not started yet
    br_peer_t broker = {
        .host = 1, .life = 9, .name = "broker", .endpoint = "inproc://b"
    };
    br_directory_t directory;
    br_directory_init (&directory);
    br_registry_fill (&registry, &broker, (br_addr_t) { 1, 9, 1 }, &directory);
    assert_int_equal (directory.peers_size, 2);
    assert_string_equal (directory.peers[0].name, "broker");
    assert_string_equal (directory.peers[1].name, "a");
    assert_string_equal (directory.peers[1].endpoint, "inproc://x");
    assert_int_equal (directory.places_size, 3);
    assert_int_equal (directory.places[0].role, BR_ROLE_BROKER);
    assert_string_equal (directory.places[1].name, "router");
    assert_string_equal (directory.places[2].name, "upstream/y");
    br_directory_clear (&directory);
    br_registry_free (&registry);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_seats_follow_patterns_and_kinds),
        cmocka_unit_test (test_what_is_wanted_no_more_is_marked),
        cmocka_unit_test (test_seats_open_once_they_took),
        cmocka_unit_test (test_a_lost_host_is_as_on_the_first_day),
        cmocka_unit_test (test_rows_and_seats_are_found_by_incarnation),
        cmocka_unit_test (test_progress_counts_hosts_that_are_here),
        cmocka_unit_test (test_the_directory_has_what_is_here_broker_first),
    };
    return cmocka_run_group_tests_name ("registry", tests, s_setup, s_teardown);
}
