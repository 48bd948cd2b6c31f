//  ledger_source: the ledger that a command looks at.

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_database.h"
#include "cli/ledger_source.h"

static bool
s_is_file (const char *url)
{
    return strncmp (url, "sqlite:", 7) == 0;
}

static char *
s_member (const cJSON *slice, const char *name)
{
    const char *text = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (slice, name));
    return br_strdup (text ? text : "");
}

static void
s_read_slice (cli_ledger_t *self, const br_conf_t *conf, bool is_given)
{
    char *text = br_conf_slice (conf, "meter");
    cJSON *slice = cJSON_Parse (text ? text : "{}");
    self->database = s_member (slice, "database");
    self->spool = s_member (slice, "spool");
    self->head = s_member (slice, "head");
    self->node_key = s_member (slice, "node_key");
    self->is_spool = !is_given && !s_is_file (self->database);
    self->url = self->is_spool ? br_strf ("sqlite://%s", self->spool)
                               : br_strdup (self->database);
    self->name = br_conf_database_masked (self->url);
    cJSON_Delete (slice);
    free (text);
}

int
cli_ledger_find (cli_ledger_t *ret_self, const cli_t *cli, br_error_t *reterr)
{
    *ret_self = (cli_ledger_t) { .store = NULL };
    br_conf_t *conf = br_conf_load (&cli->flags, reterr);
    if (!conf)
        return -1;
    s_read_slice (ret_self, conf, cli->flags.db != NULL);
    br_conf_destroy (&conf);
    return 0;
}

ledger_store_t *
cli_ledger_look (const char *url, br_error_t *reterr)
{
    if (!s_is_file (url))
        return ledger_store_new (url, reterr);
    char *file = br_strf ("%.*s?mode=ro", (int) strcspn (url, "?"), url);
    ledger_store_t *store = ledger_store_new (file, reterr);
    free (file);
    return store;
}

int
cli_ledger_open (cli_ledger_t *ret_self, const cli_t *cli, br_error_t *reterr)
{
    if (cli_ledger_find (ret_self, cli, reterr))
        return -1;
    ret_self->store = cli_ledger_look (ret_self->url, reterr);
    if (ret_self->store)
        return 0;
    cli_ledger_close (ret_self);
    return -1;
}

//  ---- reading

typedef struct {
    ledger_row_fn *fn;
    void *arg;
    uint64_t first; //  seq; 0 = none yet
} s_reading_t;

static int
s_pass_on (void *arg, const ledger_entry_t *entry)
{
    s_reading_t *reading = arg;
    if (reading->first == 0)
        reading->first = entry->seq;
    return reading->fn (reading->arg, entry);
}

int
cli_ledger_read (cli_ledger_t *self, ledger_row_fn *fn, void *arg, br_error_t *reterr)
{
    s_reading_t reading = { .fn = fn, .arg = arg };
    if (ledger_store_read (self->store, 1, s_pass_on, &reading, reterr))
        return -1;
    if (self->is_spool && reading.first > 1)
        fprintf (stderr,
                 "Warning: rows before %" PRIu64
                 " are no more in the spool; --db with the "
                 "address of the database sees all\n",
                 reading.first);
    return 0;
}

void
cli_ledger_close (cli_ledger_t *self)
{
    ledger_store_destroy (&self->store);
    free (self->url);
    free (self->name);
    free (self->database);
    free (self->spool);
    free (self->head);
    free (self->node_key);
    *self = (cli_ledger_t) { .store = NULL };
}
