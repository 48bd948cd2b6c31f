//  guard_prefilter: finds the hints of all patterns in one pass over a text, so that a regex
//  is tried only where its pattern could match at all. The hints are one automaton: a
//  nondeterministic one over their places, made deterministic while texts are read. What was
//  made is kept, up to a bound, then it is begun anew. So reading changes it: it belongs to
//  one thread.

#ifndef BR_GUARD_PREFILTER_H
#define BR_GUARD_PREFILTER_H

#include "broker/guard/guard_hints.h"

#define GUARD_STATES_MAX 16384         //  states that are kept ...
#define GUARD_STATES_BYTES_MAX 8388608 //  ... and bytes; one state more is made over them

typedef struct _guard_prefilter_t guard_prefilter_t;

guard_prefilter_t *guard_prefilter_new (void);
void guard_prefilter_destroy (guard_prefilter_t **self_p);

//  Before it is built. err: BR_ECONFIG, the hint is empty, too long or not understood, or
//  there are too many
int guard_prefilter_add (guard_prefilter_t *self, unsigned pattern, const char *hint,
                         bool caseless, br_error_t *reterr);
void guard_prefilter_build (guard_prefilter_t *self);

//  ---- built

size_t guard_prefilter_states (const guard_prefilter_t *self); //  that are kept
size_t guard_prefilter_bytes (const guard_prefilter_t *self);  //  that they take

//  Reads on, from a state (0 in front of a text), until hints end or the bytes do. A state is
//  good until it reads on from another one.
//  in/out: *state
//  ret:  bytes read; *ret_hints are the hints that end there, none = the bytes have ended.
//        "owned by self, until next change"
size_t guard_prefilter_run (guard_prefilter_t *self, uint32_t *state,
                            const uint8_t *bytes, size_t size,
                            const guard_hint_t **ret_hints, size_t *ret_count);

//  All hints of a piece of text, each with the offset where it begins. They come in no order,
//  but those of a pattern at most GUARD_HINT_BYTES out of it. fn changes nothing here.
//  ret: the state behind the piece
typedef void (guard_place_fn) (void *arg, unsigned pattern, size_t at);
uint32_t guard_prefilter_scan (guard_prefilter_t *self, const uint8_t *bytes, size_t size,
                               guard_place_fn *fn, void *arg);

//  The patterns that have a hint under way in a state, each with the most bytes of one.
//  ret: NULL = none. "owned by self, until next change"
const guard_hint_t *guard_prefilter_under_way (guard_prefilter_t *self, uint32_t state,
                                               size_t *ret_count);

#endif
