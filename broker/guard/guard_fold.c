//  guard_fold: names of tools without case and punctuation.

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_fold.h"

#define PARTS '/'
#define JOINS '_'

size_t
guard_fold_separator (const char *text)
{
    if (text[0] == '_' && text[1] == '_')
        return 2;
    return *text && strchr ("/.:", *text) ? 1 : 0;
}

//  Blanks, dashes and what is not seen, of other alphabets.
static bool
s_is_far_mark (uint32_t c)
{
    static const struct {
        uint32_t from;
        uint32_t to;
    } s_marks[] = {
        { 0x0080, 0x00A0 }, { 0x00AD, 0x00AD }, { 0x034F, 0x034F }, { 0x061C, 0x061C },
        { 0x115F, 0x1160 }, { 0x1680, 0x1680 }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F },
        { 0x2000, 0x2015 }, { 0x2028, 0x202F }, { 0x2043, 0x2043 }, { 0x205F, 0x206F },
        { 0x2212, 0x2212 }, { 0x2800, 0x2800 }, { 0x2E3A, 0x2E3B }, { 0x3000, 0x3000 },
        { 0x3164, 0x3164 }, { 0xFE00, 0xFE0F }, { 0xFE58, 0xFE58 }, { 0xFE63, 0xFE63 },
        { 0xFEFF, 0xFEFF }, { 0xFF0D, 0xFF0D }, { 0xFFA0, 0xFFA0 }, { 0xE0000, 0xE0FFF },
    };
    for (size_t i = 0; i < sizeof s_marks / sizeof *s_marks; i++)
        if (c >= s_marks[i].from && c <= s_marks[i].to)
            return true;
    return false;
}

//  A character of two to four bytes; 0 when it is none.
static uint32_t
s_read_far (const unsigned char *at, size_t *ret_size)
{
    size_t size = *at >= 0xF0 ? 4 : *at >= 0xE0 ? 3 : *at >= 0xC0 ? 2 : 0;
    uint32_t c = size ? *at & (0x7Fu >> size) : 0;
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (at[i] & 0x3Fu);
    }
    *ret_size = size;
    return c;
}

size_t
guard_fold_mark (const char *text)
{
    unsigned char c = (unsigned char) *text;
    if (c == 0 || isalnum (c))
        return 0;
    if (c < 0x80)
        return 1;
    size_t size = 0;
    uint32_t far = s_read_far ((const unsigned char *) text, &size);
    return far && s_is_far_mark (far) ? size : 0;
}

//  Where the last letter of so many bytes ends.
static size_t
s_trim (const char *text, size_t end)
{
    size_t letters = 0;
    for (size_t at = 0; at < end;) {
        size_t mark = guard_fold_mark (text + at);
        at += mark ? mark : 1;
        letters = mark ? letters : at;
    }
    return letters;
}

size_t
guard_fold_end (const char *text)
{
    const char *token = strstr (text, "<|");
    size_t end = s_trim (text, token ? (size_t) (token - text) : strlen (text));
    if (end == 0)
        end = s_trim (text, strlen (text));
    for (;;) {
        size_t at = end;
        while (at > 0 && isdigit ((unsigned char) text[at - 1]))
            at--;
        size_t rest = at && at < end && text[at - 1] == ':' ? s_trim (text, at) : 0;
        if (rest == 0)
            return end;
        end = rest;
    }
}

//  Whether a word begins inside of what is written as one: "deleteRepo", "getURLs".
static bool
s_is_hump (const char *text, size_t at)
{
    if (at == 0 || !isupper ((unsigned char) text[at]))
        return false;
    unsigned char before = (unsigned char) text[at - 1];
    bool is_last_capital = isupper (before) && islower ((unsigned char) text[at + 1]);
    return islower (before) || isdigit (before) || is_last_capital;
}

static size_t
s_mark (const char *text, bool is_glob)
{
    return is_glob && *text == '*' ? 0 : guard_fold_mark (text);
}

//  Passes a run of punctuation. ret: what is written for it
static char
s_pass_run (const char *text, size_t *at, bool is_glob)
{
    char mark = JOINS;
    for (size_t size = 1; size > 0; *at += size) {
        size = s_mark (text + *at, is_glob);
        if (size && !is_glob && guard_fold_separator (text + *at))
            mark = PARTS;
    }
    return mark;
}

char *
guard_fold_new (const char *text, guard_fold_t fold, bool is_glob)
{
    char *out = br_alloc (2 * strlen (text) + 1, 1);
    size_t size = 0;
    for (size_t at = 0; text[at];) {
        if (s_mark (text + at, is_glob)) {
            char mark = s_pass_run (text, &at, is_glob);
            if (size)
                out[size++] = mark;
            continue;
        }
        if (fold == GUARD_FOLD_CAMEL && s_is_hump (text, at))
            out[size++] = JOINS;
        out[size++] = (char) tolower ((unsigned char) text[at++]);
    }
    out[size] = 0;
    return out;
}

void
guard_fold_unmark (char *folded)
{
    char *to = folded;
    for (; *folded; folded++)
        if (*folded != JOINS && *folded != PARTS)
            *to++ = *folded;
    *to = 0;
}

static bool
s_is_same (char glob, char name, bool is_folded)
{
    return glob == name || (is_folded && glob == JOINS && name == PARTS);
}

//  Whether a mark of a glob stands between two letters.
static bool
s_may_miss (const char *from, const char *glob)
{
    return *glob == JOINS && glob > from && glob[-1] != '*' && glob[1] && glob[1] != '*';
}

bool
guard_fold_fits (const char *glob, const char *name, bool is_folded)
{
    const char *begin = glob, *star = NULL, *from = NULL;
    while (*name) {
        if (*glob == '*') {
            star = glob++;
            from = name;
        } else if (s_is_same (*glob, *name, is_folded)) {
            glob++;
            name++;
        } else if (is_folded && s_may_miss (begin, glob)) {
            glob++;
        } else if (is_folded && *name == JOINS && *glob && glob > begin
                   && glob[-1] != '*') {
            name++;
        } else if (star) {
            glob = star + 1;
            name = ++from;
        } else
            return false;
    }
    while (*glob == '*')
        glob++;
    return *glob == 0;
}
