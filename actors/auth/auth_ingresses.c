//  auth_ingresses: a list of those that were told, and a look at the directory now and then.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "actors/auth/auth_ingresses.h"

#define SOON_LOOKS 20 //  that are made soon after the start

struct _auth_ingresses_t {
    br_ctx_t *ctx;
    br_addr_t told[AUTH_INGRESSES_MAX];
    size_t size;
    unsigned looks; //  so far, up to SOON_LOOKS
    br_timer_t look;
};

auth_ingresses_t *
auth_ingresses_new (br_ctx_t *ctx)
{
    auth_ingresses_t *self = BR_NEW (auth_ingresses_t);
    self->ctx = ctx;
    return self;
}

void
auth_ingresses_destroy (auth_ingresses_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_timer_cancel (br_ctx_loop ((*self_p)->ctx), &(*self_p)->look);
    free (*self_p);
    *self_p = NULL;
}

static bool
s_is_told (const auth_ingresses_t *self, br_addr_t ingress)
{
    for (size_t i = 0; i < self->size; i++)
        if (br_addr_is (self->told[i], ingress))
            return true;
    return false;
}

//  -1 when its link is not up yet.
static int
s_tell (auth_ingresses_t *self, br_addr_t ingress)
{
    if (s_is_told (self, ingress) || self->size == AUTH_INGRESSES_MAX)
        return 0;
    if (br_ctx_send (self->ctx, ingress, BR_AUTH_CHANGED, (br_id_t) { 0, 0 }, 0, NULL,
                     NULL))
        return -1;
    self->told[self->size++] = ingress;
    return 0;
}

static void
s_on_look (void *arg)
{
    auth_ingresses_t *self = arg;
    br_addr_t *all = br_alloc (AUTH_INGRESSES_MAX, sizeof *all);
    size_t count = br_ctx_peers (self->ctx, BR_ROLE_INGRESS, all, AUTH_INGRESSES_MAX);
    bool is_soon = self->looks < SOON_LOOKS;
    for (size_t i = 0; i < count; i++)
        is_soon |= s_tell (self, all[i]) != 0;
    free (all);
    self->looks += self->looks < SOON_LOOKS;
    br_timer_set (br_ctx_loop (self->ctx), &self->look,
                  is_soon ? AUTH_LOOK_SOON_MS : AUTH_LOOK_MS, s_on_look, self);
}

void
auth_ingresses_tell (auth_ingresses_t *self)
{
    size_t size = self->size;
    self->size = 0;
    for (size_t i = 0; i < size; i++) //  some may not be in the directory
        (void) s_tell (self, self->told[i]);
    s_on_look (self);
}

void
auth_ingresses_know (auth_ingresses_t *self, br_addr_t ingress)
{
    (void) s_tell (self, ingress);
}

void
auth_ingresses_gone (auth_ingresses_t *self, uint32_t host, uint32_t life)
{
    for (size_t i = self->size; i > 0; i--)
        if (self->told[i - 1].host == host && self->told[i - 1].life == life)
            self->told[i - 1] = self->told[--self->size];
}

size_t
auth_ingresses_size (const auth_ingresses_t *self)
{
    return self->size;
}
