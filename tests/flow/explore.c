//  explore: a stack of choices.

#include <stdio.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "tests/flow/explore.h"

#define FORK 10 //  choices that decide to which part an order belongs

typedef struct {
    uint64_t events; //  that can happen here
    uint64_t asleep; //  of them: those that were run elsewhere
    uint64_t done;   //  of them: those that were run here
    net_event_t event;
} choice_t;

struct _explore_t {
    const net_conf_t *conf;
    explore_part_t part;
    choice_t choices[EXPLORE_DEPTH];
    size_t size;
    bool begun;
};

explore_part_t
explore_part (void)
{
    explore_part_t part = { 0, 1 };
    const char *text = getenv ("BR_FLOW_PART");
    if (!text || !*text)
        return part;
    if (sscanf (text, "%u/%u", &part.turn, &part.count) != 2 || part.turn >= part.count) {
        fprintf (stderr, "BR_FLOW_PART is %s, and not like 0/8\n", text);
        exit (2);
    }
    return part;
}

explore_t *
explore_new (const net_conf_t *conf, explore_part_t part)
{
    explore_t *self = BR_NEW (explore_t);
    self->conf = conf;
    self->part = part;
    return self;
}

void
explore_destroy (explore_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free (*self_p);
    *self_p = NULL;
}

static net_t *
s_begin (const net_conf_t *conf)
{
    net_t *net = net_new (conf);
    for (unsigned i = 0; i < conf->clients; i++)
        net_do (net, NET_ASK (i));
    return net;
}

//  What need not be run behind the last choice, since it was run in front of it.
static uint64_t
s_asleep (const explore_t *self)
{
    if (!self->size)
        return 0;
    const choice_t *last = &self->choices[self->size - 1];
    uint64_t asleep = 0;
    for (net_event_t event = 0; event < NET_EVENTS; event++)
        if (((last->asleep | last->done) >> event & 1)
            && !net_is_dependent (event, last->event))
            asleep |= UINT64_C (1) << event;
    return asleep;
}

//  Moves on to the next choice that was not made. False when all were.
static bool
s_turn_back (explore_t *self)
{
    for (; self->size; self->size--) {
        choice_t *last = &self->choices[self->size - 1];
        last->done |= UINT64_C (1) << last->event;
        uint64_t open = last->events & ~last->asleep & ~last->done;
        if (!open)
            continue;
        last->event = (net_event_t) __builtin_ctzll (open);
        return true;
    }
    return false;
}

//  FNV-1a over the first choices. Orders that end before them belong to all parts.
static bool
s_is_of_part (const explore_t *self)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < FORK; i++)
        hash = (hash ^ self->choices[i].event) * 16777619u;
    return (hash >> 8) % self->part.count == self->part.turn;
}

//  NULL when the order belongs to another part.
static net_t *
s_play (explore_t *self, bool *ret_twin)
{
    net_t *net = s_begin (self->conf);
    *ret_twin = false;
    for (size_t i = 0; i < self->size; i++)
        net_do (net, self->choices[i].event);
    while (self->size < EXPLORE_DEPTH) {
        if (self->size == FORK && !s_is_of_part (self)) {
            net_destroy (&net);
            break;
        }
        choice_t choice = { .events = net_events (net), .asleep = s_asleep (self) };
        uint64_t open = choice.events & ~choice.asleep;
        if (!open) {
            *ret_twin = choice.events != 0;
            break;
        }
        choice.event = (net_event_t) __builtin_ctzll (open);
        self->choices[self->size++] = choice;
        net_do (net, choice.event);
    }
    return net;
}

net_t *
explore_next (explore_t *self, bool *ret_twin)
{
    net_t *net = NULL;
    while (!net && (!self->begun || s_turn_back (self))) {
        self->begun = true;
        net = s_play (self, ret_twin);
    }
    return net;
}

net_t *
explore_again (const explore_t *self, const net_conf_t *loud)
{
    net_t *net = s_begin (loud);
    for (size_t i = 0; i < self->size; i++)
        net_do (net, self->choices[i].event);
    return net;
}

void
explore_print (const explore_t *self, br_buf_t *buf)
{
    for (size_t i = 0; i < self->size; i++)
        br_buf_addf (buf, "%s%u", i ? " " : "", self->choices[i].event);
}
