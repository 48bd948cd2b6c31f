//  guard_queue: small bodies at once, large ones by turns.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tests/actors/guard/guard_world.h"

typedef struct {
    br_buf_t *order; //  names of bodies, as they were done
    char *text;
    guard_body_t *body;
    guard_job_t *job;
    char name;
} work_t;

static void
s_on_finding (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    (void) arg;
    (void) finding;
    (void) place;
}

static void
s_on_done (void *arg)
{
    work_t *work = arg;
    work->job = NULL;
    br_buf_addc (work->order, work->name);
}

//  A body of so many slices, about.
static work_t
s_work (guard_world_t *world, br_buf_t *order, char name, unsigned slices)
{
    work_t work = { .order = order, .name = name };
    char *letters = br_alloc (slices * GUARD_SLICE + 1, 1);
    memset (letters, 'a', slices * GUARD_SLICE);
    work.text = br_strf ("{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}",
                         letters);
    work.body = guard_body_new (world->conf->rules, KEYS, GUARD_UP, GUARD_REDACT,
                                GUARD_BLOCK, BR_SURFACE_CHAT, work.text,
                                strlen (work.text), s_on_finding, NULL);
    free (letters);
    return work;
}

static void
s_add (guard_world_t *world, work_t *work)
{
    work->job = guard_queue_add (world->env.queue, work->body, s_on_done, work);
}

static void
s_free (guard_world_t *world, work_t *work)
{
    guard_queue_drop (world->env.queue, &work->job);
    assert_null (work->job);
    guard_body_destroy (&work->body);
    free (work->text);
}

static void
a_small_body_is_done_at_once (void **state)
{
    guard_world_t *world = *state;
    br_buf_t order;
    br_buf_init (&order, 16);
    work_t work = s_work (world, &order, 'a', 0);
    s_add (world, &work);
    assert_null (work.job);
    assert_string_equal (br_buf_text (&order), "a");
    s_free (world, &work);
    br_buf_free (&order);
}

static void
large_bodies_take_turns (void **state)
{
    guard_world_t *world = *state;
    br_buf_t order;
    br_buf_init (&order, 16);
    work_t works[] = { s_work (world, &order, 'l', 9), s_work (world, &order, 'm', 4),
                       s_work (world, &order, 's', 0) };
    for (size_t i = 0; i < 3; i++) {
        s_add (world, &works[i]);
        assert_non_null (works[i].job);
    }
    assert_string_equal (br_buf_text (&order), "");
    stage_settle (&world->stage);
    assert_string_equal (br_buf_text (&order), "sml");
    for (size_t i = 0; i < 3; i++)
        s_free (world, &works[i]);
    br_buf_free (&order);
}

//  Given three, then any of them may be forgotten, and the others are done.
static void
a_job_that_is_dropped_is_never_done (void **state)
{
    guard_world_t *world = *state;
    const char *const left[] = { "bc", "ac", "ab" };
    for (size_t dropped = 0; dropped < 3; dropped++) {
        br_buf_t order;
        br_buf_init (&order, 16);
        work_t works[] = { s_work (world, &order, 'a', 3), s_work (world, &order, 'b', 3),
                           s_work (world, &order, 'c', 3) };
        for (size_t i = 0; i < 3; i++)
            s_add (world, &works[i]);
        br_host_work (world->stage.host);
        guard_queue_drop (world->env.queue, &works[dropped].job);
        stage_settle (&world->stage);
        const char *text = br_buf_text (&order);
        assert_int_equal (strlen (text), 2);
        for (const char *at = left[dropped]; *at; at++)
            assert_non_null (strchr (text, *at));
        for (size_t i = 0; i < 3; i++)
            s_free (world, &works[i]);
        br_buf_free (&order);
    }
}

static void
the_only_job_may_be_dropped (void **state)
{
    guard_world_t *world = *state;
    br_buf_t order;
    br_buf_init (&order, 16);
    work_t work = s_work (world, &order, 'a', 3);
    s_add (world, &work);
    guard_queue_drop (world->env.queue, &work.job);
    guard_queue_drop (world->env.queue, &work.job); //  there is none any more
    stage_settle (&world->stage);
    work_t next = s_work (world, &order, 'b', 3);
    s_add (world, &next);
    stage_settle (&world->stage);
    assert_string_equal (br_buf_text (&order), "b");
    s_free (world, &work);
    s_free (world, &next);
    br_buf_free (&order);
}

static void
a_queue_with_jobs_may_be_destroyed (void **state)
{
    guard_world_t *world = *state;
    br_buf_t order;
    br_buf_init (&order, 16);
    work_t works[] = { s_work (world, &order, 'a', 3), s_work (world, &order, 'b', 3) };
    for (size_t i = 0; i < 2; i++)
        s_add (world, &works[i]);
    guard_queue_destroy (&world->env.queue);
    assert_null (world->env.queue);
    guard_queue_destroy (&world->env.queue);
    for (size_t i = 0; i < 2; i++) {
        guard_body_destroy (&works[i].body);
        free (works[i].text);
    }
    br_buf_free (&order);
}

#define TEST(name)                                                                       \
    cmocka_unit_test_setup_teardown (name, guard_world_setup, guard_world_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_small_body_is_done_at_once),        TEST (large_bodies_take_turns),
        TEST (a_job_that_is_dropped_is_never_done), TEST (the_only_job_may_be_dropped),
        TEST (a_queue_with_jobs_may_be_destroyed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
