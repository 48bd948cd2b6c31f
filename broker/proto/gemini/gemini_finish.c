//  gemini_finish: why an answer ended, by Google's words for it.

#include <string.h>

#include "broker/proto/gemini/gemini_parts.h"

//  Words that are not here mean STOP, as far as anybody knows.
static const struct {
    const char *word;
    br_finish_t finish;
} s_rows[] = {
    { "STOP", BR_FINISH_STOP },
    { "MAX_TOKENS", BR_FINISH_LENGTH },
    { "SAFETY", BR_FINISH_FILTER },
    { "MALFORMED_FUNCTION_CALL", BR_FINISH_MALFORMED },
    { "UNEXPECTED_TOOL_CALL", BR_FINISH_MALFORMED },
    { "TOO_MANY_TOOL_CALLS", BR_FINISH_MALFORMED },
    { "MISSING_THOUGHT_SIGNATURE", BR_FINISH_MALFORMED },
    { "RECITATION", BR_FINISH_FILTER },
    { "LANGUAGE", BR_FINISH_FILTER },
    { "BLOCKLIST", BR_FINISH_FILTER },
    { "PROHIBITED_CONTENT", BR_FINISH_FILTER },
    { "SPII", BR_FINISH_FILTER },
    { "MODEL_ARMOR", BR_FINISH_FILTER },
    { "IMAGE_SAFETY", BR_FINISH_FILTER },
    { "IMAGE_PROHIBITED_CONTENT", BR_FINISH_FILTER },
    { "IMAGE_RECITATION", BR_FINISH_FILTER },
    { "OTHER", BR_FINISH_STOP },
    { "IMAGE_OTHER", BR_FINISH_STOP },
    { "NO_IMAGE", BR_FINISH_STOP },
    { "FINISH_REASON_UNSPECIFIED", BR_FINISH_STOP },
};

#define ROWS (sizeof s_rows / sizeof s_rows[0])

//  What is written when the native word is another provider's.
static const char *const s_words[BR_FINISH_COUNT] = {
    [BR_FINISH_UNSET] = "STOP",         [BR_FINISH_STOP] = "STOP",
    [BR_FINISH_STOP_SEQUENCE] = "STOP", [BR_FINISH_LENGTH] = "MAX_TOKENS",
    [BR_FINISH_CONTEXT] = "MAX_TOKENS", [BR_FINISH_TOOL_USE] = "STOP",
    [BR_FINISH_FILTER] = "SAFETY",      [BR_FINISH_REFUSAL] = "SAFETY",
    [BR_FINISH_PAUSE] = "STOP",         [BR_FINISH_MALFORMED] = "MALFORMED_FUNCTION_CALL",
};

br_finish_t
gemini_finish_of (br_text_t word)
{
    for (size_t i = 0; i < ROWS; i++)
        if (br_text_is (word, s_rows[i].word))
            return s_rows[i].finish;
    return BR_FINISH_STOP;
}

const char *
gemini_finish_word (br_finish_t finish, br_text_t native)
{
    for (size_t i = 0; i < ROWS; i++)
        if (br_text_is (native, s_rows[i].word) && s_rows[i].finish == finish)
            return s_rows[i].word;
    return (unsigned) finish < BR_FINISH_COUNT ? s_words[finish] : "STOP";
}
