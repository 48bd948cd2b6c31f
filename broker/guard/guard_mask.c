//  guard_mask: a finding as it may be told: the first characters and a count.

#include <stdio.h>
#include <string.h>

#include "broker/guard/guard_text.h"

#define SHOWN_MOST 4 //  characters
#define SHOWN_PART 4 //  and of how many one at the most

//  The character at the start of the bytes. ret: its bytes, 1 where it is none of UTF-8
static size_t
s_character (const uint8_t *at, size_t size, uint32_t *ret_code)
{
    static const struct {
        uint8_t mask, is;
    } heads[] = { { 0x80, 0 }, { 0xe0, 0xc0 }, { 0xf0, 0xe0 }, { 0xf8, 0xf0 } };
    *ret_code = '\0';
    for (size_t i = 0; i < sizeof heads / sizeof *heads && i < size; i++) {
        if ((at[0] & heads[i].mask) != heads[i].is)
            continue;
        uint32_t code = at[0] & (uint8_t) ~heads[i].mask;
        for (size_t k = 1; k <= i; k++) {
            if ((at[k] & 0xc0) != 0x80)
                return 1;
            code = code << 6 | (at[k] & 0x3f);
        }
        *ret_code = code;
        return i + 1;
    }
    return 1;
}

//  Whether a character is to be seen as it stands: no control, no mark that is invisible or
//  turns the direction of what is around it.
static bool
s_is_shown (uint32_t code)
{
    static const struct {
        uint32_t from, to;
    } hidden[] = { { 0, 0x1f },          { 0x7f, 0xa0 },         { 0xad, 0xad },
                   { 0x300, 0x36f },     { 0x61c, 0x61c },       { 0x115f, 0x1160 },
                   { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },     { 0x2000, 0x200f },
                   { 0x2028, 0x202f },   { 0x205f, 0x206f },     { 0x3000, 0x3000 },
                   { 0x3164, 0x3164 },   { 0xd800, 0xf8ff },     { 0xfe00, 0xfe0f },
                   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },     { 0xfff0, 0xffff },
                   { 0x1d173, 0x1d17a }, { 0xe0000, UINT32_MAX } };
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (code >= hidden[i].from && code <= hidden[i].to)
            return false;
    return true;
}

void
guard_text_mask (const guard_finding_t *finding, char ret_text[GUARD_MASKED_MAX])
{
    const uint8_t *bytes = (const uint8_t *) finding->bytes;
    size_t characters = 0;
    uint32_t code = 0;
    for (size_t at = 0; at < finding->size; characters++)
        at += s_character (bytes + at, finding->size - at, &code);
    size_t shown = characters / SHOWN_PART;
    shown = shown < SHOWN_MOST ? shown : SHOWN_MOST;
    size_t size = 0, at = 0;
    for (size_t i = 0; i < shown; i++) {
        size_t used = s_character (bytes + at, finding->size - at, &code);
        if (s_is_shown (code)) {
            memcpy (ret_text + size, bytes + at, used);
            size += used;
        } else
            ret_text[size++] = '?';
        at += used;
    }
    snprintf (ret_text + size, GUARD_MASKED_MAX - size, "\xe2\x80\xa6(%zu)",
              characters - shown);
}
