//  ingress_near: names that a mistyped one may have meant, the nearest first.

#ifndef BR_INGRESS_NEAR_H
#define BR_INGRESS_NEAR_H

#include "broker/core/buf.h"

#define INGRESS_NEAR_COUNT 3
#define INGRESS_NEAR_NAME_MAX 96 //  bytes of names that are compared

typedef struct _ingress_near_t {
    const char *name; //  borrowed
    unsigned distance_max;
    const char *found[INGRESS_NEAR_COUNT]; //  borrowed; the nearest first
    unsigned distances[INGRESS_NEAR_COUNT];
    unsigned count;
} ingress_near_t;

//  name: the mistyped one.
void ingress_near_init (ingress_near_t *self, const char *name);

//  Looks whether the candidate is near, without regard to case; keeps a few.
void ingress_near_try (ingress_near_t *self, const char *candidate);

//  Characters to insert, remove or change to make one of the other; max + 1 when it is
//  more than max.
unsigned ingress_near_distance (const char *a, const char *b, unsigned max);

#endif
