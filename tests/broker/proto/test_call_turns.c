//  test_call_turns: turns are merged, results find their calls. Calls are built from a
//  short script and read back as one: roles U, A, S; blocks t:text, c:id:name, r:id:name.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/call.h"

static br_text_t
s_word (br_call_t *call, const char **at)
{
    if (**at != ':')
        return BR_TEXT_NONE;
    const char *from = ++*at;
    size_t size = strcspn (from, ": ");
    *at += size;
    return size ? br_arena_text (call->arena, (br_text_t) { from, size }) : BR_TEXT_NONE;
}

static void
s_add_block (br_call_t *call, br_turn_t *turn, char kind, const char **at)
{
    br_block_kind_t as = kind == 't'   ? BR_BLOCK_TEXT
                         : kind == 'c' ? BR_BLOCK_CALL
                                       : BR_BLOCK_RESULT;
    br_block_t *block = br_block_add (&turn->blocks, as, call->arena);
    br_text_t word = s_word (call, at);
    if (as == BR_BLOCK_TEXT) {
        block->text = word;
        return;
    }
    block->id = word;
    block->name = s_word (call, at);
    block->path = br_arena_textf (call->arena, "path.%.*s", (int) word.size, word.at);
}

static br_call_t *
s_call (const char *script)
{
    br_call_t *call = br_call_new (BR_PROTOCOL_CHAT);
    br_turn_t *turn = NULL;
    for (const char *at = script; *at;) {
        char c = *at++;
        if (c == 'U' || c == 'A' || c == 'S')
            turn = br_call_add_turn (call, c == 'U'   ? BR_TURN_USER
                                           : c == 'A' ? BR_TURN_ASSISTANT
                                                      : BR_TURN_SYSTEM);
        else if (c != ' ')
            s_add_block (call, turn, c, &at);
    }
    return call;
}

static void
s_write_block (const br_block_t *block, br_buf_t *out)
{
    if (block->kind == BR_BLOCK_TEXT) {
        br_buf_addf (out, " t:%.*s", (int) block->text.size, block->text.at);
        return;
    }
    br_buf_addf (out, " %c:%.*s:%.*s", block->kind == BR_BLOCK_CALL ? 'c' : 'r',
                 (int) block->id.size, block->id.at, (int) block->name.size,
                 block->name.at);
    if (block->error)
        br_buf_adds (out, "!");
}

static void
s_is (br_call_t *call, const char *script)
{
    br_buf_t out;
    br_buf_init (&out, 1 << 16);
    for (const br_turn_t *turn = call->turns; turn; turn = turn->next) {
        br_buf_addf (&out, "%s%c", turn == call->turns ? "" : " ", "UAS"[turn->role]);
        for (const br_block_t *block = turn->blocks; block; block = block->next)
            s_write_block (block, &out);
    }
    assert_string_equal (br_buf_text (&out), script);
    br_buf_free (&out);
}

static void
s_losses_are (const br_loss_t *losses, const char *line)
{
    br_buf_t out;
    br_buf_init (&out, 4096);
    br_loss_write (losses, &out);
    assert_string_equal (br_buf_text (&out), line);
    br_buf_free (&out);
}

//  Settles twice: the second time changes nothing.
static void
s_settles (const char *script, const char *settled, const char *line)
{
    br_call_t *call = s_call (script);
    br_loss_t *losses = NULL;
    br_call_settle_turns (call, &losses);
    s_is (call, settled);
    s_losses_are (losses, line);
    losses = NULL;
    br_call_settle_turns (call, &losses);
    s_is (call, settled);
    s_losses_are (losses, "");
    br_call_destroy (&call);
}

static void
given_turns_of_one_role_when_settled_then_they_are_one (void **state)
{
    (void) state;
    s_settles ("", "", "");
    s_settles ("U t:a U t:b A t:c A t:d A t:e U t:f", "U t:a t:b A t:c t:d t:e U t:f",
               "");
}

static void
given_instructions_between_turns_when_settled_then_they_stay (void **state)
{
    (void) state;
    s_settles ("U t:a S t:x S t:y U t:b", "U t:a S t:x S t:y U t:b", "");
}

static void
given_empty_turns_when_settled_then_they_are_gone (void **state)
{
    (void) state;
    s_settles ("A U t:a A U t:b S", "U t:a t:b", "");
}

static void
given_results_when_settled_then_they_stand_first_in_order_of_calls (void **state)
{
    (void) state;
    s_settles ("U t:q A c:1:f c:2:g U t:x r:2 r:1 t:y",
               "U t:q A c:1:f c:2:g U r:1:f r:2:g t:x t:y", "");
}

static void
given_results_in_turns_of_their_own_when_settled_then_they_share_one (void **state)
{
    (void) state;
    s_settles ("A c:1:f c:2:g U r:1 U r:2 U t:x A t:e",
               "A c:1:f c:2:g U r:1:f r:2:g t:x A t:e", "");
}

static void
given_an_instruction_before_results_when_settled_then_results_come_first (void **state)
{
    (void) state;
    s_settles ("A c:1:f S t:s U r:1 t:x", "A c:1:f U r:1:f S t:s U t:x", "");
}

static void
given_a_late_result_when_settled_then_it_moves_to_its_call (void **state)
{
    (void) state;
    s_settles ("A c:1:f U t:x A t:y U r:1", "A c:1:f U r:1:f t:x A t:y", "");
    s_settles ("A c:1:f c:2:f U r:1 A t:y U r:2 A t:z",
               "A c:1:f c:2:f U r:1:f r:2:f A t:y t:z", "");
}

static void
given_a_call_without_result_when_the_user_goes_on_then_one_is_made (void **state)
{
    (void) state;
    s_settles ("A c:1:f c:2:g U r:2 t:x", "A c:1:f c:2:g U r:1:f! r:2:g t:x",
               "changed path.1");
    s_settles ("U t:x A c:1:f", "U t:x A c:1:f", "");
}

static void
given_a_result_without_call_when_settled_then_it_is_a_loss (void **state)
{
    (void) state;
    s_settles ("U r:9 t:x", "U t:x", "dropped path.9");
    s_settles ("U r:1 A c:1:f", "A c:1:f", "dropped path.1");
    s_settles ("A c:1:f U r:1 r:1 t:x", "A c:1:f U r:1:f t:x", "dropped path.1");
}

static void
given_ids_that_repeat_when_settled_then_calls_and_results_differ (void **state)
{
    (void) state;
    s_settles ("A c:1:f c:1:g c:1_2:h U r:1 r:1 r:1_2",
               "A c:1:f c:1_3:g c:1_2:h U r:1:f r:1_3:g r:1_2:h", "");
    s_settles ("A c:1:f U r:1 A c:1:f U r:1 A c:1:f U r:1",
               "A c:1:f U r:1:f A c:1_2:f U r:1_2:f A c:1_3:f U r:1_3:f", "");
    s_settles ("A c:1:f c:1:f c:1:f c:1_2:f c:1_3:f U t:x r:1_3",
               "A c:1:f c:1_4:f c:1_5:f c:1_2:f c:1_3:f "
               "U r:1:f! r:1_4:f! r:1_5:f! r:1_2:f! r:1_3:f t:x",
               "changed path.1, changed path.1_2");
}

static void
given_calls_without_ids_when_settled_then_results_match_by_name_and_order (void **state)
{
    (void) state;
    const char *script = "A c::f c::g c::f U r::f r::f r::g";
    br_call_t *call = s_call (script);
    br_call_t *longer = s_call ("A c::f c::g c::f U r::f r::f r::g A t:z U t:y");
    br_loss_t *losses = NULL;
    br_call_settle_turns (call, &losses);
    br_call_settle_turns (longer, &losses);
    assert_null (losses);
    const br_block_t *result = call->turns->next->blocks;
    const br_block_t *same = longer->turns->next->blocks;
    for (const br_block_t *block = call->turns->blocks; block; block = block->next) {
        assert_true (br_text_starts (block->id, "call_"));
        assert_int_equal (block->id.size, 29);
        assert_true (br_text_equal (result->id, block->id));
        assert_true (br_text_equal (result->name, block->name));
        assert_true (br_text_equal (result->id, same->id));
        result = result->next;
        same = same->next;
    }
    assert_null (result);
    assert_false (
        br_text_equal (call->turns->blocks->id, call->turns->blocks->next->next->id));
    br_call_destroy (&longer);
    br_call_destroy (&call);
}

static void
given_a_result_without_id_and_name_when_settled_then_the_next_call_has_it (void **state)
{
    (void) state;
    s_settles ("A c:1:f c:2:g U r r", "A c:1:f c:2:g U r:1:f r:2:g", "");
    s_settles ("A c:1:f c:2:g U r::g r:1", "A c:1:f c:2:g U r:1:f r:2:g", "");
}

static void
given_a_foreign_id_when_settled_then_its_name_finds_no_call_with_an_id (void **state)
{
    (void) state;
    s_settles ("A c:1:f U r:7:f t:x", "A c:1:f U r:1:f! t:x",
               "dropped path.7, changed path.1");
}

static void
given_two_speakers_when_merged_then_their_names_are_a_loss (void **state)
{
    (void) state;
    br_call_t *call = s_call ("U t:a U t:b");
    call->turns->name = BR_TEXT ("al");
    call->turns->path = BR_TEXT ("messages[0]");
    br_loss_t *losses = NULL;
    br_call_settle_turns (call, &losses);
    s_losses_are (losses, "dropped messages[0].name");
    assert_int_equal (call->turns->name.size, 0);
    br_call_destroy (&call);
}

static void
given_a_settled_call_when_a_turn_is_added_then_it_is_last (void **state)
{
    (void) state;
    br_call_t *call = s_call ("U t:a U t:b");
    br_loss_t *losses = NULL;
    br_call_settle_turns (call, &losses);
    br_block_add (&call->turns->blocks, BR_BLOCK_TEXT, call->arena)->text = BR_TEXT ("c");
    br_turn_t *turn = br_call_add_turn (call, BR_TURN_ASSISTANT);
    br_block_add (&turn->blocks, BR_BLOCK_TEXT, call->arena)->text = BR_TEXT ("d");
    s_is (call, "U t:a t:b t:c A t:d");
    br_call_destroy (&call);
}

static void
given_very_many_calls_when_settled_then_it_does_not_take_long (void **state)
{
    (void) state;
    br_call_t *call = br_call_new (BR_PROTOCOL_CHAT);
    br_turn_t *asks = br_call_add_turn (call, BR_TURN_ASSISTANT);
    br_turn_t *says = br_call_add_turn (call, BR_TURN_USER);
    for (unsigned i = 0; i < 50000; i++) {
        br_block_add (&asks->blocks, BR_BLOCK_CALL, call->arena)->id = BR_TEXT ("x");
        br_block_add (&says->blocks, BR_BLOCK_RESULT, call->arena)->id = BR_TEXT ("x");
    }
    br_loss_t *losses = NULL;
    br_call_settle_turns (call, &losses);
    assert_null (losses);
    const br_block_t *result = call->turns->next->blocks;
    for (const br_block_t *b = call->turns->blocks; b; b = b->next, result = result->next)
        assert_true (br_text_equal (b->id, result->id));
    br_call_destroy (&call);
}

static void
given_an_item_of_a_provider_in_a_result_when_spelled_then_it_is_a_text (void **state)
{
    (void) state;
    br_call_t *call = s_call ("U r:a:f t:hi");
    br_loss_t *losses = NULL;
    br_block_t *blocks = call->turns->blocks;
    assert_ptr_equal (br_call_spell_results (blocks, call->arena, &losses), blocks);
    assert_null (losses);
    br_block_add (&blocks->blocks, BR_BLOCK_TEXT, call->arena)->text = BR_TEXT ("x");
    br_block_add (&blocks->blocks, BR_BLOCK_HOSTED, call->arena)->raw = BR_TEXT ("{}");
    const br_block_t *spelled = br_call_spell_results (blocks, call->arena, &losses);
    assert_ptr_not_equal (spelled, blocks);
    const br_block_t *part = spelled->blocks->next;
    assert_int_equal (part->kind, BR_BLOCK_TEXT);
    assert_true (br_text_is (part->text, "{}") && !part->next);
    assert_true (br_text_is (spelled->next->text, "hi") && !spelled->next->next);
    assert_true (br_text_is (losses->field, "path.a") && losses->changed);
    assert_int_equal (blocks->blocks->next->kind, BR_BLOCK_HOSTED);
    br_call_destroy (&call);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_turns_of_one_role_when_settled_then_they_are_one),
        cmocka_unit_test (given_instructions_between_turns_when_settled_then_they_stay),
        cmocka_unit_test (given_empty_turns_when_settled_then_they_are_gone),
        cmocka_unit_test (
            given_results_when_settled_then_they_stand_first_in_order_of_calls),
        cmocka_unit_test (
            given_results_in_turns_of_their_own_when_settled_then_they_share_one),
        cmocka_unit_test (
            given_an_instruction_before_results_when_settled_then_results_come_first),
        cmocka_unit_test (given_a_late_result_when_settled_then_it_moves_to_its_call),
        cmocka_unit_test (
            given_a_call_without_result_when_the_user_goes_on_then_one_is_made),
        cmocka_unit_test (given_a_result_without_call_when_settled_then_it_is_a_loss),
        cmocka_unit_test (
            given_ids_that_repeat_when_settled_then_calls_and_results_differ),
        cmocka_unit_test (
            given_calls_without_ids_when_settled_then_results_match_by_name_and_order),
        cmocka_unit_test (
            given_a_result_without_id_and_name_when_settled_then_the_next_call_has_it),
        cmocka_unit_test (
            given_a_foreign_id_when_settled_then_its_name_finds_no_call_with_an_id),
        cmocka_unit_test (given_two_speakers_when_merged_then_their_names_are_a_loss),
        cmocka_unit_test (
            given_an_item_of_a_provider_in_a_result_when_spelled_then_it_is_a_text),
        cmocka_unit_test (given_a_settled_call_when_a_turn_is_added_then_it_is_last),
        cmocka_unit_test (given_very_many_calls_when_settled_then_it_does_not_take_long),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
