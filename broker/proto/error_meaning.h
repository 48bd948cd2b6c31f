//  error_meaning: what the words of a provider's error say, where its status says less: that
//  money is exhausted, that the input is too long, that a policy refused it. One table for
//  all protocols and providers, no state.

#ifndef BR_ERROR_MEANING_H
#define BR_ERROR_MEANING_H

#include "broker/core/failure.h"
#include "broker/core/text.h"

//  The words, as far as an error has them.
typedef struct _error_said_t {
    br_text_t type;    //  its type, or Google's status
    br_text_t code;    //  its code
    br_text_t inner;   //  the code of the error behind it: Azure's
    br_text_t message; //  for people; escapes of JSON may stay in it
} error_said_t;

//  in:   status, the HTTP status that came with it, or that stands in an error inside of a
//        success; 0 = none
//  ret:  BR_FAILURE_NONE when the words say no more than the status
br_failure_t error_meaning (const error_said_t *said, unsigned status);

#endif
