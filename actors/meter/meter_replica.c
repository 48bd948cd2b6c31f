//  meter_replica: copies a spool's rows to the ledger's own database.
//
//  The thread reads the spool from the newest row that the database has, which it asks for
//  whenever it has connected: there is no mark that could be wrong. After a failure all is
//  closed and begun again, later and later. A database that was away may have lost rows it
//  had told were kept: then the next ones do not fit behind its last, which is a failure too.

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "actors/meter/meter_replica.h"

#define DOUBLINGS 7 //  lead past the maximum

struct _meter_replica_t {
    //  of both threads, under the lock
    pthread_mutex_t lock;
    pthread_cond_t change; //  woken, or to be ended
    bool is_woken;
    bool is_ending;
    unsigned owners; //  the last one frees all
    meter_replica_state_t state;
    //  of both, and never changed
    int event;
    char *spool_url;
    char *url;
    pthread_t thread;
    //  of the thread
    ledger_store_t *spool;
    ledger_store_t *remote;
    uint64_t seq; //  of the newest row that is there
};

static void
s_leave (meter_replica_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool is_last = --self->owners == 0;
    pthread_mutex_unlock (&self->lock);
    if (!is_last)
        return;
    pthread_cond_destroy (&self->change);
    pthread_mutex_destroy (&self->lock);
    close (self->event);
    free (self->spool_url);
    free (self->url);
    free (self);
}

static void
s_signal (meter_replica_t *self)
{
    uint64_t one = 1;
    //  A counter that is full is readable as well.
    if (write (self->event, &one, sizeof one) != sizeof one)
        return;
}

//  ---- the thread: rows

typedef struct {
    ledger_entry_t *rows; //  room for METER_REPLICA_BATCH
    size_t count;
    br_arena_t *arena; //  of their texts
} batch_t;

static int
s_take_row (void *arg, const ledger_entry_t *entry)
{
    batch_t *batch = arg;
    ledger_entry_copy (&batch->rows[batch->count++], entry, batch->arena);
    return batch->count == METER_REPLICA_BATCH;
}

//  Copies the next rows; *ret_count tells how many there were.
static int
s_copy_batch (meter_replica_t *self, size_t *ret_count, br_error_t *reterr)
{
    batch_t batch = { .count = 0 };
    batch.rows = br_alloc (METER_REPLICA_BATCH, sizeof *batch.rows);
    batch.arena = br_arena_new ();
    int rc = ledger_store_read (self->spool, self->seq + 1, s_take_row, &batch, reterr);
    if (rc == 0 && batch.count && batch.rows[0].seq != self->seq + 1)
        rc = br_error_set (
            reterr, BR_ESYSTEM,
            "the database has rows up to %llu, the spool only from %llu on",
            (unsigned long long) self->seq, (unsigned long long) batch.rows[0].seq);
    if (rc == 0)
        rc = ledger_store_add (self->remote, batch.rows, batch.count, reterr);
    if (rc == 0 && batch.count)
        self->seq = batch.rows[batch.count - 1].seq;
    *ret_count = batch.count;
    br_arena_destroy (&batch.arena);
    free (batch.rows);
    return rc;
}

typedef struct {
    uint64_t seq;
    const uint8_t *hash;
    bool is_other;
} same_t;

static int
s_compare_row (void *arg, const ledger_entry_t *entry)
{
    same_t *same = arg;
    same->is_other = entry->seq == same->seq
                     && memcmp (entry->hash, same->hash, LEDGER_HASH) != 0;
    return 1;
}

//  Whether the database's newest row is one of the spool's. A row that the spool has taken
//  out already is believed.
static int
s_check_chain (meter_replica_t *self, uint64_t seq, const uint8_t *hash,
               br_error_t *reterr)
{
    uint8_t own_hash[LEDGER_HASH];
    uint64_t own = 0;
    same_t same = { .seq = seq, .hash = hash };
    if (ledger_store_last (self->spool, &own, own_hash, reterr))
        return -1;
    if (seq && seq <= own
        && ledger_store_read (self->spool, seq, s_compare_row, &same, reterr))
        return -1;
    if (seq > own || same.is_other)
        return br_error_set (
            reterr, BR_ESYSTEM,
            "the database holds the rows of another spool (its newest is "
            "%llu): give it a database of its own, or the spool back",
            (unsigned long long) seq);
    return 0;
}

static int
s_connect (meter_replica_t *self, br_error_t *reterr)
{
    uint8_t hash[LEDGER_HASH];
    uint64_t seq = 0;
    if (self->remote)
        return 0;
    self->spool = ledger_store_new (self->spool_url, reterr);
    if (self->spool)
        self->remote = ledger_store_new (self->url, reterr);
    if (!self->remote || ledger_store_last (self->remote, &seq, hash, reterr)
        || s_check_chain (self, seq, hash, reterr))
        return -1;
    self->seq = seq;
    return 0;
}

static void
s_disconnect (meter_replica_t *self)
{
    ledger_store_destroy (&self->remote);
    ledger_store_destroy (&self->spool);
}

//  ---- the thread: its life

static void
s_note_success (meter_replica_t *self, bool is_news)
{
    pthread_mutex_lock (&self->lock);
    is_news |= self->state.failures > 0;
    self->state.seq = self->seq;
    self->state.failures = 0;
    self->state.error[0] = '\0';
    pthread_mutex_unlock (&self->lock);
    if (is_news)
        s_signal (self);
}

static void
s_note_failure (meter_replica_t *self, const br_error_t *error)
{
    pthread_mutex_lock (&self->lock);
    self->state.failures++;
    memcpy (self->state.error, error->text, sizeof self->state.error);
    pthread_mutex_unlock (&self->lock);
    s_signal (self);
}

static bool
s_is_ending (meter_replica_t *self)
{
    pthread_mutex_lock (&self->lock);
    bool is_ending = self->is_ending;
    pthread_mutex_unlock (&self->lock);
    return is_ending;
}

//  All that there is.
static int
s_copy (meter_replica_t *self, br_error_t *reterr)
{
    size_t count = METER_REPLICA_BATCH;
    bool is_new = !self->remote;
    if (s_connect (self, reterr))
        return -1;
    while (count == METER_REPLICA_BATCH && !s_is_ending (self)) {
        if (s_copy_batch (self, &count, reterr))
            return -1;
        s_note_success (self, count > 0 || is_new);
        is_new = false;
    }
    return 0;
}

//  Until it is woken, or for a time; false when it is to end. Rows that come while a
//  database is down do not make it try sooner.
static bool
s_wait (meter_replica_t *self, uint64_t failures)
{
    struct timespec until;
    unsigned doublings = failures < DOUBLINGS ? (unsigned) failures : DOUBLINGS;
    uint64_t ms = failures ? (uint64_t) METER_REPLICA_RETRY_MS << (doublings - 1) : 0;
    if (ms > METER_REPLICA_RETRY_MAX_MS)
        ms = METER_REPLICA_RETRY_MAX_MS;
    clock_gettime (CLOCK_MONOTONIC, &until);
    uint64_t ns = (uint64_t) until.tv_nsec + ms * 1000000;
    until.tv_sec += (time_t) (ns / 1000000000);
    until.tv_nsec = (long) (ns % 1000000000);
    pthread_mutex_lock (&self->lock);
    int rc = 0;
    while (!self->is_ending && rc == 0 && (failures || !self->is_woken))
        rc = failures ? pthread_cond_timedwait (&self->change, &self->lock, &until)
                      : pthread_cond_wait (&self->change, &self->lock);
    self->is_woken = false;
    bool goes_on = !self->is_ending;
    pthread_mutex_unlock (&self->lock);
    return goes_on;
}

static void *
s_run (void *arg)
{
    meter_replica_t *self = arg;
    uint64_t failures = 0;
    do {
        br_error_t error;
        bool is_good = s_copy (self, &error) == 0;
        failures = is_good ? 0 : failures + 1;
        if (!is_good) {
            s_disconnect (self);
            s_note_failure (self, &error);
        }
    } while (s_wait (self, failures));
    s_disconnect (self);
    s_leave (self);
    return NULL;
}

//  ---- the meter's side

static void
s_init_lock (meter_replica_t *self)
{
    pthread_condattr_t attr;
    pthread_condattr_init (&attr);
    pthread_condattr_setclock (&attr, CLOCK_MONOTONIC);
    pthread_cond_init (&self->change, &attr);
    pthread_condattr_destroy (&attr);
    pthread_mutex_init (&self->lock, NULL);
}

meter_replica_t *
meter_replica_new (const char *spool, const char *url, br_error_t *reterr)
{
    const ledger_kind_t *kind = ledger_store_kind (url, reterr);
    if (!kind)
        return NULL;
    meter_replica_t *self = BR_NEW (meter_replica_t);
    s_init_lock (self);
    self->owners = 1;
    self->state.scheme = kind->scheme;
    self->spool_url = br_strf ("sqlite://%s?mode=ro", spool);
    self->url = br_strdup (url);
    self->event = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    int rc = self->event < 0 ? errno : 0;
    if (rc == 0) {
        self->owners = 2;
        rc = pthread_create (&self->thread, NULL, s_run, self);
    }
    if (rc == 0)
        return self;
    br_error_set (reterr, BR_ESYSTEM, "the copying of the ledger cannot start: %s",
                  strerror (rc));
    self->owners = 1;
    s_leave (self);
    return NULL;
}

void
meter_replica_destroy (meter_replica_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    meter_replica_t *self = *self_p;
    pthread_mutex_lock (&self->lock);
    self->is_ending = true;
    pthread_cond_signal (&self->change);
    pthread_mutex_unlock (&self->lock);
    struct timespec until;
    clock_gettime (CLOCK_REALTIME, &until);
    until.tv_sec += METER_REPLICA_END_MS / 1000;
    if (pthread_timedjoin_np (self->thread, NULL, &until))
        pthread_detach (self->thread);
    s_leave (self);
    *self_p = NULL;
}

void
meter_replica_wake (meter_replica_t *self)
{
    pthread_mutex_lock (&self->lock);
    self->is_woken = true;
    pthread_cond_signal (&self->change);
    pthread_mutex_unlock (&self->lock);
}

int
meter_replica_fd (const meter_replica_t *self)
{
    return self->event;
}

void
meter_replica_hear (meter_replica_t *self)
{
    uint64_t count;
    if (read (self->event, &count, sizeof count) != sizeof count)
        return; //  nothing is new
}

void
meter_replica_look (meter_replica_t *self, meter_replica_state_t *ret_state)
{
    pthread_mutex_lock (&self->lock);
    *ret_state = self->state;
    pthread_mutex_unlock (&self->lock);
}
