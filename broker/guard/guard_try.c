//  guard_try: pcre2 with JIT for tries, and its other way of matching, which can be
//  continued, for pursuits.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_rules.h"
#include "broker/guard/guard_try.h"

#define PAIRS 2           //  the match and its first group
#define STACK_LEAST 32768 //  bytes of JIT's own stack, for regexes that need one
#define STACK_MOST 1048576
#define WORKSPACE 4096 //  ints of a pursuit

//  Match limits of a try, one after the other. Most starts do with the first one; the others
//  are work.
static const uint32_t s_limits[] = { 512, 10000, GUARD_MATCH_LIMIT };
#define LIMITS (sizeof s_limits / sizeof s_limits[0])

struct _guard_try_t {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack; //  NULL until it is needed
};

guard_try_t *
guard_try_new (void)
{
    guard_try_t *self = BR_NEW (guard_try_t);
    self->data = pcre2_match_data_create (PAIRS, NULL);
    self->context = pcre2_match_context_create (NULL);
    if (!self->data || !self->context)
        abort ();
    return self;
}

void
guard_try_destroy (guard_try_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    pcre2_jit_stack_free ((*self_p)->stack);
    pcre2_match_context_free ((*self_p)->context);
    pcre2_match_data_free ((*self_p)->data);
    free (*self_p);
    *self_p = NULL;
}

static int
s_match (guard_try_t *self, const guard_pattern_t *pattern, const uint8_t *bytes,
         size_t size, size_t from, size_t to, bool is_end)
{
    uint32_t options = PCRE2_NOTEMPTY | (is_end ? 0 : PCRE2_PARTIAL_HARD);
    pcre2_set_offset_limit (self->context, to - 1);
    int rc = pcre2_match (pattern->code, bytes, size, from, options, self->data,
                          self->context);
    if (rc != PCRE2_ERROR_JIT_STACKLIMIT || self->stack)
        return rc;
    self->stack = pcre2_jit_stack_create (STACK_LEAST, STACK_MOST, NULL);
    pcre2_jit_stack_assign (self->context, NULL, self->stack);
    return pcre2_match (pattern->code, bytes, size, from, options, self->data,
                        self->context);
}

static bool
s_is_limit (int rc)
{
    return rc < 0 && rc != PCRE2_ERROR_NOMATCH && rc != PCRE2_ERROR_PARTIAL;
}

//  Whether the limit is met by a match that begins at from.
static bool
s_is_limit_at (guard_try_t *self, const guard_pattern_t *pattern, const uint8_t *bytes,
               size_t size, size_t from)
{
    pcre2_code *code = guard_pattern_anchored (pattern);
    if (!code)
        return true;
    pcre2_set_offset_limit (self->context, PCRE2_UNSET);
    int rc = pcre2_match (code, bytes, size, from, PCRE2_NOTEMPTY | PCRE2_PARTIAL_HARD,
                          self->data, self->context);
    pcre2_code_free (code);
    return s_is_limit (rc);
}

//  pcre2 does not say at which start the limit was met: the first one from which on it is.
//  When a match may be under way, JIT of 10.42 also tries the start behind the last one.
static size_t
s_limit_start (guard_try_t *self, const guard_pattern_t *pattern, const uint8_t *bytes,
               size_t size, size_t from, size_t to, bool is_end)
{
    while (to - from > 1) {
        size_t middle = from + (to - from) / 2;
        if (s_is_limit (s_match (self, pattern, bytes, size, from, middle, is_end)))
            to = middle;
        else
            from = middle;
    }
    return is_end || s_is_limit_at (self, pattern, bytes, size, from) ? from : from + 1;
}

//  Up to the first start that the least limit is not enough for: *from, which is tried with
//  the higher ones then.
//  ret:  what pcre2 says; over the last limit that *from cannot be tried to its end, and
//        without a match where the search goes on, or to
static int
s_match_on (guard_try_t *self, const guard_pattern_t *pattern, const uint8_t *bytes,
            size_t size, size_t *from, size_t to, bool is_end, uint64_t *work)
{
    pcre2_set_match_limit (self->context, s_limits[0]);
    int rc = s_match (self, pattern, bytes, size, *from, to, is_end);
    size_t start = to;
    if (s_is_limit (rc))
        start = s_limit_start (self, pattern, bytes, size, *from, to, is_end);
    else if (rc != PCRE2_ERROR_NOMATCH)
        return rc;
    *from = start;
    if (start >= to)
        return PCRE2_ERROR_NOMATCH;
    for (size_t i = 1; i < LIMITS && s_is_limit (rc); i++) {
        *work += s_limits[i];
        pcre2_set_match_limit (self->context, s_limits[i]);
        rc = s_match (self, pattern, bytes, size, start, start + 1, is_end);
    }
    *from += rc == PCRE2_ERROR_NOMATCH;
    return rc;
}

guard_outcome_t
guard_try_run (guard_try_t *self, guard_pattern_t *pattern, const uint8_t *bytes,
               size_t size, size_t from, size_t to, bool is_end, uint64_t *work,
               guard_match_t *ret_match)
{
    int rc = PCRE2_ERROR_NOMATCH;
    guard_pattern_quicken (pattern);
    to = to < size ? to : size;
    while (rc == PCRE2_ERROR_NOMATCH && from < to) {
        rc = PCRE2_ERROR_MATCHLIMIT;
        if (*work < GUARD_WORK_MAX)
            rc = s_match_on (self, pattern, bytes, size, &from, to, is_end, work);
    }
    if (rc == PCRE2_ERROR_NOMATCH)
        return GUARD_TRY_NONE;
    *ret_match = (guard_match_t) { .start = from, .from = from, .to = size };
    if (s_is_limit (rc))
        return GUARD_TRY_LIMIT;
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer (self->data);
    ret_match->start = ret_match->from = offsets[0];
    if (rc == PCRE2_ERROR_PARTIAL)
        return GUARD_TRY_UNDER_WAY;
    ret_match->start = pcre2_get_startchar (self->data);
    ret_match->to = offsets[1];
    ret_match->has_group = rc != 1 && offsets[2] != PCRE2_UNSET;
    ret_match->group_from = ret_match->has_group ? offsets[2] : 0;
    ret_match->group_to = ret_match->has_group ? offsets[3] : 0;
    return GUARD_TRY_FOUND;
}

//  ---- pursuits

struct _guard_pursuit_t {
    const guard_pattern_t *pattern;
    pcre2_match_data *data;
    int workspace[WORKSPACE]; //  what pcre2 goes on from
};

guard_pursuit_t *
guard_pursuit_new (const guard_pattern_t *pattern, const uint8_t *bytes, size_t size,
                   size_t from)
{
    guard_pursuit_t *self = BR_NEW (guard_pursuit_t);
    self->pattern = pattern;
    self->data = pcre2_match_data_create (PAIRS, NULL);
    if (!self->data)
        abort ();
    int rc = pcre2_dfa_match (pattern->code, bytes, size, from,
                              PCRE2_ANCHORED | PCRE2_PARTIAL_HARD, self->data, NULL,
                              self->workspace, WORKSPACE);
    if (rc != PCRE2_ERROR_PARTIAL)
        guard_pursuit_destroy (&self);
    return self;
}

void
guard_pursuit_destroy (guard_pursuit_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    pcre2_match_data_free ((*self_p)->data);
    free (*self_p);
    *self_p = NULL;
}

guard_outcome_t
guard_pursuit_run (guard_pursuit_t *self, const uint8_t *bytes, size_t size, size_t from,
                   bool is_end, size_t *ret_to)
{
    uint32_t options = PCRE2_ANCHORED | PCRE2_DFA_RESTART
                       | (is_end ? 0 : PCRE2_PARTIAL_HARD);
    int rc = pcre2_dfa_match (self->pattern->code, bytes, size, from, options, self->data,
                              NULL, self->workspace, WORKSPACE);
    if (rc == PCRE2_ERROR_PARTIAL)
        return GUARD_TRY_UNDER_WAY;
    if (rc < 0)
        return GUARD_TRY_NONE;
    *ret_to = pcre2_get_ovector_pointer (self->data)[1];
    return GUARD_TRY_FOUND;
}
