//  test_reply_play: what a whole answer plays adds up to the same answer.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "broker/proto/reply.h"

#define KINDS_MAX 64

typedef struct {
    br_reply_t *reply;
    br_delta_kind_t kinds[KINDS_MAX];
    unsigned count;
} sum_t;

static void
s_sum (void *arg, const br_delta_t *delta)
{
    sum_t *sum = arg;
    assert_true (sum->count < KINDS_MAX);
    sum->kinds[sum->count++] = delta->kind;
    assert_int_equal (br_reply_add (sum->reply, delta, NULL), 0);
}

static br_reply_t *
s_reply (void)
{
    br_reply_t *reply = br_reply_new ();
    br_arena_t *arena = reply->arena;
    reply->id = BR_TEXT ("id");
    reply->model = BR_TEXT ("m");
    reply->created = 5;
    reply->usage = (br_usage_t) { .known = true, .input = 3, .output = 4 };
    reply->finish = BR_FINISH_STOP;
    br_block_t *block = br_block_add (&reply->blocks, BR_BLOCK_REASONING, arena);
    block->text = BR_TEXT ("long");
    block->summary = BR_TEXT ("short");
    br_opaque_add (&block->opaques, BR_FAMILY_OPENAI, BR_OPAQUE_ENCRYPTED, BR_TEXT ("e"),
                   arena);
    br_block_add (&reply->blocks, BR_BLOCK_RESULT, arena);
    block = br_block_add (&reply->blocks, BR_BLOCK_TEXT, arena);
    block->text = BR_TEXT ("hi");
    block->citations = BR_TEXT ("[{\"a\":1},2]");
    block = br_block_add (&reply->blocks, BR_BLOCK_CALL, arena);
    block->id = BR_TEXT ("c1");
    block->name = BR_TEXT ("f");
    block->text = BR_TEXT ("{}");
    block = br_block_add (&reply->blocks, BR_BLOCK_IMAGE, arena);
    block->media.data = BR_TEXT ("QQ==");
    block = br_block_add (&reply->blocks, BR_BLOCK_HOSTED, arena);
    block->raw = BR_TEXT ("{}");
    block = br_block_add (&reply->blocks, BR_BLOCK_REFUSAL, arena);
    block->text = BR_TEXT ("no");
    return reply;
}

static void
given_a_whole_answer_when_played_then_the_sum_is_the_same (void **state)
{
    (void) state;
    br_reply_t *reply = s_reply ();
    sum_t sum = { .reply = br_reply_new () };
    br_reply_play (reply, s_sum, &sum);
    assert_true (br_text_is (sum.reply->id, "id"));
    assert_int_equal (sum.reply->created, 5);
    assert_int_equal (sum.reply->usage.output, 4);
    assert_int_equal (sum.reply->finish, BR_FINISH_TOOL_USE);
    const br_block_t *b = sum.reply->blocks;
    for (const br_block_t *a = reply->blocks; a; a = a->next) {
        if (a->kind == BR_BLOCK_RESULT)
            continue;
        assert_int_equal (a->kind, b->kind);
        assert_true (br_text_equal (a->text, b->text));
        assert_true (br_text_equal (a->summary, b->summary));
        assert_true (br_text_equal (a->citations, b->citations));
        assert_true (br_text_equal (a->id, b->id));
        assert_true (br_text_equal (a->raw, b->raw));
        assert_true (br_text_equal (a->media.data, b->media.data));
        assert_int_equal (a->opaques != NULL, b->opaques != NULL);
        b = b->next;
    }
    assert_null (b);
    br_reply_destroy (&sum.reply);
    br_reply_destroy (&reply);
}

static void
given_two_choices_when_played_then_each_finishes_and_one_end_comes (void **state)
{
    (void) state;
    br_reply_t *reply = br_reply_new ();
    br_delta_t delta = { .kind = BR_DELTA_TEXT, .choice = 1, .text = BR_TEXT ("x") };
    assert_int_equal (br_reply_add (reply, &delta, NULL), 0);
    sum_t sum = { .reply = br_reply_new () };
    br_reply_play (reply, s_sum, &sum);
    static const br_delta_kind_t kinds[] = { BR_DELTA_START,  BR_DELTA_FINISH,
                                             BR_DELTA_START,  BR_DELTA_TEXT,
                                             BR_DELTA_FINISH, BR_DELTA_END };
    assert_int_equal (sum.count, sizeof kinds / sizeof kinds[0]);
    assert_memory_equal (sum.kinds, kinds, sizeof kinds);
    br_reply_destroy (&sum.reply);
    br_reply_destroy (&reply);
}

static void
given_likelihoods_when_played_then_they_stand_behind_the_last_text (void **state)
{
    (void) state;
    br_reply_t *reply = br_reply_new ();
    reply->logprobs = BR_TEXT ("{\"content\":[{}],\"refusal\":null}");
    br_block_add (&reply->blocks, BR_BLOCK_TEXT, reply->arena)->text = BR_TEXT ("hi");
    br_block_t *call = br_block_add (&reply->blocks, BR_BLOCK_CALL, reply->arena);
    call->id = BR_TEXT ("c1");
    call->name = BR_TEXT ("f");
    sum_t sum = { .reply = br_reply_new () };
    br_reply_play (reply, s_sum, &sum);
    assert_int_equal (sum.kinds[1], BR_DELTA_TEXT);
    assert_int_equal (sum.kinds[2], BR_DELTA_LOGPROBS);
    assert_int_equal (sum.kinds[3], BR_DELTA_CALL);
    assert_true (br_text_equal (sum.reply->logprobs, reply->logprobs));
    br_reply_destroy (&sum.reply);
    br_reply_destroy (&reply);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_whole_answer_when_played_then_the_sum_is_the_same),
        cmocka_unit_test (
            given_two_choices_when_played_then_each_finishes_and_one_end_comes),
        cmocka_unit_test (
            given_likelihoods_when_played_then_they_stand_behind_the_last_text),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
