//  json_lex: the tokens of JSON, for the walks that need them (json.h, json_tree.h).

#ifndef BR_JSON_LEX_H
#define BR_JSON_LEX_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "broker/core/json.h"

//  What a value is, by its first byte; JSON_NONE for a byte that begins none.
json_type_t json_lex_type (uint8_t byte);

//  Bytes of what stopped the plain text of a string at `at`, a quote left out: an escape, or
//  a character over ASCII; 0 = it is broken.
size_t json_lex_special (const uint8_t *at, const uint8_t *end);

//  Why it is.
const char *json_lex_fault (uint8_t byte);

//  Bytes of the number at `at`, or 0. A digit behind a leading zero is not taken in. Not
//  more than JSON_NUMBER_MAX are looked at.
size_t json_lex_number (const uint8_t *at, const uint8_t *end);

//  Bytes of the literal at `at`, or 0. It begins with t, f or n.
size_t json_lex_literal (const uint8_t *at, const uint8_t *end);

static inline bool
json_lex_is_blank (uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

//  The first byte that is no plain ASCII text, or edge.
static inline const uint8_t *
json_lex_plain (const uint8_t *at, const uint8_t *edge)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8 ('"');
    const __m128i slash = _mm_set1_epi8 ('\\');
    const __m128i space = _mm_set1_epi8 (' ');
    for (; edge - at >= 16; at += 16) {
        __m128i text = _mm_loadu_si128 ((const __m128i *) (const void *) at);
        //  The comparison has signs, so bytes over 0x7f count as less than a space too.
        __m128i stop = _mm_or_si128 (
            _mm_cmplt_epi8 (text, space),
            _mm_or_si128 (_mm_cmpeq_epi8 (text, quote), _mm_cmpeq_epi8 (text, slash)));
        int mask = _mm_movemask_epi8 (stop);
        if (mask)
            return at + __builtin_ctz ((unsigned) mask);
    }
#endif
    while (at < edge && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
        at++;
    return at;
}

#endif
