//  test_translate_join: a new answer behind one that was cut: numbers of blocks, texts
//  that are told twice, and the call that asks for it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "broker/proto/translate_join.h"

typedef struct {
    br_resume_t *told;
    translate_join_t *join;
    br_buf_t out;
} world_t;

static void
s_note (void *arg, const br_delta_t *delta)
{
    static const char *const names[] = {
        [BR_DELTA_START] = "start",     [BR_DELTA_TEXT] = "text",
        [BR_DELTA_REASONING] = "think", [BR_DELTA_OPAQUE] = "blob",
        [BR_DELTA_CITATION] = "cite",   [BR_DELTA_CALL] = "call",
        [BR_DELTA_ARGS] = "args",       [BR_DELTA_FINISH] = "finish",
        [BR_DELTA_ERROR] = "error",     [BR_DELTA_END] = "end",
    };
    br_buf_addf (arg, "%s%u(%.*s) ", names[delta->kind], delta->block,
                 (int) delta->text.size, delta->text.size ? delta->text.at : "");
}

//  A thought and a text, where they are not NULL, have been told.
static void
s_begin (world_t *world, const char *thought, const char *text, size_t blanks)
{
    world->told = br_resume_new (BR_PROTOCOL_CHAT, "0123456789abcdef01234567", 1);
    br_resume_add (world->told, &(br_delta_t) { .kind = BR_DELTA_START });
    if (thought)
        br_resume_add (world->told, &(br_delta_t) { .kind = BR_DELTA_REASONING,
                                                    .text = br_text (thought) });
    if (text)
        br_resume_add (world->told, &(br_delta_t) { .kind = BR_DELTA_TEXT,
                                                    .block = thought != NULL,
                                                    .text = br_text (text) });
    br_buf_init (&world->out, 1 << 16);
    world->join = translate_join_new (world->told, blanks, s_note, &world->out);
}

static void
s_push (world_t *world, br_delta_kind_t kind, unsigned block, const char *text)
{
    br_opaque_t blob = { .kind = BR_OPAQUE_SIGNATURE };
    translate_join_push (world->join, &(br_delta_t) { .kind = kind,
                                                      .block = block,
                                                      .text = br_text (text),
                                                      .opaque = &blob });
}

static void
s_text (world_t *world, const char *text)
{
    s_push (world, BR_DELTA_TEXT, 0, text);
}

static void
s_ends (world_t *world, const char *wanted)
{
    assert_string_equal (br_buf_text (&world->out), wanted);
    translate_join_destroy (&world->join);
    translate_join_destroy (&world->join);
    br_resume_destroy (&world->told);
    br_buf_free (&world->out);
}

//  ---- blocks

static void
given_text_told_when_more_comes_then_it_goes_on_in_its_block (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, "hm", "Hello", 0);
    s_push (&world, BR_DELTA_START, 0, NULL);
    s_push (&world, BR_DELTA_REASONING, 0, "so");
    s_push (&world, BR_DELTA_OPAQUE, 0, NULL);
    s_push (&world, BR_DELTA_TEXT, 1, " you");
    s_push (&world, BR_DELTA_OPAQUE, 1, NULL);
    s_push (&world, BR_DELTA_CITATION, 1, NULL);
    s_push (&world, BR_DELTA_CALL, 2, NULL);
    s_push (&world, BR_DELTA_ARGS, 2, "{}");
    s_push (&world, BR_DELTA_OPAQUE, 3, NULL);
    s_push (&world, BR_DELTA_TEXT, 4, "x");
    s_push (&world, BR_DELTA_FINISH, 0, NULL);
    s_push (&world, BR_DELTA_END, 0, NULL);
    s_ends (&world, "start0() text1( you) cite1() call2() args2({}) text3(x) finish0() "
                    "end0() ");
}

static void
given_text_told_when_a_call_comes_first_then_text_behind_it_is_new (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, NULL, "Hello", 0);
    s_push (&world, BR_DELTA_CALL, 0, NULL);
    s_push (&world, BR_DELTA_TEXT, 1, "Hello");
    s_ends (&world, "call1() text2(Hello) ");
}

static void
given_reasoning_told_when_more_comes_then_all_blocks_are_new (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, "hm", NULL, 0);
    s_push (&world, BR_DELTA_REASONING, 0, "hm");
    s_push (&world, BR_DELTA_OPAQUE, 0, NULL);
    s_push (&world, BR_DELTA_TEXT, 1, "yes");
    s_ends (&world, "think1(hm) blob1() text2(yes) ");
}

static void
given_a_second_choice_when_pushed_then_it_is_dropped (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, NULL, "Hello", 0);
    translate_join_push (
        world.join,
        &(br_delta_t) { .kind = BR_DELTA_TEXT, .choice = 1, .text = BR_TEXT ("x") });
    s_ends (&world, "");
}

//  ---- repetitions

static void
given_a_model_that_restarts_when_it_repeats_all_then_that_is_left_out (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, NULL, "Hello you", 0);
    s_text (&world, "Hel");
    s_text (&world, "lo");
    s_text (&world, " you there");
    s_text (&world, "Hello you");
    s_ends (&world, "text0( there) text0(Hello you) ");
}

static void
given_a_text_that_only_begins_the_same_when_it_differs_then_all_is_told (void **state)
{
    (void) state;
    world_t world;
    //  é and è share their first byte
    s_begin (&world, NULL, "Hello \xc3\xa9", 0);
    s_text (&world, "Hello ");
    s_text (&world, "\xc3\xa8!");
    s_ends (&world, "text0(Hello ) text0(\xc3\xa8!) ");
    s_begin (&world, NULL, "Hello", 0);
    s_text (&world, "Hel");
    s_push (&world, BR_DELTA_FINISH, 0, NULL);
    s_ends (&world, "text0(Hel) finish0() ");
    s_begin (&world, NULL, "Hello", 0);
    s_text (&world, "Hel");
    s_push (&world, BR_DELTA_CALL, 1, NULL);
    s_ends (&world, "text0(Hel) call1() ");
}

static void
given_a_repetition_when_it_breaks_off_then_nothing_is_told (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, NULL, "Hello", 0);
    s_text (&world, "Hel");
    s_push (&world, BR_DELTA_ERROR, 0, NULL);
    s_ends (&world, "error0() ");
}

static void
given_blanks_that_were_not_sent_when_they_come_again_then_they_are_left_out (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, NULL, "Hello \n", 2);
    s_text (&world, " ");
    s_text (&world, "\nyou \n");
    s_ends (&world, "text0(you \n) ");
    s_begin (&world, NULL, "Hello ", 1);
    s_text (&world, "you ");
    s_ends (&world, "text0(you ) ");
    s_begin (&world, NULL, "Hello\n\n", 2);
    s_text (&world, "\nyou");
    s_ends (&world, "text0(you) ");
    s_begin (&world, NULL, "Hello ", 1);
    s_text (&world, "Hello  you");
    s_ends (&world, "text0( you) ");
}

//  ---- the call

static br_call_t *
s_call (br_protocol_t protocol, br_turn_role_t role, const char *text)
{
    br_call_t *call = br_call_new (protocol);
    br_turn_t *turn = br_call_add_turn (call, role);
    br_block_add (&turn->blocks, BR_BLOCK_TEXT, call->arena)->text = br_text (text);
    return call;
}

static void
given_a_call_when_text_is_told_then_it_ends_with_it (void **state)
{
    (void) state;
    br_call_t *call = s_call (BR_PROTOCOL_CHAT, BR_TURN_USER, "hi");
    assert_true (translate_join_call (call, BR_TEXT ("Hel")));
    assert_int_equal (call->turns->next->role, BR_TURN_ASSISTANT);
    assert_true (br_text_is (call->turns->next->blocks->text, "Hel"));
    assert_false (translate_join_call (call, BR_TEXT (" \n")));
    assert_false (translate_join_call (call, BR_TEXT_NONE));
    assert_null (call->turns->next->next);
    br_call_destroy (&call);
}

static void
given_a_call_that_ends_with_an_answer_when_text_is_told_then_they_are_one (void **state)
{
    (void) state;
    br_call_t *call = s_call (BR_PROTOCOL_CHAT, BR_TURN_ASSISTANT, "Hel");
    assert_true (translate_join_call (call, BR_TEXT ("lo")));
    assert_true (br_text_is (call->turns->blocks->text, "Hello"));
    assert_null (call->turns->next);
    //  given: a block that is more than its text
    call->turns->blocks->raw = BR_TEXT ("{}");
    call->turns->name = BR_TEXT ("bob");
    assert_true (translate_join_call (call, BR_TEXT ("lo")));
    br_loss_t *losses = NULL;
    br_call_settle_turns (call, &losses);
    assert_null (losses);
    assert_null (call->turns->next);
    assert_true (br_text_is (call->turns->blocks->next->text, "lo"));
    br_call_destroy (&call);
}

static void
given_a_prompt_when_text_is_told_then_it_is_part_of_it (void **state)
{
    (void) state;
    br_call_t *call = s_call (BR_PROTOCOL_COMPLETIONS, BR_TURN_USER, "Once");
    assert_false (translate_join_call (call, BR_TEXT (" upon")));
    assert_true (br_text_is (call->turns->blocks->text, "Once upon"));
    assert_null (call->turns->next);
    br_call_destroy (&call);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_text_told_when_more_comes_then_it_goes_on_in_its_block),
        cmocka_unit_test (
            given_text_told_when_a_call_comes_first_then_text_behind_it_is_new),
        cmocka_unit_test (given_reasoning_told_when_more_comes_then_all_blocks_are_new),
        cmocka_unit_test (given_a_second_choice_when_pushed_then_it_is_dropped),
        cmocka_unit_test (
            given_a_model_that_restarts_when_it_repeats_all_then_that_is_left_out),
        cmocka_unit_test (
            given_a_text_that_only_begins_the_same_when_it_differs_then_all_is_told),
        cmocka_unit_test (given_a_repetition_when_it_breaks_off_then_nothing_is_told),
        cmocka_unit_test (
            given_blanks_that_were_not_sent_when_they_come_again_then_they_are_left_out),
        cmocka_unit_test (given_a_call_when_text_is_told_then_it_ends_with_it),
        cmocka_unit_test (
            given_a_call_that_ends_with_an_answer_when_text_is_told_then_they_are_one),
        cmocka_unit_test (given_a_prompt_when_text_is_told_then_it_is_part_of_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
