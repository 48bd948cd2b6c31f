//  guard_try: one pattern tried on the bytes that are there, and what pcre2 needs for it.
//  The inside of guard_text.
//
//  Where more bytes may come, a try that looks at the end of those that are there is under
//  way, and nothing is concluded from it: so all other answers are final.

#ifndef BR_GUARD_TRY_H
#define BR_GUARD_TRY_H

#include "broker/guard/guard_pattern.h"

typedef enum {
    GUARD_TRY_NONE,
    GUARD_TRY_FOUND,
    GUARD_TRY_UNDER_WAY,
    GUARD_TRY_LIMIT //  the match limit, memory, or too much work
} guard_outcome_t;

//  Offsets in the bytes.
typedef struct _guard_match_t {
    size_t start; //  where it was tried; from may be behind it, with "\K"
    size_t from;
    size_t to;
    size_t group_from;
    size_t group_to;
    bool has_group; //  the first group took part
} guard_match_t;

typedef struct _guard_try_t guard_try_t;

guard_try_t *guard_try_new (void);
void guard_try_destroy (guard_try_t **self_p);

//  The first match that begins in [from, to); from < to, from < size. An empty match is none.
//  The bytes in front of from are looked at by lookbehinds alone.
//  in:   work, of the pattern in this text so far, 0 at first: starts that take long count.
//        From GUARD_WORK_MAX on no start is tried any more, and the first one is told as over
//        its limit: a match limit counts for one start alone, and a text has many
guard_outcome_t guard_try_run (guard_try_t *self, guard_pattern_t *pattern,
                               const uint8_t *bytes, size_t size, size_t from, size_t to,
                               bool is_end, uint64_t *work, guard_match_t *ret_match);

//  ---- how far one goes that is longer than what may be held

typedef struct _guard_pursuit_t guard_pursuit_t;

//  Goes after a match that begins at from and is under way at the end of the bytes.
//  ret: NULL = it is not, or the regex has what cannot be gone after. "caller destroys"
guard_pursuit_t *guard_pursuit_new (const guard_pattern_t *pattern, const uint8_t *bytes,
                                    size_t size, size_t from);
void guard_pursuit_destroy (guard_pursuit_t **self_p);

//  The bytes go on at from. ret: GUARD_TRY_FOUND, it ends at *ret_to; GUARD_TRY_UNDER_WAY;
//  else the pattern has let go
guard_outcome_t guard_pursuit_run (guard_pursuit_t *self, const uint8_t *bytes,
                                   size_t size, size_t from, bool is_end, size_t *ret_to);

#endif
