//  mock_lines_google: the scripted conversation as generateContent says it. Usage comes
//  in each chunk; calls come whole, without ids, the first one signed; the stop comes in
//  a chunk of its own.

#include "bench/mock_talk.h"

#define SEEN (MOCK_THINKS | MOCK_SHOWS)

#define USAGE(input, cached, output, thoughts, total)                                    \
    "'usageMetadata':{'promptTokenCount':" input ",'candidatesTokenCount':" output       \
    ",'totalTokenCount':" total ",'cachedContentTokenCount':" cached                     \
    ",'promptTokensDetails':[{'modality':'TEXT','tokenCount':" input                     \
    "}],'thoughtsTokenCount':" thoughts "}"
#define NAMES ",'modelVersion':'%M','responseId':'mock-response'}"
#define GREETED USAGE ("40", "10", "12", "8", "60")
#define CALLED USAGE ("120", "100", "35", "25", "180")
#define TOLD USAGE ("200", "150", "25", "5", "230")

#define PLAIN "{'candidates':[{'content':{'parts':["
#define FINISH "],'role':'model'},'finishReason':'STOP','index':0}],"
#define CHUNK(part, usage)                                                               \
    "{'candidates':[{'content':{'parts':[" part                                          \
    "],'role':'model'},'index':0}]," usage NAMES
#define LAST(usage) PLAIN "{'text':''}" FINISH usage NAMES
#define THOUGHT(text) "{'text':'" text "','thought':true}"
#define CALL(name) "{'functionCall':{'name':'" name "','args':{'a':2,'b':3}}"
#define SIGNED CALL ("add") ",'thoughtSignature':'" MOCK_SEAL "'}"
#define UNSIGNED CALL ("multiply") "}"

#define SAY(usage)                                                                       \
    { MOCK_ALWAYS, PLAIN }, { SEEN, THOUGHT (MOCK_THOUGHT) "," },                        \
        { MOCK_ALWAYS, "{'text':'%T'}" FINISH usage NAMES },                             \
    {                                                                                    \
        0, NULL                                                                          \
    }
#define STREAM(usage)                                                                    \
    { SEEN, CHUNK (THOUGHT ("I add, "), usage) },                                        \
        { SEEN, CHUNK (THOUGHT ("and I multiply."), usage) },                            \
        { MOCK_ALWAYS, CHUNK ("{'text':'%A'}", usage) },                                 \
        { MOCK_ALWAYS, CHUNK ("{'text':'%B'}", usage) }, { MOCK_ALWAYS, LAST (usage) },  \
    {                                                                                    \
        0, NULL                                                                          \
    }

static const mock_line_t s_greet[] = { SAY (GREETED) };
static const mock_line_t s_greet_stream[] = { STREAM (GREETED) };
static const mock_line_t s_tell[] = { SAY (TOLD) };
static const mock_line_t s_tell_stream[] = { STREAM (TOLD) };

static const mock_line_t s_call[] = {
    { MOCK_ALWAYS, PLAIN },
    { SEEN, THOUGHT (MOCK_THOUGHT) "," },
    { MOCK_ALWAYS, SIGNED "," UNSIGNED FINISH CALLED NAMES },
    { 0, NULL },
};

static const mock_line_t s_call_stream[] = {
    { SEEN, CHUNK (THOUGHT ("I add, "), CALLED) },
    { SEEN, CHUNK (THOUGHT ("and I multiply."), CALLED) },
    { MOCK_ALWAYS, CHUNK (SIGNED, CALLED) },
    { MOCK_ALWAYS, CHUNK (UNSIGNED, CALLED) },
    { MOCK_ALWAYS, LAST (CALLED) },
    { 0, NULL },
};

const mock_lines_t mock_lines_google[MOCK_SCENES] = {
    [MOCK_GREETING] = { s_greet, s_greet_stream },
    [MOCK_CALLING] = { s_call, s_call_stream },
    [MOCK_TELLING] = { s_tell, s_tell_stream },
};
