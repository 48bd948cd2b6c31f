//  meter_replica: copies a spool's rows to the ledger's own database, which may be far and
//  may be down. It has a thread of its own, and connections of its own; nobody waits for it.
//  All functions are for one thread, the meter's.

#ifndef BR_METER_REPLICA_H
#define BR_METER_REPLICA_H

#include <stdbool.h>

#include "broker/core/error.h"
#include "broker/ledger/ledger_store.h"

#define METER_REPLICA_BATCH 1000   //  rows in one transaction
#define METER_REPLICA_RETRY_MS 250 //  after a failure; doubles
#define METER_REPLICA_RETRY_MAX_MS 30000
#define METER_REPLICA_END_MS 2000 //  for its thread to end, then it is let go

typedef struct _meter_replica_t meter_replica_t;

typedef struct _meter_replica_state_t {
    const char *scheme; //  "postgres"; "owned by the kind"
    uint64_t seq;       //  of the newest row that is there; 0 = none, or not known yet
    uint64_t failures;  //  in a row
    char error[BR_ERROR_TEXT_MAX]; //  the last of them; "" when all is well
} meter_replica_state_t;

//  Starts the thread, which begins at once.
//  in:   spool, path of the local file; url, of the database
//  "caller destroys". err: BR_ECONFIG no such kind; BR_ESYSTEM
meter_replica_t *meter_replica_new (const char *spool, const char *url,
                                    br_error_t *reterr);

//  Ends the thread. One that a database holds longer than METER_REPLICA_END_MS ends later,
//  by itself.
void meter_replica_destroy (meter_replica_t **self_p);

//  Rows were added.
void meter_replica_wake (meter_replica_t *self);

//  Readable when rows were copied, or when it failed or works again. "owned by self"
int meter_replica_fd (const meter_replica_t *self);

//  The descriptor is not readable any more, until something is new.
void meter_replica_hear (meter_replica_t *self);

//  How it is.
void meter_replica_look (meter_replica_t *self, meter_replica_state_t *ret_state);

#endif
