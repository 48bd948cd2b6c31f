//  jwt: tokens that a wallet's key has signed: "SOL_EDDSA" (Ed25519) and "EIP191K"
//  (secp256k1 over the hash of EIP-191), with long or short names of claims.
//  src:  the product's documents; CAIP-2, CAIP-10, EIP-55, EIP-191, RFC 7515

#ifndef BR_JWT_H
#define BR_JWT_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/core/verbs.h"

#define BR_JWT_MAX (16u << 10) //  bytes of a token
#define BR_JWT_LEEWAY_S 60     //  that a signer's clock may be ahead of ours
#define BR_JWT_GLOBS_MAX 256   //  of a list
#define BR_JWT_HASH_ROOM 65    //  bytes of a SHA-256 in hex, with the end

//  All texts are owned by the claims.
typedef struct _br_claims_t {
    char *iss;     //  CAIP-10, as written
    char *chain;   //  CAIP-2, of iss
    char *address; //  of iss; of eip155 with its EIP-55 letters
    char *id;      //  "id" or "jti"; NULL = none
    uint64_t iat;  //  unix seconds; 0 = not said
    uint64_t exp;  //  unix seconds; 0 = never
    br_scope_t scope;
    char **models; //  globs; NULL ends; none = all
    char **tools;
    bool budgeted;
    uint64_t budget_nusd; //  micro-USD in the token
    br_budget_scope_t budget_scope;
    br_budget_range_t budget_range;
    uint64_t budget_extent; //  rounds, or seconds
} br_claims_t;

//  Reads and verifies a token: its three parts, alg, iss, chain, signature (of secp256k1: low
//  s only) and times. Whether the issuer may is not asked here.
//  in:   now_s, unix seconds
//  "caller destroys"
//  err:  BR_EAUTH with the reason; no word of the token is in it
br_claims_t *br_jwt_verify (const char *token, size_t size, uint64_t now_s,
                            br_error_t *reterr);
void br_claims_destroy (br_claims_t **self_p);

//  Whether a text looks like a token of ours at all: three parts of base64url, the first of
//  which is a JSON object.
bool br_jwt_is_like (const char *text, size_t size);

//  The SHA-256 of a token in hex, which names it where it is revoked. The last byte of a
//  signature of EIP191K may be 0 or 1 for 27 or 28: both spellings have one hash.
void br_jwt_hash (const char *token, size_t size, char ret_hash[BR_JWT_HASH_ROOM]);

//  The SHA-256 of a token's id in hex.
void br_jwt_id_hash (const char *id, char ret_hash[BR_JWT_HASH_ROOM]);

//  The text of a token's claims, of which nothing is verified. "caller frees", or NULL with
//  BR_EINVALID.
char *br_jwt_payload (const char *token, size_t size, br_error_t *reterr);

//  Signs claims with a seed of 32 bytes, long names, in the order of the product's documents.
//  "caller frees"
//  err:  BR_EINVALID when the seed is not the issuer's, or a budget is no whole micro-USD
char *br_jwt_sign (const br_claims_t *claims, const uint8_t *seed, br_error_t *reterr);

#endif
