//  auth_watch: changes of a real folder.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "actors/auth/auth_watch.h"

#define MS 1000000u

typedef struct {
    uint64_t now_ns;
    br_loop_t *loop;
    char home[64];
    char path[256];
    int changes;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .home = "/tmp/auth_watch.XXXXXX" };
    assert_non_null (mkdtemp (world.home));
    world.loop = br_loop_new (br_clock_manual (&world.now_ns));
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    br_loop_destroy (&world->loop);
    char command[128];
    snprintf (command, sizeof command, "rm -rf '%s'", world->home);
    return system (command);
}

static void
s_on_change (void *arg)
{
    world_t *world = arg;
    world->changes++;
}

static const char *
s_path (world_t *world, const char *name)
{
    snprintf (world->path, sizeof world->path, "%s/%s", world->home, name);
    return world->path;
}

static void
s_write (world_t *world, const char *name)
{
    FILE *file = fopen (s_path (world, name), "w");
    assert_non_null (file);
    fclose (file);
}

//  The kernel tells at once; the loop tells when the time of its timer has come.
static int
s_changes (world_t *world)
{
    br_loop_turn (world->loop, 0);
    world->now_ns += AUTH_WATCH_MS * (uint64_t) MS;
    br_loop_turn (world->loop, 0);
    br_loop_turn (world->loop, 0);
    int changes = world->changes;
    world->changes = 0;
    return changes;
}

static auth_watch_t *
s_watch (world_t *world, const char *name)
{
    auth_watch_t *watch = auth_watch_new (world->loop, s_path (world, name), s_on_change,
                                          world, NULL);
    assert_non_null (watch);
    return watch;
}

static void
changes_that_come_together_are_told_once (void **state)
{
    world_t *world = *state;
    mkdir (s_path (world, "keys"), 0700);
    auth_watch_t *watch = s_watch (world, "keys");
    assert_int_equal (s_changes (world), 0);
    s_write (world, "keys/active");
    s_write (world, "keys/other");
    assert_int_equal (s_changes (world), 1);
    assert_int_equal (s_changes (world), 0);
    unlink (s_path (world, "keys/active"));
    assert_int_equal (s_changes (world), 1);
    auth_watch_destroy (&watch);
    assert_null (watch);
    auth_watch_destroy (&watch);
}

static void
a_look_tells_at_once (void **state)
{
    world_t *world = *state;
    mkdir (s_path (world, "keys"), 0700);
    auth_watch_t *watch = s_watch (world, "keys");
    auth_watch_look (watch);
    assert_int_equal (world->changes, 0);
    s_write (world, "keys/active");
    auth_watch_look (watch);
    assert_int_equal (world->changes, 1);
    assert_int_equal (s_changes (world), 1); //  and not once more
    auth_watch_destroy (&watch);
}

static void
a_folder_that_is_made_is_watched_from_then_on (void **state)
{
    world_t *world = *state;
    mkdir (s_path (world, "keys"), 0700);
    auth_watch_t *watch = s_watch (world, "keys");
    mkdir (s_path (world, "keys/revoked"), 0700);
    assert_int_equal (s_changes (world), 1);
    s_write (world, "keys/revoked/ab");
    assert_int_equal (s_changes (world), 1);
    auth_watch_destroy (&watch);
}

//  Given no folder, then what happens above it is no change until it is there.
static void
a_folder_that_is_missing_is_waited_for (void **state)
{
    world_t *world = *state;
    auth_watch_t *watch = s_watch (world, "a/keys");
    s_write (world, "nothing");
    assert_int_equal (s_changes (world), 0);
    mkdir (s_path (world, "a"), 0700);
    assert_int_equal (s_changes (world), 0);
    mkdir (s_path (world, "a/keys"), 0700);
    assert_int_equal (s_changes (world), 1);
    s_write (world, "a/keys/x");
    assert_int_equal (s_changes (world), 1);
    unlink (s_path (world, "a/keys/x"));
    rmdir (s_path (world, "a/keys"));
    assert_int_equal (s_changes (world), 1);
    mkdir (s_path (world, "a/keys"), 0700);
    assert_int_equal (s_changes (world), 1);
    auth_watch_destroy (&watch);
}

static void
a_watch_that_ends_tells_nothing_more (void **state)
{
    world_t *world = *state;
    auth_watch_t *watch = s_watch (world, "");
    s_write (world, "x");
    br_loop_turn (world->loop, 0);
    auth_watch_destroy (&watch);
    assert_int_equal (s_changes (world), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (changes_that_come_together_are_told_once),
        TEST (a_look_tells_at_once),
        TEST (a_folder_that_is_made_is_watched_from_then_on),
        TEST (a_folder_that_is_missing_is_waited_for),
        TEST (a_watch_that_ends_tells_nothing_more),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
