//  Tools that are written.

#include "tests/broker/proto/responses/fixture.h"

#define LOOSE "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}"
#define STRICT "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"

static br_tool_t *
s_tool (request_t *r, br_tool_kind_t kind, const char *name)
{
    br_tool_t *tool = br_call_add_tool (r->call, kind);
    tool->name = br_text (name);
    return tool;
}

static void
a_function_says_that_it_is_not_strict (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    s_tool (&r, BR_TOOL_FUNCTION, "bare")->description = BR_TEXT ("d");
    br_tool_t *loose = s_tool (&r, BR_TOOL_FUNCTION, "loose");
    loose->schema = BR_TEXT (LOOSE);
    loose->strict = BR_YES;
    loose->path = BR_TEXT ("tools[1]");
    br_tool_t *strict = s_tool (&r, BR_TOOL_FUNCTION, "strict");
    strict->schema = BR_TEXT (STRICT);
    strict->strict = BR_YES;
    r.call->parallel = BR_NO;
    request_write (&r);
    request_has (&r, "{'type':'function','name':'bare','description':'d','parameters':"
                     "{'type':'object','properties':{}},'strict':false}");
    request_has (&r, "'a':{'type':'string'}}},'strict':false}");
    request_has (&r, "'additionalProperties':false},'strict':true}],"
                     "'parallel_tool_calls':false");
    request_warns (&r, "changed tools[1].strict");
    request_end (&r);
}

static void
a_client_of_the_same_protocol_means_what_it_leaves_out (void **state)
{
    (void) state;
    request_t r;
    request_read_well (&r, "{'input':'x','tools':[{'type':'function','name':'f'}]}");
    request_write (&r);
    request_lacks (&r, "strict");
    request_end (&r);
}

static void
custom_and_hosted_tools_are_carried (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_RESPONSES);
    s_tool (&r, BR_TOOL_CUSTOM, "c")->format = BR_TEXT ("{\"type\":\"text\"}");
    br_tool_t *own = s_tool (&r, BR_TOOL_HOSTED, "web_search");
    own->raw = BR_TEXT ("{\"type\":\"web_search\"}");
    own->family = BR_FAMILY_OPENAI;
    br_tool_t *other = s_tool (&r, BR_TOOL_HOSTED, "bash_20250124");
    other->family = BR_FAMILY_ANTHROPIC;
    other->path = BR_TEXT ("tools[2]");
    request_write (&r);
    request_has (&r, "'tools':[{'type':'custom','name':'c','format':{'type':'text'}},"
                     "{'type':'web_search'}]");
    request_warns (&r, "dropped tools[2]");
    br_text_t name = BR_TEXT ("bash_20250124");
    r.call->choice = BR_CHOICE_NAMED;
    r.call->choice_names = (br_texts_t) { &name, 1 };
    request_write (&r);
    assert_int_equal (r.rc, -1);
    fixture_assert (r.error.text, "tool_choice cannot be sent", true);
    request_end (&r);
}

static void
choices_are_flat (void **state)
{
    (void) state;
    static const struct {
        br_choice_t choice;
        const char *name, *json;
    } rows[] = {
        { BR_CHOICE_AUTO, NULL, "'tool_choice':'auto'" },
        { BR_CHOICE_NONE, NULL, "'tool_choice':'none'" },
        { BR_CHOICE_REQUIRED, NULL, "'tool_choice':'required'" },
        { BR_CHOICE_NAMED, "f", "'tool_choice':{'type':'function','name':'f'}" },
        { BR_CHOICE_NAMED, "c", "'tool_choice':{'type':'custom','name':'c'}" },
        { BR_CHOICE_ALLOWED, "f",
          "{'type':'allowed_tools','mode':'auto','tools':[{'type':'function','name':'f'}]"
          "}" },
        { BR_CHOICE_ALLOWED_REQUIRED, "c",
          "'mode':'required','tools':[{'type':'custom','name':'c'}]" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        request_t r;
        request_begin (&r, BR_PROTOCOL_CHAT);
        s_tool (&r, BR_TOOL_FUNCTION, "f");
        s_tool (&r, BR_TOOL_CUSTOM, "c");
        br_text_t name = br_text (rows[i].name);
        r.call->choice = rows[i].choice;
        r.call->choice_names = (br_texts_t) { &name, rows[i].name ? 1 : 0 };
        request_write (&r);
        request_has (&r, rows[i].json);
        request_end (&r);
    }
}

static void
a_model_that_thinks_is_not_forced_where_it_refuses_that (void **state)
{
    (void) state;
    static const br_dialect_t shy = { .no_forced_choice = true,
                                      .thinking = BR_THINKING_EFFORT };
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    s_tool (&r, BR_TOOL_FUNCTION, "f");
    r.call->choice = BR_CHOICE_REQUIRED;
    request_write_with (&r, &shy);
    request_has (&r, "'tool_choice':'required'");
    r.call->effort = BR_EFFORT_HIGH;
    request_write_with (&r, &shy);
    request_has (&r, "'tool_choice':'auto'");
    request_warns (&r, "changed tool_choice");
    request_end (&r);
}

static void
a_choice_without_tools_is_not_written (void **state)
{
    (void) state;
    request_t r;
    request_begin (&r, BR_PROTOCOL_CHAT);
    r.call->choice = BR_CHOICE_AUTO;
    r.call->parallel = BR_YES;
    request_write (&r);
    request_lacks (&r, "tool");
    request_end (&r);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_function_says_that_it_is_not_strict),
        cmocka_unit_test (a_client_of_the_same_protocol_means_what_it_leaves_out),
        cmocka_unit_test (custom_and_hosted_tools_are_carried),
        cmocka_unit_test (choices_are_flat),
        cmocka_unit_test (a_model_that_thinks_is_not_forced_where_it_refuses_that),
        cmocka_unit_test (a_choice_without_tools_is_not_written),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
