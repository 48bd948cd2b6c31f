//  auth_words: amounts in USD, with all of their nine digits.

#include <inttypes.h>
#include <stdio.h>

#include "actors/auth/auth_words.h"

#define USD 1000000000u //  nano-USD
#define AMOUNT_MAX 40   //  bytes of "$18446744073.709551615"

static const char *
s_amount (uint64_t nusd, char ret_text[AMOUNT_MAX])
{
    snprintf (ret_text, AMOUNT_MAX, "$%" PRIu64 ".%09" PRIu64, nusd / USD, nusd % USD);
    return ret_text;
}

static void
s_when (uint64_t reset_ms, uint64_t waited_ms, char *ret_text, size_t room)
{
    int size = 0;
    if (waited_ms)
        size = snprintf (ret_text, room,
                         "; other calls have not settled in %" PRIu64 " ms", waited_ms);
    if (reset_ms)
        snprintf (ret_text + size, room - (size_t) size,
                  "; there is room again in %" PRIu64 " s", (reset_ms + 999) / 1000);
    else
        snprintf (ret_text + size, room - (size_t) size, "; it does not reset");
}

static bool
s_is_out_of_rounds (auth_budget_t *budget, const auth_want_t *want, uint64_t now_ms)
{
    return budget->range == BR_BUDGET_ROUNDS
           && auth_spend_rounds (&budget->spend, now_ms) + budget->held_count
                  >= want->limit_rounds;
}

void
auth_words_refuse (auth_budget_t *budget, const auth_want_t *want, uint64_t waited_ms,
                   uint64_t now_ms, br_error_t *reterr)
{
    char when[128], spent[AMOUNT_MAX], limit[AMOUNT_MAX], held[AMOUNT_MAX],
        cost[AMOUNT_MAX];
    const char *scope = auth_budget_scope_name (budget->scope);
    s_when (auth_budget_reset_ms (budget, want, now_ms), waited_ms, when, sizeof when);
    if (s_is_out_of_rounds (budget, want, now_ms)) {
        br_error_set (reterr, BR_EBUDGET,
                      "budget exhausted: %s has made %" PRIu64 " of %" PRIu64
                      " rounds, %zu are under way%s",
                      scope, auth_spend_rounds (&budget->spend, now_ms),
                      want->limit_rounds, budget->held_count, when);
        return;
    }
    uint64_t least = want->output_least < want->output_tokens ? want->output_least
                                                              : want->output_tokens;
    br_error_set (reterr, BR_EBUDGET,
                  "budget exhausted: %s has spent %s of %s, calls under way hold %s, and "
                  "this one may cost %s%s",
                  scope, s_amount (auth_spend_nusd (&budget->spend, now_ms), spent),
                  s_amount (want->limit_nusd, limit), s_amount (budget->held_nusd, held),
                  s_amount (auth_want_nusd (want, least), cost), when);
}

static void
s_put (json_writer_t *out, const char *member, uint64_t number)
{
    json_put_integer (out, member, number > INT64_MAX ? INT64_MAX : (int64_t) number);
}

void
auth_words_show (auth_budget_t *budget, uint64_t now_ms, json_writer_t *out)
{
    bool is_account = budget->scope == BR_BUDGET_ACCOUNT;
    json_open (out, NULL, '{');
    json_put_string (out, "account", budget->account);
    json_put_string (out, "key", is_account ? "" : budget->owner);
    json_put_string (out, "scope", auth_budget_scope_name (budget->scope));
    json_put_string (out, "range", auth_budget_range_name (budget->range));
    s_put (out, "seconds", budget->extent);
    json_put_bool (out, "known", budget->spend.is_known);
    s_put (out, "limit_nusd", budget->limit_nusd);
    s_put (out, "spent_nusd", auth_spend_nusd (&budget->spend, now_ms));
    s_put (out, "held_nusd", budget->held_nusd);
    s_put (out, "left_nusd", auth_budget_left (budget, budget->limit_nusd, now_ms));
    s_put (out, "limit_rounds", budget->limit_rounds);
    s_put (out, "rounds", auth_spend_rounds (&budget->spend, now_ms));
    s_put (out, "held", budget->held_count);
    s_put (out, "waiting", budget->waiting);
    uint64_t spent_nusd = auth_spend_nusd (&budget->spend, now_ms);
    s_put (out, "reset_ms", auth_spend_reset_ms (&budget->spend, spent_nusd, now_ms));
    json_close (out, '}');
}
