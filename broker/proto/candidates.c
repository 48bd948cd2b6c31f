//  candidates: the endpoints that may answer a call, as bytes of a message.

#include <stdio.h>
#include <stdlib.h>

#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"

//  Each candidate is three pairs: provider and actor, model and endpoint, "weight" and N.
int
br_candidates_add (br_buf_t *buf, const br_candidate_t *candidate)
{
    char weight[16];
    snprintf (weight, sizeof weight, "%u", candidate->weight ? candidate->weight : 1);
    size_t before = buf->size;
    int rc = br_pairs_add (buf, candidate->provider, candidate->actor);
    if (rc == 0)
        rc = br_pairs_add (buf, candidate->model, candidate->endpoint);
    if (rc == 0)
        rc = br_pairs_add (buf, "weight", weight);
    if (rc)
        buf->size = before;
    return rc;
}

int
br_candidates_read (br_bytes_t bytes, br_candidate_t *ret_rows, int max)
{
    size_t cursor = 0;
    int count = 0;
    while (cursor < bytes.size && count < max) {
        br_candidate_t *row = &ret_rows[count++];
        const char *name;
        const char *weight;
        if (!br_pairs_next (bytes, &cursor, &row->provider, &row->actor)
            || !br_pairs_next (bytes, &cursor, &row->model, &row->endpoint)
            || !br_pairs_next (bytes, &cursor, &name, &weight))
            return -1;
        row->weight = (unsigned) strtoul (weight, NULL, 10);
        if (!row->weight)
            row->weight = 1;
    }
    return count;
}
