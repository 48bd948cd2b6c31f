//  chat_finish: why an answer ended, in the words of OpenAI and of providers that have
//  others.

#include "broker/proto/chat/chat_parts.h"

typedef struct {
    const char *word;
    br_finish_t finish;
    bool broken; //  the provider failed
} finish_row_t;

static const finish_row_t s_rows[] = {
    { "stop", BR_FINISH_STOP, false },
    { "length", BR_FINISH_LENGTH, false },
    { "tool_calls", BR_FINISH_TOOL_USE, false },
    { "function_call", BR_FINISH_TOOL_USE, false },
    { "content_filter", BR_FINISH_FILTER, false },
    { "eos", BR_FINISH_STOP, false },                         //  Together
    { "model_length", BR_FINISH_CONTEXT, false },             //  Mistral
    { "sensitive", BR_FINISH_FILTER, false },                 //  Z.ai
    { "network_error", BR_FINISH_STOP, true },                //  Z.ai
    { "error", BR_FINISH_STOP, true },                        //  OpenRouter, Mistral
    { "insufficient_system_resource", BR_FINISH_STOP, true }, //  DeepSeek
};

//  Gemini's endpoint: "function_call_filter: MALFORMED_FUNCTION_CALL" (P-06).
#define MALFORMED "function_call_filter"

bool
chat_finish_is_malformed (br_text_t word)
{
    return br_text_starts (word, MALFORMED)
           || br_text_is (word, "MALFORMED_FUNCTION_CALL")
           || br_text_is (word, "UNEXPECTED_TOOL_CALL");
}

br_finish_t
chat_finish_of (br_text_t word, bool *ret_broken)
{
    *ret_broken = false;
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++)
        if (br_text_is (word, s_rows[i].word)) {
            *ret_broken = s_rows[i].broken;
            return s_rows[i].finish;
        }
    return chat_finish_is_malformed (word) ? BR_FINISH_MALFORMED : BR_FINISH_STOP;
}

static const char *const s_words[BR_FINISH_COUNT] = {
    [BR_FINISH_UNSET] = "stop",
    [BR_FINISH_STOP] = "stop",
    [BR_FINISH_STOP_SEQUENCE] = "stop",
    [BR_FINISH_LENGTH] = "length",
    [BR_FINISH_CONTEXT] = "length",
    [BR_FINISH_TOOL_USE] = "tool_calls",
    [BR_FINISH_FILTER] = "content_filter",
    [BR_FINISH_REFUSAL] = "content_filter",
    [BR_FINISH_PAUSE] = "stop",
    [BR_FINISH_MALFORMED] = (MALFORMED ": MALFORMED_FUNCTION_CALL"),
};

const char *
chat_finish_word (br_finish_t finish, bool called, bool refused)
{
    if (finish == BR_FINISH_REFUSAL && refused)
        return "stop";
    if (called && (finish == BR_FINISH_STOP || finish == BR_FINISH_UNSET))
        return "tool_calls";
    return (unsigned) finish < BR_FINISH_COUNT ? s_words[finish] : "stop";
}
