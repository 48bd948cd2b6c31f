//  ledger_chain: whether a ledger is as it was written.
//
//  The first row that does not fit is held, and judged by what comes behind it: the next row
//  tells whether the held one was changed, came in between, or hides one that is gone; a
//  later row may be the one whose place it took.

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_chain.h"

#define TRIES 20          //  looks at a head that is behind
#define PAUSE_NS 50000000 //  between two of them

typedef struct {
    ledger_head_t head;
    bool has_head;
    bool is_begun; //  a row was seen
    ledger_verdict_t verdict;
    br_arena_t *arena;           //  of the texts of bad
    ledger_entry_t *bad;         //  the first wrong row; seq 0 = none yet
    ledger_entry_t *probe;       //  a row at another place
    uint8_t made[LEDGER_HASH];   //  the hash that bad should have
    uint8_t before[LEDGER_HASH]; //  stored hash of the row before the one under way
    bool is_judged;
} chain_t;

static const char *const s_names[] = {
    [LEDGER_SOUND] = "sound",       [LEDGER_CHANGED] = "changed",
    [LEDGER_INSERTED] = "inserted", [LEDGER_MISSING] = "missing",
    [LEDGER_SWAPPED] = "swapped",   [LEDGER_CUT] = "cut",
    [LEDGER_REPLACED] = "replaced", [LEDGER_UNSIGNED] = "unsigned",
    [LEDGER_FORGED] = "forged",
};

const char *
ledger_fault_name (ledger_fault_t fault)
{
    return (size_t) fault < sizeof s_names / sizeof *s_names ? s_names[fault] : "unknown";
}

static int
s_judge (chain_t *self, ledger_fault_t fault, uint64_t seq, br_id_t call)
{
    self->verdict.fault = fault;
    self->verdict.seq = seq;
    self->verdict.call = call;
    self->is_judged = true;
    return 1;
}

static bool
s_fits (const ledger_entry_t *entry, const uint8_t *prev)
{
    uint8_t hash[LEDGER_HASH];
    ledger_entry_hash (entry, prev, hash);
    return memcmp (hash, entry->hash, sizeof hash) == 0;
}

//  Whether a row has the hash that it would have at another place.
static bool
s_fits_at (chain_t *self, const ledger_entry_t *entry, uint64_t seq, const uint8_t *prev)
{
    *self->probe = *entry;
    self->probe->seq = seq;
    return s_fits (self->probe, prev);
}

static void
s_hold (chain_t *self, const ledger_entry_t *entry)
{
    ledger_entry_copy (self->bad, entry, self->arena);
    ledger_entry_hash (entry, self->verdict.hash, self->made);
    memcpy (self->before, entry->hash, sizeof self->before);
}

//  The row right behind the held one.
static int
s_on_next (chain_t *self, const ledger_entry_t *entry)
{
    const ledger_entry_t *bad = self->bad;
    if (s_fits (entry, bad->hash) || s_fits (entry, self->made))
        return s_judge (self, LEDGER_CHANGED, bad->seq, bad->call);
    if (s_fits_at (self, entry, entry->seq + 1, bad->hash))
        return s_judge (self, LEDGER_MISSING, bad->seq, bad->call);
    if (!s_fits_at (self, entry, bad->seq, self->verdict.hash))
        return 0;
    if (!s_fits_at (self, bad, entry->seq, entry->hash))
        return s_judge (self, LEDGER_INSERTED, bad->seq, bad->call);
    self->verdict.other = entry->seq;
    return s_judge (self, LEDGER_SWAPPED, bad->seq, bad->call);
}

//  A row further behind: it may be the one whose place the held one has.
static int
s_on_later (chain_t *self, const ledger_entry_t *entry)
{
    const ledger_entry_t *bad = self->bad;
    if (!s_fits_at (self, entry, bad->seq, self->verdict.hash))
        return 0;
    bool is_swap = s_fits_at (self, bad, entry->seq, self->before);
    self->verdict.other = is_swap ? entry->seq : 0;
    return s_judge (self, is_swap ? LEDGER_SWAPPED : LEDGER_INSERTED, bad->seq,
                    bad->call);
}

//  Whether the head knows the row by another hash.
static bool
s_is_replaced (const chain_t *self, const ledger_entry_t *entry)
{
    const ledger_head_t *head = &self->head;
    if (!self->has_head)
        return false;
    return (entry->seq == head->seq && memcmp (entry->hash, head->hash, LEDGER_HASH) != 0)
           || (entry->seq == head->pruned_seq
               && memcmp (entry->hash, head->pruned_hash, LEDGER_HASH) != 0);
}

static int
s_on_good (chain_t *self, const ledger_entry_t *entry)
{
    ledger_verdict_t *verdict = &self->verdict;
    if (s_is_replaced (self, entry))
        return s_judge (self, LEDGER_REPLACED, entry->seq, entry->call);
    verdict->rows++;
    verdict->last = entry->seq;
    memcpy (verdict->hash, entry->hash, sizeof verdict->hash);
    return 0;
}

//  Rows that were taken out on purpose are under the head, too. Where they are still there,
//  the chain begins with its first row.
static void
s_begin (chain_t *self, uint64_t first)
{
    self->is_begun = true;
    if (first == 1)
        return;
    self->verdict.last = self->head.pruned_seq;
    memcpy (self->verdict.hash, self->head.pruned_hash, LEDGER_HASH);
}

static int
s_on_row (void *arg, const ledger_entry_t *entry)
{
    chain_t *self = arg;
    if (entry->seq > INT64_MAX)
        return s_judge (self, LEDGER_INSERTED, entry->seq, entry->call);
    if (!self->is_begun)
        s_begin (self, entry->seq);
    if (self->bad->seq) {
        int rc = entry->seq == self->bad->seq + 1 ? s_on_next (self, entry)
                                                  : s_on_later (self, entry);
        memcpy (self->before, entry->hash, sizeof self->before);
        return rc;
    }
    uint64_t expected = self->verdict.last + 1;
    if (entry->seq > expected)
        return s_judge (self, LEDGER_MISSING, expected, (br_id_t) { 0, 0 });
    if (entry->seq < expected)
        return s_judge (self, LEDGER_INSERTED, entry->seq, entry->call);
    if (s_fits (entry, self->verdict.hash))
        return s_on_good (self, entry);
    s_hold (self, entry);
    return 0;
}

//  ---- the head

static int
s_read_head (chain_t *self, const char *path, const uint8_t *key, br_error_t *reterr)
{
    if (!path)
        return 0;
    if (ledger_head_read (&self->head, path, reterr))
        return -1;
    self->has_head = true;
    if (!self->head.is_genuine
        || (key && memcmp (key, self->head.key, LEDGER_PUBLIC_KEY) != 0))
        s_judge (self, LEDGER_FORGED, 0, (br_id_t) { 0, 0 });
    return 0;
}

//  The held row had nothing behind it that tells more.
static void
s_judge_held (chain_t *self)
{
    bool is_added = self->has_head && self->bad->seq > self->head.seq;
    s_judge (self, is_added ? LEDGER_INSERTED : LEDGER_CHANGED, self->bad->seq,
             self->bad->call);
}

//  Databases count below 0, where sums would find a row that nobody reads.
static int
s_read_rows (chain_t *self, ledger_store_t *store, br_error_t *reterr)
{
    uint64_t from = self->verdict.last ? self->verdict.last + 1 : (uint64_t) INT64_MIN;
    if (ledger_store_read (store, from, s_on_row, self, reterr))
        return -1;
    if (!self->is_judged && self->bad->seq)
        s_judge_held (self);
    return 0;
}

static void
s_pause (void)
{
    struct timespec pause = { .tv_nsec = PAUSE_NS };
    (void) nanosleep (&pause, NULL);
}

//  The row that a newer head names may have been read already: it is looked up.
static int
s_look_at (void *arg, const ledger_entry_t *entry)
{
    chain_t *self = arg;
    if (s_is_replaced (self, entry))
        s_judge (self, LEDGER_REPLACED, entry->seq, entry->call);
    return 1;
}

static int
s_read_newer_head (chain_t *self, ledger_store_t *store, const char *path,
                   const uint8_t *key, br_error_t *reterr)
{
    if (s_read_head (self, path, key, reterr))
        return -1;
    if (self->is_judged || self->head.seq == 0 || self->head.seq > self->verdict.last)
        return 0;
    return ledger_store_read (store, self->head.seq, s_look_at, self, reterr);
}

//  Rows, until a head that is not behind the first look is reached. Rows that are behind a
//  head may be on their way to a copy, and a head that is behind rows may be about to be
//  written: both are waited for.
static int
s_verify (chain_t *self, ledger_store_t *store, const char *path, const uint8_t *key,
          br_error_t *reterr)
{
    static const br_id_t none = { 0, 0 };
    const ledger_verdict_t *verdict = &self->verdict;
    uint64_t first = 0;
    if (s_read_head (self, path, key, reterr))
        return -1;
    for (int i = 0; !self->is_judged; i++) {
        if (s_read_rows (self, store, reterr))
            return -1;
        first = i == 0 ? verdict->last : first;
        const uint64_t signed_seq = self->head.seq;
        if (self->is_judged || !self->has_head
            || (verdict->last >= signed_seq && signed_seq >= first))
            return 0;
        if (i == TRIES && verdict->last < signed_seq)
            s_judge (self, LEDGER_CUT, verdict->last + 1, none);
        else if (i == TRIES)
            s_judge (self, LEDGER_UNSIGNED, signed_seq + 1, none);
        if (self->is_judged)
            return 0;
        s_pause ();
        if (verdict->last >= signed_seq
            && s_read_newer_head (self, store, path, key, reterr))
            return -1;
    }
    return 0;
}

int
ledger_chain_verify (ledger_store_t *store, const char *head, const uint8_t *key,
                     ledger_verdict_t *ret_verdict, br_error_t *reterr)
{
    chain_t *self = BR_NEW (chain_t);
    self->arena = br_arena_new ();
    self->bad = BR_NEW (ledger_entry_t);
    self->probe = BR_NEW (ledger_entry_t);
    int rc = s_verify (self, store, head, key, reterr);
    if (rc == 0)
        *ret_verdict = self->verdict;
    free (self->probe);
    free (self->bad);
    br_arena_destroy (&self->arena);
    free (self);
    return rc;
}
