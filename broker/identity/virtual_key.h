//  virtual_key: an opaque key that this machine gave to somebody: "brvk_" and 32 random bytes
//  in base64url. Of the key itself only its SHA-256 is kept; what it may is in a file of JSON.
//
//      {"hash":"<64 hex>","account":"...","label":"...","scope":"api","models":[],
//       "tools":[],"budget_nusd":1000,"budget_scope":"session","budget_range":"rounds",
//       "budget_extent":10,"requests_per_minute":0,"tokens_per_minute":0,"concurrency":0,
//       "created_s":1,"expires_s":0,"revoked":false,"replaced_by":"..."}
//
//  budget_nusd is absent without a budget, replaced_by without a successor.

#ifndef BR_VIRTUAL_KEY_H
#define BR_VIRTUAL_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/core/verbs.h"

#define BR_VIRTUAL_PREFIX "brvk_"
#define BR_VIRTUAL_ROOM 49            //  bytes of a key with its end
#define BR_VIRTUAL_ID_ROOM 25         //  of "brvk_id_" and 16 hex digits, with the end
#define BR_VIRTUAL_HASH_ROOM 65       //  of a SHA-256 in hex, with the end
#define BR_VIRTUAL_FILE_MAX (1 << 20) //  bytes of a file

//  All texts are owned by the key.
typedef struct _br_virtual_key_t {
    char id[BR_VIRTUAL_ID_ROOM];
    char hash[BR_VIRTUAL_HASH_ROOM]; //  of the whole key
    char *account;
    char *label; //  "" when it has none
    br_scope_t scope;
    char **models; //  globs; NULL ends; none = all
    char **tools;
    bool budgeted;
    uint64_t budget_nusd;
    br_budget_scope_t budget_scope;
    br_budget_range_t budget_range;
    uint64_t budget_extent;       //  rounds, or seconds
    uint64_t requests_per_minute; //  0 = none of its own
    uint64_t tokens_per_minute;
    uint64_t concurrency;
    uint64_t created_s;
    uint64_t expires_s; //  0 = never
    bool revoked;
    char replaced_by[BR_VIRTUAL_ID_ROOM]; //  id of its successor, or ""
} br_virtual_key_t;

//  "caller destroys"
br_virtual_key_t *br_virtual_key_new (void);
void br_virtual_key_destroy (br_virtual_key_t **self_p);

//  A copy of what it may, for a successor. "caller destroys"
br_virtual_key_t *br_virtual_key_copy (const br_virtual_key_t *self);

//  Draws a new key, which is told this once, and sets hash and id.
void br_virtual_key_draw (br_virtual_key_t *self, char ret_key[BR_VIRTUAL_ROOM]);

//  Whether a text looks like such a key: it begins as they do.
bool br_virtual_key_is_like (const char *text);

//  The SHA-256 of a key in hex.
void br_virtual_key_hash (const char *key, char ret_hash[BR_VIRTUAL_HASH_ROOM]);

//  Reads the content of a file. "caller destroys"
//  err:  BR_EINVALID no such file; unknown members are let pass
br_virtual_key_t *br_virtual_key_read (const char *json, size_t size, br_error_t *reterr);

//  The content of its file. "caller frees"
char *br_virtual_key_text (const br_virtual_key_t *self);

#endif
