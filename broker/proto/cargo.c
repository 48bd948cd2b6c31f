//  cargo: the body as runs between quotes. A long run without a blank is base64, and some
//  short ones are the words by which a protocol names media. A text that holds such a word
//  in quotes of its own has a backslash in front of the second one, and is no match.

#include <stdbool.h>
#include <string.h>

#include "broker/proto/candidates.h"
#include "broker/proto/cargo.h"

#define BYTES_A_TOKEN 4
#define PROBE 256 //  bytes at the end of a run that tell base64 from text

#define CHAT (1u << BR_PROTOCOL_CHAT)
#define RESPONSES (1u << BR_PROTOCOL_RESPONSES)
#define MESSAGES (1u << BR_PROTOCOL_MESSAGES)
#define GOOGLE (1u << BR_PROTOCOL_GOOGLE)

static const struct {
    const char *word;
    unsigned wires; //  bits
    bool begins;    //  with this; else the whole run
    unsigned media;
} s_words[] = {
    { "image_url", CHAT, false, BR_NEED_IMAGES },
    { "input_image", RESPONSES, false, BR_NEED_IMAGES },
    { "image", MESSAGES, false, BR_NEED_IMAGES },
    { "image/", GOOGLE, true, BR_NEED_IMAGES },
    { "input_audio", CHAT | RESPONSES, false, BR_NEED_AUDIO },
    { "audio/", GOOGLE, true, BR_NEED_AUDIO },
    { "file", CHAT, false, BR_NEED_FILES },
    { "input_file", RESPONSES, false, BR_NEED_FILES },
    { "document", MESSAGES, false, BR_NEED_FILES },
    { "application/", GOOGLE, true, BR_NEED_FILES },
};

#define WORDS (sizeof s_words / sizeof *s_words)
#define WORD_MAX 64 //  bytes of a run that may be such a word

static unsigned
s_word (br_protocol_t wire, const uint8_t *run, size_t size)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (run[0] != (uint8_t) s_words[i].word[0] || !(s_words[i].wires >> wire & 1))
            continue;
        size_t length = strlen (s_words[i].word);
        bool fits = s_words[i].begins ? size > length : size == length;
        if (fits && memcmp (run, s_words[i].word, length) == 0)
            return s_words[i].media;
    }
    return 0;
}

static bool
s_is_base64 (uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
           || c == '+' || c == '/' || c == '=' || c == '-' || c == '_'
           || c == '\\'; //  some writers escape the slash
}

static bool
s_is_media (const uint8_t *run, size_t size)
{
    if (size < BR_CARGO_MEDIA_MIN)
        return false;
    for (size_t i = size - PROBE; i < size; i++)
        if (!s_is_base64 (run[i]))
            return false;
    return true;
}

uint64_t
br_cargo_tokens (size_t size)
{
    return size / BYTES_A_TOKEN + (size % BYTES_A_TOKEN != 0);
}

br_cargo_t
br_cargo_read (br_protocol_t wire, const void *body, size_t size)
{
    br_cargo_t cargo = { .media = 0 };
    if (!size)
        return cargo;
    const uint8_t *at = body;
    const uint8_t *end = at + size;
    size_t text = size;
    for (unsigned runs = 0; at < end && runs < BR_CARGO_RUNS_MAX; runs++) {
        const uint8_t *quote = memchr (at, '"', (size_t) (end - at));
        size_t run = (size_t) ((quote ? quote : end) - at);
        if (s_is_media (at, run))
            text -= run;
        else if (run && run < WORD_MAX)
            cargo.media |= s_word (wire, at, run);
        at += run + 1;
    }
    cargo.input_tokens = br_cargo_tokens (text);
    return cargo;
}
