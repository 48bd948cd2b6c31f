//  ledger_sqlite: a ledger in SQLite: the rows of calls that are over, each behind the hash
//  of the one before, and the intents of those that are not. It knows no actor and no timer.
//  What is added counts once ledger_sqlite_commit has returned 0: then it survives a crash
//  of the machine.

#ifndef BR_LEDGER_SQLITE_H
#define BR_LEDGER_SQLITE_H

#include "broker/ledger/ledger_file.h"
#include "broker/ledger/ledger_spend.h"
#include "broker/ledger/ledger_store.h"

typedef struct _ledger_sqlite_t ledger_sqlite_t;

//  The kind "sqlite" of ledger_store.h.
extern const ledger_kind_t ledger_sqlite;

//  A call that a provider works on. Texts are never NULL, and borrowed.
typedef struct _ledger_intent_t {
    br_id_t call;
    const char *request_id;
    const char *route;
    const char *provider;
    const char *model;
    const char *account;
    const char *key;
    const char *session;
    const char *run;
    const char *agent;
    const char *step;
    const char *trace;
    uint32_t attempt;
    uint64_t started_ms; //  unix
    uint32_t host;       //  whose router asked
    uint32_t life;       //  of that host
} ledger_intent_t;

//  What became of a row: its own values, or those of the row that was there before.
typedef struct _ledger_kept_t {
    uint64_t seq;
    bool is_first; //  it was added
    int64_t cost_nusd;
    int64_t operator_nusd;
    uint8_t hash[LEDGER_HASH];      //  of a row that was added; else zeros
    uint8_t prev_hash[LEDGER_HASH]; //  of the row before it; else zeros
} ledger_kept_t;

typedef struct _ledger_sums_t {
    uint64_t rows;         //  count of calls
    uint64_t open_intents; //  count
    uint64_t cost_nusd;    //  of the rows whose cost is known; nano-USD
    uint64_t input_tokens;
    uint64_t output_tokens;
} ledger_sums_t;

//  Opens the database and brings its tables up to date. "caller destroys"
//  err:  BR_ECONFIG
ledger_sqlite_t *ledger_sqlite_new (const ledger_file_t *file, br_error_t *reterr);
void ledger_sqlite_destroy (ledger_sqlite_t **self_p);

const char *ledger_sqlite_path (const ledger_sqlite_t *self); //  "owned by self"

//  ---- one transaction: begin, any of the four, then commit or rollback.
//  err of each:  BR_ESYSTEM; only rollback may follow

int ledger_sqlite_begin (ledger_sqlite_t *self, br_error_t *reterr);

//  Adds a call's row at the end of the chain, and closes its intent. The first row of a call
//  wins; behind one that is lost, a settled one has a row of its own.
//  in:   entry; seq and hash are set when it was added
int ledger_sqlite_add (ledger_sqlite_t *self, ledger_entry_t *entry,
                       ledger_kept_t *ret_kept, br_error_t *reterr);

//  Notes that an attempt runs, unless the call is over. The newest attempt counts.
int ledger_sqlite_add_intent (ledger_sqlite_t *self, const ledger_intent_t *intent,
                              br_error_t *reterr);

//  Closes the open intents of one life of a host as lost.
//  out:  *ret_lost, count
int ledger_sqlite_lose_host (ledger_sqlite_t *self, uint32_t host, uint32_t life,
                             uint64_t now_ms, uint64_t *ret_lost, br_error_t *reterr);

//  Closes all open intents as lost: at the start, when they are of an earlier life.
int ledger_sqlite_lose_all (ledger_sqlite_t *self, uint64_t now_ms, uint64_t *ret_lost,
                            br_error_t *reterr);

int ledger_sqlite_commit (ledger_sqlite_t *self, br_error_t *reterr);
void ledger_sqlite_rollback (ledger_sqlite_t *self); //  harmless outside of a transaction

//  ---- looks; err: BR_ESYSTEM

//  The newest row; seq 0 and zeros when there is none.
int ledger_sqlite_last (ledger_sqlite_t *self, uint64_t *ret_seq, uint8_t *ret_hash,
                        br_error_t *reterr);

//  Rows from seq on, in their order, as they are at the first one.
int ledger_sqlite_read (ledger_sqlite_t *self, uint64_t seq, ledger_row_fn *fn, void *arg,
                        br_error_t *reterr);

//  What is on disk. The first look reads the whole table, the following ones do not.
int ledger_sqlite_sums (ledger_sqlite_t *self, ledger_sums_t *ret_sums,
                        br_error_t *reterr);

//  What was spent, and the taking out of old rows. "owned by self"
ledger_spend_t *ledger_sqlite_spend (ledger_sqlite_t *self);

#endif
