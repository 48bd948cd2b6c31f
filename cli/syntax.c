//  syntax: an option is a word that begins with a dash. A word of capitals behind it is
//  its value.

#include <ctype.h>
#include <string.h>

#include "cli/syntax.h"

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define VALUE_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-"

static void
s_copy (char to[CLI_SYNTAX_NAME_BYTES], const char *from, size_t size)
{
    size_t kept = size < CLI_SYNTAX_NAME_BYTES ? size : CLI_SYNTAX_NAME_BYTES - 1;
    memcpy (to, from, kept);
    to[kept] = '\0';
}

//  Whether a word can begin here: `one-way` has no option in it.
static bool
s_is_edge (const char *begin, const char *at)
{
    return at == begin || strchr (" [(|,`\n", at[-1]);
}

//  The bytes of an option, or 0.
static size_t
s_option (const char *begin, const char *at)
{
    if (*at != '-' || !s_is_edge (begin, at))
        return 0;
    size_t dashes = strspn (at, "-");
    size_t size = strspn (at, NAME_LETTERS);
    bool is_long = dashes == 2 && size > 3;
    bool is_short = dashes == 1 && size == 2;
    return (is_long || is_short) && isalpha ((unsigned char) at[dashes]) ? size : 0;
}

bool
cli_syntax_next (const char **at, cli_option_t *ret_option)
{
    const char *begin = *at;
    size_t size = 0;
    const char *p = begin;
    for (; p && *p; p++) {
        size = s_option (begin, p);
        if (size)
            break;
    }
    if (!size)
        return false;
    s_copy (ret_option->name, p, size);
    p += size;
    size_t value = *p == ' ' || *p == '=' ? strspn (p + 1, VALUE_LETTERS) : 0;
    bool is_word = value && !islower ((unsigned char) p[1 + value]);
    s_copy (ret_option->value, p + 1, is_word ? value : 0);
    *at = p;
    return true;
}
