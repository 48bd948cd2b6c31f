//  tui_calls: the calls that were heard of lately. Rows stand in two chains, of calls under way
//  and of ended ones, and in the buckets of a hash by id.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tui/tui_calls.h"
#include "tui/tui_text.h"

#define BUCKETS 4096 //  a power of two
#define FNV_BASIS 2166136261u
#define FNV_PRIME 16777619u

typedef struct _row_t {
    tui_call_t call; //  first: a call is its row
    struct _row_t *next_in_bucket;
    struct _row_t *older, *newer;
} row_t;

typedef struct {
    row_t *newest, *oldest;
    size_t count;
} chain_t;

struct _tui_calls_t {
    row_t *buckets[BUCKETS]; //  owned rows
    chain_t open, ended;
};

tui_calls_t *
tui_calls_new (void)
{
    return BR_NEW (tui_calls_t);
}

void
tui_calls_destroy (tui_calls_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        while ((*self_p)->buckets[i]) {
            row_t *row = (*self_p)->buckets[i];
            (*self_p)->buckets[i] = row->next_in_bucket;
            free (row);
        }
    free (*self_p);
    *self_p = NULL;
}

//  ---- chains and buckets

static void
s_link (chain_t *chain, row_t *row)
{
    row->older = chain->newest;
    row->newer = NULL;
    if (chain->newest)
        chain->newest->newer = row;
    else
        chain->oldest = row;
    chain->newest = row;
    chain->count++;
}

static void
s_unlink (chain_t *chain, row_t *row)
{
    if (row->newer)
        row->newer->older = row->older;
    else
        chain->newest = row->older;
    if (row->older)
        row->older->newer = row->newer;
    else
        chain->oldest = row->newer;
    chain->count--;
}

static unsigned
s_bucket (const char *id)
{
    unsigned hash = FNV_BASIS;
    for (; *id; id++)
        hash = (hash ^ (unsigned char) *id) * FNV_PRIME;
    return hash & (BUCKETS - 1);
}

static row_t *
s_find (const tui_calls_t *self, const char *id)
{
    row_t *row = self->buckets[s_bucket (id)];
    while (row && strcmp (row->call.id, id) != 0)
        row = row->next_in_bucket;
    return row;
}

//  The oldest that has ended, else the oldest of all.
static void
s_make_room (tui_calls_t *self)
{
    if (self->open.count + self->ended.count < TUI_CALLS_MAX)
        return;
    chain_t *chain = self->ended.count ? &self->ended : &self->open;
    row_t *row = chain->oldest;
    row_t **at = &self->buckets[s_bucket (row->call.id)];
    while (*at != row)
        at = &(*at)->next_in_bucket;
    *at = row->next_in_bucket;
    s_unlink (chain, row);
    free (row);
}

//  ---- calls

tui_call_t *
tui_calls_get (tui_calls_t *self, const char *id, uint64_t now_ms)
{
    char short_id[TUI_ID];
    tui_text_copy (short_id, sizeof short_id, id);
    row_t *row = s_find (self, short_id);
    if (row)
        return &row->call;
    s_make_room (self);
    row = BR_NEW (row_t);
    memcpy (row->call.id, short_id, sizeof short_id);
    row->call.started_ms = now_ms;
    row_t **bucket = &self->buckets[s_bucket (short_id)];
    row->next_in_bucket = *bucket;
    *bucket = row;
    s_link (&self->open, row);
    return &row->call;
}

const tui_call_t *
tui_calls_find (const tui_calls_t *self, const char *id)
{
    const row_t *row = s_find (self, id);
    return row ? &row->call : NULL;
}

tui_call_t *
tui_calls_known (tui_calls_t *self, const char *id)
{
    row_t *row = s_find (self, id);
    return row ? &row->call : NULL;
}

tui_hop_t *
tui_call_hop (tui_call_t *call, unsigned attempt)
{
    for (size_t i = 0; i < TUI_HOPS_MAX; i++) {
        tui_hop_t *hop = &call->hops[i];
        if (hop->attempt == 0)
            hop->attempt = attempt;
        if (hop->attempt == attempt)
            return hop;
    }
    return NULL;
}

void
tui_calls_end (tui_calls_t *self, tui_call_t *call, tui_call_state_t state,
               uint64_t now_ms)
{
    row_t *row = (row_t *) call;
    if (tui_call_is_open (call)) {
        s_unlink (&self->open, row);
        s_link (&self->ended, row);
        call->ended_ms = now_ms;
    }
    call->state = state;
}

void
tui_calls_lose (tui_calls_t *self, const char *host, uint64_t before_ms, uint64_t now_ms)
{
    row_t *row = self->open.oldest;
    while (row) {
        row_t *newer = row->newer;
        bool is_meant = host ? strcmp (row->call.host, host) == 0
                             : row->call.started_ms < before_ms;
        if (is_meant)
            tui_calls_end (self, &row->call, TUI_CALL_LOST, now_ms);
        row = newer;
    }
}

bool
tui_call_is_open (const tui_call_t *call)
{
    return call->state < TUI_CALL_OK;
}

const char *
tui_call_state_name (tui_call_state_t state)
{
    static const char *const names[TUI_CALL_STATES] = {
        [TUI_CALL_OPEN] = "open",       [TUI_CALL_ASKING] = "asking",
        [TUI_CALL_WAITING] = "waiting", [TUI_CALL_ANSWERS] = "answers",
        [TUI_CALL_OK] = "ok",           [TUI_CALL_FAILED] = "failed",
        [TUI_CALL_CANCELLED] = "left",  [TUI_CALL_LOST] = "lost",
    };
    return names[state];
}

const char *
tui_call_run (const tui_call_t *call)
{
    return *call->run ? call->run : call->session;
}

size_t
tui_calls_open (const tui_calls_t *self)
{
    return self->open.count;
}

const tui_call_t *
tui_calls_next (const tui_calls_t *self, const tui_call_t *call)
{
    const row_t *row = (const row_t *) call;
    if (!row)
        row = self->open.newest ? self->open.newest : self->ended.newest;
    else if (row->older)
        row = row->older;
    else
        row = tui_call_is_open (call) ? self->ended.newest : NULL;
    return row ? &row->call : NULL;
}
