//  tui_sums: what settled calls come to, by one thing.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tui/tui_sums.h"
#include "tui/tui_text.h"

#define SPAN_MS 10000 //  of the rate of spending

struct _tui_sums_t {
    tui_by_t by;
    tui_sum_t *sums; //  owned array
    size_t count, room;
};

tui_sums_t *
tui_sums_new (tui_by_t by)
{
    tui_sums_t *self = BR_NEW (tui_sums_t);
    self->by = by;
    return self;
}

void
tui_sums_destroy (tui_sums_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free ((*self_p)->sums);
    free (*self_p);
    *self_p = NULL;
}

static void
s_name (tui_by_t by, const tui_call_t *call, char name[TUI_SUM_NAME])
{
    const char *names[TUI_BY_COUNT] = { [TUI_BY_PROVIDER] = call->provider,
                                        [TUI_BY_ACCOUNT] = call->account,
                                        [TUI_BY_RUN] = tui_call_run (call),
                                        [TUI_BY_ROUTE] = call->route };
    if (by == TUI_BY_MODEL)
        snprintf (name, TUI_SUM_NAME, "%s%s%s", call->provider,
                  *call->provider ? ":" : "", call->model);
    else
        tui_text_copy (name, TUI_SUM_NAME, names[by]);
}

static tui_sum_t *
s_find (const tui_sums_t *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++)
        if (strcmp (self->sums[i].name, name) == 0)
            return &self->sums[i];
    return NULL;
}

static tui_sum_t *
s_get (tui_sums_t *self, const char *name)
{
    tui_sum_t *sum = s_find (self, name);
    if (!sum && self->count >= TUI_SUMS_MAX - 1)
        name = "(others)";
    sum = sum ? sum : s_find (self, name);
    if (sum)
        return sum;
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 16;
        self->sums = br_realloc (self->sums, self->room * sizeof *self->sums);
    }
    sum = &self->sums[self->count++];
    *sum = (tui_sum_t) { .spent = { .slot_ms = SPAN_MS } };
    tui_text_copy (sum->name, sizeof sum->name, name);
    return sum;
}

void
tui_sums_add (tui_sums_t *self, const tui_call_t *call, uint64_t now_ms)
{
    char name[TUI_SUM_NAME];
    s_name (self->by, call, name);
    tui_sum_t *sum = s_get (self, name);
    sum->calls++;
    sum->failed += call->state == TUI_CALL_FAILED;
    sum->input_tokens += call->input_tokens;
    sum->output_tokens += call->output_tokens;
    sum->unknown += !call->cost_known;
    sum->estimated += call->cost_known && !call->usage_known && call->cost_nusd > 0;
    sum->last_ms = now_ms;
    sum->samples[sum->samples_count++ % TUI_SUMS_SAMPLES] = call->latency_ms < UINT32_MAX
                                                                ? (uint32_t)
                                                                      call->latency_ms
                                                                : UINT32_MAX;
    if (call->cost_known && call->cost_nusd > 0
        && sum->cost_nusd <= INT64_MAX - call->cost_nusd) {
        sum->cost_nusd += call->cost_nusd;
        tui_rate_add (&sum->spent, now_ms, (uint64_t) call->cost_nusd);
    }
}

size_t
tui_sums_count (const tui_sums_t *self)
{
    return self->count;
}

const tui_sum_t *
tui_sums_at (const tui_sums_t *self, size_t index)
{
    return &self->sums[index];
}

const tui_sum_t *
tui_sums_find (const tui_sums_t *self, const char *name)
{
    return s_find (self, name);
}

static int
s_compare (const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *) left, b = *(const uint32_t *) right;
    return (a > b) - (a < b);
}

uint32_t
tui_sum_latency (const tui_sum_t *self, unsigned percent)
{
    uint32_t sorted[TUI_SUMS_SAMPLES];
    size_t count = self->samples_count < TUI_SUMS_SAMPLES ? self->samples_count
                                                          : TUI_SUMS_SAMPLES;
    if (count == 0)
        return 0;
    memcpy (sorted, self->samples, count * sizeof *sorted);
    qsort (sorted, count, sizeof *sorted, s_compare);
    size_t rank = (count * percent + 99) / 100;
    return sorted[rank ? rank - 1 : 0];
}
