//  test_pitfalls_reasoning: what goes wrong with reasoning that travels between protocols
//  and models, by number (P-11 to P-14 and P-16 to P-23).

#include "tests/broker/proto/translated.h"

#define PLACEHOLDER "'skip_thought_signature_validator'"
#define USER_CHAT "{'role':'user','content':'hi'}"
#define CALL_CHAT(id, more)                                                              \
    "{'role':'assistant','content':''," more "'tool_calls':[{'id':'" id                  \
    "','type':'function','function':{'name':'f','arguments':'{}'}}]}"
#define RESULT_CHAT(id) "{'role':'tool','tool_call_id':'" id "','content':'ok'}"
#define CHAT(messages) "{'model':'m','messages':[" messages "]}"
#define TOOLS_CHAT                                                                       \
    "'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object',"  \
    "'properties':{}}}}],"

//  ---- Google's signatures

//  What Chat's client hears of a signature goes back to where it came from.
static void
p_11_a_signature_of_google_comes_back_on_its_call (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (""), GEMINI_3,
          "{'candidates':[{'index':0,'content':{'role':'model','parts':[{'functionCall':{"
          "'name':'f','args':{}},'thoughtSignature':'U0lHX0E='}]},'finishReason':'STOP'}"
          "],'responseId':'r1','modelVersion':'x'}");
    char *message = body_take (&t.heard, "choices[0].message");
    char *id = body_take (&t.heard, "choices[0].message.tool_calls[0].id");
    translated_free (&t);
    char *next = br_strf ("{'model':'m','messages':[" USER_CHAT ",%s,{'role':'tool',"
                          "'tool_call_id':%s,'content':'ok'}]}",
                          message, id);
    ask (&t, BR_PROTOCOL_CHAT, next, GEMINI_3);
    asked_is (&t, "contents[1].parts[0].thoughtSignature", "'U0lHX0E='");
    translated_free (&t);
    free (next);
    free (id);
    free (message);
    ask (&t, BR_PROTOCOL_CHAT,
         CHAT (USER_CHAT "," CALL_CHAT ("c1", "") "," RESULT_CHAT ("c1")), GEMINI_3);
    asked_has (&t, "'thoughtSignature':'");
    translated_free (&t);
}

static void
p_12_history_of_others_has_the_placeholder_where_it_is_wanted (void **state)
{
    (void) state;
    static const char request[] =
        "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':'hi'},{'role':"
        "'assistant','content':[{'type':'tool_use','id':'t1','name':'f','input':{}},{"
        "'type':'tool_use','id':'t2','name':'f','input':{}}]},{'role':'user','content':[{"
        "'type':'tool_result','tool_use_id':'t1','content':'a'},{'type':'tool_result',"
        "'tool_use_id':'t2','content':'b'}]}]}";
    translated_t t;
    ask (&t, BR_PROTOCOL_MESSAGES, request, GEMINI_3);
    asked_is (&t, "contents[1].parts[0].thoughtSignature", PLACEHOLDER);
    asked_is (&t, "contents[1].parts[1].thoughtSignature", NULL);
    translated_free (&t);
    ask (&t, BR_PROTOCOL_MESSAGES, request, GEMINI_25);
    asked_lacks (&t, "thoughtSignature");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_MESSAGES, request,
         (whom_t) { BR_PROTOCOL_CHAT, "google", "gemini-3-pro" });
    asked_is (&t, "messages[1].tool_calls[0].extra_content.google.thought_signature",
              PLACEHOLDER);
    translated_free (&t);
}

#define SIGNED(signature)                                                                \
    "'extra_content':{'google':{'thought_signature':'" signature "'}}"
#define STEP_CHAT(id, signature)                                                         \
    "{'role':'assistant','content':null,'tool_calls':[{'id':'" id                        \
    "','type':'function'," SIGNED (signature) ",'function':{'name':'f','arguments':'{}'" \
                                              "}}]}," RESULT_CHAT (id)

static void
p_13_each_step_of_a_turn_keeps_its_own_signature (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT,
         CHAT (USER_CHAT "," STEP_CHAT ("c1", "QQ==") "," STEP_CHAT (
             "c2", "Qg==") "," CALL_CHAT ("c3", "") "," RESULT_CHAT ("c3")),
         GEMINI_3);
    body_is_all (&t.asked,
                 ROWS ({ "contents[1].parts[0].thoughtSignature", "'QQ=='" },
                       { "contents[3].parts[0].thoughtSignature", "'Qg=='" },
                       { "contents[5].parts[0].thoughtSignature", PLACEHOLDER }));
    translated_free (&t);
}

//  ---- Anthropic's signatures

#define CLAUDE_CALLS                                                                     \
    "{'id':'msg_1','type':'message','role':'assistant','model':'claude-sonnet-4-5',"     \
    "'content':[{'type':'thinking','thinking':'hm','signature':'SIG+/='},{'type':"       \
    "'tool_use','id':'toolu_1','name':'f','input':{}}],'stop_reason':'tool_use',"        \
    "'usage':{'input_tokens':1,'output_tokens':1}}"

//  A client of Chat that heard this from Claude.
static void
p_16_what_a_client_of_chat_holds_goes_back_to_the_model_that_signed_it_alone (
    void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (""), CLAUDE, CLAUDE_CALLS);
    char *message = body_take (&t.heard, "choices[0].message");
    assert_null (strstr (message, "SIG"));
    assert_non_null (strstr (message, "\"signature\":\"br1."));
    translated_free (&t);
    char *next = br_strf ("{'model':'m','reasoning_effort':'low','messages':[" USER_CHAT
                          ",%s,{'role':'tool','tool_call_id':'toolu_1','content':'ok'}]}",
                          message);
    ask (&t, BR_PROTOCOL_CHAT, next, CLAUDE);
    asked_is (&t, "messages[1].content[0]",
              "{'type':'thinking','thinking':'hm','signature':'SIG+/='}");
    translated_free (&t);
    static const whom_t others[] = {
        { BR_PROTOCOL_MESSAGES, "anthropic", "claude-opus-4-5" },
        { BR_PROTOCOL_MESSAGES, "deepseek", "deepseek-chat" },
        { BR_PROTOCOL_CHAT, "openai", "gpt-4o" },
        { BR_PROTOCOL_CHAT, "openrouter", "openai/gpt-5" },
        { BR_PROTOCOL_GOOGLE, "google", "gemini-3-pro" }
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ask (&t, BR_PROTOCOL_CHAT, next, others[i]);
        asked_lacks (&t, "SIG");
        asked_lacks (&t, "br1.");
        translated_free (&t);
    }
    ask (&t, BR_PROTOCOL_CHAT, next,
         (whom_t) { BR_PROTOCOL_CHAT, "openrouter", "anthropic/claude-sonnet-4.5" });
    asked_is (&t, "messages[1].reasoning_details[0].signature", "'SIG+/='");
    translated_free (&t);
    free (next);
    free (message);
}

//  The next request of a client of Responses that heard this from Claude. "caller frees"
static char *
s_behind_claude (void)
{
    translated_t t;
    hear (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES (""), CLAUDE, CLAUDE_CALLS);
    heard_is (&t, "output[0].type", "'reasoning'");
    heard_is (&t, "output[1].type", "'function_call'");
    char *thought = body_take (&t.heard, "output[0]");
    char *call = body_take (&t.heard, "output[1]");
    translated_free (&t);
    char *next = br_strf ("{'model':'m','reasoning':{'effort':'low'},'input':[{'role':"
                          "'user','content':'hi'},%s,%s,{'type':'function_call_output',"
                          "'call_id':'toolu_1','output':'ok'}]}",
                          thought, call);
    free (call);
    free (thought);
    return next;
}

static void
p_14_a_signature_goes_to_the_family_that_made_it_alone (void **state)
{
    (void) state;
    char *next = s_behind_claude ();
    translated_t t;
    ask (&t, BR_PROTOCOL_RESPONSES, next, GEMINI_3);
    asked_lacks (&t, "SIG");
    asked_lacks (&t, "br1.");
    asked_is (&t, "contents[1].parts[0].thoughtSignature", PLACEHOLDER);
    translated_free (&t);
    ask (&t, BR_PROTOCOL_RESPONSES, next, GPT_5);
    asked_lacks (&t, "SIG");
    asked_lacks (&t, "br1.");
    asked_lacks (&t, "'type':'reasoning'");
    translated_free (&t);
    free (next);
    //  Nor does Google's go to Anthropic.
    ask (&t, BR_PROTOCOL_GOOGLE,
         "{'contents':[{'role':'user','parts':[{'text':'hi'}]},{'role':'model','parts':[{"
         "'text':'hm','thought':true,'thoughtSignature':'R09PRw=='},{'functionCall':{"
         "'name':'f','args':{}},'thoughtSignature':'R09PRw=='}]},{'role':'user','parts':["
         "{'functionResponse':{'name':'f','response':{}}}]}]}",
         CLAUDE);
    asked_lacks (&t, "R09PRw==");
    translated_free (&t);
}

static void
p_16_thinking_goes_back_to_the_model_that_signed_it_alone (void **state)
{
    (void) state;
    char *next = s_behind_claude ();
    translated_t t;
    ask (&t, BR_PROTOCOL_RESPONSES, next, CLAUDE);
    asked_is (&t, "messages[1].content[0]",
              "{'type':'thinking','thinking':'hm','signature':'SIG+/='}");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_RESPONSES, next,
         (whom_t) { BR_PROTOCOL_MESSAGES, "anthropic", "claude-opus-4-5" });
    asked_lacks (&t, "SIG");
    asked_lacks (&t, "signature");
    asked_is (&t, "messages[1].content[0].type", "'tool_use'");
    translated_free (&t);
    free (next);
}

static void
p_17_a_loop_of_tools_without_thinking_turns_thinking_off (void **state)
{
    (void) state;
    char *next = s_behind_claude ();
    translated_t t;
    ask (&t, BR_PROTOCOL_RESPONSES, next, CLAUDE);
    asked_is (&t, "thinking.type", "'enabled'");
    asked_is (&t, "messages[1].content[0].type", "'thinking'");
    translated_free (&t);
    free (next);
    ask (&t, BR_PROTOCOL_CHAT,
         "{'model':'m','reasoning_effort':'low','messages':[" USER_CHAT
         "," CALL_CHAT ("c1", "") "," RESULT_CHAT ("c1") "]}",
         CLAUDE);
    asked_is (&t, "thinking.type", "'disabled'");
    warned (&t, "reasoning");
    translated_free (&t);
    //  A turn that is over does not count.
    ask (&t, BR_PROTOCOL_CHAT,
         "{'model':'m','reasoning_effort':'low','messages':[" USER_CHAT
         "," CALL_CHAT ("c1", "") "," RESULT_CHAT (
             "c1") ",{'role':'assistant','content':'done'}," USER_CHAT "]}",
         CLAUDE);
    asked_is (&t, "thinking.type", "'enabled'");
    translated_free (&t);
}

static void
p_18_a_forced_choice_does_not_go_with_thinking (void **state)
{
    (void) state;
    static const char request[] = ASK_CHAT (
        TOOLS_CHAT "'reasoning_effort':'low','tool_choice':'required',");
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT, request, CLAUDE);
    asked_is (&t, "thinking.type", "'enabled'");
    asked_is (&t, "tool_choice.type", "'auto'");
    warned (&t, "changed tool_choice");
    translated_free (&t);
    //  4.6 was recorded to take both.
    ask (&t, BR_PROTOCOL_CHAT, request,
         (whom_t) { BR_PROTOCOL_MESSAGES, "anthropic", "claude-opus-4-6" });
    asked_is (&t, "thinking.type", "'adaptive'");
    asked_is (&t, "tool_choice.type", "'any'");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_CHAT, request, DEEPSEEK);
    asked_is (&t, "tool_choice", "'auto'");
    warned (&t, "changed tool_choice");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_CHAT, ASK_CHAT (TOOLS_CHAT "'tool_choice':'required',"), CLAUDE);
    asked_is (&t, "tool_choice.type", "'any'");
    translated_free (&t);
}

//  ---- reasoning without blobs

#define LOOP_MESSAGES(thinking)                                                          \
    "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':'hi'},{'role':"    \
    "'assistant','content':[" thinking "{'type':'tool_use','id':'t1','name':'f','input'" \
    ":{}},{'type':'tool_use','id':'t2','name':'f','input':{}}]},{'role':'user',"         \
    "'content':[{'type':'tool_result','tool_use_id':'t1','content':'a'},{'type':"        \
    "'tool_result','tool_use_id':'t2','content':'b'}]}]}"
#define THINKING "{'type':'thinking','thinking':'hm','signature':''},"

static void
p_19_deepseek_gets_reasoning_back_on_turns_that_call (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_MESSAGES, LOOP_MESSAGES (THINKING), DEEPSEEK);
    asked_is (&t, "messages[1].reasoning_content", "'hm'");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_MESSAGES, LOOP_MESSAGES (""), DEEPSEEK);
    asked_is (&t, "messages[1].reasoning_content", "''");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_CHAT,
         CHAT (USER_CHAT
               "," CALL_CHAT ("c1", "'reasoning_content':'hm',") "," RESULT_CHAT ("c1")),
         (whom_t) { BR_PROTOCOL_MESSAGES, "deepseek", "deepseek-reasoner" });
    asked_is (&t, "messages[1].content[0].type", "'thinking'");
    asked_is (&t, "messages[1].content[0].thinking", "'hm'");
    translated_free (&t);
}

static void
p_20_each_call_has_reasoning_in_front_at_deepseeks_responses (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_MESSAGES, LOOP_MESSAGES (THINKING),
         (whom_t) { BR_PROTOCOL_RESPONSES, "deepseek", "deepseek-reasoner" });
    body_is_all (&t.asked,
                 ROWS ({ "input[1].type", "'reasoning'" },
                       { "input[1].content", "[{'type':'reasoning_text','text':'hm'}]" },
                       { "input[2].type", "'function_call'" },
                       { "input[3].type", "'reasoning'" },
                       { "input[3].content", "[{'type':'reasoning_text','text':'hm'}]" },
                       { "input[4].type", "'function_call'" },
                       { "input[5].type", "'function_call_output'" }));
    translated_free (&t);
}

//  ---- items of Responses

#define DETAILS                                                                          \
    "'reasoning_details':[{'type':'reasoning.encrypted','data':'ENC','id':'rs_1',"       \
    "'format':'openai-responses-v1','index':0}],"

static void
p_21_reasoning_stands_right_in_front_of_its_item_or_nowhere (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT,
         CHAT (USER_CHAT "," CALL_CHAT ("c1", DETAILS) "," RESULT_CHAT ("c1")), GPT_5);
    body_is_all (&t.asked, ROWS ({ "input[1].type", "'reasoning'" },
                                 { "input[1].encrypted_content", "'ENC'" },
                                 { "input[2].type", "'function_call'" },
                                 { "input[3].type", "'function_call_output'" },
                                 { "input[4]", NULL }));
    translated_free (&t);
    //  Nothing follows it.
    ask (&t, BR_PROTOCOL_CHAT,
         CHAT (USER_CHAT ",{'role':'assistant'," DETAILS "'content':''}," USER_CHAT),
         GPT_5);
    asked_lacks (&t, "reasoning'");
    asked_lacks (&t, "ENC");
    asked_lacks (&t, "'assistant'");
    translated_free (&t);
}

#define THOUGHT(more) "{'type':'reasoning','id':'rs_1','summary':[]" more "}"
#define REPLAYED(thought)                                                                \
    "{'model':'m','store':false,'input':[{'role':'user','content':'hi'}," thought        \
    ",{'type':'message','id':'msg_1','role':'assistant','status':'completed','content':" \
    "[{'type':'output_text','text':'ok','annotations':[]}]},{'type':'function_call',"    \
    "'id':'fc_1','call_id':'c1','name':'f','arguments':'{}'},{'type':"                   \
    "'function_call_output','call_id':'c1','output':'ok'}]}"

static void
p_22_ids_of_items_that_nobody_keeps_are_not_sent (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_RESPONSES, REPLAYED (THOUGHT ("")), GPT_5);
    asked_lacks (&t, "rs_1");
    asked_lacks (&t, "msg_1");
    asked_lacks (&t, "fc_1");
    asked_is (&t, "input[2].call_id", "'c1'");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_RESPONSES, REPLAYED (THOUGHT (",'encrypted_content':'ENC'")),
         GPT_5);
    asked_is (&t, "input[1].encrypted_content", "'ENC'");
    asked_lacks (&t, "msg_1");
    asked_lacks (&t, "fc_1");
    translated_free (&t);
}

static void
p_23_members_that_are_null_are_not_repeated (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_RESPONSES,
         REPLAYED (THOUGHT (",'encrypted_content':'ENC','status':null,'content':null")),
         GPT_5);
    asked_is (&t, "input[1].type", "'reasoning'");
    asked_is (&t, "input[1].encrypted_content", "'ENC'");
    asked_lacks (&t, "null");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_RESPONSES,
         REPLAYED (THOUGHT (",'encrypted_content':null,'status':null,'content':null")),
         GPT_5);
    asked_lacks (&t, "null");
    asked_lacks (&t, "'type':'reasoning'");
    translated_free (&t);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (p_11_a_signature_of_google_comes_back_on_its_call),
        cmocka_unit_test (p_12_history_of_others_has_the_placeholder_where_it_is_wanted),
        cmocka_unit_test (p_13_each_step_of_a_turn_keeps_its_own_signature),
        cmocka_unit_test (p_14_a_signature_goes_to_the_family_that_made_it_alone),
        cmocka_unit_test (p_16_thinking_goes_back_to_the_model_that_signed_it_alone),
        cmocka_unit_test (
            p_16_what_a_client_of_chat_holds_goes_back_to_the_model_that_signed_it_alone),
        cmocka_unit_test (p_17_a_loop_of_tools_without_thinking_turns_thinking_off),
        cmocka_unit_test (p_18_a_forced_choice_does_not_go_with_thinking),
        cmocka_unit_test (p_19_deepseek_gets_reasoning_back_on_turns_that_call),
        cmocka_unit_test (p_20_each_call_has_reasoning_in_front_at_deepseeks_responses),
        cmocka_unit_test (p_21_reasoning_stands_right_in_front_of_its_item_or_nowhere),
        cmocka_unit_test (p_22_ids_of_items_that_nobody_keeps_are_not_sent),
        cmocka_unit_test (p_23_members_that_are_null_are_not_repeated),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
