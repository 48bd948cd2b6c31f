//  The tools of a request, and which of them is to be called.

#include "tests/broker/proto/responses/fixture.h"

static void
tools_are_read_by_their_types (void **state)
{
    (void) state;
    request_t r;
    request_read_well (
        &r, "{'tools':[{'type':'function','name':'f','description':'d','strict':true,"
            "'parameters':{'type':'object'},'defer_loading':true},"
            "{'type':'function','name':'bare','parameters':null,'description':null},"
            "{'type':'custom','name':'c','format':{'type':'text'}},"
            "{'type':'web_search','x':1}]}");
    const br_tool_t *tool = r.call->tools;
    assert_int_equal (tool->kind, BR_TOOL_FUNCTION);
    assert_int_equal (tool->strict, BR_YES);
    assert_true (br_text_is (tool->schema, "{\"type\":\"object\"}"));
    assert_true (br_text_is (r.call->extras->field, "tools[0].defer_loading"));
    tool = tool->next;
    assert_null (tool->schema.at);
    assert_int_equal (tool->strict, BR_UNSET);
    tool = tool->next;
    assert_int_equal (tool->kind, BR_TOOL_CUSTOM);
    assert_true (br_text_is (tool->format, "{\"type\":\"text\"}"));
    tool = tool->next;
    assert_int_equal (tool->kind, BR_TOOL_HOSTED);
    assert_true (br_text_is (tool->name, "web_search"));
    assert_true (br_text_is (tool->path, "tools[3]"));
    assert_true (br_text_is (tool->raw, "{\"type\":\"web_search\",\"x\":1}"));
    request_end (&r);
}

static void
a_choice_is_a_word_or_a_tool_or_some_tools (void **state)
{
    (void) state;
    static const struct {
        const char *json;
        br_choice_t choice;
        const char *name;
    } rows[] = {
        { "'auto'", BR_CHOICE_AUTO, NULL },
        { "'none'", BR_CHOICE_NONE, NULL },
        { "'required'", BR_CHOICE_REQUIRED, NULL },
        { "{'type':'function','name':'f'}", BR_CHOICE_NAMED, "f" },
        { "{'type':'custom','name':'c'}", BR_CHOICE_NAMED, "c" },
        { "{'type':'web_search'}", BR_CHOICE_NAMED, "web_search" },
        { "{'type':'allowed_tools','mode':'auto','tools':[{'type':'function','name':'f'}]"
          "}",
          BR_CHOICE_ALLOWED, "f" },
        { "{'type':'allowed_tools','mode':'required','tools':[{'type':'custom',"
          "'name':'c'}]}",
          BR_CHOICE_ALLOWED_REQUIRED, "c" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *json = br_strf ("{'tool_choice':%s}", rows[i].json);
        request_t r;
        request_read_well (&r, json);
        assert_int_equal (r.call->choice, rows[i].choice);
        assert_int_equal (r.call->choice_names.size, rows[i].name ? 1 : 0);
        if (rows[i].name)
            assert_true (br_text_is (r.call->choice_names.at[0], rows[i].name));
        request_end (&r);
        free (json);
    }
}

static void
what_is_no_tool_is_refused_by_its_path (void **state)
{
    (void) state;
    request_read_badly ("{'tools':{}}", "tools must be an array");
    request_read_badly ("{'tools':['f']}", "tools[0] must be an object");
    request_read_badly ("{'tools':[{}]}", "tools[0].type is missing");
    request_read_badly ("{'tools':[{'type':'function'}]}", "tools[0].name is missing");
    request_read_badly ("{'tools':[{'type':'function','name':'f','parameters':1}]}",
                        "tools[0].parameters must be an object");
    request_read_badly ("{'tool_choice':'maybe'}", "tool_choice must be");
    request_read_badly ("{'tool_choice':{'type':'function'}}", "tool_choice.name");
    request_read_badly ("{'tool_choice':{'type':'allowed_tools'}}",
                        "tool_choice must be");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (tools_are_read_by_their_types),
        cmocka_unit_test (a_choice_is_a_word_or_a_tool_or_some_tools),
        cmocka_unit_test (what_is_no_tool_is_refused_by_its_path),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
