//  mock_lines_responses: the scripted conversation as Responses says it. The encrypted
//  state of the reasoning is only in finished items, and only where it was asked for.

#include "bench/mock_talk.h"

#define SEEN (MOCK_THINKS | MOCK_SHOWS)

#define ECHOES                                                                           \
    "'id':'resp_mock','object':'response','created_at':1700000000,'background':false,"   \
    "'error':null,'incomplete_details':null,'instructions':null,"                        \
    "'max_output_tokens':null,'max_tool_calls':null,'metadata':{},'model':'%M',"         \
    "'parallel_tool_calls':true,'previous_response_id':null,"                            \
    "'reasoning':{'effort':null,'summary':null},'service_tier':'default',"               \
    "'store':false,'temperature':1.0,'text':{'format':{'type':'text'},"                  \
    "'verbosity':'medium'},'tool_choice':'auto','tools':[],'top_logprobs':0,"            \
    "'top_p':1.0,'truncation':'disabled','user':null,"
#define USAGE(input, cached, output, reasoning, total)                                   \
    "{'input_tokens':" input ",'input_tokens_details':{'cached_tokens':" cached          \
    "},'output_tokens':" output                                                          \
    ",'output_tokens_details':{'reasoning_tokens':" reasoning "},'total_tokens':" total  \
    "}"
#define GREETED USAGE ("40", "10", "20", "8", "60")
#define CALLED USAGE ("120", "100", "60", "25", "180")
#define TOLD USAGE ("200", "150", "30", "5", "230")

#define BEGUN "{" ECHOES "'status':'in_progress','output':[],'usage':null}"
#define DONE "{" ECHOES "'status':'completed','output':["
#define END(usage) "],'usage':" usage "}"

//  The reasoning item is %R, with a comma behind it, since it depends on what was asked.
#define PART(text)                                                                       \
    "{'type':'output_text','annotations':[],'logprobs':[],'text':'" text "'}"
#define MESSAGE                                                                          \
    "{'id':'msg_mock','type':'message','status':'completed','role':'assistant',"         \
    "'content':[" PART ("%T") "]}"
#define CALL(name, status, arguments)                                                    \
    "{'id':'fc_mock_" name "','type':'function_call','status':'" status                  \
    "','call_id':'call_mock_" name "','name':'" name "','arguments':'" arguments "'}"
#define WHOLE "{\\'a\\':2,\\'b\\':3}"

#define EVENT(type) "{'type':'response." type "','sequence_number':%N,"
#define ADDED(index, item)                                                               \
    EVENT ("output_item.added") "'output_index':" index ",'item':" item "}"
#define FINISHED(index) EVENT ("output_item.done") "'output_index':" index ",'item':"
#define SUMMARY_AT "'item_id':'rs_mock','output_index':0,'summary_index':0,"
#define TEXT_AT "'item_id':'msg_mock','output_index':%0,'content_index':0,"
#define ARGUMENTS(name, index, part)                                                     \
    EVENT ("function_call_arguments.delta")                                              \
    "'item_id':'fc_mock_" name "','output_index':" index ",'delta':'" part "'}"
#define ARGUMENTS_DONE(name, index)                                                      \
    EVENT ("function_call_arguments.done")                                               \
    "'item_id':'fc_mock_" name "','output_index':" index ",'name':'" name                \
    "','arguments':'" WHOLE "'}"

#define BEGIN                                                                            \
    { MOCK_ALWAYS, EVENT ("created") "'response':" BEGUN "}" },                          \
    {                                                                                    \
        MOCK_ALWAYS, EVENT ("in_progress") "'response':" BEGUN "}"                       \
    }
#define THOUGHTS                                                                         \
    { MOCK_THINKS, ADDED ("0", "{'id':'rs_mock','type':'reasoning','summary':[]}") },    \
        { SEEN, EVENT ("reasoning_summary_part.added") SUMMARY_AT                        \
          "'part':{'type':'summary_text','text':''}}" },                                 \
        { SEEN,                                                                          \
          EVENT ("reasoning_summary_text.delta") SUMMARY_AT "'delta':'I add, '}" },      \
        { SEEN, EVENT ("reasoning_summary_text.delta") SUMMARY_AT                        \
          "'delta':'and I multiply.'}" },                                                \
        { SEEN, EVENT ("reasoning_summary_text.done") SUMMARY_AT "'text':'" MOCK_THOUGHT \
                                                                 "'}" },                 \
        { SEEN, EVENT ("reasoning_summary_part.done") SUMMARY_AT                         \
          "'part':{'type':'summary_text','text':'" MOCK_THOUGHT "'}}" },                 \
    {                                                                                    \
        MOCK_THINKS, FINISHED ("0") "%I}"                                                \
    }

#define COMPLETED(items, usage)                                                          \
    EVENT ("completed") "'response':" DONE "%R" items END (usage) "}"

#define SAY(usage)                                                                       \
    { MOCK_ALWAYS, DONE "%R" MESSAGE END (usage) },                                      \
    {                                                                                    \
        0, NULL                                                                          \
    }
#define STREAM(usage)                                                                    \
    BEGIN, THOUGHTS,                                                                     \
        { MOCK_ALWAYS,                                                                   \
          ADDED ("%0", "{'id':'msg_mock','type':'message','status':'in_progress',"       \
                       "'role':'assistant','content':[]}") },                            \
        { MOCK_ALWAYS, EVENT ("content_part.added") TEXT_AT "'part':" PART ("") "}" },   \
        { MOCK_ALWAYS,                                                                   \
          EVENT ("output_text.delta") TEXT_AT "'logprobs':[],'delta':'%A'}" },           \
        { MOCK_ALWAYS,                                                                   \
          EVENT ("output_text.delta") TEXT_AT "'logprobs':[],'delta':'%B'}" },           \
        { MOCK_ALWAYS,                                                                   \
          EVENT ("output_text.done") TEXT_AT "'logprobs':[],'text':'%T'}" },             \
        { MOCK_ALWAYS, EVENT ("content_part.done") TEXT_AT "'part':" PART ("%T") "}" },  \
        { MOCK_ALWAYS, FINISHED ("%0") MESSAGE "}" },                                    \
        { MOCK_ALWAYS, COMPLETED (MESSAGE, usage) },                                     \
    {                                                                                    \
        0, NULL                                                                          \
    }

static const mock_line_t s_greet[] = { SAY (GREETED) };
static const mock_line_t s_greet_stream[] = { STREAM (GREETED) };
static const mock_line_t s_tell[] = { SAY (TOLD) };
static const mock_line_t s_tell_stream[] = { STREAM (TOLD) };

#define CALLS CALL ("add", "completed", WHOLE) "," CALL ("multiply", "completed", WHOLE)

static const mock_line_t s_call[] = {
    { MOCK_ALWAYS, DONE "%R" CALLS END (CALLED) },
    { 0, NULL },
};

static const mock_line_t s_call_stream[] = {
    BEGIN,
    THOUGHTS,
    { MOCK_ALWAYS, ADDED ("%0", CALL ("add", "in_progress", "")) },
    { MOCK_ALWAYS, ARGUMENTS ("add", "%0", "{\\'a\\':2,") },
    { MOCK_ALWAYS, ARGUMENTS ("add", "%0", "\\'b\\':3}") },
    { MOCK_ALWAYS, ARGUMENTS_DONE ("add", "%0") },
    { MOCK_ALWAYS, FINISHED ("%0") CALL ("add", "completed", WHOLE) "}" },
    { MOCK_ALWAYS, ADDED ("%1", CALL ("multiply", "in_progress", "")) },
    { MOCK_ALWAYS, ARGUMENTS ("multiply", "%1", "{\\'a\\'") },
    { MOCK_ALWAYS, ARGUMENTS ("multiply", "%1", ":2,\\'b\\':3}") },
    { MOCK_ALWAYS, ARGUMENTS_DONE ("multiply", "%1") },
    { MOCK_ALWAYS, FINISHED ("%1") CALL ("multiply", "completed", WHOLE) "}" },
    { MOCK_ALWAYS, COMPLETED (CALLS, CALLED) },
    { 0, NULL },
};

const mock_lines_t mock_lines_responses[MOCK_SCENES] = {
    [MOCK_GREETING] = { s_greet, s_greet_stream },
    [MOCK_CALLING] = { s_call, s_call_stream },
    [MOCK_TELLING] = { s_tell, s_tell_stream },
};
