//  guard_pattern: one pattern, compiled: a regex, and what its matches must pass besides.
//  The inside of guard_rules: nobody outside of this folder needs it. What
//  a regex may say is told in conf_regex.h.

#ifndef BR_GUARD_PATTERN_H
#define BR_GUARD_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/conf_regex.h"
#include "broker/guard/guard_check.h"

#define GUARD_REACH_MAX 65536 //  bytes

typedef struct _guard_pattern_t {
    char *name;       //  owned
    char *family;     //  owned
    char *about;      //  owned
    size_t group;     //  row of actions: of its family, or its own
    char *regex;      //  owned
    uint32_t options; //  pcre2's, of this one
    pcre2_code *code; //  owned
    bool is_quick;    //  machine code was asked for
    size_t behind;    //  bytes in front of a match that the regex may look at
    size_t lead;      //  bytes, see guard_rules.h
    size_t reach;     //  bytes of the longest match; 0 = not bounded
    bool has_hints;
    guard_check_t checks[GUARD_CHECKS_MAX];
    int check_count;
} guard_pattern_t;

//  Compiles; fills in regex, options, code and behind. err: BR_ECONFIG, without the
//  pattern's name
int guard_pattern_compile (guard_pattern_t *self, const char *regex, bool caseless,
                           br_error_t *reterr);
void guard_pattern_free (guard_pattern_t *self);

//  Makes machine code of it, once: most patterns are never tried, and it takes most of the
//  time. Where there is none a try is slower and does the same.
void guard_pattern_quicken (guard_pattern_t *self);

//  The same regex, for the start of a search alone. "caller frees with pcre2_code_free", or
//  NULL
pcre2_code *guard_pattern_anchored (const guard_pattern_t *self);

bool guard_pattern_passes (const guard_pattern_t *self, const char *match, size_t size,
                           const char *group, size_t group_size);

#endif
