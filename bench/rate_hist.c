//  rate_hist: a histogram of durations. Below 64 ns each has its bucket; above, each
//  power of two is cut into 64 steps.

#include "bench/rate_hist.h"

#define FINE_BITS 6
#define MOST_NS ((1ull << 48) - 1)

static unsigned
s_bucket (uint64_t ns)
{
    if (ns < RATE_HIST_FINE)
        return (unsigned) ns;
    unsigned shift = 63u - (unsigned) __builtin_clzll (ns) - FINE_BITS;
    return (shift + 1) * RATE_HIST_FINE + (unsigned) (ns >> shift) - RATE_HIST_FINE;
}

//  The largest duration of a bucket.
static uint64_t
s_top (unsigned bucket)
{
    if (bucket < RATE_HIST_FINE)
        return bucket;
    unsigned shift = bucket / RATE_HIST_FINE - 1;
    uint64_t step = bucket % RATE_HIST_FINE + RATE_HIST_FINE;
    return ((step + 1) << shift) - 1;
}

void
rate_hist_add (rate_hist_t *self, uint64_t ns)
{
    if (ns > MOST_NS)
        ns = MOST_NS;
    self->count++;
    self->sum_ns += ns;
    if (ns > self->most_ns)
        self->most_ns = ns;
    self->buckets[s_bucket (ns)]++;
}

uint64_t
rate_hist_at (const rate_hist_t *self, double share)
{
    double wanted = share * (double) self->count;
    uint64_t seen = 0;
    for (unsigned i = 0; i < RATE_HIST_BUCKETS && self->count; i++) {
        seen += self->buckets[i];
        if (seen && (double) seen >= wanted) {
            uint64_t top = s_top (i);
            return top < self->most_ns ? top : self->most_ns;
        }
    }
    return 0;
}
