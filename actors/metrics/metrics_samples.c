//  metrics_samples: a list, and the choice of a rank in it.

#include <stdlib.h>
#include <string.h>

#include "actors/metrics/metrics_samples.h"
#include "broker/core/alloc.h"

#define ROOM_FIRST 64

void
metrics_samples_free (metrics_samples_t *self)
{
    free (self->ms);
    *self = (metrics_samples_t) { .ms = NULL };
}

void
metrics_samples_add (metrics_samples_t *self, uint64_t ms)
{
    if (self->size == METRICS_SAMPLES_MAX) {
        size_t half = METRICS_SAMPLES_MAX / 2;
        memmove (self->ms, self->ms + half, (self->size - half) * sizeof *self->ms);
        self->size -= half;
    }
    if (self->size == self->room) {
        self->room = self->room ? self->room * 2 : ROOM_FIRST;
        self->ms = br_realloc (self->ms, self->room * sizeof *self->ms);
    }
    self->ms[self->size++] = ms < UINT32_MAX ? (uint32_t) ms : UINT32_MAX;
}

//  Hoare's selection: what is at `rank` when the list is in order. It is put into another
//  order on the way.
static uint32_t
s_select (uint32_t *list, size_t size, size_t rank)
{
    size_t from = 0;
    size_t to = size - 1;
    while (from < to) {
        uint32_t pivot = list[from + (to - from) / 2];
        size_t low = from;
        size_t high = to;
        for (;;) {
            while (list[low] < pivot)
                low++;
            while (list[high] > pivot)
                high--;
            if (low >= high)
                break;
            uint32_t swapped = list[low];
            list[low++] = list[high];
            list[high--] = swapped;
        }
        if (rank <= high)
            to = high;
        else
            from = high + 1;
    }
    return list[rank];
}

uint64_t
metrics_samples_percentile (const metrics_samples_t *self, unsigned percent)
{
    uint32_t *list = br_alloc (self->size, sizeof *list);
    memcpy (list, self->ms, self->size * sizeof *list);
    size_t rank = (self->size * percent + 99) / 100;
    uint64_t ms = s_select (list, self->size, rank ? rank - 1 : 0);
    free (list);
    return ms;
}
