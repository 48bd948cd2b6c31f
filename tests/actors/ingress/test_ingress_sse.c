//  ingress_sse: what comes in any split goes out as whole events, byte for byte.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_sse.h"

typedef struct {
    ingress_sse_t sse;
    br_buf_t out;
} world_t;

static void
s_write (void *arg, const void *bytes, size_t size)
{
    br_buf_add (arg, bytes, size);
}

static int
s_setup (void **state)
{
    static world_t world;
    br_buf_init (&world.out, 1u << 20);
    ingress_sse_init (&world.sse, s_write, &world.out);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    ingress_sse_free (&world->sse);
    br_buf_free (&world->out);
    return 0;
}

static void
s_push (world_t *world, const char *text)
{
    ingress_sse_push (&world->sse, text, strlen (text));
}

static void
s_is (world_t *world, const char *text)
{
    assert_string_equal (br_buf_text (&world->out), text);
}

static void
whole_events_pass_at_once (void **state)
{
    world_t *world = *state;
    s_push (world, "data: 1\n\ndata: 2\n\n");
    s_is (world, "data: 1\n\ndata: 2\n\n");
    assert_int_equal (ingress_sse_held (&world->sse), 0);
}

static void
half_an_event_waits_for_its_end (void **state)
{
    world_t *world = *state;
    s_push (world, "data: 1\n\ndata: ");
    s_is (world, "data: 1\n\n");
    assert_int_equal (ingress_sse_held (&world->sse), 6);
    s_push (world, "2\n");
    s_is (world, "data: 1\n\n");
    s_push (world, "\ndata: 3");
    s_is (world, "data: 1\n\ndata: 2\n\n");
    assert_true (ingress_sse_is_between (&world->sse));
}

static void
every_split_gives_the_same_bytes (void **state)
{
    world_t *world = *state;
    const char
        *text = "event: a\r\ndata: 1\r\n\r\ndata: 2\n\n: c\n\ndata: 3\r\rdata: 4\n\n";
    for (size_t cut = 0; cut <= strlen (text); cut++) {
        br_buf_clear (&world->out);
        ingress_sse_push (&world->sse, text, cut);
        ingress_sse_push (&world->sse, text + cut, strlen (text) - cut);
        s_is (world, text);
    }
}

static void
single_bytes_leave_with_the_end_of_their_event (void **state)
{
    world_t *world = *state;
    const char *text = "data: x\r\n\r\ndata: y\r\n\r\n";
    for (const char *at = text; *at; at++) {
        ingress_sse_push (&world->sse, at, 1);
        size_t out = world->out.size;
        assert_true (out == 0 || out == 11 || out == 22);
    }
    s_is (world, text);
}

static void
the_end_lets_the_rest_go (void **state)
{
    world_t *world = *state;
    s_push (world, "data: [DONE]\n");
    s_is (world, "");
    ingress_sse_end (&world->sse);
    s_is (world, "data: [DONE]\n");
}

static void
a_break_forgets_the_rest (void **state)
{
    world_t *world = *state;
    s_push (world, "data: 1\n\ndata: 2");
    assert_false (ingress_sse_break (&world->sse));
    ingress_sse_end (&world->sse);
    s_is (world, "data: 1\n\n");
}

static void
an_endless_event_passes_in_parts (void **state)
{
    world_t *world = *state;
    static char part[INGRESS_SSE_HELD_MAX - 10];
    memset (part, 'x', sizeof part);
    s_push (world, "data: ");
    ingress_sse_push (&world->sse, part, sizeof part);
    assert_int_equal (world->out.size, 0);
    ingress_sse_push (&world->sse, part, sizeof part);
    assert_int_equal (world->out.size, 6 + 2 * sizeof part);
    assert_false (ingress_sse_is_between (&world->sse));
    assert_true (ingress_sse_break (&world->sse));

    //  a line break at the start of the next part may belong to its middle
    s_push (world, "\nmore\n\ndata: 2");
    assert_true (ingress_sse_is_between (&world->sse));
    assert_int_equal (ingress_sse_held (&world->sse), 7);
}

static void
a_silent_stream_is_kept_alive_in_the_protocols_way (void **state)
{
    (void) state;
    assert_string_equal (ingress_sse_alive (BR_PROTOCOL_CHAT), ": keep-alive\n");
    assert_string_equal (ingress_sse_alive (BR_PROTOCOL_RESPONSES), ": keep-alive\n");
    assert_string_equal (ingress_sse_alive (BR_PROTOCOL_MESSAGES),
                         "event: ping\ndata: {\"type\": \"ping\"}\n\n");
    assert_string_equal (ingress_sse_alive (BR_PROTOCOL_GOOGLE), "");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (whole_events_pass_at_once),
        TEST (half_an_event_waits_for_its_end),
        TEST (every_split_gives_the_same_bytes),
        TEST (single_bytes_leave_with_the_end_of_their_event),
        TEST (the_end_lets_the_rest_go),
        TEST (a_break_forgets_the_rest),
        TEST (an_endless_event_passes_in_parts),
        TEST (a_silent_stream_is_kept_alive_in_the_protocols_way),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
