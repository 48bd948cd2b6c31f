//  upstream_open: what comes before an attempt: whether the provider can be asked for it, in
//  which way, and what is read and written of the call. Whatever cannot be asked ends in
//  here.

#ifndef BR_UPSTREAM_OPEN_H
#define BR_UPSTREAM_OPEN_H

#include "broker/core/failure.h"
#include "broker/core/slip.h"
#include "actors/upstream/upstream_answer.h"
#include "actors/upstream/upstream_attempt.h"
#include "actors/upstream/upstream_request.h"

//  in:   msg, attempt.start
//  ret:  what to expect; slip and ask are set, ask's body is the answer's. NULL when the
//        router has been told the end already. "caller destroys"
upstream_answer_t *upstream_open (upstream_env_t *env, const upstream_table_t *table,
                                  const br_msg_t *msg, br_slip_t *ret_slip,
                                  upstream_ask_t *ret_ask);

//  Tells the router why an attempt fails at once, and counts it.
void upstream_refuse (upstream_env_t *env, const br_msg_t *msg, const br_error_t *error,
                      br_failure_t failure);

#endif
