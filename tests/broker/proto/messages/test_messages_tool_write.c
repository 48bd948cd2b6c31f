//  Tools and the choice between them are written.

#include "tests/broker/proto/messages/given.h"

static br_tool_t *
s_tool (given_t *given, br_tool_kind_t kind, const char *name)
{
    br_tool_t *tool = br_call_add_tool (given->call, kind);
    tool->name = br_text (name);
    tool->path = br_arena_textf (given->call->arena, "tools.%s", name);
    return tool;
}

static given_t
s_given (void)
{
    given_t given = given_other (BR_PROTOCOL_CHAT);
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    return given;
}

static void
given_kinds_of_tools_when_written_then_each_has_its_form (void **state)
{
    (void) state;
    given_t given = s_given ();
    s_tool (&given, BR_TOOL_FUNCTION, "a.f")->strict = BR_YES;
    s_tool (&given, BR_TOOL_CUSTOM, "patch")->description = BR_TEXT ("d");
    br_tool_t *own = s_tool (&given, BR_TOOL_HOSTED, "web");
    own->family = BR_FAMILY_ANTHROPIC;
    own->raw = BR_TEXT ("{\"type\":\"web\"}");
    s_tool (&given, BR_TOOL_HOSTED, "file_search")->family = BR_FAMILY_OPENAI;
    const char *sent = given_sent (&given, MIDDLE);
    assert_has (sent,
                "\"input_schema\":{\"type\":\"object\",\"properties\":{}},\"strict\":"
                "true}");
    assert_has (sent,
                "{\"name\":\"patch\",\"description\":\"d\",\"input_schema\":{\"type\":"
                "\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},"
                "\"required\":[\"input\"]}},{\"type\":\"web\"}]");
    assert_lacks (sent, "a.f");
    assert_lacks (sent, "tool_choice");
    assert_changed (&given, "tools.patch");
    assert_dropped (&given, "tools.file_search");
    assert_lacks (given_sent (&given, OLD), "strict");
    assert_dropped (&given, "tools.a.f.strict");
    given_free (&given);
}

static void
given_choices_when_written_then_each_is_a_word (void **state)
{
    (void) state;
    static const br_text_t names[] = { { "g", 1 } };
    static const struct {
        br_choice_t choice;
        br_tri_t parallel;
        const char *json;
    } rows[] = {
        { BR_CHOICE_AUTO, BR_UNSET, "\"tool_choice\":{\"type\":\"auto\"}" },
        { BR_CHOICE_UNSET, BR_NO,
          "\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}" },
        { BR_CHOICE_NONE, BR_NO, "\"tool_choice\":{\"type\":\"none\"}" },
        { BR_CHOICE_REQUIRED, BR_YES, "\"tool_choice\":{\"type\":\"any\"}" },
        { BR_CHOICE_NAMED, BR_UNSET,
          "\"tool_choice\":{\"type\":\"tool\",\"name\":\"g\"}" },
        { BR_CHOICE_ALLOWED, BR_UNSET, "\"tool_choice\":{\"type\":\"auto\"}" },
        { BR_CHOICE_ALLOWED_REQUIRED, BR_UNSET, "\"tool_choice\":{\"type\":\"any\"}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        given_t given = s_given ();
        s_tool (&given, BR_TOOL_FUNCTION, "f");
        s_tool (&given, BR_TOOL_FUNCTION, "g");
        given.call->choice = rows[i].choice;
        given.call->parallel = rows[i].parallel;
        given.call->choice_names = (br_texts_t) { names, 1 };
        const char *sent = given_sent (&given, OLD);
        assert_has (sent, rows[i].json);
        bool subset = rows[i].choice >= BR_CHOICE_ALLOWED;
        assert_true ((strstr (sent, "\"name\":\"f\"") == NULL) == subset);
        given_free (&given);
    }
}

static void
given_a_choice_of_a_tool_that_is_not_sent_when_written_then_it_is_refused (void **state)
{
    (void) state;
    static const br_text_t names[] = { { "web", 3 } };
    given_t given = s_given ();
    s_tool (&given, BR_TOOL_HOSTED, "web")->family = BR_FAMILY_OPENAI;
    given.call->choice = BR_CHOICE_NAMED;
    given.call->choice_names = (br_texts_t) { names, 1 };
    assert_int_equal (given_write (&given, "anthropic", OLD, 0), -1);
    assert_has (given.error.text, "tool_choice: ");
    given.call->choice = BR_CHOICE_REQUIRED;
    assert_int_equal (given_write (&given, "anthropic", OLD, 0), -1);
    given.call->choice = BR_CHOICE_AUTO;
    assert_lacks (given_sent (&given, OLD), "tool_choice");
    given_free (&given);
}

static void
given_a_schema_and_tools_when_written_then_any_of_them_may_answer (void **state)
{
    (void) state;
    given_t given = s_given ();
    s_tool (&given, BR_TOOL_FUNCTION, "f");
    given.call->format = BR_FORMAT_SCHEMA;
    given.call->schema = BR_TEXT ("{\"type\":\"object\"}");
    given.call->effort = BR_EFFORT_HIGH;
    const char *sent = given_sent (&given, OLD);
    assert_has (sent, "\"tool_choice\":{\"type\":\"any\"}");
    assert_has (sent, "\"thinking\":{\"type\":\"disabled\"}");
    assert_dropped (&given, "reasoning_effort");
    given_free (&given);
}

//  The input of a tool is an object; another root would come back as something else.
static void
given_a_schema_that_is_no_object_when_written_as_a_tool_then_it_is_refused (void **state)
{
    (void) state;
    static const char *const schemas[] = {
        "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
        "{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}",
        "{\"enum\":[\"a\",\"b\"]}",
    };
    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++) {
        given_t given = s_given ();
        given.call->format = BR_FORMAT_SCHEMA;
        given.call->schema = br_text (schemas[i]);
        assert_int_equal (given_write (&given, "anthropic", OLD, 0), -1);
        assert_int_equal (given.error.code, BR_EINVALID);
        assert_has (given.error.text, "response_format");
        assert_has (given.error.text, OLD);
        //  Newer models have a place for any schema.
        assert_int_equal (given_write (&given, "anthropic", MIDDLE, 0), 0);
        given_free (&given);
    }
}

static void
given_a_tool_of_the_answers_name_when_written_then_the_answers_has_another (void **state)
{
    (void) state;
    given_t given = s_given ();
    s_tool (&given, BR_TOOL_FUNCTION, MESSAGES_ANSWER_TOOL);
    given.call->format = BR_FORMAT_SCHEMA;
    given.call->schema = BR_TEXT ("{\"type\":\"object\"}");
    const char *sent = given_sent (&given, OLD);
    const char *first = strstr (sent, "\"name\":\"" MESSAGES_ANSWER_TOOL "\"");
    assert_non_null (first);
    assert_null (strstr (first + 1, "\"name\":\"" MESSAGES_ANSWER_TOOL "\""));
    assert_has (sent, "\"name\":\"structured_answer\"");
    assert_string_equal (messages_answer_tool (given.call), "structured_answer");
    given_free (&given);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_kinds_of_tools_when_written_then_each_has_its_form),
        cmocka_unit_test (given_choices_when_written_then_each_is_a_word),
        cmocka_unit_test (
            given_a_choice_of_a_tool_that_is_not_sent_when_written_then_it_is_refused),
        cmocka_unit_test (
            given_a_schema_and_tools_when_written_then_any_of_them_may_answer),
        cmocka_unit_test (
            given_a_schema_that_is_no_object_when_written_as_a_tool_then_it_is_refused),
        cmocka_unit_test (
            given_a_tool_of_the_answers_name_when_written_then_the_answers_has_another),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
