//  tui_tail: reads along in a file that grows.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/tui/scene.h"
#include "tui/tui_tail.h"

typedef struct {
    char path[32];
    tui_model_t *model;
    tui_tail_t *tail;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    strcpy (world.path, "/tmp/br-tail-XXXXXX");
    int fd = mkstemp (world.path);
    assert_true (fd >= 0);
    close (fd);
    unlink (world.path);
    world.model = tui_model_new (SCENE_NOW);
    world.tail = tui_tail_new (world.path);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    tui_tail_destroy (&world->tail);
    tui_model_destroy (&world->model);
    unlink (world->path);
    return 0;
}

static void
s_write (const world_t *world, const char *how, const char *text)
{
    FILE *file = fopen (world->path, how);
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
}

static const char *
s_newest (const world_t *world)
{
    return tui_notes_at (tui_model_notes (world->model), 0)->text;
}

static size_t
s_count (const world_t *world)
{
    return tui_notes_count (tui_model_notes (world->model));
}

static void
given_a_file_that_comes_when_it_grows_then_whole_lines_are_taken (void **state)
{
    world_t *world = *state;
    assert_false (tui_tail_turn (world->tail, world->model));
    s_write (world, "w", "one\ntwo\nthr");
    assert_true (tui_tail_turn (world->tail, world->model));
    assert_string_equal (s_newest (world), "two");
    assert_false (tui_tail_turn (world->tail, world->model));
    s_write (world, "a", "ee\n");
    assert_true (tui_tail_turn (world->tail, world->model));
    assert_string_equal (s_newest (world), "three");
    assert_int_equal (s_count (world), 3);
}

static void
given_a_file_that_is_emptied_when_it_grows_then_it_is_read_anew (void **state)
{
    world_t *world = *state;
    s_write (world, "w", "a long line of the old file\n");
    tui_tail_turn (world->tail, world->model);
    s_write (world, "w", "new\n");
    assert_true (tui_tail_turn (world->tail, world->model));
    assert_string_equal (s_newest (world), "new");
}

static void
given_a_large_file_when_first_read_then_its_end_is_taken (void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 300; i++)
        s_write (world, "a", "0123456789012345678901234567890\n");
    s_write (world, "a", "last\n");
    tui_tail_turn (world->tail, world->model);
    assert_string_equal (s_newest (world), "last");
    assert_in_range (s_count (world), 100, 129);
}

static void
given_a_line_without_end_when_read_then_it_is_let_go (void **state)
{
    world_t *world = *state;
    s_write (world, "w", "x\n");
    tui_tail_turn (world->tail, world->model);
    char *piece = calloc (70001, 1);
    memset (piece, 'y', 70000);
    s_write (world, "a", piece);
    s_write (world, "a", "\nafter\n");
    free (piece);
    tui_tail_turn (world->tail, world->model);
    tui_tail_turn (world->tail, world->model);
    assert_string_equal (s_newest (world), "after");
    assert_int_equal (s_count (world), 2);
}

static void
given_no_file_when_turned_then_nothing_comes (void **state)
{
    world_t *world = *state;
    tui_tail_t *tail = tui_tail_new (NULL);
    assert_false (tui_tail_turn (tail, world->model));
    tui_tail_destroy (&tail);
    tail = tui_tail_new ("/tmp");
    assert_false (tui_tail_turn (tail, world->model));
    tui_tail_destroy (&tail);
}

int
main (void)
{
#define S_TEST(function) cmocka_unit_test_setup_teardown (function, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        S_TEST (given_a_file_that_comes_when_it_grows_then_whole_lines_are_taken),
        S_TEST (given_a_file_that_is_emptied_when_it_grows_then_it_is_read_anew),
        S_TEST (given_a_large_file_when_first_read_then_its_end_is_taken),
        S_TEST (given_a_line_without_end_when_read_then_it_is_let_go),
        S_TEST (given_no_file_when_turned_then_nothing_comes),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
