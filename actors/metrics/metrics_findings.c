//  metrics_findings: rows that grow up to a bound.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/metrics/metrics_findings.h"
#include "broker/core/alloc.h"

void
metrics_findings_free (metrics_findings_t *self)
{
    free (self->rows);
    *self = (metrics_findings_t) { .rows = NULL };
}

static metrics_finding_t *
s_row (metrics_findings_t *self, const metrics_finding_t *name)
{
    for (size_t i = 0; i < self->size; i++) {
        metrics_finding_t *row = &self->rows[i];
        if (strcmp (row->family, name->family) == 0
            && strcmp (row->action, name->action) == 0
            && strcmp (row->direction, name->direction) == 0)
            return row;
    }
    if (self->size == METRICS_FINDINGS_MAX)
        return NULL;
    self->rows = br_realloc (self->rows, (self->size + 1) * sizeof *self->rows);
    self->rows[self->size] = *name;
    return &self->rows[self->size++];
}

void
metrics_findings_add (metrics_findings_t *self, const struct br_guard_found *found)
{
    metrics_finding_t name = { .count = 0 };
    snprintf (name.family, sizeof name.family, "%s", found->family);
    snprintf (name.action, sizeof name.action, "%s", found->action);
    snprintf (name.direction, sizeof name.direction, "%s", found->direction);
    metrics_finding_t *row = s_row (self, &name);
    if (!row)
        return;
    row->count += found->count;
    row->failed += found->failed;
}
