//  doctor_ledger: whether the ledger opens, and whether its last rows and its signed head are
//  as they were written. `bitrouter ledger verify` looks at all rows.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_file.h"
#include "broker/ledger/ledger_head.h"
#include "cli/doctor.h"
#include "cli/ledger_source.h"

#define ROWS 1000       //  that are looked at
#define AHEAD_MS 300000 //  a clock may be behind that of the last head

//  Rows that stream by, each held against the one before.
typedef struct {
    bool has_before;
    uint8_t before[LEDGER_HASH];
    uint64_t before_seq;
    uint64_t rows;
    uint64_t wrong; //  seq of the first row that does not fit; 0 = none
} s_look_t;

static int
s_on_row (void *arg, const ledger_entry_t *entry)
{
    s_look_t *look = arg;
    uint8_t hash[LEDGER_HASH];
    if (look->has_before) {
        ledger_entry_hash (entry, look->before, hash);
        if (entry->seq != look->before_seq + 1 || memcmp (hash, entry->hash, LEDGER_HASH))
            look->wrong = entry->seq;
    }
    memcpy (look->before, entry->hash, LEDGER_HASH);
    look->before_seq = entry->seq;
    look->has_before = true;
    look->rows++;
    return look->wrong != 0;
}

static void
s_look_at_rows (doctor_t *self, cli_ledger_t *ledger, uint64_t last)
{
    br_error_t error;
    s_look_t look = { .rows = 0 };
    uint64_t from = last > ROWS ? last - ROWS : 1;
    if (ledger_store_read (ledger->store, from, s_on_row, &look, &error))
        doctor_say (self, DOCTOR_ERROR, "ledger", "%s", error.text);
    else if (look.wrong)
        doctor_say (self, DOCTOR_ERROR, "ledger",
                    "row %" PRIu64 " of %s is not as it was written; `bitrouter ledger "
                    "verify` tells what happened to it",
                    look.wrong, ledger->name);
    else
        doctor_say (self, DOCTOR_OK, "ledger",
                    "%s opens; the last %" PRIu64 " rows, to %" PRIu64
                    ", are as they were written",
                    ledger->name, look.rows, last);
}

//  The head may be a moment behind rows that are being written, never ahead of them.
static void
s_look_at_head (doctor_t *self, const cli_ledger_t *ledger, uint64_t last)
{
    ledger_head_t head;
    br_error_t error;
    uint64_t now_ms = (uint64_t) time (NULL) * 1000;
    if (!br_conf_file_exists (ledger->head))
        return;
    if (ledger_head_read (&head, ledger->head, &error))
        doctor_say (self, DOCTOR_ERROR, "ledger head", "%s", error.text);
    else if (!head.is_genuine)
        doctor_say (self, DOCTOR_ERROR, "ledger head",
                    "the signature of %s is wrong: it was changed; see `bitrouter ledger "
                    "verify`",
                    ledger->head);
    else if (head.seq > last)
        doctor_say (self, DOCTOR_ERROR, "ledger head",
                    "%s names row %" PRIu64 ", and the ledger ends at %" PRIu64
                    ": rows were cut off, or it is another ledger",
                    ledger->head, head.seq, last);
    else if (head.time_ms > now_ms + AHEAD_MS)
        doctor_say (self, DOCTOR_WARNING, "clock",
                    "it is behind the time of the last ledger head; set it right");
    else
        doctor_say (self, DOCTOR_OK, "ledger head", "%s is signed, to row %" PRIu64,
                    ledger->head, head.seq);
}

static void
s_look_aside (doctor_t *self, const cli_ledger_t *ledger)
{
    char *aside = br_strf ("%s.wrong", ledger->head);
    if (br_conf_file_exists (aside))
        doctor_say (self, DOCTOR_ERROR, "ledger head",
                    "at a start the ledger did not fit its head, which is kept; "
                    "`bitrouter ledger verify --head %s` tells the row",
                    aside);
    free (aside);
}

//  A database that is a file does not exist before the first start.
static bool
s_is_to_be_made (const cli_ledger_t *ledger)
{
    if (strncmp (ledger->url, "sqlite://", 9) != 0)
        return false;
    char *path = br_strf ("%.*s", (int) strcspn (ledger->url + 9, "?"), ledger->url + 9);
    bool made = br_conf_file_exists (path);
    free (path);
    return !made;
}

void
doctor_ledger (doctor_t *self)
{
    cli_ledger_t ledger;
    br_error_t error = { .code = BR_OK };
    uint64_t last = 0;
    uint8_t hash[LEDGER_HASH];
    if (!self->conf || cli_ledger_find (&ledger, self->cli, &error)) {
        if (self->conf)
            doctor_say (self, DOCTOR_ERROR, "ledger", "%s", error.text);
        return;
    }
    if (s_is_to_be_made (&ledger)) {
        doctor_say (self, DOCTOR_OK, "ledger", "%s will be made by the first start",
                    ledger.name);
    } else {
        ledger.store = cli_ledger_look (ledger.url, &error);
        if (!ledger.store || ledger_store_last (ledger.store, &last, hash, &error)) {
            doctor_say (self, DOCTOR_ERROR, "ledger", "%s", error.text);
        } else {
            s_look_at_rows (self, &ledger, last);
            s_look_at_head (self, &ledger, last);
        }
    }
    s_look_aside (self, &ledger);
    cli_ledger_close (&ledger);
}
