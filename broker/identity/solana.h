//  solana: keys, addresses and signatures of Solana: Ed25519 and base58.
//  src:  RFC 8032

#ifndef BR_SOLANA_H
#define BR_SOLANA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BR_SOLANA_SEED_BYTES 32
#define BR_SOLANA_KEY_BYTES 32
#define BR_SOLANA_SIGNATURE_BYTES 64

//  The address of a seed. "caller frees"
char *br_solana_address (const uint8_t *seed);

//  The public key that an address is. 0, or -1 when it is none.
int br_solana_key (const char *address, uint8_t ret_key[BR_SOLANA_KEY_BYTES]);

void br_solana_sign (const void *message, size_t size, const uint8_t *seed,
                     uint8_t ret_signature[BR_SOLANA_SIGNATURE_BYTES]);

bool br_solana_has_signed (const void *message, size_t size, const uint8_t *signature,
                           const uint8_t *key);

#endif
