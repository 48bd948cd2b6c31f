//  router_choose: in which order a call's candidates are tried.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/router/router_choose.h"

#define WEIGHT_MAX 65535
#define TURNS_SLOTS 1024 //  routes with a counter of their own; a power of two
#define TURNS_PROBES 8   //  slots that are looked at for a route

//  ---- strategies

router_strategy_t
router_strategy_of (const char *name)
{
    return strcmp (name, "load_balance") == 0 ? ROUTER_LOAD_BALANCE : ROUTER_PRIORITY;
}

//  Bounded, so that no product below is over its type.
static uint64_t
s_weight (unsigned weight)
{
    return weight < WEIGHT_MAX ? weight : WEIGHT_MAX;
}

static uint64_t
s_divisor (uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

//  A step that visits all of `total` places and keeps neighbours apart, so that a heavy
//  candidate is not asked many times in a row: near the golden section of total.
static uint64_t
s_step (uint64_t total)
{
    uint64_t step = total * 618 / 1000;
    if (step == 0)
        step = 1;
    while (s_divisor (total, step) != 1)
        step++;
    return step;
}

//  The candidate that a turn falls to. In each run of sum-of-weights turns each candidate
//  comes as often as its weight says; equal weights come in the declared order.
static size_t
s_first (const unsigned *weights, size_t count, uint64_t turn)
{
    uint64_t unit = s_weight (weights[0]);
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        unit = s_divisor (unit, s_weight (weights[i]));
    assert (unit); //  no weight is 0
    for (size_t i = 0; i < count; i++)
        total += s_weight (weights[i]) / unit;
    assert (total);
    uint64_t place = turn % total;
    if (total != count)
        place = place * s_step (total) % total;
    size_t first = 0;
    while (place >= s_weight (weights[first]) / unit)
        place -= s_weight (weights[first++]) / unit;
    return first;
}

void
router_choose (router_strategy_t strategy, const unsigned *weights, size_t count,
               uint64_t turn, uint8_t *ret_order)
{
    size_t first = 0;
    if (strategy == ROUTER_LOAD_BALANCE)
        first = s_first (weights, count, turn);
    for (size_t i = 0; i < count; i++)
        ret_order[i] = (uint8_t) ((first + i) % count);
}

//  ---- turns

typedef struct {
    uint64_t name; //  hash of the route's name; 0 = free
    uint64_t turn;
} slot_t;

struct _router_turns_t {
    uint64_t seed;
    slot_t slots[TURNS_SLOTS];
};

router_turns_t *
router_turns_new (uint64_t seed)
{
    router_turns_t *self = BR_NEW (router_turns_t);
    self->seed = seed >> 1; //  far from the end of its type
    return self;
}

void
router_turns_destroy (router_turns_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free (*self_p);
    *self_p = NULL;
}

//  FNV-1a
static uint64_t
s_hash (const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    while (*text)
        hash = (hash ^ (uint8_t) *text++) * 0x100000001b3u;
    return hash ? hash : 1;
}

uint64_t
router_turns_next (router_turns_t *self, const char *route)
{
    uint64_t name = s_hash (route);
    slot_t *slot = NULL;
    for (uint64_t i = 0; i < TURNS_PROBES; i++) {
        slot = &self->slots[(name + i) & (TURNS_SLOTS - 1)];
        if (slot->name == name)
            break;
        if (slot->name == 0) {
            *slot = (slot_t) { name, self->seed };
            break;
        }
    }
    return slot->turn++;
}
