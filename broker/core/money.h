//  money: amounts of USD, between the decimals that people write and whole nano-USD. No
//  floating point on the way.

#ifndef BR_MONEY_H
#define BR_MONEY_H

#include <stddef.h>
#include <stdint.h>

#define BR_MONEY_NUSD_PER_USD INT64_C (1000000000)
#define BR_MONEY_USD_MAX INT64_C (1000000) //  the largest amount that makes sense
#define BR_MONEY_TEXT_MAX 32               //  bytes that any amount fits into as text
#define BR_MONEY_EXPECTED "an amount from 0 to 1000000 with at most nine decimals"

//  Reads an amount of USD: "3", "0.1", ".5", "1e-3".
//  out:  *ret_nusd, nano-USD
//  ret:  0, or -1 when it is none, negative, finer than a nano-USD or over the maximum
int br_money_parse (const char *text, int64_t *ret_nusd);

//  Writes an amount of USD with as many decimals as it has: "0.1", "-3".
//  out:  text, of BR_MONEY_TEXT_MAX bytes
void br_money_print (int64_t nusd, char *text);

#endif
