//  Whole answers.

#include "tests/broker/proto/gemini/gemini_fixture.h"

static int
s_read (br_reply_t *reply, const char *json, br_error_t *error)
{
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, json, strlen (json), NULL);
    int rc = gemini_codec.read_reply (reply, tree, root, error);
    json_tree_destroy (&tree);
    return rc;
}

static void
given_an_answer_when_read_then_its_blocks (void **state)
{
    (void) state;
    br_error_t error;
    br_reply_t *reply = br_reply_new ();
    assert_int_equal (
        s_read (
            reply,
            "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"H\"},{\"text\":"
            "\"i\"},{\"functionCall\":{\"name\":\"f\",\"args\":{}}}]},\"finishReason\":"
            "\"STOP\",\"groundingMetadata\":{\"webSearchQueries\":[\"q\"]}}],"
            "\"usageMetadata\":{\"promptTokenCount\":1},\"modelVersion\":\"g\","
            "\"responseId\":\"r\"}",
            &error),
        0);
    assert_text (reply->id, "r");
    assert_text (reply->model, "g");
    assert_text (reply->blocks->text, "Hi");
    assert_text (reply->blocks->citations, "[{\"webSearchQueries\":[\"q\"]}]");
    assert_text (reply->blocks->next->name, "f");
    assert_int_equal (reply->finish, BR_FINISH_TOOL_USE);
    br_reply_destroy (&reply);
}

//  Chat has up to 128 choices.
static void
given_a_choice_of_a_high_number_when_written_then_it_can_be_read (void **state)
{
    (void) state;
    static const br_delta_t deltas[] = {
        { .kind = BR_DELTA_TEXT, .choice = 127, .text = { "a", 1 } },
        { .kind = BR_DELTA_FINISH, .choice = 127, .finish = BR_FINISH_STOP },
    };
    br_error_t error;
    br_asked_t asked = { .model = BR_TEXT ("m") };
    br_reply_t *reply = br_reply_new ();
    br_reply_t *again = br_reply_new ();
    br_buf_t out;
    br_buf_init (&out, 4096);
    for (size_t i = 0; i < sizeof deltas / sizeof deltas[0]; i++)
        assert_int_equal (br_reply_add (reply, &deltas[i], &error), 0);
    gemini_codec.write_reply (reply, &asked, &out);
    assert_int_equal (s_read (again, br_buf_text (&out), &error), 0);
    assert_int_equal (again->next->choice, 127);
    assert_text (again->next->blocks->text, "a");
    br_buf_free (&out);
    br_reply_destroy (&again);
    br_reply_destroy (&reply);
}

static void
given_what_is_no_answer_when_read_then_refused (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        br_code_t code;
    } rows[] = {
        { "[]", BR_EUPINVALID },
        { "{}", BR_EUPINVALID },
        { "{\"candidates\":[]}", BR_EUPINVALID },
        { "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}]}",
          BR_EUPINVALID },
        { "{\"error\":{\"code\":429,\"message\":\"m\"}}", BR_EUPLIMIT },
        { "[{\"error\":{\"code\":503,\"message\":\"m\"}}]", BR_EUNAVAILABLE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        br_error_t error = { 0 };
        br_reply_t *reply = br_reply_new ();
        assert_int_equal (s_read (reply, rows[i].json, &error), -1);
        assert_int_equal (error.code, rows[i].code);
        br_reply_destroy (&reply);
    }
}

static void
given_counted_tokens_when_read_and_written_then_the_same (void **state)
{
    (void) state;
    br_error_t error;
    br_buf_t out;
    br_reply_t *reply = br_reply_new ();
    br_call_t *call = br_call_new (BR_PROTOCOL_GOOGLE);
    br_asked_t asked = { .call = call, .model = BR_TEXT ("m"), .id = "r" };
    call->count_only = true;
    br_buf_init (&out, 4096);
    assert_int_equal (
        s_read (reply, "{\"totalTokens\":31,\"cachedContentTokenCount\":4}", &error), 0);
    assert_int_equal (reply->usage.input, 31);
    gemini_codec.write_reply (reply, &asked, &out);
    assert_string_equal (br_buf_text (&out),
                         "{\"totalTokens\":31,\"cachedContentTokenCount\":4}");
    br_buf_free (&out);
    br_call_destroy (&call);
    br_reply_destroy (&reply);
}

static br_block_t *
s_add (br_reply_t *reply, br_block_kind_t kind, br_text_t text)
{
    br_block_t *block = br_block_add (&reply->blocks, kind, reply->arena);
    block->text = text;
    return block;
}

static void
given_an_answer_of_another_provider_when_written_then_googles_shape (void **state)
{
    (void) state;
    br_asked_t asked = { .model = BR_TEXT ("m"), .id = "r" };
    br_buf_t out;
    br_reply_t *reply = br_reply_new ();
    br_buf_init (&out, 4096);
    br_block_t *thought = s_add (reply, BR_BLOCK_REASONING, BR_TEXT ("T"));
    br_opaque_add (&thought->opaques, BR_FAMILY_ANTHROPIC, BR_OPAQUE_SIGNATURE,
                   BR_TEXT ("sig"), reply->arena);
    s_add (reply, BR_BLOCK_TEXT, BR_TEXT (""));
    br_block_t *call = s_add (reply, BR_BLOCK_CALL, BR_TEXT (""));
    call->name = BR_TEXT ("f");
    call->id = BR_TEXT ("toolu_1");
    s_add (reply, BR_BLOCK_REFUSAL, BR_TEXT ("no"));
    reply->finish = BR_FINISH_TOOL_USE;
    reply->usage = (br_usage_t) { .known = true, .input = 3, .output = 1 };
    gemini_codec.write_reply (reply, &asked, &out);
    const char *text = br_buf_text (&out);
    assert_has (text,
                "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"T\",\"thought\":"
                "true},{\"functionCall\":{\"id\":\"toolu_1\",\"name\":\"f\",\"args\":{}},"
                "\"thoughtSignature\":\"br1.");
    assert_has (text,
                "\"},{\"text\":\"no\"}],\"role\":\"model\"},\"finishReason\":\"STOP\","
                "\"index\":0}],\"usageMetadata\":{");
    assert_has (text, "\"modelVersion\":\"m\",\"responseId\":\"r\"}");
    br_buf_free (&out);
    br_reply_destroy (&reply);
}

//  By the envelope it is seen, when the calls come back, that their bytes must not pass.
static void
given_calls_without_signatures_when_written_then_the_first_has_an_envelope (void **state)
{
    (void) state;
    br_asked_t asked = { .model = BR_TEXT ("m") };
    br_buf_t out;
    br_reply_t *reply = br_reply_new ();
    br_buf_init (&out, 4096);
    s_add (reply, BR_BLOCK_TEXT, BR_TEXT ("t"));
    s_add (reply, BR_BLOCK_CALL, BR_TEXT ("{}"))->name = BR_TEXT ("f");
    s_add (reply, BR_BLOCK_CALL, BR_TEXT ("{}"))->name = BR_TEXT ("g");
    gemini_codec.write_reply (reply, &asked, &out);
    const char *text = br_buf_text (&out);
    assert_has (text, "{\"text\":\"t\"},{\"functionCall\":{\"name\":\"f\",\"args\":{}},"
                      "\"thoughtSignature\":\"br1.");
    assert_has (text, "\"},{\"functionCall\":{\"name\":\"g\",\"args\":{}}}]");
    assert_true (br_envelope_may_be_in (text, strlen (text)));
    br_buf_free (&out);
    br_reply_destroy (&reply);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_answer_when_read_then_its_blocks),
        cmocka_unit_test (
            given_a_choice_of_a_high_number_when_written_then_it_can_be_read),
        cmocka_unit_test (given_what_is_no_answer_when_read_then_refused),
        cmocka_unit_test (given_counted_tokens_when_read_and_written_then_the_same),
        cmocka_unit_test (
            given_an_answer_of_another_provider_when_written_then_googles_shape),
        cmocka_unit_test (
            given_calls_without_signatures_when_written_then_the_first_has_an_envelope),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
