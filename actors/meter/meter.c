//  meter: prices each call and keeps it in the spend ledger.
//
//  A settle is priced when it comes, waits in the batch for the tick, and is answered
//  once the commit that holds its row has succeeded. While the disk refuses, everything
//  stays in the batch and is tried again; when the batch is full nothing is answered, and
//  whoever settles asks again. So the money's way has no gap: either the asker keeps the
//  call, or the batch and the asker do, or the disk does.
//
//  The commit blocks this actor's host for the time of a sync, which is why the meter has
//  a host of its own.

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "broker/core/alloc.h"
#include "broker/core/json.h"
#include "broker/core/json_writer.h"
#include "actors/meter/meter.h"
#include "actors/meter/meter_batch.h"
#include "actors/meter/meter_book.h"
#include "actors/meter/meter_news.h"
#include "actors/meter/meter_receipts.h"
#include "broker/proto/tariff.h"

#define GRACE_MS 1000     //  for ingress to settle what a router left behind
#define RETRY_FIRST_MS 50 //  after a commit that failed; doubles
#define RETRY_MAX_MS 5000
#define RETRY_DOUBLINGS 7 //  lead past the maximum
#define PRUNE_MS 60000    //  between two looks for rows of a spool that are old
#define ADMIN_MAX 4096    //  bytes of an answer to the admin door

typedef struct _meter_t {
    br_ctx_t *ctx;
    meter_batch_t *batch;
    meter_book_t *book; //  NULL until a slice was taken
    br_tariff_t *tariff;
    meter_book_t *tried_book; //  NULL when the slice keeps the ledger
    br_tariff_t *tried_tariff;
    br_timer_t tick;
    br_timer_t grace; //  until intents of the next host that is gone are closed
    br_timer_t drain;
    br_timer_t prune;
    meter_news_t news;
    meter_receipts_t receipts;
    unsigned failures; //  commits that failed in a row
    bool is_full;      //  the log knows that the batch is full
    bool is_unsigned;  //  ... that the head cannot be written
    bool is_apart;     //  ... that rows are not copied
    bool is_stopping;
} meter_t;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    meter_t *self = BR_NEW (meter_t);
    self->ctx = ctx;
    self->batch = meter_batch_new ();
    meter_receipts_init (&self->receipts, ctx);
    return self;
}

//  What is told of the copying ends with it.
static void
s_leave_book (meter_t *self)
{
    meter_replica_t *replica = self->book ? meter_book_replica (self->book) : NULL;
    if (replica)
        br_loop_unwatch (br_ctx_loop (self->ctx), meter_replica_fd (replica));
    meter_book_destroy (&self->book);
}

static void
s_destroy (void **state_p)
{
    meter_t *self = *state_p;
    if (!self)
        return;
    br_loop_t *loop = br_ctx_loop (self->ctx);
    meter_receipts_free (&self->receipts);
    s_leave_book (self);
    br_timer_cancel (loop, &self->prune);
    br_timer_cancel (loop, &self->drain);
    br_timer_cancel (loop, &self->grace);
    br_timer_cancel (loop, &self->tick);
    br_tariff_destroy (&self->tried_tariff);
    meter_book_destroy (&self->tried_book);
    br_tariff_destroy (&self->tariff);
    meter_batch_destroy (&self->batch);
    free (self);
    *state_p = NULL;
}

//  ---- a row is on disk

static void
s_on_row (void *arg, const meter_settle_t *row)
{
    meter_t *self = arg;
    //  An answer that cannot be sent is asked for again, or its asker is gone.
    (void) br_ctx_reply (self->ctx, row->msg, BR_CALL_SETTLED, NULL, NULL);
    meter_receipts_send (&self->receipts, row);
    meter_news_settle (&self->news, row);
}

static void
s_tell_lost (meter_t *self, uint64_t seq)
{
    br_error_t error;
    if (meter_news_lost (&self->news, meter_book_ledger (self->book), seq, &error))
        br_ctx_log (self->ctx, BR_LOG_WARN, "lost calls are not told: %s", error.text);
}

//  Rows count without it; but it is to be there again soon.
static void
s_sign (meter_t *self)
{
    br_error_t error;
    bool is_bad = meter_book_sign (self->book, br_ctx_unix_ms (self->ctx), &error) != 0;
    if (is_bad && !self->is_unsigned)
        br_ctx_log (self->ctx, BR_LOG_ERROR, "%s: the ledger's end is not signed",
                    error.text);
    if (!is_bad && self->is_unsigned)
        br_ctx_log (self->ctx, BR_LOG_INFO, "the ledger's end is signed again");
    self->is_unsigned = is_bad;
}

//  ---- the copy in another database

//  How many rows are not there yet; 0 without another database.
static uint64_t
s_behind (const meter_t *self, uint64_t seq, meter_replica_state_t *state)
{
    meter_replica_look (meter_book_replica (self->book), state);
    return seq > state->seq ? seq - state->seq : 0;
}

static bool
s_is_copied (const meter_t *self)
{
    meter_replica_state_t state;
    uint8_t hash[LEDGER_HASH];
    uint64_t seq = 0;
    if (!self->book || !meter_book_replica (self->book))
        return true;
    return ledger_sqlite_last (meter_book_ledger (self->book), &seq, hash, NULL) == 0
           && s_behind (self, seq, &state) == 0;
}

static void
s_stopped (meter_t *self)
{
    meter_receipts_use (&self->receipts, self->book); //  those that wait are signed
    if (!s_is_copied (self))
        br_ctx_log (self->ctx, BR_LOG_WARN,
                    "stopped with rows that are in the spool only: they are copied after "
                    "the next start");
    br_ctx_stopped (self->ctx);
}

//  A database that is down is not waited for: its rows are safe here.
static bool
s_is_done (const meter_t *self)
{
    return !meter_batch_has_work (self->batch, br_ctx_now_us (self->ctx))
           && (self->is_apart || s_is_copied (self));
}

static void
s_end_when_done (meter_t *self)
{
    if (self->is_stopping && s_is_done (self))
        s_stopped (self);
}

static void
s_on_replica (void *arg, int fd, uint32_t events)
{
    (void) fd;
    (void) events;
    meter_t *self = arg;
    meter_replica_state_t state;
    meter_replica_hear (meter_book_replica (self->book));
    meter_replica_look (meter_book_replica (self->book), &state);
    bool is_apart = state.failures > 0;
    if (is_apart && !self->is_apart)
        br_ctx_log (self->ctx, BR_LOG_ERROR,
                    "%s: rows stay in the spool, and are copied later", state.error);
    if (!is_apart && self->is_apart)
        br_ctx_log (self->ctx, BR_LOG_INFO, "rows are copied to the database again");
    self->is_apart = is_apart;
    s_end_when_done (self);
}

static void
s_on_prune (void *arg)
{
    meter_t *self = arg;
    br_error_t error;
    bool is_more = false;
    if (self->book
        && meter_book_prune (self->book, br_ctx_unix_ms (self->ctx), &is_more, &error))
        br_ctx_log (self->ctx, BR_LOG_WARN, "old rows stay in the spool: %s", error.text);
    br_timer_set (br_ctx_loop (self->ctx), &self->prune,
                  is_more ? METER_TICK_MS : PRUNE_MS, s_on_prune, self);
}

//  ---- the tick

static void s_on_tick (void *arg);

static void
s_arm (meter_t *self, uint64_t delay_ms)
{
    if (!br_timer_is_set (&self->tick))
        br_timer_set (br_ctx_loop (self->ctx), &self->tick, delay_ms, s_on_tick, self);
}

static void
s_on_grace (void *arg)
{
    s_arm (arg, 0);
}

static void
s_arm_grace (meter_t *self)
{
    uint64_t due_us = meter_batch_next_due (self->batch);
    uint64_t now_us = br_ctx_now_us (self->ctx);
    if (due_us == UINT64_MAX)
        return;
    uint64_t delay_ms = due_us > now_us ? (due_us - now_us + 999) / 1000 : 0;
    br_timer_set (br_ctx_loop (self->ctx), &self->grace, delay_ms, s_on_grace, self);
}

static void
s_failed (meter_t *self, const br_error_t *error)
{
    if (self->failures == 0)
        br_ctx_log (self->ctx, BR_LOG_ERROR,
                    "%s: nothing is lost, calls are kept and tried again", error->text);
    unsigned doublings = self->failures < RETRY_DOUBLINGS ? self->failures
                                                          : RETRY_DOUBLINGS;
    uint64_t delay_ms = (uint64_t) RETRY_FIRST_MS << doublings;
    self->failures++;
    s_arm (self, delay_ms < RETRY_MAX_MS ? delay_ms : RETRY_MAX_MS);
}

static void
s_succeeded (meter_t *self, const meter_commit_t *commit)
{
    s_sign (self);
    if (meter_book_replica (self->book))
        meter_replica_wake (meter_book_replica (self->book));
    if (self->failures)
        br_ctx_log (self->ctx, BR_LOG_INFO,
                    "the ledger is written again after %u failures", self->failures);
    if (commit->lost) {
        br_ctx_log (self->ctx, BR_LOG_WARN,
                    "%llu open calls of a host that is gone: lost",
                    (unsigned long long) commit->lost);
        s_tell_lost (self, commit->first_lost);
    }
    self->failures = 0;
    self->is_full = false;
    s_arm_grace (self);
    if (meter_batch_has_work (self->batch, br_ctx_now_us (self->ctx)))
        s_arm (self, 0);
    else
        s_end_when_done (self);
}

static void
s_on_tick (void *arg)
{
    meter_t *self = arg;
    meter_commit_t commit;
    br_error_t error;
    meter_news_begin (&self->news, self->ctx);
    int rc = meter_batch_commit (self->batch, meter_book_ledger (self->book),
                                 br_ctx_now_us (self->ctx), br_ctx_unix_ms (self->ctx),
                                 s_on_row, self, &commit, &error);
    if (rc)
        s_failed (self, &error);
    else
        s_succeeded (self, &commit);
}

//  ---- messages

static void
s_refused (meter_t *self, const br_error_t *error)
{
    if (self->is_full)
        return;
    self->is_full = true;
    br_ctx_log (self->ctx, BR_LOG_ERROR, "%s: no more are taken, they are asked again",
                error->text);
}

//  Whether somebody owes what it has cost. An answer that a guardrail has blocked was given
//  by the provider: it is no failure of anybody's.
static bool
s_is_owed (const struct br_call_settle *settle)
{
    return settle->outcome != BR_OUTCOME_FAILED || settle->code == BR_EUPGUARD;
}

static br_price_cost_t
s_cost (const meter_t *self, const struct br_call_settle *settle)
{
    br_usage_t usage = meter_entry_usage (settle);
    const br_price_t *price = br_tariff_find (self->tariff, settle->provider,
                                              settle->model, settle->route);
    br_outcome_t priced = s_is_owed (settle) ? BR_OUTCOME_OK : BR_OUTCOME_FAILED;
    br_price_cost_t cost = br_price_call (price, &usage, priced, settle->attempts);
    cost.operator_nusd = meter_entry_operator (settle, &cost, self->tariff);
    //  Each part of an answer at the price of who gave it.
    if (s_is_owed (settle) && meter_entry_is_joined (settle))
        cost.nusd = cost.operator_nusd;
    return cost;
}

//  "" when no price had a part in it.
static const char *
s_version (const meter_t *self, const struct br_call_settle *settle)
{
    bool is_priced = settle->attempts
                     && br_tariff_find (self->tariff, settle->provider, settle->model,
                                        settle->route);
    return is_priced ? br_tariff_version (self->tariff) : "";
}

//  Without a database nothing is kept and nothing answered: it is asked again.
static void
s_on_settle (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    meter_t *self = state;
    if (!self->book)
        return;
    br_error_t error;
    const struct br_call_settle *settle = br_msg_fields (msg);
    br_price_cost_t cost = s_cost (self, settle);
    if (meter_batch_add_settle (self->batch, msg, &cost, s_version (self, settle),
                                br_ctx_unix_ms (ctx), &error))
        s_refused (self, &error);
    s_arm (self, METER_TICK_MS);
}

static void
s_on_intent (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    meter_t *self = state;
    if (!self->book)
        return;
    br_error_t error;
    if (meter_batch_add_intent (self->batch, msg, &error))
        s_refused (self, &error);
    s_arm (self, METER_TICK_MS);
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    meter_t *self = state;
    const struct br_sys_gone *gone = br_msg_fields (msg);
    if (!self->book)
        return;
    br_error_t error;
    uint64_t due_us = br_ctx_now_us (ctx) + GRACE_MS * 1000;
    if (meter_batch_add_gone (self->batch, (uint32_t) gone->host, (uint32_t) gone->life,
                              due_us, &error))
        br_ctx_log (ctx, BR_LOG_WARN, "%s: open calls of host %llu stay open", error.text,
                    (unsigned long long) gone->host);
    s_arm_grace (self);
}

static void
s_on_spend (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    meter_t *self = state;
    const struct br_spend_ask *ask = br_msg_fields (msg);
    struct br_spend_told told = { .ticket = ask->ticket, .error = "" };
    ledger_spent_t spent = { .seq = 0 };
    br_error_t error;
    int rc = self->book ? ledger_spend_since (
                 ledger_sqlite_spend (meter_book_ledger (self->book)), ask->account,
                 ask->key, ask->since_ms, &spent, &error)
                        : br_error_set (&error, BR_EBUSY, "no ledger is open yet");
    if (rc) {
        told.code = error.code;
        told.error = error.text;
    }
    told.seq = spent.seq;
    told.nusd = spent.nusd;
    told.rounds = spent.rounds;
    (void) br_ctx_reply (ctx, msg, BR_SPEND_TOLD, &told, NULL); //  it asks again
}

//  ---- configuration

typedef enum {
    SLICE_PRICES,
    SLICE_ROUTES,
    SLICE_ROWS
} slice_row_t;

static br_tariff_t *
s_read_tariff (const char *slice, const json_row_t *rows, br_error_t *reterr)
{
    br_tariff_t *tariff = br_tariff_new ();
    const json_row_t *prices = &rows[SLICE_PRICES];
    const json_row_t *routes = &rows[SLICE_ROUTES];
    int rc = 0;
    if (prices->type != JSON_NONE)
        rc = br_tariff_read (tariff, slice + prices->offset, prices->size, reterr);
    if (rc == 0 && routes->type != JSON_NONE)
        rc = br_tariff_read_routes (tariff, slice + routes->offset, routes->size, reterr);
    if (rc)
        br_tariff_destroy (&tariff);
    return tariff;
}

//  The database of a slice is opened here already: one that cannot be is refused.
static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    meter_t *self = state;
    br_tariff_destroy (&self->tried_tariff);
    meter_book_destroy (&self->tried_book);
    json_row_t rows[SLICE_ROWS] = {
        [SLICE_PRICES] = { .key = "prices" }, [SLICE_ROUTES] = { .key = "routes" }
    };
    if (json_members (slice, strlen (slice), rows, SLICE_ROWS, NULL))
        return br_error_set (reterr, BR_ECONFIG, "the meter's slice is no JSON object");
    bool is_kept = self->book && meter_book_is (self->book, slice);
    if (!is_kept) {
        self->tried_book = meter_book_new (slice, reterr);
        if (!self->tried_book)
            return -1;
    }
    self->tried_tariff = s_read_tariff (slice, rows, reterr);
    if (self->tried_tariff)
        return 0;
    meter_book_destroy (&self->tried_book);
    return -1;
}

//  Intents that a database still has open are of an earlier life, unless it is the file of
//  the book before.
static int
s_close_earlier (meter_t *self, meter_book_t *book, uint64_t *ret_first,
                 br_error_t *reterr)
{
    ledger_sqlite_t *ledger = meter_book_ledger (book);
    uint64_t lost = 0;
    uint64_t seq = 0;
    uint8_t hash[LEDGER_HASH];
    *ret_first = 0;
    if (self->book
        && strcmp (ledger_sqlite_path (ledger),
                   ledger_sqlite_path (meter_book_ledger (self->book)))
               == 0)
        return 0;
    int rc = ledger_sqlite_begin (ledger, reterr);
    if (rc == 0)
        rc = ledger_sqlite_lose_all (ledger, br_ctx_unix_ms (self->ctx), &lost, reterr);
    if (rc == 0)
        rc = ledger_sqlite_last (ledger, &seq, hash, reterr);
    if (rc == 0)
        rc = ledger_sqlite_commit (ledger, reterr);
    if (rc)
        ledger_sqlite_rollback (ledger);
    else if (lost) {
        *ret_first = seq - lost + 1;
        br_ctx_log (self->ctx, BR_LOG_WARN, "%llu open calls of an earlier life: lost",
                    (unsigned long long) lost);
    }
    return rc;
}

//  What waits goes to the new ledger.
static int
s_take_book (meter_t *self, br_error_t *reterr)
{
    br_error_t error;
    uint64_t first_lost = 0;
    if (meter_book_check (self->tried_book, &error))
        br_ctx_log (self->ctx, BR_LOG_ERROR, "%s", error.text);
    if (s_close_earlier (self, self->tried_book, &first_lost, reterr)
        || meter_book_start (self->tried_book, reterr))
        return -1;
    meter_receipts_use (&self->receipts, NULL);
    s_leave_book (self);
    self->book = self->tried_book;
    meter_receipts_use (&self->receipts, self->book);
    self->tried_book = NULL;
    self->is_apart = false;
    s_sign (self);
    meter_news_begin (&self->news, self->ctx);
    if (first_lost)
        s_tell_lost (self, first_lost);
    meter_replica_t *replica = meter_book_replica (self->book);
    br_loop_t *loop = br_ctx_loop (self->ctx);
    br_timer_cancel (loop, &self->prune);
    if (!replica)
        return 0;
    br_timer_set (loop, &self->prune, PRUNE_MS, s_on_prune, self);
    if (br_loop_watch (loop, meter_replica_fd (replica), EPOLLIN, s_on_replica, self))
        br_ctx_log (self->ctx, BR_LOG_WARN, "failures of the copying are not logged");
    return 0;
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) generation;
    meter_t *self = state;
    if (!self->tried_tariff)
        return br_error_set (reterr, BR_ECONFIG, "no slice was tried");
    if (self->tried_book && s_take_book (self, reterr))
        return -1;
    br_tariff_destroy (&self->tariff);
    self->tariff = self->tried_tariff;
    self->tried_tariff = NULL;
    return 0;
}

//  ---- the rest

static void
s_put_replica (const meter_t *self, uint64_t seq, json_writer_t *writer)
{
    meter_replica_state_t state;
    if (!meter_book_replica (self->book)) {
        json_put_null (writer, "replica");
        return;
    }
    uint64_t behind = s_behind (self, seq, &state);
    json_open (writer, "replica", '{');
    json_put_string (writer, "scheme", state.scheme);
    json_put_integer (writer, "seq", (int64_t) state.seq);
    json_put_integer (writer, "behind", (int64_t) behind);
    json_put_string (writer, "error", state.error);
    json_close (writer, '}');
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    meter_t *self = state;
    if (strcmp (command, "ledger") != 0 || !self->book)
        return NULL;
    ledger_sqlite_t *ledger = meter_book_ledger (self->book);
    ledger_sums_t sums;
    uint64_t seq = 0;
    uint8_t hash[LEDGER_HASH];
    br_error_t error;
    if (ledger_sqlite_sums (ledger, &sums, &error)
        || ledger_sqlite_last (ledger, &seq, hash, &error)) {
        br_ctx_log (self->ctx, BR_LOG_WARN, "%s", error.text);
        return NULL;
    }
    sums.open_intents += meter_batch_intents (self->batch);
    br_buf_t buf;
    br_buf_init (&buf, ADMIN_MAX);
    json_writer_t writer = json_writer (&buf);
    json_open (&writer, NULL, '{');
    json_put_integer (&writer, "rows", (int64_t) sums.rows);
    json_put_integer (&writer, "open_intents", (int64_t) sums.open_intents);
    json_put_integer (&writer, "cost_nusd", (int64_t) sums.cost_nusd);
    json_put_integer (&writer, "input_tokens", (int64_t) sums.input_tokens);
    json_put_integer (&writer, "output_tokens", (int64_t) sums.output_tokens);
    json_put_integer (&writer, "seq", (int64_t) seq);
    s_put_replica (self, seq, &writer);
    json_close (&writer, '}');
    char *answer = br_strdup (br_buf_text (&buf));
    br_buf_free (&buf);
    return answer;
}

static void
s_on_drained (void *arg)
{
    meter_t *self = arg;
    size_t settles = meter_batch_settles (self->batch);
    if (settles)
        br_ctx_log (self->ctx, BR_LOG_ERROR,
                    "stopped with %zu settles that are not on disk", settles);
    s_stopped (self);
}

//  What waits is flushed, and copied. A disk that refuses is tried again while there is time.
static void
s_stop (void *state, uint64_t drain_ms)
{
    meter_t *self = state;
    self->is_stopping = true;
    if (s_is_done (self)) {
        s_stopped (self);
        return;
    }
    br_loop_t *loop = br_ctx_loop (self->ctx);
    if (meter_batch_has_work (self->batch, br_ctx_now_us (self->ctx)))
        br_timer_set (loop, &self->tick, 0, s_on_tick, self);
    br_timer_set (loop, &self->drain, drain_ms, s_on_drained, self);
}

static const br_handler_row_t s_handlers[] = {
    { BR_CALL_INTENT, s_on_intent },
    { BR_CALL_SETTLE, s_on_settle },
    { BR_SPEND_ASK, s_on_spend },
    { BR_SYS_GONE, s_on_gone },
    { 0, NULL },
};

const br_actor_t br_meter_actor = {
    .name = "meter",
    .about = "prices each call and keeps it in the spend ledger",
    .role = BR_ROLE_METER,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
    .stop = s_stop,
};
