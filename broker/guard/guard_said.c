//  guard_said: bits and words.

#include "broker/guard/guard_said.h"

static const struct {
    guard_said_t bit;
    const char *word;
} s_words[] = {
    { GUARD_SAID_REQUEST_REDACTED, "request-redacted" },
    { GUARD_SAID_UNCHECKED, "unchecked" },
    { GUARD_SAID_ANSWER_REDACTED, "answer-redacted" },
    { GUARD_SAID_ANSWER_UNCHECKED, "answer-unchecked" },
};

void
guard_said_write (uint64_t said, br_buf_t *out)
{
    const char *between = "";
    for (size_t i = 0; i < sizeof s_words / sizeof *s_words; i++) {
        if (!(said & s_words[i].bit))
            continue;
        br_buf_adds (out, between);
        br_buf_adds (out, s_words[i].word);
        between = ", ";
    }
}
