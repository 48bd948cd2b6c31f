//  auth_spend: sums, and a list of rows while their times or their numbers matter: always in
//  a window, and for all budgets while the ledger is asked.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/auth/auth_spend.h"

static uint64_t
s_sum (uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t
s_less (uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

void
auth_spend_init (auth_spend_t *self, uint64_t extent_ms)
{
    *self = (auth_spend_t) { .extent_ms = extent_ms };
}

void
auth_spend_free (auth_spend_t *self)
{
    free (self->rows);
    *self = (auth_spend_t) { .extent_ms = self->extent_ms };
}

//  ---- rows

//  Sums are made anew: a sum that has met its bound could not be taken back.
static void
s_count_rows (auth_spend_t *self)
{
    self->rows_nusd = self->rows_rounds = 0;
    for (size_t i = 0; i < self->rows_size; i++) {
        self->rows_nusd = s_sum (self->rows_nusd, self->rows[i].nusd);
        self->rows_rounds = s_sum (self->rows_rounds, self->rows[i].rounds);
    }
}

static void
s_drop_rows (auth_spend_t *self, size_t count)
{
    if (!count)
        return;
    self->rows_size -= count;
    memmove (self->rows, self->rows + count, self->rows_size * sizeof *self->rows);
    s_count_rows (self);
}

//  What is too old leaves the window.
static void
s_age (auth_spend_t *self, uint64_t now_ms)
{
    if (!self->extent_ms)
        return;
    size_t old = 0;
    while (old < self->rows_size && now_ms - self->rows[old].at_ms >= self->extent_ms)
        old++;
    s_drop_rows (self, old);
    if (now_ms >= self->base_until_ms)
        self->base_nusd = self->base_rounds = 0;
}

static bool
s_joins_newest (auth_spend_t *self, uint64_t now_ms)
{
    if (!self->rows_size)
        return false;
    if (self->rows_size == AUTH_SPEND_ROWS_MAX) {
        self->is_spoilt = self->is_asked;
        return true;
    }
    uint64_t age_ms = now_ms - self->rows[self->rows_size - 1].from_ms;
    return !self->is_asked && age_ms < self->extent_ms / AUTH_SPEND_SLOTS;
}

static auth_row_t *
s_row (auth_spend_t *self, uint64_t now_ms)
{
    if (s_joins_newest (self, now_ms))
        return &self->rows[self->rows_size - 1];
    if (self->rows_size == self->rows_room) {
        self->rows_room = self->rows_room ? self->rows_room * 2 : 8;
        self->rows = br_realloc (self->rows, self->rows_room * sizeof *self->rows);
    }
    auth_row_t *row = &self->rows[self->rows_size++];
    *row = (auth_row_t) { .from_ms = now_ms };
    return row;
}

void
auth_spend_add (auth_spend_t *self, uint64_t seq, uint64_t nusd, uint64_t rounds,
                uint64_t now_ms)
{
    if (seq <= self->seq)
        return;
    self->seq = seq;
    if (!self->is_known && !self->is_asked)
        return; //  it will be in the answer
    if (!self->extent_ms && !self->is_asked) {
        self->base_nusd = s_sum (self->base_nusd, nusd);
        self->base_rounds = s_sum (self->base_rounds, rounds);
        return;
    }
    s_age (self, now_ms);
    auth_row_t *row = s_row (self, now_ms);
    row->seq = seq;
    row->at_ms = now_ms;
    row->nusd = s_sum (row->nusd, nusd);
    row->rounds = s_sum (row->rounds, rounds);
    s_count_rows (self);
}

//  ---- the ledger's answer

void
auth_spend_asked (auth_spend_t *self, uint64_t now_ms)
{
    s_age (self, now_ms);
    self->is_asked = true;
    self->is_spoilt = false;
    self->asked_ms = now_ms;
}

//  How many rows are of no use beside an answer: those in it, and of a window whose rows are
//  known those that may or may not be in it.
static size_t
s_covered (const auth_spend_t *self, uint64_t seq)
{
    bool keeps = self->extent_ms && self->is_known;
    uint64_t slack_ms = self->extent_ms / 4;
    if (slack_ms > AUTH_SPEND_SLACK_MS)
        slack_ms = AUTH_SPEND_SLACK_MS;
    size_t count = 0;
    for (; count < self->rows_size && self->rows[count].seq <= seq; count++)
        if (keeps
            && self->asked_ms - self->rows[count].from_ms + slack_ms < self->extent_ms)
            break;
    return count;
}

//  Rows of a window stay, so that each leaves it at its time: the answer is told without them.
static uint64_t
s_rest (const auth_spend_t *self, uint64_t seq, uint64_t nusd)
{
    for (size_t i = 0; i < self->rows_size && self->rows[i].seq <= seq; i++)
        nusd = s_less (nusd, self->rows[i].nusd);
    return nusd;
}

bool
auth_spend_told (auth_spend_t *self, uint64_t seq, uint64_t nusd, uint64_t rounds)
{
    self->is_asked = false;
    if (self->is_spoilt)
        return false;
    s_drop_rows (self, s_covered (self, seq));
    self->base_nusd = s_rest (self, seq, nusd);
    self->base_rounds = rounds;
    self->base_until_ms = self->asked_ms + self->extent_ms;
    self->is_known = true;
    if (seq > self->seq)
        self->seq = seq;
    if (!self->extent_ms) {
        self->base_nusd = s_sum (self->base_nusd, self->rows_nusd);
        self->base_rounds = s_sum (self->base_rounds, self->rows_rounds);
        s_drop_rows (self, self->rows_size);
    }
    return true;
}

void
auth_spend_failed (auth_spend_t *self)
{
    self->is_asked = false;
    if (!self->is_known)
        s_drop_rows (self, self->rows_size);
}

void
auth_spend_forget (auth_spend_t *self)
{
    s_drop_rows (self, self->rows_size);
    self->is_known = self->is_asked = self->is_spoilt = false;
    self->base_nusd = self->base_rounds = self->seq = 0;
}

//  ---- looks

uint64_t
auth_spend_nusd (auth_spend_t *self, uint64_t now_ms)
{
    s_age (self, now_ms);
    return s_sum (self->base_nusd, self->rows_nusd);
}

uint64_t
auth_spend_rounds (auth_spend_t *self, uint64_t now_ms)
{
    s_age (self, now_ms);
    return s_sum (self->base_rounds, self->rows_rounds);
}

uint64_t
auth_spend_reset_ms (auth_spend_t *self, uint64_t nusd, uint64_t now_ms)
{
    if (!self->extent_ms || nusd > auth_spend_nusd (self, now_ms))
        return 0;
    uint64_t base = self->base_nusd;
    uint64_t out = 0;
    uint64_t due_ms = now_ms;
    for (size_t i = 0; i < self->rows_size && out < nusd; i++) {
        due_ms = self->rows[i].at_ms + self->extent_ms;
        if (base && due_ms >= self->base_until_ms) {
            out = s_sum (out, base);
            base = 0;
            if (out >= nusd)
                return self->base_until_ms - now_ms;
        }
        out = s_sum (out, self->rows[i].nusd);
    }
    return (out < nusd ? self->base_until_ms : due_ms) - now_ms;
}
