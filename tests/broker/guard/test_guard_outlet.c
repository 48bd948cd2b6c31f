//  guard_outlet: events as they go out.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_outlet.h"
#include "tests/broker/guard/channelled.h"

static const char *const s_rows[][3] = {
    { "secret", "sec[0-9]{4}", "redact" },
    { "stop", "STOP", "block" },
    { NULL, NULL, NULL },
};

typedef struct {
    guard_outlet_t *outlet;
    guard_edits_t edits;
    br_buf_t front;
    br_buf_t out;
    int rc;
} world_t;

static int
s_give (void *arg, const guard_event_t *event)
{
    world_t *world = arg;
    return guard_outlet_give (world->outlet, event, &world->edits, &world->front,
                              &world->out);
}

//  in:   edit, what stands in place of the first byte of the data; NULL: nothing
static void
s_check (const char *given, const char *edit, const char *wanted)
{
    world_t world = { .rc = 0 };
    guard_rules_t *rules = channelled_rules (s_rows);
    guard_lane_rules_t common = { rules,       1,    GUARD_DOWN, GUARD_REDACT,
                                  GUARD_BLOCK, NULL, NULL };
    world.outlet = guard_outlet_new (&common);
    guard_edits_init (&world.edits);
    br_buf_init (&world.front, CHANNELLED_MAX);
    br_buf_init (&world.out, CHANNELLED_MAX);
    br_buf_adds (&world.front, "f:");
    if (edit)
        guard_edits_put (&world.edits, 0, 1, (br_text_t) { edit, strlen (edit) });
    guard_events_t *events = guard_events_new (1000, s_give, &world);
    assert_int_equal (guard_events_push (events, given, strlen (given)), 0);
    assert_int_equal (guard_events_end (events), 0);
    assert_string_equal (br_buf_text (&world.out), wanted);
    guard_events_destroy (&events);
    br_buf_free (&world.out);
    br_buf_free (&world.front);
    guard_edits_free (&world.edits);
    guard_outlet_destroy (&world.outlet);
    guard_outlet_destroy (&world.outlet);
    guard_rules_destroy (&rules);
}

static void
given_an_event_when_given_then_its_front_and_edits_are (void **state)
{
    (void) state;
    s_check ("event: e\r\ndata: abc\r\n\r", NULL, "f:event: e\r\ndata: abc\r\n\r");
    s_check ("event: e\ndata: abc\n\n", "XY", "f:event: e\ndata: XYbc\n\n");
    s_check ("data: a\nx: y\n: c\ndata: b\n\n", "X", "f:data: X\ndata: b\n: c\n\n");
}

static void
given_comments_when_given_then_those_stay_that_are_short_and_clean (void **state)
{
    (void) state;
    s_check (": ping", NULL, "f:: ping");
    s_check (": sec1234\r", NULL, "f::\r");
    s_check (": STOP it\n", NULL, "f::\n");
    s_check ("id: 1\n:sec1234\n\n", NULL, "f:id: 1\n:\n\n");
    s_check (":2345678 2345678 2345678 2345678 2345678 2345678 2345678 2345678\n", NULL,
             "f::2345678 2345678 2345678 2345678 2345678 2345678 2345678 2345678\n");
    s_check (":2345678 2345678 2345678 2345678 2345678 2345678 2345678 2345678 \n", NULL,
             "f::\n");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_event_when_given_then_its_front_and_edits_are),
        cmocka_unit_test (
            given_comments_when_given_then_those_stay_that_are_short_and_clean),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
