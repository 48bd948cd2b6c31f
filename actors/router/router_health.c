//  router_health: how often each endpoint answered and failed. There are few endpoints, so
//  that a list with a hash in front of the names is quick enough.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "actors/router/router_health.h"

#define JSON_MAX (1u << 20) //  bytes of an answer

typedef struct {
    uint64_t hash; //  of both names
    char *provider;
    char *endpoint;
    uint64_t ok;
    uint64_t fail;
} row_t;

struct _router_health_t {
    row_t *rows;
    size_t size;
    size_t room;
};

router_health_t *
router_health_new (void)
{
    return BR_NEW (router_health_t);
}

void
router_health_destroy (router_health_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    router_health_t *self = *self_p;
    for (size_t i = 0; i < self->size; i++) {
        free (self->rows[i].provider);
        free (self->rows[i].endpoint);
    }
    free (self->rows);
    free (self);
    *self_p = NULL;
}

static uint64_t
s_hash (const char *provider, const char *endpoint)
{
    uint64_t hash = 0xcbf29ce484222325u;
    while (*provider)
        hash = (hash ^ (uint8_t) *provider++) * 0x100000001b3u;
    hash *= 0x100000001b3u;
    while (*endpoint)
        hash = (hash ^ (uint8_t) *endpoint++) * 0x100000001b3u;
    return hash;
}

static row_t *
s_add (router_health_t *self, uint64_t hash, const char *provider, const char *endpoint)
{
    if (self->size == ROUTER_ENDPOINTS_MAX)
        return NULL;
    if (self->size == self->room) {
        self->room = self->room ? self->room * 2 : 16;
        self->rows = br_realloc (self->rows, self->room * sizeof (row_t));
    }
    row_t *row = &self->rows[self->size++];
    *row = (row_t) { .hash = hash };
    row->provider = br_strdup (provider);
    row->endpoint = br_strdup (endpoint);
    return row;
}

static row_t *
s_row (router_health_t *self, const char *provider, const char *endpoint)
{
    uint64_t hash = s_hash (provider, endpoint);
    for (size_t i = 0; i < self->size; i++) {
        row_t *row = &self->rows[i];
        if (row->hash == hash && strcmp (row->provider, provider) == 0
            && strcmp (row->endpoint, endpoint) == 0)
            return row;
    }
    return s_add (self, hash, provider, endpoint);
}

void
router_health_note (router_health_t *self, const char *provider, const char *endpoint,
                    bool ok)
{
    row_t *row = s_row (self, provider, endpoint);
    if (row && ok)
        row->ok++;
    else if (row)
        row->fail++;
}

char *
router_health_json (const router_health_t *self)
{
    br_buf_t out;
    br_buf_init (&out, JSON_MAX);
    br_buf_addc (&out, '[');
    for (size_t i = 0; i < self->size; i++) {
        const row_t *row = &self->rows[i];
        size_t before = out.size;
        br_buf_adds (&out, i ? ",{\"provider\":" : "{\"provider\":");
        br_buf_add_json (&out, row->provider, strlen (row->provider));
        br_buf_adds (&out, ",\"endpoint\":");
        br_buf_add_json (&out, row->endpoint, strlen (row->endpoint));
        br_buf_addf (&out, ",\"ok\":%llu,\"fail\":%llu}", (unsigned long long) row->ok,
                     (unsigned long long) row->fail);
        if (out.overflow || out.size > JSON_MAX - 2) {
            out.size = before;
            out.overflow = false;
            break;
        }
    }
    br_buf_addc (&out, ']');
    char *json = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return json;
}
