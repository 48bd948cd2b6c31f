//  mock_lines_messages: the scripted conversation as Anthropic Messages says it.

#include "bench/mock_talk.h"

#define PLAIN                                                                            \
    "{'id':'msg_mock','type':'message','role':'assistant','model':'%M','content':["
#define SHOWN                                                                            \
    "{'type':'thinking','thinking':'" MOCK_THOUGHT "','signature':'" MOCK_SEAL "'},"
#define FINISH(reason) "],'stop_reason':'" reason "','stop_sequence':null,'usage':"
#define TOKENS(input, written, read, output, reasoning)                                  \
    "'input_tokens':" input ",'cache_creation_input_tokens':" written                    \
    ",'cache_read_input_tokens':" read ",'output_tokens':" output                        \
    ",'output_tokens_details':{'thinking_tokens':" reasoning "}"
#define USAGE(input, written, read, output, reasoning)                                   \
    "{" TOKENS (input, written, read, output,                                            \
                reasoning) ",'cache_creation':{'ephemeral_5m_input_tokens':" written     \
                           ",'ephemeral_1h_input_tokens':0},'service_tier':'standard'}"

#define GREETED(output, reasoning) USAGE ("30", "0", "10", output, reasoning)
#define CALLED(output, reasoning) USAGE ("14", "6", "100", output, reasoning)
#define TOLD(output, reasoning) USAGE ("50", "0", "150", output, reasoning)

#define CALL(id, name)                                                                   \
    "{'type':'tool_use','id':'" id "','name':'" name "','input':{'a':2,'b':3}}"

#define START(usage)                                                                     \
    "{'type':'message_start','message':{'id':'msg_mock','type':'message',"               \
    "'role':'assistant','model':'%M','content':[],'stop_reason':null,"                   \
    "'stop_sequence':null,'usage':" usage "}}"
#define OPEN(index, block)                                                               \
    "{'type':'content_block_start','index':" index ",'content_block':" block "}"
#define DELTA(index, delta)                                                              \
    "{'type':'content_block_delta','index':" index ",'delta':" delta "}"
#define CLOSE(index) "{'type':'content_block_stop','index':" index "}"
#define PING "{'type':'ping'}"
#define ARGUMENTS(index, part)                                                           \
    DELTA (index, "{'type':'input_json_delta','partial_json':'" part "'}")
#define USE(index, id, name)                                                             \
    OPEN (index, "{'type':'tool_use','id':'" id "','name':'" name "','input':{}}")
#define LAST(reason, usage)                                                              \
    "{'type':'message_delta','delta':{'stop_reason':'" reason                            \
    "','stop_sequence':null},'usage':" usage "}"
#define STOP "{'type':'message_stop'}"

#define SEEN (MOCK_THINKS | MOCK_SHOWS)
#define THOUGHTS                                                                         \
    { MOCK_THINKS, OPEN ("0", "{'type':'thinking','thinking':'','signature':''}") },     \
        { SEEN, DELTA ("0", "{'type':'thinking_delta','thinking':'I add, '}") },         \
        { SEEN, DELTA ("0", "{'type':'thinking_delta','thinking':'and I multiply.'}") }, \
        { MOCK_THINKS,                                                                   \
          DELTA ("0", "{'type':'signature_delta','signature':'" MOCK_SEAL "'}") },       \
    {                                                                                    \
        MOCK_THINKS, CLOSE ("0")                                                         \
    }

#define SAY(usage)                                                                       \
    { MOCK_ALWAYS, PLAIN }, { MOCK_THINKS, SHOWN },                                      \
        { MOCK_ALWAYS, "{'type':'text','text':'%T'}" FINISH ("end_turn") usage "}" },    \
    {                                                                                    \
        0, NULL                                                                          \
    }
#define STREAM(first, usage)                                                             \
    { MOCK_ALWAYS, START (first) }, THOUGHTS,                                            \
        { MOCK_ALWAYS, OPEN ("%0", "{'type':'text','text':''}") },                       \
        { MOCK_ALWAYS, PING },                                                           \
        { MOCK_ALWAYS, DELTA ("%0", "{'type':'text_delta','text':'%A'}") },              \
        { MOCK_ALWAYS, DELTA ("%0", "{'type':'text_delta','text':'%B'}") },              \
        { MOCK_ALWAYS, CLOSE ("%0") }, { MOCK_ALWAYS, LAST ("end_turn", usage) },        \
        { MOCK_ALWAYS, STOP },                                                           \
    {                                                                                    \
        0, NULL                                                                          \
    }

static const mock_line_t s_greet[] = { SAY (GREETED ("20", "8")) };
static const mock_line_t s_greet_stream[] = { STREAM (GREETED ("1", "0"),
                                                      GREETED ("20", "8")) };
static const mock_line_t s_tell[] = { SAY (TOLD ("30", "5")) };
static const mock_line_t s_tell_stream[] = { STREAM (TOLD ("1", "0"), TOLD ("30", "5")) };

static const mock_line_t s_call[] = {
    { MOCK_ALWAYS, PLAIN },
    { MOCK_THINKS, SHOWN },
    { MOCK_ALWAYS,
      CALL ("toolu_mock_add", "add") "," CALL ("toolu_mock_multiply", "multiply")
          FINISH ("tool_use") CALLED ("60", "25") "}" },
    { 0, NULL },
};

static const mock_line_t s_call_stream[] = {
    { MOCK_ALWAYS, START (CALLED ("1", "0")) },
    THOUGHTS,
    { MOCK_ALWAYS, USE ("%0", "toolu_mock_add", "add") },
    { MOCK_ALWAYS, PING },
    { MOCK_ALWAYS, ARGUMENTS ("%0", "") },
    { MOCK_ALWAYS, ARGUMENTS ("%0", "{\\'a\\':2,") },
    { MOCK_ALWAYS, ARGUMENTS ("%0", "\\'b\\':3}") },
    { MOCK_ALWAYS, CLOSE ("%0") },
    { MOCK_ALWAYS, USE ("%1", "toolu_mock_multiply", "multiply") },
    { MOCK_ALWAYS, ARGUMENTS ("%1", "") },
    { MOCK_ALWAYS, ARGUMENTS ("%1", "{\\'a\\'") },
    { MOCK_ALWAYS, ARGUMENTS ("%1", ":2,\\'b\\':3}") },
    { MOCK_ALWAYS, CLOSE ("%1") },
    { MOCK_ALWAYS, LAST ("tool_use", CALLED ("60", "25")) },
    { MOCK_ALWAYS, STOP },
    { 0, NULL },
};

const mock_lines_t mock_lines_messages[MOCK_SCENES] = {
    [MOCK_GREETING] = { s_greet, s_greet_stream },
    [MOCK_CALLING] = { s_call, s_call_stream },
    [MOCK_TELLING] = { s_tell, s_tell_stream },
};
