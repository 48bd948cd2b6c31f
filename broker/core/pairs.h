//  pairs: a list of names and values in one run of bytes, for fields of messages: HTTP
//  headers, candidates. Each is "name\0value\0"; neither holds a zero byte.

#ifndef BR_PAIRS_H
#define BR_PAIRS_H

#include <stdbool.h>

#include "broker/core/buf.h"
#include "broker/core/verbs.h"

#define BR_PAIRS_MAX (64u << 10) //  bytes of a list

//  Appends a pair to a buffer; -1 when it does not fit.
int br_pairs_add (br_buf_t *buf, const char *name, const char *value);

//  Walks a list: starts with *cursor == 0; false at its end, or where it is malformed.
//  The strings are "owned by the list".
bool br_pairs_next (br_bytes_t pairs, size_t *cursor, const char **ret_name,
                    const char **ret_value);

//  The value of the first pair of this name, without regard to case, or NULL.
const char *br_pairs_get (br_bytes_t pairs, const char *name);

#endif
