//  rate_hist: a histogram of durations with a fixed relative error, below 1.6 %.

#ifndef RATE_HIST_H
#define RATE_HIST_H

#include <stdint.h>

#define RATE_HIST_FINE 64 //  steps between two powers of two
#define RATE_HIST_BUCKETS (RATE_HIST_FINE * 44)

//  Zeroed is empty.
typedef struct _rate_hist_t {
    uint64_t count;
    uint64_t sum_ns;
    uint64_t most_ns;
    uint64_t buckets[RATE_HIST_BUCKETS];
} rate_hist_t;

//  Durations over 2^48 ns count as that.
void rate_hist_add (rate_hist_t *self, uint64_t ns);

//  The duration, in ns, that a share (0 to 1) of all does not exceed, rounded up to its
//  step; 0 when empty.
uint64_t rate_hist_at (const rate_hist_t *self, double share);

#endif
