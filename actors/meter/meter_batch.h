//  meter_batch: what waits for the next commit: settles, intents and hosts that are gone.
//  It lives in memory; the ledger makes it last. One commit takes many, so that many
//  calls share one sync of the disk.

#ifndef BR_METER_BATCH_H
#define BR_METER_BATCH_H

#include "actors/meter/meter_entry.h"

#define METER_COMMIT_MAX 1000           //  rows in one commit
#define METER_WAITING_MAX 65536         //  settles that wait, count; intents likewise
#define METER_WAITING_BYTES (64u << 20) //  of both together
#define METER_GONE_MAX 64               //  hosts whose intents are to be closed, count

typedef struct _meter_batch_t meter_batch_t;

//  A settle with all that its row needs.
typedef struct _meter_settle_t {
    const br_msg_t *msg; //  call.settle; from is who asked last
    br_price_cost_t cost;
    char price_version[BR_TARIFF_VERSION];
    uint64_t settled_ms; //  unix time
    ledger_kept_t kept;  //  of its row, or of the one that the call had before
} meter_settle_t;

//  What a commit wrote.
typedef struct _meter_commit_t {
    uint64_t lost;       //  intents that were closed as lost, count
    uint64_t first_lost; //  seq of the first of their rows; they are the last ones
} meter_commit_t;

//  "caller destroys"
meter_batch_t *meter_batch_new (void);
void meter_batch_destroy (meter_batch_t **self_p);

//  Keeps a copy of a call.settle; the intent of its call is dropped. The first one of a
//  call counts, but one that is lost gives way; a later one changes who is to be answered,
//  and nothing else.
//  in:   version, of the prices
//  err:  BR_EBUSY a maximum is reached: it is to be asked again
int meter_batch_add_settle (meter_batch_t *self, const br_msg_t *msg,
                            const br_price_cost_t *cost, const char *version,
                            uint64_t settled_ms, br_error_t *reterr);

//  Keeps a copy of a call.intent, unless the call's settle waits already.
//  err:  BR_EBUSY a maximum is reached: it is lost
int meter_batch_add_intent (meter_batch_t *self, const br_msg_t *msg, br_error_t *reterr);

//  The intents of one life of a host are to be closed as lost, from due_us on.
//  err:  BR_EBUSY a maximum is reached: they stay open until the next start
int meter_batch_add_gone (meter_batch_t *self, uint32_t host, uint32_t life,
                          uint64_t due_us, br_error_t *reterr);

size_t meter_batch_settles (const meter_batch_t *self); //  that wait, count
size_t meter_batch_intents (const meter_batch_t *self); //  that wait, count

//  Whether a commit has anything to write at that time.
bool meter_batch_has_work (const meter_batch_t *self, uint64_t now_us);

//  When the next host is due; UINT64_MAX for none. Microseconds.
uint64_t meter_batch_next_due (const meter_batch_t *self);

//  Told of each settle that is on disk. It must not touch the batch.
typedef void (meter_batch_fn) (void *arg, const meter_settle_t *settle);

//  Writes the oldest settles, then intents, then the hosts that are due, in one
//  transaction, and forgets them.
//  in:   now_us, of the loop, for what is due; now_ms, unix time, for lost rows
//  ret:  0, or -1: nothing was written, all is kept, and fn was not called
//  err:  BR_ESYSTEM
int meter_batch_commit (meter_batch_t *self, ledger_sqlite_t *ledger, uint64_t now_us,
                        uint64_t now_ms, meter_batch_fn *fn, void *arg,
                        meter_commit_t *ret_commit, br_error_t *reterr);

#endif
