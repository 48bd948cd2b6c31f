//  directory: who is where crosses the wire, and both sides of a link agree on its need.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/directory.h"
#include "broker/core/pairs.h"

static void
s_peer (br_directory_t *directory, uint32_t host, const char *name)
{
    br_peer_t peer = { .host = host, .life = host * 10 };
    snprintf (peer.name, sizeof peer.name, "%s", name);
    snprintf (peer.endpoint, sizeof peer.endpoint, "ipc:///run/%s", name);
    if (host % 2)
        memset (peer.public_key, 'k', 40);
    br_directory_add_peer (directory, &peer);
}

static br_addr_t
s_place (br_directory_t *directory, uint32_t host, uint32_t actor, br_role_t role,
         const char *name)
{
    br_place_t place = { .addr = { host, host * 10, actor }, .role = role };
    place.open = true;
    snprintf (place.name, sizeof place.name, "%s", name);
    br_directory_add_place (directory, &place);
    return place.addr;
}

//  Broker on 1; ingress and router on 2 and 3; meter on 4; a provider on 5.
static br_directory_t
s_town (void)
{
    br_directory_t directory;
    br_directory_init (&directory);
    static const char *const names[] = { "broker", "shard-1", "shard-2", "ledger",
                                         "out" };
    for (uint32_t i = 0; i < 5; i++)
        s_peer (&directory, i + 1, names[i]);
    s_place (&directory, 1, 1, BR_ROLE_BROKER, "broker");
    for (uint32_t host = 2; host <= 3; host++) {
        s_place (&directory, host, 1, BR_ROLE_INGRESS, "ingress");
        s_place (&directory, host, 2, BR_ROLE_ROUTER, "router");
    }
    s_place (&directory, 4, 1, BR_ROLE_METER, "meter");
    s_place (&directory, 5, 1, BR_ROLE_UPSTREAM, "upstream/x");
    directory.version = 9;
    return directory;
}

static void
test_a_directory_crosses_the_wire (void **state)
{
    (void) state;
    br_directory_t town = s_town (), read;
    br_directory_init (&read);
    br_buf_t buf;
    br_buf_init (&buf, BR_DIRECTORY_MAX);
    br_directory_encode (&town, &buf);
    br_bytes_t rows = { buf.data, buf.size };
    assert_int_equal (br_directory_decode (&read, 9, rows), 0);
    assert_int_equal (read.version, 9);
    assert_int_equal (read.peers_size, 5);
    assert_int_equal (read.places_size, 7);
    for (size_t i = 0; i < 5; i++)
        assert_memory_equal (&read.peers[i], &town.peers[i], sizeof *read.peers);
    for (size_t i = 0; i < 7; i++)
        assert_memory_equal (&read.places[i], &town.places[i], sizeof *read.places);
    //  an empty one is one too
    assert_int_equal (br_directory_decode (&read, 10, (br_bytes_t) { NULL, 0 }), 0);
    assert_int_equal (read.peers_size, 0);
    assert_int_equal (read.version, 10);
    br_directory_clear (&read);
    br_directory_clear (&town);
    br_buf_free (&buf);
}

//  When the rows are malformed, then the directory is what it was.
static void
s_refused (br_directory_t *directory, const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc (size ? size : 1);
    memcpy (copy, bytes, size);
    assert_int_equal (br_directory_decode (directory, 99, (br_bytes_t) { copy, size }),
                      -1);
    assert_int_equal (directory->version, 9);
    assert_int_equal (directory->peers_size, 5);
    free (copy);
}

static void
s_refused_pairs (br_directory_t *directory, const char *row, const char *name,
                 const char *endpoint, const char *key)
{
    br_buf_t buf;
    br_buf_init (&buf, BR_DIRECTORY_MAX);
    br_pairs_add (&buf, row, name);
    if (endpoint)
        br_pairs_add (&buf, endpoint, key);
    s_refused (directory, buf.data, buf.size);
    br_buf_free (&buf);
}

static void
test_malformed_rows_are_refused (void **state)
{
    (void) state;
    br_directory_t town = s_town ();
    char text[300];
    memset (text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    s_refused_pairs (&town, "host 1", "a", "inproc://a", "");
    s_refused_pairs (&town, "host 1 1", "a", NULL, NULL);
    s_refused_pairs (&town, "host 1 1", text, "inproc://a", "");
    s_refused_pairs (&town, "host 1 1", "a", text, "");
    s_refused_pairs (&town, "host 1 1", "a", "inproc://a", text);
    s_refused_pairs (&town, "actor 1 1 1", "a", NULL, NULL);
    s_refused_pairs (&town, "actor 1 1 1 99", "a", NULL, NULL);
    s_refused_pairs (&town, "actor 1 1 1 -1", "a", NULL, NULL);
    s_refused_pairs (&town, "actor 1 1 1 1", text, NULL, NULL);
    s_refused_pairs (&town, "", "", NULL, NULL);
    s_refused_pairs (&town, "guest 1 1", "a", NULL, NULL);
    br_directory_clear (&town);
}

//  A prefix that ends between two rows is a directory; any other is refused.
static void
test_truncated_rows_are_refused (void **state)
{
    (void) state;
    br_directory_t town = s_town ();
    br_buf_t buf;
    br_buf_init (&buf, BR_DIRECTORY_MAX);
    br_directory_encode (&town, &buf);
    size_t accepted = 0;
    for (size_t size = 1; size < buf.size; size++) {
        br_directory_t read;
        br_directory_init (&read);
        int rc = br_directory_decode (&read, 1, (br_bytes_t) { buf.data, size });
        accepted += rc == 0;
        br_directory_clear (&read);
    }
    assert_int_equal (accepted, town.peers_size + town.places_size - 1);
    br_directory_clear (&town);
    br_buf_free (&buf);
}

static void
test_rows_are_found (void **state)
{
    (void) state;
    br_directory_t town = s_town ();
    assert_string_equal (br_directory_peer (&town, 4)->name, "ledger");
    assert_null (br_directory_peer (&town, 6));
    assert_int_equal (br_directory_place (&town, (br_addr_t) { 4, 40, 1 })->role,
                      BR_ROLE_METER);
    assert_null (br_directory_place (&town, (br_addr_t) { 4, 41, 1 }));
    assert_null (br_directory_place (&town, (br_addr_t) { 4, 40, 2 }));
    assert_int_equal (br_directory_find (&town, "router")->addr.host, 2); //  the first
    assert_null (br_directory_find (&town, "upstream"));
    br_buf_t buf;
    br_buf_init (&buf, BR_DIRECTORY_MAX);
    town.places[2].open = false; //  the router of 2; its name is known all the same
    br_directory_encode (&town, &buf);
    assert_int_equal (
        br_directory_decode (&town, 10, (br_bytes_t) { buf.data, buf.size }), 0);
    assert_int_equal (br_directory_find (&town, "router")->addr.host, 3);
    assert_non_null (br_directory_place (&town, (br_addr_t) { 2, 20, 2 }));
    br_buf_free (&buf);
    br_directory_clear (&town);
}

static void
test_hosts_and_actors_are_taken_out (void **state)
{
    (void) state;
    br_directory_t town = s_town ();
    br_directory_remove (&town, 2);
    assert_null (br_directory_peer (&town, 2));
    assert_int_equal (br_directory_find (&town, "router")->addr.host, 3);
    assert_int_equal (town.places_size, 5);
    br_directory_remove_place (&town, (br_addr_t) { 3, 30, 2 });
    assert_null (br_directory_find (&town, "router"));
    assert_non_null (br_directory_find (&town, "ingress"));
    br_directory_remove (&town, 77);
    br_directory_remove_place (&town, (br_addr_t) { 77, 1, 1 });
    assert_int_equal (town.peers_size, 4);
    br_directory_clear (&town);
    assert_int_equal (town.peers_size + town.places_size, 0);
}

static void
test_links_are_needed_by_roles_that_talk (void **state)
{
    (void) state;
    br_directory_t town = s_town ();
    static const bool needs[5][5] = {
        { 1, 1, 1, 1, 1 }, //  the broker's host needs all
        { 1, 0, 0, 1, 1 }, //  shards have each other's kinds at home
        { 1, 0, 0, 1, 1 },
        { 1, 1, 1, 0, 0 }, //  ledger and provider have nothing to say to each other
        { 1, 1, 1, 0, 0 },
    };
    for (uint32_t a = 1; a <= 5; a++)
        for (uint32_t b = 1; b <= 5; b++)
            if (a != b)
                assert_int_equal (br_directory_needs_link (&town, a, b),
                                  needs[a - 1][b - 1]);
    //  a shard that lost its router needs that of the other
    br_directory_remove_place (&town, (br_addr_t) { 3, 30, 2 });
    assert_true (br_directory_needs_link (&town, 2, 3));
    assert_true (br_directory_needs_link (&town, 3, 2));
    br_directory_clear (&town);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_directory_crosses_the_wire),
        cmocka_unit_test (test_malformed_rows_are_refused),
        cmocka_unit_test (test_truncated_rows_are_refused),
        cmocka_unit_test (test_rows_are_found),
        cmocka_unit_test (test_hosts_and_actors_are_taken_out),
        cmocka_unit_test (test_links_are_needed_by_roles_that_talk),
    };
    return cmocka_run_group_tests_name ("directory", tests, NULL, NULL);
}
