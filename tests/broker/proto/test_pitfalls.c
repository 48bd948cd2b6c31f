//  test_pitfalls: what goes wrong between protocols, each seen in the wild, by number:
//  counts of tokens and reasons to stop (P-01 to P-10), content (P-34 to P-36), and
//  errors in streams (P-37 to P-40). tests/tools/pitfalls.list has all of them.

#include "tests/broker/proto/translated.h"

#define SAID_CHAT(delta, more)                                                           \
    EVENT ("{'id':'c1','object':'chat.completion.chunk','created':1,'model':'x',"        \
           "'choices':[{'index':0,'delta':" delta more "}]}")
#define STOP_CHAT SAID_CHAT ("{}", ",'finish_reason':'stop'")
#define BEGIN_MESSAGES                                                                   \
    EVENT ("{'type':'message_start','message':{'id':'msg_1','type':'message','role':"    \
           "'assistant','model':'x','content':[],'stop_reason':null,'usage':{"           \
           "'input_tokens':3,'output_tokens':1}}}")
#define TEXT_MESSAGES                                                                    \
    EVENT ("{'type':'content_block_start','index':0,'content_block':{'type':'text',"     \
           "'text':''}}")                                                                \
    EVENT ("{'type':'content_block_delta','index':0,'delta':{'type':'text_delta',"       \
           "'text':'hel'}}")
#define ERROR_MESSAGES                                                                   \
    "event: error\n" EVENT (                                                             \
        "{'type':'error','error':{'type':'overloaded_error','message':'Overloaded'}}")
#define SAID_GOOGLE(parts, more)                                                         \
    EVENT ("{'candidates':[{'index':0,'content':{'role':'model','parts':[" parts         \
           "]}" more "}],'modelVersion':'x','responseId':'r1'}")
#define CALL_GOOGLE "{'functionCall':{'name':'f','args':{'a':1}}}"

//  ---- usage

static void
p_01_cached_tokens_are_counted_once_whoever_counts_them_in (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (""), CLAUDE,
          "{'id':'msg_1','type':'message','role':'assistant','model':'x','content':[{"
          "'type':'text','text':'hi'}],'stop_reason':'end_turn','usage':{"
          "'input_tokens':10,'cache_read_input_tokens':100,"
          "'cache_creation_input_tokens':5,'output_tokens':3}}");
    body_is_all (&t.heard, ROWS ({ "usage.prompt_tokens", "115" },
                                 { "usage.prompt_tokens_details.cached_tokens", "100" },
                                 { "usage.completion_tokens", "3" },
                                 { "usage.total_tokens", "118" }));
    translated_free (&t);
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (""), GPT_4,
          "{'id':'c1','object':'chat.completion','created':1,'model':'x','choices':[{"
          "'index':0,'message':{'role':'assistant','content':'hi'},'finish_reason':"
          "'stop'}],'usage':{'prompt_tokens':115,'completion_tokens':3,"
          "'total_tokens':118,'prompt_tokens_details':{'cached_tokens':100}}}");
    body_is_all (&t.heard, ROWS ({ "usage.input_tokens", "15" },
                                 { "usage.cache_read_input_tokens", "100" },
                                 { "usage.output_tokens", "3" }));
    translated_free (&t);
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (""), GEMINI_3,
          "{'candidates':[{'content':{'role':'model','parts':[{'text':'hi'}]},"
          "'finishReason':'STOP'}],'usageMetadata':{'promptTokenCount':115,"
          "'cachedContentTokenCount':100,'candidatesTokenCount':3,"
          "'thoughtsTokenCount':7,'totalTokenCount':125}}");
    body_is_all (&t.heard, ROWS ({ "usage.input_tokens", "15" },
                                 { "usage.cache_read_input_tokens", "100" },
                                 { "usage.output_tokens", "10" }));
    translated_free (&t);
    hear (&t, BR_PROTOCOL_GOOGLE, ASK_GOOGLE (""), CLAUDE,
          "{'id':'msg_1','type':'message','role':'assistant','model':'x','content':[{"
          "'type':'text','text':'hi'}],'stop_reason':'end_turn','usage':{"
          "'input_tokens':10,'cache_read_input_tokens':100,'output_tokens':3}}");
    body_is_all (&t.heard, ROWS ({ "usageMetadata.promptTokenCount", "110" },
                                 { "usageMetadata.cachedContentTokenCount", "100" },
                                 { "usageMetadata.candidatesTokenCount", "3" }));
    translated_free (&t);
}

static void
p_02_the_last_delta_of_a_messages_stream_tells_input_tokens_too (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (STREAM), GPT_4,
          SAID_CHAT ("{'content':'hi'}", "")
              STOP_CHAT EVENT ("{'id':'c1','choices':[],'usage':{'prompt_tokens':42,"
                               "'completion_tokens':2,'total_tokens':44}}") DONE);
    const char *last = strstr (br_buf_text (&t.heard), "event: message_delta");
    assert_non_null (last);
    assert_non_null (strstr (last, "\"input_tokens\":42"));
    assert_non_null (strstr (last, "\"output_tokens\":2"));
    translated_free (&t);
}

//  ---- why it stopped

static void
p_03_a_stop_of_google_behind_a_call_is_a_call_of_a_tool (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (STREAM), GEMINI_3,
          SAID_GOOGLE (CALL_GOOGLE, "")
              SAID_GOOGLE ("{'text':''}", ",'finishReason':'STOP'"));
    heard_has (&t, "'finish_reason':'tool_calls'");
    heard_lacks (&t, "'finish_reason':'stop'");
    translated_free (&t);
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (STREAM), GEMINI_3,
          SAID_GOOGLE (CALL_GOOGLE, "")
              SAID_GOOGLE ("{'text':''}", ",'finishReason':'STOP'"));
    heard_has (&t, "'stop_reason':'tool_use'");
    translated_free (&t);
}

static void
p_04_a_limit_or_a_filter_behind_a_call_stays_what_it_is (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (STREAM), GEMINI_3,
          SAID_GOOGLE (CALL_GOOGLE, "") SAID_GOOGLE ("", ",'finishReason':'MAX_TOKENS'"));
    heard_has (&t, "'finish_reason':'length'");
    heard_lacks (&t, "'finish_reason':'tool_calls'");
    translated_free (&t);
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (STREAM), GEMINI_3,
          SAID_GOOGLE (CALL_GOOGLE, "") SAID_GOOGLE ("", ",'finishReason':'SAFETY'"));
    heard_has (&t, "'finish_reason':'content_filter'");
    heard_lacks (&t, "'finish_reason':'tool_calls'");
    translated_free (&t);
}

static void
p_05_a_finish_without_content_or_parts_is_heard (void **state)
{
    (void) state;
    static const char *const last[] = {
        EVENT ("{'candidates':[{'index':0,'finishReason':'MAX_TOKENS'}]}"),
        EVENT ("{'candidates':[{'index':0,'content':{'role':'model'},"
               "'finishReason':'MAX_TOKENS'}]}"),
    };
    for (size_t i = 0; i < 2; i++) {
        translated_t t = { 0 };
        translated_ask (&t, BR_PROTOCOL_CHAT, ASK_CHAT (STREAM), GEMINI_3);
        translated_push (&t, SAID_GOOGLE ("{'text':'hi'}", ""));
        translated_answer (&t, last[i]);
        heard_has (&t, "'finish_reason':'length'");
        assert_true (result_of (&t)->complete);
        translated_free (&t);
    }
}

static void
p_06_a_malformed_call_is_an_error_and_no_stop (void **state)
{
    (void) state;
    static const char *const reasons[] = { "MALFORMED_FUNCTION_CALL",
                                           "UNEXPECTED_TOOL_CALL" };
    for (size_t i = 0; i < 2; i++) {
        translated_t t = { 0 };
        translated_ask (&t, BR_PROTOCOL_CHAT, ASK_CHAT (""), GEMINI_3);
        char *answer = br_strf ("{'candidates':[{'index':0,'content':{},"
                                "'finishReason':'%s'}]}",
                                reasons[i]);
        translated_answer (&t, answer);
        free (answer);
        assert_true (result_of (&t)->error);
        assert_int_equal (result_of (&t)->first, TAP_ERROR);
        assert_false (result_of (&t)->complete);
        assert_int_equal (t.heard.size, 0);
        translated_free (&t);
    }
    translated_t t;
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (STREAM), GPT_4,
          SAID_CHAT ("{'content':'half'}", "")
              SAID_CHAT ("{}", ",'finish_reason':'function_call_filter: "
                               "MALFORMED_FUNCTION_CALL'") DONE);
    assert_true (result_of (&t)->error);
    heard_lacks (&t, "'finish_reason':'stop'");
    translated_free (&t);
}

static void
p_07_a_native_reason_is_heard_behind_the_normal_one (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (STREAM), OPENROUTER,
          SAID_CHAT ("{'content':'hi'}", "")
              SAID_CHAT ("{}", ",'finish_reason':'length','native_finish_reason':"
                               "'max_output_tokens'") DONE);
    heard_has (&t, "'stop_reason':'max_tokens'");
    translated_free (&t);
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (STREAM), OPENROUTER,
          SAID_CHAT ("{'content':''}", "")
              SAID_CHAT ("{}", ",'finish_reason':'stop','native_finish_reason':"
                               "'MALFORMED_FUNCTION_CALL'") DONE);
    assert_true (result_of (&t)->error);
    heard_lacks (&t, "end_turn");
    translated_free (&t);
}

static void
p_08_a_chunk_without_choices_is_no_trouble (void **state)
{
    (void) state;
    static const char *const chunks[] = {
        EVENT ("{'id':'c1','choices':[],'usage':{'prompt_tokens':4,"
               "'completion_tokens':2,'total_tokens':6}}"),
        EVENT ("{'id':'c1','usage':{'prompt_tokens':4,'completion_tokens':2,"
               "'total_tokens':6}}"),
        EVENT ("{'id':'c1','choices':null,'usage':{'prompt_tokens':4,"
               "'completion_tokens':2,'total_tokens':6}}"),
    };
    for (size_t i = 0; i < 3; i++) {
        translated_t t = { 0 };
        translated_ask (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES (STREAM), GPT_4);
        translated_push (&t, SAID_CHAT ("{'content':'hi'}", "") STOP_CHAT);
        translated_push (&t, chunks[i]);
        translated_answer (&t, DONE);
        assert_true (result_of (&t)->complete);
        heard_has (&t, "event: response.completed");
        heard_has (&t, "'input_tokens':4");
        translated_free (&t);
    }
}

static void
p_09_usage_is_always_asked_for_and_told_to_whom_asked (void **state)
{
    (void) state;
    static const char *const requests[] = {
        ASK_CHAT (STREAM),
        ASK_CHAT (STREAM "'stream_options':{'include_usage':true},"),
    };
    for (unsigned i = 0; i < 2; i++) {
        translated_t t;
        hear (
            &t, BR_PROTOCOL_CHAT, requests[i], CLAUDE,
            BEGIN_MESSAGES TEXT_MESSAGES EVENT ("{'type':'content_block_stop','index':0}")
                EVENT ("{'type':'message_delta','delta':{'stop_reason':'end_turn'},"
                       "'usage':{'output_tokens':5}}") EVENT ("{'type':'message_stop'}"));
        assert_int_equal (body_count (&t.heard, "'usage':{"), i);
        assert_int_equal (body_count (&t.heard, "'choices':[]"), i);
        assert_true (result_of (&t)->complete);
        translated_free (&t);
        t = (translated_t) { 0 };
        translated_ask (&t, BR_PROTOCOL_CHAT, requests[i], GPT_4);
        asked_is (&t, "stream_options.include_usage", "true");
        translated_free (&t);
    }
}

static void
p_10_id_and_model_are_the_first_that_are_not_empty (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (STREAM), GPT_4,
          EVENT ("{'id':'','object':'','created':0,'model':'','choices':[],"
                 "'prompt_filter_results':[{'prompt_index':0}]}")
              EVENT ("{'id':'chatcmpl-7','object':'chat.completion.chunk','created':5,"
                     "'model':'gpt-4.1-real','choices':[{'index':0,'delta':{"
                     "'role':'assistant','content':'hi'}}]}") STOP_CHAT DONE);
    assert_string_equal (result_of (&t)->id, "chatcmpl-7");
    assert_string_equal (result_of (&t)->model, "gpt-4.1-real");
    assert_int_equal (body_count (&t.heard, "event: message_start"), 1);
    heard_lacks (&t, "'model':''");
    translated_free (&t);
}

//  ---- content

static void
p_34_empty_texts_and_blanks_at_the_end_do_not_go_to_anthropic (void **state)
{
    (void) state;
    translated_t t = { 0 };
    translated_ask (
        &t, BR_PROTOCOL_CHAT,
        "{'model':'m','messages':[{'role':'user','content':[{'type':'text','text':' '},{"
        "'type':'text','text':'hi'}]},{'role':'assistant','content':'','tool_calls':[{"
        "'id':'c1','type':'function','function':{'name':'f','arguments':'{}'}}]},{'role':"
        "'tool','tool_call_id':'c1','content':'ok'},{'role':'assistant','content':"
        "'It is \\n '}]}",
        CLAUDE);
    body_is_all (&t.asked,
                 ROWS ({ "messages[0].content[0].text", "'hi'" },
                       { "messages[0].content[1]", NULL },
                       { "messages[1].content[0].type", "'tool_use'" },
                       { "messages[1].content[1]", NULL },
                       { "messages[3].content", "[{'type':'text','text':'It is'}]" }));
    translated_free (&t);
}

static void
p_35_an_answer_to_go_on_from_is_refused_for_claude_4_6_and_later (void **state)
{
    (void) state;
    static const char request[] = "{'model':'m','messages':[{'role':'user','content':'hi'"
                                  "},{'role':'assistant','content':'It is'}]}";
    static const char *const newer[] = { "claude-opus-4-6", "claude-sonnet-4-6",
                                         "claude-opus-4-7" };
    for (size_t i = 0; i < 3; i++) {
        translated_t t = { 0 };
        whom_t whom = { BR_PROTOCOL_MESSAGES, "anthropic", newer[i] };
        assert_int_equal (translated_try (&t, BR_PROTOCOL_CHAT, request, whom), -1);
        assert_int_equal (t.error.code, BR_EINVALID);
        assert_non_null (strstr (t.error.text, "messages[1]"));
        translated_free (&t);
    }
    translated_t t = { 0 };
    translated_ask (&t, BR_PROTOCOL_CHAT, request, CLAUDE);
    asked_is (&t, "messages[1].content[0].text", "'It is'");
    translated_free (&t);
}

static void
p_36_four_cache_marks_at_the_most_and_none_of_our_own (void **state)
{
    (void) state;
#define MARKED "{'type':'text','text':'a','cache_control':{'type':'ephemeral'}}"
    translated_t t = { 0 };
    translated_ask (&t, BR_PROTOCOL_CHAT,
                    "{'model':'m','messages':[{'role':'system','content':[" MARKED
                    "]},{'role':'user','content':[" MARKED "," MARKED "," MARKED "]}]}",
                    CLAUDE);
    assert_int_equal (body_count (&t.asked, "'cache_control'"), 4);
    translated_free (&t);
    t = (translated_t) { 0 };
    translated_ask (&t, BR_PROTOCOL_CHAT,
                    "{'model':'m','messages':[{'role':'system','content':[" MARKED
                    "]},{'role':'user','content':[" MARKED "," MARKED "," MARKED
                    "," MARKED "]}]}",
                    CLAUDE);
    assert_int_equal (body_count (&t.asked, "'cache_control'"), 4);
    warned (&t, "dropped ");
    translated_free (&t);
    t = (translated_t) { 0 };
    translated_ask (&t, BR_PROTOCOL_CHAT, ASK_CHAT (""), CLAUDE);
    asked_lacks (&t, "cache_control");
    translated_free (&t);
}

//  ---- errors in streams

static void
p_37_an_overload_behind_a_200_fails_over_only_if_nothing_was_told (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (STREAM), CLAUDE, BEGIN_MESSAGES ERROR_MESSAGES);
    assert_int_equal (result_of (&t)->first, TAP_ERROR);
    assert_true (result_of (&t)->error);
    assert_false (result_of (&t)->complete);
    assert_string_equal (result_of (&t)->error_type, "overloaded_error");
    assert_int_equal (t.heard.size, 0);
    translated_free (&t);
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (STREAM), CLAUDE,
          BEGIN_MESSAGES TEXT_MESSAGES ERROR_MESSAGES);
    assert_int_equal (result_of (&t)->first, TAP_DATA);
    assert_true (result_of (&t)->error);
    assert_false (result_of (&t)->complete);
    heard_has (&t, "data: {'error':{");
    heard_lacks (&t, "[DONE]");
    heard_lacks (&t, "'finish_reason':'stop'");
    translated_free (&t);
}

static void
p_38_a_stream_that_breaks_off_begins_once_and_does_not_end_well (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (STREAM), GPT_4,
          SAID_CHAT ("{'content':'hel'}",
                     "") EVENT ("{'error':{'message':'gone','type':'server_error'}}")
              SAID_CHAT ("{'role':'assistant','content':'hello'}", "") STOP_CHAT DONE);
    assert_int_equal (body_count (&t.heard, "event: message_start"), 1);
    assert_int_equal (body_count (&t.heard, "event: error"), 1);
    heard_lacks (&t, "message_stop");
    heard_lacks (&t, "hello");
    assert_int_equal (result_of (&t)->first, TAP_DATA);
    translated_free (&t);
    hear (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES (STREAM), CLAUDE,
          BEGIN_MESSAGES TEXT_MESSAGES ERROR_MESSAGES BEGIN_MESSAGES);
    assert_int_equal (body_count (&t.heard, "event: response.created"), 1);
    assert_int_equal (body_count (&t.heard, "event: response.failed"), 1);
    heard_lacks (&t, "response.completed");
    translated_free (&t);
}

//  The id of an item, as it stands behind the n-th of a word.
static void
s_only_id (translated_t *t, const char *key, const char *prefix)
{
    char *word = br_strf ("\"%s\":\"%s", key, prefix);
    const char *first = NULL;
    for (const char *at = strstr (br_buf_text (&t->heard), word); at;
         at = strstr (at + 1, word)) {
        size_t size = strlen (word) + strcspn (at + strlen (word), "\"");
        if (first && strncmp (first, at, size + 1) != 0)
            fail_msg ("%.*s and %.*s", (int) size, first, (int) size, at);
        first = at;
    }
    assert_non_null (first);
    free (word);
}

static void
p_39_items_whose_ids_rotate_are_one_and_ours_keep_theirs (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_CHAT, ASK_CHAT (""), GPT_5,
          EVENT ("{'type':'response.created','response':{'id':'resp_1','model':'x'}}")
              EVENT ("{'type':'response.output_item.added','output_index':0,'item':{"
                     "'id':'aaa','type':'message','role':'assistant','content':[]}}")
                  EVENT ("{'type':'response.output_text.delta','item_id':'bbb',"
                         "'output_index':0,'content_index':0,'delta':'hel'}")
                      EVENT ("{'type':'response.output_text.delta','item_id':'ccc',"
                             "'output_index':0,'content_index':0,'delta':'lo'}")
                          EVENT ("{'type':'response.output_item.done','output_index':0,"
                                 "'item':{'id':'ddd','type':'message','role':"
                                 "'assistant','status':'completed','content':[{'type':"
                                 "'output_text','text':'hello'}]}}")
                              EVENT ("{'type':'response.completed','response':{'id':"
                                     "'resp_1','model':'x','status':'completed',"
                                     "'output':[{'id':'eee','type':'message','role':"
                                     "'assistant','content':[{'type':'output_text',"
                                     "'text':'hello'}]}]}}"));
    heard_is (&t, "choices[0].message.content", "'hello'");
    translated_free (&t);
    hear (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES (STREAM), GPT_4,
          SAID_CHAT ("{'content':'hel'}", "") SAID_CHAT ("{'content':'lo'}", "")
              STOP_CHAT DONE);
    s_only_id (&t, "item_id", "");
    s_only_id (&t, "id", "msg_");
    translated_free (&t);
}

static void
p_40_errors_in_streams_of_groq_and_openrouter_are_errors (void **state)
{
    (void) state;
    translated_t t;
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (STREAM), GPT_4,
          SAID_CHAT ("{'content':'hel'}", "") "event: error\n" EVENT (
              "{'error':{'message':'Tool call validation failed','type':"
              "'invalid_request_error','code':'tool_use_failed','failed_generation':"
              "'<f>','status_code':400}}"));
    assert_true (result_of (&t)->error);
    heard_has (&t, "event: error");
    heard_lacks (&t, "message_stop");
    translated_free (&t);
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (STREAM), OPENROUTER,
          SAID_CHAT ("{'content':'hel'}", "")
              EVENT ("{'id':'g1','object':'chat.completion.chunk','created':1,'model':"
                     "'x','error':{'code':502,'message':'Provider returned error'},"
                     "'choices':[{'index':0,'delta':{'content':''},'finish_reason':"
                     "'error'}]}") DONE);
    assert_true (result_of (&t)->error);
    assert_false (result_of (&t)->complete);
    heard_has (&t, "event: error");
    heard_lacks (&t, "message_stop");
    translated_free (&t);
    //  In front of all it is an error that another provider may make good.
    hear (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES (STREAM), OPENROUTER,
          EVENT ("{'id':'g1','error':{'code':429,'message':'slow down'},'choices':[{"
                 "'index':0,'delta':{'content':''},'finish_reason':'error'}]}") DONE);
    assert_int_equal (result_of (&t)->first, TAP_ERROR);
    assert_int_equal (t.heard.size, 0);
    translated_free (&t);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (p_01_cached_tokens_are_counted_once_whoever_counts_them_in),
        cmocka_unit_test (
            p_02_the_last_delta_of_a_messages_stream_tells_input_tokens_too),
        cmocka_unit_test (p_03_a_stop_of_google_behind_a_call_is_a_call_of_a_tool),
        cmocka_unit_test (p_04_a_limit_or_a_filter_behind_a_call_stays_what_it_is),
        cmocka_unit_test (p_05_a_finish_without_content_or_parts_is_heard),
        cmocka_unit_test (p_06_a_malformed_call_is_an_error_and_no_stop),
        cmocka_unit_test (p_07_a_native_reason_is_heard_behind_the_normal_one),
        cmocka_unit_test (p_08_a_chunk_without_choices_is_no_trouble),
        cmocka_unit_test (p_09_usage_is_always_asked_for_and_told_to_whom_asked),
        cmocka_unit_test (p_10_id_and_model_are_the_first_that_are_not_empty),
        cmocka_unit_test (p_34_empty_texts_and_blanks_at_the_end_do_not_go_to_anthropic),
        cmocka_unit_test (
            p_35_an_answer_to_go_on_from_is_refused_for_claude_4_6_and_later),
        cmocka_unit_test (p_36_four_cache_marks_at_the_most_and_none_of_our_own),
        cmocka_unit_test (
            p_37_an_overload_behind_a_200_fails_over_only_if_nothing_was_told),
        cmocka_unit_test (
            p_38_a_stream_that_breaks_off_begins_once_and_does_not_end_well),
        cmocka_unit_test (p_39_items_whose_ids_rotate_are_one_and_ours_keep_theirs),
        cmocka_unit_test (p_40_errors_in_streams_of_groq_and_openrouter_are_errors),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
