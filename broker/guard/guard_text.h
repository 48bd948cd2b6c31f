//  guard_text: one text under way, in pieces of any size, against the rules: what was found,
//  which ranges are to be redacted, and up to where all is decided. Its findings are those
//  of the whole text, however it is cut. It changes nothing: who has the bytes does.

#ifndef BR_GUARD_TEXT_H
#define BR_GUARD_TEXT_H

#include "broker/guard/guard_rules.h"

typedef enum {
    GUARD_FOUND,
    GUARD_FAILED //  the pattern could not be tried to its end: match limit, or more than
                 //  GUARD_HOLD_MAX bytes undecided, or for too long (guard_text_expire)
} guard_finding_kind_t;

typedef struct _guard_finding_t {
    guard_finding_kind_t kind;
    unsigned pattern;
    guard_action_t action; //  what is done: of a failed one BLOCK or REDACT when it fails
                           //  closed, WARN when open
    uint64_t at;           //  bytes, from the text's start
    size_t size;           //  bytes
    const char *bytes;     //  of the text, borrowed during the call; secret
} guard_finding_t;

typedef void (guard_finding_fn) (void *arg, const guard_finding_t *finding);

typedef struct _guard_range_t {
    uint64_t from; //  bytes, from the text's start
    uint64_t to;   //  behind the last one
} guard_range_t;

typedef struct _guard_text_t guard_text_t;

//  Looks for patterns whose action is between least and most (both included): e.g. REDACT to
//  BLOCK alone. rules are borrowed as long as self lives. fn is called in push and end, for
//  each finding once, in the order in which they are decided. "caller destroys"
guard_text_t *guard_text_new (const guard_rules_t *rules, guard_sets_t sets,
                              guard_direction_t direction, guard_action_t least,
                              guard_action_t most, guard_finding_fn *fn, void *arg);
void guard_text_destroy (guard_text_t **self_p);

//  Makes it as new, for another text.
void guard_text_reset (guard_text_t *self);

//  The next bytes; then that there are no more. ret: 0, or -1 when something blocks: then
//  for ever.
int guard_text_push (guard_text_t *self, const void *bytes, size_t size);
int guard_text_end (guard_text_t *self);

//  Nobody waits any more for patterns that fail open and have a match under way which begins
//  before upto, but no further than guard_text_closed: each is told as failed, and goes on
//  there. What was found there is decided. ret: as of guard_text_push
//  in:   upto, bytes from the text's start
int guard_text_expire (guard_text_t *self, uint64_t upto);

//  Where the first match is under way of a pattern that fails closed, at the most upto. What
//  was not tried yet is tried for that, and may be told.
uint64_t guard_text_closed (guard_text_t *self, uint64_t upto);

//  All before it is decided: nothing that comes can be part of a finding there, and ranges
//  that begin before it are complete. Bytes from the text's start; never goes back.
uint64_t guard_text_decided (const guard_text_t *self);

//  Ranges to be redacted that begin before guard_text_decided, merged where they overlap or
//  touch, ascending. "owned by self, until next change"
const guard_range_t *guard_text_ranges (const guard_text_t *self, size_t *ret_count);

//  Forgets ranges that end at or before this.
void guard_text_drop (guard_text_t *self, uint64_t upto);

//  Form in which a match may be told: its first characters, at most 4 and a quarter of it,
//  and how many were left out: "AKIA…(16)"; control characters are '?'.
#define GUARD_MASKED_MAX 32 //  bytes, with its end
void guard_text_mask (const guard_finding_t *finding, char ret_text[GUARD_MASKED_MAX]);

#endif
