//  ledger_entry: one row of the spend ledger, as it is written, read and hashed. The hash of
//  a row covers all of its columns, its attempts and the hash of the row before.

#ifndef BR_LEDGER_ENTRY_H
#define BR_LEDGER_ENTRY_H

#include <stdint.h>

#include "broker/core/arena.h"
#include "broker/core/msg.h"
#include "broker/proto/tries.h"

#define LEDGER_HASH 32      //  bytes, BLAKE2b
#define LEDGER_UNKNOWN (-1) //  nobody can tell a cost

//  Texts are never NULL, and borrowed.
typedef struct _ledger_entry_t {
    uint64_t seq; //  1 and up, without a gap; 0 = not written yet
    br_id_t call;
    bool is_lost; //  nobody settled it; a settle that comes later has a row of its own
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
    const char *surface;    //  "chat", ...
    const char *outcome;    //  ok, failed, cancelled, lost
    const char *error_type; //  "" = none
    unsigned status;        //  HTTP; 0 = none
    bool stream;
    unsigned attempts;
    br_usage_t usage;      //  known: counted by the provider; else an estimate, or none
    int64_t cost_nusd;     //  owed by the caller, or LEDGER_UNKNOWN
    int64_t operator_nusd; //  worth of the provider's tokens, or LEDGER_UNKNOWN
    const char *price_version; //  of the prices that were used; "" = no price
    uint64_t started_ms;       //  unix
    uint64_t latency_us;
    uint64_t first_us; //  0 = none
    uint64_t elsewhere_us;
    uint64_t settled_ms; //  unix
    br_try_t tries[BR_TRIES_MAX];
    size_t tries_count;
    uint8_t hash[LEDGER_HASH];
} ledger_entry_t;

//  An empty row: texts are "", costs unknown, all else is 0.
void ledger_entry_init (ledger_entry_t *self);

//  A row of its own: texts are copied into the arena, and live as long as that.
void ledger_entry_copy (ledger_entry_t *self, const ledger_entry_t *other,
                        br_arena_t *arena);

//  The hash that the row has behind the given one. prev is that of the row before; zeros for
//  the first.
void ledger_entry_hash (const ledger_entry_t *self, const uint8_t *prev,
                        uint8_t *ret_hash);

#endif
