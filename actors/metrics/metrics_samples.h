//  metrics_samples: the newest times of something, and what share of them is not over.

#ifndef BR_METRICS_SAMPLES_H
#define BR_METRICS_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#define METRICS_SAMPLES_MAX 10000 //  count; when it is reached the older half is dropped

//  Its members are its own. All zero is an empty one.
typedef struct _metrics_samples_t {
    uint32_t *ms;
    size_t size;
    size_t room;
} metrics_samples_t;

void metrics_samples_free (metrics_samples_t *self);
void metrics_samples_add (metrics_samples_t *self, uint64_t ms);

//  The nearest rank: the least sample that so many percent of them do not exceed.
//  in:   percent, 1..100; self is not empty
uint64_t metrics_samples_percentile (const metrics_samples_t *self, unsigned percent);

#endif
