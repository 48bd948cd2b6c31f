//  limits_bucket: a minute has 60,000,000 microseconds: a limit of N a minute adds N units
//  each microsecond, where one that may be taken is 60,000,000 units. The greatest limit
//  and debt stay far from the ends of 64 bits.

#include "actors/limits/limits_bucket.h"

#define UNIT 60000000 //  units of one

static int64_t
s_full (const limits_bucket_t *self)
{
    return (int64_t) self->limit * UNIT;
}

//  Lets it fill up to now.
static void
s_fill (limits_bucket_t *self, uint64_t now_us)
{
    uint64_t passed_us = now_us > self->at_us ? now_us - self->at_us : 0;
    self->at_us = now_us;
    if (!self->limit)
        return;
    uint64_t lacks = (uint64_t) (s_full (self) - self->level);
    if (passed_us > lacks / self->limit)
        self->level = s_full (self);
    else
        self->level += (int64_t) (passed_us * self->limit);
}

void
limits_bucket_set (limits_bucket_t *self, uint64_t limit, uint64_t now_us)
{
    if (limit > LIMITS_RATE_MAX)
        limit = LIMITS_RATE_MAX;
    s_fill (self, now_us);
    int64_t used = self->limit ? s_full (self) - self->level : 0;
    self->limit = limit;
    int64_t used_max = s_full (self) * (1 + LIMITS_DEBT_MINUTES);
    self->level = s_full (self) - (used < used_max ? used : used_max);
}

//  What the bucket must hold for so many.
static int64_t
s_need (const limits_bucket_t *self, uint64_t count)
{
    return (int64_t) (count < self->limit ? count : self->limit) * UNIT;
}

bool
limits_bucket_has (limits_bucket_t *self, uint64_t count, uint64_t now_us)
{
    s_fill (self, now_us);
    return !self->limit || self->level >= s_need (self, count);
}

static void
s_drain (limits_bucket_t *self, uint64_t count)
{
    uint64_t most = self->limit * (1 + LIMITS_DEBT_MINUTES);
    int64_t least = -s_full (self) * LIMITS_DEBT_MINUTES;
    self->level -= (int64_t) (count < most ? count : most) * UNIT;
    if (self->level < least)
        self->level = least;
}

uint64_t
limits_bucket_take (limits_bucket_t *self, uint64_t count, uint64_t now_us)
{
    uint64_t block = self->limit / LIMITS_BLOCK_PART;
    uint64_t rest = limits_bucket_rest (self, now_us);
    if (block > rest)
        block = rest;
    if (block < count)
        block = count;
    s_drain (self, block);
    return block;
}

void
limits_bucket_put (limits_bucket_t *self, uint64_t count, uint64_t now_us)
{
    s_fill (self, now_us);
    int64_t lacks = s_full (self) - self->level;
    if (!self->limit)
        return;
    if (count > (uint64_t) lacks / UNIT)
        self->level = s_full (self);
    else
        self->level += (int64_t) count * UNIT;
}

void
limits_bucket_owe (limits_bucket_t *self, uint64_t count, uint64_t now_us)
{
    s_fill (self, now_us);
    if (self->limit)
        s_drain (self, count);
}

//  Until the level is so, milliseconds, rounded up.
static uint64_t
s_until_ms (const limits_bucket_t *self, int64_t level)
{
    if (!self->limit || self->level >= level)
        return 0;
    uint64_t us = ((uint64_t) (level - self->level) + self->limit - 1) / self->limit;
    return (us + 999) / 1000;
}

uint64_t
limits_bucket_wait_ms (limits_bucket_t *self, uint64_t count, uint64_t now_us)
{
    s_fill (self, now_us);
    return s_until_ms (self, s_need (self, count));
}

uint64_t
limits_bucket_rest (limits_bucket_t *self, uint64_t now_us)
{
    s_fill (self, now_us);
    return self->limit && self->level > 0 ? (uint64_t) self->level / UNIT : 0;
}

uint64_t
limits_bucket_reset_ms (limits_bucket_t *self, uint64_t now_us)
{
    s_fill (self, now_us);
    return s_until_ms (self, s_full (self));
}
