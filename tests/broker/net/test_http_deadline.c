//  The bounds of a transfer, under a clock that the test moves.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/net/http_deadline.h"

typedef struct {
    uint64_t now_ns;
    br_loop_t *loop;
    http_deadline_t deadline;
    int ends;
    http_end_t end;
} scene_t;

static void
s_expired (void *arg, http_end_t end)
{
    scene_t *self = arg;
    self->ends++;
    self->end = end;
}

static void
s_open (scene_t *self, http_request_t request)
{
    *self = (scene_t) { .now_ns = 0 };
    self->loop = br_loop_new (br_clock_manual (&self->now_ns));
    http_deadline_start (&self->deadline, self->loop, &request, s_expired, self);
}

static void
s_close (scene_t *self)
{
    http_deadline_stop (&self->deadline);
    br_loop_destroy (&self->loop);
}

static void
s_pass (scene_t *self, uint64_t ms)
{
    self->now_ns += ms * 1000000;
    br_loop_turn (self->loop, 0);
}

static void
test_no_bounds_never_end (void **state)
{
    (void) state;
    scene_t scene;
    s_open (&scene, (http_request_t) { .method = "GET" });
    assert_false (br_timer_is_set (&scene.deadline.timer));
    http_deadline_touch (&scene.deadline);
    s_pass (&scene, 1u << 30);
    assert_int_equal (scene.ends, 0);
    s_close (&scene);
}

static void
test_nearest_bound_counts (void **state)
{
    (void) state;
    scene_t scene;
    s_open (&scene,
            (http_request_t) { .connect_ms = 10, .first_byte_ms = 20, .total_ms = 30 });
    s_pass (&scene, 10);
    assert_int_equal (scene.end, HTTP_END_TIMEOUT_CONNECT);
    s_close (&scene);
    s_open (&scene,
            (http_request_t) { .connect_ms = 10, .first_byte_ms = 20, .total_ms = 30 });
    http_deadline_connected (&scene.deadline);
    s_pass (&scene, 19);
    assert_int_equal (scene.ends, 0);
    s_pass (&scene, 1);
    assert_int_equal (scene.end, HTTP_END_TIMEOUT_FIRST);
    s_close (&scene);
    s_open (&scene, (http_request_t) { .first_byte_ms = 20, .total_ms = 30 });
    http_deadline_touch (&scene.deadline);
    s_pass (&scene, 29);
    assert_int_equal (scene.ends, 0);
    s_pass (&scene, 1);
    assert_int_equal (scene.end, HTTP_END_TIMEOUT_TOTAL);
    assert_int_equal (scene.ends, 1);
    s_close (&scene);
}

static void
test_bytes_move_the_idle_bound_without_moving_the_timer (void **state)
{
    (void) state;
    scene_t scene;
    s_open (&scene, (http_request_t) { .first_byte_ms = 5000, .idle_ms = 100 });
    http_deadline_touch (&scene.deadline);
    uint64_t due_ns = scene.deadline.timer.due_ns;
    for (int i = 0; i < 9; i++) {
        s_pass (&scene, 10);
        http_deadline_touch (&scene.deadline);
        assert_int_equal (scene.deadline.timer.due_ns, due_ns);
    }
    s_pass (&scene, 99);
    assert_int_equal (scene.ends, 0);
    s_pass (&scene, 1);
    assert_int_equal (scene.ends, 1);
    assert_int_equal (scene.end, HTTP_END_TIMEOUT_IDLE);
    s_close (&scene);
}

static void
test_pause_stops_the_idle_bound_alone (void **state)
{
    (void) state;
    scene_t scene;
    s_open (&scene, (http_request_t) { .idle_ms = 100, .total_ms = 10000 });
    http_deadline_touch (&scene.deadline);
    http_deadline_pause (&scene.deadline);
    s_pass (&scene, 5000);
    assert_int_equal (scene.ends, 0);
    http_deadline_resume (&scene.deadline);
    s_pass (&scene, 99);
    assert_int_equal (scene.ends, 0);
    http_deadline_pause (&scene.deadline);
    s_pass (&scene, 4901);
    assert_int_equal (scene.end, HTTP_END_TIMEOUT_TOTAL);
    s_close (&scene);
}

static void
test_moments_are_told_in_microseconds (void **state)
{
    (void) state;
    scene_t scene;
    s_open (&scene, (http_request_t) { .total_ms = 10000 });
    assert_int_equal (http_deadline_us (&scene.deadline, scene.deadline.first_ns), 0);
    s_pass (&scene, 7);
    http_deadline_touch (&scene.deadline);
    assert_int_equal (http_deadline_us (&scene.deadline, scene.deadline.first_ns), 7000);
    s_close (&scene);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_no_bounds_never_end),
        cmocka_unit_test (test_nearest_bound_counts),
        cmocka_unit_test (test_bytes_move_the_idle_bound_without_moving_the_timer),
        cmocka_unit_test (test_pause_stops_the_idle_bound_alone),
        cmocka_unit_test (test_moments_are_told_in_microseconds),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
