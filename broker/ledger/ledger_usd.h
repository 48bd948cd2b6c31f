//  ledger_usd: an amount of nano-USD as decimal USD, exactly.

#ifndef BR_LEDGER_USD_H
#define BR_LEDGER_USD_H

#include <stdint.h>

#define LEDGER_USD 32 //  bytes of a text, with its end

//  "12.50", "0.000000001": at least two digits behind the point, and no more than it takes.
//  Returns ret_text.
const char *ledger_usd (int64_t nusd, char ret_text[LEDGER_USD]);

#endif
