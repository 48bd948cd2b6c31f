//  guard_fold: names of tools without case and punctuation.

#include <ctype.h>
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

bool
guard_fold_is_letter (char c)
{
    return isalnum ((unsigned char) c) || (unsigned char) c >= 0x80;
}

static bool
s_stays (char c, bool is_glob)
{
    return guard_fold_is_letter (c) || (is_glob && c == '*');
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

//  Passes a run of punctuation. ret: what is written for it
static char
s_pass_run (const char *text, size_t *at, bool is_glob)
{
    char mark = JOINS;
    for (; text[*at] && !s_stays (text[*at], is_glob); (*at)++)
        if (!is_glob && guard_fold_separator (text + *at))
            mark = PARTS;
    return mark;
}

char *
guard_fold_new (const char *text, guard_fold_t fold, bool is_glob)
{
    char *out = br_alloc (2 * strlen (text) + 1, 1);
    size_t size = 0;
    for (size_t at = 0; text[at];) {
        if (!s_stays (text[at], is_glob)) {
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

static bool
s_is_same (char glob, char name, bool is_folded)
{
    return glob == name || (is_folded && glob == JOINS && name == PARTS);
}

bool
guard_fold_fits (const char *glob, const char *name, bool is_folded)
{
    const char *star = NULL, *from = NULL;
    while (*name) {
        if (*glob == '*') {
            star = glob++;
            from = name;
        } else if (s_is_same (*glob, *name, is_folded)) {
            glob++;
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
