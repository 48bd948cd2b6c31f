//  calls: a call that was metered, for the tests of what counts calls.

#ifndef BR_TESTS_METRICS_CALLS_H
#define BR_TESTS_METRICS_CALLS_H

#include "broker/core/verbs.h"

//  A good single answer of openai's gpt-4o: 100 ms, 90 of them the provider's; 10 tokens of
//  input, 4 from a cache; 6 of output, 2 of reasoning; 1500 nano-USD.
struct br_call_metered calls_good (void);

//  A failed stream: 504 after 2 s.
struct br_call_metered calls_failed (void);

#endif
