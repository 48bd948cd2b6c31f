//  ledger_usd: an amount of nano-USD as decimal USD.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ledger/ledger_usd.h"

#define NUSD_PER_USD 1000000000u
#define DIGITS_MIN 2 //  behind the point

const char *
ledger_usd (int64_t nusd, char ret_text[LEDGER_USD])
{
    uint64_t amount = nusd < 0 ? -(uint64_t) nusd : (uint64_t) nusd;
    snprintf (ret_text, LEDGER_USD, "%s%" PRIu64 ".%09" PRIu64, nusd < 0 ? "-" : "",
              amount / NUSD_PER_USD, amount % NUSD_PER_USD);
    const char *point = strchr (ret_text, '.');
    size_t size = strlen (ret_text);
    while (ret_text[size - 1] == '0' && ret_text + size > point + 1 + DIGITS_MIN)
        ret_text[--size] = 0;
    return ret_text;
}
