//  ledger_chain: whether a ledger is as it was written: each row against the hash of the one
//  before, and the end against the signed head. Rows stream by; two of them are held.

#ifndef BR_LEDGER_CHAIN_H
#define BR_LEDGER_CHAIN_H

#include "broker/ledger/ledger_head.h"
#include "broker/ledger/ledger_store.h"

typedef enum {
    LEDGER_SOUND,
    LEDGER_CHANGED,  //  a value of the row, of one of its attempts, or its hash
    LEDGER_INSERTED, //  the row is not ours
    LEDGER_MISSING,  //  the row was taken out
    LEDGER_SWAPPED,  //  the row and `other` stand in each other's place
    LEDGER_CUT,      //  the row, and all behind it, were cut off
    LEDGER_REPLACED, //  the row that the head names has another hash: the chain was made anew
    LEDGER_UNSIGNED, //  the row, and all behind it, are not under the head: they were
                     //  added, or the meter was killed before it signed them
    LEDGER_FORGED    //  the head's signature is wrong, or it is of another key
} ledger_fault_t;

typedef struct _ledger_verdict_t {
    ledger_fault_t fault;
    uint64_t seq;   //  of the first wrong row; 0 = of none
    uint64_t other; //  of the row that it was swapped with
    br_id_t call;   //  of the first wrong row, as it is there; zeros when there is none
    uint64_t rows;  //  that were good, count
    uint64_t last;  //  seq of the newest row that was good
    uint8_t hash[LEDGER_HASH]; //  of it
} ledger_verdict_t;

//  "changed", "inserted", ...
const char *ledger_fault_name (ledger_fault_t fault);

//  in:   head, path of the file, or NULL for none: then rows that are cut off at the end are
//        not missed. Rows that a meter adds meanwhile are good once it has signed them, and
//        a copy may lack the newest ones for a moment: a second is waited for both.
//        key, the public key that the head must be of, or NULL for any
//  ret:  0 with a verdict, or -1
//  err:  BR_ESYSTEM; BR_EINVALID the head is none
int ledger_chain_verify (ledger_store_t *store, const char *head, const uint8_t *key,
                         ledger_verdict_t *ret_verdict, br_error_t *reterr);

#endif
