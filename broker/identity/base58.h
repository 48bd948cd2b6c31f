//  base58: bytes as letters and digits that nobody confuses, as Solana and Bitcoin write
//  them. No checksum.

#ifndef BR_BASE58_H
#define BR_BASE58_H

#include <stddef.h>
#include <stdint.h>

#define BR_BASE58_MAX 128 //  bytes or letters at the most: the work grows with the square

//  "caller frees", or NULL for more than BR_BASE58_MAX bytes.
char *br_base58 (const uint8_t *bytes, size_t size);

//  ret:  count of bytes, or -1 when a letter is none, or it does not fit into room
int br_base58_read (const char *text, size_t size, uint8_t *out, size_t room);

#endif
