//  conf_regex: pcre2's word on a regular expression, and what it may not say.

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/conf_regex.h"

#define WORDS_MAX 128 //  bytes of what pcre2 says

#define OPTIONS                                                                          \
    (PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NO_DOTSTAR_ANCHOR  \
     | PCRE2_USE_OFFSET_LIMIT)

//  ---- what is refused

//  What is not true of a text in pieces; each is ASCII.
static const struct {
    const char *begin;
    bool is_verb; //  a capital letter follows
    const char *fault;
} s_refusals[] = {
    { "\\Z", false, "\\Z cannot be used, take \\z" },
    { "\\G", false, "\\G cannot be used" },
    { "(*", true, "verbs as (*COMMIT) cannot be used" },
};
#define REFUSALS (sizeof s_refusals / sizeof *s_refusals)

//  Behind a class, or at the regex's end; at is behind its '['.
static const char *
s_skip_class (const char *at)
{
    if (*at == '^')
        at++;
    if (*at == ']')
        at++;
    while (*at && *at != ']') {
        if (at[0] == '\\' && at[1])
            at++;
        else if (at[0] == '[' && at[1] == ':') {
            const char *end = at + 2 + strspn (at + 2, "^abcdefghijklmnopqrstuvwxyz");
            at = end[0] == ':' && end[1] == ']' ? end + 1 : at;
        }
        at++;
    }
    return *at ? at + 1 : at;
}

//  Behind what is one thing in a regex: a class, a quoted text, an escape, a byte.
static const char *
s_skip (const char *at)
{
    if (*at == '[')
        return s_skip_class (at + 1);
    if (*at != '\\' || !at[1])
        return at + 1;
    if (at[1] != 'Q')
        return at + 2;
    const char *end = strstr (at, "\\E");
    return end ? end + 2 : at + strlen (at);
}

//  ret: NULL = nothing of it
static const char *
s_refused (const char *regex, const char **ret_fault)
{
    for (const char *at = regex; *at; at = s_skip (at))
        for (size_t i = 0; i < REFUSALS; i++) {
            if (strncmp (at, s_refusals[i].begin, 2) != 0
                || (s_refusals[i].is_verb && (at[2] < 'A' || at[2] > 'Z')))
                continue;
            *ret_fault = s_refusals[i].fault;
            return at;
        }
    return NULL;
}

static int
s_check_text (const char *regex, br_error_t *reterr)
{
    size_t length = strlen (regex);
    if (length == 0)
        return br_error_set (reterr, BR_ECONFIG, "it is empty");
    if (length > BR_CONF_REGEX_MAX)
        return br_error_set (reterr, BR_ECONFIG, "it is over %d bytes",
                             BR_CONF_REGEX_MAX);
    const char *fault = NULL, *at = s_refused (regex, &fault);
    if (at)
        return br_error_set (reterr, BR_ECONFIG, "at offset %td: %s", at - regex, fault);
    return 0;
}

static int
s_check_code (const pcre2_code *code, br_error_t *reterr)
{
    size_t size = 0;
    uint32_t behind = 0;
    pcre2_pattern_info (code, PCRE2_INFO_SIZE, &size);
    pcre2_pattern_info (code, PCRE2_INFO_MAXLOOKBEHIND, &behind);
    if (size > BR_CONF_COMPILED_MAX)
        return br_error_set (reterr, BR_ECONFIG, "compiled, it is over %d bytes",
                             BR_CONF_COMPILED_MAX);
    if (behind > BR_CONF_BEHIND_MAX)
        return br_error_set (reterr, BR_ECONFIG,
                             "it looks at more than %d bytes in front of a match",
                             BR_CONF_BEHIND_MAX);
    return 0;
}

//  ---- compiling

static int
s_fail_compile (int code, size_t offset, br_error_t *reterr)
{
    PCRE2_UCHAR words[WORDS_MAX];
    if (pcre2_get_error_message (code, words, sizeof words) < 0)
        strcpy ((char *) words, "it cannot be compiled");
    return br_error_set (reterr, BR_ECONFIG, "at offset %zu: %s", offset,
                         (const char *) words);
}

pcre2_code *
br_conf_regex_compile (const char *regex, uint32_t options, br_error_t *reterr)
{
    if (s_check_text (regex, reterr))
        return NULL;
    pcre2_compile_context *context = pcre2_compile_context_create (NULL);
    if (!context)
        abort ();
    pcre2_set_newline (context, PCRE2_NEWLINE_LF);
    int number = 0;
    size_t offset = 0;
    pcre2_code *code = pcre2_compile ((PCRE2_SPTR) regex, strlen (regex),
                                      OPTIONS | options, &number, &offset, context);
    pcre2_compile_context_free (context);
    if (!code) {
        s_fail_compile (number, offset, reterr);
        return NULL;
    }
    if (s_check_code (code, reterr)) {
        pcre2_code_free (code);
        return NULL;
    }
    return code;
}

int
br_conf_regex_check (const char *regex, br_error_t *reterr)
{
    pcre2_code *code = br_conf_regex_compile (regex, 0, reterr);
    if (!code)
        return -1;
    pcre2_code_free (code);
    return 0;
}
