//  ledger_report: what was spent, by model, by account, by day: sums over rows as they are
//  read from any store. What nobody knows the cost of, and what is only an estimate, is
//  counted apart.

#ifndef BR_LEDGER_REPORT_H
#define BR_LEDGER_REPORT_H

#include "broker/ledger/ledger_entry.h"

#define LEDGER_GROUPS_MAX 100000 //  beyond them calls count to the group "(others)"
#define LEDGER_LOST_MAX 1000000  //  lost calls that may still give way to settled ones

typedef enum {
    LEDGER_BY_MODEL, //  PROVIDER:MODEL
    LEDGER_BY_PROVIDER,
    LEDGER_BY_ACCOUNT,
    LEDGER_BY_RUN,
    LEDGER_BY_AGENT,
    LEDGER_BY_KEY,
    LEDGER_BY_DAY, //  2025-06-15, UTC, when a call was settled
    LEDGER_BY_COUNT
} ledger_by_t;

//  "model", ...; LEDGER_BY_COUNT for another word.
const char *ledger_by_name (ledger_by_t by);
ledger_by_t ledger_by_find (const char *name);

typedef struct _ledger_sum_t {
    const char *name; //  "" = the calls have none
    uint64_t calls;   //  count of all
    uint64_t failed;  //  that did not end well
    uint64_t input_tokens;
    uint64_t output_tokens;
    int64_t cost_nusd;        //  of calls whose usage the provider counted
    uint64_t estimated_calls; //  whose usage is an estimate
    int64_t estimated_nusd;   //  what they cost, beside cost_nusd
    uint64_t unknown_calls;   //  whose cost nobody knows
    int64_t operator_nusd;    //  what the providers' tokens are worth, as far as known
} ledger_sum_t;

typedef struct _ledger_report_t ledger_report_t;

//  Of calls that were settled from since_ms to before until_ms, unix; 0 = without a bound.
//  "caller destroys"
ledger_report_t *ledger_report_new (ledger_by_t by, uint64_t since_ms, uint64_t until_ms);
void ledger_report_destroy (ledger_report_t **self_p);

//  A ledger_row_fn, whose arg is the report: takes the next row, of all there are. A lost call
//  gives way to a settled one that comes later.
int ledger_report_add (void *arg, const ledger_entry_t *entry);

//  When all rows were added: puts the groups in order: days by date, others by what they cost, the dearest first.
void ledger_report_sort (ledger_report_t *self);

//  "owned by self, until next change"
size_t ledger_report_count (const ledger_report_t *self);
const ledger_sum_t *ledger_report_sum (const ledger_report_t *self, size_t index);
const ledger_sum_t *ledger_report_total (const ledger_report_t *self);

#endif
