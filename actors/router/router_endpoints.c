//  router_endpoints: an open hash table of names.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/router/router_endpoints.h"

#define SLOTS (2 * ROUTER_ENDPOINTS_MAX) //  a power of two

typedef struct {
    uint64_t hash; //  of both names
    char *provider;
    char *name;
} row_t;

struct _router_endpoints_t {
    row_t rows[ROUTER_ENDPOINTS_MAX];
    unsigned size;
    uint16_t slots[SLOTS]; //  number plus one; 0 = free
};

router_endpoints_t *
router_endpoints_new (void)
{
    return BR_NEW (router_endpoints_t);
}

void
router_endpoints_destroy (router_endpoints_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    router_endpoints_t *self = *self_p;
    for (unsigned i = 0; i < self->size; i++) {
        free (self->rows[i].provider);
        free (self->rows[i].name);
    }
    free (self);
    *self_p = NULL;
}

//  FNV-1a of both names, with a mark between them.
static uint64_t
s_hash (const char *provider, const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    while (*provider)
        hash = (hash ^ (uint8_t) *provider++) * 0x100000001b3u;
    hash *= 0x100000001b3u;
    while (*name)
        hash = (hash ^ (uint8_t) *name++) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

unsigned
router_endpoints_number (router_endpoints_t *self, const char *provider, const char *name)
{
    uint64_t hash = s_hash (provider, name);
    size_t slot = hash & (SLOTS - 1);
    for (; self->slots[slot]; slot = (slot + 1) & (SLOTS - 1)) {
        const row_t *row = &self->rows[self->slots[slot] - 1];
        if (row->hash == hash && strcmp (row->provider, provider) == 0
            && strcmp (row->name, name) == 0)
            return self->slots[slot] - 1u;
    }
    if (self->size == ROUTER_ENDPOINTS_MAX)
        return ROUTER_ENDPOINTS_MAX;
    self->rows[self->size] = (row_t) { hash, br_strdup (provider), br_strdup (name) };
    self->slots[slot] = (uint16_t) ++self->size;
    return self->size - 1;
}

unsigned
router_endpoints_size (const router_endpoints_t *self)
{
    return self->size;
}

const char *
router_endpoints_provider (const router_endpoints_t *self, unsigned number)
{
    return self->rows[number].provider;
}

const char *
router_endpoints_name (const router_endpoints_t *self, unsigned number)
{
    return self->rows[number].name;
}
