//  test_pairs: what is special when a client of one protocol is served by a provider of
//  another: a test for each of the sixteen pairs. Where both are the same the body passes
//  as it is but for the name of the model: see the_model_is_replaced_in_its_place in
//  tests/actors/upstream/test_upstream_request.c for who splices it.

#include "broker/proto/request.h"
#include "tests/broker/proto/translated.h"

#define IMAGE "data:image/png;base64,QUJD"
#define LONG_NAME                                                                        \
    "user_0123456789012345678901234567890123456789012345678901234567890123456789"
#define SHA_OF_LONG_NAME 66 //  characters of its hash as hex, with quotes

//  ---- the same protocol

//  Blanks, order, doubles, great numbers, escapes and members that nobody knows stay.
static void
s_passes (const char *text, const char *wanted)
{
    char *body = translated_json (text);
    char *changed = translated_json (wanted);
    request_t request;
    br_error_t error = { .text = "" };
    if (request_scan (body, strlen (body), &request, &error))
        fail_msg ("%s", error.text);
    char *spliced = br_strf ("%.*s\"up\"%s", (int) request.model_offset, body,
                             body + request.model_offset + request.model_size);
    assert_string_equal (spliced, changed);
    free (spliced);
    free (changed);
    free (body);
}

#define ODD(model, more)                                                                 \
    "{ 'x_new' : 12345678901234567890.10 ,\n 'model':" model                             \
    ",'model_x':'m', \t'x_new':[1,{'model':'deep'}],'e':'\\u00e9\\/'," more "  }"

static void
pair_chat_to_chat (void **state)
{
    (void) state;
    s_passes (ODD ("'m'", "'messages':[{'role':'user','content':'hi'}]"),
              ODD ("'up'", "'messages':[{'role':'user','content':'hi'}]"));
    //  Where it must be written anew it is in the words of the provider.
    static const char request[] = "{'model':'m','max_tokens':50,'stream':true,'messages':"
                                  "[{'role':'system','content':'brief'},{'role':'user',"
                                  "'content':'hi'}]}";
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT, request,
         (whom_t) { BR_PROTOCOL_CHAT, "openai", "gpt-5.1" });
    body_is_all (&t.asked,
                 ROWS ({ "max_completion_tokens", "50" }, { "max_tokens", NULL },
                       { "messages[0].role", "'developer'" },
                       { "stream_options.include_usage", "true" }));
    translated_free (&t);
    ask (&t, BR_PROTOCOL_CHAT, request, MISTRAL);
    body_is_all (&t.asked,
                 ROWS ({ "max_tokens", "50" }, { "messages[0].role", "'system'" },
                       { "stream_options", NULL }));
    translated_free (&t);
}

static void
pair_responses_to_responses (void **state)
{
    (void) state;
    s_passes (ODD ("'m'", "'previous_response_id':'resp_1','input':'hi'"),
              ODD ("'up'", "'previous_response_id':'resp_1','input':'hi'"));
    translated_t t;
    ask (&t, BR_PROTOCOL_RESPONSES, ASK_RESPONSES ("'previous_response_id':'resp_1',"),
         GPT_5);
    asked_is (&t, "previous_response_id", "'resp_1'");
    asked_is (&t, "store", NULL);
    asked_is (&t, "include", NULL);
    translated_free (&t);
}

static void
pair_messages_to_messages (void **state)
{
    (void) state;
    s_passes (ODD ("'m'", "'max_tokens':1,'messages':[{'role':'user','content':'hi'}]"),
              ODD ("'up'", "'max_tokens':1,'messages':[{'role':'user','content':'hi'}]"));
}

static void
pair_google_to_google (void **state)
{
    (void) state;
    static const char body[] = "{\"contents\":[],\"model\":\"models/other\"}";
    request_known_t known = { .place = REQUEST_PATH, .model = "gemini-3-pro" };
    request_scan_t scan;
    request_t request;
    assert_int_equal (request_scan_begin (&scan, &known, body, strlen (body), NULL), 0);
    while (request_scan_step (&scan, JSON_SLICE, &request, NULL) > 0)
        ;
    assert_string_equal (request.model, "gemini-3-pro");
    assert_int_equal (request.model_size, 0);
}

//  ---- from Chat

static const char s_chat[] =
    "{'model':'m','seed':7,'frequency_penalty':0.5,'presence_penalty':0.25,'stop':['END'"
    "],'logprobs':true,'top_logprobs':2,'temperature':0.5,'messages':[{'role':'system',"
    "'content':'brief'},{'role':'user','content':[{'type':'text','text':'look'},{'type':"
    "'image_url','image_url':{'url':'" IMAGE "'}}]},{'role':'assistant','content':'',"
    "'reasoning_details':[{'type':'reasoning.text','text':'hm','signature':'SIG',"
    "'format':'anthropic-claude-v1','index':0}],'tool_calls':[{'id':'functions.a:0',"
    "'type':'function','function':{'name':'a','arguments':'{}'}},{'id':'c2','type':"
    "'function','function':{'name':'b','arguments':'{}'}}]},{'role':'tool',"
    "'tool_call_id':'functions.a:0','content':'one'},{'role':'tool','tool_call_id':'c2',"
    "'content':'two'},{'role':'user','content':'go on'}],'tools':[{'type':'function',"
    "'function':{'name':'a','parameters':{'type':'object','properties':{}}}}]}";

static void
pair_chat_to_responses (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT, s_chat,
         (whom_t) { BR_PROTOCOL_RESPONSES, "openai", "gpt-4.1" });
    body_is_all (
        &t.asked,
        ROWS ({ "instructions", "'brief'" }, { "input[0].role", "'user'" },
              { "input[0].content[1]", "{'type':'input_image','image_url':'" IMAGE "'}" },
              { "input[1].type", "'function_call'" }, { "input[2].call_id", "'c2'" },
              { "input[3].type", "'function_call_output'" },
              { "input[3].call_id", "'functions.a:0'" }, { "input[4].output", "'two'" },
              { "input[5].content[0].text", "'go on'" }, { "tools[0].strict", "false" },
              { "store", "false" }, { "temperature", "0.5" },
              { "include", "['message.output_text.logprobs']" }, { "top_logprobs", "2" },
              { "stop", NULL }, { "seed", NULL }, { "frequency_penalty", NULL },
              { "presence_penalty", NULL }));
    warned (&t, "dropped stop");
    warned (&t, "dropped seed");
    warned (&t, "dropped frequency_penalty");
    warned (&t, "dropped presence_penalty");
    translated_free (&t);
}

static void
pair_chat_to_messages (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT, s_chat, CLAUDE);
    char *id = body_take (&t.asked, "messages[1].content[1].id");
    assert_null (strpbrk (id, ".:"));
    body_is_all (&t.asked,
                 ROWS ({ "max_tokens", "8192" }, { "system[0].text", "'brief'" },
                       { "messages[0].content[1].source",
                         "{'type':'base64','media_type':'image/png','data':'QUJD'}" },
                       { "messages[1].content[0]",
                         "{'type':'thinking','thinking':'hm','signature':'SIG'}" },
                       { "messages[1].content[1].type", "'tool_use'" },
                       { "messages[2].content[0].tool_use_id", id },
                       { "messages[2].content[1].tool_use_id", "'c2'" },
                       { "messages[2].content[2].text", "'go on'" },
                       { "messages[3]", NULL }, { "stop_sequences", "['END']" },
                       { "seed", NULL }, { "frequency_penalty", NULL },
                       { "presence_penalty", NULL }));
    free (id);
    warned (&t, "dropped seed");
    warned (&t, "dropped frequency_penalty");
    warned (&t, "dropped presence_penalty");
    translated_free (&t);
    t = (translated_t) { 0 };
    assert_int_equal (translated_try (&t, BR_PROTOCOL_CHAT, ASK_CHAT ("'n':2,"), CLAUDE),
                      -1);
    assert_int_equal (t.error.code, BR_EINVALID);
    translated_free (&t);
    ask (&t, BR_PROTOCOL_CHAT, ASK_CHAT ("'n':1,"), CLAUDE);
    asked_is (&t, "n", NULL);
    translated_free (&t);
}

static void
pair_chat_to_google (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_CHAT, s_chat, GEMINI_25);
    body_is_all (&t.asked,
                 ROWS ({ "systemInstruction.parts[0].text", "'brief'" },
                       { "contents[0].parts[1].inlineData",
                         "{'mimeType':'image/png','data':'QUJD'}" },
                       { "contents[1].parts[0].functionCall", "{'name':'a','args':{}}" },
                       { "contents[2].parts[0].functionResponse.name", "'a'" },
                       { "contents[2].parts[1].functionResponse.name", "'b'" },
                       { "contents[2].parts[0].functionResponse.id", NULL },
                       { "contents[2].parts[2].text", "'go on'" },
                       { "tools[0].functionDeclarations[0].name", "'a'" },
                       { "generationConfig.frequencyPenalty", "0.5" },
                       { "generationConfig.presencePenalty", "0.25" },
                       { "generationConfig.seed", "7" },
                       { "generationConfig.temperature", "0.5" },
                       { "generationConfig.stopSequences", "['END']" },
                       { "generationConfig.responseLogprobs", "true" },
                       { "generationConfig.logprobs", "2" }));
    asked_lacks (&t, "SIG");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_CHAT, s_chat, GEMINI_3);
    asked_is (&t, "contents[1].parts[0].thoughtSignature",
              "'skip_thought_signature_validator'");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_CHAT, ASK_CHAT ("'n':2,"), GEMINI_25);
    asked_is (&t, "generationConfig.candidateCount", "2");
    translated_free (&t);
    //  Images somewhere are not fetched.
    t = (translated_t) { 0 };
    assert_int_equal (
        translated_try (&t, BR_PROTOCOL_CHAT,
                        "{'model':'m','messages':[{'role':'user','content':[{'type':"
                        "'image_url','image_url':{'url':'https://x.example/a.png'}}]}]}",
                        GEMINI_25),
        -1);
    assert_int_equal (t.error.code, BR_EINVALID);
    assert_non_null (strstr (t.error.text, "messages[0].content[0]"));
    translated_free (&t);
}

//  ---- from Responses

static const char s_responses[] =
    "{'model':'m','instructions':'brief','input':[{'role':'user','content':[{'type':"
    "'input_text','text':'look'}]},{'type':'reasoning','summary':[{'type':'summary_text',"
    "'text':'hm'}]},{'type':'message','role':'assistant','phase':'commentary','content':"
    "[{'type':'output_text','text':'ok'}]},{'type':'function_call','call_id':'c1','name':"
    "'a','arguments':'{}'},{'type':'function_call','call_id':'c2','name':'a','arguments':"
    "'{}'},{'type':'function_call_output','call_id':'c1','output':[{'type':'input_text',"
    "'text':'one'},{'type':'input_image','image_url':'" IMAGE "'}]},{'type':"
    "'function_call_output','call_id':'c2','output':'two'},{'role':'developer',"
    "'content':'now in French'},{'role':'user','content':'go on'}],'tools':[{'type':"
    "'function','name':'a','parameters':{'type':'object','properties':{}}},{'type':"
    "'custom','name':'free'},{'type':'web_search'}]}";

static void
s_refuses_earlier (whom_t whom)
{
    translated_t t = { 0 };
    assert_int_equal (translated_try (&t, BR_PROTOCOL_RESPONSES,
                                      ASK_RESPONSES ("'previous_response_id':'resp_1',"),
                                      whom),
                      -1);
    assert_int_equal (t.error.code, BR_EINVALID);
    assert_non_null (strstr (t.error.text, "previous_response_id"));
    translated_free (&t);
}

static void
pair_responses_to_chat (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_RESPONSES, s_responses, DEEPSEEK);
    body_is_all (&t.asked, ROWS ({ "messages[0].content", "'brief'" },
                                 { "messages[2].role", "'assistant'" },
                                 { "messages[2].content", "'ok'" },
                                 { "messages[2].reasoning_content", "'hm'" },
                                 { "messages[2].tool_calls[1].id", "'c2'" },
                                 { "messages[3].role", "'tool'" },
                                 { "messages[3].content", "'one'" },
                                 { "messages[4].content", "'two'" },
                                 { "messages[5].content[0].type", "'image_url'" },
                                 { "messages[6].content", "'now in French'" },
                                 { "messages[7].content", "'go on'" },
                                 { "tools[1].function.parameters.required", "['input']" },
                                 { "tools[2]", NULL }));
    warned (&t, "dropped tools[2]");
    warned (&t, "changed tools[1]");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_RESPONSES, s_responses,
         (whom_t) { BR_PROTOCOL_CHAT, "openai", "gpt-5" });
    asked_is (&t, "tools[1].type", "'custom'");
    translated_free (&t);
    //  A blob of OpenAI's goes back as a detail, to a model of OpenAI's.
    ask (&t, BR_PROTOCOL_RESPONSES,
         "{'model':'m','input':[{'role':'user','content':'hi'},{'type':'reasoning','id':"
         "'rs_1','summary':[],'encrypted_content':'ENC'},{'type':'function_call',"
         "'call_id':'c1','name':'a','arguments':'{}'},{'type':'function_call_output',"
         "'call_id':'c1','output':'ok'}]}",
         OPENROUTER);
    asked_is (&t, "messages[1].reasoning_details[0].data", "'ENC'");
    translated_free (&t);
    s_refuses_earlier (GPT_4);
}

static void
pair_responses_to_messages (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_RESPONSES, s_responses, CLAUDE);
    body_is_all (&t.asked,
                 ROWS ({ "system[0].text", "'brief'" }, { "max_tokens", "8192" },
                       { "messages[1].content[0].text", "'ok'" },
                       { "messages[1].content[2].id", "'c2'" },
                       { "messages[2].content[0].content[1].source.data", "'QUJD'" },
                       { "messages[2].content[1].content", "'two'" },
                       { "messages[2].content[2].text",
                         "'<system-reminder>\\nnow in French\\n</system-reminder>'" },
                       { "messages[2].content[3].text", "'go on'" },
                       { "tools[1].input_schema.required", "['input']" },
                       { "tools[2]", NULL }));
    warned (&t, "dropped phase");
    warned (&t, "dropped tools[2]");
    asked_lacks (&t, "commentary");
    //  What Claude thinks goes out and comes back sealed.
    translated_answer (
        &t, "{'id':'msg_1','type':'message','role':'assistant','model':'claude-sonnet-4-5"
            "','content':[{'type':'thinking','thinking':'hm','signature':'SIG'},{'type':"
            "'text','text':'ok'}],'stop_reason':'end_turn','usage':{'input_tokens':1,"
            "'output_tokens':1}}");
    heard_is (&t, "output[0].summary[0].text", "'hm'");
    char *thought = body_take (&t.heard, "output[0]");
    translated_free (&t);
    char *next = br_strf ("{'model':'m','input':[{'role':'user','content':'hi'},%s,{"
                          "'role':'assistant','content':'ok'},{'role':'user','content':"
                          "'go on'}]}",
                          thought);
    ask (&t, BR_PROTOCOL_RESPONSES, next, CLAUDE);
    asked_is (&t, "messages[1].content[0]",
              "{'type':'thinking','thinking':'hm','signature':'SIG'}");
    translated_free (&t);
    free (next);
    free (thought);
    s_refuses_earlier (CLAUDE);
}

static void
pair_responses_to_google (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_RESPONSES, s_responses, GEMINI_3);
    body_is_all (&t.asked,
                 ROWS ({ "systemInstruction.parts[0].text", "'brief'" },
                       { "contents[1].parts[0].text", "'hm'" },
                       { "contents[1].parts[0].thought", "true" },
                       { "contents[1].parts[1].text", "'ok'" },
                       { "contents[1].parts[2].thoughtSignature",
                         "'skip_thought_signature_validator'" },
                       { "contents[2].parts[0].functionResponse.parts[0].inlineData.data",
                         "'QUJD'" },
                       { "contents[2].parts[0].functionResponse.name", "'a'" },
                       { "contents[2].parts[2].text",
                         "'<system-reminder>\\nnow in French\\n</system-reminder>'" },
                       { "tools[0].functionDeclarations[1].name", "'free'" },
                       { "tools[0].functionDeclarations[2]", NULL }));
    warned (&t, "dropped phase");
    warned (&t, "dropped tools[2]");
    translated_free (&t);
    //  Older models see images of results beside them.
    ask (&t, BR_PROTOCOL_RESPONSES, s_responses, GEMINI_2);
    asked_is (&t, "contents[2].parts[2].inlineData.data", "'QUJD'");
    asked_is (&t, "tools[0].functionDeclarations[0].parametersJsonSchema", NULL);
    asked_lacks (&t, "thoughtSignature");
    translated_free (&t);
    s_refuses_earlier (GEMINI_3);
}

//  ---- from Messages

static const char s_messages[] =
    "{'model':'m','max_tokens':50,'top_k':5,'stop_sequences':['END'],'metadata':{"
    "'user_id':'" LONG_NAME "'},'system':[{'type':'text','text':'brief','cache_control':{"
    "'type':'ephemeral'}}],'messages':[{'role':'user','content':[{'type':'text','text':"
    "'look'},{'type':'document','source':{'type':'base64','media_type':'application/pdf',"
    "'data':'QUJD'},'title':'T.pdf'}]},{'role':'assistant','content':[{'type':'thinking',"
    "'thinking':'hm','signature':''},{'type':'text','text':'ok'},{'type':'tool_use','id':"
    "'toolu_1','name':'a','input':{'x':1}}]},{'role':'user','content':[{'type':'text',"
    "'text':'go on'},{'type':'tool_result','tool_use_id':'toolu_1','content':'bad',"
    "'is_error':true}]}],'tools':[{'name':'a','input_schema':{'type':'object',"
    "'properties':{}}},{'type':'web_search_20250305','name':'web_search'}]}";

static void
pair_messages_to_chat (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_MESSAGES, s_messages, GPT_4);
    body_is_all (
        &t.asked,
        ROWS ({ "messages[0]", "{'role':'system','content':'brief'}" },
              { "messages[1].content[1].file",
                "{'file_data':'data:application/pdf;base64,QUJD','filename':'T.pdf'}" },
              { "messages[2].tool_calls[0].function.arguments", "'{\\'x\\':1}'" },
              { "messages[3].role", "'tool'" }, { "messages[3].content", "'Error: bad'" },
              { "messages[4].content", "'go on'" }, { "stop", "['END']" },
              { "top_k", NULL }, { "tools[1]", NULL }));
    asked_lacks (&t, "cache_control");
    warned (&t, "dropped cache_control");
    warned (&t, "dropped top_k");
    warned (&t, "dropped tools[1]");
    warned (&t, "changed metadata.user_id");
    char *hash = body_take (&t.asked, "safety_identifier");
    assert_int_equal (strlen (hash), SHA_OF_LONG_NAME);
    asked_lacks (&t, LONG_NAME);
    translated_free (&t);
    //  The same somebody is the same in Responses.
    ask (&t, BR_PROTOCOL_MESSAGES, s_messages, GPT_5);
    asked_is (&t, "safety_identifier", hash);
    translated_free (&t);
    free (hash);
    ask (&t, BR_PROTOCOL_MESSAGES, ASK_MESSAGES ("'metadata':{'user_id':'short'},"),
         GPT_4);
    asked_is (&t, "safety_identifier", "'short'");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_MESSAGES, s_messages, DEEPSEEK);
    asked_is (&t, "messages[2].reasoning_content", "'hm'");
    translated_free (&t);
    static const char *const keepers[] = { "openrouter", "qwen", "minimax", "zai" };
    for (size_t i = 0; i < 4; i++) {
        ask (&t, BR_PROTOCOL_MESSAGES, s_messages,
             (whom_t) { BR_PROTOCOL_CHAT, keepers[i], "x" });
        asked_is (&t, "messages[0].content[0].cache_control", "{'type':'ephemeral'}");
        translated_free (&t);
    }
    ask (&t, BR_PROTOCOL_MESSAGES, s_messages,
         (whom_t) { BR_PROTOCOL_CHAT, "openai", "gpt-5.6" });
    asked_is (&t, "messages[0].content[0].prompt_cache_breakpoint",
              "{'mode':'explicit'}");
    asked_lacks (&t, "cache_control");
    translated_free (&t);
}

static void
pair_messages_to_responses (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_MESSAGES, s_messages, GPT_5);
    body_is_all (&t.asked,
                 ROWS ({ "instructions", "'brief'" },
                       { "input[0].content[1].filename", "'T.pdf'" },
                       { "input[1].content[0]", "{'type':'output_text','text':'ok'}" },
                       { "input[2].type", "'function_call'" },
                       { "input[2].arguments", "'{\\'x\\':1}'" },
                       { "input[3].output", "'Error: bad'" },
                       { "input[4].content[0].text", "'go on'" },
                       { "tools[0].strict", "false" }, { "tools[1]", NULL },
                       { "stop", NULL }));
    warned (&t, "dropped stop_sequences");
    warned (&t, "dropped top_k");
    //  What OpenAI thought goes out and comes back sealed.
    translated_answer (
        &t, "{'id':'resp_1','object':'response','status':'completed','model':'gpt-5',"
            "'output':[{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text',"
            "'text':'hm'}],'encrypted_content':'ENC'},{'type':'message','id':'msg_1',"
            "'role':'assistant','status':'completed','content':[{'type':'output_text',"
            "'text':'ok'}]}],'usage':{'input_tokens':1,'output_tokens':1}}");
    heard_is (&t, "content[0].thinking", "'hm'");
    char *content = body_take (&t.heard, "content");
    translated_free (&t);
    char *next = br_strf ("{'model':'m','max_tokens':9,'messages':[{'role':'user',"
                          "'content':'hi'},{'role':'assistant','content':%s},{'role':"
                          "'user','content':'go on'}]}",
                          content);
    ask (&t, BR_PROTOCOL_MESSAGES, next, GPT_5);
    asked_is (&t, "input[1].type", "'reasoning'");
    asked_is (&t, "input[1].encrypted_content", "'ENC'");
    translated_free (&t);
    free (next);
    free (content);
}

static void
pair_messages_to_google (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_MESSAGES, s_messages, GEMINI_3);
    body_is_all (
        &t.asked,
        ROWS ({ "systemInstruction.parts[0].text", "'brief'" },
              { "contents[0].parts[1].text", "'T.pdf'" },
              { "contents[0].parts[2].inlineData.mimeType", "'application/pdf'" },
              { "contents[2].parts[0].functionResponse.name", "'a'" },
              { "contents[2].parts[0].functionResponse.response", "{'error':'bad'}" },
              { "contents[2].parts[1].text", "'go on'" },
              { "generationConfig.topK", "5" },
              { "tools[0].functionDeclarations[1]", NULL }, { "tools[1]", NULL }));
    asked_lacks (&t, "cache_control");
    warned (&t, "dropped cache_control");
    warned (&t, "dropped tools[1]");
    translated_answer (
        &t, "{'candidates':[{'index':0,'content':{'role':'model','parts':[{'text':'hm',"
            "'thought':true},{'functionCall':{'name':'a','args':{}},'thoughtSignature':"
            "'U0lH'}]},'finishReason':'STOP'}],'modelVersion':'gemini-3-pro','responseId'"
            ":'r1'}");
    char *content = body_take (&t.heard, "content");
    heard_is (&t, "content[2].type", "'tool_use'");
    char *id = body_take (&t.heard, "content[2].id");
    translated_free (&t);
    char *next = br_strf ("{'model':'m','max_tokens':9,'messages':[{'role':'user',"
                          "'content':'hi'},{'role':'assistant','content':%s},{'role':"
                          "'user','content':[{'type':'tool_result','tool_use_id':%s,"
                          "'content':'ok'}]}]}",
                          content, id);
    ask (&t, BR_PROTOCOL_MESSAGES, next, GEMINI_3);
    asked_has (&t, "'thoughtSignature':'U0lH'");
    asked_lacks (&t, "skip_thought");
    translated_free (&t);
    free (next);
    free (id);
    free (content);
}

//  ---- from Google

static const char s_google[] =
    "{'systemInstruction':{'parts':[{'text':'brief'}]},'contents':[{'role':'user','parts'"
    ":"
    "[{'text':'look'}]},{'role':'model','parts':[{'functionCall':{'name':'a','args':{'x':"
    "1}}},{'functionCall':{'name':'b','args':{}}},{'functionCall':{'id':'i3','name':'a',"
    "'args':{}}}]},{'role':'user','parts':[{'functionResponse':{'id':'i3','name':'a',"
    "'response':{'output':'three'}}},{'functionResponse':{'name':'b','response':{"
    "'output':'two'}}},{'functionResponse':{'name':'a','response':{'output':'one'}}},{"
    "'text':'go on'}]}],'tools':[{'functionDeclarations':[{'name':'a','parameters':{"
    "'type':'OBJECT','properties':{'p':{'type':'STRING','nullable':true}}}}]}],"
    "'safetySettings':[{'category':'HARM_CATEGORY_HARASSMENT','threshold':'BLOCK_NONE'}],"
    "'generationConfig':{'topK':5,'maxOutputTokens':50,'stopSequences':['END'],"
    "'responseMimeType':'application/json','responseSchema':{'type':'OBJECT',"
    "'properties':{'q':{'type':'INTEGER'}}}}}";

#define LOWERED "{'type':'object','properties':{'q':{'type':'integer'}}}"

static void
pair_google_to_chat (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_GOOGLE, s_google, GPT_4);
    char *ids[3] = { body_take (&t.asked, "messages[2].tool_calls[0].id"),
                     body_take (&t.asked, "messages[2].tool_calls[1].id"),
                     body_take (&t.asked, "messages[2].tool_calls[2].id") };
    assert_string_equal (ids[2], "\"i3\"");
    body_is_all (
        &t.asked,
        ROWS ({ "messages[0]", "{'role':'system','content':'brief'}" },
              { "messages[3].tool_call_id", ids[0] }, { "messages[3].content", "'one'" },
              { "messages[4].tool_call_id", ids[1] }, { "messages[4].content", "'two'" },
              { "messages[5].tool_call_id", ids[2] },
              { "messages[5].content", "'three'" }, { "messages[6].content", "'go on'" },
              { "tools[0].function.parameters.properties.p.type", "['string','null']" },
              { "response_format.json_schema.schema", LOWERED },
              { "max_completion_tokens", "50" }, { "stop", "['END']" },
              { "top_k", NULL }));
    for (unsigned i = 0; i < 3; i++)
        free (ids[i]);
    asked_lacks (&t, "HARM_CATEGORY");
    warned (&t, "dropped safetySettings");
    warned (&t, "dropped generationConfig.topK");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_GOOGLE, ASK_GOOGLE ("'generationConfig':{'candidateCount':2},"),
         GPT_4);
    asked_is (&t, "n", "2");
    translated_free (&t);
}

static void
pair_google_to_responses (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_GOOGLE, s_google, GPT_5);
    char *id = body_take (&t.asked, "input[1].call_id");
    body_is_all (&t.asked,
                 ROWS ({ "instructions", "'brief'" }, { "input[3].call_id", "'i3'" },
                       { "input[4].call_id", id }, { "input[4].output", "'one'" },
                       { "input[5].output", "'two'" }, { "input[6].output", "'three'" },
                       { "input[7].content[0].text", "'go on'" },
                       { "tools[0].parameters.properties.p.type", "['string','null']" },
                       { "tools[0].strict", "false" }, { "text.format.schema", LOWERED },
                       { "max_output_tokens", "50" }, { "store", "false" },
                       { "top_k", NULL }));
    free (id);
    warned (&t, "dropped safetySettings");
    warned (&t, "dropped generationConfig.topK");
    warned (&t, "dropped generationConfig.stopSequences");
    translated_free (&t);
}

static void
pair_google_to_messages (void **state)
{
    (void) state;
    translated_t t;
    ask (&t, BR_PROTOCOL_GOOGLE, s_google, CLAUDE);
    char *id = body_take (&t.asked, "messages[1].content[0].id");
    body_is_all (&t.asked,
                 ROWS ({ "max_tokens", "50" }, { "system[0].text", "'brief'" },
                       { "messages[1].content[2].id", "'i3'" },
                       { "messages[2].content[0].tool_use_id", id },
                       { "messages[2].content[0].content", "'one'" },
                       { "messages[2].content[1].content", "'two'" },
                       { "messages[2].content[2].tool_use_id", "'i3'" },
                       { "messages[2].content[3].text", "'go on'" },
                       { "messages[3]", NULL },
                       { "tools[0].input_schema.properties.p.type", "['string','null']" },
                       { "output_config.format.schema.properties.q.type", "'integer'" },
                       { "stop_sequences", "['END']" }, { "top_k", "5" }));
    free (id);
    warned (&t, "dropped safetySettings");
    translated_free (&t);
    ask (&t, BR_PROTOCOL_GOOGLE, ASK_GOOGLE (""), CLAUDE);
    asked_is (&t, "max_tokens", "8192");
    translated_free (&t);
}

//  ---- what all have in common

//  A call that says nothing is refused by its reader.
static void
a_call_without_a_turn_is_refused (void **state)
{
    (void) state;
    static const struct {
        br_protocol_t client;
        const char *request, *path;
    } rows[] = {
        { BR_PROTOCOL_CHAT, "{'model':'m','messages':[]}", "messages" },
        { BR_PROTOCOL_RESPONSES, "{'model':'m','input':[]}", "input" },
        { BR_PROTOCOL_RESPONSES, "{'model':'m'}", "input" },
        { BR_PROTOCOL_MESSAGES, "{'model':'m','max_tokens':1,'messages':[]}",
          "messages" },
        { BR_PROTOCOL_GOOGLE, "{'contents':[]}", "contents" },
        { BR_PROTOCOL_GOOGLE, "{}", "contents" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        translated_t t = { 0 };
        assert_int_equal (translated_try (&t, rows[i].client, rows[i].request, GPT_4),
                          -1);
        assert_int_equal (t.error.code, BR_EINVALID);
        assert_non_null (strstr (t.error.text, rows[i].path));
        translated_free (&t);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (pair_chat_to_chat),
        cmocka_unit_test (pair_chat_to_responses),
        cmocka_unit_test (pair_chat_to_messages),
        cmocka_unit_test (pair_chat_to_google),
        cmocka_unit_test (pair_responses_to_chat),
        cmocka_unit_test (pair_responses_to_responses),
        cmocka_unit_test (pair_responses_to_messages),
        cmocka_unit_test (pair_responses_to_google),
        cmocka_unit_test (pair_messages_to_chat),
        cmocka_unit_test (pair_messages_to_responses),
        cmocka_unit_test (pair_messages_to_messages),
        cmocka_unit_test (pair_messages_to_google),
        cmocka_unit_test (pair_google_to_chat),
        cmocka_unit_test (pair_google_to_responses),
        cmocka_unit_test (pair_google_to_messages),
        cmocka_unit_test (pair_google_to_google),
        cmocka_unit_test (a_call_without_a_turn_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
