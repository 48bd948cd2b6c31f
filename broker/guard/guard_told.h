//  guard_told: what was told of a text lately, so that a text that is looked at in two ways
//  tells each finding once.

#ifndef BR_GUARD_TOLD_H
#define BR_GUARD_TOLD_H

#include "broker/guard/guard_text.h"

#define GUARD_TOLD_ROWS_MAX 32768 //  findings; more are forgotten, and may be told twice

typedef struct _guard_told_row_t guard_told_row_t;

typedef struct _guard_told_t {
    guard_told_row_t *rows; //  owned: a hash table of those that may come again
    size_t room;            //  rows that it has; a power of two, or 0
    size_t count;
    uint64_t upto; //  what begins before this counts no more
} guard_told_t;

void guard_told_init (guard_told_t *self);
void guard_told_free (guard_told_t *self);
void guard_told_reset (guard_told_t *self); //  forgets all

//  in:   from, to: where a finding is, bytes from the text's start. A failed pattern is told
//        once a text, wherever
//  ret:  true = it is new, and from now on known
bool guard_told_add (guard_told_t *self, const guard_finding_t *finding, uint64_t from,
                     uint64_t to);

//  Findings that begin before this do not come any more.
void guard_told_drop (guard_told_t *self, uint64_t upto);

#endif
