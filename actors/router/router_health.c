//  router_health: counts of endpoints.

#include <stdbool.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "actors/router/router_endpoints.h"
#include "actors/router/router_health.h"

#define MEAN_SHARE 8      //  a new time counts one part in so many
#define OLD_US 300000000u //  five minutes: then it is time to measure again

struct _router_health_t {
    router_health_row_t rows[ROUTER_ENDPOINTS_MAX];
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
    free (*self_p);
    *self_p = NULL;
}

void
router_health_start (router_health_t *self, unsigned endpoint)
{
    if (endpoint < ROUTER_ENDPOINTS_MAX)
        self->rows[endpoint].under_way++;
}

static void
s_measure (router_health_row_t *row, uint64_t first_us, uint64_t now_us)
{
    uint64_t mean = row->first_us;
    bool is_old = now_us - row->measured_us > OLD_US;
    row->first_us = mean && !is_old ? (mean * (MEAN_SHARE - 1) + first_us) / MEAN_SHARE
                                    : first_us;
    row->measured_us = now_us;
}

void
router_health_end (router_health_t *self, unsigned endpoint, router_health_end_t end,
                   uint64_t first_us, uint64_t now_us)
{
    if (endpoint >= ROUTER_ENDPOINTS_MAX)
        return;
    router_health_row_t *row = &self->rows[endpoint];
    if (row->under_way)
        row->under_way--;
    if (end == ROUTER_HEALTH_GOOD)
        row->ok++;
    else if (end == ROUTER_HEALTH_BAD)
        row->fail++;
    if (first_us)
        s_measure (row, first_us, now_us);
}

router_health_row_t
router_health_row (const router_health_t *self, unsigned endpoint)
{
    return endpoint < ROUTER_ENDPOINTS_MAX ? self->rows[endpoint]
                                           : (router_health_row_t) { .ok = 0 };
}

uint64_t
router_health_first_us (const router_health_t *self, unsigned endpoint, uint64_t now_us)
{
    if (endpoint >= ROUTER_ENDPOINTS_MAX)
        return 0;
    const router_health_row_t *row = &self->rows[endpoint];
    return now_us - row->measured_us <= OLD_US ? row->first_us : 0;
}
