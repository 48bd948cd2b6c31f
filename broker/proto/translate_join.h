//  translate_join: how a second answer is joined to one that was cut: what the call says
//  more then, and what becomes of the new answer's deltas, so that what the client has
//  been told and what comes now are one answer.
//
//  Text goes on in the block that is open; other blocks get the numbers behind it.
//  Reasoning that comes when text has been told is dropped: it has no place behind it.
//  Text that begins with all that was told comes from a model that has begun anew; that
//  much of it is left out. Nothing is said of it before it is known.

#ifndef BR_TRANSLATE_JOIN_H
#define BR_TRANSLATE_JOIN_H

#include "broker/proto/call.h"
#include "broker/proto/resume.h"

typedef struct _translate_join_t translate_join_t;

//  Adds the text that was told to a call whose turns are not settled: as a last turn of
//  the assistant, or, of Completions, to the prompt. Nothing is added when there is none
//  but blanks.
//  ret:  whether the call ends with a turn of the assistant by that
bool translate_join_call (br_call_t *call, br_text_t text);

//  in:   told, not empty; borrowed until destroy
//        blanks, bytes at the end of its text that the provider has not been told; where
//        its own text begins with them, they are left out
//  "caller destroys"
translate_join_t *translate_join_new (const br_resume_t *told, size_t blanks,
                                      br_delta_fn *fn, void *arg);
void translate_join_destroy (translate_join_t **self_p);

//  Takes a delta of the new answer, in order.
void translate_join_push (translate_join_t *self, const br_delta_t *delta);

#endif
