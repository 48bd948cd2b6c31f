//  Tools and the choice between them are read.

#include "tests/broker/proto/messages/given.h"

static void
given_tools_when_read_then_those_of_the_provider_are_raw (void **state)
{
    (void) state;
    given_t given = given_call (
        "{" HEAD ",\"tools\":[{\"name\":\"f\",\"description\":\"d\",\"input_schema\":"
        "{\"type\":\"object\"},\"strict\":true,\"defer_loading\":true,"
        "\"cache_control\":{\"type\":\"ephemeral\",\"ttl\":\"5m\"}},{\"type\":\"custom\","
        "\"name\":\"g\",\"input_schema\":{}},{\"type\":\"bash_20250124\",\"name\":"
        "\"bash\"}"
        "]," HI "}");
    const br_tool_t *tool = given.call->tools;
    assert_int_equal (tool->kind, BR_TOOL_FUNCTION);
    assert_text (tool->description, "d");
    assert_text (tool->schema, "{\"type\":\"object\"}");
    assert_int_equal (tool->strict, BR_YES);
    assert_text (tool->cache, "5m");
    assert_int_equal (tool->next->kind, BR_TOOL_FUNCTION);
    tool = tool->next->next;
    assert_int_equal (tool->kind, BR_TOOL_HOSTED);
    assert_text (tool->name, "bash");
    assert_text (tool->raw, "{\"type\":\"bash_20250124\",\"name\":\"bash\"}");
    assert_text (tool->path, "tools[2]");
    assert_text (given.call->extras->field, "tools[0].defer_loading");
    given_free (&given);
}

static void
given_choices_when_read_then_each_word_has_its_meaning (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        br_choice_t choice;
        br_tri_t parallel;
    } rows[] = {
        { "{\"type\":\"auto\"}", BR_CHOICE_AUTO, BR_UNSET },
        { "{\"type\":\"any\",\"disable_parallel_tool_use\":true}", BR_CHOICE_REQUIRED,
          BR_NO },
        { "{\"type\":\"tool\",\"name\":\"f\",\"disable_parallel_tool_use\":false}",
          BR_CHOICE_NAMED, BR_YES },
        { "{\"type\":\"none\"}", BR_CHOICE_NONE, BR_UNSET },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *json = br_strf ("{%s,\"tool_choice\":%s,%s}", HEAD, rows[i].json, HI);
        given_t given = given_call (json);
        assert_int_equal (given.call->choice, rows[i].choice);
        assert_int_equal (given.call->parallel, rows[i].parallel);
        if (rows[i].choice == BR_CHOICE_NAMED)
            assert_text (given.call->choice_names.at[0], "f");
        given_free (&given);
        free (json);
    }
}

static void
given_wrong_tools_when_read_then_the_path_is_named (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        { "\"tools\":{}", "tools: " },
        { "\"tools\":[1]", "tools[0]: " },
        { "\"tools\":[{\"name\":\"f\"}]", "tools[0].input_schema: " },
        { "\"tools\":[{\"input_schema\":{}}]", "tools[0].name: " },
        { "\"tools\":[{\"type\":1}]", "tools[0].type: " },
        { "\"tool_choice\":\"auto\"", "tool_choice: " },
        { "\"tool_choice\":{\"type\":\"some\"}", "tool_choice.type: " },
        { "\"tool_choice\":{\"type\":\"tool\"}", "tool_choice.name: " },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *json = br_strf ("{%s,%s,%s}", HEAD, rows[i][0], HI);
        given_t given = given_read (json, strlen (json));
        assert_int_equal (given.rc, -1);
        if (strncmp (given.error.text, rows[i][1], strlen (rows[i][1])) != 0)
            fail_msg ("%s: %s", rows[i][0], given.error.text);
        given_free (&given);
        free (json);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_tools_when_read_then_those_of_the_provider_are_raw),
        cmocka_unit_test (given_choices_when_read_then_each_word_has_its_meaning),
        cmocka_unit_test (given_wrong_tools_when_read_then_the_path_is_named),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
