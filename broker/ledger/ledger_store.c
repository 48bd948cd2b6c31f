//  ledger_store: where a ledger's rows are. It finds the kind by the address, and no more.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_mysql.h"
#include "broker/ledger/ledger_postgres.h"
#include "broker/ledger/ledger_sqlite.h"

#ifdef BR_WITH_POSTGRES
#define POSTGRES &ledger_postgres
#else
#define POSTGRES NULL
#endif
#ifdef BR_WITH_MYSQL
#define MYSQL &ledger_mysql
#else
#define MYSQL NULL
#endif

static const struct {
    const char *start;         //  of an address
    const char *product;       //  its name
    const char *package;       //  what building it in needs
    const ledger_kind_t *kind; //  NULL: left out
} s_kinds[] = {
    { "sqlite:", "SQLite", "libsqlite3-dev", &ledger_sqlite },
    { "postgres:", "PostgreSQL", "libpq-dev", POSTGRES },
    { "postgresql:", "PostgreSQL", "libpq-dev", POSTGRES },
    { "mysql:", "MySQL", "libmariadb-dev", MYSQL },
};

struct _ledger_store_t {
    const ledger_kind_t *kind;
    void *state;
};

const ledger_kind_t *
ledger_store_kind (const char *url, br_error_t *reterr)
{
    for (size_t i = 0; i < sizeof s_kinds / sizeof *s_kinds; i++) {
        if (strncmp (url, s_kinds[i].start, strlen (s_kinds[i].start)) != 0)
            continue;
        if (!s_kinds[i].kind)
            br_error_set (reterr, BR_ECONFIG,
                          "database: this bitrouter was built without %s (%s)",
                          s_kinds[i].product, s_kinds[i].package);
        return s_kinds[i].kind;
    }
    br_error_set (reterr, BR_ECONFIG,
                  "database: the address must begin with sqlite://, postgres:// or "
                  "mysql://");
    return NULL;
}

ledger_store_t *
ledger_store_new (const char *url, br_error_t *reterr)
{
    const ledger_kind_t *kind = ledger_store_kind (url, reterr);
    void *state = kind ? kind->open (url, reterr) : NULL;
    if (!state)
        return NULL;
    ledger_store_t *self = BR_NEW (ledger_store_t);
    self->kind = kind;
    self->state = state;
    return self;
}

void
ledger_store_destroy (ledger_store_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ledger_store_t *self = *self_p;
    self->kind->close (&self->state);
    free (self);
    *self_p = NULL;
}

int
ledger_store_add (ledger_store_t *self, const ledger_entry_t *entries, size_t count,
                  br_error_t *reterr)
{
    return count ? self->kind->add (self->state, entries, count, reterr) : 0;
}

int
ledger_store_last (ledger_store_t *self, uint64_t *ret_seq, uint8_t *ret_hash,
                   br_error_t *reterr)
{
    return self->kind->last (self->state, ret_seq, ret_hash, reterr);
}

int
ledger_store_read (ledger_store_t *self, uint64_t seq, ledger_row_fn *fn, void *arg,
                   br_error_t *reterr)
{
    return self->kind->read (self->state, seq, fn, arg, reterr);
}
