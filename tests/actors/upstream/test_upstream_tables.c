//  upstream_tables: which slice a call goes by, and which pools are kept.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "actors/upstream/upstream_tables.h"

typedef struct {
    br_loop_t *loop;
    uint64_t now_ns;
    upstream_tables_t *tables;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .now_ns = 0 };
    world.loop = br_loop_new (br_clock_manual (&world.now_ns));
    world.tables = upstream_tables_new (world.loop);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    upstream_tables_destroy (&world->tables);
    upstream_tables_destroy (&world->tables);
    br_loop_destroy (&world->loop);
    return 0;
}

//  A slice whose own endpoint is http://host, with its own pool when link is not 0.
static int
s_try (world_t *world, const char *host, int link)
{
    char slice[128], proxy[32] = "";
    br_error_t error;
    if (link)
        snprintf (proxy, sizeof proxy, ",\"no_proxy\":\"n%d\"", link);
    snprintf (slice, sizeof slice, "{\"api_base\":\"http://%s\"%s}", host, proxy);
    return upstream_tables_try (world->tables, slice, &error);
}

static void
s_take (world_t *world, uint64_t generation, int link)
{
    char host[32];
    snprintf (host, sizeof host, "h%u", (unsigned) generation);
    assert_int_equal (s_try (world, host, link), 0);
    assert_true (upstream_tables_take (world->tables, generation));
}

static uint64_t
s_at (const world_t *world, uint64_t generation)
{
    return upstream_tables_at (world->tables, generation)->generation;
}

static void
before_the_first_there_is_none (void **state)
{
    world_t *world = *state;
    assert_null (upstream_tables_at (world->tables, 0));
    assert_null (upstream_tables_at (world->tables, 7));
    assert_true (upstream_tables_take (world->tables, 1)); //  nothing was tried
    assert_null (upstream_tables_at (world->tables, 1));
    assert_int_equal (s_try (world, "a", 0), 0);
    assert_null (upstream_tables_at (world->tables, 1)); //  it was not taken
}

static void
given_newer_slices_then_a_call_goes_by_its_own (void **state)
{
    world_t *world = *state;
    s_take (world, 3, 0);
    s_take (world, 5, 0); //  4 was refused
    s_take (world, 6, 0);
    assert_int_equal (s_at (world, 3), 3);
    assert_int_equal (s_at (world, 4), 3);
    assert_int_equal (s_at (world, 5), 5);
    assert_int_equal (s_at (world, 6), 6);
    assert_int_equal (s_at (world, 7), 6); //  on its way to here
    assert_int_equal (s_at (world, 0), 6);
}

static void
given_a_call_that_is_older_than_all_then_the_oldest_counts (void **state)
{
    world_t *world = *state;
    for (uint64_t i = 1; i <= UPSTREAM_TABLES_MAX + 3; i++)
        s_take (world, i, 0);
    assert_int_equal (s_at (world, 1), 4);
    assert_int_equal (s_at (world, UPSTREAM_TABLES_MAX + 3), UPSTREAM_TABLES_MAX + 3);
}

//  Changes that concern others push nothing out.
static void
given_the_same_slice_again_then_older_ones_stay (void **state)
{
    world_t *world = *state;
    s_take (world, 1, 0);
    for (uint64_t i = 2; i < 5 * UPSTREAM_TABLES_MAX; i++) {
        assert_int_equal (s_try (world, "same", 0), 0);
        assert_true (upstream_tables_take (world->tables, i));
    }
    assert_int_equal (s_at (world, 1), 1);
    assert_int_equal (s_at (world, 5), 2);
    assert_int_equal (s_at (world, 100), 2);
    //  what was tried and refused is not taken in its place
    assert_int_equal (s_try (world, "other", 0), 0);
    assert_int_equal (s_try (world, "same", 0), 0);
    assert_true (upstream_tables_take (world->tables, 101));
    assert_int_equal (s_at (world, 101), 2);
    //  another credential in the newest makes the old text another one
    br_error_t error;
    assert_int_equal (upstream_tables_replace (
                          world->tables, "{\"api_base\":\"http://same?k=1\"}", &error),
                      0);
    assert_int_equal (s_try (world, "same", 0), 0);
    assert_true (upstream_tables_take (world->tables, 102));
    assert_int_equal (s_at (world, 102), 102);
}

static void
given_a_slice_that_is_wrong_then_nothing_changes (void **state)
{
    world_t *world = *state;
    br_error_t error;
    s_take (world, 1, 0);
    assert_int_equal (upstream_tables_try (world->tables, "7", &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_int_equal (
        upstream_tables_try (world->tables,
                             "{\"api_base\":\"http://a\",\"ca_file\":\"/nowhere.pem\"}",
                             &error),
        -1);
    assert_true (upstream_tables_take (world->tables, 2));
    assert_int_equal (s_at (world, 2), 1);
}

static void
given_the_same_link_then_the_pool_is_shared (void **state)
{
    world_t *world = *state;
    s_take (world, 1, 0);
    s_take (world, 2, 0);
    s_take (world, 3, 1);
    const http_client_t *first = upstream_tables_at (world->tables, 1)->client;
    assert_ptr_equal (upstream_tables_at (world->tables, 2)->client, first);
    assert_ptr_not_equal (upstream_tables_at (world->tables, 3)->client, first);
}

static void
given_a_pool_that_no_slice_needs_then_a_sweep_lets_it_go (void **state)
{
    world_t *world = *state;
    for (int i = 1; i <= UPSTREAM_TABLES_MAX; i++)
        s_take (world, (uint64_t) i, i);
    assert_true (upstream_tables_is_clean (world->tables));
    s_take (world, UPSTREAM_TABLES_MAX + 1, UPSTREAM_TABLES_MAX + 1);
    assert_false (upstream_tables_is_clean (world->tables));
    upstream_tables_sweep (world->tables);
    assert_true (upstream_tables_is_clean (world->tables));
}

//  Pools are let go by a sweep alone: until there is one, their number is bounded.
static void
given_too_many_pools_then_connections_go_on_as_they_were (void **state)
{
    world_t *world = *state;
    bool is_own = true;
    int count = 0;
    while (is_own && count < 100) {
        assert_int_equal (s_try (world, "h", ++count), 0);
        is_own = upstream_tables_take (world->tables, (uint64_t) count);
    }
    assert_in_range (count, UPSTREAM_TABLES_MAX + 1, 20);
    assert_int_equal (s_at (world, 0), count);
    const http_client_t *last = upstream_tables_at (world->tables, 0)->client;
    assert_ptr_equal (upstream_tables_at (world->tables, (uint64_t) count - 1)->client,
                      last);
    upstream_tables_sweep (world->tables);
    s_take (world, (uint64_t) count + 1, count + 1);
    assert_ptr_not_equal (upstream_tables_at (world->tables, 0)->client, last);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

static void
given_another_credential_then_the_newest_slice_has_it_with_its_pool (void **state)
{
    world_t *world = *state;
    static const char s_slice[] = "{\"api_base\":\"http://h2\",\"auth\":{\"type\":"
                                  "\"bearer\",\"api_key\":\"new\"}}";
    br_error_t error;
    assert_int_equal (upstream_tables_replace (world->tables, s_slice, &error), -1);
    s_take (world, 1, 0);
    s_take (world, 2, 0);
    upstream_way_t older = *upstream_tables_at (world->tables, 1);
    upstream_way_t before = *upstream_tables_at (world->tables, 0);
    assert_int_equal (s_try (world, "h3", 0), 0);
    assert_int_equal (upstream_tables_replace (world->tables, "[]", &error), -1);
    assert_ptr_equal (upstream_tables_at (world->tables, 0)->table, before.table);
    assert_int_equal (upstream_tables_replace (world->tables, s_slice, &error), 0);
    const upstream_way_t *after = upstream_tables_at (world->tables, 0);
    assert_int_equal (after->generation, 2);
    assert_ptr_equal (after->client, before.client);
    assert_ptr_equal (upstream_tables_at (world->tables, 1)->table, older.table);
    assert_true (
        upstream_tables_take (world->tables, 3)); //  what was tried is still there
    assert_int_equal (s_at (world, 0), 3);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (before_the_first_there_is_none),
        TEST (given_newer_slices_then_a_call_goes_by_its_own),
        TEST (given_a_call_that_is_older_than_all_then_the_oldest_counts),
        TEST (given_the_same_slice_again_then_older_ones_stay),
        TEST (given_a_slice_that_is_wrong_then_nothing_changes),
        TEST (given_the_same_link_then_the_pool_is_shared),
        TEST (given_a_pool_that_no_slice_needs_then_a_sweep_lets_it_go),
        TEST (given_too_many_pools_then_connections_go_on_as_they_were),
        TEST (given_another_credential_then_the_newest_slice_has_it_with_its_pool),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
