//  auth_words: why a budget refuses a call, in a sentence for the caller, and what the
//  operator is shown of it. No word of a credential is in either.

#ifndef BR_AUTH_WORDS_H
#define BR_AUTH_WORDS_H

#include "broker/core/error.h"
#include "broker/core/json_writer.h"
#include "actors/auth/auth_budget.h"

//  Sets BR_EBUDGET. waited_ms: how long the call has waited, 0 for not at all.
void auth_words_refuse (auth_budget_t *budget, const auth_want_t *want,
                        uint64_t waited_ms, uint64_t now_ms, br_error_t *reterr);

//  One object of the list of budgets.
void auth_words_show (auth_budget_t *budget, uint64_t now_ms, json_writer_t *out);

#endif
