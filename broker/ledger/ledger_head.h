//  ledger_head: the end of a ledger's chain, in a signed file outside of the database, so
//  that rows which are cut off at the end are missed.
//
//      {"database": "...", "seq": 7, "hash": "<hex>", "pruned_seq": 0, "pruned_hash":
//       "<hex>", "time_ms": ..., "public_key": "<hex>", "signature": "<hex>"}
//
//  Signed are a word for the format and all other members in this order: numbers as 8 bytes
//  in network order, the name with its length before it.

#ifndef BR_LEDGER_HEAD_H
#define BR_LEDGER_HEAD_H

#include <stdbool.h>

#include "broker/ledger/ledger_entry.h"
#include "broker/ledger/ledger_signer.h"

#define LEDGER_NAME_MAX 512 //  bytes of a database's name, with its end

typedef struct _ledger_head_t {
    char database[LEDGER_NAME_MAX]; //  its address, without a password
    uint64_t seq;                   //  of the newest row; 0 = none
    uint8_t hash[LEDGER_HASH];
    uint64_t pruned_seq; //  of the newest row that was taken out; 0 = none
    uint8_t pruned_hash[LEDGER_HASH];
    uint64_t time_ms; //  unix, when it was written
    uint8_t key[LEDGER_PUBLIC_KEY];
    bool is_genuine; //  the signature is that of the key
} ledger_head_t;

//  The address of a database as a head names it: without a password and options.
void ledger_head_name (const char *url, char ret_name[LEDGER_NAME_MAX]);

//  Signs a head and writes the file, mode 0600: to a name beside it, which is then renamed.
//  Key and is_genuine are set.
//  err:  BR_ESYSTEM
int ledger_head_write (ledger_head_t *self, const ledger_signer_t *signer,
                       const char *path, br_error_t *reterr);

//  err:  BR_ESYSTEM it cannot be read; BR_EINVALID it is no head
int ledger_head_read (ledger_head_t *self, const char *path, br_error_t *reterr);

#endif
