//  upstream_choice: whether and how an endpoint can be asked for a call.

#ifndef BR_UPSTREAM_CHOICE_H
#define BR_UPSTREAM_CHOICE_H

#include "broker/core/failure.h"
#include "actors/upstream/upstream_request.h"

//  in:   provider, for the text of an error; start, attempt.start
//  err:  why it cannot; *ret_failure: and what that is, another endpoint may be able to
int upstream_choose (const upstream_table_t *table, const char *provider,
                     const struct br_attempt_start *start, upstream_ask_t *ret_ask,
                     br_failure_t *ret_failure, br_error_t *reterr);

#endif
