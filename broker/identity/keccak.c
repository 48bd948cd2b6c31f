//  keccak: a sponge over 25 lanes of 64 bits; 136 bytes go in at a time.
//  src:  the Keccak reference, version 3.0

#include <string.h>

#include "broker/identity/keccak.h"

#define LANES 25
#define RATE 136 //  bytes
#define ROUNDS 24

static const uint64_t s_constants[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

//  The walk of rho and pi: to which lane a lane goes, and how far it turns.
static const struct {
    uint8_t lane;
    uint8_t turn; //  bits
} s_walk[LANES - 1] = {
    { 10, 1 },  { 7, 3 },   { 11, 6 },  { 17, 10 }, { 18, 15 }, { 3, 21 },
    { 5, 28 },  { 16, 36 }, { 8, 45 },  { 21, 55 }, { 24, 2 },  { 4, 14 },
    { 15, 27 }, { 23, 41 }, { 19, 56 }, { 13, 8 },  { 12, 25 }, { 2, 43 },
    { 20, 62 }, { 14, 18 }, { 22, 39 }, { 9, 61 },  { 6, 20 },  { 1, 44 },
};

static uint64_t
s_turn (uint64_t lane, unsigned bits)
{
    return lane << bits | lane >> (64 - bits);
}

static void
s_theta (uint64_t *state)
{
    uint64_t sums[5];
    for (int x = 0; x < 5; x++)
        sums[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
    for (int i = 0; i < LANES; i++)
        state[i] ^= sums[(i + 4) % 5] ^ s_turn (sums[(i + 1) % 5], 1);
}

static void
s_rho_pi (uint64_t *state)
{
    uint64_t lane = state[1];
    for (int i = 0; i < LANES - 1; i++) {
        uint64_t next = state[s_walk[i].lane];
        state[s_walk[i].lane] = s_turn (lane, s_walk[i].turn);
        lane = next;
    }
}

static void
s_chi (uint64_t *state)
{
    for (int y = 0; y < LANES; y += 5) {
        uint64_t row[5];
        memcpy (row, state + y, sizeof row);
        for (int x = 0; x < 5; x++)
            state[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
}

//  Takes RATE bytes in, and stirs.
static void
s_absorb (uint64_t *state, const uint8_t *block)
{
    for (int i = 0; i < RATE; i++)
        state[i / 8] ^= (uint64_t) block[i] << 8 * (i % 8);
    for (int round = 0; round < ROUNDS; round++) {
        s_theta (state);
        s_rho_pi (state);
        s_chi (state);
        state[0] ^= s_constants[round];
    }
}

void
br_keccak256 (const void *bytes, size_t size, uint8_t ret_hash[BR_KECCAK_BYTES])
{
    uint64_t state[LANES] = { 0 };
    const uint8_t *at = bytes;
    for (; size >= RATE; at += RATE, size -= RATE)
        s_absorb (state, at);
    uint8_t last[RATE] = { 0 };
    if (size)
        memcpy (last, at, size);
    last[size] ^= 0x01;
    last[RATE - 1] ^= 0x80;
    s_absorb (state, last);
    for (int i = 0; i < BR_KECCAK_BYTES; i++)
        ret_hash[i] = (uint8_t) (state[i / 8] >> 8 * (i % 8));
}
