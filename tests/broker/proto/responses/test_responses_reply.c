//  Whole answers that are read.

#include "tests/broker/proto/responses/fixture.h"

static int
s_read (br_reply_t *reply, const char *text, br_error_t *error)
{
    char *json = fixture_json (text);
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, json, strlen (json), NULL);
    assert_non_null (root);
    int rc = responses_codec.read_reply (reply, tree, root, error);
    json_tree_destroy (&tree);
    free (json);
    return rc;
}

static void
the_items_of_an_answer_are_its_blocks (void **state)
{
    (void) state;
    br_reply_t *reply = br_reply_new ();
    br_error_t error = { 0 };
    int rc = s_read (
        reply,
        "{'id':'resp_1','model':'m','created_at':5,'status':'completed','error':null,'"
        "output':["
        "{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text','text':'a'},"
        "{'type':'summary_text','text':'b'}],'encrypted_content':'ENC'},"
        "{'type':'message','content':[{'type':'output_text','text':'t',"
        "'annotations':[{'type':'x'},{'type':'y'}]},{'type':'refusal','refusal':'no'}]},"
        "{'type':'function_call','call_id':'c','name':'f','arguments':'{}'}],"
        "'usage':{'input_tokens':10,'input_tokens_details':{'cached_tokens':4},"
        "'output_tokens':5,'output_tokens_details':{'reasoning_tokens':2}}}",
        &error);
    assert_int_equal (rc, 0);
    assert_true (br_text_is (reply->id, "resp_1"));
    assert_int_equal (reply->created, 5);
    const br_block_t *block = reply->blocks;
    assert_true (br_text_is (block->summary, "a\n\nb"));
    assert_true (br_text_is (block->opaques->bytes, "ENC"));
    assert_true (br_text_is (block->opaques->id, "rs_1"));
    block = block->next;
    assert_true (br_text_is (block->text, "t"));
    assert_true (br_text_is (block->citations, "[{\"type\":\"x\"},{\"type\":\"y\"}]"));
    block = block->next;
    assert_int_equal (block->kind, BR_BLOCK_REFUSAL);
    block = block->next;
    assert_true (br_text_is (block->id, "c"));
    assert_int_equal (br_reply_finish (reply), BR_FINISH_TOOL_USE);
    assert_int_equal (reply->usage.cache_read, 4);
    assert_int_equal (reply->usage.reasoning, 2);
    br_reply_destroy (&reply);
}

static void
a_length_stays_a_length_though_a_call_was_begun (void **state)
{
    (void) state;
    br_reply_t *reply = br_reply_new ();
    br_error_t error = { 0 };
    int rc = s_read (reply,
                     "{'status':'incomplete','incomplete_details':{'reason':"
                     "'max_output_tokens'},'output':[{'type':'function_call',"
                     "'call_id':'c','name':'f','arguments':'{'}]}",
                     &error);
    assert_int_equal (rc, 0);
    assert_int_equal (br_reply_finish (reply), BR_FINISH_LENGTH);
    assert_true (br_text_is (reply->native_finish, "max_output_tokens"));
    assert_false (reply->usage.known);
    br_reply_destroy (&reply);
}

static void
what_is_no_answer_or_not_ready_is_refused (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        br_code_t code;
        const char *text;
    } rows[] = {
        { "[]", BR_EUPINVALID, "no object" },
        { "{}", BR_EUPINVALID, "no output" },
        { "{'output':[],'status':'queued'}", BR_EUPINVALID, "queued" },
        { "{'output':[],'status':'failed'}", BR_EUPINVALID, "failed" },
        { "{'output':[],'status':'failed','error':{'code':'server_error',"
          "'message':'oops'}}",
          BR_EUPBAD, "oops" },
        { "{'error':{'code':'rate_limit_exceeded','message':'slow'}}", BR_EUPLIMIT,
          "slow" },
        { "{'error':{'code':'invalid_prompt','message':'bad'}}", BR_EUPINVALID, "bad" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_reply_t *reply = br_reply_new ();
        br_error_t error = { 0 };
        assert_int_equal (s_read (reply, rows[i].json, &error), -1);
        assert_int_equal (error.code, rows[i].code);
        fixture_assert (error.text, rows[i].text, true);
        br_reply_destroy (&reply);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_items_of_an_answer_are_its_blocks),
        cmocka_unit_test (a_length_stays_a_length_though_a_call_was_begun),
        cmocka_unit_test (what_is_no_answer_or_not_ready_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
