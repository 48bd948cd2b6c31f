//  tool_choice: what is forced is forced, or refused.

#include "tests/broker/proto/translated.h"

#define HOSTED_OF_MESSAGES "'tools':[{'type':'web_search_20250305','name':'web_search'}],"
#define HOSTED_OF_RESPONSES "'tools':[{'type':'web_search'}],"
#define HOSTED_OF_GOOGLE "'tools':[{'googleSearch':{}}],"
#define ANY "'toolConfig':{'functionCallingConfig':{'mode':'ANY'}},"

static void
refuses (br_protocol_t client, const char *request, whom_t whom, const char *field)
{
    translated_t t = { 0 };
    if (translated_try (&t, client, request, whom) == 0)
        fail_msg ("%s: %s", whom.model, br_buf_text (&t.asked));
    assert_int_equal (t.error.code, BR_EINVALID);
    if (!strstr (t.error.text, field) || !strstr (t.error.text, whom.provider))
        fail_msg ("no %s or %s in %s", field, whom.provider, t.error.text);
    translated_free (&t);
}

static void
asks (br_protocol_t client, const char *request, whom_t whom, const char *wanted)
{
    translated_t t = { 0 };
    translated_ask (&t, client, request, whom);
    char *json = translated_json (wanted);
    if (!strstr (br_buf_text (&t.asked), json))
        fail_msg ("no %s in %s", json, br_buf_text (&t.asked));
    free (json);
    translated_free (&t);
}

static void
given_a_hosted_tool_when_it_is_forced_at_another_then_refused (void **state)
{
    (void) state;
    static const char *const messages[] = {
        ASK_MESSAGES (HOSTED_OF_MESSAGES
                      "'tool_choice':{'type':'tool','name':'web_search'},"),
        ASK_MESSAGES (HOSTED_OF_MESSAGES "'tool_choice':{'type':'any'},"),
    };
    static const char *const responses[] = {
        ASK_RESPONSES (HOSTED_OF_RESPONSES "'tool_choice':'required',"),
        ASK_RESPONSES (HOSTED_OF_RESPONSES "'tool_choice':{'type':'web_search'},"),
        ASK_RESPONSES (HOSTED_OF_RESPONSES
                       "'tool_choice':{'type':'web_search_preview'},"),
        ASK_RESPONSES (HOSTED_OF_RESPONSES
                       "'tool_choice':{'type':'allowed_tools','mode':'required',"
                       "'tools':[{'type':'web_search'}]},"),
    };
    for (size_t i = 0; i < 2; i++) {
        refuses (BR_PROTOCOL_MESSAGES, messages[i], GPT_4, "tool_choice");
        refuses (BR_PROTOCOL_MESSAGES, messages[i], GPT_5, "tool_choice");
        refuses (BR_PROTOCOL_MESSAGES, messages[i], GEMINI_25, "tool_choice");
    }
    for (size_t i = 0; i < 4; i++) {
        refuses (BR_PROTOCOL_RESPONSES, responses[i], GPT_4, "tool_choice");
        refuses (BR_PROTOCOL_RESPONSES, responses[i], CLAUDE, "tool_choice");
        refuses (BR_PROTOCOL_RESPONSES, responses[i], GEMINI_25, "tool_choice");
    }
    refuses (BR_PROTOCOL_GOOGLE, ASK_GOOGLE (HOSTED_OF_GOOGLE ANY), GPT_4, "toolConfig");
    refuses (BR_PROTOCOL_GOOGLE, ASK_GOOGLE (HOSTED_OF_GOOGLE ANY), GPT_5, "toolConfig");
    refuses (BR_PROTOCOL_GOOGLE, ASK_GOOGLE (HOSTED_OF_GOOGLE ANY), CLAUDE, "toolConfig");
}

static void
given_a_hosted_tool_when_its_own_provider_is_asked_then_forced_where_it_can_be (
    void **state)
{
    (void) state;
    asks (BR_PROTOCOL_MESSAGES,
          ASK_MESSAGES (HOSTED_OF_MESSAGES
                        "'tool_choice':{'type':'tool','name':'web_search'},"),
          CLAUDE, "'tool_choice':{'type':'tool','name':'web_search'}");
    asks (BR_PROTOCOL_RESPONSES,
          ASK_RESPONSES (HOSTED_OF_RESPONSES
                         "'tool_choice':{'type':'web_search_preview'},"),
          GPT_5, "'tool_choice':{'type':'web_search_preview'}");
    asks (BR_PROTOCOL_RESPONSES,
          ASK_RESPONSES (HOSTED_OF_RESPONSES "'tool_choice':'required',"), GPT_5,
          "'tool_choice':'required'");
    refuses (BR_PROTOCOL_GOOGLE, ASK_GOOGLE (HOSTED_OF_GOOGLE ANY), GEMINI_25,
             "toolConfig");
}

static void
given_a_tool_that_is_not_there_when_it_is_forced_then_refused (void **state)
{
    (void) state;
    static const whom_t all[] = { GPT_4, GPT_5, CLAUDE, GEMINI_25 };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        refuses (BR_PROTOCOL_CHAT,
                 ASK_CHAT ("'tools':[{'type':'function','function':{'name':'a'}}],"
                           "'tool_choice':{'type':'function','function':{'name':'b'}},"),
                 all[i], "tool_choice");
        asks (BR_PROTOCOL_MESSAGES,
              ASK_MESSAGES ("'tools':[{'type':'web_search_20250305','name':'web_search'},"
                            "{'name':'a','input_schema':{'type':'object'}}],"
                            "'tool_choice':{'type':'tool','name':'a'},"),
              all[i], "'a'");
    }
}

//  The allowed ones alone, and none where there is none of them.
static void
given_allowed_tools_when_some_are_not_sent_then_the_others_alone (void **state)
{
    (void) state;
    static const char allowed[] = ASK_RESPONSES (
        "'tools':[{'type':'web_search'},{'type':'function','name':'a','parameters':{}},"
        "{'type':'function','name':'b','parameters':{}}],'tool_choice':{'type':"
        "'allowed_tools','mode':'auto','tools':[{'type':'web_search'},"
        "{'type':'function','name':'a'}]},");
    static const char none[] = ASK_RESPONSES (
        "'tools':[{'type':'web_search'},{'type':'function','name':'a','parameters':{}}],"
        "'tool_choice':{'type':'allowed_tools','mode':'auto','tools':[{'type':"
        "'web_search'}]},");
    const whom_t gpt = { BR_PROTOCOL_CHAT, "openai", "gpt-5" };
    asks (BR_PROTOCOL_RESPONSES, allowed, gpt,
          "'tools':[{'type':'function','function':{'name':'a'}}]}");
    asks (BR_PROTOCOL_RESPONSES, allowed, GEMINI_25, "'allowedFunctionNames':['a']");
    asks (BR_PROTOCOL_RESPONSES, none, gpt, "'tool_choice':'none'");
    asks (BR_PROTOCOL_RESPONSES, none, GEMINI_25, "{'mode':'NONE'}");
    asks (BR_PROTOCOL_RESPONSES, none, GPT_5, "'tools':[{'type':'web_search'}]}");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_hosted_tool_when_it_is_forced_at_another_then_refused),
        cmocka_unit_test (
            given_a_hosted_tool_when_its_own_provider_is_asked_then_forced_where_it_can_be),
        cmocka_unit_test (given_a_tool_that_is_not_there_when_it_is_forced_then_refused),
        cmocka_unit_test (
            given_allowed_tools_when_some_are_not_sent_then_the_others_alone),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
