//  guard_pattern: what is kept of a regex beside what pcre2 makes of it.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_pattern.h"

//  The start of a search is never the start of a subject unless it is the text's, so that
//  "^" and "\A" stay true; a lookbehind in a lookbehind sees further than pcre2 says.
#define BEHIND_MORE 2
#define NESTED 4

void
guard_pattern_free (guard_pattern_t *self)
{
    pcre2_code_free (self->code);
    free (self->regex);
    free (self->about);
    free (self->family);
    free (self->name);
}

int
guard_pattern_compile (guard_pattern_t *self, const char *regex, bool caseless,
                       br_error_t *reterr)
{
    uint32_t options = caseless ? PCRE2_CASELESS : 0, behind = 0;
    self->code = br_conf_regex_compile (regex, options, reterr);
    if (!self->code)
        return -1;
    self->regex = br_strdup (regex);
    self->options = options;
    pcre2_pattern_info (self->code, PCRE2_INFO_MAXLOOKBEHIND, &behind);
    self->behind = behind * NESTED + BEHIND_MORE;
    return 0;
}

static void
s_quicken (pcre2_code *code)
{
    (void) pcre2_jit_compile (code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD);
}

void
guard_pattern_quicken (guard_pattern_t *self)
{
    if (!self->is_quick)
        s_quicken (self->code);
    self->is_quick = true;
}

pcre2_code *
guard_pattern_anchored (const guard_pattern_t *self)
{
    pcre2_code *code = br_conf_regex_compile (self->regex, self->options | PCRE2_ANCHORED,
                                              NULL);
    if (code)
        s_quicken (code);
    return code;
}

bool
guard_pattern_passes (const guard_pattern_t *self, const char *match, size_t size,
                      const char *group, size_t group_size)
{
    for (int i = 0; i < self->check_count; i++)
        if (!guard_check_passes (&self->checks[i], match, size, group, group_size))
            return false;
    return true;
}
