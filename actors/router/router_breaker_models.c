//  router_breaker_models: a table of chains, and a list in order of age through it.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/router/router_breaker_models.h"

#define CHAINS 256 //  a power of two

struct _router_breaker_models_t {
    router_breaker_model_t *chains[CHAINS];
    router_breaker_model_t *oldest;
    router_breaker_model_t *newest;
    size_t size;
};

router_breaker_models_t *
router_breaker_models_new (void)
{
    return BR_NEW (router_breaker_models_t);
}

void
router_breaker_models_destroy (router_breaker_models_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->oldest)
        router_breaker_models_forget (*self_p, (*self_p)->oldest);
    free (*self_p);
    *self_p = NULL;
}

//  FNV-1a
static uint64_t
s_hash (unsigned endpoint, const char *name)
{
    uint64_t hash = (0xcbf29ce484222325u ^ endpoint) * 0x100000001b3u;
    while (*name)
        hash = (hash ^ (uint8_t) *name++) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

router_breaker_model_t *
router_breaker_models_find (const router_breaker_models_t *self, unsigned endpoint,
                            const char *name)
{
    if (!self->size)
        return NULL;
    uint64_t hash = s_hash (endpoint, name);
    router_breaker_model_t *model = self->chains[hash & (CHAINS - 1)];
    for (; model; model = model->chain)
        if (model->hash == hash && model->endpoint == endpoint
            && strcmp (model->name, name) == 0)
            return model;
    return NULL;
}

//  The oldest one in use: few are out of use.
static void
s_make_room (router_breaker_models_t *self)
{
    router_breaker_model_t *model = self->oldest;
    while (model && model->row.state != BR_BREAKER_CLOSED)
        model = model->newer;
    if (model)
        router_breaker_models_forget (self, model);
}

router_breaker_model_t *
router_breaker_models_get (router_breaker_models_t *self, unsigned endpoint,
                           const char *name)
{
    router_breaker_model_t *model = router_breaker_models_find (self, endpoint, name);
    if (model)
        return model;
    if (self->size == ROUTER_BREAKER_MODELS_MAX)
        s_make_room (self);
    if (self->size == ROUTER_BREAKER_MODELS_MAX)
        return NULL;
    model = BR_NEW (router_breaker_model_t);
    model->endpoint = endpoint;
    model->name = br_strdup (name);
    model->hash = s_hash (endpoint, name);
    model->chain = self->chains[model->hash & (CHAINS - 1)];
    self->chains[model->hash & (CHAINS - 1)] = model;
    model->older = self->newest;
    if (self->newest)
        self->newest->newer = model;
    else
        self->oldest = model;
    self->newest = model;
    self->size++;
    return model;
}

router_breaker_model_t *
router_breaker_models_newest (const router_breaker_models_t *self)
{
    return self->newest;
}

void
router_breaker_models_forget (router_breaker_models_t *self,
                              router_breaker_model_t *model)
{
    router_breaker_model_t **link = &self->chains[model->hash & (CHAINS - 1)];
    while (*link != model)
        link = &(*link)->chain;
    *link = model->chain;
    if (model->older)
        model->older->newer = model->newer;
    else
        self->oldest = model->newer;
    if (model->newer)
        model->newer->older = model->older;
    else
        self->newest = model->older;
    self->size--;
    free (model->name);
    free (model);
}

size_t
router_breaker_models_size (const router_breaker_models_t *self)
{
    return self->size;
}
