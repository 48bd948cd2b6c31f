//  effort: how hard a model is to think, as a word that it takes. A request says it as an
//  effort, as tokens, or as on and off; models of one provider do not take the same words.

#ifndef BR_EFFORT_H
#define BR_EFFORT_H

#include "broker/proto/call.h"
#include "broker/proto/field.h"

//  What is written for a target.
typedef struct _br_effort_choice_t {
    br_effort_t effort; //  UNSET: nothing is said of it
    br_field_t field;   //  of the client's request, that it comes from
    bool changed;       //  it is not what that field says
} br_effort_choice_t;

//  What a request wants, as an effort: NONE when it wants no reasoning, UNSET when it leaves
//  it to the model.
br_effort_t br_effort_wanted (const br_call_t *call);

//  The same as the target takes it: the nearest lower one, but no thought at all only where
//  none is wanted; where there is no lower one, the least. What a client wrote in the
//  target's own protocol is left as it is.
br_effort_choice_t br_effort_choose (const br_call_t *call, const br_target_t *target);

#endif
