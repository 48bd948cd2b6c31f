//  quota_keys: a table of chains with a list in order of use through it. Each key has a
//  place of its own, by which an answer finds it.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/quota_keys.h"

#define CHAINS 1024 //  a power of two

struct _quota_keys_t {
    quota_key_t *chains[CHAINS];
    quota_key_t *places[QUOTA_KEYS_MAX];
    size_t free[QUOTA_KEYS_MAX]; //  places that are, a stack
    size_t free_size;
    quota_key_t *oldest;
    quota_key_t *newest;
};

quota_keys_t *
quota_keys_new (void)
{
    quota_keys_t *self = BR_NEW (quota_keys_t);
    for (size_t i = QUOTA_KEYS_MAX; i > 0; i--)
        self->free[self->free_size++] = i - 1;
    return self;
}

void
quota_keys_destroy (quota_keys_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->oldest)
        quota_keys_forget (*self_p, (*self_p)->oldest);
    free (*self_p);
    *self_p = NULL;
}

static uint64_t
s_hash (quota_kind_t kind, const char *name)
{
    uint64_t hash = (0xcbf29ce484222325u ^ kind) * 0x100000001b3u;
    for (size_t i = 0; i < QUOTA_KEY_MAX && name[i]; i++)
        hash = (hash ^ (uint8_t) name[i]) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

quota_key_t *
quota_keys_find (const quota_keys_t *self, quota_kind_t kind, const char *name)
{
    uint64_t hash = s_hash (kind, name);
    quota_key_t *key = self->chains[hash & (CHAINS - 1)];
    for (; key; key = key->chain)
        if (key->hash == hash && key->kind == kind
            && strncmp (key->name, name, QUOTA_KEY_MAX) == 0)
            return key;
    return NULL;
}

//  ---- order of use

static void
s_append (quota_keys_t *self, quota_key_t *key)
{
    key->newer = NULL;
    key->older = self->newest;
    if (self->newest)
        self->newest->newer = key;
    else
        self->oldest = key;
    self->newest = key;
}

static void
s_unlink (quota_keys_t *self, quota_key_t *key)
{
    if (key->older)
        key->older->newer = key->newer;
    else
        self->oldest = key->newer;
    if (key->newer)
        key->newer->older = key->older;
    else
        self->newest = key->older;
}

quota_key_t *
quota_keys_add (quota_keys_t *self, quota_kind_t kind, const char *name)
{
    if (!self->free_size)
        return NULL;
    quota_key_t *key = BR_NEW (quota_key_t);
    key->kind = kind;
    key->name = br_strndup (name, QUOTA_KEY_MAX);
    key->hash = s_hash (kind, name);
    key->index = self->free[--self->free_size];
    key->what = "";
    self->places[key->index] = key;
    key->chain = self->chains[key->hash & (CHAINS - 1)];
    self->chains[key->hash & (CHAINS - 1)] = key;
    s_append (self, key);
    return key;
}

void
quota_keys_use (quota_keys_t *self, quota_key_t *key, uint64_t now_us)
{
    key->used_us = now_us;
    if (self->newest == key)
        return;
    s_unlink (self, key);
    s_append (self, key);
}

quota_key_t *
quota_keys_oldest (const quota_keys_t *self)
{
    return self->oldest;
}

quota_key_t *
quota_keys_at (const quota_keys_t *self, size_t index)
{
    return self->places[index];
}

void
quota_keys_forget (quota_keys_t *self, quota_key_t *key)
{
    quota_key_t **link = &self->chains[key->hash & (CHAINS - 1)];
    while (*link != key)
        link = &(*link)->chain;
    *link = key->chain;
    s_unlink (self, key);
    self->places[key->index] = NULL;
    self->free[self->free_size++] = key->index;
    free (key->name);
    free (key);
}

size_t
quota_keys_size (const quota_keys_t *self)
{
    return QUOTA_KEYS_MAX - self->free_size;
}

//  ---- who waits

void
quota_key_join (quota_key_t *self, quota_taker_t *taker)
{
    taker->key = self;
    taker->next = NULL;
    taker->before = self->last;
    if (self->last)
        self->last->next = taker;
    else
        self->first = taker;
    self->last = taker;
}

void
quota_key_part (quota_taker_t *taker)
{
    quota_key_t *key = taker->key;
    if (taker->before)
        taker->before->next = taker->next;
    else
        key->first = taker->next;
    if (taker->next)
        taker->next->before = taker->before;
    else
        key->last = taker->before;
}

//  ---- arithmetic of a lease

static uint64_t
s_lack (uint64_t hand, uint64_t want)
{
    return hand < QUOTA_FREE && want > hand ? want - hand : 0;
}

quota_amount_t
quota_key_lacks (const quota_key_t *self, const quota_amount_t *want)
{
    quota_amount_t lacks = { .requests = s_lack (self->hand.requests, want->requests) };
    lacks.tokens = s_lack (self->hand.tokens, want->tokens);
    lacks.slots = s_lack (self->hand.slots, want->slots);
    return lacks;
}

bool
quota_amount_is_none (const quota_amount_t *amount)
{
    return !amount->requests && !amount->tokens && !amount->slots;
}

static uint64_t
s_take (uint64_t *hand, uint64_t want)
{
    if (*hand >= QUOTA_FREE)
        return 0;
    *hand -= want;
    return want;
}

quota_amount_t
quota_key_take (quota_key_t *self, const quota_amount_t *want)
{
    quota_amount_t taken = { .requests = s_take (&self->hand.requests, want->requests) };
    taken.tokens = s_take (&self->hand.tokens, want->tokens);
    taken.slots = s_take (&self->hand.slots, want->slots);
    self->out += taken.slots;
    if (self->spare > self->hand.slots)
        self->spare = self->hand.slots;
    return taken;
}

static uint64_t
s_sum (uint64_t a, uint64_t b)
{
    return a < QUOTA_FREE && b < QUOTA_FREE && a + b < QUOTA_FREE ? a + b : QUOTA_FREE;
}

//  What was not limited may be so now.
static void
s_grant (uint64_t *hand, uint64_t amount)
{
    *hand = *hand >= QUOTA_FREE ? s_sum (0, amount) : s_sum (*hand, amount);
}

void
quota_key_grant (quota_key_t *self, const quota_amount_t *amount)
{
    s_grant (&self->hand.requests, amount->requests);
    s_grant (&self->hand.tokens, amount->tokens);
    s_grant (&self->hand.slots, amount->slots);
}

void
quota_key_put (quota_key_t *self, const quota_amount_t *amount)
{
    uint64_t slots = amount->slots < self->out ? amount->slots : self->out;
    self->out -= slots;
    self->hand.requests = s_sum (self->hand.requests, amount->requests);
    self->hand.tokens = s_sum (self->hand.tokens, amount->tokens);
    self->hand.slots = s_sum (self->hand.slots, slots);
}

void
quota_key_stale (quota_key_t *self)
{
    uint64_t *hands[] = { &self->hand.requests, &self->hand.tokens, &self->hand.slots };
    self->told = false;
    for (size_t i = 0; i < sizeof hands / sizeof *hands; i++)
        if (*hands[i] >= QUOTA_FREE)
            *hands[i] = 0;
}

void
quota_key_own (quota_key_t *self, const quota_own_t *own, uint64_t number)
{
    if (self->own.requests == own->requests && self->own.tokens == own->tokens
        && self->own.slots == own->slots)
        return;
    self->own = *own;
    self->changed = number;
    self->refused_us = 0;
    quota_key_stale (self);
}

void
quota_key_renew (quota_key_t *self, uint64_t owner)
{
    if (self->owner == owner)
        return;
    self->owner = owner;
    self->hand = (quota_amount_t) { .requests = 0 };
    self->out = 0;
    self->spare = 0;
    self->over = 0;
    self->told = false;
    self->asked = false;
    self->refused_us = 0;
}
