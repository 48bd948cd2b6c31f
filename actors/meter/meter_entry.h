//  meter_entry: a ledger's row from a settle, and call.metered from either. It knows no
//  price and no file.

#ifndef BR_METER_ENTRY_H
#define BR_METER_ENTRY_H

#include "broker/core/msg.h"
#include "broker/ledger/ledger_sqlite.h"
#include "broker/proto/tariff.h"

//  The row of a call.settle, without seq and hash; the intent of a call.intent. Texts are
//  borrowed from the message.
//  in:   version, of the prices; "" for none; settled_ms, unix time
void meter_entry_fill (ledger_entry_t *self, const br_msg_t *msg,
                       const br_price_cost_t *cost, const char *version,
                       uint64_t settled_ms);
void meter_entry_intent (ledger_intent_t *self, const br_msg_t *msg);

//  What a settle used.
br_usage_t meter_entry_usage (const struct br_call_settle *settle);

//  What the tokens of all attempts of a call are worth. A settle's own may be those of its
//  last attempt, or, of an answer that was gone on with, of all: then each counts at the price
//  of its own provider.
//  in:   cost, of the settle; tariff, with which it was made
//  ret:  nano-USD, or BR_PRICE_UNKNOWN when one of them is unknown
int64_t meter_entry_operator (const struct br_call_settle *settle,
                              const br_price_cost_t *cost, br_tariff_t *tariff);

//  Whether several attempts have a part in the answer, one of which went on where another
//  broke off: the settle's tokens are those of all.
bool meter_entry_is_joined (const struct br_call_settle *settle);

//  call.metered of a settle and of the row that it has.
struct br_call_metered meter_entry_metered (const struct br_call_settle *settle,
                                            const ledger_kept_t *kept);

//  call.metered of a row that nobody settled. who is filled with whose it is, and borrowed
//  by the result.
struct br_call_metered meter_entry_lost (const ledger_entry_t *self, br_buf_t *who);

#endif
