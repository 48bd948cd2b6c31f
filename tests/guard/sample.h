//  sample: texts made by rule from a seed: with one value of a family at a known place, or
//  with something that only looks like one. The frame a value stands in decides its half, so
//  that the held-out half has frames that no pattern was tuned on.

#ifndef TEST_SAMPLE_H
#define TEST_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAMPLE_MAX 8192 //  bytes of one text

typedef struct _sample_t {
    const char *family; //  of the value; NULL = none
    const char *kind;   //  "visa", for messages
    char text[SAMPLE_MAX];
    size_t size;       //  bytes of text
    size_t at;         //  where the value stands
    size_t value_size; //  bytes
    size_t core_at;    //  of the value, what must not get through
    size_t core_size;  //  bytes
    bool held_out;
} sample_t;

//  The same index gives the same sample, for ever. Positives go over all kinds of all
//  families in turn.
void sample_positive (unsigned index, sample_t *ret_sample);
void sample_look_alike (unsigned index, sample_t *ret_sample);

//  Kinds there are; index / count is the round.
size_t sample_kinds (void);
size_t sample_look_alikes (void);

//  The hash that decides halves.
uint64_t sample_hash (const char *text);

#endif
