//  test_pitfalls_tools: what goes wrong with tools that are called between protocols, by
//  number (P-15 and P-24 to P-33).

#include "tests/broker/proto/translated.h"

#define SCHEMA "{'type':'object','properties':{'p':{'type':'string'}}}"
#define CALL(id, name)                                                                   \
    "{'id':'" id "','type':'function','function':{'name':'" name "','arguments':'{}'}}"
#define RESULT(id, text) "{'role':'tool','tool_call_id':'" id "','content':'" text "'}"
#define CALLED(calls, results)                                                           \
    "{'model':'m','messages':[{'role':'user','content':'hi'},{'role':'assistant',"       \
    "'content':null,'tool_calls':[" calls "]}," results "]}"

static void
p_15_tools_of_other_protocols_are_said_not_to_be_strict (void **state)
{
    (void) state;
    static const struct {
        br_protocol_t client;
        const char *request, *strict;
    } rows[] = {
        { BR_PROTOCOL_CHAT,
          ASK_CHAT (
              "'tools':[{'type':'function','function':{'name':'f','parameters':" SCHEMA
              "}}],"),
          "false" },
        { BR_PROTOCOL_MESSAGES,
          ASK_MESSAGES ("'tools':[{'name':'f','input_schema':" SCHEMA "}],"), "false" },
        { BR_PROTOCOL_GOOGLE,
          ASK_GOOGLE ("'tools':[{'functionDeclarations':[{'name':'f','parameters':" SCHEMA
                      "}]}],"),
          "false" },
        //  Its own client means what the protocol means.
        { BR_PROTOCOL_RESPONSES,
          ASK_RESPONSES ("'tools':[{'type':'function','name':'f','parameters':" SCHEMA
                         "}],"),
          NULL },
        { BR_PROTOCOL_RESPONSES,
          ASK_RESPONSES ("'tools':[{'type':'function','name':'f','strict':false,"
                         "'parameters':" SCHEMA "}],"),
          "false" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        translated_t t;
        ask (&t, rows[i].client, rows[i].request, GPT_5);
        asked_is (&t, "tools[0].name", "'f'");
        asked_is (&t, "tools[0].strict", rows[i].strict);
        translated_free (&t);
    }
}

//  ---- results

static void
p_24_parallel_results_are_one_turn_behind_their_calls (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT,
         CALLED (CALL ("c1", "f") "," CALL ("c2", "f"),
                 RESULT ("c2", "two") "," RESULT ("c1", "one") ",{'role':'user',"
                                                               "'content':'go on'}"),
         CLAUDE);
    body_is_all (&t.asked, ROWS ({ "messages[1].role", "'assistant'" },
                                 { "messages[2].role", "'user'" },
                                 { "messages[2].content[0].tool_use_id", "'c1'" },
                                 { "messages[2].content[0].content", "'one'" },
                                 { "messages[2].content[1].tool_use_id", "'c2'" },
                                 { "messages[2].content[2].text", "'go on'" },
                                 { "messages[3]", NULL }));
    translated_free (&t);
}

static void
p_25_results_stand_in_front_of_text (void **state)
{
    (void) state;
    static const char request[] =
        "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':'hi'},{'role':"
        "'assistant','content':[{'type':'tool_use','id':'t1','name':'f','input':{}}]},{"
        "'role':'user','content':[{'type':'text','text':'go on'},{'type':'tool_result',"
        "'tool_use_id':'t1','content':'ok'}]}]}";
    translated_t t;
    ask (&t, BR_PROTOCOL_MESSAGES, request, CLAUDE);
    asked_is (&t, "messages[2].content[0].type", "'tool_result'");
    asked_is (&t, "messages[2].content[1].text", "'go on'");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_MESSAGES, request, GPT_4);
    asked_is (&t, "messages[2].role", "'tool'");
    asked_is (&t, "messages[3].content", "'go on'");
    translated_free (&t);
}

static void
p_26_google_gets_as_many_results_as_calls (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT,
         CALLED (CALL ("c1", "f") "," CALL ("c2", "g") "," CALL ("c3", "f"),
                 RESULT ("c3", "three") "," RESULT ("c1", "one")),
         GEMINI_3);
    assert_int_equal (body_count (&t.asked, "'functionCall':"), 3);
    assert_int_equal (body_count (&t.asked, "'functionResponse':"), 3);
    body_is_all (&t.asked, ROWS ({ "contents[2].parts[0].functionResponse.id", "'c1'" },
                                 { "contents[2].parts[1].functionResponse.name", "'g'" },
                                 { "contents[2].parts[2].functionResponse.response",
                                   "{'output':'three'}" },
                                 { "contents[2].parts[3]", NULL }));
    translated_free (&t);
}

//  ---- ids

static void
p_27_ids_that_anthropic_refuses_are_changed_in_call_and_result (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT,
         CALLED (CALL ("functions.f:0", "f") "," CALL ("functions.f:1", "f"),
                 RESULT ("functions.f:0", "one") "," RESULT ("functions.f:1", "two")),
         CLAUDE);
    char *ids[2] = { body_take (&t.asked, "messages[1].content[0].id"),
                     body_take (&t.asked, "messages[1].content[1].id") };
    for (unsigned i = 0; i < 2; i++) {
        size_t size = strlen (ids[i]) - 2;
        assert_int_equal (strspn (ids[i] + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
                                              "QRSTUVWXYZ0123456789_-"),
                          size);
        assert_in_range (size, 1, 64);
        char path[64];
        snprintf (path, sizeof path, "messages[2].content[%u].tool_use_id", i);
        asked_is (&t, path, ids[i]);
    }
    assert_string_not_equal (ids[0], ids[1]);
    free (ids[0]);
    free (ids[1]);
    translated_free (&t);
}

static void
p_28_an_id_of_kimi_comes_back_to_kimi_as_it_was (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (""), KIMI,
          "{'id':'c1','object':'chat.completion','created':1,'model':'x','choices':[{"
          "'index':0,'message':{'role':'assistant','content':null,'reasoning_content':"
          "'hm','tool_calls':[" CALL ("functions.f:0", "f") "," CALL (
              "functions.f:1", "f") "]"
                                    "}"
                                    ","
                                    "'finish_reason':'tool_calls'}]}");
    char *content = body_take (&t.heard, "content");
    char *ids[2] = { body_take (&t.heard, "content[1].id"),
                     body_take (&t.heard, "content[2].id") };
    translated_free (&t);
    char *next = br_strf ("{'model':'m','max_tokens':9,'messages':[{'role':'user',"
                          "'content':'hi'},{'role':'assistant','content':%s},{'role':"
                          "'user','content':[{'type':'tool_result','tool_use_id':%s,"
                          "'content':'one'},{'type':'tool_result','tool_use_id':%s,"
                          "'content':'two'}]}]}",
                          content, ids[0], ids[1]);
    ask (&t, BR_PROTOCOL_MESSAGES, next, KIMI);
    body_is_all (&t.asked, ROWS ({ "messages[1].tool_calls[0].id", "'functions.f:0'" },
                                 { "messages[1].tool_calls[1].id", "'functions.f:1'" },
                                 { "messages[2].tool_call_id", "'functions.f:0'" },
                                 { "messages[3].tool_call_id", "'functions.f:1'" }));
    translated_free (&t);
    free (next);
    free (ids[0]);
    free (ids[1]);
    free (content);
}

#define TEN "0123456789"
#define EIGHTY TEN TEN TEN TEN TEN TEN TEN TEN

//  Of the call and of its result, which are the same. "caller frees"
static char *
s_id_at (const char *id, whom_t whom, const char *call, const char *result)
{
    char *request = br_strf (CALLED (CALL ("%s", "f"), RESULT ("%s", "ok")), id, id);
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT, request, whom);
    char *wire = body_take (&t.asked, call);
    asked_is (&t, result, wire);
    translated_free (&t);
    free (request);
    return wire;
}

static void
p_29_ids_over_64_characters_are_cut_the_same_each_time (void **state)
{
    (void) state;
    char *ids[3];
    const char *from[3] = { EIGHTY "a", EIGHTY "b", EIGHTY "a" };
    for (unsigned i = 0; i < 3; i++) {
        ids[i] = s_id_at (from[i], GPT_5, "input[1].call_id", "input[2].call_id");
        assert_in_range (strlen (ids[i]) - 2, 1, 64);
    }
    assert_string_equal (ids[0], ids[2]);
    assert_string_not_equal (ids[0], ids[1]);
    for (unsigned i = 0; i < 3; i++)
        free (ids[i]);
}

static void
p_30_ids_for_mistral_have_nine_letters_and_digits (void **state)
{
    (void) state;
    char *ids[3];
    const char *from[3] = { "call_0123456789abcdef", "toolu_1", "abcDEF123" };
    for (unsigned i = 0; i < 3; i++) {
        ids[i] = s_id_at (from[i], MISTRAL, "messages[1].tool_calls[0].id",
                          "messages[2].tool_call_id");
        assert_int_equal (strlen (ids[i]), 11);
        assert_int_equal (strspn (ids[i] + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
                                              "QRSTUVWXYZ0123456789"),
                          9);
    }
    assert_string_not_equal (ids[0], ids[1]);
    assert_string_equal (ids[2], "\"abcDEF123\"");
    for (unsigned i = 0; i < 3; i++)
        free (ids[i]);
}

//  ---- names and schemas

static void
p_31_names_with_dots_and_slashes_are_changed_and_heard_as_they_were (void **state)
{
    (void) state;
    static const char request[] = ASK_GOOGLE (
        "'tools':[{'functionDeclarations':[{'name':'mcp.tool/x'}]}],'toolConfig':{"
        "'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':['mcp.tool/x']}},");
    translated_t t;
    ask (&t, BR_PROTOCOL_GOOGLE, request, GPT_4);
    char *name = body_take (&t.asked, "tools[0].function.name");
    assert_null (strpbrk (name, "./"));
    asked_is (&t, "tool_choice.function.name", name);
    char *answer = br_strf ("{'id':'c1','object':'chat.completion','created':1,'model':"
                            "'x','choices':[{'index':0,'message':{'role':'assistant',"
                            "'content':null,'tool_calls':[{'id':'c1','type':'function',"
                            "'function':{'name':%s,'arguments':'{}'}}]},'finish_reason':"
                            "'tool_calls'}]}",
                            name);
    translated_answer (&t, answer);
    heard_is (&t, "candidates[0].content.parts[0].functionCall.name", "'mcp.tool/x'");
    translated_free (&t);
    free (answer);
    free (name);
    //  Google takes dots.
    ask (&t, BR_PROTOCOL_CHAT,
         ASK_CHAT ("'tools':[{'type':'function','function':{'name':'mcp.tool'}}],"),
         GEMINI_25);
    asked_is (&t, "tools[0].functionDeclarations[0].name", "'mcp.tool'");
    translated_free (&t);
}

static void
p_32_older_models_of_google_get_the_part_of_schemas_that_they_know (void **state)
{
    (void) state;
    static const char request[] = ASK_CHAT (
        "'tools':[{'type':'function','function':{'name':'f','parameters':{'$schema':"
        "'http://json-schema.org/draft-07/schema#','type':'object','additionalProperties'"
        ":false,'propertyNames':{'pattern':'a'},'properties':{'a':{'const':'x'},'b':{"
        "'type':['string','null']},'c':{'type':'integer','exclusiveMinimum':0}},"
        "'required':['a']}}}],");
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT, request, GEMINI_2);
    asked_lacks (&t, "$schema");
    asked_lacks (&t, "additionalProperties");
    asked_lacks (&t, "propertyNames");
    asked_lacks (&t, "'const'");
    asked_lacks (&t, "exclusiveMinimum");
    asked_lacks (&t, "JsonSchema");
    body_is_all (
        &t.asked,
        ROWS (
            { "tools[0].functionDeclarations[0].parameters.type", "'OBJECT'" },
            { "tools[0].functionDeclarations[0].parameters.properties.a.enum", "['x']" },
            { "tools[0].functionDeclarations[0].parameters.properties.b.type",
              "'STRING'" },
            { "tools[0].functionDeclarations[0].parameters.properties.b.nullable",
              "true" },
            { "tools[0].functionDeclarations[0].parameters.required", "['a']" }));
    translated_free (&t);
    //  Newer ones take JSON Schema by another name.
    ask (&t, BR_PROTOCOL_CHAT, request, GEMINI_25);
    asked_is (&t, "tools[0].functionDeclarations[0].parameters", NULL);
    asked_is (&t, "tools[0].functionDeclarations[0].parametersJsonSchema.properties.a",
              "{'const':'x'}");
    translated_free (&t);
}

//  ---- streams

#define CHUNK(calls)                                                                     \
    EVENT ("{'id':'c1','created':1,'model':'x','choices':[{'index':0,'delta':{"          \
           "'tool_calls':[" calls "]}}]}")
#define END                                                                              \
    EVENT (                                                                              \
        "{'id':'c1','choices':[{'index':0,'delta':{},'finish_reason':'tool_calls'}]}")   \
    DONE

static void
p_33_calls_in_streams_of_every_accent_are_two_whole_calls (void **state)
{
    (void) state;
    static const struct {
        const char *who, *answer;
    } rows[] = {
        { "openai",
          CHUNK ("{'index':0,'id':'a','type':'function','function':{'name':'f',"
                 "'arguments':''}}") CHUNK ("{'index':0,'function':{'arguments':'{}'}}")
              CHUNK ("{'index':1,'id':'b','type':'function','function':{'name':'g',"
                     "'arguments':''}}")
                  CHUNK ("{'index':1,'function':{'arguments':'{}'}}") END },
        { "qwen: an empty id behind the first piece",
          CHUNK ("{'index':0,'id':'a','type':'function','function':{'name':'f',"
                 "'arguments':'{'}}")
              CHUNK ("{'index':0,'id':'','type':'function','function':{'name':'',"
                     "'arguments':'}'}}")
                  CHUNK ("{'index':1,'id':'b','type':'function','function':{'name':'g',"
                         "'arguments':'{}'}}") END },
        { "mistral: no index, both at once",
          CHUNK ("{'id':'a','function':{'name':'f','arguments':'{}'}},{'id':'b',"
                 "'function':{'name':'g','arguments':'{}'}}") END },
        { "anthropic's endpoint: indexes from 1",
          CHUNK ("{'index':1,'id':'a','type':'function','function':{'name':'f',"
                 "'arguments':''}}") CHUNK ("{'index':1,'function':{'arguments':'{}'}}")
              CHUNK ("{'index':2,'id':'b','type':'function','function':{'name':'g',"
                     "'arguments':'{}'}}") END },
        { "xai: whole calls",
          CHUNK ("{'index':0,'id':'a','type':'function','function':{'name':'f',"
                 "'arguments':'{}'}}")
              CHUNK ("{'index':1,'id':'b','type':'function','function':{'name':'g',"
                     "'arguments':'{}'}}") END },
        { "google's endpoint: no ids, one index",
          CHUNK ("{'index':0,'id':'','type':'function','function':{'name':'f',"
                 "'arguments':'{}'}}")
              CHUNK ("{'index':0,'id':'','type':'function','function':{'name':'g',"
                     "'arguments':'{}'}}") END },
        { "arguments as an object",
          CHUNK ("{'index':0,'id':'a','type':'function','function':{'name':'f',"
                 "'arguments':{}}}")
              CHUNK ("{'index':1,'id':'b','type':'function','function':{'name':'g',"
                     "'arguments':{}}}") END },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message ("%s\n", rows[i].who);
        translated_t t;
        hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (""), GPT_4, rows[i].answer);
        body_is_all (&t.heard,
                     ROWS ({ "content[0].name", "'f'" }, { "content[0].input", "{}" },
                           { "content[1].name", "'g'" }, { "content[1].input", "{}" },
                           { "content[2]", NULL }, { "stop_reason", "'tool_use'" }));
        char *ids[2] = { body_take (&t.heard, "content[0].id"),
                         body_take (&t.heard, "content[1].id") };
        assert_string_not_equal (ids[0], ids[1]);
        assert_true (strlen (ids[0]) > 2 && strlen (ids[1]) > 2);
        free (ids[0]);
        free (ids[1]);
        translated_free (&t);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (p_15_tools_of_other_protocols_are_said_not_to_be_strict),
        cmocka_unit_test (p_24_parallel_results_are_one_turn_behind_their_calls),
        cmocka_unit_test (p_25_results_stand_in_front_of_text),
        cmocka_unit_test (p_26_google_gets_as_many_results_as_calls),
        cmocka_unit_test (p_27_ids_that_anthropic_refuses_are_changed_in_call_and_result),
        cmocka_unit_test (p_28_an_id_of_kimi_comes_back_to_kimi_as_it_was),
        cmocka_unit_test (p_29_ids_over_64_characters_are_cut_the_same_each_time),
        cmocka_unit_test (p_30_ids_for_mistral_have_nine_letters_and_digits),
        cmocka_unit_test (
            p_31_names_with_dots_and_slashes_are_changed_and_heard_as_they_were),
        cmocka_unit_test (
            p_32_older_models_of_google_get_the_part_of_schemas_that_they_know),
        cmocka_unit_test (p_33_calls_in_streams_of_every_accent_are_two_whole_calls),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
