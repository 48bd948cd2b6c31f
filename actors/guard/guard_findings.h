//  guard_findings: what was found in one text or answer of a call, counted by pattern, place
//  and action, with one masked example of each: nothing else of it is kept.

#ifndef BR_GUARD_FINDINGS_H
#define BR_GUARD_FINDINGS_H

#include "actors/guard/guard_tally.h"
#include "broker/core/actor.h"
#include "broker/guard/guard_said.h"
#include "broker/guard/guard_text.h"
#include "broker/proto/texts.h"

#define GUARD_FINDINGS_MAX 64 //  rows; what is over it counts in the last one of them
#define GUARD_FINDINGS_ROWS (GUARD_FINDINGS_MAX + 1) //  with one that only a block takes

typedef struct _guard_findings_row_t {
    unsigned pattern;
    br_text_place_t place;
    guard_action_t action;
    guard_finding_kind_t kind;
    uint64_t count;
    char masked[GUARD_MASKED_MAX]; //  of the first one
} guard_findings_row_t;

typedef struct _guard_findings_t {
    guard_findings_row_t rows[GUARD_FINDINGS_ROWS];
    size_t size; //  rows in use
    //  ---- for the client; not forgotten when they are told
    bool is_redacted;
    bool is_unchecked; //  by a rule that fails open
} guard_findings_t;

//  Counts one more.
void guard_findings_add (guard_findings_t *self, const guard_finding_t *finding,
                         br_text_place_t place);

//  It could not be read, and all its rules fail open.
void guard_findings_miss (guard_findings_t *self);

//  Bits of guard_said_t, for a text that went this way.
uint64_t guard_findings_said (const guard_findings_t *self, guard_direction_t direction);

//  Tells all of them, to the log, to who listens and to the tally, and forgets them.
void guard_findings_tell (guard_findings_t *self, br_ctx_t *ctx, guard_tally_t *tally,
                          const guard_rules_t *rules, guard_direction_t direction,
                          br_id_t call);

//  What a block says: the texts of the blocking patterns and where they were found; without any,
//  that a limit was met.
//  in:   direction, and whether it was a stream
void guard_findings_message (const guard_findings_t *self, const guard_rules_t *rules,
                             guard_direction_t direction, bool is_stream, br_buf_t *out);

#endif
