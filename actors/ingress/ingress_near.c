//  ingress_near: Levenshtein's distance, with a bound.

#include <ctype.h>
#include <string.h>

#include "actors/ingress/ingress_near.h"

void
ingress_near_init (ingress_near_t *self, const char *name)
{
    size_t size = strlen (name);
    *self = (ingress_near_t) { .name = name };
    self->distance_max = size < 4 ? 1 : size < 8 ? 2 : 4;
}

static unsigned
s_least (unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

unsigned
ingress_near_distance (const char *a, const char *b, unsigned max)
{
    size_t a_size = strlen (a);
    size_t b_size = strlen (b);
    size_t apart = a_size > b_size ? a_size - b_size : b_size - a_size;
    if (apart > max || b_size > INGRESS_NEAR_NAME_MAX || a_size > INGRESS_NEAR_NAME_MAX)
        return max + 1;
    unsigned row[INGRESS_NEAR_NAME_MAX + 1];
    for (unsigned j = 0; j <= b_size; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a_size; i++) {
        unsigned corner = row[0];
        unsigned best = row[0] = i;
        for (unsigned j = 1; j <= b_size; j++) {
            bool same = tolower ((unsigned char) a[i - 1])
                        == tolower ((unsigned char) b[j - 1]);
            unsigned here = s_least (row[j] + 1, row[j - 1] + 1, corner + !same);
            corner = row[j];
            row[j] = here;
            best = here < best ? here : best;
        }
        if (best > max)
            return max + 1;
    }
    return row[b_size] > max ? max + 1 : row[b_size];
}

void
ingress_near_try (ingress_near_t *self, const char *candidate)
{
    unsigned distance = ingress_near_distance (self->name, candidate, self->distance_max);
    if (distance > self->distance_max)
        return;
    unsigned at = self->count < INGRESS_NEAR_COUNT ? self->count++ : self->count;
    //  Moves those that are further away back; the furthest falls out.
    while (at > 0 && self->distances[at - 1] > distance) {
        if (at < INGRESS_NEAR_COUNT) {
            self->found[at] = self->found[at - 1];
            self->distances[at] = self->distances[at - 1];
        }
        at--;
    }
    if (at == INGRESS_NEAR_COUNT)
        return;
    self->found[at] = candidate;
    self->distances[at] = distance;
}
