//  meter_receipts: what a row on disk says, signed by the node, for the client.
//
//  A row that was just added is known here; one that the call had before is read, with the
//  one in front of it. That one may have been taken out of a spool: then its hash stands in
//  the checkpoint.

#include <string.h>

#include "actors/meter/meter_receipts.h"
#include "broker/ledger/ledger_claims.h"

void
meter_receipts_begin (meter_receipts_t *self, br_ctx_t *ctx, const meter_book_t *book)
{
    self->ctx = ctx;
    self->ledger = meter_book_ledger (book);
    self->signer = meter_book_signer (book);
}

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
    if (!self->is_told)
        br_ctx_log (self->ctx, BR_LOG_WARN, "no receipt for a call: %s", why);
    self->is_told = true;
    s_send (self, msg, "");
}

static int
s_sign (const meter_receipts_t *self, const br_msg_t *msg,
        const ledger_receipt_t *receipt, br_error_t *reterr)
{
    char text[LEDGER_RECEIPT_MAX];
    if (ledger_receipt_write (receipt, self->signer, text, reterr))
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
    if (ledger_spend_checkpoint (ledger_sqlite_spend (earlier->receipts->ledger), &seq,
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
    if (ledger_sqlite_read (self->ledger, earlier.seq - 1, s_on_row, &earlier, reterr))
        return -1;
    return earlier.rc;
}

void
meter_receipts_send (meter_receipts_t *self, const meter_settle_t *row)
{
    const struct br_call_settle *settle = br_msg_fields (row->msg);
    if (!br_addr_is_set (settle->receipt_to)
        || settle->request_hash.size != LEDGER_REQUEST_HASH)
        return;
    if (!self->signer) {
        s_refuse (self, row->msg, "the node has no key");
        return;
    }
    ledger_receipt_t receipt;
    br_error_t error = { .code = BR_OK };
    memcpy (receipt.request_hash, settle->request_hash.data, LEDGER_REQUEST_HASH);
    int rc = row->kept.is_first ? s_send_added (self, row, &receipt, &error)
                                : s_send_earlier (self, row, &receipt, &error);
    if (rc)
        s_refuse (self, row->msg, error.text);
}
