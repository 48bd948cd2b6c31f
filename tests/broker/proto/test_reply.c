//  test_reply: a whole answer is the sum of its deltas.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "broker/proto/reply.h"

static int
s_setup (void **state)
{
    *state = br_reply_new ();
    return 0;
}

static int
s_teardown (void **state)
{
    br_reply_t *reply = *state;
    br_reply_destroy (&reply);
    assert_null (reply);
    br_reply_destroy (&reply);
    return 0;
}

static void
s_add (br_reply_t *reply, br_delta_t delta)
{
    assert_int_equal (br_reply_add (reply, &delta, NULL), 0);
}

static void
s_add_text (br_reply_t *reply, br_delta_kind_t kind, unsigned block, const char *text)
{
    s_add (reply, (br_delta_t) { .kind = kind, .block = block, .text = br_text (text) });
}

static void
given_pieces_of_texts_when_added_then_each_block_is_their_sum (void **state)
{
    br_reply_t *reply = *state;
    s_add_text (reply, BR_DELTA_TEXT, 2, "Hel");
    s_add_text (reply, BR_DELTA_REFUSAL, 4, "no");
    s_add_text (reply, BR_DELTA_TEXT, 2, "lo");
    s_add_text (reply, BR_DELTA_REASONING, 0, "why");
    assert_int_equal (reply->blocks->kind, BR_BLOCK_TEXT);
    assert_true (br_text_is (reply->blocks->text, "Hello"));
    assert_int_equal (reply->blocks->next->kind, BR_BLOCK_REFUSAL);
    assert_int_equal (reply->blocks->next->next->kind, BR_BLOCK_REASONING);
    assert_null (reply->blocks->next->next->next);
}

static void
given_a_long_text_in_small_pieces_when_added_then_memory_stays_in_bounds (void **state)
{
    br_reply_t *reply = *state;
    for (unsigned i = 0; i < 100000; i++)
        s_add_text (reply, BR_DELTA_TEXT, 0, "0123456789");
    assert_int_equal (reply->blocks->text.size, 1000000);
    assert_memory_equal (reply->blocks->text.at + 999990, "0123456789", 10);
    assert_true (br_arena_bytes (reply->arena) < 8000000);
}

static void
given_a_summary_in_parts_when_added_then_parts_are_apart (void **state)
{
    br_reply_t *reply = *state;
    br_delta_t delta = { .kind = BR_DELTA_REASONING, .summary = true };
    delta.item_id = BR_TEXT ("rs_1");
    delta.first_of_part = true;
    delta.text = BR_TEXT ("a");
    s_add (reply, delta);
    delta.text = BR_TEXT ("c");
    s_add (reply, delta);
    delta.first_of_part = false;
    delta.text = BR_TEXT ("d");
    s_add (reply, delta);
    s_add_text (reply, BR_DELTA_REASONING, 0, "text");
    assert_true (br_text_is (reply->blocks->summary, "a\n\ncd"));
    assert_true (br_text_is (reply->blocks->text, "text"));
    assert_true (br_text_is (reply->blocks->item_id, "rs_1"));
}

static void
given_calls_that_overlap_when_added_then_each_has_its_arguments (void **state)
{
    br_reply_t *reply = *state;
    br_delta_t call = { .kind = BR_DELTA_CALL, .id = BR_TEXT ("1") };
    call.name = BR_TEXT ("f");
    s_add (reply, call);
    call = (br_delta_t) { .kind = BR_DELTA_CALL, .block = 1, .custom = true };
    s_add (reply, call);
    s_add_text (reply, BR_DELTA_ARGS, 0, "{");
    s_add_text (reply, BR_DELTA_ARGS, 1, "x");
    s_add_text (reply, BR_DELTA_ARGS, 0, "}");
    assert_true (br_text_is (reply->blocks->text, "{}"));
    assert_true (br_text_is (reply->blocks->name, "f"));
    assert_true (br_text_is (reply->blocks->next->text, "x"));
    assert_true (reply->blocks->next->custom);
    assert_null (reply->blocks->next->id.at);
}

static void
given_a_blob_before_its_call_when_added_then_both_are_one_block (void **state)
{
    br_reply_t *reply = *state;
    br_opaque_t opaque = { .family = BR_FAMILY_GOOGLE,
                           .kind = BR_OPAQUE_THOUGHT,
                           .bytes = BR_TEXT ("sig") };
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_OPAQUE, .opaque = &opaque });
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_CALL, .name = BR_TEXT ("f") });
    assert_int_equal (reply->blocks->kind, BR_BLOCK_CALL);
    assert_null (reply->blocks->next);
    assert_true (br_text_is (reply->blocks->opaques->bytes, "sig"));
    assert_ptr_not_equal (reply->blocks->opaques, &opaque);
}

static void
given_citations_and_logprobs_when_added_then_each_is_one_list (void **state)
{
    br_reply_t *reply = *state;
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_CITATION, .raw = BR_TEXT ("{}") });
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_CITATION, .raw = BR_TEXT ("1") });
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_LOGPROBS,
                                 .raw = BR_TEXT ("{\"content\":[1]}") });
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_LOGPROBS,
                                 .raw = BR_TEXT ("{\"content\":[2,3]}") });
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_LOGPROBS, .raw = BR_TEXT ("{") });
    assert_true (br_text_is (reply->blocks->citations, "[{},1]"));
    assert_true (br_text_is (reply->logprobs, "{\"content\":[1,2,3],\"refusal\":null}"));
}

static void
given_media_and_hosted_items_when_added_then_they_are_copied (void **state)
{
    br_reply_t *reply = *state;
    br_media_t media = { .data = BR_TEXT ("QQ=="), .mime = BR_TEXT ("image/png") };
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_MEDIA,
                                 .media = &media,
                                 .media_kind = BR_BLOCK_IMAGE });
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_HOSTED,
                                 .block = 1,
                                 .raw = BR_TEXT ("{}"),
                                 .family = BR_FAMILY_OPENAI });
    assert_int_equal (reply->blocks->kind, BR_BLOCK_IMAGE);
    assert_true (br_text_is (reply->blocks->media.data, "QQ=="));
    assert_true (br_text_is (reply->blocks->next->raw, "{}"));
    assert_int_equal (reply->blocks->next->family, BR_FAMILY_OPENAI);
}

static void
given_the_frame_of_an_answer_when_added_then_it_is_told (void **state)
{
    br_reply_t *reply = *state;
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_START,
                                 .id = BR_TEXT ("id"),
                                 .model = BR_TEXT ("m"),
                                 .created = 7 });
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_USAGE,
                                 .usage = { .known = true, .input = 1 } });
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_USAGE,
                                 .usage = { .known = true, .input = 2 } });
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_FINISH,
                                 .finish = BR_FINISH_STOP_SEQUENCE,
                                 .native = BR_TEXT ("stop_sequence"),
                                 .stop_sequence = BR_TEXT ("END") });
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_END });
    assert_true (br_text_is (reply->id, "id"));
    assert_true (br_text_is (reply->model, "m"));
    assert_int_equal (reply->created, 7);
    assert_int_equal (reply->usage.input, 2);
    assert_int_equal (reply->finish, BR_FINISH_STOP_SEQUENCE);
    assert_true (br_text_is (reply->stop_sequence, "END"));
}

static void
given_another_choice_when_added_then_only_content_makes_one (void **state)
{
    br_reply_t *reply = *state;
    static const br_delta_kind_t kinds[] = { BR_DELTA_START, BR_DELTA_PING, BR_DELTA_END,
                                             BR_DELTA_ERROR };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        s_add (reply, (br_delta_t) { .kind = kinds[i], .choice = 1 });
    assert_null (reply->next);
    s_add (reply,
           (br_delta_t) { .kind = BR_DELTA_TEXT, .choice = 1, .text = BR_TEXT ("x") });
    assert_non_null (reply->next);
    assert_int_equal (reply->next->choice, 1);
    assert_true (br_text_is (reply->next->blocks->text, "x"));
    assert_null (reply->blocks);
}

static void
given_usage_of_another_choice_when_added_then_it_is_the_answers (void **state)
{
    br_reply_t *reply = *state;
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_USAGE,
                                 .choice = 3,
                                 .usage = { .known = true, .input = 2 } });
    assert_null (reply->next);
    assert_int_equal (reply->usage.input, 2);
}

static void
p03_p04_given_a_call_when_it_stopped_then_it_is_tool_use_but_a_length_stays (void **state)
{
    br_reply_t *reply = *state;
    assert_int_equal (br_reply_finish (reply), BR_FINISH_STOP);
    s_add (reply, (br_delta_t) { .kind = BR_DELTA_CALL, .name = BR_TEXT ("f") });
    reply->finish = BR_FINISH_STOP;
    assert_int_equal (br_reply_finish (reply), BR_FINISH_TOOL_USE);
    reply->finish = BR_FINISH_LENGTH;
    assert_int_equal (br_reply_finish (reply), BR_FINISH_LENGTH);
    reply->finish = BR_FINISH_FILTER;
    assert_int_equal (br_reply_finish (reply), BR_FINISH_FILTER);
    assert_string_equal (br_finish_name (BR_FINISH_FILTER), "filter");
    assert_string_equal (br_finish_name ((br_finish_t) 99), "unset");
}

static void
given_an_answer_without_end_when_added_then_it_is_refused_at_the_bound (void **state)
{
    br_reply_t *reply = *state;
    br_error_t error;
    unsigned choice = 0;
    br_delta_t delta = { .kind = BR_DELTA_REFUSAL };
    int rc = 0;
    for (; rc == 0 && choice < 20000; choice++) {
        delta.block = choice;
        delta.raw.size = 1 << 16; //  counted, never read
        rc = br_reply_add (reply, &delta, &error);
    }
    assert_int_equal (rc, -1);
    assert_int_equal (error.code, BR_EUPINVALID);
    assert_true (choice <= BR_REPLY_BYTES_MAX >> 16);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_pieces_of_texts_when_added_then_each_block_is_their_sum),
        TEST (given_a_long_text_in_small_pieces_when_added_then_memory_stays_in_bounds),
        TEST (given_a_summary_in_parts_when_added_then_parts_are_apart),
        TEST (given_calls_that_overlap_when_added_then_each_has_its_arguments),
        TEST (given_a_blob_before_its_call_when_added_then_both_are_one_block),
        TEST (given_citations_and_logprobs_when_added_then_each_is_one_list),
        TEST (given_media_and_hosted_items_when_added_then_they_are_copied),
        TEST (given_the_frame_of_an_answer_when_added_then_it_is_told),
        TEST (given_another_choice_when_added_then_only_content_makes_one),
        TEST (given_usage_of_another_choice_when_added_then_it_is_the_answers),
        TEST (
            p03_p04_given_a_call_when_it_stopped_then_it_is_tool_use_but_a_length_stays),
        TEST (given_an_answer_without_end_when_added_then_it_is_refused_at_the_bound),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
