//  amend: what a provider is told beyond the words of the client, in a body that passes as
//  bytes: that usage is wanted, and how long an answer may be at the most. Members are put
//  in, or their values replaced; all other bytes stay.
//  A body that names none of the members, as nearly all do, is searched and not walked.

#ifndef BR_AMEND_H
#define BR_AMEND_H

#include "broker/core/error.h"
#include "broker/proto/dialect.h"
#include "broker/proto/splice.h"

//  Chat and Completions, streams: stream_options.include_usage is true, whatever the
//  client said. Options that are neither an object nor null are left to the provider.
//  in:   splice, of the body
//  out:  *ret_asked, the client had said so itself
//  err:  BR_EINVALID the body is no object
int br_amend_usage (br_text_t body, br_splice_t *splice, bool *ret_asked,
                    br_error_t *reterr);

//  The most tokens of output, in the target's own field; a smaller number of the client's
//  stays. Of Messages thinking has to fit: its budget is lowered, or it is turned off
//  where there is no room for any.
//  in:   target, of the protocol of the body; max_output, tokens > 0; arena, of what is
//        put in
//  err:  BR_EINVALID the body is no object
int br_amend_max_output (const br_target_t *target, br_text_t body, uint64_t max_output,
                         br_splice_t *splice, br_arena_t *arena, br_error_t *reterr);

#endif
