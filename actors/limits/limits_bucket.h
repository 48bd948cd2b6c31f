//  limits_bucket: a rate a minute, as a bucket that holds a whole minute's worth and fills
//  evenly. It may be driven below empty by what was used beyond the grants. Whole numbers
//  alone, so that nothing is lost in rounding.

#ifndef BR_LIMITS_BUCKET_H
#define BR_LIMITS_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#define LIMITS_RATE_MAX 1000000000u //  a minute; a greater rate counts as this one
#define LIMITS_DEBT_MINUTES 10      //  it owes no more than so many minutes' worth
#define LIMITS_BLOCK_PART 20        //  a grant is this part of the limit at least

//  Zeroed is one that limits nothing. Its members are its own.
typedef struct _limits_bucket_t {
    uint64_t limit; //  a minute; 0 = not limited
    int64_t level;  //  60,000,000 for each one that may be taken
    uint64_t at_us; //  when level was so
} limits_bucket_t;

//  Sets the limit. A bucket without one becomes full; else what was used stays used.
void limits_bucket_set (limits_bucket_t *self, uint64_t limit, uint64_t now_us);

//  Whether count may be taken. More than the bucket ever holds may be taken when it is full.
//  True without a limit.
bool limits_bucket_has (limits_bucket_t *self, uint64_t count, uint64_t now_us);

//  Takes count, which it must have, or a block, if that is more and there is as much.
//  Returns what was taken.
uint64_t limits_bucket_take (limits_bucket_t *self, uint64_t count, uint64_t now_us);

//  Puts back what was not used.
void limits_bucket_put (limits_bucket_t *self, uint64_t count, uint64_t now_us);

//  Takes what was used without a grant.
void limits_bucket_owe (limits_bucket_t *self, uint64_t count, uint64_t now_us);

//  How long until it has count, milliseconds; 0 = it has.
uint64_t limits_bucket_wait_ms (limits_bucket_t *self, uint64_t count, uint64_t now_us);

//  What may be taken now, count.
uint64_t limits_bucket_rest (limits_bucket_t *self, uint64_t now_us);

//  How long until it is full, milliseconds; 0 = it is, or has no limit.
uint64_t limits_bucket_reset_ms (limits_bucket_t *self, uint64_t now_us);

#endif
