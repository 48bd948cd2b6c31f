//  router_choose: in which order a call's candidates are tried.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/router/router_choose.h"
#include "actors/router/router_rendezvous.h"

#define WEIGHT_MAX 65535
#define TURNS_SLOTS 1024 //  routes with a counter of their own; a power of two
#define TURNS_PROBES 8   //  slots that are looked at for a route

//  ---- turns by weight

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

//  The member of a row that a turn falls to. In each run of sum-of-weights turns each one
//  comes as often as its weight says; equal weights come in their order.
static size_t
s_first (const router_view_t *views, const uint8_t *row, size_t size, uint64_t turn)
{
    uint64_t unit = s_weight (views[row[0]].weight);
    uint64_t total = 0;
    for (size_t i = 0; i < size; i++)
        unit = s_divisor (unit, s_weight (views[row[i]].weight));
    assert (unit); //  no weight is 0
    for (size_t i = 0; i < size; i++)
        total += s_weight (views[row[i]].weight) / unit;
    assert (total);
    uint64_t place = turn % total;
    if (total != size)
        place = place * s_step (total) % total;
    size_t first = 0;
    while (place >= s_weight (views[row[first]].weight) / unit)
        place -= s_weight (views[row[first++]].weight) / unit;
    return first;
}

//  ---- rows of candidates

//  Sorts by a number, the least first; equal ones stay as they are.
static void
s_sort (uint8_t *row, size_t size, const double *numbers)
{
    for (size_t i = 1; i < size; i++) {
        uint8_t moved = row[i];
        size_t at = i;
        for (; at && numbers[row[at - 1]] > numbers[moved]; at--)
            row[at] = row[at - 1];
        row[at] = moved;
    }
}

static void
s_rotate (uint8_t *row, size_t size, size_t first)
{
    uint8_t before[ROUTER_CHOICE_MAX];
    memcpy (before, row, size);
    for (size_t i = 0; i < size; i++)
        row[i] = before[(first + i) % size];
}

//  What all of the functions below go by.
typedef struct {
    const router_view_t *views;
    size_t count;
    uint64_t turn;
    uint64_t affinity;
} choice_t;

//  Those whom it is about, the one whose turn it is first, or whom the conversation meets.
static void
s_take_turns (const choice_t *self, uint8_t *row, size_t size)
{
    double numbers[ROUTER_CHOICE_MAX];
    if (!self->affinity) {
        s_rotate (row, size, s_first (self->views, row, size, self->turn));
        return;
    }
    for (size_t i = 0; i < size; i++) {
        const router_view_t *view = &self->views[row[i]];
        unsigned weight = (unsigned) s_weight (view->weight);
        numbers[row[i]] = -router_rendezvous_score (self->affinity, view->name, weight);
    }
    s_sort (row, size, numbers);
}

//  Moves the members of the pool of row[at] to stand behind it. Returns their count.
static size_t
s_gather (const choice_t *self, uint8_t *row, size_t at)
{
    unsigned pool = self->views[row[at]].pool;
    size_t size = 1;
    for (size_t i = at + 1; pool && i < self->count; i++) {
        uint8_t member = row[i];
        if (self->views[member].pool != pool)
            continue;
        memmove (&row[at + size + 1], &row[at + size], i - at - size);
        row[at + size++] = member;
    }
    return size;
}

//  Pools stand together; except: the pool that keeps the order it has.
static void
s_gather_all (const choice_t *self, uint8_t *row, unsigned except)
{
    for (size_t at = 0; at < self->count;) {
        unsigned pool = self->views[row[at]].pool;
        size_t size = s_gather (self, row, at);
        if (size > 1 && pool != except)
            s_take_turns (self, &row[at], size);
        at += size;
    }
}

//  ---- strategies

typedef void (strategy_fn) (const choice_t *self, uint8_t *row);

static void
s_by_priority (const choice_t *self, uint8_t *row)
{
    s_gather_all (self, row, 0);
}

//  The turn, or the conversation, has found its member of a pool already.
static void
s_by_turns (const choice_t *self, uint8_t *row)
{
    s_take_turns (self, row, self->count);
    s_gather_all (self, row, self->views[row[0]].pool);
}

static double
s_latency (const router_view_t *view)
{
    return (double) view->first_us;
}

static double
s_load (const router_view_t *view)
{
    return (double) view->under_way;
}

static double
s_price (const router_view_t *view)
{
    return view->price_nusd ? (double) view->price_nusd : (double) UINT64_MAX;
}

static void
s_by_least (const choice_t *self, uint8_t *row, double (*number) (const router_view_t *))
{
    double numbers[ROUTER_CHOICE_MAX];
    for (size_t i = 0; i < self->count; i++)
        numbers[i] = number (&self->views[i]);
    s_gather_all (self, row, 0);
    s_sort (row, self->count, numbers);
}

static void
s_by_latency (const choice_t *self, uint8_t *row)
{
    s_by_least (self, row, s_latency);
}

static void
s_by_load (const choice_t *self, uint8_t *row)
{
    s_by_least (self, row, s_load);
}

static void
s_by_price (const choice_t *self, uint8_t *row)
{
    s_by_least (self, row, s_price);
}

static const struct {
    const char *name;
    strategy_fn *fn;
} s_strategies[ROUTER_STRATEGIES] = {
    [ROUTER_PRIORITY] = { "priority", s_by_priority },
    [ROUTER_LOAD_BALANCE] = { "load_balance", s_by_turns },
    [ROUTER_LEAST_LATENCY] = { "least_latency", s_by_latency },
    [ROUTER_LEAST_BUSY] = { "least_busy", s_by_load },
    [ROUTER_CHEAPEST] = { "cheapest", s_by_price },
};

router_strategy_t
router_strategy_of (const char *name)
{
    for (int i = 0; i < ROUTER_STRATEGIES; i++)
        if (strcmp (s_strategies[i].name, name) == 0)
            return (router_strategy_t) i;
    return ROUTER_PRIORITY;
}

void
router_choose (router_strategy_t strategy, const router_view_t *views, size_t count,
               uint64_t turn, uint64_t affinity, uint8_t *ret_order)
{
    assert (count <= ROUTER_CHOICE_MAX);
    double ranks[ROUTER_CHOICE_MAX];
    choice_t choice = { views, count, turn, affinity };
    for (size_t i = 0; i < count; i++) {
        ret_order[i] = (uint8_t) i;
        ranks[i] = (views[i].fits ? 0 : 2) + (views[i].open ? 1 : 0);
    }
    s_strategies[strategy].fn (&choice, ret_order);
    s_sort (ret_order, count, ranks);
}

//  ---- whose turn it is

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
