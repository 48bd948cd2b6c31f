//  Messages of a request become turns.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_instructions_when_read_then_the_leading_ones_are_the_system (void **state)
{
    (void) state;
    const char *json = "{\"model\":\"x\",\"messages\":[{\"role\":\"system\",\"content\":"
                       "\"S\"},{\"role\":\"developer\",\"content\":[{\"type\":\"text\","
                       "\"text\":\"D\"}]},{\"role\":\"user\",\"content\":\"hi\"},{"
                       "\"role\":\"system\",\"content\":\"late\"}]}";
    request_t request;
    assert_int_equal (request_read (&request, json, strlen (json)), 0);
    const br_call_t *call = request.call;
    assert_true (br_text_is (call->system->text, "S"));
    assert_true (br_text_is (call->system->next->text, "D"));
    assert_null (call->system->next->next);
    assert_int_equal (call->turns->role, BR_TURN_USER);
    assert_int_equal (call->turns->next->role, BR_TURN_SYSTEM);
    assert_true (br_text_is (call->turns->next->blocks->text, "late"));
    assert_true (br_text_is (call->turns->next->path, "messages[3]"));
    request_free (&request);
}

static void
given_a_call_and_its_result_when_read_then_they_are_blocks (void **state)
{
    (void) state;
    const char *json =
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}";
    request_t request;
    assert_int_equal (request_read (&request, json, strlen (json)), 0);
    const br_block_t *call = request.call->turns->next->blocks;
    const br_block_t *result = request.call->turns->next->next->blocks;
    assert_int_equal (call->kind, BR_BLOCK_CALL);
    assert_true (br_text_is (call->text, "{\"a\":1}"));
    assert_true (br_text_is (call->path, "messages[1].tool_calls[0]"));
    assert_int_equal (result->kind, BR_BLOCK_RESULT);
    assert_true (br_text_is (result->id, "call_a"));
    assert_true (br_text_is (result->blocks->text, "5"));
    request_free (&request);
}

static void
given_reasoning_in_all_its_slots_when_read_then_texts_and_blobs_are_kept_with_their_family (
    void **state)
{
    (void) state;
    const char *json =
        "{\"model\":\"x\",\"messages\":[{\"role\":\"assistant\",\"reasoning_content\":"
        "\"absum\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"a\","
        "\"format\":\"anthropic-claude-v1\"},{\"type\":\"reasoning.text\",\"text\":\"b\","
        "\"signature\":\"sig\",\"format\":\"anthropic-claude-v1\"},{\"type\":\"reasoning."
        "encrypted\",\"data\":\"red\",\"format\":\"anthropic-claude-v1\"},{\"type\":"
        "\"reasoning.summary\",\"summary\":\"sum\",\"format\":\"openai-responses-v1\"},{"
        "\"type\":\"reasoning.encrypted\",\"data\":\"enc\",\"id\":\"rs_1\",\"format\":"
        "\"openai-responses-v1\"},{\"type\":\"reasoning.encrypted\",\"data\":\"?\","
        "\"format\":\"new-v1\"}],\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":"
        "\"f\",\"arguments\":{\"x\":1}},\"extra_content\":{\"google\":{\"thought_"
        "signature\":\"ts\"}}}]}]}";
    request_t request;
    assert_int_equal (request_read (&request, json, strlen (json)), 0);
    const br_block_t *first = request.call->turns->blocks;
    assert_true (br_text_is (first->text, "ab"));
    assert_int_equal (first->opaques->family, BR_FAMILY_ANTHROPIC);
    assert_int_equal (first->opaques->kind, BR_OPAQUE_SIGNATURE);
    assert_true (br_text_is (first->opaques->bytes, "sig"));
    const br_block_t *second = first->next;
    assert_int_equal (second->opaques->kind, BR_OPAQUE_REDACTED);
    const br_block_t *third = second->next;
    assert_true (br_text_is (third->summary, "sum"));
    assert_int_equal (third->opaques->family, BR_FAMILY_OPENAI);
    assert_true (br_text_is (third->opaques->id, "rs_1"));
    const br_block_t *fourth = third->next;
    assert_int_equal (fourth->opaques->family, BR_FAMILY_OPENROUTER);
    assert_int_equal (fourth->opaques->kind, BR_OPAQUE_DETAILS);
    const br_block_t *call = fourth->next;
    assert_int_equal (call->kind, BR_BLOCK_CALL);
    assert_int_equal (call->opaques->family, BR_FAMILY_GOOGLE);
    assert_true (br_text_is (call->opaques->bytes, "ts"));
    request_free (&request);
}

static void
given_an_envelope_when_read_then_it_is_opened_and_a_damaged_one_is_dropped (void **state)
{
    (void) state;
    br_arena_t *arena = br_arena_new ();
    br_opaque_t blob = { .family = BR_FAMILY_GOOGLE,
                         .kind = BR_OPAQUE_THOUGHT,
                         .bytes = BR_TEXT ("t"),
                         .model = BR_TEXT ("gem") };
    br_text_t sealed = br_envelope_seal (&blob, arena);
    for (int damage = 0; damage < 2; damage++) {
        char *json = br_strf ("{\"model\":\"x\",\"messages\":[{\"role\":\"assistant\","
                              "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\","
                              "\"data\":\"%.*s\"}]}]}",
                              (int) sealed.size - 3 * damage, sealed.at);
        request_t request;
        assert_int_equal (request_read (&request, json, strlen (json)), 0);
        const br_opaque_t *read = request.call->turns->blocks->opaques;
        if (damage)
            assert_null (read);
        else {
            assert_int_equal (read->family, BR_FAMILY_GOOGLE);
            assert_true (br_text_is (read->bytes, "t")
                         && br_text_is (read->model, "gem"));
        }
        request_free (&request);
        free (json);
    }
    br_arena_destroy (&arena);
}

static void
given_the_old_form_of_calls_when_read_then_the_result_finds_its_call (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"function_call\":{\"name\":\"f\",\"arguments\":"
        "\"{}\"}},{\"role\":\"function\",\"name\":\"f\",\"content\":\"9\"}]}",
        "openai", "gpt-4o",
        "\"tool_calls\":[{\"id\":\"call_\n\"role\":\"tool\",\"tool_call_id\":\"call_"
        "\n\"content\":\"9\"",
        NULL, NULL);
}

static void
given_bad_messages_when_read_then_they_are_refused_by_their_path (void **state)
{
    (void) state;
    request_refused (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"oracle\",\"content\":\"x\"}]}",
        "`messages[0].role` is no role: \"oracle\"");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\"}]}",
                     "`messages[0].content` is missing");
    request_refused (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":{}}]}",
        "`messages[0].tool_calls` must be an array");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"assistant\",\"tool_"
                     "calls\":[{\"id\":\"a\"}]}]}",
                     "`messages[0].tool_calls[0].function` is missing");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"assistant\",\"tool_"
                     "calls\":[{\"type\":\"magic\"}]}]}",
                     "`messages[0].tool_calls[0].type` must be");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"assistant\",\"content\":"
                     "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}]}",
                     "cannot stand here");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_instructions_when_read_then_the_leading_ones_are_the_system),
        cmocka_unit_test (given_a_call_and_its_result_when_read_then_they_are_blocks),
        cmocka_unit_test (
            given_reasoning_in_all_its_slots_when_read_then_texts_and_blobs_are_kept_with_their_family),
        cmocka_unit_test (
            given_an_envelope_when_read_then_it_is_opened_and_a_damaged_one_is_dropped),
        cmocka_unit_test (
            given_the_old_form_of_calls_when_read_then_the_result_finds_its_call),
        cmocka_unit_test (
            given_bad_messages_when_read_then_they_are_refused_by_their_path),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
