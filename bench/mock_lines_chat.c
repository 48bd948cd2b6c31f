//  mock_lines_chat: the scripted conversation as Chat Completions says it. The reasoning
//  is in reasoning_content, as DeepSeek and others have it.

#include "bench/mock_talk.h"

#define SEEN (MOCK_THINKS | MOCK_SHOWS)

#define PLAIN                                                                            \
    "{'id':'chatcmpl-mock','object':'chat.completion','created':1700000000,"             \
    "'model':'%M','choices':[{'index':0,'message':{'role':'assistant',"
#define THOUGHT "'reasoning_content':'" MOCK_THOUGHT "',"
#define FINISH(reason)                                                                   \
    "},'logprobs':null,'finish_reason':'" reason                                         \
    "'}],'service_tier':'default','system_fingerprint':'fp_mock','usage':"
#define USAGE(input, cached, output, reasoning, total)                                   \
    "{'prompt_tokens':" input ",'completion_tokens':" output ",'total_tokens':" total    \
    ",'prompt_tokens_details':{'cached_tokens':" cached                                  \
    ",'audio_tokens':0},'completion_tokens_details':{'reasoning_tokens':" reasoning      \
    ",'audio_tokens':0,'accepted_prediction_tokens':0,"                                  \
    "'rejected_prediction_tokens':0}}"

#define CHUNK                                                                            \
    "{'id':'chatcmpl-mock','object':'chat.completion.chunk','created':1700000000,"       \
    "'model':'%M','system_fingerprint':'fp_mock','choices':["
#define DELTA(delta, reason)                                                             \
    CHUNK "{'index':0,'delta':" delta ",'logprobs':null,'finish_reason':" reason "}]}"
#define ROLE DELTA ("{'role':'assistant','content':''}", "null")
#define TOTAL(usage) CHUNK "],'usage':" usage "}"

#define GREETED USAGE ("40", "10", "20", "8", "60")
#define CALLED USAGE ("120", "100", "60", "25", "180")
#define TOLD USAGE ("200", "150", "30", "5", "230")

#define CALL(id, name)                                                                   \
    "{'id':'" id "','type':'function','function':{'name':'" name                         \
    "','arguments':'{\\'a\\':2,\\'b\\':3}'}}"
#define CALL_START(index, id, name)                                                      \
    DELTA ("{'tool_calls':[{'index':" index ",'id':'" id                                 \
           "','type':'function','function':{'name':'" name "','arguments':''}}]}",       \
           "null")
#define CALL_PART(index, part)                                                           \
    DELTA ("{'tool_calls':[{'index':" index ",'function':{'arguments':'" part "'}}]}",   \
           "null")
#define THOUGHTS                                                                         \
    { SEEN, DELTA ("{'reasoning_content':'I add, '}", "null") },                         \
    {                                                                                    \
        SEEN, DELTA ("{'reasoning_content':'and I multiply.'}", "null")                  \
    }

#define SAY(usage)                                                                       \
    { MOCK_ALWAYS, PLAIN }, { SEEN, THOUGHT },                                           \
        { MOCK_ALWAYS, "'content':'%T','refusal':null" FINISH ("stop") usage "}" },      \
    {                                                                                    \
        0, NULL                                                                          \
    }
#define STREAM(usage)                                                                    \
    { MOCK_ALWAYS, ROLE }, THOUGHTS,                                                     \
        { MOCK_ALWAYS, DELTA ("{'content':'%A'}", "null") },                             \
        { MOCK_ALWAYS, DELTA ("{'content':'%B'}", "null") },                             \
        { MOCK_ALWAYS, DELTA ("{}", "'stop'") }, { MOCK_COUNTS, TOTAL (usage) },         \
    {                                                                                    \
        0, NULL                                                                          \
    }

static const mock_line_t s_greet[] = { SAY (GREETED) };
static const mock_line_t s_greet_stream[] = { STREAM (GREETED) };
static const mock_line_t s_tell[] = { SAY (TOLD) };
static const mock_line_t s_tell_stream[] = { STREAM (TOLD) };

static const mock_line_t s_call[] = {
    { MOCK_ALWAYS, PLAIN },
    { SEEN, THOUGHT },
    { MOCK_ALWAYS,
      "'content':null,'refusal':null,'tool_calls':[" CALL (
          "call_mock_add", "add") "," CALL ("call_mock_multiply",
                                            "multiply") "]" FINISH ("tool_calls") CALLED
      "}" },
    { 0, NULL },
};

static const mock_line_t s_call_stream[] = {
    { MOCK_ALWAYS, ROLE },
    THOUGHTS,
    { MOCK_ALWAYS, CALL_START ("0", "call_mock_add", "add") },
    { MOCK_ALWAYS, CALL_PART ("0", "{\\'a\\':2,") },
    { MOCK_ALWAYS, CALL_PART ("0", "\\'b\\':3}") },
    { MOCK_ALWAYS, CALL_START ("1", "call_mock_multiply", "multiply") },
    { MOCK_ALWAYS, CALL_PART ("1", "{\\'a\\'") },
    { MOCK_ALWAYS, CALL_PART ("1", ":2,\\'b\\':3}") },
    { MOCK_ALWAYS, DELTA ("{}", "'tool_calls'") },
    { MOCK_COUNTS, TOTAL (CALLED) },
    { 0, NULL },
};

const mock_lines_t mock_lines_chat[MOCK_SCENES] = {
    [MOCK_GREETING] = { s_greet, s_greet_stream },
    [MOCK_CALLING] = { s_call, s_call_stream },
    [MOCK_TELLING] = { s_tell, s_tell_stream },
};
