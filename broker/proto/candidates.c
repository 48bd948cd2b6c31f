//  candidates: the endpoints that may answer a call, as bytes of a message.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"

#define NUMBERS 5 //  of a candidate

//  Each candidate is three pairs: provider and actor, model and endpoint, "" and its
//  numbers in the order of the struct.
int
br_candidates_add (br_buf_t *buf, const br_candidate_t *candidate)
{
    char numbers[96];
    snprintf (numbers, sizeof numbers, "%u %u %u %" PRIu64 " %" PRIu64,
              candidate->weight ? candidate->weight : 1, candidate->lacks,
              candidate->pool, candidate->context, candidate->price_nusd);
    size_t before = buf->size;
    int rc = br_pairs_add (buf, candidate->provider, candidate->actor);
    if (rc == 0)
        rc = br_pairs_add (buf, candidate->model, candidate->endpoint);
    if (rc == 0)
        rc = br_pairs_add (buf, "", numbers);
    if (rc)
        buf->size = before;
    return rc;
}

//  Numbers with a blank between them.
static int
s_read_numbers (const char *text, br_candidate_t *row)
{
    uint64_t numbers[NUMBERS];
    for (size_t i = 0; i < NUMBERS; i++) {
        char *end;
        numbers[i] = strtoull (text, &end, 10);
        if (end == text || *end != (i + 1 < NUMBERS ? ' ' : 0))
            return -1;
        text = end + 1;
    }
    row->weight = numbers[0] ? (unsigned) numbers[0] : 1;
    row->lacks = (unsigned) numbers[1];
    row->pool = (unsigned) numbers[2];
    row->context = numbers[3];
    row->price_nusd = numbers[4];
    return 0;
}

int
br_candidates_read (br_bytes_t bytes, br_candidate_t *ret_rows, int max)
{
    size_t cursor = 0;
    int count = 0;
    while (cursor < bytes.size && count < max) {
        br_candidate_t *row = &ret_rows[count++];
        const char *name;
        const char *numbers;
        if (!br_pairs_next (bytes, &cursor, &row->provider, &row->actor)
            || !br_pairs_next (bytes, &cursor, &row->model, &row->endpoint)
            || !br_pairs_next (bytes, &cursor, &name, &numbers)
            || s_read_numbers (numbers, row))
            return -1;
    }
    return count;
}
