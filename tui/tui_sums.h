//  tui_sums: what settled calls come to, by one thing: by model, by account. Names beyond the
//  bound count as one.

#ifndef BR_TUI_SUMS_H
#define BR_TUI_SUMS_H

#include "tui/tui_calls.h"
#include "tui/tui_rate.h"

#define TUI_SUMS_MAX 500     //  names
#define TUI_SUMS_SAMPLES 200 //  latencies that are kept of each, the newest
#define TUI_SUM_NAME (2 * TUI_NAME)

typedef enum {
    TUI_BY_MODEL, //  PROVIDER:MODEL
    TUI_BY_PROVIDER,
    TUI_BY_ACCOUNT,
    TUI_BY_RUN, //  or session
    TUI_BY_ROUTE,
    TUI_BY_COUNT
} tui_by_t;

typedef struct _tui_sum_t {
    char name[TUI_SUM_NAME]; //  "" = calls that have none
    uint64_t calls, failed;  //  counts
    uint64_t input_tokens, output_tokens;
    int64_t cost_nusd;                  //  of calls whose cost is known
    uint64_t unknown;                   //  count of those whose cost is not
    uint64_t estimated;                 //  ... whose usage is an estimate
    uint64_t last_ms;                   //  unix
    tui_rate_t spent;                   //  nano-USD by time
    uint32_t samples[TUI_SUMS_SAMPLES]; //  latencies, ms
    uint64_t samples_count;             //  ever
} tui_sum_t;

typedef struct _tui_sums_t tui_sums_t;

tui_sums_t *tui_sums_new (tui_by_t by); //  "caller destroys"
void tui_sums_destroy (tui_sums_t **self_p);

//  Adds a call that was settled now.
void tui_sums_add (tui_sums_t *self, const tui_call_t *call, uint64_t now_ms);

//  In the order in which names were first heard. "owned by self"
size_t tui_sums_count (const tui_sums_t *self);
const tui_sum_t *tui_sums_at (const tui_sums_t *self, size_t index);
const tui_sum_t *tui_sums_find (const tui_sums_t *self, const char *name); //  or NULL

//  Nearest rank of the latencies kept, ms; 0 without any. percent: 1 to 100
uint32_t tui_sum_latency (const tui_sum_t *self, unsigned percent);

#endif
