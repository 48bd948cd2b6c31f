//  ledger_run: the calls of one run, in the order of their starts, from any store.

#ifndef BR_LEDGER_RUN_H
#define BR_LEDGER_RUN_H

#include "broker/ledger/ledger_entry.h"

#define LEDGER_RUN_MAX 10000 //  calls at the most; of more the first are told

typedef struct _ledger_run_t ledger_run_t;

//  Of calls whose run, session or W3C trace has this name, or whose call or request id it
//  is. "caller destroys"
ledger_run_t *ledger_run_new (const char *name);
void ledger_run_destroy (ledger_run_t **self_p);

//  A ledger_row_fn, whose arg is the run: takes the next row, of all there are. A lost call
//  gives way to a settled one that comes later.
int ledger_run_add (void *arg, const ledger_entry_t *entry);

void ledger_run_sort (ledger_run_t *self);

//  "owned by self, until next change"
size_t ledger_run_count (const ledger_run_t *self);
const ledger_entry_t *ledger_run_entry (const ledger_run_t *self, size_t index);
bool ledger_run_is_cut (const ledger_run_t *self); //  there were more calls

#endif
