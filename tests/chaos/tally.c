//  tally: calls by their number. It is only ever added to, until it is judged.

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tests/chaos/tally.h"
#include "tests/place/site.h"

#define LOSSES_MAX 4096
#define LINE_BYTES 4096
#define SHOWN_MAX 20 //  faults that are printed one by one

typedef struct {
    uint64_t began_ms;
    uint64_t ended_ms;
    tally_end_t end;
    unsigned requests;  //  that the provider received
    unsigned longest;   //  of them, ms
    unsigned rows;      //  of the ledger
    unsigned ok_rows;   //  of them, successes
    unsigned lost_rows; //  of them, lost
    bool has_tokens;    //  one of them has
} call_t;

typedef struct {
    const char *name; //  of the host; NULL = any, a link was cut
    uint64_t at_ms;
} loss_t;

struct _tally_t {
    pthread_mutex_t lock;
    call_t *calls;
    unsigned calls_count;
    loss_t losses[LOSSES_MAX];
    unsigned losses_count;
    unsigned shown;
    int wrong;
};

tally_t *
tally_new (unsigned calls)
{
    tally_t *self = BR_NEW (tally_t);
    pthread_mutex_init (&self->lock, NULL);
    self->calls = br_alloc (calls, sizeof *self->calls);
    self->calls_count = calls;
    return self;
}

void
tally_destroy (tally_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    pthread_mutex_destroy (&(*self_p)->lock);
    free ((*self_p)->calls);
    free (*self_p);
    *self_p = NULL;
}

void
tally_began (tally_t *self, unsigned number)
{
    pthread_mutex_lock (&self->lock);
    self->calls[number].began_ms = site_now_ms ();
    pthread_mutex_unlock (&self->lock);
}

void
tally_ended (tally_t *self, unsigned number, tally_end_t end)
{
    pthread_mutex_lock (&self->lock);
    self->calls[number].ended_ms = site_now_ms ();
    self->calls[number].end = end;
    pthread_mutex_unlock (&self->lock);
}

void
tally_lost (tally_t *self, const char *name)
{
    pthread_mutex_lock (&self->lock);
    if (self->losses_count < LOSSES_MAX)
        self->losses[self->losses_count++] = (loss_t) { name, site_now_ms () };
    pthread_mutex_unlock (&self->lock);
}

void
tally_cut (tally_t *self)
{
    tally_lost (self, NULL);
}

bool
tally_was_lost (tally_t *self, unsigned number, const char *name)
{
    bool was = false;
    pthread_mutex_lock (&self->lock);
    uint64_t began_ms = self->calls[number].began_ms;
    for (unsigned i = 0; i < self->losses_count; i++) {
        const loss_t *loss = &self->losses[i];
        bool is_it = !loss->name || strcmp (loss->name, name) == 0;
        was = was || (is_it && loss->at_ms + TALLY_TICK_MS >= began_ms);
    }
    pthread_mutex_unlock (&self->lock);
    return was;
}

unsigned
tally_count (tally_t *self, tally_end_t end)
{
    unsigned count = 0;
    pthread_mutex_lock (&self->lock);
    for (unsigned i = 0; i < self->calls_count; i++)
        count += self->calls[i].end == end;
    pthread_mutex_unlock (&self->lock);
    return count;
}

//  ---- what others have of them

static call_t *
s_call (tally_t *self, const char *text, const char *before)
{
    const char *at = text ? strstr (text, before) : NULL;
    if (!at)
        return NULL;
    unsigned long number = strtoul (at + strlen (before), NULL, 10);
    return number < self->calls_count ? &self->calls[number] : NULL;
}

static int
s_read_log (tally_t *self, const char *path)
{
    char line[LINE_BYTES];
    FILE *file = fopen (path, "re");
    if (!file)
        return -1;
    while (fgets (line, sizeof line, file)) {
        call_t *call = s_call (self, strstr (line, "\"model\":"), "-tag");
        const char *ms = strstr (line, "\"ms\":");
        if (!call)
            continue;
        unsigned long took = ms ? strtoul (ms + 5, NULL, 10) : 0;
        call->requests++;
        if (took > call->longest)
            call->longest = (unsigned) took;
    }
    fclose (file);
    return 0;
}

static void
s_add_row (tally_t *self, sqlite3_stmt *row)
{
    const char *id = (const char *) sqlite3_column_text (row, 0);
    const char *outcome = (const char *) sqlite3_column_text (row, 1);
    call_t *call = s_call (self, id, "storm-");
    if (!call || !outcome)
        return;
    call->rows++;
    call->ok_rows += strcmp (outcome, "ok") == 0;
    call->lost_rows += strcmp (outcome, "lost") == 0;
    call->has_tokens = call->has_tokens || sqlite3_column_int64 (row, 2) > 0;
}

static int
s_read_ledger (tally_t *self, const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *row = NULL;
    int rc = sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2 (db,
                                 "SELECT request_id, outcome, input_tokens + "
                                 "output_tokens FROM calls",
                                 -1, &row, NULL);
    while (rc == SQLITE_OK && sqlite3_step (row) == SQLITE_ROW)
        s_add_row (self, row);
    sqlite3_finalize (row);
    sqlite3_close (db);
    return rc == SQLITE_OK ? 0 : -1;
}

//  ---- what must hold

//  Hosts that hold what the ledger was not told yet.
static const char *const s_holders[] = { "router", "ingress", NULL };

//  Hosts that also know how a call ended; a link that is cut parts them.
static const char *const s_knowers[] = { "router", "ingress", "providers", "", NULL };

//  A cut link has no name.
static bool
s_is_named (const loss_t *loss, const char *const *names)
{
    const char *own = loss->name ? loss->name : "";
    while (*names && strcmp (*names, own) != 0)
        names++;
    return *names != NULL;
}

//  The call ended so near the loss of one of them that what it held may be lost.
static bool
s_is_excused (const tally_t *self, const call_t *call, const char *const *names)
{
    for (unsigned i = 0; i < self->losses_count; i++) {
        const loss_t *loss = &self->losses[i];
        if (s_is_named (loss, names) && call->ended_ms + TALLY_TICK_MS > loss->at_ms
            && call->ended_ms < loss->at_ms + TALLY_TICK_MS)
            return true;
    }
    return false;
}

static void
s_blame (tally_t *self, const call_t *call, const char *what)
{
    self->wrong++;
    if (self->shown++ < SHOWN_MAX)
        printf ("FAIL: call %u %s: end %d after %u ms, %u requests, %u rows, %u ok, %u "
                "lost\n",
                (unsigned) (call - self->calls), what, (int) call->end,
                (unsigned) (call->ended_ms - call->began_ms), call->requests, call->rows,
                call->ok_rows, call->lost_rows);
}

typedef struct {
    unsigned rows;
    unsigned lost;    //  of them
    unsigned taken;   //  complete calls that are taken for lost
    unsigned failed;  //  complete calls that are taken for failed
    unsigned missing; //  complete calls without a row
    unsigned young;   //  other calls that reached the provider and have none
} counts_t;

static void
s_judge_call (tally_t *self, const call_t *call, counts_t *counts)
{
    bool complete = call->end == TALLY_COMPLETE;
    counts->rows += call->rows;
    counts->lost += call->lost_rows;
    if (call->end == TALLY_WRONG)
        s_blame (self, call, "hung, or looks complete");
    else if (call->rows > 1)
        s_blame (self, call, "has more than one row");
    else if (call->requests == 0 && (call->has_tokens || call->ok_rows))
        s_blame (self, call, "is billed, and nobody was asked");
    else if (complete && call->ok_rows == 0) {
        counts->taken += call->lost_rows;
        counts->failed += call->rows - call->lost_rows;
        counts->missing += call->rows == 0;
        if (!s_is_excused (self, call, call->rows ? s_knowers : s_holders))
            s_blame (self, call, "was answered, and has no row of its success");
    } else if (call->requests && call->rows == 0) {
        counts->young++;
        if (call->longest > TALLY_TICK_MS || !s_is_excused (self, call, s_holders))
            s_blame (self, call, "reached the provider, and has no row");
    }
}

int
tally_judge (tally_t *self, const char *mock_log, const char *database)
{
    counts_t counts = { .rows = 0 };
    if (s_read_log (self, mock_log) || s_read_ledger (self, database)) {
        printf ("FAIL: cannot read %s or %s\n", mock_log, database);
        return -1;
    }
    for (unsigned i = 0; i < self->calls_count; i++)
        s_judge_call (self, &self->calls[i], &counts);
    unsigned kills = 0;
    for (unsigned i = 0; i < self->losses_count; i++)
        kills += self->losses[i].name != NULL;
    printf ("%u kills; %u calls complete, %u failed clearly; %u rows, %u of them lost\n",
            kills, tally_count (self, TALLY_COMPLETE), tally_count (self, TALLY_FAILED),
            counts.rows, counts.lost);
    printf ("killed with what they held: %u complete and %u asked without a row\n",
            counts.missing, counts.young);
    printf ("the last words came to the client, and not to the router: %u complete and "
            "taken for lost, %u for failed\n",
            counts.taken, counts.failed);
    return self->wrong;
}
