//  meter_ledger: the spend ledger on disk: a row for each call that is over, and the
//  intents of those that are not. It knows no actor and no timer. What is added counts
//  once meter_ledger_commit has returned 0: then it survives a crash of the machine.

#ifndef BR_METER_LEDGER_H
#define BR_METER_LEDGER_H

#include "broker/core/msg.h"
#include "actors/meter/meter_database.h"
#include "actors/meter/meter_price.h"

typedef struct _meter_ledger_t meter_ledger_t;

typedef struct _meter_sums_t {
    uint64_t rows;         //  count of calls
    uint64_t open_intents; //  count
    uint64_t cost_nusd;    //  of the rows whose cost is known; nano-USD
    uint64_t input_tokens;
    uint64_t output_tokens;
} meter_sums_t;

//  Opens the database and brings its tables up to date. "caller destroys"
//  err:  BR_ECONFIG
meter_ledger_t *meter_ledger_new (const meter_database_t *database, br_error_t *reterr);
void meter_ledger_destroy (meter_ledger_t **self_p);

const char *meter_ledger_path (const meter_ledger_t *self); //  "owned by self"

//  ---- one transaction: begin, any of the four, then commit or rollback.
//  err of each:  BR_ESYSTEM; only rollback may follow

int meter_ledger_begin (meter_ledger_t *self, br_error_t *reterr);

//  Adds a call's row and closes its intent. The first settle of a call wins; one that was
//  taken for lost is found again.
//  out:  *ret_is_first, whether this one was kept
int meter_ledger_add_call (meter_ledger_t *self, br_id_t call,
                           const struct br_call_settle *settle, const meter_cost_t *cost,
                           uint64_t settled_ms, bool *ret_is_first, br_error_t *reterr);

//  Notes that an attempt runs, unless the call is over. The newest attempt counts.
//  in:   router, who asked
int meter_ledger_add_intent (meter_ledger_t *self, br_id_t call, uint32_t attempt,
                             const struct br_call_intent *intent, br_addr_t router,
                             br_error_t *reterr);

//  Closes the open intents of one life of a host as lost.
//  out:  *ret_lost, count
int meter_ledger_lose_host (meter_ledger_t *self, uint32_t host, uint32_t life,
                            uint64_t now_ms, uint64_t *ret_lost, br_error_t *reterr);

//  Closes all open intents as lost: at the start, when they are of an earlier life.
int meter_ledger_lose_all (meter_ledger_t *self, uint64_t now_ms, uint64_t *ret_lost,
                           br_error_t *reterr);

int meter_ledger_commit (meter_ledger_t *self, br_error_t *reterr);
void meter_ledger_rollback (meter_ledger_t *self); //  harmless outside of a transaction

//  What is on disk. The first look reads the whole table, the following ones do not.
//  err:  BR_ESYSTEM
int meter_ledger_sums (meter_ledger_t *self, meter_sums_t *ret_sums, br_error_t *reterr);

#endif
