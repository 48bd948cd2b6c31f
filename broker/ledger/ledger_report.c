//  ledger_report: what was spent: sums over rows.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/core/alloc.h"
#include "broker/core/arena.h"
#include "broker/core/call_map.h"
#include "broker/ledger/ledger_report.h"

#define MS_PER_S 1000
#define SLOTS_FIRST 64 //  a power of 2

typedef struct {
    size_t group;     //  index of a sum
    ledger_sum_t sum; //  what the lost call has added to it
} s_lost_t;

struct _ledger_report_t {
    ledger_by_t by;
    uint64_t since_ms, until_ms;
    br_arena_t *arena;  //  owned; of names, and of lost calls
    ledger_sum_t *sums; //  owned
    size_t sums_count;
    uint32_t *slots;    //  owned; by the hash of a name: index + 1; 0 = free
    size_t slots_count; //  a power of 2
    ledger_sum_t total;
    br_call_map_t *lost; //  call to s_lost_t
};

static const char *const s_names[] = {
    [LEDGER_BY_MODEL] = "model",     [LEDGER_BY_PROVIDER] = "provider",
    [LEDGER_BY_ACCOUNT] = "account", [LEDGER_BY_RUN] = "run",
    [LEDGER_BY_AGENT] = "agent",     [LEDGER_BY_KEY] = "key",
    [LEDGER_BY_DAY] = "day",
};

const char *
ledger_by_name (ledger_by_t by)
{
    return s_names[by];
}

ledger_by_t
ledger_by_find (const char *name)
{
    unsigned by = 0;
    while (by < LEDGER_BY_COUNT && strcmp (s_names[by], name) != 0)
        by++;
    return (ledger_by_t) by;
}

ledger_report_t *
ledger_report_new (ledger_by_t by, uint64_t since_ms, uint64_t until_ms)
{
    ledger_report_t *self = BR_NEW (ledger_report_t);
    self->by = by;
    self->since_ms = since_ms;
    self->until_ms = until_ms;
    self->arena = br_arena_new ();
    self->slots_count = SLOTS_FIRST;
    self->slots = br_alloc (self->slots_count, sizeof *self->slots);
    self->total.name = "total";
    self->lost = br_call_map_new (LEDGER_LOST_MAX);
    return self;
}

void
ledger_report_destroy (ledger_report_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ledger_report_t *self = *self_p;
    br_call_map_destroy (&self->lost);
    free (self->slots);
    free (self->sums);
    br_arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

//  ---- groups by name

static uint32_t
s_hash (const char *name)
{
    uint32_t hash = 2166136261u; //  FNV-1a
    for (; *name; name++)
        hash = (hash ^ (unsigned char) *name) * 16777619u;
    return hash;
}

//  Where the name is, or the free place where it would be.
static uint32_t *
s_slot (ledger_report_t *self, const char *name)
{
    size_t at = s_hash (name) & (self->slots_count - 1);
    while (self->slots[at] && strcmp (self->sums[self->slots[at] - 1].name, name) != 0)
        at = (at + 1) & (self->slots_count - 1);
    return &self->slots[at];
}

static void
s_grow (ledger_report_t *self)
{
    self->slots_count *= 2;
    free (self->slots);
    self->slots = br_alloc (self->slots_count, sizeof *self->slots);
    for (size_t i = 0; i < self->sums_count; i++)
        *s_slot (self, self->sums[i].name) = (uint32_t) i + 1;
}

//  Index of the sum of a name, which is made when there is none.
static size_t
s_group (ledger_report_t *self, const char *name)
{
    uint32_t *slot = s_slot (self, name);
    if (!*slot && self->sums_count >= LEDGER_GROUPS_MAX)
        slot = s_slot (self, name = "(others)");
    if (*slot)
        return *slot - 1;
    self->sums = br_realloc (self->sums, (self->sums_count + 1) * sizeof *self->sums);
    self->sums[self->sums_count] = (ledger_sum_t) {
        .name = br_arena_text (self->arena, br_text (name)).at
    };
    *slot = (uint32_t) ++self->sums_count;
    if (self->sums_count * 2 > self->slots_count)
        s_grow (self);
    return self->sums_count - 1;
}

//  The name of a row's group. It may be written to text.
static const char *
s_name (const ledger_report_t *self, const ledger_entry_t *entry, char *text, size_t size)
{
    const char *const names[] = {
        [LEDGER_BY_MODEL] = text,
        [LEDGER_BY_PROVIDER] = entry->provider,
        [LEDGER_BY_ACCOUNT] = entry->account,
        [LEDGER_BY_RUN] = entry->run,
        [LEDGER_BY_AGENT] = entry->agent,
        [LEDGER_BY_KEY] = entry->key,
        [LEDGER_BY_DAY] = text,
    };
    struct tm day;
    time_t at = (time_t) (entry->settled_ms / MS_PER_S);
    *text = 0;
    if (self->by == LEDGER_BY_MODEL && (*entry->provider || *entry->model))
        snprintf (text, size, "%s:%s", entry->provider, entry->model);
    else if (self->by == LEDGER_BY_DAY && gmtime_r (&at, &day))
        strftime (text, size, "%Y-%m-%d", &day);
    return names[self->by];
}

//  ---- sums

//  Amounts stay at the greatest there is.
static void
s_add_nusd (int64_t *sum, int64_t nusd)
{
    *sum = *sum > INT64_MAX - nusd ? INT64_MAX : *sum + nusd;
}

static ledger_sum_t
s_sum_of (const ledger_entry_t *entry)
{
    bool is_known = entry->cost_nusd != LEDGER_UNKNOWN;
    bool is_estimate = is_known && !entry->usage.known && entry->cost_nusd > 0;
    return (ledger_sum_t) {
        .calls = 1,
        .failed = strcmp (entry->outcome, "ok") != 0,
        .input_tokens = entry->usage.input,
        .output_tokens = entry->usage.output,
        .cost_nusd = is_known && !is_estimate ? entry->cost_nusd : 0,
        .estimated_calls = is_estimate,
        .estimated_nusd = is_estimate ? entry->cost_nusd : 0,
        .unknown_calls = !is_known,
        .operator_nusd = entry->operator_nusd > 0 ? entry->operator_nusd : 0,
    };
}

static void
s_add (ledger_sum_t *self, const ledger_sum_t *other)
{
    self->calls += other->calls;
    self->failed += other->failed;
    self->input_tokens += other->input_tokens;
    self->output_tokens += other->output_tokens;
    s_add_nusd (&self->cost_nusd, other->cost_nusd);
    self->estimated_calls += other->estimated_calls;
    s_add_nusd (&self->estimated_nusd, other->estimated_nusd);
    self->unknown_calls += other->unknown_calls;
    s_add_nusd (&self->operator_nusd, other->operator_nusd);
}

static void
s_take (ledger_sum_t *self, const ledger_sum_t *other)
{
    self->calls -= other->calls;
    self->failed -= other->failed;
    self->input_tokens -= other->input_tokens;
    self->output_tokens -= other->output_tokens;
    self->cost_nusd -= other->cost_nusd;
    self->estimated_calls -= other->estimated_calls;
    self->estimated_nusd -= other->estimated_nusd;
    self->unknown_calls -= other->unknown_calls;
    self->operator_nusd -= other->operator_nusd;
}

static void
s_keep_lost (ledger_report_t *self, br_id_t call, size_t group, const ledger_sum_t *sum)
{
    s_lost_t *lost = BR_ARENA_NEW (self->arena, s_lost_t);
    *lost = (s_lost_t) { group, *sum };
    if (!br_call_map_get (self->lost, call))
        br_call_map_put (self->lost, call, lost);
}

//  A call that was only taken for lost.
static void
s_take_lost (ledger_report_t *self, br_id_t call)
{
    const s_lost_t *lost = br_call_map_take (self->lost, call);
    if (!lost)
        return;
    s_take (&self->sums[lost->group], &lost->sum);
    s_take (&self->total, &lost->sum);
}

int
ledger_report_add (void *arg, const ledger_entry_t *entry)
{
    ledger_report_t *self = arg;
    char text[1024];
    if (!entry->is_lost)
        s_take_lost (self, entry->call);
    if (entry->settled_ms < self->since_ms
        || (self->until_ms && entry->settled_ms >= self->until_ms))
        return 0;
    size_t group = s_group (self, s_name (self, entry, text, sizeof text));
    ledger_sum_t sum = s_sum_of (entry);
    s_add (&self->sums[group], &sum);
    s_add (&self->total, &sum);
    if (entry->is_lost)
        s_keep_lost (self, entry->call, group, &sum);
    return 0;
}

//  ---- looking

static int
s_compare_names (const void *a, const void *b)
{
    return strcmp (((const ledger_sum_t *) a)->name, ((const ledger_sum_t *) b)->name);
}

static int
s_compare_costs (const void *a, const void *b)
{
    const ledger_sum_t *one = a, *two = b;
    if (one->cost_nusd != two->cost_nusd)
        return one->cost_nusd > two->cost_nusd ? -1 : 1;
    if (one->estimated_nusd != two->estimated_nusd)
        return one->estimated_nusd > two->estimated_nusd ? -1 : 1;
    return s_compare_names (a, b);
}

//  Groups whose only calls were taken for lost are gone.
void
ledger_report_sort (ledger_report_t *self)
{
    size_t count = 0;
    for (size_t i = 0; i < self->sums_count; i++)
        if (self->sums[i].calls)
            self->sums[count++] = self->sums[i];
    self->sums_count = count;
    if (count > 0)
        qsort (self->sums, count, sizeof *self->sums,
               self->by == LEDGER_BY_DAY ? s_compare_names : s_compare_costs);
}

size_t
ledger_report_count (const ledger_report_t *self)
{
    return self->sums_count;
}

const ledger_sum_t *
ledger_report_sum (const ledger_report_t *self, size_t index)
{
    return index < self->sums_count ? &self->sums[index] : NULL;
}

const ledger_sum_t *
ledger_report_total (const ledger_report_t *self)
{
    return &self->total;
}
