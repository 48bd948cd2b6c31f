//  meter_news: what others are told of rows that are on disk: call.metered to the actors auth
//  and metrics, and an event for those who listen.

#ifndef BR_METER_NEWS_H
#define BR_METER_NEWS_H

#include "broker/core/actor.h"
#include "actors/meter/meter_batch.h"

typedef struct _meter_news_t {
    br_ctx_t *ctx;
    br_addr_t hearers[2]; //  auth, metrics; unset = there is none
} meter_news_t;

//  Finds those who are to be told, before a commit's rows are.
void meter_news_begin (meter_news_t *self, br_ctx_t *ctx);

//  Of a settle, also of one whose call had a row before; the event is for a first one.
void meter_news_settle (const meter_news_t *self, const meter_settle_t *row);

//  Of all rows from seq on that nobody settled. err: BR_ESYSTEM
int meter_news_lost (const meter_news_t *self, ledger_sqlite_t *ledger, uint64_t seq,
                     br_error_t *reterr);

#endif
