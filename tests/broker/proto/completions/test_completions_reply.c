//  Whole answers.

#include "tests/broker/proto/completions/completions_test.h"

static br_reply_t *
s_read (const char *json, int wanted, br_error_t *reterr)
{
    json_tree_t *tree = json_tree_new ();
    br_reply_t *reply = br_reply_new ();
    const json_node_t *root = json_tree_parse (tree, json, strlen (json), NULL);
    int rc = completions_codec.read_reply (reply, tree, root, reterr);
    assert_int_equal (rc, wanted);
    json_tree_destroy (&tree);
    return reply;
}

static void
given_an_answer_when_read_and_written_then_it_says_the_same (void **state)
{
    (void) state;
    static const char json[] =
        "{\"id\":\"cmpl-x\",\"object\":\"text_completion\","
        "\"created\":7,\"model\":\"m\",\"choices\":[{\"text\":"
        "\"one\",\"index\":0,\"logprobs\":null,\"finish_reason\":"
        "\"stop\"},{\"text\":\"two\",\"index\":1,\"logprobs\":null,"
        "\"finish_reason\":\"length\"}],\"usage\":";
    char whole[1024];
    snprintf (whole, sizeof whole, "%s%s", json,
              "{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}");
    br_reply_t *reply = s_read (whole, 0, NULL);
    assert_int_equal (reply->usage.input, 3);
    assert_int_equal (reply->next->finish, BR_FINISH_LENGTH);
    br_call_t *call = br_call_new (BR_PROTOCOL_COMPLETIONS);
    br_asked_t asked = { .call = call, .model = BR_TEXT ("m"), .id = "x", .now = 7 };
    br_buf_t out;
    br_buf_init (&out, 4096);
    completions_codec.write_reply (reply, &asked, &out);
    assert_memory_equal (out.data, json, sizeof json - 1);
    br_buf_free (&out);
    br_call_destroy (&call);
    br_reply_destroy (&reply);
}

static void
given_no_answer_when_read_then_it_is_refused (void **state)
{
    (void) state;
    br_error_t error = { .text = "" };
    br_reply_t *reply = s_read ("{\"id\":\"x\"}", -1, &error);
    assert_int_equal (error.code, BR_EUPINVALID);
    br_reply_destroy (&reply);
    reply = s_read ("{\"error\":{\"message\":\"slow\",\"type\":\"rate_limit_error\"}}",
                    -1, &error);
    assert_int_equal (error.code, BR_EUPLIMIT);
    assert_string_equal (error.text, "slow");
    br_reply_destroy (&reply);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_answer_when_read_and_written_then_it_says_the_same),
        cmocka_unit_test (given_no_answer_when_read_then_it_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
