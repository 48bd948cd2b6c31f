//  texts_plain: whether an answer that may be anything is words as they stand (a transcript, its
//  subtitles), or something else (sound, images).

#ifndef BR_TEXTS_PLAIN_H
#define BR_TEXTS_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#define TEXTS_PLAIN_LOOK 512 //  bytes from the start that tell it

typedef enum {
    TEXTS_PLAIN_OPEN,  //  more bytes will tell
    TEXTS_PLAIN_WORDS, //  UTF-8 without zero bytes, few of them control characters
    TEXTS_PLAIN_OTHER
} texts_plain_t;

//  However the bytes come, the last answer is the same.
//  in:   bytes, from the start, MAY be NULL when there are none; is_all, nothing is behind them
texts_plain_t texts_plain_of (const void *bytes, size_t size, bool is_all);

#endif
