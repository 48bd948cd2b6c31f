//  test_order: one block of a choice is open at a time. Deltas are scripted and the
//  writer's side is kept as a transcript: kind, block, text.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "broker/proto/reply.h"

typedef struct {
    br_order_t *order;
    br_buf_t out;
} world_t;

static void
s_note (void *arg, const br_delta_t *delta)
{
    static const char letters[] = {
        [BR_DELTA_START] = 's',  [BR_DELTA_TEXT] = 't',     [BR_DELTA_REASONING] = 'r',
        [BR_DELTA_CALL] = 'c',   [BR_DELTA_ARGS] = 'a',     [BR_DELTA_OPAQUE] = 'o',
        [BR_DELTA_MEDIA] = 'm',  [BR_DELTA_FINISH] = 'F',   [BR_DELTA_PING] = 'p',
        [BR_DELTA_END] = 'E',    [BR_DELTA_REFUSAL] = '?',  [BR_DELTA_CITATION] = '?',
        [BR_DELTA_HOSTED] = '?', [BR_DELTA_LOGPROBS] = '?', [BR_DELTA_USAGE] = 'u',
        [BR_DELTA_ERROR] = 'X',
    };
    world_t *world = arg;
    br_buf_addf (&world->out, "%c%u.%u", letters[delta->kind], delta->choice,
                 delta->block);
    br_text_t text = delta->kind == BR_DELTA_CALL     ? delta->name
                     : delta->kind == BR_DELTA_OPAQUE ? delta->opaque->bytes
                     : delta->kind == BR_DELTA_MEDIA  ? delta->media->data
                                                      : delta->text;
    br_buf_addf (&world->out, "%.*s ", (int) text.size, text.size ? text.at : "");
}

static int
s_setup (void **state)
{
    static world_t world;
    world.order = br_order_new (s_note, &world);
    br_buf_init (&world.out, 1 << 20);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    br_order_destroy (&world->order);
    br_order_destroy (&world->order);
    br_buf_free (&world->out);
    return 0;
}

static int
s_push (void **state, br_delta_kind_t kind, unsigned block, const char *text)
{
    world_t *world = *state;
    br_delta_t delta = { .kind = kind, .block = block };
    if (kind == BR_DELTA_CALL)
        delta.name = br_text (text);
    else
        delta.text = br_text (text);
    br_error_t error;
    return br_order_push (world->order, &delta, &error);
}

static void
s_is (void **state, const char *transcript)
{
    world_t *world = *state;
    assert_string_equal (br_buf_text (&world->out), transcript);
}

static void
given_blocks_in_order_when_pushed_then_they_pass_with_new_numbers (void **state)
{
    s_push (state, BR_DELTA_START, 0, NULL);
    s_push (state, BR_DELTA_REASONING, 3, "x");
    s_push (state, BR_DELTA_TEXT, 7, "y");
    s_push (state, BR_DELTA_TEXT, 7, "z");
    s_push (state, BR_DELTA_CALL, 9, "f");
    s_push (state, BR_DELTA_ARGS, 9, "{}");
    s_push (state, BR_DELTA_FINISH, 0, NULL);
    s_push (state, BR_DELTA_END, 0, NULL);
    s_is (state, "s0.0 r0.0x t0.1y t0.1z c0.2f a0.2{} F0.0 E0.0 ");
}

static void
given_text_that_returns_when_pushed_then_it_is_another_block (void **state)
{
    s_push (state, BR_DELTA_TEXT, 0, "a");
    s_push (state, BR_DELTA_REASONING, 1, "b");
    s_push (state, BR_DELTA_TEXT, 0, "c");
    s_is (state, "t0.0a r0.1b t0.2c ");
}

static void
given_calls_that_overlap_when_pushed_then_the_second_waits_for_the_first (void **state)
{
    s_push (state, BR_DELTA_CALL, 0, "f");
    s_push (state, BR_DELTA_ARGS, 0, "{\"a\":");
    s_push (state, BR_DELTA_CALL, 1, "g");
    s_push (state, BR_DELTA_ARGS, 1, "{\"b\"");
    s_is (state, "c0.0f a0.0{\"a\": ");
    s_push (state, BR_DELTA_ARGS, 0, "\"}\"}");
    s_is (state, "c0.0f a0.0{\"a\": a0.0\"}\"} c0.1g a0.1{\"b\" ");
    s_push (state, BR_DELTA_ARGS, 1, ":1}");
    s_is (state, "c0.0f a0.0{\"a\": a0.0\"}\"} c0.1g a0.1{\"b\" a0.1:1} ");
}

static void
given_whole_calls_in_a_row_when_pushed_then_none_waits (void **state)
{
    s_push (state, BR_DELTA_CALL, 0, "f");
    s_push (state, BR_DELTA_ARGS, 0, "{\"a\":[1,{}],\"s\":\"\\\"}\"}");
    s_push (state, BR_DELTA_CALL, 1, "g");
    s_is (state, "c0.0f a0.0{\"a\":[1,{}],\"s\":\"\\\"}\"} c0.1g ");
    assert_int_equal (s_push (state, BR_DELTA_ARGS, 0, " \n"), 0);
    assert_int_equal (s_push (state, BR_DELTA_ARGS, 0, "{"), -1);
}

static void
given_a_call_without_arguments_when_others_follow_then_they_wait (void **state)
{
    s_push (state, BR_DELTA_CALL, 0, "f");
    s_push (state, BR_DELTA_TEXT, 1, "x");
    s_push (state, BR_DELTA_CALL, 2, "g");
    s_push (state, BR_DELTA_TEXT, 1, "y");
    s_push (state, BR_DELTA_PING, 0, NULL);
    s_is (state, "c0.0f p0.0 ");
    s_push (state, BR_DELTA_FINISH, 0, NULL);
    s_is (state, "c0.0f p0.0 t0.1x t0.1y c0.2g F0.0 ");
}

static void
given_a_freeform_call_when_another_follows_then_its_brackets_end_nothing (void **state)
{
    world_t *world = *state;
    br_delta_t delta = { .kind = BR_DELTA_CALL, .name = BR_TEXT ("f"), .custom = true };
    br_order_push (world->order, &delta, NULL);
    s_push (state, BR_DELTA_ARGS, 0, "{}");
    s_push (state, BR_DELTA_CALL, 1, "g");
    s_push (state, BR_DELTA_ARGS, 0, "!");
    s_push (state, BR_DELTA_END, 0, NULL);
    s_is (state, "c0.0f a0.0{} a0.0! c0.1g E0.0 ");
}

static void
given_a_call_that_its_reader_ends_when_another_follows_then_it_passes (void **state)
{
    world_t *world = *state;
    static const bool customs[] = { false, true };
    for (unsigned i = 0; i < 2; i++) {
        br_delta_t delta = { .kind = BR_DELTA_CALL,
                             .block = 2 * i,
                             .name = BR_TEXT ("f"),
                             .custom = customs[i] };
        br_order_push (world->order, &delta, NULL);
        delta = (br_delta_t) { .kind = BR_DELTA_ARGS, .block = 2 * i, .last = true };
        br_order_push (world->order, &delta, NULL);
        s_push (state, BR_DELTA_TEXT, 2 * i + 1, "x");
    }
    s_is (state, "c0.0f t0.1x c0.2f t0.3x ");
    //  Also when it had to wait.
    s_push (state, BR_DELTA_CALL, 4, "g");
    s_push (state, BR_DELTA_CALL, 5, "h");
    br_delta_t last = { .kind = BR_DELTA_ARGS, .block = 5, .last = true };
    br_order_push (world->order, &last, NULL);
    s_push (state, BR_DELTA_TEXT, 6, "y");
    s_push (state, BR_DELTA_ARGS, 4, "{}");
    s_is (state, "c0.0f t0.1x c0.2f t0.3x c0.4g a0.4{} c0.5h t0.6y ");
}

static void
given_blobs_that_wait_when_said_then_they_are_whole (void **state)
{
    world_t *world = *state;
    s_push (state, BR_DELTA_CALL, 0, "f");
    char bytes[] = "blob";
    br_opaque_t opaque = { .bytes = { bytes, 4 } };
    br_media_t media = { .data = { bytes, 4 } };
    br_delta_t delta = { .kind = BR_DELTA_OPAQUE, .block = 1, .opaque = &opaque };
    br_order_push (world->order, &delta, NULL);
    delta = (br_delta_t) { .kind = BR_DELTA_MEDIA, .block = 2, .media = &media };
    br_order_push (world->order, &delta, NULL);
    memset (bytes, '-', 4);
    s_push (state, BR_DELTA_FINISH, 0, NULL);
    s_is (state, "c0.0f o0.1blob m0.2blob F0.0 ");
}

static void
given_two_choices_when_pushed_then_each_has_its_own_order (void **state)
{
    world_t *world = *state;
    s_push (state, BR_DELTA_CALL, 5, "f");
    br_delta_t delta = {
        .kind = BR_DELTA_TEXT, .choice = 1, .block = 8, .text = BR_TEXT ("x")
    };
    br_order_push (world->order, &delta, NULL);
    s_is (state, "c0.0f t1.0x ");
}

static void
given_pieces_of_an_unknown_call_when_pushed_then_they_are_refused (void **state)
{
    assert_int_equal (s_push (state, BR_DELTA_ARGS, 0, "{}"), -1);
}

static void
given_very_many_choices_or_blocks_when_pushed_then_it_is_refused (void **state)
{
    world_t *world = *state;
    int rc = 0;
    for (unsigned i = 0; i < 100000 && rc == 0; i++)
        rc = s_push (state, BR_DELTA_CALL, i, "f");
    assert_int_equal (rc, -1);
    rc = 0;
    for (unsigned i = 0; i < 1000 && rc == 0; i++) {
        br_delta_t delta = { .kind = BR_DELTA_TEXT, .choice = i };
        rc = br_order_push (world->order, &delta, NULL);
    }
    assert_int_equal (rc, -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_blocks_in_order_when_pushed_then_they_pass_with_new_numbers),
        TEST (given_text_that_returns_when_pushed_then_it_is_another_block),
        TEST (given_calls_that_overlap_when_pushed_then_the_second_waits_for_the_first),
        TEST (given_whole_calls_in_a_row_when_pushed_then_none_waits),
        TEST (given_a_call_without_arguments_when_others_follow_then_they_wait),
        TEST (given_a_freeform_call_when_another_follows_then_its_brackets_end_nothing),
        TEST (given_a_call_that_its_reader_ends_when_another_follows_then_it_passes),
        TEST (given_blobs_that_wait_when_said_then_they_are_whole),
        TEST (given_two_choices_when_pushed_then_each_has_its_own_order),
        TEST (given_pieces_of_an_unknown_call_when_pushed_then_they_are_refused),
        TEST (given_very_many_choices_or_blocks_when_pushed_then_it_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
