//  Whole answers are read and written.

#include "tests/broker/proto/messages/given.h"

static char *
s_written (const br_reply_t *reply)
{
    const br_asked_t asked = given_asked ();
    br_buf_t out;
    br_buf_init (&out, GIVEN_MAX);
    messages_codec.write_reply (reply, &asked, &out);
    json_tree_t *tree = json_tree_new ();
    if (!json_tree_parse (tree, out.data, out.size, NULL))
        fail_msg ("no JSON: %s", br_buf_text (&out));
    json_tree_destroy (&tree);
    char *text = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return text;
}

static void
given_an_answer_when_read_then_blocks_finish_and_usage_are_there (void **state)
{
    (void) state;
    static const char json[] =
        "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"c\","
        "\"content\":[{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"S\"},"
        "{\"type\":\"text\",\"text\":\"a\",\"citations\":[{\"x\":1}]},{\"type\":"
        "\"news\"},{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{\"k\":1}"
        "}"
        "],\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"END\",\"usage\":{"
        "\"input_tokens\":3,\"cache_read_input_tokens\":4,\"output_tokens\":5}}";
    json_tree_t *tree = json_tree_new ();
    br_reply_t *reply = given_reply (json, sizeof json - 1, tree);
    const br_block_t *block = reply->blocks;
    assert_text (block->opaques->bytes, "S");
    assert_text (block->opaques->model, "c");
    assert_text (block->next->citations, "[{\"x\":1}]");
    assert_int_equal (block->next->next->kind, BR_BLOCK_HOSTED);
    assert_text (block->next->next->next->text, "{\"k\":1}");
    assert_int_equal (reply->finish, BR_FINISH_STOP_SEQUENCE);
    assert_text (reply->stop_sequence, "END");
    assert_int_equal (reply->usage.input, 7);
    char *text = s_written (reply);
    assert_has (text, "\"id\":\"msg_1\"");
    assert_has (text, "\"model\":\"asked-model\"");
    assert_has (text, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"S\"}");
    assert_has (text, "\"citations\":[{\"x\":1}]");
    assert_has (text, "\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"END\"");
    assert_has (text, "\"input_tokens\":3");
    free (text);
    br_reply_destroy (&reply);
    json_tree_destroy (&tree);
}

static void
given_thinking_without_a_blob_when_written_then_its_signature_is_an_envelope (
    void **state)
{
    (void) state;
    br_reply_t *reply = br_reply_new ();
    br_block_add (&reply->blocks, BR_BLOCK_REASONING, reply->arena)->text = BR_TEXT ("t");
    char *text = s_written (reply);
    assert_has (text, "\"thinking\":\"t\",\"signature\":\"br1.");
    free (text);
    br_reply_destroy (&reply);
}

static void
given_what_is_no_answer_when_read_then_it_makes_no_sense (void **state)
{
    (void) state;
    static const char *const rows[] = {
        "[]",
        "{}",
        "{\"content\":\"x\"}",
        "{\"content\":[{\"type\":\"text\"}]}",
        "{\"content\":[],\"stop_reason\":7}",
        "{\"type\":\"error\",\"error\":{\"type\":\"x\",\"message\":\"sorry\"}}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_tree_t *tree = json_tree_new ();
        br_reply_t *reply = br_reply_new ();
        br_error_t error = { 0 };
        const json_node_t *root = json_tree_parse (tree, rows[i], strlen (rows[i]), NULL);
        assert_int_equal (messages_codec.read_reply (reply, tree, root, &error), -1);
        assert_int_equal (error.code, BR_EUPINVALID);
        br_reply_destroy (&reply);
        json_tree_destroy (&tree);
    }
}

static void
given_reasons_to_end_when_written_then_each_has_its_word (void **state)
{
    (void) state;
    static const char *const words[BR_FINISH_COUNT] = {
        [BR_FINISH_UNSET] = "end_turn",
        [BR_FINISH_STOP] = "end_turn",
        [BR_FINISH_STOP_SEQUENCE] = "stop_sequence",
        [BR_FINISH_LENGTH] = "max_tokens",
        [BR_FINISH_CONTEXT] = "model_context_window_exceeded",
        [BR_FINISH_TOOL_USE] = "tool_use",
        [BR_FINISH_FILTER] = "refusal",
        [BR_FINISH_REFUSAL] = "refusal",
        [BR_FINISH_PAUSE] = "pause_turn",
        [BR_FINISH_MALFORMED] = "end_turn",
    };
    for (unsigned finish = 0; finish < BR_FINISH_COUNT; finish++) {
        br_reply_t *reply = br_reply_new ();
        reply->finish = (br_finish_t) finish;
        char *text = s_written (reply);
        char *wanted = br_strf ("\"stop_reason\":\"%s\"", words[finish]);
        assert_has (text, wanted);
        assert_has (text, "\"id\":\"msg_AAAAAAAAAAAAAAAAAAAAAAAA\"");
        assert_has (text, "\"content\":[]");
        bool refusal = strcmp (words[finish], "refusal") == 0;
        assert_true ((strstr (text, "stop_details") != NULL) == refusal);
        free (wanted);
        free (text);
        br_reply_destroy (&reply);
    }
}

static void
given_blobs_of_others_when_written_then_they_come_back_where_they_were (void **state)
{
    (void) state;
    br_reply_t *reply = br_reply_new ();
    br_block_t *why = br_block_add (&reply->blocks, BR_BLOCK_REASONING, reply->arena);
    why->summary = BR_TEXT ("sum");
    br_opaque_add (&why->opaques, BR_FAMILY_OPENAI, BR_OPAQUE_ENCRYPTED, BR_TEXT ("E"),
                   reply->arena);
    br_block_t *call = br_block_add (&reply->blocks, BR_BLOCK_CALL, reply->arena);
    call->name = BR_TEXT ("f");
    br_opaque_add (&call->opaques, BR_FAMILY_GOOGLE, BR_OPAQUE_THOUGHT, BR_TEXT ("G"),
                   reply->arena);
    char *text = s_written (reply);
    assert_has (text, "\"stop_reason\":\"tool_use\"");
    assert_has (text, "toolu_AAAAAAAAAAAAAAAAAAAA0000");
    const char *content = strstr (text, "\"content\":");
    char *json = br_strf ("{%s,\"messages\":[{\"role\":\"assistant\",%.*s}]}", HEAD,
                          (int) (strstr (text, ",\"stop_reason\"") - content), content);
    given_t given = given_call (json);
    const br_block_t *block = given.call->turns->blocks;
    assert_text (block->summary, "sum");
    assert_text (block->opaques->bytes, "E");
    assert_int_equal (block->next->kind, BR_BLOCK_CALL);
    assert_text (block->next->opaques->bytes, "G");
    assert_null (block->next->next);
    given_free (&given);
    free (json);
    free (text);
    br_reply_destroy (&reply);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_an_answer_when_read_then_blocks_finish_and_usage_are_there),
        cmocka_unit_test (
            given_thinking_without_a_blob_when_written_then_its_signature_is_an_envelope),
        cmocka_unit_test (given_what_is_no_answer_when_read_then_it_makes_no_sense),
        cmocka_unit_test (given_reasons_to_end_when_written_then_each_has_its_word),
        cmocka_unit_test (
            given_blobs_of_others_when_written_then_they_come_back_where_they_were),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
