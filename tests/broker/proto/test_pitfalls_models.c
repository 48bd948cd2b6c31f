//  test_pitfalls_models: what goes wrong where models of one protocol differ, and with what
//  their answers tell of themselves: efforts, likelihoods of tokens, failures.

#include "tests/broker/proto/translated.h"

#define GPT_4_RESPONSES ((whom_t) { BR_PROTOCOL_RESPONSES, "openai", "gpt-4.1" })
#define O3_CHAT ((whom_t) { BR_PROTOCOL_CHAT, "openai", "o3" })
#define GPT_5_CHAT ((whom_t) { BR_PROTOCOL_CHAT, "openai", "gpt-5" })
#define GPT_51 ((whom_t) { BR_PROTOCOL_RESPONSES, "openai", "gpt-5.1" })
#define O3 ((whom_t) { BR_PROTOCOL_RESPONSES, "openai", "o3" })

#define THINK(tokens) "'thinking':{'type':'enabled','budget_tokens':" tokens "},"

//  ---- requests

static void
encrypted_reasoning_is_asked_of_models_that_reason_alone (void **state)
{
    (void) state;
    static const struct {
        const char *provider, *model;
        bool asked;
    } rows[] = {
        { "openai", "gpt-4o", false },         { "openai", "gpt-4.1-mini", false },
        { "gateway", "openai/gpt-4o", false }, { "openai", "gpt-5-chat-latest", false },
        { "azure", "my-deployment", false },   { "xai", "grok-4", false },
        { "openai", "gpt-5", true },           { "gateway", "openai/o3", true },
        { "openai", "gpt-6", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        translated_t t;
        whom_t whom = { BR_PROTOCOL_RESPONSES, rows[i].provider, rows[i].model };
        ask (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (""), whom);
        asked_is (&t, "include",
                  rows[i].asked ? "['reasoning.encrypted_content']" : NULL);
        translated_free (&t);
    }
}

static void
a_tool_without_properties_says_that_it_has_none (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_MESSAGES,
         ASK_MESSAGES ("'tools':[{'name':'f','input_schema':{'type':'object'}}],"),
         GPT_5);
    asked_is (&t, "tools[0].parameters", "{'properties':{},'type':'object'}");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_MESSAGES,
         ASK_MESSAGES ("'tools':[{'name':'f','input_schema':{'type':'object'}}],"),
         GPT_4);
    asked_is (&t, "tools[0].function.parameters", "{'properties':{},'type':'object'}");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_RESPONSES,
         ASK_RESPONSES ("'tools':[{'type':'function','name':'f','parameters':{}}],"),
         GPT_4);
    asked_is (&t, "tools[0].function.parameters", "{'type':'object','properties':{}}");
    translated_free (&t);
}

static void
tokens_of_thinking_are_the_same_effort_in_both_protocols (void **state)
{
    (void) state;
    static const struct {
        const char *request, *gpt_5, *o3;
    } rows[] = {
        { ASK_MESSAGES (THINK ("31999")), "'high'", "'high'" },
        { ASK_MESSAGES (THINK ("8000")), "'medium'", "'medium'" },
        { ASK_MESSAGES (THINK ("1024")), "'minimal'", "'low'" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const whom_t whoms[] = { GPT_5, O3, GPT_5_CHAT, O3_CHAT };
        for (size_t k = 0; k < sizeof whoms / sizeof whoms[0]; k++) {
            translated_t t;
            ask (&t, BR_PROTOCOL_MESSAGES, rows[i].request, whoms[k]);
            asked_is (&t, k < 2 ? "reasoning.effort" : "reasoning_effort",
                      k % 2 ? rows[i].o3 : rows[i].gpt_5);
            warned (&t, "changed thinking.budget_tokens");
            translated_free (&t);
        }
    }
}

static void
an_effort_that_no_model_has_is_the_nearest_lower_one (void **state)
{
    (void) state;
    translated_t t;
    ask (
        &t, BR_PROTOCOL_MESSAGES,
        ASK_MESSAGES ("'thinking':{'type':'adaptive'},'output_config':{'effort':'max'},"),
        GPT_5);
    asked_is (&t, "reasoning.effort", "'high'");
    warned (&t, "changed output_config.effort");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES ("'reasoning':{'effort':'xhigh'},"),
         O3_CHAT);
    asked_is (&t, "reasoning_effort", "'high'");
    warned (&t, "changed reasoning.effort");
    translated_free (&t);
}

static void
no_thinking_is_the_least_that_the_model_takes (void **state)
{
    (void) state;
    static const struct {
        br_protocol_t client;
        const char *request;
    } rows[] = {
        { BR_PROTOCOL_MESSAGES, ASK_MESSAGES ("'thinking':{'type':'disabled'},") },
        { BR_PROTOCOL_CHAT, ASK_CHAT ("'thinking':{'type':'disabled'},") },
        { BR_PROTOCOL_CHAT, ASK_CHAT ("'enable_thinking':false,") },
        { BR_PROTOCOL_CHAT, ASK_CHAT ("'reasoning':{'enabled':false},") },
        { BR_PROTOCOL_GOOGLE,
          ASK_GOOGLE ("'generationConfig':{'thinkingConfig':{'thinkingBudget':0}},") },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        translated_t t;
        ask (&t, rows[i].client, rows[i].request, GPT_5);
        asked_is (&t, "reasoning.effort", "'minimal'");
        warned (&t, "changed ");
        translated_free (&t);
        ask (&t, rows[i].client, rows[i].request, O3);
        asked_is (&t, "reasoning.effort", "'low'");
        warned (&t, "changed ");
        translated_free (&t);
        ask (&t, rows[i].client, rows[i].request, GPT_51);
        asked_is (&t, "reasoning.effort", "'none'");
        assert_string_equal (br_translate_warnings (t.translate), "");
        translated_free (&t);
        ask (&t, rows[i].client, rows[i].request, GPT_4_RESPONSES);
        asked_is (&t, "reasoning", NULL);
        assert_string_equal (br_translate_warnings (t.translate), "");
        translated_free (&t);
    }
}

static void
reasoning_that_cannot_go_back_is_told (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_MESSAGES,
         "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':'hi'},"
         "{'role':'assistant','content':[{'type':'thinking','thinking':'hm','signature':"
         "'S'},{'type':'redacted_thinking','data':'D'},{'type':'text','text':'ok'}]},"
         "{'role':'user','content':'go on'}]}",
         GPT_4);
    asked_lacks (&t, "hm");
    warned (&t, "dropped reasoning");
    translated_free (&t);
    ask (
        &t, BR_PROTOCOL_RESPONSES,
        "{'model':'m','input':[{'role':'user','content':'hi'},{'type':'reasoning','id':"
        "'rs_1','summary':[{'type':'summary_text','text':'hm'}],'encrypted_content':'E'},"
        "{'type':'message','role':'assistant','content':[{'type':'output_text','text':"
        "'ok'}]},{'role':'user','content':'go on'}]}",
        GPT_4);
    warned (&t, "dropped reasoning");
    translated_free (&t);
    //  Its host passes over the text of a turn without calls.
    ask (&t, BR_PROTOCOL_CHAT,
         "{'model':'m','messages':[{'role':'user','content':'hi'},{'role':'assistant',"
         "'content':'ok','reasoning_content':'hm'},{'role':'user','content':'go on'}]}",
         DEEPSEEK);
    assert_string_equal (br_translate_warnings (t.translate), "");
    translated_free (&t);
}

static void
a_reference_to_a_tool_in_a_result_is_its_json (void **state)
{
    (void) state;
    static const char request[] =
        "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':'hi'},"
        "{'role':'assistant','content':[{'type':'tool_use','id':'t1','name':'find',"
        "'input':{}}]},{'role':'user','content':[{'type':'tool_result','tool_use_id':"
        "'t1','content':[{'type':'tool_reference','tool_name':'get'}]}]}]}";
    static const char text[] =
        "'{\\'type\\':\\'tool_reference\\',\\'tool_name\\':\\'get\\'}'";
    static const struct {
        whom_t whom;
        const char *path, *wanted;
    } rows[] = {
        { { BR_PROTOCOL_CHAT, "openai", "gpt-4.1" }, "messages[2].content", text },
        { { BR_PROTOCOL_RESPONSES, "openai", "gpt-5" }, "input[2].output", text },
        { { BR_PROTOCOL_GOOGLE, "google", "gemini-3-pro" },
          "contents[2].parts[0].functionResponse.response",
          "{'type':'tool_reference','tool_name':'get'}" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        translated_t t;
        ask (&t, BR_PROTOCOL_MESSAGES, request, rows[i].whom);
        asked_is (&t, rows[i].path, rows[i].wanted);
        asked_is (&t, "messages[3]", NULL);
        warned (&t, "changed messages[2]");
        translated_free (&t);
    }
}

//  ---- how likely tokens were

static void
others_alone_ask_for_likelihoods (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES ("'top_logprobs':3,"), GPT_4);
    asked_is (&t, "logprobs", "true");
    asked_is (&t, "top_logprobs", "3");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES ("'top_logprobs':3,"), GEMINI_25);
    asked_is (&t, "generationConfig.responseLogprobs", "true");
    asked_is (&t, "generationConfig.logprobs", "3");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_CHAT, ASK_CHAT ("'top_logprobs':3,"), GPT_4_RESPONSES);
    asked_is (&t, "include", "['message.output_text.logprobs']");
    asked_is (&t, "top_logprobs", "3");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES ("'top_logprobs':0,"), GPT_4);
    asked_is (&t, "logprobs", NULL);
    asked_is (&t, "top_logprobs", NULL);
    translated_free (&t);
    //  Models that reason refuse to be asked.
    ask (&t, BR_PROTOCOL_CHAT, ASK_CHAT ("'logprobs':true,'top_logprobs':3,"), GPT_5);
    asked_lacks (&t, "logprobs");
    warned (&t, "dropped logprobs, dropped top_logprobs");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_GOOGLE,
         ASK_GOOGLE ("'generationConfig':{'responseLogprobs':true},"), GPT_5_CHAT);
    asked_lacks (&t, "logprobs");
    warned (&t, "dropped generationConfig.responseLogprobs");
    translated_free (&t);
}

#define CHAT_TOKEN "{'token':'ok','logprob':-1,'bytes':null,'top_logprobs':[]}"
#define CHAT_CHUNK(delta, logprobs, finish)                                              \
    EVENT ("{'id':'c','object':'chat.completion.chunk','created':1,'model':'x',"         \
           "'choices':[{'index':0,'delta':" delta ",'logprobs':" logprobs                \
           ",'finish_reason':" finish "}]}")
#define CHAT_STREAM                                                                      \
    CHAT_CHUNK ("{'content':'ok'}", "{'content':[" CHAT_TOKEN "],'refusal':null}",       \
                "null")                                                                  \
    CHAT_CHUNK ("{}", "null", "'stop'") DONE
#define CHAT_WHOLE                                                                       \
    "{'id':'c','object':'chat.completion','created':1,'model':'x','choices':[{'index':"  \
    "0,"                                                                                 \
    "'message':{'role':'assistant','content':'ok'},'logprobs':{'content':[" CHAT_TOKEN   \
    "],'refusal':null},'finish_reason':'stop'}]}"
#define ITEM                                                                             \
    "{'type':'message','id':'m','status':'completed','role':'assistant','content':["     \
    "{'type':'output_text','text':'ok','annotations':[],'logprobs':[{'token':'ok',"      \
    "'bytes':[111,107],'logprob':-1,'top_logprobs':[]}]}]}"
#define RESPONSE(status, output)                                                         \
    "{'id':'r','object':'response','created_at':1,'model':'x','status':'" status         \
    "','error':null,'output':[" output "]}"
#define RESPONSE_STREAM                                                                  \
    EVENT ("{'type':'response.created','response':" RESPONSE ("in_progress", "") "}")    \
    EVENT ("{'type':'response.output_text.delta','output_index':0,'content_index':0,"    \
           "'item_id':'m','delta':'ok','logprobs':[{'token':'ok','logprob':-1,"          \
           "'top_logprobs':[]}]}")                                                       \
    EVENT ("{'type':'response.output_item.done','output_index':0,'item':" ITEM "}")      \
    EVENT ("{'type':'response.completed','response':" RESPONSE ("completed", ITEM) "}")
#define GOOGLE_RESULT                                                                    \
    "'logprobsResult':{'topCandidates':[{'candidates':[]}],'chosenCandidates':["         \
    "{'token':'ok','logProbability':-1}]}"
#define CONFIG "'generationConfig':{'responseLogprobs':true},"
#define INCLUDE "'include':['message.output_text.logprobs'],"

static void
likelihoods_come_through_in_whole_answers (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES (INCLUDE), GPT_4, CHAT_WHOLE);
    heard_is (&t, "output[0].content[0].logprobs",
              "[{'token':'ok','logprob':-1,'bytes':[111,107],'top_logprobs':[]}]");
    translated_free (&t);
    hear (&t, BR_PROTOCOL_GOOGLE, ASK_GOOGLE (CONFIG), GPT_4, CHAT_WHOLE);
    heard_has (&t, GOOGLE_RESULT);
    translated_free (&t);
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT ("'logprobs':true,"), GPT_4_RESPONSES,
          RESPONSE ("completed", ITEM));
    heard_is (&t, "choices[0].logprobs.content",
              "[{'token':'ok','logprob':-1,'bytes':[111,107],'top_logprobs':[]}]");
    translated_free (&t);
    hear (&t, BR_PROTOCOL_GOOGLE, ASK_GOOGLE (CONFIG), GPT_4_RESPONSES,
          RESPONSE ("completed", ITEM));
    heard_has (&t, GOOGLE_RESULT);
    translated_free (&t);
}

static void
likelihoods_come_through_in_streams (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES (STREAM INCLUDE), GPT_4, CHAT_STREAM);
    heard_has (&t, "'delta':'','logprobs':[{'token':'ok','logprob':-1,'bytes':[111,107],"
                   "'top_logprobs':[]}]");
    translated_free (&t);
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (STREAM "'logprobs':true,"), GPT_4_RESPONSES,
          RESPONSE_STREAM);
    assert_int_equal (body_count (&t.heard, "'logprobs':{'content':[" CHAT_TOKEN "]"), 1);
    translated_free (&t);
    t = (translated_t) { .path_stream = true };
    translated_ask (&t, BR_PROTOCOL_GOOGLE, ASK_GOOGLE (CONFIG), GPT_4_RESPONSES);
    translated_answer (&t, RESPONSE_STREAM);
    assert_int_equal (body_count (&t.heard, GOOGLE_RESULT), 1);
    translated_free (&t);
}

//  ---- failures and keep-alives

static void
a_failed_response_says_why_whole_or_streamed (void **state)
{
    (void) state;
    static const char *const codes[] = { "rate_limit_exceeded",
                                         "context_length_exceeded" };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        for (unsigned stream = 0; stream < 2; stream++) {
            translated_t t;
            char *failed = br_strf (
                "%s{'id':'r','object':'response','status':'failed','error':{'code':'%s',"
                "'message':'no'},'output':[]}%s",
                stream ? "data: {'type':'response.failed','response':" : "", codes[i],
                stream ? "}\n\n" : "");
            ask (&t, BR_PROTOCOL_CHAT, stream ? ASK_CHAT (STREAM) : ASK_CHAT (""), GPT_5);
            translated_answer (&t, failed);
            const tap_result_t *result = result_of (&t);
            assert_int_equal (result->first, TAP_ERROR);
            assert_true (result->error && !result->unknown && !result->complete);
            assert_string_equal (result->error_code, codes[i]);
            assert_int_equal (t.heard.size, 0);
            free (failed);
            translated_free (&t);
        }
}

static void
blanks_around_the_data_of_an_event_are_nothing (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (STREAM), GPT_4,
          "data: null\n\ndata:   \n\n"
          "data:  {'id':'c','object':'chat.completion.chunk','created':1,'model':'x',"
          "'choices':[{'index':0,'delta':{'content':'ok'}}]}\n\n"
          "data:\t{'id':'c','object':'chat.completion.chunk','created':1,'model':'x',"
          "'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]} \n\n"
          "data:  [DONE]  \n\n");
    heard_has (&t, "'text':'ok'");
    heard_has (&t, "message_stop");
    assert_true (result_of (&t)->complete);
    translated_free (&t);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (encrypted_reasoning_is_asked_of_models_that_reason_alone),
        cmocka_unit_test (a_tool_without_properties_says_that_it_has_none),
        cmocka_unit_test (tokens_of_thinking_are_the_same_effort_in_both_protocols),
        cmocka_unit_test (an_effort_that_no_model_has_is_the_nearest_lower_one),
        cmocka_unit_test (no_thinking_is_the_least_that_the_model_takes),
        cmocka_unit_test (reasoning_that_cannot_go_back_is_told),
        cmocka_unit_test (a_reference_to_a_tool_in_a_result_is_its_json),
        cmocka_unit_test (others_alone_ask_for_likelihoods),
        cmocka_unit_test (likelihoods_come_through_in_whole_answers),
        cmocka_unit_test (likelihoods_come_through_in_streams),
        cmocka_unit_test (a_failed_response_says_why_whole_or_streamed),
        cmocka_unit_test (blanks_around_the_data_of_an_event_are_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
