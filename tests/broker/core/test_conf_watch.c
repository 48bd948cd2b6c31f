//  conf_watch: real files, and a clock that the test moves.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/conf_watch.h"

typedef struct {
    char folder[64];
    char file[96], env[96], other[96];
    br_loop_t *loop;
    uint64_t now_ns;
    br_conf_watch_t *watch;
    unsigned told; //  count
} world_t;

static void
s_on_change (void *arg)
{
    world_t *world = arg;
    world->told++;
}

static void
s_write (const char *path, const char *text)
{
    FILE *file = fopen (path, "we");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
}

static void
s_replace (const world_t *world, const char *path, const char *text)
{
    s_write (world->other, text);
    assert_int_equal (rename (world->other, path), 0);
}

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .folder = "/tmp/conf_watch.XXXXXX" };
    assert_non_null (mkdtemp (world.folder));
    snprintf (world.file, sizeof world.file, "%s/bitrouter.yaml", world.folder);
    snprintf (world.env, sizeof world.env, "%s/.env", world.folder);
    snprintf (world.other, sizeof world.other, "%s/.bitrouter.yaml.swp", world.folder);
    s_write (world.file, "a");
    world.loop = br_loop_new (br_clock_manual (&world.now_ns));
    const char *paths[] = { world.file, world.env, NULL };
    br_error_t error;
    world.watch = br_conf_watch_new (world.loop, paths, s_on_change, &world, &error);
    assert_non_null (world.watch);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    char command[96];
    br_conf_watch_destroy (&world->watch);
    br_conf_watch_destroy (&world->watch);
    br_loop_destroy (&world->loop);
    snprintf (command, sizeof command, "rm -rf '%s'", world->folder);
    return system (command);
}

//  Lets time pass, and returns how often it was told since the last look.
static unsigned
s_pass (world_t *world, unsigned ms)
{
    br_loop_turn (world->loop, 0);
    world->now_ns += (uint64_t) ms * 1000000;
    br_loop_turn (world->loop, 0);
    br_loop_turn (world->loop, 0);
    unsigned told = world->told;
    world->told = 0;
    return told;
}

static void
given_a_file_that_is_written_then_it_is_told_after_a_while (void **state)
{
    world_t *world = *state;
    s_write (world->file, "more");
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS - 1), 0);
    assert_int_equal (s_pass (world, 1), 1);
    assert_int_equal (s_pass (world, 10 * BR_CONF_WATCH_MS), 0);
}

static void
given_changes_that_come_together_then_they_are_told_once (void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 5; i++) {
        s_replace (world, world->file, i % 2 ? "one" : "other");
        s_write (world->env, "A=1\n");
        assert_int_equal (s_pass (world, BR_CONF_WATCH_MS / 2), 0);
    }
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
}

static void
given_a_file_that_is_put_in_its_place_then_it_is_told (void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 3; i++) {
        s_replace (world, world->file, "b");
        assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
    }
}

static void
given_a_file_that_is_made_later_then_it_is_told (void **state)
{
    world_t *world = *state;
    s_write (world->env, "A=1\n");
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
    s_write (world->env, "A=22\n");
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
}

static void
given_a_file_that_is_gone_then_it_is_told_when_it_is_back (void **state)
{
    world_t *world = *state;
    unlink (world->file);
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 0);
    s_write (world->file, "back");
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
}

static void
given_a_file_that_is_still_being_written_then_nothing_is_told (void **state)
{
    world_t *world = *state;
    unlink (world->file);
    FILE *file = fopen (world->file, "we");
    fputs ("half", file);
    fflush (file);
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 0);
    fclose (file);
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
}

static void
given_other_files_then_nothing_is_told (void **state)
{
    world_t *world = *state;
    s_write (world->other, "x");
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 0);
    chmod (world->file, 0600);
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 0);
}

//  As a mounted folder of Kubernetes: FILE -> ..data/FILE, ..data -> ..1, then -> ..2
static void
given_a_link_to_a_folder_that_is_put_in_its_place_then_it_is_told (void **state)
{
    world_t *world = *state;
    char path[160], data[96], next[96];
    snprintf (data, sizeof data, "%s/..data", world->folder);
    snprintf (next, sizeof next, "%s/..data_tmp", world->folder);
    for (int i = 1; i <= 2; i++) {
        snprintf (path, sizeof path, "%s/..%d", world->folder, i);
        mkdir (path, 0700);
        snprintf (path, sizeof path, "%s/..%d/bitrouter.yaml", world->folder, i);
        s_write (path, "x");
    }
    assert_int_equal (symlink ("..1", data), 0);
    unlink (world->file);
    assert_int_equal (symlink ("..data/bitrouter.yaml", world->file), 0);
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
    assert_int_equal (symlink ("..2", next), 0);
    assert_int_equal (rename (next, data), 0);
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
}

//  FILE -> elsewhere/real.yaml: the target is written and replaced where it is.
static void
given_a_link_to_another_folder_then_changes_of_its_target_are_told (void **state)
{
    world_t *world = *state;
    char folder[96], real[128], next[128];
    snprintf (folder, sizeof folder, "%s/elsewhere", world->folder);
    snprintf (real, sizeof real, "%s/real.yaml", folder);
    snprintf (next, sizeof next, "%s/next", folder);
    assert_int_equal (mkdir (folder, 0700), 0);
    s_write (real, "x");
    unlink (world->file);
    assert_int_equal (symlink (real, world->file), 0);
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
    s_write (real, "written in its place");
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
    for (int i = 0; i < 2; i++) {
        s_write (next, "put there");
        assert_int_equal (rename (next, real), 0);
        assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
    }
    unlink (real);
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 0);
    s_write (real, "back");
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
    s_write (next, "another file");
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 0);
}

//  A link that is turned to one folder after the other: only the newest is looked at.
static void
given_a_link_that_leads_elsewhere_then_the_old_target_is_let_go (void **state)
{
    world_t *world = *state;
    char path[2][128];
    for (int i = 0; i < 2; i++) {
        snprintf (path[i], sizeof path[i], "%s/%d", world->folder, i);
        mkdir (path[i], 0700);
        snprintf (path[i], sizeof path[i], "%s/%d/real", world->folder, i);
        s_write (path[i], i ? "one" : "other");
        assert_int_equal (symlink (path[i], world->other), 0);
        assert_int_equal (rename (world->other, world->file), 0);
        assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
    }
    s_write (path[0], "who looks?");
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 0);
    s_write (path[1], "who looks?");
    assert_int_equal (s_pass (world, BR_CONF_WATCH_MS), 1);
}

static void
given_changes_that_never_rest_then_they_are_told_all_the_same (void **state)
{
    world_t *world = *state;
    unsigned told = 0;
    for (int i = 0; i < 100; i++) {
        s_replace (world, world->file, "again");
        told += s_pass (world, BR_CONF_WATCH_MS / 2);
    }
    assert_in_range (told, 4, 6); //  in 10 s
}

static void
given_no_folder_then_it_says_so (void **state)
{
    world_t *world = *state;
    const char *paths[] = { "/nowhere/at/all.yaml", NULL };
    br_error_t error;
    assert_null (br_conf_watch_new (world->loop, paths, s_on_change, world, &error));
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, "/nowhere/at/all.yaml"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_a_file_that_is_written_then_it_is_told_after_a_while),
        TEST (given_changes_that_come_together_then_they_are_told_once),
        TEST (given_a_file_that_is_put_in_its_place_then_it_is_told),
        TEST (given_a_file_that_is_made_later_then_it_is_told),
        TEST (given_a_file_that_is_gone_then_it_is_told_when_it_is_back),
        TEST (given_a_file_that_is_still_being_written_then_nothing_is_told),
        TEST (given_other_files_then_nothing_is_told),
        TEST (given_a_link_to_a_folder_that_is_put_in_its_place_then_it_is_told),
        TEST (given_a_link_to_another_folder_then_changes_of_its_target_are_told),
        TEST (given_a_link_that_leads_elsewhere_then_the_old_target_is_let_go),
        TEST (given_changes_that_never_rest_then_they_are_told_all_the_same),
        TEST (given_no_folder_then_it_says_so),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
