//  meter_receipts: what a row on disk says, signed by the node, for the client.
//
//  A row that was just added is known here; one that the call had before is read, with the
//  one in front of it. That one may have been taken out of a spool: then its hash stands in
//  the checkpoint.

#include <stdlib.h>
#include <string.h>

#include "actors/meter/meter_receipts.h"
#include "broker/core/alloc.h"
#include "broker/ledger/ledger_claims.h"

typedef struct _meter_receipts_row_t {
    struct _meter_receipts_row_t *next;
    meter_settle_t settle;
    br_msg_t *msg; //  of the settle
} row_t;

//  One that cannot be sent is missed by nobody for long.
static void
s_send (const meter_receipts_t *self, const br_msg_t *msg, const char *text)
{
    const struct br_call_settle *settle = br_msg_fields (msg);
    struct br_call_receipt told = { .receipt = text };
    (void) br_ctx_send (self->ctx, settle->receipt_to, BR_CALL_RECEIPT, msg->call, 0,
                        &told, NULL);
}

//  Who waits for one is told that there is none.
static void
s_refuse (meter_receipts_t *self, const br_msg_t *msg, const char *why)
{
    if (!self->is_amiss)
        br_ctx_log (self->ctx, BR_LOG_WARN, "no receipt for a call: %s", why);
    self->is_amiss = true;
    s_send (self, msg, "");
}

static int
s_sign (const meter_receipts_t *self, const br_msg_t *msg,
        const ledger_receipt_t *receipt, br_error_t *reterr)
{
    char text[LEDGER_RECEIPT_MAX];
    if (ledger_receipt_write (receipt, meter_book_signer (self->book), text, reterr))
        return -1;
    s_send (self, msg, text);
    return 0;
}

//  The row as it was added a moment ago.
static int
s_send_added (const meter_receipts_t *self, const meter_settle_t *row,
              ledger_receipt_t *receipt, br_error_t *reterr)
{
    meter_entry_fill (&receipt->entry, row->msg, &row->cost, row->price_version,
                      row->settled_ms);
    receipt->entry.seq = row->kept.seq;
    memcpy (receipt->entry.hash, row->kept.hash, LEDGER_HASH);
    memcpy (receipt->prev_hash, row->kept.prev_hash, LEDGER_HASH);
    return s_sign (self, row->msg, receipt, reterr);
}

//  ---- a row that was there

typedef struct {
    const meter_receipts_t *receipts;
    const br_msg_t *msg;
    ledger_receipt_t *receipt;
    uint64_t seq;
    bool has_prev;
    int rc;
    br_error_t *reterr;
} s_earlier_t;

static int
s_find_prev (s_earlier_t *earlier)
{
    uint64_t seq = 0;
    if (earlier->has_prev || earlier->seq == 1)
        return 0;
    if (ledger_spend_checkpoint (
            ledger_sqlite_spend (meter_book_ledger (earlier->receipts->book)), &seq,
            earlier->receipt->prev_hash, earlier->reterr))
        return -1;
    return seq == earlier->seq - 1 ? 0
                                   : br_error_set (earlier->reterr, BR_ESYSTEM,
                                                   "the row before row %llu is not there",
                                                   (unsigned long long) earlier->seq);
}

//  The row before, then the row; its texts hold in here only.
static int
s_on_row (void *arg, const ledger_entry_t *entry)
{
    s_earlier_t *earlier = arg;
    if (entry->seq + 1 == earlier->seq) {
        memcpy (earlier->receipt->prev_hash, entry->hash, LEDGER_HASH);
        earlier->has_prev = true;
        return 0;
    }
    if (entry->seq != earlier->seq)
        return 1;
    earlier->rc = s_find_prev (earlier);
    if (earlier->rc)
        return 1;
    earlier->receipt->entry = *entry;
    if (ledger_claims_differ (earlier->receipt, entry)) //  by its hash
        earlier->rc = br_error_set (earlier->reterr, BR_ESYSTEM,
                                    "row %llu was changed, see ledger verify",
                                    (unsigned long long) entry->seq);
    else
        earlier->rc = s_sign (earlier->receipts, earlier->msg, earlier->receipt,
                              earlier->reterr);
    return 1;
}

static int
s_send_earlier (const meter_receipts_t *self, const meter_settle_t *row,
                ledger_receipt_t *receipt, br_error_t *reterr)
{
    s_earlier_t earlier = { .receipts = self, .msg = row->msg, .receipt = receipt };
    earlier.seq = row->kept.seq;
    earlier.reterr = reterr;
    earlier.rc = br_error_set (reterr, BR_ESYSTEM, "its row is not there");
    memset (receipt->prev_hash, 0, sizeof receipt->prev_hash);
    if (ledger_sqlite_read (meter_book_ledger (self->book), earlier.seq - 1, s_on_row,
                            &earlier, reterr))
        return -1;
    return earlier.rc;
}

//  ---- those that wait

static void
s_make (meter_receipts_t *self, const meter_settle_t *row)
{
    const struct br_call_settle *settle = br_msg_fields (row->msg);
    ledger_receipt_t receipt;
    br_error_t error = { .code = BR_OK };
    memcpy (receipt.request_hash, settle->request_hash.data, LEDGER_REQUEST_HASH);
    int rc = row->kept.is_first ? s_send_added (self, row, &receipt, &error)
                                : s_send_earlier (self, row, &receipt, &error);
    if (rc) {
        s_refuse (self, row->msg, error.text);
        return;
    }
    if (self->is_amiss)
        br_ctx_log (self->ctx, BR_LOG_INFO, "calls have receipts again");
    self->is_amiss = false;
}

static row_t *
s_pop (meter_receipts_t *self)
{
    row_t *row = self->first;
    if (!row)
        return NULL;
    self->first = row->next;
    if (!self->first)
        self->last = &self->first;
    self->waiting--;
    return row;
}

static void
s_drop (row_t *row)
{
    br_msg_destroy (&row->msg);
    free (row);
}

static bool
s_make_next (meter_receipts_t *self)
{
    row_t *row = s_pop (self);
    if (!row)
        return false;
    s_make (self, &row->settle);
    s_drop (row);
    return true;
}

static void s_on_turn (void *arg);

static void
s_arm (meter_receipts_t *self)
{
    if (self->is_armed || !self->first)
        return;
    self->is_armed = true;
    br_ctx_again (self->ctx, s_on_turn, self);
}

static void
s_on_turn (void *arg)
{
    meter_receipts_t *self = arg;
    self->is_armed = false;
    for (int i = 0; i < METER_RECEIPTS_TURN && s_make_next (self); i++)
        continue;
    s_arm (self);
}

void
meter_receipts_init (meter_receipts_t *self, br_ctx_t *ctx)
{
    *self = (meter_receipts_t) { .ctx = ctx };
    self->last = &self->first;
}

void
meter_receipts_use (meter_receipts_t *self, const meter_book_t *book)
{
    while (s_make_next (self))
        continue;
    self->book = book;
}

void
meter_receipts_free (meter_receipts_t *self)
{
    for (row_t *row = s_pop (self); row; row = s_pop (self))
        s_drop (row);
}

void
meter_receipts_send (meter_receipts_t *self, const meter_settle_t *row)
{
    const struct br_call_settle *settle = br_msg_fields (row->msg);
    if (!br_addr_is_set (settle->receipt_to)
        || settle->request_hash.size != LEDGER_REQUEST_HASH)
        return;
    if (!meter_book_signer (self->book)) {
        s_refuse (self, row->msg, "the node has no key");
        return;
    }
    if (self->waiting == METER_RECEIPTS_WAITING) {
        s_refuse (self, row->msg, "too many wait to be signed");
        return;
    }
    row_t *waiting = BR_NEW (row_t);
    waiting->settle = *row;
    waiting->msg = br_msg_new (row->msg->verb, row->msg->call, row->msg->attempt, settle,
                               NULL);
    waiting->settle.msg = waiting->msg;
    *self->last = waiting;
    self->last = &waiting->next;
    self->waiting++;
    s_arm (self);
}
