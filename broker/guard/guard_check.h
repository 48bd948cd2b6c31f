//  guard_check: what a match must pass besides its regex: sums, ranges of numbers, and how
//  random its letters are. Pure functions over the bytes of the match.
//
//      luhn           the digits have the check digit of payment cards (12 to 19 digits, not
//                     all the same)
//      mod97          an IBAN: its country's length and the remainder 1 of mod 97
//      ssn            area, group and serial that were given to somebody
//      phone          7 to 15 digits (10 or 11 where there is no '+'), not all the same
//      ipv4_public    four octets of at most 255, none with a zero in front; not 127/8, 0/8 or
//                     255.255.255.255
//      mixed          has both a digit and a letter
//      not_base64     is not a run of base64 that is longer than 100 bytes
//      entropy:BITS   as many bits of Shannon's entropy a byte, or more
//
//  mixed, not_base64 and entropy look at the regex's first group where it took part in the
//  match, the others at the match.

#ifndef BR_GUARD_CHECK_H
#define BR_GUARD_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/error.h"

typedef struct _guard_check_t {
    int kind;    //  row of the table; 0 = everything passes
    double bits; //  of entropy:BITS
} guard_check_t;

//  Reads a check by its name, "" or NULL for none; several are joined by '+':
//  "mixed+entropy:3.0". At most GUARD_CHECKS_MAX. ret: how many, or -1. err: BR_ECONFIG
#define GUARD_CHECKS_MAX 4
int guard_check_read (const char *text, guard_check_t ret_checks[GUARD_CHECKS_MAX],
                      br_error_t *reterr);

//  Whether a match passes. group: NULL = it has none.
bool guard_check_passes (const guard_check_t *self, const char *match, size_t size,
                         const char *group, size_t group_size);

#endif
