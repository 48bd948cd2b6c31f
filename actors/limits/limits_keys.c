//  limits_keys: a table of chains that grows with what is in it, and a list in order of use
//  through it.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/limits/limits_keys.h"

#define CHAINS 4096    //  a power of two
#define EVICT_LOOKS 16 //  keys that are looked at to make room for another

struct _limits_keys_t {
    limits_key_t *chains[CHAINS];
    limits_key_t *oldest;
    limits_key_t *newest;
    size_t size;
};

limits_keys_t *
limits_keys_new (void)
{
    return BR_NEW (limits_keys_t);
}

void
limits_keys_destroy (limits_keys_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->oldest)
        limits_keys_forget (*self_p, (*self_p)->oldest);
    free (*self_p);
    *self_p = NULL;
}

static uint64_t
s_hash (const char *kind, const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    while (*kind)
        hash = (hash ^ (uint8_t) *kind++) * 0x100000001b3u;
    hash *= 0x100000001b3u;
    while (*name)
        hash = (hash ^ (uint8_t) *name++) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

limits_key_t *
limits_keys_find (const limits_keys_t *self, const char *kind, const char *name)
{
    uint64_t hash = s_hash (kind, name);
    limits_key_t *key = self->chains[hash & (CHAINS - 1)];
    for (; key; key = key->chain)
        if (key->hash == hash && strcmp (key->kind, kind) == 0
            && strcmp (key->name, name) == 0)
            return key;
    return NULL;
}

//  ---- order of use

static void
s_append (limits_keys_t *self, limits_key_t *key)
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
s_unlink (limits_keys_t *self, limits_key_t *key)
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

void
limits_keys_forget (limits_keys_t *self, limits_key_t *key)
{
    limits_key_t **link = &self->chains[key->hash & (CHAINS - 1)];
    while (*link != key)
        link = &(*link)->chain;
    *link = key->chain;
    s_unlink (self, key);
    self->size--;
    free (key->holders);
    free (key->kind);
    free (key->name);
    free (key);
}

limits_key_t *
limits_keys_newest (const limits_keys_t *self)
{
    return self->newest;
}

size_t
limits_keys_size (const limits_keys_t *self)
{
    return self->size;
}

//  ---- room

//  It says nothing that a new one would not say too.
static bool
s_is_full (limits_key_t *key, uint64_t now_us)
{
    return key->slots == 0 && limits_bucket_reset_ms (&key->requests, now_us) == 0
           && limits_bucket_reset_ms (&key->tokens, now_us) == 0;
}

static void
s_make_room (limits_keys_t *self, uint64_t now_us)
{
    limits_key_t *key = self->oldest;
    for (int i = 0; key && i < EVICT_LOOKS; i++) {
        if (s_is_full (key, now_us)) {
            limits_keys_forget (self, key);
            return;
        }
        key = key->newer;
    }
}

static limits_key_t *
s_add (limits_keys_t *self, const char *kind, const char *name, uint64_t now_us)
{
    if (self->size == LIMITS_KEYS_MAX)
        s_make_room (self, now_us);
    if (self->size == LIMITS_KEYS_MAX)
        return NULL;
    limits_key_t *key = BR_NEW (limits_key_t);
    key->kind = br_strdup (kind);
    key->name = br_strdup (name);
    key->hash = s_hash (kind, name);
    key->chain = self->chains[key->hash & (CHAINS - 1)];
    self->chains[key->hash & (CHAINS - 1)] = key;
    s_append (self, key);
    self->size++;
    return key;
}

limits_key_t *
limits_keys_get (limits_keys_t *self, const char *kind, const char *name,
                 const limits_rule_t *rule, uint64_t now_us)
{
    limits_key_t *key = limits_keys_find (self, kind, name);
    if (key) {
        s_unlink (self, key);
        s_append (self, key);
        return key;
    }
    key = s_add (self, kind, name, now_us);
    if (key)
        limits_key_set (key, rule, now_us);
    return key;
}

void
limits_key_set (limits_key_t *self, const limits_rule_t *rule, uint64_t now_us)
{
    limits_bucket_set (&self->requests, rule->requests, now_us);
    limits_bucket_set (&self->tokens, rule->tokens, now_us);
    self->concurrency = rule->concurrency;
}

//  ---- slots

static limits_holder_t *
s_holder (limits_key_t *self, br_addr_t addr)
{
    for (size_t i = 0; i < self->holders_size; i++)
        if (br_addr_is (self->holders[i].addr, addr))
            return &self->holders[i];
    return NULL;
}

int
limits_key_hold (limits_key_t *self, br_addr_t addr, uint64_t slots)
{
    limits_holder_t *holder = s_holder (self, addr);
    if (!slots)
        return 0;
    if (!holder && self->holders_size == LIMITS_HOLDERS_MAX)
        return -1;
    if (!holder && self->holders_size == self->holders_room) {
        self->holders_room = self->holders_room ? self->holders_room * 2 : 4;
        self->holders = br_realloc (self->holders,
                                    self->holders_room * sizeof (limits_holder_t));
    }
    if (!holder) {
        holder = &self->holders[self->holders_size++];
        *holder = (limits_holder_t) { .addr = addr };
    }
    holder->slots += slots;
    self->slots += slots;
    return 0;
}

static void
s_drop (limits_key_t *self, limits_holder_t *holder)
{
    self->slots -= holder->slots;
    *holder = self->holders[--self->holders_size];
}

void
limits_key_release (limits_key_t *self, br_addr_t addr, uint64_t slots)
{
    limits_holder_t *holder = s_holder (self, addr);
    if (!holder)
        return;
    if (slots >= holder->slots) {
        s_drop (self, holder);
        return;
    }
    holder->slots -= slots;
    self->slots -= slots;
}

void
limits_key_gone (limits_key_t *self, uint32_t host, uint32_t life)
{
    for (size_t i = self->holders_size; i > 0; i--) {
        limits_holder_t *holder = &self->holders[i - 1];
        if (holder->addr.host == host && holder->addr.life == life)
            s_drop (self, holder);
    }
}
