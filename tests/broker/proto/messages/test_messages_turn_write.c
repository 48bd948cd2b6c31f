//  Turns are written as messages.

#include "tests/broker/proto/messages/given.h"

#define DOT "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\".\"}]}"

static br_block_t *
s_more (given_t *given, br_block_kind_t kind, const char *text)
{
    br_turn_t *turn = given->call->turns;
    while (turn->next)
        turn = turn->next;
    br_block_t *block = br_block_add (&turn->blocks, kind, given->call->arena);
    block->text = br_text (text);
    return block;
}

//  A user's turn, and a call of f in the assistant's.
static br_block_t *
s_calling (given_t *given, const char *id)
{
    *given = given_other (BR_PROTOCOL_CHAT);
    given_block (given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    br_block_t *call = given_block (given, BR_TURN_ASSISTANT, BR_BLOCK_CALL, "{\"a\":1}");
    call->id = br_text (id);
    call->name = BR_TEXT ("f");
    return call;
}

static br_block_t *
s_result (given_t *given, const char *id, const char *text)
{
    br_block_t *block = given_block (given, BR_TURN_USER, BR_BLOCK_RESULT, NULL);
    block->id = br_text (id);
    if (text)
        br_block_add (&block->blocks, BR_BLOCK_TEXT, given->call->arena)->text = br_text (
            text);
    return block;
}

static void
given_blank_texts_when_written_then_they_are_left_out (void **state)
{
    (void) state;
    given_t given;
    s_calling (&given, "c1");
    given.call->turns->next->blocks->kind = BR_BLOCK_TEXT;
    given.call->turns->next->blocks->text = BR_TEXT ("");
    s_more (&given, BR_BLOCK_TEXT, "x  \n");
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, " \n");
    const char *sent = given_sent (&given, OLD);
    assert_has (
        sent,
        "\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"x  \\n\"}]}," DOT "]");
    assert_changed (&given, "messages");
    given_free (&given);
}

static void
given_a_last_turn_of_the_assistant_when_written_then_its_end_has_no_blanks (void **state)
{
    (void) state;
    given_t given = given_other (BR_PROTOCOL_CHAT);
    br_block_t *block = given_block (&given, BR_TURN_ASSISTANT, BR_BLOCK_TEXT, "x \n");
    block->path = BR_TEXT ("messages[0]");
    const char *sent = given_sent (&given, OLD);
    assert_has (sent,
                "\"messages\":[" DOT ",{\"role\":\"assistant\",\"content\":[{\"type\":"
                "\"text\",\"text\":\"x\"}]}]");
    assert_int_equal (given_write (&given, "anthropic", NEWER, 0), -1);
    assert_int_equal (given.error.code, BR_EINVALID);
    given_free (&given);
}

static void
given_results_behind_text_when_written_then_they_stand_first (void **state)
{
    (void) state;
    given_t given;
    s_calling (&given, "c1");
    br_block_t *second = s_more (&given, BR_BLOCK_CALL, "{}");
    second->id = BR_TEXT ("c2");
    second->name = BR_TEXT ("g");
    given_block (&given, BR_TURN_SYSTEM, BR_BLOCK_TEXT, "be brief")->path = BR_TEXT (
        "messages[2]");
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "more");
    s_result (&given, "c1", "5");
    s_result (&given, "c2", "6")->error = true;
    const char *sent = given_sent (&given, OLD);
    assert_has (sent,
                "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
                "\"tool_use_id\":\"c1\",\"content\":\"5\"},{\"type\":\"tool_result\","
                "\"tool_use_id\":\"c2\",\"content\":\"6\",\"is_error\":true},"
                "{\"type\":\"text\",\"text\":\"<system-reminder>\\nbe brief\\n"
                "</system-reminder>\"},{\"type\":\"text\",\"text\":\"more\"}]}]");
    assert_changed (&given, "messages[2]");
    given_free (&given);
}

static void
given_ids_and_names_of_others_when_written_then_call_and_result_still_match (void **state)
{
    (void) state;
    given_t given;
    br_block_t *call = s_calling (&given, "functions.f:0");
    call->name = BR_TEXT ("a.b");
    s_result (&given, "functions.f:0", NULL);
    const char *sent = given_sent (&given, OLD);
    assert_lacks (sent, "functions.f:0");
    assert_lacks (sent, "a.b");
    const char *use = strstr (sent, "\"id\":\"functions_f_0_");
    const char *result = strstr (sent, "\"tool_use_id\":\"functions_f_0_");
    assert_non_null (use);
    assert_non_null (result);
    assert_memory_equal (use + 6, result + 15, 25);
    assert_lacks (sent, "\"content\":null");
    given_free (&given);
}

static void
given_arguments_when_written_then_they_are_objects (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        { "", "\"input\":{}" },
        { "[1]", "\"input\":{\"value\":[1]}" },
        { "x\"", "\"input\":{\"_raw\":\"x\\\"\"}" },
        { "{\"k\": 1e400}", "\"input\":{\"k\": 1e400}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        given_t given;
        s_calling (&given, "c1")->text = br_text (rows[i][0]);
        s_result (&given, "c1", "5");
        assert_has (given_sent (&given, OLD), rows[i][1]);
        given_free (&given);
    }
}

static void
given_thinking_when_written_then_only_readable_signatures_go_back (void **state)
{
    (void) state;
    static const struct {
        br_family_t family;
        const char *model;
        bool sent;
    } rows[] = {
        { BR_FAMILY_ANTHROPIC, NULL, true },
        { BR_FAMILY_ANTHROPIC, "claude-sonnet-4", true },
        { BR_FAMILY_ANTHROPIC, "claude-opus-4-1", false },
        { BR_FAMILY_GOOGLE, NULL, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        given_t given = given_other (BR_PROTOCOL_CHAT);
        given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
        br_block_t *block = given_block (&given, BR_TURN_ASSISTANT, BR_BLOCK_REASONING,
                                         "why");
        block->path = BR_TEXT ("messages[1].reasoning");
        br_opaque_add (&block->opaques, rows[i].family, BR_OPAQUE_SIGNATURE,
                       BR_TEXT ("S+/="), given.call->arena)
            ->model = br_text (rows[i].model);
        s_more (&given, BR_BLOCK_TEXT, "so");
        given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "go on");
        const char *sent = given_sent (&given, OLD);
        if (rows[i].sent)
            assert_has (sent, "{\"type\":\"thinking\",\"thinking\":\"why\",\"signature\":"
                              "\"S+/=\"},{\"type\":\"text\"");
        else
            assert_lacks (sent, "thinking");
        assert_true (given_lost (&given, "messages[1].reasoning", false) != rows[i].sent);
        given_free (&given);
    }
}

static void
given_hosts_that_replay_when_written_then_thinking_needs_no_signature (void **state)
{
    (void) state;
    given_t given;
    s_calling (&given, "c1");
    s_result (&given, "c1", "5");
    assert_int_equal (given_write (&given, "deepseek", "deepseek-v4", 0), 0);
    assert_has (br_buf_text (&given.out), "[{\"type\":\"thinking\",\"thinking\":\"\","
                                          "\"signature\":\"\"},{\"type\":\"tool_use\"");
    given_free (&given);
}

static void
given_blocks_that_have_no_place_when_written_then_they_are_losses (void **state)
{
    (void) state;
    given_t given;
    s_calling (&given, "c1");
    given.call->turns->name = BR_TEXT ("bob");
    given.call->turns->path = BR_TEXT ("messages[0]");
    br_block_t *hosted = s_more (&given, BR_BLOCK_HOSTED, NULL);
    hosted->family = BR_FAMILY_OPENAI;
    hosted->raw = BR_TEXT ("{\"x\":1}");
    hosted->path = BR_TEXT ("h");
    s_more (&given, BR_BLOCK_IMAGE, NULL)->path = BR_TEXT ("i");
    s_result (&given, "c1", "5");
    assert_lacks (given_sent (&given, OLD), "\"x\":1");
    assert_dropped (&given, "h");
    assert_dropped (&given, "i");
    assert_dropped (&given, "messages[0].name");
    given_free (&given);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_blank_texts_when_written_then_they_are_left_out),
        cmocka_unit_test (
            given_a_last_turn_of_the_assistant_when_written_then_its_end_has_no_blanks),
        cmocka_unit_test (given_results_behind_text_when_written_then_they_stand_first),
        cmocka_unit_test (
            given_ids_and_names_of_others_when_written_then_call_and_result_still_match),
        cmocka_unit_test (given_arguments_when_written_then_they_are_objects),
        cmocka_unit_test (
            given_thinking_when_written_then_only_readable_signatures_go_back),
        cmocka_unit_test (
            given_hosts_that_replay_when_written_then_thinking_needs_no_signature),
        cmocka_unit_test (
            given_blocks_that_have_no_place_when_written_then_they_are_losses),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
