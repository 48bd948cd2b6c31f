//  evm: keys, addresses and signed messages of Ethereum and the chains like it.
//  src:  EIP-55 (letters of an address), EIP-191 (messages), RFC 6979 (nonces)

#ifndef BR_EVM_H
#define BR_EVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

#define BR_EVM_SEED_BYTES 32
#define BR_EVM_ADDRESS_BYTES 20
#define BR_EVM_ADDRESS_ROOM 43 //  bytes of "0x" and 40 digits with the end
#define BR_EVM_SIGNATURE_BYTES 65
#define BR_EVM_HASH_BYTES 32

//  The address that belongs to a secret key.
//  err:  BR_EINVALID when the seed is no key: zero, or not below the order of the curve
int br_evm_address (const uint8_t *seed, uint8_t ret_address[BR_EVM_ADDRESS_BYTES],
                    br_error_t *reterr);

//  "0x..." with the letters of EIP-55.
void br_evm_address_text (const uint8_t *address, char ret_text[BR_EVM_ADDRESS_ROOM]);

//  Reads "0x...", whatever the size of its letters. 0 or -1.
int br_evm_address_read (const char *text, uint8_t ret_address[BR_EVM_ADDRESS_BYTES]);

//  Whether a text is an address whose letters are all small, all large, or as EIP-55 has
//  them.
bool br_evm_address_is_right (const char *text);

//  The hash that signs a message of somebody's.
void br_evm_message_hash (const void *message, size_t size,
                          uint8_t ret_hash[BR_EVM_HASH_BYTES]);

//  r, s (low), and 27 or 28.
//  err:  BR_EINVALID when the seed is no key
int br_evm_sign (const uint8_t *hash, const uint8_t *seed,
                 uint8_t ret_signature[BR_EVM_SIGNATURE_BYTES], br_error_t *reterr);

//  Who has signed a hash. The last byte may be 27 or 28, or 0 or 1. 0, or -1 when nobody
//  has, or s is not low.
int br_evm_recover (const uint8_t *hash, const uint8_t *signature,
                    uint8_t ret_address[BR_EVM_ADDRESS_BYTES]);

#endif
