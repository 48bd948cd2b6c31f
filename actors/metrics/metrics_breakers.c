//  metrics_breakers: a list by names.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/metrics/metrics_breakers.h"
#include "broker/core/alloc.h"
#include "broker/core/failure.h"

void
metrics_breakers_free (metrics_breakers_t *self)
{
    free (self->rows);
    *self = (metrics_breakers_t) { .rows = NULL };
}

static bool
s_is (const char *kept, const char *name)
{
    return strncmp (kept, name, METRICS_BREAKER_NAME - 1) == 0;
}

static metrics_breaker_t *
s_find (metrics_breakers_t *self, const struct br_breaker_state *state)
{
    for (size_t i = 0; i < self->size; i++) {
        metrics_breaker_t *row = &self->rows[i];
        if (s_is (row->provider, state->provider) && s_is (row->endpoint, state->endpoint)
            && s_is (row->model, state->model))
            return row;
    }
    return NULL;
}

static metrics_breaker_t *
s_make (metrics_breakers_t *self, const struct br_breaker_state *state)
{
    if (self->size == METRICS_BREAKERS_MAX || state->state == BR_BREAKER_CLOSED)
        return NULL;
    self->rows = br_realloc (self->rows, (self->size + 1) * sizeof *self->rows);
    metrics_breaker_t *row = &self->rows[self->size++];
    *row = (metrics_breaker_t) { .state = BR_BREAKER_CLOSED };
    snprintf (row->provider, sizeof row->provider, "%s", state->provider);
    snprintf (row->endpoint, sizeof row->endpoint, "%s", state->endpoint);
    snprintf (row->model, sizeof row->model, "%s", state->model);
    return row;
}

void
metrics_breakers_set (metrics_breakers_t *self, const struct br_breaker_state *state)
{
    metrics_breaker_t *row = s_find (self, state);
    if (!row)
        row = s_make (self, state);
    if (!row || state->version < row->version)
        return;
    row->state = (unsigned) state->state;
    row->version = state->version;
}

void
metrics_breakers_reset (metrics_breakers_t *self)
{
    for (size_t i = 0; i < self->size; i++) {
        self->rows[i].state = BR_BREAKER_CLOSED;
        self->rows[i].version = 0;
    }
}
