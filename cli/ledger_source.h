//  ledger_source: the ledger that a command looks at: that of --db, else the local one, which
//  is the spool when the configured database is on another machine.

#ifndef BR_CLI_LEDGER_SOURCE_H
#define BR_CLI_LEDGER_SOURCE_H

#include "broker/ledger/ledger_store.h"
#include "cli/command.h"

typedef struct _cli_ledger_t {
    ledger_store_t *store; //  owned; NULL until it was opened
    char *url;             //  owned; of the store; may hold a password
    char *name;            //  owned; the address for people
    char *database;        //  owned; the configured one; may hold a password
    char *spool;           //  owned; path
    char *head;            //  owned; path
    char *node_key;        //  owned; path
    bool is_spool;         //  the store is the spool of a database elsewhere
} cli_ledger_t;

//  Finds all addresses. err: BR_ECONFIG, BR_ESYSTEM
int cli_ledger_find (cli_ledger_t *ret_self, const cli_t *cli, br_error_t *reterr);

//  Finds and opens, to read only.
int cli_ledger_open (cli_ledger_t *ret_self, const cli_t *cli, br_error_t *reterr);
void cli_ledger_close (cli_ledger_t *self);

//  Tells fn of all rows there are; a line on stderr says when older ones were taken out of
//  a spool. err: BR_ESYSTEM
int cli_ledger_read (cli_ledger_t *self, ledger_row_fn *fn, void *arg,
                     br_error_t *reterr);

//  Opens any store to read only. "caller destroys"
ledger_store_t *cli_ledger_look (const char *url, br_error_t *reterr);

#endif
