//  meter_batch: what waits for the next commit.
//
//  An intent whose call is settled before the commit never reaches the disk. Hosts that
//  are gone wait until no intent of theirs can be behind them in the queue.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "broker/core/alloc.h"
#include "broker/core/call_map.h"
#include "actors/meter/meter_batch.h"

typedef struct _item_t {
    TAILQ_ENTRY (_item_t) link;
    br_msg_t *msg;         //  own copy
    meter_settle_t settle; //  zeros for an intent
} item_t;

//  Items in the order of their coming, and by call id.
typedef struct {
    TAILQ_HEAD (, _item_t) items;
    br_call_map_t *calls;
} queue_t;

typedef struct {
    uint32_t host;
    uint32_t life;
    uint64_t due_us;
} gone_t;

struct _meter_batch_t {
    queue_t settles;
    queue_t intents;
    size_t bytes; //  of all messages
    gone_t gone[METER_GONE_MAX];
    size_t gone_size;
};

//  ---- queues

static void
s_queue_init (queue_t *queue)
{
    TAILQ_INIT (&queue->items);
    queue->calls = br_call_map_new (METER_WAITING_MAX);
}

static void
s_remove (meter_batch_t *self, queue_t *queue, item_t *item)
{
    br_call_map_take (queue->calls, item->msg->call);
    TAILQ_REMOVE (&queue->items, item, link);
    self->bytes -= item->msg->bytes;
    br_msg_destroy (&item->msg);
    free (item);
}

static void
s_remove_first (meter_batch_t *self, queue_t *queue, size_t count)
{
    item_t *item = TAILQ_FIRST (&queue->items);
    while (count-- > 0) {
        item_t *next = TAILQ_NEXT (item, link);
        s_remove (self, queue, item);
        item = next;
    }
}

//  The new item, or NULL when a maximum is reached.
static item_t *
s_append (meter_batch_t *self, queue_t *queue, const br_msg_t *msg, br_error_t *reterr)
{
    if (br_call_map_size (queue->calls) == METER_WAITING_MAX
        || self->bytes + msg->bytes > METER_WAITING_BYTES) {
        br_error_set (reterr, BR_EBUSY, "%zu settles and %zu intents wait for the disk",
                      br_call_map_size (self->settles.calls),
                      br_call_map_size (self->intents.calls));
        return NULL;
    }
    item_t *item = BR_NEW (item_t);
    item->msg = br_msg_new (msg->verb, msg->call, msg->attempt, br_msg_fields (msg),
                            NULL);
    item->msg->from = msg->from;
    br_call_map_put (queue->calls, msg->call, item);
    TAILQ_INSERT_TAIL (&queue->items, item, link);
    self->bytes += item->msg->bytes;
    return item;
}

meter_batch_t *
meter_batch_new (void)
{
    meter_batch_t *self = BR_NEW (meter_batch_t);
    s_queue_init (&self->settles);
    s_queue_init (&self->intents);
    return self;
}

void
meter_batch_destroy (meter_batch_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    meter_batch_t *self = *self_p;
    s_remove_first (self, &self->intents, meter_batch_intents (self));
    s_remove_first (self, &self->settles, meter_batch_settles (self));
    br_call_map_destroy (&self->intents.calls);
    br_call_map_destroy (&self->settles.calls);
    free (self);
    *self_p = NULL;
}

//  ---- adding

//  What a router that ended has called lost, somebody else may know.
static bool
s_gives_way (const item_t *item, const br_msg_t *msg)
{
    const struct br_call_settle *older = br_msg_fields (item->msg);
    const struct br_call_settle *newer = br_msg_fields (msg);
    return older->outcome == BR_OUTCOME_LOST && newer->outcome != BR_OUTCOME_LOST;
}

int
meter_batch_add_settle (meter_batch_t *self, const br_msg_t *msg,
                        const br_price_cost_t *cost, const char *version,
                        uint64_t settled_ms, br_error_t *reterr)
{
    item_t *item = br_call_map_get (self->settles.calls, msg->call);
    if (item && s_gives_way (item, msg)) {
        s_remove (self, &self->settles, item);
        item = NULL;
    }
    if (item) {
        item->msg->from = msg->from;
        item->msg->attempt = msg->attempt;
        return 0;
    }
    item = s_append (self, &self->settles, msg, reterr);
    if (!item)
        return -1;
    item_t *intent = br_call_map_get (self->intents.calls, msg->call);
    if (intent)
        s_remove (self, &self->intents, intent);
    item->settle = (meter_settle_t) { .msg = item->msg, .cost = *cost };
    item->settle.settled_ms = settled_ms;
    snprintf (item->settle.price_version, BR_TARIFF_VERSION, "%s", version);
    return 0;
}

int
meter_batch_add_intent (meter_batch_t *self, const br_msg_t *msg, br_error_t *reterr)
{
    if (br_call_map_get (self->settles.calls, msg->call))
        return 0;
    item_t *older = br_call_map_get (self->intents.calls, msg->call);
    if (older && older->msg->attempt >= msg->attempt)
        return 0;
    if (older)
        s_remove (self, &self->intents, older);
    return s_append (self, &self->intents, msg, reterr) ? 0 : -1;
}

int
meter_batch_add_gone (meter_batch_t *self, uint32_t host, uint32_t life, uint64_t due_us,
                      br_error_t *reterr)
{
    if (self->gone_size == METER_GONE_MAX)
        return br_error_set (reterr, BR_EBUSY, "%d hosts are gone within a moment",
                             METER_GONE_MAX);
    self->gone[self->gone_size++] = (gone_t) { host, life, due_us };
    return 0;
}

//  ---- what there is

size_t
meter_batch_settles (const meter_batch_t *self)
{
    return br_call_map_size (self->settles.calls);
}

size_t
meter_batch_intents (const meter_batch_t *self)
{
    return br_call_map_size (self->intents.calls);
}

uint64_t
meter_batch_next_due (const meter_batch_t *self)
{
    uint64_t due_us = UINT64_MAX;
    for (size_t i = 0; i < self->gone_size; i++)
        if (self->gone[i].due_us < due_us)
            due_us = self->gone[i].due_us;
    return due_us;
}

bool
meter_batch_has_work (const meter_batch_t *self, uint64_t now_us)
{
    return meter_batch_settles (self) || meter_batch_intents (self)
           || meter_batch_next_due (self) <= now_us;
}

//  ---- writing

static int
s_write_settle (ledger_sqlite_t *ledger, item_t *item, br_error_t *reterr)
{
    meter_settle_t *settle = &item->settle;
    ledger_entry_t entry;
    meter_entry_fill (&entry, item->msg, &settle->cost, settle->price_version,
                      settle->settled_ms);
    return ledger_sqlite_add (ledger, &entry, &settle->kept, reterr);
}

//  Returns how many were written, or -1.
static int
s_write_settles (meter_batch_t *self, ledger_sqlite_t *ledger, br_error_t *reterr)
{
    int count = 0;
    item_t *item;
    TAILQ_FOREACH (item, &self->settles.items, link)
    {
        if (count == METER_COMMIT_MAX)
            break;
        if (s_write_settle (ledger, item, reterr))
            return -1;
        count++;
    }
    return count;
}

//  Returns how many were written, or -1.
static int
s_write_intents (meter_batch_t *self, ledger_sqlite_t *ledger, int room,
                 br_error_t *reterr)
{
    int count = 0;
    item_t *item;
    TAILQ_FOREACH (item, &self->intents.items, link)
    {
        if (count == room)
            break;
        ledger_intent_t intent;
        meter_entry_intent (&intent, item->msg);
        if (ledger_sqlite_add_intent (ledger, &intent, reterr))
            return -1;
        count++;
    }
    return count;
}

static int
s_write_gone (const meter_batch_t *self, ledger_sqlite_t *ledger, uint64_t now_us,
              uint64_t now_ms, uint64_t *lost, br_error_t *reterr)
{
    *lost = 0;
    for (size_t i = 0; i < self->gone_size; i++) {
        const gone_t *gone = &self->gone[i];
        uint64_t count = 0;
        if (gone->due_us > now_us)
            continue;
        if (ledger_sqlite_lose_host (ledger, gone->host, gone->life, now_ms, &count,
                                     reterr))
            return -1;
        *lost += count;
    }
    return 0;
}

static void
s_forget_gone (meter_batch_t *self, uint64_t now_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->gone_size; i++)
        if (self->gone[i].due_us > now_us)
            self->gone[kept++] = self->gone[i];
    self->gone_size = kept;
}

static void
s_tell (const meter_batch_t *self, int count, meter_batch_fn *fn, void *arg)
{
    const item_t *item = TAILQ_FIRST (&self->settles.items);
    for (int i = 0; i < count; i++) {
        fn (arg, &item->settle);
        item = TAILQ_NEXT (item, link);
    }
}

//  What was written: settles and intents, and whether no intent is left behind.
typedef struct {
    int settles;
    int intents;
    bool is_last;
} s_written_t;

static int
s_write (meter_batch_t *self, ledger_sqlite_t *ledger, uint64_t now_us, uint64_t now_ms,
         s_written_t *written, meter_commit_t *commit, br_error_t *reterr)
{
    if (ledger_sqlite_begin (ledger, reterr))
        return -1;
    written->settles = s_write_settles (self, ledger, reterr);
    if (written->settles < 0)
        return -1;
    written->intents = s_write_intents (self, ledger, METER_COMMIT_MAX - written->settles,
                                        reterr);
    if (written->intents < 0)
        return -1;
    written->is_last = (size_t) written->intents == meter_batch_intents (self);
    if (written->is_last
        && s_write_gone (self, ledger, now_us, now_ms, &commit->lost, reterr))
        return -1;
    uint8_t hash[LEDGER_HASH];
    uint64_t last = 0;
    if (commit->lost && ledger_sqlite_last (ledger, &last, hash, reterr))
        return -1;
    commit->first_lost = last - commit->lost + 1;
    return ledger_sqlite_commit (ledger, reterr);
}

int
meter_batch_commit (meter_batch_t *self, ledger_sqlite_t *ledger, uint64_t now_us,
                    uint64_t now_ms, meter_batch_fn *fn, void *arg,
                    meter_commit_t *ret_commit, br_error_t *reterr)
{
    s_written_t written = { .settles = 0 };
    meter_commit_t commit = { .lost = 0 };
    if (s_write (self, ledger, now_us, now_ms, &written, &commit, reterr)) {
        ledger_sqlite_rollback (ledger);
        return -1;
    }
    s_tell (self, written.settles, fn, arg);
    s_remove_first (self, &self->settles, (size_t) written.settles);
    s_remove_first (self, &self->intents, (size_t) written.intents);
    if (written.is_last)
        s_forget_gone (self, now_us);
    *ret_commit = commit;
    return 0;
}
