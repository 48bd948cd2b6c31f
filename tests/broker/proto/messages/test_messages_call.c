//  Requests are read.

#include "tests/broker/proto/messages/given.h"

static void
given_all_members_when_read_then_each_has_its_place (void **state)
{
    (void) state;
    given_t given = given_call (
        "{\"model\":\"claude\",\"max_tokens\":64,\"stream\":true,\"temperature\":0.5,"
        "\"top_p\":0.9,\"top_k\":7,\"stop_sequences\":[\"a\",\"b\"],"
        "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000},"
        "\"output_config\":{\"effort\":\"high\",\"task_budget\":{},"
        "\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}},"
        "\"metadata\":{\"user_id\":\"u\"},\"service_tier\":\"standard_only\","
        "\"container\":\"c\",\"mcp_servers\":null," HI "}");
    const br_call_t *call = given.call;
    assert_text (call->model, "claude");
    assert_true (call->stream);
    assert_text (call->max_output.raw, "64");
    assert_true (call->temperature.value == 0.5);
    assert_true (call->top_k.value == 7);
    assert_int_equal (call->stop.size, 2);
    assert_text (call->stop.at[1], "b");
    assert_int_equal (call->reasoning, BR_YES);
    assert_true (call->budget.value == 2000);
    assert_int_equal (call->effort, BR_EFFORT_HIGH);
    assert_int_equal (call->format, BR_FORMAT_SCHEMA);
    assert_text (call->schema, "{\"type\":\"object\"}");
    assert_text (call->user, "u");
    assert_text (call->service_tier, "default");
    assert_text (call->extras->field, "output_config.task_budget");
    assert_text (call->extras->next->field, "container");
    assert_null (call->extras->next->next);
    given_free (&given);
}

static void
given_system_blocks_when_read_then_cache_marks_are_kept (void **state)
{
    (void) state;
    given_t given = given_call (
        "{" HEAD ",\"system\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\","
        "\"text\":\"b\",\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"1h\"}}]," HI
        "}");
    assert_text (given.call->system->text, "a");
    assert_null (given.call->system->cache.at);
    assert_text (given.call->system->next->cache, "1h");
    given_free (&given);
}

static void
given_adaptive_and_omitted_when_read_then_nothing_is_shown (void **state)
{
    (void) state;
    given_t given = given_call ("{" HEAD
                                ",\"thinking\":{\"type\":\"adaptive\",\"display\":"
                                "\"omitted\"}," HI "}");
    assert_int_equal (given.call->reasoning, BR_YES);
    assert_int_equal (given.call->show_reasoning, BR_NO);
    assert_null (given.call->budget.raw.at);
    given_free (&given);
    given = given_call ("{" HEAD ",\"thinking\":{\"type\":\"disabled\"}," HI "}");
    assert_int_equal (given.call->reasoning, BR_NO);
    given_free (&given);
}

static void
given_a_system_turn_when_read_then_it_keeps_its_place (void **state)
{
    (void) state;
    given_t given = given_call ("{" HEAD
                                ",\"messages\":[{\"role\":\"user\",\"content\":\"a\"},"
                                "{\"role\":\"system\",\"content\":\"b\"},{\"role\":"
                                "\"user\",\"content\":\"c\"}]}");
    assert_int_equal (given.call->turns->next->role, BR_TURN_SYSTEM);
    assert_text (given.call->turns->next->blocks->text, "b");
    assert_text (given.call->turns->next->path, "messages[1]");
    given_free (&given);
}

static void
given_wrong_members_when_read_then_the_error_names_the_path (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        const char *path;
    } rows[] = {
        { "[]", "body: " },
        { "{\"max_tokens\":1," HI "}", "model: " },
        { "{\"model\":\"m\"," HI "}", "max_tokens: " },
        { "{" HEAD "}", "messages: " },
        { "{" HEAD ",\"messages\":[]}", "messages: " },
        { "{" HEAD ",\"messages\":[1]}", "messages[0]: " },
        { "{" HEAD ",\"messages\":[{\"role\":\"tool\",\"content\":\"\"}]}",
          "messages[0].role: " },
        { "{" HEAD ",\"messages\":[{\"role\":\"user\"}]}", "messages[0].content: " },
        { "{" HEAD ",\"messages\":[{\"role\":\"user\",\"content\":7}]}",
          "messages[0].content: " },
        { "{" HEAD ",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
          "\"image_url\"}]}]}",
          "messages[0].content[0].type: " },
        { "{" HEAD ",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
          "\"text\":null}]}]}",
          "messages[0].content[0].text: " },
        { "{" HEAD
          ",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_use\","
          "\"id\":\"a\",\"name\":\"b\",\"input\":{}}]}]}",
          "messages[0].content[0].type: " },
        { "{" HEAD ",\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":"
          "\"tool_use\",\"id\":\"a\",\"name\":\"b\",\"input\":\"{}\"}]}]}",
          "messages[0].content[0].input: " },
        { "{" HEAD ",\"system\":7," HI "}", "system: " },
        { "{" HEAD ",\"stream\":\"yes\"," HI "}", "stream: " },
        { "{" HEAD ",\"temperature\":\"hot\"," HI "}", "temperature: " },
        { "{\"model\":\"m\",\"max_tokens\":-1," HI "}", "max_tokens: " },
        { "{\"model\":\"m\",\"max_tokens\":1.5," HI "}", "max_tokens: " },
        { "{" HEAD ",\"stop_sequences\":[\"a\",1]," HI "}", "stop_sequences[1]: " },
        { "{" HEAD ",\"thinking\":{\"type\":\"maybe\"}," HI "}", "thinking.type: " },
        { "{" HEAD ",\"output_config\":{\"effort\":\"much\"}," HI "}",
          "output_config.effort: " },
        { "{" HEAD ",\"output_config\":{\"format\":{\"type\":\"xml\"}}," HI "}",
          "output_config.format.type: " },
        { "{" HEAD ",\"metadata\":[]," HI "}", "metadata: " },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        given_t given = given_read (rows[i].json, strlen (rows[i].json));
        assert_int_equal (given.rc, -1);
        assert_int_equal (given.error.code, BR_EINVALID);
        if (strncmp (given.error.text, rows[i].path, strlen (rows[i].path)) != 0)
            fail_msg ("%s: %s", rows[i].json, given.error.text);
        given_free (&given);
    }
}

static void
given_a_count_when_read_then_max_tokens_may_be_absent (void **state)
{
    (void) state;
    static const char json[] = "{\"model\":\"m\"," HI "}";
    br_call_t *call = br_call_new (BR_PROTOCOL_MESSAGES);
    json_tree_t *tree = json_tree_new ();
    call->count_only = true;
    const json_node_t *root = json_tree_parse (tree, json, sizeof json - 1, NULL);
    assert_int_equal (messages_codec.read_call (call, tree, root, NULL), 0);
    json_tree_destroy (&tree);
    br_call_destroy (&call);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_all_members_when_read_then_each_has_its_place),
        cmocka_unit_test (given_system_blocks_when_read_then_cache_marks_are_kept),
        cmocka_unit_test (given_adaptive_and_omitted_when_read_then_nothing_is_shown),
        cmocka_unit_test (given_a_system_turn_when_read_then_it_keeps_its_place),
        cmocka_unit_test (given_wrong_members_when_read_then_the_error_names_the_path),
        cmocka_unit_test (given_a_count_when_read_then_max_tokens_may_be_absent),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
