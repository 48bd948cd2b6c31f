//  keccak: Keccak-256 as Ethereum has it: the padding of the first submission, not that of
//  SHA-3.

#ifndef BR_KECCAK_H
#define BR_KECCAK_H

#include <stddef.h>
#include <stdint.h>

#define BR_KECCAK_BYTES 32

void br_keccak256 (const void *bytes, size_t size, uint8_t ret_hash[BR_KECCAK_BYTES]);

#endif
