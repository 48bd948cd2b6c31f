//  router_rendezvous: weighted rendezvous hashing.

#include "actors/router/router_rendezvous.h"

#define LOG_BITS 32 //  of the fraction

//  FNV-1a, with a mark behind each text.
static uint64_t
s_add (uint64_t hash, const char *text)
{
    while (*text)
        hash = (hash ^ (uint8_t) *text++) * 0x100000001b3u;
    return (hash ^ 0xff) * 0x100000001b3u;
}

uint64_t
router_rendezvous_name (const char *provider, const char *endpoint, const char *model)
{
    return s_add (s_add (s_add (0xcbf29ce484222325u, provider), endpoint), model);
}

//  The last steps of splitmix64: each bit of the sum makes a difference to all others.
static uint64_t
s_mix (uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

//  Logarithm to the base 2 of a number of at least 1: its highest bit, then a bit of the
//  fraction for each time that what is left is squared.
static double
s_log2 (uint64_t number)
{
    int whole = 63 - __builtin_clzll (number);
    double rest = (double) number / (double) (UINT64_C (1) << whole);
    double sum = whole;
    double part = 0.5;
    for (int i = 0; i < LOG_BITS; i++, part /= 2) {
        rest *= rest;
        if (rest < 2)
            continue;
        rest /= 2;
        sum += part;
    }
    return sum;
}

//  weight / -log (u), u random in (0, 1).
double
router_rendezvous_score (uint64_t affinity, uint64_t name, unsigned weight)
{
    uint64_t draw = s_mix (s_mix (affinity) + name) >> 11 | 1;
    return (double) weight / (53 - s_log2 (draw));
}
