//  Google's likelihoods of tokens as Chat's.

#include "tests/broker/proto/gemini/gemini_fixture.h"

static void
given_likelihoods_when_read_then_chats_list (void **state)
{
    (void) state;
    gemini_answer_t a;
    answer_open (&a);
    assert_int_equal (
        answer_read (
            &a,
            "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}]},"
            "\"finishReason\":\"STOP\",\"logprobsResult\":{\"chosenCandidates\":["
            "{\"token\":\"H\",\"logProbability\":-0.5,\"tokenId\":1},{\"token\":7}],"
            "\"topCandidates\":[{\"candidates\":[{\"token\":\"\\\"\","
            "\"logProbability\":-1}]}]}}]}\n",
            SIZE_MAX),
        0);
    assert_text (a.reply->logprobs,
                 "{\"content\":[{\"token\":\"H\",\"logprob\":-0.5,\"bytes\":null,"
                 "\"top_logprobs\":[{\"token\":\"\\\"\",\"logprob\":-1,\"bytes\":null}]},"
                 "{\"token\":\"\",\"logprob\":0,\"bytes\":null,\"top_logprobs\":[]}],"
                 "\"refusal\":null}");
    answer_close (&a);
}

static void
given_none_when_read_then_none (void **state)
{
    (void) state;
    gemini_answer_t a;
    answer_open (&a);
    assert_int_equal (answer_read (&a,
                                   "{\"candidates\":[{\"finishReason\":\"STOP\","
                                   "\"logprobsResult\":{}}]}\n",
                                   SIZE_MAX),
                      0);
    assert_int_equal (a.counts[BR_DELTA_LOGPROBS], 0);
    answer_close (&a);
}

static void
given_chats_list_when_written_then_googles_two (void **state)
{
    (void) state;
    json_tree_t *tree = json_tree_new ();
    br_buf_t out;
    br_buf_init (&out, 4096);
    json_writer_t writer = json_writer (&out);
    json_open (&writer, NULL, '{');
    gemini_write_logprobs (&writer, tree, BR_TEXT_NONE);
    gemini_write_logprobs (&writer, tree, BR_TEXT ("{\"content\":[]}"));
    gemini_write_logprobs (
        &writer, tree,
        BR_TEXT ("{\"content\":[{\"token\":\"H\",\"logprob\":-0.5,\"bytes\":null,"
                 "\"top_logprobs\":[{\"token\":\"\\\"\",\"logprob\":-1}]},{}]}"));
    json_close (&writer, '}');
    assert_string_equal (
        br_buf_text (&out),
        "{\"logprobsResult\":{\"topCandidates\":[{\"candidates\":[{\"token\":\"\\\"\","
        "\"logProbability\":-1}]},{\"candidates\":[]}],\"chosenCandidates\":["
        "{\"token\":\"H\",\"logProbability\":-0.5},{\"token\":\"\","
        "\"logProbability\":0}]}}");
    br_buf_free (&out);
    json_tree_destroy (&tree);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_likelihoods_when_read_then_chats_list),
        cmocka_unit_test (given_none_when_read_then_none),
        cmocka_unit_test (given_chats_list_when_written_then_googles_two),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
