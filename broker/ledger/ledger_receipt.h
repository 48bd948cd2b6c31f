//  ledger_receipt: what a call has used and cost, signed by the node that wrote it down, for
//  who called: a JWS in its compact form (RFC 7515, EdDSA of RFC 8037), so that any library
//  for such tokens can check it, and nobody needs the ledger for that.
//
//      header   {"alg": "EdDSA", "typ": "bitrouter-receipt+jwt", "kid": "<public key, hex>"}
//      payload  {"v": 1, "call": "<id>", "request_id", "request_sha256": "<hex>", "account",
//                "route", "provider", "model", "surface", "outcome", "status", "usage_known",
//                "input_tokens", "cache_read_tokens", "cache_write_tokens",
//                "cache_write_1h_tokens", "audio_input_tokens", "output_tokens",
//                "reasoning_tokens", "audio_output_tokens", "cost_nusd": 1234 or null,
//                "settled_ms", "seq", "prev_hash": "<hex>", "hash": "<hex>"}
//
//  hash is that of the ledger's row seq, and prev_hash that of the row before it: with the
//  rows at hand `ledger_entry_hash` gives the one from the other.

#ifndef BR_LEDGER_RECEIPT_H
#define BR_LEDGER_RECEIPT_H

#include "broker/ledger/ledger_entry.h"
#include "broker/ledger/ledger_signer.h"

#define LEDGER_RECEIPT_MAX 8192 //  bytes of a receipt, with its end
#define LEDGER_REQUEST_HASH 32  //  bytes, SHA-256

//  What is signed. Texts are never NULL.
typedef struct _ledger_receipt_t {
    ledger_entry_t entry; //  of the row; its tries and what stands not above are not told
    uint8_t request_hash[LEDGER_REQUEST_HASH]; //  SHA-256 of the client's body
    uint8_t prev_hash[LEDGER_HASH];
} ledger_receipt_t;

//  Signs one. Texts over 255 bytes are cut at a character's end; a byte that is no UTF-8
//  becomes U+FFFD.
//  out:  ret_text, LEDGER_RECEIPT_MAX bytes, visible ASCII
//  err:  BR_ETOOBIG it does not fit
int ledger_receipt_write (const ledger_receipt_t *self, const ledger_signer_t *signer,
                          char *ret_text, br_error_t *reterr);

//  Reads one and checks its signature; white space around it is ignored.
//  in:   key, that it must be of; NULL = the one that it names, which proves no more than
//        that nobody changed it
//  out:  *self, texts in the arena; ret_key, that it is of; either may be NULL
//  err:  BR_EINVALID it is no receipt; BR_EAUTH its signature is wrong, or of another key
int ledger_receipt_read (ledger_receipt_t *self, const char *text, const uint8_t *key,
                         br_arena_t *arena, uint8_t ret_key[LEDGER_PUBLIC_KEY],
                         br_error_t *reterr);

#endif
