//  metrics_findings: how often guardrails found something, by family, action and direction.

#ifndef BR_METRICS_FINDINGS_H
#define BR_METRICS_FINDINGS_H

#include "broker/core/verbs.h"

#define METRICS_FINDINGS_MAX 1024 //  rows; of others nothing is kept
#define METRICS_FINDING_NAME 200  //  bytes of a family, with its end

typedef struct _metrics_finding_t {
    char family[METRICS_FINDING_NAME];
    char action[16];
    char direction[16];
    uint64_t count;
    uint64_t failed; //  texts that could not be looked at to the end
} metrics_finding_t;

//  All zero is an empty one.
typedef struct _metrics_findings_t {
    metrics_finding_t *rows; //  owned
    size_t size;
} metrics_findings_t;

void metrics_findings_free (metrics_findings_t *self);
void metrics_findings_add (metrics_findings_t *self, const struct br_guard_found *found);

#endif
