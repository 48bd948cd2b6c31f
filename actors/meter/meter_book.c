//  meter_book: the ledger that a slice names.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/json_value.h"
#include "actors/meter/meter_book.h"

#define TEXT_MAX (PATH_MAX + 64) //  bytes of an address or a path
#define ASIDE_MAX 99 //  heads that are kept aside; the last one may be replaced

typedef enum {
    PLACE_DATABASE,
    PLACE_SPOOL,
    PLACE_HEAD,
    PLACE_NODE_KEY,
    PLACES
} place_t;

static const char *const s_keys[PLACES] = { [PLACE_DATABASE] = "database",
                                            [PLACE_SPOOL] = "spool",
                                            [PLACE_HEAD] = "head",
                                            [PLACE_NODE_KEY] = "node_key" };

struct _meter_book_t {
    char *places[PLACES]; //  owned; "" = not named
    ledger_sqlite_t *ledger;
    ledger_signer_t *signer; //  NULL = no head
    meter_replica_t *replica;
    ledger_head_t head; //  that was signed last
    bool is_signed;     //  head counts
};

//  ---- what a slice names

static int
s_read_place (const char *slice, const json_row_t *row, char **ret_text,
              br_error_t *reterr)
{
    char text[TEXT_MAX] = "";
    if (row->type != JSON_NONE
        && (row->type != JSON_STRING
            || json_text (slice + row->offset, row->size, text, sizeof text)))
        return br_error_set (reterr, BR_ECONFIG,
                             "%s: it must be a text of at most %d bytes", row->key,
                             TEXT_MAX - 1);
    *ret_text = br_strdup (text);
    return 0;
}

static void
s_free_places (char *places[PLACES])
{
    for (size_t i = 0; i < PLACES; i++) {
        free (places[i]);
        places[i] = NULL;
    }
}

static int
s_read_places (const char *slice, char *places[PLACES], br_error_t *reterr)
{
    json_row_t rows[PLACES];
    for (size_t i = 0; i < PLACES; i++) {
        rows[i] = (json_row_t) { .key = s_keys[i] };
        places[i] = NULL;
    }
    if (json_members (slice, strlen (slice), rows, PLACES, NULL))
        return br_error_set (reterr, BR_ECONFIG, "the meter's slice is no JSON object");
    for (size_t i = 0; i < PLACES; i++)
        if (s_read_place (slice, &rows[i], &places[i], reterr)) {
            s_free_places (places);
            return -1;
        }
    if (*places[PLACE_DATABASE])
        return 0;
    s_free_places (places);
    return br_error_set (reterr, BR_ECONFIG,
                         "database: give an address, sqlite://PATH?mode=rwc");
}

bool
meter_book_is (const meter_book_t *self, const char *slice)
{
    char *places[PLACES];
    if (s_read_places (slice, places, NULL))
        return false;
    bool is_same = true;
    for (size_t i = 0; i < PLACES; i++)
        is_same &= strcmp (places[i], self->places[i]) == 0;
    s_free_places (places);
    return is_same;
}

//  ---- opening

//  The address of the file that is written: the database's own, or the spool's.
static int
s_find_file (const meter_book_t *self, ledger_file_t *file, br_error_t *reterr)
{
    const char *url = self->places[PLACE_DATABASE];
    const ledger_kind_t *kind = ledger_store_kind (url, reterr);
    if (!kind)
        return -1;
    if (strcmp (kind->scheme, ledger_sqlite.scheme) != 0) {
        if (!*self->places[PLACE_SPOOL])
            return br_error_set (reterr, BR_ECONFIG,
                                 "database: one that is no SQLite file needs a spool");
        char spool[TEXT_MAX + 16];
        snprintf (spool, sizeof spool, "sqlite://%s", self->places[PLACE_SPOOL]);
        return ledger_file_parse (spool, file, reterr);
    }
    if (ledger_file_parse (url, file, reterr))
        return -1;
    return file->read_only
               ? br_error_set (reterr, BR_ECONFIG,
                               "database: the ledger is written, give mode=rwc, not "
                               "mode=ro")
               : 0;
}

static int
s_open (meter_book_t *self, br_error_t *reterr)
{
    ledger_file_t file;
    if (s_find_file (self, &file, reterr))
        return -1;
    const char *key = self->places[PLACE_NODE_KEY];
    if (*key && *self->places[PLACE_HEAD]) {
        self->signer = ledger_signer_new (key, reterr);
        if (!self->signer)
            return -1;
    }
    self->ledger = ledger_sqlite_new (&file, reterr);
    return self->ledger ? 0 : -1;
}

meter_book_t *
meter_book_new (const char *slice, br_error_t *reterr)
{
    meter_book_t *self = BR_NEW (meter_book_t);
    if (s_read_places (slice, self->places, reterr) || s_open (self, reterr))
        meter_book_destroy (&self);
    return self;
}

void
meter_book_destroy (meter_book_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    meter_book_t *self = *self_p;
    meter_replica_destroy (&self->replica);
    ledger_sqlite_destroy (&self->ledger);
    ledger_signer_destroy (&self->signer);
    s_free_places (self->places);
    free (self);
    *self_p = NULL;
}

ledger_sqlite_t *
meter_book_ledger (const meter_book_t *self)
{
    return self->ledger;
}

const ledger_signer_t *
meter_book_signer (const meter_book_t *self)
{
    return self->signer;
}

//  ---- the head

typedef struct {
    const ledger_head_t *head;
    bool is_there; //  the row that it names, with its hash
} s_look_t;

static int
s_look_at (void *arg, const ledger_entry_t *entry)
{
    s_look_t *look = arg;
    look->is_there = entry->seq == look->head->seq
                     && memcmp (entry->hash, look->head->hash, LEDGER_HASH) == 0;
    return 1;
}

//  Where a head is kept that nothing was kept at before. "caller frees"
static char *
s_aside (const char *path)
{
    char *aside = br_strf ("%s.wrong", path);
    for (int number = 2; number <= ASIDE_MAX && access (aside, F_OK) == 0; number++) {
        free (aside);
        aside = br_strf ("%s.wrong.%d", path, number);
    }
    return aside;
}

static int
s_keep_aside (const meter_book_t *self, const char *why, br_error_t *reterr)
{
    const char *path = self->places[PLACE_HEAD];
    char *aside = s_aside (path);
    (void) rename (path, aside); //  else it is written over, and the log has told
    br_error_set (reterr, BR_EINVALID, "the ledger %.160s does not fit %.160s: %s",
                  ledger_sqlite_path (self->ledger), aside, why);
    free (aside);
    return -1;
}

int
meter_book_check (meter_book_t *self, br_error_t *reterr)
{
    const char *path = self->places[PLACE_HEAD];
    ledger_head_t head;
    br_error_t error;
    if (!self->signer || access (path, F_OK))
        return 0;
    if (ledger_head_read (&head, path, &error))
        return s_keep_aside (self, "it cannot be read", reterr);
    char name[LEDGER_NAME_MAX];
    ledger_head_name (self->places[PLACE_DATABASE], name);
    if (strcmp (name, head.database) != 0)
        return 0; //  it was of another ledger
    if (!head.is_genuine)
        return s_keep_aside (self, "its signature is wrong", reterr);
    s_look_t look = { .head = &head, .is_there = head.seq == 0 };
    if (head.seq && ledger_sqlite_read (self->ledger, head.seq, s_look_at, &look, reterr))
        return -1;
    return look.is_there
               ? 0
               : s_keep_aside (self, "rows were changed or cut off, see ledger verify",
                               reterr);
}

int
meter_book_sign (meter_book_t *self, uint64_t now_ms, br_error_t *reterr)
{
    if (!self->signer)
        return 0;
    ledger_head_t head = { .time_ms = now_ms };
    ledger_spend_t *spend = ledger_sqlite_spend (self->ledger);
    if (ledger_sqlite_last (self->ledger, &head.seq, head.hash, reterr)
        || ledger_spend_checkpoint (spend, &head.pruned_seq, head.pruned_hash, reterr))
        return -1;
    if (self->is_signed && head.seq == self->head.seq
        && head.pruned_seq == self->head.pruned_seq)
        return 0;
    ledger_head_name (self->places[PLACE_DATABASE], head.database);
    if (ledger_head_write (&head, self->signer, self->places[PLACE_HEAD], reterr))
        return -1;
    self->head = head;
    self->is_signed = true;
    return 0;
}

//  ---- the copy

int
meter_book_start (meter_book_t *self, br_error_t *reterr)
{
    const char *url = self->places[PLACE_DATABASE];
    const ledger_kind_t *kind = ledger_store_kind (url, reterr);
    if (!kind)
        return -1;
    if (strcmp (kind->scheme, ledger_sqlite.scheme) == 0)
        return 0;
    self->replica = meter_replica_new (ledger_sqlite_path (self->ledger), url, reterr);
    return self->replica ? 0 : -1;
}

meter_replica_t *
meter_book_replica (const meter_book_t *self)
{
    return self->replica;
}

int
meter_book_prune (meter_book_t *self, uint64_t now_ms, bool *ret_more, br_error_t *reterr)
{
    meter_replica_state_t state;
    size_t count = 0;
    *ret_more = false;
    if (!self->replica || now_ms < METER_KEEP_MS)
        return 0;
    meter_replica_look (self->replica, &state);
    if (ledger_spend_prune (ledger_sqlite_spend (self->ledger), state.seq,
                            now_ms - METER_KEEP_MS, METER_PRUNE_MAX, &count, reterr))
        return -1;
    *ret_more = count == METER_PRUNE_MAX;
    return count ? meter_book_sign (self, now_ms, reterr) : 0;
}
