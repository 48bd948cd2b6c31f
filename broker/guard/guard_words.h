//  guard_words: how actions, ways and places are called, in configurations, messages, logs
//  and figures alike.

#ifndef BR_GUARD_WORDS_H
#define BR_GUARD_WORDS_H

#include "broker/guard/guard_action.h"
#include "broker/proto/texts.h"

const char *guard_action_name (guard_action_t action);          //  "warn"
const char *guard_direction_name (guard_direction_t direction); //  "upgoing"

//  -1 when the word is none; *ret_action stays then.
int guard_action_of (const char *word, guard_action_t *ret_action);

//  "user message", "text": where a text stood that went that way
const char *guard_place_name (guard_direction_t direction, br_text_place_t place);

#endif
