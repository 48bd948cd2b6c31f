//  router_order: the candidates of a call in the order in which they are tried.

#include <string.h>

#include "actors/router/router_order.h"
#include "actors/router/router_rendezvous.h"

static bool
s_fits (const struct br_call_open *open, const br_candidate_t *row)
{
    return (row->lacks & open->needs) == 0
           && (!row->context || row->context >= open->input_tokens);
}

static router_view_t
s_view (const router_order_t *self, const struct br_call_open *open,
        const br_candidate_t *row, unsigned endpoint)
{
    router_view_t view = { .weight = row->weight, .pool = row->pool };
    view.fits = s_fits (open, row);
    view.open = router_breaker_is_open (self->breaker, endpoint, row->model);
    view.first_us = router_health_first_us (self->health, endpoint, self->now_us);
    view.under_way = router_health_row (self->health, endpoint).under_way;
    view.price_nusd = row->price_nusd;
    if (self->affinity && open->affinity)
        view.name = router_rendezvous_name (row->provider, row->endpoint, row->model);
    return view;
}

//  Only where turns are taken, so that calls of other kinds do not use them up.
static uint64_t
s_turn (const router_order_t *self, const struct br_call_open *open,
        router_strategy_t strategy, const br_candidate_t *rows, size_t count)
{
    bool takes_turns = strategy == ROUTER_LOAD_BALANCE;
    for (size_t i = 0; i < count; i++)
        takes_turns |= rows[i].pool != 0;
    return takes_turns ? router_turns_next (self->turns, open->model) : 0;
}

//  The call would ask those in front of the first one that is in use, if they were: one
//  whose time has passed may be tried.
//  in:   order, as if all were in use
static void
s_want (const router_order_t *self, const br_candidate_t *rows, const unsigned *endpoints,
        const uint8_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        unsigned endpoint = endpoints[order[i]];
        const char *model = rows[order[i]].model;
        if (!router_breaker_is_open (self->breaker, endpoint, model)
            || router_breaker_want (self->breaker, endpoint, model))
            return;
    }
}

//  Writes the order, and as it would be if all were in use.
static void
s_choose (const router_order_t *self, const struct br_call_open *open,
          const br_candidate_t *rows, router_view_t *views, size_t count,
          uint8_t *ret_order, uint8_t *ret_wish)
{
    router_strategy_t strategy = router_strategy_of (open->strategy);
    uint64_t turn = s_turn (self, open, strategy, rows, count);
    uint64_t affinity = self->affinity ? open->affinity : 0;
    bool any_open = false;
    router_choose (strategy, views, count, turn, affinity, ret_order);
    for (size_t i = 0; i < count; i++) {
        any_open |= views[i].open;
        views[i].open = false;
    }
    if (any_open)
        router_choose (strategy, views, count, turn, affinity, ret_wish);
    else
        memcpy (ret_wish, ret_order, count);
}

void
router_order (const router_order_t *self, const struct br_call_open *open,
              const br_candidate_t *rows, size_t count, br_candidate_t *ret_rows,
              uint16_t *ret_endpoints)
{
    uint8_t order[BR_CANDIDATES_MAX] = { 0 };
    uint8_t wish[BR_CANDIDATES_MAX] = { 0 };
    unsigned endpoints[BR_CANDIDATES_MAX] = { 0 };
    router_view_t views[BR_CANDIDATES_MAX];
    for (size_t i = 0; i < count; i++) {
        endpoints[i] = router_endpoints_number (self->endpoints, rows[i].provider,
                                                rows[i].endpoint);
        if (count > 1)
            views[i] = s_view (self, open, &rows[i], endpoints[i]);
    }
    if (count > 1)
        s_choose (self, open, rows, views, count, order, wish);
    s_want (self, rows, endpoints, wish, count);
    for (size_t i = 0; i < count; i++) {
        ret_rows[i] = rows[order[i]];
        ret_endpoints[i] = (uint16_t) endpoints[order[i]];
    }
}
